"""The address book: the directory's cards, decrypted through the keeper and kept in memory only."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from typing import Any, TypeAlias, TypeVar

from client.casework.authorities import may_have
from client.engine.trust import Replica
from keys.cards import MAX_FACTS_BYTES, CardKind, OrganisationCard, StaffCard, UnitCard
from keys.codec import decode, decode_body
from keys.directory_entries import UnitEntry
from keys.errors import LocalError, OpenError, PeerError, RefusedError
from keys.facts import FACTS, fact
from keys.ids import DeviceId, OrgId, UnitId
from keys.places import kommuner
from keys.private.keeper import Keeper
from keys.statements import MAX_CARD_BYTES, Organisation

_Card = TypeVar("_Card", OrganisationCard, StaffCard, UnitCard)
_From: TypeAlias = tuple[bytes, bytes, bool]  # the unit's sealed card, its organisation's, whether the unit is active


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class UnitFacts:
    """A unit as a person and casework know it. ``facts`` are those of domain.md 2.0.4.

    Another card is another object, so that what follows from one can be kept beside it.
    """

    unit_id: UnitId
    card: UnitCard
    organisation: OrganisationCard
    facts: dict[str, Any]
    is_active: bool

    @property
    def kommunkod(self) -> str:
        """The municipality's code: the unit's own, else its organisation's; empty for none that exists."""
        code = self.card.kommunkod or self.organisation.kommunkod
        return code if code in kommuner() else ""

    def fact(self, name: str, day: datetime.date) -> Any:
        """A fact's value on a day, None when the card does not tell (`keys.facts`)."""
        return fact(self.facts, name, day)

    def facts_on(self, day: datetime.date) -> dict[str, Any]:
        """All facts that hold on a day and that this program knows."""
        told = {name: fact(self.facts, name, day) for name in FACTS if name in self.facts}
        return {name: value for name, value in told.items() if value is not None}


class ClosedUnitError(RefusedError):
    """The unit takes no documents any more.

    Args:
        successor: name of the one that took over, for the person at the screen; no field, because fields are logged.
    """

    default_code = "DIR"

    def __init__(self, successor: str) -> None:
        super().__init__("DIR")
        self.successor = successor


