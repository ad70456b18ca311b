"""The consent record: its fields, its chain of events, its supplements."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.casework.consent import (
    ConsentRecord,
    Party,
    SignedPurpose,
    add_event,
    special_categories,
    supplement,
    verify_events,
)
from client.casework.consent_check import validate_record
from client.casework.consent_events import EventChainError, extends
from client.casework.describe import describe_struct
from client.casework.problems import InvalidBodyError
from tests.unit.casework.samples import CONSENT, OTHER_KOMMUN, record_as_dict, sample_record

NEXT = "c1" * 16
AT = "2026-04-01T10:00:00Z"
SECOND = {"name": "Kim Kontrollant", "role": "beslutsfattare"}


def _reasons(record: dict[str, Any], minor: bool | None = None) -> set[tuple[str, str]]:
    with pytest.raises(InvalidBodyError) as caught:
        validate_record(record, minor=minor)
    return {(one.path, one.reason) for one in caught.value.problems}


def test_sample_record_is_valid_and_whole() -> None:
    """The complete record passes and comes back equal."""
    assert validate_record(record_as_dict(sample_record())) == sample_record()


def test_record_has_every_row_of_the_source() -> None:
    """All 32 rows of the source, and four: who answers for the data, what applies here, a closed circle, extremism."""
    assert len(describe_struct(ConsentRecord)) == 36 + 4


@pytest.mark.parametrize("name", [info.name for info in describe_struct(ConsentRecord) if info.need == "R"])
def test_required_field_is_missed(name: str) -> None:
    """Each required field of the record is missed when it is left out."""
    record = record_as_dict(sample_record())
    del record[name]
    assert (name, "missing") in _reasons(record)


@pytest.mark.parametrize("name", ["form", "signed_at", "signed_place", "original_sha256", "original_location"])
def test_given_consent_needs_its_signed_original(name: str) -> None:
    """A draft may lack the original; once given, the record must tell of it."""
    record = record_as_dict(sample_record())
    del record[name]
    assert (name, "missing") in _reasons(record)
    draft = record_as_dict(sample_record(event_types=("informerad",)))
    del draft[name]
    validate_record(draft)


def aside(authority: str, role: str = "handlaggare") -> dict[str, Any]:
    """An authority that is not concerned."""
    return {"authority": authority, "reason": "Saknar koppling.", "decided_by": {"name": "Hanna", "role": role}}


ONE_DAY = [{"purpose": "informationsutbyte", "signed": True, "valid_to": "2026-02-01"}]
GUARDIANS = [{"name": "Vera", "signed": True}]
HEALTH = {"data_categories": ["halsa"], "special_category": ["halsa"]}
HOST = {"authority": "mottagande_kommun", "unit": OTHER_KOMMUN, "role": "tar_emot", "named": True}
NOBODY = {**HOST, "unit": None}
PARTIES: list[dict[str, Any]] = record_as_dict(sample_record())["parties"][:2]
PLACED: dict[str, Any] = {
    "supersedes": NEXT,
    "parties": [*PARTIES, HOST],
    "purposes": [{"purpose": "placering", "signed": True, "valid_to": "2026-05-01"}],
    "second_staff": SECOND,
    "circle": [{"unit": OTHER_KOMMUN}],
}

# Change, minor, path, reason; and the change that repairs it.
CONDITIONS: list[tuple[dict[str, Any], bool | None, str, str, dict[str, Any]]] = [
    ({"gdpr_basis": ["6_1_a"]}, None, "gdpr_basis", "choice", {"gdpr_basis": ["6_1_e", "9_2_g", "10"]}),
    ({"form": "muntligt_positiv"}, None, "form", "choice", {"form": "e_underskrift"}),
    ({"storage": "navet"}, None, "storage", "choice", {"storage": "enhetens_system"}),
    ({"jurisdiction": "NO"}, None, "jurisdiction", "choice", {"jurisdiction": "SE"}),
    ({"valid_from": "2026-01-31"}, None, "valid_to", "after", {"valid_from": "2026-02-01"}),
    ({"valid_to": "2026-01-31"}, None, "valid_to", "before", {"valid_to": "2027-02-01"}),
    ({"valid_to": "2026-01-31"}, None, "valid_to", "before", {"valid_to": "2026-02-01", "purposes": ONE_DAY}),
    (
        {"special_category": []},
        None,
        "special_category",
        "computed",
        {"special_category": ["brott_och_domar", "misstankar"]},
    ),
    ({}, True, "guardians", "missing", {"guardians": [{"name": "Vera", "signed": True}]}),
    ({}, True, "guardians", "missing", {"guardian_omitted_reason": "Risk för personen"}),
    (
        {"purposes": [{"purpose": "placering", "signed": True, "valid_to": "2026-05-01"}]},
        None,
        "second_staff",
        "missing",
        {"second_staff": SECOND},
    ),
    (
        {"second_staff": {"name": "Vera Vittne", "role": "handlaggare"}},
        None,
        "second_staff",
        "same_staff",
        {"second_staff": SECOND},
    ),
    (
        {"purposes": [{"purpose": "overlamnande", "signed": True, "valid_to": "2027-02-02"}]},
        None,
        "purposes.valid_to",
        "after",
        {"purposes": [{"purpose": "overlamnande", "signed": True, "valid_to": "2027-02-01"}]},
    ),
    (
        {"purposes": [{"purpose": "uppfoljning_efter_avslut", "signed": True, "valid_to": "2028-08-02"}]},
        None,
        "purposes.valid_to",
        "after",
        {"purposes": [{"purpose": "uppfoljning_efter_avslut", "signed": True, "valid_to": "2028-08-01"}]},
    ),
    (
        {"purposes": [{"purpose": "registerslagning", "signed": True, "valid_to": "2028-08-02"}]},
        None,
        "purposes.valid_to",
        "after",
        {"purposes": [{"purpose": "registerslagning", "signed": True, "valid_to": "2028-08-01"}]},
    ),
    (
        {"purposes": [{"purpose": "overlamnande", "signed": True, "valid_to": "2026-05-01"}] * 2},
        None,
        "purposes",
        "duplicate",
        {"purposes": [{"purpose": "overlamnande", "signed": True, "valid_to": "2026-05-01"}]},
    ),
    (
        {"purposes": [{"purpose": "overlamnande", "signed": True, "valid_to": "2026-01-31"}]},
        None,
        "purposes.valid_to",
        "before",
        {"purposes": [{"purpose": "overlamnande", "signed": True, "valid_to": "2026-02-01"}]},
    ),
    ({"record_version": "2.0"}, None, "record_version", "version", {"record_version": "1.7"}),
    ({"signer_kind": "vardnadshavare"}, None, "guardians", "missing", {"guardians": GUARDIANS}),
    ({"signer_kind": "personen_och_vardnadshavare"}, None, "guardians", "missing", {"guardians": GUARDIANS}),
    ({"gdpr_basis": ["9_2_g", "10"]}, None, "gdpr_basis", "missing", {"gdpr_basis": ["6_1_c", "10"]}),
    ({"gdpr_basis": ["6_1_e"]}, None, "gdpr_basis", "missing", {"gdpr_basis": ["brottsdatalagen"]}),
    ({**HEALTH, "gdpr_basis": ["6_1_e"]}, None, "gdpr_basis", "missing", {"gdpr_basis": ["6_1_e", "9_2_h"]}),
    (
        {"data_categories": ["gruppering"], "special_category": [], "extremism": True},
        None,
        "special_category",
        "computed",
        {"special_category": ["asikt_eller_tro"]},
    ),
    ({"not_concerned": [aside("polis")]}, None, "not_concerned.authority", "duplicate", {"not_concerned": []}),
    (
        {"not_concerned": [{**aside("socialtjanst"), "unit": PARTIES[0]["unit"]}]},
        None,
        "not_concerned.unit",
        "duplicate",
        {"not_concerned": [{**aside("socialtjanst"), "unit": "ff" * 16}]},
    ),
    (
        {"not_concerned": [{**aside("polis"), "unit": "ff" * 16, "region": "syd"}]},
        None,
        "not_concerned.unit",
        "duplicate",
        {"not_concerned": [{**aside("polis"), "region": "syd"}]},
    ),
    (
        {"not_concerned": [{**aside("sis"), "region": "syd"}]},
        None,
        "not_concerned.region",
        "forbidden",
        {"not_concerned": [{**aside("polis"), "region": "syd"}]},
    ),
    ({"not_concerned": [aside("sis")] * 2}, None, "not_concerned", "duplicate", {"not_concerned": [aside("sis")]}),
    (
        {"not_concerned": [aside("sis", role="registrator")]},
        None,
        "not_concerned.decided_by.role",
        "choice",
        {"not_concerned": [aside("sis")]},
    ),
    ({"applicable": ["skatteverket"]}, None, "applicable", "choice", {"applicable": ["kriminalvard"]}),
    (
        {"private_parties": [{"org": OTHER_KOMMUN, "purpose": "placering", "signed": True}]},
        None,
        "private_parties.purpose",
        "choice",
        {"private_parties": [{"org": OTHER_KOMMUN, "purpose": "overlamnande", "signed": True}]},
    ),
    ({"circle": [{"unit": OTHER_KOMMUN}]}, None, "circle", "choice", {"supersedes": NEXT}),
    (
        {"circle": [{"unit": "ff" * 16}], "supersedes": NEXT},
        None,
        "circle",
        "choice",
        {"circle": [{"unit": OTHER_KOMMUN}]},
    ),
    ({**PLACED, "circle": []}, None, "circle", "missing", {"circle": [{"unit": OTHER_KOMMUN}]}),
    (
        {**PLACED, "parties": [*PARTIES, {**HOST, "unit": None}]},
        None,
        "circle",
        "missing",
        {"parties": [*PARTIES, HOST]},
    ),
]


@pytest.mark.parametrize(("change", "minor", "path", "reason", "repair"), CONDITIONS)
def test_rule_of_the_record(
    change: dict[str, Any], minor: bool | None, path: str, reason: str, repair: dict[str, Any]
) -> None:
    """Each rule over the record's fields refuses its case and lets the repaired one pass."""
    record = record_as_dict(sample_record()) | change
    assert (path, reason) in _reasons(record, minor)
    validate_record(record | repair, minor=minor)


