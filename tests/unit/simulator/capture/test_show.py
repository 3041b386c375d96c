"""What a recording looks like: lines, fields, JSON, sums; and that nothing in it can break them."""

import io
import json

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.capture.command import capture
from simulator.capture.recording import Header, Kind, Record, Writer
from simulator.capture.summary import Summary, quantiles
from simulator.capture.view import View
from sms_service.smpp import (
    AlertNotification,
    BindTransceiver,
    BindTransceiverResp,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Role,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Tlv,
    encode,
)
from sms_service.sms import Alphabet, concat_udh
from tests.unit.smpp.strategies import pdus

MS = 1_000_000
HEADER = Header(started="2026-01-01T00:00:00+00:00", listen="a:1", to="b:2", secrets=False, personal_data=True)
TEXT = "Họ tên: NGUYỄN VĂN AN"


def pdu(at_ms, origin, what, connection=1):
    return Record(at_ms * MS, connection, origin, Kind.PDU, what if isinstance(what, bytes) else encode(what))


def file_of(records):
    file = io.BytesIO()
    writer = Writer(file, HEADER, 10**9)
    for record in records:
        writer.write(record)
    return file.getvalue()


def show(records, *argv):
    """Standard output of `show`, which must succeed."""
    whole = records if isinstance(records, bytes) else file_of(records)
    result = CliRunner().invoke(capture, ["show", "-", *argv], input=whole, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


CONVERSATION = [
    Record(0, 1, Role.ESME, Kind.OPENED),
    pdu(1, Role.ESME, BindTransceiver(system_id="gateway", password="******", sequence_number=1)),
    pdu(3, Role.SMSC, BindTransceiverResp(system_id="SMSC", sequence_number=1)),
    pdu(
        5,
        Role.SMSC,
        DeliverSm(source_addr="84987650123", destination_addr="5505", short_message=b"DC", sequence_number=1),
    ),
    pdu(6, Role.ESME, DeliverSmResp(sequence_number=1)),
    pdu(
        8,
        Role.ESME,
        SubmitSm(
            source_addr="5505",
            destination_addr="84987650123",
            data_coding=8,
            short_message=TEXT.encode("utf-16-be"),
            sequence_number=2,
        ),
    ),
    pdu(12, Role.SMSC, SubmitSmResp(sequence_number=2, command_status=0x58)),
    pdu(13, Role.SMSC, b"\0\0\0\x14\0\0\x0e\x5e" + bytes(7) + b"\x09odd!"),
    Record(14 * MS, 1, Role.SMSC, Kind.OCTETS, b"\x1b[2J"),
    Record(15 * MS, 1, Role.SMSC, Kind.CLOSED, b"connection broken"),
]


def test_lines():
    """A line a record: who, what, to whom, and no contents."""
    lines = show(CONVERSATION).splitlines()
    assert len(lines) == len(CONVERSATION)
    assert lines[0].split() == ["0.000000", "1", "ESME->SMSC", "opened"]
    assert lines[1].split() == ["0.001000", "1", "ESME->SMSC", "bind_transceiver", "1", "-", "36", "gateway"]
    assert lines[3].split()[3:] == ["deliver_sm", "1", "-", "50", "84987650123", "->", "5505"]
    assert lines[6].split()[3:] == ["submit_sm_resp", "2", "ESME_RTHROTTLED", "16"]
    assert lines[7].endswith("undecodable: unknown command: 0000001400000e5e00000000000000096f646421")
    assert lines[8].endswith("4 octets that are no PDU: 1b5b324a")
    assert lines[9].endswith("closed                 connection broken")
    assert "NGUY" not in "".join(lines)


def test_texts():
    """Contents on request, and on one line."""
    assert f'"{TEXT}"' in show(CONVERSATION, "--texts")
    odd = [pdu(0, Role.SMSC, DeliverSm(short_message=b"a\nb\rc", source_addr="\x1b[31m"))]
    (line,) = show(odd, "--texts").splitlines()
    assert r'"a\nb\rc"' in line
    assert r"\x1b[31m" in line


def test_verbose():
    """Every field with its range, section and octets; contents hidden unless asked for."""
    shown = show(CONVERSATION, "-v", "--command", "submit_sm")
    lines = {line.split()[0]: line.split()[1:] for line in shown.splitlines()}
    assert lines["command_id"] == ["4-8", "submit_sm", "(0x00000004)", "s5.1.2", "00000004"]
    assert lines["destination_addr"] == ["26-38", "84987650123", "s5.2.9", "383439383736353031323300"]
    assert lines["short_message"] == ["48-90", "(contents:", "see", "--texts)", "s5.2.22"]
    assert TEXT.encode("utf-16-be").hex()[:20] not in shown
    assert TEXT in show(CONVERSATION, "-v", "--texts")


@pytest.mark.parametrize("argv", [[], ["-v"], ["--json"]])
@pytest.mark.parametrize(
    "what",
    [
        DeliverSm(short_message=b"secret"),
        DeliverSm(esm_class=0x40, short_message=concat_udh(1, 2, 1) + b"secret"),
        DataSm(tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"secret"),)),
        DataSm(esm_class=0x40, tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, concat_udh(1, 2, 1) + b"secret"),)),
    ],
)
def test_contents_are_hidden(argv, what):
    """In every form of a message and of the output, as text and as octets; and shown when asked for."""
    hidden, shown = show([pdu(0, Role.SMSC, what)], *argv), show([pdu(0, Role.SMSC, what)], *argv, "--texts")
    assert "secret" not in hidden
    assert b"secret".hex() not in hidden
    assert "secret" in shown


