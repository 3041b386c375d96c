"""Finishing: the ending is committed, the sealed content forgotten, the place given back.

Tried until it succeeds: an inquiry whose ending is not recorded would be answered again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from sms_service.model import Finished, Run, Stage
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.patience import Patience
from sms_service.ports import UNTRACED, Clock, Journal, PortError, Tracer, Volatile


class Finishing:
    """The last stage."""

    def __init__(
        self,
        *,
        run: Run,
        journal: Journal,
        volatile: Volatile,
        in_flight: InFlight,
        forget: Callable[[Sequence[int]], None],
        clock: Clock,
        metrics: Metrics,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._run = run
        self._journal = journal
        self._volatile = volatile
        self._in_flight = in_flight
        self._forget = forget
        self._clock = clock
        self._metrics = metrics
        self._tracer = tracer
        self._patience = Patience("journal", clock, metrics)

    async def handle(self, batch: list[Finished]) -> None:
        """Record endings.

        What is answered is remembered before its row goes: from one to the other a redelivered message finds it in both,
        never in neither.
        """
        known = [inquiry for finished in batch if (inquiry := self._in_flight.get(finished.inquiry_id)) is not None]
        await self._volatile.remember([(inquiry.digest, inquiry.link) for inquiry in known])
        while True:
            try:
                recorded = await self._journal.finish(self._run, batch)
            except PortError as error:
                self._patience.failed(error)
                await self._patience.pause()
                continue
            break
        self._patience.succeeded()
        self._tracer.reached(Stage.FINISHED, (finished.inquiry_id for finished in batch))
        ours = [finished for finished, is_ours in zip(batch, recorded, strict=True) if is_ours]
        self._in_flight.remove([finished.inquiry_id for finished in batch])
        self._forget([finished.inquiry_id for finished in batch])
        for ending, count in Counter(finished.ending for finished in ours).items():
            self._metrics.ending(ending.value, count)
        self._metrics.uncertain.inc(sum(finished.uncertain for finished in ours))
        now = self._clock.monotonic()
        self._metrics.reply_seconds.observe([now - inquiry.since for inquiry in known])
