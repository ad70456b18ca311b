"""Languages in which somebody is spoken to or told: subtags of BCP 47 (RFC 5646), as a list to choose from.

Those that interpreters are most often asked for here, the national minority languages, and sign language; whoever needs
another one takes ``und`` and says it where it is safe to make contact. Source: domain.md 2.0.3, 3.2 no 22 and 23.
"""

from __future__ import annotations

from typing import Final

from client.casework.codelists import codelist

LANGUAGE = codelist(
    "language",
    {
        "sv": "Svenska",
        "sq": "Albanska",
        "am": "Amhariska",
        "ar": "Arabiska",
        "hy": "Armeniska",
        "bn": "Bengali",
        "bs": "Bosniska",
        "bg": "Bulgariska",
        "da": "Danska",
        "prs": "Dari",
        "en": "Engelska",
        "et": "Estniska",
        "fi": "Finska",
        "fr": "Franska",
        "el": "Grekiska",
        "hi": "Hindi",
        "is": "Isländska",
        "it": "Italienska",
        "yi": "Jiddisch",
        "zh": "Kinesiska",
        "hr": "Kroatiska",
        "kmr": "Kurmanji (nordkurdiska)",
        "ckb": "Sorani (centralkurdiska)",
        "lv": "Lettiska",
        "ln": "Lingala",
        "lt": "Litauiska",
        "mk": "Makedonska",
        "fit": "Meänkieli",
        "mn": "Mongoliska",
        "no": "Norska",
        "om": "Oromo",
        "ps": "Pashto",
        "fa": "Persiska",
        "pl": "Polska",
        "pt": "Portugisiska",
        "rom": "Romani",
        "ro": "Rumänska",
        "ru": "Ryska",
        "se": "Samiska",
        "sr": "Serbiska",
        "so": "Somaliska",
        "es": "Spanska",
        "sw": "Swahili",
        "aii": "Syriska (östsyriska)",
        "swl": "Teckenspråk, svenskt",
        "th": "Thailändska",
        "ti": "Tigrinja",
        "tr": "Turkiska",
        "de": "Tyska",
        "uk": "Ukrainska",
        "hu": "Ungerska",
        "ur": "Urdu",
        "uz": "Uzbekiska",
        "vi": "Vietnamesiska",
        "und": "Annat språk",
    },
)
OTHER: Final = "und"
_CODES: Final = {label.casefold(): code for code, label in LANGUAGE.items}


def listed(text: str) -> str:
    """The code of a language that was written freely, as records held it before there was a list; else another one."""
    return text if text in LANGUAGE.codes else _CODES.get(text.strip().casefold(), OTHER)
