"""Filling in a form at the terminal: every field of a declaration asked for, checked at once, asked again when wrong.

1. Questions go to standard error; only the result of the command goes to standard output.
2. A field that must be absent is not asked for; an optional one is left out with an empty answer.
3. A wrong answer is told by the same sentence as everywhere else, and the field is asked again.
4. In a form that must name nobody (``guarded``) the guard looks at every text as soon as it is typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import click

from client.api.failure import sentence_of
from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.guard import Severity, scan
from client.casework.problems import Problem, problem
from client.casework.shape import check_shape
from client.casework.swedish_time import local_time
from client.cli.screen import remark
from client.cli.times import when
from client.cli.words import lang, say, tr

_YES = frozenset({"j", "ja", "y", "yes"})
_NO = frozenset({"n", "nej", "no"})
_TEXTS = frozenset({FieldType.TEXT, FieldType.LONG})
_NOTHING: Mapping[str, object] = MappingProxyType({})
_LEFT_OUT = "-"


def ask_form(
    fields: Sequence[FieldInfo],
    facts: Mapping[str, object],
    *,
    guarded: bool = False,
    proposed: Mapping[str, object] = _NOTHING,
) -> dict[str, Any]:
    """Ask for all fields of a form or block.

    Args:
        fields: as ``describe`` gives them.
        facts: what conditions may ask about the surroundings, names with ``@``.
        guarded: no text may hold anything that identifies a person.
        proposed: defaults by path; each is shown, and an empty answer takes it.
    """
    form: dict[str, Any] = {}
    for info in fields:
        if info.forbidden_now(form, facts):
            continue
        value = ask_field(info, form, facts, guarded=guarded, proposed=proposed)
        if value is not None:
            form[info.name] = value
    return form


def ask_field(
    info: FieldInfo,
    form: Mapping[str, Any],
    facts: Mapping[str, object],
    *,
    guarded: bool = False,
    proposed: Mapping[str, object] = _NOTHING,
) -> Any:
    """Ask for one field until the answer holds; None when it was left out."""
    must = info.required_now(form, facts)
    _introduce(info, must=must)
    default = proposed.get(info.path)
    if default is not None:
        _propose(info, default, must=must)
    while True:
        value = _taken(_read(info, facts, must=must, guarded=guarded, proposed=proposed), default)
        if value is None and not must:
            return None
        found = check_shape((info,), {**form, info.name: value}, facts, "") if value is not None else [_missing(info)]
        found = [one for one in found if one.reason != "unknown"]
        if not found and guarded:
            found = _identifying(info, value)
        if not found:
            return value
        remark("  " + _sentence(found[0]))


def confirm(question: str) -> bool:
    """Yes or no; anything but yes is no."""
    return _line(f"{question} {say('[j/N]', '[y/N]')}").lower() in _YES


def ask_line(label: str) -> str:
    """One line; empty when nothing was typed."""
    return _line(label)


def choose(label: str, choices: Sequence[tuple[str, str]]) -> str:
    """One of some choices by its number; returns its code."""
    remark(label)
    _list(choices)
    while True:
        picked = _picked(_line(say("Nummer", "Number")), choices)
        if len(picked) == 1 and picked[0]:
            return picked[0]
        remark("  " + say("Skriv ett av numren.", "Type one of the numbers."))


def _introduce(info: FieldInfo, *, must: bool) -> None:
    remark("")
    remark(tr(info.spec.label) + ("" if must else say(" (kan lämnas tomt)", " (may be left empty)")))
    if info.spec.help:
        remark(f"  {tr(info.spec.help)}")
    if info.choices:
        _list([(code, tr(label)) for code, label in info.choices])


def _propose(info: FieldInfo, default: object, *, must: bool) -> None:
    """Show what an empty answer gives."""
    told = ", ".join(tr(dict(info.choices).get(one, str(one))) for one in _as_list(default))
    told = when(told) if info.spec.holds is FieldType.DT else told
    other = "" if must else say(f"; {_LEFT_OUT} lämnar tomt", f"; {_LEFT_OUT} leaves it empty")
    remark("  " + say(f"Förslag: {told} (Enter tar det{other})", f"Proposed: {told} (Enter takes it{other})"))


def _taken(value: Any, default: object) -> Any:
    """The answer, or what was proposed; a dash is no answer at all where something was proposed."""
    if default is None:
        return value
    return default if value is None else None if value in (_LEFT_OUT, [_LEFT_OUT]) else value


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _list(choices: Sequence[tuple[str, str]]) -> None:
    for number, (_, label) in enumerate(choices, start=1):
        remark(f"  {number:2}  {label}")


def _read(
    info: FieldInfo, facts: Mapping[str, object], *, must: bool, guarded: bool, proposed: Mapping[str, object]
) -> Any:
    """One answer as the value that it stands for; None when it is empty."""
    spec = info.spec
    if spec.holds is FieldType.GROUP:
        return _blocks(info, facts, must=must, guarded=guarded, proposed=proposed)
    if spec.holds is FieldType.ENUM:
        return _codes(info)
    if spec.holds is FieldType.LONG or spec.many:
        lines = _lines()
        return (lines if spec.many else "\n".join(lines)) or None
    answer = _line(_form_of(info))
    return _READERS.get(spec.holds, str)(answer) if answer else None


def _blocks(
    info: FieldInfo, facts: Mapping[str, object], *, must: bool, guarded: bool, proposed: Mapping[str, object]
) -> Any:
    if not info.spec.many:
        wanted = must or confirm(say("  Fylla i?", "  Fill in?"))
        return ask_form(info.children, facts, guarded=guarded, proposed=proposed) if wanted else None
    rows: list[dict[str, Any]] = []
    while len(rows) < info.spec.max_rows:
        first = must and not rows
        if not first and not confirm(say("  Lägga till en rad?", "  Add a row?")):
            break
        rows.append(ask_form(info.children, facts, guarded=guarded, proposed=proposed))
    return rows or None


def _codes(info: FieldInfo) -> Any:
    hint = say("Nummer, flera med komma", "Numbers with commas") if info.spec.many else say("Nummer", "Number")
    answer = _line(hint)
    if answer in {"", _LEFT_OUT}:
        return answer or None
    picked = _picked(answer, info.choices)
    return picked if info.spec.many else picked[0] if len(picked) == 1 else ""


def _picked(answer: str, choices: Sequence[tuple[str, str]]) -> list[str]:
    """The codes of the numbers; what is no number of the list becomes an empty code, which no list allows."""
    numbers = {str(number): code for number, (code, _) in enumerate(choices, start=1)}
    return [numbers.get(one.strip(), "") for one in answer.split(",")]


def _lines() -> list[str]:
    remark("  " + say("Avsluta med en tom rad.", "End with an empty line."))
    lines: list[str] = []
    while line := _line(""):
        lines.append(line)
    return lines


def _line(label: str) -> str:
    suffix = f"{label}: " if label else "> "
    answer: str = click.prompt(suffix, default="", show_default=False, prompt_suffix="", err=True)
    return answer.strip()


def _form_of(info: FieldInfo) -> str:
    return {
        FieldType.BOOL: say("j/n", "y/n"),
        FieldType.DATE: say("ÅÅÅÅ-MM-DD", "YYYY-MM-DD"),
        FieldType.DT: say("ÅÅÅÅ-MM-DD TT:MM", "YYYY-MM-DD HH:MM"),
    }.get(info.spec.holds, "")


def _truth(answer: str) -> Any:
    word = answer.lower()
    return True if word in _YES else False if word in _NO else answer


def _number(answer: str) -> Any:
    return int(answer) if answer.isascii() and answer.isdigit() and len(answer) <= 12 else answer


def instant_typed(answer: str) -> str:
    """Swedish time as a UTC instant; what is no time stays as it is and is refused."""
    try:
        typed = datetime.strptime(answer, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return answer
    instants = [typed - timedelta(hours=hours) for hours in (2, 1)]
    fitting = [one for one in instants if local_time(one).replace(tzinfo=UTC) == typed] or instants[1:]
    return fitting[0].strftime("%Y-%m-%dT%H:%M:%SZ")


_READERS = {FieldType.BOOL: _truth, FieldType.INT: _number, FieldType.DT: instant_typed}


def _missing(info: FieldInfo) -> Problem:
    return problem(info.path, "missing", info.spec.label)


def _identifying(info: FieldInfo, value: Any) -> list[Problem]:
    """What the guard finds in a text; nested blocks have looked at their own."""
    if info.spec.holds not in _TEXTS:
        return []
    rows = value if isinstance(value, list) else [value]
    blocked = any(finding.severity is Severity.BLOCK for row in rows for finding in scan(row))
    return [problem(info.path, "pid", info.spec.label, code="PID")] if blocked else []


def _sentence(one: Problem) -> str:
    return sentence_of(one, lang())
