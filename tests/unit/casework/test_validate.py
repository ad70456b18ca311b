"""What a body must be, and that every fault is found and named without repeating it."""

import contextlib
import copy
import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.problems import SENTENCES, InvalidBodyError, problem
from client.casework.rules import check_copy, check_incoming, check_outgoing
from client.casework.validate import Message, validate_body, warnings
from tests.unit.casework.samples import CHIEF, SAMPLES, outgoing

KIND_NAMES = sorted(KINDS)
DISALLOWED: dict[FieldType, tuple[object, ...]] = {
    FieldType.TEXT: (7, "två\nrader", "\x00", "   ", "\u202eomvänd"),
    FieldType.LONG: (7, "\x07", " \n "),
    FieldType.ENUM: (7, "finns_inte", ""),
    FieldType.BOOL: (1, "ja", 0.0),
    FieldType.DATE: ("2026-02-30", "20260201", 5, ""),
    FieldType.DT: ("2026-02-01T10:00:00", "2026-02-01T25:00:00Z", 5),
    FieldType.INT: ("1", -1, True, 10**13),
    FieldType.KOMMUN: ("0280", "180", "018O", 180),
    FieldType.ID: ("AB" * 16, "ab" * 15, b"ab"),
    FieldType.SHA256: ("ab" * 31, 5),
    FieldType.GROUP: (7, "text", []),
}


def _reasons(body: dict[str, Any], opening: dict[str, Any] | None = None) -> set[tuple[str, str]]:
    with pytest.raises(InvalidBodyError) as caught:
        validate_body(body, opening)
    return {(one.path, one.reason) for one in caught.value.problems}


def _all_fields() -> list[tuple[str, FieldInfo]]:
    return [(name, info) for name in KIND_NAMES for info in describe(name)]


@pytest.mark.parametrize("name", KIND_NAMES)
def test_every_kind_has_a_sample_that_passes(name: str) -> None:
    """The complete example of each kind is valid and comes back as its struct."""
    message = validate_body(SAMPLES[name])
    assert message.kind.name == name
    assert isinstance(message.content, KINDS[name].content)


@pytest.mark.parametrize("name", KIND_NAMES)
def test_declarations_are_bounded(name: str) -> None:
    """Every text and list of every kind has a greatest size, a label and a description."""

    def check(info: FieldInfo) -> None:
        assert info.spec.label
        assert not info.spec.many or 0 < info.spec.max_rows <= 50
        assert info.spec.holds not in {FieldType.TEXT, FieldType.LONG} or 0 < info.spec.limit <= 12_000
        for child in info.children:
            check(child)

    for info in (*describe(name), *describe_header()):
        check(info)


@pytest.mark.parametrize("name", KIND_NAMES)
def test_unknown_field_is_refused_unnamed(name: str) -> None:
    """A field that the form does not have is refused, and its name is not repeated."""
    body = SAMPLES[name]
    body["content"]["hemligt_namn"] = "x"
    with pytest.raises(InvalidBodyError) as caught:
        validate_body(body)
    assert "hemligt" not in repr(caught.value.problems)
    assert ("content.?", "unknown") in {(one.path, one.reason) for one in caught.value.problems}


@pytest.mark.parametrize(
    ("name", "info"),
    [(name, info) for name, info in _all_fields() if info.need == "R"],
    ids=lambda value: str(value)[:50],
)
def test_required_field_is_missed(name: str, info: FieldInfo) -> None:
    """Leaving out, emptying or nulling a required field is found at its path."""
    for empty in ("absent", None, [] if info.spec.many else None):
        body = SAMPLES[name]
        body["content"][info.name] = empty
        if empty == "absent":
            del body["content"][info.name]
        assert (info.path, "missing") in _reasons(body)


@pytest.mark.parametrize(("name", "info"), _all_fields(), ids=lambda value: str(value)[:50])
def test_wrong_value_is_found(name: str, info: FieldInfo) -> None:
    """No field takes a value of another form, a too long text, too many rows, or the wrong constant."""
    wrong: list[object] = [[value] if info.spec.many else value for value in DISALLOWED[info.spec.holds]]
    if info.spec.many:
        wrong += ["text", {"a": 1}, [None] * 60]
    if info.spec.limit:
        long_text = "x" * (info.spec.limit + 1)
        wrong.append([long_text] if info.spec.many else long_text)
    if info.spec.const is not None:
        wrong.append(not info.spec.const)
    for value in wrong:
        body = SAMPLES[name]
        body["content"][info.name] = value
        assert any(path.startswith(info.path) for path, _ in _reasons(body)), value


