"""A unit's facts as the page tells them, in the language of the page; and which units serve a county."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from client.casework.codelists import AUTHORITY, CASE_TYPE
from client.casework.fact_words import LABELS, WORDS, tell
from client.lang.catalogue import chosen, marked, translate
from keys.facts import FACTS, WEEKDAYS, Holds
from keys.places import LAN, REGION_OF_LAN

_DAYS: Final = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
#: What stands in the list of the address book, each as a short word of its own.
_SHORT: Final = {
    "takes_under_18": marked("unga under 18 år"),
    "takes_lvm": marked("ärenden enligt LVM"),
    "takes_lvu": marked("ärenden enligt LVU"),
    "takes_without_confirmed_threat": marked("personer utan bekräftad hotbild"),
    "advises_other_kommuner": marked("andra kommuners frågor om råd"),
    "runs_hotline": marked("samtal till avhoppartelefonen"),
}


def told(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and words of each fact, in the order of `LABELS`.

    Args:
        facts: of today, by name.
        names: unit id -> name.
    """
    return [(translate(label), _words(name, facts[name], names)) for name, label in LABELS.items() if name in facts]


def takes(facts: Mapping[str, Any]) -> list[str]:
    """What a unit says that it takes or does, in short words."""
    return [translate(word) for name, word in _SHORT.items() if facts.get(name) is True]


def serves(unit: Mapping[str, Any], county: str) -> bool:
    """Whether a unit lies in a county or says that it serves it."""
    facts, region = unit["facts"], REGION_OF_LAN.get(county)
    kommuner = [unit["kommunkod"] or "", *facts.get("catchment_kommuner", ())]
    regions = [unit["police_region"], *facts.get("catchment_regions", ())]
    return (
        any(code.startswith(county) for code in kommuner)
        or county in facts.get("catchment_lan", ())
        or (region is not None and region in regions)
    )


def counted(units: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many units each county has."""
    listed = list(units)
    return {county: sum(serves(unit, county) for unit in listed) for county in LAN}


def _words(name: str, value: Any, names: Mapping[str, str]) -> str:
    match FACTS[name].holds:
        case Holds.FLAG:
            return translate("ja") if value else translate("nej")
        case Holds.WORD:
            return translate(WORDS[value])
        case Holds.WORDS:
            return ", ".join(translate(WORDS[one]) for one in value) or translate("inget")
        case Holds.HOURS:
            days = zip(WEEKDAYS, _DAYS[chosen()], strict=True)
            return ", ".join(f"{word} {value[day]}" for day, word in days if day in value) or translate("stängt")
        case Holds.SETS:
            return "; ".join(
                f"{translate(CASE_TYPE.label(one))}: {', '.join(translate(AUTHORITY.label(code)) for code in codes)}"
                for one, codes in value.items()
            )
        case _:
            return tell(name, value, names)
