"""The demonstration's main line, told by people at their pages: real processes, real keys, real browsers.

A hub and the desks of the demonstration stand open, and nothing has happened yet. Everything that the story does
afterwards, a person does on the page of her own office, each in a browser of her own: with the mouse, or by the
keyboard alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from client.demo import cast, script, stage
from client.demo import script_cases as lines
from client.demo.stage import Stage
from tests.browser.hands import ARRIVES_MS, Hand, Keys, Mouse, on_page

LILLKOPING, SAV, CHIEF, BOPS, SECOND, BJORKVIKA = (
    "lillkoping", "goteborg-sav", "goteborg-sav-2", "bops-vast", "bops-vast-2", "bjorkvika"
)  # fmt: skip
NAMES = {office.key: office.name_sv for office in cast.OFFICES}
STAFF = {office.key: office.staff for office in cast.OFFICES}


@dataclasses.dataclass(frozen=True)
class Table:
    """Who sits where, the units' ids by desk, and what the browsers complained about."""

    hands: dict[str, Mouse]
    units: dict[str, str]
    complaints: list[str]


PERSON = on_page({"subject_person": script.person()}, "header")
PROTECTED = on_page({"subject_person": {**script.person(), "protected": "skyddad_folkbokforing"}}, "header")
#: What the form of a consent does not ask for on this page: the office fills it in, or it stands there already.
_FILLED = ("case_type", "signer_kind", "notice_language", "withdrawal_info", "retention_rule")


@contextlib.asynccontextmanager
async def opened(browser: Browser, folder: Path, desks: Sequence[str]) -> AsyncIterator[Table]:
    """A federation of this moment with all desks open, and somebody with a mouse at each of these pages."""
    complaints: list[str] = []
    async with Stage.set_up(folder) as scene:
        for key in desks:
            await scene.until(key, "units", _all_reached)
        hands = {key: Mouse(await _entered(browser, scene, key, complaints)) for key in desks}
        yield Table(hands, scene.units, complaints)


def _all_reached(units: list[dict[str, Any]]) -> bool:
    """Whether everybody who plays has keys to write to."""
    return all(one["reachable"] for one in units if one["name_sv"] in NAMES.values())


async def _entered(browser: Browser, scene: Stage, key: str, complaints: list[str]) -> Tab:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(ARRIVES_MS)
    tab = await context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    await tab.goto((await scene.call(key, "page"))["page"])
    await tab.wait_for_url("**/")
    return tab


async def write(hand: Hand, kind: str, to: str, values: Mapping[str, list[str]]) -> None:
    """Begin a document, fill it in, and see it as the recipient will."""
    await hand.follow("Skriv nytt")
    await hand.press(kind)
    await hand.press(NAMES[to])
    await fill(hand, values)


async def fill(hand: Hand, values: Mapping[str, list[str]]) -> None:
    """The form, and the look before it leaves."""
    await hand.fill(values)
    await hand.press("Granska")
    await hand.sees("Granska innan det skickas")


async def answer(hand: Hand, kind: str, values: Mapping[str, list[str]]) -> None:
    """An answer in the thread that is open."""
    await hand.press(kind)
    await fill(hand, values)


async def opens(hand: Hand, title: str, view: str = "new") -> None:
    """What has come, as soon as it stands in the work list."""
    await hand.goes_to(f"/?view={view}")
    await hand.finds(title)
    await hand.follow(title, exact=True)


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


def consent(names: list[str], units: Mapping[str, str], purposes: list[str], **changes: Any) -> dict[str, list[str]]:
    """The form of a consent that names these desks' units."""
    parties = [
        {"authority": "polis" if key == BOPS else "socialtjanst", "unit": units[key], "role": "bada", "named": True}
        for key in names
    ]
    record = script.record(parties, purposes, **changes)
    values = on_page({name: value for name, value in record.items() if name not in _FILLED}, "record")
    return values | {"confirmed": ["ja"]}


async def register_consent(sav: Hand, bops: Hand, units: Mapping[str, str]) -> str:
    """Signed on paper, written in, and told to the police; its id."""
    await sav.follow("Samtycken")
    await sav.follow("Registrera ett samtycke")
    await sav.press("Intag")
    values = consent([SAV, BOPS], units, ["informationsutbyte", "hotbildsbedomning"])
    await sav.fill({**values, "tell": ["ja"], **PERSON})
    await sav.press("Registrera")
    await sav.sees("Samtycket är registrerat.")
    consent_id = sav.tab.url.rpartition("/")[2]
    await opens(bops, "Samtycke")
    await bops.sees("Aktivt")
    return consent_id


