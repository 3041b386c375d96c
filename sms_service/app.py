"""The composition root: the one place that knows the adapters, and the order of starting and leaving.

Starting: keys and syntax, then the operators' side, then the stores, then a run in the journal, then the stages; the binds
last, since with them citizens come. Leaving: new messages are turned away, what is in flight is drained to a deadline, the
binds are taken down, the run is closed so that another instance takes over at once what is left, the stores are closed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import structlog

from sms_service.adapters.boards import SpareBoard
from sms_service.adapters.clock import SystemClock
from sms_service.adapters.memory.volatile import MemoryVolatile
from sms_service.adapters.postgres.audit import PostgresAuditTrail
from sms_service.adapters.postgres.board import PostgresBoard
from sms_service.adapters.postgres.cdr import PostgresRecords
from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.journal import PostgresJournal
from sms_service.adapters.postgres.keyring import PostgresKeyring
from sms_service.adapters.postgres.population import PostgresPopulation
from sms_service.adapters.postgres.schema import migrate
from sms_service.adapters.postgres.steerage import PostgresSteerage
from sms_service.adapters.redis import RedisBoard, RedisVolatile
from sms_service.adapters.subscribers_http import HttpSubscribers
from sms_service.adapters.systemd import ServiceManager
from sms_service.esme import Esme
from sms_service.keys import AuditChain, Keys, Pseudonyms, begins_chain, fingerprints, read_keys
from sms_service.model import CallDetailRecord, Run
from sms_service.observability.logging import describe
from sms_service.observability.metrics import Metrics
from sms_service.observability.troubles import Troubles
from sms_service.ops.checks import Check, Questions
from sms_service.ops.figures import Backlog, Orders
from sms_service.ops.journeys import Journeys
from sms_service.ops.live import Live
from sms_service.ops.server import make_app, serve
from sms_service.ops.steering import SteeringControl
from sms_service.ops.syntax import SyntaxControl
from sms_service.pipeline.answering import DEPARTED
from sms_service.pipeline.gateway import Gateway
from sms_service.pipeline.steering import Asked, Blocklist, CannotSteer, Steering, told
from sms_service.pipeline.syntaxes import Syntaxes
from sms_service.pipeline.waiting import wait_for
from sms_service.ports import UNTRACED, Board, Clock, Misconfigured, PortError, Steerage, Unavailable, Volatile
from sms_service.settings import Settings
from syntax import Versions, load_versions

RECORDS_TIMEOUT_S: Final = 600.0
"""Seconds that the database may take until the first of the records that are asked for."""
STORE_PAUSE_S: Final = 0.5
"""Between tries to reach a store at the start."""
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
CANCEL_S: Final = 2.0
"""For tasks to end that have been cancelled. One that swallows its cancellation must not keep the process."""
CLOSE_RUN_S: Final = 2.0
"""For the journal to hear that the run has ended. Otherwise others learn it when the lease is over, and this instance, when
it is started again, from its name."""
GC_THRESHOLD: Final = 50_000
"""Objects more than before that bring about a garbage collection. Nearly all that an inquiry makes is freed by its
reference counts; the interpreter's default of 700 would look through a batch's objects a dozen times."""

_log = structlog.get_logger()

Result = TypeVar("Result")


async def run(settings: Settings) -> int:
    """Run the gateway until SIGINT or SIGTERM; how many inquiries were left in flight.

    Raises:
        KeyFileError, SyntaxFileError, Misconfigured, CannotListen: before anything was accepted.
    """
    stopping, reloading = _told_to_stop(), _told_to_reload()
    keys = read_keys(Path(settings.keys.file))
    versions = load_versions(settings.syntax.file)
    within_limits(versions, settings)
    clock = SystemClock()
    metrics = Metrics()
    metrics.begin(smsc.name for smsc in settings.smsc)
    journeys = Journeys(clock) if settings.ops.trace else None
    checks: dict[str, Check] = {"start": _starting}
    questions = Questions(checks)
    stored = Database.journal(settings.journal.dsn, user=settings.instance, connections=settings.journal.connections)
    journal = PostgresJournal(stored, clock)
    counting = _Counting(journal, clock)
    board, redis_board = _boards(settings, stored)
    live = Live(
        settings.instance,
        smscs=[smsc.name for smsc in settings.smsc],
        limits=settings.limits,
        metrics=metrics,
        board=board,
        questions=(questions, Questions({"redis": _redis_check(redis_board, metrics)} if redis_board else {})),
        backlog=lambda: counting.backlog,
        clock=clock,
    )
    async with AsyncExitStack() as stack:
        # First of all, so that whoever watches the process sees that it lives while it waits for a store.
        manager = await stack.enter_async_context(_watched(ServiceManager(), live, clock, stopping))
        control = SyntaxControl(token_in(settings.ops.token_file))
        wheel = SteeringControl(token_in(settings.ops.token_file), msgspec.json.Decoder(Asked).decode, CannotSteer)
        app = make_app(settings.instance, metrics.registry, questions, control, journeys, live=live, steering=wheel)
        runner = await serve(app, settings.ops.listen)
        stack.push_async_callback(runner.cleanup)
        stack.push_async_callback(stored.close)
        if redis_board:
            stack.push_async_callback(redis_board.close)
        stack.push_async_callback(_end_live, _begin_live(live), live)
        audit = PostgresAuditTrail(stored)
        population = _population(settings, stack)

        async def suits(versions: Versions) -> None:
            within_limits(versions, settings)
            await population.check(versions.fields | {DEPARTED})

        subscribers = _subscribers(settings, stack)
        volatile = _volatile(settings, clock, metrics, stack)
        try:
            run_ = await _patiently(
                "journal", lambda: _open_run(journal, stored, keys, settings.instance), clock, stopping
            )
            stack.push_async_callback(_close_run, journal, run_)
            await _patiently("population", lambda: suits(versions), clock, stopping)
        except _ToldToStop:
            return 0
        syntaxes = Syntaxes(
            versions, load=lambda: load_versions(settings.syntax.file), suits=suits, clock=clock, metrics=metrics
        )
        esme = Esme(
            smscs=settings.smsc,
            link_prefix=f"{settings.instance}/{run_.run_id}",
            throttle_retries=settings.limits.throttle_retries,
            clock=clock,
            metrics=metrics,
            tracer=journeys or UNTRACED,
        )
        blocklist = await _blocklist(PostgresSteerage(stored), clock, stack)
        gateway = Gateway(
            run=run_,
            keys=keys,
            syntaxes=syntaxes,
            smscs=settings.smsc,
            limits=settings.limits,
            journal=journal,
            audit=audit,
            population=population,
            subscribers=subscribers,
            volatile=volatile,
            transmitter=esme,
            clock=clock,
            metrics=metrics,
            tracer=journeys or UNTRACED,
            blocked=lambda: blocklist.senders,
        )

        orders = _taken(wheel, _steering(settings, gateway, esme, syntaxes, blocklist, Pseudonyms(keys), clock))
        checks.clear()
        checks.update(
            _checks(
                settings,
                count=counting.count,
                population=population,
                subscribers=subscribers,
                esme=esme,
                troubles=metrics.troubles,
                clock=clock,
            )
        )
        _log.info(
            "gateway_started",
            run=run_.run_id,
            syntax=syntaxes.in_force().syntax.version,
            smscs=[smsc.name for smsc in settings.smsc],
        )
        control.attach(syntaxes)
        stack.callback(asyncio.create_task(_reload_when_told(syntaxes, reloading), name="reload").cancel)
        live.serving(esme.binds, orders)
        return await _work(gateway, esme, stopping, settings, live, ready=manager.ready)


def _population(settings: Settings, stack: AsyncExitStack) -> PostgresPopulation:
    citizens = Database.population(
        settings.population.dsn,
        user=settings.instance,
        connections=settings.population.connections,
        timeout_s=settings.population.timeout_s,
    )
    stack.push_async_callback(citizens.close)
    return PostgresPopulation(citizens, settings.population.query)


def _subscribers(settings: Settings, stack: AsyncExitStack) -> HttpSubscribers:
    subscribers = HttpSubscribers(
        settings.subscribers.url,
        timeout_s=settings.subscribers.timeout_s,
        token=token_in(settings.subscribers.token_file),
    )
    stack.push_async_callback(subscribers.close)
    return subscribers


async def _open_run(journal: PostgresJournal, stored: Database, keys: Keys, instance: str) -> Run:
    """Nothing is written with keys that are not the journal's."""
    await check_keys(PostgresKeyring(stored), keys)
    return await journal.open_run(instance)


