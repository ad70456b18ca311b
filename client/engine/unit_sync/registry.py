"""Consents and withdrawals that were registered at this device: told to the siblings as soon as they are here.

The vault itself notes what is new (``untold``), so that whoever registers something need not know of siblings.
"""

from __future__ import annotations

from typing import Final

from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.unit_sync.letters import Letters
from client.engine.withdrawing import Withdrawing
from keys.codec import decode
from keys.consent import MAX_PARCEL_BYTES, Consent, Parcel, Withdrawal
from keys.domains import SignedType
from keys.errors import RefusedError
from keys.internal import Registered
from keys.signed import parse_signed, read_payload

MAX_TOLD: Final = 64
_WITHDRAWAL: Final = "withdrawal"
_ALL: Final = {
    _WITHDRAWAL: "SELECT signed FROM withdrawal ORDER BY at",
    "consent": "SELECT parcel FROM consent ORDER BY at, consent_id",
}


class Registry:
    """Tells what was registered here."""

    def __init__(self, context: Context, letters: Letters) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters

    async def tell_new(self) -> None:
        """Tell what this device has signed since the last telling, withdrawals first, as everywhere."""
        rows = self._vault.glance("SELECT n, what, item FROM untold ORDER BY what DESC, n LIMIT ?", MAX_TOLD)
        if not rows:
            return
        async with self._vault.transaction():
            for n, what, item in rows:
                if _signer(what, item) == (self._context.unit_id, self._context.device_id):
                    await self._letters.queue(_message(what, item))
                await self._vault.write("DELETE FROM untold WHERE n = ?", n)

    async def tell_all(self) -> None:
        """Tell all that the unit's devices have registered, for a new device; inside a transaction."""
        for what, sql in _ALL.items():
            for (item,) in await self._vault.all(sql):
                if _signer(what, item)[0] == self._context.unit_id:
                    await self._letters.queue(_message(what, item))


def _signer(what: str, item: bytes) -> tuple[bytes, bytes]:
    """Unit and device that signed it; it was verified when it came."""
    if what == _WITHDRAWAL:
        withdrawal = read_payload(parse_signed(item), SignedType.WITHDRAWAL, Withdrawal)
        return withdrawal.unit_id, withdrawal.device_id
    signed = parse_signed(decode(item, Parcel, max_bytes=MAX_PARCEL_BYTES).signed)
    consent = read_payload(signed, SignedType.CONSENT, Consent)
    return consent.unit_id, consent.device_id


def _message(what: str, item: bytes) -> Registered:
    return Registered([], [item]) if what == _WITHDRAWAL else Registered([item], [])


async def take_registered(message: Registered, context: Context, consents: Consents, withdrawing: Withdrawing) -> None:
    """Take in what a sibling tells, inside a transaction.

    Raises:
        RefusedError: not signed by a device of the own unit, or it does not hold.
    """
    withdrawals = [(raw, consents.verify_withdrawal(raw)) for raw in message.withdrawals]
    held = [consents.verify(parcel, context.unit_id) for parcel in message.parcels]
    if {*(one.unit_id for _, one in withdrawals), *(one.unit_id for one in held)} != {bytes(context.unit_id)}:
        raise RefusedError("SIG", rule="registered")
    for one in held:
        await consents.keep(one)
    await withdrawing.take_in(withdrawals)
