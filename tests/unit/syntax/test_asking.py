"""What a citizen is told to text is read as what it was printed for."""

import datetime as dt
import functools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from syntax import REFERENCE, Read, Syntax, load
from syntax.asking import at_page, has_pages
from syntax.compose import capacity, measure, render
from syntax.model import Option

RICH = load(Path(__file__).with_name("rich.toml"))
SYNTAXES = {"rich": RICH, "reference": load(REFERENCE)}
COMMANDS = {name: {command.name: command for command in syntax.document.commands} for name, syntax in SYNTAXES.items()}
NEXT = re.compile(r"so[aạ]n (?P<next>.+) g[uử]i (?P<code>[0-9]+)$", re.MULTILINE)

ID = st.text("0123456789", min_size=12, max_size=12)
OLD = st.text("0123456789", min_size=9, max_size=9)
DATE = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)).map(lambda day: f"{day:%d/%m/%Y}")
TEXT = st.text("AĂBCĐE 0123456789가éß", max_size=55).map(lambda text: f"L{text}A")
PAGE = st.integers(1, 99).map(lambda page: f"trang {page}")
ACCENTS = st.just("dấu")


def asked(*parts):
    """Messages of these parts, each of which may be missing."""
    return st.tuples(*(st.just("") | part for part in parts)).map(lambda chosen: " ".join(filter(None, chosen)))


def several(values, most=5, least=0):
    return st.lists(values, min_size=least, max_size=most).map(" ".join)


OF_RICH = st.one_of(
    asked(ID, OLD, DATE, PAGE, ACCENTS).map("tra số {}".format),
    st.tuples(asked(PAGE), several(DATE, least=1)).map("ngày {0[0]} {0[1]}".format),
    st.tuples(TEXT, asked(PAGE, ACCENTS)).map("tên {0[0]} {0[1]}".format),
    asked(several(st.sampled_from(["nơi", "nơi sinh", "sinh quán", "ở", "nhà", "chính"])), PAGE, ACCENTS).map(
        "mục {}".format
    ),
    asked(PAGE, ACCENTS).map("luôn dấu {}".format),
    asked(PAGE).map("nghỉ {}".format),
    asked(ID, ACCENTS).map("gọn {}".format),
    st.just("giúp"),
)
OF_REFERENCE = st.one_of(
    asked(ID, ACCENTS).map("DC {}".format),
    st.tuples(
        several(st.sampled_from(["sinh", "khai sinh", "cư trú", "ct", "thẻ", "cc", "gđ"]), least=1),
        asked(PAGE, ACCENTS),
    ).map("DC mục {0[0]} {0[1]}".format),
    asked(ID, PAGE, ACCENTS).map("DC toàn bộ {}".format),
    asked(ACCENTS).map("DC hướng dẫn {}".format),
)
MESSAGES = st.tuples(st.just("rich"), OF_RICH) | st.tuples(st.just("reference"), OF_REFERENCE)


@settings(max_examples=500)
@given(asked=MESSAGES, page=st.integers(1, 99))
def test_a_reading_said_again_is_read_as_the_same(asked, page):
    """With another page or the same, alone or as the reply says it, with the short code."""
    name, text = asked
    syntax = SYNTAXES[name]
    reading = syntax.read(text)
    assert isinstance(reading, Read), text
    command = COMMANDS[name][reading.command]
    page = page if has_pages(command) else 1

    message = syntax.message(reading, page)

    assert message is not None
    for written in (message, message.lower(), f"{message} gui {syntax.short_codes[0]}"):
        read = syntax.read(written)
        assert read == at_page(command, reading, page)
        assert (read.command, read.view, read.accented, read.page) == (
            reading.command,
            reading.view,
            reading.accented,
            page,
        )
        assert read.conditions == reading.conditions


def test_a_page_that_was_typed_is_replaced():
    """All else of the reading stays."""
    reading = RICH.read("ngày trang 7 1/2/1985")
    command = COMMANDS["rich"]["days"]

    assert at_page(command, reading, 7) == reading
    assert at_page(command, reading, 1).values == (("date", dt.date(1985, 2, 1)),)
    assert at_page(command, RICH.read("ngày 1/2/1985"), 3).values == (("page", 3), ("date", dt.date(1985, 2, 1)))


