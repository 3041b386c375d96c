"""Hostile octets: no function that reads what arrives may raise anything it does not announce.

FUZZ_EXAMPLES sets how many examples each test tries; the default suits every run, a million suits a night.
"""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sms_service.sms import (
    Alphabet,
    MalformedUdh,
    Part,
    decode,
    group_key,
    is_delivery_receipt,
    join,
    normalise,
    parse_receipt,
    parse_udh,
    part_of,
    unaccent,
)

fuzz = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "200")), deadline=None, suppress_health_check=list(HealthCheck)
)

OCTET = st.integers(0, 255)
# Octets that lengths, escapes, surrogates and element identifiers are made of, to reach deep into the readers.
OCTETS = st.binary(max_size=300) | st.lists(
    st.sampled_from((0, 1, 2, 3, 4, 5, 6, 8, 0x1B, 0x24, 0x40, 0x65, 0xD8, 0xDE, 0xFE, 0xFF)), max_size=64
).map(bytes)
TLVS = st.lists(
    st.tuples(st.sampled_from((0x001E, 0x020C, 0x020E, 0x020F, 0x0424, 0x0427, 0x1401)), OCTETS), max_size=8
)
ADDRESSES = OCTETS.map(lambda octets: octets.decode("latin-1")) | st.text(st.sampled_from("0123456789+ "), max_size=21)


@fuzz
@given(ADDRESSES, OCTET, OCTET)
def test_an_address_of_any_characters_is_read(address, ton, npi):
    """Any address under any TON and NPI is digits or nobody."""
    msisdn = normalise(address, ton, npi)
    assert msisdn is None or (msisdn.isdigit() and msisdn.isascii())


@fuzz
@given(OCTET, OCTETS, TLVS, OCTET, st.sampled_from(Alphabet))
def test_a_deliver_sm_of_any_octets_is_read(esm_class, short_message, tlvs, data_coding, default):
    """The whole way of an arriving message, from its octets to its text and its group, holds for any octets."""
    inbound = part_of(esm_class, short_message, tlvs)
    text = decode(inbound.payload, data_coding, default)
    assert len(text) <= len(inbound.payload)
    unaccent(text).encode("utf-8")
    if inbound.concat is not None:
        assert len(group_key("smsc", "84912345678", "5505", inbound.concat)) == 35
    if is_delivery_receipt(esm_class):
        parse_receipt(text, tlvs)


@fuzz
@given(st.lists(st.builds(Part, OCTET, OCTET, OCTETS), max_size=12), st.sampled_from(Alphabet))
def test_parts_of_any_octets_are_joined(parts, default):
    """Parts under any codings, with any numbers, come to text that can be written."""
    join(parts, default).encode("utf-8")


@fuzz
@given(OCTETS)
def test_a_header_of_any_octets_is_read_or_malformed(octets):
    """The header's reader raises MalformedUdh and nothing else."""
    try:
        concat, payload = parse_udh(octets)
    except MalformedUdh:
        return
    assert octets.endswith(payload)
    assert concat is None or 1 <= concat.number <= concat.total


@fuzz
@given(st.text(st.sampled_from("idstaerrubmonxDELIVRD: _\n0123456789"), max_size=600), TLVS)
def test_a_receipt_of_any_words_is_read(text, tlvs):
    """Words that look like a receipt's fields are read without failing."""
    receipt = parse_receipt(text, tlvs)
    assert receipt is None or receipt.message_id
