"""A declaration read out: what forms, prompts, search, print and export ask for.

Public signatures:
    describe_struct(struct, prefix="") -> tuple[FieldInfo, ...]
    FieldInfo(path, name, need, spec, choices, default, children); .required_now(siblings, facts), .forbidden_now(...)

Not here: which struct a kind has (`kinds.registry.describe`), checking values (`validate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_type_hints

import msgspec

from client.casework.fields import FieldSpec, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """One field as prompts and forms need it.

    Args:
        path: dotted path inside the body, e.g. ``content.alleged_actors.name``.
        name: last part of the path.
        need: ``R`` required, ``O`` optional, ``C`` required under a condition.
        spec: the declaration: label, help, type, limits, conditions.
        choices: pairs of code and Swedish label.
        default: value that an absent optional field gets.
        children: fields of a nested block.
    """

    path: str
    name: str
    need: str
    spec: FieldSpec
    choices: tuple[tuple[str, str], ...] = ()
    default: object = None
    children: tuple[FieldInfo, ...] = ()

    def required_now(self, siblings: Mapping[str, object], facts: Mapping[str, object]) -> bool:
        """Whether the field is required beside these values."""
        if self.need != "C":
            return self.need == "R"
        conditions = (self.spec.need, self.spec.need_also)
        return any(when is not None and when.holds(siblings, facts) for when in conditions)

    def forbidden_now(self, siblings: Mapping[str, object], facts: Mapping[str, object]) -> bool:
        """Whether the field must be absent beside these values."""
        return self.spec.never is not None and self.spec.never.holds(siblings, facts)


@cache
def describe_struct(struct: type[Form], prefix: str = "") -> tuple[FieldInfo, ...]:
    """All fields of a struct in the order of their declaration.

    Args:
        struct: content, header or nested block.
        prefix: path of the struct inside the body, empty or without a final dot.
    """
    hints = get_type_hints(struct, include_extras=True)
    declared = msgspec.structs.fields(struct)
    return tuple(_info(one_field, _spec_of(hints[one_field.name]), prefix) for one_field in declared)


def _spec_of(hint: object) -> FieldSpec:
    """The spec in an annotation; a field without one is a fault of the programmer."""
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.extra and "spec" in meta.extra:
            spec = meta.extra["spec"]
            assert isinstance(spec, FieldSpec)  # noqa: S101 - narrows the type; only _meta writes it
            return spec
    raise TypeError("a field of a form lacks its declaration")


def _info(declared: msgspec.structs.FieldInfo, spec: FieldSpec, prefix: str) -> FieldInfo:
    path = f"{prefix}.{declared.name}" if prefix else declared.name
    required = declared.default is msgspec.NODEFAULT
    return FieldInfo(
        path=path,
        name=declared.name,
        need="R" if required else "C" if spec.need else "O",
        spec=spec,
        choices=spec.codes.items if spec.codes is not None else (),
        default=None if required else declared.default,
        children=describe_struct(spec.form, path) if spec.form is not None else (),
    )