def test_text_of_exactly_the_limit_passes() -> None:
    """The greatest length is allowed, counted in characters and not in bytes."""
    body = SAMPLES["konsultation.fraga"]
    body["content"]["situation"] = "ö" * 3000
    assert isinstance(validate_body(body), Message)


def test_same_choice_twice_is_refused() -> None:
    """A list of choices is a set."""
    body = SAMPLES["konsultation.fraga"]
    body["content"]["need"] = ["rad", "rad"]
    assert ("content.need", "duplicate") in _reasons(body)


def test_all_problems_are_found_at_once() -> None:
    """The handler sees everything that is wrong in header and content together."""
    body = SAMPLES["konsultation.fraga"]
    body["content"]["situation"] = ""
    body["content"]["anon_attested"] = False
    body["header"]["priority"] = "strax"
    assert _reasons(body) == {
        ("content.situation", "missing"),
        ("content.anon_attested", "const"),
        ("header.priority", "choice"),
    }


# Condition: kind, change of content or header, opening, path that is then missing or forbidden.
CONDITIONS = [
    ("hotbild.begaran", {"content.purpose": "ny_ort"}, None, "content.proposed_place", "missing"),
    ("hotbild.resultat", {}, {"purpose": "ny_ort"}, "content.threat_new_place", "missing"),
    ("overlamnande.svar", {"content.takeover_date": None}, None, "content.takeover_date", "missing"),
    ("overlamnande.svar", {"content.reject_reason": "kapacitet"}, None, "content.reject_reason", "forbidden"),
    ("overlamnande.svar", {"content.answer": "avbojt"}, None, "content.reject_reason", "missing"),
    ("overlamnande.svar", {"content.answer": "avbojt"}, None, "content.takeover_date", "forbidden"),
    ("overlamnande.svar", {"content.answer": "accepterat_med_villkor"}, None, "content.conditions", "missing"),
    ("overlamnande.svar", {"content.answer": "komplettering_behovs"}, None, "content.conditions", "missing"),
    ("samtycke.aterkallat", {"content.scope": "mottagare"}, None, "content.recipient", "missing"),
    ("samtycke.aterkallat", {"content.scope": "syfte"}, None, "content.purposes", "missing"),
    ("samtycke.aterkallat", {"content.recipient": "ab" * 16}, None, "content.recipient", "forbidden"),
    ("samtycke.aterkallat", {"content.purposes": ["placering"]}, None, "content.purposes", "forbidden"),
    ("hotbild.begaran", {"header.consent_ref": None}, None, "header.consent_ref", "missing"),
    ("hotbild.begaran", {"header.principal_ref": None}, None, "header.principal_ref", "missing"),
    ("konsultation.fraga", {"header.principal_ref": "ab" * 16}, None, "header.principal_ref", "forbidden"),
    ("hotbild.begaran", {"header.subject_person": None}, None, "header.subject_person", "missing"),
    ("hotbild.begaran", {"header.disclosure_basis": "annan_lag"}, None, "header.disclosure_decision", "missing"),
    ("hotbild.resultat", {"header.in_reply_to": None}, None, "header.in_reply_to", "missing"),
    ("hotbild.begaran", {"person.id_value": None}, None, "header.subject_person.id_value", "missing"),
    ("hotbild.begaran", {"person.id_kind": "okand"}, None, "header.subject_person.id_value", "forbidden"),
    ("hotbild.begaran", {"person.id_kind": "reservnummer"}, None, "header.subject_person.age_at_intake", "missing"),
    ("hotbild.begaran", {"person.registered_kommun": "0180"}, None, "header.subject_person.district", "missing"),
    (
        "hotbild.begaran",
        {"person.id_value": "20120101-1234"},
        None,
        "header.subject_person.guardians_involved",
        "missing",
    ),
]


@pytest.mark.parametrize("field", ["registered_kommun", "residence_kommun", "staying_kommun"])
@pytest.mark.parametrize(
    ("value", "reason"),
    [("1479", "kommun_unknown"), ("0200", "kommun_unknown"), ("148", "kommun"), ("göte", "kommun")],
)
def test_a_municipality_must_exist(field: str, value: str, reason: str) -> None:
    """Four plausible digits are not enough: a typing error would send a person to a municipality that is none."""
    body = SAMPLES["hotbild.begaran"]
    body["header"]["subject_person"][field] = value
    assert (f"header.subject_person.{field}", reason) in _reasons(body)


