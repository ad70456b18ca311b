"""The page in English: no page is half translated."""

from __future__ import annotations

import json

import pytest

from tests.flow.test_page import Both, draft
from tests.flow.test_page import both as both  # noqa: PLC0414 - a fixture
from tests.kit import messages
from tests.kit.today import CONTENTS
from tests.kit.visitor import Seen, typed

QUESTION = CONTENTS["konsultation.fraga"]
#: Names of units and organisations in the tests that happen to be words of ours; a language is chosen by its own name.
DATA = {"Bops", "Polismyndigheten", "Telefon", "Svenska"}


def swedish(seen: Seen) -> set[str]:
    """Texts of a page that have another wording in English."""
    known = {str(one.id): str(one.string) for one in messages.read("en") if isinstance(one.id, str)}
    told = {" ".join(text.split()) for text in seen.pieces}
    return {text for text in told if text and known.get(text, text) != text} - DATA


@pytest.fixture
async def english(both: Both) -> Both:
    """Both speak English from here on."""
    for visitor in both[:2]:
        await visitor.post(await visitor.get("/settings"), "/language", lang="en")
    return both


async def test_no_page_is_half_translated(english: Both) -> None:
    """Lists, forms, the form with its errors, the review, and a thread at both ends; nothing of it is Swedish."""
    asker, adviser, offices = english
    await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
    await offices.settle()
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    wrong = await asker.post(form, form.path, {}, act="review")
    reviewed = await asker.post(form, form.path, typed(QUESTION), act="review")
    threads = [
        await visitor.get((await visitor.get("/?view=all")).links("/thread/")[0]) for visitor in (asker, adviser)
    ]
    seen = [form, wrong, reviewed, *threads]
    paths = ("/", "/?view=all", "/write", "/units", "/own", "/consents", "/aside",
             "/call", "/approvals", "/own/log", "/kit", "/refusal", "/accessibility", "/reminders",
             "/consents/new",
             "/settings", "/consents/paper", "/disclosures", f"/units/{offices.unit('sav').hex()}")  # fmt: skip
    seen += [await asker.get(path) for path in paths]
    chosen = (("/write", {"kind": "konsultation.fraga"}), ("/consents/new", {"case_type": "hotbild"}))
    seen += [await asker.post(form, path, fields) for path, fields in chosen]
    assert {one.path: left for one in seen if (left := swedish(one))} == {}
    assert all('lang="en"' in one.source for one in seen)


async def test_in_swedish_it_would_be_seen(both: Both) -> None:
    """Control: the same look at Swedish pages finds their words."""
    asker, _, _ = both
    assert {"Arbetslista", "Adressbok"} <= swedish(await asker.get("/"))


async def test_what_the_guard_says_is_in_the_language_too(english: Both) -> None:
    """The answer to a script."""
    asker, _, _ = english
    seen = await asker.get("/")
    answer = await asker.post(seen, "/guard", text="Hon nås på Storgatan 5.")
    assert json.loads(answer.source) == {"found": ["street address"]}


async def test_a_door_in_english_leads_to_english_pages_and_stays_so(both: Both) -> None:
    """What is shown before there is a session too; the next session of the browser remembers."""
    asker, _, _ = both
    assert 'lang="sv"' in (await asker.get("/enter?ticket=0")).source  # it has a session: the first page
    entered = await asker.get(asker.page.door().removeprefix(asker.origin) + "&lang=en")
    assert "Continue" in entered.text
    assert "Work list" in (await asker.get("/")).text
    assert "Notes" in (await asker.get("/hidden")).text
    asker.page.shared.sessions.leave(next(c.value for c in asker.http.cookie_jar if c.key == asker.page.shared.cookie))
    stranger = await asker.get("/")
    assert stranger.status == 403
    assert not swedish(stranger)
    assert "This page opens with a link" in stranger.text
    await asker.enter()  # without a word about the language
    assert "Work list" in (await asker.get("/")).text
    odd = await asker.get(asker.page.door().removeprefix(asker.origin) + "&lang=%3Cscript%3E")
    assert "script" not in odd.source
    assert "Work list" in (await asker.get("/")).text
