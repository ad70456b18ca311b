"""Commands by which this machine signs for the directory: a colleague's new machine, or the end of one."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

import click

from client.cli.base import Command, Group, Option, State, pass_state
from client.cli.screen import print_facts
from client.cli.words import both, say
from keys.files import read_bounded, write_durably
from keys.statements import MAX_LEAF_BYTES, RevokeReason

FILE: Final = click.Path(path_type=Path, dir_okay=False)
_out = click.option(
    "--out", cls=Option, type=FILE, required=True,
    help=both("Fil för det undertecknade.", "File for what was signed."),
)  # fmt: skip


@click.group(cls=Group, help=both("Enhetens datorer.", "The computers of the unit."))
def device() -> None:
    """Signing for the directory."""


@device.command("sign", cls=Command, help=both("Skriv under ett utkast om en dator.", "Sign a draft about a computer."))
@click.argument("draft", type=FILE)
@_out
@pass_state
def sign(state: State, draft: Path, out: Path) -> None:
    """The signature of a device of the unit, which a later device's certificate needs."""
    given = base64.b64encode(read_bounded(draft, MAX_LEAF_BYTES)).decode()
    _write(state, state.ask("device_sign", draft=given), out)


@device.command("revoke", cls=Command, help=both("Stäng av en dator för gott.", "End a computer for good."))
@click.argument("device_id")
@click.option(
    "--reason", cls=Option, type=click.Choice([reason.value for reason in RevokeReason]), required=True,
    help=both("Varför.", "Why."),
)  # fmt: skip
@click.option(
    "--out", cls=Option, type=FILE,
    help=both("Spara det undertecknade också som fil.", "Also keep what was signed as a file."),
)  # fmt: skip
@pass_state
def revoke(state: State, device_id: str, reason: str, out: Path | None) -> None:
    """Signed here, and entered in the log at once or as soon as the hub is reached."""
    facts = state.ask("device_revoke", device_id=device_id, reason=reason)
    if out is not None:
        write_durably(out, base64.b64decode(facts["statement"]), mode=0o644)
    if not state.answer(facts):
        entered = say(
            "Den är avstängd: ingen skickar något till den mer.", "It has ended: nobody sends to it any more."
        )
        waits = say("Navet nås inte. Datorn försöker igen.", "The hub is not reached. The computer tries again.")
        print_facts(
            [
                (say("Gäller", "About"), facts["device_id"]),
                (say("Avstängning", "Revocation"), entered if facts["entered"] else waits),
            ]
        )


def _write(state: State, facts: dict[str, Any], out: Path) -> None:
    write_durably(out, base64.b64decode(facts.pop("statement")), mode=0o644)
    if not state.answer({**facts, "out": str(out)}):
        print_facts(
            [
                (say("Gäller", "About"), facts["device_id"]),
                (say("Begärans fingeravtryck", "Fingerprint of the request"), facts["request"]),
                (say("Skrevs till", "Written to"), str(out)),
            ]
        )
