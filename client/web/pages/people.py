"""Whom one can write to: the address book with its map, and one unit with its facts and keys."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from client.casework.codelists import UNIT_TYPE
from client.casework.opening_hours import hours_on, opening_hours
from client.casework.swedish_time import local_date
from client.lang.catalogue import translate
from client.web import facts
from client.web.asking import ask, told
from client.web.gate import SESSION, SHARED
from client.web.pictures import MAP_BOX, counties
from client.web.render import render
from keys.places import LAN


@told
async def units(request: web.Request) -> web.StreamResponse:
    """The address book, narrowed to a county, a type or words; a link of the map leads to its county."""
    listed = await ask(request, "units")
    held = request[SESSION].held(request.query.get("list", "")) or ()
    lan, kind, text = held[1:] if held[:1] == ("units",) else (county(request, request.query.get("lan", "")), "", "")
    words = text.casefold().split()
    kept = [
        {
            **one,
            "takes": facts.takes(one["facts"]),
            "open": _today(request, one),
            "verified": verified(request, one["facts"]),
        }
        for one in narrowed(listed, lan)
        if kind in {"", one["unit_type"]}
        and all(word in f"{one['name_sv']} {one['organisation']}".casefold() for word in words)
    ]
    return render(
        request,
        "units.html",
        units=kept,
        types=[(code, label) for code, label in UNIT_TYPE.items if any(one["unit_type"] == code for one in listed)],
        type=kind,
        text=text,
        **map_of(listed, lan),
    )


@told
async def narrow(request: web.Request) -> web.StreamResponse:
    """A county, a type, words; the address of the list does not tell which."""
    form = await request.post()
    wanted = (str(form.get(name, ""))[:200] for name in ("type", "text"))
    held = request[SESSION].hold("units", county(request, str(form.get("lan", ""))), *wanted)
    raise web.HTTPSeeOther(f"/units?list={held}")


def county(request: web.Request, name: str) -> str:
    """The code of a county by its name in this session's addresses, which tell nobody where help is sought."""
    return next((code for code in LAN if request[SESSION].alias(code) == name), "")


def narrowed(listed: list[Mapping[str, Any]], lan: str) -> list[Mapping[str, Any]]:
    """The units of a county; all of them when none is chosen."""
    return [one for one in listed if facts.serves(one, lan)] if lan in LAN else listed


def map_of(listed: list[Mapping[str, Any]], lan: str) -> dict[str, Any]:
    """What the map's template asks for."""
    return {"counties": counties(), "box": MAP_BOX, "counts": facts.counted(listed), "lan": lan if lan in LAN else ""}


@told
async def unit(request: web.Request) -> web.StreamResponse:
    """One unit: how it works, and the words to compare by telephone."""
    unit_id = request.match_info["unit_id"]
    known = {one["unit_id"]: one for one in await ask(request, "units")}
    if unit_id not in known:
        raise web.HTTPNotFound
    one = known[unit_id]
    names = {other: fact["name_sv"] for other, fact in known.items()}
    return render(
        request,
        "unit.html",
        unit=one,
        told=facts.told(one["facts"], names),
        verified=verified(request, one["facts"]),
        contact=await ask(request, "fingerprint", unit=unit_id),
    )


@told
async def compared(request: web.Request) -> web.StreamResponse:
    """The words were compared by telephone."""
    unit_id = request.match_info["unit_id"]
    await mark_compared(request, unit_id, str((await request.post()).get("words", "")))
    raise web.HTTPSeeOther(f"/units/{unit_id}")


async def mark_compared(request: web.Request, unit_id: str, words: str) -> None:
    """Note that somebody at the unit read out the same words, and say so on the next page."""
    await ask(request, "fingerprint_compared", unit=unit_id, words=words)
    request[SESSION].notice = translate("Noterat: orden är jämförda.")


@told
async def accessibility(request: web.Request) -> web.StreamResponse:
    """What is done for everybody, what is known not to work, and where to turn."""
    return render(request, "accessibility.html")


def _today(request: web.Request, one: Mapping[str, Any]) -> str:
    """When a unit is open today, ``08:00-16:30``; ``-`` when it is closed, empty where its card does not tell."""
    told_hours = one["facts"].get("opening_hours")
    if not told_hours:
        return ""
    now = datetime.datetime.fromtimestamp(request.app[SHARED].desk.context.clock.now(), datetime.UTC)
    return hours_on(opening_hours(told_hours), local_date(now))


def verified(request: web.Request, told_facts: Mapping[str, Any]) -> str:
    """``now``, ``old`` or empty, where the card does not say until when it was checked."""
    until = told_facts.get("verified_until")
    if until is None:
        return ""
    today = local_date(datetime.datetime.fromtimestamp(request.app[SHARED].desk.context.clock.now(), datetime.UTC))
    return "now" if str(until) >= today.isoformat() else "old"
