"""Files as blobs: sealing, opening, padding, and every way in which the bytes can be wrong (FORMATS 6.3)."""

from __future__ import annotations

import contextlib
import os
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import domains
from keys.attachment import (
    BLOB_BYTES,
    MAX_FILE_BYTES,
    Index,
    blobs_for,
    drop_hash,
    names_of,
    read_index,
    room,
)
from keys.codec import encode
from keys.errors import FormatError, LocalError, OpenError, PeerError
from keys.ids import digest
from keys.private import stream
from keys.private.stream import Opener, Sealer, drop_secret, open_index

KEY, FEDERATION = b"k" * 32, b"f" * 32


def sealed(data: bytes, key: bytes = KEY, step: int = 100_000) -> tuple[list[bytes], bytes]:
    """The blobs and the index of a file, fed in steps."""
    sealer = Sealer(key, FEDERATION)
    blobs = [blob for at in range(0, len(data), step) for blob in sealer.feed(data[at : at + step])]
    return [*blobs, *sealer.finish()], sealer.index()


def opened(blobs: list[bytes], index: bytes, key: bytes = KEY) -> bytes:
    """The file."""
    opener = Opener(key, open_index(key, FEDERATION, index))
    return b"".join(opener.feed(blob) for blob in blobs) + opener.finish()


@pytest.mark.parametrize(
    "size", [1, 16 * 1024, room(1) - 1, room(1), room(1) + 1, room(2), room(2) + 1, 5 * BLOB_BYTES + 3]
)
def test_what_is_sealed_opens(size: int) -> None:
    """Byte for byte, around every edge; all blobs have one length and the names that the index says."""
    data = os.urandom(size)
    blobs, index = sealed(data)
    assert {len(blob) for blob in [*blobs, index]} == {BLOB_BYTES}
    assert names_of(open_index(KEY, FEDERATION, index)) == [digest(blob) for blob in blobs]
    assert opened(blobs, index) == data


