"""Logs: structlog, one line for what matters and none a message.

JSON when standard error is no terminal, readable when it is. A line has an event of a fixed name and a few values.
Personal data is kept out where lines are written; the last processor is the net below: a value with a run of digits as
long as a phone number's is masked, and an exception is logged by its type and place, never by its text.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

PERSONAL_DIGITS: Final = 8
"""A run of digits this long may be a number (9 to 15 digits) or an ID (9 or 12); nothing else that we log is."""

_NUMBER: Final = re.compile(rf"(?:\d[\s.\-]?){{{PERSONAL_DIGITS},}}")
_MASK: Final = "<masked>"
_OUR_OWN: Final = frozenset({"timestamp"})
VALUE_MAX: Final = 500
"""Characters of a logged value: a line stays a line."""


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Mask what looks like a number or an ID in any value."""
    for key, value in event.items():
        if key not in _OUR_OWN:
            event[key] = _redacted(value)
    return event


def _redacted(value: object) -> object:
    if isinstance(value, (bool, float)) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**PERSONAL_DIGITS else _MASK
    if isinstance(value, (list, tuple)):
        return [_redacted(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _redacted(item) for key, item in value.items()}
    return _NUMBER.sub(_MASK, str(value)[:VALUE_MAX])


def describe(error: BaseException) -> str:
    """Where and of what type an error is, without its text: texts of libraries quote values."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def _exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info
    if isinstance(error, BaseException):
        event["error"] = describe(error)
    return event


def configure_logging(instance: str, level: str = "info") -> None:
    """Set up structlog for this process, and the standard library's loggers with it (asyncio, aiohttp)."""
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception,
        redact,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=True)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(instance=instance)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
