"""A value becomes the words that a citizen would write."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from syntax import FIELDS
from syntax.checks import check_catalogue
from syntax.model import Absent, Catalogue, Words
from syntax.shape import shape
from syntax.writing import write_address, write_date, write_text, writer_of

CATALOGUE = shape(FIELDS.read_bytes(), Catalogue)
FIELD = CATALOGUE.fields


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (dt.date(1985, 2, 1), "01/02/1985"),
        (dt.date(932, 1, 9), "09/01/0932"),
        (dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC), "30/11/2026"),
        ("1985-02-01", "01/02/1985"),
        ("1985-02", "02/1985"),
        ("1932", "1932"),
        (1932, "1932"),
        ("khoảng năm 1932", "khoảng năm 1932"),
        ("1985-2-1", "1985-2-1"),
    ],
)
def test_dates(value, written):
    """Day, month, year; of older people only the year may be known, which stands as it came."""
    assert write_date(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [("Nữ", "Nữ"), (12, "12"), (True, "Có"), (False, "Không"), (dt.date(2026, 1, 2), "02/01/2026"), ("", "")],
)
def test_texts(value, written):
    """As they stand; what is no text, as people write it."""
    assert write_text(value) == written


@pytest.mark.parametrize(("held", "written"), [("Nam", "Nam"), ("1", "Nam"), (2, "Nữ"), ("F", "Nữ"), ("khác", "khác")])
def test_sex_is_written_in_words(held, written):
    """Of a register that holds codes, and of one that holds words."""
    assert writer_of(FIELD["sex"])(held) == written


@pytest.mark.parametrize(
    "text",
    [
        "12 Lý Thường Kiệt, Phường Cửa Nam, Hà Nội",
        "SỐ 12 LÝ THƯỜNG KIỆT, PHƯỜNG CỬA NAM, HÀ NỘI",
        "Tổ 4,5, khu phố 3, P. Bến Nghé, Q.1, TP. HCM",
        "Km 12,5 quốc lộ 1A",
        "xã Ea M’Droh",
        "Tỉnh Lào Cai",
        "{không phải JSON",
        "{\ud800",
        "{}",
        "",
    ],
)
def test_the_words_of_an_address_stand(text):
    """Tidy text leaves as it came: capitals, abbreviations and the kinds of units are the register's."""
    assert write_address(text) == ("" if text == "{}" else text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (" Số 12 ,Lý Thường Kiệt,,  Phường Cửa Nam , Hà Nội, ", "Số 12, Lý Thường Kiệt, Phường Cửa Nam, Hà Nội"),
        (", , Hà Nội", "Hà Nội"),
        ("Xã A,\tHà Nội\n", "Xã A, Hà Nội"),
        ("Km 12,5 , Xã A,Hà Nội", "Km 12,5, Xã A, Hà Nội"),
        ("Xã A,", "Xã A"),
        (" , ", ""),
        pytest.param("Xã A" + " " * 100_000 + "B , C", "Xã A B, C", id="long blanks, for seconds were it quadratic"),
    ],
)
def test_blanks_and_empty_parts_of_an_address_are_put_right(text, written):
    """One blank after a comma, none before it, no part without words."""
    assert write_address(text) == written


BEFORE = {
    "house": "12",
    "street": "Trúc Bạch",
    "commune": "Phường Trúc Bạch",
    "district": "Quận Ba Đình",
    "province": "Thành phố Hà Nội",
}
AFTER = {
    "house": "12",
    "street": "Trúc Bạch",
    "commune": "Phường Ba Đình",
    "district": None,
    "province": "Thành phố Hà Nội",
}


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        (BEFORE, "12 Trúc Bạch, Phường Trúc Bạch, Quận Ba Đình, Hà Nội"),
        (AFTER, "12 Trúc Bạch, Phường Ba Đình, Hà Nội"),
        (
            AFTER | {"code_set": "2025-07-01", "codes": ["01", "00004"], "text": "cũ"},
            "12 Trúc Bạch, Phường Ba Đình, Hà Nội",
        ),
        ({"hamlet": "Thôn 5", "commune": "Xã Mường Bo", "province": "tỉnh Lào Cai"}, "Thôn 5, Xã Mường Bo, Lào Cai"),
        (
            {"commune": "Phường 1", "district": "Thành phố Thủ Đức", "province": "TP. Hồ Chí Minh"},
            "Phường 1, Thành phố Thủ Đức, Hồ Chí Minh",
        ),
        ({"house": 7, "commune": {"code": "4", "type": "Phường", "name": "Ba Đình"}}, "7, Phường Ba Đình"),
        (
            {"commune": {"type": "Phường", "name": "Phường Ba Đình"}, "province": {"type": "Tỉnh", "name": "Phú Thọ"}},
            "Phường Ba Đình, Phú Thọ",
        ),
        ({"house": " ", "street": "", "province": " Huế "}, "Huế"),
        ({"text": "Thôn 5 ,, Lào Cai", "commune": None}, "Thôn 5, Lào Cai"),
        ({"commune": None}, ""),
        ({}, ""),
    ],
)
def test_an_address_in_parts(parts, written):
    """From the house to the province, of before and after July 2025; a mapping and its JSON alike. The kind of the province
    goes unsaid, as on an identity card."""
    assert write_address(parts) == written
    assert write_address(json.dumps(parts, ensure_ascii=False)) == written


