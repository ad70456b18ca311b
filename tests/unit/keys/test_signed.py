"""Signed objects: one form, all signatures, the type inside the bytes that are signed."""

import pytest

from keys.codec import Record, Uint, encode
from keys.domains import SignedType
from keys.errors import FormatError, SignatureError
from keys.private.identity import new_secret, public_pair, secret_key_id, sign_object, sign_with
from keys.private.table import cosign, officer_signer
from keys.signed import (
    MAX_SIGNATURES,
    assemble,
    join_signatures,
    parse_signed,
    read_payload,
    verify_signed,
    verify_single,
)


class Note(Record, frozen=True):
    """A payload for these tests."""

    version: Uint
    suite: Uint
    text: str


class Bare(Record, frozen=True):
    """A payload without a version."""

    text: str


FIRST, SECOND = new_secret(), new_secret()
NAMES = {secret_key_id(secret): public_pair(secret) for secret in (FIRST, SECOND)}
PAYLOAD = encode(Note(1, 1, "hej"))
RAW = sign_object(FIRST, secret_key_id(FIRST), SignedType.DOCUMENT, PAYLOAD)


def test_an_object_comes_back_as_it_was() -> None:
    """Parsing keeps the bytes, and the payload reads as what was signed."""
    so = parse_signed(RAW)
    verify_single(so, secret_key_id(FIRST), public_pair(FIRST))
    assert (so.raw, read_payload(so, SignedType.DOCUMENT, Note)) == (RAW, Note(1, 1, "hej"))


def test_the_type_is_part_of_what_is_signed() -> None:
    """A signature over a document is none over a receipt with the same payload."""
    so = parse_signed(assemble(SignedType.RECEIPT, PAYLOAD, list(parse_signed(RAW).signatures)))
    with pytest.raises(SignatureError):
        verify_single(so, secret_key_id(FIRST), public_pair(FIRST))


def test_a_payload_of_another_type_is_not_read() -> None:
    """The reader says which type it expects."""
    with pytest.raises(FormatError, match="signed-type"):
        read_payload(parse_signed(RAW), SignedType.RECEIPT, Note)


@pytest.mark.parametrize("record", [Note(2, 1, ""), Note(1, 2, ""), Bare("")])
def test_an_unknown_version_or_suite_is_refused(record: Record) -> None:
    """There is one version and one suite; a payload that does not say is of none."""
    so = parse_signed(sign_object(FIRST, bytes(32), SignedType.DOCUMENT, encode(record)))
    with pytest.raises(FormatError, match="VER"):
        read_payload(so, SignedType.DOCUMENT, type(record))


def test_every_known_signature_must_verify() -> None:
    """A right signature does not excuse a wrong one of another known signer."""
    wrong = sign_with(SECOND, secret_key_id(SECOND), SignedType.DOCUMENT, b"another payload")
    so = parse_signed(assemble(SignedType.DOCUMENT, PAYLOAD, [*parse_signed(RAW).signatures, wrong]))
    with pytest.raises(SignatureError):
        verify_signed(so, NAMES)


def test_an_unknown_signer_does_not_count() -> None:
    """Signers that nobody knows are left out of the answer."""
    both = parse_signed(cosign(RAW, [officer_signer(SECOND)]))
    assert verify_signed(both, NAMES) == frozenset(NAMES)
    assert verify_signed(both, {secret_key_id(FIRST): public_pair(FIRST)}) == {secret_key_id(FIRST)}
    assert verify_signed(both, {}) == frozenset()


@pytest.mark.parametrize("signer", [SECOND, None])
def test_a_single_signature_is_one(signer: object) -> None:
    """Where one signature is asked for, two or another's are refused."""
    raw = RAW if signer is None else cosign(RAW, [officer_signer(SECOND)])
    name = secret_key_id(SECOND) if signer is None else secret_key_id(FIRST)
    with pytest.raises(SignatureError):
        verify_single(parse_signed(raw), name, NAMES[name])


def test_signers_stand_in_order() -> None:
    """Two signatures turned round would give the object another digest; such an object is refused."""
    rising = [sign_with(FIRST, bytes([number]) * 32, SignedType.DOCUMENT, PAYLOAD) for number in (1, 2)]
    right = assemble(SignedType.DOCUMENT, PAYLOAD, rising)
    assert assemble(SignedType.DOCUMENT, PAYLOAD, rising[::-1]) == right
    with pytest.raises(FormatError, match="signer-order"):
        parse_signed(_bytes_of("document", PAYLOAD, rising[::-1]))


def test_a_signer_stands_once() -> None:
    """The same signer twice does not reach a threshold of two."""
    signature = parse_signed(RAW).signatures[0]
    with pytest.raises(FormatError, match="signer-twice"):
        parse_signed(assemble(SignedType.DOCUMENT, PAYLOAD, [signature, signature]))


@pytest.mark.parametrize("count", [0, MAX_SIGNATURES + 1])
def test_the_number_of_signatures_has_limits(count: int) -> None:
    """None is too few, seventeen too many."""
    one = parse_signed(RAW).signatures[0]
    many = [type(one)(number.to_bytes(32), one.ed25519, one.mldsa) for number in range(count)]
    with pytest.raises(FormatError):
        parse_signed(assemble(SignedType.DOCUMENT, PAYLOAD, many))


@pytest.mark.parametrize("name", ["", "Document", "anything"])
def test_an_unknown_type_is_refused(name: str) -> None:
    """The list of types is closed."""
    with pytest.raises(FormatError):
        parse_signed(_bytes_of(name, PAYLOAD, list(parse_signed(RAW).signatures)))


def test_joining_needs_the_same_payload() -> None:
    """Signatures over different things do not come together."""
    other = sign_object(SECOND, secret_key_id(SECOND), SignedType.DOCUMENT, encode(Note(1, 1, "nej")))
    with pytest.raises(FormatError, match="join"):
        join_signatures([RAW, other])


def _bytes_of(name: str, payload: bytes, signatures: list[object]) -> bytes:
    return encode([name, payload, signatures])
