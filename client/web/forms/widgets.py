"""From the fields of a declaration to what a template draws."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from client.casework.describe import FieldInfo
from client.casework.fields import FieldSpec, FieldType, Names, When
from client.casework.swedish_time import local_time
from client.lang.catalogue import translate

Values = Mapping[str, Sequence[str]]

FEW_CHOICES: Final = 6  # as many choices are shown all at once; more stand in a list that opens
ROW: Final = "rows:"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """One field to draw.

    Args:
        name: of the control, e.g. ``content.ongoing.0.insats``.
        draw: which macro draws it: text, long, radio, list, checks, yes, date, dt, int, lines, group, rows, kommun,
            identity, hidden.
        label: what a person reads.
        help: a sentence more, or empty.
        required: it must be filled in; ``maybe`` when that hangs on another field.
        choices: pairs of code and label.
        limit: greatest number of characters, 0 for none.
        typed: what stands in it.
        errors: what is wrong with it.
        conditions: for the script: ``need`` or ``never``, field name, values, and whether it is turned round.
        when: the same in words, for whoever has no scripts and whoever wonders.
        blocks: the fields of each nested block.
        room: another block may be added.
        third_party: it is about somebody else than the person.
        names: what the id in it names.
    """

    name: str
    draw: str
    label: str
    help: str
    required: bool
    maybe: bool
    choices: tuple[tuple[str, str], ...] = ()
    limit: int = 0
    typed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    when: tuple[str, ...] = ()
    blocks: tuple[tuple[Widget, ...], ...] = ()
    room: bool = False
    third_party: bool = False
    names: Names | None = None

    @property
    def id(self) -> str:
        """For the label and the list of errors."""
        return "f-" + self.name.replace(".", "-")

    @property
    def value(self) -> str:
        """The one text that stands in it."""
        return self.typed[0] if self.typed else ""


@dataclasses.dataclass(frozen=True, slots=True)
class Condition:
    """When a field is needed or must be left out, as the script reads it."""

    what: str
    field: str
    values: str
    negate: bool


def draw(fields: Sequence[FieldInfo], typed: Values, errors: Values, at: str) -> tuple[Widget, ...]:
    """What to draw for a block of fields.

    Args:
        fields: of the declaration.
        typed: texts by name of the control.
        errors: sentences by path of the declaration.
        at: name of the block, e.g. ``content``.
    """
    beside = {info.name: info for info in fields}
    return tuple(dataclasses.replace(_widget(info, typed, errors, at), when=_when(info, beside)) for info in fields)


def _widget(info: FieldInfo, typed: Values, errors: Values, at: str) -> Widget:
    spec, name = info.spec, f"{at}.{info.name}"
    drawn = _SPECIAL.get(info.name, _drawn(spec))
    plain = Widget(
        name=name,
        draw=drawn,
        label=spec.label,
        help=spec.help,
        required=info.need == "R",
        maybe=info.need == "C",
        choices=info.choices,
        limit=spec.limit,
        typed=tuple(typed.get(name, ())),
        errors=tuple(errors.get(info.path, ())),
        conditions=tuple(_conditions(spec, at)),
        third_party=spec.third_party,
        names=spec.names,
    )
    if spec.holds is not FieldType.GROUP:
        return plain
    if not spec.many:
        return dataclasses.replace(plain, blocks=(draw(info.children, typed, errors, name),))
    blocks = tuple(
        draw(info.children, typed, errors, f"{name}.{n}") for n in range(rows(name, typed, required=plain.required))
    )
    return dataclasses.replace(plain, blocks=blocks, room=len(blocks) < spec.max_rows)


def as_typed(fields: Sequence[FieldInfo], proposed: Mapping[str, object], at: str) -> dict[str, list[str]]:
    """Defaults as they stand in the controls.

    Args:
        fields: of the declaration.
        proposed: what the form proposes, by path of the declaration.
        at: name of the block, e.g. ``content``.
    """
    typed: dict[str, list[str]] = {}
    for info in fields:
        name = f"{at}.{info.name}"
        if info.path in proposed:
            value = proposed[info.path]
            typed[name] = [_control(info, one) for one in (value if isinstance(value, list) else [value])]
        elif not info.spec.many:
            typed |= as_typed(info.children, proposed, name)
    return typed


def _control(info: FieldInfo, value: object) -> str:
    """One value as the control holds it: an instant on Swedish clocks, to the minute."""
    if info.spec.holds is FieldType.DT:
        return f"{local_time(datetime.fromisoformat(str(value))):%Y-%m-%dT%H:%M}"
    return _word(value)


def rows(name: str, typed: Values, *, required: bool = False) -> int:
    """How many blocks of a list are drawn: those that were drawn before, and one where one must be there."""
    text = next(iter(typed.get(ROW + name, ())), "")
    return max(int(text) if text.isdecimal() and len(text) <= 2 else 0, int(required))


#: Fields that are drawn in a way of their own: what a caller's code is checked against is nobody's to see.
_SPECIAL: Final = {"return_code_check": "hidden", "id_value": "identity"}

#: Which macro draws a single value of each type.
_DRAWN: Final = {
    FieldType.DATE: "date",
    FieldType.DT: "dt",
    FieldType.INT: "int",
    FieldType.LONG: "long",
    FieldType.KOMMUN: "kommun",
}


def _drawn(spec: FieldSpec) -> str:
    if spec.holds is FieldType.GROUP:
        return "rows" if spec.many else "group"
    if spec.holds is FieldType.ENUM:
        few = spec.codes is not None and len(spec.codes.items) <= FEW_CHOICES
        return "checks" if spec.many else "radio" if few else "list"
    if spec.holds is FieldType.BOOL:
        return "yes" if spec.const is True else "radio_bool"
    return "lines" if spec.many else _DRAWN.get(spec.holds, "text")


def _conditions(spec: FieldSpec, at: str) -> list[Condition]:
    told = (("need", spec.need), ("need", spec.need_also), ("never", spec.never))
    return [_condition(what, when, at) for what, when in told if when is not None and not when.name.startswith("@")]


def _when(info: FieldInfo, beside: Mapping[str, FieldInfo]) -> tuple[str, ...]:
    """When a field is needed and when it is left out, in the language of the page."""
    told = (
        (info.spec.need, translate("Behövs när \u201d%(field)s\u201d är %(values)s.")),
        (info.spec.need_also, translate("Behövs när \u201d%(field)s\u201d är %(values)s.")),
        (info.spec.never, translate("Lämnas tom när \u201d%(field)s\u201d är %(values)s.")),
    )
    return tuple(
        text % {"field": translate(beside[when.name].spec.label), "values": _values(beside[when.name], when)}
        for when, text in told
        if when is not None and when.name in beside
    )


def _values(field: FieldInfo, when: When) -> str:
    labels = dict(field.choices)
    words = [translate(labels.get(word, word.capitalize())) for word in map(_word, when.values)]
    several = translate(" eller ").join(words)
    return translate("något annat än %(values)s") % {"values": several} if when.negate else several


def _condition(what: str, when: When, at: str) -> Condition:
    return Condition(what, f"{at}.{when.name}", " ".join(_word(one) for one in when.values), when.negate)


def _word(value: object) -> str:
    return ("ja" if value else "nej") if isinstance(value, bool) else str(value)


def flat(widgets: Sequence[Widget]) -> list[Widget]:
    """Widgets with those inside their blocks, in order."""
    found: list[Widget] = []
    for widget in widgets:
        found.append(widget)
        for block in widget.blocks:
            found += flat(block)
    return found


def with_choices(widgets: Sequence[Widget], lists: Mapping[Names, Sequence[tuple[str, str]]]) -> tuple[Widget, ...]:
    """The same with a list to choose from where a field names one of these by its id, also inside blocks."""
    return tuple(_choosing(widget, lists) for widget in widgets)


def _choosing(widget: Widget, lists: Mapping[Names, Sequence[tuple[str, str]]]) -> Widget:
    if widget.names is not None and widget.names in lists:
        return dataclasses.replace(widget, draw="list", choices=tuple(lists[widget.names]))
    return dataclasses.replace(widget, blocks=tuple(with_choices(block, lists) for block in widget.blocks))
