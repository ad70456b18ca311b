"""The rules of the directory: one accepted history, and one refusal per defect."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from keys.cards import Role, StaffCard
from keys.codec import Record, encode
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import FormatError, PeerError, SignatureError, TrustError
from keys.hub_request import HubRequest
from keys.ids import HubId, UnitId
from keys.private import ceremony
from keys.private.ceremony import Appointment
from keys.private.identity import (
    SigningSecret,
    ed25519_public,
    new_secret,
    public_pair,
    random_bytes,
    secret_key_id,
    sign_object,
    sign_with,
)
from keys.private.keeper import enrol_request, new_ring
from keys.private.table import Signer, officer_signer, sign_record
from keys.public import PublicPair
from keys.signed import assemble, parse_signed, read_payload
from keys.statements import (
    MAX_DEVICE_SECONDS,
    MAX_LEAF_BYTES,
    Device,
    Enrol,
    Hub,
    Organisation,
    Profile,
    Revoke,
    RevokeReason,
    RevokeTarget,
    Root,
    Snapshot,
    Unit,
    UnitStatus,
)
from tests.kit.federation import NOW, Federation

WEAK_PAIR = PublicPair(b"\x01" + bytes(31), public_pair(new_secret()).mldsa)
FEDERATION = Federation.demo(devices=2)
OTHER = Federation.demo()
SAV, BOPS = FEDERATION.units["sav"], FEDERATION.units["bops"]
STOCKHOLM, POLICE = FEDERATION.organisations["stockholm"], FEDERATION.organisations["polisen"]


@pytest.fixture
def federation() -> Federation:
    """The federation of this module, with a directory of its own."""
    copy = Federation.__new__(Federation)
    copy.__dict__.update(FEDERATION.__dict__)
    copy.statements = list(FEDERATION.statements)
    copy.directory = replayed(copy.statements)
    return copy


def replayed(statements: list[bytes]) -> Directory:
    """A directory of these statements, whose signatures were verified before."""
    directory = Directory(statements[0])
    for statement in statements[1:]:
        directory.apply(statement, verified=True)
    return directory


def roots(count: int = 2) -> list[Signer]:
    """Root holders' signers."""
    return list(FEDERATION.roots(count).signers)


def admins(org: str, count: int = 2) -> list[Signer]:
    """Administrators' signers."""
    return list(FEDERATION.admins(org, count).signers)


def organisation(**changes: Any) -> Organisation:
    """Stockholm's next statement with one thing changed."""
    old = FEDERATION.directory.organisations[STOCKHOLM.org_id].statement
    return replace(old, number=old.number + 1, **changes)


def new_organisation(**changes: Any) -> Organisation:
    """A new organisation with one thing changed."""
    pairs = [public_pair(new_secret()), public_pair(new_secret())]
    fields = {"org_id": random_bytes(16), "number": 1, "admin_keys": pairs, **changes}
    return replace(FEDERATION.directory.organisations[STOCKHOLM.org_id].statement, **fields)


def unit(**changes: Any) -> Unit:
    """The next statement of the unit sav with one thing changed."""
    old = FEDERATION.directory.units[SAV.unit_id].statement
    return replace(old, **{"number": old.number + 1, **changes})


def new_unit(**changes: Any) -> Unit:
    """A new unit of Stockholm with one thing changed."""
    return unit(**{"unit_id": random_bytes(16), "mailbox_id": random_bytes(16), "number": 1, **changes})


def device(*, request: bytes | None = None, **changes: Any) -> Device:
    """A certificate for the unit sav with one thing changed."""
    request = request or enrol_request(new_ring(Profile.DEMO), NOW)
    enrol = read_payload(parse_signed(request), SignedType.ENROL, Enrol)
    old = FEDERATION.certificate(SAV.keepers[0])
    return replace(old, **{"request": request, "device_id": enrol.device_id, **changes})