async def supplement(sav: Hand, consent_id: str, units: Mapping[str, str]) -> str:
    """What the person has signed in addition, before two of the unit: a place, and another unit; its id."""
    await sav.goes_to(f"/consents/{consent_id}")
    await sav.follow("Registrera ett tillägg")
    categories = [*script.record([], [])["data_categories"], "halsa", "sysselsattning", "familj_anhoriga"]
    second = {"name": STAFF[CHIEF], "role": "beslutsfattare"}
    values = consent([BJORKVIKA], units, ["placering", "overlamnande"], data_categories=categories, second_staff=second)
    asked = (
        "parties",
        "purposes",
        "data_categories",
        "second_staff",
        "form",
        "signed_",
        "original_",
        "aid_used",
        "rec",
    )
    begins = tuple(f"{at}record.{name}" for name in asked for at in ("", "rows:"))
    await sav.fill({name: value for name, value in values.items() if name.startswith((*begins, "confirmed"))})
    await sav.press("Registrera")
    await sav.sees("Samtycket är registrerat.")
    return sav.tab.url.rpartition("/")[2]


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


async def approve(second: Hand, text: str) -> None:
    """The colleague reads what the recipient will read, and answers for it."""
    await second.goes_to("/approvals")
    await second.finds_approval()
    await second.sees(text)
    await second.press("Godkänn")
    await second.sees("Du har godkänt dokumentet.")


async def place(sav: Hand, chief: Hand, bops: Hand, officer: Hand, consent_id: str) -> None:
    """A need, an answer of two officers, and a move that two answer for."""
    await write(sav, "Placering – behov", BOPS, {"consent_id": [consent_id], **PERSON, **on_page(lines.need())})
    await sav.press("Skicka till")
    await opens(bops, "Placering")
    await bops.sees(lines.NEAR)
    await answer(bops, "Kontroll av placering – svar", on_page(lines.verdict(STAFF[BOPS])))
    await bops.press("Be en kollega godkänna")
    await approve(officer, "Umeå")
    for step in ("godtas", "klar_att_flytta"):
        await opens(sav, "Placering", "all")
        await sav.sees("Umeå")
        await answer(sav, "Placering – besked om orten", on_page({"answer": step}))
        await sav.press("Skicka till")
    await opens(sav, "Placering", "all")
    await answer(sav, "Placering – bekräftelse", {**PERSON, **on_page(lines.move())})
    await sav.press("Be en kollega godkänna")
    await approve(chief, lines.ADDRESS)
    await opens(bops, "Placering")
    await bops.sees(lines.ADDRESS)


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
    await sav.goes_to(f"/consents/{consent_id}")
    await sav.open_up("Personen återkallar")
    await sav.fill({"received_how": ["telefon"]})
    await sav.press("Registrera återkallelsen")
    await sav.sees("Samtycket är återkallat")
    await bops.goes_to("/consents")
    await bops.sees_after_reloading("Återkallat")


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_the_story_by_clicks_and_a_question_by_keyboard_alone(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Question, consent, threat, placement, handover and withdrawal at six pages; then a question without a mouse."""
    monkeypatch.setattr(stage, "QUICK_OFFICE", stage.QUICK_OFFICE + "undo_seconds = 0\n")
    async with opened(browser, tmp_path / "demo", (LILLKOPING, SAV, CHIEF, BOPS, SECOND, BJORKVIKA)) as table:
        at, units = table.hands, table.units
        await ask_and_answer(at[LILLKOPING], at[SAV])
        first = await register_consent(at[SAV], at[BOPS], units)
        await assess(at[SAV], at[BOPS], first)
        newest = await supplement(at[SAV], first, units)
        await place(at[SAV], at[CHIEF], at[BOPS], at[SECOND], newest)
        await hand_over(at[SAV], at[CHIEF], at[BJORKVIKA], units, newest)
        await withdraw(at[SAV], at[BOPS], newest)
        await ask_and_answer(Keys(at[LILLKOPING].tab), Keys(at[CHIEF].tab))
        assert table.complaints == []
