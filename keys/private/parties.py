"""The cards of a directory's parties, opened by an officer who has its newest key."""

from __future__ import annotations

from keys.cards import CardKind
from keys.directory import Directory
from keys.errors import OpenError
from keys.private.keyring import open_any, unroll


def open_party(directory: Directory, directory_key: bytes, kind: CardKind, owner_id: bytes) -> bytes:
    """The card of a party of the directory, by the newest directory key and those that follow from it.

    Raises:
        OpenError: code ``CARD``, or ``DIRKEY`` when it is not the newest key.
        TrustError: the directory knows no such party.
    """
    signed = directory.signed_card(kind, owner_id)
    held = [one.key for one in unroll(directory.rekeying.steps, directory_key)]
    try:
        return open_any(held, kind, owner_id, signed)
    except OpenError:
        anew = directory.rekeying.card(kind, owner_id, signed)
        if anew is None:
            raise
        return open_any(held, kind, owner_id, anew)