@pytest.mark.parametrize("decoded", [None, [], "text", {}, {"events": 5, "purposes": {}}, {"events": [None, 5]}])
def test_what_is_no_record_is_refused(decoded: Any) -> None:
    """Anything but a map with the fields is refused."""
    assert _reasons(decoded)


def test_supplement_must_name_what_it_continues() -> None:
    """A chain that begins with a supplement needs the record before."""
    record = record_as_dict(sample_record(event_types=("utokad",)))
    assert ("supersedes", "missing") in _reasons(record)
    validate_record(record | {"supersedes": NEXT})


def test_special_categories_are_computed() -> None:
    """Health, addiction, convictions and suspicions are special; the rest is not."""
    assert special_categories(("identitet", "misstankar", "halsa", "boende_plats")) == ("halsa", "misstankar")


TAMPERINGS = ["type", "at", "by", "scope", "digest"]


@pytest.mark.parametrize("field", TAMPERINGS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_changed_event_breaks_the_chain(field: str, place: int) -> None:
    """No field of any event can be changed unseen."""
    record = add_event(sample_record(), "utokad", at=AT, by="handlaggare", scope="polis")
    verify_events(record)
    other = "ab" * 32 if field == "digest" else "vagrad" if field == "type" else "annat"
    events = list(record.events)
    events[place] = msgspec.structs.replace(events[place], **{field: other})
    with pytest.raises(EventChainError):
        verify_events(msgspec.structs.replace(record, events=tuple(events)))


def test_events_cannot_be_dropped_swapped_or_moved() -> None:
    """An event taken out, two changed about, or a chain put on another record are seen."""
    record = sample_record()
    first, second = record.events
    for events in ((second,), (second, first), (first, first)):
        with pytest.raises(EventChainError):
            verify_events(msgspec.structs.replace(record, events=events))
    with pytest.raises(EventChainError):
        verify_events(msgspec.structs.replace(record, consent_id=NEXT))


def test_broken_chain_is_refused_on_reading() -> None:
    """A record whose chain is broken is not valid."""
    record = record_as_dict(sample_record())
    record["events"][0]["by"] = "annan"
    assert _reasons(record) == {("events", "chain")}


def test_nobody_gives_without_having_been_informed() -> None:
    """A record that was given without its leaflet, or whose events go back in time, is refused."""
    assert _reasons(record_as_dict(sample_record(event_types=("given",)))) == {("events", "missing")}
    early = add_event(sample_record(), "utokad", at="2026-01-01T10:00:00Z", by="handlaggare")
    assert _reasons(record_as_dict(early)) == {("events.at", "before")}


def test_second_person_is_another_one_however_it_is_written() -> None:
    """Capitals and spaces do not make the witness somebody else."""
    record = record_as_dict(sample_record()) | {"second_staff": {"name": " vera  VITTNE", "role": "beslutsfattare"}}
    assert _reasons(record) == {("second_staff", "same_staff")}


def test_chain_only_grows() -> None:
    """A longer chain extends the shorter one, never the other way round."""
    record = sample_record()
    longer = add_event(record, "aterkallad", at=AT, by="handlaggare")
    assert extends(record.events, longer.events)
    assert not extends(longer.events, record.events)


def test_supplement_adds_and_names_its_origin() -> None:
    """A supplement keeps what was signed, adds to it, and is a valid record of its own."""
    party = Party(authority="mottagande_kommun", unit=OTHER_KOMMUN, role="tar_emot")
    purpose = SignedPurpose(purpose="gemensamma_moten", signed=True, valid_to="2026-12-01")
    made = supplement(sample_record(), consent_id=NEXT, by="handlaggare", at=AT, parties=(party,), purposes=(purpose,))
    assert made.supersedes == CONSENT
    assert set(sample_record().parties) < set(made.parties)
    assert validate_record(record_as_dict(made)) == made


def test_supplement_replaces_the_same_purpose() -> None:
    """A purpose signed again stands once, with its new end."""
    purpose = SignedPurpose(purpose="overlamnande", signed=True, valid_to="2026-12-01")
    made = supplement(sample_record(), consent_id=NEXT, by="handlaggare", at=AT, purposes=(purpose,))
    assert [entry for entry in made.purposes if entry.purpose == "overlamnande"] == [purpose]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.sampled_from([info.name for info in describe_struct(ConsentRecord)]), ANYTHING)
def test_any_change_is_refused_or_read(name: str, value: object) -> None:
    """Whatever stands in one field, the answer is a record or a refusal."""
    record = record_as_dict(sample_record()) | {name: value}
    try:
        made = validate_record(record)
    except InvalidBodyError:
        return
    assert isinstance(made, ConsentRecord)
