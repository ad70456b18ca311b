"""Alarms on the page: seen by a person, and not to be put away where the office has stopped."""

from __future__ import annotations

from pathlib import Path

from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.visitor import visiting

BUTTON = "Jag har sett det"


async def test_an_alarm_is_marked_as_seen_on_the_page(tmp_path: Path, hub: HubProcess, federation: Federation) -> None:
    """With the name of who works there; what has stopped the office has no button, and is refused without one."""
    async with Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek"}) as offices:
        context = offices["sav"].desk.context
        async with context.vault.transaction():
            for code in ("QUARANTINE", "FORK"):
                await context.alarms.raise_(code)
        async with visiting(offices["sav"].desk) as visitor:
            await visitor.enter()
            shown = await visitor.get("/aside")
            assert (shown.text.count(BUTTON), "QUARANTINE" in shown.text, "FORK" in shown.text) == (1, True, True)
            after = await visitor.post(shown, "/aside/seen", n=shown.values("n")[0])
            assert (BUTTON in after.text, "QUARANTINE" in after.text) == (False, False)
            for number in ("2", "x", "9" * 30):
                assert (await visitor.post(shown, "/aside/seen", n=number)).status >= 400
        (seen, stays) = await context.alarms.all()
        assert (seen.code, seen.seen_by, seen.seen_at is not None) == ("QUARANTINE", "Eva Ek", True)
        assert (stays.code, stays.seen_at) == ("FORK", None)
