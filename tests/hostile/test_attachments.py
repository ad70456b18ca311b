"""Files under attack: a hub that alters, exchanges, cuts off or withholds blobs, and a sender who lies about a file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from client.engine.unit_sync.lending import ALARM_TRIES
from client.engine.writing import Written
from hub.stores import BLOBS_NAME
from hub.wire.frame import frame
from hub.wire.requests import FindBlobs, GetBlob, PutBlob, Request
from hub.wire.responses import BlobIs, BlobPut, BlobsFound, Response
from keys.attachment import BLOB_BYTES
from keys.codec import encode
from keys.document import Attachment, Content
from keys.errors import LocalError
from keys.ids import digest
from tests.faults.bits import turn
from tests.hostile.attacked import Attacked
from tests.kit.attached import PDF, plain, send, state, states, try_at_once
from tests.kit.federation import Federation
from tests.kit.forge import Forge
from tests.kit.hub_process import HubProcess
from tests.kit.lying_hub import LyingHub
from tests.kit.offices import Offices

STAFF = {"sav": "Eva Ek", "bops": "Pia Po"}
pytestmark = pytest.mark.asyncio(loop_scope="module")
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(document.cookie)</script></svg>"
HTML = b"<!DOCTYPE html><script>fetch('/')</script>"
Honest = Callable[[Request], Awaitable[Response]]


class Attack:
    """Two offices and the hub between them, which lies when it is told to."""

    offices: Offices
    liar: LyingHub
    folder: Path

    async def send(self, data: bytes, **lies: object) -> Written:
        """Send one file from ``sav`` to ``bops``, and let both sync."""
        written = await send(self.offices, self.folder, {"a.pdf": data}, **lies)
        await self.offices.settle(1)
        return written

    async def seen(self, written: Written) -> list[str]:
        """How the file stands at ``bops``, after another try."""
        await try_at_once(self.offices["bops"].desk)
        await self.offices.settle(1)
        return await states(self.offices["bops"].desk, written)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_attack(
    module_hub: HubProcess, module_federation: Federation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Attack]:
    """One for all tests here: each sends documents of its own."""
    made, path = Attack(), tmp_path_factory.mktemp("attack")
    async with (
        LyingHub.open(module_hub.url, module_federation) as liar,
        Offices.open(path, liar.url, module_federation, STAFF) as offices,
    ):
        made.offices, made.liar, made.folder = offices, liar, path
        yield made


@pytest.fixture
def attack(module_attack: Attack) -> Attack:
    """Everybody behaves so far, and nothing was said."""
    module_attack.liar.behave()
    module_attack.liar.seen.clear()
    return module_attack


def _flipped(blob: bytes) -> bytes:
    return blob[:5000] + bytes([blob[5000] ^ 1]) + blob[5001:]


#: What the hub gives instead of a blob, from the right one and from another one -> the code that is shown meanwhile.
LIES: dict[str, tuple[Callable[[bytes, bytes], bytes], str]] = {
    "a bit": (lambda right, _other: _flipped(right), "BLOBBAD"),
    "cut off": (lambda right, _other: right[:-1], "BLOBBAD"),
    "one byte": (lambda _right, _other: b"x", "BLOBBAD"),
    "another of the same file": (lambda _right, other: other, "BLOBBAD"),
    "zeros": (lambda _right, _other: bytes(BLOB_BYTES), "BLOBBAD"),
    "withheld": (lambda _right, _other: b"", "BLOBGONE"),
}


async def test_a_hub_that_lies_about_blobs_only_delays(attack: Attack) -> None:
    """Each lie is told with its code, nothing is shown or receipted; when the hub gives the truth all is well."""
    bops = attack.offices["bops"].desk
    for name, (lie, code) in LIES.items():
        data = PDF + os.urandom(600_000)
        given: list[bytes] = []

        async def answer(message: Request, honest: Honest, lie: object = lie, given: list[bytes] = given) -> Response:
            real = await honest(message)
            if not isinstance(real, BlobIs):
                return real
            given.append(real.blob)
            if len(given) < 3:  # the index and a first blob are true
                return real
            return BlobIs(lie(real.blob, given[1]))  # type: ignore[operator]

        attack.liar.tell(answer)
        written = await attack.send(data)
        assert await attack.seen(written) == [f"coming {code}"], name
        with pytest.raises(LocalError, match="ATTWAIT"):
            await bops.attachments.ready(written.document_id, 0)
        assert await state(attack.offices["sav"].desk, written) == "sent", name
        for _ in range(ALARM_TRIES if code == "BLOBGONE" else 0):
            await attack.seen(written)
        assert await _alarms(attack, written) == [code], name
        attack.liar.behave()
        assert await attack.seen(written) == ["here"], name
        assert await plain(bops, written) == data
        await attack.offices.settle(1)
        assert await state(attack.offices["sav"].desk, written) == "available", name
        assert await _alarms(attack, written) == [], name


async def _alarms(attack: Attack, written: Written) -> list[str]:
    alarms = await attack.offices["bops"].desk.context.alarms.open()
    return [one.code for one in alarms if one.document_id == written.document_id]


async def test_a_hub_that_only_says_it_has_the_blobs_or_hangs_up_is_found_out(attack: Attack) -> None:
    """No receipt comes; when the document is sealed anew the hub is asked again, and what it lacks is put."""

    async def has_all(message: Request, honest: Honest) -> Response:
        match message:
            case FindBlobs():
                return BlobsFound(b"\x01" * (len(message.names) // 32))
            case PutBlob():
                return BlobPut(message.hour)
            case _:
                return await honest(message)

    attack.liar.tell(has_all)
    written = await attack.send(PDF + b"x")
    sav = attack.offices["sav"].desk
    assert await attack.seen(written) == ["coming BLOBGONE"]
    assert await state(sav, written) == "sent"
    attack.liar.behave()
    async with sav.context.vault.transaction():
        await sav.context.vault.write("UPDATE outbox SET next_at = 0")
    await sav.sync.once()
    await sav.sync.once()
    assert await attack.seen(written) == ["here"]
    await _lost_answers(attack)


async def test_a_blob_that_was_altered_on_the_hubs_disk_is_put_again(attack: Attack, module_hub: HubProcess) -> None:
    """The hub lets go of it when it is asked for; when the document is sealed anew its sender finds it lacking."""
    data, blobs = PDF + os.urandom(600_000), module_hub.data / BLOBS_NAME
    there = set(blobs.glob("??/*"))
    written = await send(attack.offices, attack.folder, {"a.pdf": data})
    sav = attack.offices["sav"].desk
    await sav.sync.once()
    turn(min(set(blobs.glob("??/*")) - there), 8 * 5000)
    assert await attack.seen(written) == ["coming BLOBGONE"]
    async with sav.context.vault.transaction():
        await sav.context.vault.write("UPDATE outbox SET next_at = 0")
    await attack.offices.settle(1)
    assert await attack.seen(written) == ["here"]
    assert await plain(attack.offices["bops"].desk, written) == data


async def _lost_answers(attack: Attack) -> None:
    """The hub has a blob and hangs up: the sender goes on where it was, and nothing is put twice."""
    attack.liar.seen.clear()
    attack.liar.drop_answers(PutBlob)
    written = await send(attack.offices, attack.folder, {"a.pdf": PDF + b"x"})
    with pytest.raises(LocalError, match="HUB"):
        await attack.offices["sav"].desk.sync.once()
    attack.liar.behave()
    await attack.offices.settle(2)
    assert await states(attack.offices["bops"].desk, written) == ["here"]
    puts = [one for one in attack.liar.seen if isinstance(one, PutBlob)]
    assert len(puts) == len({digest(one.blob) for one in puts})
    assert not [one for one in attack.liar.seen if isinstance(one, GetBlob) and one.name not in _names(puts)]


def _names(puts: list[PutBlob]) -> set[bytes]:
    return {digest(one.blob) for one in puts}


async def test_a_sender_who_lies_about_a_file_is_refused_and_told(attack: Attack) -> None:
    """Markup that calls itself a picture or a PDF, and a file that is not the one signed for, are never shown.

    The sender learns the code; the document stands, for it was signed.
    """
    png = {"media_type": "image/png", "file_name": "bild.png"}
    lies: list[tuple[bytes, dict[str, object], str]] = [
        (SVG, png, "ATTTYPE"),
        (HTML, {"media_type": "application/pdf", "file_name": "beslut.pdf"}, "ATTTYPE"),
        (b"MZ\x90\x00", png, "ATTTYPE"),
        (PDF, {"sha256": bytes(32)}, "ATTBAD"),
        (PDF, {"size_bytes": len(PDF) + 1}, "ATTBAD"),
    ]
    sav, bops = attack.offices["sav"].desk, attack.offices["bops"].desk
    for data, lie, code in lies:
        written = await attack.send(data, **lie)
        assert await attack.seen(written) == [f"refused {code}"]
        with pytest.raises(LocalError, match=code):
            await bops.attachments.save(written.document_id, 0, attack.folder / "ut")
        assert not (attack.folder / "ut").exists()
        assert not bops.attachments.files.is_here((await bops.attachments.of(written.document_id))[0].file_id)
        await attack.offices.settle(1)
        assert await state(sav, written) == "refused"
        told = await sav.context.vault.value("SELECT code FROM document WHERE document_id = ?", written.document_id)
        assert told == code
    wanted = {one.name for one in attack.liar.seen if isinstance(one, GetBlob)}
    index = (await bops.attachments.of(written.document_id))[0].digest
    assert index in wanted  # of a file whose size is another than was signed nothing but the index is fetched
    last = [one for one in attack.liar.seen if isinstance(one, PutBlob)][-2:]
    assert len({digest(one.blob) for one in last} & wanted) == 1
    await _lists_that_differ(attack)


async def _lists_that_differ(attack: Attack) -> None:
    """A document that signs for files its header does not list, or brings keys for none, is refused by check 16."""
    sav, bops = attack.offices["sav"].desk, attack.offices["bops"].desk
    attacked = Attacked(attack.offices["bops"], Forge(sav.context, bops.context))
    signed = attacked.forge.letter(payload={"attachments": [Attachment(bytes(32), 5)]})
    assert await attacked.outcome(attacked.forge.envelope(signed)) == (16, "SCH")
    plain_letter = attacked.forge.letter()
    with_key = encode(Content(plain_letter.signed, plain_letter.salt, plain_letter.body, [bytes(32)]))
    assert await attacked.outcome(attacked.forge.envelope(with_key)) == (16, "SCH")
    assert await attacked.outcome(attacked.forge.envelope(attacked.forge.letter())) == ("accepted",)


async def test_blobs_say_nothing_of_their_file(attack: Attack) -> None:
    """What the hub gets of one file in two documents has nothing in common but the mailbox, and one size on the wire.

    No name, hash, id or sender is in it.
    """
    data = PDF + b"Ett utdrag ur registret. " * 20_000
    written = [await attack.send(data) for _ in range(2)]
    puts = {digest(one.blob): one for one in attack.liar.seen if isinstance(one, PutBlob)}
    assert len(puts) == 2 * (2 + 1)
    assert len({one.drop_hash for one in puts.values()}) == len(puts)
    assert {len(frame(one)) for one in puts.values()} == {BLOB_BYTES + 1024}  # that of the largest envelope
    sender = attack.offices["sav"].desk.context
    needles = [hashlib.sha256(data).digest(), data[:24], b"a.pdf", sender.unit_id, sender.device_id]
    needles += [one for document in written for one in (document.document_id, document.thread_id)]
    for one in puts.values():
        assert not [needle for needle in needles if needle in frame(one)]


async def test_what_is_altered_on_the_own_disk_is_not_given_out(attack: Attack) -> None:
    """A flipped bit, a file that was cut off or taken away: refused when it is saved, and nothing of it stays."""
    written = await attack.send(PDF + os.urandom(300_000))
    bops = attack.offices["bops"].desk
    assert await attack.seen(written) == ["here"]
    (one,) = await bops.attachments.of(written.document_id)
    path, target = bops.attachments.files.path(one.file_id), attack.folder / "ut"
    right = path.read_bytes()
    at = BLOB_BYTES + 20_000
    for wrong, code in (
        (right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :], "ATTBAD"),
        (right[: 2 * BLOB_BYTES], "ATTLACK"),
        (b"", "ATTLACK"),
    ):
        path.write_bytes(wrong)
        with pytest.raises(LocalError, match=code):
            await bops.attachments.save(written.document_id, 0, target)
        assert not target.exists()
    path.write_bytes(right)
    assert (await bops.attachments.save(written.document_id, 0, target)).exists()