def test_json():
    """Each line is an object; the octets come with the contents only, or where they are the point."""
    rows = [json.loads(line) for line in show(CONVERSATION, "--json").splitlines()]
    assert [row["kind"] for row in rows] == ["opened", *["pdu"] * 7, "octets", "closed"]
    assert (rows[6]["command"], rows[6]["status"], rows[6]["sequence_number"]) == (
        "submit_sm_resp",
        "ESME_RTHROTTLED",
        2,
    )
    assert rows[1]["fields"][4] == {"name": "system_id", "start": 16, "end": 24, "value": "gateway", "section": "5.2.1"}
    assert "octets" not in rows[5]
    assert (rows[7]["problem"], rows[7]["octets"][-8:]) == ("unknown command", b"odd!".hex())
    assert rows[9]["reason"] == "connection broken"
    texts = [json.loads(line) for line in show(CONVERSATION, "--json", "--texts").splitlines()]
    assert texts[5]["fields"][-1]["value"] == TEXT
    assert bytes.fromhex(texts[5]["octets"]) == CONVERSATION[5].octets


def test_filters():
    """By command, by connection, by error; together."""
    more = [*CONVERSATION, pdu(20, Role.ESME, SubmitSmResp(command_status=8), connection=2)]
    assert len(show(more, "--command", "submit_sm_resp").splitlines()) == 2
    assert len(show(more, "--command", "submit_sm_resp", "--connection", "2").splitlines()) == 1
    assert [line.split()[3] for line in show(more, "--errors").splitlines()] == [
        "submit_sm_resp",
        "0x00000E5E",
        "octets",
        "closed",
        "submit_sm_resp",
    ]


