"""Who plays: ten desks of eight units; the people and the three small municipalities are invented.

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
    """A handler's desk. ``key`` names its folder; ``unit`` is the desk of the colleague whose unit it belongs to."""

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
    unit: str = ""

    @property
    def unit_key(self) -> str:
        """What its unit is called in the directory's founding."""
        return self.unit or self.key


ORGANISATIONS: Final = (
    Organisation("lillkoping", "Lillköpings kommun", "kommun"),
    Organisation("goteborg", "Göteborgs Stad", "kommun", "1480"),
    Organisation("polisen", "Polismyndigheten", "polis"),
    Organisation("bjorkvika", "Björkvika kommun", "kommun"),
    Organisation("stockholm", "Stockholms stad", "kommun", "0180"),
    Organisation("malmo", "Malmö stad", "kommun", "1280"),
    Organisation("norrsjo", "Norrsjö kommun", "kommun"),
)

#: When an office answers.
OFFICE_HOURS: Final = dict.fromkeys(("man", "tis", "ons", "tor", "fre"), "08:00-16:30")
#: Which text the person is read before she signs.
CONSENT_TEXT: Final = "avhopp-2026-1"
#: Since April 2023 the police assess the threat to people under 18 too (domain.md 1.3 F3).
POLICE_UNDER_18: Final = [{"value": False, "valid_to": "2023-03-31"}, {"value": True, "valid_from": "2023-04-01"}]
#: What a consent must name at SAV and at the Malmö team: the police, and the social services that ask.
_BOTH: Final = ["polis", "socialtjanst"]
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
            "decides": [{"value": ["malgrupp", "bistand", "placering"], "valid_from": "2021-04-01"}],
            "threat_assessor": ["bops-vast"],
            "takes_under_18": False,
            "takes_lvm": False,
            "takes_lvu": False,
            "takes_without_confirmed_threat": True,
            "advises_other_kommuner": True,
            "handling_days": 21,
            "closing_criteria": ["no_social_need"],
            "follow_up": "vid_omprovning",
            "consent_text_version": CONSENT_TEXT,
            "required_authorities": {"intag": _BOTH, "hotbild": _BOTH, "placering": _BOTH},
            "postal_address": "Påhittade gatan 1, 400 00 Göteborg",
            "contact": "031-000 00 00",
            "dataskyddsombud": "dataskyddsombud@goteborg.invalid",
        },
    ),
    Office(
        "goteborg-sav-2",
        "goteborg",
        "Göteborg SAV",
        "Gothenburg SAV",
        "avhopparenhet",
        "Miriam Åkerblom",
        "enhetschef",
        _HANDLER,
        unit="goteborg-sav",
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
        {"catchment_regions": ["vast"], "takes_under_18": POLICE_UNDER_18},
        police_region="vast",
    ),
    Office(
        "bops-vast-2",
        "polisen",
        "Bops Väst",
        "Bops West",
        "polis_bops",
        "Ylva Norrgård",
        "kriminalinspektör",
        (Role.POLIS_BEDOMARE, Role.BESLUTSFATTARE, Role.HANDLAGGARE),
        unit="bops-vast",
    ),
    Office(
        "konsultationsteamet",
        "malmo",
        "Konsultationsteamet",
        "Malmö consultation team",
        "avhopparenhet",
        "Tove Hagelin",
        "socialsekreterare",
        _HANDLER,
        {
            "gatekeeper": "enhet_med_polisbekraftelse",
            "decides": [],
            "decision_unit": ["malmo-social"],
            "threat_assessor": ["grova-brott"],
            "takes_under_18": False,
            "takes_without_confirmed_threat": False,
            "advises_other_kommuner": True,
            "handling_days": 21,
            "opening_hours": OFFICE_HOURS,
            "follow_up": "ett_ar_efter_avslut",
            "consent_text_version": CONSENT_TEXT,
            "required_authorities": {"intag": _BOTH, "hotbild": _BOTH},
        },
    ),
    Office(
        "malmo-social",
        "malmo",
        "Malmö socialtjänst",
        "Malmö social services",
        "ordinarie_socialtjanst",
        "Birgitta Ekenstam",
        "enhetschef",
        _HANDLER,
    ),
    Office(
        "grova-brott",
        "polisen",
        "Grova brott Malmö",
        "Serious crime Malmö",
        "polis_grova_brott",
        "Anders Fridlund",
        "kriminalkommissarie",
        (Role.POLIS_BEDOMARE, Role.BESLUTSFATTARE, Role.HANDLAGGARE),
        {"catchment_kommuner": ["1280"], "takes_under_18": POLICE_UNDER_18},
        police_region="syd",
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