def enrol_with(*, signing: SigningSecret | None = None, signer: SigningSecret | None = None, **changes: Any) -> bytes:
    """A request with one thing changed."""
    secret = signing or new_secret()
    ring = new_ring(Profile.DEMO)
    plain = read_payload(parse_signed(enrol_request(ring, NOW)), SignedType.ENROL, Enrol)
    enrol = replace(plain, **{"signing": public_pair(secret), **changes})
    return sign_object(signer or secret, secret_key_id(signer or secret), SignedType.ENROL, encode(enrol))


def revoke(**changes: Any) -> Revoke:
    """The revocation of sav's first device with one thing changed."""
    plain = Revoke(
        1, 1, FEDERATION.directory.federation, RevokeTarget.DEVICE, SAV.keepers[0].device_id, RevokeReason.LOST, NOW
    )
    return replace(plain, **changes)


def root(**changes: Any) -> Root:
    """The next root with one thing changed."""
    return replace(FEDERATION.directory.root, **{"number": 2, **changes})


def hub(**changes: Any) -> Hub:
    """The hub's next statement with one thing changed."""
    return replace(FEDERATION.directory.hubs[FEDERATION.hub_id].statement, **{"number": 2, **changes})


def snapshot(**changes: Any) -> Snapshot:
    """A snapshot with one thing changed."""
    size = FEDERATION.directory.size
    plain = Snapshot(1, 1, FEDERATION.directory.federation, FEDERATION.hub_id, 1, size, 0, bytes(32), NOW)
    return replace(plain, **changes)


def by_hub() -> list[Signer]:
    """The hub's signer."""
    return [officer_signer(FEDERATION.hub_secret)]


def sav_approvers() -> list[Signer]:
    """Who approves sav's third device."""
    return [admins("stockholm", 1)[0], SAV.keepers[0].sign]


def signed(signed_type: SignedType, record: Record, signers: list[Signer]) -> bytes:
    """A statement of these signers."""
    return sign_record(signers, signed_type, record)


STRANGER = new_secret()
S = SignedType
_known_pair = FEDERATION.directory.organisations[STOCKHOLM.org_id].statement.admin_keys[0]
_known_login = FEDERATION.directory.devices[SAV.keepers[0].device_id].enrol.login
_same = new_secret()
_usurpers = [new_secret(), new_secret()]

