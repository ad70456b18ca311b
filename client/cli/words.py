"""Two languages at the terminal: Swedish is the source, English comes with ``--lang en``.

What the declarations of the work say is looked up in the catalogue that the page uses too (``tr``).

A help text is written as one string, ``svenska ¦ english``, because click keeps one; ``both`` makes it and ``pick``
takes it apart when it is shown.
"""

from __future__ import annotations

import contextvars
from typing import Final

from client.lang.catalogue import translated

LANGUAGES: Final = ("sv", "en")
_BAR: Final = " ¦ "
_lang: Final = contextvars.ContextVar("lang", default="sv")


def lang() -> str:
    """The language chosen for this call."""
    return _lang.get()


def choose_lang(chosen: str) -> None:
    """Use a language from here on."""
    _lang.set(chosen)


def say(swedish: str, english: str) -> str:
    """One of two texts."""
    return english if lang() == "en" else swedish


def tr(text: str) -> str:
    """A text of the declarations, or of the API, in the chosen language; what the catalogue lacks stays Swedish."""
    return translated(text, lang())


def both(swedish: str, english: str) -> str:
    """Both texts as one help string."""
    return f"{swedish}{_BAR}{english}"


def pick(text: str) -> str:
    """The half of a help string that is in the chosen language."""
    swedish, bar, english = text.partition(_BAR)
    return english if bar and lang() == "en" else swedish
