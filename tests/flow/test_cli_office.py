"""``sluss`` as people use it: exit codes, words and what is left behind when something is wrong."""

from __future__ import annotations

import json
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client.api import commands
from client.api.failure import Fault, failure_of
from client.engine.clock import Clock
from client.engine.folder import Folder
from client.engine.office import Office
from keys.errors import LocalError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, PASSPHRASE, redirect
from tests.kit.today import CONTENTS
from tests.unit.cli.terminal import SECONDS, Desk, Dialogue, environment

TWO_DAYS_SECONDS = 2 * 86_400


@pytest.fixture
def desk(tmp_path: Path, hub: HubProcess, federation: Federation) -> Desk:
    """``sodermalm``, enrolled and synced once, so that it knows the directory."""
    made = Desk.enrolled(tmp_path / "sodermalm", federation, "sodermalm", "Olle Ohlin", hub.url)
    assert made.json("sync") == {"accepted": 0, "quarantined": 0, "deposited": 0}
    return made


@pytest.fixture
def question(tmp_path: Path) -> Path:
    """A consultation as a file."""
    return write(tmp_path / "fraga.json", CONTENTS["konsultation.fraga"])


def write(path: Path, content: Any) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def ask(desk: Desk, file: Path, **options: Any) -> Any:
    """``sluss new`` with a file."""
    return desk.run("new", "konsultation.fraga", "--to", "Sav", "--file", str(file), **options)


# -- making and enrolling ---------------------------------------------------------------------------------------------


def test_init_and_enrol_show_what_people_compare(tmp_path: Path, federation: Federation) -> None:
    """The fingerprints of request and federation come in groups; the request can be written again."""
    desk = Desk.fresh(tmp_path / "office")
    request, again, approval = tmp_path / "a.request", tmp_path / "b.request", tmp_path / "approval"
    made = desk.json("init", "--profile", "demo", "--out", str(request))
    assert len(made["fingerprint"].split()) == 16
    assert desk.json("enrol", "--request", str(again))["request"] == str(again)
    approval.write_bytes(
        redirect(federation.approve("sav", again.read_bytes(), "Eva Ek", roles=ALL_ROLES), "http://127.0.0.1:9")
    )
    unasked = desk.run("enrol", "--approval", str(approval), "--json")
    assert (unasked.code, unasked.error["code"]) == (4, "FPRINT"), "nobody is there to compare"
    other = desk.run("enrol", "--approval", str(approval), "--fingerprint", "4e90 97ae", "--json")
    assert (other.code, other.error["code"]) == (4, "FPRINT")
    assert not (tmp_path / "office" / "approval.slk").exists()
    right = federation.directory.federation.hex().upper()
    done = desk.json("enrol", "--approval", str(approval), "--fingerprint", right)
    assert done["federation"].replace(" ", "") == federation.directory.federation.hex()
    twice = desk.run("enrol", "--approval", str(approval))
    assert (twice.code, twice.error["code"]) == (4, "ENROLLED")


def test_a_passphrase_is_typed_twice_and_never_shown(tmp_path: Path) -> None:
    """Two different ones are asked again; nothing typed is echoed."""
    desk, words = Desk(tmp_path / "office"), "sex ord som ingen gissar"
    given = list(desk.command("init", "--profile", "demo", "--out", str(tmp_path / "r")))
    at = given.index("--passphrase-file")
    del given[at : at + 2]
    dialogue = Dialogue(given)
    dialogue.answer("Ny lösenfras", words)
    dialogue.answer("igen", "något annat än det")
    dialogue.expect("inte lika")
    dialogue.answer("Ny lösenfras", words)
    dialogue.answer("igen", words)
    said = dialogue.end()
    assert (said.code, words in said.words + said.out) == (0, False)
    desk.passphrase_file.write_text(words, encoding="utf-8")
    assert desk.run("enrol", "--request", str(tmp_path / "again")).code == 0


@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, b"{}"])
def test_a_broken_approval_is_told_as_such(tmp_path: Path, damage: bytes) -> None:
    """The code, a sentence, the next step, exit code 4; the device can still be enrolled."""
    desk, approval = Desk.fresh(tmp_path / "office"), tmp_path / "approval"
    assert desk.run("init", "--profile", "demo", "--out", str(tmp_path / "r")).code == 0
    approval.write_bytes(damage)
    said = desk.run("enrol", "--approval", str(approval))
    assert (said.code, said.out, said.error["code"]) == (4, "", "APPROVAL")
    assert said.error["next_step"].startswith("Be om ett nytt godkännande")
    assert desk.run("status").error["code"] == "ENROL"


