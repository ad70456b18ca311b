"""The whole question: what may leave, what may take effect, and that both ends agree."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from client.casework.codelists import PROTECTED_BLOCKS_ROUTING
from client.casework.consent import Party
from client.casework.consent_status import Withdrawal
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, Side, step
from client.casework.kinds.registry import KINDS
from client.casework.question import Context
from client.casework.rules import check_copy, check_incoming, check_leaving, check_outgoing
from keys.errors import RefusedError
from keys.facts import FACTS
from tests.unit.casework.samples import (
    CHIEF,
    CONTENTS,
    HANDLER,
    NOW,
    OTHER_KOMMUN,
    POLICE,
    ROUTES,
    SAMPLES,
    SOCIAL,
    UNITS,
    asker_of,
    outgoing,
    sample_record,
)

KIND_NAMES = sorted(KINDS)
CHOSEN = [name for name in KIND_NAMES if KINDS[name].chooses_recipient]


def _refused(context: Context, *, received: bool = False) -> str:
    with pytest.raises(RefusedError) as caught:
        (check_incoming if received else check_outgoing)(context)
    return caught.value.code


def _body(name: str, part: str, **changes: Any) -> dict[str, Any]:
    body = SAMPLES[name]
    body[part] |= changes
    return body


@pytest.mark.parametrize("name", KIND_NAMES)
def test_sample_of_every_kind_may_leave_and_take_effect(name: str) -> None:
    """Each complete example passes at the sender and at the recipient, to the same state but for availability."""
    context = outgoing(name)
    sent = check_outgoing(context)
    received = check_copy(context) if KINDS[name].local else check_incoming(context)
    flow = FLOWS[KINDS[name].flow]
    opens = ROUTES[name][3] is None and not KINDS[name].local
    available = step(flow, sent.state, "available", By(Side.AUTO)).next if opens else sent.state
    assert received.state == available


@pytest.mark.parametrize("name", ["fraga", "svar", "komplettering", "avslut"])
def test_a_small_place_is_asked_about_with_every_text(name: str) -> None:
    """Where few live, a description may be enough: in the question, in what is added and in the answer."""
    kind = f"konsultation.{name}"
    plain = outgoing(kind)
    of_asker = plain.sender if plain.asker_unit in {None, plain.sender.unit_id} else plain.recipient
    asker = dataclasses.replace(of_asker, small_place=True)
    small = {"sender": asker} if asker.unit_id == plain.sender.unit_id else {"recipient": asker}
    told = [one.reason for one in check_outgoing(outgoing(kind, **small)).warnings]
    assert told == ([] if name == "avslut" else ["small_place"])
    assert check_outgoing(plain).warnings == ()


def test_a_small_place_is_the_askers() -> None:
    """An answer to a big town is not asked about because who answers sits in a small one."""
    sender = dataclasses.replace(UNITS[ROUTES["konsultation.svar"][0]], small_place=True)
    assert check_outgoing(outgoing("konsultation.svar", sender=sender)).warnings == ()


def test_the_askers_own_municipality_may_be_named() -> None:
    """The recipient knows it from the sender; another's name is asked about."""
    body = _body("konsultation.fraga", "content", situation="Personen har vuxit upp i Kiruna.")
    told = {}
    for code in ("2584", "1480"):
        sender = dataclasses.replace(UNITS[ROUTES["konsultation.fraga"][0]], kommunkod=code)
        told[code] = [
            one.reason for one in check_outgoing(outgoing("konsultation.fraga", body=body, sender=sender)).warnings
        ]
    assert told == {"2584": [], "1480": ["guess"]}


@pytest.mark.parametrize("received", [False, True])
@pytest.mark.parametrize("name", KIND_NAMES)
def test_other_role_is_refused(name: str, received: bool) -> None:
    """Nobody sends a document of a role that is not theirs."""
    role = "statistiker" if "arkivarie" in KINDS[name].roles else "arkivarie"
    body = _body(name, "header", sender_staff={"name": "Arne Arkivarie", "role": role})
    assert _refused(outgoing(name, body=body), received=received) == "ROL"


