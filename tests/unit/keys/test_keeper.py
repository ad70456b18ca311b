"""The keeper: sign, log in, seal, open, rotate, forget."""

import pytest

from keys.approval import parse_approval
from keys.cards import CardKind, UnitCard
from keys.codec import decode, encode
from keys.domains import SignedType
from keys.envelope import parse_envelope, recall_hash
from keys.errors import FormatError, LocalError, OpenError
from keys.ids import digest
from keys.private import prekeys
from keys.private.cards import delivery_token
from keys.private.keeper import LocalKeeper, enrolled, new_ring
from keys.private.seal import Target
from keys.public import pre_authentication, verify_ed25519
from keys.signed import parse_signed, read_payload, verify_single
from keys.statements import MAX_CARD_BYTES, Batch, Login, Profile
from tests.kit.federation import HOUR, Federation, MemoryRing

FEDERATION = Federation.demo(devices=2)
SAV, BOPS = FEDERATION.units["sav"], FEDERATION.units["bops"]


@pytest.fixture
def store() -> MemoryRing:
    """A fresh store."""
    return MemoryRing()


@pytest.fixture
def keeper(store: MemoryRing) -> LocalKeeper:
    """The keeper of sav's first device, over a store of its own."""
    ring = SAV.stores[0].ring
    assert ring is not None
    return LocalKeeper(ring, store)


def _batch(keeper: LocalKeeper, hour: int = HOUR) -> Batch:
    return read_payload(parse_signed(keeper.new_batch(hour, 9)), SignedType.BATCH, Batch)


def _target(keeper: LocalKeeper, batch: Batch, at: int = 0) -> Target:
    return Target(keeper.device_id, batch.intervals[at].public)


def _seal(target: Target, hour: int = HOUR) -> bytes:
    return BOPS.keepers[0].seal(b"content", SAV.mailbox_id, [target], hour=hour, recall_hash=recall_hash(bytes(32)))


def _open(keeper: LocalKeeper, raw: bytes) -> bytes:
    envelope = parse_envelope(raw)
    key = keeper.open_key(envelope, SAV.mailbox_id)
    return keeper.open_content(envelope, SAV.mailbox_id, key)


def test_a_device_signs_by_its_certificate(keeper: LocalKeeper) -> None:
    """Its objects verify under the keys in the directory, named by the certificate's digest."""
    entry = FEDERATION.directory.devices[keeper.device_id]
    verify_single(parse_signed(keeper.sign(SignedType.DOCUMENT, b"x")), entry.certificate, entry.enrol.signing)


def test_a_login_names_hub_device_and_nonce(keeper: LocalKeeper) -> None:
    """The login signature is over all of them, with the login key and no other."""
    entry = FEDERATION.directory.devices[keeper.device_id]
    signature = keeper.login(b"h" * 16, b"n" * 32)
    login = Login(1, 1, FEDERATION.directory.federation, b"h" * 16, keeper.device_id, b"n" * 32)
    verify_ed25519(entry.enrol.login, signature, pre_authentication("login", encode(login)))


def test_what_is_sealed_to_a_published_key_opens(keeper: LocalKeeper, store: MemoryRing) -> None:
    """The seeds are durable before the batch leaves, and open what was sealed to their keys."""
    batch = _batch(keeper)
    assert (store.saves, keeper.batch_no, batch.batch_no) == (1, 1, 1)
    assert _open(keeper, _seal(_target(keeper, batch))) == b"content"
    again = LocalKeeper(store.ring, store)  # type: ignore[arg-type]
    assert _open(again, _seal(_target(keeper, batch))) == b"content"


def test_a_key_of_another_hour_does_not_open(keeper: LocalKeeper) -> None:
    """Seeds are tried for the hour of the header only."""
    batch = _batch(keeper)
    raw = _seal(_target(keeper, batch), hour=HOUR + 48)
    with pytest.raises(OpenError, match="SLOT"):
        _open(keeper, raw)


def test_a_forgotten_key_opens_nothing(keeper: LocalKeeper, store: MemoryRing) -> None:
    """After the seeds went, what was sealed to them stays closed, also to who takes the ring from the disk."""
    batch = _batch(keeper)
    raw = _seal(_target(keeper, batch))
    end = batch.intervals[0].end
    assert keeper.forget(end + 1, end + 1) == 0
    assert keeper.forget(end + 2, end + 1) == 1
    assert store.saves == 2
    for holder in (keeper, LocalKeeper(store.ring, store)):  # type: ignore[arg-type]
        with pytest.raises(OpenError, match="SLOT"):
            _open(holder, raw)