Case = tuple[Callable[[], bytes], str]
REFUSED: dict[str, Case] = {
    "root-too-few-old": (lambda: signed(S.ROOT, root(), roots(1)), "threshold"),
    "root-too-few-new": (
        lambda: signed(S.ROOT, root(keys=[public_pair(new_secret()) for _ in range(3)]), roots()), "threshold",
    ),
    "root-by-the-new-holders": (
        lambda: signed(
            S.ROOT,
            root(keys=[public_pair(secret) for secret in _usurpers]),
            [roots(1)[0], *(officer_signer(secret) for secret in _usurpers)],
        ), "threshold",
    ),
    "root-same-number": (lambda: signed(S.ROOT, root(number=1, issued_at=1), roots()), "root-number"),
    "root-number-skipped": (lambda: signed(S.ROOT, root(number=3), roots()), "root-number"),
    "root-other-profile": (lambda: signed(S.ROOT, root(profile=Profile.REAL), roots()), "root-number"),
    "root-threshold-out-of-reach": (lambda: signed(S.ROOT, root(threshold=4), roots(3)), "threshold"),
    "root-key-twice": (
        lambda: signed(S.ROOT, root(keys=[FEDERATION.directory.root.keys[0]] * 3), roots()), "key-reused",
    ),
    "root-with-an-administrators-key": (
        lambda: signed(S.ROOT, root(keys=[*FEDERATION.directory.root.keys, _known_pair]), roots()), "key-reused",
    ),
    "root-weak-key": (
        lambda: signed(S.ROOT, root(keys=[*FEDERATION.directory.root.keys, WEAK_PAIR]), roots()), "WEAKKEY",
    ),
    "root-stray-signature": (
        lambda: signed(S.ROOT, root(), [*roots(), officer_signer(STRANGER)]), "stray",
    ),
    "organisation-too-few-roots": (lambda: signed(S.ORGANISATION, new_organisation(), roots(1)), "threshold"),
    "organisation-by-administrators": (
        lambda: signed(S.ORGANISATION, new_organisation(), admins("stockholm")), "stray",
    ),
    "organisation-stray-signature": (
        lambda: signed(S.ORGANISATION, new_organisation(), [*roots(), officer_signer(STRANGER)]), "stray",
    ),
    "organisation-other-federation": (
        lambda: signed(S.ORGANISATION, new_organisation(federation=OTHER.directory.federation), roots()), "federation",
    ),
    "organisation-number-not-1": (lambda: signed(S.ORGANISATION, new_organisation(number=2), roots()), "number"),
    "organisation-threshold-out-of-reach": (
        lambda: signed(S.ORGANISATION, new_organisation(threshold=3), roots()), "threshold",
    ),
    "organisation-key-twice": (
        lambda: signed(S.ORGANISATION, new_organisation(admin_keys=[public_pair(_same)] * 2), roots()), "key-reused",
    ),
    "organisation-half-a-key-twice": (
        lambda: signed(
            S.ORGANISATION,
            new_organisation(
                admin_keys=[public_pair(_same), replace(public_pair(_same), mldsa=public_pair(new_secret()).mldsa)]
            ),
            roots(),
        ), "key-reused",
    ),
    "organisation-key-of-another": (
        lambda: signed(
            S.ORGANISATION, new_organisation(admin_keys=[_known_pair, public_pair(new_secret())]), roots()
        ), "key-reused",
    ),
    "organisation-mldsa-half-of-another": (
        lambda: signed(
            S.ORGANISATION,
            new_organisation(
                admin_keys=[replace(public_pair(_same), mldsa=_known_pair.mldsa), public_pair(new_secret())]
            ),
            roots(),
        ), "key-reused",
    ),
    "organisation-weak-key": (
        lambda: signed(
            S.ORGANISATION, new_organisation(admin_keys=[WEAK_PAIR, public_pair(new_secret())]), roots()
        ), "WEAKKEY",
    ),
    "organisation-change-by-one-administrator": (
        lambda: signed(S.ORGANISATION, organisation(issued_at=1), admins("stockholm", 1)), "threshold",
    ),
    "organisation-card-by-administrators": (
        lambda: signed(S.ORGANISATION, organisation(card=bytes(64)), admins("stockholm")), "card",
    ),
    "organisation-number-skipped": (
        lambda: signed(S.ORGANISATION, replace(organisation(), number=3), admins("stockholm")), "number",
    ),
    "unit-too-few-administrators": (lambda: signed(S.UNIT, new_unit(), admins("stockholm", 1)), "threshold"),
    "unit-by-another-organisation": (lambda: signed(S.UNIT, new_unit(), admins("polisen")), "stray"),
    "unit-by-roots": (lambda: signed(S.UNIT, new_unit(), roots()), "stray"),
    "unit-of-unknown-organisation": (
        lambda: signed(S.UNIT, new_unit(org_id=bytes(16)), admins("stockholm")), "unknown-organisation",
    ),
    "unit-other-federation": (
        lambda: signed(S.UNIT, new_unit(federation=bytes(32)), admins("stockholm")), "federation",
    ),
    "unit-number-not-1": (lambda: signed(S.UNIT, new_unit(number=2), admins("stockholm")), "number"),
    "unit-mailbox-of-another": (
        lambda: signed(S.UNIT, new_unit(mailbox_id=BOPS.mailbox_id), admins("stockholm")), "mailbox-reused",
    ),
    "unit-number-skipped": (lambda: signed(S.UNIT, unit(number=3), admins("stockholm")), "number"),
    "unit-number-repeated": (lambda: signed(S.UNIT, unit(number=1, issued_at=1), admins("stockholm")), "number"),
    "unit-changes-mailbox": (
        lambda: signed(S.UNIT, unit(mailbox_id=random_bytes(16)), admins("stockholm")), "unit-moved",
    ),
    "unit-taken-by-another-organisation": (
        lambda: signed(S.UNIT, unit(org_id=POLICE.org_id), admins("polisen")), "unit-moved",
    ),
    "unit-unknown-successor": (
        lambda: signed(S.UNIT, unit(successor=random_bytes(16)), admins("stockholm")), "successor",
    ),
    "unit-succeeds-itself": (
        lambda: signed(S.UNIT, unit(successor=SAV.unit_id), admins("stockholm")), "successor",
    ),
    "device-by-administrators-only": (lambda: signed(S.DEVICE, device(), admins("stockholm")), "device-approval"),
    "device-by-siblings-only": (
        lambda: signed(S.DEVICE, device(), [keeper.sign for keeper in SAV.keepers]), "device-approval",
    ),
    "device-by-the-sibling-of-another-unit": (
        lambda: signed(S.DEVICE, device(), [admins("stockholm", 1)[0], BOPS.keepers[0].sign]), "stray",
    ),
    "device-by-the-administrator-of-another": (
        lambda: signed(S.DEVICE, device(), [admins("polisen", 1)[0], SAV.keepers[0].sign]), "stray",
    ),
    "device-beyond-the-siblings-validity": (
        lambda: signed(
            S.DEVICE, device(not_before=NOW + 366 * 86_400, not_after=NOW + 400 * 86_400), sav_approvers()
        ), "device-approval",
    ),
    "device-of-unknown-unit": (
        lambda: signed(S.DEVICE, device(unit_id=random_bytes(16)), sav_approvers()), "unknown-unit",
    ),
    "device-other-federation": (lambda: signed(S.DEVICE, device(federation=bytes(32)), sav_approvers()), "federation"),
    "device-too-long": (
        lambda: signed(S.DEVICE, device(not_before=NOW, not_after=NOW + MAX_DEVICE_SECONDS + 1), sav_approvers()),
        "validity",
    ),
    "device-ends-before-it-begins": (
        lambda: signed(S.DEVICE, device(not_before=NOW, not_after=NOW), sav_approvers()), "validity",
    ),
    "device-for-another-request": (
        lambda: signed(S.DEVICE, device(device_id=random_bytes(16)), sav_approvers()), "request",
    ),
    "device-id-seen-before": (
        lambda: signed(S.DEVICE, device(request=enrol_with(device_id=SAV.keepers[0].device_id)), sav_approvers()),
        "device-reused",
    ),
    "device-without-possession": (
        lambda: signed(S.DEVICE, device(request=enrol_with(signer=STRANGER)), sav_approvers()), "SIG",
    ),
    "device-key-of-an-administrator": (
        lambda: signed(S.DEVICE, device(request=enrol_with(signing=STOCKHOLM.admins[0])), sav_approvers()),
        "key-reused",
    ),
    "device-login-key-seen-before": (
        lambda: signed(S.DEVICE, device(request=enrol_with(login=_known_login)), sav_approvers()), "key-reused",
    ),
    "device-login-key-is-its-signing-key": (
        lambda: signed(
            S.DEVICE,
            device(request=enrol_with(signing=_same, login=ed25519_public(_same.ed25519_seed))),
            sav_approvers(),
        ), "key-reused",
    ),
    "device-weak-login-key": (
        lambda: signed(S.DEVICE, device(request=enrol_with(login=WEAK_PAIR.ed25519)), sav_approvers()), "WEAKKEY",
    ),
    "device-weak-signing-key": (
        lambda: signed(S.DEVICE, device(request=_weak_request()), sav_approvers()), "WEAKKEY",
    ),
    "device-request-is-no-request": (
        lambda: signed(S.DEVICE, replace(device(), request=b"\x90"), sav_approvers()), "type",
    ),
    "revoke-by-a-stranger": (lambda: signed(S.REVOKE, revoke(), [officer_signer(STRANGER)]), "stray"),
    "revoke-by-another-organisation": (lambda: signed(S.REVOKE, revoke(), admins("polisen", 1)), "stray"),
    "revoke-by-another-unit": (lambda: signed(S.REVOKE, revoke(), [BOPS.keepers[0].sign]), "stray"),
    "revoke-by-one-root": (lambda: signed(S.REVOKE, revoke(), roots(1)), "revoke"),
    "revoke-of-unknown-device": (
        lambda: signed(S.REVOKE, revoke(target_id=bytes(16)), admins("stockholm", 1)), "revoke-target",
    ),
    "revoke-other-federation": (
        lambda: signed(S.REVOKE, revoke(federation=bytes(32)), admins("stockholm", 1)), "federation",
    ),
    "hub-too-few-roots": (lambda: signed(S.HUB, hub(), roots(1)), "threshold"),
    "hub-by-itself": (lambda: signed(S.HUB, hub(), by_hub()), "stray"),
    "hub-other-federation": (lambda: signed(S.HUB, hub(federation=bytes(32)), roots()), "federation"),
    "hub-number-skipped": (lambda: signed(S.HUB, hub(number=3), roots()), "number"),
    "hub-new-number-not-1": (lambda: signed(S.HUB, hub(hub_id=bytes(16)), roots()), "number"),
    "hub-key-of-another": (lambda: signed(S.HUB, hub(keys=_known_pair), roots()), "key-reused"),
    "hub-weak-key": (lambda: signed(S.HUB, hub(keys=WEAK_PAIR), roots()), "WEAKKEY"),
    "snapshot-by-roots": (lambda: signed(S.SNAPSHOT, snapshot(), roots()), "stray"),
    "snapshot-of-unknown-hub": (lambda: signed(S.SNAPSHOT, snapshot(hub_id=bytes(16)), by_hub()), "unknown-hub"),
    "snapshot-other-federation": (lambda: signed(S.SNAPSHOT, snapshot(federation=bytes(32)), by_hub()), "federation"),
    "snapshot-of-a-future-log": (lambda: signed(S.SNAPSHOT, snapshot(dir_size=10_000), by_hub()), "snapshot-size"),
    "already-in-the-log": (lambda: FEDERATION.statements[-1], "DUP"),
    "first-root-again": (lambda: FEDERATION.statements[0], "DUP"),
    "not-for-the-log": (lambda: sign_object(STRANGER, bytes(32), S.DOCUMENT, b"\x90"), "leaf-type"),
    "release-is-not-taken-yet": (lambda: sign_object(STRANGER, bytes(32), S.RELEASE, b"\x90"), "leaf-type"),
    "no-object": (lambda: b"\x90", "type"),
    "too-long": (lambda: bytes(MAX_LEAF_BYTES + 1), "length"),
    "payload-of-another-type": (lambda: signed(S.UNIT, new_organisation(), admins("stockholm")), "type"),
    "unknown-version": (lambda: signed(S.HUB, hub(version=2), roots()), "VER"),
    "wrong-signature": (lambda: _with_wrong_half(signed(S.HUB, hub(), roots())), "SIG"),
}  # fmt: skip


