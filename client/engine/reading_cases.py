"""Reading a case: all that the unit has of one person's key, and who has read what.

A threat result is told with its last day and whether it still counts, never with its outcome: that is read in the
document itself, by those who may, and logged. The rules of ``reading`` hold here too.
"""

from __future__ import annotations

from typing import Any

from client.engine.case_file import CaseFile
from client.engine.context import Context
from client.engine.reading import Facts, Reading, iso
from client.engine.reading_consents import ReadingConsents
from client.engine.threat_results import RESULT, standing
from keys.errors import LocalError

MOST_CASES = 200  # a list to choose from; an older one is found from its thread
_SHOWN_ROWS = 10_000


class ReadingCases:
    """The cases of an open office."""

    def __init__(self, context: Context, reading: Reading, consents: ReadingConsents, case_file: CaseFile) -> None:
        self._vault = context.vault
        self._reading = reading
        self._consents = consents
        self._case_file = case_file

    async def one(self, beginning: str) -> Facts:
        """The case whose key begins so.

        Raises:
            LocalError: code ``NOTFOUND``, or ``AMBIGUOUS`` when more than one begins so.
        """
        consents, threads = await self._consents.all(), await self._reading.threads()
        keys = {str(one["principal_ref"]) for one in (*threads, *consents) if one["principal_ref"]}
        found = [key for key in keys if key.startswith(beginning.lower())]
        if len(found) != 1:
            raise LocalError("AMBIGUOUS" if found else "NOTFOUND")
        (key,) = found
        return {
            "principal_ref": key,
            "threads": [one for one in threads if one["principal_ref"] == key],
            "consents": [one for one in consents if one["principal_ref"] == key],
            "threat_results": await self._results(key),
        }

    async def newest(self) -> list[Facts]:
        """The key of each case that has a thread, with the thread that changed last; newest first."""
        rows = await self._vault.all(
            "SELECT principal, flow, unit_id, max(changed_at), count(*) FROM thread WHERE principal IS NOT NULL"
            " GROUP BY principal ORDER BY 4 DESC LIMIT ?",
            MOST_CASES,
        )
        return [
            {
                "principal_ref": principal,
                "flow": flow,
                "unit": self._reading.unit_name(unit_id),
                "changed_at": iso(at),
                "threads": threads,
            }
            for principal, flow, unit_id, at, threads in rows
        ]

    async def _results(self, key: str) -> list[Facts]:
        """Threat results, newest first."""
        rows = await self._vault.all(
            "SELECT d.document_id, d.at FROM document d JOIN thread t USING (thread_id)"
            " WHERE d.kind = ? AND t.principal = ? ORDER BY d.at DESC, d.rowid DESC",
            RESULT, key,
        )  # fmt: skip
        return [await self._result(document_id, at) for document_id, at in rows]

    async def _result(self, document_id: bytes, at: int) -> Facts:
        stands = await standing(self._vault, document_id, self._case_file.today())
        return {
            "document_id": document_id.hex(),
            "at": iso(at),
            "valid_until": stands.valid_until,
            "current": stands.current,
            "replaced": stands.replaced,
        }

    async def reads(self) -> list[Facts]:
        """Who has read threat and placement content on this device, newest first."""
        rows: list[Any] = await self._vault.all(
            "SELECT document_id, kind, staff, roles, reason, at FROM read_log ORDER BY n DESC LIMIT ?", _SHOWN_ROWS
        )
        return [
            {
                "document_id": document_id.hex(),
                "kind": kind,
                "staff": staff,
                "roles": roles.split(),
                "reason": reason,
                "at": iso(at),
            }
            for document_id, kind, staff, roles, reason, at in rows
        ]