@pytest.mark.parametrize("name", [name for name in KIND_NAMES if KINDS[name].sender_types])
def test_other_unit_type_is_refused(name: str) -> None:
    """A threat result comes from the police only, and a request from social services only."""
    sender = dataclasses.replace(UNITS[ROUTES[name][0]], unit_type="avhoppartelefon")
    assert _refused(outgoing(name, sender=sender)) == "ROL"


def test_request_goes_to_the_police_only() -> None:
    """A threat request to a unit that is not police is refused."""
    recipient = dataclasses.replace(UNITS[POLICE], unit_type="avhopparenhet")
    assert _refused(outgoing("hotbild.begaran", recipient=recipient)) == "ROL"


@pytest.mark.parametrize(
    "name", [name for name in KIND_NAMES if KINDS[name].side is not Side.EITHER and ROUTES[name][3]]
)
def test_wrong_side_is_refused(name: str) -> None:
    """An answer cannot come from the unit that asked, nor a closing from the one that answered."""
    sender, recipient, _, _ = ROUTES[name]
    other = recipient if KINDS[name].side is Side.ASKER else sender
    if KINDS[name].local:
        other = POLICE
    assert _refused(outgoing(name, asker_unit=other)) == "ROL"


@pytest.mark.parametrize("name", [name for name in KIND_NAMES if not KINDS[name].opens_thread])
def test_answer_without_question_is_refused(name: str) -> None:
    """A document that opens no thread needs one."""
    assert _refused(outgoing(name, state=None, asker_unit=asker_of(name))) == "STA"


def test_step_out_of_turn_is_refused() -> None:
    """A handover cannot be completed before it was accepted."""
    assert _refused(outgoing("overlamnande.genomfort", state="provas")) == "STA"


def test_only_a_decision_maker_accepts() -> None:
    """A handler may ask for more, but accept or decline may only a decision-maker."""
    body = _body("overlamnande.svar", "header", sender_staff=HANDLER)
    assert _refused(outgoing("overlamnande.svar", body=body)) == "ROL"
    content = {"answer": "komplettering_behovs", "conditions": "Vilken period?"}
    body = {**body, "content": content}
    assert check_outgoing(outgoing("overlamnande.svar", body=body)).state == "komplettering"
    assert CHIEF["role"] == "beslutsfattare"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"answer": "accepterat", "takeover_date": "2026-04-01"}, "accepterad"),
        ({"answer": "accepterat_med_villkor", "takeover_date": "2026-04-01", "conditions": "Delad kostnad"}, "villkor"),
        ({"answer": "komplettering_behovs", "conditions": "Vilken period?"}, "komplettering"),
        ({"answer": "avbojt", "reject_reason": "kapacitet"}, "avbojd"),
    ],
)
def test_answer_chooses_the_event(answer: dict[str, Any], state: str) -> None:
    """What a handover's answer says decides where the thread goes, also straight after sending."""
    body = {**SAMPLES["overlamnande.svar"], "content": answer}
    for before in ("forfragan_skickad", "provas"):
        assert check_incoming(outgoing("overlamnande.svar", body=body, state=before)).state == state


def test_meeting_that_nobody_came_to_moves_no_responsibility() -> None:
    """A first meeting without the person leads to the absence, not to completion."""
    body = _body("overlamnande.genomfort", "content", person_attended=False)
    assert check_outgoing(outgoing("overlamnande.genomfort", body=body)).state == "uteblev"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "aterkallat"),
        ({"scope": "mottagare", "recipient": POLICE}, "aterkallat"),
        ({"scope": "syfte", "purposes": ["overlamnande"]}, "aterkallat"),
        ({"scope": "syfte", "purposes": ["uppfoljning_efter_avslut", "foljeforskning"]}, "aktivt"),
        ({"scope": "syfte", "purposes": ["foljeforskning", "overlamnande"]}, "aterkallat"),
    ],
)
def test_scope_of_a_withdrawal_chooses_the_event(change: dict[str, Any], state: str) -> None:
    """Only a withdrawal of follow-up and research alone leaves the consent in force."""
    body = _body("samtycke.aterkallat", "content", **change)
    assert check_incoming(outgoing("samtycke.aterkallat", body=body)).state == state


