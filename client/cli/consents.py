"""``sluss consent``: register what was signed on paper, show it, withdraw it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from client.api.consent_declared import RECORD, SHOWN
from client.casework.consent import ConsentRecord
from client.casework.defaults import Writing, defaults_in
from client.casework.kinds.registry import describe, describe_header
from client.cli.attachments import staged
from client.cli.base import Group, Option, State, pass_state
from client.cli.files import JSON_FILE, read_json
from client.cli.prompts import ask_field, ask_form, ask_line, confirm
from client.cli.render import labelled
from client.cli.screen import print_facts, print_table, remark
from client.cli.sending import send
from client.cli.times import when
from client.cli.words import both, say, tr

_SIGNED: Final = {"@signed": True}


@click.group(cls=Group, help=both("Samtycken: registrera, visa, återkalla.", "Consents: register, show, withdraw."))
def consent() -> None:
    """All about consents."""


@consent.command("list", help=both("Visa samtycken.", "List consents."))
@pass_state
def list_consents(state: State) -> None:
    """Status and what they cover."""
    rows = state.ask("consent_list")
    if state.answer(rows):
        return
    print_table(
        ("Id", say("Läge", "Status"), say("Ansvarig enhet", "Unit"), say("Gäller till", "Valid to")),
        [(row["consent_id"][:8], tr(row["status_label"]), row["controller"], row["valid_to"]) for row in rows],
    )


@consent.command(help=both("Visa ett samtycke.", "Show a consent."))
@click.argument("consent_id", metavar="ID")
@pass_state
def show(state: State, consent_id: str) -> None:
    """Record, status, withdrawals."""
    facts = state.ask("consent_show", consent_id=consent_id)
    if state.answer(facts):
        return
    print_facts([(say("Samtycke", "Consent"), facts["consent_id"]), (say("Läge", "Status"), tr(facts["status_label"]))])
    print_facts([(say("Ansvarig enhet", "Unit"), facts["controller"])])
    print_facts(labelled(SHOWN, _with_names(facts["record"], facts["names"])))
    for one in facts["withdrawals"]:
        print_facts([(say("Återkallat", "Withdrawn"), when(one["at"]))])


@consent.command(help=both("Registrera ett undertecknat samtycke.", "Register a signed consent."))
@click.option(
    "--file", "record_file", cls=Option, type=JSON_FILE,
    help=both("Uppgifterna som JSON; - läser standard in.", "The record as JSON; - reads standard input."),
)  # fmt: skip
@click.option("--supersedes", cls=Option, help=both("Id för samtycket som utökas.", "Id of the consent it extends."))
@click.option("--case", cls=Option, help=both("Nyckel till ett ärende som finns här.", "Key of a case that is here."))
@click.option(
    "--send-to", cls=Option, multiple=True, help=both("Enhet som ska få veta det.", "Unit that is to be told.")
)
@click.option(
    "--header", "header_file", cls=Option, type=JSON_FILE,
    help=both("Fält i huvudet som JSON.", "Fields of the header as JSON."),
)  # fmt: skip
@click.option(
    "--scan", cls=Option, type=click.Path(path_type=Path, dir_okay=False),
    help=both("Det inskannade originalet.", "The scanned original."),
)  # fmt: skip
@click.option("--yes", cls=Option, is_flag=True, help=both("Bekräfta det som ska bekräftas.", "Confirm what must be."))
@pass_state
def new(
    state: State, /, record_file: Path | None, supersedes: str | None, header_file: Path | None, **given: Any
) -> None:
    """Sign and keep a record; tell units."""
    is_asked = record_file is None
    if is_asked and not sys.stdin.isatty():
        raise click.UsageError("--file")
    case: str | None = given["case"] or (_asked_case(state) if is_asked and supersedes is None else None)
    proposed = defaults_in(ConsentRecord, Writing(datetime.now(UTC)), "")
    record = read_json(record_file) if record_file is not None else ask_form(RECORD, _SIGNED, proposed=proposed)
    if supersedes is not None:
        record["supersedes"] = supersedes
    send_to: list[str] = list(given["send_to"])
    header = _header(header_file, needs_person=bool(send_to) and is_asked)
    if is_asked and not given["yes"] and not confirm(say("Registrera samtycket?", "Register the consent?")):
        remark(say("Inget sparades.", "Nothing was saved."))
        return
    scan = staged(state, (given["scan"],), ())[0] if given["scan"] is not None else None
    parts = {"record": record, "principal_ref": case, "scan": scan, "send_to": send_to, "header": header}
    done = send(state, "consent_new", yes=given["yes"], **parts)
    if not state.answer(done):
        print_facts([(say("Samtycke", "Consent"), done["consent_id"])])
        print_facts((say("Köat dokument", "Queued document"), one) for one in done["documents"])


@consent.command(help=both("Återkalla ett samtycke. Alla sätt gäller.", "Withdraw a consent, in whatever form."))
@click.argument("consent_id", metavar="ID")
@click.option("--how", cls=Option, help=both("Hur det kom in, t.ex. telefon.", "How it came in, e.g. telefon."))
@click.option("--scope", cls=Option, type=click.Choice(["helt", "mottagare", "syfte"]), default="helt")
@click.option("--recipient", cls=Option, help=both("Enhet, vid mottagare.", "Unit, with mottagare."))
@click.option("--purpose", "purposes", cls=Option, multiple=True, help=both("Ändamål, vid syfte.", "With syfte."))
@click.option("--yes", cls=Option, is_flag=True, help=both("Fråga inte.", "Do not ask."))
@pass_state
def withdraw(state: State, /, consent_id: str, how: str | None, yes: bool, **given: Any) -> None:
    """Stop, call back, tell."""
    if how is None:
        if not sys.stdin.isatty():
            raise click.UsageError("--how")
        asked = next(info for info in describe("samtycke.aterkallat") if info.name == "received_how")
        how = ask_field(asked, {}, {})
    if not yes and sys.stdin.isatty() and not confirm(say("Återkalla samtycket?", "Withdraw the consent?")):
        remark(say("Inget ändrades.", "Nothing was changed."))
        return
    purposes = list(given.pop("purposes"))
    done = state.ask("consent_withdraw", consent_id=consent_id, received_how=how, purposes=purposes, **given)
    if not state.answer(done):
        print_facts(
            [
                (say("Stoppade innan de lämnade datorn", "Stopped before they left"), done["stopped"]),
                (say("På väg, återkallas nu", "On their way, being recalled"), done["recalling"]),
            ]
        )
        print_facts((say("Redan hos", "Already with"), one["unit"]) for one in done["delivered"])
        print_facts((say("Köat besked", "Queued notice"), one) for one in done["documents"])


def _with_names(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The record with units by name, for a person."""
    named = {}
    for block in ("parties", "private_parties", "not_concerned", "circle"):
        rows = [{key: names.get(value, value) for key, value in row.items()} for row in record.get(block, [])]
        named[block] = rows
    return {**record, **named}


def _asked_case(state: State) -> str | None:
    """The case that a consent belongs to; None for a new one. A wrong key is told before the long form is filled in."""
    typed = ask_line(say("Ärendets nyckel, tomt för ett nytt ärende", "Key of the case, empty for a new one"))
    return str(state.ask("case", principal_ref=typed)["principal_ref"]) if typed else None


def _header(path: Path | None, *, needs_person: bool) -> dict[str, Any]:
    if path is not None:
        return read_json(path)
    if not needs_person:
        return {}
    person = next(info for info in describe_header() if info.name == "subject_person")
    return {"subject_person": ask_field(person, {}, {"@subject_person": "required"})}
