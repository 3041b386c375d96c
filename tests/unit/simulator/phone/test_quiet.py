"""What is logged of requests that fail."""

import asyncio
import logging

from aiohttp import web

from simulator.phone.quiet import NAME, quiet_logger

MSISDN = "84912345678"
BROKEN = [
    f"GET /api/phones/{MSISDN}/messages HTTQ/1.1\r\n\r\n",
    f"GET /api/phones/{MSISDN}/\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\nX {MSISDN}: y\r\n\r\n",
    f"GET /oops?{MSISDN} HTTP/1.1\r\nHost: x\r\n\r\n",
]


async def test_no_request_is_logged(caplog):
    """Requests that are no HTTP and handlers that fail leave the kind of error in the log, and nothing of the request."""

    async def oops(_request):
        raise LookupError(MSISDN)

    app = web.Application()
    app.router.add_get("/oops", oops)
    runner = web.AppRunner(app, access_log=None, logger=quiet_logger())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    with caplog.at_level(logging.DEBUG):
        for request in BROKEN:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request.encode())
            await reader.read(1)
            writer.close()
    await runner.cleanup()
    logged = [record for record in caplog.records if record.name == NAME]
    assert len(logged) == len(BROKEN)
    assert MSISDN not in caplog.text
    assert "BadStatusLine" in caplog.text
    assert "LookupError at " in caplog.text


def test_other_lines_are_kept_short(caplog):
    """A line without an error says that a request failed and no more."""
    with caplog.at_level(logging.DEBUG):
        quiet_logger().error("from %s", MSISDN)
        quiet_logger().error("from %s", MSISDN, exc_info=ValueError(MSISDN))
    assert [record.getMessage() for record in caplog.records] == ["a request failed", "a request failed: ValueError"]
    assert len(quiet_logger().filters) == 1
