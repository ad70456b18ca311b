"""A consent at the terminal: registered, told, leaned on, extended and withdrawn, between three offices."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.today import CONTENTS
from tests.unit.casework.samples import PERSON_BLOCK, record_as_dict, sample_record
from tests.unit.cli.terminal import Desk, acquaint

STAFF = {"sav": "Eva Ek", "bops": "Pia Po", "sodermalm": "Olle Ohlin"}
#: What the office fills in itself: not in the file.
OWN = {"consent_id", "record_version", "principal_ref", "controller_unit", "special_category", "witness_staff"}
OWN |= {"storage", "jurisdiction", "events"}
#: A signature of its own.
SIGNED = {"signed_at": "2026-01-10T10:00:00Z", "original_sha256": "ce" * 32}
Desks = dict[str, Desk]


@pytest.fixture
def desks(tmp_path: Path, hub: HubProcess, federation: Federation) -> Desks:
    """Three offices that know each other's keys; nobody keeps one open."""
    made = {unit: Desk.enrolled(tmp_path / unit, federation, unit, name, hub.url) for unit, name in STAFF.items()}
    acquaint(made.values())
    return made


def write(path: Path, content: Any) -> str:
    """A JSON file; returns its path."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def record(*parties: str, **changes: Any) -> dict[str, Any]:
    """A signed record as a person would write it: units by name, nothing that the office knows itself."""
    today = datetime.datetime.now(datetime.UTC).date()
    until = (today + datetime.timedelta(days=300)).isoformat()
    fields = record_as_dict(sample_record(valid_from=today.isoformat(), valid_to=until))
    for purpose in fields["purposes"]:
        purpose["valid_to"] = until
    fields["parties"] = [party(name) for name in parties]
    return {name: value for name, value in fields.items() if name not in OWN} | changes


def party(name: str) -> dict[str, Any]:
    """One authority of the record."""
    return {"authority": "polis" if name == "Bops" else "socialtjanst", "unit": name, "role": "bada"}


def register(desk: Desk, folder: Path, fields: dict[str, Any], *more: str) -> Any:
    """``sluss consent new``."""
    header = write(folder / "header.json", {"subject_person": PERSON_BLOCK})
    return desk.run("consent", "new", "--file", write(folder / "record.json", fields), "--header", header, *more)


def test_a_consent_from_paper_to_withdrawal(desks: Desks, tmp_path: Path) -> None:
    """Consent new → new → withdraw: what leans on it arrives, what waits is stopped, everybody is told."""
    sav, bops = desks["sav"], desks["bops"]
    made = register(sav, tmp_path, record("Sav", "Bops"), "--send-to", "Bops").json
    bops.json("sync")
    told = bops.json("consent", "list")
    assert [(one["consent_id"], one["status"]) for one in told] == [(made["consent_id"], "aktivt")]
    assert told[0]["principal_ref"] == made["principal_ref"]

    content = write(tmp_path / "begaran.json", CONTENTS["hotbild.begaran"])
    asked = ["new", "hotbild.begaran", "--to", "Bops", "--file", content, "--consent", made["consent_id"][:8]]
    asked += ["--header", str(tmp_path / "header.json")]
    first = sav.json(*asked)
    bops.json("sync")
    shown = bops.json("show", first["document_id"])
    assert (shown["consents"], shown["header"]["consent_ref"]) == ([made["consent_id"]], made["consent_id"])

    result = write(tmp_path / "resultat.json", CONTENTS["hotbild.resultat"])
    answer = bops.json("reply", first["document_id"][:8], "hotbild.resultat", "--file", result)
    sav.json("sync")
    assert sav.json("thread", first["thread_id"])["state"] == "resultat_lamnat"
    assert sav.json("show", answer["document_id"])["header"]["principal_ref"] == made["principal_ref"]

    done = sav.json("consent", "withdraw", made["consent_id"], "--how", "telefon")
    assert len(done["documents"]) == 1
    bops.json("sync")
    for desk in (sav, bops):
        assert desk.json("consent", "show", made["consent_id"])["status"] == "aterkallat"
    said = sav.run(*asked)
    assert (said.code, said.error["code"], said.error["problems"]) == (3, "CNS-08", [])
    assert "Skicka inte" in said.error["next_step"]


def test_a_withdrawal_stops_what_still_waits(desks: Desks, tmp_path: Path, hub: HubProcess) -> None:
    """Without the hub documents wait; a withdrawal stops them here and now."""
    sav = desks["sav"]
    made = register(sav, tmp_path, record("Sav", "Bops")).json
    assert made["documents"] == []
    hub.stop()
    content = write(tmp_path / "begaran.json", CONTENTS["hotbild.begaran"])
    asked = ["new", "hotbild.begaran", "--to", "Bops", "--file", content, "--header", str(tmp_path / "header.json")]
    said = sav.run(*asked, "--consent", made["consent_id"])
    assert said.error["code"] == "HUB"
    waiting = json.loads(said.out)["document_id"]
    done = json.loads(sav.run("consent", "withdraw", made["consent_id"], "--how", "besok").out)
    shown = sav.json("show", waiting)
    assert (done["stopped"], shown["state"], shown["state_label"], shown["code"]) == (1, "stopped", "stoppad", "CNS-08")


def test_a_supplement_adds_to_the_record_before(desks: Desks, tmp_path: Path) -> None:
    """A new party is added to those of before; who has the old record gets the new one in the same thread."""
    sav, bops, other = desks["sav"], desks["bops"], desks["sodermalm"]
    made = register(sav, tmp_path, record("Sav", "Bops"), "--send-to", "Bops").json
    more = register(
        sav, tmp_path, {"parties": [party("Sodermalm")]} | SIGNED, "--supersedes", made["consent_id"][:8],
        "--send-to", "Bops", "--send-to", "Sodermalm",
    ).json  # fmt: skip
    assert more["principal_ref"] == made["principal_ref"]
    shown = sav.json("consent", "show", more["consent_id"])
    assert [one["unit"] for one in shown["parties"]] == ["Sav", "Bops", "Sodermalm"]
    assert (shown["versions"], shown["record"]["events"][0]["type"]) == (
        [made["consent_id"], more["consent_id"]],
        "utokad",
    )
    for desk in (bops, other):
        desk.json("sync")
        assert [one["consent_id"] for one in desk.json("consent", "list")] == [more["consent_id"]]
    kinds = [(one["unit"], one["kind"]) for one in sav.json("list", "--out")]
    assert sorted(kinds) == [
        ("Bops", "samtycke.registrerat"),
        ("Bops", "samtycke.utokat"),
        ("Sodermalm", "samtycke.registrerat"),
    ]
    fresh = {"notice_version": "2026-02", "purposes": record()["purposes"]} | SIGNED
    renewed = register(sav, tmp_path, fresh, "--supersedes", more["consent_id"]).json
    events = sav.json("consent", "show", renewed["consent_id"])["record"]["events"]
    assert [one["type"] for one in events] == ["fornyad"]


def test_a_record_that_does_not_hold_up_is_not_kept(desks: Desks, tmp_path: Path) -> None:
    """A field that is missing is named; what a rule refuses takes the record back with it; no case is made up."""
    sav = desks["sav"]
    fields = record("Sav", "Bops")
    del fields["original_sha256"]
    said = register(sav, tmp_path, fields)
    assert (said.code, [one["path"] for one in said.error["problems"]]) == (3, ["original_sha256"])
    refused = register(sav, tmp_path, record("Sav", "Bops"), "--send-to", "Sodermalm")
    assert (refused.code, refused.error["code"]) == (3, "CNS-03")
    unknown = register(sav, tmp_path, record("Sav", "Bops"), "--case", "abcd")
    assert (unknown.code, unknown.error["code"]) == (2, "NOTFOUND")
    assert (sav.json("consent", "list"), sav.json("list")) == ([], [])
    assert sav.run("consent", "show", "abcd").code == 2


def test_a_number_that_looks_wrong_must_be_confirmed(desks: Desks, tmp_path: Path) -> None:
    """A wrong check digit is CONFIRM and exit code 3 where nobody can be asked; ``--yes`` sends it with the warning."""
    sav = desks["sav"]
    made = register(sav, tmp_path, record("Sav", "Bops")).json
    content = write(tmp_path / "begaran.json", CONTENTS["hotbild.begaran"])
    header = write(tmp_path / "h.json", {"subject_person": {**PERSON_BLOCK, "id_value": "19811218-9875"}})
    asked = ["new", "hotbild.begaran", "--to", "bops", "--file", content, "--consent", made["consent_id"][:8]]
    said = sav.run(*asked, "--header", header)
    (problem,) = said.error["problems"]
    assert (said.code, said.error["code"], problem["path"]) == (3, "CONFIRM", "header.subject_person.id_value")
    assert ("--yes" in said.error["next_step"], "9875" in said.words, sav.json("list")) == (True, False, [])
    done = sav.json(*asked, "--header", header, "--yes")
    assert [one["reason"] for one in done["warnings"]] == ["identity", "uncompared"]


def test_the_words_name_the_unit_that_the_consent_lacks(desks: Desks, tmp_path: Path) -> None:
    """The recipient by its name, a unit of the wrong type, a part of a name: each has its own words."""
    sav = desks["sav"]
    by = {"name": "Eva Ek", "role": "handlaggare"}
    aside = {"authority": "polis", "reason": "Känner inte personen.", "decided_by": by}
    assert register(sav, tmp_path, record("Sav")).error["code"] == "CNS-04"
    made = register(sav, tmp_path, record("Sav", not_concerned=[aside])).json
    content = write(tmp_path / "begaran.json", CONTENTS["hotbild.begaran"])
    header = write(tmp_path / "h.json", {"subject_person": PERSON_BLOCK})
    asked = ["new", "hotbild.begaran", "--file", content, "--header", header, "--consent", made["consent_id"][:8]]
    said = sav.run(*asked, "--to", "Bops")
    assert (said.code, said.error["code"]) == (3, "CNS-03")
    assert said.error["sentence"] == "Samtycket omfattar inte mottagaren Bops."
    assert sav.run(*asked, "--to", "Sodermalm").error["code"] == "RECIPIENT"
    assert (sav.run(*asked, "--to", "Bop").code, sav.run(*asked, "--to", "Bop").error["code"]) == (2, "UNK")


def test_a_handler_says_in_a_supplement_who_is_not_concerned(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """With a reason, and without a file; half of it is a wrong call, and the region is for the police."""
    sav = Desk.enrolled(tmp_path / "sav", federation, "sav", "Eva Ek", hub.url)
    sav.json("sync")
    made = register(sav, tmp_path, record("Sav", "Bops")).json
    asked = ("consent", "supplement", made["consent_id"][:8], "--not-concerned", "polis", "--region", "syd")
    assert (sav.run(*asked).code, sav.run(*asked[:3]).code) == (2, 2)
    more = sav.json(*asked, "--reason", "Bara ett möte där.")
    (row,) = sav.json("consent", "show", more["consent_id"])["record"]["not_concerned"]
    by = {"name": "Eva Ek", "role": "handlaggare"}
    assert row == {"authority": "polis", "region": "syd", "reason": "Bara ett möte där.", "decided_by": by}
    wrong = sav.run(*asked[:3], "--not-concerned", "sis", "--region", "syd", "--reason", "Nej.")
    assert [one["path"] for one in wrong.error["problems"]] == ["not_concerned.region"]


def test_a_form_and_an_export_are_new_files(tmp_path: Path, hub: HubProcess, federation: Federation) -> None:
    """A page for .html, text for all else; a file that exists is left alone."""
    sav = Desk.enrolled(tmp_path / "sav", federation, "sav", "Eva Ek", hub.url)
    sav.json("sync")
    made = register(sav, tmp_path, record("Sav", "Bops")).json
    page, out = tmp_path / "form.html", tmp_path / "consent.json"
    sav.json("consent", "form", "--case-type", "intag", "--out", str(page))
    assert page.read_text("utf-8").startswith("<!doctype html>")
    asked = ("consent", "export", made["consent_id"][:8], "--format", "fhir", "--out", str(out))
    sav.json(*asked)
    assert json.loads(out.read_text("utf-8"))["resourceType"] == "Consent"
    assert sav.run(*asked).error["code"] == "EXISTS"
