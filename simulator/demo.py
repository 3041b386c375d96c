"""The demo: the whole journey on one machine, each part a process of its own, until Ctrl-C.

PostgreSQL and Valkey from their wheels, a synthetic population, the subscriber register, the SMSC with its phone page, and
one or more gateways, started by the same command that operators use. What a restart needs stays in DIR.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from simulator.configuration import OWN_SMSC_NAME, PASSWORD, SMSC_NAME, SYSTEM_ID, GatewayPlan, SmscPlan, write_token
from simulator.engines.binaries import postgres_folder, valkey_server
from simulator.engines.ports import check_port_free, free_port
from simulator.engines.postgres import Postgres
from simulator.engines.program import CannotStartError, Program, run_to_end
from simulator.engines.valkey import Valkey
from simulator.population.export import write_export
from simulator.population.population import CITIZENS_MAX, Population
from simulator.population.postgres import load_population
from simulator.supervisor import LOCK, Supervisor

ROOT: Final = Path(__file__).resolve().parent.parent
HOST: Final = "127.0.0.1"
"""Everything of the demo stays on the loopback."""
PROBE_TIMEOUT_S: Final = 1.0
READY_TIMEOUT_S: Final = 60.0
"""For a gateway after a load that was cut off: it resumes first."""
SMSCS_MAX: Final = 8
"""More operators than Vietnam has."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the options ask for; `smsc` is somebody's own, `smscs` counts the simulated ones otherwise."""

    folder: Path
    citizens: int
    seed: int
    smsc: tuple[str, int] | None
    smscs: int
    binds: int
    window: int
    gateways: int
    phone_port: int
    ops_port: int
    export: Path | None
    ready_file: Path | None


def _host_port(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, int] | None:
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.BadParameter("expected HOST:PORT with a port from 1 to 65535, such as 127.0.0.1:2775")
    return host, int(port)


EXAMPLES: Final = """\
\b
Examples:
  ./sms demo                                  then open the phone page it names
  ./sms demo --gateways 2 --citizens 50000
  ./sms demo --smsc 127.0.0.1:2775 --binds 4  with an SMSC of your own
  ./sms demo --dir .demo2 --phone-port 8180 --ops-port 8181   a second one beside the first
"""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}, epilog=EXAMPLES)
@click.option(
    "--citizens",
    type=click.IntRange(1, CITIZENS_MAX),
    default=10_000,
    show_default=True,
    help="Size of the population.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed, other people.")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True,
    help="Where everything of the demo is kept.",
)  # fmt: skip
@click.option(
    "--smsc",
    callback=_host_port,
    metavar="HOST:PORT",
    help="Bind to your SMSC instead of the simulated one, as gateway with password demo. The short code is 5505.",
)
@click.option(
    "--smscs",
    type=click.IntRange(1, SMSCS_MAX),
    default=1,
    show_default=True,
    help="Simulated SMSCs, each a process of its own as of one more operator. The phone page is the first one's.",
)
@click.option(
    "--binds", type=click.IntRange(1, 64), default=2, show_default=True, help="Binds of each gateway to each SMSC."
)
@click.option("--window", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Window of each bind.")
@click.option("--gateways", type=click.IntRange(1, 16), default=1, show_default=True, help="Instances of the gateway.")
@click.option("--phone-port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Of the phone page.")
@click.option("--ops-port", type=click.IntRange(1, 65535), default=8081, show_default=True, help="Of gateway-1.")
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a line a number, tab-separated: msisdn state citizen_id name text reply. The reply is what the text "
    "must be answered with, its line breaks as blanks and its segments joined.",
)
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="Written when everything answers.")
def demo(**options: object) -> None:
    """Run the whole service on this machine, with synthetic citizens, until Ctrl-C."""
    plan = Plan(**options)  # type: ignore[arg-type]  # click has checked each by its type
    try:
        asyncio.run(_Demo(plan).run())
    except CannotStartError as error:
        click.echo(f"demo: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(
            f"demo: {error.filename or plan.folder}: {error.strerror}. Choose another folder with --dir.", err=True
        )
        sys.exit(2)


def check_demo_folder(folder: Path) -> None:
    """See that a folder is a demo's already, or empty, or not there: a demo leaves a dozen files in it.

    Raises:
        CannotStartError: see there.
    """
    try:
        names = {path.name for path in folder.iterdir() if not path.name.startswith("load-demo.")}
    except (FileNotFoundError, NotADirectoryError):
        return
    if names and LOCK not in names:
        raise CannotStartError(f"{folder} is neither empty nor a demo's: name another folder with --dir")


