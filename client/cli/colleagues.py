"""Commands for work in a unit of several: who is there, take, hand, note, stand-in, new keys."""

from __future__ import annotations

from typing import Any

import click

from client.cli.base import Command, Option, State, pass_state
from client.cli.screen import print_facts, print_table
from client.cli.words import both, say

_SHORT = 8


@click.command(cls=Command, help=both("Visa kollegorna på enheten.", "List the colleagues of the unit."))
@pass_state
def staff(state: State) -> None:
    """One row per device."""
    rows = state.ask("staff")
    if not state.answer(rows):
        _print_staff(rows)


@click.command(cls=Command, help=both("Ta en ärendetråd.", "Take a thread."))
@click.argument("thread_id", metavar="ID")
@pass_state
def take(state: State, thread_id: str) -> None:
    """It is this person's from here on."""
    _print_assigned(state, state.ask("take", thread_id=thread_id))


@click.command(cls=Command, help=both("Lämna en ärendetråd till en kollega.", "Hand a thread to a colleague."))
@click.argument("thread_id", metavar="ID")
@click.option("--to", cls=Option, required=True, help=both("Kollegans namn eller dator.", "The colleague or device."))
@pass_state
def hand(state: State, thread_id: str, to: str) -> None:
    """Whoever stands in for the colleague gets it."""
    _print_assigned(state, state.ask("hand", thread_id=thread_id, to=to))


@click.command(cls=Command, help=both("Skriv en anteckning som stannar på enheten.", "Add a note for the unit only."))
@click.argument("thread_id", metavar="ID")
@click.argument("text")
@pass_state
def note(state: State, thread_id: str, text: str) -> None:
    """It never leaves the unit."""
    made = state.ask("note", thread_id=thread_id, text=text)
    if not state.answer(made):
        print_facts([(say("Anteckning", "Note"), made["note_id"][:_SHORT])])


@click.command("stand-in", cls=Command, help=both("Låt en kollega ta emot dina ärenden.", "Let a colleague stand in."))
@click.argument("to", metavar="KOLLEGA")
@click.option(
    "--days", cls=Option, type=click.IntRange(0, 400), default=14, help=both("Antal dagar; 0 avslutar.", "0 ends it.")
)
@pass_state
def stand_in(state: State, to: str, days: int) -> None:
    """For some days."""
    rows = state.ask("stand_in", to=to, days=days)
    if not state.answer(rows):
        _print_staff(rows)


@click.command(cls=Command, help=both("Byt krypteringsnycklar nu.", "Change the encryption keys now."))
@pass_state
def rotate(state: State) -> None:
    """New epoch prekeys, published at once."""
    made = state.ask("rotate")
    if not state.answer(made):
        print_facts([(say("Nyckelomgång", "Batch of keys"), made["batch_no"])])


def _print_assigned(state: State, facts: dict[str, Any]) -> None:
    if not state.answer(facts):
        print_facts([(say("Tråd", "Thread"), facts["thread_id"]), (say("Hos", "With"), facts["assigned"]["name"])])


def _ended(ended: dict[str, Any] | None) -> str:
    """Who ended a machine before its time; empty where nobody did."""
    if ended is None:
        return ""
    by = ended["by"] or say("en administratör", "an administrator")
    return say(f"avstängd av {by} ({ended['reason']})", f"ended by {by} ({ended['reason']})")


def _print_staff(rows: list[dict[str, Any]]) -> None:
    names = {row["device_id"]: row["name"] for row in rows}
    columns = (say("Namn", "Name"), say("Roller", "Roles"), say("Dator", "Device"), "", say("Ersätts av", "Stand-in"))
    print_table(
        columns,
        [
            (
                row["name"],
                ", ".join(row["roles"]),
                row["device_id"][:_SHORT],
                "" if row["active"] else _ended(row["ended"]) or say("utgången", "expired"),
                names.get(row["stand_in"] or "", ""),
            )
            for row in rows
        ],
    )
