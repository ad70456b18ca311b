"""A placement by people at their pages: the need, the officers' word, the municipality that is asked, the move.

As `acts`; with what the demonstration leaves out: the question to the municipality, and the second look at the place.
"""

from __future__ import annotations

from collections.abc import Mapping

from client.casework.codes import explain
from client.demo import script
from client.demo import script_cases as lines
from keys.places import kommuner
from tests.browser.at_page import answer, approve, opens, write
from tests.browser.hands import Hand, on_page
from tests.browser.seats import BJORKVIKA, BOPS, CHIEF, SAV, SECOND, STAFF, Table

#: What a municipality is asked that is to take somebody in: nothing that says who.
WANTED = {"needs": ["bostad", "sysselsattning"], "from_date": script.day(5), "risk_class": "hog"}
#: Where the officers know of no obstacle.
PLACE = kommuner()[lines.move()["place"]].name


async def place(table: Table, consent_id: str, person: Mapping[str, list[str]]) -> None:
    """Somewhere to live: officers look at it, a municipality is asked, and just before the move they look again."""
    sav, bops, there = table[SAV], table[BOPS], table[BJORKVIKA]
    values = {"consent_id": [consent_id], **person}
    await write(sav, "Placering – behov", BOPS, {**values, **on_page(lines.need())})
    await sav.press("Skicka till")
    await opens(bops, "Placering")
    await bops.sees(lines.NEAR)
    await clear(table, hours_ago=30)
    await tell(sav, BOPS, "Placering – besked om orten", "godtas")
    await write(sav, "Placering – förfrågan till mottagare", BJORKVIKA, on_page(WANTED))
    await sav.press("Skicka till")
    await opens(there, "Placering")
    await there.sees("Bostad")
    await answer(there, "Placering – mottagarens svar", on_page({"answer": "kan_ta_emot"}))
    await there.press("Skicka till")
    await opens(sav, "Placering", unit=BJORKVIKA)
    await sav.sees("Kan ta emot")
    await tell(sav, BJORKVIKA, "Placering – besked till mottagaren", "tillagg_undertecknat")
    await tell(sav, BOPS, "Placering – besked om orten", "klar_att_flytta")
    values |= on_page(lines.move())
    await refused_move(sav, values)
    await opens(bops, "Placering", "all")
    await clear(table, hours_ago=1)
    for unit in (BOPS, BJORKVIKA):
        await move(table, unit, values)


async def clear(table: Table, *, hours_ago: float) -> None:
    """Two officers answer for the place, in the thread that is open."""
    verdict = {**lines.verdict(STAFF[BOPS]), "checked_at": lines.at(-hours_ago)}
    said = {"egen kontroll": lines.own_check(STAFF[BOPS]), "svar": verdict}
    for n, (kind, content) in enumerate(said.items()):
        if n:
            await opens(table[BOPS], "Placering", "all")
        await answer(table[BOPS], f"Kontroll av placering – {kind}", on_page(content))
        await table[BOPS].press("Be en kollega godkänna")
        await approve(table[SECOND], PLACE)


async def tell(sav: Hand, unit: str, kind: str, said: str) -> None:
    """One word in the thread with that unit."""
    await opens(sav, "Placering", "all", unit=unit)
    await answer(sav, kind, on_page({"answer": said}))
    await sav.press("Skicka till")


async def refused_move(sav: Hand, values: Mapping[str, list[str]]) -> None:
    """The officers looked too long before the move: the page says so, and nothing leaves."""
    await opens(sav, "Placering", "all", unit=BOPS)
    await sav.press("Placering – bekräftelse")
    await sav.fill(values)
    await sav.press("Granska")
    await sav.sees(explain("KOL-02", sav.lang).sentence)
    await sav.press("Kasta utkastet")


async def move(table: Table, unit: str, values: Mapping[str, list[str]]) -> None:
    """Two answer for who comes, and where; the unit there reads it."""
    sav, there = table[SAV], table[unit]
    await opens(sav, "Placering", "all", unit=unit)
    await answer(sav, "Placering – bekräftelse", values)
    await sav.press("Be en kollega godkänna")
    await approve(table[CHIEF], lines.ADDRESS)
    await opens(there, "Placering")
    await there.sees(lines.ADDRESS)
