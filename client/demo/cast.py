"""Who plays: five offices of four organisations; the people and the three small municipalities are invented.

Units that nobody plays, and the other cities, stand in `directory`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from keys.cards import Role

PASSPHRASE: Final = "endast en demonstration"  # noqa: S105 - guards throw-away keys of invented people


@dataclasses.dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of the demonstration's directory."""

    key: str
    name: str
    kind: str
    kommunkod: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """An office with one handler. ``key`` names its folder."""

    key: str
    organisation: str
    name_sv: str
    name_en: str
    unit_type: str
    staff: str
    title: str
    roles: tuple[Role, ...]
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    kommunkod: str = ""
    police_region: str = ""


ORGANISATIONS: Final = (
    Organisation("lillkoping", "Lillköpings kommun", "kommun"),
    Organisation("goteborg", "Göteborgs Stad", "kommun", "1480"),
    Organisation("polisen", "Polismyndigheten", "polis"),
    Organisation("bjorkvika", "Björkvika kommun", "kommun"),
    Organisation("stockholm", "Stockholms stad", "kommun", "0180"),
    Organisation("malmo", "Malmö stad", "kommun", "1280"),
    Organisation("norrsjo", "Norrsjö kommun", "kommun"),
)

_HANDLER: Final = (Role.HANDLAGGARE, Role.BESLUTSFATTARE, Role.REGISTRATOR)

OFFICES: Final = (
    Office(
        "lillkoping",
        "lillkoping",
        "Lillköping socialtjänst",
        "Lillköping social services",
        "ordinarie_socialtjanst",
        "Maj-Britt Lindqvist",
        "socialsekreterare",
        _HANDLER,
    ),
    Office(
        "goteborg-sav",
        "goteborg",
        "Göteborg SAV",
        "Gothenburg SAV",
        "avhopparenhet",
        "Jonatan Rydell",
        "socialsekreterare",
        _HANDLER,
        {
            "gatekeeper": "enheten_sjalv",
            "decides": ["malgrupp", "bistand", "placering"],
            "threat_assessor": ["bops-vast"],
            "takes_under_18": False,
            "takes_lvm": False,
            "takes_lvu": False,
            "takes_without_confirmed_threat": True,
            "advises_other_kommuner": True,
            "handling_days": 21,
            "closing_criteria": ["no_social_need"],
            "follow_up": "vid_omprovning",
        },
    ),
    Office(
        "avhoppartelefonen",
        "goteborg",
        "Avhoppartelefonen",
        "Defector hotline",
        "avhoppartelefon",
        "Sanna Westerberg",
        "telefonrådgivare",
        (Role.TELEFON, Role.HANDLAGGARE),
        {"runs_hotline": True},
    ),
    Office(
        "bops-vast",
        "polisen",
        "Bops Väst",
        "Bops West",
        "polis_bops",
        "Henrik Palmgren",
        "polisinspektör",
        (Role.POLIS_BEDOMARE, Role.BESLUTSFATTARE, Role.HANDLAGGARE),
        {"catchment_regions": ["vast"]},
        police_region="vast",
    ),
    Office(
        "bjorkvika",
        "bjorkvika",
        "Björkvika socialtjänst",
        "Björkvika social services",
        "ordinarie_socialtjanst",
        "Agneta Forsmark",
        "enhetschef",
        _HANDLER,
    ),
)
