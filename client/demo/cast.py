"""Who plays: five offices of four organisations; the people and the two small municipalities are invented."""

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


ORGANISATIONS: Final = (
    Organisation("lillkoping", "Lillköpings kommun", "kommun"),
    Organisation("goteborg", "Göteborgs Stad", "kommun", "1480"),
    Organisation("polisen", "Polismyndigheten", "polis"),
    Organisation("bjorkvika", "Björkvika kommun", "kommun"),
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
        {"gatekeeper": "enheten_sjalv", "decides": ["malgrupp", "bistand", "placering"], "handling_days": 21},
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
