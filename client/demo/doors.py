"""The index page of the demonstration: a door per office, on loopback.

A click makes a fresh one-time ticket at that office, so the page can be opened as often as one likes.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import jinja2
from aiohttp import web

from client.demo.stage import Stage
from client.web.gate import HEADERS

LOOPBACK: Final = "127.0.0.1"
_PAGE: Final = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
    """<!doctype html>
<html lang="{{ lang }}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><link rel="stylesheet" href="/sluss.css"></head>
<body><p class="demonstration">{{ warning }}</p><main><h1>{{ title }}</h1><p>{{ lead }}</p><p>{{ begin }}</p>
<ul class="doors">{% for key, name, staff in offices %}
<li><a class="door" href="/door/{{ key }}" target="_blank" rel="noopener">
<strong>{{ name }}</strong><span>{{ staff }}</span></a></li>
{% endfor %}</ul></main></body></html>"""
)
_WORDS: Final = {
    "sv": {
        "title": "Sluss: kontoren i demonstrationen",
        "warning": "Demonstration – alla personer och uppgifter är påhittade",
        "lead": "Berättelsen har spelats. Öppna ett kontor och arbeta vidare; varje kontor är ett eget program.",
        "begin": "Börja till exempel hos Göteborg SAV: överst i listan står en konsultation från Lillköping som väntar"
        " på svar. Det du skickar lämnar datorn efter trettio sekunder; så länge kan du ångra.",
    },
    "en": {
        "title": "Sluss: the offices of the demonstration",
        "warning": "Demonstration – all persons and facts are invented",
        "lead": "The story has been played. Open an office and go on; each office is a program of its own.",
        "begin": "Begin at Göteborg SAV, for example: at the top of the list stands a consultation from Lillköping that"
        " waits for an answer. What you send leaves after thirty seconds; until then you can take it back.",
    },
}


class Doors:
    """The index page while the demonstration is open."""

    def __init__(self, stage: Stage, lang: str) -> None:
        self._stage = stage
        self._lang = lang
        self._runner: web.AppRunner | None = None

    async def open(self) -> str:
        """Listen; returns the address."""
        app = web.Application()
        app.add_routes(
            [web.get("/", self._index), web.get("/door/{key}", self._door), web.get("/sluss.css", self._style)]
        )
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        return f"http://{LOOPBACK}:{self._runner.addresses[0][1]}/"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _index(self, _request: web.Request) -> web.Response:
        offices = [(one.key, one.name_sv, one.staff) for one in self._stage.open_offices]  # the names on the pages
        text = _PAGE.render(lang=self._lang, offices=offices, **_WORDS[self._lang])
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def _door(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        if key not in {one.key for one in self._stage.open_offices}:
            raise web.HTTPNotFound
        raise web.HTTPSeeOther(f"{(await self._stage.call(key, 'page'))['page']}&lang={self._lang}")

    async def _style(self, _request: web.Request) -> web.Response:
        style = files("client.web").joinpath("static", "sluss.css").read_text("utf-8")
        return web.Response(text=style, content_type="text/css", headers=HEADERS)
