# ruff: noqa: PLC0415
"""The command line of the gateway. What is heavy is imported by the command that needs it, so that help is quick.

Exit codes: 0 done, 1 the thing asked about is not well (a broken chain, inquiries left open), 2 usage or configuration;
`status` has one more.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from sms_service.cli_cdr import cdr
from sms_service.cli_control import control
from sms_service.cli_status import status
from sms_service.cli_syntax import syntax
from sms_service.explaining import NOT_WELL, config_option, explained, refuse, settings_of

CONFIGURATION: Final = """\
\b
Example: sms-service run --config /etc/sms-service/config.toml

\b
A configuration (TOML), one instance:
  instance = "gateway-1"
  [journal]
  dsn = "postgresql://sms@db/journal"
  [population]
  dsn = "postgresql://sms@replica/population"
  query = "SELECT * FROM citizen WHERE citizen_id = ANY($1::text[])"
  [subscribers]
  url = "https://register.example"
  [redis]
  url = "redis://cache/0"
  [syntax]
  file = "c06.toml"
  [keys]
  file = "sms.keys"
  [ops]
  listen = "127.0.0.1:8081"
  [[smsc]]
  name = "viettel"
  host = "smsc.example"
  port = 2775
  system_id = "c06"
  password_file = "viettel.password"

\b
Secrets, and the name of an instance that shares the file with others, may come from the environment instead:
  SMS_INSTANCE, SMS_JOURNAL_DSN, SMS_POPULATION_DSN, SMS_REDIS_URL, SMS_VIETTEL_PASSWORD
or from files that these variables name with _FILE at their end: SMS_JOURNAL_DSN_FILE=/run/secrets/journal
"""


def _tell_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """The version of the installed distribution, or of the checkout that this runs from."""
    if not wanted:
        return
    import tomllib
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("sms-service")
    except PackageNotFoundError:
        project = Path(__file__).resolve().parent.parent / "pyproject.toml"
        number = tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    click.echo(f"sms-service {number}")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help="Show the version."
)
def commands() -> None:
    """The SMS gateway by which a citizen looks up their own record (SMPP 3.4 ESME)."""


commands.add_command(status)
commands.add_command(syntax)
commands.add_command(cdr)
commands.add_command(control)


def main() -> None:
    """What `sms-service` and `python -m sms_service` call."""
    commands(prog_name="sms-service")


@commands.command(epilog=CONFIGURATION)
@config_option
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True
)
def run(config: Path, log_level: str) -> None:
    """Run one instance of the gateway until Ctrl-C or SIGTERM.

    It drains what is in flight before it leaves; what is left another instance answers, or this one when it is started
    again.
    """
    from sms_service.observability.logging import configure_logging

    with explained():
        settings = settings_of(config)
        configure_logging(settings.instance, log_level)

        import uvloop

        from sms_service import app
        from sms_service.ops.server import CannotListen

        try:
            left = uvloop.run(app.run(settings))
        except CannotListen as error:
            refuse(str(error))
    sys.exit(NOT_WELL if left else 0)


@commands.command(epilog="Example: sms-service migrate --config /etc/sms-service/config.toml")
@config_option
def migrate(config: Path) -> None:
    """Bring the journal's schema up to date. Safe to call again, and from several instances at once."""
    import asyncio

    with explained():
        settings = settings_of(config)
        from sms_service.app import migrate_journal

        applied = asyncio.run(migrate_journal(settings))
    for name in applied:
        click.echo(f"applied {name}")
    click.echo("the schema is up to date")


@commands.command("check-config", epilog="Example: sms-service check-config --config /etc/sms-service/config.toml")
@config_option
@click.option(
    "--connect", is_flag=True,
    help="Try every part, too: journal with its schema and keys, population with its query, register, Redis, and a bind to each SMSC.",
)  # fmt: skip
def check_config(config: Path, connect: bool) -> None:
    """Read a configuration with its keys and its syntax, and say what is wrong. Nothing is connected to without --connect."""
    from sms_service.keys import read_keys
    from syntax import load_versions

    with explained():
        settings = settings_of(config)
        secrets = read_keys(Path(settings.keys.file))
        versions = load_versions(settings.syntax.file)
    smscs = ", ".join(smsc.name for smsc in settings.smsc)
    spoken = ", ".join(version.version for version in versions.all)
    click.echo(f"{config}: good. Instance {settings.instance}, syntax {spoken}, SMSCs: {smscs}.")
    if not connect:
        return
    import asyncio

    from sms_service.observability.logging import configure_logging
    from sms_service.rehearsal import rehearse

    configure_logging(settings.instance, "critical")
    with explained():
        found = asyncio.run(rehearse(settings, secrets, versions))
    for one in found:
        click.echo(f"  {one.part}: {one.why or 'good'}")
    sys.exit(NOT_WELL if any(one.why for one in found) else 0)


@commands.group(epilog="Example: sms-service keys new /etc/sms-service/sms.keys")
def keys() -> None:
    """The key file: sealing, pseudonyms, audit chain."""


@keys.command("new", epilog="Example: sms-service keys new /etc/sms-service/sms.keys")
@click.argument("file", type=click.Path(path_type=Path))
def keys_new(file: Path) -> None:
    """Make a key file, readable by its owner only. An existing file is never overwritten."""
    from sms_service.keys import new_keys, write_keys

    with explained():
        write_keys(file, new_keys())
    click.echo(f"{file}: made. Keep a copy in escrow: without it open inquiries and the audit trail cannot be read.")


@commands.group(epilog="Example: sms-service audit verify --config /etc/sms-service/config.toml")
def audit() -> None:
    """The audit trail: who was told what."""


@audit.command("verify", epilog="Example: sms-service audit verify --config /etc/sms-service/config.toml")
@config_option
def audit_verify(config: Path) -> None:
    """Walk every chain of the audit trail and say whether it is whole. Exit code 1 when one is not.

    A chain is what one run of an instance wrote. It shows any entry that was changed, moved, put in or taken out; entries
    taken off its end it cannot show: keep the counts of an earlier walk to compare.
    """
    import asyncio

    from sms_service.keys import read_keys

    with explained():
        settings = settings_of(config)
        secrets = read_keys(Path(settings.keys.file))
        from sms_service.app import verify_audit

        async def walk() -> tuple[int, int]:
            chains = broken = 0
            async for chain, good, broken_at in verify_audit(settings, secrets):
                chains += 1
                broken += broken_at is not None
                state = "whole" if broken_at is None else f"BROKEN at entry {broken_at}"
                click.echo(f"chain {chain}: {good} entries hold, {state}")
            return chains, broken

        chains, broken = asyncio.run(walk())
    click.echo(f"{chains} chains, {broken} broken")
    sys.exit(NOT_WELL if broken else 0)
