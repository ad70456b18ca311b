"""Guard G1 on its own corpus: how much it finds, how much it stops for nothing, and how long a question takes.

Baseline of the time: every pattern tried on all of the text, as before the guard looked only where they can match.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from client.casework.guard import Severity, scan
from client.casework.guard_hints import WARNING
from client.casework.guard_patterns import BLOCKING
from client.casework.guard_text import fold
from tests.bench.figure import Figure, figure, scaled
from tests.unit.casework.guard_corpus import CORPUS
from tests.unit.casework.guard_plain import PLAIN

CHARACTERS = 6_000  # the longest answer to a question (domain.md 2.1)


def figures() -> Iterator[Figure]:
    """Recall, precision and milliseconds."""
    recall, precision = quality(CORPUS)
    yield figure(f"guard: recall over {len(CORPUS)} sentences", recall, "share", goal=1.0)
    yield figure("guard: precision over the same", precision, "share", goal=0.98)
    words = [sentence for sentence in PLAIN if not any(letter.isdigit() for letter in sentence)]
    numbers = [sentence for sentence in PLAIN if sentence not in words]
    for name, sentences in (("a number in every tenth sentence", [*words, *numbers[:6]]), ("in each", numbers)):
        text = (" ".join(sentences) * 3)[:CHARACTERS]
        alone, everywhere = _best(partial(scan, text)), _best(partial(_everywhere, text))
        yield figure(f"guard: 6,000 characters, {name}", alone, "ms", baseline=everywhere, lower_is_better=True)


def quality(corpus: tuple[tuple[str, bool], ...]) -> tuple[float, float]:
    """Recall and precision of the hard rules over sentences that do or do not name somebody."""
    stopped = [(any(one.severity is Severity.BLOCK for one in scan(text)), names) for text, names in corpus]
    right = sum(found and names for found, names in stopped)
    return right / sum(names for _, names in stopped), right / sum(found for found, _ in stopped)


def _everywhere(text: str) -> int:
    folded = fold(text).text
    return sum(1 for rule in (*BLOCKING, *WARNING) for _ in rule.pattern.finditer(folded))


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(scaled(50, 3)):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times) * 1000
