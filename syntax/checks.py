"""What must hold between the parts of a syntax file before it may speak for the department.

Each check is a generator of problems over the whole document, so that an author hears of all of them at once. These
look at what is declared; its words are looked at in `wording`, what it reads is tried in `trials` and proved in `ambiguity`.
"""

from __future__ import annotations

import re
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rapidfuzz import process

from syntax.compose import fits, spelled
from syntax.findings import Place, Problem
from syntax.fold import fold
from syntax.model import (
    EXAMPLES_MAX,
    FREE_TEXTS_MAX,
    LETTERS_MAX,
    REPEATS_MAX,
    Accents,
    Catalogue,
    Choice,
    Command,
    Date,
    Document,
    Example,
    Field,
    FreeText,
    Narrowing,
    Page,
    Parameter,
    RecordCommand,
    ViewDeclaration,
)
from syntax.order import check_order
from syntax.parser import name_of, spellings, squeeze
from syntax.unaccent import unaccent
from syntax.wording import check_label

_KEYWORD: Final = re.compile(r"[A-Z][A-Z0-9]*(?: [A-Z0-9]+)*")
"""What a keyword must fold to."""


_LIKE: Final = 75
"""Likeness, of 100, from which a code counts as a slip of another's pen."""

_SHOWN_MAX: Final = 60

UNSURE: Final = "một tin mang hai nghĩa thì người nhắn có thể nhận điều mình không hỏi"
_PROTECTED: Final = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: không cung cấp thông tin này chỉ vì vô ý"


def check_catalogue(catalogue: Catalogue) -> Iterator[Problem]:
    """Every item of every law is covered, and every label can be sent."""
    for law, declared in catalogue.laws.items():
        covered = {field.items[law] for field in catalogue.fields.values() if law in field.items}
        for item in sorted(covered.symmetric_difference(range(1, declared.items + 1))):
            yield Problem(
                ("laws", law, "items"),
                f"khoản {item} Điều 9 của luật “{law}” không khớp với danh mục",
                "mỗi khoản từ 1 đến items cần ít nhất một mục, và không mục nào được ghi khoản khác",
                why="danh mục phải đủ và đúng như Điều 9 của luật",
            )
    for code, field in catalogue.fields.items():
        for law in sorted(field.items.keys() - catalogue.laws.keys()):
            why = "danh mục chỉ theo các luật đã khai báo"
            yield Problem(("fields", code, "items"), f"không có luật “{law}”", "ghi mã một luật có ở [laws]", why=why)
        yield from check_label(("fields", code, "short_label"), field.short_label)
        yield from _check_written(("fields", code), field, catalogue)


def _check_written(place: Place, field: Field, catalogue: Catalogue) -> Iterator[Problem]:
    """Words of the catalogue that stand for a value: they can be sent, and are no longer than a value may be."""
    told: list[tuple[Place, str]] = [((*place, "written", held), words) for held, words in field.written.items()]
    if field.absent is not None:
        texts = dict.fromkeys(spelled(field.absent.text, accented=accented) for accented in (True, False))
        told += [((*place, "absent", "text"), words) for words in texts]
        if field.absent.beside not in catalogue.fields:
            what = f"không có mục “{field.absent.beside}”"
            mend = _mend_code(field.absent.beside, catalogue)
            why = "lời ấy chỉ ghi khi mục kia có giá trị"
            yield Problem((*place, "absent", "beside"), what, mend, why=why)
    for where, words in told:
        yield from check_label(where, words)
        if max(len(words), len(unaccent(words))) > field.length_max:
            why = "độ dài tin trả lời tính theo length_max"
            yield Problem(where, f"“{words}” dài hơn length_max", "viết ngắn lại, hoặc tăng length_max", words, why)


