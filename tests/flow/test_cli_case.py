"""``sluss`` for a contact, its case, and the way back: as processes of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.casework.kinds.registry import KINDS
from client.cli.kinds import skeleton
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.today import CONTENTS
from tests.unit.cli.terminal import Desk, Dialogue


@pytest.fixture
def desk(tmp_path: Path, hub: HubProcess, federation: Federation) -> Desk:
    """``sodermalm``, enrolled and synced once."""
    made = Desk.enrolled(tmp_path / "sodermalm", federation, "sodermalm", "Olle Ohlin", hub.url)
    assert made.json("sync") == {"accepted": 0, "quarantined": 0, "deposited": 0}
    return made


def keep(desk: Desk, path: Path, kind: str, *more: str, **content: object) -> dict[str, str]:
    """``sluss new`` of a local kind, from a file."""
    path.write_text(json.dumps({**CONTENTS[kind], **content}), encoding="utf-8")
    done: dict[str, str] = desk.json("new", kind, "--file", str(path), *more)
    return done


def test_a_contact_is_kept_and_its_case_shown(desk: Desk, tmp_path: Path) -> None:
    """No recipient is asked for; the words say that it stays; the case is found by the beginning of its key."""
    done = keep(desk, tmp_path / "kontakt.json", "intag.kontakt")
    assert done["state"] == "kept"
    (tmp_path / "handelse.json").write_text(json.dumps(CONTENTS["intag.handelse"]), encoding="utf-8")
    reply = ("reply", done["document_id"], "intag.handelse", "--file", str(tmp_path / "handelse.json"))
    said = desk.run(*reply, as_json=False)
    assert said.code == 0, said
    assert "stannar i enheten" in said.out
    (thread,) = desk.json("threads")
    case = desk.json("case", thread["principal_ref"][:6])
    assert [one["state"] for one in case["threads"]] == ["forstabedomning"]
    shown = desk.run("case", thread["principal_ref"][:6], as_json=False)
    assert "bara här" in shown.out
    assert "Första bedömning" in shown.out


def test_a_kind_that_leaves_needs_a_recipient(desk: Desk, tmp_path: Path) -> None:
    """And one that stays has none: both are refused, and nothing is kept."""
    file = tmp_path / "fraga.json"
    file.write_text(json.dumps(CONTENTS["konsultation.fraga"]), encoding="utf-8")
    assert desk.run("new", "konsultation.fraga", "--file", str(file)).code == 2
    file.write_text(json.dumps(CONTENTS["intag.kontakt"]), encoding="utf-8")
    refused = desk.run("new", "intag.kontakt", "--to", "Sav", "--file", str(file))
    assert (refused.code, refused.error["code"]) == (3, "LOCAL")
    assert desk.json("list") == []


def test_a_code_is_given_heard_and_found_again(desk: Desk, tmp_path: Path) -> None:
    """At a terminal nothing goes on before the caller has repeated it; it is found from standard input only."""
    dialogue = Dialogue(desk.command("return-code", "--new"))
    dialogue.answer("Skriv den", "0000000000000000")
    dialogue.expect("inte samma kod")
    assert dialogue._process.stdout is not None
    shown = dialogue._process.stdout.readline().split()
    dialogue.answer("Skriv den", " ".join(shown[-4:]).lower())
    said = dialogue.end()
    assert said.code == 0, said
    assert "return_code_check" in said.out
    assert "".join(shown[-4:]) not in said.words
    given = desk.json("return-code", "--new")
    done = keep(desk, tmp_path / "kontakt.json", "intag.kontakt", return_code_check=given["check"])
    found = desk.run("return-code", stdin=given["code"].lower() + "\n").json
    assert found == {"document_id": done["document_id"], "returned": 1}
    nothing = desk.run("return-code", stdin="ingen kod\n")
    assert nothing.error["code"] == "RETURNCODE"


@pytest.mark.parametrize("name", sorted(name for name in CONTENTS if name.partition(".")[0] in {"intag", "aterkomst"}))
def test_every_kind_has_an_example_to_begin_from(name: str) -> None:
    """The skeleton has every field that must be there."""
    assert set(skeleton(KINDS[name])) == {"header", "content"}
    assert set(skeleton(KINDS[name])["content"]) <= set(CONTENTS[name]) | {"referred_to"}


def test_reads_are_listed(desk: Desk) -> None:
    """Nobody has read a threat here yet."""
    assert desk.json("reads") == []
    assert desk.run("reads", as_json=False).code == 0
