"""Signing what leaves: documents take their place in the chain, receipts stand beside it (FORMATS 5).

A document is signed when it is sealed for the first time, not when it is written: what a withdrawal stops before that
leaves no gap in the chain, and the roster and the log position are those of the day it leaves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from client.engine.clock import Clock
from client.engine.trust import Replica
from keys import domains
from keys.codec import encode
from keys.document import Attachment, Content, Document, KindClass, Receipt, ReceiptEntry
from keys.domains import SignedType
from keys.ids import DIGEST_BYTES, DeviceId, UnitId, digest
from keys.private.identity import random_bytes
from keys.private.keeper import Keeper
from keys.private.seal import Target


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document that is written but not signed. Ids are 16 bytes; ``consents`` are digests of 32 bytes each.

    ``approval`` is a second person's signed object, where the rules of the work ask two for the document.
    """

    document_id: bytes
    unit_id: bytes
    kind: str
    kind_class: str
    thread_id: bytes
    reply_to: bytes | None
    salt: bytes
    body: bytes
    body_commit: bytes
    consents: bytes
    legal_basis: str
    approval: bytes | None = None
    attachments: tuple[Attachment, ...] = ()


class Signer:
    """Signs as this device for its unit."""

    def __init__(self, keeper: Keeper, replica: Replica, clock: Clock, unit_id: UnitId) -> None:
        self._keeper = keeper
        self._replica = replica
        self._clock = clock
        self._unit_id = unit_id

    def document(self, draft: Draft, roster: Sequence[DeviceId], *, seq: int, prev: bytes) -> bytes:
        """The signed object of a document for the devices of ``roster``.

        It stands at place ``seq`` of the chain, after the one with digest ``prev``.
        """
        size = self._replica.directory.size
        payload = Document(
            version=domains.VERSION,
            suite=domains.SUITE,
            document_id=draft.document_id,
            from_unit=self._unit_id,
            from_device=self._keeper.device_id,
            to_unit=draft.unit_id,
            to_devices=list(roster),
            seq=seq,
            prev=prev,
            sent_at=self._clock.now(),
            dir_size=size,
            dir_root=self._replica.directory.tree.root(size),
            kind_class=KindClass(draft.kind_class),
            thread_id=draft.thread_id,
            reply_to=draft.reply_to,
            body_commit=draft.body_commit,
            attachments=list(draft.attachments),
            consents=[draft.consents[at : at + DIGEST_BYTES] for at in range(0, len(draft.consents), DIGEST_BYTES)],
            legal_basis=draft.legal_basis,
            approval=draft.approval,
        )
        return self._keeper.sign(SignedType.DOCUMENT, encode(payload))

    def receipt(self, unit_id: bytes, targets: list[Target], entries: list[ReceiptEntry]) -> bytes:
        """The signed object of a batch of receipts to one unit."""
        size = self._replica.directory.size
        payload = Receipt(
            version=domains.VERSION,
            suite=domains.SUITE,
            receipt_id=random_bytes(16),
            from_unit=self._unit_id,
            from_device=self._keeper.device_id,
            to_unit=unit_id,
            to_devices=[target.device_id for target in targets],
            sent_at=self._clock.now(),
            dir_size=size,
            dir_root=self._replica.directory.tree.root(size),
            entries=entries,
        )
        return self._keeper.sign(SignedType.RECEIPT, encode(payload))


def content_of(signed: bytes, salt: bytes = b"", body: bytes = b"", keys: Sequence[bytes] = ()) -> bytes:
    """The content of an envelope: signed object, salt, body, and the keys of attached files in their order."""
    return encode(Content(signed, salt, body, list(keys)))


def chain_digest(signed: bytes) -> bytes:
    """What the next document of the chain names as ``prev``."""
    return digest(signed)
