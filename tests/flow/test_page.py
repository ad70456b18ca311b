"""A handler's way through the page, without scripts: write, look once more, take back, send, answer, find again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import run
from client.engine.office import Desk, Office
from client.engine.worklist import VIEWS
from client.engine.writing import Order
from client.web import held
from keys.errors import LockedError
from tests.bench.page import fill
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.today import CONTENTS
from tests.kit.visitor import Seen, Visitor, typed, visiting

QUESTION = CONTENTS["konsultation.fraga"]
Both = tuple[Visitor, Visitor, Offices]


@pytest.fixture
async def both(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Both]:
    """``sodermalm`` and ``sav`` at their pages."""
    async with (
        Offices.open(tmp_path, hub.url, federation, {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}) as offices,
        AsyncExitStack() as stack,
    ):
        asker, adviser = [await stack.enter_async_context(visiting(offices[key].desk)) for key in ("sodermalm", "sav")]
        await asker.enter()
        await adviser.enter()
        yield asker, adviser, offices


async def draft(visitor: Visitor, kind: str, to: str) -> Seen:
    """Begin to write."""
    return await visitor.post(await visitor.get("/write"), "/drafts", kind=kind, to=to)


async def until_left(office: Office) -> None:
    """What was held is queued."""
    async with asyncio.timeout(60):
        while await office.desk.unit.drafts():  # noqa: ASYNC110 - the page's own task sends it
            await asyncio.sleep(0.05)


async def send(visitor: Visitor, office: Office, form: Seen, values: dict[str, object]) -> None:
    """Fill in, review, send, and do not wait to take it back."""
    reviewed = await visitor.post(form, form.path, typed(values), act="review")
    assert reviewed.status == 200, reviewed.text
    assert "Granska innan det skickas" in reviewed.text
    visitor.page.shared.held.undo_seconds = 0
    await visitor.post(reviewed, form.path, act="send")
    await until_left(office)


async def test_a_question_is_written_answered_and_found_again(both: Both) -> None:
    """The way of a consultation through two pages."""
    asker, adviser, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    await send(asker, offices["sodermalm"], form, QUESTION)
    await offices.settle()
    listed = await adviser.get("/?view=new")
    assert "Konsultation" in listed.text
    thread = await adviser.get(listed.links("/thread/")[0])
    assert QUESTION["situation"] in thread.text
    assert "Konsultation – svar" in thread.text
    names = ("kind", "to", "thread_id", "reply_to", "consent_id")
    first = {name: thread.values(name)[0] for name in names} | {"kind": "konsultation.svar"}
    answer = await adviser.post(thread, "/drafts", first)
    assert thread.path in answer.links("/thread/")  # what is answered can be read beside the answer
    await send(adviser, offices["sav"], answer, CONTENTS["konsultation.svar"])
    await offices.settle()
    back = await asker.get((await asker.get("/?view=new")).links("/thread/")[0])
    assert CONTENTS["konsultation.svar"]["advice"] in back.text
    word = str(CONTENTS["konsultation.svar"]["advice"]).split()[0]
    found = await asker.post(back, "/search", text=word)
    assert "1 träff" in found.text
    assert word not in found.path
    again = await asker.get(found.path)  # the way back from a hit
    assert (again.status, again.text == found.text) == (200, True)
    assert "0 träffar" in (await adviser.get(found.path)).text  # of another session


async def test_what_is_wrong_is_told_on_top_and_at_the_field_and_nothing_is_lost(both: Both) -> None:
    """422, the typed text is still there, and it is still there in the draft."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    fields = typed({**QUESTION, "situation": "Han heter 811218-9876"})
    fields.pop("content.topics")
    refused = await asker.post(form, form.path, fields, act="review")
    assert refused.status == 422
    assert "Det här behöver rättas" in refused.text
    assert {"#f-content-topics"} <= set(refused.links("#f-"))
    assert "811218-9876" in (await asker.get(form.path)).source


async def test_a_document_can_be_taken_back_before_it_leaves(both: Both) -> None:
    """Undo: nothing was queued, the draft is there again."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    reviewed = await asker.post(form, form.path, typed(QUESTION), act="review")
    leaving = await asker.post(reviewed, form.path, act="send")
    undone = await asker.post(leaving, form.path, act="undo")
    assert "skickades inte" in undone.text
    office = offices["sodermalm"]
    await asker.page.shared.held.send_due()
    assert await office.desk.context.vault.value("SELECT count(*) FROM document") == 0
    assert len(await office.desk.unit.drafts()) == 1


async def test_a_draft_leaves_once_though_two_send_it(both: Both) -> None:
    """Queueing and throwing the draft away are one step: the second time it is not there any more."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    reviewed = await asker.post(form, form.path, typed(QUESTION), act="review")
    waiting, office = asker.page.shared.held, offices["sodermalm"]
    await waiting.close()  # its own task does not look
    waiting.undo_seconds = 0
    await asker.post(reviewed, form.path, act="send")
    await asyncio.gather(waiting.send_due(), waiting.send_due(), waiting.send_due())
    assert await office.desk.context.vault.value("SELECT count(*) FROM document") == 1