def _weak_request() -> bytes:
    plain = read_payload(parse_signed(enrol_with()), S.ENROL, Enrol)
    return sign_object(STRANGER, bytes(32), S.ENROL, encode(replace(plain, signing=WEAK_PAIR)))


def _with_wrong_half(raw: bytes) -> bytes:
    so = parse_signed(raw)
    wrong = sign_with(STRANGER, so.signatures[0].signer, so.type, so.payload)
    return assemble(so.type, so.payload, [replace(so.signatures[0], mldsa=wrong.mldsa), *so.signatures[1:]])


@pytest.mark.parametrize("name", REFUSED)
def test_one_defect_is_refused_and_changes_nothing(name: str, federation: Federation) -> None:
    """A statement with this one defect is refused with its rule; the log and the state stay as they were."""
    make, rule = REFUSED[name]
    directory = federation.directory
    before = _state(directory)
    with pytest.raises((FormatError, SignatureError, TrustError)) as caught:
        directory.apply(make())
    assert rule in {caught.value.code, caught.value.fields.get("rule")}
    assert _state(directory) == before


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "root-same-keys": lambda: signed(S.ROOT, root(), roots()),
    "root-one-key-replaced": lambda: signed(
        S.ROOT, root(keys=[*FEDERATION.directory.root.keys[:2], public_pair(new_secret())]), roots()
    ),
    "organisation-new": lambda: signed(S.ORGANISATION, new_organisation(), roots()),
    "organisation-card-by-roots": lambda: signed(S.ORGANISATION, organisation(card=bytes(64)), roots()),
    "organisation-again-by-administrators": lambda: signed(S.ORGANISATION, organisation(), admins("stockholm")),
    "organisation-administrator-replaced": lambda: signed(
        S.ORGANISATION, organisation(admin_keys=[_known_pair, public_pair(new_secret())]), admins("stockholm")
    ),
    "organisation-card-and-administrators-by-both": lambda: signed(
        S.ORGANISATION, organisation(card=bytes(64), threshold=1), [*roots(), *admins("stockholm")]
    ),
    "unit-new": lambda: signed(S.UNIT, new_unit(), admins("stockholm")),
    "unit-closed-with-successor": lambda: signed(
        S.UNIT, unit(status=UnitStatus.CLOSED, successor=BOPS.unit_id), admins("stockholm")
    ),
    "device-400-days": lambda: signed(
        S.DEVICE, device(not_before=NOW, not_after=NOW + MAX_DEVICE_SECONDS), sav_approvers()
    ),
    "revoke-by-one-administrator": lambda: signed(S.REVOKE, revoke(), admins("stockholm", 1)),
    "revoke-by-itself": lambda: signed(S.REVOKE, revoke(), [SAV.keepers[0].sign]),
    "revoke-by-a-sibling": lambda: signed(S.REVOKE, revoke(), [SAV.keepers[1].sign]),
    "revoke-by-roots": lambda: signed(S.REVOKE, revoke(), roots()),
    "hub-moved": lambda: signed(S.HUB, hub(address="https://new.example"), roots()),
    "hub-new-keys": lambda: signed(S.HUB, hub(keys=public_pair(new_secret())), roots()),
    "snapshot": lambda: signed(S.SNAPSHOT, snapshot(), by_hub()),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_rules_allow_is_accepted(name: str, federation: Federation) -> None:
    """The log grows by one leaf, and a replay of the whole log gives the same root."""
    directory = federation.directory
    size = directory.size
    statement = ACCEPTED[name]()
    directory.apply(statement)
    assert directory.size == size + 1
    assert replayed([*federation.statements, statement]).tree.root() == directory.tree.root()


