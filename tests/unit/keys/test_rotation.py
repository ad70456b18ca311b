"""Another directory key: what the log takes, who gets it, and a ceremony that is cut off (FORMATS 3.1, 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from keys.cards import CardKind, StaffCard
from keys.codec import decode
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import LocalError, OpenError, SlussError, TrustError
from keys.ids import DeviceId
from keys.private import cards, ceremony, keyring, rotation
from keys.private.desk import Desk
from keys.private.identity import random_bytes
from keys.private.keeper import LocalKeeper
from keys.private.officer import OfficerSecret, admin_request, new_admin, root_holder
from keys.private.parties import open_party
from keys.private.registry import Registry
from keys.private.rotation import Change
from keys.private.table import Officers, officer_signer, sign_record
from keys.rekey import DeviceCopy, Handout, Rekey, Reseal, ResealedCard
from keys.signed import parse_signed, read_payload
from keys.statements import MAX_CARD_BYTES
from tests.kit.federation import NOW, Federation

S = SignedType
WEEK = NOW // 3600 // 168
OLD = Federation.demo(devices=2)


class Roots:
    """A federation whose officers have key files, and its registry in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.federation = Federation.__new__(Federation)
        self.federation.__dict__.update(OLD.__dict__)
        self.federation.statements = list(OLD.statements)
        self.federation.directory = OLD.directory.copy()
        name, key = OLD.directory.federation, OLD.directory_key
        self.holders = [root_holder(one, federation=name, directory_key=key) for one in OLD.founding.holders]
        self.admins = [replace(new_admin(), signing=one) for one in OLD.organisations["stockholm"].admins]
        registry = Registry.found(folder, OLD.statements[0])
        for statement in OLD.statements[1:]:
            registry.append(statement)
        for secret in [*self.holders, *self.admins]:
            registry.save_officer(admin_request(secret, NOW))
        self.folder = folder

    def desk(self, *secrets: OfficerSecret) -> Desk:
        """A desk with the registry as it lies there; by default two root holders sit at it."""
        return Desk(Registry.open(self.folder), secrets or tuple(self.holders[:2]), NOW)

    def rotate(self, number: int = 1, **how: Any) -> rotation.Done:
        """Rotate with two root holders."""
        return rotation.rotate(self.desk(), Change(number, **how), NOW)

    @property
    def directory(self) -> Directory:
        """What the registry replays to."""
        return Registry.open(self.folder).directory


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """A registry of its own."""
    return Roots(tmp_path / "registry")


def learn(keeper: LocalKeeper, directory: Directory) -> int:
    """What a device takes from the log."""
    return keeper.learn(directory.rekeying.steps, directory.rekeying.sealed_copy(keeper.device_id) or b"")


def fresh_keeper(unit: str, number: int = 0) -> LocalKeeper:
    """A device of the federation whose ring is as after enrolment."""
    store = OLD.units[unit].stores[number]
    ring = store.ring
    assert ring is not None
    return LocalKeeper(ring, type(store)())


# -- the whole way ----------------------------------------------------------------------------------------------------


def test_everybody_gets_the_new_key_and_every_card_opens_with_it(roots: Roots) -> None:
    """Each active device has a copy; organisations, units and devices have a card that the new key opens."""
    done = roots.rotate()
    directory = roots.directory
    assert (done.copies, done.devices_without, done.cards_without) == (8, (), 0)
    assert done.cards == 2 + 4 + 8
    key = roots.desk().directory_key()
    assert key != OLD.directory_key
    for device_id in directory.devices:
        assert directory.rekeying.sealed_copy(device_id) is not None
        signed = directory.signed_card(CardKind.STAFF, device_id)
        anew = directory.rekeying.card(CardKind.STAFF, device_id, signed)
        assert anew is not None
        card = decode(cards.open_card(key, CardKind.STAFF, device_id, anew), StaffCard, max_bytes=MAX_CARD_BYTES)
        assert card.name.startswith("Handläggare")
        with pytest.raises(OpenError):
            cards.open_card(key, CardKind.STAFF, device_id, signed)


def test_officers_are_granted_it_without_being_asked(roots: Roots) -> None:
    """An absent root holder and an administrator have the new key; those without a request are named."""
    done = roots.rotate()
    key = roots.desk().directory_key()
    assert roots.desk(roots.holders[2]).directory_key() == key
    assert roots.desk(roots.admins[0]).directory_key() == key
    assert len(done.officers_without) == 2, "the police's administrators handed no request in here"


