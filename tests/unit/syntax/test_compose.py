"""A record becomes a reply within the budget."""

import datetime as dt
import itertools
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_service.sms.alphabets import Alphabet
from sms_service.sms.segments import LongMessages, split
from syntax import FIELDS, View
from syntax.asking import PAGE
from syntax.compose import ROOM_MIN, Composer, capacity, fits, measure, render, segments_of
from syntax.model import Catalogue, Texts, Words
from syntax.shape import shape
from syntax.unaccent import SHARED

CATALOGUE = shape(FIELDS.read_bytes(), Catalogue)
LABELS = {code: field.short_label for code, field in CATALOGUE.fields.items()}
RECORD = {
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "date_of_birth": dt.date(1985, 2, 1),
    "sex": "Nữ",
    "citizen_id": "001185012345",
    "permanent_residence": "12 Lý Thường Kiệt, phường Cửa Nam, Hà Nội",
    "religion": "Không",
}
VIEW = View("basic", ("full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"))
NAMES = View("names", ("full_name", "other_name", "relation_to_head", "nationality"))
FORM = f"DC TB TRANG {PAGE}"


def label(code, *, accented=False):
    text = LABELS[code]
    return f"{render(text if isinstance(text, str) else text.accented if accented else text.unaccented, accented=accented)}: "


def composer(*, segments=5, **texts):
    words = dict.fromkeys(("refusal", "misread", "busy", "over_quota", "suspended", "retired"), "x")
    return Composer(CATALOGUE, Texts(**words | {"cut": "(Còn nữa)"} | texts), segments, "5505")


def reply(record, *, view=VIEW, accented=False, page=1, form=None, **made):
    ask = None if form is None else lambda: form
    return composer(**made).record(view, record, accented=accented, page=page, ask=ask)


def lengths_of(lines, code="full_name"):
    """Values that make lines of these lengths."""
    return ["x" * (length - len(label(code))) for length in lines]


# ---- lines ---------------------------------------------------------------------------------------------------------


def test_an_unaccented_reply():
    """One line a field, in the order of the view, dates as dd/mm/yyyy, nothing outside the view."""
    made = reply(RECORD)

    assert made.text == (
        f"{label('full_name')}Nguyen Thi Anh Tuyet\n"
        f"{label('date_of_birth')}01/02/1985\n"
        f"{label('sex')}Nu\n"
        f"{label('citizen_id')}001185012345\n"
        f"{label('permanent_residence')}12 Ly Thuong Kiet, phuong Cua Nam, Ha Noi"
    )
    assert (made.fields, made.page, made.pages) == (VIEW.fields, 1, 1)


def test_an_accented_reply():
    """The same with accents, composed (NFC) however the record was."""
    record = RECORD | {"full_name": unicodedata.normalize("NFD", RECORD["full_name"]), "sex": "N\u0000ữ"}

    text = reply(record, accented=True).text

    assert text.startswith("Họ tên: Nguyễn Thị Ánh Tuyết\nNgày sinh: 01/02/1985\nGiới tính: N ữ\nSố định danh:")
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("accented", [False, True])
def test_what_is_invisible_does_not_leave(accented):
    """Marks without width or that turn the direction of text vanish; halves of characters are a question mark."""
    assert reply({"sex": "\u202eN\u200ba\ufeffm\ud800"}, accented=accented).text.endswith(": Nam?")


def test_a_reply_is_composed_after_marks_have_gone():
    """A mark without width between a letter and its accent does not keep them apart."""
    assert render("e\u200b\u0301", accented=True) == "é"


@pytest.mark.parametrize("accented", [False, True])
@pytest.mark.parametrize(
    "nothing",
    [{"sex": None}, {"sex": ""}, {"sex": "  \t"}, {}, {"sex": "\u200b"}, {"sex": " \u200b\u00ad"}, {"sex": "\u00a0"}],
)
def test_fields_without_a_value_have_no_line(nothing, accented):
    """None, empty, blank, invisible and missing values are left out, and none of them is counted as disclosed."""
    for record in ({"full_name": "Lê An"} | nothing, nothing | {"full_name": "Lê An"}):
        made = reply(record, accented=accented)

        assert made.text == ("Họ tên: Lê An" if accented else "Ho ten: Le An")
        assert made.fields == ("full_name",)


@pytest.mark.parametrize("accented", [False, True])
def test_a_record_without_any_of_the_fields_is_told_so(accented):
    """Never an empty reply: the file's words, with its head and foot; no field is disclosed."""
    made = reply({"religion": "Không"}, accented=accented, foot="Hết", empty="Chưa có.")

    assert made.text == ("Chưa có.\nHết" if accented else "Chua co.\nHet")
    assert made.fields == ()


