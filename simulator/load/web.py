"""Load runs over HTTP, one at a time, in the SMSC's process.

    GET    /admin/load          {"citizens", "seed"} of the population that can send, "binds" that stand, whether a load is "running"
    POST   /admin/load          a Plan as JSON → 202; 409 while one runs; 400 for what is no plan, or has too few senders
    GET    /admin/load/events   what the run tells (`figures.Happening`), a JSON object a line, until `ended`; to a late reader what is kept
    DELETE /admin/load          ends it early → 202; 404 when none runs. `?now`: without waiting for the last replies

Errors are `{"error": "…"}`.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import math
from collections.abc import Sequence
from typing import Final

import msgspec
from aiohttp import web

from simulator.load.chronicle import Chronicle
from simulator.load.figures import Ended, Happening, Preparing
from simulator.load.plan import Plan, Point
from simulator.load.run import TICK_S, Run
from simulator.load.schedule import BadCurve, Schedule
from simulator.load.sender import Sender
from simulator.load.senders import Needs, Queue, TooFewSenders, check_enough, history, needs
from simulator.load.traffic import Traffic
from simulator.load.verdict import AnyReply, Judge
from simulator.population import Population
from simulator.smsc.center import Center
from sms_service.sms import Alphabet
from syntax import REFERENCE, Syntax, load

BODY_MAX: Final = 256 * 1024
"""Octets of a plan: a curve of some thousand points."""
NUMBERS_A_CITIZEN: Final = 1.43
"""Of the population, on average."""
PROGRESS: Final = 500
"""Senders made between two words on how far it is: a tenth of a second."""

_read_plan = msgspec.json.Decoder(Plan).decode
_encode = msgspec.json.Encoder().encode
_log = logging.getLogger(__name__)


class Loads:
    """The runs of one SMSC.

    Args:
        center: carries them out.
        citizens: how many there are.
        seed: of the population.
        alphabet: what data_coding 0 means.
    """

    def __init__(self, center: Center, *, citizens: int, seed: int, alphabet: Alphabet) -> None:
        self._center = center
        self._citizens = citizens
        self._seed = seed
        self._alphabet = alphabet
        self._history: dict[str, list[float]] = {}
        self._sent: dict[str, int] = {}
        """How often each number has asked: the next run must not repeat the texts of this one, or they pass for delivered twice."""
        self._late: set[str] = set()
        """Numbers to which an answer of the last run may still come: it would be taken for one of the next."""
        self._task: asyncio.Task[None] | None = None
        self._run: Run | None = None
        self._stopping = False
        self._ends_at: float | None = None
        """When the run ceases to send, of the monotonic clock."""
        self._chronicle: Chronicle | None = None

    def add_routes(self, app: web.Application) -> None:
        """Serve them beside what the application serves already."""
        app.router.add_get("/admin/load", self._about)
        app.router.add_post("/admin/load", self._post)
        app.router.add_delete("/admin/load", self._delete)
        app.router.add_get("/admin/load/events", self._events)
        app.on_shutdown.append(self._close)

    @property
    def _going(self) -> bool:
        return self._chronicle is not None and not self._chronicle.ended

    async def _about(self, _request: web.Request) -> web.Response:
        binds = sum(self._center.binds().values())
        return web.json_response(
            {"citizens": self._citizens, "seed": self._seed, "running": self._going, "binds": binds}
        )

    async def _post(self, request: web.Request) -> web.Response:
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > BODY_MAX:
                return _error(413, f"a plan has at most {BODY_MAX} octets")
        try:
            plan = _read_plan(body)
            schedule = _schedule(plan)
            needed = needs(plan, schedule)
            check_enough(plan, needed, self._citizens)
        except (msgspec.MsgspecError, UnicodeDecodeError, BadCurve, TooFewSenders, NoPlan) as error:
            return _error(400, str(error))
        if self._going:
            return _error(409, self._busy())
        self._chronicle, self._stopping, self._run = Chronicle(), False, None
        self._task = asyncio.create_task(self._carry_out(plan, schedule, needed))
        return web.json_response({}, status=202)

    def _busy(self) -> str:
        left = ""
        if self._ends_at is not None:
            left = (
                f", for {max(0.0, self._ends_at - self._center.now()):.0f} s more and until its last replies have come"
            )
        return (
            f"another load runs here{left}. Wait for it; or, if nobody waits for its result, end it: "
            "curl -X DELETE 'URL/admin/load?now', URL being this SMSC's phone page"
        )

    async def _delete(self, request: web.Request) -> web.Response:
        if not self._going:
            return _error(404, "no load is running")
        self._stopping = True
        if self._run is not None and "now" in request.query:
            self._run.give_up()
        elif self._run is not None:
            self._run.stop()
        return web.json_response({}, status=202)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._chronicle is None:
            return _error(404, "no load has been run")
        chronicle, told = self._chronicle, 0
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        while True:
            lines, told = await chronicle.after(told)
            if not lines:
                return response
            await response.write(b"".join(lines))

    async def _close(self, _app: web.Application) -> None:
        self._stopping = True  # the thread that makes senders looks at it
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _carry_out(self, plan: Plan, schedule: Schedule | None, needed: Needs) -> None:
        try:
            senders, syntax = await self._prepare(plan, needed)
            ended = await self._go(plan, schedule, senders, syntax)
        except Exception as error:  # noqa: BLE001 - whoever waits for the end must be told of it
            _log.exception("the load failed")
            ended = _void(f"the simulator failed: {type(error).__name__}")
        finally:
            self._center.watcher = None
            gc.unfreeze()
        await self._tell([ended], last=True)

    async def _prepare(self, plan: Plan, needed: Needs) -> tuple[list[Sender], Syntax]:
        """Make the senders in a thread: binds and phones go on."""
        loop = asyncio.get_running_loop()
        numbers = math.ceil(self._citizens * NUMBERS_A_CITIZEN / plan.shares)  # more there are not
        wanted = min(needed.wanted + needed.abusive, numbers)

        def tell(done: int) -> None:
            asyncio.run_coroutine_threadsafe(self._tell([Preparing(done=done, of=wanted)]), loop)

        def work() -> tuple[list[Sender], Syntax]:
            syntax = load(REFERENCE)
            population = Population(self._citizens, self._seed)
            traffic = Traffic(
                population,
                syntax,
                plan.mix,
                seed=plan.seed,
                share=plan.share,
                shares=plan.shares,
                alphabet=self._alphabet,
            )
            senders: list[Sender] = []
            making = traffic.senders(needed.wanted, needed.abusive)
            while not self._stopping and (some := list(itertools.islice(making, PROGRESS))):
                senders += some
                tell(len(senders))
            return senders, syntax

        return await asyncio.to_thread(work)

    async def _go(self, plan: Plan, schedule: Schedule | None, senders: list[Sender], syntax: Syntax) -> Ended:
        late, self._late = self._late, set()
        senders = [sender for sender in senders if sender.msisdn not in late]
        if not senders:
            return _void("there were no senders", stopped=self._stopping)
        for sender in senders:
            sender.sent = self._sent.get(sender.msisdn, 0)
        center, now = self._center, self._center.now()
        polite = [sender for sender in senders if not sender.abusive]
        queue = Queue(polite, plan.quota_per_minute, self._history, now)
        judging = AnyReply if plan.replies == "any" else Judge
        judge = judging(
            senders, refusal=syntax.refusal, busy=syntax.busy, notice=syntax.over_quota, alphabet=self._alphabet
        )
        run = Run(
            plan,
            schedule,
            senders=senders,
            queue=queue,
            judge=judge,
            smsc=center,
            alphabet=self._alphabet,
            history=self._history,
        )
        # Looking through all the senders for garbage would hold up what is due for a tenth of a second, again and again.
        gc.collect()
        gc.freeze()
        self._run = center.watcher = run
        self._ends_at = now + plan.duration_s
        if self._stopping:
            run.stop()
        due = center.now()
        while True:
            happenings = run.tick()
            if happenings and isinstance(happenings[-1], Ended):
                await self._tell(happenings[:-1])
                self._late = set(run.late)
                self._sent.update((sender.msisdn, sender.sent) for sender in senders if sender.sent)
                self._history = {**self._history, **history(senders, center.now())}
                return happenings[-1]
            if happenings:
                await self._tell(happenings)
            due = max(due + TICK_S, center.now())
            await asyncio.sleep(due - center.now())

    async def _tell(self, happenings: Sequence[Happening], *, last: bool = False) -> None:
        assert self._chronicle is not None  # there is one for each run
        await self._chronicle.add([_encode(one) + b"\n" for one in happenings], last=last)


class NoPlan(ValueError):
    """A plan that contradicts itself. The text says how."""


def _schedule(plan: Plan) -> Schedule | None:
    """The schedule of this SMSC's share; None in closed loop.

    Raises:
        NoPlan, BadCurve: see there.
    """
    if bool(plan.curve) == bool(plan.concurrency):
        raise NoPlan("a plan has either a curve (open loop) or a concurrency (closed loop)")
    if plan.share >= plan.shares:
        raise NoPlan(f"share is one of 0 … shares - 1, and not {plan.share} of {plan.shares}")
    if not any(getattr(plan.mix, kind) for kind in plan.mix.__struct_fields__):
        raise NoPlan("the mix is empty: give some kind of message a weight")
    if plan.replies == "any" and plan.mix.abusive:
        raise NoPlan(
            "abusive senders are owed a notice of the quota: of replies of any content nobody can tell which is one"
        )
    if not plan.curve:
        return None
    return Schedule([Point(point.at_s, point.rate / plan.shares) for point in plan.curve], plan.duration_s)


def _void(why: str, *, stopped: bool = False) -> Ended:
    return Ended(inquiries=0, verdicts={}, kinds={}, latencies={}, lag_ms=0.0, void=why, stopped=stopped)


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
