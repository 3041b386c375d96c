"""What a parameter took is read as what was meant, or as nothing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax import grammar
from syntax.model import Accents, Choice, CitizenId, Date, FreeText, OldId, Option, Page
from syntax.values import admitted, equal, read_date, read_number, read_page, read_text, reader, squeeze


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("001085012345", "001085012345"),
        ("001 085 012345", "001085012345"),
        ("001085\n012345", "001085012345"),
        ("0 0 1 0 8 5 0 1 2 3 4 5", "001085012345"),
        ("OO1O85O12345", "001085012345"),
        ("OO1 O85 0L2345", "001085012345"),
        ("I23456789", "123456789"),
        ("LIL45678O", "111456780"),
    ],
)
def test_numbers(text, number):
    """Grouped, and with letters beside enough digits."""
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "OOOOOOOOOOOO",
        "LOI LOI LOI LOI",
        "OOLOIOO12345",
        "00108501234 L",
        "00108501234\nL",
        "O 01085012345",
        "O O 1 O 8 5 0 1 2 3 4 5",
        "OILO5678I",
    ],
)
def test_letters_are_digits_only_inside_numbers(text):
    """More letters than digits, or a group of letters alone: a word, an initial, a signature."""
    assert read_number(text) is None


@given(st.lists(st.sampled_from("0123456789"), min_size=9, max_size=12), st.randoms(use_true_random=False))
def test_a_number_is_read_as_its_digits_however_it_is_grouped(digits, draw):
    """Blanks never change the digits."""
    assert read_number("".join(digit + draw.choice(("", " ", "\n")) for digit in digits).strip()) == "".join(digits)


@pytest.mark.parametrize(
    "text",
    [
        "30041985",
        "30 04 1985",
        "30 4 1985",
        "3O 4 I985",
        "NGAY 30 THANG 4 NAM 1985",
        "30THANG4NAM1985",
        "30\nTHANGS 04\n1985",
    ],
)
def test_dates(text):
    """As Vietnamese people write them."""
    assert read_date(text) == dt.date(1985, 4, 30)


@pytest.mark.parametrize(
    "text", ["31021985", "29 2 1985", "31 4 1985", "00 01 1985", "01 00 1985", "I I I985", "OI OI 2OOI", "L 2 1985"]
)
def test_no_such_day(text):
    """Days of no calendar, and words."""
    assert read_date(text) is None


def test_the_day_after_the_28th_of_february():
    """Leap years."""
    assert read_date("29022000") == dt.date(2000, 2, 29)
    assert read_date("29021900") is None


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("1", 1),
        ("2", 2),
        ("02", 2),
        ("1O", 10),
        ("L2", 12),
        ("0", None),
        ("O", None),
        ("L", None),
        ("OI", None),
        ("00", None),
    ],
)
def test_pages(text, page):
    """From 1; a letter alone is no number, for Trang is a name too."""
    assert read_page(text) == page


@pytest.mark.parametrize("text", ["AN GUI 1414", "GUI 1414", "GUI TOI SO 8079", "AN GOI 55055", "AN GUI1414"])
def test_a_text_sent_to_another_number_is_not_read(text):
    """It was meant for another service, or the text was left out."""
    assert read_text(text) is None


@pytest.mark.parametrize("text", ["AN", "NGUI 1414", "GUI", "AN GUI BINH", "GUI 12", "04486 G 2019 08708"])
def test_texts(text):
    """All else is as it was typed."""
    assert read_text(text) == text


CHOICE = Choice(
    (
        Option(("THẺ", "CĂN CƯỚC"), "card"),
        Option(("MA",), "ma"),
        Option(("MÁS",), "mas"),
        Option(("MAU",), "mau"),
        Option(("MÂU",), "mau"),
    )
)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("THE", "card"),
        ("THER", "card"),
        ("CAN CUOC", "card"),
        ("CANCUOC", "card"),
        ("CAWN\nCUWOWCS", "card"),
        ("CAN DAU CACH CUOC", "card"),
        ("MAS", "mas"),
        ("MAAU", "mau"),
        ("MASS", None),
        ("MAF", "ma"),
    ],
)
def test_choices(text, view):
    """By its own letters, or with residue of Telex where only one option could have it."""
    assert reader(CHOICE)(text) == view


def test_a_choice_that_two_options_could_mean_is_none():
    """No guess between them."""
    choice = Choice((Option(("MAI",), "a"), Option(("MAIS",), "b")))

    assert reader(choice)("MAI") == "a"
    assert reader(choice)("MAIS") == "b"
    assert reader(choice)("MASI") == "a"
    assert reader(Choice((Option(("TAN",), "a"), Option(("TAAN",), "b"))))("TAAAN") is None


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (CitizenId(), "001085012345", "001085012345"),
        (OldId(), "012 345 678", "012345678"),
        (Date(), "1 2 1985", dt.date(1985, 2, 1)),
        (FreeText(equals="full_name"), "AN", "AN"),
        (Page(("TRANG",)), "2", 2),
        (Accents(("DẤU",)), "DAU", "DAU"),
    ],
)
def test_each_kind_has_its_reader(parameter, text, value):
    """One for each."""
    assert reader(parameter)(text) == value


def test_a_value_equals_what_a_record_holds_whatever_its_accents_and_blanks():
    """Dates as dates; nothing equals what is not held."""
    assert equal("NGUYEN VAN AN", "Nguyễn  Văn An")
    assert equal("04486 G 2019 08708", "04486.G/2019/08708")
    assert equal(dt.date(1985, 4, 30), dt.date(1985, 4, 30))
    assert not equal(dt.date(1985, 4, 30), "30/04/1985")
    assert not equal("AN", None)
    assert not equal("AN", "Ân Bình")


def test_a_record_is_admitted_by_all_that_was_typed():
    """One difference refuses; so does a field that is not there."""
    record = {"citizen_id": "001085012345", "full_name": "Lê Ân"}

    assert admitted((), record)
    assert admitted((("citizen_id", "001085012345"), ("full_name", "LE AN")), record)
    assert not admitted((("citizen_id", "001085012345"), ("full_name", "LE ANH")), record)
    assert not admitted((("old_id_number", "012345678"),), record)


def test_squeezing():
    """Without blanks and line breaks."""
    assert squeeze("Có\n dấu ") == "CODAU"


def test_the_digits_of_a_number_are_counted_by_its_pattern():
    """Twelve and nine."""
    assert (grammar.CITIZEN_ID_DIGITS, grammar.OLD_ID_DIGITS) == (12, 9)
