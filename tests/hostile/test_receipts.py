"""Receipts: none leaves at once, those for one unit leave together, and none but the recipient's lets a document go."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from client.api import commands
from client.engine import accepting, receipts
from client.engine.attempts import deposit_is_proven
from client.engine.context import Context
from hub.signer import HubSigner
from keys.codec import encode
from keys.document import Receipt, ReceiptEntry, ReceiptStatus
from keys.domains import SignedType
from keys.errors import RefusedError
from keys.ids import DeviceId, EnvelopeId, MailboxId, digest
from keys.private.identity import random_bytes
from keys.signed import parse_signed
from tests.hostile.attacked import Attacked
from tests.hostile.desks import RESEAL_SECONDS, Desks, quarantined, state, waiting
from tests.kit.forge import Forge
from tests.kit.today import CONTENTS

MEAN_SECONDS = 300
HOUR = 3600


def _deposits_for(desks: Desks, unit: str) -> int:
    mailbox_id = desks.federation.units[unit].mailbox_id
    return sum(item.mailbox_id == mailbox_id for item in desks.liar.deposits)


@pytest.mark.parametrize("mean_seconds", [MEAN_SECONDS, 0], ids=["delayed", "control-at-once"])
async def test_receipts_wait_at_random_and_leave_together(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, mean_seconds: int
) -> None:
    """Two documents are read: no receipt leaves in that minute; later one envelope has both. Undelayed they are prompt.

    A prompt answer in the other direction is what tells an observer who talks with whom.
    """
    context = desks["sav"].desk.context
    settings = msgspec.structs.replace(context.settings, receipt_mean_seconds=mean_seconds)
    object.__setattr__(context, "settings", settings)
    monkeypatch.setattr(receipts, "_random", random.Random(4))
    for _ in range(2):
        await desks.send("sodermalm", "sav")
    await desks["sodermalm"].desk.sync.once()
    before = _deposits_for(desks, "sodermalm")
    await desks["sav"].desk.sync.once()
    due = [row[0] for row in await context.vault.all("SELECT due_at FROM receipt_due WHERE due_at IS NOT NULL")]
    is_prompt = mean_seconds == 0
    assert (_deposits_for(desks, "sodermalm") > before) is is_prompt
    assert (len(set(due)), await waiting(desks["sodermalm"])) == (0 if is_prompt else 2, 2)
    desks.dial.turn(0 if is_prompt else 3000)
    await desks.settle(2)
    assert await waiting(desks["sodermalm"]) == 0
    assert _deposits_for(desks, "sodermalm") == before + 1


async def test_somebody_is_told_when_no_receipt_comes(desks: Desks) -> None:
    """A hub that swallows everything: a person is told after four hours of what is urgent, after a day of the rest."""
    desk, ask = desks["sodermalm"].desk, desks.ask("sav")
    desks.liar.forget_deposits()
    plain = (await desk.writing.write(ask)).document_id
    urgent = (await desk.writing.write(dataclasses.replace(ask, header={"priority": "akut"}))).document_id
    told = []
    for hours in (3, 2, 20):  # 3, 5 and 25 hours after they were written
        desks.dial.turn(hours * HOUR)
        desks.liar.shift_time(hours * HOUR)
        await desks.try_all(1)
        late = [one.document_id for one in await desk.context.alarms.open() if one.code == "NORECEIPT"]
        told.append(sorted(one for one in late if one is not None))
    assert told == [[], [urgent], sorted([plain, urgent])]


@pytest.mark.parametrize("what", ["", "envelope_id", "deposit_hour", "mailbox_id", "hub"])
def test_the_hour_of_a_deposit_is_the_hubs_word(what: str) -> None:
    """What a receipt quotes counts where the hub signed it for this envelope, mailbox and hour."""
    hubs = [HubSigner(bytes([number]) * 32, bytes(32)) for number in (1, 2)]
    envelope_id, mailbox_id = random_bytes(32), random_bytes(16)
    signature = hubs[0].sign_deposit(EnvelopeId(envelope_id), MailboxId(mailbox_id), 490_000)
    entry = ReceiptEntry(
        random_bytes(16), random_bytes(32), ReceiptStatus.AVAILABLE, "", 1, envelope_id, 490_000, signature
    )
    changed: dict[str, Any] = {"envelope_id": random_bytes(32), "deposit_hour": 490_001}
    if what in changed:
        entry = msgspec.structs.replace(entry, **{what: changed[what]})
    mailbox = random_bytes(16) if what == "mailbox_id" else mailbox_id
    assert deposit_is_proven(hubs[what == "hub"].pair.ed25519, entry, mailbox) is (what == "")


async def _receipt_by_a_third(desks: Desks, document_id: bytes) -> bytes:
    """The recipient's colleague in another unit knows the document's digest, and receipts it in his own name."""
    sender, third = desks["sodermalm"].desk.context, desks["telefon"].desk.context
    signed = await sender.vault.value("SELECT signed FROM document WHERE document_id = ?", document_id)
    entry = ReceiptEntry(
        document_id, parse_signed(signed).digest, ReceiptStatus.AVAILABLE, "", 1, bytes(32), 1, bytes(64)
    )
    directory = third.replica.directory
    receipt = Receipt(
        1, 1, random_bytes(16), third.unit_id, third.device_id, sender.unit_id, [DeviceId(sender.device_id)],
        third.clock.now(), directory.size, directory.tree.root(), [entry],
    )  # fmt: skip
    raw = third.keeper.sign(SignedType.RECEIPT, encode(receipt))
    return Forge(third, sender).envelope(encode([raw, b"", b"", []]))


@pytest.mark.parametrize("is_weakened", [False, True], ids=["settles", "control-anybody-settles"])
async def test_only_the_recipients_receipt_lets_a_document_go(
    desks: Desks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_weakened: bool
) -> None:
    """I4: a sound receipt by a unit that is not the recipient changes nothing; were it taken, the document would go."""
    await desks.also(tmp_path, "telefon", "Tove Ta")
    document_id = await desks.send("sodermalm", "sav")
    await desks["sodermalm"].desk.sync.once()
    raw = await _receipt_by_a_third(desks, document_id)
    if is_weakened:
        monkeypatch.setattr(receipts, "settles", lambda *_, **__: True)
    attacked = Attacked(desks["sodermalm"], Forge(desks["telefon"].desk.context, desks["sodermalm"].desk.context))
    await attacked.drain([raw])
    assert await attacked.vault.value("SELECT 1 FROM seen WHERE envelope_id = ?", digest(raw)) == 1
    kept = (await waiting(desks["sodermalm"]), await state(desks["sodermalm"], document_id))
    assert (kept == (1, "sent")) is not is_weakened


async def _dealt_with(_context: Context, _document_id: bytes) -> bool:
    """In place of what somebody did: nothing."""
    return False


async def _too_early(desks: Desks) -> dict[str, Any]:
    """An answer by sav that does not fit at sodermalm, where a document before it in the chain will never come."""
    asker, adviser = desks["sodermalm"].desk, desks["sav"].desk
    asked = await desks.send("sodermalm", "sav")
    await desks.settle(2)
    desks.liar.forget_deposits()
    lost = await desks.send("sav", "sodermalm")
    await adviser.sync.once()
    desks.liar.behave()
    async with adviser.context.vault.transaction():
        for table in ("outbox", "attempt"):
            await adviser.context.vault.write(f"DELETE FROM {table} WHERE document_id = ?", lost)  # noqa: S608
    async with asker.context.vault.transaction():  # as if a third unit wrote in the thread of two others
        await asker.context.vault.write("UPDATE thread SET unit_id = zeroblob(16)")
    content = CONTENTS["konsultation.svar"]
    reply = {"document_id": asked.hex(), "kind": "konsultation.svar", "content": content}
    answer: dict[str, Any] = await commands.run(adviser, "reply", reply)
    await desks.settle(2)
    return answer


@pytest.mark.parametrize("is_final", [True, False], ids=["final", "control-waits-for-ever"])
async def test_what_was_put_aside_and_registered_is_not_told_as_received(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, *, is_final: bool
) -> None:
    """Its number is told beside "sent"; sent again it is refused, for somebody there has dealt with it, and settled.

    Were that not the end, the sender's program would send it for ever. It gets one number.
    """
    if not is_final:
        monkeypatch.setattr(accepting, "is_dealt_with", _dealt_with)
    asker, adviser = desks["sodermalm"].desk, desks["sav"].desk
    answer = await _too_early(desks)
    document_id = bytes.fromhex(answer["document_id"])
    assert (await quarantined(desks["sodermalm"]), await state(desks["sav"], document_id)) == ([(16, "STA")], "sent")
    (found,) = await commands.run(asker, "quarantine", {})
    number = {"envelope_id": found["envelope_id"], "dnr": "SN 2026-77"}
    await commands.run(asker, "quarantine_register", number)
    with pytest.raises(RefusedError) as twice:
        await commands.run(asker, "quarantine_register", number | {"dnr": "SN 2026-78"})
    assert twice.value.code == "HASDNR"
    await desks.settle(2)
    shown = await commands.run(adviser, "thread", {"thread_id": answer["thread_id"]})
    (row,) = [one for one in shown["documents"] if one["document_id"] == answer["document_id"]]
    assert (row["state"], row["diary"], await waiting(desks["sav"])) == ("sent", "SN 2026-77", 1)
    desks.dial.turn(RESEAL_SECONDS)
    await desks.settle(2)
    ended = (await state(desks["sav"], document_id), await waiting(desks["sav"]))
    assert ended == (("refused", 0) if is_final else ("sent", 1))
