"""The records: what they show, what they are by default, and that the table is complete."""

import msgspec
import pytest

from sms_service.smpp import (
    INTERFACE_VERSION,
    PDU_CLASSES,
    BindTransceiver,
    CommandId,
    DeliverSm,
    DistributionList,
    SmeAddress,
    SubmitMulti,
    Tlv,
    UnsuccessSme,
)
from sms_service.smpp.pdus import CLASS_OF

SECRET = "84912345678"


def test_one_class_a_command():
    """Each command of the specification has exactly one class, and each class its command."""
    assert len(PDU_CLASSES) == len(CommandId)
    assert CLASS_OF.keys() == set(CommandId)
    assert all(cls.command_id == command_id for command_id, cls in CLASS_OF.items())


@pytest.mark.parametrize("cls", PDU_CLASSES)
def test_every_field_has_a_default(cls):
    """A PDU is made by naming what matters."""
    pdu = cls()

    assert (pdu.sequence_number, pdu.command_status, pdu.tlvs) == (0, 0, ())


def test_a_bind_announces_our_version():
    """§5.2.4: 0x34 unless one says otherwise."""
    assert BindTransceiver().interface_version == INTERFACE_VERSION


@pytest.mark.parametrize(
    "record",
    [
        DeliverSm(source_addr=SECRET, short_message=SECRET.encode(), tlvs=(Tlv(0x0424, SECRET.encode()),)),
        BindTransceiver(system_id=SECRET, password=SECRET),
        SubmitMulti(dest_addresses=(SmeAddress(1, 1, SECRET),)),
        SmeAddress(1, 1, SECRET),
        UnsuccessSme(1, 1, SECRET, 11),
    ],
    ids=lambda record: type(record).__name__,
)
def test_repr_shows_no_person(record):
    """What ends up in a log or a traceback holds no number, no text and no password."""
    assert SECRET not in repr(record)
    assert SECRET not in f"{record}"
    assert type(record).__name__ in repr(record)


def test_repr_shows_what_identifies():
    """A PDU is found again by its sequence_number and judged by its status."""
    assert repr(DeliverSm(sequence_number=7, command_status=0x58)) == (
        "<DeliverSm sequence_number=7 command_status=0x00000058>"
    )
    assert repr(UnsuccessSme(error_status_code=11)) == "<UnsuccessSme error_status_code=0x0000000B>"


@pytest.mark.parametrize("cls", [*PDU_CLASSES, SmeAddress, DistributionList, UnsuccessSme, Tlv])
def test_records_do_not_change(cls):
    """A PDU that was handed on stays what it was."""
    assert issubclass(cls, msgspec.Struct)
    assert cls.__struct_config__.frozen
