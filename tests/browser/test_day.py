"""A handler's day without scripts; and what only a real browser can show."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import Route, expect

from client.api.commands import run
from tests.browser.desk import Hall, address, hides
from tests.browser.trial import Newcomer

HERE = "() => document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
SITUATION = "Någon vill lämna en gruppering och vet inte hur."


async def choose(tab: Tab, question: str, answer: str) -> None:
    """Click what a person clicks: the label."""
    await tab.get_by_role("group", name=question).locator("label").get_by_text(answer, exact=True).click()


async def write_question(tab: Tab) -> None:
    """Fill in a consultation by the labels that a person reads."""
    await choose(tab, "Frågan gäller", "Målgrupp")
    await choose(tab, "Finns egen avhopparverksamhet", "Nej")
    await choose(tab, "Är polisen kontaktad", "Nej")
    await choose(tab, "Upplevd hotbild", "Viss")
    await tab.get_by_label("Situationen i allmänna ord").fill(SITUATION)
    await choose(tab, "Vad behöver ni", "Råd")
    await choose(tab, "Intygar", "Ja")


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_question_and_its_answer_without_scripts(hall: Hall) -> None:
    """The asker writes, reviews and sends; the adviser answers; the asker reads. With scripts: see ``test_story``."""
    for page in hall.pages.values():
        page.shared.held.undo_seconds = 0
    asker, adviser = await hall.enter("sodermalm", scripts=False), await hall.enter("sav", scripts=False)
    await asker.get_by_role("link", name="Skriv nytt").click()
    await asker.get_by_role("button", name="Konsultation – fråga").click()
    await asker.get_by_role("button", name="Sav").click()
    await write_question(asker)
    await asker.get_by_role("button", name="Granska").click()
    await expect(asker.get_by_role("heading", name="Granska innan det skickas")).to_be_visible()
    await expect(asker.get_by_text(SITUATION)).to_be_visible()
    await asker.get_by_role("button", name=re.compile("Skicka till")).click()
    await _left(hall, "sodermalm")
    await adviser.goto(f"{address(adviser)}/?view=new")
    await adviser.get_by_role("link", name="Konsultation").first.click()
    await expect(adviser.get_by_text(SITUATION)).to_be_visible()
    await adviser.get_by_role("button", name="Konsultation – svar").click()
    await adviser.get_by_role("textbox", name="Råd").fill("Ta kontakt med polisens avhopparsamordnare.")
    await choose(adviser, "Föreslagna nästa steg", "Inget")
    await choose(adviser, "Råd, inte beslut", "Ja")
    await adviser.get_by_role("button", name="Granska").click()
    await adviser.get_by_role("button", name=re.compile("Skicka till")).click()
    await _left(hall, "sav")
    await asker.goto(f"{address(asker)}/?view=new")
    await asker.get_by_role("link", name="Konsultation").first.click()
    await expect(asker.get_by_text("Ta kontakt med polisens")).to_be_visible()
    assert hall.complaints == []


async def _left(hall: Hall, key: str) -> None:
    """What was held has left, and has come."""
    while await hall.offices[key].desk.unit.drafts():
        await hall.pages[key].shared.held.send_due()
    await hall.offices.settle()


@pytest.mark.timeout(240)
async def test_a_newcomer_answers_in_a_few_steps(hall: Hall) -> None:
    """By what the page says and nothing else, by one sentence and a few clicks: no minute. See ``make trial``."""
    await hall.offices["sodermalm"].desk.writing.write(hall.offices.ask("sav"))
    await hall.offices.settle()
    newcomer = Newcomer(await hall.enter("sav"))
    await newcomer.answers("Konsultation", "Konsultation – svar")
    assert (newcomer.pages, newcomer.acts, newcomer.typed) == (5, 7, 1)
    assert newcomer.seconds <= 75
    assert hall.complaints == []


@pytest.mark.timeout(180)
async def test_the_digit_after_an_answer_is_seen_and_chooses_it(hall: Hall) -> None:
    """With the telephone in one hand: each answer shows its digit, and that key chooses it in its question."""
    tab = await hall.enter("sav")
    await tab.goto(f"{address(tab)}/call")
    await tab.get_by_role("button", name="Börja").click()
    question = tab.get_by_role("group", name="Kan vi ringa tillbaka säkert")
    await expect(question.locator("label", has_text="Nej").get_by_text("[2]")).to_be_visible()
    await question.get_by_role("radio", name="Ja").focus()
    await tab.keyboard.press("2")
    await expect(question.get_by_role("radio", name="Nej", exact=True)).to_be_checked()


@pytest.mark.timeout(180)
async def test_esc_twice_hides_the_page(hall: Hall) -> None:
    """A neutral page with a neutral title, and going back does not bring the case back to the screen by itself."""
    tab = await hall.enter("sav")
    await hides(tab)
    assert await tab.title() == "Anteckningar"


@pytest.mark.timeout(180)
async def test_what_comes_is_seen_without_asking(hall: Hall) -> None:
    """A document that another office sent appears in the open work list."""
    tab = await hall.enter("sav")
    await expect(tab.get_by_text("Här finns inget just nu.")).to_be_visible()
    await hall.offices["sodermalm"].desk.writing.write(hall.offices.ask("sav"))
    await hall.offices.settle()
    await expect(tab.get_by_role("link", name="Konsultation")).to_be_visible()
    assert hall.complaints == []


@pytest.mark.timeout(240)
async def test_what_comes_while_the_page_is_still_loading_is_seen_too(hall: Hall) -> None:
    """The list is drawn, the document comes, and only then the page's script gets to listen."""
    tab = await hall.enter("sav")
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await tab.route("**/static/sluss.js", late)
    await tab.goto(f"{address(tab)}/", wait_until="commit")
    await expect(tab.get_by_text("Här finns inget just nu.")).to_be_visible()
    await hall.offices["sodermalm"].desk.writing.write(hall.offices.ask("sav"))
    await hall.offices.settle()
    await asyncio.sleep(1)  # the page's watch has looked, and told whoever listened
    come.set()
    await expect(tab.get_by_role("link", name="Konsultation")).to_be_visible()
    assert hall.complaints == []


