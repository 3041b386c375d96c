"""Binding, and binding again: the waits as arithmetic, the rest over loopback sockets and a clock that the test moves."""

import asyncio
import datetime as dt
import ipaddress
import random
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sms_service.esme import binder as binder_module
from sms_service.esme.binder import CREDENTIALS, Backoff
from sms_service.model import DeliveryResult
from sms_service.smpp import CommandStatus, Unbind
from tests.unit.esme.fake_smsc import until
from tests.unit.esme.rig import Rig, reply, settings

SMSC = settings(2775)


# ---- the waits ---------------------------------------------------------------------------------------------------------


def test_waits_double_from_the_first_to_the_longest():
    """Without jitter: 0.1, 0.2, 0.4 … and then 5 s for as long as it takes."""
    backoff = Backoff(SMSC, jitter=lambda: 1.0)
    waits = [backoff.next_wait_s(None) for _ in range(8)]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([None, 0x01, CommandStatus.ESME_RALYBND]))
def test_waits_are_at_most_5_s_apart(jitters, status):
    """Whatever the dice say, a wait is between half of 0.1 s and 5 s, unless the credentials are refused."""
    values = iter(jitters)
    backoff = Backoff(SMSC, jitter=lambda: next(values))
    assert all(0.05 <= backoff.next_wait_s(status) <= 5.0 for _ in jitters)


def test_many_instances_do_not_come_back_as_one():
    """Waits of binds that were lost together differ."""
    waits = {Backoff(SMSC).next_wait_s(None) for _ in range(100)}
    assert len(waits) > 90


def test_an_smsc_that_still_holds_the_old_bind_gets_time():
    """After ESME_RALYBND the wait is the longest from the first time on."""
    backoff = Backoff(SMSC, jitter=random.random)
    assert 2.5 <= backoff.next_wait_s(CommandStatus.ESME_RALYBND) <= 5.0


@pytest.mark.parametrize("status", sorted(CREDENTIALS))
def test_bad_credentials_are_tried_slowly(status):
    """A refused password waits about half a minute, and does not lengthen the other waits."""
    backoff = Backoff(SMSC, jitter=lambda: 0.0)
    assert backoff.next_wait_s(status) == pytest.approx(22.5)
    assert backoff.next_wait_s(None) == pytest.approx(0.05)


def test_a_bind_that_stood_begins_anew():
    """After a bind that stood for `rebind_max_s` the first wait is short again; after one that did not, it is not."""
    backoff = Backoff(SMSC, jitter=lambda: 1.0)
    for _ in range(5):
        backoff.next_wait_s(None)
    backoff.stood(4.9)
    assert backoff.next_wait_s(None) == pytest.approx(3.2)
    backoff.stood(5.0)
    assert backoff.next_wait_s(None) == pytest.approx(0.1)


# ---- attempts ----------------------------------------------------------------------------------------------------------


async def waits(rig, count):
    """Live through the next `count` waits of a single binder; how long all were so far."""
    for _ in range(count):
        rig.waits_lived += 1
        await until(lambda: len(rig.clock.waits) == rig.waits_lived)
        await rig.clock.advance(rig.clock.waits[-1])
    return list(rig.clock.waits)


async def test_a_refused_connection_is_retried(smsc):
    """Nobody listens: from 0.1 s at most 5 s apart, logged once, until somebody does."""
    await smsc.stop_listening()
    rig = Rig(settings(smsc.port))
    with capture_logs() as logs:
        async with rig.running():
            waited = await waits(rig, 9)
            assert 0.05 <= waited[0] <= 0.1
            assert all(2.5 <= wait <= 5.0 for wait in waited[-2:])
            await smsc.listen()
            await waits(rig, 1)
            await rig.bound()
    assert [line["event"] for line in logs] == ["bind_failed", "bind_stands"]
    assert logs[0]["smsc"] == "test"


async def test_a_wrong_password(smsc):
    """It is an error that a person must mend: logged each time, tried slowly, and it says what to check."""
    smsc.on_bind = lambda peer, _pdu: peer.answer_bind(CommandStatus.ESME_RINVPASWD)
    rig = Rig(settings(smsc.port))
    with capture_logs() as logs:
        async with rig.running():
            waited = await waits(rig, 3)
            assert all(22.5 <= wait <= 30 for wait in waited)
            await until(lambda: all(peer.lost for peer in smsc.peers[:3]))
    assert {(line["event"], line["log_level"]) for line in logs} == {("bind_refused", "error")}
    assert "password" in logs[0]["remedy"]
    assert "secret" not in str(logs)


