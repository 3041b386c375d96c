"""An installation by `deploy/sql`, over TCP with passwords: made, migrated, granted, filled, run as `sms_gateway`."""

import asyncio
import dataclasses
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections import Counter

import asyncpg
import pytest

from simulator.engines.binaries import postgres_folder
from simulator.engines.ports import free_port
from simulator.engines.postgres import Postgres
from simulator.engines.sockets import socket_folder
from simulator.population.export import export_lines
from simulator.population.population import Population
from sms_service.keys import new_keys, write_keys
from syntax import REFERENCE
from syntax import load as load_syntax
from tests.acceptance.load_smsc import LoadSmsc
from tests.contract.databases import SQL
from tests.engines import copy_cluster, running

ROOT = SQL.parents[1]
CITIZENS = 200
WAIT_S = 60
ROLES = ("sms_owner", "sms_gateway", "sms_auditor", "sms_population")


class Installation:
    """A PostgreSQL that wants passwords, and the secrets as files."""

    def __init__(self, folder, sockets, cluster):
        self.folder = folder
        self.port = free_port()
        self.server = Postgres(
            folder / "postgres", sockets, postgres_folder(),
            {"listen_addresses": "127.0.0.1", "port": str(self.port), "fsync": "off"},
        )  # fmt: skip
        copy_cluster(cluster, self.server.folder)
        rules = "local all sms trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.server.data / "pg_hba.conf").write_text(rules)
        self.secrets = folder / "secrets"
        self.secrets.mkdir(mode=0o700)
        for role in ROLES:
            # What stands between quotes and URLs in a password must not matter.
            (self.secrets / role).write_text(secrets.token_urlsafe(12) + "'\"\n")

    async def enter(self, database="postgres"):
        """A connection of the superuser, who needs no password, through the socket."""
        return await asyncpg.connect(
            host=str(self.server.sockets), port=self.port, user="sms", database=database, timeout=5
        )

    def program(self):
        async def answers():
            try:
                await (await self.enter()).close()
            except (OSError, asyncpg.PostgresError):
                return False
            return True

        return dataclasses.replace(self.server.program(), answers=answers)

    def dsn(self, role, database):
        """The file with the address; the password stands in a file that the address names."""
        word = (self.secrets / role).read_text().rstrip("\n")
        passwords = self.secrets / f"{role}.pgpass"
        passwords.write_text(f"*:*:*:{role}:{word}\n")
        passwords.chmod(0o600)
        file = self.secrets / f"{role}.dsn"
        file.write_text(f"postgresql://{role}@127.0.0.1:{self.port}/{database}?passfile={passwords}\n")
        return file

    def psql(self, file, database, role):
        """Run a file as a role, by its password; the superuser by the socket alone."""
        superuser = role == "sms"
        argv = [self.server.binaries / "psql", "-X", "-d", database, "-U", role, "-p", str(self.port)]
        argv += ["-h", str(self.server.sockets) if superuser else "127.0.0.1", "-f", SQL / file]
        word = {} if superuser else {"PGPASSWORD": (self.secrets / role).read_text().rstrip("\n")}
        env = {"PATH": os.environ["PATH"], "SMS_PASSWORDS": str(self.secrets), **word}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=WAIT_S, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def config(self, smsc_port, register_port):
        """A configuration that several instances share and that holds no secret."""
        write_keys(self.folder / "sms.keys", new_keys())
        query = "SELECT * FROM citizen WHERE citizen_id = ANY($1::text[])"
        (self.folder / "config.toml").write_text(f"""
[journal]
[population]
query = "{query}"
[subscribers]
url = "http://127.0.0.1:{register_port}"
[syntax]
file = "{REFERENCE}"
[keys]
file = "sms.keys"
[ops]
listen = "127.0.0.1:{free_port()}"
[[smsc]]
name = "viettel"
host = "127.0.0.1"
port = {smsc_port}
system_id = "c06"
""")
        return self.folder / "config.toml"


