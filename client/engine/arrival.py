"""An envelope on its way through the checks, the ways in which a check can end it, and what takes effect then."""

from __future__ import annotations

import dataclasses
import enum
from typing import Protocol

from keys.directory_entries import DeviceEntry
from keys.document import Content, Document, Receipt
from keys.envelope import Envelope
from keys.ids import EnvelopeId
from keys.signed import SignedObject


class Way(enum.Enum):
    """How a signed object came; some checks ask for other things when a sibling passes it on."""

    MAIL = "mail"  # in an envelope of its own
    RESHARED = "reshared"  # by a sibling who took it in before
    COPY = "copy"  # by a sibling: the unit's own document to another unit


@dataclasses.dataclass(slots=True)
class Arrival:
    """One envelope, and what the checks have made of it so far.

    ``n``, ``hour`` and ``signature`` are the hub's: number in the mailbox, hour of deposit, its signature on that.
    """

    n: int
    hour: int
    signature: bytes
    raw: bytes
    envelope_id: EnvelopeId
    envelope: Envelope | None = None
    key: bytes | None = None
    framed: bytes | None = None
    content: Content | None = None
    signed: SignedObject | None = None
    signer: DeviceEntry | None = None
    payload: Document | Receipt | None = None
    way: Way = Way.MAIL

    @property
    def document(self) -> Document | None:
        """The payload when it is a document."""
        return self.payload if isinstance(self.payload, Document) else None


class DropError(Exception):
    """Not an envelope at all (check 0): counted and dropped, there is nothing to keep."""


class SeenError(Exception):
    """Handled before (check 1), or the same document again (check 14): nothing to do but to acknowledge.

    ``repeat`` names the document whose receipt is told again.
    """

    def __init__(self, repeat: bytes | None = None) -> None:
        super().__init__()
        self.repeat = repeat


class QuarantineError(Exception):
    """A check failed: the envelope is kept aside with this code, visible to the registrator."""

    def __init__(self, step: int, code: str) -> None:
        super().__init__(step, code)
        self.step = step
        self.code = code


class EarlyError(QuarantineError):
    """Check 16: it does not fit its thread, but something that its author had seen has not come.

    Nobody is told that it was refused: it is taken in when what is missing is here (``early``).
    """

    def __init__(self, code: str = "STA") -> None:
        super().__init__(16, code)


class Effects(Protocol):
    """What a document that passed the checks does (check 16 and its effect)."""

    async def accept(self, arrival: Arrival, document: Document) -> None:
        """Judge by the rules of the work, then write, inside a transaction.

        Raises:
            RefusedError: check 16 failed; nothing was written but its place in the chain.
            EarlyError: it does not fit yet, because something before it is missing.
        """

    async def learn(self, receipt: Receipt) -> None:
        """Take in a receipt of the own unit's devices, inside a transaction."""

    async def put_aside(self, arrival: Arrival, end: QuarantineError) -> None:
        """Something was quarantined: perhaps a sibling could open it. Inside a transaction."""

    async def came_again(self, arrival: Arrival, document_id: bytes) -> None:
        """The same document came in another envelope. Inside a transaction."""

    async def incarnation_changed(self) -> None:
        """The hub was restored: deposit again what has no receipt, inside a transaction."""
