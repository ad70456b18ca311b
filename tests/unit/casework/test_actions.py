"""What is offered to a person is what the rules would allow."""

from datetime import timedelta

import pytest

from client.casework.actions import act, local_events, sendable_kinds
from client.casework.codelists import UNIT_TYPE
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, IllegalStepError, Side, step
from client.casework.kinds.registry import KINDS
from tests.unit.casework.samples import NOW, ROUTES, UNITS

HANDLER_ASKED = By(Side.ANSWERER, "handlaggare")
ASSESSOR = By(Side.ANSWERER, "polis_bedomare")


@pytest.mark.parametrize(
    ("flow", "state", "event", "by", "following"),
    [
        ("konsultation", "tillganglig", "take", HANDLER_ASKED, "pagar"),
        ("konsultation", "vantar_fragare", "silence", By(Side.AUTO), "avslutad_tyst"),
        ("hotbild", "begard", "available", By(Side.AUTO), "mottagen"),
        ("hotbild", "mottagen", "accept", ASSESSOR, "bedoms"),
        ("hotbild", "mottagen", "redirect", ASSESSOR, "omdirigerad"),
        ("hotbild", "mottagen", "reject", By(Side.AUTO), "avvisad"),
        ("overlamnande", "forfragan_skickad", "take", HANDLER_ASKED, "provas"),
        ("aterkomst", "anmald", "take", By(Side.ASKER, "handlaggare"), "ny_bedomning"),
    ],
)
def test_local_step_moves_the_thread(flow: str, state: str, event: str, by: By, following: str) -> None:
    """Taking a case, a receipt and a clock move a thread without a document."""
    assert act(flow, state, event, by, now=NOW).state == following


def test_local_step_knows_the_urgency() -> None:
    """The first document's urgency holds for local steps too."""
    assert act("hotbild", "mottagen", "accept", ASSESSOR, now=NOW).due == NOW + timedelta(days=7)
    urgent = act("hotbild", "mottagen", "accept", ASSESSOR, now=NOW, opening={"urgency": "akut"})
    assert urgent.due == NOW + timedelta(hours=24)


def test_state_without_deadline_has_no_end() -> None:
    """What rests is never due."""
    assert act("konsultation", "vantar_fragare", "silence", By(Side.AUTO), now=NOW).due is None


def test_illegal_local_step_is_refused() -> None:
    """A case that is answered cannot be taken."""
    with pytest.raises(IllegalStepError):
        act("konsultation", "besvarad", "take", HANDLER_ASKED, now=NOW)


@pytest.mark.parametrize(
    ("flow", "state", "by", "events"),
    [
        ("konsultation", "tillganglig", HANDLER_ASKED, ("take",)),
        ("konsultation", "pagar", HANDLER_ASKED, ()),
        ("konsultation", "tillganglig", By(Side.ASKER, "handlaggare"), ()),
        ("hotbild", "mottagen", ASSESSOR, ("consent_withdrawn",)),
        ("overlamnande", "forfragan_skickad", HANDLER_ASKED, ("take", "consent_withdrawn")),
        ("overlamnande", "avbojd", By(Side.ASKER, "beslutsfattare"), ("consent_withdrawn",)),
        ("overlamnande", "genomford", By(Side.ASKER, "beslutsfattare"), ()),
    ],
)
def test_local_events_are_those_that_may_be_taken(flow: str, state: str, by: By, events: tuple[str, ...]) -> None:
    """Only steps that are legal for this side and role are offered."""
    assert local_events(flow, state, by) == events


