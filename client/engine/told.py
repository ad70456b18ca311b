"""What the author's own case tells of a person beside the document in hand: for rules that a form must not get round.

Only the author's end asks: what a document itself does not say, no two devices of a recipient know alike.
"""

from __future__ import annotations

import json
from typing import Any, Final

from client.casework.codelists import PROTECTED_BLOCKS_ROUTING
from client.casework.kinds.registry import KINDS
from client.engine.steps import written
from client.engine.vault import Vault
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES

#: Kinds that tell of custody, and the word with which they tell nothing.
_TELLS_CUSTODY: Final = ("intag.formedling", "intag.kontakt")
_UNKNOWN: Final = "okant"
_OPEN_TO_ALL: Final = json.dumps([kind.name for kind in KINDS.values() if not kind.readers])
_CASE: Final = (
    "FROM document d JOIN thread t USING (thread_id) WHERE t.principal = ?"
    " AND d.state NOT IN ('stopped', 'refused', 'recalled')"
)
_TELLING: Final = f"SELECT d.kind, d.body, d.at, d.rowid {_CASE} AND d.kind IN (?, ?)"
_WHO_SAID: Final = (
    f"SELECT d.unit_id, d.body, d.direction = 'out', d.approval IS NOT NULL {_CASE}"
    " AND d.document_id IS NOT ? ORDER BY d.at, d.rowid"
)


async def is_protected(vault: Vault, principal: object, *, but: bytes | None) -> bool:
    """Whether somebody who wrote in the case says so of the person's registration, and has not taken it back.

    Of each unit its newest document that names the person counts. One unit never undoes what another has said: that
    takes two persons of this one, in a document that says otherwise and came later (decision 0069).

    Args:
        vault: of the office.
        principal: the person's key in the case.
        but: id of the document in hand.
    """
    said: dict[bytes, bool] = {}
    rows = await vault.all(_WHO_SAID, principal, but)
    for unit_id, raw, is_own, by_two in rows:
        person = _body(raw)["header"].get("subject_person")
        if not person:
            continue
        protected = person.get("protected") in PROTECTED_BLOCKS_ROUTING
        if is_own and by_two and not protected:
            said.clear()
        said[b"" if is_own else unit_id] = protected
    return any(said.values())


async def custody(vault: Vault, *principals: object) -> object:
    """What the newest contact or forwarding that knows it says, of the first of these cases that has one; else None."""
    for principal in principals:
        rows = await vault.all(_TELLING, principal, *_TELLS_CUSTODY)
        newest = sorted(rows, key=lambda row: written(*row), reverse=True)
        told = [_body(row[1])["content"].get("custody") for row in newest]
        if told:
            return next((one for one in told if one not in {None, _UNKNOWN}), told[0])
    return None


async def person(vault: Vault, principal: object) -> str:
    """The name, else the number, of whom a case is about; empty while no document of it tells.

    Only documents that everybody of the unit may read are asked: the name tells nobody of a threat or a place.
    """
    query = f"SELECT d.body {_CASE} AND d.kind IN (SELECT value FROM json_each(?)) ORDER BY d.at DESC, d.rowid DESC"  # noqa: S608
    for (raw,) in await vault.all(query, principal, _OPEN_TO_ALL):
        told = _body(raw)["header"].get("subject_person") or {}
        if name := told.get("full_name") or told.get("id_value"):
            return str(name)
    return ""


def _body(raw: bytes) -> dict[str, Any]:
    return decode_body(raw, max_bytes=MAX_BODY_BYTES)
