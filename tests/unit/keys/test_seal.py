"""Sealing and opening envelopes."""

import collections
import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import domains
from keys.envelope import (
    HEADER,
    HEADER_BYTES,
    SIZES,
    SLOT_BYTES,
    SLOT_COUNTS,
    content_bytes,
    deposit_statement,
    parse_envelope,
    parse_header,
    recall_hash,
)
from keys.errors import FormatError, LocalError, OpenError, PeerError
from keys.ids import DeviceId, digest
from keys.private import seal as sealing
from keys.private import xwing
from keys.private.identity import random_bytes
from keys.private.seal import Place, Target, open_content, open_key, seal

PLACE = Place(b"f" * 32, b"m" * 16)
HOUR = 490_000
SEEDS = [random_bytes(32) for _ in range(33)]
TARGETS = [Target(DeviceId(bytes([number]) * 16), xwing.public_of(seed)) for number, seed in enumerate(SEEDS)]
RECALL = recall_hash(b"r" * 32)
SECRET = b"attachment and body of a document"


def _seal(content: bytes = SECRET, count: int = 3, place: Place = PLACE, hour: int = HOUR) -> bytes:
    return seal(content, place, TARGETS[:count], hour=hour, recall_hash=RECALL)


def _open(raw: bytes, device: int = 0, place: Place = PLACE, seeds: list[bytes] | None = None) -> bytes:
    envelope = parse_envelope(raw)
    key = open_key(envelope, place, TARGETS[device].device_id, map(xwing.load_private, seeds or [SEEDS[device]]))
    return open_content(envelope, place, key)


RAW = _seal()


@pytest.mark.parametrize("count", range(1, 33))
def test_every_device_of_the_roster_opens(count: int) -> None:
    """One to thirty-two devices all read the same; the slots are the fewest that hold them."""
    raw = _seal(count=count)
    assert len(parse_envelope(raw).slots) == min(slots for slots in SLOT_COUNTS if slots >= count)
    for device in {0, count // 2, count - 1}:
        assert _open(raw, device) == SECRET


@pytest.mark.parametrize("count", [0, 33])
def test_a_roster_has_one_to_thirty_two_devices(count: int) -> None:
    """None and too many are refused on our own side."""
    with pytest.raises(LocalError, match="ROSTER"):
        _seal(count=count)


def _limits() -> list[tuple[int, int, int]]:
    """(devices, content bytes, size of the envelope) at each edge."""
    edges = []
    for slots in SLOT_COUNTS:
        rooms = [(room - 4, size) for size in SIZES if (room := content_bytes(size, slots)) is not None]
        for at, (room, size) in enumerate(rooms):
            edges.append((slots, room, size))
            if at + 1 < len(rooms):
                edges.append((slots, room + 1, rooms[at + 1][1]))
    return edges


@pytest.mark.parametrize(("devices", "length", "size"), _limits())
def test_there_are_three_sizes_and_no_others(devices: int, length: int, size: int) -> None:
    """The smallest size that holds the content is taken, to the byte."""
    raw = _seal(b"x" * length, count=devices)
    assert len(raw) == size
    assert _open(raw) == b"x" * length


@pytest.mark.parametrize("slots", SLOT_COUNTS)
def test_what_fits_no_size_is_refused(slots: int) -> None:
    """One byte more than 256 KiB hold is an error of our own side."""
    room = content_bytes(SIZES[-1], slots)
    assert room is not None
    with pytest.raises(LocalError, match="BIG"):
        _seal(b"x" * (room - 3), count=slots)


def test_an_empty_content_is_a_content() -> None:
    """Nothing at all is sealed and opened like anything else."""
    assert _open(_seal(b"")) == b""


def test_an_old_seed_among_several_opens() -> None:
    """All seeds that may cover the hour are tried."""
    assert _open(RAW, seeds=[SEEDS[5], SEEDS[0]]) == SECRET


OTHERS = {
    "another-device": {"device": 4},
    "another-seed": {"seeds": [random_bytes(32)]},
    "no-seed-of-this-device": {"seeds": [SEEDS[1]]},
    "another-mailbox": {"place": Place(b"f" * 32, b"n" * 16)},
    "another-federation": {"place": Place(b"g" * 32, b"m" * 16)},
}


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_opens(name: str) -> None:
    """Another device, mailbox or federation, and another device's seed, open nothing."""
    with pytest.raises(OpenError, match="SLOT"):
        _open(RAW, **OTHERS[name])


def test_no_seeds_open_nothing() -> None:
    """A device whose seeds for the hour are gone says so."""
    envelope = parse_envelope(RAW)
    with pytest.raises(OpenError, match="SLOT"):
        open_key(envelope, PLACE, TARGETS[0].device_id, [])


@pytest.mark.parametrize("place", [PLACE, Place(b"f" * 32, b"n" * 16)])
def test_slots_of_another_envelope_open_nothing(place: Place) -> None:
    """Slots moved to another envelope, of the same mailbox or another, are of no use there."""
    other = _seal(place=place)
    end = HEADER_BYTES + 4 * SLOT_BYTES
    with pytest.raises(OpenError, match="SLOT"):
        _open(other[:HEADER_BYTES] + RAW[HEADER_BYTES:end] + other[end:], place=place)


def test_slots_may_stand_in_any_order() -> None:
    """Turning the slots round harms nobody: no place in the row means anything."""
    envelope = parse_envelope(RAW)
    assert _open(envelope.header + b"".join(envelope.slots[::-1]) + envelope.content) == SECRET


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_bit_of_header_or_content_can_be_flipped(data: st.DataObject) -> None:
    """A flipped bit in the header or in the content, and the envelope is refused."""
    header = data.draw(st.booleans())
    start, end = (0, HEADER_BYTES) if header else (HEADER_BYTES + 4 * SLOT_BYTES, len(RAW))
    at = data.draw(st.integers(start, end - 1))
    changed = RAW[:at] + bytes([RAW[at] ^ 1 << data.draw(st.integers(0, 7))]) + RAW[at + 1 :]
    with pytest.raises(PeerError):
        _open(changed)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, SLOT_BYTES * 8 - 1))
