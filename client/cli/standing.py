"""Commands that show how the office stands, and ``sync``."""

from __future__ import annotations

from typing import Any

import click

from client.casework.codes import explain
from client.cli.base import Command, State, pass_state
from client.cli.screen import print_facts, print_table, remark
from client.cli.times import when
from client.cli.words import both, lang, say


@click.command(cls=Command, help=both("Visa hur kontoret står.", "Show how the office stands."))
@pass_state
def status(state: State) -> None:
    """One look at everything."""
    outcome = state.call("status")
    facts = {**outcome.result, "open": outcome.is_open}
    if state.answer(facts):
        return
    not_yet = say("inte synkad än", "not synced yet")
    print_facts(
        [
            (say("Enhet", "Unit"), facts["unit"]["name_sv"] or not_yet),
            (say("Organisation", "Organisation"), facts["unit"]["organisation"]),
            (say("Handläggare", "Staff"), facts["staff"]),
            (say("Olästa", "Unread"), facts["unread"]),
            (say("I utkorgen", "In the outbox"), facts["outbox"]),
            (say("I karantän", "In quarantine"), facts["quarantine"]),
            (say("Saknade dokument", "Missing documents"), facts["gaps"]),
            (say("Kvittenser att skicka", "Receipts to send"), facts["receipts_due"]),
            (say("Brevlådan senast läst", "Mailbox last read"), when(facts["drained_at"])),
        ]
    )
    if not facts["open"]:
        remark(
            say(
                "Kontoret är inte öppet: ingenting hämtas eller skickas av sig självt. Öppna det med sluss run.",
                "The office is not open: nothing is fetched or sent by itself. Open it with sluss run.",
            )
        )
    for code in [*facts["alarms"], *([facts["trouble"]] if facts["trouble"] else [])]:
        told = explain(code, lang())
        remark(f"{told.sentence} {told.next_step} ({code})")


@click.command(cls=Command, help=both("Hämta och skicka nu.", "Fetch and send now."))
@pass_state
def sync(state: State) -> None:
    """One pass."""
    done = state.ask("sync")
    if not state.answer(done):
        print_facts(
            [
                (say("Mottagna", "Accepted"), done["accepted"]),
                (say("I karantän", "Quarantined"), done["quarantined"]),
                (say("Skickade försändelser", "Envelopes sent"), done["deposited"]),
            ]
        )


@click.command(cls=Command, help=both("Visa vad som har stoppats vid kontrollen.", "Show what failed a check."))
@pass_state
def quarantine(state: State) -> None:
    """Step, code, when and from whom; never content."""
    rows = state.ask("quarantine")
    if state.answer(rows):
        return
    print_table(
        (say("När", "When"), say("Från", "From"), say("Kontroll", "Check"), say("Kod", "Code"), say("Vad", "What")),
        [(when(row["at"]), row["unit"], row["step"], row["code"], _sentence(row)) for row in rows],
    )


@click.command(cls=Command, help=both("Visa larm.", "Show alarms."))
@pass_state
def alarms(state: State) -> None:
    """What a person must see."""
    rows = state.ask("alarms")
    if state.answer(rows):
        return
    print_table(
        (
            say("När", "When"),
            say("Kod", "Code"),
            say("Dokument", "Document"),
            say("Vad", "What"),
            say("Gör så här", "Do"),
        ),
        [(when(row["at"]), row["code"], (row["document_id"] or "")[:8], _sentence(row), _step(row)) for row in rows],
    )


def _sentence(row: dict[str, Any]) -> str:
    return explain(row["code"], lang()).sentence


def _step(row: dict[str, Any]) -> str:
    return explain(row["code"], lang()).next_step
