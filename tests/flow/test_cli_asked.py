"""``sluss new`` where a person answers: every question of a form, the last one, and half a name."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.today import CONTENTS
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
    dialogue.expect("Svar önskas senast")
    dialogue.answer("Förslag: 20", "")
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
    created, wished = (datetime.fromisoformat(shown["header"][name]) for name in ("created_at", "reply_by"))
    assert 5 <= (wished - created).days <= 14  # five working days, Christmas among them at most


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


def test_new_without_a_recipient_proposes_one(desk: Desk, question: Path) -> None:
    """Where it belongs is asked in general words; a unit is chosen by a person from the proposals, or none is."""
    dialogue = Dialogue(desk.command("new", "konsultation.fraga", "--file", str(question)))
    _belongs(dialogue)
    dialogue.expect("Förslag på mottagare")
    dialogue.expect("ger råd")
    dialogue.answer("Nummer", "1")
    assert dialogue.end().code == 0
    assert [row["unit"] for row in desk.json("list")] == ["Sav"]


def test_new_without_a_recipient_may_end_with_none(desk: Desk, question: Path) -> None:
    """Whoever takes none of the proposals names the unit herself; nothing is sent."""
    dialogue = Dialogue(desk.command("new", "konsultation.fraga", "--file", str(question)))
    _belongs(dialogue)
    dialogue.answer("Nummer", "2")
    assert dialogue.end().code == 2
    assert desk.json("list") == []


def _belongs(dialogue: Dialogue) -> None:
    """Nothing protected, registered in Stockholm, and nothing more."""
    dialogue.answer("Skyddade personuppgifter", "1")
    dialogue.answer("Folkbokföringskommun", "0180")
    for label in ("Bosättningskommun", "Vistelsekommun", "Stadsdel", "Ålder", "frihetsberövad", "bekräftat"):
        dialogue.answer(label, "")


def test_a_proposal_is_shown_and_nothing_is_kept(desk: Desk) -> None:
    """``route`` gives proposals as JSON; protected data gives none, and a code that nobody has is refused."""
    asked = desk.json("route", "--kind", "konsultation.fraga", "--kommun", "0180")
    assert [one["name"] for one in asked["proposals"]] == ["Sav"]
    hidden = desk.json("route", "--kind", "overlamnande.forfragan", "--kommun", "0180", "--protected", "okant")
    assert (hidden["proposals"], hidden["by_hand"]) == ([], True)
    assert ("två personer" in hidden["advice"][0], "two people" in hidden["advice_en"][0]) == (True, True)
    refused = desk.run("route", "--kind", "konsultation.fraga", "--kommun", "0181x")
    assert refused.code == 3
    assert desk.json("list") == []


def test_a_unit_is_shown_with_what_its_card_says(desk: Desk) -> None:
    """In Swedish for a person; a name that nobody has is not found."""
    shown = desk.run("units", "show", "Sav", as_json=False).out
    assert "polisen avgör först" in shown
    assert "Handläggningstid i dagar" in shown
    english = desk.run("units", "show", "Sav", "--lang", "en", as_json=False).out
    assert "the police decide first" in english
    assert desk.run("units", "show", "Ingenstans").code == 2


def test_the_key_of_a_case_is_asked_for_first(desk: Desk) -> None:
    """A key of no case here is told before the consent's long form is filled in."""
    dialogue = Dialogue(desk.command("consent", "new"))
    dialogue.answer("Ärendets nyckel", "abcd")
    assert dialogue.end().code == 2