def test_a_revoked_device_keeps_no_seed(keeper: LocalKeeper, store: MemoryRing) -> None:
    """All seeds go at once, from the ring on disk too, and nothing opens any more."""
    raw = _seal(_target(keeper, _batch(keeper)))
    assert _open(keeper, raw)
    assert keeper.forget_all() > 0
    assert store.ring is not None
    assert store.ring.epochs == []
    with pytest.raises(OpenError):
        _open(keeper, raw)
    assert keeper.forget_all() == 0


def test_a_batch_that_is_not_durable_is_not_published(keeper: LocalKeeper, store: MemoryRing) -> None:
    """When the ring cannot be written nothing leaves and nothing changes, neither number nor seeds."""
    store.fail = LocalError("DISK")
    with pytest.raises(LocalError, match="DISK"):
        keeper.new_batch(HOUR, 9)
    assert (keeper.batch_no, store.saves) == (0, 0)
    assert _batch(keeper).batch_no == 1


def test_seeds_that_could_not_be_forgotten_stay(keeper: LocalKeeper, store: MemoryRing) -> None:
    """When the ring cannot be written, memory and disk still agree."""
    batch = _batch(keeper)
    raw, end = _seal(_target(keeper, batch)), batch.intervals[0].end
    store.fail = LocalError("DISK")
    with pytest.raises(LocalError, match="DISK"):
        keeper.forget(end + 2, end + 1)
    assert _open(keeper, raw) == b"content"


def test_a_ring_takes_no_more_seeds_than_can_be_read_again(keeper: LocalKeeper, store: MemoryRing) -> None:
    """Rotating without end is refused, and the ring of the last rotation still decodes."""
    per_batch = len(prekeys.intervals(HOUR))
    for _ in range(prekeys.MAX_EPOCHS // per_batch):
        keeper.new_batch(HOUR, 9)
    with pytest.raises(LocalError, match="ROTATE"):
        keeper.new_batch(HOUR, 9)
    assert store.ring is not None
    assert decode(encode(store.ring), type(store.ring), max_bytes=256 * 1024) == store.ring


def test_cards_and_tokens_come_from_the_directory_key(keeper: LocalKeeper) -> None:
    """A device reads names and makes tokens with the key that enrolment brought."""
    unit = FEDERATION.directory.units[BOPS.unit_id].statement
    opened = keeper.open_card(CardKind.UNIT, BOPS.unit_id, unit.card)
    assert decode(opened, UnitCard, max_bytes=MAX_CARD_BYTES) == BOPS.card
    expected = delivery_token(FEDERATION.directory_key, BOPS.mailbox_id, 7)
    assert keeper.delivery_token(BOPS.mailbox_id, 7) == expected


def test_a_device_that_is_not_enrolled_has_no_keeper(store: MemoryRing) -> None:
    """Before the approval there is nothing to keep."""
    with pytest.raises(LocalError, match="ENROL"):
        LocalKeeper(new_ring(Profile.DEMO), store)


def test_an_approval_is_for_its_device_only() -> None:
    """Another device does not open the directory key in it."""
    approval = SAV.approvals[0]
    with pytest.raises(OpenError):
        enrolled(
            new_ring(Profile.DEMO),
            federation=FEDERATION.directory.federation,
            certificate=digest(approval.certificate),
            sealed_directory_key=approval.sealed_directory_key,
            policy=approval.witness_policy,
        )


@pytest.mark.parametrize("change", [("magic", "sluss-key"), ("version", 1)])
def test_an_approval_of_another_kind_is_refused(change: tuple[str, object]) -> None:
    """Its magic and its version are closed lists of one."""
    name, value = change
    fields = [
        value if field == name else getattr(SAV.approvals[0], field) for field in SAV.approvals[0].__struct_fields__
    ]
    with pytest.raises(FormatError, match="VER"):
        parse_approval(encode(fields))


def test_a_loaded_epoch_key_goes_with_its_seed() -> None:
    """What was forgotten cannot be opened with, also when it was used a moment ago."""
    secrets = prekeys.new_epoch_secrets(HOUR, 1)
    loaded = prekeys.LoadedKeys()
    first = loaded.of(secrets[0].seed)
    assert loaded.of(secrets[0].seed) is first
    loaded.keep(secrets[1:])
    assert loaded._keys == {}