def test_a_whole_log_replays_with_all_signatures() -> None:
    """Verifying everything from the first root gives the same root as the parties have."""
    directory = Directory(FEDERATION.statements[0])
    types = [directory.apply(statement) for statement in FEDERATION.statements[1:]]
    assert directory.tree.root() == FEDERATION.directory.tree.root()
    assert types[0] is SignedType.HUB


def test_a_statement_of_another_federation_is_refused() -> None:
    """Every statement of one federation is refused by another."""
    directory = Directory(FEDERATION.statements[0])
    for statement in OTHER.statements:
        with pytest.raises(PeerError):
            directory.apply(statement)
    assert directory.size == 1


def test_a_revoked_device_neither_approves_nor_revokes(federation: Federation) -> None:
    """After its revocation a device is a stranger to its unit, and it is not revoked twice."""
    directory = federation.directory
    directory.apply(signed(S.REVOKE, revoke(), admins("stockholm", 1)))
    for statement in (
        signed(S.DEVICE, device(), sav_approvers()),
        signed(S.REVOKE, revoke(target_id=SAV.keepers[1].device_id), [SAV.keepers[0].sign]),
    ):
        with pytest.raises(TrustError, match="stray"):
            directory.apply(statement)
    with pytest.raises(TrustError, match="revoke-target"):
        directory.apply(signed(S.REVOKE, revoke(reason=RevokeReason.LEFT), admins("stockholm", 1)))


