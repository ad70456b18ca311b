"""Every decoder of the client, fed with mutations of what it expects: a value or a declared error, and soon.

A mutation turns, cuts, doubles, inserts or swaps a few bytes of valid input. Bodies and records are changed as trees,
so that they stay canonical and reach the rules behind the decoder.
"""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.casework.consent_check import validate_record
from client.casework.rules import check_incoming
from client.casework.validate import validate_body, warnings
from hub.wire import responses
from hub.wire.frame import frame, unframe_response
from keys.approval import parse_approval
from keys.checkpoint import Checkpoint, origin_of, parse_note
from keys.codec import decode, decode_body, encode, encode_body
from keys.consent import MAX_PARCEL_BYTES, Parcel, Withdrawal, WithdrawalScope
from keys.document import MAX_BODY_BYTES, NO_PREV, Content, Document, KindClass, Receipt, ReceiptEntry, ReceiptStatus
from keys.domains import SignedType
from keys.envelope import parse_envelope
from keys.errors import SlussError
from keys.ids import DeviceId
from keys.private import seal
from keys.private.identity import new_secret, random_bytes, sign_object
from keys.private.seal import Place, Target
from keys.private.xwing import public_of
from keys.signed import parse_signed, read_payload
from keys.statements import Batch, Interval
from tests.kit.federation import Federation
from tests.unit.casework.samples import SAMPLES, outgoing, record_as_dict, sample_record

SLOWEST_SECONDS = 0.05
TRIES = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)

_ID, _DIGEST = b"\x11" * 16, b"\x22" * 32
_DOCUMENT = Document(
    1, 1, _ID, _ID, _ID, _ID, [_ID], 1, NO_PREV, 1, 1, _DIGEST, KindClass.CONTENT, _ID, None, _DIGEST, [], [_DIGEST],
    "samtycke", None,
)  # fmt: skip
_ENTRY = ReceiptEntry(_ID, _DIGEST, ReceiptStatus.REFUSED, "CNS-01", 1, _DIGEST, 1, bytes(64))
_RECEIPT = Receipt(1, 1, _ID, _ID, _ID, _ID, [_ID], 1, 1, _DIGEST, [_ENTRY])
_WITHDRAWAL = Withdrawal(1, 1, _ID, _ID, _ID, WithdrawalScope.SYFTE, None, ["uppfoljning_efter_avslut"], 1)
_BATCH = Batch(1, 1, _DIGEST, _ID, 1, 1, [Interval(1, 2, public_of(_DIGEST))])
_SIGNED = sign_object(new_secret(), _DIGEST, SignedType.DOCUMENT, encode(_DOCUMENT))
_PARCEL = Parcel(_SIGNED, _DIGEST, encode_body(record_as_dict(sample_record())))
_ENVELOPE = seal.seal(
    b"content", Place(_DIGEST, _ID), [Target(DeviceId(_ID), public_of(_DIGEST))], hour=1, recall_hash=_DIGEST
)
_NOTE = Checkpoint(origin_of(_DIGEST), 7, _DIGEST).text() + b"\n" + "— hub ".encode() + b"A" * 91 + b"=\n"
_FETCHED = responses.Fetched(
    _ID, 2, [responses.Waiting(1, 1, bytes(64), _ENVELOPE), responses.Withheld(2, 1, bytes(64), _DIGEST)]
)


def _approval() -> bytes:
    federation = Federation.demo(devices=1)
    return encode(federation.units["sav"].approvals[0])


def _payload(signed_type: SignedType, kind: type[Any]) -> Callable[[bytes], object]:
    """Reads a payload as the checks do, once its signature was right."""

    def read(data: bytes) -> object:
        secret_less = parse_signed(_SIGNED)
        return read_payload(type(secret_less)(data, signed_type, data, secret_less.signatures), signed_type, kind)

    return read


DECODERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "unframe-hello": (frame(responses.HelloIs(1, _DIGEST, _ID, _ID, 1)), unframe_response),
    "unframe-fetched": (frame(_FETCHED), unframe_response),
    "unframe-refused": (frame(responses.Refused(responses.Code.TRUST, 1, "rule")), unframe_response),
    "unframe-leaves": (frame(responses.Leaves(0, 1, [b"leaf"])), unframe_response),
    "unframe-snapshot": (frame(responses.SnapshotPage(1, [b"batch"], last=True)), unframe_response),
    "envelope": (_ENVELOPE, parse_envelope),
    "signed": (_SIGNED, parse_signed),
    "content": (encode(Content(_SIGNED, _DIGEST, b"body", [])), lambda data: decode(data, Content, max_bytes=262_144)),
    "document": (encode(_DOCUMENT), _payload(SignedType.DOCUMENT, Document)),
    "receipt": (encode(_RECEIPT), _payload(SignedType.RECEIPT, Receipt)),
    "withdrawal": (encode(_WITHDRAWAL), _payload(SignedType.WITHDRAWAL, Withdrawal)),
    "batch": (encode(_BATCH), _payload(SignedType.BATCH, Batch)),
    "parcel": (encode(_PARCEL), lambda data: decode(data, Parcel, max_bytes=MAX_PARCEL_BYTES)),
    "note": (_NOTE, parse_note),
    "body": (encode_body(SAMPLES["hotbild.begaran"]), lambda data: decode_body(data, max_bytes=MAX_BODY_BYTES)),
    "approval": (_approval(), parse_approval),
}

