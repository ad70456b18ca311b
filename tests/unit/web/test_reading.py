"""From what a person typed to values: municipalities by name, identity numbers in their usual form."""

from __future__ import annotations

import pytest

from client.casework.describe import describe_struct
from client.casework.header import Person
from client.web.forms.reading import read

FIELDS = describe_struct(Person, "header.subject_person")


def person(**typed: str) -> dict[str, object]:
    """What a form's texts stand for."""
    return read(FIELDS, {f"p.{name}": [text] for name, text in typed.items()}, "p")


@pytest.mark.parametrize("text", ["1280", "Malmö", "malmö", "Malmö (1280)", "Malmö kommun", "  Malmö  "])
def test_a_municipality_is_its_code(text: str) -> None:
    """By code, by name, or as the list offers it."""
    assert person(registered_kommun=text) == {"registered_kommun": "1280"}


def test_what_is_no_municipality_stays_for_the_rules_to_refuse() -> None:
    """Nothing is guessed."""
    assert person(registered_kommun="Malm") == {"registered_kommun": "Malm"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("8112189876", "811218-9876"), ("198112189876", "19811218-9876"), ("811218+9876", "811218+9876"),
     ("7010632391", "701063-2391"), ("20-12", "20-12"), ("1981 12 18 \u2013 9876", "19811218-9876"),
     ("1981-12-18-9876", "19811218-9876"),
     ("19811218\u00a09876", "19811218-9876"), ("811218 \u2212 9876", "811218-9876"),
     ("\ufeff811218.9876", "811218-9876"), ("811218 +9876", "811218+9876"), ("AB 1234567890", "AB 1234567890"),
     ("1981-13-18-9876", "1981-13-18-9876")],
)  # fmt: skip
def test_an_identity_number_gets_its_usual_form(text: str, value: str) -> None:
    """Also a coordination number, and one that was pasted with what stood between its digits; what is none stays."""
    assert person(id_value=text) == {"id_value": value}
