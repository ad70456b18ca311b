"""Whatever is done to a consent parcel between its signing and its reading, it never opens a sending.

The attacker has sound parcels, may turn, cut, double, move and mix their bytes, and may send what he has in any order
and as often as he likes. What he gets through is what the person's last word allows, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from client.engine.consents import HeldConsent
from client.engine.reading_consents import record_fields
from keys.codec import decode, decode_body, encode, encode_body
from keys.consent import MAX_PARCEL_BYTES, MAX_RECORD_BYTES, Consent, Parcel, WithdrawalScope
from keys.domains import SignedType
from keys.errors import RefusedError
from keys.private.identity import random_bytes
from keys.signed import parse_signed, read_payload
from tests.hostile.attacked import Attacked
from tests.hostile.test_consent_codes import events, fields_of, letter, signed
from tests.kit.offices import Offices

STAFF = {"sav": "Eva Ek", "bops": "Pia Po"}
#: Whoever signed it reads it again, from a colleague's draft; whoever gets it reads it before all else.
BOTH_ENDS = ("sav", "bops")
COMMON = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
BYTES = settings(max_examples=250, **COMMON)  # type: ignore[arg-type]
TREES = settings(max_examples=60, **COMMON)  # type: ignore[arg-type]
ORDERS = settings(max_examples=12, **COMMON)  # type: ignore[arg-type]

#: A place in the parcel as a part of its whole, so that examples shrink and last when its length changes.
_PLACE = st.integers(0, 2**16 - 1)
_EDIT = st.one_of(
    st.tuples(st.just("turn"), _PLACE, st.integers(0, 7)),
    st.tuples(st.just("cut"), _PLACE, _PLACE),
    st.tuples(st.just("double"), _PLACE, _PLACE),
    st.tuples(st.just("move"), _PLACE, _PLACE),
    st.tuples(st.just("insert"), _PLACE, st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("zero"), _PLACE, _PLACE),
)
Edit = tuple[str, int, Any]
#: What the attacker or the person does: send with a record, learn of a newer one, take back.
_DEED = st.sampled_from(["send-old", "send-new", "tell-new", "withdraw-old", "withdraw-new"])


class Sound(tuple[bytes, ...]):
    """Parcels as they were signed; told in few words when a test fails."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} sound parcels>"


def _cut(data: bytes, first: int, last: int) -> bytes:
    return data[:first] + data[last:]


def _double(data: bytes, first: int, last: int) -> bytes:
    return data[:last] + data[first:]


def _zero(data: bytes, first: int, last: int) -> bytes:
    return data[:first] + bytes(last - first) + data[last:]


def _move(data: bytes, first: int, last: int) -> bytes:
    """The two parts around a stretch change places."""
    return data[last:] + data[first:last] + data[:first]


_STRETCHES: dict[str, Callable[[bytes, int, int], bytes]] = {
    "cut": _cut, "double": _double, "zero": _zero, "move": _move,
}  # fmt: skip


def edited(data: bytes, edits: list[Edit]) -> bytes:
    """The bytes after all edits."""
    for name, place, more in edits:
        if not data:
            break
        at = place * len(data) >> 16
        if name == "turn":
            data = data[:at] + bytes([data[at] ^ 1 << more]) + data[at + 1 :]
        elif name == "insert":
            data = data[:at] + more + data[at:]
        else:
            first, last = sorted((at, more * len(data) >> 16))
            data = _STRETCHES[name](data, first, last)
    return data


@pytest.fixture(scope="module")
def parcels(offices: Offices) -> Sound:
    """Sound parcels of one unit: two records of a person, one of another."""
    first = fields_of(offices)
    second = first | {"supersedes": first["consent_id"], "consent_id": random_bytes(16).hex()}
    second["events"] = events(second, "fornyad")
    return Sound(signed(offices, one) for one in (first, second, fields_of(offices)))


def refused(offices: Offices, parcel: bytes, end: str = "bops") -> bool:
    """Whether an office reads a parcel as none, with that code and no other."""
    try:
        offices[end].desk.consents.verify(parcel, offices.unit("sav"))
    except RefusedError as error:
        return error.code == "CNS-01"
    return False


