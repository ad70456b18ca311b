"""The vocabulary in which document kinds are declared.

A kind's content is one msgspec Struct whose annotations carry a `FieldSpec`. Validation, forms,
prompts, search, print and export all read the same declaration through `describe_struct`.

Rules:
1. Every text has a greatest length and every list a greatest number of rows.
2. A field without default is required (a list then has a row at least). A field with default is
   optional, unless `need` names a condition under which it becomes required. `never` marks a
   field that must be absent.
3. Lengths count Unicode code points.

Public signatures:
    Form = frozen kw-only msgspec.Struct base of all contents
    text/long/one/many/flag/yes/yn/date/instant/integer/kommun/ident/sha256/group/rows/texts(label, ...) -> Meta
    When(field, *values)            condition on a sibling field ("purpose") or a fact ("@minor", "@opening.purpose")

Not here: walking a declaration (`describe`), checking values (`validate`), the header (`header`).

Example:
    >>> class Note(Form):
    ...     body: Annotated[str, long(3000, "Situationen")]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, Unpack

import msgspec

from client.casework.codelists import YES_NO_UNKNOWN, CodeList
from client.casework.windows import Window

#: Bounds that hold for every kind; a declaration may only be tighter.
MAX_LIST_ROWS = 50
MAX_TEXT = 12_000
MAX_INT = 1_000_000_000_000


class FieldType(StrEnum):
    """What a field holds; prompts and forms choose their control by it."""

    TEXT = "text"
    LONG = "long"
    ENUM = "enum"
    BOOL = "bool"
    DATE = "date"
    DT = "dt"
    INT = "int"
    KOMMUN = "kommunkod"
    ID = "id"
    SHA256 = "sha256"
    GROUP = "group"


class Thing(StrEnum):
    """What an id is the id of."""

    UNIT = "unit"
    DOCUMENT = "document"
    CONSENT = "consent"
    THREAD = "thread"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Names:
    """What an ID field names: forms let it be chosen from what there is, readers see its name.

    Args:
        thing: what it is.
        of: kind of the document, or life cycle of the thread; empty for any.
        received: a document that another unit wrote.
    """

    thing: Thing
    of: str = ""
    received: bool = False


UNIT, DOCUMENT, CONSENT, THREAD, CASE = map(Names, Thing)
RECEIVED = Names(Thing.DOCUMENT, received=True)


def document_of(kind: str) -> Names:
    """Documents of one kind."""
    return Names(Thing.DOCUMENT, kind)


def thread_of(flow: str) -> Names:
    """Threads of one life cycle."""
    return Names(Thing.THREAD, flow)


@dataclass(frozen=True, slots=True)
class When:
    """A condition: the named field or fact has one of the values.

    Args:
        name: a field of the same struct, or a fact of the surroundings that starts with ``@``.
        values: the values that make the condition hold.
        negate: turn the condition round; an absent value still means that it does not hold.
    """

    name: str
    values: tuple[object, ...]
    negate: bool = False

    def holds(self, siblings: Mapping[str, object], facts: Mapping[str, object]) -> bool:
        """Whether the condition holds; what is not known never makes a field required."""
        source = facts if self.name.startswith("@") else siblings
        value = source.get(self.name)
        if value is None:
            return False
        return (value in self.values) is not self.negate


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every content, of the header and of their nested blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """What a declaration says about one field.

    Args:
        holds: what one value is.
        label: Swedish label.
        help: Swedish help, empty when the label says enough.
        codes: code list of an ENUM.
        names: what an ID names.
        limit: greatest length (texts, code points) of one value.
        least: smallest integer.
        most: largest integer.
        const: the only value allowed, None when free.
        many: a list of values; at most ``max_rows``.
        form: struct of a GROUP.
        need: condition that makes an optional field required.
        need_also: a second condition of which either is enough.
        never: condition under which the field must be absent.
        category: data category that the field reveals (domain.md 3.2 no 12), empty for none.
        third_party: tells about somebody else than the person; no consent opens that secrecy.
        window: how far from the day of writing a DATE or DT may be, None for no bound.
        default: what a form proposes: a value, `windows.Ahead` or `windows.OWN_UNIT`; never filled in unseen.
    """

    holds: FieldType
    label: str
    help: str = ""
    codes: CodeList | None = None
    names: Names | None = None
    limit: int = 0
    least: int = 0
    most: int = MAX_INT
    const: object = None
    many: bool = False
    max_rows: int = 0
    form: type[Form] | None = None
    need: When | None = None
    need_also: When | None = None
    never: When | None = None
    category: str = ""
    third_party: bool = False
    window: Window | None = None
    default: object = None


class Options(TypedDict, total=False):
    """Keywords that every field constructor takes."""

    help: str
    need: When
    need_also: When
    never: When
    category: str
    third_party: bool
    window: Window
    default: object


def _meta(spec: FieldSpec, schema: Mapping[str, object] | None = None) -> msgspec.Meta:
    """Wrap a spec so that msgspec's own schema export carries label, help and bounds."""
    return msgspec.Meta(
        title=spec.label,
        description=spec.help or None,
        extra_json_schema=dict(schema) if schema else None,
        extra={"spec": spec},
    )