def test_withdrawal_arrives_before_its_consent() -> None:
    """A withdrawal opens a thread of its own when the record has not come, with no consent and no fresh list."""
    context = outgoing("samtycke.aterkallat", state=None, asker_unit=None, record=None, withdrawals_checked_at=None)
    assert check_incoming(context).state == "aterkallat"
    assert check_outgoing(context).state == "aterkallat"


@pytest.mark.parametrize(("unit", "code"), [("sender_unit", "SIG"), ("recipient_unit", "UNK")])
def test_units_inside_agree_with_those_outside(unit: str, code: str) -> None:
    """A header that names other units than those that signed and got it is refused."""
    assert _refused(outgoing("hotbild.begaran", body=_body("hotbild.begaran", "header", **{unit: "01" * 16}))) == code


def test_second_signature_for_a_new_place() -> None:
    """A request that names a new place needs two signatures."""
    body = _body("hotbild.begaran", "content", purpose="ny_ort", proposed_place="1280")
    assert _refused(outgoing("hotbild.begaran", body=body)) == "LCK"
    for roles in ((), ("handlaggare", "registrator")):
        assert _refused(outgoing("hotbild.begaran", body=body, signatures=2, second_roles=frozenset(roles))) == "LCK"
    approved = outgoing("hotbild.begaran", body=body, signatures=2, second_roles=frozenset({"beslutsfattare"}))
    check_outgoing(approved)
    check_leaving(approved)
    with pytest.raises(RefusedError, match="LCK"):
        check_leaving(outgoing("hotbild.begaran", body=body))


@pytest.mark.parametrize("protected", sorted(PROTECTED_BLOCKS_ROUTING))
@pytest.mark.parametrize("name", CHOSEN)
def test_second_signature_for_protected_registration(name: str, protected: str) -> None:
    """Whatever tells somebody with protected registration to a unit is read by two, or refused at both ends."""
    body = SAMPLES[name]
    person = body["header"].get("subject_person", SAMPLES["hotbild.begaran"]["header"]["subject_person"])
    body["header"]["subject_person"] = {**person, "protected": protected}
    for received in (False, True):
        assert _refused(outgoing(name, body=body, signatures=1), received=received) == "LCK"
        second = outgoing(name, body=body, signatures=2, second_roles=frozenset({"beslutsfattare"}))
        assert (check_incoming if received else check_outgoing)(second).asks_for_two
    with pytest.raises(RefusedError, match="LCK"):
        check_leaving(outgoing(name, body=body, signatures=1))


def test_whoever_is_told_of_chooses_a_recipient_for_the_person() -> None:
    """The rule holds for every kind that carries a person to a unit that its author chose; answers are none of them."""
    assert CHOSEN == [
        "avslut.notis", "hotbild.begaran", "intag.dorrval", "intag.formedling", "overlamnande.forfragan",
        "placering.behov", "placering.bekraftelse", "plan.upprattad", "samtycke.registrerat", "samtycke.utokat",
        "uppfoljning.registerfraga", "uppfoljning.socialtjanstfraga", "utforare.uppdrag",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["avslut.notis", "utforare.uppdrag"])
def test_protection_that_the_case_tells_counts_where_nobody_is_named(name: str) -> None:
    """A document without the person block is read by two as well when the case says that she is protected."""
    assert "subject_person" not in SAMPLES[name]["header"]
    assert _refused(outgoing(name, known_protected=True)) == "LCK"
    assert not check_outgoing(outgoing(name)).asks_for_two


@pytest.mark.parametrize("received", [False, True])
@pytest.mark.parametrize("protected", ["ingen", "sekretessmarkering", *sorted(PROTECTED_BLOCKS_ROUTING)])
def test_nobody_hands_over_without_having_seen_to_the_protection(protected: str, received: bool) -> None:
    """``protected_handled`` may be no only where there is no protected registration to see to."""
    body = _body("overlamnande.forfragan", "content", protected_handled=False)
    body["header"]["subject_person"]["protected"] = protected
    context = outgoing("overlamnande.forfragan", body=body, signatures=2, second_roles=frozenset({"beslutsfattare"}))
    if protected in PROTECTED_BLOCKS_ROUTING:
        assert _refused(context, received=received) == "SCH"
    else:
        (check_incoming if received else check_outgoing)(context)


