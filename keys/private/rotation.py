"""Another directory key: made by the root holders, sealed to everybody who may have it, cards written anew.

In this order, so that a run that was cut off at any point is finished by the same run again:
1. The new key is sealed to the root holders at the table. Until 2 it is used nowhere: a run that stops here begins with
   another key. It is never read back from these files before the log commits to it, because anybody could lay a file
   there whose key they know.
2. The log commits to the key (``rekey``). From here on what lies in the registry counts only when it is that key.
3. It is sealed to all officers whose requests the registry keeps.
4. It is handed out to every active device that has no copy yet.
5. Every card that the new key does not open yet is written anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from keys import domains
from keys.cards import CardKind
from keys.codec import Record, encode
from keys.directory import Directory
from keys.directory_entries import DeviceEntry
from keys.domains import SignedType
from keys.errors import FormatError, LocalError, OpenError
from keys.ids import DeviceId, OrgId, UnitId
from keys.private import cards
from keys.private.desk import Desk
from keys.private.identity import random_bytes, secret_key_id
from keys.private.keyring import directory_key_id, open_any, seal_former, unroll
from keys.private.officer import OfficerKind, public_officer
from keys.private.table import Officers, sign_record
from keys.public import key_id
from keys.rekey import MAX_COPIES, MAX_RESEALED, DeviceCopy, Handout, Rekey, Reseal, ResealedCard

OVERLAP_WEEKS: Final = 5  # one more than tokens are registered ahead: nobody is out of reach who was in reach before
_MOST_BYTES: Final = 30_000  # in one leaf; the signatures of nine root holders take as much

R = TypeVar("R", bound=Record)


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What a rotation is: its number, and how tokens follow.

    ``overlap_weeks``: how long the old key still makes the tokens. ``cut``: who gets the new key from here on does not
    get those before it with it.
    """

    number: int
    overlap_weeks: int = OVERLAP_WEEKS
    cut: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """What one run did: new copies, new cards, grants; and whom it could not give the key."""

    copies: int
    cards: int
    grants: int
    devices_without: tuple[DeviceId, ...]
    officers_without: tuple[bytes, ...]
    cards_without: int


def rotate(desk: Desk, change: Change, now: int) -> Done:
    """Begin rotation ``change.number``, or finish it when it was begun; the root holders' threshold is at the table.

    Raises:
        LocalError: code ``NUMBER`` when another number is next, ``CUT`` when a cut would leave an overlap, ``GRANT``
            when nobody at the table has the key.
        TrustError: fewer than the threshold; nothing was written.
    """
    if change.number == desk.directory.rekeying.number + 1:
        _begin(desk, change, now)
    if not 0 < change.number == desk.directory.rekeying.number:
        raise LocalError("NUMBER", next=desk.directory.rekeying.number + 1)
    officers = desk.officers()
    granted, officers_without = _grant_all(desk, officers.directory_key)
    copies, devices_without = _hand_out(desk, officers, _waiting(desk.directory, now))
    anew, cards_without = _reseal(desk, officers)
    return Done(copies, anew, granted, devices_without, officers_without, cards_without)


def hand_out(desk: Desk, org_id: OrgId, now: int) -> tuple[int, tuple[DeviceId, ...]]:
    """Give the newest key to an organisation's devices that have no copy; one of its administrators is enough.

    Returns:
        How many got it, and which could not.

    Raises:
        LocalError: code ``NUMBER`` while the founders' key is in force, ``GRANT``.
        TrustError: not by those who may.
    """
    if not desk.directory.rekeying.number:
        raise LocalError("NUMBER", next=1)
    waiting = [
        entry
        for entry in _waiting(desk.directory, now)
        if desk.directory.units[UnitId(entry.statement.unit_id)].statement.org_id == org_id
    ]
    return _hand_out(desk, desk.officers(), waiting)


def _begin(desk: Desk, change: Change, now: int) -> None:
    if change.cut and change.overlap_weeks:
        raise LocalError("CUT")
    former, fresh, directory = desk.directory_key(), random_bytes(cards.DIRECTORY_KEY_BYTES), desk.directory
    week = now // 3600 // cards.WEEK_HOURS
    rekey = Rekey(
        version=domains.VERSION,
        suite=domains.SUITE,
        federation=directory.federation,
        number=change.number,
        key_id=directory_key_id(fresh),
        former=None
        if change.cut
        else seal_former(former, fresh, federation=directory.federation, number=change.number),
        from_week=week + (change.overlap_weeks or -1),  # at once: also for the last hour of the week that just ended
        issued_at=now,
    )
    statement = sign_record(desk.officers(with_directory_key=False).signers, SignedType.REKEY, rekey)
    directory.copy().apply(statement)
    for holder in desk.holders:
        if holder.kind is OfficerKind.ROOT:
            desk.grant_one(public_officer(holder, now), fresh, change.number)
    desk.settle(statement, None)