def test_an_address_that_is_something_else_stands():
    """What cannot be taken apart is shown, not lost."""
    assert write_address(5) == "5"
    nested = '{"a":' * 100_000
    assert write_address(nested) == nested


@given(st.text("ab1 ,\t\n{", max_size=40) | st.text())
def test_no_letter_and_no_digit_of_an_address_is_lost(text):
    """Whatever comes, only blanks and commas change, and writing what was written changes nothing."""
    written = write_address(text)

    assert [c for c in written if c != "," and not c.isspace()] == [c for c in text if c != "," and not c.isspace()]
    assert write_address(written) == written


@pytest.mark.parametrize("law", ["can_cuoc_cong_dan_2014", "can_cuoc_2023"])
def test_the_catalogue_has_every_item_of_both_laws(law):
    """Luật Căn cước công dân 2014 as amended in 2020, Điều 9: 18 items; Luật Căn cước 2023, Điều 9: 26."""
    expected = {
        "can_cuoc_cong_dan_2014": [
            "full_name", "date_of_birth", "sex", "birth_registration_place", "place_of_origin", "ethnicity", "religion",
            "nationality", "marital_status", "permanent_residence", "temporary_residence", "absence_declaration",
            "current_residence", "relation_to_head", "blood_type", "relatives", "household", "death_or_missing_date",
        ],
        "can_cuoc_2023": [
            "full_name", "other_name", "citizen_id", "date_of_birth", "sex", "place_of_birth", "birth_registration_place",
            "place_of_origin", "ethnicity", "religion", "nationality", "blood_type", "old_id_number", "card_issue_date",
            "relatives", "permanent_residence", "temporary_residence", "current_residence", "absence_declaration",
            "residence_file_number", "marital_status", "relation_to_head", "household", "death_or_missing_date", "contact",
            "other",
        ],
    }[law]  # fmt: skip

    assert {code: FIELD[code].items[law] for code in expected} == {
        code: number for number, code in enumerate(expected, 1)
    }


def test_what_the_catalogue_protects():
    """Ethnicity, religion and blood type, and what the Government may add; and what is of others."""
    protected = {code: field.protection for code, field in FIELD.items() if field.protection}

    assert protected == dict.fromkeys(("ethnicity", "religion", "blood_type", "other"), "sensitive") | dict.fromkeys(
        ("relatives", "household"), "third_party"
    )


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"written": {"1": "Nam giới"}}, "“Nam giới” dài hơn length_max"),
        ({"written": {"1": "♂"}}, "có ký tự không gửi được qua mọi nhà mạng: ♂"),
        ({"absent": Absent("Rõ", "card_issue")}, "không có mục “card_issue”"),
        ({"absent": Absent("Không rõ", "citizen_id")}, "“Không rõ” dài hơn length_max"),
        ({"absent": Absent(Words("Rõ", "Khong"), "citizen_id")}, "“Khong” dài hơn length_max"),
    ],
)
def test_words_that_stand_for_a_value_are_checked(changes, what):
    """They can be sent, are no longer than a value may be, and look at a field that there is."""
    fields = FIELD | {"sex": replace(FIELD["sex"], **changes)}

    assert [problem.what for problem in check_catalogue(replace(CATALOGUE, fields=fields))] == [what]


def test_the_catalogue_is_sound():
    """None of its words is amiss."""
    assert list(check_catalogue(CATALOGUE)) == []
