"""The frames between a keeper process and the process that asks it: one request, one answer, over a pair of pipes.

frame    = u32 length ‖ canonical msgpack (FORMATS 1); at most 512 KiB, checked before reading

 1 Unlock     → Unlocked    passphrase and files; the first request, and only the first
 2 Sign       → Bytes       a signed object
 3 SignLogin  → Bytes       64 bytes
 4 Open       → Opened      an envelope's content, by a ticket: its key never leaves the keeper
 5 Seal       → Bytes       an envelope
 6 OpenCard   → Bytes
 7 Token      → Bytes
 8 NewBatch   → Bytes       a signed batch
 9 Forget     → Number      how many seeds went
10 Advance    → Number      the counter
11 Touch      → Number      a person asked for something: the idle time begins again
12 ForgetAll  → Number      how many seeds went: this device was revoked
13 Learn      → Number      of the newest directory key that the device has
              → Failed      to any: class and code of the error
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import FileIO
from typing import Annotated, Any, Final, TypeVar, get_args

from msgspec import Meta

from keys.cards import CardKind
from keys.codec import Bytes16, Bytes32, Record, Uint, Uint32, decode, encode
from keys.domains import SignedType
from keys.errors import FormatError, LocalError, LockedError, OpenError, SlussError
from keys.private.hardening import Hardening
from keys.rekey import COPY_BYTES, MAX_REKEYS, Rekey
from keys.statements import Profile

MAX_FRAME_BYTES: Final = 512 * 1024  # the largest envelope or content, 32 targets, and some
_READ_BYTES: Final = 64 * 1024  # what a pipe holds
_LENGTH: Final = struct.Struct(">I")

Large = Annotated[bytes, Meta(max_length=MAX_FRAME_BYTES)]
PathText = Annotated[str, Meta(max_length=4096)]
Code = Annotated[str, Meta(max_length=40)]


class Unlock(Record, frozen=True, tag=1):
    """1. ``idle_seconds`` 0: no limit."""

    passphrase: Annotated[bytes, Meta(max_length=4096)]
    key_file: PathText
    ring_file: PathText
    idle_seconds: Uint32
    wants_vault_key: bool

    def __repr__(self) -> str:
        """Never the passphrase."""
        return "Unlock(…)"


class Sign(Record, frozen=True, tag=2):
    """2."""

    signed_type: SignedType
    payload: Large


class SignLogin(Record, frozen=True, tag=3):
    """3."""

    hub_id: Bytes16
    nonce: Bytes32


class Open(Record, frozen=True, tag=4):
    """4."""

    envelope: Large
    mailbox_id: Bytes16


class SealFor(Record, frozen=True):
    """A device and the prekey to wrap for."""

    device_id: Bytes16
    public: Annotated[bytes, Meta(max_length=2048)]


class Seal(Record, frozen=True, tag=5):
    """5."""

    content: Large
    mailbox_id: Bytes16
    targets: Annotated[list[SealFor], Meta(max_length=64)]
    hour: Uint32
    recall_hash: Bytes32


class OpenCard(Record, frozen=True, tag=6):
    """6."""

    kind: CardKind
    owner_id: Bytes16
    sealed: Large


class Token(Record, frozen=True, tag=7):
    """7."""

    mailbox_id: Bytes16
    week: Uint32


class NewBatch(Record, frozen=True, tag=8):
    """8."""

    hour: Uint32
    dir_size: Uint
    high_risk: bool


class Forget(Record, frozen=True, tag=9):
    """9."""

    trusted_hour: Uint32
    drained_hour: Uint32


class Advance(Record, frozen=True, tag=10):
    """10."""

    counter: Uint


class Touch(Record, frozen=True, tag=11):
    """11."""


class ForgetAll(Record, frozen=True, tag=12):
    """12."""


class Learn(Record, frozen=True, tag=13):
    """13. ``copy`` is empty where the log has none for this device."""

    steps: Annotated[list[Rekey], Meta(max_length=MAX_REKEYS)]
    copy: Annotated[bytes, Meta(max_length=COPY_BYTES)]


class Unlocked(Record, frozen=True, tag=65):
    """65. ``vault_key`` is empty unless it was asked for."""

    device_id: Bytes16
    batch_no: Uint
    counter: Uint
    profile: Profile
    hardening: Hardening
    vault_key: Annotated[bytes, Meta(max_length=32)]

    def __repr__(self) -> str:
        """Never the key."""
        return "Unlocked(…)"


class Bytes(Record, frozen=True, tag=66):
    """66."""

    value: Large


class Number(Record, frozen=True, tag=67):
    """67."""

    value: Uint


class Opened(Record, frozen=True, tag=68):
    """68. The content, or the error class and code with which it does not open although a slot did."""

    content: Large
    error: Code
    code: Code


class Failed(Record, frozen=True, tag=127):
    """127."""

    error: Code
    code: Code
    fields: Annotated[list[tuple[Code, Code | Uint]], Meta(max_length=8)]


Request = (
    Unlock | Sign | SignLogin | Open | Seal | OpenCard | Token | NewBatch | Forget | Advance | Touch | ForgetAll | Learn
)
Answer = Unlocked | Bytes | Number | Opened | Failed

_R = TypeVar("_R")
_ERRORS: Final[dict[str, type[SlussError]]] = {
    one.__name__: one for one in (LocalError, LockedError, OpenError, FormatError)
}


def error_of(name: str, code: str, fields: list[tuple[str, str | int]]) -> SlussError:
    """The error that a frame tells of; a class that the list does not know counts as locked."""
    return _ERRORS.get(name, LockedError)(code, **dict(fields))


def failed(error: SlussError) -> Failed:
    """The frame that tells of an error."""
    name = next((one.__name__ for one in type(error).__mro__ if one.__name__ in _ERRORS), "")
    return Failed(name, error.code, [(field, value) for field, value in error.fields.items()])


def send(pipe: FileIO, frame: Record) -> None:
    """Write one frame.

    Raises:
        LocalError: code ``BIG``.
        OSError: nobody reads any more.
    """
    data = encode(frame)
    if len(data) > MAX_FRAME_BYTES:
        raise LocalError("BIG")
    rest = memoryview(_LENGTH.pack(len(data)) + data)
    while rest:
        rest = rest[pipe.write(rest) :]


def receive(pipe: FileIO) -> bytes:
    """Read one frame; empty when the other side has ended.

    Requests and answers take turns, so what is in the pipe is never more than one frame.

    Raises:
        FormatError: longer than allowed, cut off, or more than one frame.
    """
    data = pipe.read(_READ_BYTES)
    if not data:
        return b""
    while len(data) < _LENGTH.size:
        data += _more(pipe, _READ_BYTES)
    (length,) = _LENGTH.unpack_from(data)
    if length > MAX_FRAME_BYTES:
        raise FormatError("FMT", rule="length")
    end = _LENGTH.size + length
    while len(data) < end:
        data += _more(pipe, end - len(data))
    if len(data) > end:
        raise FormatError("FMT", rule="turns")
    return data[_LENGTH.size :]


def _more(pipe: FileIO, most: int) -> bytes:
    data = pipe.read(most)
    if not data:
        raise FormatError("FMT", rule="short")
    return data


def read_request(data: bytes) -> Request:
    """Decode a request.

    Raises:
        FormatError: none.
    """
    return decode(data, _record_of(data, _REQUESTS), max_bytes=MAX_FRAME_BYTES)


def read_answer(data: bytes) -> Answer:
    """Decode an answer.

    Raises:
        FormatError: none.
    """
    return decode(data, _record_of(data, _ANSWERS), max_bytes=MAX_FRAME_BYTES)


def _by_tag(union: object) -> dict[int, Any]:
    return {one.__struct_config__.tag: one for one in get_args(union)}


_REQUESTS: Final[dict[int, type[Request]]] = _by_tag(Request)
_ANSWERS: Final[dict[int, type[Answer]]] = _by_tag(Answer)


def _record_of(data: bytes, records: Mapping[int, type[_R]]) -> type[_R]:
    """By the tag in the second byte; a union of all would be analysed anew each time."""
    record = records.get(data[1]) if len(data) > 1 else None
    if record is None:
        raise FormatError("FMT", rule="tag")
    return record
