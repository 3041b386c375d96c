# ruff: noqa: PLC0415
"""`sms-service syntax`: prove a syntax file, try a message against it, print the citizens' guide.

For those who keep the file, so help and all that is told are in Vietnamese; only what click itself says is not. What is
heavy is imported by the command that needs it. The synthetic citizens come from the simulator, which a gateway in service may
lack; a record of one's own (`--record`) does instead.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
Ví dụ: sms-service syntax lint c06.toml
       sms-service syntax lint cu-phap             thư mục có nhiều phiên bản
       sms-service syntax lint --json c06.toml

Mã thoát: 1 khi có lỗi, 0 khi không có hoặc chỉ có cảnh báo.
"""

TRY: Final = """\
\b
Ví dụ: sms-service syntax try "dc mục sinh gửi 5505"
       sms-service syntax try --file c06.toml "DC TB TRANG 2"
       sms-service syntax try --on 01/01/2027 --file cu-phap "DC"
       sms-service syntax try --record cong-dan.toml - < tin-nhan.txt

\b
Hồ sơ (TOML hoặc JSON) ghi giá trị theo mã mục ở fields.toml:
  full_name = "Nguyễn Văn A"
  date_of_birth = 1985-02-14
"""

GUIDE: Final = """\
\b
Ví dụ: sms-service syntax guide                      chữ thường, in ra màn hình
       sms-service syntax guide --html to.html       trang để in và treo
       sms-service syntax guide --file c06.toml --html to.html --text
"""

FILES: Final = "Tệp cú pháp hoặc thư mục có nhiều phiên bản; ghi được nhiều lần.  [không ghi: tệp tham chiếu c06.toml]"


class Day(click.ParamType[dt.date]):
    """A day as Vietnamese people write it, or as the syntax file does."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """The day; a usage error in Vietnamese where it is none."""
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            with suppress(ValueError):
                return dt.datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no time zone
        raise click.BadParameter(f"“{value}” không phải là ngày; viết 01/01/2027 hoặc 2027-01-01", ctx, param)


class Refused(click.ClickException):
    """Something that a person must mend before the command can do its work."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """One sentence, as the other commands say it."""
        click.echo(f"sms-service: {self.format_message()}", file=file, err=file is None)


@click.group(
    help="Tệp cú pháp: kiểm tra, thử một tin nhắn, in tờ hướng dẫn cho người dân.",
    epilog='Ví dụ: sms-service syntax try "DC MUC SINH"',
)
def syntax() -> None:
    """The syntax file: prove it, try messages against it, print the citizens' guide."""


# ---- lint ----------------------------------------------------------------------------------------------------------


@syntax.command(
    short_help="Kiểm tra tệp cú pháp: sai gì, ở đâu, sửa thế nào.",
    help="""Kiểm tra tệp cú pháp: sai gì, ở dòng nào, vì sao, sửa thế nào.

    Sau đó là độ dài tin trả lời của từng lệnh. FILE là một tệp cú pháp, hoặc một thư mục có nhiều phiên bản; không ghi
    thì là tệp tham chiếu c06.toml.
    """,
    epilog=LINT,
)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In mọi phát hiện ở dạng JSON.")
@click.option("--all", "whole", is_flag=True, help="Nêu hết các ví dụ sai, không chỉ những ví dụ đầu của mỗi lệnh.")
@click.option(
    "--citizens",
    metavar="N",
    type=click.IntRange(0, CITIZENS_MAX),
    default=CITIZENS,
    show_default=True,
    help="Đo độ dài tin trả lời trên bấy nhiêu công dân bịa ra; 0 là không đo.",
)
def lint(files: tuple[Path, ...], as_json: bool, whole: bool, citizens: int) -> None:
    """Say what is wrong with syntax files, and how to mend it."""
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


@syntax.command(
    "try",
    short_help="Xem một tin nhắn được hiểu và trả lời thế nào.",
    help="""Xem một tin nhắn được hiểu thế nào và được trả lời ra sao.

    TEXT là tin nhắn; ghi - để đọc tin từ đầu vào chuẩn. Không tin nào được gửi đi, và không công dân nào là người thật. Nếu hôm
    nay không phiên bản nào có hiệu lực thì thử như vào ngày đầu của phiên bản sắp tới, hoặc ngày cuối của phiên bản sau cùng.
    """,
    epilog=TRY,
)
@click.argument("text")
@click.option(
    "--file", "files", multiple=True, type=click.Path(path_type=Path),
    help=FILES,
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="In tất cả ở dạng JSON.")
@click.option(
    "--citizen", metavar="INDEX", type=click.IntRange(min=0), default=0, show_default=True,
    help="Công dân bịa ra nào là người nhắn.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="Số gieo (seed) của dân số bịa ra."
)
@click.option("--record", type=click.Path(path_type=Path), help="Trả lời bằng hồ sơ ở tệp này.")
@click.option(
    "--on", "day", metavar="DATE", type=Day(),
    help="Ngày nhắn, 01/01/2027 hoặc 2027-01-01.  [không ghi: hôm nay]",
)  # fmt: skip
def try_(  # noqa: PLR0917 - click passes each by name
    text: str,
    files: tuple[Path, ...],
    as_json: bool,
    citizen: int,
    seed: int,
    record: Path | None,
    day: dt.date | None,
) -> None:
    """Show how a message is read, and what would be answered."""
    from sms_service.trying import attempt, told
    from syntax import REFERENCE, load_versions

    message = (
        _from_standard_input() if text == "-" else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    )
    with _explained():
        versions = load_versions(files or REFERENCE)
    on, in_force = _in_force(versions, day)
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


@syntax.command(
    short_help="Làm tờ hướng dẫn cho người dân.",
    help="""Làm tờ hướng dẫn cho người dân: trang để in, hoặc chữ thường.

    Nếu hôm nay không phiên bản nào có hiệu lực thì là tờ của phiên bản sắp tới, hoặc của phiên bản sau cùng.
    """,
    epilog=GUIDE,
)
@click.option(
    "--file", "files", multiple=True, type=click.Path(path_type=Path),
    help=FILES,
)  # fmt: skip
@click.option(
    "--on", "day", metavar="DATE", type=Day(),
    help="Trong nhiều phiên bản, lấy bản dùng vào ngày này, 01/01/2027 hoặc 2027-01-01.  [không ghi: hôm nay]",
)  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path), help="Ghi trang để in vào tệp này.")
@click.option("--text", is_flag=True, help="In chữ thường; không ghi --html thì cũng vậy.")
def guide(files: tuple[Path, ...], day: dt.date | None, html: Path | None, text: bool) -> None:
    """Make the citizens' guide: a page to print, or plain text."""
    from syntax import REFERENCE, load_versions
    from syntax.guide_page import guide_html
    from syntax.guide_text import guide_text

    with _explained():
        versions = load_versions(files or REFERENCE)
    loaded = _in_force(versions, day)[1].syntax
    if html is not None:
        try:
            html.write_text(guide_html(loaded), encoding="utf-8")
        except OSError as error:
            raise Refused(f"không ghi được {html} ({error.strerror}); ghi đường dẫn đến một thư mục đã có") from error
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
        raise Refused(f"không đọc được {path} ({error.strerror}); kiểm tra lại đường dẫn") from error
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
