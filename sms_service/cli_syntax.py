# ruff: noqa: PLC0415
"""`sms-service syntax`: prove a syntax file, try a message against it, print the citizens' guide.

For those who keep the file: help is in English like that of the other commands, what is found is told in Vietnamese. What is
heavy is imported by the command that needs it. The synthetic citizens come from the simulator, which a gateway in service may
lack; a record of one's own (`--record`) does instead.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from sms_service.trying import Someone
    from syntax import InForce, Versions
    from syntax.model import Catalogue

NOT_WELL: Final = 1
"""Exit code: the linter found errors."""

CITIZENS: Final = 1000
"""Synthetic citizens on whom the lengths of replies are measured, unless told: a second's work."""

CITIZENS_MAX: Final = 10_000
"""What `syntax.lengths` measures at most."""

SEED: Final = 1
"""The seed of the demo's population: its citizen 0 is citizen 0 here."""

STDIN_OCTETS_MAX: Final = 100_000
"""Octets of a message from standard input: far more than a gateway reads."""

LINT: Final = """\
\b
Example: sms-service syntax lint c06.toml
         sms-service syntax lint 2026.toml 2027.toml    versions that stand beside each other
         sms-service syntax lint --json c06.toml

Exit code 1 when there are errors, 0 when there are none or only warnings.
"""

TRY: Final = """\
\b
Example: sms-service syntax try "dc mục sinh gửi 5505"
         sms-service syntax try --file c06.toml "DC TB TRANG 2"
         sms-service syntax try --on 2027-01-01 --file 2026.toml --file 2027.toml "DC"
         sms-service syntax try --record citizen.toml - < message.txt

\b
A record (TOML or JSON) gives values by field code; those of fields.toml are known:
  full_name = "Nguyễn Văn A"
  date_of_birth = 1985-02-14
"""

GUIDE: Final = """\
\b
Example: sms-service syntax guide                      plain text to standard output
         sms-service syntax guide --html guide.html    a page to print and hang up
         sms-service syntax guide --file c06.toml --html guide.html --text
"""


class Refused(click.ClickException):
    """Something that a person must mend before the command can do its work."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """One sentence, as the other commands say it."""
        click.echo(f"sms-service: {self.format_message()}", file=file, err=file is None)


@click.group(epilog='Example: sms-service syntax try "DC MUC SINH"')
def syntax() -> None:
    """The syntax file: prove it, try messages against it, print the citizens' guide."""


# ---- lint ----------------------------------------------------------------------------------------------------------


@syntax.command(epilog=LINT)
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings, all of them, as JSON.")
@click.option("--all", "whole", is_flag=True, help="Tell each example that fails, not only the first of a command.")
@click.option(
    "--citizens",
    metavar="N",
    type=click.IntRange(0, CITIZENS_MAX),
    default=CITIZENS,
    show_default=True,
    help="Synthetic citizens on whom the lengths of replies are measured; 0 for none.",
)
def lint(files: tuple[Path, ...], as_json: bool, whole: bool, citizens: int) -> None:
    """Say what is wrong with syntax files, and how to mend it.

    Each finding has its file, line and reason; behind them, how long the replies become. FILE is a syntax file or a
    folder of versions; the reference syntax, if left out.
    """
    from sms_service.linting import told
    from syntax import REFERENCE
    from syntax.lint import lint as prove

    report = prove(files or (REFERENCE,), _records(citizens))
    if as_json:
        _echo_json({"errors": report.errors, "findings": report.findings, "lengths": report.lengths})
    else:
        for line in told(report, whole=whole):
            click.echo(line)
    sys.exit(NOT_WELL if report.errors else 0)


# ---- try -----------------------------------------------------------------------------------------------------------


@syntax.command("try", epilog=TRY)
@click.argument("text")
@click.option(
    "--file", "files", multiple=True, type=click.Path(path_type=Path),
    help="A syntax file or a folder of versions; may be given several times.  [default: the reference syntax]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--citizen", metavar="INDEX", type=click.IntRange(min=0), default=0, show_default=True,
    help="The synthetic citizen who texts.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="The seed of the synthetic population."
)
@click.option("--record", type=click.Path(path_type=Path), help="Answer with the record in this file instead.")
@click.option(
    "--on", "day", metavar="DATE", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    help="The day of the message, 2027-01-01 or 01/01/2027.  [default: today]",
)  # fmt: skip
def try_(  # noqa: PLR0917 - click passes each by name
    text: str,
    files: tuple[Path, ...],
    as_json: bool,
    citizen: int,
    seed: int,
    record: Path | None,
    day: dt.datetime | None,
) -> None:
    """Show how a message is read, and what would be answered.

    TEXT is the message; - reads it from standard input. Nothing is sent, and no citizen is real. Where no version is in force
    today, the message is read as on the first day of the next one, or else on the last of the latest.
    """
    from sms_service.trying import attempt, told
    from syntax import REFERENCE, load_versions

    message = (
        _from_standard_input() if text == "-" else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    )
    with _explained():
        versions = load_versions(files or REFERENCE)
    on, in_force = _in_force(versions, day.date() if day else None)
    catalogue = in_force.syntax.catalogue
    someone = _recorded(record, catalogue) if record else _synthetic(citizen, seed)
    tried = attempt(message, in_force, on, someone)
    if as_json:
        _echo_json(tried)
    else:
        for line in told(tried, in_force.syntax):
            click.echo(line)


