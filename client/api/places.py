"""Finding what a person means: ids by their beginning, units by name."""

from __future__ import annotations

import string
from typing import Final

from client.engine.context import Context
from client.engine.vault import Vault
from keys.errors import LocalError
from keys.ids import ID_BYTES, UnitId

LEAST_DIGITS: Final = 4
_DIGITS: Final = 2 * ID_BYTES
_HEX: Final = frozenset(string.hexdigits)
#: What has ids -> its table and column.
_TABLES: Final = {"document": "document_id", "thread": "thread_id", "consent": "consent_id"}


async def find_id(vault: Vault, what: str, text: str) -> bytes:
    """The one id that begins with ``text``.

    Args:
        vault: of the office.
        what: ``document``, ``thread`` or ``consent``.
        text: at least four hexadecimal digits.

    Raises:
        LocalError: code ``NOTFOUND``, or ``AMBIGUOUS`` when more than one begins so.
    """
    column = _TABLES[what]
    wanted = text.lower()
    if not LEAST_DIGITS <= len(wanted) <= _DIGITS or not _HEX.issuperset(wanted):
        raise LocalError("NOTFOUND")
    lowest, highest = (bytes.fromhex(wanted.ljust(_DIGITS, digit)) for digit in "0f")
    rows = await vault.all(
        f"SELECT {column} FROM {what} WHERE {column} BETWEEN ? AND ? LIMIT 2",  # noqa: S608 - names from our table
        lowest, highest,
    )  # fmt: skip
    if len(rows) != 1:
        raise LocalError("AMBIGUOUS" if rows else "NOTFOUND")
    found: bytes = rows[0][0]
    return found


def find_unit(context: Context, text: str) -> UnitId:
    """The one unit with this name or id, or whose name or id begins so.

    Raises:
        LocalError: code ``UNK``.
    """
    try:
        return context.book.find(text).unit_id
    except LocalError:
        wanted = text.strip().lower()
        ids = [unit.unit_id for unit in context.book.units() if unit.unit_id.hex().startswith(wanted)]
        if len(wanted) < LEAST_DIGITS or len(ids) != 1:
            raise
        return ids[0]


def own_staff(context: Context) -> dict[str, str]:
    """Name and first role of the person of this device.

    Raises:
        LocalError: code ``ENROL``; the directory that is here does not know this device yet.
    """
    if context.device_id not in context.replica.directory.devices:
        raise LocalError("ENROL")
    card = context.book.staff(context.device_id)
    return {"name": card.name, "role": card.roles[0].value if card.roles else ""}
