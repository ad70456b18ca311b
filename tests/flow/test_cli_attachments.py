"""Attached files at the terminal: chosen with a document or before it, listed, saved, refused in words."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.kit.attached import PDF
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.today import CONTENTS
from tests.unit.cli.terminal import Desk, acquaint

KIND = "intag.kontakt"  # stays in the unit, and takes files


@pytest.fixture
def desk(tmp_path: Path, hub: HubProcess, federation: Federation) -> Desk:
    """One office that nobody keeps open."""
    made = Desk.enrolled(tmp_path / "sav", federation, "sav", "Eva Ek", hub.url)
    acquaint([made])
    return made


def test_files_are_attached_listed_and_saved(desk: Desk, tmp_path: Path) -> None:
    """By path and by an id that was taken in before; under clean names, byte for byte, readable by their owner only."""
    one, other, content = tmp_path / "Anteckning 1.pdf", tmp_path / "ljud.svg", tmp_path / "content.json"
    one.write_bytes(PDF + os.urandom(400_000))
    other.write_bytes(b"<svg/>")
    content.write_text(json.dumps(CONTENTS[KIND]), encoding="utf-8")
    taken = desk.json("attach", str(other), "--name", "../bild.svg")
    assert (taken["file_name"], taken["media_type"]) == ("bild.bin", "application/octet-stream")
    files = ("--attach", str(one), "--attachment", taken["attachment_id"])
    document_id = desk.json("new", KIND, "--file", str(content), *files)["document_id"]
    rows = desk.json("attachments", "list", document_id[:8])
    assert {(row["file_name"], row["state"]) for row in rows} == {("Anteckning 1.pdf", "here"), ("bild.bin", "here")}
    number = 1 + next(row["position"] for row in rows if row["media_type"] == "application/pdf")
    assert "Anteckning 1.pdf" in desk.run("show", document_id, as_json=False).out
    target = tmp_path / "ut.pdf"
    saved = Path(desk.json("attachments", "save", document_id, str(number), "--to", str(target))["path"])
    assert saved.read_bytes() == one.read_bytes()
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    again = desk.run("attachments", "save", document_id, str(number), "--to", str(saved))
    assert (again.code, again.error["code"]) == (4, "EXISTS")
    used = desk.run("new", KIND, "--file", str(content), "--attachment", taken["attachment_id"])
    assert (used.code, used.error["code"]) == (4, "ATTUSED")
    assert desk.run("attach", str(tmp_path / "saknas.pdf")).error["code"] == "NOFILE"
    assert len(list((desk.folder / "attachments").iterdir())) == 2
