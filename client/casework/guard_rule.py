"""What a rule of the guard is: its pattern, and where it is worth trying.

Source: domain.md 2.1, guard G1; the figure behind rule 2 of `guard_patterns` is ``python -m tests.bench guard``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypedDict, Unpack

#: Begins at the start of a word.
START: Final = r"(?<!\w)"
#: After the first letter of a pattern: it begins a word. The search then runs by that letter, which is much quicker.
BEGUN: Final = r"(?<!\w.)"
#: A year in full.
YEAR: Final = "(?:19|20)[0-9]{2}"


class Reach(NamedTuple):
    """How far a match may go before its first digit and after its last, in characters, with what it looks at there."""

    before: int
    after: int


#: For rules whose letters stand close to the digits; with a word before; for streets; for what goes on after them.
NEAR, CUED, STREET, AFTER = Reach(14, 6), Reach(30, 6), Reach(66, 6), Reach(6, 46)


class Rule(NamedTuple):
    """One rule.

    Args:
        name: rule id.
        pattern: on folded text.
        cues: lower-case pieces of which one must stand in the text; none: the rule has no cue.
        reach: of a rule that needs a digit, None for the others.
        least: of a rule that needs a digit: so many stand together somewhere in a match.
        endings: lower-case ends of the word before a digit, of which a match needs one; none: any word will do.
    """

    name: str
    pattern: re.Pattern[str]
    cues: tuple[str, ...] = ()
    reach: Reach | None = None
    least: int = 1
    endings: tuple[str, ...] = ()


class Tried(TypedDict, total=False):
    """Where a rule is worth trying; ``cues`` and ``endings`` separated by ``|``, ``case``: capitals matter."""

    cues: str
    reach: Reach
    least: int
    endings: str
    case: bool


def rule(name: str, *parts: str, **tried: Unpack[Tried]) -> Rule:
    """One rule; its parts are joined."""
    return Rule(
        name,
        re.compile("".join(parts), 0 if tried.get("case") else re.IGNORECASE),
        tuple(cue for cue in tried.get("cues", "").split("|") if cue),
        tried.get("reach"),
        tried.get("least", 1),
        tuple(end for end in tried.get("endings", "").split("|") if end),
    )
