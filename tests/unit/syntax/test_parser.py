"""A message is read by the commands of the file, or not at all."""

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax import Misread, Read, View
from syntax.fold import fold
from syntax.model import Accents, CitizenId, HelpCommand, RecordCommand
from syntax.parser import COMMAND_LINES_MAX, NOTHING, TEXT_MAX, Parser, name_of, spellings
from tests.unit.syntax.kinds import COMMANDS, PARSER, VIEWS
from tests.unit.syntax.renderings import Message

CITIZEN_ID = "001085012345"
OWN = (("citizen_id", CITIZEN_ID),)


def read(command, view, **rest):
    """A reading of the reference."""
    return lambda syntax: Read(command, "record", syntax.views[view], **rest)


READINGS = {
    "DC": read("own_record", "basic"),
    f"DC {CITIZEN_ID}": read("own_record", "basic", values=OWN, conditions=OWN),
    "DC DẤU": read("own_record", "basic", accented=True),
    "ĐC CÓ DẤU": read("own_record", "basic", accented=True),
    f"DC {CITIZEN_ID} DẤU": read("own_record", "basic", accented=True, values=OWN, conditions=OWN),
    "DC TB": read("full_record", "all"),
    f"DC TOÀN BỘ {CITIZEN_ID} TRANG 2": read("full_record", "all", page=2, values=(*OWN, ("page", 2)), conditions=OWN),
    "DC MỤC THẺ": read("items", "card", values=(("choice", "card"),)),
    "MỤC SINH SINH": read("items", "birth", values=(("choice", "birth"), ("choice", "birth"))),
    "DC HD": lambda _: Read("help", "help", NOTHING),
    "HƯỚNG DẪN DẤU": lambda _: Read("help", "help", NOTHING, accented=True),
}


@pytest.mark.parametrize("text", READINGS)
def test_reads_each_command(reference, text):
    """Each way to ask gives its command, view, values and wish for accents."""
    assert reference.read(text) == READINGS[text](reference)


def test_several_choices_are_one_view(reference):
    """Their fields in the order asked for, each once."""
    reading = reference.read("MUC THE SINH CC")
    card, birth = reference.views["card"], reference.views["birth"]

    assert reading.view == View("card+birth", (*card.fields, *birth.fields))
    assert reading.values == (("choice", "card"), ("choice", "birth"), ("choice", "card"))
    assert reading.conditions == ()


def test_values_and_conditions_of_every_kind():
    """Values by their parameter's name, conditions by the field that must equal."""
    reading = PARSER.read("đủ 001085012345, 1/2/1985 thẻ ct - Nguyễn Văn An tr 3 dấu gửi 8079")
    values = ("001085012345", dt.date(1985, 2, 1), "card", "residence", "NGUYEN VAN AN", 3)

    assert (reading.command, reading.accented, reading.page) == ("everything", True, 3)
    assert reading.values == tuple(zip(("citizen_id", "date", "choice", "choice", "text", "page"), values, strict=True))
    assert reading.conditions == (
        ("citizen_id", values[0]),
        ("date_of_birth", values[1]),
        ("full_name", values[4]),
    )
    assert reading.view == View("card+residence", (*VIEWS["card"].fields, *VIEWS["residence"].fields))


def test_a_command_that_always_answers_with_accents():
    """Without a word for it."""
    assert PARSER.read("tiếng việt").accented
    assert PARSER.read("tiếng việt 012345678").accented


def renderings_are_read_as_meant(parser, command, views):
    """A thousand ways to say something with a command: a fifth by few rules of forgiveness, the rest by many."""
    for number in range(1000):
        draw = random.Random(f"{command.name} {number}")
        message = Message(command, views, draw)
        text = message.rendered(draw.choice((0.1, 0.2, 0.3, 0.5, 0.8)))
        reading = parser.read(text)
        assert isinstance(reading, Read), ascii(text)
        assert message.meant(reading), (ascii(text), reading.command, reading.values)
        lines = fold(text).split("\n")
        accepted = {name for end in range(1, len(lines) + 1) for name in parser.accepting("\n".join(lines[:end]))}
        assert parser.accepting("\n".join(lines)) in ([command.name], [])
        assert command.name in accepted