async def check_keys(keyring: PostgresKeyring, keys: Keys, *, adopt: bool = True) -> None:
    """Raises Misconfigured where the journal was written with another key file."""
    await keyring.check(fingerprints(keys), lambda first: begins_chain(keys, first), adopt=adopt)


async def _blocklist(steerage: Steerage, clock: Clock, stack: AsyncExitStack) -> Blocklist:
    """Known before the first message is taken, and looked at from then on."""
    blocklist = Blocklist(steerage, clock)
    await blocklist.look()
    looking = asyncio.create_task(blocklist.run(), name="blocklist")
    stack.callback(looking.cancel)
    return blocklist


def _steering(  # noqa: PLR0917 - the root joins what nobody else knows of each other
    settings: Settings,
    gateway: Gateway,
    esme: Esme,
    syntaxes: Syntaxes,
    blocklist: Blocklist,
    pseudonyms: Pseudonyms,
    clock: Clock,
) -> Steering:
    async def reload() -> str:
        return told(await syntaxes.reload())

    return Steering(
        settings.instance,
        gateway=gateway,
        binds=esme,
        smscs=[smsc.name for smsc in settings.smsc],
        blocklist=blocklist,
        pseudonyms=pseudonyms,
        reload=reload,
        clock=clock,
    )


def _taken(wheel: SteeringControl, steering: Steering) -> Callable[[], Orders]:
    """The wheel steers from now on; what of its orders keeps messages from coming in, for the dashboard."""
    wheel.attach(steering)
    return lambda: Orders(steering.draining, tuple(steering.isolated))


