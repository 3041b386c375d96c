"""What an operator types, and what they read: help, messages and exit codes."""

import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sms_service import app
from sms_service.cli import CONFIGURATION, commands, main
from sms_service.keys import read_keys
from sms_service.observability import logging as observability
from sms_service.ops.server import CannotListen
from sms_service.ports import Misconfigured, Unavailable
from sms_service.settings import load_settings
from tests.unit.settings.test_load import LEAST, SECRET

ROOT = Path(__file__).resolve().parents[2]
PORT_OF_THE_CONFIGURATION = "127.0.0.1:8081"


@pytest.fixture
def call():
    """Call the command line in this process."""

    def invoke(*arguments):
        return CliRunner().invoke(commands, [str(one) for one in arguments], prog_name="sms-service")

    return invoke


@pytest.fixture
def config(tmp_path, call):
    """A configuration with its syntax and its keys."""
    shutil.copy(ROOT / "syntax" / "c06.toml", tmp_path)
    shutil.copytree(ROOT / "syntax" / "examples", tmp_path / "examples")
    assert call("keys", "new", tmp_path / "sms.keys").exit_code == 0
    (tmp_path / "config.toml").write_text(LEAST)
    return tmp_path / "config.toml"


@pytest.fixture
def quiet(monkeypatch):
    """Leave the logs of the tests' process alone."""
    monkeypatch.setattr(observability, "configure_logging", lambda *_: None)
    return monkeypatch


def leaves(group, path=()):
    """Every command and group by its path."""
    yield path, group
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from leaves(command, (*path, name))


PATHS = dict(leaves(commands))


# ---- help ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help(call, path):
    """Every command explains itself, calls itself by its name, and shows an example of itself."""
    for option in ("-h", "--help"):
        result = call(*path, option)
        assert result.exit_code == 0
        assert result.output.startswith("Usage: " + " ".join(("sms-service", *path)))
    assert PATHS[path].help
    if path:
        assert re.search(rf"(Example|Ví dụ): sms-service {' '.join(path)}\b", result.output)


def test_commands_are_listed(call):
    """The first page names what there is."""
    listed = {"run", "migrate", "check-config", "status", "keys", "audit", "syntax", "cdr", "control"}
    assert set(PATHS[()].commands) == listed
    assert all(name in call("--help").output for name in PATHS[()].commands)


def test_the_example_is_a_good_configuration(tmp_path):
    """What `run --help` shows can be used as it stands."""
    shown = CONFIGURATION.partition("one instance:\n")[2].partition("\b")[0]
    (tmp_path / "viettel.password").write_text("secret")
    (tmp_path / "config.toml").write_text(textwrap.dedent(shown))
    settings = load_settings(tmp_path / "config.toml", {})
    assert settings.smsc[0].password == "secret"


