# ruff: noqa: PLC0415
"""`sms-service status`: the dashboard in a terminal, for a person, a script or a monitor."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from sms_service.status import Stats, exit_code, lines

UNREACHABLE: Final = 1
"""As far as anybody knows nobody is answered."""
REFUSED: Final = 2
TIMEOUT_S: Final = 5.0
"""Seconds for an answer: the gateway takes milliseconds, also while everything that it needs is down."""
REFRESH_S: Final = 1.0
"""Seconds between two looks of the live view: the gateway has new figures as often."""

EPILOG: Final = """\
Example: sms-service status --config /etc/sms-service/config.toml --live

\b
Exit codes:
  0  citizens are being answered, or nobody has texted
  1  they, or some of them, are not; or the gateway cannot be reached
  2  wrong usage or configuration
  3  they are, and somebody should look

\b
More examples:
  sms-service status                                      of http://127.0.0.1:8081
  sms-service status --url http://gw1:8081 --json | jq .view.minute
  sms-service status >/dev/null || page-someone
"""


@click.command(epilog=EPILOG)
@click.option("--url", help="Of the ops port, of any instance: each one sees all.  [default: http://127.0.0.1:8081]")
@click.option("--config", type=click.Path(path_type=Path), help="Ask at [ops] listen of this configuration.")
@click.option("--live", is_flag=True, help="Stay, and show each second, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="What /api/stats answers, as it is.")
@click.option("--lang", type=click.Choice(["en", "vi"]), default="en", show_default=True, help="Of the sentences.")
def status(url: str | None, config: Path | None, live: bool, as_json: bool, lang: str) -> None:
    """Say whether citizens are being answered, and if not, why and what to do.

    What the dashboard on the ops port shows, of all instances; the exit code says it to scripts.
    """
    if url and config:
        raise click.UsageError("--url and --config name the same thing: give one of them")
    if live and as_json:
        raise click.UsageError("--live is for people, --json for programs: give one of them")
    address = url.rstrip("/") if url else _of_config(config) if config else "http://127.0.0.1:8081"
    try:
        if live:
            _stay(address, lang)
            return
        stats = fetch(address)
    except Unreachable as error:
        click.echo(f"sms-service: {error}", err=True)
        sys.exit(UNREACHABLE)
    if as_json:
        click.echo(json.dumps(stats, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(stats, lang)))
    sys.exit(exit_code(stats))


class Unreachable(Exception):
    """The gateway does not answer, or something else does. The text says what to look at."""


def fetch(address: str) -> Stats:
    """What `/api/stats` answers.

    Raises:
        Unreachable: see there.
    """
    import urllib.error
    import urllib.request

    # No proxy: what the environment names is for the way out, and this is the machine itself or one beside it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/api/stats", timeout=TIMEOUT_S) as response:
            stats = json.load(response)
    except urllib.error.HTTPError as error:
        error.close()
        raise Unreachable(f"{address} answers HTTP {error.code} to /api/stats: is it the ops port?") from None
    except (OSError, ValueError) as error:  # no connection, none in time; no JSON, or no address
        why = getattr(error, "reason", None) or type(error).__name__
        raise Unreachable(
            f"{address} cannot be asked ({why}): does the gateway run, and is this [ops] listen?"
        ) from None
    if not isinstance(stats, dict) or "verdict" not in stats:
        raise Unreachable(f"{address} answers /api/stats without a verdict: is it a gateway of this version?")
    return stats


def _of_config(config: Path) -> str:
    """The address at which a gateway with this configuration can be asked from this machine."""
    from sms_service.settings import SettingsError, load_settings

    try:
        host, _, port = load_settings(config).ops.listen.rpartition(":")
    except SettingsError as error:
        click.echo(f"sms-service: {error}", err=True)
        sys.exit(REFUSED)
    everywhere = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - compared with, not listened at
    return f"http://{everywhere.get(host, host)}:{port}"


def _stay(address: str, lang: str) -> None:
    """Show each second until Ctrl-C. A gateway that is away for a while is shown as away."""
    try:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text
    except ImportError:
        click.echo("sms-service: --live needs the package rich: pip install rich", err=True)
        sys.exit(REFUSED)
    console = Console()
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as shown:
        try:
            for told in _looks(address, lang):
                shown.update(Text.from_ansi("\n".join(told)), refresh=True)
                time.sleep(REFRESH_S)
        except KeyboardInterrupt:
            return


def _looks(address: str, lang: str) -> Iterator[list[str]]:
    while True:
        try:
            yield [click.style(time.strftime("%H:%M:%S  ") + address, dim=True), "", *lines(fetch(address), lang)]
        except Unreachable as error:
            yield [click.style(f"✗ {error}", fg="red", bold=True)]