def test_a_wrong_passphrase(desk: Desk) -> None:
    """PASS and exit code 4, in Swedish or English, with nothing of the passphrase."""
    desk.passphrase_file.write_text("en helt annan lösenfras", encoding="utf-8")
    said = desk.run("list")
    english = desk.run("list", "--lang", "en", as_json=False)
    assert (said.code, said.error["code"], said.error["sentence"]) == (4, "PASS", "Lösenfrasen är fel.")
    assert english.words.startswith("sluss: The passphrase is wrong. (PASS)\nWhat to do: ")
    assert "helt annan" not in said.words + english.words


def test_wrong_calls_are_told_without_a_traceback(tmp_path: Path) -> None:
    """No office, no such command or option, a value that is missing: code 2 or 4 and words in the chosen language."""
    desk = Desk.fresh(tmp_path / "office")
    assert (desk.run("status").code, desk.run("status").error["code"]) == (4, "NOOFFICE")
    for given in (
        ("nothing",),
        ("list", "--nothing"),
        ("show",),
        ("enrol",),
        ("list", "--lang", "de"),
        ("new", "x", "--to", "y"),
    ):
        said = desk.run(*given)
        assert (said.code, said.out) == (2, ""), given
        assert said.error["next_step"]
    assert desk.run("list", "--nothing", as_json=False).words.startswith("sluss: Valet --nothing finns inte.")
    assert desk.run("--lang", "en", "show", as_json=False).words.startswith("sluss: A value is missing ID.")
    assert "sluss --office … list" in desk.run("list", "--office", "x").error["next_step"]  # known, but not after it


# -- one office, many callers -----------------------------------------------------------------------------------------


def test_a_second_run_is_refused(desk: Desk) -> None:
    """LOCKED and exit code 4; the first one goes on and other commands reach it without a passphrase."""
    with desk.open():
        said = desk.run("run")
        assert (said.code, said.error["code"]) == (4, "LOCKED")
        desk.passphrase_file.unlink()
        assert desk.run("status").error["code"] == "NOFILE"  # a file that is named must be there, needed or not
        given = desk.command("status", "--json")
        at = given.index("--passphrase-file")
        del given[at : at + 2]
        done = subprocess.run(given, capture_output=True, env=environment(), timeout=SECONDS, check=True)
        assert json.loads(done.stdout)["staff"] == "Olle Ohlin"


def test_an_api_file_left_by_a_crash_misleads_nobody(desk: Desk) -> None:
    """After kill -9 the next command opens the office itself, and the next ``run`` writes a new file."""
    process = desk.start()
    process.kill()
    process.wait()
    stale = (desk.folder / "api.json").read_text()
    assert desk.json("status")["staff"] == "Olle Ohlin"
    (desk.folder / "api.json").write_text(stale)
    with desk.open() as api:
        assert api.token not in stale
        assert desk.json("units") == api.post("units")[1]


# -- writing ----------------------------------------------------------------------------------------------------------


def test_write_and_read_at_the_terminal(desk: Desk, question: Path) -> None:
    """new, list, show, thread: as JSON and as lines for people."""
    done = ask(desk, question).json
    assert desk.json("list", "--out")[0]["document_id"] == done["document_id"]
    assert desk.json("list", "--in") == []
    shown = desk.run("show", done["document_id"][:6], as_json=False)
    assert "Situationen i allmänna ord: En ung vuxen vill lämna" in shown.out
    assert "Frågan gäller: Hotbild och risk, Samtycke och sekretess" in shown.out
    assert desk.json("thread", done["thread_id"])["state"] == "skickad"
    assert desk.run("threads", as_json=False).out.splitlines()[1].split("\t")[1:3] == ["Sav", "Skickad"]


def test_deadlines_at_the_terminal(desk: Desk, question: Path) -> None:
    """A thread says what is waited for and until when, in both languages; nothing is to be done yet."""
    thread_id = ask(desk, question).json["thread_id"]
    assert desk.json("reminders") == []
    assert (desk.json("status")["reminders"], desk.json("status")["overdue"]) == (0, 0)
    assert "Väntar på: Frågan ska nå mottagaren" in desk.run("thread", thread_id, as_json=False).out
    english = desk.run("--lang", "en", "thread", thread_id, as_json=False).out
    assert "Waiting for: The question to reach its recipient" in english
    assert "State: Sent" in english
    said = desk.run("reminders", "--seen", "abcd")
    assert said.error["code"] == "NOTFOUND"


