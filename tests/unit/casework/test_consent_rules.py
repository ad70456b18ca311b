"""The consent rule: every code once refused, and the smallest change that lets it pass."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from client.casework.authorities import REQUIRED, Required, authority_of, may_have, required_authorities, requirement
from client.casework.codelists import AUTHORITY, CASE_TYPE, POLICE_TYPES, UNIT_TYPE
from client.casework.consent import Guardian, Member, Party, PrivateParty, SignedPurpose
from client.casework.consent_check import validate_record
from client.casework.consent_rules import CHECKS, ConsentQuestion, ConsentRefusedError, decide
from client.casework.consent_status import Status, Withdrawal, expiries, status, usable_purposes, withdrawal_of
from client.casework.header import Staff
from client.casework.kinds.kind import Gate
from client.casework.kinds.registry import KINDS
from client.casework.kinds.samtycke import Withdrawn
from client.casework.problems import InvalidBodyError
from client.casework.set_aside import NotConcerned
from client.casework.validate import validate_body
from tests.unit.casework.samples import (
    NOW,
    OTHER_KOMMUN,
    PERSON,
    POLICE,
    SAMPLES,
    SOCIAL,
    record_as_dict,
    sample_record,
)

CHIEF = Staff(name="Bo Beslutsfattare", role="beslutsfattare")
STAR = "2026-03-01T08:00:00Z"


def question(**changes: Any) -> ConsentQuestion:
    """A threat request that the sample consent allows, with changes."""
    values: dict[str, Any] = {
        "kind": KINDS["hotbild.begaran"],
        "basis": "samtycke",
        "sender_unit": SOCIAL,
        "recipient_unit": POLICE,
        "record": sample_record(),
        "required": frozenset({"socialtjanst", "polis"}),
        "categories": frozenset({"identitet", "hotbild"}),
        "principal_ref": PERSON,
        "now": NOW,
        "withdrawals_checked_at": NOW,
    }
    return ConsentQuestion(**(values | changes))


def _purposes(*names: str, signed: bool = True, valid_to: str = "2027-02-01") -> tuple[SignedPurpose, ...]:
    return tuple(SignedPurpose(purpose=name, signed=signed, valid_to=valid_to) for name in names)


def _parties(*entries: tuple[str, str | None, str]) -> tuple[Party, ...]:
    return tuple(Party(authority=authority, unit=unit, role=role) for authority, unit, role in entries)


def _circle(*units: str) -> tuple[Member, ...]:
    return tuple(Member(unit=unit) for unit in units)


FOLLOW_UP = dataclasses.replace(KINDS["hotbild.begaran"], purpose="uppfoljning_efter_avslut")
WITH_LOOKUP = dataclasses.replace(FOLLOW_UP, also_purpose="registerslagning")
PRIVATE = "99" * 16
BOTH = (("socialtjanst", SOCIAL, "bada"), ("polis", POLICE, "bada"))
WITH_PRIVATE = _parties(*BOTH, ("socialtjanst", PRIVATE, "tar_emot"))
PRIVATE_LINE = PrivateParty(org=PRIVATE, purpose="hotbildsbedomning", signed=True)
TO_PRIVATE = {"recipient_unit": PRIVATE, "recipient_private": True}
SUPPLEMENT = {"supersedes": "c1" * 16}

# Code, what is refused, the smallest change that lets it pass.
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("CNS-01", {"record": None}, {"record": sample_record()}),
    ("CNS-01", {"record": sample_record(event_types=())}, {"record": sample_record(event_types=("given",))}),
    ("CNS-01", {"record": sample_record(event_types=("informerad",))}, {"record": sample_record()}),
    ("CNS-01", {"record": sample_record(event_types=("given", "felregistrerad"))}, {"record": sample_record()}),
    ("CNS-01", {"record": sample_record(event_types=("informerad", "vagrad"))}, {"record": sample_record()}),
    ("CNS-01", {"record": sample_record(event_types=("given", "vagrad"))}, {"record": sample_record()}),
    ("CNS-01", {"basis": "generalklausul"}, {"basis": "generalklausul", "decision_complete": True}),
    ("CNS-02", {"record": sample_record(form=None)}, {"record": sample_record(form="e_underskrift")}),
    ("CNS-02", {"record": sample_record(original_sha256=None)}, {"record": sample_record(original_sha256="cd" * 32)}),
    ("CNS-03", {"recipient_unit": "01" * 16}, {"recipient_unit": POLICE}),
    ("CNS-03", {"sender_unit": "01" * 16}, {"sender_unit": OTHER_KOMMUN}),
    (
        "CNS-03",
        {"record": sample_record(parties=_parties(("socialtjanst", SOCIAL, "tar_emot"), ("polis", POLICE, "bada")))},
        {"record": sample_record(parties=_parties(("socialtjanst", SOCIAL, "lamnar"), ("polis", POLICE, "bada")))},
    ),
    (
        "CNS-03",
        {"record": sample_record(parties=_parties(("socialtjanst", SOCIAL, "bada"), ("polis", POLICE, "lamnar")))},
        {"record": sample_record(parties=_parties(("socialtjanst", SOCIAL, "bada"), ("polis", POLICE, "tar_emot")))},
    ),
    (
        "CNS-03",
        {"record": sample_record(parties=_parties(("socialtjanst", SOCIAL, "bada"), ("polis", None, "bada")))},
        {
            "record": sample_record(parties=_parties(("socialtjanst", SOCIAL, "bada"), ("polis", None, "bada"))),
            "recipient_authority": "polis",
        },
    ),
    (
        "CNS-03",
        {"record": sample_record(circle=_circle(POLICE), controller_unit=OTHER_KOMMUN)},
        {"record": sample_record(circle=_circle(POLICE, SOCIAL), controller_unit=OTHER_KOMMUN)},
    ),
    ("CNS-03", {"record": sample_record(circle=_circle(SOCIAL))}, {"record": sample_record(circle=_circle(POLICE))}),
    ("CNS-04", {"required": frozenset({"socialtjanst", "polis", "sis"})}, {"required": frozenset({"polis"})}),
    (
        "CNS-04",
        {"required": frozenset({"kriminalvard"})},
        {
            "required": frozenset({"kriminalvard"}),
            "record": sample_record(
                not_concerned=(NotConcerned(authority="kriminalvard", reason="Inte aktuell", decided_by=CHIEF),)
            ),
        },
    ),
    ("CNS-04", {"withdrawals": (Withdrawal(STAR, "mottagare", OTHER_KOMMUN),)}, {}),
    (
        "CNS-04",
        {"withdrawals": (Withdrawal(STAR, "syfte", purposes=frozenset({"placering"})),)},
        {"withdrawals": (Withdrawal(STAR, "syfte", purposes=frozenset({"foljeforskning"})),)},
    ),
    (
        "CNS-05",
        {"record": sample_record(purposes=_purposes("informationsutbyte"))},
        {"record": sample_record(purposes=_purposes("informationsutbyte", "hotbildsbedomning"))},
    ),
    (
        "CNS-05",
        {"record": sample_record(purposes=_purposes("hotbildsbedomning", signed=False))},
        {"record": sample_record(purposes=_purposes("hotbildsbedomning"))},
    ),
    (
        "CNS-05",
        {"kind": WITH_LOOKUP, "record": sample_record(purposes=_purposes("uppfoljning_efter_avslut"))},
        {
            "kind": WITH_LOOKUP,
            "record": sample_record(purposes=_purposes("uppfoljning_efter_avslut", "registerslagning")),
        },
    ),
    ("CNS-06", {"categories": frozenset({"halsa"})}, {"categories": frozenset({"hotbild"})}),
    ("CNS-07", {"record": sample_record(valid_from="2026-03-03")}, {"record": sample_record(valid_from="2026-03-02")}),
    ("CNS-07", {"record": sample_record(valid_to="2026-03-01")}, {"record": sample_record(valid_to="2026-03-02")}),
    (
        "CNS-07",
        {"record": sample_record(purposes=_purposes("hotbildsbedomning", valid_to="2026-03-01"))},
        {"record": sample_record(purposes=_purposes("hotbildsbedomning", valid_to="2026-03-02"))},
    ),
    (
        "CNS-07",
        {
            "kind": FOLLOW_UP,
            "record": sample_record(purposes=_purposes("uppfoljning_efter_avslut", valid_to="2026-03-01")),
        },
        {
            "kind": FOLLOW_UP,
            "record": sample_record(purposes=_purposes("uppfoljning_efter_avslut"), valid_to="2026-02-02"),
        },
    ),
    ("CNS-08", {"withdrawals": (Withdrawal(STAR, "helt"),)}, {"withdrawals": ()}),
    ("CNS-08", {"record": sample_record(event_types=("given", "aterkallad"))}, {"record": sample_record()}),
    (
        "CNS-08",
        {
            "kind": FOLLOW_UP,
            "record": sample_record(purposes=_purposes("uppfoljning_efter_avslut")),
            "withdrawals": (Withdrawal(STAR, "syfte", purposes=frozenset({"uppfoljning_efter_avslut"})),),
        },
        {"withdrawals": (Withdrawal(STAR, "syfte", purposes=frozenset({"uppfoljning_efter_avslut"})),)},
    ),
    ("CNS-08", {"withdrawals_checked_at": None}, {"withdrawals_checked_at": None, "drained": True}),
    (
        "CNS-08",
        {"withdrawals_checked_at": NOW - timedelta(minutes=15, seconds=1)},
        {"withdrawals_checked_at": NOW - timedelta(minutes=15)},
    ),
    ("CNS-08", {"withdrawals_checked_at": NOW + timedelta(seconds=1)}, {"withdrawals_checked_at": NOW}),
    ("CNS-09", {"principal_ref": "01" * 16}, {"principal_ref": PERSON}),
    ("CNS-09", {"principal_ref": None}, {"principal_ref": PERSON}),
    (
        "CNS-10",
        {"recipient_unit": PRIVATE, "recipient_private": True, "record": sample_record(parties=WITH_PRIVATE)},
        {
            "recipient_unit": PRIVATE,
            "recipient_private": True,
            "record": sample_record(parties=WITH_PRIVATE, private_parties=(PRIVATE_LINE,)),
        },
    ),
    *(
        (
            "CNS-10",
            {**TO_PRIVATE, "record": sample_record(parties=WITH_PRIVATE, private_parties=(line,))},
            {**TO_PRIVATE, "record": sample_record(parties=WITH_PRIVATE, private_parties=(line, PRIVATE_LINE))},
        )
        for line in (
            structs.replace(PRIVATE_LINE, org=OTHER_KOMMUN),
            structs.replace(PRIVATE_LINE, purpose="informationsutbyte"),
            structs.replace(PRIVATE_LINE, signed=False),
        )
    ),
    (
        "CNS-11",
        {
            "places": True,
            "signatures": 2,
            "recipient_authority": "polis",
            "record": sample_record(
                **SUPPLEMENT, parties=_parties(("socialtjanst", SOCIAL, "bada"), ("polis", None, "bada"))
            ),
        },
        {"places": True, "signatures": 2, "record": sample_record(**SUPPLEMENT)},
    ),
    (
        "CNS-11",
        {"places": True, "signatures": 2},
        {"places": True, "signatures": 2, "record": sample_record(**SUPPLEMENT)},
    ),
    (
        "CNS-11",
        {"places": True, "signatures": 1, "record": sample_record(**SUPPLEMENT)},
        {"places": True, "signatures": 2, "record": sample_record(**SUPPLEMENT)},
    ),
    (
        "CNS-12",
        {"record": sample_record(limits="Inte till skolan.")},
        {"record": sample_record(limits="Inte till skolan."), "limits_decided": True},
    ),
    ("CNS-13", {"minor": True}, {"minor": True, "record": sample_record(guardian_omitted_reason="Risk för personen")}),
    (
        "CNS-13",
        {"minor": True, "record": sample_record(guardians=(Guardian(name="Vera", signed=True),))},
        {
            "minor": True,
            "record": sample_record(signer_kind="vardnadshavare", guardians=(Guardian(name="Vera", signed=True),)),
        },
    ),
    (
        "CNS-13",
        {"minor": True, "record": sample_record(signer_kind="god_man_forvaltare")},
        {"minor": False, "record": sample_record(signer_kind="god_man_forvaltare")},
    ),
    (
        "CNS-13",
        {
            "minor": True,
            "record": sample_record(
                signer_kind="personen_och_vardnadshavare", guardians=(Guardian(name="Vera", signed=False),)
            ),
        },
        {
            "minor": True,
            "record": sample_record(
                signer_kind="personen_och_vardnadshavare", guardians=(Guardian(name="Vera", signed=True),)
            ),
        },
    ),
]


@pytest.mark.parametrize(("code", "refused", "allowed"), CASES)
def test_refused_and_the_smallest_change_that_passes(
    code: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """Each code is given for its case, and the smallest change lets the document go."""
    with pytest.raises(ConsentRefusedError) as caught:
        decide(question(**refused))
    assert caught.value.code == code
    decide(question(**allowed))


def test_every_code_has_a_case() -> None:
    """No check of the rule goes without a case here."""
    assert {code for code, _, _ in CASES} == {code for code, _ in CHECKS}


def test_checks_stand_in_the_order_of_their_codes() -> None:
    """The first failing check answers, and they run from 01 to 13."""
    codes = [code for code, _ in CHECKS]
    assert codes == sorted(codes)
    assert len(codes) == 13


def test_earlier_code_wins() -> None:
    """When much is wrong, the answer is the first of the order."""
    with pytest.raises(ConsentRefusedError) as caught:
        decide(question(principal_ref=None, categories=frozenset({"halsa"}), withdrawals_checked_at=None))
    assert caught.value.code == "CNS-06"


def test_what_stays_in_the_unit_is_not_gated() -> None:
    """No consent is asked for it."""
    assert all(kind.gate is Gate.NONE for kind in KINDS.values() if kind.local)


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.gate is Gate.NONE))
def test_ungated_kind_needs_no_consent(name: str) -> None:
    """Consultations and withdrawals go without any record."""
    decide(question(kind=KINDS[name], record=None, basis="inga_personuppgifter"))


def test_day_is_counted_in_sweden() -> None:
    """Late in the evening by UTC it is already the next day where the offices are."""
    record = sample_record(valid_to="2026-07-01")
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    with pytest.raises(ConsentRefusedError) as caught:
        decide(question(record=record, now=late, withdrawals_checked_at=late))
    assert caught.value.code == "CNS-07"
    early = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)
    decide(question(record=record, now=early, withdrawals_checked_at=early))


def test_refusal_carries_no_content() -> None:
    """The facts of a refusal are codes, ids and times."""
    with pytest.raises(ConsentRefusedError) as caught:
        decide(question(record=sample_record(limits="Hemligt förbehåll")))
    assert "Hemligt" not in str(caught.value)
    assert "Hemligt" not in repr(caught.value.fields)


TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("row", REQUIRED, ids=lambda row: row.case_type)
def test_required_set_starts_from_the_table(row: Required) -> None:
    """Authorities that apply are added, strangers to the table are not, and a unit's own set replaces the start."""
    name, own = row.case_type, {row.case_type: frozenset({"sis"})}
    assert required_authorities(name, TODAY) == row.always
    assert required_authorities(name, TODAY, applicable=AUTHORITY.codes) == row.always | row.conditional
    assert required_authorities(name, TODAY, own) == frozenset({"sis"})
    assert (row.always | row.conditional) <= AUTHORITY.codes