def test_a_district_of_stockholm_must_be_one() -> None:
    """A name that no district ever had is refused; one that a district had until 2023 is asked about; others pass."""
    body = SAMPLES["hotbild.begaran"]
    person = body["header"]["subject_person"]
    person |= {"registered_kommun": "0180", "district": "Påhittet"}
    assert _reasons(body) == {("header.subject_person.district", "district")}
    told = {}
    for name in ("Rinkeby-Kista", "Järva"):
        person["district"] = name
        told[name] = {one.reason for one in warnings(validate_body(body))}
    assert told == {"Rinkeby-Kista": {"district_gone"}, "Järva": set()}


def test_a_district_elsewhere_is_not_asked_about() -> None:
    """Only Stockholm's districts stand in a table of ours."""
    body = SAMPLES["hotbild.begaran"]
    body["header"]["subject_person"] |= {"registered_kommun": "1480", "district": "Påhittet"}
    assert validate_body(body).header.subject_person is not None


@pytest.mark.parametrize(("name", "changes", "opening", "path", "reason"), CONDITIONS)
def test_condition_holds(
    name: str, changes: dict[str, Any], opening: dict[str, Any] | None, path: str, reason: str
) -> None:
    """Each conditional field is required, or forbidden, exactly where its condition says so."""
    validate_body(SAMPLES[name])
    body = SAMPLES[name]
    for where, value in changes.items():
        part, field = where.split(".")
        target = body["header"]["subject_person"] if part == "person" else body[part]
        target[field] = value
    assert (path, reason) in _reasons(body, opening)


@pytest.mark.parametrize("extra", ["subject_person", "attachments"])
def test_consultation_has_neither_person_nor_files(extra: str) -> None:
    """A consultation with a person block or an attachment is refused."""
    body = SAMPLES["konsultation.fraga"]
    body["header"]["subject_person"] = SAMPLES["hotbild.begaran"]["header"]["subject_person"]
    body["header"]["attachments"] = [
        {"file_name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "ab" * 32, "stream": "cd" * 32}
    ]
    assert (f"header.{extra}", "forbidden") in _reasons(body)


def test_result_has_no_field_for_other_protected_persons() -> None:
    """There is no way to tell a municipality that other protected persons are near."""
    body = SAMPLES["hotbild.resultat"]
    body["content"]["others_nearby"] = "ja"
    assert ("content.?", "unknown") in _reasons(body)


@pytest.mark.parametrize("field", ["fictitious_identity", "former_identity", "fingerad"])
def test_person_block_cannot_tell_of_another_identity(field: str) -> None:
    """Rule P1: the person block has no place for a fictitious or former identity."""
    body = SAMPLES["hotbild.begaran"]
    body["header"]["subject_person"][field] = "ja"
    assert ("header.subject_person.?", "unknown") in _reasons(body)
    body = SAMPLES["hotbild.begaran"]
    body["header"]["subject_person"]["protected"] = "fingerad"
    assert ("header.subject_person.protected", "choice") in _reasons(body)


@pytest.mark.parametrize(
    ("name", "basis"), [("konsultation.fraga", "samtycke"), ("hotbild.begaran", "inga_personuppgifter")]
)
def test_basis_fits_the_kind(name: str, basis: str) -> None:
    """Only a document about nobody says that it holds no personal data."""
    body = SAMPLES[name]
    body["header"]["disclosure_basis"] = basis
    body["header"]["consent_ref"] = "ab" * 16
    assert ("header.disclosure_basis", "basis") in _reasons(body)


def test_subject_belongs_to_the_kind() -> None:
    """The subject of another kind is refused."""
    body = SAMPLES["hotbild.begaran"]
    body["header"]["subject_generic"] = "konsultation"
    assert ("header.subject_generic", "subject") in _reasons(body)


@pytest.mark.parametrize(
    ("created", "born", "minor", "reason"),
    [
        ("2023-03-31T09:00:00Z", "20100101-1234", True, "minor_date"),
        ("2026-03-02T09:00:00Z", "20100101-1234", False, "minor"),
        ("2026-03-02T09:00:00Z", "19811218-9876", True, "minor"),
    ],
)
def test_child_in_a_threat_assessment(created: str, born: str, minor: bool, reason: str) -> None:
    """Children are assessed from 1 April 2023, and what is said of age agrees with the number."""
    body = SAMPLES["hotbild.begaran"]
    body["header"]["created_at"] = created
    body["header"]["subject_person"] |= {"id_value": born, "guardians_involved": "ja"}
    body["content"]["minor"] = minor
    assert ("content.minor", reason) in _reasons(body)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"message_type": "finns.inte"}, "KIND"),
        ({"message_type": 5}, "KIND"),
        ({"schema_version": "2.0"}, "VER"),
        ({"schema_version": ""}, "VER"),
        ({"schema_version": 1}, "VER"),
        ({"priority": "nu"}, "SCH"),
    ],
)
def test_code_tells_what_kind_of_fault_it_is(change: dict[str, object], code: str) -> None:
    """Unknown kinds, versions and faulty fields have different codes."""
    body = SAMPLES["konsultation.fraga"]
    body["header"] |= change
    with pytest.raises(InvalidBodyError) as caught:
        validate_body(body)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["samtycke.registrerat", "samtycke.utokat", "samtycke.aterkallat"])
