"""A hub that lies about the directory log or about prekeys: it is caught, evidence is kept, nothing is sealed."""

from __future__ import annotations

import pytest

from client.api.commands import run
from client.engine import prekeys
from client.engine.office import Office
from client.engine.trust import ForkError
from hub.signer import HubSigner
from hub.wire import requests, responses
from keys.codec import encode
from keys.document import Document
from keys.domains import SignedType
from keys.errors import LocalError, SlussError, TrustError
from keys.evidence import Evidence, Outcome, View, judge, parse_evidence
from keys.log_tree import LogTree
from keys.private.identity import new_secret, random_bytes, sign_object
from keys.private.keeper import enrol_request, new_ring
from keys.signed import parse_signed, read_payload
from keys.statements import Batch, Device
from tests.hostile.desks import Desks, accepted, alarms, state, waiting
from tests.kit.keepers import kept_seeds
from tests.kit.lying_hub import Honest

HOUR = 3600


async def kept(office: Office) -> Evidence:
    """What an office kept of its fork."""
    return parse_evidence(await office.desk.context.vault.value("SELECT evidence FROM alarm WHERE code = 'FORK'"))


async def judged(office: Office) -> Outcome:
    """What somebody who knows the hub's key, and nothing else, says of that."""
    context = office.desk.context
    return judge(await kept(office), name=context.hub_id.hex(), ed25519=context.hub_key())


async def _fork_is_seen(desks: Desks, document_id: bytes, *, shown: Outcome = Outcome.FORK) -> None:
    """FORK at the asker: evidence kept, nothing sent now or later, though the hub behaves again."""
    asker = desks["sodermalm"]
    size = asker.desk.context.replica.directory.size
    with pytest.raises(ForkError):
        await asker.desk.sync.once()
    assert "FORK" in await alarms(asker)
    assert await judged(asker) is shown
    desks.liar.behave()
    for _ in range(2):
        with pytest.raises(ForkError):
            await asker.desk.sync.once()
    assert asker.desk.context.replica.directory.size == size
    assert await state(asker, document_id) == "queued"
    assert not [item for item in desks.liar.deposits if item.mailbox_id == desks.federation.units["sav"].mailbox_id]


async def test_another_history_of_the_same_length_is_a_fork(desks: Desks) -> None:
    """A checkpoint that the hub signed over another last leaf."""
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.log_of("sodermalm")
    desks.liar.show_history([*leaves[:-1], b"another leaf"])
    await _fork_is_seen(desks, document_id)


async def test_a_longer_other_history_is_a_fork(desks: Desks) -> None:
    """A checkpoint over more leaves, of which an early one differs."""
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.log_of("sodermalm")
    desks.liar.show_history([*leaves[:2], b"another leaf", *leaves[3:], b"one more"])
    await _fork_is_seen(desks, document_id)


async def test_a_shorter_history_is_a_fork(desks: Desks) -> None:
    """A checkpoint over fewer leaves than the device holds: the log was cut. Others cannot tell which note is newer."""
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.log_of("sodermalm")
    desks.liar.show_history(leaves[:-1])
    await _fork_is_seen(desks, document_id, shown=Outcome.CONSISTENT)


async def test_a_shorter_other_history_is_a_fork(desks: Desks) -> None:
    """Fewer leaves, and an early one differs: the path comes from the office's own log."""
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.log_of("sodermalm")
    desks.liar.show_history([*leaves[:2], b"another leaf", *leaves[3:-1]])
    await _fork_is_seen(desks, document_id)


async def test_a_fork_whose_log_is_withheld_is_still_a_fork(desks: Desks) -> None:
    """A note over more leaves than the hub hands over again: the office stops, and its file alone shows nothing.

    Whoever has the log that the hub showed, and hid from this office, can judge it.
    """
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.log_of("sodermalm")
    desks.liar.show_history([*leaves[:2], b"another leaf", *leaves[3:], b"one more"])

    async def lie(message: requests.Request, honest: Honest) -> responses.Response:
        from_start = isinstance(message, requests.ReadLog) and message.start == 0
        return responses.Leaves(0, len(leaves), []) if from_start else await honest(message)

    desks.liar.tell(lie)
    await _fork_is_seen(desks, document_id, shown=Outcome.OPEN)
    office, shown, own = desks["sodermalm"], LogTree(), desks["sodermalm"].desk.context.replica.directory.tree
    for leaf in [*leaves[:2], b"another leaf", *leaves[3:], b"one more"]:
        shown.append(leaf)
    key = {"name": office.desk.context.hub_id.hex(), "ed25519": office.desk.context.hub_key()}
    evidence = await kept(office)
    assert (judge(evidence, **key, log=shown), judge(evidence, **key, log=own)) == (Outcome.FORK, Outcome.OPEN)