def test_a_card_that_is_valid_for_good_is_said_to_be():
    """The catalogue's word for a missing value stands where the field beside it has one, and counts as disclosed."""
    view = View("card", ("card_issue_date", "card_expiry_date"))
    issued = {"card_issue_date": dt.date(2023, 5, 6), "card_expiry_date": None}

    assert reply(issued, view=view, accented=True).text == "Ngày cấp: 06/05/2023\nCó giá trị đến: Không thời hạn"
    assert reply(issued, view=view).fields == view.fields
    assert reply({"card_expiry_date": None, "card_issue_date": None, "sex": "Nam"}, view=view).fields == ()
    assert reply(issued, view=View("expiry", ("card_expiry_date",))).text == "Co gia tri den: Khong thoi han"


def test_a_label_may_be_spelled_in_two_ways():
    """The catalogue's own spelling without accents is taken where it has one."""
    fields = {"sex": CATALOGUE.fields["sex"].__class__("Giới tính", Words("Giới tính", "G/tinh"), {}, "text", 4)}
    made = Composer(Catalogue({}, fields), Texts(*"abcdefg"), 5, "5505")
    view = View("v", ("sex",))

    assert made.record(view, {"sex": "Nữ"}, accented=False, page=1, ask=None).text == "G/tinh: Nu"
    assert made.record(view, {"sex": "Nữ"}, accented=True, page=1, ask=None).text == "Giới tính: Nữ"


@pytest.mark.parametrize("accented", [False, True])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\u2028", "\x85", "\v"])
def test_a_value_of_several_lines_stays_one_line(accented, line_break):
    """A value cannot pass for another field."""
    text = reply({"full_name": f"An{line_break}So dinh danh: 1", "sex": "Nam"}, accented=accented).text

    assert len(text.splitlines()) == 2
    assert "An So dinh danh: 1" in text


def test_blanks_are_put_right():
    """Blanks around a value and doubled ones within go."""
    assert reply({"full_name": " Lê   An ", "sex": "Nam"}).text == f"Ho ten: Le An\n{label('sex')}Nam"


def test_head_and_foot_surround_the_fields():
    """What the file says before and after every record, with the short code."""
    text = reply({"sex": "Nam"}, accented=True, head="Thông tin:", foot=Words("Hỏi {short_code}", "x")).text

    assert text == "Thông tin:\nGiới tính: Nam\nHỏi 5505"


def test_the_repr_hides_the_text():
    """It would name a person in a log."""
    assert repr(reply(RECORD)) == "<Reply 1/1>"


# ---- the cut -------------------------------------------------------------------------------------------------------


def test_a_long_reply_loses_whole_fields_from_its_end():
    """At the budget the reply is whole; a character more and it ends at a field boundary, says so, and the fields that it
    lost are not disclosed."""
    (name,) = lengths_of([160 - len(f"\n{label('sex')}Nam")])
    fitting = {"full_name": name, "sex": "Nam"}
    one_more = {"full_name": f"{name}x", "sex": "Nam"}

    assert len(reply(fitting, segments=1).text) == 160
    assert reply(fitting, segments=1).fields == ("full_name", "sex")
    cut = reply(one_more, segments=1)
    assert cut.text == f"Ho ten: {name}x\n(Con nua)"
    assert (cut.fields, cut.pages) == (("full_name",), 1)


def test_a_value_too_long_by_itself_is_cut():
    """A first field that leaves no room ends where the budget does; no surrogate pair is taken apart."""
    made = reply({"full_name": "😀" * 100}, segments=1, accented=True)

    assert made.text == "Họ tên: " + "😀" * 24 + "...\n(Còn nữa)"
    assert measure(made.text, accented=True) == 69
    assert made.fields == ("full_name",)
    long = reply({"full_name": "y" * 999}, segments=1)
    assert long.text.endswith("yy...\n(Con nua)")
    assert len(long.text) == 160


# ---- pages ---------------------------------------------------------------------------------------------------------


def four(*lengths):
    return {code: "x" * (length - len(label(code))) for code, length in zip(NAMES.fields, lengths, strict=True)}


