"""A run in a few sentences that need no knowledge of the trade, in English and in Vietnamese, from the same figures."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from simulator.load.expressions import WRONG
from simulator.load.figures import GOOD, Metric, Verdict
from simulator.load.outcome import Exit, Outcome
from simulator.load.units import count, written


class Facts(Struct, frozen=True):
    """What the sentences speak of."""

    right: int
    """Inquiries that were answered as they had to be; those who had to be left without a reply included."""
    wrong: int
    missing: int
    busy: int
    p50: str
    p99: str


def facts(outcome: Outcome) -> Facts:
    """Of a run."""

    def said(of: frozenset[Verdict]) -> int:
        return sum(outcome.verdicts.get(verdict, 0) for verdict in of)

    last = outcome.latencies.get(Metric.LAST)
    return Facts(
        right=said(GOOD),
        wrong=said(WRONG),
        missing=outcome.verdicts.get(Verdict.MISSING, 0),
        busy=outcome.verdicts.get(Verdict.BUSY, 0),
        p50=written(last.p50_ms / 1000) if last else "",
        p99=written(last.p99_ms / 1000) if last else "",
    )


HEADLINES: Final = {
    Exit.PASSED: ("Passed", "Đạt"),
    Exit.FAILED: ("Failed", "Không đạt"),
    Exit.VOID: ("Void", "Không có giá trị"),
    Exit.INTERRUPTED: ("Interrupted", "Dừng giữa chừng"),
}


def english(outcome: Outcome) -> list[str]:
    """The sentences."""
    found = facts(outcome)
    sentences = [
        f"{count(outcome.inquiries)} inquiries were sent as citizens send them"
        + (f", {_rate(outcome.intended_per_s)} a second on average" if outcome.intended_per_s is not None else "")
        + f", and {count(found.right)} of them were answered as they had to be."
    ]
    faults = [
        f"{count(number)} {words}"
        for number, words in (
            (found.wrong, "replies or inquiries were wrong"),
            (found.missing, "got no reply"),
            (found.busy, "were told that the service is busy"),
        )
        if number
    ]
    sentences.append(f"{_joined(faults, 'and')}." if faults else "No reply was wrong, none was missing.")
    if found.p50:
        sentences.append(
            f"Half of the citizens had their whole reply within {found.p50}, ninety-nine of a hundred within {found.p99}."
        )
    crossed = [check.expression for check in outcome.checks if not check.passed]
    if outcome.void:
        sentences.append(f"The run is void: {'; '.join(outcome.void)}.")
    elif crossed:
        sentences.append(f"What was demanded and is not so: {', '.join(crossed)}.")
    if outcome.stopped:
        sentences.append("It was ended before its time.")
    return sentences


def vietnamese(outcome: Outcome) -> list[str]:
    """The same, shorter."""
    found = facts(outcome)
    sentences = [f"Đã gửi {_dotted(outcome.inquiries)} yêu cầu tra cứu; {_dotted(found.right)} được trả lời đúng."]
    faults = [
        f"{_dotted(number)} {words}"
        for number, words in (
            (found.wrong, "trường hợp sai"),
            (found.missing, "không được trả lời"),
            (found.busy, "được báo hệ thống bận"),
        )
        if number
    ]
    sentences.append(f"{_joined(faults, 'và')}." if faults else "Không có trả lời sai, không thiếu trả lời nào.")
    if found.p50:
        p50, p99 = (_in_vietnamese(text) for text in (found.p50, found.p99))
        sentences.append(f"Một nửa số người dân nhận đủ trả lời trong {p50}, 99% trong {p99}.")
    if outcome.stopped:
        sentences.append("Lượt thử đã kết thúc sớm.")
    return sentences


def _joined(parts: list[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:,.1f}"


def _dotted(number: int) -> str:
    """Thousands as Vietnamese writes them."""
    return f"{number:,}".replace(",", ".")


def _in_vietnamese(duration: str) -> str:
    """The decimal comma, and the units' names."""
    return " ".join(_UNITS.get(part, part.replace(".", ",")) for part in duration.split(" "))


_UNITS: Final = {"ms": "mili giây", "s": "giây", "min": "phút", "h": "giờ"}
