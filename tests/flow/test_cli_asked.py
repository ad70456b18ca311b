"""``sluss new`` where a person answers: every question of a form, the last one, and half a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.unit.casework.samples import CONTENTS
from tests.unit.cli.terminal import Desk, Dialogue


@pytest.fixture
def desk(tmp_path: Path, hub: HubProcess, federation: Federation) -> Desk:
    """``sodermalm``, enrolled and synced once, so that it knows the directory."""
    made = Desk.enrolled(tmp_path / "sodermalm", federation, "sodermalm", "Olle Ohlin", hub.url)
    assert made.json("sync") == {"accepted": 0, "quarantined": 0, "deposited": 0}
    return made


@pytest.fixture
def question(tmp_path: Path) -> Path:
    """A consultation as a file."""
    path = tmp_path / "fraga.json"
    path.write_text(json.dumps(CONTENTS["konsultation.fraga"]), encoding="utf-8")
    return path


def fill(desk: Desk, *, situations: list[str], last: str) -> Any:
    """Answer every question of ``konsultation.fraga``."""
    dialogue = Dialogue(desk.command("new", "konsultation.fraga", "--to", "sa"))
    dialogue.answer("Prioritet", "1")
    dialogue.expect("Frågan gäller")
    dialogue.answer("flera med komma", "2, 99")
    dialogue.expect("välj ett värde ur listan")
    dialogue.answer("flera med komma", "2, 7")
    dialogue.expect("Finns egen avhopparverksamhet")
    dialogue.answer("j/n: ", "kanske")
    dialogue.expect("värdet har fel form")
    dialogue.answer("j/n: ", "n")
    dialogue.answer("Är polisen kontaktad", "4")
    dialogue.answer("Upplevd hotbild", "1")
    dialogue.answer("Åldersgrupp", "")
    dialogue.answer("Är personen skriven", "")
    dialogue.expect("Situationen i allmänna ord")
    for number, text in enumerate(situations):
        dialogue.answer("tom rad", f"{text}\n")
        if number < len(situations) - 1:
            dialogue.expect("kan peka ut en person")
    dialogue.answer("Vad behöver ni", "1")
    dialogue.expect("Intygar att")
    dialogue.answer("j/n: ", "j")
    dialogue.expect("till Sav, Stockholms stad?")
    dialogue.answer("[j/N]", last)
    return dialogue.end()


def test_a_consultation_is_asked_for_field_by_field(desk: Desk) -> None:
    """Wrong answers are asked again, a personnummer too; the recipient is shown whole before anything is sent."""
    said = fill(desk, situations=["Det gäller 19811218-9876.", "En ung vuxen vill lämna."], last="j")
    assert said.code == 0, said
    shown = desk.json("show", desk.json("list")[0]["document_id"])
    assert shown["content"] == {
        "topics": ["hotbild_och_risk", "samtycke_sekretess"],
        "has_own_unit": False,
        "police_contacted": "nej",
        "perceived_threat": shown["content"]["perceived_threat"],
        "situation": "En ung vuxen vill lämna.",
        "need": ["rad"],
        "anon_attested": True,
    }
    assert shown["unit"] == "Sav"


def test_no_at_the_end_leaves_nothing(desk: Desk) -> None:
    """Anything but yes to the last question stores and sends nothing."""
    said = fill(desk, situations=["En ung vuxen vill lämna."], last="")
    assert "Inget skickades" in said.words
    assert desk.json("list") == []


@pytest.mark.parametrize(("answer", "code"), [("n", 2), ("j", 0)])
def test_half_a_name_is_asked_about(desk: Desk, question: Path, answer: str, code: int) -> None:
    """At a terminal the whole name is shown and must be agreed to; elsewhere half a name is nobody."""
    given = ["new", "konsultation.fraga", "--to", "sa", "--file", str(question)]
    assert desk.run(*given).error["code"] == "UNK"
    dialogue = Dialogue(desk.command(*given))
    dialogue.answer("Menar du Sav, Stockholms stad?", answer)
    assert dialogue.end().code == code
    assert len(desk.json("list")) == (code == 0)