def test_a_unit_whose_devices_are_all_revoked_begins_anew(federation: Federation) -> None:
    """Then the next device is a first one again and needs the administrators' threshold."""
    directory = federation.directory
    for keeper in SAV.keepers:
        directory.apply(signed(S.REVOKE, revoke(target_id=keeper.device_id), admins("stockholm", 1)))
    with pytest.raises(TrustError, match="device-approval"):
        directory.apply(signed(S.DEVICE, device(), admins("stockholm", 1)))
    directory.apply(signed(S.DEVICE, device(), admins("stockholm")))
    assert len(directory.unit_devices(SAV.unit_id)) == 3


def test_replaced_administrators_sign_no_more(federation: Federation) -> None:
    """A change of administrators takes the old ones' word away, and their keys never return."""
    directory = federation.directory
    fresh = [new_secret(), new_secret()]
    pairs = [public_pair(secret) for secret in fresh]
    officers = federation.admins("stockholm")
    directory.apply(
        ceremony.change_administrators(directory, officers, org_id=STOCKHOLM.org_id, admins=pairs, threshold=2)
    )
    with pytest.raises(TrustError, match="stray"):
        directory.apply(signed(S.UNIT, new_unit(), admins("stockholm")))
    signers = [officer_signer(secret) for secret in fresh]
    directory.apply(signed(S.UNIT, new_unit(), signers))
    back = dataclasses.replace(officers, signers=signers)
    with pytest.raises(TrustError, match="key-reused"):
        directory.apply(
            ceremony.change_administrators(
                directory, back, org_id=STOCKHOLM.org_id, admins=[pairs[0], _known_pair], threshold=2
            )
        )


