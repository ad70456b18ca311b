"""Whom the page turns away, and what it never lets through: other sites, old tickets, script in texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.casework.fields import FieldType
from client.casework.kinds.registry import describe
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.today import CONTENTS
from tests.kit.visitor import Visitor, typed, visiting

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*7}}"


@pytest.fixture
async def visitor(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Visitor]:
    """``sodermalm``'s page; nobody has come in."""
    async with (
        Offices.open(tmp_path, hub.url, federation, {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}) as offices,
        visiting(offices["sodermalm"].desk) as visitor,
    ):
        yield visitor


async def test_without_a_ticket_there_is_nothing(visitor: Visitor) -> None:
    """Every page is refused alike, also one that does not exist."""
    for path in ("/", "/write", "/thread/" + "0" * 32, "/nothing", "/live"):
        assert (await visitor.get(path, Origin=visitor.origin)).status == 403


async def test_a_ticket_works_once(visitor: Visitor) -> None:
    """The second use is refused; so is one that nobody gave out."""
    door = visitor.page.door().removeprefix(visitor.origin)
    assert (await visitor.get(door)).status == 200
    visitor.http.cookie_jar.clear()
    assert (await visitor.get(door)).status == 403
    assert (await visitor.get("/enter?ticket=" + "0" * 64)).status == 403


async def test_a_stolen_cookie_ends_with_the_session(visitor: Visitor) -> None:
    """Who leaves takes the cookie's worth along."""
    home = await visitor.enter()
    stolen = {cookie.key: cookie.value for cookie in visitor.http.cookie_jar}
    await visitor.post(home, "/leave")
    async with visitor.http.get(visitor.origin + "/", cookies=stolen) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "localhost", "127.0.0.1.evil.example"])
async def test_a_name_that_points_here_does_not_get_through(visitor: Visitor, host: str) -> None:
    """DNS rebinding: the session's cookie does not help."""
    await visitor.enter()
    assert (await visitor.get("/", Host=host)).status == 421


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_sites_page_may_not_ask(visitor: Visitor, site: str) -> None:
    """Neither look nor change."""
    await visitor.enter()
    assert (await visitor.get("/", **{"Sec-Fetch-Site": site})).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
async def test_a_change_from_elsewhere_is_refused(visitor: Visitor, origin: str) -> None:
    """Although token and cookie are right."""
    home = await visitor.enter()
    form = {"form_token": home.values("form_token")[0]}
    headers = {"Origin": origin} if origin else {}
    async with visitor.http.post(visitor.origin + "/lock", data=form, headers=headers) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "ö"])
async def test_a_change_without_the_forms_token_is_refused(visitor: Visitor, token: str) -> None:
    """Although origin and cookie are right; nothing was kept."""
    await visitor.enter()
    form = {"form_token": token, "kind": "konsultation.fraga", "to": "00"}
    async with visitor.http.post(visitor.origin + "/drafts", data=form, headers={"Origin": visitor.origin}) as answer:
        assert answer.status == 403
    assert await visitor.page.shared.desk.unit.drafts() == []


async def test_every_answer_carries_the_strict_headers(visitor: Visitor) -> None:
    """Pages, refusals, scripts and styles."""
    await visitor.enter()
    for path in ("/", "/nothing", "/static/sluss.js", "/static/sluss.css", "/hidden"):
        headers = (await visitor.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_pages_have_no_script_or_style_of_their_own(visitor: Visitor) -> None:
    """What the policy would stop is not there in the first place."""
    home = await visitor.enter()
    for path in ("/", "/write", "/units", "/own", "/settings", "/consents", "/aside"):
        seen = await visitor.get(path)
        assert seen.status == 200, path
        for tag, attrs in seen.elements:
            assert not any(name.startswith("on") or name == "style" for name in attrs), (path, tag, attrs)
            assert tag != "style"
    assert home.status == 200


async def test_script_in_every_text_is_text(visitor: Visitor) -> None:
    """As typed in a draft, and as told with an error."""
    await visitor.enter()
    sav = next(unit for unit in visitor.page.shared.desk.context.book.units() if "Sav" in unit.card.name_sv)
    form = await visitor.post(await visitor.get("/write"), "/drafts", kind="konsultation.fraga", to=sav.unit_id.hex())
    texts = {
        info.name: SCRIPT
        for info in describe("konsultation.fraga")
        if info.spec.holds in {FieldType.TEXT, FieldType.LONG}
    }
    shown = await visitor.post(form, form.path, typed({**CONTENTS["konsultation.fraga"], **texts}), act="review")
    assert shown.status in {200, 422}
    assert SCRIPT in " ".join(shown.text.split()) or SCRIPT in shown.text
    assert [tag for tag, _ in shown.elements].count("script") == 1
    assert not any(attrs.get("src") == "x" for _, attrs in shown.elements)