def test_required_set_is_that_of_the_day() -> None:
    """A row with a first day holds from that day on, whatever the order of the rows; before the first there is none."""
    old = Required("intag", frozenset({"polis"}), frozenset(), date(2026, 1, 1))
    new = Required("intag", frozenset({"sis"}), frozenset(), date(2026, 7, 1))
    for rows in ((old, new), (new, old)):
        assert requirement("intag", date(2026, 6, 30), rows) == old
        assert requirement("intag", date(2026, 7, 1), rows) == new
    with pytest.raises(KeyError):
        requirement("intag", date(2025, 12, 31), (old, new))


def test_only_national_authorities_are_covered_as_a_whole() -> None:
    """A consent that names "socialtjänsten" without a unit opens no municipality for another; the police are one."""
    whole = {unit_type for unit_type in UNIT_TYPE.codes if authority_of(unit_type)}
    assert {authority_of(unit_type) for unit_type in whole} <= AUTHORITY.codes
    assert authority_of("polis_bops") == authority_of("kommunpolis") == "polis"
    assert whole.isdisjoint({"avhopparenhet", "ordinarie_socialtjanst", "stadsdel_socialtjanst", "sig", "utforare"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Withdrawal("2026-03-02T08:30:00Z", "helt")),
        ({"scope": "mottagare", "recipient": POLICE}, Withdrawal("2026-03-02T08:30:00Z", "mottagare", POLICE)),
        (
            {"scope": "syfte", "purposes": ["placering"]},
            Withdrawal("2026-03-02T08:30:00Z", "syfte", purposes=frozenset({"placering"})),
        ),
    ],
)
def test_withdrawal_is_read_from_its_document(change: dict[str, Any], expected: Withdrawal) -> None:
    """What the document of a withdrawal says is what the rules decide on."""
    body = SAMPLES["samtycke.aterkallat"]
    content = validate_body(body | {"content": body["content"] | change}).content
    assert isinstance(content, Withdrawn)
    assert withdrawal_of(content) == expected


