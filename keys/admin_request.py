"""The file in which an administrator asks an organisation's ceremony to take their keys (FORMATS 3.5).

A signed object of type ``officer`` under the very keys that it names: proof of possession. The seal key is where the
directory key is sent to; because the object covers it, comparing one fingerprint is enough.
"""

from __future__ import annotations

from typing import Final

from keys import public
from keys.codec import Record, Uint
from keys.domains import SignedType
from keys.errors import FormatError
from keys.public import PublicPair, XWingPublic, key_id
from keys.signed import parse_signed, read_payload, verify_single

MAX_ADMIN_REQUEST_BYTES: Final = 16 * 1024


class Officer(Record, frozen=True):
    """Payload of an ``officer``: the public keys of one person who signs for an organisation."""

    version: Uint
    suite: Uint
    keys: PublicPair
    seal: XWingPublic
    requested_at: Uint


def parse_admin_request(data: bytes) -> Officer:
    """Parse and verify an administrator's request.

    Raises:
        FormatError: not a request of an administrator.
        SignatureError: not signed by the keys that it names, or ``WEAKKEY``.
    """
    if len(data) > MAX_ADMIN_REQUEST_BYTES:
        raise FormatError("FMT", rule="length", limit=MAX_ADMIN_REQUEST_BYTES)
    so = parse_signed(data)
    officer = read_payload(so, SignedType.OFFICER, Officer)
    public.check_pair(officer.keys)
    verify_single(so, key_id(officer.keys), officer.keys)
    return officer
