"""The ceremonies as functions, and the files that people carry between them."""

import dataclasses

import pytest
from msgspec.structs import replace

from keys.admin_request import MAX_ADMIN_REQUEST_BYTES, Officer, parse_admin_request
from keys.approval import parse_request
from keys.cards import CardKind, OrganisationCard, Role, StaffCard, UnitCard
from keys.codec import decode, encode
from keys.domains import SignedType
from keys.errors import FormatError, LocalError, OpenError, PeerError, SignatureError
from keys.hub_request import HubRequest, fingerprint_of, make_hub_request, parse_hub_request
from keys.ids import FederationId, HubId, OrgId, UnitId, digest
from keys.private import ceremony, key_file
from keys.private.cards import open_card
from keys.private.ceremony import Appointment
from keys.private.describe import describe_directory
from keys.private.identity import new_secret, public_pair, secret_key_id, sign_object
from keys.private.keeper import enrol_request, new_ring
from keys.private.officer import (
    OfficerKind,
    OfficerSecret,
    admin_request,
    lock_officer,
    make_grant,
    new_admin,
    open_grant,
    root_holder,
    unlock_officer,
)
from keys.private.registry import Registry
from keys.private.table import cosign
from keys.public import PublicPair
from keys.signed import parse_signed, read_payload
from keys.statements import MAX_CARD_BYTES, Device, Profile, UnitStatus
from tests.kit.federation import NOW, Federation

WORDS = "sex små grodor äro lustiga"
WEAK = PublicPair(b"\x01" + bytes(31), public_pair(new_secret()).mldsa)


@pytest.fixture
def federation() -> Federation:
    """A fresh federation, one device per unit."""
    return Federation.demo()


@pytest.mark.parametrize(("holders", "threshold"), [(3, 0), (3, 4), (10, 3), (0, 0)])
def test_a_founding_that_cannot_work_is_refused(holders: int, threshold: int) -> None:
    """The threshold lies between one and the holders, of whom there are at most nine."""
    with pytest.raises(LocalError, match="THRESHOLD"):
        ceremony.create_root(Profile.DEMO, NOW, holders=holders, threshold=threshold)


def test_an_organisation_is_renamed_by_the_roots(federation: Federation) -> None:
    """The new name opens with the directory key; the administrators stay."""
    org_id = federation.organisations["stockholm"].org_id
    card = OrganisationCard("Stockholm", "212000-0142", "kommun", "0180")
    before = federation.directory.organisations[org_id].statement
    federation.apply(ceremony.rename_organisation(federation.directory, federation.roots(), org_id=org_id, card=card))
    after = federation.directory.organisations[org_id].statement
    opened = open_card(federation.directory_key, CardKind.ORGANISATION, org_id, after.card)
    assert decode(opened, OrganisationCard, max_bytes=MAX_CARD_BYTES) == card
    assert after.admin_keys == before.admin_keys


def test_a_unit_moves_its_card_and_then_closes(federation: Federation) -> None:
    """A change keeps what it does not name; a closed unit names its successor."""
    sav, other = federation.units["sav"], federation.units["sodermalm"]
    officers, directory = federation.admins("stockholm"), federation.directory
    card = replace(sav.card, name_sv="Nya namnet")
    federation.apply(ceremony.change_unit(directory, officers, unit_id=sav.unit_id, card=card))
    changed = directory.units[sav.unit_id].statement
    opened = open_card(federation.directory_key, CardKind.UNIT, sav.unit_id, changed.card)
    assert decode(opened, UnitCard, max_bytes=MAX_CARD_BYTES).name_sv == "Nya namnet"
    federation.apply(
        ceremony.change_unit(directory, officers, unit_id=sav.unit_id, closed=True, successor=other.unit_id)
    )
    closed = directory.units[sav.unit_id]
    assert (closed.is_active, closed.statement.successor, closed.statement.card) == (
        False, other.unit_id, changed.card,
    )  # fmt: skip
    assert closed.statement.status is UnitStatus.CLOSED


