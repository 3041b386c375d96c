"""Charts as SVG, drawn into the page that shows them: lines over time, and a histogram. Colours are the page's (`page.css`).

A line is told from another by its dashes too, for those who do not see colours and for printers that have none; what a chart says
is also said in words for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from msgspec import Struct

from simulator.load.outcome import Bucket
from simulator.load.scales import Axis, clock, fitting, linear, number, of_time, thinned

WIDTH: Final = 520
HEIGHT: Final = 250
LEFT, RIGHT, TOP, BOTTOM = 50, 14, 16, 30
"""Room for the ticks, in the same units."""
_SAMPLE: Final = '<svg viewBox="0 0 24 8" aria-hidden="true"><path d="M0 4H24"/></svg>'
"""Of a line, in a legend."""
_FIELD_W, _FIELD_H = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM


class Line(Struct, frozen=True):
    """One line: its name, its class in the style sheet, and its points as (seconds, value)."""

    name: str
    style: str
    points: Sequence[tuple[float, float]]
    worst: bool = False
    """Where points fall together the largest is drawn, not the mean."""


class Mark(Struct, frozen=True):
    """A moment that something happened in."""

    at_s: float
    number: int


def over_time(
    title: str, unit: str, lines: Sequence[Line], until_s: float, *, marks: Sequence[Mark] = (), warmup_s: float = 0
) -> str:
    """A figure with lines over the seconds of a run, and their legend."""
    drawn = [line for line in lines if line.points]
    values = [value for line in drawn for _, value in line.points]
    if not values:
        return _figure(title, "<p>Nothing was measured.</p>")
    x, y = of_time(until_s), fitting(values) if unit == "ms" else linear(max(values))
    parts = [_grid(x, y)]
    if warmup_s:
        width = x.place(min(warmup_s, until_s)) * _FIELD_W
        parts.append(f'<rect class="warmup" x="{LEFT}" y="{TOP}" width="{width:.1f}" height="{_FIELD_H}"/>')
    parts += [_mark(mark, x) for mark in marks if mark.at_s <= x.high]
    parts += [_line(line, x, y) for line in drawn]
    scale = ", logarithmic" if y.is_log else ""
    legend = "".join(f'<li class="{line.style}">{_SAMPLE}{escape(line.name)}</li>' for line in drawn)
    said = "; ".join(f"{line.name} up to {max(value for _, value in line.points):,.4g} {unit}" for line in drawn)
    return _figure(f"{title} <small>({unit}{scale})</small>", _svg(parts, f"{title}: {said}"), legend)


def histogram(title: str, buckets: Sequence[Bucket], marks: Sequence[tuple[str, float]]) -> str:
    """A figure of how often each latency was, with percentiles marked; both axes say what they are."""
    if not buckets:
        return _figure(title, "<p>Nothing was measured.</p>")
    y = linear(max(bucket.count for bucket in buckets))
    width = _FIELD_W / len(buckets)
    parts = [_grid(Axis(0, 1, (), is_log=False), y)]
    for place, bucket in enumerate(buckets):
        height = y.place(bucket.count) * _FIELD_H
        if bucket.count:
            parts.append(
                f'<rect class="bar" x="{LEFT + place * width + 0.5:.1f}" y="{TOP + _FIELD_H - height:.1f}" '
                f'width="{max(width - 1, 0.5):.1f}" height="{height:.1f}">'
                f"<title>up to {bucket.until_ms:g} ms: {bucket.count:,}</title></rect>"
            )
    step = max(1, round(len(buckets) / 8))
    parts += [
        _x_text(LEFT + (place + 1) * width, f"{buckets[place].until_ms:g}")
        for place in range(step - 1, len(buckets), step)
    ]
    for row, (name, value) in enumerate(marks):
        at = LEFT + _place_in(buckets, value) * width
        anchor = "end" if at > LEFT + 0.75 * _FIELD_W else "start"
        shift = -4 if anchor == "end" else 4
        parts.append(
            f'<path class="mark" d="M{at:.1f} {TOP}V{TOP + _FIELD_H}"/>'
            f'<text class="tick" text-anchor="{anchor}" x="{at + shift:.1f}" y="{TOP + 10 + 14 * row}">{escape(name)}</text>'
        )
    said = ", ".join(f"{name} {value:,.4g} ms" for name, value in marks)
    return _figure(f"{title} <small>(count by ms, each step a quarter more)</small>", _svg(parts, f"{title}: {said}"))


def over_rates(title: str, unit: str, points: Sequence[tuple[float, float, bool]], limit: float | None) -> str:
    """A figure of what was measured at each rate, as (rate, value, whether it passed), with a limit across."""
    if not points:
        return _figure(title, "<p>Nothing was measured.</p>")
    x = linear(max(rate for rate, _, _ in points))
    y = fitting([*(value for _, value, _ in points), *([] if limit is None else [limit])])
    parts = [_grid(x, y, number)]
    if limit is not None:
        parts.append(f'<path class="mark" d="M{LEFT} {_y(y, limit):.1f}H{WIDTH - RIGHT}"/>')
    for rate, value, passed in points:
        at, height, style = LEFT + x.place(rate) * _FIELD_W, _y(y, value), "pass" if passed else "fail"
        shape = f"M{at - 5:.1f} {height:.1f}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0"
        cross = f"M{at - 5:.1f} {height - 5:.1f}l10 10m0 -10l-10 10"
        said = f"{number(rate)} a second: {value:,.4g} {unit}, {'passed' if passed else 'failed'}"
        parts.append(f'<path class="{style}" d="{shape if passed else cross}"><title>{said}</title></path>')
    scale = ", logarithmic" if y.is_log else ""
    caption = f"{title} <small>({unit}{scale}, by inquiries a second; ● passed, × failed)</small>"
    said = "; ".join(f"{number(rate)} a second: {value:,.4g} {unit}" for rate, value, _ in points)
    return _figure(caption, _svg(parts, f"{title}: {said}"))


def _place_in(buckets: Sequence[Bucket], value_ms: float) -> float:
    for place, bucket in enumerate(buckets):
        if value_ms <= bucket.until_ms:
            return place + 0.5
    return float(len(buckets))


def _y(axis: Axis, value: float) -> float:
    return TOP + _FIELD_H * (1 - axis.place(value))


def _grid(x: Axis, y: Axis, x_text: Callable[[float], str] = clock) -> str:
    parts = []
    for tick in y.ticks:
        at = _y(y, tick)
        parts.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="tick" text-anchor="end" x="{LEFT - 6}" y="{at + 4:.1f}">{number(tick)}</text>')
    parts += [_x_text(LEFT + x.place(tick) * _FIELD_W, x_text(tick)) for tick in x.ticks]
    return "".join(parts)


def _x_text(at: float, text: str) -> str:
    anchor = "end" if at > WIDTH - RIGHT - 8 else "middle"
    return f'<text class="tick" text-anchor="{anchor}" x="{at:.1f}" y="{HEIGHT - 10}">{text}</text>'


def _line(line: Line, x: Axis, y: Axis) -> str:
    places = [
        f"{LEFT + x.place(at) * _FIELD_W:.1f} {_y(y, value):.1f}"
        for at, value in thinned(line.points, worst=line.worst)
    ]
    if len(places) == 1:
        places.append(places[0])  # a round cap shows as a dot
    return f'<path class="line {line.style}" d="M{"L".join(places)}"><title>{escape(line.name)}</title></path>'


def _mark(mark: Mark, x: Axis) -> str:
    at = LEFT + x.place(mark.at_s) * _FIELD_W
    return (
        f'<path class="mark" d="M{at:.1f} {TOP}V{TOP + _FIELD_H}"/>'
        f'<text class="tick" text-anchor="middle" x="{at:.1f}" y="{TOP - 4}">{mark.number}</text>'
    )


def _svg(parts: Sequence[str], said: str) -> str:
    body = "".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">{body}</svg>'


def _figure(title: str, body: str, legend: str = "") -> str:
    """`title` may have markup."""
    ends = f"<ul>{legend}</ul>" if legend else ""
    return f"<figure><figcaption>{title}</figcaption>{ends}{body}</figure>"
