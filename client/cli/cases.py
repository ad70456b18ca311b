"""``case``, ``reads`` and ``return-code``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from client.casework.codelists import READ_REASON
from client.casework.kinds.registry import KINDS
from client.cli.approvals import report_asked
from client.cli.base import Command, Option, State, pass_state
from client.cli.clocks import due
from client.cli.looking import SHORT, counterpart
from client.cli.screen import print_facts, print_table, remark
from client.cli.times import when
from client.cli.words import both, say, tr
from keys.errors import LocalError

_GROUP = 4  # characters of a code that are read out together


@click.command(cls=Command, help=both("Visa allt i ett ärende.", "Show all of a case."))
@click.argument("principal_ref", metavar="NYCKEL")
@pass_state
def case(state: State, principal_ref: str) -> None:
    """Threads, consents, and how long threat results count."""
    facts = state.ask("case", principal_ref=principal_ref)
    if state.answer(facts):
        return
    print_facts([(say("Ärende", "Case"), facts["principal_ref"])])
    columns = (say("Tråd", "Thread"), say("Enhet", "Unit"), say("Läge", "State"), say("Senast", "Due"))
    print_table(
        columns,
        [(one["thread_id"][:SHORT], counterpart(one), tr(one["state_label"]), due(one)) for one in facts["threads"]],
    )
    print_facts(
        (say("Samtycke", "Consent"), f"{one['consent_id'][:SHORT]} {tr(one['status_label'])}, {one['valid_to']}")
        for one in facts["consents"]
    )
    ended = {False: say("har gått ut", "has expired"), True: say("är ersatt", "has been replaced")}
    print_facts(
        (
            say("Hotbildsresultat", "Threat result"),
            f"{one['document_id'][:SHORT]} {one['valid_until']}"
            + ("" if one["current"] else f", {ended[one['replaced']]}"),
        )
        for one in facts["threat_results"]
    )


@click.command(
    cls=Command, help=both("Visa vem som har läst hotbilder och placeringar.", "Show who read threats and places.")
)
@pass_state
def reads(state: State) -> None:
    """Newest first."""
    rows = state.ask("reads")
    if state.answer(rows):
        return
    columns = (say("Tid", "Time"), say("Vem", "Who"), say("Dokument", "Document"), say("Slag", "Kind"))
    print_table(
        (*columns, say("Skäl", "Reason")),
        [
            (
                when(one["at"]),
                one["staff"],
                one["document_id"][:SHORT],
                tr(KINDS[one["kind"]].title_sv) if one["kind"] in KINDS else one["kind"],
                tr(READ_REASON.label(one["reason"])),
            )
            for one in rows
        ],
    )


@click.command(
    "export", cls=Command,
    help=both("Ta ut ett ärende som en fil för arkivet. Det loggas.", "Take a case out as a file. It is logged."),
)  # fmt: skip
@click.argument("principal_ref", metavar="NYCKEL")
@click.option(
    "--out", cls=Option, type=click.Path(path_type=Path, dir_okay=False),
    help=both("Fil som skapas; en som finns skrivs inte över.", "File to make; one that exists is not written over."),
)  # fmt: skip
@click.option(
    "--reason", cls=Option, type=click.Choice(sorted(READ_REASON.codes)), default="utlamnande",
    help=both("Varför; det loggas.", "Why; it is logged."),
)  # fmt: skip
@click.option(
    "--ask", "why", cls=Option, metavar="TEXT",
    help=both("Be en kollega godkänna: varför, till vem.", "Ask a colleague to approve: why, for whom."),
)  # fmt: skip
@pass_state
def export(state: State, principal_ref: str, out: Path | None, reason: str, why: str | None) -> None:
    """By the role arkivarie, when a colleague has approved. What is not in the file is told, here and in the file."""
    if why is not None:
        report_asked(state, state.ask("case_export_ask", principal_ref=principal_ref, why=why))
        return
    if out is None:
        raise click.UsageError("--out")
    made = state.ask("case_export", principal_ref=principal_ref, path=str(out.absolute()), reason=reason)
    if state.answer(made):
        return
    print_facts(
        [
            (say("Fil", "File"), made["path"]),
            (say("Dokument", "Documents"), made["documents"]),
            (say("Bilagor", "Attached files"), made["files"]),
            (say("Samtycken", "Consents"), made["consents"]),
        ]
    )
    print_facts((say("Saknas", "Lacks"), f"{one['what']} {one['id'][:SHORT]} {one['why']}") for one in made["lacks"])
    remark(say("Filen är inte krypterad. Ta bort den när du är klar.", "It is not encrypted. Delete it when done."))


@click.command(
    "return-code",
    cls=Command,
    help=both(
        "Ge en återkomstkod, eller hitta kontakten som har en. Koden läses från terminalen eller standard in.",
        "Give a return code, or find the contact that has one. The code is asked for, or read from standard input.",
    ),
)
@click.option("--new", "is_new", cls=Option, is_flag=True, help=both("Ge en ny kod.", "Give a new code."))
@pass_state
def return_code(state: State, is_new: bool) -> None:
    """A code is never an argument: those are seen by others on the machine and kept in histories."""
    if is_new:
        _give(state)
        return
    found = state.ask("return_code_find", code=_said())
    if not state.answer(found):
        print_facts([(say("Kontakt", "Contact"), found["document_id"])])


def _give(state: State) -> None:
    given = state.ask("return_code_new")
    if state.answer(given):
        return
    code = given["code"]
    parts = [code[at : at + _GROUP] for at in range(0, len(code), _GROUP)]
    print_facts([(say("Återkomstkod", "Return code"), " ".join(parts))])
    remark(
        say(
            "Läs upp koden. Den visas bara nu, och är enda vägen tillbaka för den som inte vill säga sitt namn.",
            "Read the code out. It is shown only now, and is the only way back for somebody who gives no name.",
        )
    )
    if sys.stdin.isatty():
        _hear(code)
    print_facts([("return_code_check", given["check"])])


def _hear(code: str) -> None:
    """Go on only when the caller has repeated the code."""
    while (
        _plain(
            click.prompt(say("Låt personen upprepa koden. Skriv den", "Let the caller repeat it. Type it"), err=True)
        )
        != code
    ):
        remark(say("Det är inte samma kod. Läs upp den igen.", "That is not the same code. Read it out again."))


def _plain(said: str) -> str:
    return "".join(character for character in said.upper() if character.isalnum())


def _said() -> str:
    if sys.stdin.isatty():
        return str(click.prompt(say("Återkomstkod", "Return code"), err=True))
    said = sys.stdin.readline(80).strip()
    if not said:
        raise LocalError("RETURNCODE")
    return said
