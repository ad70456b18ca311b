"""Reading at the terminal: documents, threads, the address list, and what can be written."""

from __future__ import annotations

from typing import Any

import click

from client.casework.codelists import UNIT_TYPE
from client.casework.codes import explain
from client.casework.describe import FieldInfo
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.cli.base import Command, Option, State, pass_state
from client.cli.render import labelled
from client.cli.screen import print_facts, print_table
from client.cli.words import both, lang, say
from client.engine.reading import STATES

SHORT = 8  # digits of an id in a table; four are enough for a command


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
@pass_state
def show(state: State, document_id: str) -> None:
    """One document; it counts as read from here on."""
    facts = state.ask("show", document_id=document_id)
    if state.answer(facts):
        return
    other = say("Från", "From") if facts["direction"] == "in" else say("Till", "To")
    print_facts(
        [
            (facts["title"], facts["document_id"]),
            (other, facts["unit"]),
            (say("Läge", "State"), _state(facts["state"])),
            (say("Tråd", "Thread"), facts["thread_id"]),
            (say("Tid", "Time"), facts["at"]),
        ]
    )
    if facts["code"]:
        told = explain(facts["code"], lang())
        print_facts([(facts["code"], f"{told.sentence} {told.next_step}")])
    click.echo("")
    if facts["kind"] in KINDS:
        print_facts(labelled(_shown_header(), facts["header"]))
        print_facts(labelled(describe(facts["kind"]), facts["content"]))
    click.echo("")
    print_facts((_state(one["state"]), one["at"]) for one in facts["receipts"])


@click.command(cls=Command, help=both("Visa ärendetrådar.", "List threads."))
@pass_state
def threads(state: State) -> None:
    """The last changed first."""
    rows = state.ask("threads")
    if state.answer(rows):
        return
    columns = (say("Tråd", "Thread"), say("Enhet", "Unit"), say("Läge", "State"), say("Senast", "Due"))
    print_table(columns, [(row["thread_id"][:SHORT], row["unit"], row["state_label"], row["deadline"]) for row in rows])


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
            (say("Enhet", "Unit"), facts["unit"]),
            (say("Läge", "State"), facts["state_label"]),
            (say("Senast", "Due"), facts["deadline"]),
        ]
    )
    _print_documents(facts["documents"])


@click.command(cls=Command, help=both("Visa enheter.", "List units."))
@pass_state
def units(state: State) -> None:
    """The address list."""
    rows = state.ask("units")
    if state.answer(rows):
        return
    print_table(
        (say("Enhet", "Unit"), say("Organisation", "Organisation"), say("Slag", "Type"), "Id"),
        [
            (row["name_sv"], row["organisation"], UNIT_TYPE.label(row["unit_type"]), row["unit_id"][:SHORT])
            for row in rows
            if row["active"]
        ],
    )


@click.command(cls=Command, help=both("Visa slag av dokument, eller fälten i ett.", "List kinds, or a kind's fields."))
@click.argument("kind", required=False)
@pass_state
def kinds(state: State, kind: str | None) -> None:
    """All kinds, or one with its fields."""
    rows = state.ask("kinds") if kind is None else state.ask("describe", kind=kind)
    if state.answer(rows):
        return
    if kind is None:
        print_table(
            (say("Slag", "Kind"), say("Namn", "Name")),
            [(row["kind"], row["title"]) for row in rows],
        )
    else:
        _print_fields(rows["fields"])


def _print_fields(fields: list[dict[str, Any]]) -> None:
    words = {"R": say("ja", "yes"), "O": say("nej", "no"), "C": say("ibland", "sometimes")}
    columns = (say("Fält", "Field"), say("Etikett", "Label"), say("Form", "Form"), say("Krävs", "Required"), "")
    print_table(
        columns,
        [
            (one["path"], one["label"], one["type"], words[one["need"]], ", ".join(c["code"] for c in one["choices"]))
            for one in fields
        ],
    )


def _print_documents(rows: list[dict[str, Any]]) -> None:
    columns = ("Id", "", say("Slag", "Kind"), say("Enhet", "Unit"), say("Läge", "State"), say("Tid", "Time"), "")
    print_table(
        columns,
        [
            (
                row["document_id"][:SHORT],
                "←" if row["direction"] == "in" else "→",
                row["title"],
                row["unit"],
                _state(row["state"]),
                row["at"],
                say("oläst", "unread") if row["unread"] else row["code"],
            )
            for row in rows
        ],
    )


def _state(state: str) -> str:
    return say(*STATES.get(state, (state, state)))


def _shown_header() -> tuple[FieldInfo, ...]:
    """The part of the header that a person reads; the rest are ids that stand above."""
    hidden = {"message_id", "thread_id", "in_reply_to", "message_type", "schema_version", "sender_unit"}
    hidden |= {"recipient_unit", "subject_generic"}
    return tuple(info for info in describe_header() if info.name not in hidden)
