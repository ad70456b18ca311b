"""A hub that lies about mail: nothing wrong is shown, and nothing is lost once it behaves again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from client.engine.sessions import HubError
from hub.wire import requests, responses
from hub.wire.responses import Item
from keys.envelope import HEADER_BYTES, SLOT_BYTES
from tests.hostile.desks import Desks, accepted, alarms, quarantined, state, waiting
from tests.kit.lying_hub import LyingHub, flip_bit, swap_slots
from tests.kit.offices import CONTENTS


async def _arrives_once(desks: Desks, *documents: bytes) -> None:
    """Each document was accepted exactly once and its sender knows."""
    for document_id in documents:
        assert await accepted(desks["sav"], document_id) == 1
        assert await state(desks["sodermalm"], document_id) == "available"
    assert await waiting(desks["sodermalm"]) == 0


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lambda liar: liar.drop_requests(requests.Deposit), id="deposit-lost"),
        pytest.param(lambda liar: liar.drop_answers(requests.Deposit), id="deposit-answer-lost"),
        pytest.param(lambda liar: liar.drop_requests(requests.Fetch), id="fetch-lost"),
        pytest.param(lambda liar: liar.drop_answers(requests.Fetch), id="fetch-answer-lost"),
        pytest.param(lambda liar: liar.drop_requests(requests.Ack), id="ack-lost"),
        pytest.param(lambda liar: liar.drop_answers(requests.Ack), id="ack-answer-lost"),
    ],
)
async def test_a_broken_connection_costs_time_only(desks: Desks, lie: Callable[[LyingHub], None]) -> None:
    """Whichever message is lost on either way, the document arrives exactly once when the hub can be reached again."""
    document_id = await desks.send("sodermalm", "sav")
    lie(desks.liar)
    assert await desks.try_all() == {"HUB"}
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_a_slow_hub_is_waited_for(desks: Desks) -> None:
    """A delayed answer changes nothing."""
    document_id = await desks.send("sodermalm", "sav")
    desks.liar.delay(0.05, requests.Deposit, requests.Fetch)
    await desks.settle()
    await _arrives_once(desks, document_id)


async def test_forgotten_deposits_are_sealed_again(desks: Desks) -> None:
    """A hub that answers a deposit and stores nothing: the outbox keeps the document and seals it anew."""
    document_id = await desks.send("sodermalm", "sav")
    desks.liar.forget_deposits()
    await desks.settle()
    assert (await accepted(desks["sav"], document_id), await waiting(desks["sodermalm"])) == (0, 1)
    await desks.heal()
    await _arrives_once(desks, document_id)
    mine = [
        item.envelope for item in desks.liar.deposits if item.mailbox_id == desks.federation.units["sav"].mailbox_id
    ]
    assert len(set(mine)) == len(mine) >= 2  # never the same bytes twice


async def test_forgotten_receipts_are_told_again(desks: Desks) -> None:
    """A hub that forgets the receipt: the sender's next attempt makes the recipient tell it again."""
    document_id = await desks.send("sodermalm", "sav")
    await desks["sodermalm"].desk.sync.once()
    desks.liar.forget_deposits()
    await desks["sav"].desk.sync.once()
    assert (await accepted(desks["sav"], document_id), await waiting(desks["sodermalm"])) == (1, 1)
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_a_forgotten_refusal_is_told_again(desks: Desks) -> None:
    """The receipt of a refused document was lost: the next attempt is refused again, told again, and never shown."""
    adviser = desks["sav"].desk
    written = await desks["sodermalm"].desk.writing.write(desks.ask("sav"))
    thread_id, first = written.thread_id, written.document_id
    await desks.settle()
    order, asker = desks.ask("sav"), desks["sodermalm"].desk
    answer = type(order)(
        kind="konsultation.svar",
        to_unit=desks.unit("sodermalm"),
        content=CONTENTS["konsultation.svar"],
        thread_id=thread_id,
        reply_to=first,
    )
    await adviser.writing.write(answer)
    await desks.settle()
    async with adviser.context.vault.transaction():  # as if a third unit wrote in the thread of two others
        await adviser.context.vault.write("UPDATE thread SET unit_id = zeroblob(16) WHERE thread_id = ?", thread_id)
    more = type(order)(
        kind="konsultation.komplettering",
        to_unit=order.to_unit,
        content={"note": "Har personen barn i kommunen?"},
        thread_id=thread_id,
        reply_to=first,
    )
    document_id = (await asker.writing.write(more)).document_id
    await asker.sync.once()
    desks.liar.forget_deposits()
    await adviser.sync.once()
    assert await state(desks["sodermalm"], document_id) == "sent"
    await desks.heal()
    assert await state(desks["sodermalm"], document_id) == "refused"
    assert (await accepted(desks["sav"], document_id), await waiting(desks["sodermalm"])) == (0, 0)


