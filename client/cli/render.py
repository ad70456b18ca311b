"""A filled-in form read out at the terminal, in the language of the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from client.casework.describe import FieldInfo
from client.cli.words import say, tr
from client.export.read_out import Words, read_out


def labelled(fields: tuple[FieldInfo, ...], form: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Label and text of every field that holds something.

    Args:
        fields: as ``describe`` gives them.
        form: content or header.
    """
    return read_out(fields, form, Words(say("Ja", "Yes"), say("Nej", "No"), tr))
