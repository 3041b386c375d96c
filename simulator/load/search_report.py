"""What a search found, on the terminal, as JSON and as a page: the answer, and every trial as its evidence."""

from __future__ import annotations

from html import escape
from typing import Final

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.load.charts import over_rates
from simulator.load.expressions import Expression, parse
from simulator.load.figures import Metric
from simulator.load.outcome import Exit, Outcome
from simulator.load.page import body, document, table
from simulator.load.search import Ending, Found, Trial

_ENDINGS: Final = {
    Ending.FOUND: "The next higher rate that was tried failed.",
    Ending.TRIALS: "The trials were used up; between this rate and the lowest that failed nothing is known.",
    Ending.LIMIT: "It is the highest that was to be tried: the service may sustain more.",
    Ending.SIMULATOR: "Above it the simulator itself could not send, or lagged: where the service's limit is was not found.",
    Ending.NONE: "Not even the lowest rate that was tried kept the objective.",
    Ending.STOPPED: "The search was interrupted.",
    Ending.LOST: "Then the simulator was lost: where the service's limit is was not found.",
}


def exit_code(found: Found) -> Exit:
    """0 with an answer; 1 without one; 3 when that is the simulator's fault; 130 when it was interrupted."""
    if found.ending is Ending.STOPPED:
        return Exit.INTERRUPTED
    if found.sustained_per_s is not None:
        return Exit.PASSED
    return Exit.VOID if found.ending is Ending.SIMULATOR else Exit.FAILED


def answer(found: Found) -> str:
    """The answer in a sentence."""
    objective = " and ".join(found.objective)
    if found.sustained_per_s is None:
        return f"No rate was found at which {objective} holds. {_ENDINGS[found.ending]}"
    failed = f" At {found.failed_per_s:,g} it failed." if found.failed_per_s and found.ending is Ending.TRIALS else ""
    least = "At least " if found.ending in (Ending.SIMULATOR, Ending.LIMIT, Ending.STOPPED, Ending.LOST) else ""
    return f"{least}{found.sustained_per_s:,g} inquiries a second are sustained with {objective}. {_ENDINGS[found.ending]}{failed}"


def answer_vietnamese(found: Found) -> str:
    """The same, shorter."""
    if found.sustained_per_s is None:
        return "Không tìm được tốc độ nào mà hệ thống giữ được mục tiêu."
    rate = f"{found.sustained_per_s:,g}".translate(str.maketrans(",.", ".,"))
    return f"Hệ thống trả lời đúng và đủ {rate} yêu cầu mỗi giây trong mục tiêu đã đặt."


def print_found(console: Console, found: Found) -> None:
    """Print it."""
    rows = Table(title="Trials", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("trial", "replies/s", "p50 ms", "p99 ms", ""):
        rows.add_column(column, justify="left" if column in ("trial", "") else "right")
    for trial in found.trials:
        rows.add_row(*_cells(trial), Text(trial.why, "green" if trial.passed else "red"))
    console.print()
    console.print(rows)
    console.print(Text(answer(found), "bold"))


def found_json(found: Found) -> bytes:
    """The document, indented."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def found_page(found: Found) -> str:
    """The page: the answer, the trials, and the run at the highest rate that passed, or the last."""
    rows = [
        (
            *map(escape, _cells(trial)),
            f'<span class="mark-{"good" if trial.passed else "bad"}">{escape(trial.why)}</span>',
        )
        for trial in found.trials
    ]
    shown = [parse(text) for text in found.objective]
    figures = "\n".join(_figure(found, expression) for expression in shown)
    tone = {Exit.PASSED: "good", Exit.FAILED: "bad", Exit.VOID: "warn", Exit.INTERRUPTED: "warn"}[exit_code(found)]
    badge = f"{found.sustained_per_s:,g}/s" if found.sustained_per_s is not None else "Not found"
    evidence = _evidence(found)
    detail = ""
    if evidence is not None and evidence.outcome is not None:
        detail = f"<h2>The evidence: {escape(evidence.name)}</h2>\n{body(evidence.outcome)}"
    return document(
        "Sustainable rate",
        f"""<header><h1>Sustainable rate</h1><p class="badge {tone}">{badge}</p></header>
<section class="summary"><p>{escape(answer(found))}</p><p lang="vi">{escape(answer_vietnamese(found))}</p></section>
<h2>Trials</h2>
{table(("trial", "replies/s", "p50 ms", "p99 ms", ""), rows, words=(4,))}
<h2>By rate</h2>
<div class="charts">
{figures}
</div>
{detail}""",
    )


def _figure(found: Found, expression: Expression) -> str:
    """What the objective speaks of, at each rate; of a count or a rate the value itself."""
    unit, factor = ("ms", 1000.0) if expression.metric is not None else ("%" if expression.percent else "measured", 1.0)
    points = [
        (trial.rate_per_s, check.value / factor, trial.passed)
        for trial in found.trials
        if trial.outcome is not None
        for check in trial.outcome.checks
        if check.expression == expression.text and check.value is not None
    ]
    return over_rates(escape(expression.text), unit, points, expression.limit / factor)


def _evidence(found: Found) -> Trial | None:
    passed = [trial for trial in found.trials if trial.passed]
    known = [trial for trial in found.trials if trial.outcome is not None]
    return max(passed, key=lambda trial: trial.rate_per_s, default=known[-1] if known else None)


def _cells(trial: Trial) -> tuple[str, str, str, str]:
    outcome = trial.outcome
    last = outcome.latencies.get(Metric.LAST) if outcome is not None else None
    return (
        trial.name,
        _rate(outcome),
        f"{last.p50_ms:,.1f}" if last else "–",
        f"{last.p99_ms:,.1f}" if last else "–",
    )


def _rate(outcome: Outcome | None) -> str:
    return f"{outcome.replies_per_s:,.1f}" if outcome is not None and outcome.replies_per_s is not None else "–"