class _Demo:
    """One run of the demo."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._began = time.monotonic()
        self._folder = plan.folder.absolute()
        self._keys = self._folder / "sms.keys"
        self._token = self._folder / "ops.token"

    async def run(self) -> None:
        """Start everything, say so, and keep it running until a signal.

        Raises:
            CannotStartError: something does not start; the text says what, and what to do.
        """
        plan = self._plan
        check_demo_folder(self._folder)
        for path in filter(None, (plan.ready_file, plan.export)):
            if not path.absolute().parent.is_dir():
                raise CannotStartError(f"{path}: its folder does not exist")
        if plan.ready_file is not None:
            plan.ready_file.unlink(missing_ok=True)
        if plan.smsc is not None and plan.smscs > 1:
            raise CannotStartError("--smscs counts simulated SMSCs, and --smsc names your own instead: leave one out")
        if plan.smsc is None and plan.phone_port == plan.ops_port:
            raise CannotStartError(f"--phone-port and --ops-port are both {plan.ops_port}: choose two")
        async with Supervisor(self._folder) as supervisor:
            if plan.smsc is None:
                check_port_free(plan.phone_port, "--phone-port", HOST)
            check_port_free(plan.ops_port, "--ops-port", HOST)
            await self._start(supervisor)
            await supervisor.wait()
        click.echo("demo: ended; started again with the same --dir it goes on where it was.")

    async def _start(self, supervisor: Supervisor) -> None:
        plan = self._plan
        self._say(f"starting in {self._folder}")
        (self._folder / "demo.json").unlink(missing_ok=True)
        population = Population(citizens=plan.citizens, seed=plan.seed)
        postgres = Postgres(self._folder / "postgres", supervisor.sockets, postgres_folder())
        valkey = Valkey(self._folder / "valkey", supervisor.sockets, valkey_server())
        register_port = free_port(HOST)
        ops_ports = [plan.ops_port, *(free_port(HOST) for _ in range(plan.gateways - 1))]
        simulated = () if plan.smsc else tuple(_simulated(number) for number in range(1, plan.smscs + 1))
        phone_ports = [plan.phone_port, *(free_port(HOST) for _ in simulated[1:])]
        smscs = simulated
        if plan.smsc is not None:
            host, port = plan.smsc
            smscs = (SmscPlan(name=OWN_SMSC_NAME, host=host, port=port),)
        plans = [
            GatewayPlan(
                instance=f"gateway-{number}",
                journal_dsn=postgres.dsn("journal"),
                population_dsn=postgres.dsn("population"),
                subscribers_url=f"http://{HOST}:{register_port}",
                redis_url=valkey.url,
                keys_file=self._keys,
                ops_listen=f"{HOST}:{port}",
                ops_token_file=self._token,
                smscs=smscs,
                binds=plan.binds,
                window=plan.window,
            )
            for number, port in enumerate(ops_ports, 1)
        ]
        configs = [
            self._folder / ("config.toml" if n == 1 else f"config-{n}.toml") for n in range(1, plan.gateways + 1)
        ]
        for config, gateway in zip(configs, plans, strict=True):
            _write(config, gateway.toml())
        if not self._token.exists():
            write_token(self._token)
        if not self._keys.exists():
            await run_to_end(_tool("keys", "sms_service", "keys", "new", str(self._keys)))

        async def stores() -> None:
            await postgres.initialise()
            await supervisor.start(postgres.program())
            for database in ("journal", "population"):
                await postgres.create_database(database)
            await asyncio.gather(
                run_to_end(_tool("migrate", "sms_service", "migrate", "--config", str(configs[0]))),
                load_population(postgres.dsn("population"), population, self._say),
            )

        people = ["--citizens", str(plan.citizens), "--seed", str(plan.seed)]
        starting: list[Awaitable[object]] = [
            stores(),
            supervisor.start(valkey.program()),
            supervisor.start(
                _tool(
                    "subscribers", "simulator.subscribers", "--port", str(register_port), *people,
                    answers=_http_ok(f"http://{HOST}:{register_port}/healthz"),
                )
            ),
        ]  # fmt: skip
        starting += [
            supervisor.start(
                _tool(
                    _numbered("smsc", number), "simulator.smsc", "--port", str(smsc.port), "--http-port", str(port),
                    "--account", f"{SYSTEM_ID}:{PASSWORD}", *people, *(f"--ops-url=http://{HOST}:{n}" for n in ops_ports),
                    answers=_http_ok(f"http://{HOST}:{port}/healthz"),
                )
            )
            for number, (smsc, port) in enumerate(zip(simulated, phone_ports, strict=False), 1)
        ]  # fmt: skip
        if plan.export is not None:
            starting.append(asyncio.to_thread(write_export, plan.export, population))
        await _all(starting)
        await _all(
            [
                supervisor.start(
                    _tool(
                        gateway.instance, "sms_service", "run", "--config", str(config),
                        answers=_gateway_ready(f"http://{gateway.ops_listen}/readyz", bound=plan.smsc is None),
                        ready_timeout_s=READY_TIMEOUT_S,
                    )
                )
                for config, gateway in zip(configs, plans, strict=True)
            ]
        )  # fmt: skip
        smsc_urls = [f"http://{HOST}:{port}" for port, _ in zip(phone_ports, simulated, strict=False)]
        phone = smsc_urls[0] if smsc_urls else None
        ops = [f"http://{gateway.ops_listen}" for gateway in plans]
        facts = {
            "phone_url": phone,
            "smsc_urls": smsc_urls,
            "ops_urls": ops,
            "subscribers_url": plans[0].subscribers_url,
            "citizens": plan.citizens,
            "seed": plan.seed,
            "pid": os.getpid(),
        }
        _write(self._folder / "demo.json", json.dumps(facts, indent=1) + "\n")
        if plan.ready_file is not None:
            _write(plan.ready_file.absolute(), "ready\n")
        self._announce(phone, smsc_urls[1:], ops)

    def _announce(self, phone: str | None, others: list[str], ops: list[str]) -> None:
        self._say("everything answers")
        click.echo()
        if phone:
            click.echo(f"  Điện thoại / phone page   {phone}/")
            for number, url in enumerate(others, 2):
                click.echo(f"  of {_numbered('smsc', number):<22} {url}/")
        else:
            click.echo(
                f"  The gateway binds to your SMSC as {SYSTEM_ID!r} with password {PASSWORD!r}; it tries until that listens."
            )
        click.echo(f"  Bảng theo dõi / dashboard {ops[0]}/")
        for number, url in enumerate(ops, 1):
            click.echo(f"  gateway-{number}                 {url}/syntax  /metrics  /readyz")
        click.echo(f"  logs, pids, configuration {self._folder}")
        if phone:
            where = "" if self._plan.folder == Path(".demo") else f" --dir {shlex.quote(str(self._plan.folder))}"
            click.echo(f'  from a terminal           ./sms text{where} <msisdn> "DC"')
        click.echo("\n  Ctrl-C ends it.")

    def _say(self, text: str) -> None:
        click.echo(f"demo: {time.monotonic() - self._began:5.1f} s  {text}")


async def _all(awaitables: list[Awaitable[object]]) -> None:
    """Wait for all; the first failure ends the wait and is the one that is told."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        for done in asyncio.as_completed(tasks):
            await done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tool(
    name: str,
    module: str,
    *arguments: str,
    answers: Callable[[], Awaitable[bool]] | None = None,
    ready_timeout_s: float = READY_TIMEOUT_S,
) -> Program:
    """A Python program of this checkout."""
    return Program(
        name=name,
        argv=(sys.executable, "-m", module, *arguments),
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        answers=answers,
        ready_timeout_s=ready_timeout_s,
    )


def _numbered(name: str, number: int) -> str:
    """The first has the bare name."""
    return name if number == 1 else f"{name}-{number}"


def _simulated(number: int) -> SmscPlan:
    return SmscPlan(name=_numbered(SMSC_NAME, number), host=HOST, port=free_port(HOST))


def _get(url: str) -> tuple[int, bytes]:
    """Status and body of a page of ours; status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=PROBE_TIMEOUT_S) as response:  # noqa: S310 - always http, always ours
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def _http_ok(url: str) -> Callable[[], Awaitable[bool]]:
    async def answers() -> bool:
        status, _ = await asyncio.to_thread(_get, url)
        return status == 200

    return answers


def _gateway_ready(url: str, *, bound: bool) -> Callable[[], Awaitable[bool]]:
    """Whether a gateway is ready; without `bound`, whether nothing but its binds is missing."""

    async def answers() -> bool:
        status, body = await asyncio.to_thread(_get, url)
        if status == 200:
            return True
        return status == 503 and not bound and set(json.loads(body)["missing"]) <= {"smsc"}

    return answers


def _write(path: Path, text: str) -> None:
    """Write a file at once and whole."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