async def test_a_deposit_with_a_wrong_signature_does_not_count(desks: Desks) -> None:
    """An answer that the hub's key did not sign is no answer: the identical bytes go again until one is sound."""
    document_id = await desks.send("sodermalm", "sav")
    desks.liar.sign_deposits_wrongly()
    with pytest.raises(HubError):
        await desks["sodermalm"].desk.sync.once()
    assert await state(desks["sodermalm"], document_id) == "queued"
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_an_answer_of_another_kind_does_not_count(desks: Desks) -> None:
    """200 with the answer to another question is an unknown outcome, not a deposit."""
    document_id = await desks.send("sodermalm", "sav")
    desks.liar.say(requests.Deposit, responses.Acked(1))
    assert "HUB" in await desks.try_all()
    assert await state(desks["sodermalm"], document_id) == "queued"
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_replayed_envelopes_take_effect_once(desks: Desks) -> None:
    """Served three times in one drain and again in the next, a document is accepted once and nothing is put aside."""
    document_id = await desks.send("sodermalm", "sav")
    kept: list[Item] = []

    def replay(items: list[Item]) -> list[Item]:
        kept.extend(items)
        return kept * 3

    await desks["sodermalm"].desk.sync.once()
    desks.liar.rearrange(replay)
    for _ in range(2):
        await desks["sav"].desk.sync.once()
    assert await quarantined(desks["sav"]) == []
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_reordered_envelopes_all_arrive(desks: Desks) -> None:
    """Served in the wrong order, documents of different threads all take effect and leave no gap."""
    documents = [await desks.send("sodermalm", "sav") for _ in range(3)]
    desks.liar.rearrange(lambda items: items[::-1])
    await desks.settle()
    await _arrives_once(desks, *documents)
    assert await desks["sav"].desk.context.vault.value("SELECT count(*) FROM gap") == 0


@pytest.mark.parametrize(
    ("at", "step"),
    [
        pytest.param(8, 3, id="hour"),
        pytest.param(20, 3, id="recall-hash"),
        pytest.param(HEADER_BYTES + 4 * SLOT_BYTES + 10, 3, id="content-salt"),
        pytest.param(-1, 3, id="content-end"),
    ],
)
async def test_a_flipped_bit_is_noticed(desks: Desks, at: int, step: int) -> None:
    """One bit in header or content: no slot opens, it is put aside, and the sender's next attempt arrives."""
    document_id = await desks.send("sodermalm", "sav")
    desks.liar.rearrange(lambda items: [flip_bit(item, at) for item in items])
    await desks["sodermalm"].desk.sync.once()
    await desks["sav"].desk.sync.once()
    assert await accepted(desks["sav"], document_id) == 0
    assert {found for found, _ in await quarantined(desks["sav"])} == {step}
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_garbage_is_dropped_and_counted(desks: Desks) -> None:
    """Bytes that are no envelope are not even put aside, and what comes after them is."""
    document_id = await desks.send("sodermalm", "sav")
    desks.liar.rearrange(lambda items: [*(flip_bit(item, 0) for item in items), *items])
    await desks.settle()
    assert await quarantined(desks["sav"]) == []
    assert await desks["sav"].desk.context.vault.number("dropped") >= 1
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_swapped_slots_open_nothing(desks: Desks) -> None:
    """Slots belong to their envelope: with those of another one nothing opens, though the device could open both."""
    documents = [await desks.send("sodermalm", "sav") for _ in range(2)]
    desks.liar.rearrange(lambda items: swap_slots(items[0], items[1]) if len(items) == 2 else items)
    await desks["sodermalm"].desk.sync.once()
    await desks["sav"].desk.sync.once()
    assert await quarantined(desks["sav"]) == [(3, "SLOT"), (3, "SLOT")]
    await desks.heal()
    await _arrives_once(desks, *documents)