def test_what_the_directory_does_not_know_is_said(federation: Federation) -> None:
    """Unknown organisations, units and certificates end in UNKNOWN before anybody signs."""
    directory, officers = federation.directory, federation.roots()
    nobody = OrgId(bytes(16))
    calls = [
        lambda: ceremony.change_administrators(directory, officers, org_id=nobody, admins=[]),
        lambda: ceremony.change_unit(directory, officers, unit_id=UnitId(bytes(16))),
        lambda: ceremony.approval_file(
            directory,
            federation.founding.statement,
            certificate=federation.statements[1],
            directory_key=federation.directory_key,
        ),
    ]
    for call in calls:
        with pytest.raises(LocalError, match="UNKNOWN"):
            call()


def test_a_unit_at_an_unknown_hub_gets_no_approval(federation: Federation) -> None:
    """A device cannot be sent to a hub that the roots did not name."""
    federation.hub_id = HubId(bytes(16))
    federation.add_unit("lost", "stockholm", unit_type="sig")
    with pytest.raises(LocalError, match="UNKNOWN"):
        federation.enrol("lost", "Bo Ek")


def test_signatures_of_a_draft_come_one_by_one(federation: Federation) -> None:
    """An administrator's draft and a sibling's signature make a certificate."""
    sav = federation.units["sav"]
    officers = federation.admins("stockholm", 1)
    appointment = Appointment(sav.unit_id, StaffCard("Bo Ek Lindqvist", "", [Role.TELEFON]))
    request = enrol_request(new_ring(Profile.DEMO), NOW)
    draft = ceremony.approve_device(federation.directory, officers, request=request, appointment=appointment)
    with pytest.raises(PeerError, match="device-approval"):
        federation.directory.apply(draft)
    federation.apply(cosign(draft, [sav.keepers[0].sign]))
    assert len(federation.directory.unit_devices(sav.unit_id)) == 2
    device = read_payload(parse_signed(draft), SignedType.DEVICE, Device)
    assert b"Lindqvist" not in encode(device)


@pytest.mark.parametrize("name", ["", "x" * 121])
def test_a_card_that_nobody_could_read_is_not_sealed(name: str, federation: Federation) -> None:
    """A name that the record does not allow is refused before it goes into a log for ever."""
    card = OrganisationCard(name, "", "kommun", "")
    with pytest.raises(LocalError, match="FIELD"):
        ceremony.add_organisation(federation.directory, federation.roots(), card=card, admins=[])


def test_officers_and_foundings_do_not_show_secrets(federation: Federation) -> None:
    """Neither the directory key nor a seed appears in their text."""
    text = f"{federation.roots()!r} {federation.founding!r} {new_admin()!r}"
    assert federation.directory_key.hex() not in text
    assert repr(federation.directory_key) not in text


def test_names_are_hidden_without_the_right_directory_key(federation: Federation) -> None:
    """A description has names with the key, none without it, and says so when a card does not open."""
    shown = [describe_directory(federation.directory, key) for key in (federation.directory_key, None, bytes(32))]
    names = [facts["organisations"][0].get("name") for facts in shown]
    assert names == ["Stockholms stad", None, None]
    assert shown[2]["organisations"][0]["card"] == "cannot be opened"


def test_a_request_is_verified_before_anybody_signs_over_it() -> None:
    """A device's request that is not signed by its own keys, or is none, is refused."""
    request = enrol_request(new_ring(Profile.DEMO), NOW)
    so = parse_signed(request)
    stranger = new_secret()
    with pytest.raises(SignatureError):
        parse_request(sign_object(stranger, secret_key_id(stranger), SignedType.ENROL, so.payload))
    with pytest.raises(FormatError):
        parse_request(admin_request(new_admin(), NOW))
    assert parse_request(request).requested_at == NOW


