"""The recorder between two that talk: nothing changes for them, and everything is written."""

import asyncio
import io
import socket
import struct

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.capture import proxy
from simulator.capture.address import Address, AddressType
from simulator.capture.command import capture
from simulator.capture.record import CannotWrite
from simulator.capture.recording import Kind, Reader
from simulator.engines.ports import free_port
from sms_service.smpp import BindTransceiver, CommandId, Role, SubmitSm, UndecodablePdu, decode, encode
from tests.unit.simulator.capture.conversation import (
    MSISDN,
    REPLY,
    Esme,
    Recording,
    answering,
    inquiries,
    smsc,
    until,
)


def pdus(records, origin):
    return [decode(record.octets) for record in records if record.kind is Kind.PDU and record.origin is origin]


def octets(records, origin):
    """All that a side sent."""
    return b"".join(r.octets for r in records if r.kind in {Kind.PDU, Kind.OCTETS} and r.origin is origin)


async def test_conversation_is_recorded():
    """Every PDU of both sides in order, with its time; the password left out."""
    recording = Recording()
    async with smsc() as (center, to), recording.running(to) as address:
        await inquiries(address, center, ["DC", "DC DAU"])
        await until(lambda: recording.recorder.counters.pdus[Role.SMSC] == 6)
    records = recording.records()
    assert [pdu.command_id for pdu in pdus(records, Role.SMSC)] == [
        CommandId.BIND_TRANSCEIVER_RESP,
        *[CommandId.DELIVER_SM] * 2,
        *[CommandId.SUBMIT_SM_RESP] * 2,
        CommandId.UNBIND_RESP,
    ]
    esme = pdus(records, Role.ESME)
    assert (esme[0].system_id, esme[0].password) == ("gateway", "******")
    assert [pdu.short_message for pdu in esme if isinstance(pdu, SubmitSm)] == [REPLY] * 2
    assert [pdu.source_addr for pdu in pdus(records, Role.SMSC)[1:3]] == [MSISDN] * 2
    times = [record.at_ns for record in records]
    assert times == sorted(times)
    assert (records[0].kind, records[-1].kind) == (Kind.OPENED, Kind.CLOSED)
    assert {record.connection for record in records} == {1}
    assert recording.why == "told to end"
    assert recording.lines[-1].startswith("0 s: 1 connections (0 open), 12 PDUs (6 of the ESME, 6 of the SMSC), 0.0 MB")


async def test_connections_are_told_apart():
    """Each has its number, in the order in which they came."""
    recording = Recording(secrets=True)
    async with smsc() as (center, to), recording.running(to) as address:
        for _ in range(2):
            await inquiries(address, center, ["DC"])
    binds = [record for record in recording.records() if record.kind is Kind.PDU and b"gateway" in record.octets]
    assert [(record.connection, decode(record.octets).password) for record in binds] == [(1, "secret"), (2, "secret")]


async def test_without_personal_data():
    """Neither the number nor a text is anywhere in the file."""
    recording = Recording(personal_data=False)
    async with smsc() as (center, to), recording.running(to) as address:
        await inquiries(address, center, ["DC 001099012345"])
    whole = recording.file.getvalue()
    assert recording.records()
    assert not [personal for personal in (MSISDN.encode(), b"001099012345", REPLY, b"secret\0") if personal in whole]


