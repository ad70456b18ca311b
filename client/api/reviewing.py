"""What is told of a document before it leaves: what it reveals, what carries it, who reads it, who must agree."""

from __future__ import annotations

from typing import Any

import msgspec

from client.casework.kinds.kind import Gate
from client.engine.office import Desk
from client.engine.reading import Facts
from client.engine.writing import Written


def reviewed(desk: Desk, written: Written) -> Facts:
    """The facts of a document that was written and not kept.

    ``reveals``: codes of `codelists.DATA_CATEGORY` that it holds something of. ``basis``: what carries it, with the
    ``decision`` on disclosure and the ``limits`` where there is one; ``consent_id``: the record that covers it.
    ``readers``: roles that may read it at the recipient, empty for everybody there. ``awaits``: a colleague must
    approve it, and ``seconds`` names those who may.
    """
    message = written.verdict.message
    header, kind = message.header, message.kind
    return {
        "reveals": sorted(message.categories),
        "basis": header.disclosure_basis,
        "asks_consent": kind.gate is Gate.CONSENT,
        "decision": _built(header.disclosure_decision),
        "limits": _built(header.limits_decision),
        "consent_id": header.consent_ref,
        "readers": sorted(kind.readers),
        "awaits": written.awaits,
        "seconds": desk.approving.seconds(kind.name) if written.awaits else [],
    }


def _built(block: msgspec.Struct | None) -> Any:
    return None if block is None else msgspec.to_builtins(block)
