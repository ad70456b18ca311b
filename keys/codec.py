"""The one door to msgpack: canonical, bounded, typed.

Rules (FORMATS 1):
1. Unsigned integers, bin, UTF-8 str, nil, bool and arrays. Maps only in document bodies. No floats, no extension types,
   no negative integers.
2. Depth at most 8, at most 20,000 items, every length within the bytes that are left: checked by a walk over the bytes
   *before* anything is allocated, because five bytes may announce an array of four thousand million items.
3. Canonical by one rule: decode, encode again, the bytes must be equal.
4. Fixed records are msgspec Structs with ``array_like=True``: fields in order, lengths in the type, nothing unknown.

Not here: what the records are (statements, document, envelope) and who may sign them (directory).

Example:
    >>> from keys.codec import decode, encode
    >>> decode(encode([1, b"x"]), list[int | bytes], max_bytes=64)
    [1, b'x']
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Annotated, Any, TypeVar

import msgpack
import msgspec
import msgspec.inspect
import msgspec.msgpack
from msgspec import Meta

from keys.errors import FormatError

MAX_DEPTH = 8  # protocol 3
MAX_ITEMS = 20_000  # a body of 256 KiB holds at most some hundred fields; this bounds the work, not the use

UINT32_MAX = 2**32 - 1
UINT53_MAX = 2**53 - 1  # what every JSON reader holds exactly

Uint = Annotated[int, Meta(ge=0, le=UINT53_MAX)]
Uint32 = Annotated[int, Meta(ge=0, le=UINT32_MAX)]
Bytes16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Bytes64 = Annotated[bytes, Meta(min_length=64, max_length=64)]

T = TypeVar("T")


class Record(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Base of every fixed record: an array of its fields in the order of declaration."""


def encode(value: object) -> bytes:
    """Encode a record or plain value to canonical msgpack.

    Args:
        value: a Record, or nested lists of unsigned int, bytes, str, bool and None.
    """
    return bytes(_packer.pack(msgspec.to_builtins(value, builtin_types=(bytes,))))


def decode(data: bytes, as_type: type[T], *, max_bytes: int) -> T:
    """Decode canonical msgpack into ``as_type``.

    Args:
        data: the bytes as received.
        as_type: a Record class or a plain annotated type.
        max_bytes: longest input accepted.

    Raises:
        FormatError: too long, too deep, too many items, a forbidden type, not canonical, or not of ``as_type``.
    """
    value = _unpack(data, max_bytes, maps=False)
    try:
        # ``builtin_types``: without it msgspec takes a str for bytes, as base64, and one value had two encodings
        return msgspec.convert(value, as_type, strict=True, builtin_types=(bytes,))
    except (msgspec.ValidationError, UnicodeError, ValueError) as error:
        raise FormatError("FMT", rule="type") from error


def decode_flat(data: bytes, as_type: type[T], *, max_bytes: int) -> T:
    """Decode a record whose fields are integers and bytes alone: the same answer as ``decode``, several times as fast.

    Nothing has to be walked first: such a record has no array inside, and msgspec refuses a length beyond the bytes
    that are left before it allocates.

    Raises:
        FormatError: as ``decode``.
    """
    if len(data) > max_bytes:
        raise FormatError("FMT", rule="length", limit=max_bytes)
    try:
        value: T = _flat_decoder(as_type).decode(data)  # type: ignore[arg-type]  # mypy takes no type[T] for hashable
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise FormatError("FMT", rule="type") from error
    if _flat_encoder.encode(value) != data:
        raise FormatError("FMT", rule="canonical")
    return value


@functools.cache
def _flat_decoder(as_type: Hashable) -> msgspec.msgpack.Decoder[Any]:
    record = msgspec.inspect.type_info(as_type)
    if not isinstance(record, msgspec.inspect.StructType) or not record.forbid_unknown_fields:
        raise TypeError(as_type)
    if not all(isinstance(field.type, msgspec.inspect.IntType | msgspec.inspect.BytesType) for field in record.fields):
        raise TypeError(as_type)
    return msgspec.msgpack.Decoder(record.cls)


