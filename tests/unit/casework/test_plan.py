"""Plan, provider and follow-up: what each document must say, the way of a plan, and when somebody is followed up."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import msgspec
import pytest

from client.casework.consent import PrivateParty, SignedPurpose
from client.casework.consent_status import Withdrawal
from client.casework.fields import FieldType
from client.casework.flow_tables import PLAN, UPPFOLJNING, UTFORARE
from client.casework.flows import By, Flow, Side, step
from client.casework.follow_up import Closing, FollowUp, mode_of, next_during, plan_follow_up
from client.casework.kinds.registry import KINDS, describe
from client.casework.providers import require_verified
from client.casework.rules import check_incoming, check_outgoing
from keys.errors import RefusedError
from tests.unit.casework.samples import NOW, outgoing, record_for
from tests.unit.casework.samples_placement import POLICE, SOCIAL
from tests.unit.casework.samples_plan import PROVIDER
from tests.unit.casework.wrong import wrong

ACTION = {"what": "Samtal", "responsible": SOCIAL, "start": "2026-03-09", "short_or_long": "lang"}
BOTH = {"registers": ["misstanke", "belastning"]}
RECORD, SUSPICION = {"registers": ["belastning"]}, {"registers": ["misstanke"]}
SUSPECTED = {"result": "inte_lyckat", "suspected_only": True}

CONDITIONS: list[tuple[str, dict[str, Any], dict[str, Any] | None, set[tuple[str, str]]]] = [
    ("plan.upprattad", {"actions": []}, None, {("content.actions", "missing")}),
    ("plan.upprattad", {"conditions": []}, None, {("content.conditions", "missing")}),
    ("plan.upprattad", {"actions": [{**ACTION, "end": "2026-03-08"}]}, None, {("content.actions.end", "before")}),
    ("plan.upprattad", {"actions": [{**ACTION, "end": "2026-03-09"}]}, None, set()),
    ("plan.upprattad", {"parties": [{"unit": POLICE}] * 2}, None, {("content.parties", "duplicate")}),
    ("plan.svar", {"what": None}, None, {("content.what", "missing")}),
    ("plan.svar", {"answer": "godtas"}, None, {("content.what", "forbidden")}),
    ("plan.svar", {"answer": "godtas", "what": None}, None, set()),
    ("plan.lagesrapport", {"period": {"start": "2026-03-01", "end": "2026-02-09"}}, None,
     {("content.period.end", "before")}),
    ("plan.lagesrapport", {"per_action": [{"action": 1, "status": "klar"}] * 2}, None,
     {("content.per_action", "duplicate")}),
    ("plan.lagesrapport", {"per_action": [{"action": 0, "status": "klar"}]}, None,
     {("content.per_action.action", "range")}),
    ("plan.lagesrapport", {"conditions_met": [{"condition": "drogfri", "met": "nej"}] * 2}, None,
     {("content.conditions_met", "duplicate")}),
    ("utforare.uppdrag", {"actions": [{"what": "Samtal", "start": "2026-03-09", "end": "2026-03-08"}]}, None,
     {("content.actions.end", "before")}),
    ("utforare.rapport", {"actions": [{"action": 1, "status": "klar"}] * 2}, None, {("content.actions", "duplicate")}),
    ("uppfoljning.registersvar", {}, BOTH, set()),
    ("uppfoljning.registersvar", {"belastning": None}, BOTH, {("content.belastning", "missing")}),
    ("uppfoljning.registersvar", {"misstanke": None}, BOTH, {("content.misstanke", "missing")}),
    ("uppfoljning.registersvar", {"misstanke": None}, RECORD, set()),
    ("uppfoljning.registersvar", {}, RECORD, {("content.misstanke", "forbidden")}),
    ("uppfoljning.registersvar", {"belastning": None}, RECORD,
     {("content.belastning", "missing"), ("content.misstanke", "forbidden")}),
    ("uppfoljning.registersvar", {"belastning": None}, SUSPICION, set()),
    ("uppfoljning.registersvar", {}, SUSPICION, {("content.belastning", "forbidden")}),
    ("uppfoljning.registersvar", {"comment": "Fri text"}, BOTH, {("content.?", "unknown")}),
    ("uppfoljning.samlad_bedomning", SUSPECTED, None, {("content.reason", "missing")}),
    ("uppfoljning.samlad_bedomning", {**SUSPECTED, "reason": "Dom väntas efter erkännande."}, None, set()),
    ("uppfoljning.samlad_bedomning", {**SUSPECTED, "suspected_only": False}, None, set()),
    ("uppfoljning.samlad_bedomning", {**SUSPECTED, "result": "delvis"}, None, set()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "opening", "found"), CONDITIONS)
def test_a_field_hangs_on_the_others(
    name: str, changes: dict[str, Any], opening: dict[str, Any] | None, found: set[tuple[str, str]]
) -> None:
    """What one answer demands or forbids elsewhere, for every conditional field."""
    assert wrong(name, changes, opening) == found


WAYS: list[tuple[Flow, list[tuple[str, Side, str]]]] = [
    (PLAN, [("propose", Side.ASKER, "forbereds"), ("change", Side.ANSWERER, "forbereds"),
            ("send", Side.ASKER, "foreslagen"), ("change", Side.ANSWERER, "foreslagen"),
            ("accept", Side.ANSWERER, "undertecknad"), ("report", Side.ANSWERER, "pagar"),
            ("deviate", Side.ANSWERER, "avvikelse"), ("review", Side.ASKER, "omprovas"),
            ("go_on", Side.ASKER, "pagar"), ("finish", Side.ASKER, "avslutad")]),
    (PLAN, [("send", Side.ASKER, "foreslagen"), ("accept", Side.ANSWERER, "undertecknad"),
            ("deviate", Side.ASKER, "avvikelse"), ("propose", Side.ASKER, "forbereds"),
            ("send", Side.ASKER, "foreslagen"), ("break_off", Side.ASKER, "avbruten")]),
    (UTFORARE, [("send", Side.ASKER, "uppdrag_skickat"), ("report", Side.ANSWERER, "pagar"),
                ("final_report", Side.ANSWERER, "avslutat")]),
    (UPPFOLJNING, [("send", Side.ASKER, "begard"), ("answer", Side.ANSWERER, "svar_inne")]),
    (UPPFOLJNING, [("voice", Side.ASKER, "svar_inne"), ("judge", Side.ASKER, "bedomd"),
                   ("judge", Side.ASKER, "bedomd"), ("count", Side.ASKER, "rapporterad")]),
    (UPPFOLJNING, [("judge", Side.ASKER, "bedomd")]),
    (UPPFOLJNING, [("lapse", Side.ASKER, "utgar")]),
]  # fmt: skip


@pytest.mark.parametrize(("flow", "way"), WAYS)
def test_way(flow: Flow, way: list[tuple[str, Side, str]]) -> None:
    """A thread goes from state to state as it does in life."""
    state = flow.initial
    for event, side, following in way:
        state = step(flow, state, event, By(side)).next
        assert state == following


def test_a_plan_that_the_person_has_not_signed_is_accepted_by_nobody() -> None:
    """The parties may ask for changes; assent waits for her signature."""
    with pytest.raises(RefusedError) as caught:
        step(PLAN, "forbereds", "accept", By(Side.ANSWERER, "handlaggare"))
    assert caught.value.code == "STA"


@pytest.mark.parametrize("decision", ["fortsatter", "avbryts"])
def test_a_decision_maker_breaks_off(decision: str) -> None:
    """A handler can report and propose, but not decide."""
    context = outgoing("plan.beslut")
    body: Any = context.body
    body["content"]["decision"] = decision
    check_outgoing(context)
    body["header"]["sender_staff"]["role"] = "handlaggare"
    with pytest.raises(RefusedError) as caught:
        check_outgoing(context)
    assert caught.value.code == "ROL"


# -- providers --------------------------------------------------------------------------------------------------------


def _refusal(context: Any) -> str:
    codes = set()
    for check in (check_outgoing, check_incoming):
        with pytest.raises(RefusedError) as caught:
            check(context)
        codes.add(caught.value.code)
    return codes.pop() if len(codes) == 1 else str(codes)


def test_an_order_goes_to_a_provider_only() -> None:
    """Not to another authority, whatever the consent says."""
    context = outgoing("utforare.uppdrag")
    assert (
        _refusal(dataclasses.replace(context, recipient=dataclasses.replace(context.recipient, unit_type="sig")))
        == "ROL"
    )


@pytest.mark.parametrize(
    "line",
    [
        None,
        PrivateParty(org=PROVIDER, purpose="informationsutbyte", signed=False),
        PrivateParty(org=PROVIDER, purpose="placering", signed=True),
        PrivateParty(org=POLICE, purpose="informationsutbyte", signed=True),
    ],
)
def test_a_provider_needs_a_line_of_its_own(line: PrivateParty | None) -> None:
    """Signed, for this provider and this purpose."""
    record = record_for("utforare.uppdrag")
    record = msgspec.structs.replace(record, private_parties=() if line is None else (line,))
    assert _refusal(outgoing("utforare.uppdrag", record=record)) == "CNS-10"


TODAY = datetime.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("facts", "verified"),
    [
        ({"verified_until": "2026-03-02", "otillaten_paverkan_kontroll": "2026-03-02"}, True),
        ({"verified_until": "2027-01-01", "otillaten_paverkan_kontroll": "2025-03-02"}, True),
        ({"verified_until": "2026-03-01", "otillaten_paverkan_kontroll": "2026-01-01"}, False),
        ({"verified_until": "2027-01-01", "otillaten_paverkan_kontroll": "2025-03-01"}, False),
        ({"verified_until": "2027-01-01", "otillaten_paverkan_kontroll": "2026-03-03"}, False),
        ({"verified_until": "2027-01-01"}, False),
        ({"otillaten_paverkan_kontroll": "2026-01-01"}, False),
        ({"verified_until": "snart", "otillaten_paverkan_kontroll": "2026-01-01"}, False),
        ({"verified_until": True, "otillaten_paverkan_kontroll": "2026-01-01"}, False),
        ({}, False),
    ],
)
def test_providers_are_off_until_somebody_has_looked(facts: dict[str, object], verified: bool) -> None:
    """Verified still today, and checked for undue influence within the year."""
    if verified:
        require_verified(facts, TODAY)
        return
    with pytest.raises(RefusedError) as caught:
        require_verified(facts, TODAY)
    assert caught.value.code == "PROVIDER"


# -- follow-up --------------------------------------------------------------------------------------------------------


def test_the_police_answer_has_no_free_text() -> None:
    """Each field is a choice from a list."""
    for name in ("uppfoljning.registersvar", "uppfoljning.socialtjanstsvar"):
        assert {info.spec.holds for info in describe(name)} == {FieldType.ENUM}
        assert not KINDS[name].attachments


@pytest.mark.parametrize("name", ["uppfoljning.registerfraga", "uppfoljning.registersvar"])
@pytest.mark.parametrize("missing", ["uppfoljning_efter_avslut", "registerslagning"])
def test_the_police_are_asked_with_both_purposes(name: str, missing: str) -> None:
    """Neither the follow-up alone nor the register alone is enough, and a withdrawal of either stops it."""
    record = record_for(name)
    signed = tuple(
        SignedPurpose(purpose=one.purpose, signed=one.purpose != missing, valid_to=one.valid_to)
        for one in record.purposes
    )
    assert _refusal(outgoing(name, record=msgspec.structs.replace(record, purposes=signed))) == "CNS-05"
    withdrawal = Withdrawal(at="2026-03-01T08:00:00Z", scope="syfte", purposes=(missing,))
    follows = missing == "uppfoljning_efter_avslut"
    assert _refusal(outgoing(name, withdrawals=(withdrawal,))) == ("CNS-08" if follows else "CNS-04")


def test_the_purpose_of_following_up_outlives_the_record() -> None:
    """A year after closing the record is over, its follow-up is not; nor are look-ups for it, if their line runs on."""
    later = datetime.datetime(2027, 2, 2, 9, tzinfo=datetime.UTC)
    context = outgoing("uppfoljning.registerfraga", now=later, withdrawals_checked_at=later)
    assert _refusal(context) == "CNS-07"
    record = record_for("uppfoljning.registerfraga")
    for lasting in (
        {"uppfoljning_efter_avslut"},
        {"registerslagning"},
        {"uppfoljning_efter_avslut", "registerslagning"},
    ):
        longer = tuple(
            msgspec.structs.replace(one, valid_to="2028-01-01") if one.purpose in lasting else one
            for one in record.purposes
        )
        asked = dataclasses.replace(context, record=msgspec.structs.replace(record, purposes=longer))
        if len(lasting) == 2:
            check_outgoing(asked)
        else:
            assert _refusal(asked) == "CNS-07"


@pytest.mark.parametrize("name", ["uppfoljning.personens_bild", "uppfoljning.samlad_bedomning"])
def test_the_judgement_stays(name: str) -> None:
    """What the person said and what the unit made of it is sent to nobody."""
    assert KINDS[name].local


CLOSED = datetime.date(2025, 3, 31)
YEAR = "ett_ar_efter_avslut"
SCHEDULED = FollowUp(
    "schemalagd", "", datetime.date(2026, 3, 1), datetime.date(2026, 3, 31), datetime.date(2026, 5, 30)
)


@pytest.mark.parametrize(
    ("ended", "consented", "until", "mode", "expected"),
    [
        (False, True, None, YEAR, SCHEDULED),
        (False, True, datetime.date(2026, 3, 1), YEAR, SCHEDULED),
        (False, True, datetime.date(2026, 2, 28), YEAR, FollowUp("utgar", "samtycke_saknas")),
        (True, True, None, YEAR, FollowUp("utgar", "person_avslutade_sjalv")),
        (False, False, None, YEAR, FollowUp("utgar", "samtycke_saknas")),
        (True, False, None, YEAR, FollowUp("utgar", "person_avslutade_sjalv")),
        (False, True, None, "under_pagaende", FollowUp("utgar", "under_pagaende")),
        (False, True, None, "vid_omprovning", FollowUp("utgar", "vid_omprovning")),
    ],
)
def test_who_is_followed_up(
    ended: bool, consented: bool, until: datetime.date | None, mode: str, expected: FollowUp
) -> None:
    """A year after, with consent, and not who ended by herself; other offices do it while the support lasts."""
    closing = Closing(closed_on=CLOSED, ended_by_person=ended, consented=consented, purpose_until=until)
    assert plan_follow_up(closing, mode) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, 90), (1, 90), (90, 90), (91, 180), (180, 180)])
def test_every_ninety_days_while_it_lasts(days: int, expected: int) -> None:
    """The next day of follow-up, counted from the beginning."""
    begun = datetime.date(2026, 1, 1)
    assert next_during(begun, begun + datetime.timedelta(days)) == begun + datetime.timedelta(expected)


@pytest.mark.parametrize(
    ("facts", "mode"),
    [
        ({"follow_up": "under_pagaende"}, "under_pagaende"),
        ({"follow_up": "vid_omprovning"}, "vid_omprovning"),
        ({"follow_up": "ibland"}, YEAR),
        ({"follow_up": True}, YEAR),
        ({}, YEAR),
    ],
)
def test_the_way_is_a_fact_of_the_office(facts: dict[str, object], mode: str) -> None:
    """What a card says that we do not know counts as nothing."""
    assert mode_of(facts) == mode


def test_the_clock_of_the_samples() -> None:
    """The consent of the samples is in force on their day."""
    assert record_for("plan.upprattad").valid_from <= NOW.date().isoformat()
