"""The keys, and what is done with them: sealing, pseudonyms, the chain of the audit trail.

Three secrets, three uses, never mixed. `seal` encrypts what the journal holds (AES-256-GCM); several may be listed, the
current one seals, all unseal, so that a key can be changed while inquiries are open. `pseudonym` turns numbers and IDs
into 16 bytes that can be compared but not undone (HMAC-SHA-256): the space of numbers is small, so a plain hash would be
undone by trying all. `audit` chains the audit trail. Losing `seal` loses open inquiries; losing `pseudonym` loses the
connection between past and future entries of a person; losing `audit` loses the proof: keep the file in escrow.

A process seals under a key of its own (HKDF-SHA-256 of the sealing key with 16 random bytes), counting its nonces: no
nonce can repeat, whatever is restarted or restored (NIST SP 800-38D s8.2.1).
"""

from __future__ import annotations

import base64
import functools
import hmac
import os
import struct
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sms_service.model import AuditEntry, ChainedEntry

KEY_BYTES: Final = 32
"""Octets: AES-256 and HMAC-SHA-256 both take 256 bits."""
SALT_BYTES: Final = 16
PSEUDONYM_BYTES: Final = 16
"""Octets: 128 bits keep 10^9 pseudonyms apart with a chance of collision below 10^-20."""
DERIVED_KEYS_MAX: Final = 256
"""Derived keys kept at hand: one for each process whose seals are still open."""
KEY_FILE_MODE: Final = 0o600
ROOT: Final = 0
"""The user that hands secrets over."""

_SEAL_VERSION: Final = 1
_HEADER: Final = struct.Struct(">BB16sQ")
"""Version, number of the sealing key, salt, count."""


class KeyFileError(Exception):
    """The key file cannot be used. The text names the file, the cause and the remedy."""


class SealError(Exception):
    """A sealed value cannot be opened: another key sealed it, or it was changed. Permanent."""


class Keys(msgspec.Struct, frozen=True):
    """The secrets of one installation; every instance of it has the same."""

    seal: dict[int, bytes]
    """Number (0-255) → sealing key. The highest number seals."""
    pseudonym: bytes
    audit: bytes

    def __repr__(self) -> str:
        return "<Keys>"


def new_keys() -> Keys:
    """Fresh random keys."""
    return Keys(seal={1: os.urandom(KEY_BYTES)}, pseudonym=os.urandom(KEY_BYTES), audit=os.urandom(KEY_BYTES))


