"""Consents and withdrawals of an office: signed here, taken in from others, kept as they came (FORMATS 7).

A consent counts when a device of the unit that saw the signing has signed it. A withdrawal counts when a device of a
unit that the consent names has signed it: any member of staff may register one, but not for other people's cases.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Final

from client.casework import consent_chain, languages
from client.casework.authorities import authority_of
from client.casework.consent import ConsentRecord
from client.casework.consent_check import validate_record
from client.casework.consent_status import Withdrawal as WithdrawalView
from client.casework.kinds.kind import Kind
from client.engine.context import Context
from client.engine.controllers import require_controller
from client.engine.drafting import CONSENT_KINDS
from client.engine.requirements import today
from keys import domains
from keys.codec import decode, decode_body, encode, encode_body
from keys.consent import (
    MAX_PARCEL_BYTES,
    MAX_RECORD_BYTES,
    Consent,
    Parcel,
    Withdrawal,
    WithdrawalScope,
    check_record,
    record_commit,
)
from keys.directory_entries import DeviceEntry
from keys.domains import SignedType
from keys.errors import FormatError, LocalError, PeerError, RefusedError, TrustError
from keys.ids import ConsentId, Digest, UnitId, digest
from keys.private.identity import random_bytes
from keys.signed import SignedObject, parse_signed, read_payload, verify_single

PLACEMENT: Final = "placering"  # the purpose whose supplement has a closed circle
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that Python's dates hold


@dataclasses.dataclass(frozen=True, slots=True)
class HeldConsent:
    """A verified consent: its signed object's digest, how it travels, and the record inside."""

    consent_id: ConsentId
    digest: Digest
    unit_id: bytes
    parcel: bytes
    record: ConsentRecord