@pytest.mark.timeout(180)
async def test_ten_tabs_all_hear_of_it(hall: Hall) -> None:
    """More tabs than a browser keeps connections of other kinds."""
    first = await hall.enter("sav")
    tabs = [first, *[await first.context.new_page() for _ in range(9)]]
    for tab in tabs[1:]:
        await tab.goto(f"{address(first)}/")
    await hall.offices["sodermalm"].desk.writing.write(hall.offices.ask("sav"))
    await hall.offices.settle()
    for tab in tabs:
        await expect(tab.get_by_role("link", name="Konsultation")).to_be_visible()


@pytest.mark.timeout(240)
async def test_what_nobody_sees_is_not_read(hall: Hall) -> None:
    """A case left open in a tab behind others: what comes into it stays new until somebody looks at that tab."""
    asked = await hall.offices["sodermalm"].desk.writing.write(hall.offices.ask("sav"))
    await hall.offices.settle()
    more = {"document_id": asked.document_id.hex(), "kind": "konsultation.komplettering"}
    await run(hall.offices["sav"].desk, "reply", {**more, "content": {"note": "Hur bråttom är det?"}})
    await hall.offices.settle()
    front = await hall.enter("sav")
    behind = await front.context.new_page()
    await behind.goto(f"{address(front)}/thread/{asked.thread_id.hex()}")
    await expect(front.get_by_text("Nytt", exact=True)).to_have_count(0)
    await behind.evaluate("() => Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    await run(hall.offices["sodermalm"].desk, "reply", {**more, "content": {"note": "Det är bråttom."}})
    await hall.offices.settle()
    await expect(front.get_by_text("Nytt", exact=True)).to_be_visible()
    await asyncio.sleep(2)  # the tab behind heard the same word at the same time
    assert (await run(hall.offices["sav"].desk, "work", {"view": "new"}))["counts"]["new"] == 1
    await behind.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
    await expect(behind.get_by_text("Det är bråttom.")).to_be_visible()
    await expect(front.get_by_text("Nytt", exact=True)).to_have_count(0)
    assert hall.complaints == []


@pytest.mark.timeout(180)
async def test_the_guard_speaks_while_one_types(hall: Hall) -> None:
    """An identity number is told at the field, also one typed before the scripts came; the draft saves itself."""
    tab = await hall.enter("sodermalm")
    typed = asyncio.Event()

    async def late(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await tab.goto(f"{address(tab)}/write")
    await tab.get_by_role("button", name="Konsultation – fråga").click()
    await tab.route("**/static/form.js", late)
    await tab.get_by_role("button", name="Sav").click(no_wait_after=True)
    await tab.get_by_label("Situationen i allmänna ord").fill("Hen heter 811218-9876.")
    typed.set()
    await expect(tab.locator(".wrong")).to_contain_text("Kan peka ut")
    await expect(tab.locator("[data-saved]")).to_have_text("Utkastet är sparat.")
    await tab.reload()
    await expect(tab.get_by_label("Situationen i allmänna ord")).to_have_value("Hen heter 811218-9876.")
    assert hall.complaints == []


@pytest.mark.timeout(300)
async def test_the_keyboard_keeps_its_place_when_the_page_renews_itself(hall: Hall) -> None:
    """Tab has led to a button or a link without an id; what comes renews the page; Enter still acts on that one."""
    desk = hall.offices["sav"].desk
    asked = await hall.offices["sodermalm"].desk.writing.write(hall.offices.ask("sav"))
    await hall.offices.settle()
    tab = await hall.enter("sav")
    await _tab_to(tab, "Nya")
    assert await tab.evaluate(HERE) == "Nya 1"
    await hall.offices["sodermalm"].desk.writing.write(hall.offices.ask("sav"))
    await hall.offices.settle()
    await expect(tab.locator("tbody tr")).to_have_count(2)
    assert await tab.evaluate(HERE) == "Nya 2"
    await tab.goto(f"{address(tab)}/thread/{asked.thread_id.hex()}")
    await _tab_to(tab, "Konsultation – svar")
    await run(desk, "note", {"thread_id": asked.thread_id.hex(), "text": "Ring Olle efter lunch."})
    await expect(tab.get_by_text("Ring Olle efter lunch.")).to_be_visible()
    assert await tab.evaluate(HERE) == "Konsultation – svar"
    async with tab.expect_navigation():
        await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("heading", name="Konsultation – svar")).to_be_visible()
    assert hall.complaints == []


async def _tab_to(tab: Tab, words: str) -> None:
    while not (await tab.evaluate(HERE)).startswith(words):
        await tab.keyboard.press("Tab")
