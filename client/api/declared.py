"""What can be written: the kinds of document and their fields, for forms and prompts of other programs."""

from __future__ import annotations

from typing import Any

from client.api.arguments import Arguments, OneKind
from client.casework.describe import FieldInfo
from client.casework.fields import When
from client.casework.kinds.kind import Gate, Kind
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.problems import InvalidBodyError, problem
from client.engine.office import Desk

Facts = dict[str, Any]


async def kinds(_desk: Desk, _arguments: Arguments) -> list[Facts]:
    """All kinds."""
    return [_kind(kind) for kind in KINDS.values()]


async def describe_kind(_desk: Desk, arguments: OneKind) -> Facts:
    """One kind with the fields of its content and of the header.

    Raises:
        InvalidBodyError: code ``KIND``.
    """
    kind = KINDS.get(arguments.kind)
    if kind is None:
        raise InvalidBodyError((problem("header.message_type", "kind", code="KIND"),))
    return {
        **_kind(kind),
        "fields": [_field(info) for info in describe(kind.name)],
        "header": [_field(info) for info in describe_header()],
    }


def _kind(kind: Kind) -> Facts:
    return {
        "kind": kind.name,
        "title": kind.title_sv,
        "flow": kind.flow,
        "side": kind.side.value,
        "opens_thread": kind.opens_thread,
        "roles": sorted(kind.roles),
        "recipient_types": sorted(kind.recipient_types),
        "about_person": kind.about_person,
        "subject_person": kind.subject_person.value,
        "needs_consent": kind.gate is Gate.CONSENT,
        "purpose": kind.purpose,
    }


def _field(info: FieldInfo) -> Facts:
    spec = info.spec
    bounds = {"limit": spec.limit, "max_rows": spec.max_rows}
    if spec.holds.value == "int":
        bounds |= {"least": spec.least, "most": spec.most}
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
        "choices": [{"code": code, "label": label} for code, label in info.choices],
        "required_when": [_when(one) for one in (spec.need, spec.need_also) if one is not None],
        "forbidden_when": [] if spec.never is None else [_when(spec.never)],
        "fields": [_field(child) for child in info.children],
    }


def _when(condition: When) -> Facts:
    return {"name": condition.name, "values": list(condition.values), "negate": condition.negate}