async def test_only_what_was_looked_at_is_sent(both: Both) -> None:
    """Another tab, or a colleague, changes the draft after the review: it is shown again, and has not left."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    reviewed = await asker.post(form, form.path, typed(QUESTION), act="review")
    asker.page.shared.held.undo_seconds = 0
    await asker.post(form, form.path, typed({**QUESTION, "situation": "En annan text."}), act="autosave")
    again = await asker.post(reviewed, form.path, act="send")
    assert "Utkastet har ändrats sedan du granskade det" in again.text
    assert "En annan text." in again.text
    await asker.page.shared.held.send_due()
    assert len(await offices["sodermalm"].desk.unit.drafts()) == 1
    assert "Granska innan" not in (await asker.post(again, form.path, act="send")).text
    await until_left(offices["sodermalm"])


async def test_nobody_hears_that_a_document_was_taken_back_which_leaves(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pressed while it is being sealed: the answer waits, and tells what became of it."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    reviewed = await asker.post(form, form.path, typed(QUESTION), act="review")
    page_held, sealing, pressed = asker.page.shared.held, asyncio.Event(), asyncio.Event()
    await page_held.close()
    page_held.undo_seconds = 0
    leaving = await asker.post(reviewed, form.path, act="send")
    real = held.send

    async def slowly(*args: Any, **more: Any) -> dict[str, Any]:
        sealing.set()
        await pressed.wait()
        return await real(*args, **more)

    monkeypatch.setattr(held, "send", slowly)
    sending = asyncio.create_task(page_held.send_due())
    await sealing.wait()
    undoing = asyncio.create_task(asker.post(leaving, form.path, act="undo"))
    await asyncio.wait([undoing], timeout=1)
    pressed.set()
    await sending
    assert "hade redan lämnat utkasten" in (await undoing).text
    assert await offices["sodermalm"].desk.context.vault.value("SELECT count(*) FROM document") == 1


async def test_what_fails_once_does_not_keep_the_rest_from_leaving(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault where nobody thought of one; and keys that lock in that very moment are no refusal."""
    asker, _, offices = both
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    reviewed = await asker.post(form, form.path, typed(QUESTION), act="review")
    faults: list[Exception] = [RuntimeError("fault"), OSError(28, "full"), LockedError("LOCKEDKEYS")]
    real = held.send

    async def failing(desk: Desk, sheet: Any, **more: Any) -> dict[str, Any]:
        if faults and not more.get("only_check"):
            raise faults.pop(0)
        return await real(desk, sheet, **more)

    monkeypatch.setattr(held, "send", failing)
    asker.page.shared.held.undo_seconds = 0
    await asker.post(reviewed, form.path, act="send")
    await until_left(offices["sodermalm"])
    assert faults == []


async def test_the_views_count_what_is_there(both: Both) -> None:
    """New and waiting at the two ends, and the note stays in the unit."""
    asker, adviser, offices = both
    await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
    await offices.settle()
    mine, theirs = await asker.get("/?view=waiting"), await adviser.get("/?view=new")
    assert len(mine.links("/thread/")) == len(theirs.links("/thread/")) == 1
    thread = await adviser.get(theirs.links("/thread/")[0])
    noted = await adviser.post(thread, thread.path, act="note", text="Ring först.")
    assert "Ring först." in noted.text
    taken = await adviser.post(noted, thread.path, act="take")
    assert "Eva Ek" in taken.text
    assert len((await adviser.get("/?view=mine")).links("/thread/")) == 1
    assert (await adviser.get("/?view=new")).links("/thread/") == []


