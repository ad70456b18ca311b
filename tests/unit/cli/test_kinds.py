"""What can be written: the fields of a kind and an example, without an office."""

from __future__ import annotations

import json

import pytest

from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.shape import check_shape
from client.cli import main
from client.cli.kinds import skeleton
from client.cli.render import labelled
from client.cli.times import hours, when
from client.cli.words import choose_lang
from client.lang.catalogue import translated


@pytest.mark.parametrize("name", sorted(KINDS))
def test_an_example_has_what_must_be_there(name: str) -> None:
    """Nothing is missing and nothing is unknown; only values that a person writes over may be wrong."""
    kind = KINDS[name]
    example = skeleton(kind)
    facts = {"@opens_thread": kind.opens_thread, "@about_person": kind.about_person}
    found = check_shape(describe(name), example["content"], facts, "content")
    assert not {one.reason for one in found} & {"missing", "unknown", "forbidden", "type", "choice"}, found
    known = {info.name for info in describe_header()}
    assert set(example["header"]) <= known
    assert ("subject_person" in example["header"]) is (kind.subject_person.value == "required")


def test_kinds_need_no_office(capsys: pytest.CaptureFixture[str]) -> None:
    """The fields of header and content, nested ones too, and an unknown kind with the way on."""
    assert main.run(["kinds", "hotbild.begaran"]) == 0
    paths = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert {"header.subject_person.id_kind", "header.secrecy_marks", "content.purpose"} <= set(paths)
    assert not {"header.sender_unit", "header.message_id"} & set(paths)
    assert main.run(["kinds", "nothing", "--json"]) == 2
    error = json.loads(capsys.readouterr().err)
    assert (error["code"], "sluss kinds" in error["next_step"]) == ("NOKIND", True)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_labels_are_english_when_asked_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Title and labels of every field come from the catalogue; the codes stay as they are."""
    shown = []
    for lang in ("sv", "en"):
        assert main.run(["--lang", lang, "kinds", name]) == 0
        shown.append([line.split("\t") for line in capsys.readouterr().out.splitlines()])
    swedish, english = shown
    assert english[0] == [translated(KINDS[name].title_sv, "en") + ": " + name]
    assert " ".join(english[1]) == " ".join(translated(KINDS[name].help, "en").split())
    assert [row[1:2] for row in english[3:]] == [[translated(row[1], "en")] for row in swedish[3:]]
    assert [(row[0], row[4]) for row in english[3:]] == [(row[0], row[4]) for row in swedish[3:]]


def test_a_form_is_read_out_in_english() -> None:
    """Labels and the words of code lists, in blocks too."""
    header = {"priority": "akut", "disclosure_basis": "samtycke", "subject_person": {"id_kind": "personnummer"}}
    choose_lang("en")
    try:
        said = dict(labelled(describe_header(), header))
    finally:
        choose_lang("sv")
    assert said == {
        "Priority": "Emergency",
        "Secrecy ground for the disclosure": "Consent (OSL ch. 10 s. 1 and ch. 12 s. 2)",
        "Person – Type of identity": "Personal identity number",
    }


def test_no_command_is_a_question_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    """``sluss`` alone and a group alone show their help."""
    for arguments, shown in (([], "Användning: sluss"), (["consent"], "Användning: sluss consent")):
        assert main.run(arguments) == 0
        assert capsys.readouterr().out.startswith(shown)
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sluss ")


def test_people_see_swedish_clocks() -> None:
    """Summer and winter; what is known to the hour only is shown as one."""
    assert when("2026-07-01T06:05:09Z") == "2026-07-01 08:05"
    assert hours("2026-01-31T23:00:00Z") == "2026-02-01 kl 00–01"
    assert (when(None), hours(None), when("snart")) == ("", "", "snart")
