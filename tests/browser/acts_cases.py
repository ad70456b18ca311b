"""The second half by people at their pages: a caller, a placement, a lost machine, Malmö, somebody who comes back.

As `acts`; the scenes are those of `client.demo.story_cases`.
"""

from __future__ import annotations

from collections.abc import Mapping

from client.demo import script_cases as lines
from tests.browser.acts_malmo import malmo
from tests.browser.acts_placing import place
from tests.browser.at_page import answer, consent, fill, opens, register, supplement
from tests.browser.hands import Hand, on_page
from tests.browser.seats import BOPS, CHIEF, HOTLINE, NAMES, SAV, Table

KIM = on_page({"subject_person": lines.kim()}, "header")


async def answer_here(hand: Hand, kind: str, **content: str) -> None:
    """A step in a thread that stays in the unit."""
    await answer(hand, kind, on_page(content))
    await hand.press("Spara i enheten")


async def call_the_hotline(hotline: Hand) -> None:
    """Somebody without a name is given a code, calls again, and is known by it."""
    await hotline.goes_to("Telefon")
    await hotline.press("Börja")
    await hotline.press("Ge en kod")
    code = await hotline.tab.locator("main .words--large").inner_text()
    await hotline.follow("Personen har koden, fortsätt")
    contact = lines.contact("")
    del contact["return_code_check"]
    await fill(hotline, on_page(contact))
    await hotline.press("Spara i enheten")
    await opens(hotline, "Intag", "all")
    await hotline.goes_to("Telefon")
    await hotline.fill({"code": [code.lower()]})
    await hotline.press("Finn kontakten")
    await hotline.sees(lines.CALLBACK)


async def pass_on(hotline: Hand, sav: Hand, units: Mapping[str, str]) -> None:
    """The person signs, the contact goes to another unit, and that unit opens a case."""
    for step in ("samtycke_efterfragat", "samtycke_undertecknat"):
        await answer_here(hotline, "Intag – händelse", step=step)
        await opens(hotline, "Intag", "all")
    consent_id = await register(hotline, consent([HOTLINE, SAV, BOPS], units, ["informationsutbyte"]))
    await opens(hotline, "Intag", "all")
    await hotline.press("Intag – förmedling")
    await hotline.choose(NAMES[SAV])
    await fill(hotline, {"consent_id": [consent_id], **KIM, **on_page(lines.forwarding())})
    await hotline.press("Skicka till")
    await opens(sav, "Intag")
    await sav.sees(lines.CALLER_SUMMARY[:40])
    await sav.press("Jag tar ärendet")
    await sav.sees("Du arbetar nu med ärendet.")
    await answer(sav, "Intag – svar", on_page(lines.opened(units[SAV])))
    await sav.press("Skicka till")
    await opens(hotline, "Intag")
    await hotline.sees("Öppnat")


async def place_kim(table: Table) -> None:
    """The caller has signed for somewhere to live, too."""
    await table[SAV].goes_to("Samtycken")
    signed = consent([SAV, BOPS], table.units, ["informationsutbyte", "hotbildsbedomning"])
    first = await register(table[SAV], signed)
    await place(table, await supplement(table[SAV], first, table.units), KIM)


async def lose_a_machine(table: Table) -> None:
    """A stolen one is ended from a colleague's, and the case goes on there."""
    chief, lost = table[CHIEF], (await table.stage.call(SAV, "status"))["device_id"]
    await table.stage.close_office(SAV)
    await chief.goes_to("Enheten")
    await chief.fill({"device_id": [lost], "reason": ["lost"]})
    await chief.press("Stäng av datorn")
    await chief.sees("Kryssa för att datorn ska stängas av för gott.")
    await chief.fill({"device_id": [lost], "reason": ["lost"], "sure": ["ja"]})
    await chief.press("Stäng av datorn")
    await chief.sees("Datorn är avstängd för gott.")
    await chief.sees("spärrad eller utgången")
    await opens(chief, "Placering", "all", unit=BOPS)
    await answer(chief, "Placering – lägesrapport", on_page(lines.report()))
    await chief.press("Skicka till")
    await opens(table[BOPS], "Placering", "all")  # it came while their page of the case was open, so it is read
    await table[BOPS].sees("Stabil")


async def cases(table: Table) -> None:
    """The second half, in order."""
    await call_the_hotline(table[HOTLINE])
    await pass_on(table[HOTLINE], table[SAV], table.units)
    await place_kim(table)
    await lose_a_machine(table)
    await malmo(table)
