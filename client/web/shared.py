"""What the pages of one office share."""

from __future__ import annotations

from typing import Final

from client.engine.jottings import Jottings
from client.engine.office import Desk
from client.web.clearing import Clearing
from client.web.held import Held
from client.web.indexing import Indexing
from client.web.live import Live
from client.web.look import Look
from client.web.making import Making
from client.web.preview import Preview
from client.web.sessions import Sessions
from client.web.uploads import Uploads

LOOPBACK: Final = "127.0.0.1"


class Entry:
    """What the gate asks for; an office that does not exist yet has no more."""

    def __init__(self, *, demonstration: bool) -> None:
        self.sessions = Sessions()
        self.look = Look(demonstration=demonstration)
        self.hosts: frozenset[str] = frozenset()
        self.cookie = "sluss"

    def at(self, port: int) -> None:
        """The port is known now. The cookie is named after it: browsers do not keep ports apart."""
        self.hosts = frozenset({f"{LOOPBACK}:{port}", f"localhost:{port}"})
        self.cookie = f"sluss-{port}"

    def stranger(self, lang: str) -> str:
        """The page for whoever has no session."""
        return self.look.page("stranger.html", lang=lang)


class Shared(Entry):
    """One of these for each open page."""

    def __init__(self, desk: Desk, *, demonstration: bool) -> None:
        super().__init__(demonstration=demonstration)
        self.desk = desk
        self.live = Live()
        self.held = Held(desk)
        self.indexing = Indexing(desk)
        self.preview = Preview(desk)
        self.uploads = Uploads()
        self.jottings = Jottings(desk.context.vault, desk.context.clock)
        self.clearing = Clearing(self.jottings)
        self.making: Making | None = None