def check_document(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Dates, views and commands, each by itself and against the others."""
    yield from _check_dates(document)
    yield from _check_size(document)
    for code, view in document.views.items():
        yield from _check_view(("views", code), view, catalogue)
        yield from _check_room(code, view, document, catalogue)
    yield from _check_names(document)
    for index, command in enumerate(document.commands):
        yield from _check_command(("commands", index), command, document, catalogue)
    for code in sorted(document.guide.sample.keys() - catalogue.fields.keys()):
        why = "tờ hướng dẫn in một tin trả lời mẫu bằng các mục này"
        yield Problem(("guide", "sample", code), f"không có mục “{code}”", _mend_code(code, catalogue), why=why)
    yield from check_examples(document.examples)


def check_examples(examples: Iterable[Example]) -> Iterator[Problem]:
    """Not more than can be tried at each loading."""
    count = 0
    for index, example in enumerate(examples):
        count += len(example.texts)
        if count > EXAMPLES_MAX:
            why = "mọi ví dụ được đọc thử mỗi lần nạp"
            yield Problem(
                ("examples", index), f"quá {EXAMPLES_MAX} tin ví dụ", "chia ra nhiều tệp ở thư mục ví dụ", why=why
            )
            return


def _check_dates(document: Document) -> Iterator[Problem]:
    until, grace = document.effective_until, document.grace_until
    if until is not None and until < document.effective_from:
        what, why = "ngày hết hiệu lực đứng trước ngày bắt đầu", "phiên bản như vậy không có hiệu lực ngày nào"
        yield Problem(("effective_until",), what, "sửa effective_until hoặc effective_from", why=why)
    if grace is not None and grace < document.effective_from:
        what, why = (
            "hạn dùng cú pháp cũ đứng trước ngày bắt đầu",
            "trước ngày bắt đầu thì cú pháp cũ vẫn đang là cú pháp chính",
        )
        yield Problem(("grace_until",), what, "sửa grace_until, hoặc bỏ khóa này nếu cú pháp cũ hết dùng ngay", why=why)
    if not _is_time_zone(document.time_zone):
        why = "ngày hiệu lực tính theo múi giờ này"
        yield Problem(("time_zone",), f"không có múi giờ “{document.time_zone}”", 'dùng "Asia/Ho_Chi_Minh"', why=why)
    for code, times in Counter(document.short_codes).items():
        if times > 1:
            why = "mỗi đầu số chỉ cần ghi một lần"
            yield Problem(("short_codes",), f"đầu số {code} ghi {times} lần", "bỏ bớt", code, why)


def _is_time_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # no such name; one that no file could have; a folder
        return False
    return True


def _mend_code(name: str, catalogue: Catalogue) -> str:
    """Which code was probably meant: the one whose label stands there, or the likeliest."""
    called = _called(name)
    for code, field in catalogue.fields.items():
        labels = (field.label, spelled(field.short_label, accented=True), spelled(field.short_label, accented=False))
        if called in map(_called, labels):
            return f"mã của mục này là “{code}”"
    near = process.extractOne(name[:_SHOWN_MAX], list(catalogue.fields), score_cutoff=_LIKE)
    return f"sửa thành “{near[0]}”, hoặc dùng một mã khác có ở fields.toml" if near else "dùng một mã có ở fields.toml"


def _called(words: str) -> str:
    return squeeze(words.replace("_", " "))


def _check_size(document: Document) -> Iterator[Problem]:
    letters = sum(len(word) for command in document.commands for word in (*spellings(command), *_words(command)))
    if letters > LETTERS_MAX:
        what = f"từ khóa, tên gọi khác và từ của tham số dài tổng cộng {letters} chữ, quá {LETTERS_MAX}"
        yield Problem(("commands",), what, "bớt tên gọi khác và lựa chọn", why="càng nhiều từ thì đọc mỗi tin càng lâu")


def _words(command: Command) -> Iterator[str]:
    for parameter in command.parameters:
        if isinstance(parameter, (Page, Accents)):
            yield from parameter.words
        if isinstance(parameter, Choice):
            for option in parameter.options:
                yield from option.words


def _check_view(place: Place, view: ViewDeclaration, catalogue: Catalogue) -> Iterator[Problem]:
    """Fields that exist, each once; the protected ones declared, and none declared that is not protected."""
    for index, name in enumerate(view.fields):
        here = (*place, "fields", index)
        if name not in catalogue.fields:
            why = "chỉ những mục của danh mục mới có trong cơ sở dữ liệu"
            yield Problem(here, f"không có mục “{name}”", _mend_code(name, catalogue), why=why)
        elif (before := view.fields[:index].count(name)) == 1:
            what, why = (
                f"mục “{name}” ghi {view.fields.count(name)} lần",
                "trả lời hai lần một mục thì phí chỗ của mục khác",
            )
            yield Problem(here, what, "chỉ ghi một lần", why=why)
        elif not before and catalogue.fields[name].protection and name not in view.discloses:
            what = f"mục “{name}” là thông tin nhạy cảm hoặc của người khác"
            mend = f'bỏ mục này; nếu được phép cung cấp thì ghi rõ discloses = ["{name}"]'
            yield Problem(here, what, mend, why=_PROTECTED)
    protected = {name for name in view.fields if name in catalogue.fields and catalogue.fields[name].protection}
    for index, name in enumerate(view.discloses):
        if name not in protected:
            what = f"“{name}” không phải mục được bảo vệ có trong fields"
            why = "discloses phải đúng bằng những gì được phép cung cấp"
            yield Problem((*place, "discloses", index), what, "bỏ khỏi discloses", why=why)


def _check_room(code: str, view: ViewDeclaration, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """The longest value of any field can be sent whole, if need be alone: else it could never be seen."""
    surroundings = [(accented, _surroundings(code, document, accented=accented)) for accented in (True, False)]
    for index, name in enumerate(view.fields):
        if name in catalogue.fields and name not in view.fields[:index]:
            field = catalogue.fields[name]
            for accented, around in surroundings:
                label = spelled(field.short_label, accented=accented)
                reply = f"{label}: {'x' * field.length_max}{around}"
                if not fits(reply, document.segments_max, accented=accented):
                    what = f"mục “{name}” khi dài nhất không vừa {document.segments_max} tin nhắn"
                    mend, why = (
                        "tăng segments_max, viết ngắn head, foot, cut và more, hoặc bỏ mục này",
                        "người nhắn không bao giờ xem được trọn mục này",
                    )
                    yield Problem(("views", code, "fields", index), what, mend, why=why)
                    break


def _surroundings(view: str, document: Document, *, accented: bool) -> str:
    """What stands beside a field of this view: head, foot, and the longest notice, as filled for the commands that have it;
    values that a sender types, which make the way to the next page longer, aside.
    """
    texts = document.texts
    notices = [spelled(texts.cut, accented=accented)]
    for command in document.commands:
        if isinstance(command, RecordCommand) and view in (command.view, *_views_chosen(command)):
            words = [
                p.words[0] for p in command.parameters if isinstance(p, Page) or (accented and isinstance(p, Accents))
            ]
            following = fold(" ".join([command.keyword, *words])) + " 99"
            if any(isinstance(parameter, Page) for parameter in command.parameters):
                notices.append(spelled(texts.more, accented=accented).replace("{next}", following))
    parts = [spelled(text, accented=accented) for text in (texts.head, texts.foot) if text is not None]
    around = "".join(f"\n{part}" for part in [*parts, max(notices, key=len)])
    for name in ("page", "pages"):
        around = around.replace(f"{{{name}}}", "99")
    return around.replace("{short_code}", document.short_codes[0])


def _views_chosen(command: Command) -> Iterator[str]:
    for parameter in command.parameters:
        if isinstance(parameter, Choice):
            yield from (option.view for option in parameter.options)


def _check_names(document: Document) -> Iterator[Problem]:
    """No two commands of one name, or of one keyword."""
    names: set[str] = set()
    owners: dict[str, int] = {}
    for index, command in enumerate(document.commands):
        if command.name in names:
            what, why = f"hai lệnh cùng tên “{command.name}”", "nhật ký và số liệu phân biệt các lệnh bằng tên"
            yield Problem(("commands", index, "name"), what, "đặt tên khác cho một lệnh", why=why)
        names.add(command.name)
        for word in spellings(command):
            if owners.setdefault(squeeze(word), index) != index:
                key = "keyword" if word == command.keyword else "aliases"
                what = f"từ khóa “{word}” đã dùng ở một lệnh trước"
                yield Problem(("commands", index, key), what, "chọn từ khóa khác", word, UNSURE)


def _check_command(place: Place, command: Command, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    if isinstance(command, RecordCommand) and command.view not in document.views:
        yield _no_view((*place, "view"), command.view)
    yield from _check_keywords((*place, "keyword"), [command.keyword])
    yield from _check_keywords((*place, "aliases"), command.aliases)
    yield from check_order(place, command.parameters)
    seen: set[str] = set()
    free = 0
    for index, parameter in enumerate(command.parameters):
        here = (*place, "parameters", index)
        yield from _check_parameter(here, parameter, document, catalogue)
        name = name_of(parameter)
        if name in seen:
            what, why = f"hai tham số cùng tên “{name}”", "ví dụ và nhật ký phân biệt các tham số bằng tên"
            yield Problem(here, what, "bỏ bớt, hoặc đặt name khác nhau", why=why)
        seen.add(name)
        if isinstance(parameter, FreeText):
            free += REPEATS_MAX if parameter.repeated else 1
            if free > FREE_TEXTS_MAX:
                what, why = (
                    f"một tin có quá {FREE_TEXTS_MAX} tham số kiểu text",
                    "không biết chữ nào thuộc tham số nào, và đọc rất lâu",
                )
                yield Problem(here, what, "bỏ bớt, bỏ repeated, hoặc dùng kiểu khác", why=why)
        if not isinstance(command, RecordCommand) and not isinstance(parameter, Accents):
            what = "lệnh trả lời bằng lời văn không dùng tham số nào ngoài accents"
            yield Problem(here, what, "bỏ tham số, hoặc đổi answers thành record", why="lời văn không đổi theo tham số")


def _no_view(place: Place, view: str) -> Problem:
    why = "nhóm mục quyết định trả lời những gì"
    return Problem(place, f"không có nhóm mục “{view}”", "dùng một tên có ở [views]", why=why)


def _check_parameter(place: Place, parameter: Parameter, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    if isinstance(parameter, Narrowing) and parameter.equals not in catalogue.fields:
        what, why = (
            f"không có mục “{parameter.equals}” để so sánh",
            "giá trị người nhắn ghi phải khớp với một mục của chính họ",
        )
        yield Problem((*place, "equals"), what, _mend_code(parameter.equals, catalogue), why=why)
    elif isinstance(parameter, Date) and catalogue.fields[parameter.equals].kind != "date":
        what = f"ngày người nhắn ghi được so với mục “{parameter.equals}”, không phải là ngày"
        yield Problem((*place, "equals"), what, "ghi ở equals một mục kiểu date", why="hai bên không bao giờ khớp nhau")
    if isinstance(parameter, (Page, Accents)):
        yield from _check_keywords((*place, "words"), parameter.words)
    if isinstance(parameter, Choice):
        owners: dict[str, str] = {}
        for index, option in enumerate(parameter.options):
            here = (*place, "options", index)
            yield from _check_keywords((*here, "words"), option.words)
            if option.view not in document.views:
                yield _no_view((*here, "view"), option.view)
            for number, word in enumerate(option.words):
                if owners.setdefault(squeeze(word), option.view) != option.view:
                    what = f"lựa chọn “{word}” thuộc về hai nhóm mục"
                    yield Problem((*here, "words", number), what, "mỗi từ chỉ ghi cho một lựa chọn", why=UNSURE)
            if all(owners[squeeze(word)] != option.view for word in option.words):
                what = (
                    f"lựa chọn “{option.view}” không bao giờ được dùng: từ nào của nó cũng là của lựa chọn đứng trước"
                )
                yield Problem(here, what, "bỏ lựa chọn này, hoặc đổi từ", why="từ được hiểu theo lựa chọn đứng trước")


def _check_keywords(place: Place, words: Sequence[str]) -> Iterator[Problem]:
    for word in words:
        if not _KEYWORD.fullmatch(fold(word)):
            what, why = f"“{word}” không dùng làm từ khóa được", "bàn phím nào cũng phải gõ được, và không lẫn với số"
            yield Problem(place, what, "chỉ dùng chữ cái và chữ số, bắt đầu bằng chữ cái", word, why)
