"""The later life of a directory: witnesses, freezes, and administrators whom the roots alone name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from keys.cards import Role, StaffCard
from keys.checkpoint import WITNESS_KEY
from keys.cosignature import NoteKey
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import SlussError, TrustError
from keys.ids import OrgId
from keys.private import ceremony, events
from keys.private.identity import ed25519_public, new_secret, public_pair
from keys.private.keeper import enrol_request, new_ring
from keys.private.table import Signer, officer_signer, sign_record
from keys.signed import assemble, parse_signed
from keys.statements import (
    Freeze,
    FreezeState,
    FreezeTarget,
    Opposition,
    Profile,
    RevokeReason,
    Snapshot,
    Witness,
    Witnesses,
)
from keys.succession import WAIT_AGAIN_SECONDS, WAIT_SECONDS
from tests.kit.federation import NOW, Federation

S = SignedType
FEDERATION = Federation.demo(devices=1)
STOCKHOLM, POLICE = FEDERATION.organisations["stockholm"], FEDERATION.organisations["polisen"]
SAV = FEDERATION.units["sav"]
DAY = 86_400
KEYS = [ed25519_public(bytes([number]) * 32) for number in range(1, 6)]


@pytest.fixture
def federation() -> Federation:
    """The federation of this module, with a directory of its own."""
    copy = Federation.__new__(Federation)
    copy.__dict__.update(FEDERATION.__dict__)
    copy.statements = list(FEDERATION.statements)
    copy.directory = FEDERATION.directory.copy()
    return copy


def snapshot(federation: Federation, made_at: int) -> bytes:
    """The hub's next snapshot."""
    last = federation.directory.snapshot
    number = 1 if last is None else last.number + 1
    directory = federation.directory
    record = Snapshot(1, 1, directory.federation, federation.hub_id, number, directory.size, 0, bytes(32), made_at)
    return federation.apply(sign_record([officer_signer(federation.hub_secret)], S.SNAPSHOT, record))


def replaced_by_roots(federation: Federation) -> tuple[bytes, list[Any]]:
    """A statement by the roots alone that names other administrators of Stockholm, and their secrets."""
    fresh = [new_secret(), new_secret()]
    pairs = [public_pair(secret) for secret in fresh]
    statement = ceremony.change_administrators(
        federation.directory, federation.roots(), org_id=STOCKHOLM.org_id, admins=pairs
    )
    return federation.apply(statement), pairs


def administrators(directory: Directory) -> list[Any]:
    """Who administers Stockholm."""
    return directory.organisations[STOCKHOLM.org_id].statement.admin_keys


# -- administrators whom the roots alone name -------------------------------------------------------------------------


def test_the_roots_replace_administrators_after_72_hours(federation: Federation) -> None:
    """Nothing changes with the statement; the first snapshot 72 hours after the next one puts it in force."""
    old = administrators(federation.directory)
    snapshot(federation, NOW - 30 * DAY)  # an idle month before does not shorten the wait
    _, pairs = replaced_by_roots(federation)
    for made_at in (NOW, NOW + WAIT_SECONDS - 1):
        snapshot(federation, made_at)
        assert administrators(federation.directory) == old
    snapshot(federation, NOW + WAIT_SECONDS)
    assert administrators(federation.directory) == pairs
    again = Directory(federation.statements[0])
    for statement in federation.statements[1:]:
        again.apply(statement, verified=True)
    assert administrators(again) == pairs


def test_one_administrators_no_ends_it(federation: Federation) -> None:
    """Opposed within the time, the statement never comes into force and its keys are used up."""
    old = administrators(federation.directory)
    _, pairs = replaced_by_roots(federation)
    snapshot(federation, NOW)
    federation.apply(events.oppose(federation.directory, federation.admins("stockholm", 1), org_id=STOCKHOLM.org_id))
    snapshot(federation, NOW + 10 * WAIT_SECONDS)
    assert administrators(federation.directory) == old
    again = ceremony.change_administrators(
        federation.directory, federation.roots(), org_id=STOCKHOLM.org_id, admins=pairs
    )
    with pytest.raises(TrustError, match="key-reused"):
        federation.apply(again)


