"""The ceremonies of a federation as functions: secrets in, signed statements out; no file, no prompt, no clock.

1. ``create_root`` founds the federation. Its holders then add organisations and hubs.
2. An organisation's administrators add units and approve devices; a unit's later devices also need one of its own.
3. Each function signs with whoever sits at the table (``table.Officers``). Too few is allowed: the result is a draft
   that ``table.cosign`` completes, one holder at a time. Only ``Directory.apply`` says whether it is enough.

Not here: files, passphrases and the registry folder (``keys/private/registry.py``, ``keys/cli.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from keys import domains
from keys.approval import make_approval, parse_request
from keys.cards import CardKind, OrganisationCard, StaffCard, UnitCard
from keys.codec import decode
from keys.directory import Directory, federation_of
from keys.domains import SignedType
from keys.errors import LocalError
from keys.hub_request import HubRequest
from keys.ids import DeviceId, FederationId, HubId, OrgId, UnitId
from keys.private import cards
from keys.private.identity import SigningSecret, new_secret, public_pair, random_bytes
from keys.private.parties import open_party
from keys.private.table import Officers, encode_checked, officer_signer, sign_record
from keys.public import PublicPair
from keys.signed import parse_signed
from keys.statements import (
    MAX_CARD_BYTES,
    Device,
    Hub,
    Organisation,
    Profile,
    Revoke,
    RevokeReason,
    RevokeTarget,
    Root,
    Unit,
    UnitStatus,
)

DEVICE_DAYS: Final = 365  # below the log's 400, so that a renewal may be late
CLOCK_SECONDS: Final = 3600  # a certificate begins an hour ago: the new device's clock may be behind
DAY_SECONDS: Final = 86_400

K = TypeVar("K")
V = TypeVar("V")


@dataclasses.dataclass(frozen=True, slots=True)
class Founding:
    """A new federation: the statement that is it, and what its holders must keep."""

    statement: bytes
    federation: FederationId
    directory_key: bytes = dataclasses.field(repr=False)
    holders: tuple[SigningSecret, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Appointment:
    """What an approved device is for: its unit, the person who uses it in which roles, and how many days (1 to 400)."""

    unit_id: UnitId
    staff: StaffCard
    days: int = DEVICE_DAYS


def create_root(profile: Profile, now: int, *, holders: int = 5, threshold: int = 3) -> Founding:
    """Found a federation with fresh root keys.

    Raises:
        LocalError: code ``THRESHOLD`` when 1 <= threshold <= holders <= 9 does not hold.
    """
    if not 1 <= threshold <= holders <= 9:
        raise LocalError("THRESHOLD")
    secrets = tuple(new_secret() for _ in range(holders))
    root = Root(domains.VERSION, domains.SUITE, 1, profile, [public_pair(secret) for secret in secrets], threshold, now)
    statement = sign_record([officer_signer(secret) for secret in secrets[:threshold]], SignedType.ROOT, root)
    return Founding(statement, federation_of(statement), random_bytes(32), secrets)


def change_root(directory: Directory, officers: Officers, *, keys: Sequence[PublicPair], threshold: int) -> bytes:
    """New root keys; both the old and the new threshold must sign."""
    old = directory.root
    root = Root(old.version, old.suite, old.number + 1, old.profile, list(keys), threshold, officers.now)
    return sign_record(officers.signers, SignedType.ROOT, root)


def add_organisation(
    directory: Directory,
    officers: Officers,
    *,
    card: OrganisationCard,
    admins: Sequence[PublicPair],
    threshold: int = 2,
) -> bytes:
    """A new organisation with its administrators' keys, for the root holders to sign."""
    org_id = OrgId(random_bytes(16))
    sealed = cards.seal_card(officers.directory_key, CardKind.ORGANISATION, org_id, encode_checked(card))
    statement = Organisation(
        domains.VERSION, domains.SUITE, directory.federation, org_id, 1, list(admins), threshold, sealed, officers.now
    )
    return sign_record(officers.signers, SignedType.ORGANISATION, statement)


def change_administrators(
    directory: Directory, officers: Officers, *, org_id: OrgId, admins: Sequence[PublicPair], threshold: int = 2
) -> bytes:
    """Other administrators of an organisation, for the old ones to sign.

    Raises:
        LocalError: code ``UNKNOWN``.
    """
    old = known(directory.organisations, org_id).statement
    changed = replace(old, number=old.number + 1, admin_keys=list(admins), threshold=threshold, issued_at=officers.now)
    return sign_record(officers.signers, SignedType.ORGANISATION, changed)


def rename_organisation(directory: Directory, officers: Officers, *, org_id: OrgId, card: OrganisationCard) -> bytes:
    """Another card of an organisation, for the root holders to sign: nobody names themselves.

    Raises:
        LocalError: code ``UNKNOWN``.
    """
    old = known(directory.organisations, org_id).statement
    sealed = cards.seal_card(officers.directory_key, CardKind.ORGANISATION, org_id, encode_checked(card))
    changed = replace(old, number=old.number + 1, card=sealed, issued_at=officers.now)
    return sign_record(officers.signers, SignedType.ORGANISATION, changed)


