"""The two files of an enrolment: the request that goes out and the approval that comes back (FORMATS 3.5).

The request is the bare ``enrol`` signed object. The approval brings what the new device cannot know: the federation's
first root, its own certificate, where the hub is, and the directory key sealed to the device's enrolment key. It also
says which witness policy is in force, so that the hub cannot withhold it at first contact; the sealing covers that.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from keys.codec import Bytes16, Record, Uint, decode, encode
from keys.domains import SignedType
from keys.errors import FormatError
from keys.public import check_ed25519, check_pair, key_id
from keys.signed import parse_signed, read_payload, verify_single
from keys.statements import Address, Enrol

MAX_APPROVAL_BYTES: Final = 192 * 1024
MAX_REQUEST_BYTES: Final = 16 * 1024
_MAGIC: Final = "sluss-approval"
_VERSION: Final = 2


class Approval(Record, frozen=True):
    """What an officer hands back to a new device."""

    magic: Annotated[str, Meta(max_length=20)]
    version: Uint
    first_root: Annotated[bytes, Meta(min_length=1, max_length=64 * 1024)]
    certificate: Annotated[bytes, Meta(min_length=1, max_length=64 * 1024)]
    hub_id: Bytes16
    hub_address: Address
    sealed_directory_key: Annotated[bytes, Meta(min_length=1168, max_length=1168)]
    witness_policy: Uint


def parse_request(request: bytes) -> Enrol:
    """Parse and verify a device's request before anybody signs over it.

    Raises:
        FormatError: not a request.
        SignatureError: not signed by the keys that it names, or they are weak.
    """
    so = parse_signed(request)
    enrol = read_payload(so, SignedType.ENROL, Enrol)
    check_pair(enrol.signing)
    check_ed25519(enrol.login)
    verify_single(so, key_id(enrol.signing), enrol.signing)
    return enrol


def make_approval(
    *, first_root: bytes, certificate: bytes, hub: tuple[bytes, str], sealed_key: bytes, policy: int
) -> bytes:
    """Encode an approval.

    Args:
        first_root: statement 1 of the log.
        certificate: the accepted device statement.
        hub: (hub id of 16 bytes, its address).
        sealed_key: 1,168 bytes, sealed with the same ``policy``.
        policy: number of the newest ``witnesses`` statement; 0: the roots have named none.
    """
    return encode(Approval(_MAGIC, _VERSION, first_root, certificate, hub[0], hub[1], sealed_key, policy))


def parse_approval(data: bytes) -> Approval:
    """Parse an approval; its parts are still to be verified.

    Raises:
        FormatError: not an approval, or of an unknown version.
    """
    approval = decode(data, Approval, max_bytes=MAX_APPROVAL_BYTES)
    if (approval.magic, approval.version) != (_MAGIC, _VERSION):
        raise FormatError("VER")
    return approval