def text(limit: int, label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """One line of at most ``limit`` code points."""
    spec = FieldSpec(holds=FieldType.TEXT, label=label, limit=limit, **options)
    return _meta(spec, {"maxLength": limit})


def long(limit: int, label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """Several lines of at most ``limit`` code points together."""
    spec = FieldSpec(holds=FieldType.LONG, label=label, limit=limit, **options)
    return _meta(spec, {"maxLength": limit})


def texts(limit: int, rows: int, label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """At most ``rows`` lines of at most ``limit`` code points each."""
    spec = FieldSpec(holds=FieldType.TEXT, label=label, limit=limit, many=True, max_rows=rows, **options)
    return _meta(spec, {"maxItems": rows})


def one(codes: CodeList, label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """One code of a list."""
    spec = FieldSpec(holds=FieldType.ENUM, label=label, codes=codes, **options)
    return _meta(spec, {"enum": [code for code, _ in codes.items]})


def many(codes: CodeList, label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """Several codes of a list, each at most once."""
    rows_allowed = len(codes.items)
    spec = FieldSpec(holds=FieldType.ENUM, label=label, codes=codes, many=True, max_rows=rows_allowed, **options)
    return _meta(spec, {"maxItems": rows_allowed})


def yn(label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """Yes, no or unknown: for facts about a person, which are never a bare boolean."""
    return one(YES_NO_UNKNOWN, label, **options)


def flag(label: str, *, must_be: bool | None = None, **options: Unpack[Options]) -> msgspec.Meta:
    """True or false; ``must_be`` fixes the only value allowed."""
    return _meta(FieldSpec(holds=FieldType.BOOL, label=label, const=must_be, **options))


def date(label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """A day, ``YYYY-MM-DD``."""
    return _meta(FieldSpec(holds=FieldType.DATE, label=label, **options), {"format": "date"})


def instant(label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """A UTC instant, ``YYYY-MM-DDTHH:MM:SSZ``."""
    return _meta(FieldSpec(holds=FieldType.DT, label=label, **options), {"format": "date-time"})


def integer(least: int, most: int, label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """A whole number between ``least`` and ``most``, both allowed."""
    spec = FieldSpec(holds=FieldType.INT, label=label, least=least, most=most, **options)
    return _meta(spec, {"minimum": least, "maximum": most})


def kommun(label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """A municipality code: four digits that a municipality has (`keys.places`)."""
    return _meta(FieldSpec(holds=FieldType.KOMMUN, label=label, **options))


def ident(label: str, *, names: Names, **options: Unpack[Options]) -> msgspec.Meta:
    """A random identity of 16 bytes, 32 lowercase hexadecimal characters, and what it is the identity of."""
    return _meta(FieldSpec(holds=FieldType.ID, label=label, names=names, **options))


def idents(rows: int, label: str, *, names: Names, **options: Unpack[Options]) -> msgspec.Meta:
    """At most ``rows`` random identities."""
    spec = FieldSpec(holds=FieldType.ID, label=label, names=names, many=True, max_rows=rows, **options)
    return _meta(spec, {"maxItems": rows})


def sha256(label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """A SHA-256 sum, 64 lowercase hexadecimal characters."""
    return _meta(FieldSpec(holds=FieldType.SHA256, label=label, **options))


def group(form: type[Form], label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """A nested block of fields."""
    return _meta(FieldSpec(holds=FieldType.GROUP, label=label, form=form, **options))


def rows(form: type[Form], max_rows: int, label: str, **options: Unpack[Options]) -> msgspec.Meta:
    """At most ``max_rows`` nested blocks."""
    spec = FieldSpec(holds=FieldType.GROUP, label=label, form=form, many=True, max_rows=max_rows, **options)
    return _meta(spec, {"maxItems": max_rows})
