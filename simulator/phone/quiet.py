"""What the web server logs of a request that failed: the kind of error and where, never the request.

aiohttp logs a request that it cannot parse together with the bytes that it stumbled over, and a number stands in most
addresses here. Its own log is therefore replaced by one that drops the text and the traceback of the error.
"""

from __future__ import annotations

import logging
import traceback
from typing import Final

NAME: Final = "simulator.http"


def quiet_logger() -> logging.Logger:
    """The logger to give to `aiohttp.web.AppRunner`; its level and handlers are the program's as usual."""
    logger = logging.getLogger(NAME)
    if not logger.filters:
        logger.addFilter(_forget_request)
    return logger


def _forget_request(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    record.exc_info = record.exc_text = None
    record.msg, record.args = "a request failed", ()
    if error is not None:
        *_, last = [None, *traceback.extract_tb(error.__traceback__)]
        where = "" if last is None else f" at {last.filename}:{last.lineno}"
        record.msg, record.args = "a request failed: %s%s", (type(error).__name__, where)
    return True