async def exchange(address, sent, half_close):
    """Send this to whoever is there and return all that comes back."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    if half_close:
        writer.write_eof()
    received = await reader.read()
    writer.close()
    return received


@settings(max_examples=30)
@given(
    up=st.binary(max_size=400)
    | st.builds(
        lambda text, rest: encode(SubmitSm(short_message=text)) * 3 + rest,
        st.binary(max_size=99),
        st.binary(max_size=40),
    ),
    down=st.binary(max_size=400),
)
def test_any_octets_pass_unchanged(up, down):
    """Whatever either side sends arrives as it was, and with secrets kept is in the file, octet for octet."""
    recording, got, back = asyncio.run(passed(up, down))
    assert (got, back) == (up, down)
    records = recording.records()
    assert (octets(records, Role.ESME), octets(records, Role.SMSC)) == (up, down)
    assert records[-1].kind is Kind.CLOSED


async def passed(up, down):
    """`up` through the proxy to a server that answers with `down` when it has heard the end."""
    heard = bytearray()

    async def server(reader, writer):
        heard.extend(await reader.read())
        writer.write(down)
        writer.close()

    recording = Recording(secrets=True)
    async with answering(server) as to, recording.running(to) as address:
        back = await exchange(address, up, half_close=True)
    return recording, bytes(heard), back


async def test_large_and_slow():
    """A reader that is slower than the writer loses nothing, and the proxy does not hold it all."""
    sent = bytes(range(256)) * 80_000  # 20 MB, far above what the sockets hold
    release = asyncio.Event()
    heard = bytearray()

    async def server(reader, writer):
        await release.wait()
        while data := await reader.read(1 << 20):
            heard.extend(data)
        writer.close()

    recording = Recording(secrets=True)
    async with answering(server) as to, recording.running(to) as address:
        sending = asyncio.create_task(exchange(address, sent, half_close=True))
        taken = -1
        while taken != (taken := recording.recorder.counters.lost_octets) or not taken:
            await asyncio.sleep(0.1)
        assert taken < len(sent) / 2  # it waits
        release.set()
        await sending
    assert heard == sent
    assert octets(recording.records(), Role.ESME) == sent


async def test_broken_connection_is_passed_on():
    """A reset on one side is an end on the other, and is written down."""
    gone = asyncio.Event()

    async def server(reader, writer):
        await reader.read(1)
        raw = writer.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        gone.set()

    recording = Recording()
    async with answering(server) as to, recording.running(to) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"\0\0\0\x10")
        await gone.wait()
        with pytest.raises(ConnectionResetError):
            assert await reader.read() == b"nothing"
        writer.close()
    *_, cut, closed = recording.records()
    assert (cut.kind, cut.octets) == (Kind.OCTETS, b"\0\0\0\x10")
    assert (closed.kind, closed.origin, closed.octets) == (Kind.CLOSED, Role.SMSC, b"connection broken")


async def test_smsc_cannot_be_reached():
    """The ESME is let go, and the reason is in the file."""
    port = free_port()
    recording = Recording()
    async with recording.running(Address("127.0.0.1", port)) as address:
        reader, writer = await asyncio.open_connection(*address)
        with pytest.raises(ConnectionResetError):
            assert await reader.read() == b"nothing"
        writer.close()
    opened, closed = recording.records()
    assert opened.kind is Kind.OPENED
    assert closed.octets == b"the SMSC cannot be reached: Connection refused"


async def test_connections_are_bounded(monkeypatch):
    """One too many is broken off at once; the others go on."""
    monkeypatch.setattr(proxy, "CONNECTIONS_MAX", 1)
    recording = Recording()
    async with smsc() as (center, to), recording.running(to) as address:
        esme = await Esme.connect(address)
        await esme.bind()
        reader, writer = await asyncio.open_connection(*address)
        with pytest.raises(ConnectionResetError):
            assert await reader.read() == b"nothing"
        writer.close()
        center.inject(MSISDN, "5505", "DC")
        await esme.serve(1)
        await esme.leave()
    assert recording.recorder.counters.connections == 1


async def test_full_file_ends_it():
    """No record is cut; the connections end, and it is said why."""
    recording = Recording(max_octets=600)
    async with smsc() as (center, to), recording.running(to) as address:
        esme = await Esme.connect(address)
        await esme.bind()
        for _ in range(20):
            center.inject(MSISDN, "5505", "DC")
        while await esme.read():
            pass
        esme.writer.close()
    assert recording.why == "the file is as large as it may be"
    assert 400 < len(recording.file.getvalue()) <= 600
    assert recording.records()


async def test_disk_that_is_full():
    """It is said, and what was written stands."""

    class Disk(io.BytesIO):
        def write(self, data):
            if self.tell() > 300:
                raise OSError(28, "No space left on device")
            return super().write(data)

    async def talk(recording):
        async with smsc() as (center, to), recording.running(to) as address:
            esme = await Esme.connect(address)
            await esme.bind()
            center.inject(MSISDN, "5505", "DC")
            while await esme.read():
                pass
            esme.writer.close()

    recording = Recording(Disk())
    with pytest.raises(CannotWrite, match="No space left on device"):
        await talk(recording)
    assert recording.records()


async def test_duration():
    """Its time ends it."""
    recording = Recording()
    async with smsc() as (_center, to), recording.running(to, duration_s=0.05):
        await until(lambda: len(recording.lines) == 1)
    assert recording.why == "its time is over"


def test_address_that_is_taken(tmp_path):
    """The error names it, and no empty file is left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        file = tmp_path / "x"
        argv = ["record", str(file), "--listen", address, "--to", "127.0.0.1:1"]
        result = CliRunner().invoke(capture, argv)
    assert result.exit_code == 1
    assert f"cannot listen on {address}" in result.output
    assert not file.exists()


def test_file_that_is_there(tmp_path):
    """No recording is overwritten."""
    (tmp_path / "x").write_text("dear")
    argv = ["record", str(tmp_path / "x"), "--listen", "127.0.0.1:0", "--to", "127.0.0.1:1"]
    result = CliRunner().invoke(capture, argv)
    assert (result.exit_code, (tmp_path / "x").read_text()) == (1, "dear")
    assert "is there already" in result.output


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:0", "host:65536", "host:1x", "host:٣"])
def test_addresses_that_are_none(text):
    """The message says what is expected."""
    argv = ["record", "x", "--listen", "127.0.0.1:0", "--to", text]
    result = CliRunner().invoke(capture, argv)
    assert result.exit_code == 2
    assert "expected HOST:PORT" in result.output


def test_addresses():
    """IPv6 in brackets."""
    assert AddressType().convert("[::1]:2775", None, None) == Address("::1", 2775)
    assert str(Address("::1", 2775)) == "[::1]:2775"


def test_frames_that_cannot_be_decoded_are_pdus():
    """The frame is what makes it one."""
    odd = b"\0\0\0\x14\0\0\x0e\x5e" + bytes(12)
    recording, got, _ = asyncio.run(passed(odd + encode(BindTransceiver()), b""))
    assert got.startswith(odd)
    kinds = [(record.kind, record.octets) for record in Reader(io.BytesIO(recording.file.getvalue()))]
    assert (Kind.PDU, odd) in kinds
    with pytest.raises(UndecodablePdu):
        decode(odd)
