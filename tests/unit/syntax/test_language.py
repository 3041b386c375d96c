"""What the gateway asks of a syntax."""

import datetime as dt
import hashlib

import pytest
from msgspec.structs import replace

from syntax import FIELDS, REFERENCE, Misread, Retired, Syntax, load
from syntax.compose import fits
from syntax.unaccent import SHARED


def test_the_refusal_is_one_segment_of_42_characters(reference):
    """The one refusal, without accents."""
    assert reference.refusal == "So dien thoai hoac cong dan khong ton tai."
    assert len(reference.refusal) == 42


def test_what_the_reference_says_of_itself(reference):
    """Authority, version, dates, short code, time zone and budget come from the file."""
    assert "C06" in reference.authority
    assert (reference.version, reference.short_codes, reference.time_zone) == ("2026.1", ("5505",), "Asia/Ho_Chi_Minh")
    assert (str(reference.effective_from), reference.effective_until, reference.segments_max) == ("2026-01-01", None, 5)


def test_every_text_leaves_in_shared_characters(reference):
    """Endings are sent without accents in one segment, help in two, and their placeholders are filled."""
    texts = [reference.refusal, reference.busy, reference.over_quota, reference.suspended]
    texts += [reference.misread(Misread(command)) for command in ("own_record", "help")]
    texts += [reference.retired(Retired(command)) for command in reference.fees]
    help_ = reference.help(reference.read("DC HD"))

    for text in texts:
        assert fits(text, 1, accented=False)
    assert fits(help_, 2, accented=False)
    for text in (*texts, help_):
        assert set(text) <= SHARED
        assert "{" not in text


def test_a_misread_message_is_told_how_to_ask(reference):
    """The usage of the nearest command, with the short code; and the usage works when it is followed."""
    answer = reference.misread(reference.read("D 001"))

    assert answer.startswith("Tin nhan chua dung cu phap. Soan DC gui 5505 ")
    assert reference.read("Soan DC gui 5505").command == "own_record"


def test_help_comes_with_or_without_accents(reference):
    """As asked."""
    assert "soạn tin gửi 5505:\nDC: thông tin" in reference.help(reference.read("DC HD DAU"))
    assert "soan tin gui 5505:\nDC: thong tin" in reference.help(reference.read("DC HD"))


def test_a_record_is_answered_as_it_was_asked_for(reference):
    """The reading's view and accents decide."""
    record = {"full_name": "Lê Ân", "religion": "Không"}

    assert reference.reply_record(reference.read("DC"), record).text == "Ho ten: Le An\nSai? Goi 19000368"
    assert reference.reply_record(reference.read("DC DAU"), record).text == "Họ tên: Lê Ân\nSai? Gọi 19000368"
    assert reference.reply_record(reference.read("DC"), record).fields == ("full_name",)


def test_choices_are_answered_together(reference):
    """Their fields in the order asked for, each once."""
    record = {
        "marital_status": "Góa",
        "citizen_id": "001185012345",
        "card_issue_date": dt.date(2022, 1, 2),
        "card_expiry_date": None,
    }
    text = reference.reply_record(reference.read("DC MUC GIA DINH THE GIA DINH"), record).text

    assert text.split("\n")[0] == "Hon nhan: Goa"
    assert text.split("\n")[2:] == ["Ngay cap: 02/01/2022", "Co gia tri den: Khong thoi han", "Sai? Goi 19000368"]


def test_items_that_the_record_lacks_are_told_so(reference):
    """In words, never by an empty message."""
    reply = reference.reply_record(reference.read("DC MUC GIA DINH"), {"full_name": "Lê Ân"})

    assert (reply.text, reply.fields) == ("Chua co thong tin ve muc nay.\nSai? Goi 19000368", ())


def test_a_typed_value_only_narrows(reference):
    """It must be the record's own, or the inquiry is refused; nothing typed, nothing to refuse."""
    record = {"citizen_id": "001185012345"}

    assert reference.admits(reference.read("DC"), record)
    assert reference.admits(reference.read("DC 001 185 012345"), record)
    assert not reference.admits(reference.read("DC 001185012346"), record)
    assert not reference.admits(reference.read("DC 001185012345"), {"citizen_id": None})


def test_every_kind_of_value_narrows(rich):
    """Numbers, days and words, all of them together; words whatever their case and accents."""
    record = {
        "citizen_id": "001185012345",
        "old_id_number": "012345678",
        "date_of_birth": dt.date(1985, 2, 1),
        "full_name": "Lê Ân",
    }

    assert rich.admits(rich.read("TS 001185012345 012345678 1/2/1985"), record)
    assert not rich.admits(rich.read("TS 001185012345 012345678 2/2/1985"), record)
    assert not rich.admits(rich.read("TS 001185012345 012345679 1/2/1985"), record)
    assert not rich.admits(rich.read("NGAY 1/2/1985 2/2/1985"), record)
    assert not rich.admits(rich.read("TS 1/2/1985"), record | {"date_of_birth": "1985"})
    assert rich.admits(rich.read("TEN le an"), record)
    assert not rich.admits(rich.read("TEN le anh"), record)


