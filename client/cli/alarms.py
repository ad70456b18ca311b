"""``alarms``: what a person must see, that they have seen it, and the evidence to hand on."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import click

from client.casework.codes import explain
from client.cli.base import Command, Group, Option, State, pass_state
from client.cli.opening import require_absent
from client.cli.screen import print_facts, print_table, remark
from client.cli.times import when
from client.cli.words import both, lang, say
from keys.files import write_durably

_number = click.argument("number", metavar="NR", type=click.IntRange(1, 2**53 - 1))


@click.group(cls=Group, invoke_without_command=True, help=both("Visa larm.", "Show alarms."))
@click.option(
    "--all", "everything", cls=Option, is_flag=True,
    help=both("Även sådana som är sedda eller över.", "Also those that are seen or over."),
)  # fmt: skip
@pass_state
@click.pass_context
def alarms(ctx: click.Context, state: State, *, everything: bool) -> None:
    """What a person must see, oldest first."""
    if ctx.invoked_subcommand is not None:
        return
    rows = state.ask("alarms", everything=everything)
    if state.answer(rows):
        return
    columns = (say("Nr", "No"), say("När", "When"), say("Kod", "Code"), say("Dokument", "Document"))
    print_table(
        (*columns, say("Vad", "What"), say("Gör så här", "Do"), say("Bevis", "Evidence"), say("Sett", "Seen")),
        [
            (row["n"], when(row["at"]), row["code"], (row["document_id"] or "")[:8], *_words(row),
             say("ja", "yes") if row["evidence"] else "", _seen(row))
            for row in rows
        ],
    )  # fmt: skip


@alarms.command(cls=Command, help=both("Märk ett larm som sett av dig.", "Mark an alarm as seen by you."))
@_number
@pass_state
def seen(state: State, number: int) -> None:
    """It leaves the list; what happens anew raises it anew."""
    facts = state.ask("alarm_seen", n=number)
    if not state.answer(facts):
        print_facts([(facts["code"], _words(facts)[0]), (say("Sett", "Seen"), _seen(facts))])


@alarms.command(
    cls=Command,
    help=both(
        "Skriv det som sparades med ett larm till en fil.\n\n"
        "En kluven katalog bedöms av var och en med: sluss-keys evidence FIL.",
        "Write what was kept with an alarm to a file.\n\n"
        "Anybody judges a forked directory with: sluss-keys evidence FILE.",
    ),
)
@_number
@click.option(
    "--out", cls=Option, type=click.Path(path_type=Path, dir_okay=False), required=True,
    help=both("Ny fil.", "New file."),
)  # fmt: skip
@pass_state
def evidence(state: State, number: int, out: Path) -> None:
    """Signed objects and notes; never the text of a document."""
    require_absent(out)
    kept = base64.b64decode(state.ask("alarm_evidence", n=number)["evidence"])
    write_durably(out, kept)
    if not state.answer({"n": number, "path": str(out), "bytes": len(kept)}):
        print_facts([(say("Bevis", "Evidence"), out), (say("Storlek", "Bytes"), len(kept))])
        remark(
            say(
                "Ett dokument säger vem som skrev till vem. Ge filen bara till den som utreder.",
                "A document says who wrote to whom. Hand the file to whoever investigates and to nobody else.",
            )
        )


def _words(row: dict[str, Any]) -> tuple[str, str]:
    told = explain(row["code"], lang())
    return told.sentence, told.next_step


def _seen(row: dict[str, Any]) -> str:
    if row["seen_at"] is not None:
        return f"{row['seen_by']} {when(row['seen_at'])}".strip()
    return say("över", "over") if row["ended_at"] is not None else ""
