"""Questions at the terminal: every type of field, blocks and rows, wrong answers, and the guard."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from click.testing import CliRunner

from client.casework.codelists import PRIORITY, YES_NO_UNKNOWN
from client.casework.describe import describe_struct
from client.casework.fields import (
    Form,
    When,
    date,
    flag,
    group,
    instant,
    integer,
    kommun,
    long,
    many,
    one,
    rows,
    text,
    texts,
)
from client.cli.prompts import ask_form, choose, confirm
from client.cli.words import choose_lang


class Row(Form, frozen=True, kw_only=True):
    """A row of a list."""

    name: Annotated[str, text(20, "Namn")]


class Sheet(Form, frozen=True, kw_only=True):
    """One field of every type."""

    line: Annotated[str, text(5, "Rad")]
    lines: Annotated[str, long(100, "Flera rader")]
    several: Annotated[tuple[str, ...], texts(20, 3, "Texter")]
    code: Annotated[str, one(PRIORITY, "Prioritet")]
    codes: Annotated[tuple[str, ...], many(YES_NO_UNKNOWN, "Svar")]
    day: Annotated[str, date("Dag")]
    at: Annotated[str, instant("Tid")]
    count: Annotated[int, integer(1, 9, "Antal")]
    place: Annotated[str, kommun("Kommun")]
    sure: Annotated[bool, flag("Säker", must_be=True)]
    block: Annotated[Row | None, group(Row, "Block")] = None
    list_of: Annotated[tuple[Row, ...], rows(Row, 2, "Lista")] = ()
    why: Annotated[str | None, text(9, "Varför", need=When("code", ("akut",)))] = None
    never: Annotated[str | None, text(9, "Aldrig", never=When("code", ("akut",)))] = None


GOOD = ["ett", "a", "b", "", "x", "y", "", "3", "1,2", "2026-03-02", "2026-07-01 09:30", "5", "0180", "j"]
FIELDS = describe_struct(Sheet, "content")


def filled(answers: list[str], **options: Any) -> tuple[dict[str, Any], str]:
    """What a form holds after these answers, and what was shown."""
    runner = CliRunner()
    with runner.isolation(input="\n".join(answers) + "\n") as shown:
        form = ask_form(FIELDS, {}, **options)
    return form, shown[2].getvalue().decode()


def test_every_type_of_field() -> None:
    """Numbers stand for codes, Swedish time becomes UTC; the optional may be empty, the forbidden is not asked."""
    form, shown = filled([*GOOD, "n", "n", "därför"])
    assert form == {
        "line": "ett",
        "lines": "a\nb",
        "several": ["x", "y"],
        "code": "akut",
        "codes": ["ja", "nej"],
        "day": "2026-03-02",
        "at": "2026-07-01T07:30:00Z",
        "count": 5,
        "place": "0180",
        "sure": True,
        "why": "därför",
    }
    assert "Varför\n" in shown
    assert "Aldrig" not in shown


def test_blocks_and_rows() -> None:
    """A block is filled in when that is wanted; rows are added until there are no more."""
    form, _ = filled([*GOOD, "j", "Ett", "j", "Två", "j", "Tre", "därför"])
    assert (form["block"], form["list_of"]) == ({"name": "Ett"}, [{"name": "Två"}, {"name": "Tre"}])


@pytest.mark.parametrize(
    ("at", "wrong", "words"),
    [
        (0, "för lång", "högst 5 tecken"),
        (0, "", "måste fyllas i"),
        (7, "9", "välj ett värde ur listan"),
        (7, "1,2", "välj ett värde ur listan"),
        (8, "1,1", "samma val finns två gånger"),
        (9, "2026-02-30", "skriv ett datum"),
        (10, "i morgon", "tidpunkten har fel form"),
        (11, "10", "för stort eller för litet"),
        (11, "många", "fel form"),
        (12, "0200", "ingen kommun har den koden"),
        (12, "018", "kommunkod"),
        (13, "n", "inte tillåtet"),
        (13, "kanske", "fel form"),
    ],
)
def test_a_wrong_answer_is_told_and_asked_again(at: int, wrong: str, words: str) -> None:
    """The sentence names field and rule; the right answer after it counts."""
    form, shown = filled([*GOOD[:at], wrong, *GOOD[at:], "n", "n", "därför"])
    assert words in shown
    assert form["sure"] is True


def test_the_guard_looks_at_every_text() -> None:
    """A personnummer is asked again, in lists and blocks too."""
    answers = [*GOOD[:3], "19811218-9876", "", *GOOD[1:4], *GOOD[4:], "j", "19811218-9876", "Ett", "n", "därför"]
    form, shown = filled(answers, guarded=True)
    assert shown.count("kan peka ut en person") == 2
    assert "9876" not in str(form)


def test_english_questions() -> None:
    """Hints and refusals follow the language."""
    choose_lang("en")
    try:
        _, shown = filled([*GOOD[:9], "tomorrow", *GOOD[9:], "n", "n", "because"])
    finally:
        choose_lang("sv")
    assert "write a date as YYYY-MM-DD" in shown
    assert "(may be left empty)" in shown


def test_choose_and_confirm() -> None:
    """A number of the list, and a plain yes; an empty answer is no."""
    with CliRunner().isolation(input="7\n\n2\nja\n\nnej\n"):
        assert choose("Vilken?", [("a", "A"), ("b", "B")]) == "b"
        assert [confirm("Skicka?") for _ in range(3)] == [True, False, False]
