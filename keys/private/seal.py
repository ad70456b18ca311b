"""Sealing a content into an envelope for the devices of one unit, and opening it (FORMATS 6).

Steps of sealing (FORMATS 6.2):
1. Frame: u32 length ‖ content ‖ zeros, exactly as long as the chosen size leaves room for.
2. Encrypt with Cobblestone-256 under a fresh content key; its context names federation, mailbox and header.
3. Wrap the content key for each device with HPKE; ``info`` names federation, mailbox, header, device and the digest of
   the encrypted content, so a slot moved to another envelope, mailbox or place does not open.
4. Fill up with wraps to a throw-away key and shuffle: slots look alike and carry no hint.

Every attempt uses a new content key and new slots; the same document twice is two unrelated envelopes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
import struct
from collections.abc import Iterable, Sequence
from typing import Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from keys import domains
from keys.envelope import HEADER, MAGIC, SIZES, SLOT_COUNTS, Envelope, content_bytes
from keys.errors import FormatError, LocalError, OpenError
from keys.ids import DeviceId, digest
from keys.private import xwing
from keys.private.identity import random_bytes

_LENGTH: Final = struct.Struct(">I")
_random: Final = random.SystemRandom()


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope belongs: federation (32 bytes) and mailbox (16 bytes)."""

    federation: bytes
    mailbox_id: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """A device and the epoch prekey (1,216 bytes) to wrap for."""

    device_id: DeviceId
    public: bytes


def seal(content: bytes, place: Place, targets: Sequence[Target], *, hour: int, recall_hash: bytes) -> bytes:
    """Seal a content for one unit.

    Args:
        content: the encoded Content record.
        place: federation and mailbox.
        targets: 1 to 32 devices.
        hour: hours since 1970 UTC at sealing.
        recall_hash: 32 bytes.

    Raises:
        LocalError: code ``BIG`` when the content does not fit 256 KiB, ``ROSTER`` for no or too many targets.
    """
    slots, size = _choose(len(content), len(targets))
    header = HEADER.pack(MAGIC, slots, hour, recall_hash)
    key = random_bytes(32)
    room = content_bytes(size, slots) or 0
    framed = _LENGTH.pack(len(content)) + content
    encryptor = Cobblestone256Encryptor(key, _content_context(place, header))
    sealed = encryptor.update(framed + bytes(room - len(framed))) + encryptor.finalize()
    wrapped = [
        xwing.wrap(key, target.public, _wrap_info(place, header, target.device_id, sealed)) for target in targets
    ]
    wrapped += _decoys(slots - len(targets), place, header, sealed)
    _random.shuffle(wrapped)
    return header + b"".join(wrapped) + sealed


def open_key(envelope: Envelope, place: Place, device_id: DeviceId, keys: Iterable[MLKEM768X25519PrivateKey]) -> bytes:
    """Find the slot that one of our epoch keys opens (check 3 of FORMATS 8).

    Raises:
        OpenError: code ``SLOT``; none does.
    """
    info = _wrap_info(place, envelope.header, device_id, envelope.content)
    for key in keys:
        with contextlib.suppress(OpenError):
            return xwing.unwrap_any(envelope.slots, key, info)
    raise OpenError("SLOT")


def open_content(envelope: Envelope, place: Place, key: bytes) -> bytes:
    """Decrypt the content and take off the frame (checks 4 and 5 of FORMATS 8).

    Raises:
        OpenError: code ``OPEN``; altered, cut off, or made for another key.
        FormatError: wrong length or padding that is not zero.
    """
    decryptor = Cobblestone256Decryptor(key, _content_context(place, envelope.header))
    try:
        framed = decryptor.update(envelope.content) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise OpenError("OPEN") from error
    (length,) = _LENGTH.unpack_from(framed)
    end = _LENGTH.size + length
    if end > len(framed) or framed[end:].strip(b"\x00"):
        raise FormatError("FMT", rule="padding")
    return framed[_LENGTH.size : end]


def _choose(content_length: int, targets: int) -> tuple[int, int]:
    """The fewest slots and then the smallest size that hold the content."""
    slots = next((count for count in SLOT_COUNTS if 0 < targets <= count), None)
    if slots is None:
        raise LocalError("ROSTER", devices=targets)
    for size in SIZES:
        room = content_bytes(size, slots)
        if room is not None and room >= _LENGTH.size + content_length:
            return slots, size
    raise LocalError("BIG")


def _decoys(count: int, place: Place, header: bytes, sealed: bytes) -> list[bytes]:
    if not count:
        return []
    nobody = xwing.public_of(random_bytes(32))
    return [
        xwing.wrap(random_bytes(32), nobody, _wrap_info(place, header, DeviceId(random_bytes(16)), sealed))
        for _ in range(count)
    ]


def _content_context(place: Place, header: bytes) -> bytes:
    return domains.CONTENT + place.federation + place.mailbox_id + header


def _wrap_info(place: Place, header: bytes, device_id: DeviceId, sealed: bytes) -> bytes:
    return domains.WRAP + place.federation + place.mailbox_id + header + device_id + digest(sealed)