@BYTES
@given(which=st.integers(0, 2), edits=st.lists(_EDIT, min_size=1, max_size=4))
@example(which=0, edits=[("cut", 0, 2**16 - 1)])
@example(which=0, edits=[("cut", 0, 1)])
@example(which=0, edits=[("turn", 0, 0)])
@example(which=0, edits=[("turn", 2**16 - 1, 7)])
@example(which=0, edits=[("insert", 2**16 - 1, b"\x00")])
def test_no_edit_of_a_parcel_is_a_consent(offices: Offices, parcels: Sound, which: int, edits: list[Edit]) -> None:
    """Turned, cut, doubled, moved, zeroed: whatever differs from what was signed is no consent."""
    changed = edited(parcels[which], edits)
    assume(changed not in parcels)
    assert refused(offices, changed)


def regions(parcel: bytes) -> dict[str, bytes]:
    """Every part of a parcel that means something, by name: what is signed, both signatures, salt and record."""
    opened = decode(parcel, Parcel, max_bytes=MAX_PARCEL_BYTES)
    so = parse_signed(opened.signed)
    (one,) = so.signatures
    payload = read_payload(so, SignedType.CONSENT, Consent)
    named = {name: getattr(payload, name) for name in ("consent_id", "unit_id", "device_id", "record_commit")}
    rest = {"signer": one.signer, "ed25519": one.ed25519, "mldsa": one.mldsa}
    return named | rest | {"salt": opened.salt, "record": opened.record, "payload": so.payload}