def test_every_case_type_has_its_authorities() -> None:
    """The table covers the code list."""
    assert {row.case_type for row in REQUIRED} == CASE_TYPE.codes


@pytest.mark.parametrize(
    ("changes", "withdrawals", "today", "expected"),
    [
        ({"event_types": ()}, (), date(2026, 3, 1), Status.UTKAST),
        ({"event_types": ("informerad",)}, (), date(2026, 3, 1), Status.INFORMERAD),
        ({}, (), date(2026, 3, 1), Status.AKTIVT),
        ({}, (), date(2027, 1, 2), Status.AKTIVT),
        ({}, (), date(2027, 1, 3), Status.SNART_UTGATT),
        ({}, (), date(2027, 2, 1), Status.SNART_UTGATT),
        ({}, (), date(2027, 2, 2), Status.UTGATT),
        ({}, (Withdrawal(STAR, "helt"),), date(2026, 3, 1), Status.ATERKALLAT),
        ({}, (Withdrawal(STAR, "mottagare", POLICE),), date(2026, 3, 1), Status.ATERKALLAT),
        ({}, (Withdrawal(STAR, "syfte", purposes=frozenset({"foljeforskning"})),), date(2026, 3, 1), Status.AKTIVT),
        ({}, (Withdrawal(STAR, "felregistrerat"),), date(2026, 3, 1), Status.FELREGISTRERAT),
        ({"event_types": ("given", "aterkallad")}, (), date(2026, 3, 1), Status.ATERKALLAT),
        ({"event_types": ("informerad", "vagrad")}, (), date(2026, 3, 1), Status.VAGRAT),
        ({"event_types": ("given", "felregistrerad")}, (), date(2026, 3, 1), Status.FELREGISTRERAT),
    ],
)
def test_status_follows_from_events_withdrawals_and_day(
    changes: dict[str, Any], withdrawals: tuple[Withdrawal, ...], today: date, expected: Status
) -> None:
    """Where a consent stands is derived, never stored."""
    assert status(sample_record(**changes), withdrawals, today) is expected


