"""When nothing may be seen any more: locked keys, a hidden page, what a browser keeps of it; and nothing is lost."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from client.casework.flow_tables import FLOWS
from client.casework.kinds.registry import KINDS
from client.engine.office import Office
from client.web import live
from client.web.forms.drafts import read_sheet
from client.web.gate import REFRESH, TOKEN_HEADER
from client.web.live import CHANGED, HERE, HIDDEN, LOCKED, SAME
from keys.private.keeper_client import ProcessKeeper
from tests.flow.test_page import QUESTION, Both, draft
from tests.flow.test_page import both as both  # noqa: PLC0414 - a fixture
from tests.kit.offices import CONTENTS, PASSPHRASE
from tests.kit.visitor import Seen, Visitor, typed

WRITTEN = "Det jag hann skriva."
#: What may stand in a browser's list of visited pages.
TITLES = {
    "Arbetslista", "Ärende", "Skriv nytt", "Skriv", "Välj mottagare", "Granska", "Skickas", "Utskrift", "Samtycke",
    "Samtycken", "Adressbok", "Enhet", "Enheten", "Inställningar", "Telefon", "Sökning", "Att se över", "Påminnelser",
    "Godkännanden", "Logg", "Skickat", "Återställningspaket", "Bilaga",
}  # fmt: skip


@pytest.fixture
def touches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the keeper's process heard that a person is there."""
    heard: list[str] = []
    touch = ProcessKeeper.touch

    def counted(self: ProcessKeeper) -> None:
        heard.append("touch")
        touch(self)

    monkeypatch.setattr(ProcessKeeper, "touch", counted)
    return heard


async def texts(office: Office) -> list[str]:
    """What stands in the drafts' situation."""
    sheets = [read_sheet(one) for one in await office.desk.unit.drafts()]
    return [text for sheet in sheets if sheet for text in sheet.typed.get("content.situation", [])]


async def saved_by_script(visitor: Visitor, form: Seen, values: dict[str, str]) -> int:
    """As the page's script saves while somebody writes."""
    token = form.values("form_token")[0]
    headers = {"Origin": visitor.origin, TOKEN_HEADER: token}
    async with visitor.http.post(visitor.origin + form.path, data=values, headers=headers) as answer:
        return answer.status


async def test_after_hiding_every_address_leads_to_the_neutral_page(both: Both) -> None:
    """So the back button brings nothing back; what a tab still saved is kept; one button leads back."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    assert (await asker.get("/hidden")).status == 200
    for path in ("/", form.path, "/consents", "/help", "/away"):
        seen = await asker.get(path)
        assert (seen.path, "Arbetslista" in seen.text) == ("/hidden", False), path
    hidden = await asker.get("/")
    assert await saved_by_script(asker, form, {"act": "autosave", "content.situation": WRITTEN}) == 204
    assert await texts(offices["sodermalm"]) == [WRITTEN]
    assert (await asker.post(hidden, form.path, typed(QUESTION), act="review")).path == "/hidden"
    assert (await asker.post(hidden, "/shown")).path == "/"
    assert (await asker.get(form.path)).path == form.path


async def test_what_is_written_when_the_keys_lock_is_kept(both: Both) -> None:
    """By the script, and from a form without scripts; a button that would send does nothing."""
    asker, _, offices = both
    office = offices["sodermalm"]
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    office.desk.locking.lock()
    assert await saved_by_script(asker, form, {"act": "autosave", "content.situation": WRITTEN}) == 204
    shut = await asker.post(form, form.path, {**typed(QUESTION), "content.situation": WRITTEN * 2}, act="review")
    assert (shut.path, shut.status) == ("/unlock", 200)
    await asker.post(form, form.path, act="discard")
    await asker.post(form, form.path, act="send")
    assert await texts(office) == [WRITTEN * 2]
    await office.desk.locking.unlock(PASSPHRASE)
    assert WRITTEN * 2 in (await asker.get(form.path)).text


async def test_what_leaves_is_not_changed_by_another_tab(both: Both) -> None:
    """Reviewed and on its way: a form that still stood open neither saves itself into it nor is sent in its place."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    reviewed = await asker.post(form, form.path, typed(QUESTION), act="review")
    files = await asker.get(f"{form.path}/files")
    await asker.post(reviewed, form.path, act="send")
    assert await saved_by_script(asker, form, {"act": "autosave", "content.situation": WRITTEN}) == 409
    await asker.post(form, form.path, {"content.situation": WRITTEN}, act="review")
    assert await texts(offices["sodermalm"]) == [QUESTION["situation"]]
    (upload,) = [told["action"] for tag, told in files.elements if tag == "form" and "upload" in told.get("action", "")]
    part = aiohttp.FormData()
    part.add_field("file", b"%PDF-1.4 unseen", filename="osedd.pdf")
    async with asker.http.post(asker.origin + upload, data=part, headers={"Origin": asker.origin}) as answer:
        assert answer.status == 409
    taken = await asker.post(files, f"{form.path}/files", attachment_id="0" * 32)
    assert taken.status == 409
    (sheet,) = [read_sheet(one) for one in await offices["sodermalm"].desk.unit.drafts()]
    assert sheet is not None
    assert (sheet.attachments, sheet.leaves_at is None) == ([], False)


