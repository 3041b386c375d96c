"""The outcome of a run as one page that needs nothing but itself: charts, tables, and on top what a manager wants to know.

Nothing is fetched, nothing runs: the file can be sent by mail and is shown by any browser, by day and by night, and on paper. Every word
is escaped. It holds nothing of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Final

from simulator.load.charts import Line, Mark, histogram, over_time
from simulator.load.checks import Check, Kind
from simulator.load.figures import GOOD, Metric, Verdict
from simulator.load.gathering import Row
from simulator.load.mixes import shown as shown_mix
from simulator.load.outcome import Exit, Outcome
from simulator.load.summary import HEADLINES, english, facts, vietnamese
from simulator.load.units import count, written

STYLE: Final = Path(__file__).with_name("page.css")
WRONGS_SHOWN: Final = 20
"""Wrong replies that are told one by one; the others stand in the JSON document."""

METRICS: Final = {
    Metric.ACKNOWLEDGED: "Acknowledged",
    Metric.FIRST: "First segment of the reply",
    Metric.LAST: "Whole reply",
}
VERDICTS: Final = {
    Verdict.RIGHT: "the reply that was owed: person, text, encoding, sender",
    Verdict.SILENT: "no reply, and none was owed: over the quota, and told so before",
    Verdict.BUSY: "told that the service cannot answer now",
    Verdict.MISSING: "no reply until the end",
    Verdict.TWICE: "the same reply once more",
    Verdict.UNASKED: "a reply to a number that had asked nothing",
    Verdict.OTHER_PERSON: "what another citizen was owed",
    Verdict.OTHER_TEXT: "not the text that was owed",
    Verdict.REFUSED_WRONGLY: "“does not exist”, where there is a record",
    Verdict.DISCLOSED_WRONGLY: "a record, where there must be a refusal",
    Verdict.TRUNCATED: "not all of it",
    Verdict.ENCODING: "in another encoding, or more segments",
    Verdict.SENDER: "from another short code",
    Verdict.NOT_TAKEN: "refused, or never acknowledged",
}
"""Each in words."""
_TONES: Final = {Exit.PASSED: "good", Exit.FAILED: "bad", Exit.VOID: "warn", Exit.INTERRUPTED: "warn"}


def page(outcome: Outcome) -> str:
    """The page, a whole HTML document."""
    word, _ = HEADLINES[outcome.exit_code]
    return document(f"{word}: {outcome.title}", body(outcome))


def document(title: str, inner: str) -> str:
    """A whole HTML document; `inner` is markup."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
<style>
{STYLE.read_text("utf-8")}</style>
</head>
<body>
<main>
{inner}
</main>
</body>
</html>
"""


def body(outcome: Outcome) -> str:
    """What a page says of one run, as markup."""
    return f"""{_head(outcome)}
{_cards(outcome)}
<h2>What was demanded</h2>
{_checks(outcome.checks)}
{_timeline(outcome)}
<h2>How it went</h2>
<div class="charts">
{_charts(outcome)}
</div>
<h2>Latency, since each message was meant to be sent</h2>
{_latencies(outcome)}
<div class="pair">
<div><h2>Verdict on every reply</h2>
{_verdicts(outcome)}</div>
<div><h2>What was sent</h2>
{_kinds(outcome)}</div>
</div>
{_wrongs(outcome)}
{_foot(outcome)}"""


def _head(outcome: Outcome) -> str:
    word, vietnamese_word = HEADLINES[outcome.exit_code]
    about = f'<p class="soft">{escape(outcome.about)}</p>' if outcome.about else ""
    when = f"{outcome.began_at:%Y-%m-%d %H:%M} UTC, {written(outcome.took_s)}"
    return f"""<header>
