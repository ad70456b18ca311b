"""The address list at the terminal: units, what a unit's card says, and a proposal whom to write to."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec

from client.casework.codelists import PROTECTED, PROTECTED_BLOCKS_ROUTING, UNIT_TYPE
from client.casework.describe import describe_struct
from client.casework.kinds.intag import CUSTODY
from client.casework.problems import InvalidBodyError
from client.casework.routing import Place, Question, Routing, route
from client.casework.routing_words import place_name
from client.casework.shape import check_shape
from client.cli.base import Command, Group, Option, State, pass_state, refuse
from client.cli.prompts import ask_form, choose
from client.cli.screen import clean, print_facts, print_table, remark
from client.cli.words import both, lang, say, tr
from client.lang import catalogue
from client.lang.catalogue import translated
from client.web.facts import told
from keys.errors import LocalError

SHORT = 8  # digits of an id in a table; four are enough for a command
_FIELDS = describe_struct(Question)
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
    found = routed(state, kind, asked)
    if state.answer(_facts(found)):
        return
    _print_advice(found)
    print_table(
        (say("Enhet", "Unit"), say("Varför", "Why")),
        [(clean(one.name), clean(one.reason.told(tr))) for one in found.proposals],
    )


def _facts(found: Routing) -> dict[str, Any]:
    """For other programs: the sentences in Swedish, and in English beside."""
    rows = [
        {"unit_id": one.unit_id, "name": one.name, "reason": one.reason.told(), "reason_en": one.reason.told(_english)}
        for one in found.proposals
    ]
    advice, advice_en = [one.told() for one in found.advice], [one.told(_english) for one in found.advice]
    return {"proposals": rows, "by_hand": found.by_hand, "advice": advice, "advice_en": advice_en}


def _english(text: str) -> str:
    return translated(text, "en")


def routed(state: State, kind: str, asked: dict[str, Any]) -> Routing:
    """The proposals for what was asked.

    Raises:
        FailureError: code ``SCH``, naming the field that is wrong.
    """
    if asked["protected"] in PROTECTED_BLOCKS_ROUTING:
        asked = {"protected": asked["protected"]}  # the rest must not steer, so it is not looked at
    problems = [one for one in check_shape(_FIELDS, asked, {}, "") if one.reason != "missing"]
    if problems:
        raise refuse(InvalidBodyError(tuple(problems)))
    places = [_place(row) for row in state.ask("units") if row["active"]]
    own = state.ask("status")["unit"]["unit_id"]
    return route(kind, msgspec.convert(asked, Question), places, own=own or "")


def propose(state: State, kind: str) -> str:
    """Ask in general words where a person belongs, and let one of the proposals be chosen; returns the unit's id.

    Raises:
        UsageError: there is no terminal, or none of them was chosen.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("--to")
    asked = ask_form(_FIELDS, {})
    found = routed(state, kind, asked)
    _print_advice(found)
    choices = [(one.unit_id, clean(f"{one.name}. {one.reason.told(tr)}")) for one in found.proposals]
    if not choices:
        raise click.UsageError("--to")
    choices.append((_NONE, say("Ingen av dem, jag anger mottagare själv", "None of them, I name the recipient")))
    picked = choose(say("Förslag på mottagare", "Proposed recipients"), choices)
    if picked == _NONE:
        raise click.UsageError("--to")
    return picked


def _print_advice(found: Routing) -> None:
    for sentence in found.advice:
        remark(sentence.told(tr))


def _find(rows: list[dict[str, Any]], text: str) -> dict[str, Any]:
    wanted = text.casefold().strip()
    found = [row for row in rows if wanted in {row["unit_id"], row["name_sv"].casefold(), row["name_en"].casefold()}]
    found = found or [row for row in rows if row["name_sv"].casefold().startswith(wanted)]
    if len(found) != 1:
        raise refuse(LocalError("UNK"))
    return found[0]


def _place(row: dict[str, Any]) -> Place:
    return Place(
        unit_id=row["unit_id"],
        name=row["name_sv"],
        unit_type=row["unit_type"],
        kommunkod=row["kommunkod"],
        police_region=row["police_region"],
        facts=row["facts"],
    )
