"""What stands on a page, in the language that its person reads.

said("Granska", "en")                # "Review"
said("Skicka till", "en")            # "Send to": the beginning of a text into which a name is put
await swedish(tab)                   # what is still Swedish on a page in English
"""

from __future__ import annotations

import functools
import re

from playwright.async_api import Error
from playwright.async_api import Page as Tab

from tests.kit import messages

#: Names of units and organisations in the tests that happen to be words of ours.
NAMES = {"Bops", "Polismyndigheten", "Telefon"}
_HOLE = re.compile(r"%\(\w+\)s")
#: A text with a name in it is only told from what people write when so much of it stands fast.
_FAST_LETTERS = 8

_WORDS = """() => {
  const said = [];
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest("[lang=sv], script, .text")) continue;
    if (node.nodeType === Node.TEXT_NODE) said.push(node.data);
    else for (const name of ["aria-label", "placeholder", "title", "alt", "data-label", "data-kept", "data-lost"])
      if (element.hasAttribute(name)) said.push(element.getAttribute(name));
  }
  return said.map(one => one.replace(/\\s+/g, " ").trim()).filter(one => one);
}"""


@functools.cache
def _english() -> dict[str, str]:
    return {str(one.id): str(one.string) for one in messages.read("en") if one.id and isinstance(one.id, str)}


@functools.cache
def _filled() -> tuple[re.Pattern[str], ...]:
    """Swedish texts into which something is put, as they look with it."""
    return tuple(
        re.compile(".+".join(re.escape(part) for part in _HOLE.split(text)))
        for text, english in _english().items()
        if _HOLE.search(text) and text != english and len(_HOLE.sub("", text)) >= _FAST_LETTERS
    )


def said(text: str, lang: str) -> str:
    """A text of the pages, or the beginning of one that goes on with a name, in a language; others as they are."""
    if lang == "sv":
        return text
    known = _english()
    if text in known:
        return known[text]
    begun = [one for one in known if one.startswith(text) and _HOLE.match(one[len(text) :].lstrip())]
    return _HOLE.split(known[min(begun)])[0].rstrip() if begun else text


async def swedish(tab: Tab, *, filled: bool = False) -> set[str]:
    """Texts of a page in English that have another wording there; what people wrote, and the guide, are not meant.

    Args:
        tab: with the page.
        filled: also texts into which something was put, a name or a number.
    """
    known = _english()
    try:
        found: list[str] = await tab.evaluate(_WORDS)
    except Error:  # the page drew itself anew in that moment
        await tab.wait_for_load_state()
        found = await tab.evaluate(_WORDS)
    shapes = _filled() if filled else ()
    texts = set(found) - NAMES
    return {one for one in texts if known.get(one, one) != one or any(shape.fullmatch(one) for shape in shapes)}