<div><h1>{escape(outcome.title)}</h1><p class="soft">{when}</p>{about}</div>
<p class="badge {_TONES[outcome.exit_code]}">{word}</p>
</header>
<section class="summary">
<p>{escape(" ".join(english(outcome)))}</p>
<p lang="vi"><b>{escape(vietnamese_word)}.</b> {escape(" ".join(vietnamese(outcome)))}</p>
</section>"""


def _cards(outcome: Outcome) -> str:
    found = facts(outcome)
    judged = sum(outcome.verdicts.values())
    share = f"{_floor_percent(found.right, judged)} %" if judged else "–"
    rate = f"{outcome.replies_per_s:,.0f}/s" if outcome.replies_per_s is not None else "–"
    faults = found.wrong + found.missing
    cards = [
        (rate, "whole replies", ""),
        (found.p50 or "–", "half had theirs within", ""),
        (found.p99 or "–", "99 of 100 had theirs within", ""),
        (share, "as it had to be", "mark-good" if found.right == judged else ""),
        (count(faults), "wrong or missing", "mark-bad" if faults else "mark-good"),
    ]
    inner = "".join(
        f'<p class="card"><b class="{tone}">{text}</b><span class="soft">{words}</span></p>'
        for text, words, tone in cards
    )
    return f'<section class="cards">{inner}</section>'


def _floor_percent(part: int, whole: int) -> str:
    """Three decimals at the most, never rounded up to a hundred."""
    text = f"{100_000 * part // whole / 1000:.3f}"
    return text.rstrip("0").rstrip(".")


def _checks(checks: Sequence[Check]) -> str:
    rows = []
    for check in checks:
        within = "the whole run" if check.since_s is None else f"{check.since_s:g} s to {check.until_s:g} s"
        sense = "must not be" if check.kind is Kind.FAIL_IF else "must be"
        word, tone = ("✓ passed", "good") if check.passed else ("✗ failed", "bad")
        sign = f'<b class="mark-{tone}">{word}</b>'
        rows.append((sign, f"{sense} <code>{escape(check.expression)}</code>", within, escape(check.shown)))
    return table(("", "demand", "of", "measured"), rows, words=(1,))


def _timeline(outcome: Outcome) -> str:
    if not outcome.timeline:
        return ""
    rows = [
        (str(number), f"{done.at_s:g} s", escape(done.what), f'<span class="mark-bad">{escape(done.error)}</span>')
        for number, done in enumerate(outcome.timeline, 1)
    ]
    return f"<h2>What was done to it</h2>\n{table(('', 'at', 'what', ''), rows, words=(2, 3))}"


def _charts(outcome: Outcome) -> str:
    rows, warmup_s = outcome.seconds, outcome.plan.warmup_s
    until_s = rows[-1].second + 1 if rows else outcome.plan.duration_s
    marks = [Mark(done.at_s, number) for number, done in enumerate(outcome.timeline, 1)]

    def of(name: str, style: str, value: str) -> Line:
        return Line(name, style, [(row.second + 0.5, float(getattr(row, value))) for row in rows])

    def chart(title: str, unit: str, lines: Sequence[Line]) -> str:
        return over_time(title, unit, lines, until_s, marks=marks, warmup_s=warmup_s)

    figures = [
        chart(
            "Rate",
            "a second",
            [of("intended", "b", "intended"), of("sent", "c", "sent"), of("replied", "a", "replies")],
        ),
        chart("Latency of the whole reply", "ms", list(_percentiles(rows, Metric.LAST))),
        chart("Latency of the acknowledgement", "ms", list(_percentiles(rows, Metric.ACKNOWLEDGED))),
        chart("Inquiries without an answer", "at the end of a second", [of("open", "a", "outstanding")]),
    ]
    last = outcome.latencies.get(Metric.LAST)
    marked = [("p50", last.p50_ms), ("p95", last.p95_ms), ("p99", last.p99_ms)] if last else []
    figures.append(histogram("Whole replies by latency", last.buckets if last else [], marked))
    figures.append(chart("The simulator's own lag", "ms", [of("lag", "a", "lag_ms")]))
    return "\n".join(figures)


def _percentiles(rows: Sequence[Row], metric: Metric) -> Iterable[Line]:
    known = [(row.second + 0.5, row.latencies[metric]) for row in rows if metric in row.latencies]
    for name, style in (("max", "d"), ("p99", "b"), ("p95", "c"), ("p50", "a")):
        yield Line(name, style, [(at, float(getattr(found, f"{name}_ms"))) for at, found in known], worst=True)


def _latencies(outcome: Outcome) -> str:
    rows = [
        (
            METRICS[metric],
            count(found.count),
            *(
                written(value / 1000)
                for value in (
                    found.mean_ms, found.p50_ms, found.p90_ms, found.p95_ms, found.p99_ms, found.p999_ms, found.max_ms
                )
            ),
        )
        for metric, found in outcome.latencies.items()
    ]  # fmt: skip
    if not rows:
        return "<p>Nothing was measured.</p>"
    return table(("", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"), rows)


def _verdicts(outcome: Outcome) -> str:
    whole = max(1, sum(outcome.verdicts.values()))
    rows = []
    for verdict, number in sorted(outcome.verdicts.items(), key=lambda item: -item[1]):
        tone = "good" if verdict in GOOD else "warn" if verdict is Verdict.BUSY else "bad"
        bar = f'<span class="share mark-{tone}"><i style="width:{max(1.0, 100 * number / whole):.1f}%"></i></span>'
        name = f'<b class="mark-{tone}">{verdict.replace("_", " ")}</b><br><small>{VERDICTS[verdict]}</small>'
        rows.append((name, count(number), bar))
    return table(("", "count", ""), rows, words=(0,))


def _kinds(outcome: Outcome) -> str:
    whole = max(1, sum(outcome.kinds.values()))
    rows = [
        (kind.replace("_", " "), count(number), f"{100 * number / whole:.1f} %")
        for kind, number in outcome.kinds.items()
    ]
    return table(("Kind of message", "count", "share"), rows) if rows else "<p>Not known.</p>"


def _wrongs(outcome: Outcome) -> str:
    if not outcome.wrongs:
        return ""
    rows = [
        (
            f'<b class="mark-bad">{wrong.verdict.replace("_", " ")}</b>',
            f"{wrong.at_s:.1f} s",
            f"{wrong.inquiry} ({escape(wrong.kind)})" if wrong.inquiry >= 0 else "none",
            escape(wrong.what),
        )
        for wrong in outcome.wrongs[:WRONGS_SHOWN]
    ]
    return f"<h2>The first that were wrong</h2>\n{table(('', 'at', 'inquiry', 'what differs'), rows, words=(3,))}"


def _foot(outcome: Outcome) -> str:
    where, plan = outcome.environment, outcome.plan
    quota = f"{plan.quota_per_minute} inquiries a minute of a sender" if plan.quota_per_minute else "no quota"
    return f"""<footer>
<p>{count(where.citizens)} synthetic citizens (seed {where.population_seed}), {where.smscs} SMSC, {where.gateways} gateway; mix {escape(shown_mix(plan.mix))}, {quota}, load seed {plan.seed}; warm-up {plan.warmup_s:g} s; the simulator was late by {outcome.lag_ms:.1f} ms at the worst; {where.processors} processors, {escape(where.machine)}, Python {escape(where.python)}.</p>
<p>Again: <code>{escape(outcome.command)}</code></p>
</footer>"""  # noqa: E501 - a sentence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], words: Sequence[int] = ()) -> str:
    """`words`: the columns that hold sentences. The cells may have markup."""

    def cell(tag: str, place: int, text: str) -> str:
        style = ' class="words"' if place in words else ""
        return f"<{tag}{style}>{text}</{tag}>"

    lines = ["".join(cell("th", place, escape(head)) for place, head in enumerate(heads))]
    lines += ["".join(cell("td", place, text) for place, text in enumerate(row)) for row in rows]
    return f'<div class="table"><table>{"".join(f"<tr>{line}</tr>" for line in lines)}</table></div>'
