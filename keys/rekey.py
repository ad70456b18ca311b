"""The statements that give a federation another directory key (FORMATS 3.2; rules in ``rekeying``).

``Rekey`` commits to the new key, ``Handout`` brings it to devices, sealed to each, ``Reseal`` writes cards anew.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from keys.cards import CardKind
from keys.codec import Bytes16, Bytes32, Record, Uint, Uint32
from keys.statements import Sealed

MAX_REKEYS: Final = 1000  # one a month is eighty years
MAX_COPIES: Final = 24  # of 1,190 bytes; with the signatures of nine root holders below the 65,535 bytes of a leaf
MAX_RESEALED: Final = 24  # of some 1,100 bytes each; with long facts fewer fit
COPY_BYTES: Final = 1168  # X-Wing wrap of 32 bytes
FORMER_BYTES: Final = 72  # nonce 24, key 32, tag 16

RekeyNumber = Annotated[int, Meta(ge=1, le=MAX_REKEYS)]
Copy = Annotated[bytes, Meta(min_length=COPY_BYTES, max_length=COPY_BYTES)]
Former = Annotated[bytes, Meta(min_length=FORMER_BYTES, max_length=FORMER_BYTES)]


class Rekey(Record, frozen=True):
    """The roots' word for the next directory key: nobody can be given another under this number."""

    version: Uint
    suite: Uint
    federation: Bytes32
    number: RekeyNumber
    key_id: Bytes32
    former: Former | None
    from_week: Uint32
    issued_at: Uint


class DeviceCopy(Record, frozen=True):
    """The new key for one device, sealed to the enrolment key of its certificate."""

    device_id: Bytes16
    sealed: Copy


class Handout(Record, frozen=True):
    """Copies of the newest directory key."""

    version: Uint
    suite: Uint
    federation: Bytes32
    number: RekeyNumber
    copies: Annotated[list[DeviceCopy], Meta(min_length=1, max_length=MAX_COPIES)]
    issued_at: Uint


class ResealedCard(Record, frozen=True):
    """A card as its owner signed it, under the newest directory key."""

    kind: CardKind
    owner_id: Bytes16
    sealed: Sealed


class Reseal(Record, frozen=True):
    """Cards written anew."""

    version: Uint
    suite: Uint
    federation: Bytes32
    number: RekeyNumber
    cards: Annotated[list[ResealedCard], Meta(min_length=1, max_length=MAX_RESEALED)]
    issued_at: Uint
