"""What a body encloses, by the ids that people know it by."""

from __future__ import annotations

from client.engine.drafting import WITHDRAWAL_KIND
from keys.codec import decode
from keys.consent import MAX_PARCEL_BYTES, Consent, Parcel, Withdrawal
from keys.domains import SignedType
from keys.signed import parse_signed, read_payload


def enclosed_ids(kind: str, enclosed: list[bytes]) -> list[str]:
    """Ids of the consents that a body encloses, or that its withdrawals take back."""
    if kind == WITHDRAWAL_KIND:
        taken = [read_payload(parse_signed(raw), SignedType.WITHDRAWAL, Withdrawal) for raw in enclosed]
        return [one.consent_id.hex() for one in taken]
    signed = [decode(raw, Parcel, max_bytes=MAX_PARCEL_BYTES).signed for raw in enclosed]
    return [read_payload(parse_signed(raw), SignedType.CONSENT, Consent).consent_id.hex() for raw in signed]
