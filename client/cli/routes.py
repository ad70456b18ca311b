"""The address list at the terminal: units, what a unit's card says, and a proposal whom to write to."""

from __future__ import annotations

import sys
from typing import Any

import click

from client.api.routing import QUESTION
from client.casework.codelists import PROTECTED, UNIT_TYPE
from client.casework.kinds.intag_words import CUSTODY
from client.casework.routing_words import place_name
from client.cli.base import Command, Group, Option, State, pass_state, refuse
from client.cli.prompts import ask_form, choose
from client.cli.screen import clean, print_facts, print_table, remark
from client.cli.words import both, lang, say, tr
from client.lang import catalogue
from client.web.facts import told
from keys.errors import LocalError

SHORT = 8  # digits of an id in a table; four are enough for a command
_NONE = "-"


@click.group(cls=Group, invoke_without_command=True, help=both("Visa enheter.", "List units."))
@click.pass_context
def units(ctx: click.Context) -> None:
    """The address list."""
    state = ctx.ensure_object(State)
    if ctx.invoked_subcommand is not None:
        return
    rows = state.ask("units")
    if state.answer(rows):
        return
    print_table(
        (say("Enhet", "Unit"), say("Organisation", "Organisation"), say("Slag", "Type"), "Id"),
        [
            (row["name_sv"], row["organisation"], tr(UNIT_TYPE.label(row["unit_type"])), row["unit_id"][:SHORT])
            for row in rows
            if row["active"]
        ],
    )


@units.command("show", help=both("Visa vad katalogen säger om en enhet.", "Show what the directory says of a unit."))
@click.argument("name")
@pass_state
def units_show(state: State, name: str) -> None:
    """Its card and the facts that hold today."""
    rows = state.ask("units")
    row = _find(rows, name)
    if state.answer(row):
        return
    names = {one["unit_id"]: one["name_sv"] for one in rows}
    catalogue.choose(lang())
    print_facts(
        [
            (say("Enhet", "Unit"), row["name_sv"]),
            (say("Organisation", "Organisation"), row["organisation"]),
            (say("Slag", "Type"), tr(UNIT_TYPE.label(row["unit_type"]))),
            (say("Kommun", "Municipality"), place_name(row["kommunkod"])),
            (say("Polisregion", "Police region"), row["police_region"]),
            ("Id", row["unit_id"]),
            *((label, clean(words)) for label, words in told(row["facts"], names)),
        ]
    )


@click.command(
    "route",
    cls=Command,
    help=both(
        "Föreslå mottagare. Skriv inget om vem det gäller; inget sparas.",
        "Propose recipients. Tell nothing of who it is; nothing is kept.",
    ),
)
@click.option("--kind", cls=Option, required=True, help=both("Dokumentets slag.", "Kind of the document."))
@click.option("--kommun", "registered", cls=Option, help=both("Folkbokföringskommun, kod.", "Registered in, a code."))
@click.option("--bor", "residence", cls=Option, help=both("Bosättningskommun, kod.", "Lives in, a code."))
@click.option("--vistas", "staying", cls=Option, help=both("Vistelsekommun, kod.", "Stays in, a code."))
@click.option("--stadsdel", "district", cls=Option, help=both("Stadsdel i Stockholm.", "District of Stockholm."))
@click.option("--age", cls=Option, type=int, help=both("Ålder.", "Age."))
@click.option("--custody", cls=Option, type=click.Choice(sorted(CUSTODY.codes)), help=both("Vård.", "Custody."))
@click.option(
    "--hotbild", "threat_confirmed", cls=Option, type=click.Choice(["ja", "nej", "okant"]),
    help=both("Om polisen har bekräftat hotbilden.", "Whether the police have confirmed the threat."),
)  # fmt: skip
@click.option(
    "--protected", cls=Option, type=click.Choice(sorted(PROTECTED.codes)), default="ingen", show_default=True,
    help=both("Skyddade personuppgifter.", "Protected personal data."),
)  # fmt: skip
@pass_state
def route_command(state: State, /, kind: str, **given: Any) -> None:
    """A hint; nothing is chosen, kept or sent."""
    asked = {name: value for name, value in given.items() if value is not None}
    found = state.ask("route", kind=kind, question=asked)
    if state.answer(found):
        return
    _print_advice(found)
    print_table(
        (say("Enhet", "Unit"), say("Varför", "Why")),
        [(clean(one["name"]), clean(_reason(one))) for one in found["proposals"]],
    )


def propose(state: State, kind: str) -> str:
    """Ask in general words where a person belongs, and let one of the proposals be chosen; returns the unit's id.

    Raises:
        UsageError: there is no terminal, or none of them was chosen.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("--to")
    found = state.ask("route", kind=kind, question=ask_form(QUESTION, {}))
    _print_advice(found)
    choices = [(one["unit_id"], clean(f"{one['name']}. {_reason(one)}")) for one in found["proposals"]]
    if not choices:
        raise click.UsageError("--to")
    choices.append((_NONE, say("Ingen av dem, jag anger mottagare själv", "None of them, I name the recipient")))
    picked = choose(say("Förslag på mottagare", "Proposed recipients"), choices)
    if picked == _NONE:
        raise click.UsageError("--to")
    return picked


def _print_advice(found: dict[str, Any]) -> None:
    for sentence in found["advice_en" if lang() == "en" else "advice"]:
        remark(sentence)


def _reason(proposal: dict[str, Any]) -> str:
    return str(proposal["reason_en" if lang() == "en" else "reason"])


def _find(rows: list[dict[str, Any]], text: str) -> dict[str, Any]:
    wanted = text.casefold().strip()
    found = [row for row in rows if wanted in {row["unit_id"], row["name_sv"].casefold(), row["name_en"].casefold()}]
    found = found or [row for row in rows if row["name_sv"].casefold().startswith(wanted)]
    if len(found) != 1:
        raise refuse(LocalError("UNK"))
    return found[0]
