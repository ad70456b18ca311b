"""Unit-internal documents: what the devices of one unit tell each other (FORMATS 5.1).

They are documents of the class ``internal`` from a unit to itself, signed and sealed like any other. Their body is one
of the records below, told apart by its tag, never a map. The list is closed: whatever else comes is refused.

Not here: which of two settings counts and what a resharing must prove (``client/engine/unit_sync``).
"""

from __future__ import annotations

import enum
from typing import Annotated, Final, get_args

from msgspec import Meta

from keys.attachment import Place
from keys.codec import Bytes16, Bytes32, Record, Uint, Uint32, decode
from keys.consent import MAX_PARCEL_BYTES
from keys.document import (
    MAX_BODY_BYTES,
    MAX_INTERNAL_BYTES,
    MAX_SECOND_BYTES,
    MAX_SIGNED_DOCUMENT_BYTES,
    Code,
    SignedReceipt,
)
from keys.errors import FormatError

MAX_SETTINGS: Final = 256  # of some 60 bytes: one envelope of the smallest size
MAX_COUNTER: Final = 2**48
MAX_ASKED: Final = 64
MAX_ITEMS: Final = 64
MAX_PLACES: Final = 64
MAX_PROOFS: Final = 64
MAX_HEADS: Final = 200  # of some 60 bytes: one envelope of the smallest size
MAX_THREADS: Final = 64
MAX_NOTES: Final = 32
MAX_NOTE_CHARACTERS: Final = 4000
MAX_DRAFT_BYTES: Final = 64 * 1024
MAX_WITHDRAWAL_BYTES: Final = 16 * 1024
MAX_REASON_CHARACTERS: Final = 1000

Parcels = Annotated[list[Annotated[bytes, Meta(min_length=1, max_length=MAX_PARCEL_BYTES)]], Meta(max_length=8)]
Withdrawals = Annotated[
    list[Annotated[bytes, Meta(min_length=1, max_length=MAX_WITHDRAWAL_BYTES)]], Meta(max_length=16)
]
Word = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z_]+\Z")]


class SettingName(enum.StrEnum):
    """What a unit keeps one value of."""

    READ = "read"  # target: document
    ASSIGNED = "assigned"  # target: thread
    STAND_IN = "stand-in"  # target: the device that is away
    REMINDED = "reminded"  # target: a reminder that somebody has seen


class Way(enum.StrEnum):
    """From whom to whom a reshared document went."""

    IN = "in"
    OUT = "out"


class Setting(Record, frozen=True):
    """One value of a unit; the newer of two is the one with the greater (counter, author)."""

    name: SettingName
    target: Bytes16
    counter: Annotated[int, Meta(ge=1, le=MAX_COUNTER)]
    author: Bytes16
    holder: Bytes16 | None
    at: Uint


class Note(Record, frozen=True):
    """A remark on a thread that stays in the unit; it is never changed."""

    note_id: Bytes16
    thread_id: Bytes16
    author: Bytes16
    at: Uint
    text: Annotated[str, Meta(min_length=1, max_length=MAX_NOTE_CHARACTERS)]


class Draft(Record, frozen=True):
    """A document that somebody is writing; without a form it was thrown away."""

    draft_id: Bytes16
    counter: Annotated[int, Meta(ge=1, le=MAX_COUNTER)]
    author: Bytes16
    at: Uint
    form: Annotated[bytes, Meta(max_length=MAX_DRAFT_BYTES)]


class Reshared(Record, frozen=True):
    """A document as it was signed, and what became of it here."""

    way: Way
    state: Word
    code: Code
    at: Uint
    deposit_hour: Uint32 | None
    settled_at: Uint | None
    signed: Annotated[bytes, Meta(min_length=1, max_length=MAX_SIGNED_DOCUMENT_BYTES)]
    salt: Bytes32
    body: Annotated[bytes, Meta(max_length=MAX_BODY_BYTES)]


class ThreadStands(Record, frozen=True):
    """Where a thread stands at the device that tells it."""

    thread_id: Bytes16
    flow: Word
    state: Word
    side: Word
    unit_id: Bytes16
    principal: Annotated[str, Meta(max_length=32)] | None
    consent_id: Bytes16 | None
    deadline: Uint | None
    begun_at: Uint
    changed_at: Uint
    opening: Bytes16 | None


class SentCopy(Record, frozen=True, tag=1):
    """A document that this device has signed and sends to another unit."""

    signed: Annotated[bytes, Meta(min_length=1, max_length=MAX_SIGNED_DOCUMENT_BYTES)]
    salt: Bytes32
    body: Annotated[bytes, Meta(max_length=MAX_BODY_BYTES)]


class State(Record, frozen=True, tag=2):
    """Settings, notes and drafts that are new here."""

    settings: Annotated[list[Setting], Meta(max_length=MAX_SETTINGS)]
    notes: Annotated[list[Note], Meta(max_length=MAX_NOTES)]
    drafts: Annotated[list[Draft], Meta(max_length=1)]


