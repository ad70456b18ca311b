"""The file in which a hub asks to be named in the directory: its keys and its address (FORMATS 3.5).

It is not signed: the root holders compare its fingerprint with the operator, by voice or on paper, before they sign.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from keys import public
from keys.codec import Bytes16, Record, Uint, decode, encode
from keys.errors import FormatError
from keys.ids import Digest, HubId, digest
from keys.public import PublicPair
from keys.statements import Address

MAX_HUB_REQUEST_BYTES: Final = 8 * 1024
_MAGIC: Final = "sluss-hub-request"


class HubRequest(Record, frozen=True):
    """What a hub brings to the root ceremony. ``address`` is where clients reach it, an https URL."""

    magic: Annotated[str, Meta(max_length=20)]
    version: Uint
    hub_id: Bytes16
    keys: PublicPair
    address: Address


def make_hub_request(hub_id: HubId, keys: PublicPair, address: str) -> bytes:
    """Encode a hub's request."""
    return encode(HubRequest(_MAGIC, 1, hub_id, keys, address))


def parse_hub_request(data: bytes) -> HubRequest:
    """Parse a hub's request and refuse weak keys.

    Raises:
        FormatError: not a hub request, or of an unknown version.
        SignatureError: code ``WEAKKEY``.
    """
    request = decode(data, HubRequest, max_bytes=MAX_HUB_REQUEST_BYTES)
    if (request.magic, request.version) != (_MAGIC, 1):
        raise FormatError("VER")
    public.check_pair(request.keys)
    return request


def fingerprint_of(data: bytes) -> Digest:
    """What two people read to each other: the digest of the file."""
    return digest(data)
