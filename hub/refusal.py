"""How the hub says no: one error, one frame (PROTOCOL 6)."""

from __future__ import annotations

from typing import ClassVar

from hub.wire.responses import Code, Refused
from keys.errors import FormatError, PeerError, RefusedError, SignatureError, TrustError


class RefusalError(RefusedError):
    """A request that is refused.

    Args:
        reason: the wire code.
        retry_after: seconds after which repeating may help; 0: it does not.
        detail: the name of the broken rule, for statements and batches only: they carry their own authority, so the
            reason tells a stranger nothing that the public log does not.
    """

    default_code: ClassVar[str] = "REFUSED"

    def __init__(self, reason: Code, *, retry_after: int = 0, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after
        self.detail = detail

    def response(self) -> Refused:
        """The frame that says so."""
        return Refused(self.reason, self.retry_after, self.detail)


def of_peer(error: PeerError) -> RefusalError:
    """The refusal of a signed object that ``keys`` did not accept."""
    detail = str(error.fields.get("rule", ""))
    match error:
        case TrustError():
            return RefusalError(Code.TRUST, detail=detail)
        case SignatureError():
            return RefusalError(Code.SIGNATURE)
        case FormatError():
            return RefusalError(Code.FORMAT, detail=detail)
        case _:
            return RefusalError(Code.FORMAT)
