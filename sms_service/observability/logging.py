"""Logs: structlog, one line for what matters and none a message.

JSON when standard error is no terminal, readable when it is. A line has an event of a fixed name and a few values, and
goes through `redaction` last. So does all else that this process would write to standard error: the standard library's
loggers (asyncio, aiohttp), warnings, and the exceptions that nobody caught.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from sms_service.observability.redaction import describe, foreign_message, redact

__all__ = ["configure_logging", "describe"]


def configure_logging(instance: str, level: str = "info") -> None:
    """Set up the logs of this process, whose lines all bear the instance's name."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_exception,
        redact,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(instance=instance)
    _take_over_standard_logging(shared, renderer, number)
    _take_over_uncaught()


def _tell_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Exceptions by type and place; no stack, which has lines of code."""
    info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = describe(error)
    return event


def _tell_foreign(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["logger"] = event["_record"].name
    event["event"] = foreign_message(event["event"])
    return event


def _take_over_standard_logging(shared: list[Any], renderer: Any, number: int) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_tell_foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    logging.captureWarnings(capture=True)


def _take_over_uncaught() -> None:
    """Python prints an exception that nobody caught with its text; here it becomes a line like any other."""
    log = structlog.get_logger()

    def uncaught(_type: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
        log.critical("uncaught_exception", exc_info=error)

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        log.critical("uncaught_exception_in_thread", exc_info=args.exc_value)

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        log.error("unraisable_exception", exc_info=args.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
    sys.unraisablehook = unraisable
