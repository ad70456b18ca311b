"""A device's first start in the browser, and the recovery kit, with a real approval and a real office behind."""

from __future__ import annotations

import contextlib
import math
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from client.api import commands
from client.engine.folder import Folder
from client.engine.office import Office
from client.web.first import FirstStart
from client.web.pages import kit
from client.web.server import Page
from keys.comparison import short_code
from keys.ids import digest
from keys.private import kit as kits
from keys.statements import Profile
from tests.flow.test_page import Both
from tests.flow.test_page import both as both  # noqa: PLC0414 - a fixture
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, PASSPHRASE, redirect
from tests.kit.visitor import Seen, Visitor

STAFF = "Olle Ohlin"


class Newcomer(Visitor):
    """Somebody at the pages of a first start."""

    def __init__(self, address: str, http: aiohttp.ClientSession, house: House | None = None) -> None:
        self.http = http
        self.house = house
        self.door = address
        parts = urlsplit(address)
        self.origin = f"{parts.scheme}://{parts.netloc}"

    async def come_in(self) -> Seen:
        """Use the ticket."""
        await self.get(self.door.removeprefix(self.origin))
        return await self.get("/")

    async def hand_in(self, seen: Seen, approval: bytes) -> Seen:
        """Upload a file."""
        form = aiohttp.FormData()
        form.add_field("form_token", seen.values("form_token")[0])
        form.add_field("approval", approval, filename="approval.slk", content_type="application/octet-stream")
        async with self.http.post(self.origin + "/approval", data=form, headers={"Origin": self.origin}) as answer:
            return Seen(answer.status, answer.url.path_qs, await answer.text(), answer.headers)


class House:
    """Where a first start leads: the office opens, with its page."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.stack = contextlib.AsyncExitStack()
        self.page: Page | None = None

    async def open(self, passphrase: str) -> str:
        """As ``sluss start`` does."""
        office = await Office.open(self.folder, passphrase)
        self.stack.push_async_callback(office.close)
        page = Page(office.desk)
        await page.open(0)
        self.stack.push_async_callback(page.close)
        self.page = page
        return page.door(first=True)


@contextlib.asynccontextmanager
async def starting(folder: Folder) -> AsyncIterator[Newcomer]:
    """A first start of this folder, and somebody before it."""
    house = House(folder)
    first = FirstStart(folder, Profile.DEMO, house.open)
    address = await first.open()
    jar = aiohttp.CookieJar(unsafe=True)
    async with house.stack, aiohttp.ClientSession(cookie_jar=jar) as http:
        try:
            yield Newcomer(address, http, house)
        finally:
            await first.close()


async def test_from_nothing_to_an_open_office(tmp_path: Path, hub: HubProcess, federation: Federation) -> None:
    """Passphrase, request with its code, approval, comparison; cut off in the middle it goes on where it was."""
    folder = Folder(tmp_path / "office")
    async with starting(folder) as somebody:
        seen = await somebody.come_in()
        typo = await somebody.post(seen, "/passphrase", passphrase=PASSPHRASE, again="another one entirely")
        assert typo.status == 422
        assert not folder.passphrase.exists()
        await somebody.post(seen, "/passphrase", passphrase=PASSPHRASE, again=PASSPHRASE)
    async with starting(folder) as somebody:
        seen = await somebody.come_in()
        assert "Fortsätt där du var" in seen.text
        wrong = await somebody.post(seen, "/passphrase", passphrase="not the passphrase")
        assert wrong.status == 422
        seen = await somebody.post(seen, "/passphrase", passphrase=PASSPHRASE)
        async with somebody.http.get(somebody.origin + "/sluss-begaran.slk") as answer:
            request = await answer.read()
        assert short_code(digest(request)) in seen.text
        assert "<svg" in seen.source
        approval = redirect(federation.approve("sodermalm", request, STAFF, roles=ALL_ROLES), hub.url)
        broken = await somebody.hand_in(seen, approval[:-1])
        assert broken.status == 422
        seen = await somebody.hand_in(seen, approval)
        assert "Jämför federationens fingeravtryck" in seen.text
        unsure = await somebody.post(seen, "/compare", act="same")
        assert unsure.status == 422
        assert not folder.approval.exists()
        office = await somebody.post(seen, "/compare", act="same", same="ja")
        assert office.status == 200
        assert folder.approval.exists()
        assert somebody.house is not None
        assert somebody.house.page is not None
        await no_work_before_the_kit(Visitor(somebody.house.page, somebody.http))


async def no_work_before_the_kit(visitor: Visitor) -> None:
    """The first start ends with a kit that was rehearsed; until then every page leads there, and help is at hand."""
    for path in ("/", "/write", "/settings"):
        assert (await visitor.get(path)).path == "/kit"
    assert (await visitor.get("/help")).path == "/help"
    begin = await visitor.get("/kit")
    assert "Det sista steget" in begin.text
    await visitor.post(begin, "/kit", act="begin")
    shares = await shares_of(visitor)
    assert (await visitor.get("/")).path == "/kit"
    rehearsal = await visitor.get("/kit")
    asked = [name for _, attrs in rehearsal.elements if (name := attrs.get("name", "")).startswith("share")]
    done = await visitor.post(rehearsal, "/kit", {name: shares[int(name[5:])] for name in asked}, act="rehearse")
    assert "Återställningspaketet är klart" in done.text
    assert (await visitor.get("/")).path == "/"


@pytest.mark.parametrize("path", ["/", "/sluss-begaran.slk"])
async def test_the_first_start_has_the_same_door(tmp_path: Path, path: str) -> None:
    """Without a ticket there is nothing; a change from elsewhere, or without the form's token, makes no keys."""
    folder = Folder(tmp_path / "office")
    async with starting(folder) as somebody:
        assert (await somebody.get(path)).status == 403
        seen = await somebody.come_in()
        fields = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
        for headers, data in (
            ({"Origin": "http://evil.example"}, {**fields, "form_token": seen.values("form_token")[0]}),
            ({"Origin": somebody.origin}, fields),
        ):
            async with somebody.http.post(somebody.origin + "/passphrase", data=data, headers=headers) as answer:
                assert answer.status == 403
        assert not folder.passphrase.exists()


