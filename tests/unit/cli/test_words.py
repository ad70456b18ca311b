"""What the terminal shows: help in two languages, errors without content, tables that nobody else can steer."""

from __future__ import annotations

import json

import msgspec
import pytest

from client.api.failure import Failure, Fault, failure_of, unexpected
from client.api.server import is_loopback
from client.casework.kinds.registry import describe
from client.casework.problems import InvalidBodyError, problem
from client.cli import main
from client.cli.render import labelled
from client.cli.screen import clean, print_table
from client.cli.words import both, choose_lang, pick
from client.engine.sessions import HubError
from keys.errors import FormatError, LocalError, RefusedError, SlussError, TrustError
from tests.kit.today import CONTENTS


@pytest.mark.parametrize(
    ("error", "fault", "status", "exit_code"),
    [
        (RefusedError("CNS-08"), Fault.RULE, 422, 3),
        (RefusedError("STA"), Fault.RULE, 409, 3),
        (InvalidBodyError((problem("content.x", "missing"),)), Fault.RULE, 422, 3),
        (LocalError("PASS"), Fault.OWN, 500, 4),
        (LocalError("DISK"), Fault.OWN, 507, 4),
        (LocalError("NOTFOUND"), Fault.USAGE, 404, 2),
        (LocalError("UNK"), Fault.USAGE, 404, 2),
        (HubError(), Fault.HUB, 503, 5),
        (LocalError("HUB"), Fault.HUB, 503, 5),
        (HubError("LOG"), Fault.PEER, 502, 6),
        (LocalError("FORK"), Fault.PEER, 502, 6),
        (TrustError("SNAPSHOT"), Fault.PEER, 502, 6),
        (FormatError("FMT"), Fault.PEER, 502, 6),
    ],
)
def test_fault_status_and_exit_code(error: SlussError, fault: Fault, status: int, exit_code: int) -> None:
    """Whose fault it is decides status and exit code; the failure survives the wire."""
    failure = failure_of(error)
    assert (failure.fault, failure.status, main.EXIT_CODES[failure.fault]) == (fault, status, exit_code)
    assert msgspec.json.decode(msgspec.json.encode(failure.as_json()), type=Failure) == failure


def test_a_fault_of_the_program_tells_its_place_and_no_text() -> None:
    """Type and line are there for whoever mends it; the error's own words are not."""
    try:
        raise KeyError("hemligt")
    except KeyError as error:
        told = unexpected(error)
    assert (told.code, told.problems[0].reason) == ("FAULT", "KeyError")
    assert told.problems[0].path.startswith("unit/cli/test_words.py:")
    assert "hemligt" not in json.dumps(told.as_json())


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:80", True), ("127.0.0.1", True), ("localhost:9", True), ("[::1]:9", True), ("LOCALHOST", True),
        ("", False), ("example.org", False), ("localhost.example.org", False), ("10.0.0.1", False),
        ("[::", False), ("127.0.0.1@example.org", False),
    ],
)  # fmt: skip
def test_which_hosts_are_loopback(host: str, known: bool) -> None:
    """Only this machine's own names."""
    assert is_loopback(host) is known


@pytest.mark.parametrize("name", ["", *main.cli.commands])
def test_help_in_two_languages(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command has help in Swedish and in English, and no bar between them is ever shown."""
    shown = []
    for lang in ("sv", "en"):
        assert main.run(["--lang", lang, *([name] if name else []), "--help"]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0].startswith("Användning: sluss")
    assert shown[1].startswith("Usage: sluss")
    assert "¦" not in "".join(shown)


def test_exit_codes_stand_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    main.run(["--help"])
    shown = capsys.readouterr().out
    assert all(f" {code} " in shown for code in (0, *main.EXIT_CODES.values()))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["list", "--nothing"], "Valet --nothing finns inte."),
        (["list", "--Hon heter=x"], "Valet finns inte."),
        (["show"], "Det saknas ett värde ID."),
        (["list", "--lang", "hemligt"], "Värdet --lang går inte att använda."),
        (["hemligt"], "Kommandot är inte rätt skrivet."),
    ],
)
def test_a_wrong_call_is_told_in_plain_words(
    given: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong and where to read on; nothing that a person may have written by mistake."""
    assert main.run([*given, "--json"]) == 2
    error = json.loads(capsys.readouterr().err)
    assert (error["code"], error["sentence"]) == ("USAGE", sentence)
    assert "hemligt" not in str(error)


def test_a_form_is_read_out_by_its_labels() -> None:
    """Labels instead of names and codes, blocks by number."""
    told = dict(labelled(describe("konsultation.fraga"), CONTENTS["konsultation.fraga"]))
    assert told["Frågan gäller"] == "Hotbild och risk, Samtycke och sekretess"
    assert told["Finns egen avhopparverksamhet"] == "Nej"
    nested = dict(labelled(describe("hotbild.begaran"), CONTENTS["hotbild.begaran"]))
    assert "Okänd äldre man" in nested.values()


def test_nothing_written_by_others_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences and marks that turn the direction of writing are shown as marks; tabs keep the columns."""
    assert clean("a\x1b[2Jb\u202ec") == "a�[2Jb�c"
    print_table(("A", "B"), [("x\ty\nz", "\x9b1m")])
    assert capsys.readouterr().out == "A\tB\nx y z\t�1m\n"


def test_pick_takes_the_half_in_the_language() -> None:
    """A text without a bar is the same in both."""
    text = both("ja", "yes")
    assert (pick(text), pick("lika")) == ("ja", "lika")
    choose_lang("en")
    try:
        assert (pick(text), pick("lika")) == ("yes", "lika")
    finally:
        choose_lang("sv")