def test_no_bit_of_the_slot_in_use_can_be_flipped(bit: int) -> None:
    """A device whose own slot was changed does not open."""
    raw = _seal(count=4)
    flipped = bytearray(raw)
    for slot in range(4):
        flipped[HEADER_BYTES + slot * SLOT_BYTES + bit // 8] ^= 1 << bit % 8
    with pytest.raises(OpenError, match="SLOT"):
        _open(bytes(flipped))


def test_the_content_alone_does_not_open_under_a_wrong_key() -> None:
    """The content commits to its key."""
    with pytest.raises(OpenError, match="OPEN"):
        open_content(parse_envelope(RAW), PLACE, bytes(32))


@pytest.mark.parametrize("what", ["federation", "mailbox", "header"])
def test_the_content_does_not_open_under_its_own_key_elsewhere(what: str) -> None:
    """Who holds the content key cannot move the content to another federation, mailbox or header."""
    envelope = parse_envelope(RAW)
    key = open_key(envelope, PLACE, TARGETS[0].device_id, [xwing.load_private(SEEDS[0])])
    assert open_content(envelope, PLACE, key) == SECRET
    other_header = dataclasses.replace(envelope, header=HEADER.pack(b"SLU1", 4, HOUR + 1, RECALL))
    place = {"federation": Place(b"g" * 32, b"m" * 16), "mailbox": Place(b"f" * 32, b"n" * 16)}.get(what, PLACE)
    with pytest.raises(OpenError, match="OPEN"):
        open_content(other_header if what == "header" else envelope, place, key)


@pytest.mark.parametrize(
    ("length", "tail"),
    [(len(SECRET) + 1_000_000, b""), (2**32 - 1, b""), (len(SECRET), b"\x00\x01"), (0, b"")],
)
def test_a_frame_is_followed_by_zeros(length: int, tail: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A length beyond the frame, or anything but zeros behind the content, is refused: nothing hides there."""

    class Frame:
        def pack(self, _length: int) -> bytes:
            return length.to_bytes(4)

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_LENGTH", Frame())
        patch.setattr(sealing, "_choose", lambda _length, _targets: (4, SIZES[0]))
        raw = _seal(SECRET + tail)
    with pytest.raises(FormatError, match="padding"):
        _open(raw)


def test_the_same_content_twice_is_two_unrelated_envelopes() -> None:
    """Nothing but the header is the same in two attempts."""
    again = _seal()
    first, second = parse_envelope(RAW), parse_envelope(again)
    assert first.header == second.header
    assert not set(first.slots) & set(second.slots)
    assert first.envelope_id != second.envelope_id == digest(again)
    assert not _blocks(first.content) & _blocks(second.content)


def test_every_sealing_has_a_key_of_its_own() -> None:
    """The content key is fresh for each attempt: who has one of them has that one envelope."""
    keys = [
        open_key(parse_envelope(raw), PLACE, TARGETS[0].device_id, [xwing.load_private(SEEDS[0])])
        for raw in (RAW, _seal(), _seal())
    ]
    assert len(set(keys)) == len(keys)


def test_decoys_look_like_slots() -> None:
    """Slots all have one length, never repeat, and their bytes are spread alike, in use or not."""
    used, unused = collections.Counter[int](), collections.Counter[int]()
    for _ in range(40):
        envelope = parse_envelope(_seal(count=1))
        assert len(set(envelope.slots)) == 4
        info = sealing._wrap_info(PLACE, envelope.header, TARGETS[0].device_id, envelope.content)
        for slot in envelope.slots:
            (used if _opens(slot, info) else unused).update([len(slot), slot[-1] & 1 | 2, slot[1119] >> 7 | 4])
    assert used[SLOT_BYTES] * 3 == unused[SLOT_BYTES] == 120
    # The top bit of an X25519 public key (RFC 7748) would tell decoys if they were random bytes: it is always clear.
    assert used[5] == unused[5] == 0
    assert 0 < used[3] < 40


def test_the_slot_in_use_stands_anywhere() -> None:
    """Places are shuffled: a single device's slot is not always the first."""
    places = set()
    for _ in range(40):
        envelope = parse_envelope(_seal(count=1))
        info = sealing._wrap_info(PLACE, envelope.header, TARGETS[0].device_id, envelope.content)
        places |= {at for at, slot in enumerate(envelope.slots) if _opens(slot, info)}
    assert places == {0, 1, 2, 3}


REFUSED_SHAPES = {
    "empty": b"",
    "one-byte-short": RAW[:-1],
    "one-byte-long": RAW + b"\x00",
    "other-magic": b"SLU2" + RAW[4:],
    "no-slots": RAW[:4] + b"\x00" + RAW[5:],
    "five-slots": RAW[:4] + b"\x05" + RAW[5:],
    "slots-that-do-not-fit": RAW[:4] + b"\x20" + RAW[5:],
}


@pytest.mark.parametrize("name", REFUSED_SHAPES)
def test_what_is_not_an_envelope_is_refused_by_its_header(name: str) -> None:
    """Check 0: sizes, magic and slot counts are closed lists."""
    with pytest.raises(FormatError):
        parse_envelope(REFUSED_SHAPES[name])


def test_the_header_says_what_it_says() -> None:
    """Slots, hour and recall hash come back; the parts make the whole."""
    assert parse_header(RAW) == (4, HOUR, RECALL)
    envelope = parse_envelope(RAW)
    assert (envelope.hour, envelope.recall_hash) == (HOUR, RECALL)
    assert envelope.header + b"".join(envelope.slots) + envelope.content == RAW
    assert HEADER.size == HEADER_BYTES == 41


def test_a_recall_secret_is_hashed_for_its_purpose() -> None:
    """The header's hash is over the label and the secret, and tells nothing of the secret."""
    assert recall_hash(b"r" * 32) == digest(domains.RECALL + b"r" * 32)
    assert recall_hash(b"s" * 32) != RECALL


def test_a_deposit_statement_names_everything() -> None:
    """Envelope, mailbox and hour are all in the bytes that a hub signs."""
    base = deposit_statement(bytes(32), bytes(16), 1)
    others = [deposit_statement(b"\x01" * 32, bytes(16), 1), deposit_statement(bytes(32), bytes(16), 2)]
    assert base not in others
    assert base.startswith(domains.DEPOSIT)


# 0, 1, p - 1, p and p + 1 (RFC 7748, section 6.1): the shared secret with any of them is zero.
LOW_ORDER_X25519 = [number.to_bytes(32, "little") for number in (0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18)]


@pytest.mark.parametrize("low", LOW_ORDER_X25519)
def test_a_prekey_of_small_order_is_refused(low: bytes) -> None:
    """A hostile device's prekey ends in a refusal, not in a crash of the sender."""
    target = dataclasses.replace(TARGETS[0], public=TARGETS[0].public[:1184] + low)
    with pytest.raises(FormatError, match="WEAKKEY"):
        seal(SECRET, PLACE, [target], hour=HOUR, recall_hash=RECALL)


@pytest.mark.parametrize("public", [b"", bytes(1215), bytes(1217), b"\xff" * 1216])
def test_what_is_no_xwing_key_is_refused(public: bytes) -> None:
    """A key of another length, or whose ML-KEM half is not reduced, does not load."""
    with pytest.raises(FormatError, match="WEAKKEY"):
        xwing.wrap(bytes(32), public, b"")


@pytest.mark.parametrize("length", [0, 1, 1119, 1120, 1136, 1167, 1169])
def test_a_wrap_of_another_length_does_not_open(length: int) -> None:
    """Cut or lengthened, a wrap is refused as any other that does not open."""
    wrapped = xwing.wrap(bytes(32), TARGETS[0].public, b"")
    with pytest.raises(OpenError):
        xwing.unwrap((wrapped + b"\x00")[:length], SEEDS[0], b"")


def test_a_wrap_with_an_ephemeral_key_of_small_order_does_not_open() -> None:
    """A sender who sends the zero point learns nothing but the ordinary refusal."""
    wrapped = xwing.wrap(bytes(32), TARGETS[0].public, b"")
    with pytest.raises(OpenError):
        xwing.unwrap(wrapped[:1088] + bytes(32) + wrapped[1120:], SEEDS[0], b"")


def test_xwing_halves_are_where_the_draft_puts_them() -> None:
    """The last 32 bytes of a public key are the X25519 key of the scalar at bytes 64 to 96 of SHAKE256(seed)."""
    _, x25519 = xwing._expand(SEEDS[0])
    assert isinstance(x25519, X25519PrivateKey)
    assert TARGETS[0].public[1184:] == x25519.public_key().public_bytes_raw()


@pytest.mark.parametrize("known", ["mlkem", "x25519", "both", "neither"])
def test_one_half_of_a_key_opens_nothing(known: str) -> None:
    """Who has computed the ML-KEM half or the X25519 half of a device's key has nothing until both have fallen."""
    (mlkem, x25519), (other_mlkem, other_x25519) = xwing._expand(SEEDS[0]), xwing._expand(SEEDS[1])
    private = MLKEM768X25519PrivateKey(
        mlkem if known in {"mlkem", "both"} else other_mlkem, x25519 if known in {"x25519", "both"} else other_x25519
    )
    wrapped = xwing.wrap(bytes(32), TARGETS[0].public, b"info")
    if known == "both":
        assert xwing.unwrap_any([wrapped], private, b"info") == bytes(32)
        return
    with pytest.raises(OpenError):
        xwing.unwrap_any([wrapped], private, b"info")


def _opens(slot: bytes, info: bytes) -> bool:
    try:
        xwing.unwrap(slot, SEEDS[0], info)
    except OpenError:
        return False
    return True


def _blocks(content: bytes) -> set[bytes]:
    return {content[at : at + 32] for at in range(0, len(content) - 32, 32)}