def test_an_administrators_request_proves_possession() -> None:
    """Another signer, a weak key, another type or too many bytes are refused."""
    secret = new_admin()
    request = admin_request(secret, NOW)
    officer = parse_admin_request(request)
    assert officer.keys == public_pair(secret.signing)
    stranger = new_secret()
    stolen = sign_object(stranger, secret_key_id(stranger), SignedType.OFFICER, encode(officer))
    weak = sign_object(stranger, bytes(32), SignedType.OFFICER, encode(replace(officer, keys=WEAK)))
    for data in (stolen, weak, enrol_request(new_ring(Profile.DEMO), NOW), bytes(MAX_ADMIN_REQUEST_BYTES + 1), b""):
        with pytest.raises(PeerError):
            parse_admin_request(data)


def test_a_hubs_request_is_of_its_kind() -> None:
    """Magic, version and keys are looked at."""
    good = make_hub_request(HubId(bytes(16)), public_pair(new_secret()), "https://hub.example")
    request = parse_hub_request(good)
    assert fingerprint_of(good) == digest(good)
    for changes in ({"magic": "other"}, {"version": 2}, {"keys": WEAK}):
        with pytest.raises(PeerError):
            parse_hub_request(encode(replace(request, **changes)))


def test_a_grant_is_for_one_administrator_and_federation() -> None:
    """Another's seed, another federation or another key id opens nothing."""
    secret, federation = new_admin(), FederationId(b"f" * 32)
    officer: Officer = parse_admin_request(admin_request(secret, NOW))
    grant = make_grant(b"d" * 32, officer, federation)
    assert open_grant(grant, secret, federation) == b"d" * 32
    for other, place in (
        (secret, FederationId(b"g" * 32)),
        (new_admin(), federation),
        (replace(secret, signing=new_secret()), federation),
    ):
        with pytest.raises(OpenError):
            open_grant(grant, other, place)


@pytest.mark.parametrize("kind", list(OfficerKind))
def test_an_officers_file_comes_back(kind: OfficerKind) -> None:
    """Both kinds open with their passphrase and say their profile."""
    holder = root_holder(new_secret(), federation=FederationId(bytes(32)), directory_key=bytes(32))
    secret = holder if kind is OfficerKind.ROOT else new_admin()
    locked = lock_officer(secret, WORDS, profile=Profile.DEMO)
    assert unlock_officer(locked, WORDS) == (secret, Profile.DEMO)


def test_a_file_of_another_purpose_is_no_officers() -> None:
    """A vault's key file, another content and a root passed off as administrator are refused."""
    admin = encode(new_admin())
    wrong = [
        key_file.lock(admin, WORDS, purpose="vault", profile=Profile.DEMO),
        key_file.lock(b"secret", WORDS, purpose="admin", profile=Profile.DEMO),
        key_file.lock(admin, WORDS, purpose="root", profile=Profile.DEMO),
        key_file.lock(encode(_with_version(2)), WORDS, purpose="admin", profile=Profile.DEMO),
    ]
    for data in wrong:
        with pytest.raises(LocalError, match="FILE"):
            unlock_officer(data, WORDS)


def test_a_registry_is_founded_once(tmp_path, federation: Federation) -> None:  # type: ignore[no-untyped-def]
    """A folder that holds statements is not founded again, and grows in order."""
    registry = Registry.found(tmp_path / "registry", federation.statements[0])
    numbers = [registry.append(statement) for statement in federation.statements[1:]]
    assert numbers == list(range(2, len(federation.statements) + 1))
    assert Registry.open(tmp_path / "registry").directory.tree.root() == federation.directory.tree.root()
    with pytest.raises(LocalError, match="EXISTS"):
        Registry.found(tmp_path / "registry", federation.statements[0])


def test_a_real_federation_is_founded_like_any_other() -> None:
    """The kit's federation can be real; its programs refuse the other kind."""
    federation = Federation(profile=Profile.REAL, now=NOW + 1)
    assert (federation.directory.profile, federation.directory.root.issued_at) == (Profile.REAL, NOW + 1)
    assert HubRequest.__struct_fields__[2] == "hub_id"
    assert dataclasses.is_dataclass(federation.founding)


def _with_version(version: int) -> OfficerSecret:
    return replace(new_admin(), version=version)