@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 3 * BLOB_BYTES), step=st.integers(1, BLOB_BYTES))
def test_how_a_file_is_fed_changes_nothing(size: int, step: int) -> None:
    """Pieces of any length give the same file."""
    data = random.Random(size).randbytes(size)
    assert opened(*sealed(data, step=max(step, size // 50))) == data


@settings(max_examples=200, deadline=None)
@given(size=st.integers(1, MAX_FILE_BYTES))
def test_padding_costs_little_and_tells_little(size: int) -> None:
    """The stream holds the file; beyond eight blobs the count is an eighth more at most, with few significant bits."""
    count, least = blobs_for(size), -(-(size + 56) // BLOB_BYTES)
    assert room(count) >= size
    if least > 8:
        assert count <= (least + 1) * 9 / 8 + 1
        assert bin(count).rstrip("0").count("1") <= 5


def test_there_are_few_classes_of_size() -> None:
    """All files up to a gigabyte fall into some dozens of classes."""
    classes = {blobs_for(size) for size in range(1, MAX_FILE_BYTES, 40_000)}
    assert len(classes) < 130
    assert max(classes) == blobs_for(MAX_FILE_BYTES) == 4352


def test_every_file_has_streams_that_do_not_look_alike() -> None:
    """The same file twice, also under one key, has no blob in common."""
    data = os.urandom(room(2))
    first, second = sealed(data), sealed(data)
    assert not {*first[0], first[1]} & {*second[0], second[1]}


DEFECTS = {
    "a bit": lambda blobs: [blobs[0][:1000] + bytes([blobs[0][1000] ^ 1]) + blobs[0][1001:], *blobs[1:]],
    "the last bit": lambda blobs: [*blobs[:-1], blobs[-1][:-1] + bytes([blobs[-1][-1] ^ 1])],
    "the last blob is missing": lambda blobs: blobs[:-1],
    "the end is cut off": lambda blobs: [*blobs[:-1], blobs[-1][:-16]],
    "the order": lambda blobs: [blobs[1], blobs[0], *blobs[2:]],
    "one twice": lambda blobs: [blobs[0], blobs[0], *blobs[2:]],
    "one more": lambda blobs: [*blobs, bytes(BLOB_BYTES)],
    "a blob of another file": lambda blobs: [sealed(os.urandom(room(4)))[0][0], *blobs[1:]],
}


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_stream_that_was_touched_does_not_open(name: str) -> None:
    """One defect each; the error is the peer's and says nothing of the content."""
    blobs, index = sealed(os.urandom(room(4)))
    with pytest.raises(PeerError):
        opened(DEFECTS[name](blobs), index)


def test_no_byte_comes_before_its_chunk_was_verified() -> None:
    """A blob whose first chunk was altered gives nothing at all."""
    blobs, index = sealed(os.urandom(room(1)))
    opener = Opener(KEY, open_index(KEY, FEDERATION, index))
    with pytest.raises(OpenError):
        opener.feed(blobs[0][:100] + b"\x00\x00" + blobs[0][102:])


def test_a_stream_opens_with_its_own_key_only() -> None:
    """Another key, another federation, or the index taken for a stream."""
    blobs, index = sealed(b"x" * 1000)
    other = b"o" * 32
    with pytest.raises(OpenError):
        open_index(other, FEDERATION, index)
    with pytest.raises(OpenError):
        open_index(KEY, other, index)
    with pytest.raises(OpenError):
        open_index(KEY, FEDERATION, blobs[0])
    with pytest.raises(OpenError):
        Opener(other, open_index(KEY, FEDERATION, index)).feed(blobs[0])


def index_of(record: Index | bytes, padding: bytes = b"") -> bytes:
    """An index blob that holds what a sealer would never write."""
    data = record if isinstance(record, bytes) else encode(record)
    framed = len(data).to_bytes(4) + data + padding
    encryptor = stream.Cobblestone256Encryptor(KEY, domains.ATTACHMENT_INDEX + FEDERATION)
    return encryptor.update(framed + bytes(room(1) - len(framed))) + encryptor.finalize()


GOOD = Index(1, FEDERATION, 10, bytes(32))


@pytest.mark.parametrize(
    "wrong",
    [
        index_of(msgspec.structs.replace(GOOD, version=2)),
        index_of(msgspec.structs.replace(GOOD, federation=bytes(32))),
        index_of(msgspec.structs.replace(GOOD, size_bytes=0)),
        index_of(msgspec.structs.replace(GOOD, size_bytes=MAX_FILE_BYTES + 1, names=bytes(32 * 4352))),
        index_of(msgspec.structs.replace(GOOD, names=bytes(33))),
        index_of(msgspec.structs.replace(GOOD, names=bytes(64))),
        index_of(encode(GOOD) + b"\x00"),
        index_of(GOOD, padding=b"\x01"),
        index_of(b""),
    ],
)
def test_an_index_that_is_wrong_is_refused(wrong: bytes) -> None:
    """Version, federation, size, count, padding: each on its own; the good one is taken."""
    assert open_index(KEY, FEDERATION, index_of(GOOD)) == GOOD
    with pytest.raises(FormatError):
        open_index(KEY, FEDERATION, wrong)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_an_index_or_an_error(data: bytes) -> None:
    """A value or the peer's error."""
    with contextlib.suppress(FormatError):
        assert encode(read_index(data, FEDERATION)) == data


def test_padding_that_is_not_zero_is_refused() -> None:
    """What stands behind the file cannot carry anything."""
    encryptor = stream.Cobblestone256Encryptor(KEY, domains.ATTACHMENT + FEDERATION)
    blob = encryptor.update(b"file" + bytes(room(1) - 5) + b"!") + encryptor.finalize()
    with pytest.raises(FormatError):
        opened([blob], index_of(Index(1, FEDERATION, 4, digest(blob))))


def test_nothing_and_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has a byte at least and a gigabyte at most; the sealer stops before it encrypts more."""
    with pytest.raises(LocalError, match="ATTEMPTY"):
        list(Sealer(KEY, FEDERATION).finish())
    monkeypatch.setattr(stream, "MAX_FILE_BYTES", 1000)
    sealer = Sealer(KEY, FEDERATION)
    sealer.feed(bytes(1000))
    with pytest.raises(LocalError, match="ATTBIG"):
        sealer.feed(b"x")


def test_drop_secrets_belong_to_one_blob_of_one_key() -> None:
    """Two blobs, or two keys, have nothing in common that the hub could see."""
    secrets = {drop_secret(key, name) for key in (KEY, b"o" * 32) for name in (b"1" * 32, b"2" * 32)}
    assert len(secrets) == 4
    assert len({drop_hash(secret) for secret in secrets} - secrets) == 4