DECISIONS = [name for name in KIND_NAMES if KINDS[name].decides]


def test_every_decision_of_a_card_has_documents_that_tell_it() -> None:
    """A word of the fact that no document asked for would be a promise that nothing keeps."""
    assert {KINDS[name].decides for name in DECISIONS} == set(FACTS["decides"].words)
    assert DECISIONS == ["aterkomst.beslut", "intag.beslut", "intag.svar", "malgrupp.beslut", "placering.bekraftelse"]


@pytest.mark.parametrize("name", DECISIONS)
def test_who_decided_is_held_against_the_senders_card(name: str) -> None:
    """At both ends: a unit that does not decide names its own decision unit, and no other."""
    sender = UNITS[ROUTES[name][0]]
    team = dataclasses.replace(sender, decides=frozenset(), decision_unit="90" * 16)
    others = dataclasses.replace(sender, decides=frozenset(FACTS["decides"].words) - {KINDS[name].decides})
    for received in (False, True):
        check = check_copy if received and KINDS[name].local else check_incoming if received else check_outgoing
        for named in (None, sender.unit_id, "70" * 16, "90" * 16):
            body = SAMPLES[name]
            body["content"] = {k: v for k, v in body["content"].items() if k != "decision_unit"}
            body["content"] |= {} if named is None else {"decision_unit": named}
            if named in {None, sender.unit_id}:
                check(outgoing(name, body=body))
            if named == "90" * 16 or (received and KINDS[name].local):
                check(outgoing(name, body=body, sender=team))
            else:
                assert _refused(outgoing(name, body=body, sender=team), received=received) == "SCH"
                if named is None:
                    assert _refused(outgoing(name, body=body, sender=others), received=received) == "SCH"


@pytest.mark.parametrize(
    ("custody", "takes_lvm", "takes_lvu", "code"),
    [
        ("lvm", False, True, "CARE"),
        ("sis_lvu", True, False, "CARE"),
        ("lvm", True, False, ""),
        ("sis_lvu", False, True, ""),
        ("sis_lsu", False, False, ""),
        ("hakte", False, False, ""),
        ("nej", False, False, ""),
        ("okant", False, False, ""),
    ],
)
def test_compulsory_care_goes_to_a_unit_that_takes_it(
    custody: str, takes_lvm: bool, takes_lvu: bool, code: str
) -> None:
    """What is forwarded about somebody under LVM or LVU is refused at both ends where the card says so."""
    body = _body("intag.formedling", "content", custody=custody)
    there = outgoing("intag.formedling", body=body).recipient
    unit = dataclasses.replace(there, takes_lvm=takes_lvm, takes_lvu=takes_lvu)
    holders = tuple(Party(authority=one, role="bada") for one in ("kriminalvard", "sis"))
    record = sample_record(parties=(*sample_record().parties, *holders))
    for received in (False, True):
        context = outgoing("intag.formedling", body=body, recipient=unit, record=record)
        if code:
            assert _refused(context, received=received) == code
        else:
            (check_incoming if received else check_outgoing)(context)


def test_child_goes_to_a_unit_that_takes_children() -> None:
    """Rule U1: a unit that does not take persons under 18 gets no request about one."""
    body = SAMPLES["overlamnande.forfragan"]
    body["header"]["subject_person"] |= {"id_value": "20100101-1234", "guardians_involved": "ja"}
    record = sample_record(guardian_omitted_reason="Risk för personen")
    adults = dataclasses.replace(UNITS[OTHER_KOMMUN], takes_under_18=False)
    assert _refused(outgoing("overlamnande.forfragan", body=body, record=record, recipient=adults)) == "AGE"
    check_outgoing(outgoing("overlamnande.forfragan", body=body, record=record))


def test_child_is_known_from_the_first_document() -> None:
    """An answer without person block still asks for a guardian when the request was about a child."""
    opening = CONTENTS["hotbild.begaran"] | {"minor": True}
    assert _refused(outgoing("hotbild.resultat", opening=opening)) == "CNS-13"


