"""``approvals``, ``approve``, ``decline``: documents that two people answer for."""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from client.casework.codes import explain
from client.casework.kinds.registry import KINDS, describe
from client.cli.base import Command, Group, Option, State, pass_state
from client.cli.looking import SHORT, state_words
from client.cli.prompts import ask_line, confirm, instant_typed
from client.cli.render import labelled
from client.cli.screen import print_facts, print_table, remark
from client.cli.times import when
from client.cli.words import both, lang, say, tr
from client.export.read_out import shown_header

_id = click.argument("document_id", metavar="ID")


def report_asked(state: State, done: Any) -> None:
    """Say what waits for a colleague now."""
    if not state.answer(done):
        print_facts([(say("Väntar på godkännande", "Waits for approval"), done["document_id"])])


@click.group(
    cls=Group,
    invoke_without_command=True,
    help=both("Visa vad som väntar på en andra person.", "Show what waits for a second person."),
)
@pass_state
@click.pass_context
def approvals(ctx: click.Context, state: State) -> None:
    """Oldest first."""
    if ctx.invoked_subcommand is not None:
        return
    rows = state.ask("approvals")
    if state.answer(rows):
        return
    columns = ("Id", say("Slag", "Kind"), say("Till", "To"), say("Skrivet av", "Written by"), say("Läge", "State"))
    print_table(
        (*columns, say("Tid", "Time"), say("Varför", "Why")),
        [
            (row["document_id"][:SHORT], tr(row["title"]), row["unit"], row["author"], state_words(row["state"]),
             when(row["at"]), row["reason"] or row["code"])
            for row in rows
        ],
    )  # fmt: skip


@approvals.command(cls=Command, help=both("Visa det som mottagaren får läsa.", "Show what the recipient will read."))
@_id
@pass_state
def show(state: State, document_id: str) -> None:
    """The whole document, and what stands in the way of approving it."""
    facts = state.ask("approval_show", document_id=document_id)
    if not state.answer(facts):
        _print(facts)


@approvals.command(cls=Command, help=both("Ta tillbaka en egen begäran.", "Take back an own request."))
@_id
@pass_state
def withdraw(state: State, document_id: str) -> None:
    """It is not sent, whoever approves it."""
    _print_state(state, state.ask("approval_withdraw", document_id=document_id))


_DATES: Final = click.option(
    "--date", "given", cls=Option, multiple=True, metavar="FIELD=DAY",
    help=both("Nytt datum i stället för ett som har passerat.", "New date in the place of one that has passed."),
)  # fmt: skip


@approvals.command(
    cls=Command, help=both("Skriv på nytt det som en spärrad dator lämnade.", "Write anew what a revoked machine left.")
)
@_id
@_DATES
@pass_state
def take(state: State, document_id: str, given: tuple[str, ...]) -> None:
    """As an own document, which another colleague must approve."""
    dates = _dates(state, document_id, given)
    _print_state(state, state.ask("approval_take_over", document_id=document_id, dates=dates))


@approvals.command(
    cls=Command,
    help=both(
        "Skriv en egen begäran på nytt, med nya datum i stället för dem som har passerat.",
        "Write an own request anew, with new dates in the place of those that have passed.",
    ),
)
@_id
@_DATES
@pass_state
def renew(state: State, document_id: str, given: tuple[str, ...]) -> None:
    """All else is as it was; the old request is taken back, and the new one needs an approval."""
    dates = _dates(state, document_id, given)
    _print_state(state, state.ask("approval_renew", document_id=document_id, dates=dates))


def _dates(state: State, document_id: str, given: tuple[str, ...]) -> dict[str, str]:
    """New dates by field: as they were given, else asked for where somebody is at the terminal."""
    dates = {name: instant_typed(day) for name, _, day in (one.partition("=") for one in given)}
    if dates or state.as_json or not sys.stdin.isatty():
        return dates
    for one in state.ask("approval_show", document_id=document_id)["passed"]:
        remark(f"{tr(one['label'])}: {when(one['value'])}")
        dates[one["path"]] = instant_typed(ask_line(say("Nytt datum", "New date")))
    return dates


@click.command(
    cls=Command,
    help=both("Godkänn en kollegas dokument med din underskrift.", "Approve a colleague's document by your signature."),
)
@_id
@click.option("--yes", cls=Option, is_flag=True, help=both("Visa inte och fråga inte.", "Do not show, do not ask."))
@pass_state
def approve(state: State, document_id: str, *, yes: bool) -> None:
    """What is signed is what was shown: the document under the whole id."""
    facts = state.ask("approval_show", document_id=document_id)
    if not yes and not state.as_json and sys.stdin.isatty() and not facts["obstacle"]:
        _print(facts)
        remark("")
        if not confirm(say("Står du också för dokumentet?", "Do you answer for the document too?")):
            remark(say("Inget skrevs under.", "Nothing was signed."))
            return
    _print_state(state, state.ask("approve", document_id=facts["document_id"]))


@click.command(cls=Command, help=both("Låt bli att godkänna, och säg varför.", "Do not approve, and say why."))
@_id
@click.option("--reason", cls=Option, required=True, help=both("Varför; lämnar inte enheten.", "Stays in the unit."))
@pass_state
def decline(state: State, document_id: str, reason: str) -> None:
    """Its author is told."""
    _print_state(state, state.ask("decline", document_id=document_id, reason=reason))


def _print_state(state: State, facts: dict[str, Any]) -> None:
    if not state.answer(facts):
        print_facts([(tr(facts["title"]), facts["document_id"]), (say("Läge", "State"), state_words(facts["state"]))])


def _print(facts: dict[str, Any]) -> None:
    print_facts(
        [
            (tr(facts["title"]), facts["document_id"]),
            (say("Till", "To"), facts["unit"]),
            (say("Skrivet av", "Written by"), facts["author"]),
            (say("Läge", "State"), state_words(facts["state"])),
            (say("Tråd", "Thread"), facts["thread_id"]),
            (say("Tid", "Time"), when(facts["at"])),
            (say("Beslutat av", "Decided by"), facts["decided_by"]),
            (say("Skäl", "Reason"), facts["reason"]),
        ]
    )
    click.echo("")
    print_facts(labelled(shown_header(), facts["header"]))
    print_facts(labelled(describe(facts["kind"]) if facts["kind"] in KINDS else (), facts["content"]))
    if facts["obstacle"]:
        told = explain(facts["obstacle"], lang())
        remark(f"{told.sentence} {told.next_step}")
