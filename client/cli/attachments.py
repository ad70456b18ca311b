"""``attach`` and ``attachments``: files to send, files that came, and how far they are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import click

from client.api.attachments import LABELS
from client.casework.codelists import READ_REASON
from client.casework.codes import explain
from client.cli.base import Command, Group, Option, State, pass_state
from client.cli.progress import MOVING, show_progress, size_words
from client.cli.screen import clean, print_facts, print_table, remark
from client.cli.words import both, lang, say

_FILE: Final = click.Path(path_type=Path)
_LOOK_SECONDS: Final = 1.0


@click.command(cls=Command, help=both("Ta in en fil som ska bifogas.", "Take in a file that is to be attached."))
@click.argument("file", type=_FILE)
@click.option("--name", cls=Option, default="", help=both("Vad den ska heta.", "What it is to be called."))
@pass_state
def attach(state: State, file: Path, name: str) -> None:
    """Encrypt a file of this machine; its id is then given to ``new`` or ``reply`` with ``--attachment``."""
    facts = state.ask("attach", path=str(file.absolute()), file_name=name)
    if not state.answer(facts):
        print_facts([(facts["file_name"], describe_file(facts)), (say("Bilaga", "Attachment"), facts["attachment_id"])])


@click.group(cls=Group, help=both("Bilagor.", "Attached files."))
def attachments() -> None:
    """Attached files."""


@attachments.command("list", help=both("Visa bilagor, ett dokuments eller alla som rör sig.", "List attached files."))
@click.argument("document_id", metavar="[ID]", required=False, default="")
@click.option("--wait", cls=Option, is_flag=True, help=both("Vänta tills inget hämtas eller skickas.", "Wait for all."))
@pass_state
def list_files(state: State, document_id: str, wait: bool) -> None:
    """Of a document, or all that are staged, on their way, lacking or refused."""
    rows = state.ask("attachments", document_id=document_id)
    while wait and any(row["state"] in MOVING and not row["code"] for row in rows):
        show_progress(rows)
        time.sleep(_LOOK_SECONDS)
        rows = state.ask("attachments", document_id=document_id)
    if not state.answer(rows):
        print_files(rows)


@attachments.command(help=both("Spara en bilaga okrypterad på datorn.", "Save an attached file in the clear."))
@click.argument("document_id", metavar="ID")
@click.argument("number", type=click.IntRange(1, 16), default=1)
@click.option("--to", "target", cls=Option, type=_FILE, default=Path(), help=both("Fil eller mapp.", "File or folder."))
@click.option(
    "--reason", cls=Option, type=click.Choice(sorted(READ_REASON.codes)), default="handlaggning",
    help=both("Varför; loggas för hotbild och placering.", "Why; logged for threats and placements."),
)  # fmt: skip
@pass_state
def save(state: State, document_id: str, number: int, target: Path, reason: str) -> None:
    """Number 1 is the first of the document. The file is in the clear then, and nothing here watches over it."""
    path = str(target.absolute())
    done = state.ask("attachment_save", document_id=document_id, position=number - 1, path=path, reason=reason)
    if not state.answer(done):
        print_facts([(say("Sparad", "Saved"), done["path"])])
        remark(say("Filen är inte krypterad. Ta bort den när du är klar.", "It is not encrypted. Delete it when done."))


@attachments.command(help=both("Avbryt hämtning eller sändning.", "Stop fetching or sending."))
@click.argument("document_id", metavar="ID")
@click.argument("number", type=click.IntRange(1, 16), default=1)
@pass_state
def cancel(state: State, document_id: str, number: int) -> None:
    """A document whose file is stopped waits until it is gone on with."""
    _turn(state, "attachment_cancel", document_id, number)


@attachments.command(help=both("Fortsätt hämtning eller sändning.", "Go on fetching or sending."))
@click.argument("document_id", metavar="ID")
@click.argument("number", type=click.IntRange(1, 16), default=1)
@pass_state
def resume(state: State, document_id: str, number: int) -> None:
    """From where it was."""
    _turn(state, "attachment_resume", document_id, number)


@attachments.command(help=both("Kasta en fil som inte har skickats.", "Throw away a file that was not sent."))
@click.argument("attachment_id", metavar="ID")
@pass_state
def drop(state: State, attachment_id: str) -> None:
    """By the whole id that ``attach`` gave."""
    done = state.ask("unattach", attachment_id=attachment_id)
    if not state.answer(done):
        remark(say("Kastad.", "Thrown away."))


def staged(state: State, files: tuple[Path, ...], ids: tuple[str, ...]) -> list[str]:
    """Ids of files to attach: those that were taken in, and those that are taken in now."""
    found = list(ids)
    for file in files:
        facts = state.ask("attach", path=str(file.absolute()))
        remark(f"{clean(facts['file_name'])}: {describe_file(facts)}")
        found.append(facts["attachment_id"])
    return found


def print_files(rows: list[dict[str, Any]]) -> None:
    """A table, and what to do about what does not go on."""
    if not rows:
        return
    columns = (say("Nr", "No"), say("Fil", "File"), say("Slag och storlek", "Type and size"), say("Läge", "State"))
    print_table(columns, [_line(row) for row in rows])
    for code in dict.fromkeys(row["code"] for row in rows if row["code"]):
        told = explain(code, lang())
        remark(f"{code}: {told.sentence} {told.next_step}")


def describe_file(facts: dict[str, Any]) -> str:
    """Type and size, as a person reads them."""
    kind = "PDF/A" if facts["pdfa"] else facts["media_type"]
    return f"{kind}, {size_words(facts['size'])}"


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    number = row["attachment_id"] or f"{row['document_id'][:8]} {row['position'] + 1}"
    words = LABELS[row["state"]][lang() == "en"]
    moving = row["state"] in {*MOVING, "cancelled"} and row["total_bytes"]
    percent = f" {100 * row['done_bytes'] // row['total_bytes']} %" if moving else ""
    return number, clean(row["file_name"]), describe_file(row), words + percent


def _turn(state: State, command: str, document_id: str, number: int) -> None:
    facts = state.ask(command, document_id=document_id, position=number - 1)
    if not state.answer(facts):
        print_files([facts])
