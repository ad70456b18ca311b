"""Units of the demonstration's directory that no office plays: the three cities as their cards describe them.

They have a mailbox and no device, so that one can look them up and be proposed them; what is sent to them waits.
What the cards say of Stockholm, Göteborg and Malmö follows domain.md 1.1, 2.0.4 and 2.13; numbers of inhabitants of the
invented municipalities are invented too. Facts name other units by their keys; founding puts the ids in.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from client.demo.cast import CONSENT_TEXT, OFFICE_HOURS, POLICE_UNDER_18
from keys.places import STOCKHOLM_DISTRICTS, District


@dataclasses.dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the directory."""

    key: str
    organisation: str
    name_sv: str
    name_en: str
    unit_type: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    kommunkod: str = ""
    police_region: str = ""


_STOCKHOLM_CLOSING: Final = ["own_housing", "own_income", "no_social_need", "no_active_protection"]


def _district(district: District) -> Unit:
    """One of Stockholm's district administrations; a card says from when it answers for its district."""
    name = district.name
    facts = {
        "catchment_districts": [{"value": [name], "valid_from": district.first.isoformat()}]
        if district.first
        else [name],
        "takes_under_18": True,
        "belongs_by": ["folkbokford", "bosatt"],
        "consent_text_version": CONSENT_TEXT,
    }
    key, name_sv = name.lower(), f"{name} stadsdelsförvaltning"
    return Unit(key, "stockholm", name_sv, f"{name} district", "stadsdel_socialtjanst", facts)


UNITS: Final = (
    Unit(
        "efh",
        "stockholm",
        "Enheten för hemlösa",
        "Stockholm unit for homeless",
        "avhopparenhet",
        {
            "gatekeeper": "polis_forst",
            "decides": ["malgrupp", "bistand", "placering"],
            "threat_assessor": ["bops-stockholm"],
            "takes_under_18": False,
            "takes_without_confirmed_threat": False,
            "advises_other_kommuner": True,
            "handling_days": 21,
            "opening_hours": OFFICE_HOURS,
            "closing_criteria": _STOCKHOLM_CLOSING,
            "follow_up": "under_pagaende",
            "consent_text_version": CONSENT_TEXT,
            "required_authorities": {"intag": ["polis", "socialtjanst"], "placering": ["polis", "socialtjanst"]},
        },
    ),
    *(_district(one) for one in STOCKHOLM_DISTRICTS if one.last is None),
    Unit(
        "bops-stockholm",
        "polisen",
        "Bops Stockholm",
        "Bops Stockholm police",
        "polis_bops",
        {"catchment_regions": ["stockholm"], "takes_under_18": POLICE_UNDER_18},
        police_region="stockholm",
    ),
    Unit(
        "goteborg-social", "goteborg", "Göteborg socialtjänst", "Gothenburg social services", "ordinarie_socialtjanst"
    ),
    Unit(
        "goteborg-sig",
        "goteborg",
        "SIG Göteborg",
        "SIG Gothenburg",
        "sig",
        {"takes_under_18": True, "takes_without_confirmed_threat": True},
    ),
    Unit(
        "malmo-sig",
        "malmo",
        "SIG Malmö",
        "SIG Malmö",
        "sig",
        {"takes_under_18": True, "takes_without_confirmed_threat": True},
    ),
    Unit(
        "norrsjo",
        "norrsjo",
        "Norrsjö socialtjänst",
        "Norrsjö social services",
        "ordinarie_socialtjanst",
        {"population": 6_200, "opening_hours": {"man": "09:00-15:00", "tor": "09:00-15:00"}},
    ),
)