def test_a_device_reads_with_both_keys_and_follows_the_weeks(roots: Roots) -> None:
    """The old key makes the tokens until the stated week, the new one from then on; old cards still open."""
    keeper, mailbox = fresh_keeper("sav"), OLD.units["bops"].mailbox_id
    before = [keeper.delivery_token(mailbox, WEEK + ahead) for ahead in range(7)]
    roots.rotate()
    assert learn(keeper, roots.directory) == 1
    after = [keeper.delivery_token(mailbox, WEEK + ahead) for ahead in range(7)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True] * 5 + [False] * 2
    unit = OLD.directory.units[OLD.units["bops"].unit_id].statement
    assert keeper.open_card(CardKind.UNIT, unit.unit_id, unit.card)
    sealed = cards.seal_card(roots.desk().directory_key(), CardKind.UNIT, unit.unit_id, b"new")
    assert keeper.open_card(CardKind.UNIT, unit.unit_id, sealed) == b"new"


def test_who_slept_through_two_rotations_has_all_three_keys(roots: Roots) -> None:
    """The newest copy is enough: the others follow from it."""
    roots.rotate(1)
    first = roots.desk().directory_key()
    roots.rotate(2)
    keeper, store = fresh_keeper("sodermalm"), OLD.units["sodermalm"].stores[0]
    assert learn(keeper, roots.directory) == 2
    ring = keeper._ring
    assert [one.number for one in ring.directory_keys] == [2, 1, 0]
    assert [one.key for one in ring.directory_keys] == [roots.desk().directory_key(), first, OLD.directory_key]
    assert store.ring is not None
    again = LocalKeeper(ring, store)
    assert again.learn(roots.directory.rekeying.steps, b"") == 2, "what the ring holds needs no copy"


def test_a_revoked_device_gets_no_copy(roots: Roots) -> None:
    """Neither from the tool nor from the log; the key before it is of no help."""
    bo = OLD.units["sav"].keepers[1].device_id
    officers = Officers([officer_signer(roots.admins[0].signing)], b"", NOW)
    Registry.open(roots.folder).append(ceremony.revoke_device(OLD.directory, officers, device_id=bo))
    assert roots.rotate().copies == 7
    directory = roots.directory
    assert directory.rekeying.sealed_copy(bo) is None
    keeper = fresh_keeper("sav", 1)
    assert learn(keeper, directory) == 0
    with pytest.raises(TrustError, match="revoked"):
        directory.apply(handout(roots, directory, bo))


def test_a_revocation_that_the_tool_did_not_know_of_stops_the_copy(roots: Roots) -> None:
    """The hub's log took a revocation first: the leaf with that device's copy is refused there."""
    before = len(roots.federation.statements)
    roots.rotate()
    statements = Registry.open(roots.folder).statements[before:]
    hub, bo = OLD.directory.copy(), OLD.units["sav"].keepers[1].device_id
    hub.apply(ceremony.revoke_device(hub, OLD.admins("stockholm", 1), device_id=bo))
    hub.apply(statements[0])
    refused = 0
    for statement in statements[1:]:
        try:
            hub.apply(statement)
        except TrustError as error:
            refused += error.fields["rule"] == "revoked"
    assert refused == 1
    assert hub.rekeying.sealed_copy(bo) is None


def test_one_administrator_hands_it_to_a_device_that_came_in_between(roots: Roots) -> None:
    """A device approved by somebody who had not heard of the rotation is given the key afterwards, by its own only."""
    roots.rotate()
    roots.federation.enrol("sav", "Ulla Um")
    late = roots.federation.units["sav"].keepers[-1]
    Registry.open(roots.folder).append(roots.federation.statements[-1])
    roots.federation.units["sav"].keepers.pop()
    assert learn(late, roots.directory) == 0
    police = OLD.organisations["polisen"].org_id
    assert rotation.hand_out(roots.desk(roots.admins[0]), police, NOW) == (0, ())
    stockholm = OLD.organisations["stockholm"].org_id
    assert rotation.hand_out(roots.desk(roots.admins[0]), stockholm, NOW) == (1, ())
    assert learn(late, roots.directory) == 1


def test_after_a_cut_a_new_device_has_names_and_not_the_old_key(roots: Roots) -> None:
    """Its approval brings the new key alone; cards written anew give it the names, of everybody."""
    roots.rotate(overlap_weeks=0, cut=True)
    directory, key = roots.directory, roots.desk().directory_key()
    assert [one.number for one in keyring.unroll(directory.rekeying.steps, key)] == [1]
    for unit_id in directory.units:
        assert open_party(directory, key, CardKind.UNIT, unit_id)
    assert learn(fresh_keeper("sav"), directory) == 1
    with pytest.raises(LocalError, match="CUT"):
        roots.rotate(2, cut=True)