def test_cut_and_other_files():
    """A cut file is shown up to the cut; what is none is refused in one line."""
    whole = file_of(CONVERSATION)
    result = CliRunner().invoke(capture, ["show", "-"], input=whole[:-5])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, len(CONVERSATION) - 1)
    assert "was cut" in result.stderr
    result = CliRunner().invoke(capture, ["show", "-"], input=b"PK\x03\x04")
    assert result.exit_code == 1
    assert "no recording of SMPP" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_summary():
    """Counts, times, windows, and what never came."""
    more = [
        *CONVERSATION[:-1],
        pdu(20, Role.ESME, SubmitSm(sequence_number=3)),
        pdu(21, Role.ESME, SubmitSm(sequence_number=4)),
        pdu(22, Role.ESME, SubmitSm(sequence_number=5)),
        pdu(28, Role.SMSC, SubmitSmResp(sequence_number=4)),
        pdu(29, Role.SMSC, SubmitSmResp(sequence_number=4)),
        pdu(30, Role.SMSC, GenericNack(sequence_number=5, command_status=3)),
        pdu(31, Role.SMSC, AlertNotification(sequence_number=7)),
        pdu(32, Role.ESME, EnquireLink(sequence_number=6), connection=2),
        pdu(33, Role.SMSC, EnquireLinkResp(sequence_number=6), connection=3),
    ]
    facts = json.loads(show(more, "--summary", "--json"))
    assert {"origin": "smsc", "command": "submit_sm_resp", "status": "ESME_ROK", "count": 2} in facts["pdus"]
    times = {(row["origin"], row["command"]): row for row in facts["response_times"]}
    assert times["esme", "submit_sm"] == {
        "origin": "esme", "command": "submit_sm", "count": 3, "p50": 7.0, "p90": 8.0, "p99": 8.0, "max": 8.0,
    }  # fmt: skip
    assert times["smsc", "deliver_sm"]["max"] == 1.0
    unanswered = {(row["origin"], row["command"]): row["count"] for row in facts["unanswered"]}
    assert unanswered == {("esme", "submit_sm"): 1, ("smsc", "0x00000E5E"): 1, ("esme", "enquire_link"): 1}
    assert facts["unexpected_responses"] == {"esme": 0, "smsc": 2}
    assert facts["window_maximum"] == {"esme": 3, "smsc": 1}
    lines = show(more, "--summary")
    assert "Never answered: 1 submit_sm of the ESME" in lines
    assert "Octets that are no PDU: 4" in lines
    assert show([], "--summary").startswith("0.000 s, 0 connections, 0 PDUs")


def test_connection_that_ends_answers_nothing_later():
    """A response on a later connection with the same number is unexpected; a request sent twice counts twice."""
    summary = Summary()
    for record in (
        pdu(0, Role.ESME, SubmitSm(sequence_number=1)),
        pdu(1, Role.ESME, SubmitSm(sequence_number=1)),
        Record(2 * MS, 1, Role.ESME, Kind.CLOSED),
        pdu(3, Role.SMSC, SubmitSmResp(sequence_number=1)),
    ):
        summary.add(record)
    summary.end()
    assert (sum(summary.unanswered.values()), summary.unexpected[Role.SMSC]) == (2, 1)


def test_quantiles():
    """Of a hundred and of one."""
    assert quantiles(range(1, 101)) == {"p50": 50, "p90": 90, "p99": 99, "max": 100}
    assert quantiles([7]) == {"p50": 7, "p90": 7, "p99": 7, "max": 7}


octets = st.binary(max_size=200) | pdus.map(encode)
anything = st.lists(
    st.builds(
        Record, st.integers(0, 2**64 - 1), st.integers(1, 9), st.sampled_from(Role), st.sampled_from(Kind), octets
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(anything, st.sampled_from([[], ["-v"], ["--json"], ["--summary"]]), st.booleans())
def test_anything_is_shown(records, argv, texts):
    """Whatever octets stand in the records: nothing raises, and no control character reaches the terminal."""
    shown = show(records, *argv, *(["--texts"] if texts else []))
    if argv != ["--json"]:
        assert all(char.isprintable() for char in shown.replace("\n", ""))
    if not argv:
        assert len(shown.splitlines()) == len(records)


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_damaged_file_is_shown(tail):
    """Whatever stands behind the first line."""
    show(file_of([]) + tail, "-v")


def test_repr_shows_nothing():
    """A view in a traceback."""
    assert "NGUY" not in repr(View(CONVERSATION[5], Alphabet.GSM7, texts=True))