def test_result_tells_of_the_new_place_when_that_was_asked() -> None:
    """A question about a new place makes its answer required."""
    opening = CONTENTS["hotbild.begaran"] | {"purpose": "ny_ort"}
    assert _refused(outgoing("hotbild.resultat", opening=opening)) == "SCH"
    body = _body("hotbild.resultat", "content", threat_new_place="ort_olamplig")
    check_outgoing(outgoing("hotbild.resultat", opening=opening, body=body))


def test_consent_of_another_record_does_not_count() -> None:
    """The consent in force must be the one that the header names."""
    assert _refused(outgoing("hotbild.begaran", record=sample_record(consent_id="01" * 16))) == "CNS-01"


def test_stale_list_stops_the_sender_only() -> None:
    """The sender's list of withdrawals must be fresh; the recipient has drained its mailbox."""
    old = NOW - timedelta(hours=1)
    assert _refused(outgoing("hotbild.begaran", withdrawals_checked_at=old)) == "CNS-08"
    check_incoming(outgoing("hotbild.begaran", withdrawals_checked_at=old))


def test_withdrawal_stops_both_ends() -> None:
    """A withdrawn consent is refused at the sender and at the recipient."""
    withdrawn = (Withdrawal("2026-03-01T08:00:00Z", "helt"),)
    for received in (False, True):
        assert _refused(outgoing("hotbild.begaran", withdrawals=withdrawn), received=received) == "CNS-08"


def test_decision_on_disclosure_opens_the_door() -> None:
    """Without consent, a complete decision with a named decision-maker lets the document go."""
    body = SAMPLES["overlamnande.forfragan"]
    body["header"] |= {
        "disclosure_basis": "uppgiftsskyldighet",
        "consent_ref": None,
        "disclosure_decision": {
            "lagrum": "OSL 10 kap. 28 §",
            "beslutsfattare": CHIEF,
            "datum": "2026-03-01",
            "motivering": "Skyldighet enligt lag.",
        },
    }
    check_outgoing(outgoing("overlamnande.forfragan", body=body, record=None))


@pytest.mark.parametrize(
    ("urgency", "due"),
    [
        ("akut", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ("ordinarie", datetime(2026, 3, 3, 9, 0, tzinfo=UTC)),
    ],
)
def test_urgency_shortens_the_deadline(urgency: str, due: datetime) -> None:
    """An acute request must be accepted in two hours, another one in a working day."""
    body = _body("hotbild.begaran", "content", urgency=urgency)
    verdict = check_incoming(outgoing("hotbild.begaran", body=body))
    assert (verdict.state, verdict.due) == ("mottagen", due)


def test_urgency_of_the_question_holds_for_later_documents() -> None:
    """The first document's urgency decides the deadlines of the whole thread."""
    opening = CONTENTS["hotbild.begaran"] | {"urgency": "akut"}
    assert check_outgoing(outgoing("hotbild.delbesked", opening=opening)).due == NOW + timedelta(hours=24)
    assert check_outgoing(outgoing("hotbild.delbesked")).due == NOW + timedelta(days=7)


def test_formal_transfer_has_a_month() -> None:
    """A formal transfer is answered within one month."""
    body = _body("overlamnande.forfragan", "content", kind="formell_overflyttning")
    assert check_incoming(outgoing("overlamnande.forfragan", body=body)).due == datetime(2026, 4, 2, 8, 0, tzinfo=UTC)


def test_takeover_date_anchors_the_deadline() -> None:
    """The first meeting is due fourteen days after the takeover date."""
    verdict = check_outgoing(outgoing("overlamnande.svar"))
    assert verdict.due == datetime(2026, 4, 15, 22, 0, tzinfo=UTC)


def test_end_of_the_consent_is_its_deadline() -> None:
    """A registered consent is due when the last day of its record is over in Sweden."""
    assert check_outgoing(outgoing("samtycke.registrerat")).due == datetime(2027, 2, 1, 23, 0, tzinfo=UTC)


def test_consultation_needs_nothing_but_itself() -> None:
    """A consultation goes without record, without fresh list and while the hub is away."""
    verdict = check_outgoing(outgoing("konsultation.fraga", record=None, withdrawals_checked_at=None))
    assert verdict.state == "skickad"
    assert verdict.message.header.recipient_unit == SOCIAL