def within_limits(versions: Versions, settings: Settings) -> None:
    """Raises Misconfigured where the syntax allows longer replies than the configuration."""
    if versions.segments_max > settings.limits.reply_segments:
        raise Misconfigured(
            f"the syntax allows replies of {versions.segments_max} segments, limits.reply_segments only "
            f"{settings.limits.reply_segments}: raise the limit or lower segments_max in the syntax file"
        )


async def _reload_when_told(syntaxes: Syntaxes, told: asyncio.Event) -> None:
    """The syntax files are read again on SIGHUP. Several at once are one."""
    while True:
        await told.wait()
        told.clear()
        await syntaxes.reload()


@asynccontextmanager
async def _watched(
    manager: ServiceManager, live: Live, clock: Clock, stopping: asyncio.Event
) -> AsyncIterator[ServiceManager]:
    """The service manager is told that this process lives, how it is in the words of the dashboard, and when it leaves."""

    def status() -> None:
        verdict = live.second.verdict
        manager.status(f"{verdict.vi.say} ({verdict.en.say})")

    async def tell_that_it_leaves() -> None:
        await stopping.wait()
        manager.stopping()

    unwatch = live.watch(status)
    tasks = [asyncio.create_task(manager.watch(clock)), asyncio.create_task(tell_that_it_leaves())]
    try:
        yield manager
    finally:
        unwatch()
        for task in tasks:
            task.cancel()


async def _starting() -> str:
    return "waiting for the journal and the population"


