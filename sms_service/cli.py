"""The command line of the gateway. Heavy parts are imported by the command that needs them, so that help is quick.

Exit codes: 0 done, 1 the thing asked about is not well (a broken chain, inquiries left open), 2 usage or configuration.
"""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, NoReturn

import click

EXAMPLE: Final = """\
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
"""

CONFIG = click.option(
    "--config", "config", type=click.Path(path_type=Path), required=True, help="The configuration file (TOML)."
)


def _fail(message: str, code: int = 2) -> NoReturn:
    click.echo(f"sms-service: {message}", err=True)
    sys.exit(code)


def _version() -> str:
    try:
        return version("sms-service")
    except PackageNotFoundError:
        return "0.1.0 (source)"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(_version(), prog_name="sms-service")
def main() -> None:
    """The SMS gateway by which a citizen looks up their own record (SMPP 3.4 ESME)."""


@main.command(epilog=EXAMPLE)
@CONFIG
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True
)
def run(config: Path, log_level: str) -> None:
    """Run one instance of the gateway until Ctrl-C or SIGTERM.

    It drains what is in flight before it leaves; a second Ctrl-C ends it at once, and another instance, or this one when
    it is started again, answers what was left.
    """
    from sms_service.keys import KeyFileError
    from sms_service.observability.logging import configure_logging
    from sms_service.ports import PortError
    from sms_service.settings import SettingsError, load_settings
    from syntax import SyntaxFileError

    try:
        settings = load_settings(config)
    except SettingsError as error:
        _fail(str(error))
    configure_logging(settings.instance, log_level)
    from sms_service import app

    try:
        left = _run(app.run(settings))
    except (KeyFileError, SyntaxFileError, PortError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"cannot listen at {settings.ops.listen}: {error.strerror}. Change [ops] listen in {config}.")
    sys.exit(1 if left else 0)


def _run(main: object) -> int:
    import uvloop

    return int(uvloop.run(main))  # type: ignore[arg-type]


@main.command()
@CONFIG
def migrate(config: Path) -> None:
    """Bring the journal's schema up to date. Safe to call again, and from several instances at once."""
    from sms_service.app import migrate_journal
    from sms_service.ports import PortError
    from sms_service.settings import SettingsError, load_settings

    try:
        applied = asyncio.run(migrate_journal(load_settings(config)))
    except (SettingsError, PortError) as error:
        _fail(str(error))
    for name in applied:
        click.echo(f"applied {name}")
    click.echo("the schema is up to date")


@main.command("check-config")
@CONFIG
def check_config(config: Path) -> None:
    """Read a configuration with its keys and its syntax, and say what is wrong."""
    from sms_service.keys import KeyFileError, read_keys
    from sms_service.settings import SettingsError, load_settings
    from syntax import SyntaxFileError, load

    try:
        settings = load_settings(config)
        read_keys(Path(settings.keys.file))
        syntax = load(Path(settings.syntax.file))
    except (SettingsError, KeyFileError, SyntaxFileError) as error:
        _fail(str(error))
    click.echo(f"{config}: good. Instance {settings.instance}, syntax {syntax.version}, {len(settings.smsc)} SMSC.")


@main.group()
def keys() -> None:
    """The key file: sealing, pseudonyms, audit chain."""


@keys.command("new")
@click.argument("file", type=click.Path(path_type=Path))
def keys_new(file: Path) -> None:
    """Make a key file, readable by its owner only. An existing file is never overwritten.

    Example: sms-service keys new /etc/sms-service/sms.keys
    """
    from sms_service.keys import KeyFileError, new_keys, write_keys

    try:
        write_keys(file, new_keys())
    except KeyFileError as error:
        _fail(str(error))
    click.echo(f"{file}: made. Keep a copy in escrow: without it open inquiries and the audit trail cannot be read.")


@main.group()
def audit() -> None:
    """The audit trail: who was told what."""


@audit.command("verify")
@CONFIG
def audit_verify(config: Path) -> None:
    """Walk every chain of the audit trail and say whether it is whole. Exit code 1 when it is not."""
    from sms_service.audit import verify
    from sms_service.keys import KeyFileError, read_keys
    from sms_service.ports import PortError
    from sms_service.settings import SettingsError, load_settings

    try:
        settings = load_settings(config)
        reports = asyncio.run(verify(settings, read_keys(Path(settings.keys.file))))
    except (SettingsError, KeyFileError, PortError) as error:
        _fail(str(error))
    broken = 0
    for report in reports:
        click.echo(report.text)
        broken += not report.whole
    click.echo(f"{len(reports)} chains, {broken} broken")
    sys.exit(1 if broken else 0)