@pytest.mark.parametrize("unit_type", sorted(UNIT_TYPE.codes))
def test_a_unit_type_belongs_to_some_kind_of_organisation(unit_type: str) -> None:
    """Every unit type can be set up by somebody, and police units by the police alone."""
    kinds = {"kommun", "polis", "kriminalvard", "sis", "arbetsformedling", "skatteverket", "kronofogden", "region"}
    kinds |= {"lansstyrelse", "utforare"}
    holders = {kind for kind in kinds if may_have(kind, unit_type)}
    assert holders
    assert unit_type not in POLICE_TYPES or holders == {"polis"}
    assert not may_have("okänd", unit_type)


@pytest.mark.parametrize("day", ["9999-06-01", "2200-01-01", "1899-12-31", "0001-01-01"])
def test_a_date_beyond_any_case_is_refused_as_a_date(day: str) -> None:
    """A date from which a deadline cannot be counted is a problem of its field, never a fault of the program."""
    fields = record_as_dict(sample_record()) | {"valid_from": day, "valid_to": day}
    with pytest.raises(InvalidBodyError) as caught:
        validate_record(fields)
    assert {found.path for found in caught.value.problems} >= {"valid_from", "valid_to"}


ENDING = {
    "purposes": (
        *_purposes("hotbildsbedomning", valid_to="2026-04-01"),
        *_purposes("informationsutbyte"),
        *_purposes("uppfoljning_efter_avslut", valid_to="2028-01-01"),
        *_purposes("placering", signed=False),
    )
}
FOLLOWED = Withdrawal(STAR, "syfte", purposes=frozenset({"uppfoljning_efter_avslut"}))


