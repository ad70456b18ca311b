"""``sluss consent`` beyond registering: supplement, renew, refuse, mistake, history; and ``sluss disclosures``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from client.casework.codelists import AUTHORITY, DISCLOSURE_BASIS
from client.casework.consent_events import EVENT_TYPE
from client.casework.kinds.registry import KINDS
from client.casework.kinds.samtycke_words import MISTAKE, REFUSED
from client.casework.set_aside import POLICE_REGION
from client.cli.approvals import report_asked
from client.cli.base import Command, Option, State, pass_state
from client.cli.consents import consent
from client.cli.files import JSON_FILE, read_json
from client.cli.prompts import confirm
from client.cli.screen import print_facts, print_table, remark
from client.cli.sending import send
from client.cli.times import when
from client.cli.words import both, say

_SHORT: Final = 8


def _more(state: State, command: str, consent_id: str, given: dict[str, Any], record: dict[str, Any]) -> None:
    header_file: Path | None = given["header_file"]
    done = send(
        state,
        command,
        yes=given["yes"],
        consent_id=consent_id,
        record=record,
        send_to=list(given["send_to"]),
        header={} if header_file is None else read_json(header_file),
    )
    if not state.answer(done):
        print_facts([(say("Samtycke", "Consent"), done["consent_id"])])
        print_facts((say("Köat dokument", "Queued document"), one) for one in done["documents"])


def _more_file(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--file", "record_file", cls=Option, type=JSON_FILE, required=required,
        help=both("Det som är nytt, som JSON; - läser standard in.", "What is new, as JSON; - reads standard input."),
    )  # fmt: skip


_SEND_TO: Final = click.option(
    "--send-to", cls=Option, multiple=True, help=both("Enhet som ska få veta det.", "Unit that is to be told.")
)
_HEADER: Final = click.option(
    "--header", "header_file", cls=Option, type=JSON_FILE,
    help=both("Fält i huvudet som JSON.", "Fields of the header as JSON."),
)  # fmt: skip
_YES: Final = click.option(
    "--yes", cls=Option, is_flag=True, help=both("Bekräfta det som ska bekräftas.", "Confirm what must be.")
)


@consent.command(
    help=both(
        "Registrera ett tillägg: det som personen har undertecknat, eller vem som inte är berörd och varför.",
        "Register a supplement: what the person has signed, or who is not concerned and why.",
    )
)
@click.argument("consent_id", metavar="ID")
@_more_file(required=False)
@click.option(
    "--not-concerned", "authority", cls=Option, type=click.Choice(sorted(AUTHORITY.codes)),
    help=both("Myndighet som inte är berörd.", "Authority that is not concerned."),
)  # fmt: skip
@click.option("--unit", cls=Option, help=both("Bara den enheten hos myndigheten.", "Only that unit of the authority."))
@click.option(
    "--region", cls=Option, type=click.Choice(sorted(POLICE_REGION.codes)),
    help=both("Bara polisen i den regionen.", "Only the police of that region."),
)  # fmt: skip
@click.option("--reason", cls=Option, help=both("Varför den inte är berörd.", "Why it is not concerned."))
@_SEND_TO
@_HEADER
@_YES
@pass_state
def supplement(state: State, /, consent_id: str, **given: Any) -> None:
    """What the person has signed in addition, or whom the handler sets aside; a circle keeps it from all others."""
    names = ("authority", "unit", "region", "reason")
    aside = _said({name: given[name] for name in names})
    if (given["record_file"] is None and not aside) or (aside and not {"authority", "reason"} <= aside.keys()):
        raise click.UsageError("--not-concerned")
    record = {} if given["record_file"] is None else read_json(given["record_file"])
    if aside:
        record = {**record, "not_concerned": [*record.get("not_concerned", []), aside]}
    _more(state, "consent_supplement", consent_id, given, record)


@consent.command(help=both("Förnya ett samtycke med en ny underskrift.", "Renew a consent with a new signature."))
@click.argument("consent_id", metavar="ID")
@_more_file(required=True)
@_SEND_TO
@_HEADER
@_YES
@pass_state
def renew(state: State, /, consent_id: str, **given: Any) -> None:
    """A new time, a new signature; the rest as before."""
    _more(state, "consent_renew", consent_id, given, read_json(given["record_file"]))


@consent.command(
    help=both(
        "Anteckna att personen inte vill ge samtycke. Ärendet avslutas här, och ingen annan får veta det.",
        "Note that the person does not consent. The case ends here, and nobody else is told.",
    )
)
@click.option("--case", "principal_ref", cls=Option, help=both("Ärendets nyckel.", "The key of the case."))
@click.option(
    "--exclude", "excluded", cls=Option, multiple=True, type=click.Choice(sorted(AUTHORITY.codes)),
    help=both("Myndighet som personen vill utesluta.", "Authority that the person wants to leave out."),
)  # fmt: skip
@click.option("--note", cls=Option, help=both("Anteckning som stannar i enheten.", "A note that stays in the unit."))
@click.option(
    "--informed", cls=Option, is_flag=True,
    help=both("Personen vet vad det innebär.", "The person knows what it means."),
)  # fmt: skip
@pass_state
def refuse(state: State, /, informed: bool, excluded: tuple[str, ...], **given: Any) -> None:
    """A note, and every open thread of the case stops."""
    if not informed and sys.stdin.isatty():
        informed = confirm(
            say(
                "Har personen fått veta att ärendet då inte kan fortsätta?",
                "Has the person been told that the case cannot go on then?",
            )
        )
    what = "vill_utesluta_myndighet" if excluded else "helt"
    done = state.ask(
        "consent_refuse", what=what, excluded=list(excluded), informed_of_consequence=informed, **_said(given)
    )
    if state.answer(done):
        return
    print_facts([(say("Noterat", "Noted"), f"{done['document_id'][:_SHORT]} {REFUSED.label(what)}")])
    print_facts((say("Stoppad tråd", "Stopped thread"), one[:_SHORT]) for one in done["closed"])


@consent.command(
    help=both(
        "Säg att ett samtycke är registrerat av misstag. En kollega måste godkänna det.",
        "Say that a consent was entered by mistake. A colleague must approve it.",
    )
)
@click.argument("consent_id", metavar="ID")
@click.option(
    "--reason", cls=Option, required=True, type=click.Choice([code for code, _ in MISTAKE.items]),
    help=both("Vad som är fel.", "What is wrong."),
)  # fmt: skip
@click.option("--note", cls=Option, help=both("Anteckning som stannar i enheten.", "A note that stays in the unit."))
@pass_state
def mistake(state: State, /, consent_id: str, **given: Any) -> None:
    """It is out of force when the colleague has approved."""
    done = state.ask("consent_mistake", consent_id=consent_id, **_said(given))
    report_asked(state, done)


@consent.command(help=both("Visa hur ett samtycke har kommit till.", "Show how a consent came about."))
@click.argument("consent_id", metavar="ID")
@pass_state
def history(state: State, consent_id: str) -> None:
    """Records, events, withdrawals, and who has been told and has answered."""
    facts = state.ask("consent_history", consent_id=consent_id)
    if state.answer(facts):
        return
    for version in facts["versions"]:
        print_facts([(say("Post", "Record"), f"{version['consent_id'][:_SHORT]} {version['status_label']}")])
        print_facts((when(one["at"]), EVENT_TYPE.label(one["type"])) for one in version["events"])
    for one in facts["withdrawals"]:
        print_facts([(say("Återkallat", "Withdrawn"), when(one["at"]))])
    print_table(
        (say("Tid", "Time"), say("Slag", "Kind"), say("Enhet", "Unit"), say("Läge", "State")),
        [(when(one["at"]), KINDS[one["kind"]].title_sv, one["unit"], one["state"]) for one in facts["documents"]],
    )


@click.command(
    cls=Command,
    help=both("Visa vad som lämnats ut på annan grund än samtycke.", "Show what was disclosed on other grounds."),
)
@pass_state
def disclosures(state: State) -> None:
    """Newest first, with the one who decided."""
    rows = state.ask("disclosures")
    if state.answer(rows):
        return
    if not rows:
        remark(say("Inget.", "None."))
        return
    columns = (say("Tid", "Time"), say("Dokument", "Document"), say("Enhet", "Unit"), say("Grund", "Ground"))
    print_table((*columns, say("Beslutsfattare", "Decided by")), [_row(one) for one in rows])


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    decision = one["disclosure_decision"] or {}
    ground = f"{DISCLOSURE_BASIS.label(one['disclosure_basis'])}, {decision.get('lagrum', '')}"
    decided = (decision.get("beslutsfattare") or {}).get("name", "")
    return (str(when(one["at"])), one["document_id"][:_SHORT], one["unit"], ground, decided)


def _said(given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in given.items() if value is not None}
