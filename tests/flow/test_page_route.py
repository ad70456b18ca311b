"""Choosing a recipient begins with where the person belongs: a proposal with its reason, or whom to call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.api.commands import run
from keys.errors import SlussError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.visitor import Seen, Visitor, visiting

ASKED = "konsultation.fraga"
HANDOVER = "overlamnande.forfragan"
Desk = tuple[Offices, Visitor]


@pytest.fixture
async def desk(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Desk]:
    """The police at their page."""
    async with (
        Offices.open(tmp_path, hub.url, federation, {"bops": "Pia Po"}) as offices,
        visiting(offices["bops"].desk) as visitor,
    ):
        await visitor.enter()
        yield offices, visitor


async def asked(visitor: Visitor, kind: str, **question: str) -> Seen:
    """Tell in general words where somebody belongs."""
    form = await visitor.get("/write")
    fields = {f"question.{name}": value for name, value in {"protected": "ingen", **question}.items()}
    return await visitor.post(form, "/route", fields, kind=kind)


async def test_a_recipient_is_proposed_and_chosen_and_nothing_is_kept(desk: Desk) -> None:
    """The place gives a unit and why; a child, an unknown place and protected data each get their own words."""
    offices, visitor = desk
    seen = await asked(visitor, ASKED, registered="stockholm")
    assert seen.path == "/route"  # nothing of the question stands in the address
    proposed = seen.text.partition("Förslag ")[2].partition("Var hör personen hemma?")[0]
    assert "Sav" in proposed
    assert "ger råd" in proposed
    assert "Ett förslag är inget beslut." in proposed
    assert await offices["bops"].desk.unit.drafts() == []
    begun = await visitor.post(seen, "/drafts", kind=ASKED, to=seen.values("to")[0])
    assert "Till Sav" in begun.text

    far = await asked(visitor, HANDOVER, registered="Kiruna (2584)")
    assert "Ring 114 14" in far.text
    child = await asked(visitor, HANDOVER, registered="0180", district="Norrmalm", age="16")
    assert "Sav tar inte emot personer under 18 år." in child.text
    nowhere = await asked(visitor, HANDOVER)
    assert "Ange var personen är folkbokförd eller bosatt." in nowhere.text
    await visitor.post(await visitor.get("/settings"), "/language", lang="en")
    assert "takes nobody under 18" in (await asked(visitor, HANDOVER, registered="0180", age="16")).text


@pytest.mark.parametrize("protected", ["okant", "skyddad_folkbokforing"])
async def test_protected_data_proposes_nobody_whatever_else_was_told(desk: Desk, protected: str) -> None:
    """The place of registration must not steer: choose by hand, and two sign."""
    _, visitor = desk
    hidden = await asked(visitor, HANDOVER, protected=protected, registered="0180")
    proposed = hidden.text.partition("Förslag ")[2].partition("Var hör personen hemma?")[0]
    assert "Välj för hand, tillsammans med en beslutsfattare" in proposed
    assert "två personer skriver under" in proposed
    assert "Sav" not in proposed


async def test_what_is_wrong_is_told_at_the_field(desk: Desk) -> None:
    """422 with what was typed, and a program is told the same field."""
    offices, visitor = desk
    wrong = await asked(visitor, ASKED, registered="Ankeborg", protected="")
    assert wrong.status == 422
    assert {"#f-question-registered", "#f-question-protected"} <= set(wrong.links("#f-"))
    assert wrong.values("question.registered") == ["Ankeborg"]
    with pytest.raises(SlussError) as refused:
        await run(offices["bops"].desk, "route", {"kind": ASKED, "question": {"protected": "ingen", "registered": "1"}})
    assert refused.value.code == "SCH"
    found = await run(
        offices["bops"].desk, "route", {"kind": ASKED, "question": {"protected": "ingen", "registered": "0180"}}
    )
    assert [one["name"] for one in found["proposals"]] == ["Sav"]