def test_words_of_both_spellings_are_taken_as_they_are(rich):
    """The file's own spelling without accents is sent, not the one that could be made of the other."""
    assert rich.busy == "BAN"
    assert rich.over_quota == "Qua so lan."
    assert rich.misread(Misread("numbers")) == "Sai cu phap! TS gui 5505!"
    assert rich.misread(Misread("days")) == "Sai cu phap! Soan NGAY 30/4/1985 gui 5505."
    assert rich.reply_record(rich.read("GON"), {}).text == "Thong tin (5505):\n(trong)\nSai goi 19000368"
    assert rich.reply_record(rich.read("GON DAU"), {}).text == "Thông tin (5505):\nChưa có.\nSai? Gọi 19000368"


def test_a_command_may_always_have_accents(rich):
    """By choice of the file, for records and for words."""
    assert (
        rich.reply_record(rich.read("LUON DAU"), {"full_name": "Lê Ân"}).text
        == "Thông tin (5505):\nHọ tên: Lê Ân\nSai? Gọi 19000368"
    )
    assert rich.help(rich.read("GIUP")) == "Hỏi gì đáp nấy, gửi 5505."


def test_a_suspended_command_is_understood(rich):
    """Its reading says so, whatever was asked for with it; the others work on."""
    assert rich.read("NGHI TRANG 2").kind == "suspended"
    assert rich.read("GON").kind == "record"
    assert rich.suspended == "Tam ngung."


def test_a_suspended_file_suspends_every_command(rich):
    """And nothing else of it changes: what is not understood still is not."""
    syntax = Syntax(replace(rich.document, suspended=True), rich.catalogue, rich.digest)

    assert {syntax.read(text).kind for text in ("TS", "GIUP", "NGHI", "MUC NHA TRANG 2 DAU")} == {"suspended"}
    assert isinstance(syntax.read("?"), Misread)
    assert syntax.read("MUC NHA TRANG 2 DAU").view == rich.read("MUC NHA TRANG 2 DAU").view


def test_a_retired_message_is_told_the_way_of_today(rich):
    """With the usage of the command that does it now."""
    assert rich.retired(Retired("numbers")) == "Cu phap cu. TS gui 5505!"


def test_accepting_names_the_commands_of_a_message(reference):
    """One for a message that can be read, none for one that cannot."""
    assert reference.accepting("DC HD") == ["help"]
    assert reference.accepting("?") == []


def test_the_digest_covers_both_files(reference, sown):
    """Any change of the syntax file or of the catalogue gives another digest; the same files give the same."""
    parts = [hashlib.sha256(path.read_bytes()).digest() for path in (REFERENCE, FIELDS)]

    assert reference.digest == load(REFERENCE, FIELDS).digest == hashlib.sha256(b"".join(parts)).hexdigest()
    assert load(sown("# Dòng báo", "# Dòng  báo")).digest != reference.digest
    assert load(REFERENCE, sown("# Mã của", "# Mã  của", source=FIELDS)).digest != reference.digest


@pytest.mark.parametrize("text", ["DC", "xyz"])
def test_a_change_of_words_changes_the_answer_and_nothing_else(reference, sown, text):
    """The words of an ending are data."""
    other = load(sown("Tin nhắn chưa đúng cú pháp.", "Chưa hiểu."))

    assert other.read(text) == reference.read(text)
    assert other.misread(Misread("help")).startswith("Chua hieu. Soan DC HD gui 5505")


def test_the_fields_that_may_ever_be_fetched(reference, rich):
    """Those that some view names, those that a typed value is compared with, and those beside which a gap says something."""
    assert reference.fields == set(reference.document.views["all"].fields)
    assert "religion" not in reference.fields
    assert "card_issue_date" not in {field for view in rich.views.values() for field in view.fields}
    assert rich.fields == {field for view in rich.views.values() for field in view.fields} | {
        "old_id_number",
        "card_issue_date",
    }


def test_a_gap_is_explained_by_a_field_that_is_not_shown(rich):
    """The date of issue decides what no date of expiry means; it is not disclosed by that."""
    reply = rich.reply_record(rich.read("GON"), {"card_expiry_date": None, "card_issue_date": dt.date(2022, 1, 2)})

    assert reply.text.split("\n")[1] == "Co gia tri den: Khong thoi han"
    assert reply.fields == ("card_expiry_date",)
