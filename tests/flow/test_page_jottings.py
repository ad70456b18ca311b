"""Forms that make no document: what is typed in them outlives the page, the lock and the program, on this device."""

from __future__ import annotations

import asyncio

from client.engine.jottings import KEPT_DAYS
from client.web.clearing import Clearing
from client.web.gate import TOKEN_HEADER
from client.web.shared import Shared
from tests.flow.test_approvals import consent_of
from tests.flow.test_page_approvals import Room
from tests.flow.test_page_approvals import room as room  # noqa: PLC0414 - a fixture
from tests.kit.offices import PASSPHRASE
from tests.kit.visitor import Seen, Visitor, visiting

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


async def test_a_refusal_is_kept_by_itself(room: Room) -> None:
    """Note and choice, and not in the form of somebody else's; a form that nobody knows is not kept."""
    _, at = room
    eva = at["sav/eva"]
    form, other = await eva.get("/refusal"), await eva.get("/refusal")
    assert form.path != other.path
    assert await saved(eva, form, "refusal", note=WRITTEN, informed="ja", what="helt") == 204
    again = await eva.get(form.path)
    assert WRITTEN in again.source
    assert any("checked" in a for _, a in again.elements if a.get("name") == "informed")
    assert WRITTEN not in (await eva.get(other.path)).source
    assert form.path in (await eva.get("/")).links("/refusal/")
    assert (await eva.get("/refusal/" + "0" * 16)).path == "/consents"
    for jot in ("", "other/aa", "note/../../", "note/" + "a" * 65):
        assert (await eva.post(form, "/jot", jot=jot, text=WRITTEN)).status >= 400, jot
    shared: Shared = eva.page.shared
    assert [one.form for one in await shared.jottings.all()] == ["refusal"]
    await eva.post(again, again.path, what="helt", informed="ja", note=WRITTEN)
    assert await shared.jottings.all() == []


async def test_two_consents_of_a_kind_are_begun_apart(room: Room) -> None:
    """What was typed for one person does not stand in the form for the next."""
    _, at = room
    eva = at["sav/eva"]
    choice = await eva.get("/consents/new")
    first, second = [await eva.post(choice, "/consents/new", case_type="hotbild") for _ in range(2)]
    await eva.post(first, "/jot", {"record.signed_place": "Haninge"}, jot=first.values("jot")[0])
    assert (await eva.get(second.path)).values("record.signed_place") == [""]


async def test_a_withdrawal_and_a_mistake_are_kept_until_they_are_done(room: Room) -> None:
    """What was chosen stands there again, also after it was refused, and when all that came of it was a failure."""
    units, at = room
    eva = at["sav/eva"]
    here = f"/consents/{await consent_of(units, 'sav/eva')}"
    seen = await eva.get(here)
    assert await saved(eva, seen, "withdrawal", received_how="brev", scope="syfte") == 204
    assert await saved(eva, seen, "mistake", reason="fel_person", note=WRITTEN) == 204
    again = await eva.get(here)
    assert chosen(again) == {"brev", "syfte", "fel_person"}
    assert f">{WRITTEN}</textarea>" in again.source
    jots = {one.partition("/")[0]: one for one in again.values("jot")}
    wrong = await eva.post(again, f"{here}/withdraw", received_how="telefon", scope="mottagare", jot=jots["withdrawal"])
    assert (wrong.status, chosen(wrong)) == (422, {"telefon", "mottagare", "fel_person"})
    assert chosen(await eva.get(here)) == {"telefon", "mottagare", "fel_person"}
    gone = "0" * 32
    failed = await eva.post(again, f"/consents/{gone}/mistake", note=WRITTEN, jot=f"mistake/{gone}")
    assert failed.status == 404
    jottings = eva.page.shared.jottings
    assert (await jottings.typed("mistake", gone) or {})["note"] == [WRITTEN]
    await jottings.forget("mistake", gone)
    await eva.post(again, f"{here}/mistake", reason="fel_person", note=WRITTEN, jot=jots["mistake"])
    await eva.post(again, f"{here}/withdraw", received_how="telefon", scope="helt", jot=jots["withdrawal"])
    assert await jottings.all() == []


async def test_what_nobody_came_back_to_goes_by_the_clock(room: Room) -> None:
    """When a page opens and while it is open, and not by a clock that is off by days."""
    units, at = room
    desk, shared = units["sav/eva"].desk, at["sav/eva"].page.shared
    vault, clock = desk.context.vault, desk.context.clock

    async def age(seconds: int) -> None:
        async with vault.transaction():
            await vault.write("UPDATE jotting SET at = at - ?", seconds)

    await shared.jottings.keep("note", "aa", {"text": [WRITTEN]})
    await age(KEPT_DAYS * 86_400 - 600)
    async with visiting(desk):
        assert len(await shared.jottings.all()) == 1
    await age(1200)
    clock.heard_hub(clock.now() - 3 * 86_400)
    async with visiting(desk):
        assert len(await shared.jottings.all()) == 1
    clock.heard_hub(clock.now())
    async with visiting(desk):
        assert await shared.jottings.all() == []
    await shared.jottings.keep("note", "aa", {"text": [WRITTEN]})
    clearing = Clearing(shared.jottings, every_seconds=0.05)
    await clearing.start()
    await age(KEPT_DAYS * 86_400 + 600)
    async with asyncio.timeout(60):
        while await shared.jottings.all():  # noqa: ASYNC110 - the page's own task clears it
            await asyncio.sleep(0.05)
    await clearing.close()


def chosen(seen: Seen) -> set[str]:
    """What is chosen in the forms of a consent's page."""
    return {
        attrs["value"] for _, attrs in seen.elements
        if attrs.keys() & {"selected", "checked"} and attrs.get("name", "scope") == "scope" and attrs["value"]
    } - {"ja"}  # fmt: skip