def test_pages_say_where_one_is_and_how_to_go_on():
    """Each as full as it may be; the last says that it is."""
    record = four(60, 60, 60, 60)
    first, second, third = (reply(record, view=NAMES, segments=1, form=FORM, page=page) for page in (1, 2, 3))

    assert first.text.split("\n")[-1] == "Trang 1/3. Xem tiep: soan DC TB TRANG 2 gui 5505"
    assert second.text.split("\n")[-1] == "Trang 2/3. Xem tiep: soan DC TB TRANG 3 gui 5505"
    assert third.text.split("\n")[-1] == "Trang 3/3."
    assert [made.fields for made in (first, second, third)] == [NAMES.fields[:1], NAMES.fields[1:2], NAMES.fields[2:]]
    assert [(made.page, made.pages) for made in (first, second, third)] == [(1, 3), (2, 3), (3, 3)]


def test_a_page_beyond_the_last_gives_the_last():
    """And a page of an answer that needs none gives the answer."""
    record = four(60, 60, 60, 60)

    assert reply(record, view=NAMES, segments=1, form=FORM, page=99) == reply(
        record, view=NAMES, segments=1, form=FORM, page=3
    )
    assert reply(RECORD, form=FORM, page=7) == reply(RECORD)


def test_pages_of_two_digits_have_room_for_their_numbers():
    """What fills the first page to the last character leaves room on the tenth, too."""
    view = View("all", tuple(CATALOGUE.fields)[:24])
    notice = "Trang 1/2. Xem tiep: soan DC TB TRANG 2 gui 5505"
    length = (160 - len(notice)) // 2 - 1
    record = {code: "x" * (length - len(label(code))) for code in view.fields}
    first = reply(record, view=view, segments=1, form=FORM)
    texts = [reply(record, view=view, segments=1, form=FORM, page=page).text for page in range(1, first.pages + 1)]
    lines = [line for text in texts for line in text.split("\n")[:-1]]

    assert first.pages >= 12
    assert max(map(len, texts)) <= 160
    assert lines == [label(code) + record[code] for code in view.fields]


def test_a_last_notice_longer_than_the_others_makes_no_empty_page():
    """A page for what would have fitted but for the notice holds a field at least."""
    texts = {"more": "{next}", "last": "Trang {page}/{pages}. " + "Het " * 10}
    pages = [reply(four(100, 50, 50, 25), view=NAMES, segments=1, form=FORM, page=page, **texts) for page in (1, 2, 3)]

    assert [made.fields for made in pages] == [NAMES.fields[:1], NAMES.fields[1:3], NAMES.fields[3:]]


@pytest.mark.parametrize("form", ["DC TB " + "0" * 120 + f" TRANG {PAGE}", None])
def test_where_no_page_can_be_asked_for_the_reply_is_cut(form):
    """The message that asks would leave no room for fields, or there is none that is read rightly."""
    cut = composer(segments=1).record(NAMES, four(60, 60, 60, 60), accented=False, page=2, ask=lambda: form)

    assert cut.text.endswith("\n(Con nua)")
    assert (cut.fields, cut.page, cut.pages) == (NAMES.fields[:2], 1, 1)


def test_a_single_field_has_no_pages():
    """It is cut: there is nothing on a second page."""
    cut = reply({"full_name": "y" * 300}, segments=1, form=FORM)

    assert (cut.page, cut.pages) == (1, 1)
    assert cut.text.endswith("...\n(Con nua)")


ODD = (
    st.text(max_size=200)
    | st.text("ếđ Aa,", max_size=300)
    | st.text("^{}[]~|€", max_size=90)
    | st.text("😀x", max_size=90)
)
VALUES = st.none() | st.dates() | st.integers() | st.booleans() | ODD | st.text("Nguyễn,  ", max_size=40)
VIEWS = st.lists(st.sampled_from(list(CATALOGUE.fields)), min_size=1, max_size=28, unique=True)


