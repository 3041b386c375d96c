"""A record becomes a reply within the budget."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax import FIELDS, View
from syntax.compose import Composer, capacity, fits, measure, render
from syntax.model import Catalogue, Texts
from syntax.shape import shape
from syntax.unaccent import SHARED

CATALOGUE = shape(FIELDS.read_bytes(), Catalogue)
RECORD = {
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "date_of_birth": dt.date(1985, 2, 1),
    "sex": "Nữ",
    "citizen_id": "001185012345",
    "permanent_residence": "12 Lý Thường Kiệt, phường Cửa Nam, Hà Nội",
    "religion": "Không",
}
VIEW = View("basic", ("full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"))


def composer(*, segments=5, view=VIEW, **texts):
    words = dict.fromkeys(("refusal", "misread", "busy", "over_quota", "suspended"), "x") | {"cut": "(Còn nữa)"} | texts
    return Composer(CATALOGUE, [view], Texts(**words), segments)


def test_an_unaccented_reply():
    """One line a field, in the order of the view, dates as dd/mm/yyyy, nothing outside the view."""
    assert composer().record(VIEW, RECORD, accented=False) == (
        "Ho ten: Nguyen Thi Anh Tuyet\n"
        "Ngay sinh: 01/02/1985\n"
        "Gioi tinh: Nu\n"
        "So dinh danh: 001185012345\n"
        "Thuong tru: 12 Ly Thuong Kiet, phuong Cua Nam, Ha Noi"
    )


def test_an_accented_reply():
    """The same with accents, composed (NFC) however the record was."""
    record = RECORD | {"full_name": unicodedata.normalize("NFD", RECORD["full_name"]), "sex": "N\u0000ữ\t"}

    reply = composer().record(VIEW, record, accented=True)

    assert reply.startswith("Họ tên: Nguyễn Thị Ánh Tuyết\nNgày sinh: 01/02/1985\nGiới tính: N ữ \nSố định danh:")
    assert unicodedata.is_normalized("NFC", reply)


@pytest.mark.parametrize("absent", [{"sex": None}, {"sex": ""}, {}])
def test_fields_without_a_value_have_no_line(absent):
    """None, empty and missing values are left out."""
    record = {"full_name": "Lê An"} | absent

    assert composer().record(VIEW, record, accented=False) == "Ho ten: Le An"


def test_a_birth_year_alone_stands_as_text():
    """Of older people only the year may be known; early years keep four digits."""
    view = View("birth", ("date_of_birth",))

    assert composer(view=view).record(view, {"date_of_birth": "1932"}, accented=False) == "Ngay sinh: 1932"
    assert (
        composer(view=view).record(view, {"date_of_birth": dt.date(932, 1, 9)}, accented=False)
        == "Ngay sinh: 09/01/0932"
    )


@pytest.mark.parametrize("accented", [False, True])
def test_a_value_of_several_lines_stays_one_line(accented):
    """A value cannot pass for another field."""
    reply = composer().record(VIEW, {"full_name": "An\nSo dinh danh: 1\r\nx", "sex": "Nam"}, accented=accented)

    assert len(reply.split("\n")) == 2


def test_head_and_foot_surround_the_fields():
    """What the file says before and after every record."""
    reply = composer(head="Thông tin:", foot="Sai? Gọi 1900").record(VIEW, {"sex": "Nam"}, accented=True)

    assert reply == "Thông tin:\nGiới tính: Nam\nSai? Gọi 1900"


def test_a_long_reply_loses_whole_fields_from_its_end():
    """At the budget the reply ends at a field boundary and says so; one character less and all of it leaves."""
    lines = len("Ho ten: \nGioi tinh: Nam")
    fitting = {"full_name": "x" * (160 - lines), "sex": "Nam"}
    one_more = fitting | {"full_name": "x" * (161 - lines)}

    assert len(composer(segments=1).record(VIEW, fitting, accented=False)) == 160
    assert composer(segments=1).record(VIEW, one_more, accented=False) == f"Ho ten: {one_more['full_name']}\n(Con nua)"


def test_a_value_too_long_by_itself_is_cut():
    """A first field that leaves no room ends where the budget does; no surrogate pair is taken apart."""
    record = {"full_name": "😀" * 100}

    reply = composer(segments=1).record(VIEW, record, accented=True)

    assert reply == "Họ tên: " + "😀" * 26 + "\n(Còn nữa)"
    assert measure(reply, accented=True) == 70
    assert composer(segments=1).record(VIEW, {"full_name": "y" * 999}, accented=False).endswith("yy\n(Con nua)")


@given(
    record=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(VIEW.fields, st.none() | st.dates() | st.text(max_size=400))
    ),
    segments=st.integers(1, 10),
    accented=st.booleans(),
)
def test_no_reply_exceeds_its_budget(record, segments, accented):
    """Whatever the record holds, the reply fits its segments, and unaccented is made of shared characters."""
    reply = composer(segments=segments, head="Đầu", foot="Cuối").record(VIEW, record, accented=accented)

    assert measure(reply, accented=accented) <= capacity(segments, accented=accented)
    assert reply.startswith("Đầu\n" if accented else "Dau\n")
    assert reply.endswith("\nCuối" if accented else "\nCuoi")
    assert accented or set(reply) <= SHARED


def test_capacity_is_that_of_the_wire():
    """140 octets a segment; a longer message gives up to seven of them for its header."""
    assert capacity(1, accented=False) == 140 * 8 // 7
    assert capacity(2, accented=False) == 2 * ((140 - 7) * 8 // 7)
    assert capacity(1, accented=True) == 140 // 2
    assert capacity(3, accented=True) == 3 * ((140 - 7) // 2)


def test_fits_counts_what_leaves():
    """A text is measured as it will be sent: spelled-out signs count in full, accents not at all unless sent."""
    assert fits("ế" * 160, 1, accented=False)
    assert not fits("ế" * 160, 1, accented=True)
    assert not fits("@" * 54, 1, accented=False)
    assert render("a\x07b\nc", accented=True) == "a b\nc"
