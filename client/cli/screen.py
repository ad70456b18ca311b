"""What goes to the terminal, and where.

1. The result goes to standard output: tables for people, with tabs when it is not a terminal, one line of JSON
   with ``--json``. Everything else goes to standard error.
2. An error is a sentence, what to do next, and the code; with ``--json`` one line of JSON.
3. Nothing that others wrote can steer the terminal: control characters are shown as a mark.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import click
import segno
from rich.console import Console
from rich.table import Table
from rich.text import Text

from client.api.failure import Failure
from client.cli.words import say
from keys.files import write_durably

PROGRAM: Final = "sluss"
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(value: object) -> str:
    """A value as text that cannot steer the terminal."""
    return "" if value is None else _CONTROL.sub("�", str(value))


def print_json(value: object) -> None:
    """One JSON document on one line of standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under headings; tabs between them when nobody looks."""
    cells = [[clean(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(columns), *cells]:
            click.echo("\t".join(one.replace("\t", " ").replace("\n", " ") for one in row))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*(Text(one) for one in row))
    Console(highlight=False, emoji=False).print(table)


def show_qr(text: str) -> None:
    """A QR code made of blocks, at the terminal and on standard error; nothing when nobody looks."""
    if sys.stderr.isatty():
        _qr(text).terminal(out=sys.stderr, compact=True)


def save_qr(path: Path, text: str) -> None:
    """A QR code as a drawing to print, which nobody else on the machine can read.

    Raises:
        LocalError: code ``DISK``.
    """
    drawing = io.BytesIO()
    _qr(text).save(drawing, kind="svg", scale=4)
    write_durably(path, drawing.getvalue())


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Labels and values, one a line; a value of several lines stands below its label."""
    for label, value in facts:
        text = clean(value)
        if "\n" in text:
            click.echo(f"{label}:")
            text = "\n".join(f"  {line}" for line in text.splitlines())
            click.echo(text)
        elif text:
            click.echo(f"{label}: {text}")


def remark(text: str) -> None:
    """A remark beside the result."""
    click.echo(clean(text), err=True)


def print_failure(failure: Failure, *, as_json: bool) -> None:
    """An error on standard error."""
    if as_json:
        click.echo(json.dumps(_failure_facts(failure), ensure_ascii=False, separators=(",", ":")), err=True)
        return
    click.echo(f"{PROGRAM}: {clean(failure.title)} ({failure.code})", err=True)
    for problem in failure.problems:
        click.echo(f"  - {problem.path}: {clean(problem.sentence)}", err=True)
    click.echo(say("Gör så här: ", "What to do: ") + failure.next_step, err=True)


def _qr(text: str) -> segno.QRCode:
    return segno.make(text, error="m")


def _failure_facts(failure: Failure) -> dict[str, Any]:
    return {
        "code": failure.code,
        "sentence": failure.title,
        "next_step": failure.next_step,
        "problems": [
            {"path": one.path, "reason": one.reason, "code": one.code, "sentence": one.sentence}
            for one in failure.problems
        ],
    }
