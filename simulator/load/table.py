"""The outcome of a run on the terminal."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.load.checks import Check, Kind
from simulator.load.figures import GOOD, Verdict
from simulator.load.mixes import shown as shown_mix
from simulator.load.outcome import Exit, Outcome
from simulator.load.units import count, written

WRONGS_SHOWN: Final = 5
"""Wrong replies that are told one by one; the others stand in the JSON file."""
_WORDS: Final = {
    Exit.PASSED: ("PASSED", "bold green"),
    Exit.FAILED: ("FAILED", "bold red"),
    Exit.VOID: ("VOID: the run says nothing", "bold yellow"),
    Exit.INTERRUPTED: ("INTERRUPTED", "bold yellow"),
}
_METRICS: Final = {"acknowledged": "acknowledged", "first": "first segment", "last": "whole reply"}


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Print it."""
    word, style = _WORDS[outcome.exit_code]
    stopped = ", ended early" if outcome.stopped else ""
    console.print()
    console.print(Text.assemble((word, style), f"{stopped}   {outcome.title}"))
    for reason in outcome.void:
        console.print(Text(f"  {reason}", "yellow"))
    console.print(Text(f"  {_load(outcome)}"), soft_wrap=True)
    console.print(_latencies(outcome))
    console.print(_verdicts(outcome))
    for wrong in outcome.wrongs[:WRONGS_SHOWN]:
        where = f"inquiry {wrong.inquiry} ({wrong.kind})" if wrong.inquiry >= 0 else "no inquiry"
        console.print(Text(f"  {wrong.verdict} at {wrong.at_s:.1f} s, {where}: {wrong.what}", "red"))
    more = len(outcome.wrongs) - WRONGS_SHOWN
    if more > 0:
        console.print(Text(f"  and {more} more, in the JSON file (--json)"))
    for done in outcome.timeline:
        console.print(Text(f"  {done.at_s:6.1f} s  {done.what}{f': {done.error}' if done.error else ''}"))
    for check in outcome.checks:
        console.print(_check(check))


def _load(outcome: Outcome) -> str:
    where = outcome.environment
    parts = [
        f"{count(outcome.inquiries)} inquiries",
        f"{outcome.replies_per_s:,.1f} replies a second" if outcome.replies_per_s is not None else "no rate measured",
        f"mix {shown_mix(outcome.plan.mix)}",
        f"{where.smscs} SMSC{'s' * (where.smscs > 1)}, {where.gateways} gateway{'s' * (where.gateways != 1)}",
        f"simulator's lag {outcome.lag_ms:.1f} ms",
    ]
    if outcome.intended_per_s is not None:
        parts.insert(1, f"{outcome.intended_per_s:,.1f}/s intended")
    return ", ".join(parts)


def _latencies(outcome: Outcome) -> Table:
    warmup = f", without {written(outcome.plan.warmup_s)} of warm-up" if outcome.plan.warmup_s else ""
    title = f"Latency in ms since the intended sending{warmup}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    for metric, found in outcome.latencies.items():
        figures = (
            found.mean_ms, found.p50_ms, found.p90_ms, found.p95_ms, found.p99_ms, found.p999_ms, found.max_ms
        )  # fmt: skip
        table.add_row(_METRICS[metric], count(found.count), *(_figure(figure) for figure in figures))
    if not outcome.latencies:
        table.add_row("nothing measured")
    return table


def _figure(ms: float) -> str:
    """Short enough for a line of 80 characters; from ten seconds on as seconds."""
    return f"{ms / 1000:,.1f} s" if ms >= 10_000 else f"{ms:,.0f}" if ms >= 1000 else f"{ms:.1f}"


def _verdicts(outcome: Outcome) -> Table:
    table = Table(title="Verdict on every reply", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("verdict")
    table.add_column("count", justify="right")
    table.add_column("share", justify="right")
    whole = max(1, sum(outcome.verdicts.values()))
    for verdict, number in sorted(outcome.verdicts.items(), key=lambda item: -item[1]):
        style = "green" if verdict in GOOD else "yellow" if verdict is Verdict.BUSY else "red"
        table.add_row(Text(verdict, style), count(number), f"{100 * number / whole:.3f} %")
    return table


def _check(check: Check) -> Text:
    within = "" if check.since_s is None else f" from {check.since_s:g} s to {check.until_s:g} s"
    sense = "fails if" if check.kind is Kind.FAIL_IF else "must be"
    mark, style = ("✓", "green") if check.passed else ("✗", "red")
    return Text.assemble((f"  {mark} ", style), f"{sense} {check.expression}{within}: {check.shown}")