def test_a_replaced_root_signs_no_more(federation: Federation) -> None:
    """After a change of root the old holders cannot add anybody."""
    directory = federation.directory
    fresh = [new_secret() for _ in range(3)]
    signers = [officer_signer(secret) for secret in fresh]
    pairs = [public_pair(secret) for secret in fresh]
    officers = dataclasses.replace(federation.roots(), signers=[*roots(), *signers])
    directory.apply(ceremony.change_root(directory, officers, keys=pairs, threshold=2))
    with pytest.raises(TrustError, match="stray"):
        directory.apply(signed(S.ORGANISATION, new_organisation(), roots()))
    directory.apply(signed(S.ORGANISATION, new_organisation(), signers[:2]))


def test_snapshots_rise_per_hub(federation: Federation) -> None:
    """A hub's snapshot neither repeats a number nor goes back in time; another hub counts for itself."""
    directory = federation.directory
    directory.apply(signed(S.SNAPSHOT, snapshot(number=5), by_hub()))
    for changes in ({"number": 5, "root": bytes([1]) * 32}, {"number": 4}, {"number": 6, "made_at": NOW - 1}):
        with pytest.raises(TrustError, match="snapshot-order"):
            directory.apply(signed(S.SNAPSHOT, snapshot(**changes), by_hub()))
    directory.apply(signed(S.SNAPSHOT, snapshot(number=6), by_hub()))
    secret, hub_id = new_secret(), HubId(random_bytes(16))
    request = HubRequest("sluss-hub-request", 1, hub_id, public_pair(secret), "https://second.example")
    directory.apply(ceremony.add_hub(directory, federation.roots(), request=request))
    directory.apply(signed(S.SNAPSHOT, snapshot(number=1, hub_id=hub_id), [officer_signer(secret)]))
    assert {directory.snapshots[federation.hub_id].number, directory.snapshots[hub_id].number} == {6, 1}
    assert directory.snapshot == directory.snapshots[hub_id]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"number": 2}, "first-root"),
        ({"threshold": 4}, "threshold"),
        ({"profile": Profile.REAL, "threshold": 1}, "threshold"),
        ({"keys": [FEDERATION.directory.root.keys[0]] * 3}, "key-reused"),
        ({"keys": [*FEDERATION.directory.root.keys[:2], WEAK_PAIR]}, "WEAKKEY"),
        ({"version": 2}, "VER"),
    ],
)
def test_a_first_root_must_stand_by_itself(changes: dict[str, Any], rule: str) -> None:
    """A first root with one defect founds nothing."""
    statement = signed(S.ROOT, replace(root(number=1), **changes), roots())
    with pytest.raises(PeerError) as caught:
        Directory(statement)
    assert rule in {caught.value.code, caught.value.fields.get("rule")}