def _told_to_reload() -> asyncio.Event:
    """Set by SIGHUP, from the first moment on: by itself it would end a process that still waits for its stores."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told.set)
    return told


def _told_to_stop() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM. A second one ends the process at once, as it would any other."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    return stopping


async def migrate_journal(settings: Settings) -> list[str]:
    """Bring the journal's schema up to date; the versions that were applied now.

    Raises:
        Unavailable, Misconfigured: see there.
    """
    return await migrate(settings.journal.dsn)


async def verify_audit(settings: Settings, keys: Keys) -> AsyncIterator[tuple[int, int, int | None]]:
    """Walk every chain of the audit trail, one entry at a time: its number, how many of its entries hold, and the position
    of the first that does not (changed, moved, or its predecessor is gone; None: the chain is whole).

    Raises:
        Unavailable, Misconfigured: see there.
    """
    database = Database.journal(settings.journal.dsn, user="audit-verify", connections=1)
    try:
        await check_keys(PostgresKeyring(database), keys, adopt=False)
        trail = PostgresAuditTrail(database)
        for number in sorted(await trail.chains()):
            chain, good = AuditChain(keys, number), 0
            broken_at: int | None = None
            async for entry in trail.read(number):  # to its end: it holds the connection until then
                if broken_at is None and chain.link(entry.entry) == entry:
                    good += 1
                elif broken_at is None:
                    broken_at = entry.position
            yield number, good, broken_at
    finally:
        await database.close()


async def call_detail_records(
    settings: Settings, since: dt.datetime, until: dt.datetime, smsc: str | None
) -> AsyncIterator[CallDetailRecord]:
    """The records of the inquiries that ended from `since` to before `until`, in the order of their times.

    Raises:
        Unavailable, Misconfigured: see there.
    """
    database = Database.journal(settings.journal.dsn, user="cdr", connections=1, timeout_s=RECORDS_TIMEOUT_S)
    try:
        async for record in PostgresRecords(database).read(since, until, smsc):
            yield record
    finally:
        await database.close()


async def _work(
    gateway: Gateway, esme: Esme, stopping: asyncio.Event, settings: Settings, live: Live, *, ready: Callable[[], None]
) -> int:
    """Run stages and binds until told to stop, then leave in order."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    esme.start(gateway)
    stages = asyncio.create_task(gateway.run(), name="stages")
    binds = asyncio.create_task(esme.run(), name="binds")
    stop = asyncio.create_task(stopping.wait(), name="stop")
    working: list[asyncio.Task[None]] = [stages, binds]
    ready()
    try:
        await asyncio.wait((*working, stop), return_when=asyncio.FIRST_COMPLETED)
        for task in working:
            if task.done():
                task.result()
        live.leaving()
        _log.info("gateway_leaving", in_flight=len(gateway.in_flight))
        left = await gateway.drain(settings.limits.shutdown_s)
        await esme.stop()
        await gateway.farewell()
    finally:
        ending: list[asyncio.Task[Any]] = [stop, *working]
        for each in ending:
            each.cancel()
        _, stuck = await asyncio.wait(ending, timeout=CANCEL_S)
        if stuck:  # the event loop cancels them once more when it closes
            _log.error("tasks_stuck", tasks=[each.get_name() for each in stuck])
    _log.info("gateway_left", in_flight=left)
    return left


def _volatile(settings: Settings, clock: Clock, metrics: Metrics, stack: AsyncExitStack) -> Volatile:
    memory = MemoryVolatile(
        clock=clock,
        quota_period_s=settings.limits.quota_period_s,
        duplicate_window_s=settings.limits.duplicate_window_s,
    )
    if settings.redis is None:
        return memory

    def degraded(is_so: bool) -> None:
        metrics.degraded.set(is_so)
        if is_so:
            _log.warning("redis_down", remedy="quotas and duplicates are this process's own until it is back")
        else:
            _log.info("redis_up")

    redis = RedisVolatile(
        settings.redis.url,
        timeout_s=settings.redis.timeout_s,
        instance=settings.instance,
        quota_period_s=settings.limits.quota_period_s,
        duplicate_window_s=settings.limits.duplicate_window_s,
        fallback=memory,
        on_degraded=degraded,
    )
    stack.push_async_callback(redis.close)
    return redis