async def test_already_bound(smsc):
    """ESME_RALYBND: the SMSC has not noticed that the old bind is gone; a long wait, then it stands."""
    answers = [CommandStatus.ESME_RALYBND, CommandStatus.ESME_ROK]
    smsc.on_bind = lambda peer, _pdu: peer.answer_bind(answers.pop(0))
    rig = Rig(settings(smsc.port))
    async with rig.running():
        waited = await waits(rig, 1)
        assert 2.5 <= waited[0] <= 5.0
        await rig.bound()
        assert len(smsc.peers) == 2


async def test_binds_again_after_a_lost_connection(smsc, joined):
    """The connection goes: the bind comes back under another link name, and replies pass."""
    async with joined() as rig:
        before = rig.esme.live_links()
        await rig.clock.advance(5)
        smsc.peers[0].transport.abort()
        await rig.bound(0)
        assert rig.value("sms_binds") == 0
        (wait,) = await waits(rig, 1)
        assert wait <= 0.1
        await rig.bound(1)
        assert rig.esme.live_links() != before
        assert rig.sink.changes == 3  # up, down, up
        rig.esme.submit([reply(1)])
        await until(lambda: rig.sink.results)
        assert rig.sink.results[0].result is DeliveryResult.CONFIRMED


async def test_binds_again_after_the_smsc_unbinds(smsc, joined):
    """An unbind is answered, the connection is closed, and a new bind follows."""
    async with joined() as rig:
        peer = smsc.peers[0]
        peer.session.request(Unbind(), 0.0)
        peer.flush()
        await until(lambda: peer.lost)
        assert peer.closed.value == "unbound"
        await waits(rig, 1)
        await rig.bound()
        assert len(smsc.peers) == 2


async def test_an_smsc_that_lets_in_and_throws_out(smsc):
    """Binds that do not last are tried at growing intervals, not several times a second for ever."""

    def let_in_and_throw_out(peer, _pdu):
        peer.answer_bind()
        peer.transport.close()

    smsc.on_bind = let_in_and_throw_out
    rig = Rig(settings(smsc.port))
    async with rig.running():
        waited = await waits(rig, 8)
        assert all(wait >= 2.5 for wait in waited[-2:])


async def test_hung_up_before_the_answer(smsc):
    """A connection that goes before the bind is answered is a failed attempt like any other."""
    smsc.on_bind = lambda peer, _pdu: peer.transport.abort()
    rig = Rig(settings(smsc.port))
    with capture_logs() as logs:
        async with rig.running():
            await waits(rig, 3)
    assert [line["event"] for line in logs] == ["bind_failed"]
    assert "hung up" in logs[0]["why"]


async def test_a_bind_without_answer(smsc, monkeypatch):
    """An SMSC that takes the connection and says nothing is given up and tried again."""
    monkeypatch.setattr(binder_module, "BIND_TIMEOUT_S", 0.05)
    smsc.on_bind = lambda peer, _pdu: None
    rig = Rig(settings(smsc.port))
    with capture_logs() as logs:
        async with rig.running():
            await waits(rig, 2)
            await until(lambda: smsc.peers[0].lost)
    assert "not answered in time" in logs[0]["why"]


