# ruff: noqa: PLC0415
"""`sms-service control`: steering a running instance over its ops port. What is heavy is imported when a command is called."""

from __future__ import annotations

import functools
import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from sms_service.explaining import config_option, explained, refuse, settings_of

TIMEOUT_S: Final = 15.0
"""Seconds for an answer: unbinding takes two a bind at most."""

EXAMPLES: Final = """\
\b
Example: sms-service control status --config config.toml
         sms-service control drain --config config.toml           turn new messages away, answer what was accepted
         sms-service control resume --config config.toml
         sms-service control stop viettel --config config.toml     unbind, and stay down;  --bind 2: the second bind alone
         sms-service control isolate viettel --config config.toml  take nothing from it, replies leave
         sms-service control pace viettel 50 --config config.toml
         sms-service control block --config config.toml --reason "asks in a loop" < number.txt

\b
The instance is the one of the configuration: its [ops] listen and token_file. Each action is written down in the journal with the
operator's name, and in the log.
"""


class Remote:
    """The instance's ops port."""

    def __init__(self, config: Path, operator: str) -> None:
        settings = settings_of(config)
        if not settings.ops.token_file:
            refuse(
                "control is switched off: name a file with a token in [ops] token_file, and start the instance again"
            )
        try:
            self._token = Path(settings.ops.token_file).read_text("utf-8").strip()
        except OSError as error:
            refuse(f"{settings.ops.token_file}: {error.strerror}")
        self._url = f"http://{settings.ops.listen}"
        self._operator = operator

    def get(self, path: str) -> Any:
        """What the instance tells."""
        return self._call("GET", path, None)

    def do(self, action: str, **fields: Any) -> None:
        """Ask for an action, and tell what came of it."""
        body = {"action": action, "operator": self._operator, **{k: v for k, v in fields.items() if v is not None}}
        answer = self._call("POST", "/api/control", body)
        done = answer["done"]
        click.echo(f"{done['instance']}: {done['action']} {done['target']}".rstrip() + f": {done['outcome']}")
        if not answer["recorded"]:
            click.echo("control: done, but the journal did not take it down; it stands in the instance's log", err=True)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        import urllib.error
        import urllib.request

        request = urllib.request.Request(  # noqa: S310 - http, to the address of the configuration
            self._url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 - see above
                return json.load(response)
        except urllib.error.HTTPError as error:
            refuse(f"{self._url}: {_reason(error.read(), error.code)}")
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            refuse(
                f"no answer from {self._url} ({getattr(reason, 'strerror', None) or type(error).__name__}): does it run?"
            )


def _reason(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace").strip()[:200] or f"HTTP {status}"


@click.group(epilog=EXAMPLES)
def control() -> None:
    """Steer a running instance: drain it, stop and pace SMSCs, block senders, end old inquiries."""


def _steers(command: Callable[..., None]) -> Callable[..., None]:
    """A command that is given the instance of `--config`."""

    @config_option
    @click.option("--operator", default=getpass.getuser, help="Who acts, for the record.  [default: your user name]")
    @functools.wraps(command)
    def steering(config: Path, operator: str, **options: Any) -> None:
        with explained():
            remote = Remote(config, operator)
        command(remote, **options)

    return steering


def _example(text: str) -> str:
    name, _, rest = text.partition(" ")
    return f"Example: sms-service control {name} --config config.toml {rest}".rstrip()


@control.command(epilog=_example("status"))
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@_steers
def status(remote: Remote, as_json: bool) -> None:
    """How it is steered, and the latest actions of all instances."""
    state = remote.get("/api/control")
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False, indent=1))
        return
    click.echo("draining: new messages are turned away" if state["draining"] else "messages are taken")
    for name in ("isolated", "stopped"):
        if state[name]:
            click.echo(f"{name}: {', '.join(state[name])}")
    click.echo(f"in flight: {state['in_flight']}   blocked senders: {state['blocked']}")
    for one in state["actions"][:20]:
        what = " ".join(filter(None, (one["action"], one["target"])))
        click.echo(f"  {one['at'][:19]}Z  {one['instance']}  {one['operator']}: {what}: {one['outcome']}")