def test_a_card_written_anew_falls_with_the_owners_next(roots: Roots) -> None:
    """What its owner signs later is what counts."""
    roots.rotate()
    registry, unit = Registry.open(roots.folder), OLD.units["sav"]
    officers = roots.desk(*roots.admins).officers()
    card = replace(unit.card, name_sv="Nytt namn")
    registry.append(ceremony.change_unit(registry.directory, officers, unit_id=unit.unit_id, card=card))
    signed = registry.directory.signed_card(CardKind.UNIT, unit.unit_id)
    assert registry.directory.rekeying.card(CardKind.UNIT, unit.unit_id, signed) is None
    assert b"Nytt namn" in open_party(registry.directory, officers.directory_key, CardKind.UNIT, unit.unit_id)


# -- cut off, and run again -------------------------------------------------------------------------------------------


def test_a_ceremony_cut_off_anywhere_is_finished_by_the_same_run(roots: Roots, monkeypatch: pytest.MonkeyPatch) -> None:
    """After every single write the tool is killed once; the next run ends with everybody served, and no third key."""
    from keys.private import registry as module  # noqa: PLC0415 - the place of the knife

    real, left = module.write_durably, 0

    class Killed(Exception):  # noqa: N818 - not an error, the end
        pass

    def write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1
        real(path, data, mode=mode)

    monkeypatch.setattr(module, "write_durably", write)
    monkeypatch.setattr(rotation, "MAX_COPIES", 3)
    monkeypatch.setattr(rotation, "MAX_RESEALED", 5)
    killed = 0
    for writes in range(100):
        left = writes
        try:
            roots.rotate()
            break
        except Killed:
            killed += 1
    assert killed >= 3, "one run was cut off at each stage"
    directory = roots.directory
    assert directory.rekeying.number == 1
    assert all(directory.rekeying.sealed_copy(one) is not None for one in directory.devices)
    key = roots.desk().directory_key()
    assert {learn(fresh_keeper(unit), directory) for unit in OLD.units} == {1}
    assert all(open_party(directory, key, CardKind.UNIT, one) for one in directory.units)
    size = directory.size
    left = 1000
    assert roots.rotate().copies == 0
    assert roots.directory.size == size, "nothing is left to do"


def test_another_number_is_refused(roots: Roots) -> None:
    """Only the next one begins, only the newest one is finished."""
    for number in (0, 2, 7):
        with pytest.raises(LocalError, match="NUMBER"):
            roots.rotate(number)
    assert roots.directory.size == OLD.directory.size


def test_too_few_root_holders_leave_nothing_behind(roots: Roots) -> None:
    """One of two signs: no statement, no grant."""
    before = sorted(roots.folder.rglob("*"))
    with pytest.raises(TrustError, match="threshold"):
        rotation.rotate(roots.desk(roots.holders[0]), Change(1), NOW)
    assert sorted(roots.folder.rglob("*")) == before


def test_a_key_laid_into_the_registry_is_not_taken(roots: Roots) -> None:
    """A grant of number 1 that somebody prepared, with a key they know, is overwritten and never committed to."""
    evil = b"evil" * 8
    for holder in roots.holders:
        officer = roots.desk().registry.officer(cards_key_id(holder))
        assert officer is not None
        roots.desk().grant_one(officer, evil, 1)
    roots.rotate()
    assert roots.directory.rekeying.steps[0].key_id != keyring.directory_key_id(evil)
    officer = roots.desk().registry.officer(cards_key_id(roots.holders[2]))
    assert officer is not None
    roots.desk().grant_one(officer, evil, 1)
    with pytest.raises(LocalError, match="GRANT"):
        roots.desk(roots.holders[2]).directory_key()


def cards_key_id(secret: OfficerSecret) -> bytes:
    """An officer's key id."""
    from keys.private.identity import secret_key_id  # noqa: PLC0415 - shorter than a name at the top

    return secret_key_id(secret.signing)


# -- what the log refuses ---------------------------------------------------------------------------------------------


def rekey(roots: Roots, number: int = 1, key: bytes = b"k" * 32, **changes: Any) -> bytes:
    """A commitment by two root holders."""
    record = Rekey(1, 1, OLD.directory.federation, number, keyring.directory_key_id(key), None, WEEK, NOW)
    return sign_record(roots.federation.roots().signers, S.REKEY, replace(record, **changes))


def handout(roots: Roots, directory: Directory, *devices: DeviceId, number: int = 1, key: bytes = b"") -> bytes:
    """Copies for devices, by the root holders."""
    key = key or random_bytes(32)
    copies = [
        DeviceCopy(
            one,
            cards.seal_directory_key(
                key, directory.devices[one].enrol.enrol, federation=directory.federation, device_id=one
            ),
        )
        for one in devices
    ]
    record = Handout(1, 1, directory.federation, number, copies, NOW)
    return sign_record(roots.federation.roots().signers, S.HANDOUT, record)