async def test_envelopes_of_another_mailbox_open_nothing(desks: Desks) -> None:
    """What was deposited for another unit is put aside unread."""
    sodermalm = desks.federation.units["sodermalm"].mailbox_id
    document_id = await desks.send("sodermalm", "sav")
    await desks.settle()
    foreign = [item for item in desks.liar.deposits if item.mailbox_id == sodermalm]
    assert foreign  # the receipt
    desks.liar.rearrange(
        lambda items: [*items, *(responses.Waiting(1, 1, bytes(64), item.envelope) for item in foreign)]
    )
    await desks["sav"].desk.sync.once()
    assert await quarantined(desks["sav"]) == [(3, "SLOT")]
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_withheld_without_a_recall_is_not_lost(desks: Desks) -> None:
    """A hub that claims a recall shows an id and a time; the sender, who recalled nothing, seals again."""
    document_id = await desks.send("sodermalm", "sav")
    desks.liar.withhold_unrecalled()
    await desks["sodermalm"].desk.sync.once()
    await desks["sav"].desk.sync.once()
    assert await accepted(desks["sav"], document_id) == 0
    await desks.heal()
    await _arrives_once(desks, document_id)


async def test_another_incarnation_deposits_again(desks: Desks) -> None:
    """A hub that says it was restored: read from 0, deposit what has no receipt; duplicates fall out."""
    document_id = await desks.send("sodermalm", "sav")
    await desks["sodermalm"].desk.sync.once()
    before = len(desks.liar.deposits)
    desks.liar.change_incarnation(b"\x07" * 16)
    await desks["sodermalm"].desk.sync.once()
    assert len(desks.liar.deposits) == before + 1
    await desks.heal()
    await _arrives_once(desks, document_id)
    assert await quarantined(desks["sav"]) == []


async def test_numbers_that_jump_do_not_end_the_reading(desks: Desks) -> None:
    """A hub that numbers an envelope far beyond all others: once it is honest, the mailbox is read from its start."""
    first = await desks.send("sodermalm", "sav")
    desks.liar.alter(
        responses.Fetched,
        lambda page: (
            responses.Fetched(
                page.incarnation, 2**40, [responses.Waiting(2**40, i.hour, i.signature, i.envelope) for i in page.items]
            )
            if page.items
            else page
        ),
    )
    await desks.try_all()
    desks.liar.behave()
    second = await desks.send("sodermalm", "sav")
    await desks.try_all(3)
    await _arrives_once(desks, first, second)


async def test_numbers_that_stand_still_end_the_drain(desks: Desks) -> None:
    """A hub that serves the same page for ever does not keep the office busy for ever."""
    await desks.send("sodermalm", "sav")
    await desks["sodermalm"].desk.sync.once()
    kept: list[Item] = []

    def again(page: responses.Fetched) -> responses.Fetched:
        kept.extend(page.items)
        return responses.Fetched(page.incarnation, 100, kept[:1])

    desks.liar.alter(responses.Fetched, again)
    assert await desks.try_all(1) >= {"HUB"}
    assert sum(isinstance(message, requests.Fetch) for message in desks.liar.seen) < 100


async def test_a_wrong_time_stops_sending_only(desks: Desks) -> None:
    """A hub two days ahead: nothing is sent and no key goes, but what came is still read."""
    came = await desks.send("sodermalm", "sav")
    await desks["sodermalm"].desk.sync.once()
    stays = await desks.send("sav", "sodermalm")
    desks.liar.shift_time(2 * 86_400)
    assert await desks.try_all(1) == {"CLOCK"}
    assert await accepted(desks["sav"], came) == 1
    assert await state(desks["sav"], stays) == "queued"
    await desks.heal()
    await _arrives_once(desks, came)
    assert await accepted(desks["sodermalm"], stays) == 1
    assert "CLOCK" not in await alarms(desks["sav"])