def test_consent_of_header_and_content_agree(name: str) -> None:
    """A consent document names one consent, not two."""
    body = SAMPLES[name]
    body["content"]["consent_id"] = "01" * 16
    assert ("content.consent_id", "consent") in _reasons(body)


def test_newer_minor_version_is_read() -> None:
    """Another minor version of the same major one is accepted."""
    body = SAMPLES["konsultation.fraga"]
    body["header"]["schema_version"] = "1.7"
    assert isinstance(validate_body(body), Message)


def _texts(fields: tuple[FieldInfo, ...]) -> Iterator[str]:
    for info in fields:
        if info.spec.holds in {FieldType.TEXT, FieldType.LONG}:
            yield info.path
        yield from _texts(info.children)


GUARDED = [(name, path) for name in sorted(KINDS) if KINDS[name].guarded for path in _texts(describe(name))]
#: What else a text needs that the sample of its kind does not have.
BESIDE: dict[str, dict[str, Any]] = {
    "kollision.forfragan": {"repeat_decision": {"decided_by": CHIEF, "reason": "Brådskande"}},
    "placering.mottagarsvar": {"answer": "kan_med_villkor", "conditions": "Bara en månad"},
}


def _put(block: dict[str, Any], names: list[str], words: str) -> None:
    """Write words into a field, in the first row where there are several."""
    name, *more = names
    if more:
        inner = block[name]
        _put(inner[0] if isinstance(inner, list) else inner, more, words)
    else:
        block[name] = [words] if name == "references" else words


@pytest.mark.parametrize(("kind", "path"), GUARDED)
def test_somebodys_number_is_refused_in_every_text_where_nobody_may_be_named(kind: str, path: str) -> None:
    """PID at both ends, with the field and without the number; nested blocks and lists too, and no other field."""
    context, number, words = outgoing(kind), SAMPLES[kind], SAMPLES[kind]
    for body, text in ((number, "850101-1234"), (words, "G-17")):
        body["content"] |= copy.deepcopy(BESIDE.get(kind, {}))
        _put(body["content"], path.split(".")[1:], text)
    for check in (check_outgoing, check_copy if KINDS[kind].local else check_incoming):
        check(dataclasses.replace(context, body=words))
        with pytest.raises(InvalidBodyError) as caught:
            check(dataclasses.replace(context, body=number))
        assert (caught.value.code, [one.path for one in caught.value.problems]) == ("PID", [path])
        assert "850101" not in f"{caught.value} {caught.value.problems!r}"


@pytest.mark.parametrize("field", ["sender_dnr", "recipient_dnr"])
@pytest.mark.parametrize("kind", ["konsultation.fraga", "kollision.forfragan"])
def test_a_persons_number_is_no_diary_number(kind: str, field: str) -> None:
    """Where nobody may be named the header names nobody either; a diary number may stand there."""
    body = SAMPLES[kind]
    body["header"][field] = "SN 2026/123"
    assert isinstance(validate_body(body), Message)
    body["header"][field] = "850101-1234"
    with pytest.raises(InvalidBodyError) as caught:
        validate_body(body)
    assert (caught.value.code, caught.value.problems[0].path) == ("PID", f"header.{field}")


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("hotbild.begaran", {"id_value": "19811218-9875"}, "identity"),
        ("hotbild.begaran", {"id_value": "19811318-9876"}, "identity"),
        ("hotbild.begaran", {"id_kind": "samordningsnummer"}, "identity"),
        ("hotbild.begaran", {"protected": "skyddad_folkbokforing"}, "protected"),
    ],
)
def test_doubt_about_the_person_is_a_warning(name: str, change: dict[str, Any], reason: str) -> None:
    """A wrong check digit and protected data ask for a second look and stop nothing."""
    assert warnings(validate_body(SAMPLES[name])) == ()
    body = SAMPLES[name]
    body["header"]["subject_person"] |= change
    assert [one.reason for one in warnings(validate_body(body))] == [reason]


