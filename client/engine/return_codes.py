"""Finding a contact again by the code that its caller was given (domain.md 2.2).

How often somebody came back is counted, and nothing about who: no mark is left on the contact.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hmac
from typing import Final

from client.engine.context import Context
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError
from keys.private.return_code import new_return_code, return_code_check

KIND: Final = "intag.kontakt"
FIELD: Final = "return_code_check"
_RETURNED: Final = "returned"


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """A new code, to be shown once, and what is kept of it."""

    code: str = dataclasses.field(repr=False)
    check: str


class ReturnCodes:
    """The return codes of an office."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault

    async def new(self) -> Given:
        """A new code."""
        code = new_return_code()
        return Given(code, await self.check(code))

    async def check(self, said: str) -> str:
        """What is kept of a code.

        Raises:
            LocalError: code ``RETURNCODE``.
        """
        return await asyncio.to_thread(return_code_check, said, bytes(self._context.unit_id))

    async def find(self, said: str) -> bytes:
        """The contact that was given this code, of any device of the unit.

        Raises:
            LocalError: code ``RETURNCODE``, ``NOTFOUND``.
        """
        wanted, found = await self.check(said), None
        for document_id, body in await self._vault.all("SELECT document_id, body FROM document WHERE kind = ?", KIND):
            kept = decode_body(body, max_bytes=MAX_BODY_BYTES)["content"].get(FIELD)
            if isinstance(kept, str) and hmac.compare_digest(kept.encode(), wanted.encode()):
                found = bytes(document_id)
        if found is None:
            raise LocalError("NOTFOUND")
        async with self._vault.transaction():
            await self._vault.set_number(_RETURNED, await self.returned() + 1)
        return found

    async def returned(self) -> int:
        """How often somebody came back with a code."""
        return await self._vault.number(_RETURNED)
