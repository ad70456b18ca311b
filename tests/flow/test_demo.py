"""The demonstration as a new user starts it, and what the hub keeps of it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from client.demo import cast
from client.demo.directory import UNITS
from keys.envelope import SIZES
from tests.kit.traces import found, texts

pytestmark = pytest.mark.timeout(420)  # any of them may be the one that plays
START = [sys.executable, "-c", "from client.cli.main import main; main()", "demo", "--no-browser", "--exit-after-story"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """One run with ``--keep --json``: its folder and its lines."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    done = subprocess.run([*START, "--keep", str(folder), "--json"], capture_output=True, check=True, timeout=400)
    return folder, [json.loads(line) for line in done.stdout.splitlines()]


def test_the_story_ends_well(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """The last line counts what arrived, what was receipted and what was rightly refused."""
    result = played[1][-1]
    assert result["ok"] is True
    assert (result["documents"], result["receipts"], result["refused"]) == (28, 28, 6)


#: Scene -> what was written in it: kind, who wrote it, and what it says among other things.
SCENES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "advice": [
        ("konsultation.fraga", "Maj-Britt Lindqvist", {"anon_attested": True}),
        ("konsultation.svar", "Jonatan Rydell", {"advice_only": True}),
        ("konsultation.avslut", "Maj-Britt Lindqvist", {"became": "hotbild"}),
    ],
    "threat": [
        ("hotbild.begaran", "Jonatan Rydell", {"purpose": "intag"}),
        ("hotbild.resultat", "Henrik Palmgren", {"outcome": "bekraftad_hog"}),
    ],
    "handover": [
        ("overlamnande.forfragan", "Jonatan Rydell", {"kind": "ordinarie_socialtjanst"}),
        ("overlamnande.svar", "Agneta Forsmark", {"answer": "accepterat"}),
        ("overlamnande.genomfort", "Agneta Forsmark", {"person_attended": True}),
    ],
    "hotline": [
        ("intag.kontakt", "Sanna Westerberg", {"consent_status": "ej_fragat"}),
        ("intag.handelse", "Sanna Westerberg", {"step": "samtycke_efterfragat"}),
        ("intag.handelse", "Sanna Westerberg", {"step": "samtycke_undertecknat"}),
        ("intag.formedling", "Sanna Westerberg", {"custody": "nej"}),
        ("intag.svar", "Jonatan Rydell", {"outcome": "oppnat"}),
    ],
    "placement, and a lost machine": [
        ("placering.behov", "Jonatan Rydell", {"reason": "hotbild"}),
        ("kollision.svar", "Henrik Palmgren", {"verdict": "gront_inga_hinder_kanda", "check_made": True}),
        ("placering.ortsbesked", "Jonatan Rydell", {"answer": "godtas"}),
        ("placering.ortsbesked", "Jonatan Rydell", {"answer": "klar_att_flytta"}),
        ("placering.bekraftelse", "Jonatan Rydell", {"place": "1383"}),
        ("placering.lagesrapport", "Miriam Åkerblom", {"assessment": "stabil"}),
    ],
    "disagreement in Malmö": [
        ("hotbild.begaran", "Tove Hagelin", {"purpose": "intag"}),
        ("hotbild.resultat", "Anders Fridlund", {"outcome": "kan_inte_bedomas_okand_for_polisen"}),
        ("bedomning.oenighet", "Tove Hagelin", {"wants_meeting": True}),
        ("malgrupp.beslut", "Tove Hagelin", {"result": "malgrupp", "deviates_from_police": True}),
    ],
    "an end": [
        ("avslut.notis", "Tove Hagelin", {"ended_by_person": True}),
        ("avslut.bekraftelse", "Anders Fridlund", {}),
    ],
    "a return": [
        ("aterkomst.notis", "Tove Hagelin", {"new_threat_assessment": True}),
        ("aterkomst.beslut", "Tove Hagelin", {"outcome": "oppnat"}),
    ],
    "who decides on it": [
        ("intag.formedling", "Tove Hagelin", {"custody": "nej"}),
        ("intag.svar", "Birgitta Ekenstam", {"outcome": "oppnat"}),
    ],
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_is_what_the_story_tells(scene: str, played: tuple[Path, list[dict[str, Any]]]) -> None:
    """In one thread, each by the person of that office, and saying what the story says."""
    told = json.loads((played[0] / "transcript.json").read_text("utf-8"))["documents"]
    threads: dict[str, list[dict[str, Any]]] = {}
    for one in told:
        threads.setdefault(one["header"]["thread_id"], []).append(one)
    assert any(
        all(any(_says(one, *wanted) for one in thread) for wanted in SCENES[scene]) for thread in threads.values()
    )


def test_a_consent_comes_and_goes(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """The handover leans on a supplement; who is back has a consent of her own; what is withdrawn is told to all."""
    told = json.loads((played[0] / "transcript.json").read_text("utf-8"))
    records = {one["consent_id"]: one for one in told["consents"]}
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for one in told["documents"]:
        by_kind.setdefault(one["header"]["message_type"], []).append(one)
    (handover,) = by_kind["overlamnande.forfragan"]
    assert records[handover["header"]["consent_ref"]]["supersedes"]
    (closed,), (back,) = by_kind["avslut.notis"], by_kind["aterkomst.notis"]
    fresh = records[back["content"]["new_consent"]]
    assert closed["header"]["consent_ref"] != fresh["consent_id"]
    assert "supersedes" not in fresh
    withdrawn = {one["content"]["consent_id"] for one in by_kind["samtycke.aterkallat"]}
    assert handover["header"]["consent_ref"] in withdrawn
    for decision in (by_kind["malgrupp.beslut"], by_kind["aterkomst.beslut"]):
        (one,) = decision
        assert one["content"]["decision_unit"] != one["header"]["sender_unit"]


def _says(one: dict[str, Any], kind: str, staff: str, says: dict[str, Any]) -> bool:
    header = one["header"]
    written = (header["message_type"], header["sender_staff"]["name"]) == (kind, staff)
    return written and all(one["content"].get(name) == value for name, value in says.items())


def test_the_hub_keeps_nothing_of_what_was_said(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """No value of any body, no name of a unit, organisation or person stands in what the hub stores and logs."""
    folder = played[0]
    transcript = json.loads((folder / "transcript.json").read_text("utf-8"))
    names = [unit.name_sv for unit in (*cast.OFFICES, *UNITS)] + [unit.name_en for unit in (*cast.OFFICES, *UNITS)]
    names += [office.staff for office in cast.OFFICES] + [one.name for one in cast.ORGANISATIONS]
    names += [office.unit_type for office in cast.OFFICES]
    wanted = [*texts(transcript), *names]
    assert len(transcript["documents"]) >= 11
    assert len(wanted) > 150
    for file in (folder / "hub").rglob("*"):
        assert not file.is_file() or not found(wanted, file.read_bytes()), file


def test_the_search_would_find_it(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """The same search in the transcript itself, as base64, finds a value: it is not blind."""
    data = (played[0] / "transcript.json").read_bytes()
    assert found(["Maj-Britt Lindqvist"], data) == ["Maj-Britt Lindqvist"]
    assert found(["Maj-Britt Lindqvist"], __import__("base64").b64encode(data)) == ["Maj-Britt Lindqvist"]


def test_envelopes_have_three_sizes_and_rows_no_sender(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """What still waits at the hub has one of the three sizes, and no column beside mailbox, number and hour."""
    with sqlite3.connect(played[0] / "hub" / "hub.sqlite") as store:
        columns = {row[1] for row in store.execute("PRAGMA table_info(envelope)")}
        lengths = {row[0] for row in store.execute("SELECT length(body) FROM envelope WHERE NOT recalled")}
    store.close()
    assert lengths <= set(SIZES)
    assert not columns & {"sender", "source", "address", "device", "unit", "from_unit", "from_device", "time", "at"}