ATTACHED = {
    "file_name": "a.jpg", "media_type": "image/jpeg", "size": 1, "sha256": "ab" * 32, "stream": "cd" * 32
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"file_name": "../a.jpg"}, "file_name"),
        ({"file_name": "a.exe"}, "file_name"),
        ({"file_name": "a.jpg", "media_type": "application/octet-stream"}, "file_name"),
        ({"file_name": "a\u00adb.jpg"}, "file_name"),
        ({"size": 1024**3 + 1}, "range"),
        ({"size": 0}, "range"),
        ({"sha256": "AB" * 32}, "id"),
        ({"stream": "ab"}, "id"),
    ],
)
def test_an_attachment_says_what_it_must(change: dict[str, Any], reason: str) -> None:
    """Name, size and sums of each attached file; one that is as it should be is taken, twice the same is not."""
    body = SAMPLES["hotbild.begaran"]
    body["header"]["attachments"] = [ATTACHED]
    validate_body(body)
    body["header"]["attachments"] = [{**ATTACHED, **change}]
    assert reason in {found for path, found in _reasons(body) if path.startswith("header.attachments")}
    body["header"]["attachments"] = [ATTACHED, ATTACHED]
    assert ("header.attachments", "duplicate") in _reasons(body)


def test_guess_and_file_type_are_warnings() -> None:
    """A possible name in a consultation and a file that is no PDF/A are warnings."""
    body = SAMPLES["konsultation.fraga"]
    body["content"]["situation"] = "Det gäller Påhittad Person."
    assert [one.reason for one in warnings(validate_body(body))] == ["guess"]
    body = SAMPLES["hotbild.begaran"]
    body["header"]["attachments"] = [ATTACHED]
    assert [one.reason for one in warnings(validate_body(body))] == ["file_type"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        None,
        "text",
        {},
        {"header": {}, "content": {}},
        {"header": [], "content": {}, "consents": []},
        {"header": {}, "content": {}, "consents": [], "more": 1},
        {"header": {}, "content": {}, "consents": ["text"]},
        {"header": {}, "content": {}, "consents": [b""] * 9},
        {"header": {}, "content": {}, "consents": [b"x" * 65_537]},
    ],
)
def test_body_without_its_parts_is_refused(body: Any) -> None:
    """A body has exactly three parts, the last of them bounded bytes."""
    assert _reasons(body) == {("", "body")}


def test_every_reason_has_two_sentences() -> None:
    """Each reason reads in Swedish and in English, and ends as a sentence."""
    for reason in SENTENCES:
        made = problem("content.x", reason, "Råd", limit=3)
        assert made.sentence_sv.endswith(".")
        assert made.sentence_en("Label").endswith(".")
        assert "{" not in made.sentence_sv + made.sentence_en("Label")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4),
    max_leaves=12,
)


#: A machine with much else to do is slow in making examples, and that says nothing of what is tested.
LOADED = settings(suppress_health_check=[HealthCheck.too_slow])


@LOADED
@given(st.dictionaries(st.sampled_from(["header", "content", "consents", "x"]), ANYTHING))
def test_any_map_is_refused_or_read(body: dict[str, Any]) -> None:
    """Whatever the map, the answer is a message or a refusal."""
    _read_or_refuse(body)


@LOADED
@given(st.sampled_from(KIND_NAMES), st.data())
def test_any_change_of_a_body_is_refused_or_read(name: str, data: st.DataObject) -> None:
    """Whatever stands in one field of a good body, the answer is a message or a refusal."""
    body = SAMPLES[name]
    part = data.draw(st.sampled_from(["header", "content"]))
    fields = describe_header() if part == "header" else describe(name)
    body[part][data.draw(st.sampled_from(fields)).name] = data.draw(ANYTHING)
    _read_or_refuse(body)


def _read_or_refuse(body: dict[str, Any]) -> None:
    with contextlib.suppress(InvalidBodyError):
        assert isinstance(validate_body(body), Message)
