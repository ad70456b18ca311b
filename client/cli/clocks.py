"""``reminders``, and deadlines in words: until when, whether that is over, and whose turn it is."""

from __future__ import annotations

from typing import Any

import click

from client.cli.base import Command, Option, State, pass_state
from client.cli.screen import print_table, remark
from client.cli.times import when
from client.cli.words import both, say, tr

_SHORT = 8


@click.command(cls=Command, help=both("Visa vad som ska göras, av vem.", "Show what is to be done, by whom."))
@click.option(
    "--seen", cls=Option, metavar="ID",
    help=both("Jag har sett den; den kommer igen vid nästa tidpunkt.", "I have seen it; it comes again later."),
)  # fmt: skip
@pass_state
def reminders(state: State, seen: str | None) -> None:
    """The nearest end first; what one has seen is put away for the whole unit."""
    if seen is not None:
        done = state.ask("reminded", reminder_id=seen)
        if not state.answer(done):
            remark(say("Undanlagd för hela enheten: ", "Put away for the whole unit: ") + tr(done["awaited"]))
        return
    rows = state.ask("reminders")
    if state.answer(rows):
        return
    columns = ("Id", say("Senast", "Due"), say("Vad", "What"), say("Ansvarig", "Responsible"))
    print_table(
        (*columns, say("Varför nu", "Why now"), say("Gäller", "About"), say("Hos", "With")),
        [
            (
                *(row["reminder_id"][:_SHORT], when(row["due_at"]), tr(row["awaited"]), whose(row)),
                *(_why(row), _about(row), row["holder"] or ""),
            )
            for row in rows
        ],
    )


def due(thread: dict[str, Any]) -> str:
    """Until when somebody is waited for; who, once that time is over."""
    ends = when(thread["deadline"])
    if not thread["overdue"]:
        return ends
    return f"{ends} {say('gick ut, ansvarig:', 'overdue, responsible:')} {whose(thread)}"


def whose(facts: dict[str, Any]) -> str:
    """The unit whose turn it is, and who answers while it is closed."""
    units = ", ".join(facts["responsible"]) or say("båda enheterna", "both units")
    deputies = ", ".join(facts["deputies"])
    return f"{units} ({say('stängt nu, ring', 'closed now, call')} {deputies})" if deputies else units


def _why(row: dict[str, Any]) -> str:
    if row["overdue"]:
        return say("tiden har gått ut", "overdue")
    return say("tiden går snart ut", "due soon")


def _about(row: dict[str, Any]) -> str:
    """What to look at: a thread, a document, a consent, or a case."""
    named = (
        (say("tråd", "thread"), row["thread_id"]),
        (say("dokument", "document"), row["document_id"]),
        (say("samtycke", "consent"), row["consent_id"]),
        (say("ärende", "case"), row["principal_ref"]),
    )
    return next((f"{word} {text[:_SHORT]}" for word, text in named if text), "")
