"""``search``: look for words in all documents that are here, as the page does and through the same index."""

from __future__ import annotations

import sys

import click

from client.cli.base import Command, Option, State, pass_state
from client.cli.looking import SHORT, old_marks
from client.cli.screen import print_table, remark
from client.cli.times import when
from client.cli.words import both, say, tr
from client.engine.searching import BEGIN, END, MAX_FOUND

_MOST = 200  # characters, as at the page
_AROUND = {BEGIN: "»", END: "«", "\n": " "}


@click.command(
    cls=Command,
    help=both(
        "Sök i alla dokument, anteckningar och filnamn. Orden läses från terminalen eller standard in.",
        "Search all documents, notes and file names. The words are asked for, or read from standard input.",
    ),
)
@click.option(
    "--page", cls=Option, type=click.IntRange(1, 10_000), default=1,
    help=both("Vilken sida av träffarna.", "Which page of the hits."),
)  # fmt: skip
@pass_state
def search(state: State, page: int) -> None:
    """Newest first. What is looked for is never an argument: those are seen by others and kept in histories."""
    found = state.ask("search", text=_words(), page=page - 1, whole=True)
    if state.answer(found):
        return
    columns = ("Id", say("Slag", "Kind"), say("Enhet", "Unit"), say("Tid", "Time"), say("Utdrag", "Excerpt"))
    print_table(
        columns,
        [
            (
                one["document_id"][:SHORT],
                ", ".join([tr(one["title"]), *old_marks(one)]),
                one["unit"],
                when(one["at"]),
                one["excerpt"].translate(str.maketrans(_AROUND)),
            )
            for one in found["found"]
        ],
    )
    if not found["found"]:
        remark(say("Inget dokument har alla orden.", "No document has all of the words."))
    if found["more"]:
        remark(
            say(
                f"Det finns fler än {page * MAX_FOUND}. Skriv ett ord till, eller se nästa med --page {page + 1}.",
                f"There are more than {page * MAX_FOUND}. Add a word, or see the next ones with --page {page + 1}.",
            )
        )


def _words() -> str:
    """What to look for.

    Raises:
        click.UsageError: nothing was said.
    """
    if sys.stdin.isatty():
        said = str(click.prompt(say("Sök efter", "Search for"), err=True))
    else:
        said = sys.stdin.readline(_MOST + 1)
    if not said.strip():
        raise click.UsageError("search")
    return said.strip()[:_MOST]