def encode_body(body: dict[str, Any]) -> bytes:
    """Encode a document body: maps with str keys, otherwise the types of rule 1.

    Raises:
        FormatError: a value that a body may not hold, or a body that would not decode again.
    """
    try:
        data = bytes(_packer.pack(body))
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError("FMT", rule="type") from error
    decode_body(data, max_bytes=len(data))
    return data


def decode_body(data: bytes, *, max_bytes: int) -> dict[str, Any]:
    """Decode a document body: a map with named fields, still to be validated by its kind's schema.

    Raises:
        FormatError: as ``decode``; also when the outermost value is not a map or a key is not a str.
    """
    value = _unpack(data, max_bytes, maps=True)
    if not isinstance(value, dict):
        raise FormatError("FMT", rule="map")
    return value


def _unpack(data: bytes, max_bytes: int, *, maps: bool) -> Any:
    if len(data) > max_bytes:
        raise FormatError("FMT", rule="length", limit=max_bytes)
    _walk(data, maps=maps)
    try:
        value = msgpack.unpackb(data, raw=False, object_pairs_hook=_str_keys, strict_map_key=True, use_list=True)
        again = _packer.pack(value)
    except (ValueError, TypeError, UnicodeError, msgpack.exceptions.UnpackException) as error:
        raise FormatError("FMT", rule="msgpack") from error
    if again != data:
        raise FormatError("FMT", rule="canonical")
    return value


def _str_keys(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    # msgpack's own check lets bin through, and a field with two names could hide from a schema
    found = dict(pairs)
    if found and set(map(type, found)) != _STR:
        raise ValueError("key")
    return found


_STR = {str}
_packer = msgpack.Packer(use_bin_type=True, autoreset=True)
_flat_encoder = msgspec.msgpack.Encoder()

_SCALAR, _ARRAY, _MAP = "scalar", "array", "map"


def _shapes() -> list[tuple[str, int, int] | None]:
    """First byte -> (shape, count or bytes that it announces itself, bytes of the length that follows it)."""
    table: list[tuple[str, int, int] | None] = [None] * 256  # floats, extension types, negative integers: forbidden
    for first in (*range(0x80), 0xC0, 0xC2, 0xC3):
        table[first] = (_SCALAR, 0, 0)
    for inline in range(16):
        table[0x80 + inline] = (_MAP, inline, 0)
        table[0x90 + inline] = (_ARRAY, inline, 0)
    for inline in range(32):
        table[0xA0 + inline] = (_SCALAR, inline, 0)
    for power in range(4):
        table[0xCC + power] = (_SCALAR, 1 << power, 0)
    for power in range(3):
        table[0xC4 + power] = table[0xD9 + power] = (_SCALAR, 0, 1 << power)
    for power in range(2):
        table[0xDC + power] = (_ARRAY, 0, 2 << power)
        table[0xDE + power] = (_MAP, 0, 2 << power)
    return table


_SHAPES = _shapes()


def _walk(data: bytes, *, maps: bool) -> None:
    """Refuse by shape alone, touching each byte at most once and allocating nothing of the announced sizes."""
    size, at, items = len(data), 0, 0
    to_come = [1]  # items still to come, per open array or map
    while to_come:
        if not to_come[-1]:
            to_come.pop()
            continue
        to_come[-1] -= 1
        items += 1
        if at >= size or items > MAX_ITEMS:
            raise FormatError("FMT", rule="items" if items > MAX_ITEMS else "short")
        at, children = _token(data, at, maps=maps)
        if at + (children or 0) > size:
            raise FormatError("FMT", rule="short")
        if children is not None:
            if len(to_come) > MAX_DEPTH:
                raise FormatError("FMT", rule="depth")
            to_come.append(children)
    if at != size:
        raise FormatError("FMT", rule="trailing")


def _token(data: bytes, at: int, *, maps: bool) -> tuple[int, int | None]:
    """Where the token at ``at`` ends, and how many items a container announces (None for a scalar)."""
    entry = _SHAPES[data[at]]
    if entry is None or (entry[0] is _MAP and not maps):
        raise FormatError("FMT", rule="type")
    shape, announced, width = entry
    end = at + 1 + width
    if width:
        announced = int.from_bytes(data[at + 1 : end])
    if shape is _SCALAR:
        return end + announced, None
    return end, announced * 2 if shape is _MAP else announced