async def test_whoever_writes_is_there_and_a_page_that_renews_itself_is_nobody(both: Both, touches: list[str]) -> None:
    """Saving, the guard and keys or mouse begin the idle time again; asking what is new does not."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    touches.clear()
    for path in ("/", "/?view=all", form.path, "/approvals"):
        await asker.get(path, **{REFRESH: "1"})
    await asker.get("/static/sluss.js")
    async with asker.http.ws_connect(asker.origin + "/live?seen=", headers={"Origin": asker.origin}) as socket:
        assert await socket.receive_str() == CHANGED
        assert touches == []
        await saved_by_script(asker, form, {"act": "autosave", "content.situation": WRITTEN})
        assert len(touches) >= 1
        touches.clear()
        await asker.post(form, "/guard", text=WRITTEN)
        assert len(touches) >= 1
        touches.clear()
        await socket.send_str(HERE)
        await socket.send_str("anything else")
        await socket.close()
    assert touches == ["touch"]


async def test_open_pages_hear_one_word(both: Both) -> None:
    """That they show what is there, that the keys were locked, and that somebody hid this browser's page."""
    asker, _, offices = both
    seen = (await asker.get("/")).source.partition('name="seen" content="')[2].partition('"')[0]
    headers = {"Origin": asker.origin}
    async with (
        asker.http.ws_connect(f"{asker.origin}/live?seen={seen}", headers=headers) as first,
        asker.http.ws_connect(f"{asker.origin}/live?seen={seen}", headers=headers) as second,
    ):
        assert [await one.receive_str() for one in (first, second)] == [SAME, SAME]
        offices["sodermalm"].desk.locking.lock()
        assert [await one.receive_str() for one in (first, second)] == [LOCKED, LOCKED]
        await first.send_str(HERE)  # opens nothing
        await asker.get("/hidden")
        assert [await one.receive_str() for one in (first, second)] == [HIDDEN, HIDDEN]
    assert offices["sodermalm"].desk.locking.is_locked


async def test_a_change_is_told_at_once(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when somebody next looks: what another office sent stands on the open page as soon as the vault has it."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 3600.0)
    asker, _, offices = both
    async with asker.http.ws_connect(asker.origin + "/live?seen=", headers={"Origin": asker.origin}) as socket:
        assert await socket.receive_str() == CHANGED
        await asyncio.sleep(1.0)  # the page waits from now on, for an hour
        await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
        assert await asyncio.wait_for(socket.receive_str(), 60) == CHANGED


async def test_a_locked_page_says_so_to_whoever_comes_late(both: Both) -> None:
    """The first word of a socket that was away."""
    asker, _, offices = both
    offices["sodermalm"].desk.locking.lock()
    async with asker.http.ws_connect(asker.origin + "/live?seen=x", headers={"Origin": asker.origin}) as socket:
        message = await socket.receive()
    assert (message.type, message.data) == (aiohttp.WSMsgType.TEXT, LOCKED)


async def test_a_browser_remembers_neither_what_nor_about_whom(both: Both) -> None:
    """Titles and addresses of the pages of a document, a case, a consent: no kind, no life cycle, no person's key."""
    asker, _, offices = both
    desk = offices["sodermalm"].desk
    home = await asker.get("/")
    thread = await desk.writing.write(offices.ask("sav"))
    contact = await draft(asker, "intag.kontakt", offices.unit("sodermalm").hex())
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    chosen = [await asker.post(home, "/write", kind=kind) for kind in ("konsultation.fraga", "intag.kontakt")]
    key = "5" * 32
    chosen += [
        await asker.post(home, "/consents/new", case=key),
        await asker.post(home, "/consents/new", case=key, case_type="hotbild"),
        await asker.post(home, "/refusal/begin", case=key),
        reviewed := await asker.post(form, form.path, typed(CONTENTS["konsultation.fraga"]), act="review"),
        await asker.post(reviewed, form.path, act="send"),
        await asker.post(contact, f"{contact.path}/code"),
        await asker.post(home, "/search", text="hemligt"),
    ]
    paths = ["/", "/write", "/consents", "/refusal", "/call", "/units", "/own", "/own/log", "/settings", "/aside"]
    here = f"/thread/{thread.thread_id.hex()}"
    seen = [*chosen, *[await asker.get(path) for path in [*paths, here, f"{here}/print", "/reminders", "/approvals"]]]
    secret = {*KINDS, *FLOWS, "hotbild", key, "kind=", "case", "hemligt"}
    for one in seen:
        title = one.source.partition("<title>")[2].partition("</title>")[0]
        assert title.removesuffix(" – Sluss") in TITLES, one.path
        assert not [word for word in secret if word in one.path], one.path
