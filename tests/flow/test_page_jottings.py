"""Forms that make no document: what is typed in them outlives the page, the lock and the program, on this device."""

from __future__ import annotations

from client.web.gate import TOKEN_HEADER
from client.web.shared import Shared
from tests.flow.test_page_approvals import Room
from tests.flow.test_page_approvals import room as room  # noqa: PLC0414 - a fixture
from tests.kit.offices import PASSPHRASE
from tests.kit.visitor import Seen, Visitor

WRITTEN = "Ring hennes bror först."


async def saved(visitor: Visitor, seen: Seen, form: str, **typed: str) -> int:
    """As the page's script saves a form while somebody writes in it."""
    (jot,) = {one for one in seen.values("jot") if one.startswith(f"{form}/")}
    headers = {"Origin": visitor.origin, TOKEN_HEADER: seen.values("form_token")[0]}
    async with visitor.http.post(visitor.origin + "/jot", data={**typed, "jot": jot}, headers=headers) as answer:
        return answer.status


async def test_a_note_that_was_begun_stays_until_it_is_saved(room: Room) -> None:
    """Also when the keys lock, and not at a colleague's; who empties it has none."""
    units, at = room
    eva, desk = at["sav/eva"], units["sav/eva"].desk
    written = await desk.writing.write(units.ask("sodermalm"))
    thread = f"/thread/{written.thread_id.hex()}"
    seen = await eva.get(thread)
    assert await saved(eva, seen, "note", text="Ring") == 204
    desk.locking.lock()
    assert await saved(eva, seen, "note", text=WRITTEN) == 204
    await desk.locking.unlock(PASSPHRASE)
    assert f">{WRITTEN}</textarea>" in (await eva.get(thread)).source
    assert thread in (await eva.get("/")).links("/thread/")
    await units.settle()
    bo = at["sav/bo"]
    assert WRITTEN not in (await bo.get(thread)).source
    done = await eva.post(seen, thread, act="note", text=WRITTEN)
    assert (done.text.count(WRITTEN), f">{WRITTEN}</textarea>" in done.source) == (1, False)
    await saved(eva, seen, "note", text=WRITTEN)
    await saved(eva, seen, "note", text="")
    assert await eva.page.shared.jottings.all() == []


async def test_a_consent_that_was_begun_is_found_on_the_work_list(room: Room) -> None:
    """After the program was started again too, when no session remembers it; it can be thrown away."""
    _, at = room
    eva = at["sav/eva"]
    form = await eva.post(await eva.get("/consents/new"), "/consents/new", case_type="hotbild", case="5" * 32)
    typed = {"record.signed_place": "Haninge", "rows:record.parties": "3", "case": "5" * 32}
    kept = await eva.post(form, "/jot", typed, jot=form.values("jot")[0])
    assert (kept.path, "Utkastet är sparat." in kept.text) == (form.path, True)
    eva.page.shared.sessions = type(eva.page.shared.sessions)()  # as after a restart
    home = await eva.enter()
    assert "Ett samtycke som inte är registrerat" in home.text
    again = await eva.get(next(iter(home.links("/consents/new/"))))
    assert (again.values("record.signed_place"), again.values("case")) == (["Haninge"], ["5" * 32])
    assert set(again.values("rows:record.parties")) == {"3"}
    gone = await eva.post(again, "/jot", act="forget", jot=form.values("jot")[0])
    assert ("kastat" in gone.text, "inte är registrerat" in gone.text) == (True, False)
    assert (await eva.get(form.path)).path == "/consents/new"


async def test_a_refusal_and_a_no_are_kept_too(room: Room) -> None:
    """Note and choice; and a form that nobody knows is not."""
    _, at = room
    eva = at["sav/eva"]
    form = await eva.get("/refusal")
    assert await saved(eva, form, "refusal", note=WRITTEN, informed="ja", what="helt") == 204
    again = await eva.get("/refusal")
    assert WRITTEN in again.source
    assert any("checked" in a for _, a in again.elements if a.get("name") == "informed")
    for jot in ("", "other/aa", "note/../../", "note/" + "a" * 65):
        assert (await eva.post(form, "/jot", jot=jot, text=WRITTEN)).status >= 400, jot
    shared: Shared = eva.page.shared
    assert [one.form for one in await shared.jottings.all()] == ["refusal"]
    await eva.post(again, "/refusal", what="helt", informed="ja", note=WRITTEN)
    assert await shared.jottings.all() == []
