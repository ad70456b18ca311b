"""The demonstration's index page leads into an office, as often as one likes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from client.demo import cast
from client.demo.doors import Doors
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.visitor import Visitor, visiting


class OneOffice:
    """A stage on which every door is that of one office."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    @property
    def open_offices(self) -> tuple[cast.Office, ...]:
        """All of them."""
        return cast.OFFICES

    async def call(self, _office: str, command: str) -> Any:
        """What the office's own API answers."""
        assert command == "page"
        return {"page": self._visitor.page.door()}


@pytest.mark.parametrize("lang", ["sv", "en"])
async def test_each_door_leads_in(tmp_path: Path, hub: HubProcess, federation: Federation, lang: str) -> None:
    """All offices stand there with the warning; a click comes to the work list, and a second one too."""
    async with (
        Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek"}) as offices,
        visiting(offices["sav"].desk) as visitor,
    ):
        doors = Doors(OneOffice(visitor), lang)  # type: ignore[arg-type]
        address = await doors.open()
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
                async with http.get(address) as answer:
                    text = await answer.text()
                    assert answer.headers["Content-Security-Policy"]
                assert "emonstration" in text
                for office in cast.OFFICES:
                    assert f"/door/{office.key}" in text
                for _ in range(2):
                    async with http.get(f"{address}door/{cast.OFFICES[0].key}") as answer:
                        assert answer.status == 200
                async with http.get(f"{visitor.origin}/") as answer:
                    assert {"sv": "Arbetslista", "en": "Work list"}[lang] in await answer.text()
                async with http.get(f"{address}door/nowhere") as answer:
                    assert answer.status == 404
        finally:
            await doors.close()
