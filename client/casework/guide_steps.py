"""The guide's steps, which are written by hand, with what is declared put in: in Swedish, and in English.

    {{dokument hotbild.begaran}}    its title, its code, and the roles that may send it
    {{tid hotbild bedoms}}          how long that state should last
    {{ord Skriv nytt}}              what the page says there, in the language of the steps
    {{kommandon}}                   on a line of its own: the next commands of the Swedish steps

Public signatures:
    STEPS                                       name of the markers around the steps
    drawn(guide, chapters) -> str               a guide with these chapters anew between their markers
    filled(steps, lang) -> str                  steps with what is declared
    with_commands(steps, swedish) -> str        steps of another language with the commands of the Swedish ones

Not here: the chapters that nobody writes (`guide`); reading and writing files (`client.cli.guide`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from client.casework.codelists import ROLE
from client.casework.flow_tables import FLOWS
from client.casework.guide_words import spans_words
from client.casework.kinds.registry import KINDS
from client.lang.catalogue import translated

STEPS: Final = "arbetsgång"
_DECLARED: Final = re.compile(r"\{\{(\S+) ([^{}]+)\}\}")
_COMMANDS: Final = re.compile(r"^ *```console\n.*?^ *```\n", re.MULTILINE | re.DOTALL)
_PLACE: Final = "{{kommandon}}\n"


def drawn(guide: str, chapters: Mapping[str, Callable[[], str]]) -> str:
    """A guide with these chapters drawn anew, each between its markers.

    Raises:
        ValueError: a chapter has no markers, or not one pair.
    """
    for name, chapter in chapters.items():
        begins, ends = f"<!-- {name}: början -->\n", f"<!-- {name}: slut -->\n"
        if guide.count(begins) != 1 or guide.count(ends) != 1:
            raise ValueError(name)
        before, _, rest = guide.partition(begins)
        guide = before + begins + chapter() + ends + rest.partition(ends)[2]
    return guide


def filled(steps: str, lang: str = "sv") -> str:
    """The steps with what is declared in its places.

    Raises:
        ValueError: they name something that is not declared, or a text that has no translation.
    """
    return _DECLARED.sub(lambda found: _declared(found[1], found[2].split(), found[2], lang), steps)


def with_commands(steps: str, swedish: str) -> str:
    """Steps of another language, with the commands of the Swedish ones in their order.

    Raises:
        ValueError: there are more places than commands, or fewer.
    """
    commands, parts = _COMMANDS.findall(swedish), steps.split(_PLACE)
    if len(parts) != len(commands) + 1:
        raise ValueError(f"{len(parts) - 1} / {len(commands)}")
    return "".join(part + one for part, one in zip(parts, [*commands, ""], strict=True))


def _declared(what: str, names: list[str], text: str, lang: str) -> str:
    match what, names:
        case "dokument", [name] if name in KINDS:
            kind = KINDS[name]
            roles = ", ".join(sorted(_lower(translated(ROLE.label(role), lang)) for role in kind.roles))
            return f"**{translated(kind.title_sv, lang)}** (`{name}`; {roles})"
        case "tid", [name, state] if name in FLOWS:
            if time := spans_words(FLOWS[name].state(state).deadlines, lang):
                return time
        case "ord", _ if lang == "sv" or translated(text, lang) != text:
            return translated(text, lang)
    raise ValueError(f"{what} {text}")


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