@pytest.mark.parametrize(
    ("changes", "code", "path", "words"),
    [
        ({"need": None}, "SCH", "content.need", "fältet måste fyllas i"),
        ({"situation": "x" * 3001}, "SCH", "content.situation", "3000"),
        ({"anon_attested": False}, "SCH", "content.anon_attested", "inte tillåtet"),
        ({"situation": "Hon heter något, 19811218-9876"}, "PID", "content.situation", "peka ut"),
    ],
)
def test_a_refusal_names_field_and_rule(
    desk: Desk, question: Path, changes: dict[str, Any], code: str, path: str, words: str
) -> None:
    """Exit code 3, the field and the rule; nothing is stored and nothing of the text is shown."""
    content = {**CONTENTS["konsultation.fraga"], **changes}
    write(question, {name: value for name, value in content.items() if value is not None})
    said = ask(desk, question)
    (problem,) = said.error["problems"]
    assert (said.code, said.error["code"], problem["path"]) == (3, code, path)
    assert words in problem["sentence"]
    assert "9876" not in said.words
    assert desk.json("list") == []


def test_the_example_of_a_kind_is_a_file_for_new(desk: Desk, question: Path) -> None:
    """Header and content go in as ``kinds --example`` prints them; a header beside them would leave one unread."""
    example = desk.json("kinds", "konsultation.fraga", "--example")
    write(question, {"header": {"priority": "skyndsam"}, "content": example["content"]})
    other = write(question.with_name("header.json"), example["header"])
    assert (
        desk.run("new", "konsultation.fraga", "--to", "Sav", "--file", str(question), "--header", str(other)).code == 2
    )
    assert desk.json("list") == []
    made = ask(desk, question).json
    assert desk.json("show", made["document_id"])["header"]["priority"] == "skyndsam"


def test_without_a_terminal_the_content_comes_in_a_file(desk: Desk) -> None:
    """Nobody can be asked: the way on names the option, not only the help."""
    assert "--file" in desk.run("new", "konsultation.fraga", "--to", "Sav").error["sentence"]


def test_a_file_that_is_no_json(desk: Desk, question: Path) -> None:
    """JSON and exit code 2; the text of the file is not repeated."""
    question.write_text("hemligt {", encoding="utf-8")
    said = ask(desk, question)
    assert (said.code, said.error["code"], "hemligt" in said.words) == (2, "JSON", False)


def test_without_the_hub_a_document_is_kept_and_said_to_wait(desk: Desk, hub: HubProcess, question: Path) -> None:
    """new: done, with a remark; sync: exit code 5; when the hub is back it leaves."""
    hub.stop()
    said = ask(desk, question)
    assert (said.code, json.loads(said.out)["state"], said.error["code"]) == (0, "queued", "HUB")
    words = ask(desk, question, as_json=False).words
    assert words.startswith("Dokumentet är köat och sparat.\nsluss: Det går inte att nå navet just nu. (HUB)")
    assert (desk.run("sync").code, desk.run("sync").error["code"]) == (5, "HUB")
    assert desk.json("status")["outbox"] == 2


@pytest.mark.parametrize("room_bytes", [20_000, 40_000], ids=["while opening", "while writing"])
def test_a_full_disk_loses_nothing(desk: Desk, question: Path, room_bytes: int) -> None:
    """DISK and exit code 4; what was there is there, the new document is not, and the office still opens."""
    kept = ask(desk, question).json["document_id"]

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, room_bytes))

    said = ask(desk, question, preexec_fn=no_room)
    assert (said.code, said.error["code"]) == (4, "DISK")
    assert [one["document_id"] for one in desk.json("list")] == [kept]
    assert ask(desk, question).code == 0


async def test_a_clock_that_is_two_days_off_stops_sending(tmp_path: Path, desk_folder: Folder) -> None:
    """CLOCK, our own side: the document stays in the outbox, and the words say what to do."""
    office = await Office.open(desk_folder, PASSPHRASE, Clock(lambda: time.time() + TWO_DAYS_SECONDS))
    try:
        given = {"kind": "konsultation.fraga", "to": "Sav", "content": CONTENTS["konsultation.fraga"]}
        await commands.run(office.desk, "new", given)
        with pytest.raises(LocalError) as caught:
            await commands.run(office.desk, "sync", {})
        told = failure_of(caught.value)
        status = await commands.run(office.desk, "status", {})
    finally:
        await office.close()
    assert (told.code, told.fault) == ("CLOCK", Fault.OWN)
    assert "klocka" in told.title
    assert (status["outbox"], abs(status["clock_off_seconds"] - TWO_DAYS_SECONDS) < 60) == (1, True)


@pytest.fixture
def desk_folder(desk: Desk) -> Iterator[Folder]:
    """The folder of the desk, closed."""
    return Folder(desk.folder)


def test_status_says_that_nothing_runs(desk: Desk) -> None:
    """In plain words when no program keeps the office open, and as ``open`` for programs."""
    assert desk.json("status")["open"] is False
    assert "Kontoret är inte öppet" in desk.run("status", as_json=False).words
    with desk.open():
        assert desk.json("status")["open"] is True
        assert desk.run("status", as_json=False).words == ""
