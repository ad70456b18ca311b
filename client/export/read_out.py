"""A filled-in form read out: labels instead of names, labels instead of codes, in the order of the form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from client.casework.describe import FieldInfo
from client.casework.fields import UNIT, FieldType
from client.casework.kinds.registry import describe_header
from client.casework.swedish_time import shown_time

#: Of the header, ids and words of the protocol; whoever needs them finds them beside the form.
_OF_THE_PROTOCOL: Final = frozenset(
    {
        "message_id", "thread_id", "in_reply_to", "message_type", "schema_version", "sender_unit", "recipient_unit",
        "subject_generic", "seen",
    }
)  # fmt: skip


def shown_header() -> tuple[FieldInfo, ...]:
    """The part of the header that a person reads."""
    return tuple(info for info in describe_header() if info.name not in _OF_THE_PROTOCOL)


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """How a form is read out: what stands for true and false, labels in the language of the reader, units by name."""

    yes: str = "Ja"
    no: str = "Nej"
    label: Callable[[str], str] = str
    unit: Callable[[str], str] = str


def read_out(
    fields: tuple[FieldInfo, ...], form: Mapping[str, Any], words: Words, before: str = ""
) -> Iterator[tuple[str, str]]:
    """Label and text of every field that holds something; nested blocks carry the label of their block.

    Args:
        fields: as ``describe`` gives them.
        form: content, header or a block of them.
        words: of the language.
        before: label of the block around it.
    """
    for info in fields:
        value = form.get(info.name)
        own = words.label(info.spec.label)
        label = f"{before} – {own}" if before else own
        if value is None or value == []:
            continue
        if info.spec.holds is FieldType.GROUP:
            yield from _blocks(info, value, label, words)
        else:
            yield label, _text(info, value, words)


def _blocks(info: FieldInfo, value: Any, label: str, words: Words) -> Iterator[tuple[str, str]]:
    blocks = value if isinstance(value, list) else [value]
    for number, block in enumerate(blocks, start=1):
        name = f"{label} {number}" if len(blocks) > 1 else label
        yield from read_out(info.children, block if isinstance(block, dict) else {}, words, name)


def _text(info: FieldInfo, value: Any, words: Words) -> str:
    values = value if isinstance(value, list) else [value]
    return ("\n" if info.spec.holds is FieldType.LONG else ", ").join(_one(info, one, words) for one in values)


def _one(info: FieldInfo, value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words.yes if value else words.no
    if info.spec.holds is FieldType.DT:
        return shown_time(str(value))
    if info.spec.names == UNIT:
        return words.unit(str(value))
    known = dict(info.choices)
    return words.label(known[value]) if value in known else str(value)