def test_the_old_administrators_own_change_ends_it(federation: Federation) -> None:
    """Their threshold still decides at once, and what waited is forgotten."""
    replaced_by_roots(federation)
    snapshot(federation, NOW)
    own = [public_pair(new_secret()), public_pair(new_secret())]
    officers = federation.admins("stockholm")
    federation.apply(
        ceremony.change_administrators(federation.directory, officers, org_id=STOCKHOLM.org_id, admins=own)
    )
    snapshot(federation, NOW + WAIT_SECONDS)
    assert administrators(federation.directory) == own


def test_naming_yet_others_begins_a_new_wait(federation: Federation) -> None:
    """The time of a first try does not count for a second one."""
    replaced_by_roots(federation)
    snapshot(federation, NOW)
    _, second = replaced_by_roots(federation)
    snapshot(federation, NOW + WAIT_SECONDS)
    assert administrators(federation.directory) != second
    snapshot(federation, NOW + 2 * WAIT_SECONDS)
    assert administrators(federation.directory) == second


def opposed_once(federation: Federation) -> None:
    """The roots tried, and one administrator said no."""
    replaced_by_roots(federation)
    snapshot(federation, NOW)
    federation.apply(oppose(federation, 1))


def oppose(federation: Federation, count: int) -> bytes:
    """So many of Stockholm's two administrators say no; two are the threshold."""
    return events.oppose(federation.directory, federation.admins("stockholm", count), org_id=STOCKHOLM.org_id)


def test_a_single_administrator_cannot_oppose_for_ever(federation: Federation) -> None:
    """The second try waits 14 days and comes into force over the same administrator's no."""
    opposed_once(federation)
    _, pairs = replaced_by_roots(federation)
    snapshot(federation, NOW)
    with pytest.raises(TrustError, match="threshold"):
        federation.apply(oppose(federation, 1))
    snapshot(federation, NOW + WAIT_AGAIN_SECONDS - 1)
    assert administrators(federation.directory) != pairs
    snapshot(federation, NOW + WAIT_AGAIN_SECONDS)
    assert administrators(federation.directory) == pairs
    again = Directory(federation.statements[0])
    for statement in federation.statements[1:]:
        again.apply(statement, verified=True)
    assert administrators(again) == pairs


def test_the_administrators_threshold_opposes_every_try(federation: Federation) -> None:
    """Roots who turned do not get an organisation whose administrators stand together."""
    opposed_once(federation)
    for tried in range(1, 4):
        _, pairs = replaced_by_roots(federation)
        snapshot(federation, NOW + (2 * tried - 1) * WAIT_AGAIN_SECONDS)
        federation.apply(oppose(federation, 2))
        snapshot(federation, NOW + tried * 2 * WAIT_AGAIN_SECONDS)
        assert administrators(federation.directory) != pairs


def test_other_administrators_may_say_no_alone_again(federation: Federation) -> None:
    """What those before them opposed does not count against them."""
    opposed_once(federation)
    secrets = [new_secret(), new_secret()]
    pairs = [public_pair(secret) for secret in secrets]
    officers = federation.admins("stockholm")
    federation.apply(
        ceremony.change_administrators(federation.directory, officers, org_id=STOCKHOLM.org_id, admins=pairs)
    )
    replaced_by_roots(federation)
    snapshot(federation, NOW)
    alone = type(officers)([officer_signer(secrets[0])], officers.directory_key, officers.now)
    federation.apply(events.oppose(federation.directory, alone, org_id=STOCKHOLM.org_id))
    snapshot(federation, NOW + 2 * WAIT_AGAIN_SECONDS)
    assert administrators(federation.directory) == pairs