def _simple(name: str, text: str) -> None:
    @control.command(name, help=text, epilog=_example(name))
    @_steers
    def command(remote: Remote) -> None:
        remote.do(name)


_simple("drain", "Turn new messages away and take nothing over; what was accepted is answered.")
_simple("resume", "Take messages again.")
_simple("reload-syntax", "Read the syntax files again; bad ones change nothing.")


def _of_smsc(name: str, text: str, *, binds: bool) -> None:
    @click.argument("smsc")
    @_steers
    def command(remote: Remote, smsc: str, bind: int | None = None) -> None:
        remote.do(name, smsc=smsc, bind=bind)

    if binds:
        command = click.option("--bind", type=click.IntRange(1), help="One bind alone, 1 for the first.")(command)
    control.command(name, help=text, epilog=_example(f"{name} viettel"))(command)


_of_smsc("stop", "Unbind from an SMSC, and stay down until `start`. Replies wait.", binds=True)
_of_smsc("start", "Bind again.", binds=True)
_of_smsc("isolate", "Turn away what an SMSC delivers; replies leave.", binds=False)
_of_smsc("admit", "Take messages of an isolated SMSC again.", binds=False)


@control.command(epilog=_example("pace viettel 50"))
@click.argument("smsc")
@click.argument("per_second", type=click.FloatRange(0))
@_steers
def pace(remote: Remote, smsc: str, per_second: float) -> None:
    """Change how many segments a second may leave for an SMSC, until the next start; 0 for no limit."""
    remote.do("pace", smsc=smsc, per_second=per_second)


@control.command(epilog=_example('block --reason "asks in a loop" < number.txt'))
@click.option("--reason", required=True, help="For whoever finds it later.")
@click.option(
    "--sender", help="A pseudonym, as records and the log show it; else a number is read from standard input."
)
@_steers
def block(remote: Remote, reason: str, sender: str | None) -> None:
    """Acknowledge a sender's inquiries and answer them no more, at all instances."""
    remote.do("block", reason=reason, sender=sender, msisdn=None if sender else _number())


@control.command(epilog=_example("unblock < number.txt"))
@click.option("--sender", help="A pseudonym; else a number is read from standard input.")
@_steers
def unblock(remote: Remote, sender: str | None) -> None:
    """Answer a sender again."""
    remote.do("unblock", sender=sender, msisdn=None if sender else _number())


@control.command(epilog=_example("blocked"))
@_steers
def blocked(remote: Remote) -> None:
    """Who is blocked, by pseudonym."""
    for one in remote.get("/api/control/blocked"):
        click.echo(f"{one['sender']}  {one['since'][:19]}Z  {one['operator']}: {one['reason']}")


@control.command(epilog=_example("inquiries --older 30"))
@click.option("--older", type=click.FloatRange(0), default=10.0, show_default=True, help="Seconds.")
@_steers
def inquiries(remote: Remote, older: float) -> None:
    """Inquiries in flight at this instance, the oldest first."""
    found = remote.get(f"/api/control/inquiries?older_s={older:g}")
    for one in found:
        click.echo(
            f"{one['inquiry_id']}  {one['age_s']:8.1f} s  {one['smsc']}  {one['sender']}{'  resumed' if one['resumed'] else ''}"
        )
    click.echo(f"{len(found)} older than {older:g} s", err=True)


def _of_inquiry(name: str, text: str) -> None:
    @control.command(name, help=text, epilog=_example(f"{name} 206158430209"))
    @click.argument("inquiry_id", type=click.IntRange(0))
    @_steers
    def command(remote: Remote, inquiry_id: int) -> None:
        remote.do(name, inquiry_id=inquiry_id)


_of_inquiry("give-up", "End an old inquiry without a reply.")
_of_inquiry("requeue", "Read and answer an old inquiry anew; a reply that left may leave twice.")


def _number() -> str:
    """Never an argument: those are seen by everybody on the machine, and kept by shells."""
    if sys.stdin.isatty():
        click.echo("number: ", nl=False, err=True)
    return sys.stdin.readline(100).strip()