@pytest.mark.parametrize("name", ["own_record", "items", "full_record", "help"])
def test_renderings_of_the_reference_read_the_same(reference, name):
    """Each command of the reference: what was meant, by that command alone."""
    (command,) = (command for command in reference.document.commands if command.name == name)
    renderings_are_read_as_meant(reference, command, reference.views)


def test_the_renderings_cover_every_command_of_the_reference(reference):
    """None has been added without being tried above."""
    assert [command.name for command in reference.document.commands] == ["own_record", "items", "full_record", "help"]


@pytest.mark.parametrize("command", COMMANDS, ids=[command.name for command in COMMANDS])
def test_renderings_of_every_kind_of_parameter_read_the_same(command):
    """The same for each kind of parameter: required, optional, repeated, side by side."""
    renderings_are_read_as_meant(PARSER, command, VIEWS)


@given(st.text(st.characters()))
def test_any_text_is_read_or_misread(reference, text):
    """No text raises, lone surrogates included; a number that was read has twelve digits."""
    for parser in (reference, PARSER):
        reading = parser.read(text)
        assert isinstance(reading, Misread | Read)
        if isinstance(reading, Read):
            number = dict(reading.conditions).get("citizen_id", CITIZEN_ID)
            assert len(number) == 12
            assert number.isascii()
            assert number.isdigit()


@given(st.text(alphabet="DCHAUGIO015MTBX \n.", max_size=40))
def test_a_mistyped_number_is_never_passed_over(reference, text):
    """Whatever is understood, it is not with a number behind it that is none, on its line or below."""
    for surplus in ("X9", "\n9", " 1985", "\nAn 2", "\n٣"):
        assert isinstance(reference.read(text + surplus), Misread)


@pytest.mark.parametrize("surplus", ["An", "xin cảm ơn", "ạ", "nhé", "x", "Ж", "đi", "gửi", "số", "dấu cách"])
@pytest.mark.parametrize("text", READINGS)
def test_surplus_words_are_always_misread(reference, text, surplus):
    """On the line of a command, before it or behind it, another word makes it none."""
    assert isinstance(reference.read(f"{text} {surplus}"), Misread)
    assert isinstance(reference.read(f"{surplus} {text}"), Misread)


@given(st.integers(0, 999), st.sampled_from("BEKMNPQVXYZЖ"))
def test_surplus_words_are_misread_in_any_rendering(reference, seed, letter):
    """A word that no command knows, behind a message however it was typed."""
    draw = random.Random(seed)
    message = Message(draw.choice(reference.document.commands), reference.views, draw)
    message.open = True  # no signature
    text = fold(message.rendered(0.3)).replace("\n", " ")  # below it, the word would be a signature

    assert isinstance(reference.read(f"{text} {letter * 3}"), Misread)


@given(st.text(alphabet="0123456789", min_size=1, max_size=30).filter(lambda digits: len(digits) != 12))
def test_numbers_of_other_lengths_are_misread(reference, digits):
    """Only twelve digits are a citizen ID."""
    assert reference.read(f"DC {digits}") == Misread("own_record")


@pytest.mark.parametrize(
    "text",
    [
        "DC 00108501234 L",
        "DC 00108501234\nL",
        "DC OOOOOOOOOOOO",
        "DC 00108501234\nO",
        "DC TB TRANG 0",
        "DC TB TRANG L",
        "DC TB TRANG 100",
        "DC TB TRANG",
        "DC d9c",
        "dc da61u",
        "DC MUC",
        "DC MUC THE SINH CT GD CC THE",
    ],
)
def test_what_cannot_be_is_misread(reference, text):
    """Initials for digits, pages that are none, the digits of VNI, a choice left out or too often made."""
    assert isinstance(reference.read(text), Misread)


