"""A filled-in form read out: labels instead of names, labels instead of codes, in the order of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.cli.times import when
from client.cli.words import say, tr

Facts = tuple[str, object]


def labelled(fields: tuple[FieldInfo, ...], form: Mapping[str, Any], before: str = "") -> Iterator[Facts]:
    """Label and text of every field that holds something; nested blocks carry the label of their block.

    Args:
        fields: as ``describe`` gives them.
        form: content, header or a block of them.
        before: label of the block around it.
    """
    for info in fields:
        value = form.get(info.name)
        label = f"{before} – {tr(info.spec.label)}" if before else tr(info.spec.label)
        if value is None or value == []:
            continue
        if info.spec.holds is FieldType.GROUP:
            yield from _blocks(info, value, label)
        else:
            yield label, _text(info, value)


def _blocks(info: FieldInfo, value: Any, label: str) -> Iterator[Facts]:
    blocks = value if isinstance(value, list) else [value]
    for number, block in enumerate(blocks, start=1):
        name = f"{label} {number}" if len(blocks) > 1 else label
        yield from labelled(info.children, block if isinstance(block, dict) else {}, name)


def _text(info: FieldInfo, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return ("\n" if info.spec.holds is FieldType.LONG else ", ").join(_one(info, one) for one in values)


def _one(info: FieldInfo, value: Any) -> str:
    if isinstance(value, bool):
        return say("Ja", "Yes") if value else say("Nej", "No")
    if info.spec.holds is FieldType.DT:
        return when(str(value))
    known = dict(info.choices)
    return tr(known[value]) if value in known else str(value)
