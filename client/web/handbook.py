"""The handlers' guide as the page shows it: the chapters of its first part, read from the guide's file itself.

The sources are ``client/GUIDE.md`` and, for who reads English, ``client/GUIDE.en.md``; they come with the program. Only
the forms of Markdown that the guides use are read here, into values that a template draws: no text of a guide becomes
markup by itself.

Rules:
1. A chapter is what stands below a heading of the third level between the markers of the steps.
2. It is addressed by its flow (``f1``), or by its Swedish title in small letters, in every language.
3. Each life cycle has one chapter (`chapter_of`); a test holds every form to it.

Not here: the other parts of the guide, which are tables for looking things up (`client.casework.guide` draws them).

Example:
    >>> chapters("sv")["f1"].title
    'F1 Konsultation: råd utan att någon nämns'
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Final

from client.casework.guide_steps import STEPS

#: Life cycle -> the chapter that tells how its documents are used. Two life cycles may share one.
_CHAPTER: Final = {
    "konsultation": "f1", "intag": "f2", "hotbild": "f3", "overlamnande": "f4", "placering": "f5", "kollision": "f5",
    "plan": "f6", "utforare": "f6", "uppfoljning": "f7", "avslut": "f8", "aterkomst": "f9", "samtycke": "f10",
    "statistik": "f11", "kvittens": "f12", "uttag": "f12",
}  # fmt: skip
_GUIDES: Final = {"sv": "GUIDE.md", "en": "GUIDE.en.md"}
_FLOW: Final = re.compile(r"F\d+(?= )")
_ITEM: Final = re.compile(r"(?:\d+\.|-) ")
_SPAN: Final = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*")
_STYLES: Final = ("code", "strong", "em")
_RULE: Final = re.compile(r"\|[-| ]+\|")
_LETTERS: Final = str.maketrans("åäöé", "aaoe")

Span = tuple[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (``text``), commands (``code``), a ``table``, or a list (``steps`` with numbers, ``items`` without).

    Args:
        form: which of these.
        spans: of a paragraph: pairs of style (``code``, ``strong``, ``em`` or empty) and text.
        code: of commands: their lines.
        rows: of a table: cells of spans; the first row is its head.
        inside: of a list: the blocks of each item.
    """

    form: str
    spans: tuple[Span, ...] = ()
    code: str = ""
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    inside: tuple[tuple[Block, ...], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: where it is found, what it is called, what it says."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@functools.cache
def chapters(lang: str) -> Mapping[str, Chapter]:
    """Every chapter by its name, in the order of the guide, in a language of `_GUIDES`."""
    written = _written(lang)
    names = [name_of(title) for title, _ in _written("sv")]
    return {
        name: Chapter(name, title, tuple(_blocks(body.splitlines())))
        for name, (title, body) in zip(names, written, strict=True)
    }


def _written(lang: str) -> list[tuple[str, str]]:
    """Title and text of each chapter."""
    guide = files("client").joinpath(_GUIDES[lang]).read_text("utf-8")
    text = guide.partition(f"<!-- {STEPS}: början -->\n")[2].partition(f"<!-- {STEPS}: slut -->\n")[0]
    parts = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    return [(title, body) for title, _, body in (part.partition("\n") for part in parts)]


def chapter_of(flow: str) -> str:
    """The name of the chapter that tells how a life cycle goes."""
    return _CHAPTER[flow]


def name_of(title: str) -> str:
    """The name of a chapter: ``f10``, or the title without spaces and letters beyond a to z."""
    flow = _FLOW.match(title)
    return flow[0].lower() if flow else "-".join(re.findall(r"[a-z]+", title.lower().translate(_LETTERS)))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.startswith("```"):
            end = next(n for n in range(at + 1, len(lines)) if lines[n].startswith("```"))
            yield Block("code", code="\n".join(lines[at + 1 : end]))
            at = end + 1
        elif line.startswith("|"):
            end = _while(lines, at, lambda one: one.startswith("|"))
            yield Block("table", rows=tuple(_row(one) for one in lines[at:end] if not _RULE.fullmatch(one)))
            at = end
        elif _ITEM.match(line):
            end = _while(lines, at, lambda one: not one or one.startswith(" ") or bool(_ITEM.match(one)))
            yield Block("items" if line.startswith("-") else "steps", inside=tuple(_items(lines[at:end])))
            at = end
        else:
            end = _while(lines, at, lambda one: bool(one.strip()) and not one.startswith(("```", "|")))
            yield Block("text", spans=_spans(" ".join(lines[at:end])))
            at = end


def _while(lines: Sequence[str], at: int, holds: Callable[[str], bool]) -> int:
    return next((n for n in range(at + 1, len(lines)) if not holds(lines[n])), len(lines))


def _items(lines: Sequence[str]) -> Iterator[tuple[Block, ...]]:
    """The blocks of each item: its first line without the mark, the others without as much indentation."""
    begins = [number for number, line in enumerate(lines) if _ITEM.match(line)]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        mark = _ITEM.match(lines[begin])
        width = mark.end() if mark else 0
        yield tuple(_blocks([line[width:] for line in lines[begin:end]]))


def _row(line: str) -> tuple[tuple[Span, ...], ...]:
    return tuple(_spans(cell.strip()) for cell in line.strip("|").split("|"))


def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for found in _SPAN.finditer(text):
        spans.append(("", text[at : found.start()]))
        spans.append(next((style, one) for style, one in zip(_STYLES, found.groups(), strict=True) if one))
        at = found.end()
    spans.append(("", text[at:]))
    return tuple(span for span in spans if span[1])
