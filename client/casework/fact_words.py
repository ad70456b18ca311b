"""A unit's facts in Swedish, for whoever looks a unit up (`keys.facts`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from client.casework.codelists import AUTHORITY, CASE_TYPE
from client.casework.routing_words import place_name
from keys.facts import FACTS, WEEKDAYS, Holds
from keys.places import LAN, POLICE_REGIONS

#: Fact -> what a person reads.
LABELS: Final[Mapping[str, str]] = {
    "gatekeeper": "Vem som avgör dörren",
    "decides": "Enheten beslutar om",
    "decision_unit": "Beslut fattas av",
    "threat_assessor": "Hotbilden bedöms av",
    "takes_under_18": "Tar emot under 18 år",
    "takes_lvm": "Tar emot ärenden enligt LVM",
    "takes_lvu": "Tar emot ärenden enligt LVU",
    "takes_without_confirmed_threat": "Tar emot utan bekräftad hotbild",
    "advises_other_kommuner": "Ger råd till andra kommuner",
    "runs_hotline": "Har avhoppartelefon",
    "offers_paid_service": "Säljer tjänsten till andra kommuner",
    "handling_days": "Handläggningstid i dagar",
    "consent_text_version": "Samtyckestextens version",
    "required_authorities": "Myndigheter som samtycket måste nämna",
    "opening_hours": "Öppettider",
    "deputies": "Svarar när enheten är stängd",
    "catchment_kommuner": "Upptagningsområde, kommuner",
    "catchment_lan": "Upptagningsområde, län",
    "catchment_regions": "Upptagningsområde, polisregioner",
    "catchment_districts": "Upptagningsområde, stadsdelar",
    "belongs_by": "Personen hör hit genom att vara",
    "verified_until": "Kontrollerad till och med",
    "otillaten_paverkan_kontroll": "Kontroll av otillåten påverkan gjord",
    "closing_criteria": "Krav för att avsluta",
    "follow_up": "Uppföljning",
    "postal_address": "Postadress",
    "contact": "Kontakt",
    "dataskyddsombud": "Dataskyddsombud",
    "population": "Invånare",
    "small_place": "Liten ort",
    "high_risk": "Förhöjd risk: nycklar för sex timmar",
}
WORDS: Final[Mapping[str, str]] = {
    "polis_forst": "polisen avgör först",
    "enheten_sjalv": "enheten avgör själv",
    "enhet_med_polisbekraftelse": "enheten, när polisen har bekräftat hotbilden",
    "malgrupp": "målgrupp",
    "bistand": "bistånd",
    "placering": "placering",
    "folkbokford": "folkbokförd",
    "bosatt": "bosatt",
    "vistas": "på plats",
    "own_housing": "eget boende",
    "own_income": "egen inkomst",
    "no_social_need": "inget behov av socialtjänst",
    "no_active_protection": "inget aktivt personskydd",
    "ett_ar_efter_avslut": "ett år efter avslut",
    "under_pagaende": "under pågående insats",
    "vid_omprovning": "vid omprövning",
}
_DAYS: Final = dict(zip(WEEKDAYS, ("mån", "tis", "ons", "tors", "fre", "lör", "sön"), strict=True))


def tell(name: str, value: Any, names: Mapping[str, str]) -> str:
    """One fact's value as a person reads it.

    Args:
        name: key of `keys.facts.FACTS`.
        value: of its declared form.
        names: unit id -> name; an id that is not there is shown as its first digits.
    """
    teller = _TELLERS.get(FACTS[name].holds)
    return str(value) if teller is None else teller(value, names)


def _authorities(codes: Sequence[str]) -> str:
    return _several(AUTHORITY.label(code) for code in codes)


def _several(words: Iterable[str]) -> str:
    return ", ".join(words) or "inget"


def _hours(value: Mapping[str, str], _names: Mapping[str, str]) -> str:
    return ", ".join(f"{_DAYS[day]} {value[day]}" for day in WEEKDAYS if day in value) or "stängt"


def _sets(value: Mapping[str, Sequence[str]], _names: Mapping[str, str]) -> str:
    return "; ".join(f"{CASE_TYPE.label(one)}: {_authorities(codes)}" for one, codes in value.items()) or "inget"


#: Form of a fact -> how it is told; those that are missing are told as they are.
_TELLERS: Final[Mapping[Holds, Callable[[Any, Mapping[str, str]], str]]] = {
    Holds.FLAG: lambda value, _: "ja" if value else "nej",
    Holds.WORD: lambda value, _: WORDS[value],
    Holds.WORDS: lambda value, _: _several(WORDS[one] for one in value),
    Holds.UNITS: lambda value, names: _several(names.get(one, one[:8]) for one in value),
    Holds.KOMMUNER: lambda value, _: _several(place_name(one) for one in value),
    Holds.LAN: lambda value, _: _several(LAN[one] for one in value),
    Holds.REGIONS: lambda value, _: _several(POLICE_REGIONS[one] for one in value),
    Holds.NAMES: lambda value, _: _several(value),
    Holds.HOURS: _hours,
    Holds.SETS: _sets,
}
