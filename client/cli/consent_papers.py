"""``sluss consent form`` and ``sluss consent export``: a consent on paper, and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from client.casework.codelists import CASE_TYPE
from client.cli.approvals import report_asked
from client.cli.base import Command, Option, State, pass_state
from client.cli.files import JSON_FILE, read_json
from client.cli.screen import print_facts
from client.cli.words import both, say
from client.engine.portable import write_private
from keys.errors import LocalError

_OUT: Final = click.option(
    "--out", cls=Option, required=True, type=click.Path(path_type=Path, dir_okay=False),
    help=both("Fil som skapas; en som finns skrivs inte över.", "File to make; one that exists is not written over."),
)  # fmt: skip
_HTML: Final = frozenset({".html", ".htm"})


@click.command(
    "form", cls=Command, help=both("Gör blanketten att skriva under på papper.", "Make the form to sign on paper.")
)
@click.option(
    "--case-type", cls=Option, required=True, type=click.Choice([code for code, _ in CASE_TYPE.items]),
    help=both("Ärendetyp.", "Case type."),
)  # fmt: skip
@click.option(
    "--file", "record_file", cls=Option, type=JSON_FILE,
    help=both("Det som redan är känt, som JSON.", "What is known already, as JSON."),
)  # fmt: skip
@click.option("--easy", cls=Option, is_flag=True, help=both("Lättläst.", "Easy to read."))
@click.option("--child", cls=Option, is_flag=True, help=both("Personen är under 18 år.", "The person is under 18."))
@_OUT
@pass_state
def form(state: State, /, case_type: str, record_file: Path | None, easy: bool, child: bool, out: Path) -> None:
    """As a page for ``.html``, else as text."""
    _require_new(out)
    record = {} if record_file is None else read_json(record_file)
    paper = state.ask("consent_form", case_type=case_type, record=record, easy=easy, child=child)
    _write(state, out, paper["html" if out.suffix.lower() in _HTML else "text"])


@click.command(
    "export", cls=Command,
    help=both("Ta ut ett samtycke som fil. Det loggas.", "Take a consent out as a file. Logged."),
)  # fmt: skip
@click.argument("consent_id", metavar="ID")
@click.option(
    "--format", "form_of", cls=Option, type=click.Choice(["27560", "fhir", "json"]), default="json",
    help=both("ISO/IEC TS 27560, FHIR R5 eller egna fält.", "ISO/IEC TS 27560, FHIR R5 or own fields."),
)  # fmt: skip
@click.option(
    "--out", cls=Option, type=click.Path(path_type=Path, dir_okay=False),
    help=both("Fil som skapas; en som finns skrivs inte över.", "File to make; one that exists is not written over."),
)  # fmt: skip
@click.option(
    "--ask", "why", cls=Option, metavar="TEXT",
    help=both("Be en kollega godkänna: varför, till vem.", "Ask a colleague to approve: why, for whom."),
)  # fmt: skip
@pass_state
def export(state: State, /, consent_id: str, form_of: str, out: Path | None, why: str | None) -> None:
    """Who took it out, when and in which form, stands in ``sluss reads``; who is a child or placed takes two."""
    if why is not None:
        report_asked(state, state.ask("consent_export_ask", consent_id=consent_id, why=why))
        return
    if out is None:
        raise click.UsageError("--out")
    _require_new(out)
    made = state.ask("consent_export", consent_id=consent_id, format=form_of)
    _write(state, out, made["text"])


def _require_new(out: Path) -> None:
    if out.exists():
        raise LocalError("EXISTS")


def _write(state: State, out: Path, text: str) -> None:
    write_private(out, text.encode())
    if not state.answer({"file": str(out)}):
        print_facts([(say("Fil", "File"), out)])
