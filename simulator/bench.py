"""`./sms bench`: what the simulated SMSC itself costs, against an ESME that answers at once.

Messages go out over real sockets and the answers come back over them, in closed loop; nothing is looked up. With a verdict it is a load
run that is measured: senders, inquiries that differ, every reply compared with what is owed, latencies in histograms. What counts is the
processor time of this process: on a machine that is shared the rate says how much of it was given, and the processor time what the
simulator needs. An exchange is four PDUs: deliver_sm, its answer, submit_sm, its answer.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click
import uvloop

from simulator.echo import TEXT
from simulator.load.figures import Ended, Verdict
from simulator.load.owed import Owed
from simulator.load.plan import DURATION_MAX_S, MIXES, Plan
from simulator.load.run import TICK_S, Run
from simulator.load.senders import Queue
from simulator.load.traffic import Traffic
from simulator.load.verdict import Judge
from simulator.population import Population
from simulator.smsc.accounts import ACCOUNT_DEFAULT, SHORT_CODE, parse_account
from simulator.smsc.backlog import Delivery
from simulator.smsc.center import Center
from simulator.smsc.watcher import Settled, Submitted
from sms_service.smpp import DeliverSm, Npi, Prepared, SessionSettings, Ton
from sms_service.sms import Alphabet
from syntax import REFERENCE, load

ROOT: Final = Path(__file__).resolve().parent.parent
HOST: Final = "127.0.0.1"
PHONES: Final = 10_000
"""Senders that take turns."""
ECHO_START_S: Final = 20.0
"""For the echo to bind."""
DRAIN_S: Final = 10.0
"""For the last answers to come."""


class Exchanges:
    """Keeps so many messages on their way, and counts what came back."""

    def __init__(self, center: Center, outstanding: int) -> None:
        self.replies = 0
        self.acknowledged = 0
        self.sent = 0
        self._center = center
        self._outstanding = outstanding
        self._next = 0
        self._going = True
        self._prepared = [
            Prepared(
                DeliverSm(
                    source_addr_ton=Ton.INTERNATIONAL, source_addr_npi=Npi.ISDN, source_addr=f"8491{number:07}",
                    destination_addr=SHORT_CODE, short_message=b"DC",
                )
            )
            for number in range(PHONES)
        ]  # fmt: skip
        center.watcher = self

    @property
    def exchanges(self) -> int:
        """Those that are complete."""
        return min(self.replies, self.acknowledged)

    @property
    def done(self) -> bool:
        """Nothing is on its way, and nothing will be."""
        return not self._going and self.outstanding == 0

    @property
    def outstanding(self) -> int:
        """Messages without an acknowledgement and a reply."""
        return self.sent - self.exchanges

    def tick(self) -> None:
        """Send the first; each reply sends the next."""
        if not self.sent:
            self._send(self._outstanding)

    def stop(self) -> None:
        """Send no more."""
        self._going = False

    def settled(self, deliveries: Sequence[Settled], now: float) -> None:  # noqa: ARG002 - see `Watcher`
        """See `Watcher`."""
        self.acknowledged += len(deliveries)

    def submitted(self, segments: Sequence[Submitted], now: float) -> Sequence[Submitted]:  # noqa: ARG002 - see `Watcher`
        """See `Watcher`."""
        self.replies += len(segments)
        if self._going:
            self._send(len(segments))
        return ()

    def _send(self, count: int) -> None:
        prepared, start, now = self._prepared, self._next, self._center.now()
        self._next = (start + count) % PHONES
        self.sent += count
        self._center.offer(
            SHORT_CODE, [Delivery(prepared[(start + number) % PHONES], now, number) for number in range(count)]
        )


class Judged:
    """A load run in closed loop, whose senders are owed what the echo says."""

    def __init__(self, center: Center, outstanding: int) -> None:
        plan = Plan(concurrency=outstanding, duration_s=DURATION_MAX_S, mix=MIXES["plain"], quota_per_minute=0)
        syntax = load(REFERENCE)
        population = Population(citizens=PHONES, seed=1)
        traffic = Traffic(population, syntax, plan.mix, seed=1, share=0, shares=1, alphabet=Alphabet.GSM7)
        owed = Owed(TEXT.decode(), 0, (TEXT,), SHORT_CODE, personal=True, single=TEXT)
        senders = list(traffic.senders(PHONES, 0))
        for sender in senders:
            sender.owed = owed
        judge = Judge(
            senders, refusal=syntax.refusal, busy=syntax.busy, notice=syntax.over_quota, alphabet=Alphabet.GSM7
        )
        self._run = Run(
            plan, None, senders=senders, queue=Queue(senders, 0, {}, 0.0), judge=judge, smsc=center, alphabet=Alphabet.GSM7,
            history={},
        )  # fmt: skip
        center.watcher = self._run
        self.exchanges = 0
        self.done = False

    @property
    def outstanding(self) -> int:
        """Inquiries without a reply."""
        return self._run.outstanding

    def tick(self) -> None:
        """Send what is due, and read what was said since.

        Raises:
            RuntimeError: a reply was not right; what was measured is not what was meant.
        """
        if self.done:
            return
        for happening in self._run.tick():
            if isinstance(happening, Ended):
                self.done = True
                self.exchanges = happening.inquiries
                if happening.verdicts != {Verdict.RIGHT: happening.inquiries}:
                    raise RuntimeError(f"verdicts of the echo: {happening.verdicts}")

    def stop(self) -> None:
        """Send no more."""
        self._run.stop()


async def measure(seconds: float, binds: int, outstanding: int, *, verdict: bool = False) -> dict[str, float]:
    """Run it once.

    Raises:
        TimeoutError: the echo did not bind, or an answer never came.

    Returns:
        `exchanges`, `seconds` that passed, `cpu_s` of this process, and what follows of them.
    """
    center = Center([parse_account(ACCOUNT_DEFAULT)], lambda _: None, settings=SessionSettings(window_size=outstanding))
    server = await asyncio.get_running_loop().create_server(center.link, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    echo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator.echo", "--port", str(port), "--binds", str(binds), "--once",
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        await _until(center, lambda: sum(center.binds().values()) == binds, ECHO_START_S)
        driver = Judged(center, outstanding) if verdict else Exchanges(center, outstanding)
        gc.collect()
        gc.freeze()  # as before a load run
        began, cpu = time.perf_counter(), time.process_time()
        while time.perf_counter() - began < seconds:
            driver.tick()
            await asyncio.sleep(TICK_S)
            center.tick()
        driver.stop()
        async with asyncio.timeout(DRAIN_S):
            while driver.outstanding:
                await asyncio.sleep(TICK_S)
                driver.tick()
            passed, cpu = time.perf_counter() - began, time.process_time() - cpu
            while not driver.done:  # a run listens on for what may come twice
                await asyncio.sleep(TICK_S)
                driver.tick()
        count = driver.exchanges
    finally:
        center.leave()
        await echo.wait()
        server.close()
    return {
        "exchanges": count,
        "seconds": round(passed, 3),
        "cpu_s": round(cpu, 3),
        "exchanges_per_s": round(count / passed),
        "cpu_us_per_exchange": round(cpu / count * 1e6, 2),
        "exchanges_per_s_per_core": round(count / cpu),
        "messages_per_s_per_core": round(2 * count / cpu),
    }


async def _until(center: Center, holds: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(TICK_S)
            center.tick()


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--duration", type=click.FloatRange(0.1, 600), default=10.0, show_default=True, help="Seconds.")
@click.option("--binds", type=click.IntRange(1, 64), default=2, show_default=True, help="Of the echo.")
@click.option(
    "--outstanding",
    type=click.IntRange(1, 10_000),
    default=1000,
    show_default=True,
    help="Messages on their way at a time.",
)
@click.option("--verdict", is_flag=True, help="As a load run: senders, a verdict on every reply, histograms.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def bench(duration: float, binds: int, outstanding: int, verdict: bool, as_json: bool) -> None:
    """Measure what the simulated SMSC costs, against an ESME that answers at once.

    \b
    Examples:
      ./sms bench
      ./sms bench --verdict
      ./sms bench --duration 30 --binds 8 --json
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        figures = uvloop.run(measure(duration, binds, outstanding, verdict=verdict))
    except TimeoutError:
        raise click.ClickException("the echo did not bind or did not answer; the figures would say nothing") from None
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(
        f"{figures['exchanges']:,} exchanges in {figures['seconds']:.1f} s: {figures['exchanges_per_s']:,} a second"
    )
    click.echo(f"{figures['cpu_us_per_exchange']:.1f} µs of this process's processor time each")
    click.echo(
        f"so {figures['exchanges_per_s_per_core']:,} exchanges a second, {figures['messages_per_s_per_core']:,} messages, of one core"
    )
