"""The second signature under a document that two must answer for (FORMATS 5.2; domain.md 2.0.5).

A document takes its place in the chain, its roster and its log position when it leaves. What a second person approves
before that is therefore an object of its own: everything of the document that its author may not change afterwards. It
travels inside the document's payload, so that the author's signature covers it and nobody can strip or replace it.

Not here: who may give it, and for how long it counts (``client/engine/seconding``).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from keys.codec import Bytes16, Bytes32, Record, Uint
from keys.document import MAX_CONSENTS, Attachment, LegalBasis

KindName = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[a-z_]+(\.[a-z_]+)*\Z")]


class SecondSignature(Record, frozen=True):
    """Payload of an ``approval``: ``by_device`` has seen this document of ``author``, and answers for it too."""

    version: Uint
    suite: Uint
    document_id: Bytes16
    from_unit: Bytes16
    author: Bytes16
    by_device: Bytes16
    to_unit: Bytes16
    kind: KindName
    thread_id: Bytes16
    reply_to: Bytes16 | None
    body_commit: Bytes32
    attachments: Annotated[list[Attachment], Meta(max_length=16)]
    consents: Annotated[list[Bytes32], Meta(max_length=MAX_CONSENTS)]
    legal_basis: LegalBasis
    approved_at: Uint
    dir_size: Uint
    dir_root: Bytes32
