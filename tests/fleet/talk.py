"""What a fleet writes: consultations between units, a question, an answer and a closing in one thread.

Each question and answer carries a word of its own, so that a vault can be asked how often it shows it.
"""

from __future__ import annotations

import dataclasses
import random
import re

from tests.fleet.worker import Errand
from tests.kit.today import CONTENTS

_WORD = re.compile(rb"ordet ([a-z]{8})\b")


def word(number: int) -> str:
    """A word of eight letters for a number; digits would meet the guard."""
    letters = ""
    for _ in range(8):
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def words_in(body: bytes) -> list[str]:
    """The words that a body carries."""
    return [found.decode() for found in _WORD.findall(body)]


@dataclasses.dataclass(slots=True)
class Talk:
    """A thread between two units; ``stage`` counts the documents that were written."""

    number: int
    asker: str
    answerer: str
    stage: int = 0
    last: bytes | None = None  # id of the last document

    @property
    def thread_id(self) -> bytes:
        """Of all its documents."""
        return self.number.to_bytes(16)

    @property
    def writer(self) -> str:
        """The unit whose turn it is."""
        return self.answerer if self.stage == 1 else self.asker

    @property
    def reader(self) -> str:
        """The unit to which the next document goes."""
        return self.asker if self.stage == 1 else self.answerer

    @property
    def is_over(self) -> bool:
        """Whether nothing follows."""
        return self.stage == len(_KINDS)

    def errand(self, to_unit: bytes) -> Errand:
        """The next document."""
        kind, field = _KINDS[self.stage]
        content = dict(CONTENTS[kind])
        if field:
            content[field] = f"{content[field]} Det gäller ordet {word(self.number * len(_KINDS) + self.stage)} idag."
        return Errand(kind, to_unit, self.thread_id, content, self.last)


_KINDS = (("konsultation.fraga", "situation"), ("konsultation.svar", "advice"), ("konsultation.avslut", ""))


class Talks:
    """All threads of a run; ``take`` says which of them goes on, or begins, next."""

    def __init__(self, units: list[str], rng: random.Random) -> None:
        self._units = units
        self._rng = rng
        self._open: list[Talk] = []
        self._begun = 0

    def take(self) -> Talk:
        """A thread for the next document: half of the time a new one."""
        if self._open and self._rng.random() < 0.55:
            place = self._rng.randrange(len(self._open))
            self._open[place], self._open[-1] = self._open[-1], self._open[place]
            return self._open.pop()
        self._begun += 1
        asker, answerer = self._rng.sample(self._units, 2)
        return Talk(self._begun, asker, answerer)

    def put_back(self, talk: Talk) -> None:
        """It goes on later."""
        if not talk.is_over:
            self._open.append(talk)
