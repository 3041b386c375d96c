"""Sealing, pseudonyms and the chain of the audit trail."""

import hashlib
import hmac
import os
import stat

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.keys import (
    KEY_BYTES,
    PSEUDONYM_BYTES,
    AuditChain,
    KeyFileError,
    Keys,
    Pseudonyms,
    Sealer,
    SealError,
    keyed_hash,
    new_keys,
    read_keys,
    too_open,
    verify_chain,
    write_keys,
)
from sms_service.model import AuditEntry, Ending

KEYS = Keys(seal={1: b"s" * 32}, pseudonym=b"p" * 32, audit=b"a" * 32)


# ---- the key file --------------------------------------------------------------------------------------------------------


def test_a_written_file_reads_back(tmp_path):
    """All keys, and only for its owner."""
    path, keys = tmp_path / "keys.toml", new_keys()
    write_keys(path, keys)
    assert read_keys(path) == keys
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_fresh_keys_are_random():
    """Three secrets, never the same."""
    first, second = new_keys(), new_keys()
    assert len({first.pseudonym, first.audit, first.seal[1], second.pseudonym, second.audit, second.seal[1]}) == 6
    assert {len(first.pseudonym), len(first.audit), len(first.seal[1])} == {KEY_BYTES}


def test_keys_are_never_overwritten(tmp_path):
    """An existing file is refused, and stays as it is."""
    path = tmp_path / "keys.toml"
    path.write_text("precious")
    with pytest.raises(KeyFileError, match="never overwritten"):
        write_keys(path, KEYS)
    assert path.read_text() == "precious"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    """The text says which file."""
    with pytest.raises(KeyFileError, match="cannot be written"):
        write_keys(tmp_path / "no" / "keys.toml", KEYS)