class AddressBook:
    """Names of units, organisations and devices."""

    def __init__(self, replica: Replica, keeper: Keeper) -> None:
        self._replica = replica
        self._keeper = keeper
        # With what they were read from, so that another card is read anew. Never by the sealed card alone: a copy of it
        # would be another unit's name. What belongs to an owner opens for that owner only.
        self._units: dict[tuple[UnitId, bytes], tuple[_From, UnitFacts]] = {}
        self._staff: dict[tuple[DeviceId, bytes], StaffCard] = {}

    def unit(self, unit_id: UnitId) -> UnitFacts:
        """A unit's card and facts.

        Raises:
            LocalError: code ``UNK``; the directory has no such unit, or its card does not open.
        """
        return self._unit(unit_id, self._entry(unit_id).statement.card)

    def unit_at(self, unit_id: UnitId, size: int) -> UnitFacts:
        """A unit as the log of ``size`` leaves told of it; as it is now where this device has no key for that card.

        Raises:
            LocalError: code ``UNK``, as `unit`.
        """
        try:
            return self._unit(unit_id, self._entry(unit_id).card_at(size))
        except LocalError:
            return self.unit(unit_id)

    def organisation_names(self, unit_id: UnitId) -> set[str]:
        """All names that the roots have signed for a unit's organisation, as far as this device has keys for the cards.

        Raises:
            LocalError: code ``UNK``; the directory has no such unit.
        """
        self._entry(unit_id)
        entry, names = self._replica.directory.organisation_of(unit_id), set()
        for sealed in {entry.statement.card, *(card for _, card in entry.earlier)}:
            with contextlib.suppress(LocalError):
                names.add(self._open(CardKind.ORGANISATION, entry.statement.org_id, sealed, OrganisationCard).name)
        return names

    def units(self) -> list[UnitFacts]:
        """All units whose cards open and hold, by name."""
        found: list[UnitFacts] = []
        for unit_id in self._replica.directory.units:
            with contextlib.suppress(LocalError):
                found.append(self.unit(unit_id))
        return sorted(found, key=lambda unit: unit.card.name_sv.casefold())

    def find(self, text: str) -> UnitFacts:
        """The one unit whose id or Swedish or English name is ``text``, or whose name alone begins with it.

        Raises:
            LocalError: code ``UNK`` when there is none or more than one.
        """
        wanted = text.casefold().strip()
        units = self.units()
        exact = [unit for unit in units if wanted in {unit.unit_id.hex(), *_names(unit)}]
        found = exact or [unit for unit in units if any(name.startswith(wanted) for name in _names(unit))]
        if len(found) != 1 or not wanted:
            raise LocalError("UNK", found=len(found))
        return found[0]

    def successor_name(self, unit_id: UnitId) -> str:
        """The Swedish name of the unit that took over from a closed one; empty when none did, or it has no card."""
        successor = self._replica.directory.units[unit_id].statement.successor
        try:
            return "" if successor is None else self.unit(UnitId(successor)).card.name_sv
        except LocalError:
            return ""

    def staff(self, device_id: DeviceId) -> StaffCard:
        """Who uses a device.

        Raises:
            LocalError: code ``UNK``.
        """
        entry = self._replica.directory.devices.get(device_id)
        if entry is None:
            raise LocalError("UNK")
        sealed = device_id, entry.statement.staff_label
        if sealed not in self._staff:
            self._staff[sealed] = self._open(CardKind.STAFF, *sealed, StaffCard)
        return self._staff[sealed]

    def _entry(self, unit_id: UnitId) -> UnitEntry:
        entry = self._replica.directory.units.get(unit_id)
        if entry is None:
            raise LocalError("UNK")
        return entry

    def _unit(self, unit_id: UnitId, sealed: bytes) -> UnitFacts:
        organisation = self._replica.directory.organisation_of(unit_id).statement
        read_from = sealed, organisation.card, self._entry(unit_id).is_active
        known = self._units.get((unit_id, sealed))
        if known is None or known[0] != read_from:
            known = self._units[unit_id, sealed] = read_from, self._read(unit_id, organisation, read_from)
        return known[1]

    def _read(self, unit_id: UnitId, organisation: Organisation, read_from: _From) -> UnitFacts:
        sealed, of_organisation, is_active = read_from
        card = self._open(CardKind.UNIT, unit_id, sealed, UnitCard)
        org_card = self._open(CardKind.ORGANISATION, OrgId(organisation.org_id), of_organisation, OrganisationCard)
        if not may_have(org_card.kind, card.unit_type):
            raise LocalError("UNK", rule="kind")  # its administrators claim to be what the roots did not sign
        try:
            facts = decode_body(card.facts, max_bytes=MAX_FACTS_BYTES)
        except PeerError as error:
            raise LocalError("UNK", rule="facts") from error
        return UnitFacts(unit_id, card, org_card, facts, is_active)

    def _open(self, kind: CardKind, owner_id: bytes, sealed: bytes, as_type: type[_Card]) -> _Card:
        """A card as its owner signed it; written anew where this device has no key as old as that."""
        anew = self._replica.directory.rekeying.card(kind, owner_id, sealed)
        try:
            try:
                opened = self._keeper.open_card(kind, owner_id, sealed)
            except OpenError:
                if anew is None:
                    raise
                opened = self._keeper.open_card(kind, owner_id, anew)
            return decode(opened, as_type, max_bytes=MAX_CARD_BYTES)
        except PeerError as error:
            raise LocalError("UNK") from error


def _names(unit: UnitFacts) -> set[str]:
    return {unit.card.name_sv.casefold(), unit.card.name_en.casefold()}
