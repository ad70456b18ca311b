"""``sluss search``: what the page's search finds, also where no page has brought the index up to date."""

from __future__ import annotations

import asyncio
from pathlib import Path

from client.engine.folder import Folder
from client.engine.office import Office
from client.engine.searching import AT_ONCE
from client.engine.writing import Order
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import PASSPHRASE
from tests.kit.today import CONTENTS
from tests.unit.cli.terminal import Desk, Dialogue


async def _advised(desk: Desk, count: int) -> None:
    """So many talks with relatives are kept; nobody looks, so nothing is indexed."""
    content = {**CONTENTS["intag.anhorig_rad"], "advice": "Zebror på Åland\nbits inte."}
    office = await Office.open(Folder(desk.folder), PASSPHRASE)
    try:
        await office.desk.sync.once()
        for _ in range(count):
            await office.desk.writing.write(
                Order(kind="intag.anhorig_rad", to_unit=office.desk.context.unit_id, content=content)
            )
    finally:
        await office.close()


def test_words_are_found_at_the_terminal(tmp_path: Path, hub: HubProcess, federation: Federation) -> None:
    """All that is here is searched at once, whatever the index lacks; words are asked for or piped, never arguments."""
    desk = Desk.enrolled(tmp_path / "sodermalm", federation, "sodermalm", "Olle Ohlin", hub.url)
    asyncio.run(_advised(desk, AT_ONCE + 1))
    hits = desk.json("search", stdin="åland zeb\n")
    assert (len(hits["found"]), hits["more"], hits["lacking"]) == (AT_ONCE + 1, False, 0)
    said = desk.run("search", stdin="åland zeb\n", as_json=False)
    assert said.code == 0, said
    assert said.out.count("»Zebror« på »Åland« bits inte.") == AT_ONCE + 1
    assert desk.json("search", "--page", "2", stdin="zebror\n")["found"] == []
    dialogue = Dialogue(desk.command("search"))
    dialogue.answer("Sök efter", "aland")
    assert "Inget dokument" in dialogue.end().words
    assert desk.run("search", stdin="\n").error["sentence"] == "Skriv ett ord, eller början av ett."
    assert desk.run("search", "zebror").code == 2
