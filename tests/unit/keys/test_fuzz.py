"""Every decoder against altered bytes: a value or the peer's error, nothing else."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import internal
from keys.admin_request import parse_admin_request
from keys.approval import parse_approval, parse_request
from keys.attachment import Place
from keys.cards import OrganisationCard, Role, StaffCard, UnitCard
from keys.checkpoint import parse_note
from keys.codec import Record, decode, encode, encode_body
from keys.consent import Consent, Parcel, Withdrawal, WithdrawalScope
from keys.directory import Directory
from keys.document import Attachment, Content, Document, KindClass, Receipt, ReceiptEntry, ReceiptStatus
from keys.domains import SignedType
from keys.envelope import parse_envelope
from keys.errors import LocalError, PeerError
from keys.hub_request import make_hub_request, parse_hub_request
from keys.ids import HubId
from keys.private import prekeys
from keys.private.describe import describe_file
from keys.private.identity import new_secret, public_pair
from keys.private.keeper import Ring, enrol_request, new_ring
from keys.private.key_file import KeyFile, inspect, lock
from keys.private.officer import OfficerSecret, admin_request, new_admin
from keys.second_signature import SecondSignature
from keys.signed import parse_signed, read_payload
from keys.statements import (
    Batch,
    Device,
    Enrol,
    Hub,
    Interval,
    Login,
    Organisation,
    Profile,
    Revoke,
    RevokeReason,
    RevokeTarget,
    Root,
    Snapshot,
    Unit,
)
from tests.kit.federation import NOW, Federation

FEDERATION = Federation.demo()
DIRECTORY = FEDERATION.directory
SAV = FEDERATION.units["sav"]
ID, HASH = bytes(range(16)), bytes(range(32))
RING = new_ring(Profile.DEMO)
BATCH = prekeys.batch_payload(HASH, ID, 7, prekeys.new_epoch_secrets(490_000, 1))
ENTRY = ReceiptEntry(ID, HASH, ReceiptStatus.REFUSED, "GUARD-1", NOW, HASH, 490_000, bytes(64))

SETTING = internal.Setting(internal.SettingName.ASSIGNED, ID, 7, ID, None, NOW)
NOTE = internal.Note(ID, ID, ID, NOW, "Ring tillbaka.")
DRAFT = internal.Draft(ID, 8, ID, NOW, b"form")
RESHARED = internal.Reshared(internal.Way.OUT, "sent", "", NOW, 490_000, None, b"signed", HASH, b"\x80")
STANDS = internal.ThreadStands(ID, "hotbild", "mottagen", "mottagare", ID, "ab" * 16, None, NOW, NOW, NOW, ID)
PLACE = Place(ID, 15)
LETTERS: list[Record] = [
    internal.SentCopy(b"signed", HASH, b"\x80"),
    internal.State([SETTING], [NOTE], [DRAFT]),
    internal.Registered([b"parcel"], [b"signed"]),
    internal.Need([HASH]),
    internal.Reshare(ID, [HASH], [RESHARED], [STANDS]),
    internal.HistoryWish(ID, 3, 1),
    internal.History(ID, 3, 9, True, [RESHARED], [STANDS]),
    internal.ApprovalRequest(ID, NOW, HASH, b"\x80"),
    internal.Decision(ID, internal.Outcome.APPROVED, ID, NOW, "", "Bra.", b"signed"),
    internal.FilesWanted([PLACE]),
    internal.FileLent(PLACE, HASH, HASH),
    internal.FilesHeld([PLACE]),
    internal.Heads([internal.Head(ID, 3, HASH)]),
    internal.CalledBack(internal.Undone.RECALLED, "CNS-08", internal.SentCopy(b"signed", HASH, b"\x80")),
    internal.Proofs([b"signed"]),
]

RECORDS: list[Record] = [
    DIRECTORY.root,
    DIRECTORY.organisations[SAV.org_id].statement,
    DIRECTORY.units[SAV.unit_id].statement,
    DIRECTORY.devices[SAV.keepers[0].device_id].statement,
    DIRECTORY.devices[SAV.keepers[0].device_id].enrol,
    DIRECTORY.hubs[FEDERATION.hub_id].statement,
    Revoke(1, 1, HASH, RevokeTarget.DEVICE, ID, RevokeReason.LOST, NOW),
    Snapshot(1, 1, HASH, ID, 3, 9, 2, HASH, NOW),
    decode(BATCH, Batch, max_bytes=64 * 1024),
    decode(BATCH, Batch, max_bytes=64 * 1024).intervals[0],
    Login(1, 1, HASH, ID, ID, HASH),
    Document(
        1, 1, ID, ID, ID, ID, [ID], 1, HASH, NOW, 9, HASH, KindClass.CONTENT, ID, None, HASH,
        [Attachment(HASH, 5)], [HASH], "osl_10_1", b"signed",
    ),
    SecondSignature(1, 1, ID, ID, ID, ID, ID, "hotbild.begaran", ID, None, HASH, [], [HASH], "samtycke", NOW, 9, HASH),
    Attachment(HASH, 5),
    ENTRY,
    Receipt(1, 1, ID, ID, ID, ID, [ID], NOW, 9, HASH, [ENTRY]),
    Content(b"signed", HASH, b"\x80", [HASH]),
    Consent(1, 1, ID, ID, ID, NOW, HASH),
    Withdrawal(1, 1, ID, ID, ID, WithdrawalScope.SYFTE, None, ["hotbild"], NOW),
    Parcel(b"signed", HASH, b"record"),
    SETTING,
    NOTE,
    DRAFT,
    RESHARED,
    STANDS,
    *LETTERS,
    OrganisationCard("Malmö stad", "212000-1124", "kommun", "1280"),
    UnitCard("Enheten", "The unit", "sig", "1280", "", ID, encode_body({"handling_days": 21})),
    StaffCard("Bo Ek", "socialsekreterare", [Role.HANDLAGGARE]),
    SAV.approvals[0],
    new_admin(),
    RING,
]  # fmt: skip


def _record_reader(record: Record) -> Callable[[bytes], object]:
    return lambda data: decode(data, type(record), max_bytes=256 * 1024)


READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    **{type(record).__name__: (encode(record), _record_reader(record)) for record in RECORDS},
    **{f"letter {type(one).__name__}": (encode(one), internal.read_internal) for one in LETTERS},
    "signed object": (FEDERATION.statements[1], parse_signed),
    "statement": (FEDERATION.statements[1], Directory(FEDERATION.statements[0]).apply),
    "first root": (FEDERATION.statements[0], Directory),
    "device request": (enrol_request(RING, NOW), parse_request),
    "administrator's request": (admin_request(new_admin(), NOW), parse_admin_request),
    "hub request": (make_hub_request(HubId(ID), public_pair(new_secret()), "https://hub.example"), parse_hub_request),
    "approval": (encode(SAV.approvals[0]), parse_approval),
    "envelope": (bytes(16 * 1024), parse_envelope),
    "note": (b"sluss/00\n1\nAAAA\n\n", parse_note),
    "key file": (lock(b"secret", "correct horse battery", purpose="root", profile=Profile.DEMO), inspect),
    "shown file": (FEDERATION.statements[1], describe_file),
}

KINDS = {type(record).__name__ for record in RECORDS}
OWN_FILES = {"key file", "shown file"}

mutations = st.lists(
    st.tuples(st.sampled_from(["flip", "cut", "insert", "drop"]), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None)
@given(changes=mutations)
def test_altered_bytes_end_in_a_value_or_the_peers_error(name: str, changes: list[tuple[str, float, bytes]]) -> None:
    """Flipped, cut, inserted or dropped bytes never end in anything but a value or an error of our tree."""
    data, reader = READERS[name]
    for kind, where, what in changes:
        data = _mutate(data, kind, int(where * len(data)), what)
    # Only what lies on our own disk is our own fault; everything else came from a peer.
    allowed: tuple[type[Exception], ...] = (PeerError, LocalError) if name in OWN_FILES else (PeerError,)
    value = None
    with contextlib.suppress(*allowed):
        value = reader(data)
    assert value is None or name not in KINDS or encode(value) == data


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_every_record_comes_back(record: Record) -> None:
    """A record decodes to itself, and one field less or more is refused."""
    data = encode(record)
    assert _record_reader(record)(data) == record
    fields = [getattr(record, name) for name in record.__struct_fields__]
    for changed in (fields[:-1], [*fields, 0], []):
        with pytest.raises(PeerError):
            _record_reader(record)(encode(changed))


def test_every_record_of_the_formats_is_fuzzed() -> None:
    """The list above holds every kind of record that travels or is kept."""
    kinds = {Batch, Device, Enrol, Hub, Interval, Login, Organisation, Revoke, Root, Snapshot, Unit, KeyFile}
    kinds |= {Ring, OfficerSecret}
    assert kinds - {type(record) for record in RECORDS} == {KeyFile}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120), st.sampled_from(sorted(SignedType)))
def test_any_payload_is_read_or_refused(payload: bytes, signed_type: SignedType) -> None:
    """A signed object with any payload reads as a record or ends in the peer's error."""
    so = parse_signed(FEDERATION.statements[1])
    changed = type(so)(so.raw, signed_type, payload, so.signatures)
    with pytest.raises(PeerError):
        read_payload(changed, signed_type, Document)


def _mutate(data: bytes, kind: str, at: int, what: bytes) -> bytes:
    match kind:
        case "flip":
            return data[:at] + bytes(a ^ b for a, b in zip(data[at:], what, strict=False)) + data[at + len(what) :]
        case "cut":
            return data[:at]
        case "insert":
            return data[:at] + what + data[at:]
        case _:
            return data[:at] + data[at + len(what) :]
