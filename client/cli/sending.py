"""Sending what must be confirmed: asked at a terminal, said beforehand with ``--yes``, else refused."""

from __future__ import annotations

import sys
from typing import Any

from client.api.failure import FailureError
from client.cli.base import State
from client.cli.prompts import confirm
from client.cli.screen import remark
from client.cli.words import say


def send(state: State, name: str, *, yes: bool, **arguments: Any) -> Any:
    """Run a command that writes; what it wants confirmed is shown and asked for once.

    Raises:
        FailureError: code ``CONFIRM`` when nobody can be asked, or the answer is no.
    """
    try:
        return state.ask(name, confirmed=yes, **arguments)
    except FailureError as error:
        if error.failure.code != "CONFIRM" or not sys.stdin.isatty():
            raise
        for one in error.failure.problems:
            remark(f"  - {one.sentence}")
        if not confirm(say("Stämmer det? Skicka ändå?", "Is it right? Send it all the same?")):
            raise
    return state.ask(name, confirmed=True, **arguments)