@pytest.mark.parametrize("lie", ["fork", "leaf", "keys"])
async def test_reading_goes_on_in_a_dispute(desks: Desks, lie: str) -> None:
    """Fork, refused leaf or other keys: nothing is sent, but what waits is read, for a withdrawal may be among it."""
    came = await desks.send("sav", "sodermalm")
    await desks["sav"].desk.sync.once()
    stays = await desks.send("sodermalm", "sav")
    leaves = await desks.log_of("sodermalm")
    if lie == "keys":
        desks.liar.alter_batches(lambda _: None)
        async with desks["sodermalm"].desk.context.vault.transaction():
            await desks["sodermalm"].desk.context.vault.set_number("snapshot_number", 0)
    else:
        desks.liar.show_history([*leaves[:-1], b"other"] if lie == "fork" else [*leaves, b"unsigned"])
    with pytest.raises(SlussError) as caught:
        await desks["sodermalm"].desk.sync.once()
    assert caught.value.code == {"fork": "FORK", "leaf": "LOG", "keys": "SNAPSHOT"}[lie]
    assert await accepted(desks["sodermalm"], came) == 1
    assert await state(desks["sodermalm"], stays) == "queued"


async def test_a_note_by_another_key_is_nothing(desks: Desks) -> None:
    """A checkpoint that the hub's key did not sign is no evidence of a fork, and nothing is taken from it."""
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.log_of("sodermalm")
    stranger = new_secret()
    signer = HubSigner(stranger.ed25519_seed, stranger.mldsa_seed)
    shown = leaves[:-1]
    desks.liar.show_history(shown, note=desks.liar.note(shown, signer))
    assert await desks.try_all(1) == {"LOG"}
    assert "FORK" not in await alarms(desks["sodermalm"])
    await desks.heal()
    assert await accepted(desks["sav"], document_id) == 1


def _intruder(desks: Desks, *, signed: str) -> bytes:
    """A device of sav that no officer approved."""
    directory = desks.federation.directory
    unit = desks.federation.units["sav"]
    ring = new_ring(directory.profile)
    stranger = new_secret()
    known = desks["sav"].desk.context.replica.directory.devices[desks["sav"].desk.context.device_id].statement
    device = Device(
        1, 1, directory.federation, unit.unit_id, ring.device_id, enrol_request(ring, known.issued_at),
        known.staff_label, known.not_before, known.not_after, known.issued_at,
    )  # fmt: skip
    if signed == "by-the-hub":
        return desks.liar.signer.sign_object(SignedType.DEVICE, encode(device))
    return sign_object(stranger, random_bytes(32), SignedType.DEVICE, encode(device))


@pytest.mark.parametrize("signed", ["by-the-hub", "by-a-stranger"])
async def test_a_device_that_nobody_approved_does_not_get_in(desks: Desks, signed: str) -> None:
    """A leaf that the hub committed to but the rules refuse: LOG alarm with the leaf, the replica stays before it."""
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.liar.history()
    leaf = _intruder(desks, signed=signed)
    desks.liar.show_history([*leaves, leaf])
    assert await desks.try_all() == {"LOG"}
    for office in desks.values():
        assert "LOG" in await alarms(office)
        assert office.desk.context.replica.directory.size == len(leaves)
        kept = await office.desk.context.vault.value("SELECT evidence FROM alarm WHERE code = 'LOG'")
        assert kept == leaf
    assert await state(desks["sodermalm"], document_id) == "queued"
    await desks.heal()
    assert await accepted(desks["sav"], document_id) == 1


@pytest.mark.parametrize("page", ["empty", "shifted"])
async def test_a_page_of_the_log_that_is_none_changes_nothing(desks: Desks, page: str) -> None:
    """A page that is empty or begins elsewhere is nonsense: nothing is taken, and the honest log is taken later."""
    document_id = await desks.send("sodermalm", "sav")
    leaves = await desks.liar.history()
    desks.liar.show_history([*leaves, b"more"])
    desks.liar.alter(
        responses.Leaves,
        lambda found: (
            responses.Leaves(found.start, found.size, [])
            if page == "empty"
            else responses.Leaves(found.start + 1, found.size, found.leaves)
        ),
    )
    assert await desks.try_all(1) == {"LOG"}
    await desks.heal()
    assert await accepted(desks["sav"], document_id) == 1