def add_unit(directory: Directory, officers: Officers, *, org_id: OrgId, card: UnitCard) -> bytes:
    """A new unit with a new mailbox, for the organisation's administrators to sign."""
    unit_id = UnitId(random_bytes(16))
    sealed = cards.seal_card(officers.directory_key, CardKind.UNIT, unit_id, encode_checked(card))
    unit = Unit(
        version=domains.VERSION,
        suite=domains.SUITE,
        federation=directory.federation,
        org_id=org_id,
        unit_id=unit_id,
        mailbox_id=random_bytes(16),
        number=1,
        status=UnitStatus.ACTIVE,
        successor=None,
        card=sealed,
        issued_at=officers.now,
    )
    return sign_record(officers.signers, SignedType.UNIT, unit)


def change_unit(
    directory: Directory,
    officers: Officers,
    *,
    unit_id: UnitId,
    card: UnitCard | None = None,
    closed: bool = False,
    successor: UnitId | None = None,
) -> bytes:
    """Another card of a unit, or its end; the mailbox stays.

    Raises:
        LocalError: code ``UNKNOWN``.
    """
    old = known(directory.units, unit_id).statement
    status = UnitStatus.CLOSED if closed else UnitStatus.ACTIVE
    changed = replace(old, number=old.number + 1, status=status, successor=successor, issued_at=officers.now)
    if card is not None:
        sealed = cards.seal_card(officers.directory_key, CardKind.UNIT, unit_id, encode_checked(card))
        changed = replace(changed, card=sealed)
    return sign_record(officers.signers, SignedType.UNIT, changed)


def add_hub(directory: Directory, officers: Officers, *, request: HubRequest) -> bytes:
    """A hub, new or with another address or keys, for the root holders to sign."""
    known = directory.hubs.get(HubId(request.hub_id))
    hub = Hub(
        domains.VERSION,
        domains.SUITE,
        directory.federation,
        request.hub_id,
        1 if known is None else known.statement.number + 1,
        request.keys,
        request.address,
        officers.now,
    )
    return sign_record(officers.signers, SignedType.HUB, hub)


def approve_device(directory: Directory, officers: Officers, *, request: bytes, appointment: Appointment) -> bytes:
    """A device's certificate over its request, for administrators and, after the first, a device of the unit to sign.

    Raises:
        FormatError: the request is not one.
        SignatureError: the request is not signed by the keys that it names, or they are weak.
    """
    enrol = parse_request(request)
    begin = max(0, officers.now - CLOCK_SECONDS)
    label = cards.seal_card(officers.directory_key, CardKind.STAFF, enrol.device_id, encode_checked(appointment.staff))
    device = Device(
        version=domains.VERSION,
        suite=domains.SUITE,
        federation=directory.federation,
        unit_id=appointment.unit_id,
        device_id=enrol.device_id,
        request=request,
        staff_label=label,
        not_before=begin,
        not_after=begin + appointment.days * DAY_SECONDS,
        issued_at=officers.now,
    )
    return sign_record(officers.signers, SignedType.DEVICE, device)


def approval_file(directory: Directory, first_root: bytes, *, certificate: bytes, directory_key: bytes) -> bytes:
    """The file that brings an accepted certificate, the hub and the directory key back to the device.

    Args:
        directory: has accepted the certificate.
        first_root: the first statement of the log.
        certificate: the accepted device statement.
        directory_key: 32 bytes.

    Raises:
        LocalError: code ``UNKNOWN``; the log has not got the certificate, or not the hub that the unit's card names.
    """
    entry = directory.device_of_certificate(parse_signed(certificate).digest)
    if entry is None:
        raise LocalError("UNKNOWN")
    unit_id = UnitId(entry.statement.unit_id)
    opened = open_party(directory, directory_key, CardKind.UNIT, unit_id)
    hub = known(directory.hubs, HubId(decode(opened, UnitCard, max_bytes=MAX_CARD_BYTES).hub_id)).statement
    policy = 0 if directory.witnesses is None else directory.witnesses.number
    sealed_key = cards.seal_directory_key(
        directory_key,
        entry.enrol.enrol,
        federation=directory.federation,
        device_id=entry.statement.device_id,
        policy=policy,
    )
    hub_at = (hub.hub_id, hub.address)
    return make_approval(
        first_root=first_root, certificate=certificate, hub=hub_at, sealed_key=sealed_key, policy=policy
    )


def revoke_device(
    directory: Directory, officers: Officers, *, device_id: DeviceId, reason: RevokeReason = RevokeReason.OTHER
) -> bytes:
    """The end of a device; one administrator, the device itself or a sibling is enough."""
    return revoke(directory, officers, target=RevokeTarget.DEVICE, target_id=device_id, reason=reason)


def revoke(
    directory: Directory, officers: Officers, *, target: RevokeTarget, target_id: bytes, reason: RevokeReason
) -> bytes:
    """The end of a device, or of a unit or organisation with all its devices, for the root holders to sign."""
    end = Revoke(domains.VERSION, domains.SUITE, directory.federation, target, target_id, reason, officers.now)
    return sign_record(officers.signers, SignedType.REVOKE, end)


def known(table: Mapping[K, V], wanted: K) -> V:
    """An entry of the directory that must be there.

    Raises:
        LocalError: code ``UNKNOWN``.
    """
    entry = table.get(wanted)
    if entry is None:
        raise LocalError("UNKNOWN")
    return entry
