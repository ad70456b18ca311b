"""Days and defaults: how far a date may be from the day of writing, and what a form proposes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from client.casework.clocks import clock_named
from client.casework.consent import ConsentRecord
from client.casework.consent_check import validate_record
from client.casework.defaults import Writing, defaults_in, defaults_of
from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.flows import Side
from client.casework.kinds.malgrupp import CRITERIA, RESULTS
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.problems import InvalidBodyError
from client.casework.validate import validate_body
from client.casework.windows import Window
from tests.unit.casework.samples import NOW, SAMPLES, SOCIAL, record_as_dict, sample_record
from tests.unit.casework.wrong import wrong

TODAY = NOW.date()
DAYS = {FieldType.DATE, FieldType.DT}
WRITING = Writing(NOW, SOCIAL)


def _walk(fields: tuple[FieldInfo, ...]) -> Iterator[FieldInfo]:
    for info in fields:
        yield info
        yield from _walk(info.children)


def _dated() -> list[tuple[str, FieldInfo]]:
    """Every date and instant of every kind, and of the header in the kinds that it can stand in."""
    found = [(name, info) for name in sorted(KINDS) for info in _walk(describe(name)) if info.spec.holds in DAYS]
    header = [info for info in _walk(describe_header()) if info.spec.holds in DAYS and info.name != "created_at"]
    return found + [("konsultation.fraga", info) for info in header if info.name == "reply_by"]


DATED = _dated()


def _problems(name: str, path: str, value: str) -> set[tuple[str, str, int]]:
    """Path, reason and limit of what is wrong with a sample in which one field has another value."""
    body = SAMPLES[name]
    block: Any = body
    *way, last = path.split(".")
    for part in way:
        block = block[part] if part in block else block.setdefault(part, {})
        block = block[0] if isinstance(block, list) else block
    block[last] = value
    try:
        validate_body(body)
    except InvalidBodyError as error:
        return {(one.path, one.reason, one.limit) for one in error.problems}
    return set()


def _told(info: FieldInfo, day: date) -> str:
    return day.isoformat() if info.spec.holds is FieldType.DATE else f"{day.isoformat()}T08:00:00Z"


def test_every_date_of_every_document_has_its_bounds() -> None:
    """No date but the one that the others count from goes without a window."""
    everything = [("header", info) for info in _walk(describe_header())] + [
        (name, info) for name in KINDS for info in _walk(describe(name))
    ]
    without = {f"{name}.{info.path}" for name, info in everything if info.spec.holds in DAYS and not info.spec.window}
    assert without == {"header.header.created_at"}


@pytest.mark.parametrize(("name", "info"), DATED, ids=lambda value: value if isinstance(value, str) else value.path)
def test_a_day_outside_its_window_is_refused(name: str, info: FieldInfo) -> None:
    """One day too far in the past or in the future is refused at the field, with the number of days; 2001 and 2099 are.

    ``validate_body`` is what the sender and the recipient run.
    """
    window = info.spec.window
    assert window is not None
    early = ("too_early", window.back) if window.back else ("past", 0)
    late = ("too_late", window.ahead) if window.ahead else ("future", 0)
    for day, found in (
        (TODAY - timedelta(days=window.back + 1), early),
        (TODAY + timedelta(days=window.ahead + 1), late),
        (date(2001, 1, 1), early),
        (date(2099, 1, 1), late),
    ):
        assert (info.path, *found) in _problems(name, info.path, _told(info, day))
    for day in (TODAY - timedelta(days=window.back), TODAY + timedelta(days=window.ahead)):
        reasons = {reason for path, reason, _ in _problems(name, info.path, _told(info, day)) if path == info.path}
        assert not reasons & {"past", "future", "too_early", "too_late"}


def test_the_day_is_the_swedish_one() -> None:
    """Half past eleven in the evening in London is tomorrow here: both ends count from our day."""
    body = SAMPLES["overlamnande.genomfort"]
    body["header"]["created_at"] = "2026-03-02T23:30:00Z"
    body["content"]["first_meeting"] = "2026-03-03"
    assert validate_body(body).event == "first_meeting"
    body["header"]["created_at"] = "2026-03-02T22:30:00Z"
    with pytest.raises(InvalidBodyError) as caught:
        validate_body(body)
    assert [one.reason for one in caught.value.problems] == ["future"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("2026-03-02", None),
        ("2026-03-01", ("past", 0)),
        ("2026-03-04", None),
        ("2026-03-05", ("too_late", 2)),
        ("2026-03-02T23:30:00Z", None),
        ("2026-03-01T23:30:00Z", None),
        ("2026-03-01T22:30:00Z", ("past", 0)),
    ],
)
def test_a_window(given: str, found: tuple[str, int] | None) -> None:
    """Both ends belong to it; an instant counts as the Swedish day that it is in."""
    assert Window(0, 2).wrong(given, TODAY) == found


#: The words "default" and "pre-filled" of domain.md 2.0 to 2.13, each with what the form proposes on 2 March 2026.
PROPOSED = [
    ("konsultation.fraga", "header.reply_by", "2026-03-09T09:00:00Z"),  # five working days
    ("intag.formedling", "header.reply_by", "2026-03-23T09:00:00Z"),  # 21 days
    ("hotbild.begaran", "header.reply_by", "2026-03-09T09:00:00Z"),  # seven days
    ("overlamnande.forfragan", "header.reply_by", "2026-03-16T09:00:00Z"),  # ten working days
    ("placering.mottagarforfragan", "header.reply_by", "2026-03-05T09:00:00Z"),  # three working days
    ("hotbild.resultat", "content.valid_until", "2026-09-02"),  # six months
    ("plan.upprattad", "content.review_date", "2026-05-31"),  # ninety days
    ("plan.upprattad", "content.conditions", ["drogfri", "inga_nya_brott", "folja_plan"]),
    ("overlamnande.forfragan", "content.interim_responsible", SOCIAL),
    ("kollision.svar", "content.valid_days", 14),
]


@pytest.mark.parametrize(("name", "path", "value"), PROPOSED)
def test_a_default(name: str, path: str, value: object) -> None:
    """What domain.md gives a default for is proposed."""
    assert defaults_of(KINDS[name], WRITING)[path] == value


def test_nothing_else_is_proposed() -> None:
    """A default that nobody has written down in the table above is a surprise."""
    told = {(name, path) for name, kind in KINDS.items() for path in defaults_of(kind, WRITING)}
    assert {one for one in told if one[1] != "header.reply_by"} == {
        (name, path) for name, path, _ in PROPOSED if path != "header.reply_by"
    }
    assert defaults_in(ConsentRecord, WRITING, "") == {"valid_from": "2026-03-02", "valid_to": "2027-03-01"}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_proposal_passes_the_rules(name: str) -> None:
    """What the form proposes on the day of writing is a value that both ends accept."""
    for path, value in defaults_of(KINDS[name], WRITING).items():
        assert not {one for one in _problems(name, path, value) if one[0] == path}  # type: ignore[arg-type]


def test_a_proposal_needs_nobody_to_be_there() -> None:
    """Without an open office there is no unit to propose; the rest is."""
    told = defaults_of(KINDS["overlamnande.forfragan"], Writing(datetime(2026, 3, 2, 9, tzinfo=UTC)))
    assert set(told) == {"header.reply_by"}


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.reply_clock))
def test_an_answer_is_wished_for_by_a_clock_of_the_recipient(name: str) -> None:
    """The clock runs in the kind's own life cycle, for the unit that the document goes to."""
    kind, clock = KINDS[name], clock_named(KINDS[name].reply_clock)
    expected = Side.ANSWERER if kind.side is Side.ASKER else Side.ASKER
    assert (clock.flow, clock.whose, clock.span is not None) == (kind.flow, expected, True)


