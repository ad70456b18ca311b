"""All kinds of document by name.

Public signatures:
    KINDS: Mapping[str, Kind]
    describe(kind_name) -> tuple[FieldInfo, ...]        fields of the content, paths begin with ``content``
    describe_header() -> tuple[FieldInfo, ...]          paths begin with ``header``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from client.casework.describe import FieldInfo, describe_struct
from client.casework.header import Header
from client.casework.kinds import (
    aterkomst,
    avslut,
    bedomning,
    formedling,
    hotbild,
    intag,
    kollision,
    konsultation,
    kvittens,
    malgrupp,
    overlamnande,
    overlamnande_later,
    placering,
    plan,
    samtycke,
    statistik,
    uppfoljning,
    utforare,
    uttag,
)
from client.casework.kinds.kind import Kind
from client.casework.kinds.told import TOLD

_MODULES = (
    konsultation,
    intag,
    formedling,
    hotbild,
    bedomning,
    malgrupp,
    overlamnande,
    overlamnande_later,
    samtycke,
    placering,
    kollision,
    plan,
    utforare,
    uppfoljning,
    avslut,
    aterkomst,
    kvittens,
    statistik,
    uttag,
)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: replace(kind, help=TOLD[kind.name]) for module in _MODULES for kind in module.KINDS}
)


def describe(kind_name: str) -> tuple[FieldInfo, ...]:
    """The fields of a kind's content, in the order a form shows them.

    Raises:
        KeyError: there is no such kind.
    """
    return describe_struct(KINDS[kind_name].content, "content")


def describe_header() -> tuple[FieldInfo, ...]:
    """The fields of the inner header."""
    return describe_struct(Header, "header")