def test_help_is_quick():
    """What is heavy is not imported for `--help`; what it costs in processor time is printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sms_service", "--help"], cwd=ROOT, capture_output=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    imported = set(re.findall(r"\| +(\S+)$", shown.stderr.decode(), re.MULTILINE))
    assert imported.isdisjoint(
        {"asyncio", "aiohttp", "asyncpg", "msgspec", "structlog", "cryptography", "uvloop", "ssl"}
    )
    assert shown.stdout.startswith(b"Usage: sms-service")
    print("help:", after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, "s")


def test_version(call, monkeypatch):
    """The version of the project, installed or run from a checkout."""
    expected = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert call("--version").output == f"sms-service {expected}\n"
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "9.9")
    assert call("--version").output == "sms-service 9.9\n"


def test_the_entry_point(monkeypatch, capsys):
    """`sms-service` and `python -m sms_service` are called by one name, whatever the file is called."""
    monkeypatch.setattr(sys, "argv", ["__main__.py", "keys", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Usage: sms-service keys")


def test_no_such_command(call):
    """Usage errors have exit code 2 and say what was not understood."""
    result = call("texts")
    assert result.exit_code == 2
    assert "No such command 'texts'" in result.output


@pytest.mark.parametrize("path", [path for path in PATHS if path and path[0] in {"run", "migrate", "check-config"}])
def test_config_is_asked_for(call, path):
    """Without a configuration nothing is guessed."""
    result = call(*path)
    assert result.exit_code == 2
    assert "--config" in result.output


# ---- configuration -----------------------------------------------------------------------------------------------------------

WITH_CONFIG = [("run",), ("migrate",), ("check-config",), ("audit", "verify")]


@pytest.mark.parametrize("path", WITH_CONFIG)
def test_a_missing_configuration(call, quiet, path, tmp_path):
    """It is named, with exit code 2 and without a traceback."""
    result = call(*path, "--config", tmp_path / "none.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr
        == f"sms-service: {tmp_path}/none.toml: no such file. `sms-service run --help` shows an example.\n"
    )


@pytest.mark.parametrize("path", WITH_CONFIG)
def test_a_bad_configuration(call, quiet, path, config):
    """Line, key and what is expected; no secret."""
    config.write_text(LEAST.replace("port = 2775", 'port = "2775"'))
    result = call(*path, "--config", config)
    assert result.exit_code == 2
    assert result.stderr.endswith(": smsc[0].port: expected a whole number, got text in quotes.\n")
    assert SECRET not in result.stderr


def test_a_good_configuration(call, config):
    """`check-config` says which instance, syntax and SMSCs it found."""
    result = call("check-config", "--config", config)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(rf"{config}: good\. Instance gateway-1, syntax \S+, SMSCs: viettel\.\n", result.output)


@pytest.mark.parametrize("path", [("check-config",), ("audit", "verify")])
def test_keys_that_others_can_read(call, config, path):
    """A key file with wide permissions is refused with the remedy."""
    (config.parent / "sms.keys").chmod(0o644)
    result = call(*path, "--config", config)
    assert result.exit_code == 2
    assert "chmod 600" in result.stderr


def test_missing_keys(call, config):
    """A missing key file is refused with the command that makes one."""
    (config.parent / "sms.keys").unlink()
    result = call("check-config", "--config", config)
    assert result.exit_code == 2
    assert "sms-service keys new" in result.stderr


def test_a_bad_syntax(call, config):
    """What is wrong with the syntax is said in its own words."""
    (config.parent / "c06.toml").write_text("version = 5\n")
    result = call("check-config", "--config", config)
    assert result.exit_code == 2
    assert "c06.toml" in result.stderr
    assert "Traceback" not in result.stderr


# ---- keys ----------------------------------------------------------------------------------------------------------------------


def test_new_keys(call, tmp_path):
    """A key file for its owner only, that can be read."""
    result = call("keys", "new", tmp_path / "sms.keys")
    assert result.exit_code == 0
    assert "escrow" in result.output
    assert stat.S_IMODE((tmp_path / "sms.keys").stat().st_mode) == 0o600
    read_keys(tmp_path / "sms.keys")


def test_keys_are_never_overwritten(call, tmp_path):
    """An existing file stays as it is."""
    (tmp_path / "sms.keys").write_text("precious")
    result = call("keys", "new", tmp_path / "sms.keys")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "never overwritten" in result.stderr
    assert (tmp_path / "sms.keys").read_text() == "precious"


def test_keys_where_nothing_can_be_written(call, tmp_path):
    """A folder that does not exist is named."""
    result = call("keys", "new", tmp_path / "none" / "sms.keys")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


# ---- what runs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "code"), [(0, 0), (3, 1)])
def test_run(call, config, quiet, left, code):
    """The exit code says whether inquiries were left in flight."""

    async def run(settings):
        assert settings.instance == "gateway-1"
        return left

    quiet.setattr(app, "run", run)
    assert call("run", "--config", config).exit_code == code


@pytest.mark.parametrize(
    "error",
    [
        CannotListen(f"cannot listen at {PORT_OF_THE_CONFIGURATION}: Address already in use."),
        Misconfigured("journal: the schema is missing; run sms-service migrate"),
    ],
)
def test_run_that_cannot_begin(call, config, quiet, error):
    """A busy port and a store without schema are said in a sentence."""

    async def run(_settings):
        raise error

    quiet.setattr(app, "run", run)
    result = call("run", "--config", config)
    assert (result.exit_code, result.stderr) == (2, f"sms-service: {error}\n")


def test_run_logs_as_asked(call, config, monkeypatch):
    """The level and the instance reach the logs."""
    configured = []

    async def run(_settings):
        return 0

    monkeypatch.setattr(observability, "configure_logging", lambda *given: configured.append(given))
    monkeypatch.setattr(app, "run", run)
    assert call("run", "--config", config, "--log-level", "error").exit_code == 0
    assert configured == [("gateway-1", "error")]


def test_an_error_that_nobody_expected(config, tmp_path):
    """It ends the process with exit code 1 and one line without its text: that may quote a number."""
    script = tmp_path / "run.py"
    script.write_text(
        "import sms_service.app\n"
        "async def run(settings):\n    raise KeyError('84912345678')\n"
        "sms_service.app.run = run\n"
        "from sms_service.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, script, "run", "--config", config],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"uncaught_exception" in done.stderr
    assert b"KeyError at run.py:3" in done.stderr
    assert b"84912345678" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("applied", "says"), [([], ""), (["0001", "0002"], "applied 0001\napplied 0002\n")])
def test_migrate(call, config, monkeypatch, applied, says):
    """What was applied is named, and that the schema is up to date."""

    async def migrate_journal(_settings):
        return applied

    monkeypatch.setattr(app, "migrate_journal", migrate_journal)
    result = call("migrate", "--config", config)
    assert (result.exit_code, result.output) == (0, says + "the schema is up to date\n")


def test_migrate_without_a_database(call, config, monkeypatch):
    """A database that cannot be reached is said in a sentence."""

    async def migrate_journal(_settings):
        raise Unavailable("journal: no connection")

    monkeypatch.setattr(app, "migrate_journal", migrate_journal)
    result = call("migrate", "--config", config)
    assert (result.exit_code, result.stderr) == (2, "sms-service: journal: no connection\n")


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([], (0, "0 chains, 0 broken\n")),
        ([(1, 5, None)], (0, "chain 1: 5 entries hold, whole\n1 chains, 0 broken\n")),
        (
            [(1, 5, None), (2, 3, 4)],
            (1, "chain 1: 5 entries hold, whole\nchain 2: 3 entries hold, BROKEN at entry 4\n2 chains, 1 broken\n"),
        ),
    ],
)
def test_audit_verify(call, config, monkeypatch, reports, expected):
    """Each chain has a line; one that is broken makes exit code 1."""

    async def verify_audit(_settings, keys):
        assert keys == read_keys(config.parent / "sms.keys")
        for report in reports:
            yield report

    monkeypatch.setattr(app, "verify_audit", verify_audit)
    result = call("audit", "verify", "--config", config)
    assert (result.exit_code, result.output) == expected
