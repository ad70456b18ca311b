"""What can be written: the kinds of document and their fields, for forms and prompts of other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from client.api.arguments import Arguments, OneKind
from client.api.documents import OWN_FIELDS
from client.api.places import find_kind
from client.casework.defaults import Writing, defaults_of
from client.casework.describe import FieldInfo
from client.casework.fields import When
from client.casework.kinds.kind import Gate, Kind, Need
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.engine.office import Desk

Facts = dict[str, Any]


#: What the office fills in itself, beside what is its own: staff, subject; files do not go this way.
_FILLED_IN: Final = OWN_FIELDS | {"sender_staff", "subject_generic", "attachments"}
#: Fields of the header that have a value when nobody gives one; a consent and its person follow from ``consent_id``.
_HAVE_DEFAULTS: Final = frozenset({"priority", "disclosure_basis", "consent_ref", "principal_ref"})


async def kinds(_desk: Desk, _arguments: Arguments) -> list[Facts]:
    """All kinds."""
    return all_kinds()


async def describe_kind(desk: Desk, arguments: OneKind) -> Facts:
    """One kind with the fields of its content and of the header, and what a form would propose in them today.

    Raises:
        LocalError: code ``NOKIND``.
    """
    return one_kind(arguments.kind, writing_at(desk))


def writing_at(desk: Desk) -> Writing:
    """Who writes at this desk, and when."""
    return Writing(datetime.fromtimestamp(desk.context.clock.now(), UTC), desk.context.unit_id.hex())


def all_kinds() -> list[Facts]:
    """All kinds, as the command tells them."""
    return [_kind(kind) for kind in KINDS.values()]


def one_kind(name: str, writing: Writing) -> Facts:
    """One kind with the fields of its content, and those of the header that may be given.

    Args:
        name: of the kind.
        writing: for whom and when ``default`` of each field is worked out.

    Raises:
        LocalError: code ``NOKIND``.
    """
    kind = find_kind(name)
    proposed = defaults_of(kind, writing)
    return {
        **_kind(kind),
        "fields": [_field(info, proposed) for info in describe(kind.name)],
        "header": [_header_field(info, kind, proposed) for info in header_fields(kind)],
    }


def header_fields(kind: Kind) -> list[FieldInfo]:
    """What of the header may be given for this kind."""
    facts = {"@about_person": kind.about_person, "@subject_person": kind.subject_person.value}
    return [info for info in describe_header() if info.name not in _FILLED_IN and not info.forbidden_now({}, facts)]


def _header_field(info: FieldInfo, kind: Kind, proposed: Mapping[str, object]) -> Facts:
    told = _field(info, proposed)
    if info.name in _HAVE_DEFAULTS:
        return {**told, "need": "O"}
    needed = info.name == "subject_person" and kind.subject_person is Need.REQUIRED
    return {**told, "need": "R"} if needed else told


def _kind(kind: Kind) -> Facts:
    return {
        "kind": kind.name,
        "title": kind.title_sv,
        "help": kind.help,
        "flow": kind.flow,
        "side": kind.side.value,
        "opens_thread": kind.opens_thread,
        "local": kind.local,
        "roles": sorted(kind.roles),
        "recipient_types": sorted(kind.recipient_types),
        "about_person": kind.about_person,
        "subject_person": kind.subject_person.value,
        "needs_consent": kind.gate is Gate.CONSENT,
        "purpose": kind.purpose,
    }


def _field(info: FieldInfo, proposed: Mapping[str, object]) -> Facts:
    spec = info.spec
    bounds = {"limit": spec.limit, "max_rows": spec.max_rows}
    if spec.holds.value == "int":
        bounds |= {"least": spec.least, "most": spec.most}
    if spec.window is not None:
        bounds |= {"days_back": spec.window.back, "days_ahead": spec.window.ahead}
    return {
        "path": info.path,
        "name": info.name,
        "label": spec.label,
        "help": spec.help,
        "type": spec.holds.value,
        "need": info.need,
        "many": spec.many,
        **bounds,
        "only_value": spec.const,
        "default": proposed.get(info.path),
        "choices": [{"code": code, "label": label} for code, label in info.choices],
        "required_when": [_when(one) for one in (spec.need, spec.need_also) if one is not None],
        "forbidden_when": [] if spec.never is None else [_when(spec.never)],
        "fields": [_field(child, proposed) for child in info.children],
    }


def flat(fields: Iterable[Facts]) -> Iterator[Facts]:
    """Each field as it is told here, and then what is inside it."""
    for one in fields:
        yield one
        yield from flat(one["fields"])


def _when(condition: When) -> Facts:
    return {"name": condition.name, "values": list(condition.values), "negate": condition.negate}
