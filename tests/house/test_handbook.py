"""The help of the page is the guide, word for word, in both languages; every page and every flow has its chapter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.casework.flow_tables import FLOWS
from client.casework.kinds.registry import KINDS
from client.cli import guide as command
from client.web.handbook import Block, chapter_of, chapters, name_of

GUIDES = {
    lang: path.read_text("utf-8").partition("slut -->")[0]
    for lang, path in (("sv", command.GUIDE), ("en", command.ENGLISH))
}
TEMPLATES = Path(command.__file__).parents[1] / "web" / "templates"
PAGES = [path for path in sorted(TEMPLATES.glob("*.html")) if '{% extends "base.html" %}' in path.read_text("utf-8")]
_HELP = re.compile(r"\{% set help = (.+?) %\}")
#: What Markdown adds to the words: marks of lists and code, rules of tables, and the signs around a word.
_MARKS = re.compile(r"^ *(?:```\w*|\d+\.|-) ?|^\|[-|]+\|$|[`*|]", re.MULTILINE)


def texts(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Everything that a chapter shows."""
    for block in blocks:
        yield from ("".join(text for _, text in block.spans), block.code)
        yield from ("".join(text for _, text in cell) for row in block.rows for cell in row)
        for item in block.inside:
            yield from texts(item)


def words(text: str) -> list[str]:
    """The words of a text of the guide, without its marks."""
    return _MARKS.sub("", text).split()


@pytest.mark.parametrize("lang", GUIDES)
@pytest.mark.parametrize("name", chapters("sv"))
def test_a_chapter_shows_the_words_of_the_guide(name: str, lang: str) -> None:
    """All of them, in order, and no others."""
    chapter = chapters(lang)[name]
    written = GUIDES[lang].partition(f"### {chapter.title}\n")[2].partition("\n### ")[0].partition("<!--")[0]
    assert words(" ".join(texts(chapter.blocks))) == words(written)
    assert len(words(written)) > 20


@pytest.mark.parametrize("lang", GUIDES)
def test_every_heading_of_the_steps_is_a_chapter(lang: str) -> None:
    """None is left out, and no two have one name."""
    assert [one.title for one in chapters(lang).values()] == re.findall(r"^### (.+)$", GUIDES[lang], re.MULTILINE)


def shape(blocks: tuple[Block, ...]) -> list[object]:
    """The forms of blocks, with what stands inside lists; commands and codes of documents as they are."""
    said = [
        (block.form, block.code, sorted(text for style, text in block.spans if style == "code" and "." in text))
        for block in blocks
    ]
    return [*said, *(shape(item) for block in blocks for item in block.inside)]


@pytest.mark.parametrize("name", chapters("sv"))
def test_a_chapter_says_the_same_in_english(name: str) -> None:
    """The same steps in the same order, with the same commands, naming the same documents."""
    swedish, english = chapters("sv")[name], chapters("en")[name]
    assert shape(english.blocks) == shape(swedish.blocks)
    assert not re.fullmatch(r"f\d+", name) or name_of(english.title) == name


@pytest.mark.parametrize("flow", FLOWS)
def test_the_chapter_of_a_flow_tells_of_its_documents(flow: str) -> None:
    """At least of one of them, by its code."""
    told = " ".join(texts(chapters("sv")[chapter_of(flow)].blocks))
    assert [kind.name for kind in KINDS.values() if kind.flow == flow and kind.name in told]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_says_where_its_help_is(path: Path) -> None:
    """A chapter that exists, or that of the flow that the page is about."""
    (said,) = _HELP.findall(path.read_text("utf-8"))
    assert said.startswith(("help_with(", "help_in(")) or said.strip('"') in {*chapters("sv"), ""}
    assert said != '""' or path.stem == "help"
