"""``quarantine``: what failed a check and was put aside, its diary number, and what was done with it."""

from __future__ import annotations

from typing import Any

import click

from client.casework.codes import explain
from client.cli.base import Command, Group, Option, State, pass_state
from client.cli.screen import print_facts, print_table
from client.cli.times import when
from client.cli.words import both, lang, say

_SHOWN = 8  # first characters of an id
_envelope = click.argument("envelope_id", metavar="ID")


@click.group(
    cls=Group,
    invoke_without_command=True,
    help=both("Visa vad som har stoppats vid kontrollen.", "Show what failed a check."),
)
@click.option(
    "--all", "everything", cls=Option, is_flag=True,
    help=both("Även det som är registrerat eller åtgärdat.", "Also what is registered or dealt with."),
)  # fmt: skip
@pass_state
@click.pass_context
def quarantine(ctx: click.Context, state: State, *, everything: bool) -> None:
    """When, from whom, what kind, why, and what to do; never content."""
    if ctx.invoked_subcommand is not None:
        return
    rows = [row for row in state.ask("quarantine") if everything or row["open"]]
    if state.answer(rows):
        return
    columns = (say("Id", "Id"), say("När", "When"), say("Från", "From"), say("Slag", "Kind"), say("Kod", "Code"))
    print_table(
        (*columns, say("Vad", "What"), say("Gör så här", "Do"), say("Åtgärd", "Done")),
        [
            (
                row["envelope_id"][:_SHOWN],
                when(row["at"]),
                row["unit"],
                row["kind"],
                row["code"],
                *_words(row),
                _done(row),
            )
            for row in rows
        ],
    )


@quarantine.command(
    cls=Command,
    help=both(
        "Registrera det: ge det ett diarienummer. Avsändaren får veta numret när det är säkert vem det är.",
        "Register it: give it a diary number. The sender is told when it is certain who that is.",
    ),
)
@_envelope
@click.option("--dnr", cls=Option, required=True, help=both("Diarienummer.", "Diary number."))
@click.option("--note", cls=Option, default="", help=both("Anteckning.", "Note."))
@pass_state
def register(state: State, envelope_id: str, dnr: str, note: str) -> None:
    """It has come in, whatever is wrong with it."""
    _print(state, state.ask("quarantine_register", envelope_id=envelope_id, dnr=dnr, note=note))


@quarantine.command(
    cls=Command,
    help=both(
        "Anteckna hur det har tagits om hand. Det ligger kvar.", "Note how it was dealt with. It stays where it is."
    ),
)
@_envelope
@click.argument("note", metavar="TEXT")
@pass_state
def handled(state: State, envelope_id: str, note: str) -> None:
    """For what has no diary number."""
    _print(state, state.ask("quarantine_handled", envelope_id=envelope_id, note=note))


def _print(state: State, row: dict[str, Any]) -> None:
    if not state.answer(row):
        print_facts([(row["code"], _words(row)[0]), (say("Åtgärd", "Done"), _done(row))])


def _words(row: dict[str, Any]) -> tuple[str, str]:
    told = explain(row["code"], lang())
    return told.sentence, told.next_step


def _done(row: dict[str, Any]) -> str:
    by = "" if row["handled_at"] is None else f"{row['handled_by']} {when(row['handled_at'])}"
    return ", ".join(part for part in (row["dnr"], row["note"], by) if part)
