"""Whether two people stand behind a file that leaves the vault in the clear (domain.md 2.0.5, 5; decision 0082).

1. A case tells who somebody is and mostly where: taking it out is approved by a second person. So is a consent that
   names guardians or is about a placement; another one holds a key that means nothing outside of the unit.
2. Approved is what the document ``uttag.begaran`` names: that case, or that consent. It was written on this device; the
   rules let it become a document only with the second signature (`casework.two_persons`).
3. The second signature is asked for anew, as if the document had come today, and serves for fourteen days and one file:
   ``uttag.gjort`` says that it is written.
"""

from __future__ import annotations

import dataclasses

from client.casework.consent import ConsentRecord
from client.casework.flow_tables.uttag import APPROVED
from client.casework.kinds.uttag import KINDS as TAKING_OUT
from client.casework.kinds.uttag import ONE_CONSENT, WHOLE_CASE
from client.engine.context import Context
from client.engine.keeping import KEPT
from client.engine.seconding import VALID_SECONDS, Seconding
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Document
from keys.domains import SignedType
from keys.errors import RefusedError
from keys.signed import parse_signed, read_payload

REQUEST, DONE = (kind.name for kind in TAKING_OUT)


@dataclasses.dataclass(frozen=True, slots=True)
class Approved:
    """A request that two people answer for, and the thread that it opened."""

    document_id: bytes
    thread_id: bytes
    principal_ref: str


def takes_two(record: ConsentRecord) -> bool:
    """Whether a consent tells who or where somebody is."""
    placed = any(one.purpose == "placering" for one in record.purposes)
    return placed or bool(record.guardians) or any(one.authority == "mottagande_kommun" for one in record.parties)


class TakingOut:
    """What two people have approved to be taken out on this device."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault
        self._seconding = Seconding(context)

    async def require_case(self, principal_ref: str) -> Approved:
        """Refuse to take a case out that only one person answers for.

        Raises:
            RefusedError: code ``TAKEOUT``.
        """
        return await self._require(principal_ref, {"what": WHOLE_CASE})

    async def require_consent(self, record: ConsentRecord) -> Approved | None:
        """Refuse to take a consent out that only one person answers for, where it takes two; None where one may.

        Raises:
            RefusedError: code ``TAKEOUT``.
        """
        if not takes_two(record):
            return None
        return await self._require(record.principal_ref, {"what": ONE_CONSENT, "consent_id": record.consent_id})

    async def _require(self, principal_ref: str, named: dict[str, str]) -> Approved:
        rows = await self._vault.all(
            "SELECT d.document_id, d.thread_id, d.signed, d.body FROM document d JOIN thread t USING (thread_id)"
            " WHERE d.kind = ? AND d.direction = 'out' AND d.device_id = ? AND d.state = ? AND d.at >= ?"
            " AND t.principal = ? AND t.state = ? ORDER BY d.at, d.rowid",
            REQUEST, self._context.device_id, KEPT, self._context.clock.now() - VALID_SECONDS, principal_ref, APPROVED,
        )  # fmt: skip
        for document_id, thread_id, signed, body in rows:
            if self._names(signed, body, named):
                return Approved(document_id, thread_id, principal_ref)
        raise RefusedError("TAKEOUT")

    def _names(self, signed: bytes, raw: bytes, named: dict[str, str]) -> bool:
        """Whether it is about that, and whoever approved it still counts."""
        body = decode_body(raw, max_bytes=MAX_BODY_BYTES)
        if not named.items() <= body["content"].items():
            return False
        document = read_payload(parse_signed(signed), SignedType.DOCUMENT, Document)
        try:
            return self._seconding.of_document(document, body["header"], is_new=True) is not None
        except RefusedError:
            return False