async def test_a_sender_with_another_history_is_a_fork(desks: Desks) -> None:
    """The hub shows two offices two histories: the first document between them tells, though no note was compared."""
    asker = desks["sodermalm"].desk
    document_id = await desks.send("sodermalm", "sav")
    other = LogTree()
    for leaf in [*(await desks.log_of("sodermalm"))[:-1], b"another leaf"]:
        other.append(leaf)
    asker.context.replica.directory.tree = other  # what another history would have made of it
    await asker.sync._ways.pusher.push(asker.sync._link)
    await desks.try_all()
    assert await accepted(desks["sav"], document_id) == 0
    assert "FORK" in await alarms(desks["sav"])
    evidence, context = await kept(desks["sav"]), desks["sav"].desk.context
    sent = read_payload(parse_signed(evidence.document), SignedType.DOCUMENT, Document)
    assert sent.document_id == document_id
    named = View(sent.dir_size, sent.dir_root)
    key = {"name": context.hub_id.hex(), "ed25519": context.hub_key()}
    assert judge(evidence, **key, named=named) is Outcome.OTHER_VIEW
    # In the pass that found it, and until the next round asks for the log, nothing but the outbox itself says no.
    desk, before = desks["sav"].desk, len(desks.liar.deposits)
    waiting_id = await desks.send("sav", "sodermalm")
    with pytest.raises(ForkError):
        await desk.sync._ways.pusher.push(desk.sync._link)
    assert (await state(desks["sav"], waiting_id), len(desks.liar.deposits)) == ("queued", before)


async def test_an_old_snapshot_is_used_for_a_day_at_most(desks: Desks) -> None:
    """A hub that goes on showing yesterday's log and keys: after 24 h nothing is sealed to them, and an alarm."""
    leaves = await desks.liar.history()
    note = await desks.liar.honest(requests.ReadCheckpoint())
    assert isinstance(note, responses.CheckpointIs)
    desks.liar.show_history(leaves, note=note.note)
    desks.dial.turn(25 * HOUR)
    desks.liar.shift_time(25 * HOUR)
    document_id = await desks.send("sodermalm", "sav")
    sealed_for_sav = len(desks.liar.deposits)
    await desks.try_all()
    assert await state(desks["sodermalm"], document_id) == "queued"
    assert len(desks.liar.deposits) == sealed_for_sav
    assert "STALE" in await alarms(desks["sodermalm"])


async def test_substituted_keys_are_an_alarm(desks: Desks) -> None:
    """Batches that do not give the logged root, though each is honestly signed: SNAPSHOT alarm, none is taken."""
    asker = desks["sodermalm"].desk
    held = asker.context.prekeys.held(desks["sav"].desk.context.device_id)
    assert held is not None
    other = desks["sav"].desk.context.keeper.new_batch(asker.context.clock.hour(), held.batch.dir_size)
    desks.liar.alter_batches(lambda raw: other if _device(raw) == held.batch.device_id else raw)
    async with asker.context.vault.transaction():  # as if a new snapshot had come
        await asker.context.vault.set_number("snapshot_number", 0)
    with pytest.raises(TrustError) as caught:
        await asker.sync.once()
    assert caught.value.code == "SNAPSHOT"
    assert "SNAPSHOT" in await alarms(desks["sodermalm"])
    assert asker.context.prekeys.held(desks["sav"].desk.context.device_id) == held
    document_id = await desks.send("sodermalm", "sav")
    await desks.heal()
    assert "SNAPSHOT" not in await alarms(desks["sodermalm"])
    assert await accepted(desks["sav"], document_id) == 1


@pytest.mark.parametrize("lie", ["stranger", "left-out", "garbage"])
async def test_keys_by_others_are_never_sealed_to(desks: Desks, lie: str) -> None:
    """A batch signed by a stranger, a device left out, or garbage: none counts, what was known stays."""
    asker = desks["sodermalm"].desk
    device_id = desks["sav"].desk.context.device_id
    before = asker.context.prekeys.held(device_id)

    def change(raw: bytes) -> bytes | None:
        if _device(raw) != device_id:
            return raw
        if lie == "garbage":
            return b"\x93" + raw
        return (
            sign_object(new_secret(), random_bytes(32), SignedType.BATCH, parse_signed(raw).payload)
            if (lie == "stranger")
            else None
        )

    desks.liar.alter_batches(change)
    async with asker.context.vault.transaction():
        await asker.context.vault.set_number("snapshot_number", 0)
    with pytest.raises(TrustError):
        await asker.sync.once()
    assert asker.context.prekeys.held(device_id) == before
    assert await waiting(desks["sodermalm"]) == 0


