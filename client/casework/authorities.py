"""Which authorities a consent must name, by type of case.

"All concerned authorities" is a closed list: the person signs it whole or not at all. The values are
where an operator starts; a unit's card in the directory may replace them.

Public signatures:
    required_authorities(case_type, overrides={}, applicable=()) -> frozenset[str]
    authority_of(unit_type) -> str
    may_have(organisation_kind, unit_type) -> bool

Source: domain.md 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

#: Case type -> authorities always needed, and those needed when they apply.
REQUIRED: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = MappingProxyType(
    {
        "intag": (
            frozenset({"socialtjanst", "polis"}),
            frozenset({"kriminalvard", "sis", "hemkommun", "vardnadshavares_kommun"}),
        ),
        "hotbild": (
            frozenset({"socialtjanst", "polis"}),
            frozenset({"kriminalvard", "sis", "hemkommun", "vardnadshavares_kommun"}),
        ),
        "plan": (
            frozenset({"socialtjanst", "polis"}),
            frozenset(
                {
                    "kriminalvard",
                    "sis",
                    "hemkommun",
                    "vardnadshavares_kommun",
                    "arbetsformedlingen",
                    "skatteverket",
                    "kronofogden",
                    "region_halsovard",
                    "psykiatri",
                    "forsakringskassan",
                }
            ),
        ),
        "placering": (
            frozenset({"socialtjanst", "polis"}),
            frozenset({"kriminalvard", "sis", "hemkommun", "vardnadshavares_kommun", "mottagande_kommun"}),
        ),
        "overlamnande": (frozenset({"socialtjanst"}), frozenset({"mottagande_kommun", "sig"})),
        "uppfoljning": (frozenset({"socialtjanst", "polis"}), frozenset({"forskning"})),
    }
)


def required_authorities(
    case_type: str,
    overrides: Mapping[str, frozenset[str]] | None = None,
    applicable: Iterable[str] = (),
) -> frozenset[str]:
    """The authorities that a consent of this case type must name.

    Args:
        case_type: code of `codelists.CASE_TYPE`.
        overrides: a unit's own sets, which replace the ones always needed.
        applicable: authorities that apply to this case; only those of the table count.
    """
    always, conditional = REQUIRED[case_type]
    base = (overrides or {}).get(case_type, always)
    return base | (conditional & frozenset(applicable))


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
