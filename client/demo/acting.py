"""What handlers do on the stage: send, answer, approve, be refused; every step is waited for at both ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from client.demo.stage import RefusedByOffice, Stage
from keys.errors import LocalError

LILLKOPING: Final = "lillkoping"
SAV: Final = "goteborg-sav"
SAV_CHIEF: Final = "goteborg-sav-2"
HOTLINE: Final = "avhoppartelefonen"
BOPS: Final = "bops-vast"
BOPS_SECOND: Final = "bops-vast-2"
MALMO: Final = "konsultationsteamet"
MALMO_SOCIAL: Final = "malmo-social"
GROVA: Final = "grova-brott"
BJORKVIKA: Final = "bjorkvika"
POLICE: Final = (BOPS, GROVA)

Tell = Callable[[str, str], None]


@dataclasses.dataclass(slots=True)
class Tally:
    """What the story has moved: documents that arrived, receipts that came back, refusals that were right."""

    documents: int = 0
    receipts: int = 0
    refused: int = 0


class Actors:
    """Everything that a scene asks of the offices.

    Args:
        stage: with all offices open.
        tell: takes each step in Swedish and in English.
        tally: counts.
    """

    def __init__(self, stage: Stage, tell: Tell, tally: Tally) -> None:
        self.stage = stage
        self.tell = tell
        self.tally = tally

    async def send(self, sender: str, recipient: str, kind: str, content: dict[str, Any], **more: Any) -> str:
        """A first document of a thread; returns its id when it has arrived and the receipt is back."""
        sent = await self.stage.call(sender, "new", kind=kind, to=self.stage.units[recipient], content=content, **more)
        return await self.arrived(sender, recipient, sent["document_id"])

    async def reply(
        self, sender: str, recipient: str, document_id: str, kind: str, content: dict[str, Any], **more: Any
    ) -> str:
        """An answer, as `send`."""
        sent = await self.stage.call(sender, "reply", document_id=document_id, kind=kind, content=content, **more)
        return await self.arrived(sender, recipient, sent["document_id"])

    async def reply_by_two(
        self, pair: tuple[str, str], recipient: str, document_id: str, kind: str, content: dict[str, Any], **more: Any
    ) -> str:
        """An answer that waits at both desks until the second person has approved it."""
        return await self.arrived(pair[0], recipient, await self._approved(pair, document_id, kind, content, **more))

    async def keep_by_two(self, pair: tuple[str, str], document_id: str, kind: str, content: dict[str, Any]) -> None:
        """The same, of what stays in the unit."""
        await self.reaches(pair[0], await self._approved(pair, document_id, kind, content), {"kept"})

    async def _approved(
        self, pair: tuple[str, str], document_id: str, kind: str, content: dict[str, Any], **more: Any
    ) -> str:
        author, second = pair
        sent = await self.stage.call(author, "reply", document_id=document_id, kind=kind, content=content, **more)
        self.require(sent["state"] == "awaiting", "awaiting")
        await self.stage.until(
            second, "approvals", lambda rows: any(row["document_id"] == sent["document_id"] for row in rows)
        )
        await self.stage.call(second, "approve", document_id=sent["document_id"])
        return str(sent["document_id"])

    async def arrived(self, sender: str, recipient: str, document_id: str) -> str:
        """It is in the recipient's vault, and its receipt is back."""
        await self.held(recipient, document_id)
        self.tally.documents += 1
        await self.reaches(sender, document_id, {"available", "registered"})
        self.tally.receipts += 1
        return document_id

    async def held(self, office: str, document_id: str) -> None:
        """The desk has it, from outside or from a colleague."""
        await self.stage.until(
            office, "list", lambda found: any(entry["document_id"] == document_id for entry in found)
        )

    async def reaches(self, office: str, document_id: str, wanted: set[str]) -> None:
        """The sender sees it in one of these states."""
        await self.stage.until(
            office, "list",
            lambda found: any(entry["document_id"] == document_id and entry["state"] in wanted for entry in found),
            direction="out",
        )  # fmt: skip

    async def must_refuse(self, office: str, code: str, command: str, **arguments: Any) -> None:
        """The office says no, with this code."""
        try:
            await self.stage.call(office, command, **arguments)
        except RefusedByOffice as refusal:
            self.require(refusal.code == code, refusal.code)
            self.tally.refused += 1
            return
        raise LocalError("DEMO", rule=code)

    def parties(self, *offices: str) -> list[dict[str, Any]]:
        """These offices as a consent names them."""
        return [
            {
                "authority": "polis" if key in POLICE else "socialtjanst",
                "unit": self.stage.units[key],
                "role": "bada",
            }
            for key in offices
        ]

    def require(self, condition: bool, rule: str) -> None:
        """Stop the demonstration when something is not as it must be.

        Raises:
            LocalError: code ``DEMO``.
        """
        if not condition:
            raise LocalError("DEMO", rule=rule)