def test_the_words_printed_are_the_files_first():
    """Keyword and not alias, the first word of a choice; of the words for accents the shortest."""
    reference = SYNTAXES["reference"]

    assert reference.message(reference.read("mục hộ khẩu khai sinh tr 2 có dấu"), 2) == "DC MUC CU TRU SINH TRANG 2 DAU"
    assert reference.message(reference.read("dc tất cả"), 2) == "DC TB TRANG 2"
    assert RICH.message(RICH.read("luôn dấu dấu"), 3) == "LUON DAU TRANG 3"
    assert RICH.message(RICH.read("mục sinh quán"), 1) == "MUC NOI"


def changed(choice):
    """The rich syntax with other options."""
    commands = [
        replace(c, parameters=(replace(c.parameters[0], options=choice), *c.parameters[1:]))
        if c.name == "choices"
        else c
        for c in RICH.document.commands
    ]
    return Syntax(replace(RICH.document, commands=tuple(commands), segments_max=1), RICH.catalogue, RICH.digest)


def test_words_that_run_into_each_other_are_said_by_others():
    """AN and BINH one after the other would be read as the option AN BINH: so another word is printed."""
    syntax = changed((Option(("AN", "AAA"), "places"), Option(("BINH",), "homes"), Option(("AN BINH",), "basic")))
    reading = syntax.read("MUC AAA BINH")

    assert reading.view.code == "places+homes"
    assert syntax.message(reading, 2) == "MUC AAA BINH TRANG 2"


RECORD = {
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "citizen_id": "001185012345",
    "place_of_birth": "Phường Trúc Bạch, Quận Ba Đình, Hà Nội",
    "birth_registration_place": "Phường Trúc Bạch, Quận Ba Đình, Hà Nội",
    "place_of_origin": "Xã Phú Thuận, Huyện Thoại Sơn, An Giang",
    "permanent_residence": "Số 12 Lý Thường Kiệt, Phường Cửa Nam, Hà Nội",
}


def test_where_no_words_do_the_reply_is_cut():
    """No page is offered that another answer would come to: the reply is cut and says so."""
    syntax = changed((Option(("AN",), "places"), Option(("BINH",), "homes"), Option(("AN BINH",), "basic")))
    view = RICH.read("MUC NOI NHA").view
    reading = replace(syntax.read("MUC AN"), values=(("choice", "places"), ("choice", "homes")), view=view)

    assert syntax.message(reading, 2) is None
    reply = syntax.reply_record(reading, RECORD)
    assert (reply.page, reply.pages) == (1, 1)
    assert "\n(Luoc bot.)\n" in reply.text


@functools.cache
def with_budget(name, segments):
    """A syntax with another budget, which the loader might refuse for fields too long for it."""
    base = SYNTAXES[name]
    return Syntax(replace(base.document, segments_max=segments), base.catalogue, base.digest)


TEXTS = st.none() | st.text("ếđaB ,", max_size=90).map(str.strip)


@settings(max_examples=300)
@given(data=st.data(), asked=MESSAGES, segments=st.integers(1, 10))
def test_following_the_pages_shows_every_field_once(data, asked, segments):
    """From the first page on, texting what each page says leads through all of them; no page exceeds the budget."""
    name, text = asked
    syntax = with_budget(name, segments)
    reading = syntax.read(text)
    if reading.kind != "record":
        return
    reading = at_page(COMMANDS[name][reading.command], reading, 1)
    record = {code: data.draw(TEXTS, label=code) for code in reading.view.fields}
    reply = syntax.reply_record(reading, record)
    pages, shown = 1, [*reply.fields]
    while (found := NEXT.search(reply.text)) and reply.pages > reply.page:
        assert found["code"] == "5505"
        reading = syntax.read(found["next"])
        assert syntax.read(found[0]) == reading
        reply = syntax.reply_record(reading, record)
        pages += 1
        shown += reply.fields
        assert (
            reply.page,
            measure(reply.text, accented=reading.accented) <= capacity(segments, accented=reading.accented),
        ) == (pages, True)

    held = list(with_budget(name, 10_000).reply_record(reading, record).fields)
    assert reply.page == reply.pages == pages
    assert shown == held[: len(shown)]
    assert shown or not held
    cut = "Lược bớt.)" if name == "rich" else "(Tin dài, đã lược bớt các mục cuối.)"
    assert shown == held or (pages == 1 and render(cut, accented=reading.accented) in reply.text)


@pytest.mark.parametrize("text", ["DC MUC SINH", "DC TB 001185012345"])
def test_the_last_page_asks_for_nothing(text):
    """It says which one it is, and no more."""
    syntax = with_budget("reference", 1)
    last = syntax.reply_record(replace(syntax.read(text), page=99), RECORD)

    assert last.page == last.pages > 1
    assert f"Trang {last.pages}/{last.pages}.\n" in last.text
    assert not NEXT.search(last.text)
