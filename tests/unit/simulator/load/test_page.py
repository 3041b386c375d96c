"""The page: well-formed, by itself, escaped, and with nothing of a person."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from simulator.load.figures import Verdict
from simulator.load.page import VERDICTS, page
from tests.unit.simulator.load.fake_engine import WRONG
from tests.unit.simulator.load.outcomes import bad_outcome, outcome

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Sees that elements close in order, and remembers what the page says and refers to."""

    def __init__(self):
        super().__init__()
        self.open, self.mistakes, self.references, self.words = [], [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.references += [value for name, value in attributes if name in ("src", "href", "data", "action", "srcset")]
        assert tag not in ("script", "link", "iframe", "object", "img")
        assert len({name for name, _ in attributes}) == len(attributes)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.mistakes.append((tag, self.getpos()))

    def handle_data(self, data):
        self.words.append(data)


def read(document):
    reader = Reader()
    reader.feed(document)
    reader.close()
    assert reader.mistakes == []
    assert reader.open == []
    return reader


@pytest.mark.parametrize("found", [outcome(), bad_outcome(), outcome(wrongs=[WRONG])], ids=["passed", "void", "failed"])
def test_by_itself(found):
    """Elements close, nothing is fetched, nothing runs."""
    document = page(found)
    reader = read(document)
    assert reader.references == []
    assert "http" not in document
    assert "url(" not in document
    assert "@import" not in document
    assert len(document) < 200_000


def test_what_it_says():
    """For a manager, in both languages; for an engineer, all figures."""
    words = " ".join(" ".join(read(page(bad_outcome())).words).split())
    for said in (
        "Void", "Không có giá trị", "it lagged", "p99<1ms", "3 s to 5 s", "✗ failed", "other person", "pause gateway-1",
        "no such process", "segment 1 of 2 differs from octet 12", "./sms load --rate 100", "10,000 synthetic citizens",
    ):  # fmt: skip
        assert said in words, said
    passed = " ".join(read(page(outcome())).words)
    assert "No reply was wrong, none was missing." in passed
    assert "Không có trả lời sai, không thiếu trả lời nào." in passed
    assert "99% trong 114 mili giây" in passed


def test_escaped():
    """Whatever comes from outside is text."""
    bad = msgspec.structs.replace(WRONG, what="<script>alert(1)</script>", kind='"><b>')
    found = outcome(wrongs=[bad], title="<i>&")
    document = page(msgspec.structs.replace(found, command="--mix '<x>'", about="</main>"))
    read(document)
    assert "<script" not in document
    assert "&lt;script&gt;" in document


def test_nothing_of_a_person():
    """No number of a phone, no citizen's number: nothing of nine digits or more stands there."""
    document = page(bad_outcome())
    assert re.findall(r"(?<![\d.])\d{9,}", document) == []


def test_every_verdict_has_words():
    assert VERDICTS.keys() == set(Verdict)


def test_nothing_measured():
    """A run that was ended at once has a page too."""
    empty = msgspec.structs.replace(
        outcome(), seconds=[], latencies={}, verdicts={}, kinds={}, replies_per_s=None, inquiries=0
    )
    assert "Nothing was measured" in " ".join(read(page(empty)).words)
