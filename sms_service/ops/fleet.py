"""All instances put together as one service.

Figures of instances that are heard add up; those of one that has fallen silent count no more, and it is named instead. Times
of replies are put together as counts, never as percentiles. A part is as ill as it is for the instance that finds it worst.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sms_service.model import BindState
from sms_service.ops.exchange import SILENT_S, Seen
from sms_service.ops.figures import Flow, InstanceState, Notice
from sms_service.ops.latency import percentile, together
from sms_service.ops.overview import (
    BindAt,
    InstanceOverview,
    Overview,
    PartAt,
    PartOverview,
    SmscOverview,
    Span,
    Yardsticks,
)


def overview(
    own: Notice, others: Sequence[Seen], bounds: Sequence[float], limits: Yardsticks, alone: str = ""
) -> Overview:
    """Put together what is known. `bounds` are those of the buckets of reply times; `alone`: see there."""
    heard = [other.notice for other in others if other.silent_s < SILENT_S and not alone]
    notices = sorted([own, *heard], key=lambda notice: notice.instance)
    instances = [_instance(notice, bounds) for notice in notices]
    instances += [_silent(other) for other in others if other.notice not in heard]
    backlogs = [notice.backlog for notice in notices if notice.backlog]
    ages = [notice.oldest_s for notice in notices] + [backlog.oldest_s for backlog in backlogs]
    return Overview(
        instance=own.instance,
        number=own.number,
        at=own.at,
        second=_span([one.second for one in notices], together(one.latency_second for one in notices), bounds),
        minute=_span([one.minute for one in notices], together(one.latency_minute for one in notices), bounds),
        total=_span([one.total for one in notices], {}, bounds),
        in_flight=sum(notice.in_flight for notice in notices),
        in_flight_max=sum(notice.in_flight_max for notice in notices),
        oldest_s=round(max(ages), 3),
        unreadable=sum(notice.unreadable for notice in notices),
        backlog=own.backlog or next(iter(backlogs), None),
        smscs=_smscs(notices),
        parts=_parts(notices),
        instances=tuple(sorted(instances, key=lambda one: one.instance)),
        alone=alone,
        limits=limits,
    )


def _span(flows: Sequence[Flow], latencies: Mapping[int, int], bounds: Sequence[float]) -> Span:
    def total(figure: str) -> float:
        amount: float = sum(getattr(flow, figure) for flow in flows)
        return round(amount, 3)

    def by_label(figure: str) -> dict[str, float]:
        sums: Counter[str] = Counter()
        for flow in flows:
            sums.update(getattr(flow, figure))
        return {label: round(value, 3) for label, value in sums.items()}

    return Span(
        received=total("received"),
        accepted=total("accepted"),
        replied=total("replied"),
        finished=total("finished"),
        endings=by_label("endings"),
        segments=total("segments"),
        throttled=total("throttled"),
        turned_away=by_label("turned_away"),
        duplicates=total("duplicates"),
        discarded=total("discarded"),
        uncertain=total("uncertain"),
        resumed=total("resumed"),
        p50_ms=_ms(percentile(latencies, bounds, 50)),
        p95_ms=_ms(percentile(latencies, bounds, 95)),
        p99_ms=_ms(percentile(latencies, bounds, 99)),
    )


def _smscs(notices: Sequence[Notice]) -> tuple[SmscOverview, ...]:
    names = dict.fromkeys(smsc.name for notice in notices for smsc in notice.smscs)
    told = []
    for name in names:
        figures = [smsc for notice in notices for smsc in notice.smscs if smsc.name == name]
        binds = tuple(
            BindAt(notice.instance, bind)
            for notice in notices
            for smsc in notice.smscs
            if smsc.name == name
            for bind in smsc.binds
        )
        told.append(
            SmscOverview(
                name=name,
                bound=sum(at.bind.state is BindState.BOUND for at in binds),
                in_window=sum(at.bind.in_window for at in binds),
                window=sum(at.bind.window for at in binds),
                window_max=sum(at.bind.window_max for at in binds),
                accepted=round(sum(one.second.accepted for one in figures), 3),
                segments=round(sum(one.second.segments for one in figures), 3),
                throttled=round(sum(one.second.throttled for one in figures), 3),
                accepted_minute=sum(one.minute.accepted for one in figures),
                segments_minute=sum(one.minute.segments for one in figures),
                throttled_minute=sum(one.minute.throttled for one in figures),
                binds=binds,
            )
        )
    return tuple(told)


def _parts(notices: Sequence[Notice]) -> tuple[PartOverview, ...]:
    names = dict.fromkeys(part.name for notice in notices for part in notice.parts)
    told = []
    for name in names:
        at = tuple(
            PartAt(notice.instance, part.why, part.ms)
            for notice in notices
            for part in notice.parts
            if part.name == name
        )
        down = [one for one in at if one.why]
        told.append(
            PartOverview(
                name=name,
                down_at=tuple(one.instance for one in down),
                everywhere=bool(down) and len(down) == len(at),
                why=down[0].why if down else "",
                ms=max(one.ms for one in at),
                instances=at,
            )
        )
    return tuple(told)


def _instance(notice: Notice, bounds: Sequence[float]) -> InstanceOverview:
    return InstanceOverview(
        instance=notice.instance,
        state=notice.state,
        silent_s=0.0,
        started_at=notice.started_at,
        accepted=round(notice.second.accepted, 3),
        replied=round(notice.second.replied, 3),
        in_flight=notice.in_flight,
        in_flight_max=notice.in_flight_max,
        oldest_s=round(notice.oldest_s, 3),
        orders=notice.orders,
        p95_ms=_ms(percentile(notice.latency_minute, bounds, 95)),
    )


def _silent(other: Seen) -> InstanceOverview:
    """What it had in flight stands as it was last heard: that is what others must take over."""
    last = other.notice
    return InstanceOverview(
        instance=last.instance,
        state=InstanceState.SILENT,
        silent_s=round(other.silent_s, 1),
        started_at=last.started_at,
        accepted=0.0,
        replied=0.0,
        in_flight=last.in_flight,
        in_flight_max=last.in_flight_max,
        oldest_s=round(last.oldest_s, 3),
        orders=last.orders,
        p95_ms=None,
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
