"""``sluss kinds``: what can be written, its fields, and an example to begin from. Needs no office."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from client.api.declared import all_kinds, flat, header_fields, one_kind
from client.api.places import find_kind
from client.casework.defaults import Writing, defaults_of
from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import describe
from client.cli.base import Command, Option, State, pass_state
from client.cli.screen import print_facts, print_table
from client.cli.words import both, say, tr

_VALUES = {
    FieldType.TEXT: "…",
    FieldType.LONG: "…",
    FieldType.BOOL: False,
    FieldType.DATE: "2026-01-31",
    FieldType.DT: "2026-01-31T08:00:00Z",
    FieldType.KOMMUN: "0180",
    FieldType.ID: "00" * 16,
    FieldType.SHA256: "00" * 32,
}


@click.command(cls=Command, help=both("Visa slag av dokument, eller fälten i ett.", "List kinds, or a kind's fields."))
@click.argument("kind", required=False)
@click.option(
    "--example", cls=Option, is_flag=True,
    help=both("Visa ett exempel som JSON: huvud och innehåll.", "Show an example as JSON: header and content."),
)  # fmt: skip
@pass_state
def kinds(state: State, kind: str | None, example: bool) -> None:
    """All kinds, or one with its fields."""
    if kind is None:
        rows = all_kinds()
        if not state.answer(rows):
            print_table((say("Slag", "Kind"), say("Namn", "Name")), [(row["kind"], tr(row["title"])) for row in rows])
        return
    if example:
        click.echo(json.dumps(skeleton(find_kind(kind)), ensure_ascii=False, indent=None if state.as_json else 2))
        return
    facts = one_kind(kind, Writing(datetime.now(UTC)))
    if not state.answer(facts):
        print_facts([(tr(facts["title"]), facts["kind"])])
        click.echo(tr(facts["help"]))
        _print_fields([*facts["header"], *facts["fields"]])


def skeleton(kind: Kind) -> dict[str, Any]:
    """Header and content with every field that must be there: its default, or a value to be written over."""
    facts, proposed = _facts(kind), defaults_of(kind, Writing(datetime.now(UTC)))
    named = [info for info in header_fields(kind) if info.name == "priority" or _is_needed(info, facts)]
    return {
        "header": _form(named, facts, proposed, all_of=True),
        "content": _form(describe(kind.name), facts, proposed),
    }


def _facts(kind: Kind) -> dict[str, object]:
    return {"@opens_thread": kind.opens_thread, "@subject_person": kind.subject_person.value}


def _is_needed(info: FieldInfo, facts: Mapping[str, object]) -> bool:
    return info.name == "subject_person" and info.required_now({}, facts)


def _form(
    fields: Any, facts: Mapping[str, object], proposed: Mapping[str, object], *, all_of: bool = False
) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for info in fields:
        if all_of or info.required_now(form, facts):
            form[info.name] = proposed.get(info.path) or _value(info, facts, proposed)
    return form


def _value(info: FieldInfo, facts: Mapping[str, object], proposed: Mapping[str, object]) -> Any:
    spec = info.spec
    if spec.holds is FieldType.GROUP:
        value: Any = _form(info.children, facts, proposed)
    elif spec.const is not None:
        value = spec.const
    elif spec.holds is FieldType.ENUM:
        value = info.choices[0][0]
    else:
        value = spec.least if spec.holds is FieldType.INT else _VALUES[spec.holds]
    return [value] if spec.many else value


def _print_fields(fields: list[dict[str, Any]]) -> None:
    words = {"R": say("ja", "yes"), "O": say("nej", "no"), "C": say("ibland", "sometimes")}
    columns = (say("Fält", "Field"), say("Etikett", "Label"), say("Form", "Form"), say("Krävs", "Required"))
    print_table(
        (*columns, say("Värden", "Values")),
        [
            (
                one["path"],
                tr(one["label"]),
                _form_of(one),
                words[one["need"]],
                ", ".join(c["code"] for c in one["choices"]),
            )
            for one in flat(fields)
        ],
    )


def _form_of(one: dict[str, Any]) -> str:
    return f"{one['type']} []" if one["many"] else str(one["type"])
