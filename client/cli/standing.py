"""Commands that show how the office stands, and ``sync``; alarms are in ``alarms``."""

from __future__ import annotations

from typing import Any

import click

from client.casework.codes import explain
from client.cli.base import Command, State, pass_state
from client.cli.screen import print_facts, remark
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
            (say("Väntar på godkännande", "Awaiting approval"), facts["approvals"]),
            (say("Påminnelser", "Reminders"), facts["reminders"]),
            (say("Tiden har gått ut", "Overdue"), facts["overdue"]),
            (say("I karantän", "In quarantine"), facts["quarantine"]),
            (say("Saknade dokument", "Missing documents"), facts["gaps"]),
            (say("Kvittenser att skicka", "Receipts to send"), facts["receipts_due"]),
            (say("Brevlådan senast läst", "Mailbox last read"), when(facts["drained_at"])),
            (say("Nycklarna", "Keys"), _keys(facts)),
        ]
    )
    if facts["told_by_history"]:
        count = facts["told_by_history"]
        remark(
            say(
                f"{count} försändelser som inte gick att öppna här har enhetens andra datorer berättat om.",
                f"{count} envelopes could not be opened here; the unit's other devices have told what was in them.",
            )
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


@click.command(cls=Command, help=both("Lås kontorets nycklar.", "Lock the office's keys."))
@pass_state
def lock(state: State) -> None:
    """End the keeper of an open office."""
    done = state.ask("lock")
    if not state.answer(done):
        remark(say("Kontoret är låst.", "The office is locked."))


@click.command(cls=Command, help=both("Lås upp ett låst kontor.", "Unlock a locked office."))
@pass_state
def unlock(state: State) -> None:
    """Give the passphrase to an office that is open and locked."""
    done = state.ask("unlock", passphrase=state.passphrase())
    if not state.answer(done):
        remark(say("Kontoret är upplåst.", "The office is unlocked."))


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


def _keys(facts: dict[str, Any]) -> str:
    """Locked or not, and what the system could not do for them."""
    if facts["locked"]:
        return say("låsta", "locked")
    lacks = {
        "no_core": say("minnesavbild vid krasch", "image of the memory after a crash"),
        "hidden": say("läsbara för andra program", "readable by other programs"),
        "locked": say("kan hamna på disk", "may be swapped to disk"),
    }
    found = [text for name, text in lacks.items() if not facts["hardening"][name]]
    return say("upplåsta", "unlocked") + (f" ({', '.join(found)})" if found else "")