async def tool(*argv, **environ):
    """A program of this checkout, under way."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, "-m", *map(str, argv), env=env, stderr=pipe)


async def done(*argv, **environ):
    """It ends well."""
    process = await tool(*argv, **environ)
    _, says = await asyncio.wait_for(process.communicate(), WAIT_S)
    assert process.returncode == 0, says.decode()


@pytest.fixture
def installation(tmp_path, postgres_cluster):
    with socket_folder(tmp_path) as sockets:
        made = Installation(tmp_path, sockets, postgres_cluster)
        with running(made.program(), tmp_path / "postgres.log"):
            yield made


@pytest.fixture
async def smsc():
    smsc = LoadSmsc()
    smsc.port = await smsc.start()
    yield smsc
    await smsc.stop()


async def test_a_gateway_with_its_rights_alone_answers_everybody(installation, smsc, tmp_path):
    """Each command with the secrets that it needs; the gateway tells its service manager, answers, and leaves in order."""
    register = free_port()
    config = installation.config(smsc.port, register)
    owner, gateway = installation.dsn("sms_owner", "journal"), installation.dsn("sms_gateway", "journal")
    reader = installation.dsn("sms_population", "population")
    population = Population(CITIZENS, 1)
    expected = {line[0]: (line[4], line[5]) for line in export_lines(population, load_syntax(REFERENCE))}

    installation.psql("cluster.sql", "postgres", "sms")
    owners = {"SMS_INSTANCE": "migrate", "SMS_JOURNAL_DSN_FILE": str(owner), "SMS_POPULATION_DSN_FILE": str(reader)}
    await done("sms_service", "migrate", "--config", config, **owners)
    installation.psql("journal.sql", "journal", "sms_owner")
    people = owner.read_text().strip().replace("/journal?", "/population?")
    await done("simulator", "population", "make", "--dsn", people, "--citizens", CITIZENS)
    installation.psql("population.sql", "population", "sms_owner")

    started = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT_S)

        async def heard(message):
            while await asyncio.to_thread(manager.recv, 4096) != message.encode():
                pass

        try:
            started.append(await tool("simulator.subscribers", "--port", register, "--citizens", CITIZENS))
            secret_files = {"SMS_JOURNAL_DSN_FILE": str(gateway), "SMS_POPULATION_DSN_FILE": str(reader)}
            started.append(
                await tool(
                    "sms_service", "run", "--config", config, "--log-level", "error",
                    SMS_INSTANCE="gateway-7", NOTIFY_SOCKET=str(tmp_path / "notify"), **secret_files,
                )
            )  # fmt: skip
            await heard("READY=1")
            await smsc.bound(2)
            smsc.send((msisdn, text) for msisdn, (text, _) in expected.items())
            await smsc.settled(Counter(expected.keys()), WAIT_S)
            await heard("STATUS=Đang trả lời bình thường (Citizens are being answered)")
            started[-1].send_signal(signal.SIGTERM)
            await heard("STOPPING=1")
            assert await asyncio.wait_for(started[-1].wait(), WAIT_S) == 0
        finally:
            for process in started:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
    assert dict(smsc.replies) == {msisdn: [reply] for msisdn, (_, reply) in expected.items()}
    connection = await installation.enter("journal")
    assert await connection.fetchval("SELECT array_agg(DISTINCT instance) FROM gateway_run") == ["gateway-7"]
    assert await connection.fetchval("SELECT count(*) FROM ending") == len(expected)
    await connection.close()


async def test_nobody_enters_without_a_password(installation):
    """Not with none, nor as a role whose file was missing when the passwords were set."""
    (installation.secrets / "sms_auditor").unlink()
    says = installation.psql("cluster.sql", "postgres", "sms")
    assert "empty string is not a valid password" in says
    for role, password in (("sms_gateway", "guessed"), ("sms_auditor", ""), ("sms_auditor", "guessed")):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host="127.0.0.1", port=installation.port, user=role, password=password, database="journal"
            )