def test_a_first_root_needs_its_own_threshold() -> None:
    """One signature does not found a federation of threshold two."""
    with pytest.raises(TrustError, match="threshold"):
        Directory(signed(S.ROOT, root(number=1), roots(1)))


def test_a_real_federation_wants_two_people_everywhere() -> None:
    """Where it is for real, one administrator alone is no threshold; in a demonstration it is."""
    federation = Federation(profile=Profile.REAL)
    pairs = [public_pair(new_secret()), public_pair(new_secret())]
    card = STOCKHOLM.card
    statement = ceremony.add_organisation(
        federation.directory, federation.roots(), card=card, admins=pairs, threshold=1
    )
    with pytest.raises(TrustError, match="threshold"):
        federation.directory.apply(statement)
    lowered = ceremony.change_root(
        federation.directory, federation.roots(3), keys=federation.directory.root.keys, threshold=1
    )
    with pytest.raises(TrustError, match="threshold"):
        federation.directory.apply(lowered)
    alone = ceremony.add_organisation(OTHER.directory, OTHER.roots(), card=card, admins=pairs, threshold=1)
    OTHER.directory.apply(alone)


def test_the_directory_answers_who_is_who(federation: Federation) -> None:
    """Mailboxes, units, certificates and activity are found as the statements say."""
    directory, keeper = federation.directory, SAV.keepers[0]
    entry = directory.devices[keeper.device_id]
    found = directory.unit_of_mailbox(SAV.mailbox_id)
    assert found is not None
    assert UnitId(found.statement.unit_id) == SAV.unit_id
    assert found.is_active
    assert directory.unit_of_mailbox(OTHER.units["sav"].mailbox_id) is None
    assert directory.device_of_certificate(entry.certificate) == entry
    assert directory.device_of_certificate(federation.directory.federation) is None  # type: ignore[arg-type]
    assert directory.organisation_of(SAV.unit_id).statement.org_id == STOCKHOLM.org_id
    assert directory.unit_devices(UnitId(bytes(16))) == []
    end = entry.statement.not_after
    assert [len(directory.active_devices(SAV.unit_id, at)) for at in (NOW - 3601, NOW, end - 1, end)] == [0, 2, 2, 0]


def test_a_device_was_active_between_joining_and_revocation(federation: Federation) -> None:
    """The log sizes of its two statements bound what a device may have signed."""
    directory = federation.directory
    directory.apply(signed(S.REVOKE, revoke(), admins("stockholm", 1)))
    entry = directory.devices[SAV.keepers[0].device_id]
    joined, revoked = entry.joined_size, entry.revoked_size
    assert revoked == directory.size
    answers = [entry.was_active(size, NOW) for size in (joined - 1, joined, revoked - 1, revoked)]
    assert answers == [False, True, True, False]
    assert not entry.was_active(joined, entry.statement.not_after)
    assert not entry.is_active(NOW)


def test_an_appointment_makes_the_certificate(federation: Federation) -> None:
    """The ceremony's certificate is what the appointment says and begins an hour ago."""
    appointment = Appointment(SAV.unit_id, StaffCard("Bo", "", [Role.HANDLAGGARE]), 30)
    officers = dataclasses.replace(federation.admins("stockholm"), signers=sav_approvers())
    request = enrol_request(new_ring(Profile.DEMO), NOW)
    raw = ceremony.approve_device(federation.directory, officers, request=request, appointment=appointment)
    federation.directory.apply(raw)
    statement = read_payload(parse_signed(raw), S.DEVICE, Device)
    assert (statement.not_before, statement.not_after) == (NOW - 3600, NOW - 3600 + 30 * 86_400)


def _state(directory: Directory) -> tuple[object, ...]:
    return (
        directory.size,
        directory.tree.root(),
        directory.root,
        dict(directory.organisations),
        dict(directory.units),
        dict(directory.devices),
        dict(directory.hubs),
        dict(directory.snapshots),
        {key: list(value) for key, value in directory._unit_devices.items()},
        dict(directory._mailboxes),
        dict(directory._certificates),
        set(directory._keys._used),
    )
