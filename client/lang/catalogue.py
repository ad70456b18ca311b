"""Swedish is the source, other languages come from catalogues; a choice holds for the task that makes it.

Public signatures:
    choose(lang);  chosen() -> str
    marked(text) -> text             a text that is translated later, so that the catalogue gets it
    translate(text) -> str;  translated(text, lang) -> str;  translate_many(one, many, number) -> str

Example:
    >>> choose("en")
    >>> translate("Arbetslista")
    'Work list'
"""

from __future__ import annotations

import contextvars
import functools
import gettext
from importlib.resources import files
from typing import Final

LANGUAGES: Final = {"sv": "Svenska", "en": "English"}
DOMAIN: Final = "sluss"
_chosen: Final = contextvars.ContextVar("language", default="sv")


def choose(lang: str) -> None:
    """Use a language in this task from here on; an unknown one is Swedish."""
    _chosen.set(lang if lang in LANGUAGES else "sv")


def chosen() -> str:
    """The language of this task."""
    return _chosen.get()


def marked(text: str) -> str:
    """The text itself: a mark for the catalogue on what is translated where it is shown."""
    return text


def translate(text: str) -> str:
    """A Swedish text in the language of this task; a text that the catalogue lacks stays Swedish."""
    return translated(text, chosen())


def translated(text: str, lang: str) -> str:
    """A Swedish text in a language of `LANGUAGES`."""
    return text if not text or lang == "sv" else _catalogue(lang).gettext(text)


def translate_many(one: str, many: str, number: int) -> str:
    """The same for a text that depends on a number."""
    if chosen() == "sv":
        return one if number == 1 else many
    return _catalogue(chosen()).ngettext(one, many, number)


@functools.cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    with files("client.lang").joinpath("locale", lang, "LC_MESSAGES", f"{DOMAIN}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)
