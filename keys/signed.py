"""Signed objects: ``SO = [type, payload, [[signer, ed25519, mldsa], …]]`` (FORMATS 2).

The received bytes are kept and stored; a signed object is never encoded again after parsing. Verify first, parse the
payload afterwards. ``signer`` is the digest of the signer's certificate for devices, and the key id for roots,
administrators and hubs, whose certificates hold several keys or are signed by the very keys that they name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

from msgspec import Meta

from keys import domains
from keys.codec import Bytes32, Bytes64, Record, decode, encode
from keys.domains import SignedType
from keys.errors import FormatError, SignatureError
from keys.ids import Digest, digest
from keys.public import MldsaSignature, PublicPair, pre_authentication, verify_pair

MAX_SIGNED_BYTES = 256 * 1024
MAX_SIGNATURES = 16

P = TypeVar("P", bound=Record)


class Signature(Record, frozen=True):
    """One signer's two signatures over the same bytes."""

    signer: Bytes32
    ed25519: Bytes64
    mldsa: MldsaSignature


class _Wire(Record, frozen=True):
    type: SignedType
    payload: Annotated[bytes, Meta(min_length=1, max_length=MAX_SIGNED_BYTES)]
    signatures: Annotated[list[Signature], Meta(min_length=1, max_length=MAX_SIGNATURES)]


@dataclasses.dataclass(frozen=True, slots=True)
class SignedObject:
    """A parsed but unverified signed object, with the bytes it came as."""

    raw: bytes
    type: SignedType
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def digest(self) -> Digest:
        """SHA-256 of the received bytes."""
        return digest(self.raw)


def parse_signed(raw: bytes) -> SignedObject:
    """Parse the outer frame only; the payload stays bytes.

    Raises:
        FormatError: not a signed object, unknown type, no or too many signatures, a signer twice or out of order.
    """
    wire = decode(raw, _Wire, max_bytes=MAX_SIGNED_BYTES)
    signers = [signature.signer for signature in wire.signatures]
    if len(set(signers)) != len(signers):
        raise FormatError("FMT", rule="signer-twice")
    # Signers rise: otherwise whoever passes an object on could give it another digest by turning two signatures round,
    # and a digest names the object everywhere (a device's certificate, the chain of documents).
    if signers != sorted(signers):
        raise FormatError("FMT", rule="signer-order")
    return SignedObject(raw, wire.type, wire.payload, tuple(wire.signatures))


def assemble(signed_type: SignedType, payload: bytes, signatures: list[Signature]) -> bytes:
    """The bytes of a new signed object; signatures in the order of their signers."""
    return encode(_Wire(signed_type, payload, sorted(signatures, key=lambda signature: signature.signer)))


def join_signatures(objects: Sequence[bytes]) -> bytes:
    """One object with the signatures of several that hold the same type and payload; of a signer, the first counts.

    Raises:
        FormatError: not signed objects, or of different things.
    """
    parsed = [parse_signed(raw) for raw in objects]
    if len({(so.type, so.payload) for so in parsed}) != 1:
        raise FormatError("FMT", rule="join")
    signatures = {signature.signer: signature for so in reversed(parsed) for signature in so.signatures}
    return assemble(parsed[0].type, parsed[0].payload, list(signatures.values()))


def verify_signed(so: SignedObject, keys: Mapping[bytes, PublicPair]) -> frozenset[bytes]:
    """Verify every signature whose signer is in ``keys``; all of them must verify.

    Args:
        so: the parsed object.
        keys: signer (32 bytes) to its public keys.

    Returns:
        The signers that verified; signers that are not in ``keys`` are left out.

    Raises:
        SignatureError: code ``SIG``; a signature of a known signer is wrong.
    """
    message = pre_authentication(so.type, so.payload)
    known = [signature for signature in so.signatures if signature.signer in keys]
    for signature in known:
        verify_pair(keys[signature.signer], signature.ed25519, signature.mldsa, message)
    return frozenset(signature.signer for signature in known)


def verify_single(so: SignedObject, signer: bytes, pair: PublicPair) -> None:
    """Verify an object that carries exactly one signature, made by ``signer``.

    Raises:
        SignatureError: code ``SIG``; another number of signatures, another signer, or it does not verify.
    """
    if len(so.signatures) != 1 or not verify_signed(so, {signer: pair}):
        raise SignatureError("SIG")


def read_payload(so: SignedObject, expected: SignedType, as_type: type[P]) -> P:
    """Parse the payload of a *verified* object.

    Raises:
        FormatError: another type, not of ``as_type``, or an unknown version or suite (code ``VER``).
    """
    if so.type is not expected:
        raise FormatError("FMT", rule="signed-type")
    payload = decode(so.payload, as_type, max_bytes=MAX_SIGNED_BYTES)
    if (getattr(payload, "version", None), getattr(payload, "suite", None)) != (domains.VERSION, domains.SUITE):
        raise FormatError("VER")
    return payload