def test_every_question_that_leaves_the_unit_wishes_for_an_answer() -> None:
    """A kind that opens a thread at another unit has such a clock; what is told and not asked has none."""
    told_only = {"samtycke.registrerat", "samtycke.aterkallat", "kvittens.registrerad", "kvittens.avvisad"}
    opening = {name for name, kind in KINDS.items() if kind.opens_thread and not kind.local}
    assert {name for name in opening if not KINDS[name].reply_clock} == told_only


@pytest.mark.parametrize("version", ["1.zzz", "1", "1.", "1.0.0", "x.0", "1 .0", " 1.0", "2.0", "٠.٠"])
@pytest.mark.parametrize("name", ["hotbild.resultat", "samtycke.aterkallat"])
def test_a_version_is_two_numbers(name: str, version: str) -> None:
    """Whatever else stands there is refused as an unknown version, before anything else is looked at."""
    assert _problems(name, "header.schema_version", version) == {("header.schema_version", "version", 0)}


def test_a_newer_minor_version_is_read() -> None:
    """Only the first number must agree."""
    assert _problems("hotbild.resultat", "header.schema_version", "1.7") == set()


@pytest.mark.parametrize("version", ["1.zzz", "1", "2.0"])
def test_a_consent_of_another_version_is_refused(version: str) -> None:
    """The record's own version is held to the same form."""
    with pytest.raises(InvalidBodyError) as caught:
        validate_record(record_as_dict(sample_record(record_version=version)))
    assert {(one.path, one.reason) for one in caught.value.problems} == {("record_version", "version")}


@pytest.mark.parametrize("scheme", sorted(RESULTS))
def test_no_result_stands_on_nothing(scheme: str) -> None:
    """Where no criterion is met, only "not in the target group" can be the result, in every scheme."""
    nothing = [{"criterion": one, "met": "ej"} for one in sorted(CRITERIA[scheme])]
    for result in sorted(RESULTS[scheme]):
        said = wrong("malgrupp.beslut", {"scheme": scheme, "result": result, "criteria": nothing})
        assert said == (set() if result == "ej_malgrupp" else {("content.result", "unmet")})
    one_unclear = [nothing[0] | {"met": "oklart"}, *nothing[1:]]
    assert wrong("malgrupp.beslut", {"scheme": scheme, "result": "ej_malgrupp", "criteria": one_unclear}) == set()


@pytest.mark.parametrize(
    ("district", "reason"), [("Atlantis", "choice"), ("", "choice"), ("Rinkeby-Kista", "district_gone"), ("Järva", "")]
)
def test_a_door_leads_to_a_district_that_there_is(district: str, reason: str) -> None:
    """Only to one of the city's districts on that day."""
    found = wrong("intag.dorrval", {"door": "stadsdel", "district": district})
    assert found == ({("content.district", reason)} if reason else set())


@pytest.mark.parametrize("language", ["!!!!!", "svenska", "SV", "xx"])
def test_a_language_is_one_of_the_list(language: str) -> None:
    """In the person block and in the consent; what is no language is nobody's interpreter."""
    found = _problems("hotbild.begaran", "header.subject_person.language", language)
    assert found == {("header.subject_person.language", "choice", 0)}
    with pytest.raises(InvalidBodyError) as caught:
        validate_record(record_as_dict(sample_record(notice_language=language)))
    assert ("notice_language", "choice") in {(one.path, one.reason) for one in caught.value.problems}
