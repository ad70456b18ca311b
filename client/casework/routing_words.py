"""The sentences of `routing`: why a unit is proposed, and what to do where none is.

A sentence is a Swedish text with names to fill in, so that another language is a catalogue and not another program:
`Sentence.told` takes the function that translates a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from client.casework.codelists import UNIT_TYPE
from keys.places import POLICE_REGIONS, kommuner, region_of

#: Name -> Swedish text; the names in brackets are filled in when it is told.
TEXTS: Final[Mapping[str, str]] = {
    "by_hand": (
        "Folkbokföringen säger inget om var personen hör hemma när uppgifterna är skyddade eller skyddet är okänt. "
        "Välj mottagare för hand tillsammans med en beslutsfattare; två personer skriver under."
    ),
    "no_place": "Ange var personen är folkbokförd eller bosatt.",
    # why a unit for defectors does not take somebody
    "under_18": "%(unit)s tar inte emot personer under 18 år.",
    "lvm": "%(unit)s tar inte emot ärenden enligt LVM.",
    "lvu": "%(unit)s tar inte emot ärenden enligt LVU.",
    "hot": "%(unit)s tar inte emot personer utan bekräftad hotbild.",
    # why it is proposed
    "polis_forst": "%(place)s: polisen avgör först; %(unit)s tar emot efter polisens bedömning",
    "enheten_sjalv": "%(place)s: %(unit)s avgör själv",
    "enhet_med_polisbekraftelse": "%(place)s: %(unit)s tar emot när polisen har bekräftat hotbilden",
    "takes": "%(place)s: %(unit)s tar emot",
    "decides": "beslut fattas av %(units)s",
    "assesses": "hotbilden bedöms av %(units)s",
    "days": "handläggningen tar ungefär %(days)s dagar",
    "ordinary": "%(place)s: %(kind)s i hemkommunen",
    "named_assessor": "%(place)s: bedömer hotbilden, enligt %(unit)s",
    "region_assessor": "%(place)s ligger i polisregion %(region)s",
    "adviser_here": "ger råd, i samma kommun",
    "adviser_county": "ger råd till andra kommuner, i samma län",
    "adviser_region": "ger råd till andra kommuner, i samma polisregion",
    "adviser": "ger råd till andra kommuner",
    # what to do beside
    "staying": (
        "%(place)s ansvarar för akut hjälp medan personen vistas där. "
        "Skriv inte ut vistelseorten om samtycket inte omfattar den."
    ),
    "unconnected": (
        "Ingen ansluten enhet i %(place)s passar. Ring 114 14 och fråga efter polisens avhopparsamordnare i "
        "polisregion %(region)s; vid fara 112."
    ),
    "adviser_for": "Råd utan personuppgifter kan ni få av %(unit)s.",
}
#: Texts of other lists that stand inside of a sentence, in small letters there.
_INNER: Final = frozenset({"kind"})


def _swedish(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text of `TEXTS` with what is filled in, and what follows it after semicolons."""

    text: str
    values: tuple[tuple[str, str], ...] = ()
    more: tuple[Sentence, ...] = ()

    def told(self, translate: Callable[[str], str] = _swedish) -> str:
        """The words in a language.

        Args:
            translate: a Swedish text in that language; by default it stays Swedish.
        """
        values = {name: translate(value).lower() if name in _INNER else value for name, value in self.values}
        return "; ".join([translate(TEXTS[self.text]) % values, *(one.told(translate) for one in self.more)])


def sentence(text: str, *more: Sentence, **values: str) -> Sentence:
    """A sentence by the name of its text."""
    return Sentence(text, tuple(values.items()), more)


def place_name(kommunkod: str) -> str:
    """The short name of a municipality, or the code where there is none."""
    return kommuner()[kommunkod].name if kommunkod in kommuner() else kommunkod


def gate_reason(home: str, name: str, facts: Mapping[str, Any], names: Mapping[str, str]) -> Sentence:
    """Who decides there, who assesses the threat, and how long it takes, as the unit's card says."""
    gate = str(facts.get("gatekeeper"))
    more = [
        sentence(text, units=named)
        for text, fact in (("decides", "decision_unit"), ("assesses", "threat_assessor"))
        if (named := _named(facts.get(fact, ()), names))
    ]
    if "handling_days" in facts:
        more.append(sentence("days", days=str(facts["handling_days"])))
    return sentence(gate if gate in TEXTS else "takes", *more, place=place_name(home), unit=name)


def ordinary_reason(home: str, unit_type: str) -> Sentence:
    """A unit of the ordinary social services."""
    return sentence("ordinary", place=place_name(home), kind=UNIT_TYPE.label(unit_type))


def assessor_reason(home: str, gate: str) -> Sentence:
    """Police who assess; ``gate`` names the unit whose card says so, empty for the region's police."""
    if gate:
        return sentence("named_assessor", place=place_name(home), unit=gate)
    return sentence("region_assessor", place=place_name(home), region=POLICE_REGIONS[region_of(home)])


def adviser_reason(kommunkod: str, home: str) -> Sentence:
    """How near an advising unit is."""
    if kommunkod == home:
        return sentence("adviser_here")
    if kommunkod[:2] == home[:2]:
        return sentence("adviser_county")
    return sentence("adviser_region" if region_of(kommunkod) == region_of(home) else "adviser")


def staying_advice(kommunkod: str) -> Sentence:
    """Where somebody is gives a duty in emergencies, and gives the person away."""
    return sentence("staying", place=place_name(kommunkod))


def unconnected(home: str, advisers: Sequence[str]) -> list[Sentence]:
    """Whom to call where no unit of the directory fits."""
    call = sentence("unconnected", place=place_name(home), region=POLICE_REGIONS[region_of(home)])
    return [call] + [sentence("adviser_for", unit=name) for name in advisers]


def _named(unit_ids: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names[one] for one in unit_ids if one in names)
