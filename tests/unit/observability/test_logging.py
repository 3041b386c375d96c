"""Every line that a process can write, whoever writes it, goes through the net."""

import asyncio
import io
import json
import logging
import sys
import threading
import warnings

import pytest
import structlog

from sms_service.observability.logging import configure_logging

PERSON = "84912345678 Nguyễn Văn An"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def restored(monkeypatch):
    """Leave the process as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for module, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    yield monkeypatch
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


class Log:
    """A log that goes to a file."""

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch
        self._stream = io.StringIO()
        self.configure("info")

    def configure(self, level):
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", self._stream)
            configure_logging("gateway-1", level)

    def __call__(self):
        """The lines that were written, as objects; none of them shows the person."""
        text = self._stream.getvalue()
        assert "4912345" not in text
        assert "Nguy" not in text
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def log(restored):
    return Log(restored)


def fail():
    raise ValueError(PERSON)


def test_a_line(log):
    """JSON with time, level, instance, the event's name and its values."""
    structlog.get_logger().warning("bind_failed", smsc="viettel", why="refused", waited=0.1)
    (line,) = log()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "bind_failed",
        "level": "warning",
        "instance": "gateway-1",
        "smsc": "viettel",
        "why": "refused",
        "waited": 0.1,
    }


def test_values_are_masked(log):
    """The net is below every line of ours."""
    structlog.get_logger().info("event", sender="84912345678", raw=b"84912345678", deep=[{"id": "001 085 012345"}])
    (line,) = log()
    assert (line["sender"], line["raw"], line["deep"]) == ("<masked>", "<11 octets>", [{"id": "<masked>"}])


@pytest.mark.parametrize("exc_info", [True, "error", "tuple"])
def test_exceptions_of_ours(log, exc_info):
    """An exception is told by type and place, however it is given."""
    try:
        fail()
    except ValueError as error:
        given = {True: True, "error": error, "tuple": sys.exc_info()}[exc_info]
        structlog.get_logger().error("failed", exc_info=given)
    (line,) = log()
    assert line["error"].startswith("ValueError at test_logging.py:")


def test_no_stack(log):
    """A stack has lines of code, not places; it is left out."""
    structlog.get_logger().error("failed", stack_info=True)
    assert "stack" not in log()[0]
    assert "stack_info" not in log()[0]


def test_levels(log):
    """Below the level nothing is written; libraries speak from warnings on, whatever our own level is."""
    structlog.get_logger().debug("quiet")
    logging.getLogger("aiohttp").info("quiet")
    assert log() == []
    log.configure("debug")
    structlog.get_logger().debug("loud")
    logging.getLogger("aiohttp").info("quiet")
    assert [line["event"] for line in log()] == ["loud"]


def test_an_error_level_silences_warnings(log):
    """At level error, warnings of ours and of libraries are left out."""
    log.configure("error")
    structlog.get_logger().warning("quiet")
    logging.getLogger("aiohttp").warning("quiet")
    assert log() == []


def test_a_librarys_record_with_arguments(log):
    """The arguments of the standard library's logging are put in before the net, not after it."""
    logging.getLogger("aiohttp.server").error("Error handling request from %s: %r", "0912 345 678", b"x")
    (line,) = log()
    assert (line["logger"], line["level"], line["instance"]) == ("aiohttp.server", "error", "gateway-1")
    assert line["event"] == "Error handling request from <masked>: b'x'"


def test_a_librarys_exception(log):
    """`logger.exception` of a library loses its text and its traceback."""
    try:
        fail()
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    (line,) = log()
    assert line["event"] == "Error handling request"
    assert line["error"].startswith("ValueError at test_logging.py:")


async def test_asyncio_s_own_complaint(log):
    """A task whose exception nobody asked for: asyncio would print its repr, text and all."""

    task = asyncio.ensure_future(asyncio.to_thread(fail))
    await asyncio.wait((task,))
    del task
    (line,) = log()
    assert (line["logger"], line["event"]) == ("asyncio", "Task exception was never retrieved")
    assert line["error"].startswith("ValueError at test_logging.py:")


def test_uncaught(log):
    """What nobody caught is a line of its own, in the main thread and in others."""
    try:
        fail()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
    first, second = log()
    assert (first["event"], first["level"]) == ("uncaught_exception", "critical")
    assert second["event"] == "uncaught_exception_in_thread"
    assert first["error"].startswith("ValueError at test_logging.py:")


def test_unraisable(log):
    """What fails in a finaliser is told without the object that it failed in."""

    class Citizen:
        def __repr__(self):
            return PERSON

        def __del__(self):
            raise ValueError(PERSON)

    Citizen()
    (line,) = log()
    assert line["event"] == "unraisable_exception"
    assert line["error"].startswith("ValueError at test_logging.py:")


def test_warnings(log):
    """Warnings of libraries are lines too, without the object that they are about."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"unclosed <{PERSON}>", ResourceWarning, stacklevel=1)
    (line,) = log()
    assert line["logger"] == "py.warnings"
    assert "ResourceWarning" in line["event"]


def test_a_terminal_gets_text(restored):
    """People read lines, not JSON; the net is the same."""
    stream = Terminal()
    restored.setattr(sys, "stderr", stream)
    configure_logging("gateway-1")
    structlog.get_logger().info("bind_stands", smsc="viettel", sender="84912345678")
    text = stream.getvalue()
    assert "bind_stands" in text
    assert "viettel" in text
    assert "8491" not in text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
