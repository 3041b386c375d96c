"""What reading a message and composing a reply cost, and how reading grows with what strangers send.

    .venv/bin/python -m tests.bench.syntax [ROUNDS=15]

CPU time of this process, the median over rounds. The curves take each hostile message of `tests/fuzz/syntax` at lengths
up to 100 kB: folding all of it (which the service never does, for a message is cut at `TEXT_MAX` first), and reading it.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable

from syntax import REFERENCE, Read, load
from syntax.fold import fold
from syntax.parser import TEXT_MAX
from tests.fuzz.syntax.test_messages import HOSTILE

ROUND_NS = 20_000_000
"""CPU time of one round, about: long enough for the clock, short enough to be let alone."""

MESSAGES = {  # message → microseconds that it may take
    "DC": 6.0,
    "dc 001085012345": 6.0,
    "Soạn DC HD gửi 5505": 6.0,
    "DC MUC THE": 6.0,
    "DC có dấu": 6.0,
    "DC TB TRANG 2": 6.0,
    "DC 001 085 O12345\nNguyễn Văn An": 0,
    "DC 00108501234": 0,
    "xin chào, cho em hỏi": 0,
}

RECORD = {
    "full_name": "Nguyễn Thị Hồng Nhung",
    "date_of_birth": dt.date(1985, 4, 30),
    "sex": "Nữ",
    "citizen_id": "001185012345",
    "permanent_residence": "Số 12 ngõ 34 phố Huế, phường Hai Bà Trưng, thành phố Hà Nội",
}
COMPOSING_MAX = 8.0
"""Microseconds that a reply of five fields without accents may take."""

LENGTHS = (1_000, 10_000, 100_000)


def median(work: Callable[[], object], rounds: int) -> float:
    """Microseconds of CPU that one call takes, the median over rounds."""
    began = time.process_time_ns()
    work()
    calls = max(1, min(20_000, ROUND_NS // max(time.process_time_ns() - began, 1_000)))
    times = []
    for _ in range(rounds):
        began = time.process_time_ns()
        for _ in range(calls):
            work()
        times.append((time.process_time_ns() - began) / calls / 1000)
    return statistics.median(times)


def told(name: str, cost: float, limit: float) -> bool:
    """Print a figure; whether it is within its limit."""
    within = not limit or cost <= limit
    print(f"  {name:<40} {cost:8.2f} µs" + (f"   (at most {limit:g}{'' if within else ': TOO MUCH'})" if limit else ""))
    return within


def main() -> int:
    """The figures, and 1 if one is above its limit."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    syntax = load(REFERENCE)
    good = True

    print("Reading a message:")
    for text, limit in MESSAGES.items():
        good &= told(ascii(text) if "\n" in text else text, median(lambda text=text: syntax.read(text), rounds), limit)

    print("Composing a reply of five fields:")
    for text, limit in {"DC": COMPOSING_MAX, "DC DAU": 0}.items():
        reading = syntax.read(text)
        assert isinstance(reading, Read)
        cost = median(lambda reading=reading: syntax.reply_record(reading, RECORD), rounds)
        good &= told("with accents" if reading.accented else "without accents", cost, limit)

    print(f"Loading {REFERENCE.name} with its examples:")
    told("", median(lambda: load(REFERENCE), 3), 0)

    print("Hostile messages, microseconds by length (fold alone: the whole text; read: what the service does):")
    print(
        f"  {'':<30}"
        + "".join(f"{f'fold {n // 1000} kB':>12}" for n in LENGTHS)
        + "   growth"
        + "".join(f"{f'read {n // 1000} kB':>12}" for n in LENGTHS)
    )
    for name, piece in HOSTILE.items():
        texts = [(piece * (length // len(piece) + 1))[:length] for length in LENGTHS]
        folds = [median(lambda text=text: fold(text), 3) for text in texts]
        reads = [median(lambda text=text: syntax.read(text), 3) for text in texts]
        print(
            f"  {name:<30}"
            + "".join(f"{cost:>12.1f}" for cost in folds)
            + f"{folds[-1] / folds[-2]:>8.1f}x"
            + "".join(f"{cost:>12.1f}" for cost in reads)
        )
    print(f"Read after a keyword, in a message of the longest that is read ({TEXT_MAX} characters):")
    worst = max(
        (median(lambda text=text: syntax.read(text), 3), name)
        for name, piece in HOSTILE.items()
        for before in ("DC ", "DC MUC ", "DC 00108501234")
        for text in [(before + piece * TEXT_MAX)[:TEXT_MAX]]
    )
    told(f"the worst: {worst[1]}", worst[0], 0)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
