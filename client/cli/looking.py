"""Reading at the terminal: documents, threads, the address list."""

from __future__ import annotations

import sys
from typing import Any

import click

from client.casework.codelists import READ_REASON
from client.casework.codes import explain
from client.casework.kinds.registry import KINDS, describe
from client.cli.attachments import print_files
from client.cli.base import Command, Option, State, pass_state
from client.cli.clocks import due
from client.cli.prompts import confirm
from client.cli.render import labelled
from client.cli.screen import print_facts, print_table, remark
from client.cli.times import hours, when
from client.cli.words import both, lang, say, tr
from client.engine.states import STATES
from client.export.read_out import shown_header

SHORT = 8  # digits of an id in a table; four are enough for a command
_WAYS = {"in": "←", "out": "→", "local": "·"}


@click.command(cls=Command, help=both("Jämför en enhets nycklar i telefon.", "Compare a unit's keys by telephone."))
@click.argument("unit", required=False)
@click.option("--words", cls=Option, help=both("Orden som enheten läste upp.", "The words that the unit read out."))
@pass_state
def fingerprint(state: State, unit: str | None, words: str | None) -> None:
    """The words of a unit's keys, without a unit the own; with ``--words`` mark them as compared."""
    if words is not None and unit is None:
        raise click.UsageError("fingerprint")
    facts = state.ask("fingerprint", unit=unit)
    if words is None and unit is not None and not state.as_json and sys.stdin.isatty():
        print_facts(_contact(facts))
        if not confirm(say("Läste enheten upp samma ord?", "Did the unit read out the same words?")):
            return
        words = facts["words"]
    if words is not None:
        facts = state.ask("fingerprint_compared", unit=unit, words=words)
    if not state.answer(facts):
        print_facts(_contact(facts))


def _contact(facts: dict[str, Any]) -> list[tuple[str, object]]:
    told = {
        "no": say("nej", "no"),
        "yes": say("ja", "yes"),
        "changed": say("ja, men nycklarna har ändrats sedan dess", "yes, but the keys have changed since"),
    }
    return [
        (say("Enhet", "Unit"), facts["unit"]),
        (say("Ord", "Words"), facts["words"]),
        (say("Datorer", "Devices"), facts["devices"]),
        (say("Jämförda", "Compared"), told[facts["compared"]]),
        (say("Jämförda den", "Compared on"), facts["compared_at"]),
    ]


@click.command("list", cls=Command, help=both("Visa dokument.", "List documents."))
@click.option("--in", "direction", cls=Option, flag_value="in", help=both("Bara inkomna.", "Only received ones."))
@click.option("--out", "direction", cls=Option, flag_value="out", help=both("Bara egna.", "Only own ones."))
@click.option("--state", "document_state", cls=Option, help=both("Bara i det läget.", "Only in this state."))
@click.option("--kind", cls=Option, help=both("Bara av det slaget.", "Only of this kind."))
@pass_state
def list_documents(state: State, direction: str | None, document_state: str | None, kind: str | None) -> None:
    """Newest first."""
    rows = state.ask("list", direction=direction, state=document_state, kind=kind)
    if not state.answer(rows):
        _print_documents(rows)


@click.command(cls=Command, help=both("Visa ett dokument.", "Show a document."))
@click.argument("document_id", metavar="ID")
@click.option(
    "--reason", cls=Option, type=click.Choice(sorted(READ_REASON.codes)), default="handlaggning",
    help=both("Varför; loggas för hotbild och placering.", "Why; logged for threats and placements."),
)  # fmt: skip
@pass_state
def show(state: State, document_id: str, reason: str) -> None:
    """One document; it counts as read from here on."""
    facts = state.ask("show", document_id=document_id, reason=reason)
    if state.answer(facts):
        return
    other = say("Från", "From") if facts["direction"] == "in" or facts["local"] else say("Till", "To")
    print_facts(
        [
            (tr(facts["title"]), facts["document_id"]),
            (other, facts["unit"]),
            (say("Läge", "State"), state_words(facts["state"])),
            (say("Tråd", "Thread"), facts["thread_id"]),
            (say("Tid", "Time"), when(facts["at"])),
            (say("Godkänt av", "Approved by"), (facts["approved_by"] or {}).get("name", "")),
        ]
    )
    for code in (facts["code"], "OVERTAKEN" if facts["overtaken"] else ""):
        if code:
            told = explain(code, lang())
            print_facts([(code, f"{told.sentence} {told.next_step}")])
    if facts["expired"]:
        remark(say("Har gått ut. Begär en ny bedömning.", "Has expired. Request a new assessment."))
    elif facts["replaced"]:
        remark(say("Något senare i ärendet gäller i stället.", "Something later in the case counts instead."))
    click.echo("")
    if facts["kind"] in KINDS:
        print_facts(labelled(shown_header(), facts["header"]))
        print_facts(labelled(describe(facts["kind"]), facts["content"]))
    click.echo("")
    print_files(facts["attachments"])
    print_facts((state_words(one["state"]), _receipt_time(one)) for one in facts["receipts"])