def _grant_all(desk: Desk, key: bytes) -> tuple[int, tuple[bytes, ...]]:
    names = {key_id(pair) for pair in desk.directory.root.keys} | {
        key_id(pair) for entry in desk.directory.organisations.values() for pair in entry.statement.admin_keys
    }
    known = {name: officer for name in names if (officer := desk.registry.officer(name)) is not None}
    for officer in known.values():
        desk.grant_one(officer, key, desk.directory.rekeying.number)
    present = {secret_key_id(holder.signing) for holder in desk.holders if holder.kind is OfficerKind.ROOT}
    return len(known), tuple(sorted(names - known.keys() - present))


def _waiting(directory: Directory, now: int) -> list[DeviceEntry]:
    entries = [
        entry
        for device_id, entry in directory.devices.items()
        if entry.is_active(now) and directory.rekeying.sealed_copy(device_id) is None
    ]
    return sorted(entries, key=lambda entry: entry.statement.device_id)


def _hand_out(desk: Desk, officers: Officers, waiting: Sequence[DeviceEntry]) -> tuple[int, tuple[DeviceId, ...]]:
    directory, copies, without = desk.directory, [], []
    for entry in waiting:
        device_id = DeviceId(entry.statement.device_id)
        try:
            sealed = cards.seal_directory_key(
                officers.directory_key, entry.enrol.enrol, federation=directory.federation, device_id=device_id
            )
        except FormatError:  # one device with a weak key must not keep the key from all others
            without.append(device_id)
        else:
            copies.append(DeviceCopy(device_id, sealed))
    for some in _in_leaves(copies, MAX_COPIES):
        handout = Handout(
            domains.VERSION, domains.SUITE, directory.federation, directory.rekeying.number, some, officers.now
        )
        desk.settle(sign_record(officers.signers, SignedType.HANDOUT, handout), None)
    return len(copies), tuple(without)


def _reseal(desk: Desk, officers: Officers) -> tuple[int, int]:
    directory, anew, without = desk.directory, [], 0
    held = [*(one.key for one in unroll(directory.rekeying.steps, officers.directory_key)), *desk.older_keys()]
    for kind, owner_id in _owners(directory):
        try:
            card = _unless_open(directory, held, kind, owner_id)
        except OpenError:
            without += 1
            continue
        if card is not None:
            anew.append(ResealedCard(kind, owner_id, cards.seal_card(officers.directory_key, kind, owner_id, card)))
    for some in _in_leaves(anew, MAX_RESEALED):
        reseal = Reseal(
            domains.VERSION, domains.SUITE, directory.federation, directory.rekeying.number, some, officers.now
        )
        desk.settle(sign_record(officers.signers, SignedType.RESEAL, reseal), None)
    return len(anew), without


def _owners(directory: Directory) -> list[tuple[CardKind, bytes]]:
    owners: list[tuple[CardKind, bytes]] = [(CardKind.ORGANISATION, one) for one in directory.organisations]
    owners += [(CardKind.UNIT, one) for one in directory.units]
    owners += [(CardKind.STAFF, one) for one in directory.devices]
    return sorted(owners, key=lambda owner: (owner[0].value, owner[1]))


def _unless_open(directory: Directory, held: Sequence[bytes], kind: CardKind, owner_id: bytes) -> bytes | None:
    """The card, unless the newest key opens it already as it stands in the log."""
    signed = directory.signed_card(kind, owner_id)
    if directory.rekeying.is_anew(kind, owner_id, signed):
        return None
    try:
        cards.open_card(held[0], kind, owner_id, signed)
    except OpenError:
        anew = directory.rekeying.card(kind, owner_id, signed)
        return _open_either(held, kind, owner_id, (signed, anew))
    return None


def _open_either(held: Sequence[bytes], kind: CardKind, owner_id: bytes, sealed: Sequence[bytes | None]) -> bytes:
    """As its owner signed it, or as it was written anew before; after a cut only one of them may open."""
    for one in sealed:
        with contextlib.suppress(OpenError):
            return open_any(held, kind, owner_id, one or b"")
    raise OpenError("CARD")


def _in_leaves(items: Sequence[R], most: int) -> Iterator[list[R]]:
    """The items in as many lists as leaves need, in order."""
    some: list[R] = []
    size = 0
    for item in items:
        length = len(encode(item))
        if some and (len(some) == most or size + length > _MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(item)
        size += length
    if some:
        yield some
