"""The story's first half, told by people at their pages: a question, a consent, a threat, a placement, a handover.

Each act is what the demonstration's scene of the same name does (`client.demo.story`), with nothing but what a person
can do on the page of her own office. Who acts with what, and reads in which language, is the `Table`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping

from client.demo import script
from tests.browser.acts_placing import place
from tests.browser.at_page import answer, approve, consent, opens, register, supplement, write
from tests.browser.hands import Hand, on_page
from tests.browser.seats import BJORKVIKA, BOPS, CHIEF, LILLKOPING, NAMES, SAV, Table

PERSON = on_page({"subject_person": script.person()}, "header")
PROTECTED = on_page({"subject_person": {**script.person(), "protected": "skyddad_folkbokforing"}}, "header")


async def ask_and_answer(asker: Hand, adviser: Hand) -> None:
    """A question without a name, its answer, its end."""
    await write(asker, "Konsultation – fråga", SAV, on_page(script.question()))
    await asker.press("Skicka till")
    await opens(adviser, "Konsultation")
    await adviser.sees(script.SITUATION[:40])
    await answer(adviser, "Konsultation – svar", on_page(script.advice()))
    await adviser.press("Skicka till")
    await opens(asker, "Konsultation")
    await asker.sees(script.ADVICE[:40])
    await answer(asker, "Konsultation – avslut", on_page(script.thanks()))
    await asker.press("Skicka till")
    await opens(adviser, "Konsultation", "all")
    await adviser.sees("Ärendet är avslutat.")


async def refused_number(asker: Hand) -> None:
    """A question that names a person does not get past the form; the draft is thrown away."""
    content = on_page(script.question(f"{script.SITUATION} Personnummer {script.NUMBER}."))
    await asker.goes_to("Skriv nytt")
    await asker.choose("Konsultation – fråga")
    await asker.choose(NAMES[SAV])
    await asker.fill(content)
    await asker.press("Granska")
    await asker.sees("Det här behöver rättas")
    await asker.press("Kasta utkastet")


async def register_consent(sav: Hand, bops: Hand, units: Mapping[str, str]) -> str:
    """Signed on paper, written in, and told to the police; its id."""
    await sav.goes_to("Samtycken")
    values = consent([SAV, BOPS], units, ["informationsutbyte", "hotbildsbedomning"])
    consent_id = await register(sav, {**values, "tell": ["ja"], **PERSON})
    await opens(bops, "Samtycke")
    await bops.sees("Aktivt")
    return consent_id


async def assess(sav: Hand, bops: Hand, consent_id: str) -> None:
    """A request that rests on the consent, and what the police say."""
    content = on_page(script.threat_request())
    await write(sav, "Hotbildsbedömning – begäran", BOPS, {"consent_id": [consent_id], **PERSON, **content})
    await sav.press("Skicka till")
    await opens(bops, "Hotbildsbedömning")
    await bops.sees(script.OWN_ACCOUNT[:40])
    await answer(bops, "Hotbildsbedömning – resultat", on_page(script.threat_result()))
    await bops.press("Skicka till")
    await opens(sav, "Hotbildsbedömning")
    await sav.sees("Bekräftad, hög")


async def hand_over(sav: Hand, chief: Hand, there: Hand, units: Mapping[str, str], consent_id: str) -> None:
    """Of somebody with protected registration: two answer for it; it is accepted and carried out."""
    content = on_page(script.handover(units[SAV]))
    values = {"consent_id": [consent_id], **PROTECTED, **content}
    await write(sav, "Överlämnande – förfrågan", BJORKVIKA, values)
    await sav.press("Be en kollega godkänna")
    await approve(chief, script.SUMMARY[:40])
    await opens(there, "Överlämnande")
    await there.sees(NAMES[SAV])
    await answer(there, "Överlämnande – svar", on_page(script.handover_answer()))
    await there.press("Skicka till")
    await opens(there, "Överlämnande", "all")
    await answer(there, "Överlämnande – genomfört", on_page(script.handover_done()))
    await there.press("Skicka till")
    await opens(sav, "Överlämnande", "all")
    await sav.sees("Överlämnande – genomfört")


async def withdraw(sav: Hand, bops: Hand, consent_id: str) -> None:
    """By telephone; the police are told."""
    await sav.goes_to("Samtycken")
    await sav.follow_to(f"/consents/{consent_id}")
    await sav.open_up("Personen återkallar")
    await sav.fill({"received_how": ["telefon"]})
    await sav.press("Registrera återkallelsen")
    await sav.sees("Samtycket är återkallat")
    await bops.sees_in("Samtycken", "Återkallat")


async def main_line(table: Table) -> None:
    """The first half, in order."""
    sav, chief, bops, units = table[SAV], table[CHIEF], table[BOPS], table.units
    await refused_number(table[LILLKOPING])
    await ask_and_answer(table[LILLKOPING], sav)
    first = await register_consent(sav, bops, units)
    await assess(sav, bops, first)
    newest = await supplement(sav, first, units)
    await place(table, newest, PERSON)
    await hand_over(sav, chief, table[BJORKVIKA], units, newest)
    await withdraw(sav, bops, newest)