async def test_reminders_are_seen_and_put_away(both: Both) -> None:
    """A question that nobody has fetched is told on the first page, with the unit; seen, it is gone."""
    asker, _, offices = both
    office = offices["sodermalm"]
    form = await draft(asker, "konsultation.fraga", offices.unit("sav").hex())
    await send(asker, office, form, QUESTION)
    async with office.desk.context.vault.transaction():  # a fortnight ago
        await office.desk.context.vault.write("UPDATE thread_event SET at = at - 1209600")
        await office.desk.context.vault.write("INSERT OR IGNORE INTO clock_stale SELECT thread_id FROM thread")
    assert "1 påminnelse" in (await asker.get("/")).text
    listed = await asker.get("/reminders")
    assert "Frågan ska nå mottagaren" in listed.text
    assert "Har gått ut" in listed.text
    assert "Sav" in listed.text
    done = await asker.post(listed, "/reminders", reminder_id=listed.values("reminder_id")[0])
    assert "Påminnelsen är undanlagd" in done.text
    assert "Här finns inget just nu." in done.text
    assert "påminnelse" not in (await asker.get("/")).text


async def test_the_counts_are_those_of_the_lists(both: Both) -> None:
    """Every view holds as many threads as its tab says, whatever their states, holders and deadlines."""
    _, adviser, offices = both
    desk = offices["sav"].desk
    await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
    await offices.settle()
    await fill(desk, 45, open_share=0.6)
    listed = {view: (await run(desk, "work", {"view": view})) for view in VIEWS}
    counts = listed["all"]["counts"]
    assert {view: len(one["rows"]) for view, one in listed.items()} == counts
    assert counts["all"] == 49  # three of them are closings
    assert 0 < counts["mine"] < counts["all"]
    assert 0 < counts["open"] < counts["all"]
    assert f"Alla {counts['all']}" in (await adviser.get("/?view=all")).text
    await narrowed(desk, adviser, listed["all"])


async def narrowed(desk: Desk, visitor: Visitor, everything: dict[str, Any]) -> None:
    """The list holds what it is narrowed to, in the order asked for; the page's address tells neither."""
    rows, own = everything["rows"], desk.context.device_id.hex()
    states = everything["states"]
    assert len(states) > 1
    units = dict(everything["units"])
    wanted = [("state", state, [row for row in rows if row["state_label"] == state]) for state in states]
    wanted += [("unit", unit, [row for row in rows if row["unit"] == name]) for unit, name in units.items()]
    wanted += [("holder", own, [row for row in rows if row["own"]])]
    wanted += [("holder", "none", [row for row in rows if row["holder"] is None])]
    home = await visitor.get("/")
    for name, value, expected in wanted:
        found = (await run(desk, "work", {"view": "all", name: value}))["rows"]
        assert [row["thread_id"] for row in found] == [row["thread_id"] for row in expected], (name, value)
        assert 0 < len(found) < len(rows) or name == "unit"
    for name, column in (("state", "state_label"), ("unit", "unit"), ("holder", "holder")):
        found = (await run(desk, "work", {"view": "all", "order": name}))["rows"]
        values = [row[column] for row in found]
        assert values == sorted(values, key=lambda one: (one is None, (one or "").casefold())), name
    _, state, expected = wanted[0]
    seen = await visitor.post(home, "/", view="all", state=state, order="unit")
    assert set(seen.links("/thread/")) == {f"/thread/{row['thread_id']}" for row in expected}
    assert state not in seen.path
    assert {state, "unit"} <= {attrs.get("value") for _, attrs in seen.elements if "selected" in attrs}
    elsewhere = await visitor.post(seen, "/", view="all", state="Ett läge som inget ärende har")
    assert len(elsewhere.links("/thread/")) == len(rows)  # of another life cycle than the one chosen now: all of it


async def test_a_contact_of_the_unit_is_passed_on_to_another_one(both: Both) -> None:
    """From its thread: whom it goes to is chosen first, and that is never the unit itself; then comes the form."""
    asker, _, offices = both
    desk, own = offices["sodermalm"].desk, offices.unit("sodermalm").hex()
    content = {**CONTENTS["intag.kontakt"], "return_code_check": None}
    contact = await desk.writing.write(Order(kind="intag.kontakt", to_unit=desk.context.unit_id, content=content))
    thread = await asker.get(f"/thread/{contact.thread_id.hex()}")
    part = {"kind": "intag.formedling", "thread_id": contact.thread_id.hex()}
    offered = await asker.post(thread, "/drafts", part, to=own, reply_to=contact.document_id.hex())
    assert own not in offered.values("to")
    assert offices.unit("sav").hex() in offered.values("to")
    assert set(offered.values("thread_id")) == {contact.thread_id.hex()}
    form = await asker.post(offered, "/drafts", part, to=offices.unit("sav").hex())
    assert form.path.startswith("/draft/")
    assert f"Till {desk.context.book.unit(offices.unit('sav')).card.name_sv}" in form.text
