"""The first start of a device, in the browser, before there is an office: keys, approval, and the office opens.

Steps, of which the page always shows the one that is next; a start that was cut off goes on where it was:
1. a passphrase; the device's keys are made.
2. the request goes to whoever is responsible for keys, who compares its code by telephone; the approval comes back.
3. the federation's fingerprint is compared by telephone; from here on the device is enrolled, and its office opens.

The door is the page's own (``gate``): loopback, a one-time ticket, a session, a form token. The passphrase stays in the
memory of this process until the office is open. The recovery kit is made at the open office (``pages.kit``).
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Final

from aiohttp import web

from client.api.failure import failure_of
from client.engine import enrolling
from client.engine.clock import Clock
from client.engine.enrolling import Enrolment
from client.engine.folder import Folder
from client.lang.catalogue import translate
from client.web import gate
from client.web.pages import door, helping
from client.web.pictures import drawn
from client.web.render import render
from client.web.shared import LOOPBACK, Entry
from keys.approval import MAX_APPROVAL_BYTES
from keys.comparison import short_code
from keys.errors import SlussError
from keys.ids import digest, fingerprint
from keys.private.key_file import MIN_PASSPHRASE_CHARACTERS
from keys.statements import Profile

REQUEST_NAME: Final = "sluss-begaran.slk"
MAX_FORM_BYTES: Final = MAX_APPROVAL_BYTES + 64 * 1024


class Step(enum.StrEnum):
    """What is next."""

    PASSPHRASE = "passphrase"  # noqa: S105 - a name
    REOPEN = "reopen"
    APPROVAL = "approval"
    COMPARE = "compare"


class FirstStart:
    """One first start. ``open_office`` gets the passphrase, opens the office, and gives the address of its page."""

    def __init__(self, folder: Folder, profile: Profile, open_office: Callable[[str], Awaitable[str]]) -> None:
        self.entry = Entry(demonstration=profile is Profile.DEMO)
        self._folder = folder
        self._profile = profile
        self._open_office = open_office
        self._passphrase = ""
        self._request = b""
        self._enrolment: Enrolment | None = None
        self._turn = asyncio.Lock()
        self._runner: web.AppRunner | None = None

    async def open(self, port: int = 0) -> str:
        """Listen; returns the address of the door with a fresh ticket."""
        app = web.Application(client_max_size=MAX_FORM_BYTES, middlewares=(gate.headers, gate.visitor, gate.member))
        app[gate.ENTRY] = self.entry
        app.add_routes(self.routes)
        app.router.add_static("/static/", str(files("client.web") / "static"))
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, port).start()
        taken = self._runner.addresses[0][1]
        self.entry.at(taken)
        return f"http://{LOOPBACK}:{taken}/enter?ticket={self.entry.sessions.ticket()}"

    async def close(self) -> None:
        """Stop listening."""
        self._passphrase = ""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def routes(self) -> list[web.RouteDef]:
        """The map of these pages: every address, what is asked for there, and who answers."""
        return [
            web.get("/enter", door.enter),
            web.get("/", self._page),
            web.get("/help", helping.contents),
            web.get("/help/{chapter}", helping.chapter),
            web.get("/" + REQUEST_NAME, self._download),
            web.post("/passphrase", self._keys),
            web.post("/approval", self._approval),
            web.post("/compare", self._compare),
            web.post("/language", door.language),
        ]

    @property
    def step(self) -> Step:
        """What is next."""
        if not self._folder.passphrase.exists():
            return Step.PASSPHRASE
        if not self._passphrase:
            return Step.REOPEN
        return Step.APPROVAL if self._enrolment is None else Step.COMPARE

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return self._draw(request, "")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if not self._request:
            raise web.HTTPSeeOther("/")
        named = {"Content-Disposition": f'attachment; filename="{REQUEST_NAME}"'}
        return web.Response(body=self._request, content_type="application/octet-stream", headers=named)

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        """Make the keys; or, after a pause, open those that were made."""
        form = await request.post()
        passphrase = str(form.get("passphrase", ""))
        if self.step is Step.PASSPHRASE and passphrase != form.get("again"):
            return self._draw(request, translate("De två lösenfraserna är inte lika. Skriv dem en gång till."))
        async with self._turn:
            make = self.step is Step.PASSPHRASE
            try:
                self._request = await asyncio.to_thread(self._made if make else self._again, passphrase)
            except SlussError as error:
                return self._refused(request, error)
            self._passphrase = passphrase
        if self._folder.approval.exists():
            try:
                address = await self._open_office(self._passphrase)
            except SlussError as error:
                return self._refused(request, error)
            raise web.HTTPSeeOther(address)
        raise web.HTTPSeeOther("/")

    async def _approval(self, request: web.Request) -> web.StreamResponse:
        """Take the approval's file; nothing is written before the federation is compared."""
        field = (await request.post()).get("approval")
        if not isinstance(field, web.FileField):
            return self._draw(request, translate("Välj filen med godkännandet."))
        data = field.file.read(MAX_APPROVAL_BYTES + 1)
        async with self._turn:
            try:
                read = enrolling.read_approval
                self._enrolment = await asyncio.to_thread(read, self._folder, self._passphrase, data)
            except SlussError as error:
                return self._refused(request, error)
        raise web.HTTPSeeOther("/")

    async def _compare(self, request: web.Request) -> web.StreamResponse:
        """The federation is the right one, or the approval is put aside."""
        form = await request.post()
        if form.get("act") == "other":
            self._enrolment = None
            raise web.HTTPSeeOther("/")
        if form.get("same") != "ja":
            return self._draw(request, translate("Jämför alla grupper i telefon och kryssa sedan."))
        async with self._turn:
            if self._enrolment is None:
                raise web.HTTPSeeOther("/")
            try:
                await asyncio.to_thread(self._enrolment.accept)
                address = await self._open_office(self._passphrase)
            except SlussError as error:
                return self._refused(request, error)
        raise web.HTTPSeeOther(address)

    def _made(self, passphrase: str) -> bytes:
        return enrolling.make(self._folder, passphrase, self._profile, Clock())

    def _again(self, passphrase: str) -> bytes:
        return enrolling.request(self._folder, passphrase, Clock())

    def _refused(self, request: web.Request, error: SlussError) -> web.StreamResponse:
        return self._draw(request, failure_of(error, request[gate.SESSION].lang).detail)

    def _draw(self, request: web.Request, wrong: str) -> web.StreamResponse:
        code = short_code(digest(self._request)) if self._request else ""
        return render(
            request,
            "first.html",
            http=422 if wrong else 200,
            bare=True,
            step=self.step.value,
            wrong=wrong,
            least=MIN_PASSPHRASE_CHARACTERS,
            code=code,
            qr=drawn(f"SLUSS-REQUEST:{code}") if code else "",
            request_name=REQUEST_NAME,
            federation="" if self._enrolment is None else fingerprint(self._enrolment.federation),
        )
