"""The codes of placements, follow-up, providers and statistics, in Swedish and English. Rules: `code_table`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

PLACEMENT: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "KOL-01": (
            "Polisen har inte svarat att orten är fri från kända hinder.",
            "Be polisen att kontrollera just den kommunen. Bekräfta när svaret har kommit.",
            "The police have not said that no obstacle is known at the place.",
            "Ask the police to check that very municipality. Confirm when the answer has come.",
        ),
        "KOL-02": (
            "Kontrollen av orten är för gammal.",
            "Be polisen att kontrollera orten igen, högst 24 timmar före flytten.",
            "The check of the place is too old.",
            "Ask the police to check the place again, at most 24 hours before the move.",
        ),
        "KOL-03": (
            "En polisenhet som ni har frågat, eller er egen kontroll, har en träff, är osäker eller har inte svarat.",
            "Tala med den enheten. Svara att orten är olämplig, eller vänta på dess svar att den inte har någon träff.",
            "A police unit that you asked, or your own check, has a hit, is unsure or has not answered.",
            "Talk to that unit. Answer that the place is unsuitable, or wait until it has answered that it has no hit.",
        ),
        "KOL-04": (
            "Ingen har kontrollerat orten det senaste dygnet före svaret.",
            "Fråga en annan polisenhet om orten, eller gör en egen kontroll som en kollega godkänner. Svara sedan.",
            "Nobody has checked the place within the day before the answer.",
            "Ask another police unit about the place, or make a check that a colleague approves. Then answer.",
        ),
        "REPEAT": (
            "Frågorna kan tillsammans visa var någon finns.",
            "Låt en kollega ta ställning. Skriv vem som har beslutat och varför, eller avstå från frågan.",
            "Together the questions may show where somebody is.",
            "Let a colleague decide. Write who has decided and why, or do without the question.",
        ),
        "PROVIDER": (
            "Katalogen säger inte att utföraren är kontrollerad just nu.",
            "Be den som ansvarar för katalogen att kontrollera utföraren och föra in dagarna.",
            "The directory does not say that the provider is checked at present.",
            "Ask whoever keeps the directory to check the provider and to enter the days.",
        ),
        "EARLY": (
            "Perioden är inte slut.",
            "Räkna när perioden är över.",
            "The period is not over.",
            "Count when the period is over.",
        ),
        "OVERLAP": (
            "En rapport för samma tid är redan skickad. Skillnaden mellan två rapporter kan röja någon.",
            "Ta tillbaka den första rapporten innan du skickar en ny.",
            "A report for the same time has been sent. The difference between two reports may point somebody out.",
            "Take the first report back before you send a new one.",
        ),
        "READER": (
            "Din roll får inte läsa dokumentet, eftersom det rör var någon finns.",
            "Be den som handlägger ärendet.",
            "Your role may not read the document, since it is about where somebody is.",
            "Ask whoever handles the case.",
        ),
        "ENTRY": (
            "Posten är borttagen, eftersom placeringen är slut.",
            "Du behöver inte göra något. Det som ska bevaras finns kvar för arkivet.",
            "The entry is removed, since the placement is over.",
            "You need do nothing. What must be preserved is kept for the archive.",
        ),
    }
)