async def test_a_connection_that_never_stands(monkeypatch):
    """A handshake that hangs (here TLS with a host that takes connections and says nothing) is given up and tried again."""
    monkeypatch.setattr(binder_module, "CONNECT_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute, capture_logs() as logs:
        rig = Rig(settings(mute.getsockname()[1], tls=True))
        async with rig.running():
            await waits(rig, 2)
    assert logs[0]["why"] == "no connection in time"


async def test_an_error_that_is_none_of_ours(smsc):
    """Any other status is logged by its number, and again only when it changes."""
    statuses = [0x99, 0x99, CommandStatus.ESME_RSYSERR]
    smsc.on_bind = lambda peer, _pdu: peer.answer_bind(statuses.pop(0) if statuses else CommandStatus.ESME_ROK)
    rig = Rig(settings(smsc.port))
    with capture_logs() as logs:
        async with rig.running():
            await waits(rig, 3)
            await rig.bound()
    assert [line.get("why") for line in logs] == ["command_status 0x99", "command_status 0x8", None]


async def test_stop_while_a_bind_waits_for_its_answer(smsc, joined):
    """Leaving does not wait for an SMSC that is slow to let us in, and does not stay when it does."""
    smsc.on_bind = lambda peer, _pdu: None
    rig = Rig(settings(smsc.port))
    async with rig.running():
        await until(lambda: smsc.peers and smsc.peers[0].bind)
        await rig.esme.stop()
        await until(lambda: smsc.peers[0].lost)
        await rig.clock.advance(10)
        assert len(smsc.peers) == 1


async def test_stop_while_connecting(smsc):
    """A connection that comes up while leaving is closed, not bound."""
    rig = Rig(settings(smsc.port))
    async with rig.running():
        await asyncio.sleep(0)  # the binder's task begins
        await asyncio.sleep(0)
        await rig.esme.stop()
        await until(lambda: smsc.peers and smsc.peers[0].lost)
        assert smsc.peers[0].bind is None


async def test_stop_with_an_smsc_that_does_not_answer(smsc, joined, monkeypatch):
    """An unbind without answer is waited for, but not for long."""
    monkeypatch.setattr(binder_module, "UNBIND_TIMEOUT_S", 0.05)
    async with joined() as rig:
        smsc.peers[0].transport.pause_reading()
        rig.esme.submit([reply(1)])
        await rig.esme.stop()
        await until(lambda: rig.sink.results)
        assert rig.sink.results[0].result is DeliveryResult.RETURNED
        assert rig.sink.results[0].uncertain


# ---- TLS -----------------------------------------------------------------------------------------------------------------


def certificate(subject, issuer_key=None, issuer=None, *, authority=False):
    """A certificate and its key: self-signed, or by an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        names = [x509.IPAddress(ipaddress.ip_address(subject))] if subject[0].isdigit() else [x509.DNSName(subject)]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256()), key


def pem(folder, name, cert, key=None):
    path = folder / name
    octets = cert.public_bytes(serialization.Encoding.PEM)
    if key is not None:
        octets += key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    path.write_bytes(octets)
    return str(path)


@pytest.fixture
def authority(tmp_path):
    """A certificate authority of our own, and a maker of server contexts under it."""
    ca, ca_key = certificate("test CA", authority=True)

    def context(subject):
        cert, key = certificate(subject, ca_key, ca)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pem(tmp_path, f"{subject}.pem", cert, key))
        return server

    return pem(tmp_path, "ca.pem", ca), context


async def tls_rig(smsc, context, **fields):
    await smsc.stop_listening()
    smsc.port = 0
    await smsc.listen(ssl=context)
    return Rig(settings(smsc.port, tls=True, **fields))


async def test_tls(smsc, authority):
    """With the operator's CA file a bind over TLS stands and carries messages both ways."""
    ca_file, context = authority
    rig = await tls_rig(smsc, context("127.0.0.1"), tls_ca_file=ca_file)
    async with rig.running():
        await rig.bound()
        rig.esme.submit([reply(1)])
        await until(lambda: rig.sink.results)
        assert rig.sink.results[0].result is DeliveryResult.CONFIRMED
        await rig.esme.stop()
        await until(lambda: smsc.peers[0].lost)


async def test_tls_with_another_authority(smsc, authority):
    """A certificate that no known authority signed is refused before anything was said; the log says so."""
    _, context = authority
    rig = await tls_rig(smsc, context("127.0.0.1"))
    with capture_logs() as logs:
        async with rig.running():
            await waits(rig, 2)
    assert "CERTIFICATE_VERIFY_FAILED" in logs[0]["why"]
    assert not any(peer.bind for peer in smsc.peers)


async def test_tls_of_another_host(smsc, authority):
    """A certificate of our authority for another host is refused: whoever holds one is not every SMSC."""
    ca_file, context = authority
    rig = await tls_rig(smsc, context("other.example"), tls_ca_file=ca_file)
    with capture_logs() as logs:
        async with rig.running():
            await waits(rig, 1)
    assert "CERTIFICATE_VERIFY_FAILED" in logs[0]["why"]
    assert not any(peer.bind for peer in smsc.peers)
