"""A recovery kit on its way to paper (``pages.kit``)."""

from __future__ import annotations

import dataclasses

from client.web.sessions import Session


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Making:
    """Whose browser makes it, until when (monotonic seconds), and which two shares are asked for at the end."""

    session: Session
    until: float
    secret: bytes
    shares: list[str]
    asked: tuple[int, int]
