"""A run in a few sentences."""

import unicodedata

import msgspec

from simulator.load.figures import Verdict
from simulator.load.summary import HEADLINES, english, facts, vietnamese
from tests.unit.simulator.load.outcomes import bad_outcome, outcome


def test_passed():
    found = outcome()
    assert english(found) == [
        "600 inquiries were sent as citizens send them, 100 a second on average, and 600 of them were answered as they had to be.",
        "No reply was wrong, none was missing.",
        "Half of the citizens had their whole reply within 84 ms, ninety-nine of a hundred within 114 ms.",
    ]
    assert vietnamese(found) == [
        "Đã gửi 600 yêu cầu tra cứu; 600 được trả lời đúng.",
        "Không có trả lời sai, không thiếu trả lời nào.",
        "Một nửa số người dân nhận đủ trả lời trong 84 mili giây, 99% trong 114 mili giây.",
    ]


def test_faults_are_named():
    verdicts = {Verdict.RIGHT: 12_000, Verdict.TWICE: 1, Verdict.MISSING: 1_234, Verdict.BUSY: 3}
    found = msgspec.structs.replace(outcome(), verdicts=verdicts, stopped=True)
    assert facts(found).wrong == 1
    said = " ".join(english(found))
    assert "1 replies or inquiries were wrong, 1,234 got no reply and 3 were told that the service is busy." in said
    assert "before its time" in said
    assert "1 trường hợp sai, 1.234 không được trả lời và 3 được báo hệ thống bận." in vietnamese(found)


def test_void():
    assert "The run is void: it lagged; pause gateway-1: no such process." in english(bad_outcome())


def test_vietnamese_is_composed():
    """NFC, and headlines for every ending."""
    for text in [*vietnamese(bad_outcome()), *(said for _, said in HEADLINES.values())]:
        assert unicodedata.is_normalized("NFC", text)
