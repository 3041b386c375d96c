"""What a run has told: everything to who is there, what is kept to who comes late."""

import asyncio

from simulator.load.chronicle import Chronicle


async def read_all(chronicle):
    told, lines = 0, []
    while True:
        some, told = await chronicle.after(told)
        if not some:
            return lines
        lines += some


async def test_readers_get_every_line_once():
    """Whether they come before, between or after."""
    chronicle = Chronicle()
    early = asyncio.create_task(read_all(chronicle))
    await asyncio.sleep(0)
    await chronicle.add([b"1", b"2"])
    between = asyncio.create_task(read_all(chronicle))
    await chronicle.add([b"3"], last=True)
    assert await early == await between == await read_all(chronicle) == [b"1", b"2", b"3"]


async def test_old_lines_are_forgotten():
    """A reader that is too late gets the newest."""
    chronicle = Chronicle(kept=2)
    await chronicle.add([b"1", b"2", b"3"])
    await chronicle.add([b"4"], last=True)
    assert await read_all(chronicle) == [b"3", b"4"]


async def test_a_run_that_told_nothing():
    chronicle = Chronicle()
    await chronicle.add([], last=True)
    assert await read_all(chronicle) == []