@pytest.mark.parametrize(
    ("today", "withdrawals", "usable"),
    [
        (date(2026, 1, 31), (), ()),
        (date(2026, 2, 1), (), ("hotbildsbedomning", "informationsutbyte", "uppfoljning_efter_avslut")),
        (date(2026, 4, 1), (), ("hotbildsbedomning", "informationsutbyte", "uppfoljning_efter_avslut")),
        (date(2026, 4, 2), (), ("informationsutbyte", "uppfoljning_efter_avslut")),
        (date(2027, 2, 2), (), ("uppfoljning_efter_avslut",)),
        (date(2028, 1, 2), (), ()),
        (date(2026, 4, 2), (FOLLOWED,), ("informationsutbyte",)),
        (date(2026, 4, 2), (Withdrawal(STAR, "helt"),), ()),
        (date(2026, 4, 2), (Withdrawal(STAR, "felregistrerat"),), ()),
    ],
)
def test_purposes_that_can_be_leaned_on(today: date, withdrawals: Any, usable: tuple[str, ...]) -> None:
    """Each purpose ends on its day; follow-up outlives the record and the case, and ends when it alone is withdrawn."""
    assert usable_purposes(sample_record(**ENDING), withdrawals, today) == usable


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 3, 1), []),
        (date(2026, 3, 2), [("hotbildsbedomning", 30, 30)]),
        (date(2026, 3, 24), [("hotbildsbedomning", 8, 30)]),
        (date(2026, 3, 25), [("hotbildsbedomning", 7, 7)]),
        (date(2026, 4, 1), [("hotbildsbedomning", 0, 7)]),
        (date(2026, 4, 2), []),
        (date(2027, 1, 1), []),
        (date(2027, 1, 2), [("", 30, 30)]),
        (date(2027, 1, 25), [("", 7, 7)]),
        (date(2027, 2, 2), []),
        (date(2027, 12, 30), [("uppfoljning_efter_avslut", 2, 7)]),
    ],
)
def test_reminders_follow_from_the_dates(today: date, expected: list[tuple[str, int, int]]) -> None:
    """Thirty and seven days before the end of the record, and of a purpose with an end of its own."""
    found = expiries(sample_record(**ENDING), (), today)
    assert [(one.purpose, one.days_left, one.reminder) for one in found] == expected


def test_nothing_reminds_of_what_is_withdrawn() -> None:
    """A consent that is taken back does not run out."""
    assert expiries(sample_record(**ENDING), (Withdrawal(STAR, "helt"),), date(2026, 3, 25)) == ()
