"""What a file or a registry holds, for people and for ``--json``: parties and fingerprints, never a secret.

Names are shown only where the directory key is given; without it the cards are ciphertext to this program too.
"""

from __future__ import annotations

import enum
from typing import Any, Final

from keys.admin_request import Officer
from keys.approval import Approval, parse_approval
from keys.cards import CardKind, OrganisationCard, StaffCard, UnitCard
from keys.codec import Record, decode
from keys.directory import Directory
from keys.directory_entries import DeviceEntry, UnitEntry
from keys.domains import SignedType
from keys.errors import FormatError, LocalError, OpenError, PeerError
from keys.hub_request import HubRequest, parse_hub_request
from keys.ids import OrgId, UnitId, digest, fingerprint
from keys.private import key_file
from keys.private.parties import open_party
from keys.public import PublicPair, key_id
from keys.rekey import Handout, Rekey, Reseal
from keys.signed import SignedObject, parse_signed, read_payload
from keys.statements import (
    MAX_CARD_BYTES,
    Batch,
    Device,
    Enrol,
    Freeze,
    Hub,
    Opposition,
    Organisation,
    Revoke,
    Root,
    Snapshot,
    Unit,
    Witnesses,
)

Facts = dict[str, Any]

_STATEMENTS: Final[dict[SignedType, type[Record]]] = {
    SignedType.ROOT: Root,
    SignedType.ORGANISATION: Organisation,
    SignedType.UNIT: Unit,
    SignedType.DEVICE: Device,
    SignedType.REVOKE: Revoke,
    SignedType.HUB: Hub,
    SignedType.FREEZE: Freeze,
    SignedType.OPPOSE: Opposition,
    SignedType.WITNESSES: Witnesses,
    SignedType.REKEY: Rekey,
    SignedType.HANDOUT: Handout,
    SignedType.RESEAL: Reseal,
}
_PAYLOADS: Final[dict[SignedType, type[Record]]] = {
    **_STATEMENTS,
    SignedType.ENROL: Enrol,
    SignedType.SNAPSHOT: Snapshot,
    SignedType.BATCH: Batch,
    SignedType.OFFICER: Officer,
}
_CARDS: Final[dict[CardKind, type[Record]]] = {
    CardKind.ORGANISATION: OrganisationCard,
    CardKind.UNIT: UnitCard,
    CardKind.STAFF: StaffCard,
}
_SHOWN_BYTES: Final = 32  # ids and digests; keys, cards and objects within objects are named by their digest


def describe_file(data: bytes) -> Facts:
    """What a file of ours says; nothing in it is verified.

    Raises:
        LocalError: code ``FILE``; not a file of ours.
    """
    for reader in (_signed_object, _key_file, _approval, _hub_request):
        try:
            return {**reader(data), "fingerprint": fingerprint(digest(data))}
        except (PeerError, LocalError):
            continue
    raise LocalError("FILE")


def require_statement(data: bytes) -> None:
    """Refuse a draft of a type or version that this program could not show to the one who signs it.

    Raises:
        FormatError: not a statement of the directory.
    """
    so = parse_signed(data)
    as_type = _STATEMENTS.get(so.type)
    if as_type is None:
        raise FormatError("FMT", rule="leaf-type")
    read_payload(so, so.type, as_type)


def describe_directory(directory: Directory, directory_key: bytes | None = None) -> Facts:
    """All parties of a directory; with names when the directory key (32 bytes) is given."""
    names = _Names(directory, directory_key)
    return {
        "federation": fingerprint(directory.federation),
        "profile": directory.profile.value,
        "statements": directory.size,
        "log_root": directory.tree.root().hex(),
        "witnesses": _witnesses(directory),
        "directory_key": directory.rekeying.number,
        "root_threshold": f"{directory.root.threshold} of {len(directory.root.keys)}",
        "organisations": [_organisation(directory, org_id, names) for org_id in directory.organisations],
        "hubs": [plain(entry.statement) for entry in directory.hubs.values()],
    }


def plain(value: object) -> Any:
    """A record as words, numbers and hexadecimal."""
    if isinstance(value, PublicPair):
        return fingerprint(key_id(value))
    if isinstance(value, Record):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex() if len(value) <= _SHOWN_BYTES else f"{len(value)} bytes, sha256 {digest(value).hex()}"
    return value


class _Names:
    """Opens cards, or nothing without a directory key."""

    def __init__(self, directory: Directory, directory_key: bytes | None) -> None:
        self._directory = directory
        self._key = directory_key

    def of(self, kind: CardKind, owner_id: bytes) -> Facts:
        if self._key is None:
            return {}
        try:
            opened = open_party(self._directory, self._key, kind, owner_id)
            card = decode(opened, _CARDS[kind], max_bytes=MAX_CARD_BYTES)
        except (OpenError, FormatError):
            return {"card": "cannot be opened"}
        return {name: text for name, text in plain(card).items() if name not in {"facts", "hub_id"}}


def _organisation(directory: Directory, org_id: OrgId, names: _Names) -> Facts:
    statement = directory.organisations[org_id].statement
    units = [entry for entry in directory.units.values() if entry.statement.org_id == org_id]
    return {
        "organisation_id": org_id.hex(),
        **names.of(CardKind.ORGANISATION, org_id),
        "administrators": [plain(pair) for pair in statement.admin_keys],
        "threshold": statement.threshold,
        "frozen": directory.freezing.is_frozen(org_id),
        "successors_wait": directory.succession.waiting(org_id) is not None,
        "units": [_unit(directory, entry, names) for entry in units],
    }


def _witnesses(directory: Directory) -> Facts:
    policy = directory.witnesses
    if policy is None:
        return {"quorum": 0, "named": []}
    return {"quorum": policy.quorum, "named": [witness.name for witness in policy.witnesses]}


def _unit(directory: Directory, entry: UnitEntry, names: _Names) -> Facts:
    unit = entry.statement
    return {
        "unit_id": unit.unit_id.hex(),
        "mailbox_id": unit.mailbox_id.hex(),
        "status": unit.status.value if entry.ended_size is None else "ended",
        **names.of(CardKind.UNIT, unit.unit_id),
        "devices": [_device(device, names) for device in directory.unit_devices(UnitId(unit.unit_id))],
    }


def _device(entry: DeviceEntry, names: _Names) -> Facts:
    device = entry.statement
    return {
        "device_id": device.device_id.hex(),
        **names.of(CardKind.STAFF, device.device_id),
        "not_before": device.not_before,
        "not_after": device.not_after,
        "revoked": entry.revoked_size is not None,
        "request": fingerprint(digest(device.request)),
    }


def _signed_object(data: bytes) -> Facts:
    so = parse_signed(data)
    facts: Facts = {"file": "signed object", "type": so.type.value, "signers": [s.signer.hex() for s in so.signatures]}
    return {**facts, **_payload(so)}


def _payload(so: SignedObject) -> Facts:
    as_type = _PAYLOADS.get(so.type)
    facts: Facts = {} if as_type is None else plain(read_payload(so, so.type, as_type))
    return facts


def _key_file(data: bytes) -> Facts:
    file = key_file.inspect(data)
    return {"file": "key file", "purpose": file.purpose, "profile": file.profile.value}


def _approval(data: bytes) -> Facts:
    approval: Approval = parse_approval(data)
    federation = fingerprint(digest(approval.first_root))
    return {"file": "approval", "federation": federation, "hub_address": approval.hub_address}


def _hub_request(data: bytes) -> Facts:
    request: HubRequest = parse_hub_request(data)
    return {"file": "hub request", "hub_id": request.hub_id.hex(), "address": request.address}