def test_a_missing_file_is_answered_with_the_command(tmp_path):
    """The remedy stands in the text."""
    with pytest.raises(KeyFileError, match="sms-service keys new"):
        read_keys(tmp_path / "keys.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    """A folder, for one."""
    with pytest.raises(KeyFileError, match="cannot be read"):
        read_keys(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_can_reach_is_refused(tmp_path, mode):
    """With the command that mends it."""
    path = tmp_path / "keys.toml"
    write_keys(path, KEYS)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_keys(path)


@pytest.mark.parametrize(
    ("mode", "owner", "ours", "refused"),
    [
        (0o440, 0, 10001, False),  # a secret of Kubernetes with fsGroup, a credential of systemd
        (0o640, 0, 10001, False),
        (0o400, 0, 10001, False),  # with a list of rights that lets us read
        (0o444, 0, 10001, True),
        (0o660, 0, 10001, True),
        (0o450, 0, 10001, True),
        (0o440, 10001, 10001, True),  # our own: whom would the group be for?
        (0o440, 0, 0, True),
        (0o440, 1000, 10001, True),  # somebody else's
        (0o600, 10001, 10001, False),
    ],
)
def test_a_file_that_root_handed_over(mode, owner, ours, refused):
    """Its group may read it, and nobody else anything."""
    assert too_open(0o100000 | mode, owner=owner, ours=ours) is refused


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "= = =",
        lambda text: "\x00",
        lambda text: text.replace("pseudonym", "pseudonim"),
        lambda text: text.replace('audit = "', 'audit = "AAAA'),
        lambda text: text.replace('audit = "', 'audit = "!'),
        lambda text: text.replace("[seal]", "[sealing]"),
        lambda text: text[: text.index("[seal]")] + "seal = 5",
        lambda text: text[: text.index("[seal]")] + "[seal]\none = 1",
        lambda text: text[: text.index("[seal]")] + "[seal]\n1 = 1",
        lambda text: text[: text.index("[seal]")] + "[seal]",
        lambda text: text.replace('1 = "', '256 = "'),
        lambda text: text.replace('1 = "', '-1 = "'),
    ],
)
def test_what_is_no_key_file_is_refused_without_showing_keys(tmp_path, change):
    """Whatever is wrong with it; the text never quotes it."""
    path = tmp_path / "keys.toml"
    write_keys(path, KEYS)
    text = change(path.read_text())
    path.write_text(text)
    with pytest.raises(KeyFileError) as caught:
        read_keys(path)
    assert str(path) in str(caught.value)
    assert "cHBw" not in str(caught.value), "that is how the pseudonym key begins in base64"


def test_keys_do_not_show_themselves():
    """Neither in a log nor in a traceback."""
    assert repr(KEYS) == str(KEYS) == "<Keys>"


# ---- sealing -------------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_what_was_sealed_opens(plain, about):
    """For the same row, by any process with the keys; a seal adds 42 octets."""
    sealed = Sealer(KEYS).seal(plain, about)
    assert Sealer(KEYS).open(sealed, about) == plain
    assert len(sealed) == len(plain) + 42
    assert len(plain) < 8 or plain not in sealed


def test_a_seal_is_bound_to_its_row():
    """Moved to another row it does not open."""
    sealer = Sealer(KEYS)
    with pytest.raises(SealError):
        sealer.open(sealer.seal(b"text", b"row 1"), b"row 2")


def test_any_changed_octet_is_noticed():
    """In header, ciphertext or tag."""
    sealer = Sealer(KEYS)
    sealed = sealer.seal(b"text", b"row")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealError):
            sealer.open(bytes(changed), b"row")


@pytest.mark.parametrize("length", [0, 1, 25, 26, 41])
def test_a_truncated_seal_is_noticed(length):
    """At any length."""
    sealer = Sealer(KEYS)
    with pytest.raises(SealError):
        sealer.open(sealer.seal(b"text", b"row")[:length], b"row")


def test_a_nonce_never_repeats():
    """Under one key: the salt of a process and the count of its seals, 10,000 of them; two processes differ in the salt."""
    sealer = Sealer(KEYS)
    headers = {sealer.seal(b"", b"")[:26] for _ in range(10_000)}
    assert len(headers) == 10_000
    salts = {Sealer(KEYS).seal(b"", b"")[2:18] for _ in range(100)}
    assert len(salts) == 100


def test_the_same_text_is_never_sealed_alike():
    """Equal messages cannot be told from the journal."""
    sealer = Sealer(KEYS)
    assert sealer.seal(b"DC", b"row")[26:] != sealer.seal(b"DC", b"row")[26:]


def test_keys_can_be_changed_while_inquiries_are_open():
    """The highest number seals; what an older one sealed opens as long as it is listed."""
    old = Sealer(KEYS).seal(b"text", b"row")
    both = Keys(seal={1: b"s" * 32, 2: b"t" * 32}, pseudonym=b"p" * 32, audit=b"a" * 32)
    sealer = Sealer(both)
    assert sealer.open(old, b"row") == b"text"
    assert sealer.seal(b"text", b"row")[1] == 2
    new_only = Keys(seal={2: b"t" * 32}, pseudonym=b"p" * 32, audit=b"a" * 32)
    with pytest.raises(SealError, match="key 1"):
        Sealer(new_only).open(old, b"row")
    assert Sealer(new_only).open(sealer.seal(b"text", b"row"), b"row") == b"text"


def test_another_key_under_the_same_number_does_not_open():
    """It is said that it may be the key, not only that it was changed."""
    other = Keys(seal={1: b"x" * 32}, pseudonym=b"p" * 32, audit=b"a" * 32)
    with pytest.raises(SealError, match="another key"):
        Sealer(other).open(Sealer(KEYS).seal(b"text", b"row"), b"row")


# ---- pseudonyms ----------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=64), st.binary(max_size=20), st.binary(max_size=300))
def test_the_keyed_hash_is_hmac(key, domain, message):
    """RFC 2104 with SHA-256 over domain and message, as the standard library has it; also when used again."""
    digest = keyed_hash(key, domain)
    expected = hmac.new(key, domain + message, hashlib.sha256).digest()
    assert digest(message) == expected
    assert digest(message) == expected


def test_pseudonyms_can_be_compared():
    """The same for the same, over processes; another for another value, another use, another key."""
    names = Pseudonyms(KEYS)
    assert names.msisdn("84912345678") == Pseudonyms(KEYS).msisdn("84912345678")
    others = Pseudonyms(Keys(seal=KEYS.seal, pseudonym=b"q" * 32, audit=KEYS.audit))
    all_names = {
        names.msisdn("84912345678"),
        names.msisdn("84912345679"),
        names.citizen("84912345678"),
        names.digest(b"84912345678"),
        others.msisdn("84912345678"),
    }
    assert len(all_names) == 5
    assert {len(name) for name in all_names} == {PSEUDONYM_BYTES}


# ---- the audit chain -----------------------------------------------------------------------------------------------------


def entry(number, **changes):
    values = {
        "inquiry_id": number,
        "at_ms": 1_700_000_000_000 + number,
        "smsc": "viettel",
        "sender": b"s" * 16,
        "citizen": b"c" * 16,
        "command": "own_record",
        "fields": "full_name",
        "syntax": "2026.1@abc",
        "ending": Ending.ANSWERED,
        "segments": 1,
        "repeated": False,
    }
    return AuditEntry(**{**values, **changes})


def chain_of(count, chain=7, keys=KEYS):
    audit = AuditChain(keys, chain)
    return [audit.link(entry(number)) for number in range(1, count + 1)]


def test_a_chain_as_it_was_written_holds():
    """From the first entry; an empty one too."""
    assert verify_chain(KEYS, chain_of(5)) == (5, None)
    assert verify_chain(KEYS, []) == (0, None)
    assert [one.position for one in chain_of(3)] == [1, 2, 3]


CHANGES = {
    "inquiry_id": 99,
    "at_ms": 1,
    "smsc": "mobifone",
    "sender": b"x" * 16,
    "citizen": b"",
    "command": "help",
    "fields": "",
    "syntax": "",
    "ending": Ending.REFUSED,
    "segments": 2,
    "repeated": True,
}


@pytest.mark.parametrize("field", list(CHANGES))
def test_a_change_of_any_field_is_found(field):
    """At the entry that was changed."""
    assert set(CHANGES) == set(AuditEntry.__struct_fields__)
    chain = chain_of(5)
    changed = msgspec.structs.replace(chain[2].entry, **{field: CHANGES[field]})
    chain[2] = msgspec.structs.replace(chain[2], entry=changed)
    assert verify_chain(KEYS, chain) == (2, 3)


def test_a_gap_is_found():
    """Where an entry is missing inside, or at the beginning."""
    chain = chain_of(5)
    assert verify_chain(KEYS, chain[:2] + chain[3:]) == (2, 4)
    assert verify_chain(KEYS, chain[1:]) == (0, 2)


def test_a_gap_that_was_closed_by_new_numbers_is_found():
    """Whoever moves the later entries up cannot make their macs."""
    chain = chain_of(5)
    closed = [msgspec.structs.replace(one, position=one.position - 1) for one in chain[3:]]
    assert verify_chain(KEYS, chain[:2] + closed) == (2, 3)


def test_a_swap_is_found():
    """Of two entries, with or without their positions."""
    chain = chain_of(5)
    assert verify_chain(KEYS, [chain[0], chain[2], chain[1], *chain[3:]])[0] == 1
    swapped = [
        chain[0],
        msgspec.structs.replace(chain[2], position=2),
        msgspec.structs.replace(chain[1], position=3),
        *chain[3:],
    ]
    assert verify_chain(KEYS, swapped) == (1, 2)


def test_an_entry_of_another_chain_is_found():
    """Runs cannot lend each other entries."""
    chain, other = chain_of(5, chain=7), chain_of(5, chain=8)
    assert verify_chain(KEYS, [*chain[:2], other[2], *chain[3:]]) == (2, 3)
    assert verify_chain(KEYS, [msgspec.structs.replace(one, chain=7) for one in other]) == (0, 1)


def test_a_forged_mac_is_found():
    """Without the key nobody makes one."""
    chain = chain_of(3)
    chain[1] = msgspec.structs.replace(chain[1], mac=os.urandom(32))
    assert verify_chain(KEYS, chain) == (1, 2)
    forged = chain_of(3, keys=new_keys())
    assert verify_chain(KEYS, forged) == (0, 1)


def test_the_end_of_a_chain_can_be_compared():
    """A chain cut at its end holds; how far it should reach is told by the chain that wrote it."""
    audit = AuditChain(KEYS, 7)
    chain = [audit.link(entry(number)) for number in range(1, 4)]
    assert verify_chain(KEYS, chain[:2]) == (2, None)
    assert audit.position == 3
    assert audit.mac == chain[-1].mac
