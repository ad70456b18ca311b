"""The one door to msgpack."""

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import codec
from keys.codec import Bytes16, Record, Uint, decode, decode_body, decode_flat, encode, encode_body
from keys.errors import FormatError


class Pair(Record, frozen=True):
    """A record for these tests."""

    name: bytes
    number: Uint


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2**53 - 1) | st.binary(max_size=40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
).filter(lambda value: _depth(value) <= codec.MAX_DEPTH)


def _depth(value: object) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_format_error(data: bytes) -> None:
    """Whatever arrives, the decoder answers with a value that encodes to the same bytes, or with FormatError."""
    for read in (_plain, _body):
        try:
            value = read(data)
        except FormatError:
            continue
        assert msgpack.packb(value, use_bin_type=True) == data


@given(values)
def test_what_is_encoded_decodes_to_itself(value: object) -> None:
    """Encoding and decoding give the value back, and encoding again the bytes."""
    data = encode(value)
    assert decode(data, Any, max_bytes=len(data)) == value
    assert encode(decode(data, Any, max_bytes=len(data))) == data


@given(st.dictionaries(st.text(max_size=8), values, max_size=4))
def test_a_body_decodes_to_itself(body: dict[str, Any]) -> None:
    """Bodies with named fields come back as they were, unless they are nested too deep."""
    if max(map(_depth, body.values()), default=0) + 1 > codec.MAX_DEPTH:
        return
    data = encode_body(body)
    assert decode_body(data, max_bytes=len(data)) == body


REFUSED = {
    "empty": b"",
    "trailing": b"\x01\x01",
    "float32": b"\xca\x00\x00\x00\x00",
    "float64": b"\xcb" + bytes(8),
    "negative-fixint": b"\xff",
    "negative-int8": b"\xd0\xff",
    "extension": b"\xd4\x01\x00",
    "timestamp": b"\xd6\xff" + bytes(4),
    "reserved": b"\xc1",
    "map": b"\x80",
    "long-form-uint8": b"\xcc\x01",
    "long-form-uint64": b"\xcf" + bytes(7) + b"\x01",
    "long-form-str8": b"\xd9\x01a",
    "long-form-bin16": b"\xc5\x00\x01a",
    "long-form-array16": b"\xdc\x00\x01\x01",
    "announces-four-thousand-million": b"\xdd\xff\xff\xff\xff",
    "announces-long-bin": b"\xc6\xff\xff\xff\xff",
    "announces-long-str": b"\xdb\xff\xff\xff\xff",
    "cut-in-length": b"\xdd\xff",
    "short-array": b"\x92\x01",
    "not-utf8": b"\xa1\xff",
    "too-deep": b"\x91" * 9 + b"\x01",
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_defect_is_refused(name: str) -> None:
    """Each way to leave the format is refused on its own."""
    with pytest.raises(FormatError):
        _plain(REFUSED[name])


BODIES_REFUSED = {
    "not-a-map": b"\x90",
    "bin-key": b"\x81\xc4\x01a\x01",
    "int-key": b"\x81\x01\x01",
    "key-twice": b"\x82\xa1a\x01\xa1a\x02",
    "long-form-map16": b"\xde\x00\x01\xa1a\x01",
    "announces-large-map": b"\xdf\xff\xff\xff\xff",
    "map-without-value": b"\x81\xa1a",
}


@pytest.mark.parametrize("name", BODIES_REFUSED)
def test_one_defect_of_a_body_is_refused(name: str) -> None:
    """Each way to leave the form of a body is refused on its own."""
    with pytest.raises(FormatError):
        _body(BODIES_REFUSED[name])


@pytest.mark.parametrize("value", [1.5, -1, object(), 2**64, {1: 2}, "\ud800"])
def test_a_body_cannot_be_made_of_what_nobody_reads(value: object) -> None:
    """What the decoder refuses, the encoder of bodies refuses too."""
    with pytest.raises(FormatError):
        encode_body({"field": value})


@pytest.mark.parametrize("levels", [8, 9])
def test_depth_has_a_limit(levels: int) -> None:
    """Eight levels are read, nine are not."""
    data = b"\x91" * levels + b"\x01"
    if levels == codec.MAX_DEPTH:
        assert _plain(data)
        return
    with pytest.raises(FormatError, match="depth"):
        _plain(data)


@pytest.mark.parametrize("surplus", [0, 1])
def test_items_have_a_limit(surplus: int) -> None:
    """So many items are read and not one more."""
    count = codec.MAX_ITEMS - 1 + surplus
    data = b"\xdc" + count.to_bytes(2) + bytes(count)
    if not surplus:
        assert len(_plain(data)) == count
        return
    with pytest.raises(FormatError, match="items"):
        _plain(data)


def test_length_has_a_limit() -> None:
    """An input is refused by its length before anything looks at it."""
    assert decode(b"\x01", int, max_bytes=1) == 1
    with pytest.raises(FormatError, match="length"):
        decode(b"\xcc\xff", int, max_bytes=1)


@pytest.mark.parametrize(
    "value", [["YQ==", 1], [b"a"], [b"a", 1, 2], [b"a", "1"], [b"a", 2**53], [b"a", True], b"a", [None, 1]]
)
def test_a_record_has_exactly_its_fields(value: object) -> None:
    """A missing, surplus or otherwise typed field is refused; above all text where bytes belong."""
    with pytest.raises(FormatError):
        decode(encode(value), Pair, max_bytes=64)


def test_a_field_has_its_length() -> None:
    """An id of another length is refused."""
    assert decode(encode(bytes(16)), Bytes16, max_bytes=64) == bytes(16)
    with pytest.raises(FormatError):
        decode(encode(bytes(15)), Bytes16, max_bytes=64)


def _plain(data: bytes) -> Any:
    return decode(data, Any, max_bytes=64 * 1024)


def _body(data: bytes) -> Any:
    return decode_body(data, max_bytes=64 * 1024)


class _Flat(Record, frozen=True, tag=3):
    owner: Bytes16
    number: Uint


@given(
    st.binary(max_size=24)
    | st.builds(lambda tail: encode(_Flat(bytes(16), 5))[:19] + tail, st.binary(max_size=10))
    | st.lists(st.integers(0, 2**60) | st.binary(min_size=16, max_size=16), max_size=4).map(encode)
)
def test_a_flat_record_is_what_decode_says(data: bytes) -> None:
    """The quick decoder takes and refuses the same bytes as the one that walks first."""
    try:
        expected = decode(data, _Flat, max_bytes=64)
    except FormatError:
        with pytest.raises(FormatError):
            decode_flat(data, _Flat, max_bytes=64)
    else:
        assert expected == decode_flat(data, _Flat, max_bytes=64)


@pytest.mark.parametrize("as_type", [list[int], dict[str, int], _Flat | None])
def test_only_flat_records_are_decoded_without_a_walk(as_type: Any) -> None:
    """A type with an array inside must be walked, so it is refused."""
    with pytest.raises(TypeError):
        decode_flat(b"\x90", as_type, max_bytes=64)


def test_a_flat_record_has_a_longest() -> None:
    """Too long an input is refused before it is read."""
    with pytest.raises(FormatError):
        decode_flat(encode(_Flat(bytes(16), 5)), _Flat, max_bytes=18)
