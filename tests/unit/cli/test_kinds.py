"""What can be written: the fields of a kind and an example, without an office."""

from __future__ import annotations

import json

import pytest

from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.shape import check_shape
from client.cli import main
from client.cli.kinds import skeleton
from client.cli.times import hours, when


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