@pytest.mark.parametrize(
    ("flow", "state", "by", "unit_type", "kinds"),
    [
        ("konsultation", None, By(Side.ASKER, "handlaggare"), "ordinarie_socialtjanst", ("konsultation.fraga",)),
        (
            "konsultation",
            "tillganglig",
            By(Side.ANSWERER, "telefon"),
            "avhoppartelefon",
            ("konsultation.svar", "konsultation.komplettering", "konsultation.avbojd"),
        ),
        ("hotbild", None, By(Side.ASKER, "handlaggare"), "avhopparenhet", ("hotbild.begaran",)),
        ("hotbild", None, By(Side.ASKER, "handlaggare"), "polis_bops", ()),
        ("hotbild", None, By(Side.ASKER, "telefon"), "avhopparenhet", ()),
        (
            "hotbild",
            "mottagen",
            ASSESSOR,
            "polis_bops",
            (
                *("hotbild.delbesked", "hotbild.komplettering_begard", "hotbild.resultat"),
                *("hotbild.antagen", "hotbild.omdirigerad", "hotbild.avvisad"),
            ),
        ),
        ("hotbild", "resultat_lamnat", ASSESSOR, "polis_bops", ("bedomning.oenighet",)),
        ("overlamnande", "provas", HANDLER_ASKED, "sig", ("overlamnande.svar",)),
        ("overlamnande", "genomford", HANDLER_ASKED, "sig", ()),
        (
            "samtycke",
            None,
            By(Side.ASKER, "telefon"),
            "avhoppartelefon",
            ("samtycke.aterkallat", "samtycke.informerad", "samtycke.vagrat"),
        ),
    ],
)
def test_kinds_on_offer(flow: str, state: str | None, by: By, unit_type: str, kinds: tuple[str, ...]) -> None:
    """The documents on offer are those that side, role, unit and state allow."""
    assert sendable_kinds(flow, state, by, unit_type) == kinds


@pytest.mark.parametrize(
    ("to_type", "kinds"),
    [
        ("polis_bops", ("placering.ortsbesked", "placering.upphor")),
        ("ordinarie_socialtjanst", ("placering.mottagarbesked", "placering.upphor")),
        ("", ("placering.ortsbesked", "placering.mottagarbesked", "placering.upphor")),
    ],
)
def test_kinds_on_offer_go_to_the_other_unit(to_type: str, kinds: tuple[str, ...]) -> None:
    """One table for two threads: what goes to the police alone is not offered in that with the municipality."""
    by = By(Side.ASKER, "handlaggare")
    assert sendable_kinds("placering", "mottagare_fragas", by, "avhopparenhet", to_type=to_type) == kinds


@pytest.mark.parametrize("name", sorted(KINDS))
def test_what_passes_is_on_offer(name: str) -> None:
    """Every sample that the rules let pass is offered to its sender."""
    sender, recipient, staff, state = ROUTES[name]
    kind = KINDS[name]
    side = Side.ANSWERER if kind.side is Side.EITHER and name.startswith("konsultation") else kind.side
    by = By(Side.ASKER if side is Side.EITHER else side, staff["role"])
    offered = sendable_kinds(kind.flow, state, by, UNITS[sender].unit_type, to_type=UNITS[recipient].unit_type)
    assert name in offered


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_event_of_a_kind_is_in_its_flow(name: str) -> None:
    """No kind causes an event that its flow does not know for its side, role and some state."""
    kind = KINDS[name]
    flow = FLOWS[kind.flow]
    sides = (Side.ASKER, Side.ANSWERER) if kind.side is Side.EITHER else (kind.side,)
    for event in kind.event.events:
        assert any(
            _legal(name, state.name, event, By(side, role))
            for state in flow.states
            for side in sides
            for role in kind.roles
        )


@pytest.mark.parametrize("name", sorted(KINDS))
def test_unit_types_of_a_kind_are_in_the_list(name: str) -> None:
    """A kind names unit types of the code list only."""
    assert KINDS[name].sender_types | KINDS[name].recipient_types <= UNIT_TYPE.codes


def _legal(name: str, state: str, event: str, by: By) -> bool:
    try:
        step(FLOWS[KINDS[name].flow], state, event, by)
    except IllegalStepError:
        return False
    return True