async def shares_of(visitor: Visitor) -> dict[int, str]:
    """The words of every share, copied page by page."""
    found: dict[int, str] = {}
    for number in (1, 2, 3):
        source = (await visitor.get(f"/kit?share={number}")).source
        listed = re.search(r'<ol class="share">(.*?)</ol>', source, re.DOTALL)
        assert listed is not None
        found[number] = " ".join(re.findall(r"<li>(\w+)</li>", listed[1]))
    return found


async def test_a_kit_counts_only_when_two_shares_were_typed_back(both: Both) -> None:
    """The wrong words are told; the right ones make the kit; the shares are then nowhere."""
    visitor, _, offices = both
    desk = offices["sodermalm"].desk
    assert "Det finns inget återställningspaket" in (await visitor.get("/")).text
    begun = await visitor.post(await visitor.get("/kit"), "/kit", act="begin")
    assert begun.path == "/kit?share=1"
    shares = await shares_of(visitor)
    assert all(len(share.split()) == 33 for share in shares.values())
    rehearsal = await visitor.get("/kit")
    asked = [name for _, attrs in rehearsal.elements if (name := attrs.get("name", "")).startswith("share")]
    assert len(asked) == 2
    typed: dict[str, Any] = {name: shares[int(name[5:])] for name in asked}
    swapped = await visitor.post(rehearsal, "/kit", dict(zip(typed, reversed(typed.values()), strict=True)), act="stop")
    assert "Börja" in swapped.text
    assert await desk.context.vault.meta("kit") is None


async def test_wrong_words_make_no_kit_and_right_ones_do(both: Both) -> None:
    """From begin to notice; another browser sees none of it."""
    visitor, _, offices = both
    vault = offices["sodermalm"].desk.context.vault
    await visitor.post(await visitor.get("/kit"), "/kit", act="begin")
    shares = await shares_of(visitor)
    rehearsal = await visitor.get("/kit")
    asked = [name for _, attrs in rehearsal.elements if (name := attrs.get("name", "")).startswith("share")]
    typed: dict[str, Any] = {name: shares[int(name[5:])] for name in asked}
    wrong = await visitor.post(rehearsal, "/kit", {**typed, asked[0]: typed[asked[0]][:-2]}, act="rehearse")
    assert wrong.status == 422
    assert await vault.meta("kit") is None
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        other = Visitor(visitor.page, http)
        await other.enter()
        assert not set(shares[1].split()) <= set((await other.get("/kit?share=1")).text.split())
    done = await visitor.post(rehearsal, "/kit", typed, act="rehearse")
    assert "Återställningspaketet är klart" in done.text
    assert await vault.meta("kit") is not None
    assert "Gör ett nytt paket" in (await visitor.get("/kit?share=1")).text
    assert visitor.page.shared.making is None


async def test_the_work_list_leads_to_the_kit_until_there_is_one(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a real federation, at every coming in and after an hour; what waits can be read, and one may work first."""
    visitor, _, offices = both
    desk, sessions = offices["sodermalm"].desk, visitor.page.shared.sessions
    monkeypatch.setattr(desk.context.replica.directory, "profile", Profile.REAL)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        other = Visitor(visitor.page, http)
        led = await other.enter()
        assert led.path == "/kit"
        for path in ("/write", "/aside", "/approvals", "/reminders"):
            assert (await other.get(path)).path == path
        assert (await other.get("/", **{"X-Refresh": "1"})).path == "/"
        assert (await other.post(led, "/kit", act="later")).path == "/"
        assert (await other.get("/")).path == "/"
        (session,) = (one for one in sessions._sessions.values() if one.kit_due < math.inf)
        assert session.kit_due > time.monotonic() + kit.LATER_SECONDS / 2
        session.kit_due = time.monotonic()  # the hour is over
        assert (await other.get("/")).path == "/kit"
        public = kits.public_of(kits.new_secret())
        await commands.run(desk, "kit_made", {"kit_id": public.kit_id.hex(), "public": public.public.hex()})
        assert "Gör ett nytt paket" in (await other.get("/")).text
        assert (await other.get("/")).path == "/"
    assert (await visitor.get("/")).path == "/", "a demonstration is not kept from anything"


async def test_settings_and_the_accessibility_statement_are_there(both: Both) -> None:
    """What one may want to know of this machine."""
    visitor, _, _ = both
    assert "Låser sig" in (await visitor.get("/settings")).text
    assert "Digg" in (await visitor.get("/accessibility")).text
