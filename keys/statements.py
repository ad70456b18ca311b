"""The payloads of all statements in the directory log, and of what devices publish beside it (FORMATS 3).

Field 1 is the version, field 2 the suite; ``federation`` ties a statement to one federation. Times are seconds since
1970 UTC. Cards and labels are ciphertext here (``keys/private/cards.py`` opens them): the hub's copy has no names.
"""

from __future__ import annotations

import enum
from typing import Annotated, Final

from msgspec import Meta

from keys.codec import Bytes16, Bytes32, Record, Uint, Uint32
from keys.public import PublicPair, XWingPublic

MAX_LEAF_BYTES: Final = 64 * 1024 - 1  # c2sp.org/tlog-tiles: an entry bundle gives a leaf's length in 16 bits
MAX_BATCH_BYTES: Final = 64 * 1024
MAX_CARD_BYTES: Final = 8 * 1024
MAX_DEVICE_SECONDS: Final = 400 * 86_400  # protocol 4: a device's certificate lasts at most 400 days
MAX_WITNESSES: Final = 9  # with the hub's own line they fit into a note (checkpoint.MAX_NOTE_SIGNATURES)
MAX_INTERVALS: Final = 64  # 8 days in 6-hour steps and 4 weeks make 36

Sealed = Annotated[bytes, Meta(min_length=40, max_length=MAX_CARD_BYTES)]
# signed-note: a name has no space and no plus
WitnessName = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[!-*,-~]+\Z")]
Address = Annotated[str, Meta(min_length=1, max_length=200)]


class Profile(enum.StrEnum):
    """Whether a federation is for real. Each kind of program refuses the other."""

    REAL = "real"
    DEMO = "demo"


class UnitStatus(enum.StrEnum):
    """Whether a unit takes documents."""

    ACTIVE = "active"
    CLOSED = "closed"


class RevokeTarget(enum.StrEnum):
    """What a revocation ends."""

    DEVICE = "device"
    UNIT = "unit"
    ORGANISATION = "organisation"


class RevokeReason(enum.StrEnum):
    """Why; a closed list, because free text in the log would be read by everybody for ever."""

    LOST = "lost"
    LEFT = "left"
    REPLACED = "replaced"
    COMPROMISED = "compromised"
    OTHER = "other"


class FreezeTarget(enum.StrEnum):
    """What a freeze holds still."""

    ORGANISATION = "organisation"
    UNIT = "unit"


class FreezeState(enum.StrEnum):
    """Whether a target is held still from here on."""

    FROZEN = "frozen"
    THAWED = "thawed"


class Root(Record, frozen=True):
    """The root keys of a federation; number 1 is the federation itself."""

    version: Uint
    suite: Uint
    number: Annotated[int, Meta(ge=1, le=10_000)]
    profile: Profile
    keys: Annotated[list[PublicPair], Meta(min_length=1, max_length=9)]
    threshold: Annotated[int, Meta(ge=1, le=9)]
    issued_at: Uint


class Organisation(Record, frozen=True):
    """A municipality, Polismyndigheten and the like, with the keys of its administrators."""

    version: Uint
    suite: Uint
    federation: Bytes32
    org_id: Bytes16
    number: Uint
    admin_keys: Annotated[list[PublicPair], Meta(min_length=2, max_length=5)]
    threshold: Annotated[int, Meta(ge=1, le=5)]
    card: Sealed
    issued_at: Uint


class Unit(Record, frozen=True):
    """A function that has a mailbox; people are never addressed."""

    version: Uint
    suite: Uint
    federation: Bytes32
    org_id: Bytes16
    unit_id: Bytes16
    mailbox_id: Bytes16
    number: Uint
    status: UnitStatus
    successor: Bytes16 | None
    card: Sealed
    issued_at: Uint


class Enrol(Record, frozen=True):
    """A device's own request; its signature by the new keys proves possession.

    It names neither federation nor unit: a device asks before it knows them, and the certificate binds both.
    """

    version: Uint
    suite: Uint
    device_id: Bytes16
    signing: PublicPair
    login: Bytes32
    enrol: XWingPublic
    requested_at: Uint


class Device(Record, frozen=True):
    """A device's certificate. ``request`` is the Enrol object as received."""

    version: Uint
    suite: Uint
    federation: Bytes32
    unit_id: Bytes16
    device_id: Bytes16
    request: Annotated[bytes, Meta(min_length=1, max_length=16 * 1024)]
    staff_label: Sealed
    not_before: Uint
    not_after: Uint
    issued_at: Uint


class Revoke(Record, frozen=True):
    """The end of a device; by the roots' threshold also of a unit or organisation with all its devices."""

    version: Uint
    suite: Uint
    federation: Bytes32
    target: RevokeTarget
    target_id: Bytes16
    reason: RevokeReason
    at: Uint


class Freeze(Record, frozen=True):
    """An organisation or a unit of which nothing may change but revocations, or its release by the roots."""

    version: Uint
    suite: Uint
    federation: Bytes32
    target: FreezeTarget
    target_id: Bytes16
    number: Uint
    state: FreezeState
    at: Uint


class Opposition(Record, frozen=True):
    """An administrator's no to administrators whom the roots alone named."""

    version: Uint
    suite: Uint
    federation: Bytes32
    org_id: Bytes16
    statement: Bytes32
    at: Uint


class Witness(Record, frozen=True):
    """One witness: the name and the Ed25519 key of its lines in a note."""

    name: WitnessName
    ed25519: Bytes32


class Witnesses(Record, frozen=True):
    """Who watches the log, and how many of them a checkpoint needs."""

    version: Uint
    suite: Uint
    federation: Bytes32
    number: Uint
    witnesses: Annotated[list[Witness], Meta(min_length=1, max_length=MAX_WITNESSES)]
    quorum: Annotated[int, Meta(ge=1, le=MAX_WITNESSES)]
    issued_at: Uint


class Hub(Record, frozen=True):
    """A hub's keys and address; a unit's card says which hub it uses."""

    version: Uint
    suite: Uint
    federation: Bytes32
    hub_id: Bytes16
    number: Uint
    keys: PublicPair
    address: Address
    issued_at: Uint


class Snapshot(Record, frozen=True):
    """The root over the newest prekey batch of every active device, made hourly and signed by the hub."""

    version: Uint
    suite: Uint
    federation: Bytes32
    hub_id: Bytes16
    number: Uint
    dir_size: Uint
    batches: Uint
    root: Bytes32
    made_at: Uint


class Interval(Record, frozen=True):
    """One epoch prekey: valid for hours ``start`` <= hour < ``end``, both in hours since 1970 UTC."""

    start: Uint32
    end: Uint32
    public: XWingPublic


class Batch(Record, frozen=True):
    """The epoch prekeys of one device, the same bytes for every sender (protocol 5)."""

    version: Uint
    suite: Uint
    federation: Bytes32
    device_id: Bytes16
    batch_no: Annotated[int, Meta(ge=1, le=2**32)]
    dir_size: Uint
    intervals: Annotated[list[Interval], Meta(min_length=1, max_length=MAX_INTERVALS)]


class Login(Record, frozen=True):
    """What a device signs with its login key to fetch its unit's mailbox from one hub."""

    version: Uint
    suite: Uint
    federation: Bytes32
    hub_id: Bytes16
    device_id: Bytes16
    nonce: Bytes32
