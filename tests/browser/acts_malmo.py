"""Malmö by people at their pages: a team that disagrees and does not decide, an end, and somebody who comes back.

As `acts`; the scenes are the last two of `client.demo.story_cases`.
"""

from __future__ import annotations

from collections.abc import Mapping

from client.demo import script
from client.demo import script_cases as lines
from tests.browser.at_page import answer, consent, fill, opens, register, write
from tests.browser.hands import Hand, on_page
from tests.browser.seats import GROVA, MALMO, MALMO_SOCIAL, NAMES, Table

UNKNOWN = on_page({"subject_person": lines.unknown()}, "header")
WRONG = "Det här behöver rättas"


async def malmo(table: Table) -> None:
    """Both scenes, in order."""
    signed = await disagree(table[MALMO], table[GROVA], table.units)
    await close(table[MALMO], table[GROVA], signed)
    await come_back(table, signed)


async def disagree(team: Hand, police: Hand, units: Mapping[str, str]) -> str:
    """The police cannot assess the threat; the team says why it sees it otherwise, and who decided; its id."""
    await team.goes_to("Samtycken")
    parties = consent([MALMO, MALMO_SOCIAL, GROVA], units, ["informationsutbyte", "hotbildsbedomning"])
    consent_id = await register(team, parties)
    asked = {**script.threat_request(lines.MALMO_ACCOUNT), "group": "En gruppering söder om staden"}
    values = {"consent_id": [consent_id], **UNKNOWN, **on_page(asked)}
    await write(team, "Hotbildsbedömning – begäran", GROVA, values)
    await team.press("Skicka till")
    await opens(police, "Hotbildsbedömning")
    await police.sees(lines.MALMO_ACCOUNT[:40])
    await answer(police, "Hotbildsbedömning – resultat", on_page(lines.not_confirmed()))
    await police.press("Skicka till")
    await opens(team, "Hotbildsbedömning")
    result = await team.newest()
    await answer(team, "Bedömning – oenighet", on_page(lines.disagreement()))
    await team.press("Skicka till")
    await opens(police, "Hotbildsbedömning")
    await police.sees(lines.VIEW[:40])
    await opens(team, "Hotbildsbedömning", "all")
    decided = lines.target_group(result, units[MALMO_SOCIAL])
    await team.press("Målgrupp – beslut")
    for wrong in ({"deviation_reason": ""}, {"decision_unit": units[MALMO]}):
        await team.fill(on_page({**decided, **wrong}))
        await team.press("Granska")
        await team.sees(WRONG)
    await fill(team, on_page(decided))
    await team.press("Skicka till")
    await opens(police, "Hotbildsbedömning", "all")  # their page of the case is open: what comes may be read already
    await police.sees(lines.DEVIATION[:40])
    return consent_id


async def close(team: Hand, police: Hand, consent_id: str) -> None:
    """The person ends it; the police have stopped."""
    values = {"consent_id": [consent_id], **on_page(lines.closing())}
    await write(team, "Avslut – meddelande", GROVA, values)
    await team.press("Skicka till")
    await opens(police, "Avslut")
    await answer(police, "Avslut – bekräftelse", on_page(lines.closed()))
    await police.press("Skicka till")
    await opens(team, "Avslut")
    await team.sees("Avslut – bekräftelse")


async def come_back(table: Table, old: str) -> None:
    """The old consent opens nothing; with a new one the unit that decides does, and the team writes it in."""
    team, social, units = table[MALMO], table[MALMO_SOCIAL], table.units
    await team.goes_to("Skriv nytt")
    await team.choose("Återkomst – notis")
    await team.choose(NAMES[MALMO])
    await team.fill(on_page(lines.comes_back(old)))
    await team.press("Granska")
    await team.sees(WRONG)
    await team.press("Kasta utkastet")
    await team.goes_to("Samtycken")
    fresh = await register(team, consent([MALMO, MALMO_SOCIAL, GROVA], units, ["informationsutbyte"]))
    await write(team, "Återkomst – notis", MALMO, on_page(lines.comes_back(fresh)))
    await team.press("Spara i enheten")
    values = {"consent_id": [fresh], **UNKNOWN, **on_page(lines.forwarding_back())}
    await write(team, "Intag – förmedling", MALMO_SOCIAL, values)
    await team.press("Skicka till")
    await opens(social, "Intag")
    await social.sees(lines.BACK_SUMMARY[:40])
    await answer(social, "Intag – svar", on_page({"outcome": "oppnat"}))
    await social.press("Skicka till")
    await opens(team, "Intag")
    await team.sees("Öppnat")
    await opens(team, "Återkomst", "all")
    await answer(team, "Återkomst – beslut", on_page(lines.opened(units[MALMO_SOCIAL])))
    await team.press("Spara i enheten")
    await opens(team, "Återkomst", "all")
    await team.sees("Öppnat")