def _device(raw: bytes) -> bytes:
    return read_payload(parse_signed(raw), SignedType.BATCH, Batch).device_id


async def test_a_snapshot_from_the_future_stops_and_deletes_nothing(desks: Desks) -> None:
    """A snapshot that the hub dates years ahead moves no clock, seals nothing and deletes no key."""
    leaves = await desks.log_of("sodermalm")
    asker = desks["sodermalm"].desk
    snapshot = asker.context.replica.directory.snapshot
    assert snapshot is not None
    fields = {name: getattr(snapshot, name) for name in snapshot.__struct_fields__}
    far = type(snapshot)(**(fields | {"number": snapshot.number + 1, "made_at": snapshot.made_at + 10 * 365 * 86_400}))
    desks.liar.show_history([*leaves, desks.liar.signer.sign_object(SignedType.SNAPSHOT, encode(far))])
    desks.liar.alter(responses.SnapshotPage, lambda page: responses.SnapshotPage(far.number, page.batches, page.last))
    document_id = await desks.send("sodermalm", "sav")
    keys = len(kept_seeds(asker.context.keeper))
    await desks.try_all()
    assert await state(desks["sodermalm"], document_id) == "queued"
    assert "STALE" in {alarm.code for alarm in await asker.context.alarms.open()}
    assert len(kept_seeds(asker.context.keeper)) == keys
    asker.context.clock.require_sane()


async def test_another_hub_is_not_talked_to(desks: Desks) -> None:
    """An answer in the name of another hub or federation ends the round before anything is sent."""
    await desks.send("sodermalm", "sav")
    desks.liar.alter(
        responses.HelloIs,
        lambda answer: responses.HelloIs(
            answer.version, answer.federation, bytes(16), answer.incarnation, answer.seconds
        ),
    )
    assert await desks.try_all(1) == {"HUBOTHER"}
    assert await waiting(desks["sodermalm"]) == 1


@pytest.mark.parametrize("is_unsigned_enough", [False, True], ids=["verified", "control-unverified"])
async def test_a_forged_batch_that_the_hub_committed_to_is_not_sealed_to(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, *, is_unsigned_enough: bool
) -> None:
    """The hub signs its snapshots itself: over a forged batch only the device's signature stands between."""
    asker = desks["sodermalm"].desk
    device_id = desks["sav"].desk.context.device_id
    before = asker.context.prekeys.held(device_id)

    def change(raw: bytes) -> bytes:
        so = parse_signed(raw)
        forged = sign_object(new_secret(), so.signatures[0].signer, SignedType.BATCH, so.payload)
        return forged if _device(raw) == device_id else raw

    desks.liar.alter_batches(change)
    monkeypatch.setattr(prekeys, "_matches", lambda *_: True)  # the root in the log is that of the forged set
    if is_unsigned_enough:
        monkeypatch.setattr(prekeys, "verify_single", lambda *_: None)
    async with asker.context.vault.transaction():
        await asker.context.vault.set_number("snapshot_number", 0)
    if not is_unsigned_enough:
        with pytest.raises(TrustError):
            await asker.sync.once()
    else:
        await asker.sync.once()
    assert (asker.context.prekeys.held(device_id) == before) is not is_unsigned_enough


async def test_a_hub_that_hushes_up_a_revocation(desks: Desks) -> None:
    """It says that the statement stands in the log, which has not got it: told, tried again, and entered in the end."""
    desk = desks["sodermalm"].desk
    desks.liar.say(requests.Submit, responses.Submitted(1, 1))
    own = {"device_id": desk.context.device_id.hex(), "reason": "lost"}
    assert (await run(desk, "device_revoke", own))["entered"] is False
    assert "NOTENDED" in [alarm.code for alarm in await desk.context.alarms.open()]
    desks.liar.behave()
    with pytest.raises(LocalError):
        await desk.sync.once()
    found = {alarm.code for alarm in await desk.context.alarms.open()}
    assert "REVOKED" in found
    assert "NOTENDED" not in found
