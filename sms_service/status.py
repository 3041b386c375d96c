"""What the dashboard shows, as lines of a terminal.

The sentences are the gateway's own (`/api/stats`); here are only the tables beneath them. Pure: the answer goes in, lines come out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any, Final

import click

LEVELS: Final = {"well": ("✓", "green", 0), "warn": ("!", "yellow", 3), "bad": ("✗", "red", 1)}
"""By level of the verdict: mark, colour, exit code."""
PARTS: Final = ("journal", "subscribers", "population", "redis")
GAP: Final = "   "
"""Between two columns."""

Stats = dict[str, Any]
"""What `/api/stats` answers."""


def exit_code(stats: Stats) -> int:
    """0: citizens are answered; 3: they are, and somebody should look; 1: they, or some of them, are not."""
    return LEVELS[stats["verdict"]["level"]][2]


def lines(stats: Stats, language: str) -> list[str]:
    """The whole view. `language`: "en" or "vi", of the sentences."""
    view = stats["view"]
    told: list[str] = []
    for finding in stats["findings"]:
        mark, colour, _ = LEVELS[finding["level"]]
        told.append(click.style(f"{mark} {finding[language]['say']}", fg=colour, bold=True))
        told.append(f"  {finding[language]['do']}")
        if finding["why"] and finding["level"] != "well":
            told.append(click.style(f"  {finding['why']}", dim=True))
    told += ["", *_figures(view), "", *_smscs(view), "", *_parts(view), "", *_endings(view), "", *_instances(view)]
    return told


def _figures(view: Stats) -> list[str]:
    second, minute = view["second"], view["minute"]
    times = "   ".join(f"p{name} {_ms(minute[f'p{name}_ms'])}" for name in (50, 95, 99))
    now = (
        f"inquiries {second['accepted']:.0f}/s   replies {second['replied']:.0f}/s   "
        f"in flight {view['in_flight']:,} of {view['in_flight_max']:,}   longest wait {_ms(view['oldest_s'] * 1000)}"
    )
    return [now, f"last minute: {minute['replied']:,.0f} replied   {times}"]


def _smscs(view: Stats) -> list[str]:
    rows = []
    for smsc in view["smscs"]:
        why = next((at["bind"]["why"] for at in smsc["binds"] if at["bind"]["why"]), "")
        level = "bad" if not smsc["bound"] else "warn" if smsc["bound"] < len(smsc["binds"]) else "well"
        cells = (
            smsc["name"],
            f"{smsc['bound']}/{len(smsc['binds'])}",
            f"{smsc['in_window']}/{smsc['window']}",
            f"{smsc['accepted']:.0f}",
            f"{smsc['segments']:.0f}",
            f"{smsc['throttled_minute']:.0f}",
            why,
        )
        rows.append((level, cells))
    return _table(("SMSC", "binds", "window", "in/s", "out/s", "throttled/min", ""), rows, words=(0, 6))


def _parts(view: Stats) -> list[str]:
    known = {part["name"]: part for part in view["parts"]}
    rows = []
    for part in (known[name] for name in PARTS if name in known):
        level = "well" if not part["down_at"] else "bad" if part["everywhere"] and part["name"] != "redis" else "warn"
        where = "" if part["everywhere"] else f" ({', '.join(part['down_at'])})"
        rows.append((level, (part["name"], _ms(part["ms"]) if not part["down_at"] else f"does not respond{where}")))
    return _table(("part", "answers in"), rows, words=(0, 1))


def _endings(view: Stats) -> list[str]:
    minute, total = view["minute"]["endings"], view["total"]["endings"]
    rows = [("", (name, f"{minute.get(name, 0):,.0f}", f"{count:,.0f}")) for name, count in total.items() if count]
    return _table(("ending", "last minute", "since the start"), rows or [("", ("none yet", "", ""))])


def _instances(view: Stats) -> list[str]:
    rows = []
    for one in view["instances"]:
        silent = one["state"] == "silent"
        level = "well" if one["state"] == "serving" else "bad" if silent else "warn"
        state = f"silent for {one['silent_s']:.0f} s" if silent else one["state"]
        figures = ("", "") if silent else (f"{one['accepted']:.0f}", f"{one['replied']:.0f}")
        rows.append((level, (one["instance"], state, *figures, f"{one['in_flight']:,}", _ms(one["p95_ms"]))))
    return _table(("instance", "state", "in/s", "replies/s", "in flight", "p95"), rows, words=(0, 1))


def _table(head: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]], words: Container[int] = (0,)) -> list[str]:
    """Columns as wide as what is in them: those of words lean left, figures right. A row has the colour of its level, unless all
    is well.
    """
    rows = list(rows)
    widths = [max(len(cells[column]) for cells in (head, *(cells for _, cells in rows))) for column in range(len(head))]

    def row(cells: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if column in words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return GAP.join(padded).rstrip()

    told = [click.style(row(head), dim=True)]
    for level, cells in rows:
        colour = LEVELS[level][1] if level in {"warn", "bad"} else None
        told.append(click.style(row(cells), fg=colour))
    return told


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    if not value:
        return "0"
    if value < 1000:
        return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"
    return f"{value / 1000:.1f} s"
