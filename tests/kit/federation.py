"""A whole federation in memory: root, organisations, units and enrolled devices, made by the real ceremonies.

federation = Federation.demo()                    # two organisations, two units each, one device per unit
sav = federation.units["sav"]                     # UnitKit: org_id, unit_id, mailbox_id, card, keepers
keeper = sav.keepers[0]                           # LocalKeeper with an in-memory ring
federation.enrol("sav", "Bo Ek")                  # one more device, approved by an administrator and a sibling
federation.directory, federation.statements       # what every party replays
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from keys.approval import Approval, parse_approval
from keys.cards import OrganisationCard, Role, StaffCard, UnitCard
from keys.codec import encode_body
from keys.directory import Directory
from keys.domains import SignedType
from keys.hub_request import make_hub_request, parse_hub_request
from keys.ids import DeviceId, HubId, MailboxId, OrgId, UnitId
from keys.private import ceremony
from keys.private.ceremony import Appointment, Founding
from keys.private.identity import SigningSecret, new_secret, public_pair, random_bytes
from keys.private.keeper import LocalKeeper, Ring, enrol_request, enrolled, new_ring
from keys.private.table import Officers, Signer, officer_signer
from keys.public import PublicPair
from keys.signed import parse_signed, read_payload
from keys.statements import Device, Organisation, Profile, RevokeReason, Unit

NOW = 1_770_000_000  # seconds; a Monday morning in February 2026
HOUR = NOW // 3600
HUB_ADDRESS = "https://hub.example"


class MemoryRing:
    """A RingStore in memory. ``fail`` makes the next save raise it, as a full disk would."""

    def __init__(self) -> None:
        self.ring: Ring | None = None
        self.saves = 0
        self.fail: Exception | None = None

    def save(self, ring: Ring) -> None:
        """Keep the ring, or raise what ``fail`` holds."""
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error
        self.ring = ring
        self.saves += 1


@dataclasses.dataclass
class OrgKit:
    """An organisation and the secrets of its administrators."""

    org_id: OrgId
    card: OrganisationCard
    admins: list[SigningSecret]


@dataclasses.dataclass
class UnitKit:
    """A unit, its devices, and what each of them received at enrolment (same order)."""

    org_id: OrgId
    unit_id: UnitId
    mailbox_id: MailboxId
    card: UnitCard
    keepers: list[LocalKeeper] = dataclasses.field(default_factory=list)
    stores: list[MemoryRing] = dataclasses.field(default_factory=list)
    approvals: list[Approval] = dataclasses.field(default_factory=list)


class Federation:
    """Founds a federation and runs its ceremonies; every statement goes through ``Directory.apply``.

    Args:
        profile: DEMO by default.
        now: seconds; the time of every statement until ``self.now`` is changed.
        hub: the hub's public keys; by default fresh ones whose secret is ``self.hub_secret``.
        hub_address: what the hub's statement says.
    """

    def __init__(
        self,
        *,
        profile: Profile = Profile.DEMO,
        now: int = NOW,
        hub: PublicPair | None = None,
        hub_address: str = HUB_ADDRESS,
    ) -> None:
        self.now = now
        self.founding: Founding = ceremony.create_root(profile, now, holders=3, threshold=2)
        self.directory = Directory(self.founding.statement)
        self.statements: list[bytes] = [self.founding.statement]
        self.directory_key = self.founding.directory_key
        self.organisations: dict[str, OrgKit] = {}
        self.units: dict[str, UnitKit] = {}
        self.hub_secret = new_secret()
        self.hub_keys = hub or public_pair(self.hub_secret)
        self.hub_id = HubId(random_bytes(16))
        request = parse_hub_request(make_hub_request(self.hub_id, self.hub_keys, hub_address))
        self.apply(ceremony.add_hub(self.directory, self.roots(), request=request))

    @classmethod
    def demo(cls, *, devices: int = 1, **options: Any) -> Federation:
        """Stockholm (units ``sav``, ``sodermalm``, ``telefon``) and the police (``bops``), with devices each."""
        federation = cls(**options)
        federation.add_organisation("stockholm", "Stockholms stad", kind="kommun", kommunkod="0180")
        federation.add_organisation("polisen", "Polismyndigheten", kind="polis")
        facts = {"gatekeeper": "polis_forst", "handling_days": 21, "advises_other_kommuner": True}
        federation.add_unit("sav", "stockholm", unit_type="avhopparenhet", facts=facts)
        federation.add_unit("sodermalm", "stockholm", unit_type="stadsdel_socialtjanst")
        federation.add_unit("bops", "polisen", unit_type="polis_bops")
        federation.add_unit("telefon", "stockholm", unit_type="avhoppartelefon")
        for unit in federation.units:
            for number in range(devices):
                federation.enrol(unit, f"Handläggare {number + 1}")
        return federation

    def roots(self, count: int = 2) -> Officers:
        """The first root holders at a table; two are the threshold."""
        signers = [officer_signer(secret) for secret in self.founding.holders[:count]]
        return Officers(signers, self.directory_key, self.now)

    def admins(self, org: str, count: int = 2) -> Officers:
        """An organisation's first administrators at a table; two are the threshold."""
        signers = [officer_signer(secret) for secret in self.organisations[org].admins[:count]]
        return Officers(signers, self.directory_key, self.now)

    def apply(self, statement: bytes) -> bytes:
        """Let the directory accept a statement and keep it in order."""
        self.directory.apply(statement)
        self.statements.append(statement)
        return statement

    def add_organisation(self, key: str, name: str, *, kind: str = "kommun", kommunkod: str = "") -> OrgKit:
        """An organisation with two administrators, known to the kit as ``key``."""
        admins = [new_secret(), new_secret()]
        card = OrganisationCard(name, "212000-0142", kind, kommunkod)
        pairs = [public_pair(secret) for secret in admins]
        raw = self.apply(ceremony.add_organisation(self.directory, self.roots(), card=card, admins=pairs))
        statement = read_payload(parse_signed(raw), SignedType.ORGANISATION, Organisation)
        self.organisations[key] = OrgKit(OrgId(statement.org_id), card, admins)
        return self.organisations[key]

    def add_unit(
        self, key: str, org: str, *, unit_type: str, name: str = "", facts: Mapping[str, Any] | None = None
    ) -> UnitKit:
        """A unit of an organisation, known to the kit as ``key``."""
        owner = self.organisations[org]
        label = name or key.capitalize()
        body = encode_body(dict(facts or {}))
        card = UnitCard(label, label, unit_type, owner.card.kommunkod, "", self.hub_id, body)
        raw = self.apply(ceremony.add_unit(self.directory, self.admins(org), org_id=owner.org_id, card=card))
        unit = read_payload(parse_signed(raw), SignedType.UNIT, Unit)
        self.units[key] = UnitKit(owner.org_id, UnitId(unit.unit_id), MailboxId(unit.mailbox_id), card)
        return self.units[key]

    def enrol(
        self, unit: str, name: str, *, roles: Sequence[Role] = (Role.HANDLAGGARE,), days: int = 365
    ) -> LocalKeeper:
        """Enrol one more device: request, approval, ring; its keeper is also the unit kit's last."""
        ring = new_ring(self.directory.profile)
        approval = self.approve(unit, enrol_request(ring, self.now), name, roles=roles, days=days)
        parsed, kit, store = parse_approval(approval), self.units[unit], MemoryRing()
        certificate = parse_signed(parsed.certificate).digest
        store.ring = enrolled(
            ring,
            federation=self.directory.federation,
            certificate=certificate,
            sealed_directory_key=parsed.sealed_directory_key,
            policy=parsed.witness_policy,
        )
        keeper = LocalKeeper(store.ring, store)
        kit.keepers.append(keeper)
        kit.stores.append(store)
        kit.approvals.append(parsed)
        return keeper

    def approve(
        self, unit: str, request: bytes, name: str, *, roles: Sequence[Role] = (Role.HANDLAGGARE,), days: int = 365
    ) -> bytes:
        """Approve a request file for a unit and return the approval file; siblings sign when there are any."""
        kit = self.units[unit]
        officers = dataclasses.replace(self.admins(self.org_of(unit)), signers=self.approvers(unit))
        appointment = Appointment(kit.unit_id, StaffCard(name, "socialsekreterare", list(roles)), days)
        raw = self.apply(ceremony.approve_device(self.directory, officers, request=request, appointment=appointment))
        return ceremony.approval_file(
            self.directory, self.founding.statement, certificate=raw, directory_key=self.directory_key
        )

    def approvers(self, unit: str) -> list[Signer]:
        """Who must approve the unit's next device."""
        kit = self.units[unit]
        siblings = [
            keeper.sign for keeper in kit.keepers if self.directory.devices[keeper.device_id].revoked_size is None
        ]
        administrators = list(self.admins(self.org_of(unit)).signers)
        return [administrators[0], siblings[0]] if siblings else administrators

    def revoke(self, unit: str, device_id: DeviceId, *, reason: RevokeReason = RevokeReason.LOST) -> bytes:
        """Revoke a device by one administrator."""
        officers = self.admins(self.org_of(unit), 1)
        return self.apply(ceremony.revoke_device(self.directory, officers, device_id=device_id, reason=reason))

    def org_of(self, unit: str) -> str:
        """The kit's name of a unit's organisation."""
        wanted = self.units[unit].org_id
        return next(key for key, kit in self.organisations.items() if kit.org_id == wanted)

    def certificate(self, keeper: LocalKeeper) -> Device:
        """The device statement of a keeper."""
        return self.directory.devices[keeper.device_id].statement