def test_a_copy_of_the_directory_remembers_the_first_no(federation: Federation) -> None:
    """Clients try new leaves on a copy; the rule must hold there too, and the copy must not touch the original."""
    opposed_once(federation)
    copy = federation.directory.copy()
    original, federation.directory = federation.directory, copy
    replaced_by_roots(federation)
    with pytest.raises(TrustError, match="threshold"):
        federation.apply(oppose(federation, 1))
    assert original.succession.waiting(STOCKHOLM.org_id) is None


def opposition(**changes: Any) -> Callable[[Federation, bytes], bytes]:
    """A no with one thing changed, signed by one administrator of Stockholm unless ``signers`` says otherwise."""

    def make(federation: Federation, waiting: bytes) -> bytes:
        given = dict(changes)
        signers: list[Signer] = given.pop("signers", list(federation.admins("stockholm", 1).signers))
        plain = Opposition(1, 1, federation.directory.federation, STOCKHOLM.org_id, parse_signed(waiting).digest, NOW)
        return sign_record(signers, S.OPPOSE, replace(plain, **given))

    return make


NOT_OPPOSED: dict[str, tuple[Callable[[Federation, bytes], bytes], str]] = {
    "by-another-organisation": (opposition(signers=list(FEDERATION.admins("polisen", 1).signers)), "stray"),
    "by-roots": (opposition(signers=list(FEDERATION.roots().signers)), "stray"),
    "by-a-device": (opposition(signers=[SAV.keepers[0].sign]), "stray"),
    "another-statement": (opposition(statement=bytes(32)), "nothing-waits"),
    "another-organisation": (
        opposition(org_id=POLICE.org_id, signers=list(FEDERATION.admins("polisen", 1).signers)), "nothing-waits",
    ),
    "unknown-organisation": (opposition(org_id=bytes(16)), "unknown-organisation"),
    "another-federation": (opposition(federation=bytes(32)), "federation"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_OPPOSED)
def test_a_no_with_one_defect_is_refused(name: str, federation: Federation) -> None:
    """Then the statement goes on waiting and comes into force."""
    make, rule = NOT_OPPOSED[name]
    waiting, pairs = replaced_by_roots(federation)
    snapshot(federation, NOW)
    with pytest.raises(TrustError, match=rule):
        federation.apply(make(federation, waiting))
    snapshot(federation, NOW + WAIT_SECONDS)
    assert administrators(federation.directory) == pairs


# -- freezes ----------------------------------------------------------------------------------------------------------


def freeze(federation: Federation, officers: Any, *, unit: bool = True, thaw: bool = False) -> bytes:
    """Freeze or thaw the unit sav, or Stockholm."""
    return federation.apply(
        events.freeze(
            federation.directory,
            officers,
            target=FreezeTarget.UNIT if unit else FreezeTarget.ORGANISATION,
            target_id=SAV.unit_id if unit else STOCKHOLM.org_id,
            state=FreezeState.THAWED if thaw else FreezeState.FROZEN,
        )
    )


def next_device(federation: Federation) -> bytes:
    """One more device of sav, approved by those who must."""
    officers = federation.admins("stockholm")
    signers = [officers.signers[0], SAV.keepers[0].sign]
    table = type(officers)(signers, officers.directory_key, officers.now)
    staff = StaffCard("Bo Ek", "", [Role.HANDLAGGARE])
    request = enrol_request(new_ring(Profile.DEMO), NOW)
    appointment = ceremony.Appointment(SAV.unit_id, staff)
    return ceremony.approve_device(federation.directory, table, request=request, appointment=appointment)


def closed_unit(federation: Federation) -> bytes:
    """The end of sav."""
    return ceremony.change_unit(federation.directory, federation.admins("stockholm"), unit_id=SAV.unit_id, closed=True)


def own_change(federation: Federation) -> bytes:
    """Stockholm's administrators by their own threshold."""
    pairs = [public_pair(new_secret()), public_pair(new_secret())]
    officers = federation.admins("stockholm")
    return ceremony.change_administrators(federation.directory, officers, org_id=STOCKHOLM.org_id, admins=pairs)


@pytest.mark.parametrize("unit", [True, False], ids=["unit", "organisation"])
def test_what_is_frozen_changes_only_by_revocations_until_the_roots_thaw(federation: Federation, unit: bool) -> None:
    """One administrator stops all changes; a device is still revoked; two root holders let go."""
    freeze(federation, federation.admins("stockholm", 1), unit=unit)
    for statement in (next_device(federation), closed_unit(federation)):
        with pytest.raises(TrustError, match="frozen"):
            federation.apply(statement)
    if not unit:
        with pytest.raises(TrustError, match="frozen"):
            federation.apply(own_change(federation))
    freeze(federation, federation.roots(), unit=unit, thaw=True)
    federation.apply(next_device(federation))
    freeze(federation, federation.roots(), unit=unit)
    federation.revoke("sav", SAV.keepers[0].device_id, reason=RevokeReason.COMPROMISED)


def test_the_roots_may_replace_the_administrators_of_a_frozen_organisation(federation: Federation) -> None:
    """That is why it was frozen."""
    freeze(federation, federation.admins("stockholm", 1), unit=False)
    _, pairs = replaced_by_roots(federation)
    snapshot(federation, NOW)
    snapshot(federation, NOW + WAIT_SECONDS)
    assert administrators(federation.directory) == pairs


def frozen(**changes: Any) -> Callable[[Federation], bytes]:
    """A freeze of sav with one thing changed."""

    def make(federation: Federation) -> bytes:
        given = dict(changes)
        signers: list[Signer] = given.pop("signers", list(federation.admins("stockholm", 1).signers))
        plain = Freeze(
            1, 1, federation.directory.federation, FreezeTarget.UNIT, SAV.unit_id, 1, FreezeState.FROZEN, NOW
        )
        return sign_record(signers, S.FREEZE, replace(plain, **given))

    return make


NOT_FROZEN: dict[str, tuple[Callable[[Federation], bytes], str]] = {
    "by-another-organisation": (frozen(signers=list(FEDERATION.admins("polisen", 1).signers)), "stray"),
    "by-a-device": (frozen(signers=[SAV.keepers[0].sign]), "stray"),
    "by-one-root-holder": (frozen(signers=list(FEDERATION.roots(1).signers)), "freeze"),
    "thaw-of-what-is-not-frozen": (
        frozen(state=FreezeState.THAWED, signers=list(FEDERATION.roots().signers)), "freeze-state",
    ),
    "thaw-by-administrators": (frozen(state=FreezeState.THAWED), "freeze"),
    "number-skipped": (frozen(number=2), "number"),
    "unknown-unit": (frozen(target_id=bytes(16)), "unknown-unit"),
    "unknown-organisation": (frozen(target=FreezeTarget.ORGANISATION), "unknown-organisation"),
    "another-federation": (frozen(federation=bytes(32)), "federation"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_FROZEN)
def test_a_freeze_with_one_defect_is_refused(name: str, federation: Federation) -> None:
    """And changes go on."""
    make, rule = NOT_FROZEN[name]
    with pytest.raises(TrustError, match=rule):
        federation.apply(make(federation))
    federation.apply(closed_unit(federation))


def test_an_old_freeze_cannot_be_shown_again(federation: Federation) -> None:
    """After a thaw, the first freeze with one of its two signatures left out is another leaf, and refused."""
    both = federation.admins("stockholm")
    first = freeze(federation, both)
    freeze(federation, federation.roots(), thaw=True)
    so = parse_signed(first)
    shorter = assemble(so.type, so.payload, [so.signatures[0]])
    with pytest.raises(TrustError, match="number"):
        federation.apply(shorter)


# -- witnesses --------------------------------------------------------------------------------------------------------


def policy(count: int = 3, quorum: int = 2, **changes: Any) -> Callable[[Federation], bytes]:
    """A policy with one thing changed."""

    def make(federation: Federation) -> bytes:
        given = dict(changes)
        signers: list[Signer] = given.pop("signers", list(federation.roots().signers))
        witnesses = [Witness(f"w{number}.example", KEYS[number]) for number in range(count)]
        plain = Witnesses(1, 1, federation.directory.federation, 1, witnesses, quorum, NOW)
        return sign_record(signers, S.WITNESSES, replace(plain, **given))

    return make


NO_POLICY: dict[str, tuple[Callable[[Federation], bytes], str]] = {
    "by-one-root-holder": (policy(signers=list(FEDERATION.roots(1).signers)), "threshold"),
    "by-administrators": (policy(signers=list(FEDERATION.admins("stockholm").signers)), "stray"),
    "by-the-hub": (policy(signers=[officer_signer(FEDERATION.hub_secret)]), "stray"),
    "number-skipped": (policy(number=2), "number"),
    "half-is-not-more-than-half": (policy(4, 2), "quorum"),
    "more-than-there-are": (policy(3, 4), "quorum"),
    "one-key-under-two-names": (policy(witnesses=[Witness("a", KEYS[0]), Witness("b", KEYS[0])]), "witness-twice"),
    "two-keys-under-one-name": (policy(witnesses=[Witness("a", KEYS[0]), Witness("a", KEYS[1])]), "witness-twice"),
    "weak-key": (policy(witnesses=[Witness("a", b"\x01" + bytes(31))], quorum=1), "WEAKKEY"),
    "name-with-a-space": (policy(witnesses=[Witness("a b", KEYS[0])], quorum=1), "FIELD"),
    "another-federation": (policy(federation=bytes(32)), "federation"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_POLICY)
def test_a_policy_with_one_defect_is_refused(name: str, federation: Federation) -> None:
    """The federation stays without witnesses."""
    make, rule = NO_POLICY[name]
    with pytest.raises(SlussError, match=rule):
        federation.apply(make(federation))
    assert federation.directory.witnesses is None


def test_the_roots_name_witnesses_and_replace_them(federation: Federation) -> None:
    """The newest policy is in force."""
    named = [NoteKey(f"w{number}.example", WITNESS_KEY, KEYS[number]) for number in range(4)]
    for keys in (named[:3], named[1:]):
        federation.apply(events.name_witnesses(federation.directory, federation.roots(), keys=keys, quorum=2))
    assert federation.directory.witnesses is not None
    assert [witness.name for witness in federation.directory.witnesses.witnesses] == [key.name for key in named[1:]]


@pytest.mark.parametrize(("count", "quorum"), [(1, 1), (2, 2)])
def test_a_real_federation_has_at_least_three(count: int, quorum: int) -> None:
    """Two of two, or one, is for demonstrations."""
    real = Federation(profile=Profile.REAL)
    with pytest.raises(TrustError, match="quorum"):
        real.apply(policy(count, quorum)(real))
    real.apply(policy(3, 2)(real))


def test_a_copy_of_a_directory_goes_its_own_way(federation: Federation) -> None:
    """What is tried on a copy leaves the original as it was, in all its parts."""
    before = _shown(federation.directory)
    trial = federation.directory.copy()
    original, federation.directory = federation.directory, trial
    freeze(federation, federation.admins("stockholm", 1))
    replaced_by_roots(federation)
    snapshot(federation, NOW)
    federation.revoke("sav", SAV.keepers[0].device_id)
    federation.add_unit("new", "polisen", unit_type="polis_bops")
    assert _shown(original) == before
    assert _shown(trial) != before
    federation.units.pop("new")


def _shown(directory: Directory) -> tuple[object, ...]:
    return (
        directory.size,
        directory.tree.root(),
        dict(directory.units),
        dict(directory.devices),
        set(directory._seen),
        set(directory._keys._used),
        dict(directory._unit_devices),
        dict(directory.snapshots),
        directory.succession.waiting(OrgId(STOCKHOLM.org_id)),
        directory.freezing.number(FreezeTarget.UNIT, SAV.unit_id),
    )