def _in_force(versions: Versions, day: dt.date | None) -> tuple[dt.date, InForce]:
    """What speaks on the day; without one today, or on the nearest day on which something does."""
    import zoneinfo

    if day is not None:
        return day, versions.on(day)
    today = dt.datetime.now(zoneinfo.ZoneInfo(versions.time_zone)).date()
    if (now := versions.on(today)).lapsed:
        coming = [version.effective_from for version in versions.all if version.effective_from > today]
        nearest = min(coming, default=now.syntax.effective_until or today)
        return nearest, versions.on(nearest)
    return today, now


def _from_standard_input() -> str:
    octets = sys.stdin.buffer.read(STDIN_OCTETS_MAX + 1)
    if len(octets) > STDIN_OCTETS_MAX:
        raise Refused(f"tin nhắn dài quá {STDIN_OCTETS_MAX} byte")
    try:
        return octets.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise Refused("tin nhắn không phải chữ UTF-8") from error


# ---- guide ---------------------------------------------------------------------------------------------------------


@syntax.command(epilog=GUIDE)
@click.option(
    "--file", "files", multiple=True, type=click.Path(path_type=Path),
    help="A syntax file or a folder of versions; may be given several times.  [default: the reference syntax]",
)  # fmt: skip
@click.option(
    "--on", "day", metavar="DATE", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    help="Of several versions the one in force on this day, 2027-01-01 or 01/01/2027.  [default: today]",
)  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path), help="Write the page to print to this file.")
@click.option("--text", is_flag=True, help="Print plain text; what is done without --html.")
def guide(files: tuple[Path, ...], day: dt.datetime | None, html: Path | None, text: bool) -> None:
    """Make the citizens' guide: a page to print, or plain text.

    Where no version is in force today, it is that of the next one, or else of the latest.
    """
    from syntax import REFERENCE, load_versions
    from syntax.guide_page import guide_html
    from syntax.guide_text import guide_text

    with _explained():
        versions = load_versions(files or REFERENCE)
    loaded = _in_force(versions, day.date() if day else None)[1].syntax
    if html is not None:
        try:
            html.write_text(guide_html(loaded), encoding="utf-8")
        except OSError as error:
            raise Refused(f"không ghi được {html}: {error.strerror}") from error
        click.echo(f"Đã ghi {html}. Mở bằng trình duyệt rồi in trên giấy A4.", err=text)
    if text or html is None:
        click.echo(guide_text(loaded), nl=False)


# ---- citizens ------------------------------------------------------------------------------------------------------


def _population(citizens: int, seed: int, instead: str) -> Any:
    """The synthetic population.

    Raises:
        Refused: there is none of that size or seed, or the simulator is not installed.
    """
    try:
        from simulator.population import Population
    except ModuleNotFoundError as error:
        raise Refused(
            f"công dân mẫu thuộc phần simulator, chưa được cài ở máy này ({error.name}): {instead}"
        ) from error
    try:
        return Population(citizens, seed)
    except ValueError as error:
        raise Refused(f"không có công dân mẫu hoặc seed như vậy: {instead}") from error


def _records(citizens: int) -> list[dict[str, object]]:
    from msgspec.structs import asdict

    if not citizens:
        return []
    population = _population(citizens, SEED, "dùng --citizens 0 để bỏ phần đo trên công dân mẫu")
    return [asdict(population.citizen(index)) for index in range(citizens)]


def _synthetic(index: int, seed: int) -> Someone:
    from msgspec.structs import asdict

    from sms_service.trying import Someone

    population = _population(index + 1, seed, "dùng --record TỆP để thử với một hồ sơ tự viết")
    return Someone(f"công dân mẫu số {index} (seed {seed})", asdict(population.citizen(index)))


def _recorded(path: Path, catalogue: Catalogue) -> Someone:
    """The record in a file.

    Raises:
        Refused: it cannot be read, or names a field that the catalogue does not have.
    """
    import tomllib

    import msgspec

    from sms_service.trying import Someone

    try:
        octets = path.read_bytes()
        record = msgspec.json.decode(octets) if path.suffix == ".json" else tomllib.loads(octets.decode())
    except OSError as error:
        raise Refused(f"không đọc được {path}: {error.strerror}") from error
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: không đúng cách viết: {error}") from error
    if not isinstance(record, dict):
        raise Refused(f"{path}: cần một bảng mã mục và giá trị")
    if strange := sorted(record.keys() - catalogue.fields.keys()):
        raise Refused(f"{path}: không có mục “{strange[0]}”; dùng các mã có ở fields.toml")
    dates = {code for code, field in catalogue.fields.items() if field.kind == "date"}
    return Someone(
        f"hồ sơ ở tệp {path}", {code: _day(value) if code in dates else value for code, value in record.items()}
    )


def _day(value: object) -> object:
    """JSON has no dates: text that is one becomes it; of older people only the year may be known."""
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


# ---- what is shown -------------------------------------------------------------------------------------------------


def _echo_json(what: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(what), indent=2).decode())


@contextmanager
def _explained() -> Iterator[None]:
    """A file that does not load is told by its findings."""
    from syntax import SyntaxFileError

    try:
        yield
    except SyntaxFileError as error:
        raise Refused(str(error)) from error