def test_no_bit_of_any_part_is_free(offices: Offices, parcels: Sound) -> None:
    """In each part of the parcel its first byte, its last, and some between; both ends refuse."""
    for name, part in regions(parcels[0]).items():
        start = parcels[0].index(part)
        for at in {0, len(part) - 1, *range(0, len(part), max(1, len(part) // 6))}:
            changed = bytearray(parcels[0])
            changed[start + at] ^= 1 << at % 8
            assert [refused(offices, bytes(changed), end) for end in BOTH_ENDS] == [True, True], (name, at)


def altered(value: Any) -> list[Any]:
    """Other values of a field, each of which could stand there."""
    others: list[Any] = ["x"]
    match value:
        case bool():
            others = [not value]
        case int():
            others = [value + 1, 0]
        case str():
            others = [value[:-1] + ("b" if value[-1:] != "b" else "a"), ""]
        case bytes():
            others = [value[:-1] + bytes([value[-1] ^ 1])]
        case list():
            others = [value[1:], [*value, *value[:1]]]
            others += [[*value[:n], one, *value[n + 1 :]] for n in range(len(value)) for one in altered(value[n])]
        case dict():
            others = [{name: one for name, one in value.items() if name != gone} for gone in value]
            others += [value | {name: one} for name in value for one in altered(value[name])]
    return others


def test_no_field_of_a_record_is_free(offices: Offices, parcels: Sound) -> None:
    """Parties, times, text version, places, events: changed, left out, doubled, under the signature of before."""
    opened = decode(parcels[0], Parcel, max_bytes=MAX_PARCEL_BYTES)
    fields = decode_body(opened.record, max_bytes=MAX_RECORD_BYTES)
    told = {"parties", "purposes", "valid_to", "notice_version", "signed_at", "original_sha256", "events", "circle"}
    fields |= {name: [] for name in told - fields.keys()}
    changes = [other for other in altered(fields) if other != decode_body(opened.record, max_bytes=MAX_RECORD_BYTES)]
    assert len(changes) > 150
    for other in changes:
        parcel = encode(Parcel(opened.signed, opened.salt, encode_body(other)))
        assert [refused(offices, parcel, end) for end in BOTH_ENDS] == [True, True], other


def test_no_field_of_what_is_signed_is_free(offices: Offices, parcels: Sound) -> None:
    """Another consent, unit, device, time or record under the same signatures; or all of it signed by somebody else."""
    opened = decode(parcels[0], Parcel, max_bytes=MAX_PARCEL_BYTES)
    so = parse_signed(opened.signed)
    payload = read_payload(so, SignedType.CONSENT, Consent)
    for name in Consent.__struct_fields__:
        for value in altered(getattr(payload, name)):
            other = encode(msgspec.structs.replace(payload, **{name: value}))
            start = opened.signed.index(so.payload)
            # Of the same length, so that the frame around it stays sound.
            if len(other) == len(so.payload):
                forged = opened.signed[:start] + other + opened.signed[start + len(other) :]
                parcel = encode(Parcel(forged, opened.salt, opened.record))
                assert [refused(offices, parcel, end) for end in BOTH_ENDS] == [True, True], (name, value)
    stranger = offices["bops"].desk.context.keeper
    for other in (payload, msgspec.structs.replace(payload, device_id=stranger.device_id)):
        again = encode(Parcel(stranger.sign(SignedType.CONSENT, encode(other)), opened.salt, opened.record))
        assert [refused(offices, again, end) for end in BOTH_ENDS] == [True, True]


@TREES
@given(parts=st.tuples(*[st.integers(0, 2)] * 3))
def test_no_mixture_of_parcels_is_a_consent(offices: Offices, parcels: Sound, parts: tuple[int, ...]) -> None:
    """The signature of one, the salt of another, the record of a third: only a whole parcel counts."""
    opened = [decode(one, Parcel, max_bytes=MAX_PARCEL_BYTES) for one in parcels]
    mixed = Parcel(opened[parts[0]].signed, opened[parts[1]].salt, opened[parts[2]].record)
    assert refused(offices, encode(mixed)) is (len(set(parts)) > 1)


@TREES
@given(order=st.lists(st.integers(0, 2), max_size=5))
@example(order=[0, 1, 2])
def test_no_other_order_of_events_is_a_record(offices: Offices, order: list[int]) -> None:
    """Even when the unit signs it: events left out at the front, moved, or told twice are no chain. A prefix is one."""
    fields = fields_of(offices)
    whole = events(fields, "informerad", "given", "aterkallad")
    fields["events"] = [whole[n] for n in order]
    is_prefix = bool(order) and order == list(range(len(order)))
    assert refused(offices, signed(offices, fields)) is not is_prefix


class Story:
    """One person's records at the police, and what they should let through by now."""

    def __init__(self, attacked: Attacked, offices: Offices) -> None:
        self._attacked = attacked
        self._offices = offices
        old = fields_of(offices)
        new = old | {"supersedes": old["consent_id"], "consent_id": random_bytes(16).hex(), "limits": "Bara boende."}
        new["events"] = events(new, "fornyad")
        self._held = {"old": self._verified(old), "new": self._verified(new)}
        self.is_narrowed = False
        self.taken: set[str] = set()  # which of the two was taken back

    def _verified(self, fields: dict[str, Any]) -> HeldConsent:
        return self._offices["bops"].desk.consents.verify(signed(self._offices, fields), self._offices.unit("sav"))

    async def do(self, deed: str) -> None:
        """One deed; what is sent must fare as the person's last word says."""
        what, which = deed.split("-")
        held, bops = self._held[which], self._offices["bops"].desk
        if what == "send":
            raw = letter(self._attacked, record_fields(held.record), held.parcel)
            assert await self._attacked.outcome(raw) == self._expected(which)
            return
        async with bops.context.vault.transaction():
            if what == "tell":
                await bops.consents.keep(held)
                self.is_narrowed = True
                return
            sav = self._offices["sav"].desk.consents
            raw = sav.sign_withdrawal(held.consent_id, WithdrawalScope.HELT, recipient=None, purposes=[])
            await bops.withdrawing.take_in([(raw, bops.consents.verify_withdrawal(raw))])
        self.taken.add(which)

    def _expected(self, which: str) -> tuple[Any, ...]:
        """A withdrawal counts for all versions that are known to belong together; the sender withdraws each of them."""
        if self.taken and (which == "new" or self.is_narrowed or "old" in self.taken):
            return (16, "CNS-08")
        return (16, "CNS-12") if which == "new" or self.is_narrowed else ("accepted",)


@pytest.mark.asyncio(loop_scope="module")
@ORDERS
@given(deeds=st.lists(_DEED, min_size=2, max_size=6))
@example(deeds=["send-old", "tell-new", "send-old", "withdraw-old", "send-new", "send-old"])
@example(deeds=["withdraw-new", "tell-new", "send-old"])
async def test_in_no_order_is_an_older_word_worth_more(attacked: Attacked, offices: Offices, deeds: list[str]) -> None:
    """Sent, narrowed, taken back and replayed in any order: a withdrawal ends all versions, a limit holds for both."""
    story = Story(attacked, offices)
    for deed in deeds:
        await story.do(deed)
