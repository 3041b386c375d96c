"""A message is read by the commands of the file, or not at all."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax import Misread, Read, View
from syntax.model import Accents, CitizenId, HelpCommand, RecordCommand
from syntax.parser import NOTHING, TEXT_MAX, Parser

BASIC = View("basic", ("full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"))
CITIZEN_ID = "001085012345"

COMMANDS = {
    "DC": Read("own_record", "record", BASIC, None, accented=False),
    f"DC {CITIZEN_ID}": Read("own_record", "record", BASIC, CITIZEN_ID, accented=False),
    "DC DẤU": Read("own_record", "record", BASIC, None, accented=True),
    "ĐC CÓ DẤU": Read("own_record", "record", BASIC, None, accented=True),
    f"DC {CITIZEN_ID} DẤU": Read("own_record", "record", BASIC, CITIZEN_ID, accented=True),
    "DC HD": Read("help", "help", NOTHING, None, accented=False),
    "DC HƯỚNG DẪN": Read("help", "help", NOTHING, None, accented=False),
    "HD DẤU": Read("help", "help", NOTHING, None, accented=True),
}


@pytest.mark.parametrize("text", COMMANDS)
def test_reads_each_command(reference, text):
    """Each way to ask gives its command, view, number and wish for accents."""
    assert reference.read(text) == COMMANDS[text]


def _case(text, draw):
    return "".join(draw.choice((c.lower(), c.upper())) for c in text)


def _accents(text, draw):
    if draw.random() < 0.5:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return text.translate(str.maketrans("Đđ", draw.choice(("Dd", "Đđ", "Ðð"))))


def _composition(text, draw):
    return unicodedata.normalize(draw.choice(("NFC", "NFD")), text)


def _blanks(text, draw):
    blanks = (" ", "  ", "\u00a0", "\t", "\u3000", " \u200b", "_", "˽", "<dấu cách>", " - ", "] [", ". ", "\n", "")
    return "".join(draw.choice(blanks) if c == " " else c for c in text)


def _quotes(text, draw):
    before, after = draw.choice(
        (("", ""), ('"', '"'), ("“", "”"), ("[", "]"), ("<", ">"), ("(", ")"), ("", "."), ("\n", " "))
    )
    return before + text + after


def _full_width(text, draw):
    return "".join(chr(ord(c) + 0xFEE0) if "!" < c < "~" and draw.random() < 0.2 else c for c in text)


def _digits(text, draw):
    if CITIZEN_ID in text and draw.random() < 0.5:
        grouped = draw.choice(
            ("001 085 012345", "001.085.012345", "0010-8501-2345", "OO1O85O12345", "00l085012345", "0 0 1 085012345")
        )
        return text.replace(CITIZEN_ID, grouped)
    return text


def _phrases(text, draw):
    before = draw.choice(("", "", "Soạn ", "Soạn tin: "))
    after = draw.choice(("", "", " gửi 5505", " gui toi 5505", ". Gửi đến số 5505"))
    return before + text + after


def _signature(text, draw):
    return text + draw.choice(("", "", "\nNguyễn Văn An", "\n--\nBình (Hà Nội)"))


RENDERINGS = (_blanks, _digits, _case, _accents, _phrases, _quotes, _signature, _full_width, _composition)


@pytest.mark.parametrize("text", COMMANDS)
def test_renderings_read_the_same(reference, text):
    """A thousand ways to type a command, each rule of forgiveness with the others, are read as that command."""
    draw = random.Random(text)
    for _ in range(1000):
        typed = text
        for rendering in RENDERINGS:
            typed = rendering(typed, draw)
        assert reference.read(typed) == COMMANDS[text], ascii(typed)


@given(st.text())
def test_any_text_is_read_or_misread(reference, text):
    """No text raises; a number that was read has twelve digits."""
    reading = reference.read(text)

    assert (
        isinstance(reading, Misread)
        or reading.citizen_id is None
        or (len(reading.citizen_id) == 12 and reading.citizen_id.isascii() and reading.citizen_id.isdigit())
    )


@given(st.text(alphabet="DCHAUGIO015 \n.", max_size=40))
def test_surplus_words_are_never_passed_over(reference, text):
    """A message that is understood goes on being one only if what is added says nothing: "X" on its line never does."""
    assert isinstance(reference.read(text + "X9"), Misread)


@given(st.text(alphabet="0123456789", min_size=1, max_size=30).filter(lambda digits: len(digits) != 12))
def test_numbers_of_other_lengths_are_misread(reference, digits):
    """Only twelve digits are a citizen ID."""
    assert reference.read(f"DC {digits}") == Misread("own_record")


def test_lines_below_a_command_are_a_signature_only_without_digits(reference):
    """A name is passed over, a mistyped number is not, and a line the command can take is no signature."""
    assert reference.read("DC\nAn\nBình") == COMMANDS["DC"]
    assert reference.read("DC\nDAU\nAn") == COMMANDS["DC DẤU"]
    assert reference.read("DC\nHD\nAn") == COMMANDS["DC HD"]
    assert reference.read("DC\nAn\n0912") == Misread("own_record")
    assert reference.read("DC\n0912\nAn") == Misread("own_record")
    assert reference.read("DC\n" + "An\n" * 500) == COMMANDS["DC"]


def test_a_message_too_long_is_misread(reference):
    """A command is read at the limit; one character more and only its beginning counts."""
    longest = "DC".ljust(TEXT_MAX)

    assert reference.read(longest) == COMMANDS["DC"]
    assert reference.read(longest + " ") == Misread("own_record")
    assert reference.read("DC HD".ljust(TEXT_MAX + 1)) == Misread("help")


def test_nearest_command_shares_the_longest_beginning(reference):
    """The usage that answers a misread message is that of the command it began like, else of the first."""
    assert reference.read("DC HX") == Misread("help")
    assert reference.read("D 001") == Misread("own_record")
    assert reference.read("xin chào") == Misread("own_record")


def test_a_required_number_must_be_there():
    """A parameter that is not optional is asked for."""
    command = RecordCommand("look_up", "TC", "basic", "TC <số>", parameters=(CitizenId(),))
    parser = Parser((command,), {"basic": BASIC}, ("5505",))

    assert parser.read("TC") == Misread("look_up")
    assert parser.read(f"TC {CITIZEN_ID}").citizen_id == CITIZEN_ID


def test_accepting_tells_every_command_of_a_message():
    """Two commands that take the same words are both named."""
    one = RecordCommand("one", "DC", "basic", "DC", parameters=(Accents(("DẤU",)),))
    two = HelpCommand("two", "DC DAU", "?", "DC DAU")
    parser = Parser((one, two), {"basic": BASIC}, ("5505",))

    assert parser.accepting("dcdau") == ["one", "two"]
    assert parser.accepting("dc") == ["one"]
    assert parser.accepting("x") == []


def test_a_reading_never_shows_the_number(reference):
    """The repr of a reading can be logged."""
    assert repr(reference.read(f"DC {CITIZEN_ID}")) == "<Read own_record>"