@click.command(cls=Command, help=both("Visa ärendetrådar.", "List threads."))
@pass_state
def threads(state: State) -> None:
    """The last changed first."""
    rows = state.ask("threads")
    if state.answer(rows):
        return
    columns = (say("Tråd", "Thread"), say("Enhet", "Unit"), say("Läge", "State"), say("Senast", "Due"))
    print_table(
        columns,
        [(row["thread_id"][:SHORT], counterpart(row), tr(row["state_label"]), due(row)) for row in rows],
    )


@click.command(cls=Command, help=both("Visa en ärendetråd.", "Show a thread."))
@click.argument("thread_id", metavar="ID")
@pass_state
def thread(state: State, thread_id: str) -> None:
    """Its documents and how it came to its state."""
    facts = state.ask("thread", thread_id=thread_id)
    if state.answer(facts):
        return
    print_facts(
        [
            (say("Tråd", "Thread"), facts["thread_id"]),
            (say("Enhet", "Unit"), counterpart(facts)),
            (say("Läge", "State"), tr(facts["state_label"])),
            (say("Väntar på", "Waiting for"), tr(facts["awaited"])),
            (say("Senast", "Due"), due(facts)),
            (say("Hos", "With"), (facts["assigned"] or {}).get("name", "")),
        ]
    )
    _print_documents(facts["documents"])
    print_facts((f"{one['at']} {one['name']}", one["text"]) for one in facts["notes"])


def counterpart(thread: dict[str, Any]) -> str:
    """The other unit of a thread, or that there is none."""
    return say("bara här", "only here") if thread["local"] else str(thread["unit"])


def _print_documents(rows: list[dict[str, Any]]) -> None:
    columns = ("Id", say("Väg", "Way"), say("Slag", "Kind"), say("Enhet", "Unit"), say("Läge", "State"))
    print_table(
        (*columns, say("Tid", "Time"), say("Märkt", "Note")),
        [
            (
                row["document_id"][:SHORT],
                _WAYS[row["direction"] if not row["local"] else "local"],
                tr(row["title"]),
                row["unit"],
                state_words(row["state"]),
                when(row["at"]),
                _note(row),
            )
            for row in rows
        ],
    )


def _note(row: dict[str, Any]) -> str:
    """What deserves a look: overtaken, out of date, unread, refused with a code, in a thread whose time is over."""
    marks = [say("korsades", "overtaken")] if row["overtaken"] else []
    marks += old_marks(row)
    marks += [say("oläst", "unread") if row["unread"] else row["code"]]
    marks += [say("tiden har gått ut", "overdue")] if row.get("overdue") else []
    return ", ".join(filter(None, marks))


def old_marks(row: dict[str, Any]) -> list[str]:
    """Of a threat result on which nothing may lean any more: why."""
    gone = [say("har gått ut", "has expired")] if row["expired"] else []
    return gone + ([say("är ersatt", "has been replaced")] if row["replaced"] else [])


def _receipt_time(one: dict[str, Any]) -> str:
    """The hub tells the hour of a deposit and no more, so that is what is shown."""
    return hours(one["at"]) if one["state"] == "sent" else when(one["at"])


def state_words(state: str) -> str:
    """A document's state as a person reads it."""
    return say(*STATES.get(state, (state, state)))