def write_keys(path: Path, keys: Keys) -> None:
    """Write a key file that only its owner can read.

    Raises:
        KeyFileError: the file exists; keys are never overwritten.
    """
    text = "\n".join(
        [
            "# Keys of sms-service. Whoever has this file can read open inquiries and link pseudonyms to numbers.",
            "# Keep a copy in escrow; every instance of one installation needs the same file.",
            f'pseudonym = "{_b64(keys.pseudonym)}"',
            f'audit = "{_b64(keys.audit)}"',
            "",
            "# To change the sealing key: add a line with a higher number, and remove the old one after a day.",
            "[seal]",
            *(f'{number} = "{_b64(key)}"' for number, key in sorted(keys.seal.items())),
            "",
        ]
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_FILE_MODE)
    except FileExistsError:
        raise KeyFileError(f"{path} exists; keys are never overwritten. Name another file.") from None
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def read_keys(path: Path) -> Keys:
    """Read a key file.

    Raises:
        KeyFileError: it is missing, unreadable for us, readable for others, or not a key file.
    """
    try:
        found = path.stat()
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise KeyFileError(f"{path} does not exist. Make one with: sms-service keys new {path}") from None
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError:
        raise KeyFileError(f"{path} is not a key file. Make one with: sms-service keys new FILE") from None
    if too_open(found.st_mode, owner=found.st_uid, ours=os.geteuid()):
        raise KeyFileError(f"{path} can be read by others. Mend it with: chmod 600 {path}")
    try:
        seal = {int(number): _key(value) for number, value in raw["seal"].items()}
        keys = Keys(seal=seal, pseudonym=_key(raw["pseudonym"]), audit=_key(raw["audit"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        raise KeyFileError(
            f"{path} is not a key file: it needs pseudonym, audit and [seal], each key 32 octets in base64."
        ) from None
    if not keys.seal or not all(0 <= number <= 255 for number in keys.seal):
        raise KeyFileError(f"{path}: [seal] needs at least one key, numbered 0 to 255.")
    return keys


def too_open(mode: int, *, owner: int, ours: int) -> bool:
    """Whether a key file can be reached by others than us. Root may hand one over by its group, as Kubernetes does with secrets
    and systemd with credentials (root, 0440): then that group may read, and nobody else anything. PostgreSQL has the same rule for
    its private key.
    """
    handed_over = owner == ROOT != ours
    return bool(mode & (0o037 if handed_over else 0o077))


def _b64(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _key(value: str) -> bytes:
    key = base64.b64decode(value, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError
    return key


class Sealer:
    """Seals and opens what the journal holds. `about` binds a seal to its row: moved to another row it does not open."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys.seal
        self._number = max(keys.seal)
        self._salt = os.urandom(SALT_BYTES)
        self._count = 0
        self._derived = functools.lru_cache(DERIVED_KEYS_MAX)(self._derive)
        self._own = self._derive(self._number, self._salt)

    def _derive(self, number: int, salt: bytes) -> AESGCM:
        kdf = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=b"sms-service journal")
        return AESGCM(kdf.derive(self._keys[number]))

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """The sealed form of `plain`: 42 octets longer."""
        self._count += 1
        header = _HEADER.pack(_SEAL_VERSION, self._number, self._salt, self._count)
        return header + self._own.encrypt(b"\0\0\0\0" + header[-8:], plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """What was sealed.

        Raises:
            SealError: see there.
        """
        if len(sealed) < _HEADER.size:
            raise SealError("a sealed value is too short")
        version, number, salt, _ = _HEADER.unpack_from(sealed)
        if version != _SEAL_VERSION or number not in self._keys:
            raise SealError(f"a value is sealed with key {number}, which the key file does not have")
        try:
            return self._derived(number, salt).decrypt(
                b"\0\0\0\0" + sealed[_HEADER.size - 8 : _HEADER.size], sealed[_HEADER.size :], about
            )
        except InvalidTag:
            raise SealError("a sealed value was changed, moved, or sealed with another key") from None


def keyed_hash(key: bytes, domain: bytes, octets: int = KEY_BYTES) -> Callable[[bytes], bytes]:
    """The first `octets` of HMAC-SHA-256 (RFC 2104) over `domain` and a message. The padded keys are hashed once, which makes it
    less than half the cost of `hmac.digest` for short messages. `domain` must be prefix-free among the domains of one key.
    """
    begun = HMAC(key, hashes.SHA256())
    begun.update(domain)

    def digest(message: bytes) -> bytes:
        mac = begun.copy()
        mac.update(message)
        return mac.finalize()[:octets]

    return digest


class Pseudonyms:
    """Names that can be compared but not undone."""

    def __init__(self, keys: Keys) -> None:
        self._msisdn = keyed_hash(keys.pseudonym, b"msisdn\0", PSEUDONYM_BYTES)
        self._citizen = keyed_hash(keys.pseudonym, b"citizen\0", PSEUDONYM_BYTES)
        self.digest = keyed_hash(keys.pseudonym, b"content\0", PSEUDONYM_BYTES)
        """Of a message or a group of segments, in a canonical form that must be unambiguous."""

    def msisdn(self, msisdn: str) -> bytes:
        """Of a number."""
        return self._msisdn(msisdn.encode())

    def citizen(self, citizen_id: str) -> bytes:
        """Of a citizen."""
        return self._citizen(citizen_id.encode())


_GENESIS: Final = bytes(32)


def _chain_hash(key: bytes) -> Callable[[bytes], bytes]:
    return keyed_hash(key, b"audit\0")


_encode: Final = msgspec.msgpack.Encoder().encode


def _canonical(chain: int, position: int, previous: bytes, entry: AuditEntry) -> bytes:
    return previous + _encode((chain, position, entry))


class AuditChain:
    """Links the audit entries of one run."""

    def __init__(self, keys: Keys, chain: int) -> None:
        self._hash = _chain_hash(keys.audit)
        self.chain = chain
        self.position = 0
        self.mac = _GENESIS

    def link(self, entry: AuditEntry) -> ChainedEntry:
        """The entry in its place."""
        self.position += 1
        self.mac = self._hash(_canonical(self.chain, self.position, self.mac, entry))
        return ChainedEntry(self.chain, self.position, self.mac, entry)


def fingerprints(keys: Keys) -> dict[str, bytes]:
    """By its name, what a key can be known by and not be found by: `PSEUDONYM_BYTES` of HMAC-SHA-256 of a constant under the key."""

    def fingerprint(key: bytes) -> bytes:
        return keyed_hash(key, b"fingerprint\0", PSEUDONYM_BYTES)(b"sms-service")

    return {
        "audit": fingerprint(keys.audit),
        "pseudonym": fingerprint(keys.pseudonym),
        **{f"seal {number}": fingerprint(key) for number, key in sorted(keys.seal.items())},
    }


def begins_chain(keys: Keys, first: ChainedEntry) -> bool:
    """Whether the first entry of a chain was linked with our key."""
    return hmac.compare_digest(AuditChain(keys, first.chain).link(first.entry).mac, first.mac)


def verify_chain(keys: Keys, entries: Iterable[ChainedEntry]) -> tuple[int, int | None]:
    """Walk one chain from its first entry.

    Returns:
        How many entries hold, and the position of the first that does not (changed, moved, or its predecessor is gone).
    """
    digest = _chain_hash(keys.audit)
    previous, good = _GENESIS, 0
    for link in entries:
        expected = digest(_canonical(link.chain, link.position, previous, link.entry))
        if link.position != good + 1 or not hmac.compare_digest(expected, link.mac):
            return good, link.position
        previous, good = link.mac, good + 1
    return good, None
