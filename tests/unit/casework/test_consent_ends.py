"""Every consent code at the sender and at the recipient, with the words that a handler reads (domain.md 3.4, 3.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from client.casework import consent_rules
from client.casework.codes import explain
from client.casework.consent import Guardian, Member, Party, SignedPurpose
from client.casework.consent_rules import CHECKS
from client.casework.consent_status import Withdrawal
from client.casework.header import Staff
from client.casework.question import Context
from client.casework.rules import check_incoming, check_leaving, check_outgoing, check_reshared
from client.casework.set_aside import NotConcerned
from keys.errors import RefusedError
from tests.unit.casework.samples import (
    CHIEF,
    NOW,
    OTHER_KOMMUN,
    POLICE,
    SAMPLES,
    SOCIAL,
    outgoing,
    record_for,
    sample_record,
)

KIND = "hotbild.begaran"
STAR = "2026-03-01T08:00:00Z"
RECORD = sample_record()
CHILD = {"guardians_involved": "ja", "id_kind": "okand", "id_value": None, "age_at_intake": 15}
LIMITED = sample_record(limits="Inte om min skuld.")
DECISION = {"beslutsfattare": CHIEF, "datum": "2026-03-02", "motivering": "Skulden nämns inte."}
CIRCLE = (Member(unit=OTHER_KOMMUN),)


def body(kind: str = KIND, *, person: dict[str, Any] | None = None, **header: Any) -> dict[str, Any]:
    """A sample with changes in its header."""
    made = SAMPLES[kind]
    made["header"] |= header
    if person is not None:
        fields = made["header"]["subject_person"] | person
        made["header"]["subject_person"] = {name: value for name, value in fields.items() if value is not None}
        made["content"]["minor"] = True
    return made


def context(kind: str = KIND, **changes: Any) -> Context:
    """A context that passes, with changes."""
    return outgoing(kind, **changes)


def _parties(*rows: tuple[str, str | None]) -> tuple[Party, ...]:
    return tuple(Party(authority=authority, unit=unit, role="bada") for authority, unit in rows)


def _purposes(*names: str) -> tuple[SignedPurpose, ...]:
    return tuple(SignedPurpose(purpose=name, signed=True, valid_to="2027-02-01") for name in names)


ASIDE = NotConcerned(authority="polis", reason="Känner inte personen.", decided_by=Staff(**CHIEF))
GUARDED = sample_record(
    signer_kind="personen_och_vardnadshavare",
    guardians=(Guardian(name="Vera", signed=True), Guardian(name="Urban", signed=True)),
)
UNSIGNED = Guardian(name="Urban", signed=False)
PLACED = "placering.bekraftelse"
ORDER = "utforare.uppdrag"
LINED = record_for(ORDER)

#: Code; what is refused at both ends; the smallest change that passes; part of the sentence and of the next step.
TABLE: list[tuple[str, Context, Context, str, str]] = [
    ("CNS-01", context(record=None), context(), "inget aktivt samtycke", "annan grund med ett beslut"),
    (
        "CNS-01",
        context(record=sample_record(event_types=("informerad", "vagrad"))),
        context(),
        "inget aktivt samtycke",
        "Inhämta samtycke",
    ),
    (
        "CNS-01",
        context(withdrawals=(Withdrawal(STAR, "felregistrerat"),)),
        context(),
        "registrerat av misstag och gäller inte sedan 2026-03-01 kl. 09.00",
        "Inhämta ett nytt samtycke",
    ),
    (
        "CNS-02",
        context(record=sample_record(original_sha256=None)),
        context(),
        "inte skriftligt",
        "Skriv ut blanketten",
    ),
    (
        "CNS-03",
        context(record=sample_record(parties=_parties(("socialtjanst", SOCIAL), ("polis", OTHER_KOMMUN)))),
        context(),
        "omfattar inte",
        "tillägg som namnger",
    ),
    (
        "CNS-03",
        context(record=sample_record(circle=CIRCLE, supersedes="c1" * 16)),
        context(record=sample_record(circle=(Member(unit=POLICE),), supersedes="c1" * 16)),
        "omfattar inte",
        "tillägg som namnger",
    ),
    (
        "CNS-04",
        context(record=sample_record(parties=_parties(("socialtjanst", SOCIAL), ("socialtjanst", POLICE)))),
        context(
            record=sample_record(
                parties=_parties(("socialtjanst", SOCIAL), ("socialtjanst", POLICE)), not_concerned=(ASIDE,)
            )
        ),
        "Personen har uteslutit en myndighet. Ärendet kan inte fortsätta.",
        "samtycket är vägrat, eller markera myndigheten som ej berörd",
    ),
    (
        "CNS-04",
        context(record=sample_record(applicable=("kriminalvard",))),
        context(record=sample_record(applicable=("skatteverket",))),  # no authority of this case type's list
        "uteslutit",
        "ej berörd",
    ),
    (
        "CNS-04",
        context(own_sets={"intag": frozenset({"polis", "sis"})}),
        context(own_sets={"plan": frozenset({"polis", "sis"})}),
        "uteslutit",
        "ej berörd",
    ),
    (
        "CNS-04",
        context(withdrawals=(Withdrawal(STAR, "mottagare", OTHER_KOMMUN),)),
        context(withdrawals=(Withdrawal(STAR, "syfte", purposes=frozenset({"foljeforskning"})),)),
        "uteslutit",
        "vägrat",
    ),
    (
        "CNS-05",
        context(record=sample_record(purposes=_purposes("informationsutbyte"))),
        context(),
        "Ändamålet Hotbildsbedömning saknas",
        "tillägg för ändamålet",
    ),
    (
        "CNS-06",
        context(record=sample_record(data_categories=("identitet", "kontakt", "social_situation", "hotbild"))),
        context(),
        "omfattar inte uppgifter av slaget Brott och domar",
        "Ta bort uppgifterna, eller be personen skriva under ett tillägg",
    ),
    ("CNS-07", context(record=sample_record(valid_to="2026-03-01")), context(), "2026-03-01", "Förnya samtycket"),
    ("CNS-07", context(record=sample_record(valid_from="2026-03-03")), context(), "2026-03-03", "Förnya samtycket"),
    (
        "CNS-08",
        context(withdrawals=(Withdrawal(STAR, "helt"),)),
        context(),
        "återkallat 2026-03-01 kl. 09.00",
        "Skicka inte",
    ),
    ("CNS-09", context(body=body(principal_ref="ee" * 16)), context(), "en annan person", "rätt ärende"),
    (
        "CNS-10",
        context(ORDER, record=replace(LINED, private_parties=(replace(LINED.private_parties[0], signed=False),))),
        context(ORDER),
        "saknar en egen underskrift för den privata utföraren",
        "raden för utföraren",
    ),
    (
        "CNS-11",
        context(PLACED, record=replace(record_for(PLACED), supersedes=None)),
        context(PLACED),
        "saknar tillägg till samtycket eller en andra underskrift",
        "tillägg som namnger mottagaren",
    ),
    (
        "CNS-12",
        context(record=LIMITED),
        context(record=LIMITED, body=body(limits_decision=DECISION)),
        "har begränsat sitt samtycke",
        "Be en beslutsfattare",
    ),
    (
        "CNS-13",
        context(body=body(person=CHILD)),
        context(body=body(person=CHILD), record=GUARDED),
        "under 18 år och ingen vårdnadshavare har skrivit under",
        "Låt en vårdnadshavare skriva under",
    ),
    (
        "CNS-13",
        context(body=body(person=CHILD), record=replace(GUARDED, guardians=(GUARDED.guardians[0], UNSIGNED))),
        context(body=body(person=CHILD), record=sample_record(guardian_omitted_reason="Risk för personen.")),
        "under 18 år",
        "ange varför det inte går",
    ),
]
BOTH_ENDS = pytest.mark.parametrize("ask", [check_outgoing, check_incoming, check_leaving, check_reshared])


def _refusal(ask: Any, asked: Context) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        ask(asked)
    return caught.value


@BOTH_ENDS
@pytest.mark.parametrize(("code", "refused", "passes"), [row[:3] for row in TABLE], ids=lambda one: str(one)[:6])
def test_both_ends_refuse_alike_and_let_the_repaired_one_pass(
    ask: Any, code: str, refused: Context, passes: Context
) -> None:
    """When it is written, when it leaves, when it comes and when a colleague passes it on: the same code."""
    assert _refusal(ask, refused).code == code
    ask(passes)


@BOTH_ENDS
@pytest.mark.parametrize("code", [code for code, _ in CHECKS])
def test_without_a_check_what_it_refuses_goes_through(monkeypatch: pytest.MonkeyPatch, ask: Any, code: str) -> None:
    """Each is needed at each moment: with it taken out, a document of the table that was refused meets no other."""
    refused = next(row[1] for row in TABLE if row[0] == code and row[1].record is not None)
    assert _refusal(ask, refused).code == code
    monkeypatch.setattr(consent_rules, "CHECKS", tuple(one for one in CHECKS if one[0] != code))
    ask(refused)


@pytest.mark.parametrize(("code", "refused", "sentence", "step"), [(row[0], row[1], *row[3:]) for row in TABLE])
def test_what_the_handler_reads(code: str, refused: Context, sentence: str, step: str) -> None:
    """The sentence of the source and its next step, in Swedish; English says it too; nothing of the content."""
    error = _refusal(check_outgoing, refused)
    swedish, english = explain(code, "sv", **error.fields), explain(code, "en", **error.fields)
    assert sentence in swedish.sentence
    assert step in swedish.next_step
    assert english.sentence != swedish.sentence
    assert english.next_step != swedish.next_step
    assert "skuld" not in f"{error} {error.fields} {swedish}"


def test_no_code_goes_without_a_row() -> None:
    """Thirteen codes, each at both ends."""
    assert {row[0] for row in TABLE} == {code for code, _ in CHECKS}


@pytest.mark.parametrize(
    ("checked", "sender"),
    [(None, "CNS-08"), (NOW - timedelta(minutes=16), "CNS-08"), (NOW + timedelta(minutes=1), "CNS-08")],
)
def test_a_stale_list_stops_the_sender_alone(checked: Any, sender: str) -> None:
    """Who cannot ask whether it is withdrawn sends nothing; the recipient has read its mailbox to the end before."""
    asked = context(withdrawals_checked_at=checked)
    error = _refusal(check_outgoing, asked)
    assert (error.code, error.fields) == (sender, {"stale": 1})
    assert "inte att kontrollera just nu" in explain(error.code, **error.fields).sentence
    check_outgoing(context(withdrawals_checked_at=NOW - timedelta(minutes=15)))
    check_incoming(asked)


#: What has replaced the record since, and the code that an older record gives then.
LATER: list[tuple[dict[str, Any], tuple[Withdrawal, ...], str]] = [
    ({"purposes": _purposes("informationsutbyte")}, (), "CNS-05"),
    ({"parties": _parties(("socialtjanst", SOCIAL), ("polis", OTHER_KOMMUN))}, (), "CNS-03"),
    ({"data_categories": ("identitet",)}, (), "CNS-06"),
    ({"limits": "Bara om boende."}, (), "CNS-12"),
    ({"event_types": ("felregistrerad",)}, (), "CNS-01"),
    ({"event_types": ("utokad", "aterkallad")}, (), "CNS-08"),
    ({}, (Withdrawal(STAR, "helt"),), "CNS-08"),
]


@BOTH_ENDS
@pytest.mark.parametrize(("changes", "withdrawals", "code"), LATER)
def test_an_older_record_opens_nothing_that_the_newer_one_does_not(
    ask: Any, changes: dict[str, Any], withdrawals: tuple[Withdrawal, ...], code: str
) -> None:
    """A record that was sound once is no way round what the person has said since; a wider one changes nothing."""
    later = sample_record(consent_id="c1" * 16, supersedes=RECORD.consent_id, **{"event_types": ("utokad",)} | changes)
    ask(context(replaced_by=sample_record(consent_id="c1" * 16, supersedes=RECORD.consent_id)))
    assert _refusal(ask, context(replaced_by=later, withdrawals_of_later=withdrawals)).code == code


def test_another_ground_is_not_held_against_a_newer_record() -> None:
    """A decision on disclosure stands on its own."""
    decided = body(
        disclosure_basis="uppgiftsskyldighet",
        consent_ref=None,
        disclosure_decision=DECISION | {"lagrum": "OSL 10 kap. 28 §"},
    )
    check_outgoing(context(body=decided, record=None, replaced_by=sample_record(event_types=("vagrad",))))


@pytest.mark.parametrize("name", ["disclosure_decision", "limits_decision"])
@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"beslutsfattare": {"name": "Hanna", "role": "handlaggare"}}, "beslutsfattare.role"),
        ({"datum": "2026-03-03"}, "datum"),
    ],
)
def test_a_decision_is_a_decision_makers_and_made_before(name: str, change: dict[str, Any], path: str) -> None:
    """A handler decides nothing, and nobody decides afterwards what has left."""
    more = {"lagrum": "OSL 10 kap. 28 §"} if name == "disclosure_decision" else {}
    basis = {"disclosure_basis": "annan_lag", "consent_ref": None} if more else {}
    check_outgoing(context(body=body(**{name: DECISION | more}, **basis), record=None if more else RECORD))
    for ask in (check_outgoing, check_incoming):
        error = _refusal(ask, context(body=body(**{name: DECISION | more | change}, **basis), record=RECORD))
        assert [one.path for one in error.problems] == [f"header.{name}.{path}"]  # type: ignore[attr-defined]