_EDITS = st.lists(
    st.tuples(
        st.sampled_from(("turn", "cut", "double", "insert", "swap", "end")),
        st.one_of(st.integers(0, 300), st.integers(0, 2**20)),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=4,
)


def _edited(data: bytes, edits: list[tuple[str, int, bytes]]) -> bytes:
    raw = bytearray(data)
    for name, place, fresh in edits:
        at = place % (len(raw) + 1)
        if name == "turn" and at < len(raw):
            raw[at] ^= fresh[0] or 1
        elif name == "cut":
            del raw[at : at + len(fresh)]
        elif name == "double":
            raw[at:at] = raw[at : at + 40]
        elif name == "insert":
            raw[at:at] = fresh
        elif name == "swap":
            raw[at : at + len(fresh)] = fresh
        elif name == "end":
            del raw[at:]
    return bytes(raw)


def _ask(decoder: Callable[[], object]) -> None:
    """A value or a declared error; three tries for the time, because other programs run here too."""
    for _ in range(3):
        began = time.perf_counter()
        with contextlib.suppress(SlussError):
            decoder()
        if time.perf_counter() - began < SLOWEST_SECONDS:
            return
    pytest.fail("too slow")


@pytest.mark.parametrize("name", DECODERS)
@TRIES
@given(edits=_EDITS)
def test_every_decoder_answers_soon_and_in_its_own_words(name: str, edits: list[tuple[str, int, bytes]]) -> None:
    """Mutated bytes give a value or a SlussError within 50 ms, nothing else."""
    valid, decoder = DECODERS[name]
    data = _edited(valid, edits)
    _ask(lambda: decoder(data))


@pytest.mark.parametrize("name", DECODERS)
def test_what_is_mutated_was_valid(name: str) -> None:
    """Each decoder accepts the input from which its mutations start."""
    valid, decoder = DECODERS[name]
    assert decoder(valid) is not None


_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=40),
    st.text(max_size=20),
    st.sampled_from(
        (
            "0000-01-01", "9999-12-31", "2026-02-30", "9999-12-31T23:59:59Z", "9999-12-31T23:59:60Z", "٢٠٢٦-01-01",
            "19811218-9876", "00000000-0000", "99991231-9999", "19811218+9876", "198112180000", "²⁰", "0" * 5000,
            "\x00",            "80" * 16, "C0" * 16, "samtycke", "annat", "1.", ".", "1.0.0", "-1", "1e9", "nan",
        )
    ),
)  # fmt: skip
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=12), inner, max_size=3)),
    max_leaves=6,
)
_CHANGES = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(("set", "drop", "add", "wrap")), _VALUES), min_size=1, max_size=3
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a tree."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[Any, Any]] = []
    for key, inner in list(items):
        found += [(value, key), *_places(inner)]
    return found


def _changed(tree: dict[str, Any], changes: list[tuple[int, str, Any]]) -> dict[str, Any]:
    made = copy.deepcopy(tree)
    for number, what, value in changes:
        places = _places(made)
        if not places:
            break
        holder, key = places[number % len(places)]
        if what == "drop":
            del holder[key]
        elif what == "add" and isinstance(holder, dict):
            holder["extra"] = value
        elif what == "wrap":
            holder[key] = [holder[key]]
        else:
            holder[key] = value
    return made


def _as_lists(value: Any) -> Any:
    """As the codec would decode it."""
    if isinstance(value, dict):
        return {name: _as_lists(inner) for name, inner in value.items()}
    return [_as_lists(inner) for inner in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("kind", sorted(SAMPLES))
@TRIES
@given(changes=_CHANGES)
def test_every_body_is_judged(kind: str, changes: list[tuple[int, str, Any]]) -> None:
    """A changed body is validated, warned about and judged, or refused; the rules never stumble over it."""
    body = _changed(_as_lists(SAMPLES[kind]), changes)

    def judge() -> None:
        message = validate_body(body)
        warnings(message)
        check_incoming(outgoing(kind, body=body))

    _ask(judge)


@TRIES
@given(changes=_CHANGES)
def test_every_record_is_judged(changes: list[tuple[int, str, Any]]) -> None:
    """A changed consent record is validated and leaned on, or refused."""
    fields = _changed(_as_lists(record_as_dict(sample_record())), changes)

    def judge() -> None:
        record = validate_record(fields)
        check_incoming(outgoing("hotbild.begaran", record=record))

    _ask(judge)


def test_random_bytes_are_no_approval() -> None:
    """Noise of any length is refused by every decoder of a file or frame."""
    for length in (0, 1, 3, 4, 5, 1023, 1024, 1025, 17_408):
        noise = random_bytes(length) if length else b""
        for name, (_, decoder) in DECODERS.items():
            with pytest.raises(SlussError):
                assert decoder(noise) is name
