"""What the vault has of a case beside what a person is shown: for the file that goes to the archive (domain.md 6.2).

Only what the program's own rules keep is read; nothing is marked as read, and nothing is changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from client.engine.context import Context
from client.engine.reading import iso
from client.engine.registering import REFUSED, REGISTERED
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Document, check_commit
from keys.domains import SignedType
from keys.errors import TrustError
from keys.ids import Digest
from keys.signed import parse_signed, read_payload, verify_single

Facts = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Original:
    """A document as it was signed: ``signed`` is None while it waits in the outbox; ``body`` is canonical msgpack."""

    kind: str
    thread_id: bytes
    device_id: bytes
    signed: bytes | None
    salt: bytes
    body: bytes

    @property
    def form(self) -> Facts:
        """Header and content."""
        found: Facts = decode_body(self.body, max_bytes=MAX_BODY_BYTES)
        return found


class Archiving:
    """The part of a vault that an archive asks for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault

    async def original(self, document_id: bytes) -> Original:
        """One document that is here."""
        row = await self._vault.one(
            "SELECT kind, thread_id, device_id, signed, salt, body FROM document WHERE document_id = ?", document_id
        )
        return Original(*row or ())

    def proof(self, original: Original) -> Facts:
        """By which certificate it is signed; asked anew, so that the archive need not be able to.

        Raises:
            PeerError: the signature does not hold, or the body is another one.
            TrustError: the directory does not know the signer.
        """
        signed = parse_signed(original.signed or b"")
        device = self._context.replica.directory.device_of_certificate(Digest(signed.signatures[0].signer))
        if device is None:
            raise TrustError("TRUST", rule="signer")
        verify_single(signed, device.certificate, device.enrol.signing)
        document = read_payload(signed, SignedType.DOCUMENT, Document)
        check_commit(document.body_commit, original.salt, original.body)
        return {
            "unit_id": document.from_unit.hex(),
            "device_id": document.from_device.hex(),
            "certificate": device.certificate.hex(),
            "signed_at": iso(document.sent_at),
            "was_active": device.was_active(document.dir_size, document.sent_at),
            "salt": original.salt.hex(),
        }

    async def threads_about(self, documents: Sequence[bytes]) -> list[bytes]:
        """Threads in which one of these documents is registered or turned away."""
        rows = await self._vault.all(
            "SELECT DISTINCT thread_id, body FROM document WHERE kind IN (?, ?)", REGISTERED, REFUSED
        )
        wanted = {one.hex() for one in documents}
        found = [
            thread_id
            for thread_id, raw in rows
            if decode_body(raw, max_bytes=MAX_BODY_BYTES)["content"]["document"] in wanted
        ]
        return list(dict.fromkeys(found))

    async def waiting(self, principal_ref: str) -> list[bytes]:
        """Documents of the case that wait for a second person: written, and not sent."""
        rows = await self._vault.all("SELECT document_id, body FROM request WHERE queued_at IS NULL ORDER BY at")
        headers = [(row[0], decode_body(row[1], max_bytes=MAX_BODY_BYTES)["header"]) for row in rows]
        return [document_id for document_id, header in headers if header.get("principal_ref") == principal_ref]

    async def reads(self, what: Sequence[bytes]) -> list[Facts]:
        """Who has read threats and placements among these, or taken something out, oldest first."""
        rows = await self._vault.all("SELECT document_id, kind, staff, roles, reason, at FROM read_log ORDER BY n")
        wanted = set(what)
        return [
            {"id": one.hex(), "kind": kind, "staff": staff, "roles": roles.split(), "reason": reason, "at": iso(at)}
            for one, kind, staff, roles, reason, at in rows
            if one in wanted
        ]

    async def apart(self) -> dict[str, int]:
        """What nobody can tell the case of: documents put aside that nobody has dealt with, and numbers missing."""
        aside = await self._vault.value("SELECT count(*) FROM quarantine WHERE handled_at IS NULL")
        return {"quarantine": aside, "gaps": await self._vault.value("SELECT count(*) FROM gap")}
