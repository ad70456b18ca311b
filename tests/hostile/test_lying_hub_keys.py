"""A hub that keeps new keys of a device from everybody else: the device sees it in the next snapshot (FORMATS 5)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from client.engine import prekeys, rounds
from hub.wire import requests, responses
from keys.codec import encode
from keys.domains import SignedType
from keys.ids import digest
from keys.log_tree import root_of
from keys.signed import parse_signed, read_payload
from keys.statements import Batch
from tests.hostile.desks import Desks, alarms
from tests.kit.keepers import kept_seeds
from tests.kit.lying_hub import Honest

HOUR = 3600


class _Committed:
    """What the hub commits to: a log that only grows, with snapshots of the batches that the liar chooses."""

    def __init__(self, desks: Desks, leaves: list[bytes]) -> None:
        self.desks = desks
        self.leaves = leaves

    def snapshot(self, batches: list[bytes], *, hours: int) -> None:
        """So many hours pass, and the next snapshot is over these batches; what is published goes no further."""
        desks, context = self.desks, self.desks["sodermalm"].desk.context
        desks.dial.turn(hours * HOUR)
        last = context.replica.directory.snapshot
        assert last is not None
        rows = sorted((_device(raw), raw) for raw in batches)
        root = root_of([device_id + digest(raw) for device_id, raw in rows])
        made = replace(last, number=last.number + 1, root=root, batches=len(rows), made_at=context.clock.now())
        self.leaves.append(desks.liar.signer.sign_object(SignedType.SNAPSHOT, encode(made)))
        desks.liar.behave()
        desks.liar.show_history(self.leaves)
        desks.liar.shift_time(int(desks.dial.offset))
        desks.liar.say(requests.PublishBatch, responses.Published(2))
        desks.liar.say(requests.ReadSnapshot, responses.SnapshotPage(made.number, batches, last=True))


def _device(raw: bytes) -> bytes:
    return read_payload(parse_signed(raw), SignedType.BATCH, Batch).device_id


def _published(desks: Desks) -> list[bytes]:
    return [message.batch for message in desks.liar.seen if isinstance(message, requests.PublishBatch)]


async def _nothing(_rounds: rounds.Rounds) -> None:
    """In place of the comparison."""


async def _long_ago(_rounds: rounds.Rounds) -> int:
    """When an earlier version published, as it would have told: never."""
    return 0


@pytest.mark.parametrize("is_compared", [True, False], ids=["compared", "control"])
async def test_rotated_keys_that_the_hub_keeps_back_are_missed(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, *, is_compared: bool
) -> None:
    """Rotated because a machine was out of sight, and the hub goes on showing others the old keys: OLDKEY in hours.

    The same keys are published again until a snapshot has them. Without the comparison nobody hears anything.
    """
    if not is_compared:
        monkeypatch.setattr(rounds.Rounds, "_check_own_batch", _nothing)
    sav, asker = (desks[key].desk for key in ("sav", "sodermalm"))
    held = [asker.context.prekeys.held(desk.context.device_id) for desk in (sav, asker)]
    old, other = (one.raw for one in held if one is not None)
    log = _Committed(desks, await desks.log_of("sodermalm"))
    desks.liar.say(requests.PublishBatch, responses.Published(2))
    before = len(_published(desks))
    await sav.sync.rotate()
    (rotated,) = _published(desks)[before:]
    made = await sav.context.vault.number(rounds._BATCH_HOUR)
    log.snapshot([old, other], hours=1)
    await desks.settle(1)
    assert "OLDKEY" not in await alarms(desks["sav"])  # that one may have been made before
    log.snapshot([old, other], hours=3)
    await desks.settle(2)
    assert ("OLDKEY" in await alarms(desks["sav"])) is is_compared
    assert "OLDKEY" not in await alarms(desks["sodermalm"])
    assert _published(desks)[before:] == ([rotated, rotated] if is_compared else [rotated])
    assert (
        await sav.context.vault.number(rounds._BATCH_HOUR) == made
    )  # published again, not younger: new keys come in time
    log.snapshot([rotated, other], hours=1)
    await desks.settle(1)
    assert "OLDKEY" not in await alarms(desks["sav"])


@pytest.mark.parametrize("is_newest", [True, False], ids=["newest", "control"])
async def test_a_hub_that_goes_back_to_old_keys_brings_nobody_back(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, *, is_newest: bool
) -> None:
    """The next snapshot commits to a batch from before a rotation: others go on sealing to the newer keys they have."""
    if not is_newest:
        monkeypatch.setattr(prekeys, "newest", lambda _known, shown: shown)
    sav, asker = (desks[key].desk for key in ("sav", "sodermalm"))
    held = [asker.context.prekeys.held(desk.context.device_id) for desk in (sav, asker)]
    old, other = (one.raw for one in held if one is not None)
    log = _Committed(desks, await desks.log_of("sodermalm"))
    await sav.sync.rotate()
    rotated = _published(desks)[-1]
    for number, shown in enumerate((rotated, old, old)):
        log.snapshot([shown, other], hours=1)
        await asker.sync.once()
        found = asker.context.prekeys.held(sav.context.device_id)
        assert found is not None
        assert (found.raw == rotated) is (number == 0 or is_newest)
    assert "SNAPSHOT" not in await alarms(desks["sodermalm"])  # the hub may have been restored: mail goes on


@pytest.mark.parametrize("is_apart", [True, False], ids=["apart", "control"])
async def test_a_hub_that_showed_new_keys_and_goes_back_is_seen(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, *, is_apart: bool
) -> None:
    """Whoever comes new would seal to the old keys: the device compares what is shown now, not the newest it saw.

    It says so at the first such snapshot, also after it was opened anew, and publishes once for each.
    """
    if not is_apart:
        known = property(lambda book: book.held(book._own))
        monkeypatch.setattr(prekeys.PrekeyBook, "shown", known)
    sav, asker = (desks[key].desk for key in ("sav", "sodermalm"))
    context = sav.context
    held = [asker.context.prekeys.held(desk.context.device_id) for desk in (sav, asker)]
    old, other = (one.raw for one in held if one is not None)
    log = _Committed(desks, await desks.log_of("sodermalm"))
    await sav.sync.rotate()
    rotated = _published(desks)[-1]
    log.snapshot([rotated, other], hours=1)
    await desks.settle(1)
    assert "OLDKEY" not in await alarms(desks["sav"])
    before = len(_published(desks))
    log.snapshot([old, other], hours=1)
    await desks.settle(3)
    assert ("OLDKEY" in await alarms(desks["sav"])) is is_apart
    assert _published(desks)[before:] == [rotated] * is_apart
    assert "OLDKEY" not in await alarms(desks["sodermalm"])
    again = await prekeys.PrekeyBook.load(context.vault, context.clock, context.replica, context.device_id)
    assert again.shown is not None
    assert (again.shown.raw == old) is is_apart
    log.snapshot([rotated, other], hours=1)
    await desks.settle(1)
    assert "OLDKEY" not in await alarms(desks["sav"])


@pytest.mark.parametrize("is_counted", [True, False], ids=["counted", "control"])
async def test_a_vault_of_an_earlier_version_is_no_false_alarm(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, *, is_counted: bool
) -> None:
    """It did not note when its keys were published: the time is counted from the first look, and then it is said."""
    if not is_counted:
        monkeypatch.setattr(rounds.Rounds, "_published_at", _long_ago)
    sav, asker = (desks[key].desk for key in ("sav", "sodermalm"))
    held = [asker.context.prekeys.held(desk.context.device_id) for desk in (sav, asker)]
    old, other = (one.raw for one in held if one is not None)
    log = _Committed(desks, await desks.log_of("sodermalm"))
    desks.liar.say(requests.PublishBatch, responses.Published(2))
    await sav.sync.rotate()
    async with sav.context.vault.transaction():
        await sav.context.vault.write("DELETE FROM meta WHERE name = ?", rounds._PUBLISHED_AT)
    log.snapshot([old, other], hours=1)
    await desks.settle(1)
    assert ("OLDKEY" in await alarms(desks["sav"])) is not is_counted
    log.snapshot([old, other], hours=3)
    await desks.settle(1)
    assert "OLDKEY" in await alarms(desks["sav"])


async def test_keys_that_a_hub_lost_are_published_again(desks: Desks) -> None:
    """The hub was restored to a time before this device: its snapshots leave it out, and it hands in what it had."""
    sav, asker = (desks[key].desk for key in ("sav", "sodermalm"))
    own = asker.context.prekeys.held(asker.context.device_id)
    assert own is not None
    log = _Committed(desks, await desks.log_of("sodermalm"))
    before = _published(desks)
    (first,) = [raw for raw in before if _device(raw) == sav.context.device_id]
    log.snapshot([own.raw], hours=3)
    await desks.settle(2)
    assert "OLDKEY" in await alarms(desks["sav"])
    assert _published(desks)[len(before) :] == [first]


async def test_a_drain_that_lasts_deletes_nothing_that_it_may_have_needed(desks: Desks) -> None:
    """The hub takes three hours over a page: keys go by when a drain began, and with the next one (FORMATS 5)."""
    desk, liar = desks["sav"].desk, desks.liar
    inbox, link = desk.sync._ways.inbox, desk.sync._link
    end = min(secret.end for secret in kept_seeds(desk.context.keeper))
    desks.dial.turn(end * HOUR - desk.context.clock.now())  # mail sealed a moment ago may still be on its way

    async def slow(message: requests.Request, honest: Honest) -> responses.Response:
        if isinstance(message, requests.Fetch):
            desks.dial.turn(3 * HOUR)
        return await honest(message)

    liar.tell(slow)
    await inbox.drain(link)
    assert end in {secret.end for secret in kept_seeds(desk.context.keeper)}
    liar.behave()
    await inbox.drain(link)
    assert end not in {secret.end for secret in kept_seeds(desk.context.keeper)}
