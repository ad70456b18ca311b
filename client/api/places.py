"""Finding what a person means: ids by their beginning, units and kinds by name."""

from __future__ import annotations

import string
from typing import Final

from client.api.failure import Names
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import KINDS
from client.engine.context import Context
from client.engine.names import UnitFacts
from client.engine.vault import Vault
from keys.errors import LocalError
from keys.ids import ID_BYTES, UnitId

LEAST_DIGITS: Final = 4
_DIGITS: Final = 2 * ID_BYTES
_HEX: Final = frozenset(string.hexdigits)
#: What has ids -> its table and column.
_TABLES: Final = {
    "document": ("document", "document_id"),
    "thread": ("thread", "thread_id"),
    "consent": ("consent", "consent_id"),
    "request": ("request", "document_id"),
    "unopened": ("request", "thread_id"),  # a thread of which nothing has left yet
}


async def find_id(vault: Vault, what: str, text: str) -> bytes:
    """The one id that begins with ``text``.

    Args:
        vault: of the office.
        what: key of ``_TABLES``.
        text: at least four hexadecimal digits.

    Raises:
        LocalError: code ``BADID`` when it is no id, ``NOTFOUND``, or ``AMBIGUOUS`` when more than one begins so.
    """
    table, column = _TABLES[what]
    wanted = text.lower()
    if not LEAST_DIGITS <= len(wanted) <= _DIGITS or not _HEX.issuperset(wanted):
        raise LocalError("BADID")
    lowest, highest = (bytes.fromhex(wanted.ljust(_DIGITS, digit)) for digit in "0f")
    rows = await vault.all(
        f"SELECT DISTINCT {column} FROM {table} WHERE {column} BETWEEN ? AND ? LIMIT 2",  # noqa: S608 - names from our table
        lowest, highest,
    )  # fmt: skip
    if len(rows) != 1:
        raise LocalError("AMBIGUOUS" if rows else "NOTFOUND")
    found: bytes = rows[0][0]
    return found


def find_unit(context: Context, text: str) -> UnitId:
    """The one unit with this name, in capitals or not, or this id, or whose id alone begins so.

    The beginning of a name is not enough: what is sent cannot be taken back from the wrong unit.

    Raises:
        LocalError: code ``UNK``, or ``MANY`` when more than one has the name.
    """
    wanted = text.casefold().strip()
    units = context.book.units()
    named = [unit for unit in units if wanted in {unit.card.name_sv.casefold(), unit.card.name_en.casefold()}]
    named = [unit for unit in named if unit.is_active] or named  # one that was merged may have left its name
    found = named or _by_id(units, wanted)
    if len(found) != 1 or not wanted:
        raise LocalError("MANY" if named else "UNK")
    return found[0].unit_id


def _by_id(units: list[UnitFacts], wanted: str) -> list[UnitFacts]:
    return [unit for unit in units if len(wanted) >= LEAST_DIGITS and unit.unit_id.hex().startswith(wanted)]


def find_kind(name: str) -> Kind:
    """A kind of document.

    Raises:
        LocalError: code ``NOKIND``.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise LocalError("NOKIND")
    return kind


def names(context: Context) -> Names:
    """Names for the words of a failure."""

    def name_of(unit_id: str) -> str:
        try:
            return context.book.unit(UnitId(bytes.fromhex(unit_id))).card.name_sv
        except (LocalError, ValueError):
            return unit_id

    return Names(context.unit_id.hex(), name_of)


def own_staff(context: Context) -> dict[str, str]:
    """Name and first role of the person of this device.

    Raises:
        LocalError: code ``ENROL``; the directory that is here does not know this device yet.
    """
    if context.device_id not in context.replica.directory.devices:
        raise LocalError("ENROL")
    card = context.book.staff(context.device_id)
    return {"name": card.name, "role": card.roles[0].value if card.roles else ""}