@pytest.mark.parametrize(
    "text",
    ["NS 31/2/1985", "NS 29/2/1985", "SD NHIEU 001085012345 00108501234", "BH THE AN gửi 1414", "HỘ An 30/2/2000"],
)
def test_values_that_cannot_be_are_misread(text):
    """No such day, a number too short among others, a text for another service."""
    assert isinstance(PARSER.read(text), Misread)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("DC\nTB cảm ơn", None),  # "DC TB", or "DC" and initials
        ("Soạn DC\ntoàn bộ nhé", None),
        ("DC\nMỤC", None),
        ("DC\nmục giới tính", None),
        ("DC 001085012345\nDC HD", None),
        ("DC TB\nBác Tư\nDC HD", None),
        ("DC\nĐậu Văn Hòa", "own_record"),  # the same command, whatever it means
        ("DC TB\nTrang", "full_record"),
        ("DC MUC SINH\nThế Anh", "items"),
        ("DC\nTBC", "own_record"),
        ("DC\nHộ khẩu", None),  # "DC MUC HO KHAU", or "DC" and a word
        ("Soạn DC\nsinh, thẻ\ncảm ơn", None),
        ("DC 001085012345\nCƯ TRÚ", None),
        ("DC\nThế Anh", "own_record"),
        ("DC TB\nHộ khẩu", "full_record"),
    ],
)
def test_a_line_that_begins_another_command_is_no_signature(reference, text, command):
    """What the sender meant by it would be a guess."""
    reading = reference.read(text)

    assert (reading.command if isinstance(reading, Read) else None) == command


def test_lines_below_a_command_are_a_signature_only_without_digits(reference):
    """A name is passed over, a mistyped number is not, and a line the command can take is no signature."""
    plain, accented = reference.read("DC"), reference.read("DC DAU")

    assert reference.read("DC\nAn\nBình") == plain
    assert reference.read("DC\nDAU\nAn") == accented
    assert reference.read("DC\nHD\nAn") == reference.read("DC HD")
    assert reference.read("DC TB\nTrang") == reference.read("DC TB")
    assert reference.read("DC\nAn\n0912") == Misread("own_record")
    assert reference.read("DC\n0912\nAn") == Misread("own_record")
    assert reference.read("An\nDC") == Misread("own_record")
    assert reference.read("DC\n" + "An\n" * 500) == plain


def test_a_command_on_many_lines(reference):
    """As many as `COMMAND_LINES_MAX`: a number digit by digit."""
    text = "DC\n" + "\n".join(CITIZEN_ID) + "\nCO\nDAU\nAn"

    assert text.count("\n") == COMMAND_LINES_MAX - 1
    assert reference.read(text).conditions == OWN
    assert reference.read(text).accented


def test_a_message_too_long_is_misread(reference):
    """A command is read at the limit; one character more and only its beginning counts."""
    longest = "DC".ljust(TEXT_MAX)

    assert reference.read(longest) == reference.read("DC")
    assert reference.read(longest + " ") == Misread("own_record")
    assert reference.read("DC HD".ljust(TEXT_MAX + 1)) == Misread("help")


def test_nearest_command_shares_the_longest_beginning(reference):
    """The usage that answers a misread message is that of the command it began like, else of the first."""
    assert reference.read("DC HX") == Misread("help")
    assert reference.read("D 001") == Misread("own_record")
    assert reference.read("xin chào") == Misread("own_record")


def _command(type_, name, keyword, **rest):
    return type_(name=name, keyword=keyword, usage=keyword, title=keyword, **rest)


def test_a_suspended_command_is_understood():
    """And its view is not used."""
    command = _command(RecordCommand, "own", "DC", view="basic", suspended=True, parameters=(CitizenId(optional=True),))
    parser = Parser((command,), VIEWS, ("5505",))

    assert parser.read("DC").kind == "suspended"
    assert parser.read(f"DC {CITIZEN_ID}").kind == "suspended"


def test_accepting_tells_every_command_of_a_message():
    """Two commands that take the same words are both named."""
    one = _command(RecordCommand, "one", "DC", view="basic", parameters=(Accents(("DẤU",)),))
    two = _command(HelpCommand, "two", "DC DAU", text="?")
    parser = Parser((one, two), VIEWS, ("5505",))

    assert parser.accepting("DCDAU") == ["one", "two"]
    assert parser.accepting("DC") == ["one"]
    assert parser.accepting("X") == []


def test_a_reading_never_shows_what_was_typed(reference):
    """The repr of a reading can be logged."""
    assert repr(reference.read(f"DC {CITIZEN_ID}")) == "<Read own_record>"


def test_names():
    """A parameter is called by its kind, unless it has a name; a command by its keyword and its aliases."""
    assert name_of(CitizenId()) == "citizen_id"
    assert name_of(CitizenId(name="number")) == "number"
    assert spellings(_command(HelpCommand, "help", "HD", text="?", aliases=("TG",))) == ("HD", "TG")
