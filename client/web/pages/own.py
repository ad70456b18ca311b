"""The own unit: how much lies here, its people and machines, who stands in for whom, and who has read what."""

from __future__ import annotations

import datetime
from typing import Any, Final

from aiohttp import web

from client.casework.swedish_time import local_date
from client.engine.clock import iso_of
from client.engine.rounds import BATCH_DAYS
from client.lang.catalogue import chosen, marked, translate
from client.web import facts
from client.web.asking import ask, failure, told
from client.web.gate import SESSION, SHARED
from client.web.pages.people import verified
from client.web.pictures import BAR_WIDTH, bars
from client.web.render import render
from keys.errors import SlussError
from keys.statements import RevokeReason

#: Why a device ends, in the order of the list.
REASONS: Final = (
    (RevokeReason.LOST.value, marked("Borttappad eller stulen")),
    (RevokeReason.LEFT.value, marked("Personen har slutat")),
    (RevokeReason.REPLACED.value, marked("Utbytt mot en annan")),
    (RevokeReason.COMPROMISED.value, marked("Någon annan kan ha kommit åt den")),
    (RevokeReason.OTHER.value, marked("Annat")),
)
_SPANS: Final = (
    marked("mindre än en dag"),
    marked("1–2 dagar"),
    marked("3–6 dagar"),
    marked("7–29 dagar"),
    marked("30 dagar eller mer"),
)


@told
async def own(request: web.Request) -> web.StreamResponse:
    """The overview."""
    return await _page(request, "")


@told
async def stand_in(request: web.Request) -> web.StreamResponse:
    """A colleague gets what is handed to this person until a day; without a colleague that ends."""
    form = await request.post()
    to, until = str(form.get("to", "")), str(form.get("until", ""))
    days = _days_to(_today(request), until) if to else 0
    if days is None:
        return await _page(request, translate("Skriv till och med vilken dag, från i dag och ett år framåt."))
    try:
        await ask(request, "stand_in", to=to or "-", days=days)
    except SlussError as error:
        return await _page(request, failure(request, error).detail)
    request[SESSION].notice = translate("Sparat. Det som lämnas till dig går till din kollega.") if to else ""
    raise web.HTTPSeeOther("/own")


@told
async def revoke(request: web.Request) -> web.StreamResponse:
    """End a machine of the unit: signed here, and entered in the directory as soon as the hub is reached."""
    form = await request.post()
    device_id, reason = str(form.get("device_id", "")), str(form.get("reason", ""))
    if form.get("sure") != "ja":
        return await _page(request, translate("Kryssa för att datorn ska stängas av för gott."))
    try:
        ended = await ask(request, "device_revoke", device_id=device_id, reason=reason)
    except SlussError as error:
        return await _page(request, failure(request, error).detail)
    request[SESSION].notice = (
        translate("Datorn är avstängd för gott.")
        if ended["entered"]
        else translate("Avstängningen är undertecknad och gäller så snart servern nås.")
    )
    raise web.HTTPSeeOther("/own")


@told
async def log(request: web.Request) -> web.StreamResponse:
    """Who has read threat and placement content here, and which alarms there were."""
    return render(
        request, "log.html", reads=await ask(request, "reads"), alarms=await ask(request, "alarms", everything=True)
    )


async def _page(request: web.Request, wrong: str) -> web.StreamResponse:
    staff = await ask(request, "staff")
    load = await ask(request, "load")
    known = {one["unit_id"]: one for one in await ask(request, "units")}
    status = await ask(request, "status")
    card = known.get(status["unit"]["unit_id"])
    names = {unit_id: one["name_sv"] for unit_id, one in known.items()}
    weeks = [(_week(one["monday"]), one["begun"]) for one in load["weeks"]]
    return render(
        request,
        "own.html",
        http=422 if wrong else 200,
        wrong=wrong,
        staff=staff,
        names={one["device_id"]: one["name"] for one in staff},
        reasons=REASONS,
        ends=dict(REASONS),
        today=_today(request).isoformat(),
        status=status,
        old_keys=_keys_before(request),
        card=card,
        told=facts.told(card["facts"], names) if card else [],
        verified=verified(request, card["facts"]) if card else "",
        contact=await ask(request, "fingerprint"),
        flows=load["flows"],
        charts=[
            (translate("Öppna ärenden"), bars(_flows(load["flows"]))),
            (translate("Hur länge de har legat sedan något hände"), bars(zip(_worded(), load["waits"], strict=True))),
            (translate("Nya ärenden i veckan"), bars(weeks)),
        ],
        bar_width=BAR_WIDTH,
    )


def _flows(flows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    titles = [str(one["title"]) for one in flows]
    return [(translate(title), int(one["open"])) for title, one in zip(titles, flows, strict=True)]


def _worded() -> list[str]:
    return [translate(span) for span in _SPANS]


def _week(monday: str) -> str:
    number = datetime.date.fromisoformat(monday).isocalendar().week
    return f"{'week' if chosen() == 'en' else 'v.'} {number}"


def _today(request: web.Request) -> datetime.date:
    now: Any = request.app[SHARED].desk.context.clock.now()
    return local_date(datetime.datetime.fromtimestamp(now, datetime.UTC))


def _keys_before(request: web.Request) -> str:
    """Keys that began before this instant have missed a change: they change every week."""
    then = request.app[SHARED].desk.context.clock.now() - 2 * BATCH_DAYS * 86_400
    return iso_of(then)


def _days_to(today: datetime.date, until: str) -> int | None:
    """Days from today to the end of a day; None when it is no day of the coming year."""
    try:
        days = (datetime.date.fromisoformat(until) - today).days + 1
    except ValueError:
        return None
    return days if 1 <= days <= 366 else None
