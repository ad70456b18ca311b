"""A browser without scripts, for tests of the page: it follows links, fills in forms and keeps cookies.

async with visiting(office.desk) as visitor:
    page = await visitor.get("/write")
    page = await visitor.post(page, "/drafts", kind="konsultation.fraga", to=unit_id)
"""

from __future__ import annotations

import contextlib
import dataclasses
import html.parser
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from client.engine.office import Desk
from client.web.server import Page


class _Reader(html.parser.HTMLParser):
    """Texts, form tokens, and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []

    def handle_data(self, data: str) -> None:
        """Text between elements."""
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))


@dataclasses.dataclass(frozen=True)
class Seen:
    """What came back."""

    status: int
    path: str
    source: str
    headers: Any

    @property
    def text(self) -> str:
        """What a person reads, white space folded."""
        return " ".join(" ".join(self._read().texts).split())

    @property
    def pieces(self) -> list[str]:
        """The texts between elements, one by one."""
        return self._read().texts

    @property
    def elements(self) -> list[tuple[str, dict[str, str]]]:
        """Every element with its attributes."""
        return self._read().elements

    def values(self, name: str) -> list[str]:
        """The values of the controls of that name."""
        return [attrs.get("value", "") for _, attrs in self.elements if attrs.get("name") == name]

    def links(self, begin: str) -> list[str]:
        """Where links that begin so lead."""
        return [attrs["href"] for tag, attrs in self.elements if tag == "a" and attrs.get("href", "").startswith(begin)]

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.source)
        return reader


class Visitor:
    """One browser at one office's page."""

    def __init__(self, page: Page, http: aiohttp.ClientSession) -> None:
        self.page = page
        self.http = http
        parts = urlsplit(page.door())
        self.origin = f"{parts.scheme}://{parts.netloc}"

    async def enter(self) -> Seen:
        """Use a fresh ticket and go to the first page."""
        door = self.page.door()
        await self.get(door.removeprefix(self.origin))
        return await self.get("/")

    async def get(self, path: str, **headers: str) -> Seen:
        """Fetch a page, following redirects."""
        async with self.http.get(self.origin + path, headers=headers) as answer:
            return Seen(answer.status, answer.url.path_qs, await answer.text(), answer.headers)

    async def post(self, seen: Seen, path: str, fields: dict[str, Any] | None = None, **more: str) -> Seen:
        """Send a form of a page that was seen; with what it says was reviewed, as a browser does."""
        told = {name: seen.values(name)[0] for name in ("form_token", "reviewed") if seen.values(name)}
        data = {**told, **(fields or {}), **more}
        form = [(name, one) for name, value in data.items() for one in (value if isinstance(value, list) else [value])]
        async with self.http.post(self.origin + path, data=form, headers={"Origin": self.origin}) as answer:
            return Seen(answer.status, answer.url.path_qs, await answer.text(), answer.headers)


@contextlib.asynccontextmanager
async def visiting(desk: Desk) -> AsyncIterator[Visitor]:
    """A page on a real socket, and a visitor who has not come in yet."""
    page = Page(desk)
    await page.open(0)
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
    try:
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            yield Visitor(page, http)
    finally:
        await page.close()


def typed(values: dict[str, Any], at: str = "content") -> dict[str, Any]:
    """The values of a document as a form's controls hold them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        place = f"{at}.{name}"
        if isinstance(value, bool):
            found[place] = "ja" if value else "nej"
        elif isinstance(value, dict):
            found |= typed(value, place)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found[f"rows:{place}"] = str(len(value))
            for number, block in enumerate(value):
                found |= typed(block, f"{place}.{number}")
        elif isinstance(value, list):
            found[place] = [str(one) for one in value]
        else:
            found[place] = str(value)
    return found
