"""The recovery kit at the page: three shares to copy by hand, two of them typed back, and only then it counts.

The secret is in this process's memory from the first share to the rehearsal, half an hour at most, for one browser; it
is gone when that is over, when the office is locked, and with the process. Each share is shown on a page of its own.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from typing import Final

from aiohttp import web

from client.lang.catalogue import translate
from client.web.asking import ask, told
from client.web.gate import SESSION, SHARED
from client.web.making import Making
from client.web.pictures import drawn
from client.web.render import render
from client.web.shared import Shared
from keys.errors import LocalError
from keys.private import kit as kits

SECONDS: Final = 1800
LATER_SECONDS: Final = 3600  # whoever must work first is asked again after that
_random: Final = random.SystemRandom()


@told
async def kit(request: web.Request) -> web.StreamResponse:
    """Whether there is a kit; a share of one that is being made; or the rehearsal."""
    making, number = _making(request), request.query.get("share", "")
    if making is None:
        kit_id, session = (await ask(request, "kit"))["kit_id"], request[SESSION]
        if kit_id:  # made at the terminal, or in another browser
            session.kit_first, session.kit_due = False, math.inf
        first, due = session.kit_first, session.kit_due < math.inf
        return render(request, "kit.html", part="begin", kit_id=kit_id, first=first, due=due and not first, wrong="")
    if number.isdecimal() and 1 <= int(number[:2]) <= kits.SHARES:
        share = making.shares[int(number) - 1]
        return render(
            request,
            "kit.html",
            part="share",
            number=int(number),
            of=kits.SHARES,
            words=share.split(),
            qr=drawn(share.upper()),
            wrong="",
        )
    return render(request, "kit.html", part="rehearse", asked=making.asked, wrong="")


@told
async def make(request: web.Request) -> web.StreamResponse:
    """Begin, type two shares back, or stop."""
    form = await request.post()
    match form.get("act"):
        case "begin":
            secret = kits.new_secret()
            first, second = sorted(_random.sample(range(1, kits.SHARES + 1), kits.NEEDED))
            until = time.monotonic() + SECONDS
            asyncio.get_running_loop().call_later(SECONDS + 1, _forget_old, request.app[SHARED])
            request.app[SHARED].making = Making(request[SESSION], until, secret, kits.split(secret), (first, second))
            raise web.HTTPSeeOther("/kit?share=1")
        case "rehearse" if (making := _making(request)) is not None:
            typed = [str(form.get(f"share{number}", "")) for number in making.asked]
            if not _agrees(typed, making.secret):
                wrong = translate("Ett ord är fel, eller flera. Läs en gång till från papperet.")
                return render(request, "kit.html", http=422, part="rehearse", asked=making.asked, wrong=wrong)
            public = kits.public_of(making.secret)
            await ask(request, "kit_made", kit_id=public.kit_id.hex(), public=public.public.hex())
            request.app[SHARED].making = None
            request[SESSION].kit_first, request[SESSION].kit_due = False, math.inf
            request[SESSION].notice = translate("Återställningspaketet är klart. Lägg delarna hos tre personer.")
            raise web.HTTPSeeOther("/settings")
        case "later" if request[SESSION].kit_due < math.inf:
            request[SESSION].kit_due = time.monotonic() + LATER_SECONDS
            raise web.HTTPSeeOther("/")
        case _:
            request.app[SHARED].making = None
            raise web.HTTPSeeOther("/kit")


def _making(request: web.Request) -> Making | None:
    """What is being made in this browser, and is not too old."""
    shared = request.app[SHARED]
    making = shared.making
    if making is None or making.session is not request[SESSION]:
        return None
    if time.monotonic() > making.until:
        shared.making = None
        return None
    return making


def _forget_old(shared: Shared) -> None:
    if shared.making is not None and time.monotonic() > shared.making.until:
        shared.making = None


def _agrees(typed: list[str], secret: bytes) -> bool:
    try:
        return kits.join(typed) == secret
    except LocalError:
        return False