class Consents:
    """The consents in the vault."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault

    # -- made here ----------------------------------------------------------------------------------------------------

    def sign(self, fields: dict[str, Any]) -> HeldConsent:
        """Validate a record, sign it as the witnessing unit, and pack it.

        Raises:
            RefusedError: a field is missing or wrong (``InvalidBodyError``), or code ``CONTROLLER``.
        """
        record = validate_record(fields)
        require_controller(self._context, record)
        data, salt = encode_body(fields), random_bytes(32)
        payload = Consent(
            domains.VERSION,
            domains.SUITE,
            bytes.fromhex(record.consent_id),
            self._context.unit_id,
            self._context.device_id,
            self._context.clock.now(),
            record_commit(salt, data),
        )
        signed = self._context.keeper.sign(SignedType.CONSENT, encode(payload))
        parcel = encode(Parcel(signed, salt, data))
        return HeldConsent(ConsentId(payload.consent_id), digest(signed), payload.unit_id, parcel, record)

    def sign_withdrawal(
        self, consent_id: ConsentId, scope: WithdrawalScope, *, recipient: bytes | None, purposes: list[str]
    ) -> bytes:
        """The signed object of a withdrawal that counts from now."""
        payload = Withdrawal(
            domains.VERSION,
            domains.SUITE,
            consent_id,
            self._context.unit_id,
            self._context.device_id,
            scope,
            recipient,
            purposes,
            self._context.clock.now(),
        )
        return self._context.keeper.sign(SignedType.WITHDRAWAL, encode(payload))

    # -- come from others ---------------------------------------------------------------------------------------------

    def verify(self, parcel: bytes, from_unit: bytes) -> HeldConsent:
        """Verify a consent that came in a document of ``from_unit``.

        Raises:
            RefusedError: code ``CNS-01``; not signed by a device of its unit, not the record that was signed, or the
                record does not hold up; ``CONTROLLER``: another organisation answers for that unit's data.
        """
        try:
            unpacked = decode(parcel, Parcel, max_bytes=MAX_PARCEL_BYTES)
            so, device = self._verified(unpacked.signed)
            payload = read_payload(so, SignedType.CONSENT, Consent)
            _require(payload.device_id == device.statement.device_id and payload.unit_id == device.statement.unit_id)
            _require(device.revoked_size is None or from_unit == payload.unit_id)
            check_record(payload.record_commit, unpacked)
            record = validate_record(decode_body(unpacked.record, max_bytes=MAX_RECORD_BYTES))
            _require(record.consent_id == payload.consent_id.hex())
            _require(record.controller_unit == payload.unit_id.hex())  # a unit vouches for its own records only
        except (PeerError, RefusedError) as error:
            raise RefusedError("CNS-01", rule="record") from error
        require_controller(self._context, record)
        return HeldConsent(ConsentId(payload.consent_id), so.digest, payload.unit_id, parcel, record)

    def verify_withdrawal(self, raw: bytes) -> Withdrawal:
        """Verify a withdrawal's signature.

        Raises:
            RefusedError: code ``SIG``.
        """
        try:
            so, device = self._verified(raw)
            payload = read_payload(so, SignedType.WITHDRAWAL, Withdrawal)
            _require(payload.device_id == device.statement.device_id and payload.unit_id == device.statement.unit_id)
        except PeerError as error:
            raise RefusedError("SIG", rule="withdrawal") from error
        return payload

    def _verified(self, raw: bytes) -> tuple[SignedObject, DeviceEntry]:
        so = parse_signed(raw)
        device = self._context.replica.directory.device_of_certificate(Digest(so.signatures[0].signer))
        if device is None:
            raise TrustError("TRUST", rule="signer")
        verify_single(so, device.certificate, device.enrol.signing)
        return so, device

    # -- in the vault -------------------------------------------------------------------------------------------------

    async def keep(self, consent: HeldConsent) -> None:
        """Store a verified consent, inside a transaction.

        Raises:
            RefusedError: code ``DUP``; another record with the same id is already here.
        """
        known = await self._vault.value("SELECT digest FROM consent WHERE consent_id = ?", consent.consent_id)
        if known is not None and known != consent.digest:
            raise RefusedError("DUP")
        supersedes = consent.record.supersedes
        await self._vault.write(
            "INSERT OR IGNORE INTO consent (consent_id, supersedes, unit_id, digest, parcel, at, principal)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            consent.consent_id, None if supersedes is None else bytes.fromhex(supersedes), consent.unit_id,
            consent.digest, consent.parcel, self._context.clock.now(), consent.record.principal_ref,
        )  # fmt: skip

    async def keep_withdrawal(self, raw: bytes, withdrawal: Withdrawal) -> None:
        """Store a verified withdrawal, inside a transaction."""
        await self._vault.write(
            "INSERT OR IGNORE INTO withdrawal (digest, consent_id, signed, at) VALUES (?, ?, ?, ?)",
            digest(raw), withdrawal.consent_id, raw, withdrawal.at,
        )  # fmt: skip

    async def get(self, consent_id: bytes) -> HeldConsent | None:
        """A consent by its id."""
        row = await self._vault.one("SELECT digest, unit_id, parcel FROM consent WHERE consent_id = ?", consent_id)
        return None if row is None else _held(consent_id, *row)

    async def all(self) -> list[HeldConsent]:
        """All consents, oldest first."""
        return await self._all()

    async def of_person(self, principal: str) -> list[HeldConsent]:
        """All consents of the person with this key, oldest first."""
        found = await self._all("WHERE principal = ? OR principal IS NULL", principal)
        return [one for one in found if one.record.principal_ref == principal]

    async def _all(self, where: str = "", *values: object) -> list[HeldConsent]:
        asked = f"SELECT consent_id, digest, unit_id, parcel FROM consent {where} ORDER BY at, consent_id"  # noqa: S608
        return [_held(*row) for row in await self._vault.all(asked, *values)]

    async def newest(self, consent_id: bytes) -> HeldConsent | None:
        """The record of a consent that holds today and that all whom it names may know (``consent_chain``)."""
        found = consent_chain.holding(await self._records(consent_id), consent_id.hex(), today(self._context))
        return None if found is None else await self.get(bytes.fromhex(found.consent_id))

    async def leaned_on(self, consent_id: bytes | None, to_unit: bytes, kind: Kind) -> HeldConsent | None:
        """The record that a document leans on; one with a closed circle only where circle and placement ask for it."""
        named = None if consent_id is None else await self.get(consent_id)
        if named is None or (named.record.circle and kind.name in CONSENT_KINDS):
            return named
        records, start, day = await self._records(named.consent_id), named.record.consent_id, today(self._context)
        places = kind.purpose == PLACEMENT
        found = consent_chain.fitting(records, start, day, to_unit=to_unit.hex(), places=places)
        return None if found is None else await self.get(bytes.fromhex(found.consent_id))

    async def later(self, record: ConsentRecord) -> ConsentRecord | None:
        """What has replaced a record here, which need not be in the vault itself; None when nothing has."""
        records = await self._records(bytes.fromhex(record.supersedes or record.consent_id))
        return consent_chain.later(records, record, today(self._context))

    async def family(self, consent_id: bytes) -> list[HeldConsent]:
        """All records of a consent, in the order of signing."""
        records = consent_chain.family(await self._records(consent_id), consent_id.hex())
        held = [await self.get(bytes.fromhex(one.consent_id)) for one in records]
        return [one for one in held if one is not None]

    async def _records(self, consent_id: bytes) -> list[ConsentRecord]:
        """Every record here that is before or behind this one, whoever signed it."""
        first = (await self.chain(consent_id))[-1]
        held = [await self.get(one) for one in await self.continuing(first)]
        return [one.record for one in held if one is not None]

    async def continuing(self, consent_id: bytes) -> list[bytes]:
        """The id of a consent and those of all that continue it, directly or not."""
        rows = await self._vault.all(
            "WITH RECURSIVE later (id, depth) AS (SELECT ?, 0 UNION ALL"
            " SELECT consent_id, depth + 1 FROM consent JOIN later ON supersedes = id WHERE depth < 100)"
            " SELECT id, max(depth) FROM later GROUP BY id ORDER BY 2",
            consent_id,
        )
        return [row[0] for row in rows]

    async def chain(self, consent_id: bytes) -> list[bytes]:
        """The ids of a consent and of all before it, the first last."""
        rows = await self._vault.all(
            "WITH RECURSIVE earlier (id, depth) AS (SELECT ?, 0 UNION ALL"
            " SELECT supersedes, depth + 1 FROM consent JOIN earlier ON consent_id = id"
            " WHERE supersedes IS NOT NULL AND depth < 100) SELECT id FROM earlier ORDER BY depth",
            consent_id,
        )
        return list(dict.fromkeys(row[0] for row in rows))

    async def lineage(self, record: ConsentRecord) -> list[bytes]:
        """The ids of a record and of all before it, also when the record itself is not in the vault yet."""
        ids = [bytes.fromhex(record.consent_id)]
        if record.supersedes is not None:
            ids += await self.chain(bytes.fromhex(record.supersedes))
        return ids

    async def withdrawals(self, record: ConsentRecord) -> tuple[WithdrawalView, ...]:
        """What takes this record back, earliest first: withdrawals of it or of one before, by units that it names."""
        found: list[Withdrawal] = []
        for consent_id in await self.lineage(record):
            rows = await self._vault.all("SELECT signed FROM withdrawal WHERE consent_id = ?", consent_id)
            found += [read_payload(parse_signed(raw), SignedType.WITHDRAWAL, Withdrawal) for (raw,) in rows]
        counting = [withdrawal for withdrawal in found if await self.counts(withdrawal, record)]
        return tuple(_view(withdrawal) for withdrawal in sorted(counting, key=lambda entry: entry.at))

    async def counts(self, withdrawal: Withdrawal, record: ConsentRecord) -> bool:
        """Whether it is registered by a unit that the consent names: by its id, or through an authority as a whole.

        A unit that only a supplement names counts for the whole consent: the person may say it to anybody.
        """
        unit_id = withdrawal.unit_id.hex()
        if withdrawal.scope is WithdrawalScope.FELREGISTRERAT:  # a mistake is found by the unit that made it
            return unit_id == record.controller_unit
        known = [one.record for one in await self.family(bytes.fromhex(record.consent_id))]
        parties = {(party.authority, party.unit) for one in (record, *known) for party in one.parties}
        if unit_id == record.controller_unit or unit_id in {unit for _, unit in parties}:
            return True
        try:
            authority = authority_of(self._context.book.unit(UnitId(withdrawal.unit_id)).card.unit_type)
        except LocalError:  # a card that does not open names no authority
            return False
        return bool(authority) and (authority, None) in parties


def _held(consent_id: bytes, found: bytes, unit_id: bytes, parcel: bytes) -> HeldConsent:
    """A consent from the vault, where only verified ones are; one of before the list of languages is read by it."""
    record = decode(parcel, Parcel, max_bytes=MAX_PARCEL_BYTES).record
    fields = decode_body(record, max_bytes=MAX_RECORD_BYTES)
    fields["notice_language"] = languages.listed(fields["notice_language"])
    return HeldConsent(ConsentId(consent_id), Digest(found), unit_id, parcel, validate_record(fields))


def _view(withdrawal: Withdrawal) -> WithdrawalView:
    # A time beyond the calendar is no reason to overlook a withdrawal.
    at = datetime.datetime.fromtimestamp(min(withdrawal.at, _LAST_SECOND), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    recipient = "" if withdrawal.recipient is None else withdrawal.recipient.hex()
    purposes, by = frozenset(withdrawal.purposes), withdrawal.unit_id.hex()
    return WithdrawalView(at, withdrawal.scope.value, recipient, purposes, by)


def _require(condition: bool) -> None:
    if not condition:
        raise FormatError("FMT", rule="consent")
