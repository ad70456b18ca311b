"""The Swedish sentences of `routing`: why a unit is proposed, and what to do where none is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from client.casework.codelists import UNIT_TYPE
from keys.places import POLICE_REGIONS, kommuner, region_of

BY_HAND: Final = (
    "Folkbokföringen säger inget om var personen hör hemma när uppgifterna är skyddade eller skyddet är okänt. "
    "Välj mottagare för hand tillsammans med en beslutsfattare; två personer skriver under."
)
NO_PLACE: Final = "Ange var personen är folkbokförd eller bosatt."
#: Why a unit for defectors does not take somebody.
REFUSALS: Final[Mapping[str, str]] = {
    "under_18": "tar inte emot personer under 18 år",
    "lvm": "tar inte emot ärenden enligt LVM",
    "lvu": "tar inte emot ärenden enligt LVU",
    "hot": "tar inte emot personer utan bekräftad hotbild",
}


def place_name(kommunkod: str) -> str:
    """The short name of a municipality, or the code where there is none."""
    return kommuner()[kommunkod].name if kommunkod in kommuner() else kommunkod


def gate_reason(home: str, name: str, facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Who decides there, who assesses the threat, and how long it takes, as the unit's card says."""
    gates = {
        "polis_forst": f"polisen avgör först; {name} tar emot efter polisens bedömning",
        "enheten_sjalv": f"{name} avgör själv",
        "enhet_med_polisbekraftelse": f"{name} tar emot när polisen har bekräftat hotbilden",
    }
    parts = [gates.get(str(facts.get("gatekeeper")), f"{name} tar emot")]
    deciding = _named(facts.get("decision_unit", ()), names)
    if deciding:
        parts.append(f"beslut fattas av {deciding}")
    assessing = _named(facts.get("threat_assessor", ()), names)
    if assessing:
        parts.append(f"hotbilden bedöms av {assessing}")
    if "handling_days" in facts:
        parts.append(f"handläggningen tar ungefär {facts['handling_days']} dagar")
    return f"{place_name(home)}: {'; '.join(parts)}"


def ordinary_reason(home: str, unit_type: str) -> str:
    """A unit of the ordinary social services."""
    return f"{place_name(home)}: {UNIT_TYPE.label(unit_type).lower()} i hemkommunen"


def assessor_reason(home: str, gate: str) -> str:
    """Police who assess; ``gate`` names the unit whose card says so, empty for the region's police."""
    if gate:
        return f"{place_name(home)}: bedömer hotbilden, enligt {gate}"
    return f"{place_name(home)} ligger i polisregion {POLICE_REGIONS[region_of(home)]}"


def adviser_reason(kommunkod: str, home: str) -> str:
    """How near an advising unit is."""
    if kommunkod == home:
        return "ger råd, i samma kommun"
    if kommunkod[:2] == home[:2]:
        return "ger råd till andra kommuner, i samma län"
    near = region_of(kommunkod) == region_of(home)
    return f"ger råd till andra kommuner{', i samma polisregion' if near else ''}"


def refusal(name: str, reason: str) -> str:
    """Why a unit is not proposed."""
    return f"{name} {REFUSALS[reason]}."


def staying_advice(kommunkod: str) -> str:
    """Where somebody is gives a duty in emergencies, and gives the person away."""
    return (
        f"{place_name(kommunkod)} ansvarar för akut hjälp medan personen vistas där. "
        "Skriv inte ut vistelseorten om samtycket inte omfattar den."
    )


def unconnected(home: str, advisers: Sequence[str]) -> list[str]:
    """Whom to call where no unit of the directory fits."""
    call = (
        f"Ingen ansluten enhet i {place_name(home)} passar. Ring 114 14 och fråga efter polisens avhopparsamordnare i "
        f"polisregion {POLICE_REGIONS[region_of(home)]}; vid fara 112."
    )
    return [call] + [f"Råd utan personuppgifter kan ni få av {name}." for name in advisers]


def _named(unit_ids: Sequence[str], names: Mapping[str, str]) -> str:
    return " och ".join(names[one] for one in unit_ids if one in names)