class _Counting:
    """Counts what the journal holds, and keeps what it has counted for the dashboard."""

    def __init__(self, journal: PostgresJournal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self.backlog: Backlog | None = None
        """None where it could not be counted."""

    async def count(self) -> None:
        """Count.

        Raises:
            PortError: see there.
        """
        self.backlog = None
        counts = await self._journal.counts()
        oldest = counts.oldest_accepted_at
        age = 0.0 if oldest is None else max(0.0, self._clock.time() - oldest)
        self.backlog = Backlog(counts.unfinished, counts.segments, age)


def _boards(settings: Settings, stored: Database) -> tuple[Board, RedisBoard | None]:
    """Where the instances show each other their figures: Redis, and the journal's database where there is none."""
    in_journal = PostgresBoard(stored)
    if settings.redis is None:
        return in_journal, None
    in_redis = RedisBoard(settings.redis.url, timeout_s=settings.redis.timeout_s)
    return SpareBoard(in_redis, in_journal), in_redis


def _redis_check(board: RedisBoard, metrics: Metrics) -> Check:
    """Not for `/readyz`: without Redis the gateway serves."""

    async def check() -> str:
        try:
            await board.check()
        except PortError as error:
            return str(error)
        return "redis: it answers, and is not used yet" if metrics.degraded_now else ""

    return check


def _begin_live(live: Live) -> asyncio.Task[None]:
    """Should the figures ever stop by a fault of theirs, the log says so, and nothing else stops: the page says that it is old."""

    def stopped(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            _log.error("figures_stopped", error=describe(error))

    task = asyncio.create_task(live.run(), name="live")
    task.add_done_callback(stopped)
    return task


async def _end_live(task: asyncio.Task[None], live: Live) -> None:
    """Say goodbye to the other instances."""
    task.cancel()
    await asyncio.wait((task,), timeout=CANCEL_S)
    await live.farewell()


class _ToldToStop(Exception):
    """While a store was waited for."""


async def _patiently(part: str, call: Callable[[], Awaitable[Result]], clock: Clock, stopping: asyncio.Event) -> Result:
    """The result of a call that is tried until the part is there. To be told to stop ends it, also while it hangs."""
    failures = 0
    stop = asyncio.create_task(stopping.wait())
    try:
        while not stopping.is_set():
            asked = asyncio.ensure_future(call())
            await asyncio.wait((asked, stop), return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                asked.cancel()
                await asyncio.wait((asked,), timeout=CANCEL_S)
                break
            try:
                return asked.result()
            except Unavailable as error:
                failures += 1
                if failures == 1:
                    _log.warning("waiting_for", part=part, why=str(error))
            await wait_for(stopping, STORE_PAUSE_S, clock)
    finally:
        stop.cancel()
    _log.info("gateway_left", waiting_for=part)
    raise _ToldToStop


def token_in(file: str) -> str:
    """A bearer token from its file, empty where none is configured."""
    if not file:
        return ""
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file}: the token cannot be read: {type(error).__name__}") from None


async def _close_run(journal: PostgresJournal, run_: Run) -> None:
    try:
        async with asyncio.timeout(CLOSE_RUN_S):
            await journal.close_run(run_)
    except PortError as error:
        _log.warning("run_not_closed", why=str(error))
    except TimeoutError:
        _log.warning("run_not_closed", why="journal: PostgreSQL does not answer in time")


def _checks(
    settings: Settings,
    *,
    count: Callable[[], Awaitable[object]],
    population: PostgresPopulation,
    subscribers: HttpSubscribers,
    esme: Esme,
    troubles: Troubles,
    clock: Clock,
) -> Mapping[str, Check]:
    """What `/readyz` asks: every SMSC bound; every part answering, and doing for the stages what they need of it."""

    async def bound() -> str:
        stopped = esme.stopped()  # by an operator, who knows
        missing = [smsc.name for smsc in settings.smsc if smsc.name not in (*esme.bound(), *stopped)]
        return f"not bound: {', '.join(missing)}" if missing else ""

    def answers(call: Callable[[], Awaitable[object]], *parts: str) -> Check:
        async def check() -> str:
            try:
                await call()
            except PortError as error:
                return str(error)
            now = clock.monotonic()
            return next((why for part in parts if (why := troubles.lately(part, now))), "")

        return check

    return {
        "smsc": bound,
        "journal": answers(count, "journal", "audit"),
        "population": answers(lambda: population.fetch([], ()), "population"),
        "subscribers": answers(subscribers.check, "subscribers"),
    }
