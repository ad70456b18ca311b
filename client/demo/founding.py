"""Founding the demonstration's federation: the real ceremonies with throw-away keys, and files as officers write them.

Everything is marked as a demonstration in the first root, and therefore refused by a real hub and by real devices.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from client.demo import cast
from client.demo.directory import UNITS
from client.demo.directory import Unit as DirectoryUnit
from client.engine import enrolling
from client.engine.clock import Clock
from client.engine.folder import Folder, open_keys
from keys.cards import OrganisationCard, StaffCard, UnitCard
from keys.codec import encode_body
from keys.directory import Directory
from keys.domains import SignedType
from keys.facts import FACTS, Holds, check_facts
from keys.files import read_bounded, write_durably
from keys.hub_request import MAX_HUB_REQUEST_BYTES, HubRequest, parse_hub_request
from keys.ids import OrgId, UnitId
from keys.private import ceremony
from keys.private.ceremony import Appointment, Founding
from keys.private.identity import SigningSecret, new_secret, public_pair
from keys.private.keeper import LocalKeeper
from keys.private.table import Officers, officer_signer
from keys.signed import parse_signed, read_payload
from keys.statements import Organisation, Profile, Unit

HOLDERS = 5
THRESHOLD = 3


@dataclasses.dataclass(slots=True)
class Registry:
    """The demonstration's officers at one table: root holders, administrators, and the log as files."""

    folder: Path
    now: int
    founding: Founding
    directory: Directory
    admins: dict[str, list[SigningSecret]] = dataclasses.field(default_factory=dict)
    organisations: dict[str, OrgId] = dataclasses.field(default_factory=dict)
    units: dict[str, UnitId] = dataclasses.field(default_factory=dict)
    files: list[Path] = dataclasses.field(default_factory=list)
    _folders: dict[str, Folder] = dataclasses.field(default_factory=dict)

    @classmethod
    def found(cls, folder: Path, now: int) -> Registry:
        """Make the root keys and the first statement."""
        folder.mkdir(parents=True)
        founding = ceremony.create_root(Profile.DEMO, now, holders=HOLDERS, threshold=THRESHOLD)
        registry = cls(folder, now, founding, Directory(founding.statement))
        registry._write(founding.statement)
        return registry

    @property
    def root_file(self) -> Path:
        """The first root statement."""
        return self.files[0]

    def add_hub(self, request_file: Path) -> HubRequest:
        """Sign a hub into the federation."""
        request = parse_hub_request(read_bounded(request_file, MAX_HUB_REQUEST_BYTES))
        self._apply(ceremony.add_hub(self.directory, self._roots(), request=request))
        return request

    def add_parties(self, hub: HubRequest) -> None:
        """Sign in all organisations and units of the cast."""
        for organisation in cast.ORGANISATIONS:
            self._add_organisation(organisation)
        units: list[cast.Office | DirectoryUnit] = [*(office for office in cast.OFFICES if not office.unit), *UNITS]
        for unit in sorted(units, key=_names_others):  # a card names units by ids that exist
            self._add_unit(unit, hub)
        for office in cast.OFFICES:
            self.units[office.key] = self.units[office.unit_key]

    def enrol(self, office: cast.Office, folder: Folder, clock: Clock) -> None:
        """Make a device, approve its request (a later one of a unit with its first one), and take the approval in."""
        request = enrolling.make(folder, cast.PASSPHRASE, Profile.DEMO, clock)
        officers = self._administrators(office.organisation)
        if office.unit:
            sibling = open_keys(self._folders[office.unit], cast.PASSPHRASE).ring_file
            signers = [officers.signers[0], LocalKeeper(sibling.load(), sibling).sign]
            officers = dataclasses.replace(officers, signers=signers)
        staff = StaffCard(office.staff, office.title, list(office.roles))
        appointment = Appointment(self.units[office.key], staff)
        certificate = ceremony.approve_device(self.directory, officers, request=request, appointment=appointment)
        self._apply(certificate)
        approval = ceremony.approval_file(
            self.directory,
            self.founding.statement,
            certificate=certificate,
            directory_key=self.founding.directory_key,
        )
        enrolling.enrol(folder, cast.PASSPHRASE, approval)
        self._folders[office.key] = folder

    def _add_organisation(self, organisation: cast.Organisation) -> None:
        admins = [new_secret(), new_secret()]
        card = OrganisationCard(organisation.name, "", organisation.kind, organisation.kommunkod)
        pairs = [public_pair(secret) for secret in admins]
        raw = self._apply(ceremony.add_organisation(self.directory, self._roots(), card=card, admins=pairs))
        statement = read_payload(parse_signed(raw), SignedType.ORGANISATION, Organisation)
        self.admins[organisation.key] = admins
        self.organisations[organisation.key] = OrgId(statement.org_id)

    def _add_unit(self, unit: cast.Office | DirectoryUnit, hub: HubRequest) -> None:
        facts = {name: self._with_ids(name, value) for name, value in unit.facts.items()}
        check_facts(facts, unit.unit_type)
        names = (unit.name_sv, unit.name_en, unit.unit_type, unit.kommunkod, unit.police_region)
        card = UnitCard(*names, hub.hub_id, encode_body(facts))
        officers = self._administrators(unit.organisation)
        org_id = self.organisations[unit.organisation]
        raw = self._apply(ceremony.add_unit(self.directory, officers, org_id=org_id, card=card))
        self.units[unit.key] = UnitId(read_payload(parse_signed(raw), SignedType.UNIT, Unit).unit_id)

    def _with_ids(self, name: str, value: Any) -> Any:
        """The fact as it stands on the card."""
        return [self.units[key].hex() for key in value] if FACTS[name].holds is Holds.UNITS else value

    def _roots(self) -> Officers:
        signers = [officer_signer(secret) for secret in self.founding.holders[:THRESHOLD]]
        return Officers(signers, self.founding.directory_key, self.now)

    def _administrators(self, organisation: str) -> Officers:
        signers = [officer_signer(secret) for secret in self.admins[organisation]]
        return Officers(signers, self.founding.directory_key, self.now)

    def _apply(self, statement: bytes) -> bytes:
        self.directory.apply(statement)
        self._write(statement)
        return statement

    def _write(self, statement: bytes) -> None:
        path = self.folder / f"{len(self.files) + 1:06d}.slk"
        write_durably(path, statement, mode=0o644)
        self.files.append(path)


def _names_others(unit: cast.Office | DirectoryUnit) -> bool:
    return any(FACTS[name].holds is Holds.UNITS for name in unit.facts)