class Registered(Record, frozen=True, tag=3):
    """Consents and withdrawals that were registered at this device, or that history brings."""

    parcels: Parcels
    withdrawals: Withdrawals


class Need(Record, frozen=True, tag=4):
    """I could not open or use these envelopes; who has what was in them?"""

    envelopes: Annotated[list[Bytes32], Meta(min_length=1, max_length=MAX_ASKED)]


class Reshare(Record, frozen=True, tag=5):
    """The answer to a need: these envelopes are dealt with, and this is what was in them."""

    device: Bytes16
    envelopes: Annotated[list[Bytes32], Meta(max_length=MAX_ASKED)]
    items: Annotated[list[Reshared], Meta(max_length=MAX_ITEMS)]
    threads: Annotated[list[ThreadStands], Meta(max_length=MAX_THREADS)]


class HistoryWish(Record, frozen=True, tag=6):
    """I am new, or slept: send me the unit's documents behind this cursor of yours. Meant for one sibling."""

    sibling: Bytes16
    after: Uint
    since: Uint


class History(Record, frozen=True, tag=7):
    """A batch of the unit's documents for one new device; ``cursor`` asks for the next, ``is_last`` ends it."""

    device: Bytes16
    after: Uint
    cursor: Uint
    is_last: bool
    items: Annotated[list[Reshared], Meta(max_length=MAX_ITEMS)]
    threads: Annotated[list[ThreadStands], Meta(max_length=MAX_THREADS)]


class ApprovalRequest(Record, frozen=True, tag=8):
    """A document of ``author`` that waits for a second person; all else about it stands in the body's header."""

    author: Bytes16
    at: Uint
    salt: Bytes32
    body: Annotated[bytes, Meta(max_length=MAX_BODY_BYTES)]


class Outcome(enum.StrEnum):
    """What became of a request. Of several the last one in this list counts."""

    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Decision(Record, frozen=True, tag=9):
    """A colleague's word on a request; ``approval`` is the signed object of one who approved, and proves itself."""

    document_id: Bytes16
    outcome: Outcome
    by_device: Bytes16
    at: Uint
    code: Code
    reason: Annotated[str, Meta(max_length=MAX_REASON_CHARACTERS)]
    approval: Annotated[bytes, Meta(min_length=1, max_length=MAX_SECOND_BYTES)] | None


Places = Annotated[list[Place], Meta(min_length=1, max_length=MAX_PLACES)]


class FilesWanted(Record, frozen=True, tag=10):
    """I do not have these attached files; who has them?"""

    places: Places


class FileLent(Record, frozen=True, tag=11):
    """A stream of an attached file for our mailbox, under a key of its own; the file is the one that was signed."""

    place: Place
    key: Bytes32
    digest: Bytes32


class FilesHeld(Record, frozen=True, tag=12):
    """I have these attached files, whole and checked."""

    places: Places


class Head(Record, frozen=True):
    """The last document of another unit's device that is here, by its place in that device's chain and its digest."""

    device: Bytes16
    seq: Annotated[int, Meta(ge=1, le=2**32)]
    digest: Bytes32


class Heads(Record, frozen=True, tag=13):
    """How far the chains have come here in which something came lately; is it the same at yours?"""

    heads: Annotated[list[Head], Meta(min_length=1, max_length=MAX_HEADS)]


Letter = SentCopy | State | Registered | Need | Reshare | HistoryWish | History | ApprovalRequest | Decision


class Undone(enum.StrEnum):
    """Why a signed document had no effect: the hub withheld it, or it never left."""

    RECALLED = "recalled"
    STOPPED = "stopped"


class CalledBack(Record, frozen=True, tag=14):
    """A document that this device had signed had no effect; with the document, for the copy may not have come."""

    state: Undone
    code: Code
    copy: SentCopy


class Proofs(Record, frozen=True, tag=15):
    """What other units' devices have signed of the unit's documents, as it came."""

    receipts: Annotated[list[SignedReceipt], Meta(min_length=1, max_length=MAX_PROOFS)]


FileLetter = FilesWanted | FileLent | FilesHeld
Internal = Letter | FileLetter | Heads | CalledBack | Proofs
"""Everything that the devices of a unit may tell each other."""


_RECORDS: Final[dict[object, type[Internal]]] = {record.__struct_config__.tag: record for record in get_args(Internal)}


def read_internal(body: bytes) -> Internal:
    """Decode a body of the class ``internal``.

    Raises:
        FormatError: not one of the list, or beyond a limit.
    """
    record = _RECORDS.get(body[1]) if len(body) > 1 else None  # behind the byte of an array of at most 15 fields
    if record is None:
        raise FormatError("FMT", rule="tag")
    return decode(body, record, max_bytes=MAX_INTERNAL_BYTES)


def has_withdrawals(body: bytes) -> bool:
    """Whether a body tells withdrawals, which take effect before anything else does."""
    try:
        message = read_internal(body)
    except FormatError:
        return False
    return isinstance(message, Registered) and bool(message.withdrawals)
