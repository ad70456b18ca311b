"""Withdrawing a consent: stop what waits, recall what is undelivered, tell everybody who has it (domain.md 3.5).

The person may withdraw in any form through any member of staff; nothing here can refuse. One signed withdrawal is made
for each record of the consent, so that a recipient who knows only an older one understands it too.
"""

from __future__ import annotations

from typing import Any, Final

from client.casework.codelists import FOLLOW_UP_PURPOSES
from client.casework.kinds.registry import KINDS
from client.engine.attempts import Attempts
from client.engine.consents import Consents, HeldConsent
from client.engine.context import Context
from client.engine.drafting import WITHDRAWAL_KIND
from client.engine.outbox import Outbox
from client.engine.threads import Threads
from client.engine.writing import Order, Writing
from keys.consent import Withdrawal, WithdrawalScope
from keys.errors import LocalError, RefusedError
from keys.ids import ConsentId, UnitId

MAX_LINEAGE: Final = 8  # consents that one document can enclose
_CODE: Final = "CNS-08"


class Withdrawing:
    """Withdrawals made here, and the effect of all."""

    def __init__(
        self, context: Context, consents: Consents, threads: Threads, *, outbox: Outbox, attempts: Attempts
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._consents = consents
        self._threads = threads
        self._outbox = outbox
        self._attempts = attempts

    async def withdraw(self, consent_id: bytes, content: dict[str, Any], writing: Writing) -> list[bytes]:
        """As ``withdraw_inside``, in a transaction of its own."""
        async with self._vault.transaction():
            return await self.withdraw_inside(consent_id, content, writing)

    async def withdraw_inside(self, consent_id: bytes, content: dict[str, Any], writing: Writing) -> list[bytes]:
        """Register a withdrawal and send it to every unit that has or may have the consent.

        Args:
            consent_id: any consent of the chain.
            content: the form ``samtycke.aterkallat`` without ``consent_id``.
            writing: writes the documents.

        Returns:
            Ids of the documents that tell it.

        Raises:
            LocalError: code ``NOCONSENT``; there is no such consent here.
            RefusedError: the form is not complete, or code ``WITHDRAWN``: all of it was withdrawn before.
        """
        newest = await self._consents.newest(consent_id) or await self._consents.get(consent_id)
        if newest is None:
            raise LocalError("NOCONSENT")
        before = [entry.at for entry in await self._consents.withdrawals(newest.record) if entry.for_all]
        if before:
            raise RefusedError("WITHDRAWN", at=before[0])
        return await self._register(newest, content, writing)

    async def pass_on(self, consent_id: bytes, content: dict[str, Any], heard_from: bytes, writing: Writing) -> None:
        """Tell those whom only this unit has told of its consent what another unit heard, inside a transaction.

        The person says it to whom she meets; that one knows only of some who have the consent.

        Args:
            consent_id: which consent, by any record of it.
            content: of the withdrawal that came.
            heard_from: the unit that sent it, which is told nothing.
            writing: writes the documents.
        """
        newest = await self._consents.newest(consent_id) or await self._consents.get(consent_id)
        if newest is None or newest.record.controller_unit != self._context.unit_id.hex():
            return
        counting, own = await self._consents.withdrawals(newest.record), self._context.unit_id.hex()
        if counting and not any(one.by == own and one.for_all for one in counting):
            said = {name: content[name] for name in ("scope", "recipient", "purposes", "at") if name in content}
            await self._register(newest, said | {"received_how": "genom_annan"}, writing, without=heard_from)

    async def _register(
        self, newest: HeldConsent, content: dict[str, Any], writing: Writing, *, without: bytes = b""
    ) -> list[bytes]:
        scope = WithdrawalScope(content.get("scope", "helt"))
        recipient = content.get("recipient")
        family = await self._consents.family(newest.consent_id)
        ids = [bytes(one.consent_id) for one in family]
        ids += [one for one in await self._consents.chain(newest.consent_id) if one not in ids]
        made = {
            one: self._consents.sign_withdrawal(
                ConsentId(one),
                scope,
                recipient=None if recipient is None else bytes.fromhex(recipient),
                purposes=list(content.get("purposes", [])),
            )
            for one in ids
        }
        units = await self._units_with(list(made))
        await self.take_in([(raw, self._consents.verify_withdrawal(raw)) for raw in made.values()])
        told: list[bytes] = []
        for unit_id, known in units.items():
            if unit_id == without or not self._context.book.unit(UnitId(unit_id)).is_active:
                continue  # nobody is there: the withdrawal must not fail for that
            chosen = _for_unit(unit_id, known, family, ids=ids, first=bytes(newest.consent_id))
            thread = await self._threads.of_consent_flow(unit_id, newest.record.principal_ref)
            order = Order(
                kind=WITHDRAWAL_KIND,
                to_unit=UnitId(unit_id),
                content={**content, "scope": scope.value, "consent_id": newest.record.consent_id},
                header={
                    "principal_ref": newest.record.principal_ref,
                    "disclosure_basis": "samtycke",
                    "consent_ref": newest.record.consent_id,
                },
                thread_id=None if thread is None or thread.is_final else thread.thread_id,
                enclosed=tuple(made[one] for one in chosen),
            )
            told.append((await writing.write_inside(order)).document_id)
        return told

    async def take_in(self, withdrawals: list[tuple[bytes, Withdrawal]]) -> None:
        """Keep verified withdrawals and let them take effect, inside a transaction."""
        for raw, withdrawal in withdrawals:
            await self._consents.keep_withdrawal(raw, withdrawal)
            await self._stop(withdrawal)

    async def _stop(self, withdrawal: Withdrawal) -> None:
        """Nothing that leans on it, or on a consent that continues it, leaves any more; their threads stop.

        A consent that is not here yet, or does not name the unit that signed, is passed over: the withdrawal is kept
        and asked about again when a document comes.
        """
        for consent_id in await self._consents.continuing(withdrawal.consent_id):
            held = await self._consents.get(consent_id)
            if held is not None and await self._consents.counts(withdrawal, held.record):
                await self._stop_one(consent_id, withdrawal)

    async def _stop_one(self, consent_id: bytes, withdrawal: Withdrawal) -> None:
        """Stop what waits, call back what is on its way, stop the threads."""
        only = set(withdrawal.purposes) if FOLLOW_UP_PURPOSES.issuperset(withdrawal.purposes) else set()
        rows = await self._vault.all(
            "SELECT document_id, kind, signed IS NOT NULL FROM document JOIN outbox USING (document_id)"
            " WHERE consent_id = ?",
            consent_id,
        )
        for document_id, kind, is_signed in rows:
            if withdrawal.purposes and only and KINDS[kind].purpose not in only:
                continue
            if is_signed:
                await self._attempts.want_recall(document_id)
                await self._outbox.call_back(document_id, _CODE)
            else:
                await self._outbox.stop(document_id, _CODE)
        if not only:
            for thread in await self._threads.of_consents([consent_id]):
                await self._threads.automatic(thread, "consent_withdrawn", at=withdrawal.at)

    async def _units_with(self, consent_ids: list[bytes]) -> dict[bytes, list[bytes]]:
        """Units that have a record, sent it, or may get it from an envelope under way; and which records they have."""
        units: dict[bytes, list[bytes]] = {}
        for consent_id in consent_ids:
            rows = await self._vault.all(
                "SELECT DISTINCT unit_id FROM document WHERE consent_id = ? AND signed IS NOT NULL", consent_id
            )
            for (unit_id,) in rows:
                units.setdefault(unit_id, []).append(consent_id)
        return units


def _for_unit(
    unit_id: bytes, known: list[bytes], family: list[HeldConsent], *, ids: list[bytes], first: bytes
) -> list[bytes]:
    """Which records a unit is told of: the newest, those it has, then the others, as many as one document holds.

    What continues a record that is taken back is taken back with it, so the first ones say it all. A record with a
    closed circle is not even named outside of it.
    """
    hidden = {
        bytes(one.consent_id)
        for one in family
        if one.record.circle and unit_id.hex() not in {member.unit for member in one.record.circle}
    }
    chosen = dict.fromkeys([first, *known, *ids])
    return [one for one in chosen if one not in hidden or one in known][:MAX_LINEAGE]
