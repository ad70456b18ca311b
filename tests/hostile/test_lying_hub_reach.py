"""A hub that lies about where it is, or about recalls: the client follows nowhere and claims no false recall."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from client.engine.sessions import HubError, Session
from client.engine.writing import Order, Written
from hub.wire import requests, responses
from hub.wire.frame import frame
from hub.wire.limits import WAKE_PATH
from tests.flow.test_withdrawal import _now
from tests.hostile.desks import RESEAL_SECONDS, Desks, accepted, quarantined, state
from tests.kit.offices import CONTENTS, PERSON_BLOCK


@contextlib.asynccontextmanager
async def _server(reply: web.StreamResponse | None, location: str = "") -> AsyncIterator[tuple[str, list[str]]]:
    """A server that redirects everything, or answers every frame; also what it was asked for."""
    asked: list[str] = []

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        if reply is not None:
            return web.Response(body=frame(responses.Acked(1)))
        return web.Response(status=307, headers={"Location": location + request.path})

    runner = web.ServerRunner(web.Server(serve, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def test_a_redirect_is_not_followed() -> None:
    """Neither a frame with its bearer nor the wake connection goes where the hub sends it."""
    async with _server(web.Response()) as (target, asked), _server(None, target) as (url, _):
        session = Session(url, connections=1)
        with pytest.raises(HubError):
            await session.call(requests.Status(bytes(32)))
        with pytest.raises(HubError):
            await session.websocket(WAKE_PATH)
        await session.close()
        assert asked == []


async def test_a_pretended_recall_is_made_good(desks: Desks) -> None:
    """The hub says withheld and serves the envelope: the withdrawal reaches the recipient before it, and blocks it."""
    sender, document_id = desks["sav"].desk, (await _request(desks)).document_id
    await sender.sync.once()
    desks.liar.pretend_recall()
    held = (await sender.consents.all())[0]
    content = {"scope": "helt", "received_how": "telefon", "at": _now()}
    await sender.withdrawing.withdraw(held.consent_id, content, sender.writing)
    await sender.sync.once()
    assert await state(desks["sav"], document_id) == "recalled"
    await desks["sodermalm"].desk.sync.once()
    assert await accepted(desks["sodermalm"], document_id) == 0
    assert await desks["sodermalm"].desk.context.vault.value("SELECT count(*) FROM withdrawal") == 1
    await desks.heal()
    assert await state(desks["sav"], document_id) == "refused"  # the receipt tells that it was there, and stopped


@pytest.mark.parametrize("late", [0, 1])
async def test_a_recall_that_came_too_late_for_one_attempt_is_none(desks: Desks, late: int) -> None:
    """Sealed twice, one of the two was fetched: the sender does not read "recalled", whichever is answered last."""
    sender, document_id = desks["sav"].desk, (await _request(desks)).document_id
    await sender.sync.once()
    desks.dial.turn(RESEAL_SECONDS)
    await sender.sync.once()
    answers = [responses.RecallIs(withheld=number != late) for number in range(2)]

    async def lie(message: requests.Request, honest: object) -> responses.Response:
        if isinstance(message, requests.Recall) and answers:
            return answers.pop(0)
        return await honest(message)  # type: ignore[operator, no-any-return]

    desks.liar.tell(lie)  # type: ignore[arg-type]
    held = (await sender.consents.all())[0]
    content = {"scope": "helt", "received_how": "telefon", "at": _now()}
    await sender.withdrawing.withdraw(held.consent_id, content, sender.writing)
    await sender.sync.once()
    assert answers == []
    assert await state(desks["sav"], document_id) == "sent"


async def _request(desks: Desks) -> Written:
    """A handover of a person from sav to sodermalm, queued with its consent."""
    sender = desks["sav"].desk
    held = sender.consents.sign(desks.consent_fields("sav", ["sav", "sodermalm", "bops"]))
    async with sender.context.vault.transaction():
        await sender.consents.keep(held)
    content = CONTENTS["overlamnande.forfragan"] | {"interim_responsible": desks.unit("sav").hex()}
    order = Order(
        kind="overlamnande.forfragan",
        to_unit=desks.unit("sodermalm"),
        content=content,
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
    )
    return await sender.writing.write(order)


async def test_what_comes_before_its_question_waits_for_it(desks: Desks) -> None:
    """The hub serves the recall of a handover before the handover: nobody is told "refused", both arrive."""
    sender, written = desks["sav"].desk, await _request(desks)
    await sender.sync.once()
    recall = Order(
        kind="overlamnande.aterkallat",
        to_unit=desks.unit("sodermalm"),
        content=CONTENTS["overlamnande.aterkallat"],
        thread_id=written.thread_id,
        reply_to=written.document_id,
    )
    second = (await sender.writing.write(recall)).document_id
    await sender.sync.once()
    desks.liar.rearrange(lambda items: items[1:])
    await desks["sodermalm"].desk.sync.once()
    assert await quarantined(desks["sodermalm"]) == [(16, "STA")]
    await desks["sav"].desk.sync.once()
    assert await state(desks["sav"], second) == "sent"
    await desks.heal()
    for document_id in (written.document_id, second):
        assert await accepted(desks["sodermalm"], document_id) == 1
        assert await state(desks["sav"], document_id) == "available"
    assert await desks["sodermalm"].desk.context.vault.value("SELECT count(*) FROM gap") == 0
