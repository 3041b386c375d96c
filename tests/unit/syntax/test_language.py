"""What the gateway asks of a syntax."""

import hashlib

import pytest

from syntax import FIELDS, REFERENCE, Misread, load
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


def test_every_text_leaves_in_shared_characters_within_one_segment(reference):
    """Endings are sent without accents, and their placeholders are filled."""
    texts = [reference.refusal, reference.busy, reference.over_quota, reference.suspended]
    texts += [reference.misread(Misread(command)) for command in ("own_record", "help")]
    texts.append(reference.help(reference.read("DC HD")))

    for text in texts:
        assert set(text) <= SHARED
        assert fits(text, 1, accented=False)


def test_a_misread_message_is_told_how_to_ask(reference):
    """The usage of the nearest command, with the short code; and the usage works when it is followed."""
    answer = reference.misread(reference.read("D 001"))

    assert answer.startswith("Tin nhan chua dung cu phap. Soan DC gui 5505 ")
    assert reference.read("Soan DC gui 5505").command == "own_record"


def test_help_comes_with_or_without_accents(reference):
    """As asked."""
    assert "soạn tin gửi 5505:\nDC: xem" in reference.help(reference.read("DC HD DAU"))
    assert "soan tin gui 5505:\nDC: xem" in reference.help(reference.read("DC HD"))


def test_a_record_is_answered_as_it_was_asked_for(reference):
    """The reading's view and accents decide."""
    record = {"full_name": "Lê Ân", "religion": "Không"}

    assert reference.reply_record(reference.read("DC"), record) == "Ho ten: Le An"
    assert reference.reply_record(reference.read("DC DAU"), record) == "Họ tên: Lê Ân"


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


def test_the_fields_that_may_ever_be_disclosed(reference):
    """What no view names is never fetched."""
    assert reference.fields == {"full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"}