@settings(max_examples=400)
@given(
    data=st.data(),
    codes=VIEWS,
    segments=st.integers(1, 10),
    accented=st.booleans(),
    form=st.none()
    | st.sampled_from(
        [FORM, f"DC TB 001085012345 TRANG {PAGE}", f"DC MUC SINH THE CU TRU GIA DINH SINH TRANG {PAGE} DAU"]
    ),
    head=st.none() | st.just("Đầu ^"),
    foot=st.none() | st.just("Sai? Gọi 19000368"),
)
def test_every_page_of_every_record_keeps_its_budget(*, data, codes, segments, accented, form, head, foot):
    """Whatever the record holds: each field that has a value stands on one page, in order, and no page takes more segments
    than allowed, however the operator joins them and whatever its alphabet."""
    record = {code: data.draw(VALUES, label=code) for code in codes}
    view = View("v", tuple(codes))
    made = composer(segments=segments, head=head, foot=foot)

    def page(number):
        return made.record(view, record, accented=accented, page=number, ask=form and (lambda: form))

    first = page(1)
    pages = [first, *(page(number) for number in range(2, first.pages + 1))]

    assert [one.page for one in pages] == list(range(1, first.pages + 1))
    assert page(first.pages + 1) == pages[-1]
    disclosed = [code for one in pages for code in one.fields]
    full = Composer(CATALOGUE, Texts(*"abcdefg"), 10_000, "").record(view, record, accented=accented, page=1, ask=None)
    assert tuple(disclosed) == (full.fields if first.pages > 1 else full.fields[: len(disclosed)])
    assert disclosed or not full.fields
    assert len(set(disclosed)) == len(disclosed)
    for one in pages:
        assert measure(one.text, accented=accented) <= capacity(segments, accented=accented)
        assert accented or set(one.text) <= SHARED
        assert unicodedata.is_normalized("NFC", one.text)
        for method, alphabet in itertools.product(LongMessages, set(Alphabet) - {Alphabet.UCS2}):
            split(one.text, reference=1, method=method, default=alphabet, max_segments=segments)
        if accented:
            split(one.text, reference=1, method=LongMessages.UDH16, default=Alphabet.UCS2, max_segments=segments)
        lines = one.text.split("\n")[bool(head) : -1 if foot else None]
        if full.fields:
            shown = lines[: len(one.fields)]
            assert all(
                line.startswith(label(code, accented=accented)[:15])
                for line, code in zip(shown, one.fields, strict=True)
            )
            assert len(lines) - len(shown) == (
                one.pages > 1 or one.fields != full.fields or (shown[-1].endswith("...") and len(lines) > len(shown))
            )
        assert not head or one.text.startswith("Đầu ^\n" if accented else "Dau '\n")
        assert not foot or one.text.endswith("\nSai? Gọi 19000368" if accented else "\nSai? Goi 19000368")


@given(codes=VIEWS.filter(lambda codes: len(codes) > 8), accented=st.booleans(), segments=st.integers(3, 10))
def test_values_of_the_longest_length_are_shown_whole(codes, accented, segments):
    """None that keeps the catalogue's limit is cut short, if the budget has room for the longest; the pages together are
    the lines of the reply that knows no budget."""
    record = {code: "x" * min(CATALOGUE.fields[code].length_max, 60) for code in codes}
    view = View("v", tuple(codes))
    made = composer(segments=segments)
    first = made.record(view, record, accented=accented, page=1, ask=lambda: FORM)
    pages = [
        made.record(view, record, accented=accented, page=page, ask=lambda: FORM) for page in range(1, first.pages + 1)
    ]
    lines = [line for one in pages for line in one.text.split("\n")[: len(one.fields)]]

    assert lines == [label(code, accented=accented) + record[code] for code in codes]


# ---- measures ------------------------------------------------------------------------------------------------------


@given(text=st.text(max_size=400) | st.text("aế^€😀", max_size=1600), accented=st.booleans())
def test_a_text_takes_no_more_segments_than_measured(text, accented):
    """What is counted here is never less than what the wire makes of it."""
    rendered = render(text, accented=accented)
    counted = segments_of(measure(rendered, accented=accented), accented=accented)

    for method, alphabet in itertools.product(LongMessages, set(Alphabet) - {Alphabet.UCS2}):
        split(rendered, reference=1, method=method, default=alphabet, max_segments=min(counted, 255))
    assert measure(rendered, accented=accented) <= capacity(counted, accented=accented)


def test_capacity_is_that_of_the_wire():
    """140 octets a segment; a longer message gives up to seven of them for its header."""
    assert capacity(1, accented=False) == 140 * 8 // 7
    assert capacity(2, accented=False) == 2 * ((140 - 7) * 8 // 7)
    assert capacity(1, accented=True) == 140 // 2
    assert capacity(3, accented=True) == 3 * ((140 - 7) // 2)


@pytest.mark.parametrize(
    ("length", "accented", "segments"),
    [
        (0, False, 1),
        (160, False, 1),
        (161, False, 2),
        (304, False, 2),
        (305, False, 3),
        (70, True, 1),
        (71, True, 2),
        (132, True, 2),
        (133, True, 3),
    ],
)
def test_segments_of_a_length(length, accented, segments):
    """The least that surely suffice."""
    assert segments_of(length, accented=accented) == segments


def test_fits_counts_what_leaves():
    """A text is measured as it will be sent: spelled-out signs count in full, accents not at all unless sent."""
    assert fits("ế" * 160, 1, accented=False)
    assert not fits("ế" * 160, 1, accented=True)
    assert not fits("@" * 54, 1, accented=False)
    assert render("a\x07b\nc", accented=True) == "a b\nc"
    assert ROOM_MIN < capacity(1, accented=True)
