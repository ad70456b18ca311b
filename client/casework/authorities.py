"""Which authorities a consent must name, by type of case.

"All concerned authorities" is a closed list: the person signs it whole or not at all. The values are
where an operator starts; a unit's card in the directory may replace them.

Public signatures:
    required_authorities(case_type, day, overrides={}, applicable=()) -> frozenset[str]
    requirement(case_type, day) -> Required                          which row holds; dated
    authority_of(unit_type) -> str
    may_have(organisation_kind, unit_type) -> bool

Source: domain.md 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

_FIRST_DAY: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Required:
    """Which authorities a consent of one case type names, from a day on.

    Args:
        case_type: code of `codelists.CASE_TYPE`.
        always: needed in every case.
        conditional: needed when they apply to the case; the record says which of them do.
        valid_from: first day; the last row that has begun holds.
    """

    case_type: str
    always: frozenset[str]
    conditional: frozenset[str]
    valid_from: date = _FIRST_DAY


_INTAKE: Final = frozenset({"kriminalvard", "sis", "hemkommun", "vardnadshavares_kommun"})
_BOTH: Final = frozenset({"socialtjanst", "polis"})
_PLAN: Final = _INTAKE | {
    "arbetsformedlingen", "skatteverket", "kronofogden", "region_halsovard", "psykiatri", "forsakringskassan",
}  # fmt: skip

#: Domain.md 3.3, our own start values. A change of the rules is another row with the day from which it holds.
REQUIRED: Final[tuple[Required, ...]] = (
    Required("intag", _BOTH, _INTAKE),
    Required("hotbild", _BOTH, _INTAKE),
    Required("plan", _BOTH, _PLAN),
    Required("placering", _BOTH, _INTAKE | {"mottagande_kommun"}),
    Required("overlamnande", frozenset({"socialtjanst"}), frozenset({"mottagande_kommun", "sig"})),
    Required("uppfoljning", _BOTH, frozenset({"forskning"})),
)


def requirement(case_type: str, day: date, rows: Iterable[Required] = REQUIRED) -> Required:
    """The row that holds for a case type on a day.

    Raises:
        KeyError: there is none.
    """
    begun = [row for row in rows if row.case_type == case_type and row.valid_from <= day]
    if not begun:
        raise KeyError(case_type)
    return max(begun, key=lambda row: row.valid_from)


def required_authorities(
    case_type: str,
    day: date,
    overrides: Mapping[str, frozenset[str]] | None = None,
    applicable: Iterable[str] = (),
) -> frozenset[str]:
    """The authorities that a consent of this case type must name.

    Args:
        case_type: code of `codelists.CASE_TYPE`.
        day: in Sweden.
        overrides: a unit's own sets, which replace the ones always needed.
        applicable: authorities that apply to this case; only those of the table count.
    """
    row = requirement(case_type, day)
    base = (overrides or {}).get(case_type, row.always)
    return base | (row.conditional & frozenset(applicable))


#: National authority to which a type of unit belongs, and which a consent may therefore name as a whole. The social
#: services of two municipalities, or the health care of two regions, are two authorities: a consent that says
#: "socialtjänsten" without a unit does not open the one for the other, so their units are covered by name only.
_AUTHORITY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "polis_bops": "polis",
        "polis_grova_brott": "polis",
        "polis_underrattelse": "polis",
        "kommunpolis": "polis",
        "polis_avhopparsamordnare": "polis",
        "kriminalvard": "kriminalvard",
        "frivard": "kriminalvard",
        "sis": "sis",
        "arbetsformedling": "arbetsformedlingen",
        "skatteverket": "skatteverket",
        "kronofogden": "kronofogden",
    }
)


#: Kind of organisation -> unit types that its administrators may set up. The card of an organisation is signed by the
#: root holders, that of a unit by the organisation's own administrators: without this a municipality could make itself
#: a police unit.
_MAY_HAVE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "kommun": frozenset(
            {"avhopparenhet", "stadsdel_socialtjanst", "ordinarie_socialtjanst", "sig", "avhoppartelefon"}
        ),
        "polis": frozenset(
            {
                "polis_bops",
                "polis_grova_brott",
                "polis_underrattelse",
                "kommunpolis",
                "polis_avhopparsamordnare",
                "statistikmottagare",
            }
        ),
        "kriminalvard": frozenset({"kriminalvard", "frivard"}),
        "sis": frozenset({"sis"}),
        "arbetsformedling": frozenset({"arbetsformedling"}),
        "skatteverket": frozenset({"skatteverket"}),
        "kronofogden": frozenset({"kronofogden"}),
        "region": frozenset({"region_halsovard", "psykiatri"}),
        "lansstyrelse": frozenset({"lansstyrelse", "statistikmottagare"}),
        "utforare": frozenset({"utforare"}),
    }
)


def may_have(organisation_kind: str, unit_type: str) -> bool:
    """Whether an organisation of this kind can have such a unit; False for kinds that are not known."""
    return unit_type in _MAY_HAVE.get(organisation_kind, frozenset())


def authority_of(unit_type: str) -> str:
    """The national authority of a unit, for `parties.Unit`; empty when it is an authority of its own or none."""
    return _AUTHORITY_OF.get(unit_type, "")