REFUSED: dict[str, tuple[str, Callable[[Roots, Directory], bytes]]] = {
    "one root holder": (
        "threshold",
        lambda roots, d: sign_record(
            roots.federation.roots(1).signers, S.REKEY, read_payload(parse_signed(rekey(roots, 2)), S.REKEY, Rekey)
        ),
    ),
    "administrators": (
        "stray|threshold|SIG",
        lambda roots, d: sign_record(
            OLD.admins("stockholm").signers, S.REKEY, read_payload(parse_signed(rekey(roots, 2)), S.REKEY, Rekey)
        ),
    ),
    "the same number again": ("number", lambda roots, d: rekey(roots, 1, b"x" * 32)),
    "a number left out": ("number", lambda roots, d: rekey(roots, 3)),
    "the first rotation replayed": ("DUP", lambda roots, d: Registry.open(roots.folder).statements[OLD.directory.size]),
    "the same key again": (
        "key-reused",
        lambda roots, d: rekey(roots, 2, key_id=d.rekeying.steps[0].key_id),
    ),
    "another federation": ("federation", lambda roots, d: rekey(roots, 2, federation=bytes(32))),
    "copies of another number": (
        "number",
        lambda roots, d: handout(roots, d, OLD.units["sav"].keepers[0].device_id, number=2),
    ),
    "a card of another number": ("number", lambda roots, d: reseal(roots, d, number=2)),
    "a card of nobody": ("unknown-owner", lambda roots, d: reseal(roots, d, owner=bytes(16))),
    "a card by administrators": (
        "stray|threshold|SIG",
        lambda roots, d: sign_record(
            OLD.admins("stockholm").signers, S.RESEAL, read_payload(parse_signed(reseal(roots, d)), S.RESEAL, Reseal)
        ),
    ),
    "copies out of order": (
        "order",
        lambda roots, d: handout(roots, d, *sorted((k.device_id for k in OLD.units["sav"].keepers), reverse=True)),
    ),
    "copies for another organisation's device": (
        "stray",
        lambda roots, d: _signed_by_stockholm(handout(roots, d, *sorted(_one_each()))),
    ),
    "copies by nobody who may": (
        "handout",
        lambda roots, d: sign_record(roots.federation.roots(1).signers, S.HANDOUT, _handout_of_sav(roots, d)),
    ),
}


def _one_each() -> list[DeviceId]:
    return [OLD.units["sav"].keepers[0].device_id, OLD.units["bops"].keepers[0].device_id]


def _handout_of_sav(roots: Roots, directory: Directory) -> Handout:
    statement = handout(roots, directory, OLD.units["sav"].keepers[0].device_id)
    return read_payload(parse_signed(statement), S.HANDOUT, Handout)


def _signed_by_stockholm(statement: bytes) -> bytes:
    record = read_payload(parse_signed(statement), S.HANDOUT, Handout)
    return sign_record(OLD.admins("stockholm", 1).signers, S.HANDOUT, record)


def reseal(roots: Roots, directory: Directory, *, number: int = 1, owner: bytes = b"") -> bytes:
    """A card of a unit, by the root holders."""
    card = ResealedCard(CardKind.UNIT, owner or OLD.units["sav"].unit_id, bytes(40))
    record = Reseal(1, 1, directory.federation, number, [card], NOW)
    return sign_record(roots.federation.roots().signers, S.RESEAL, record)


@pytest.mark.parametrize("case", REFUSED)
def test_the_log_refuses(roots: Roots, case: str) -> None:
    """A rotation that is forged, replayed or misplaced changes nothing."""
    roots.rotate()
    directory = roots.directory
    rule, make = REFUSED[case]
    size, key = directory.size, directory.rekeying.number
    with pytest.raises(SlussError, match=rule):
        directory.apply(make(roots, directory))
    assert (directory.size, directory.rekeying.number) == (size, key)


def test_a_false_copy_counts_for_nothing(roots: Roots) -> None:
    """An administrator seals a key of his own to a device: it keeps what it has, and takes the true one later."""
    directory, sav = OLD.directory.copy(), OLD.units["sav"].keepers[0]
    true = random_bytes(32)
    directory.apply(rekey(roots, 1, true))
    directory.apply(_signed_by_stockholm(handout(roots, directory, sav.device_id, key=b"evil" * 8)))
    keeper = fresh_keeper("sav")
    assert learn(keeper, directory) == 0
    assert keeper._ring.directory_keys == []
    directory.apply(handout(roots, directory, sav.device_id, key=true))
    assert learn(keeper, directory) == 1


def test_a_copy_of_the_directory_is_its_own(roots: Roots) -> None:
    """What is tried on a copy does not reach the original."""
    directory = OLD.directory.copy()
    directory.copy().apply(rekey(roots))
    assert directory.rekeying.number == 0
