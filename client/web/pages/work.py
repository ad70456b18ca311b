"""The start page: what waits for whom, and what wants a look."""

from __future__ import annotations

import re
from typing import Any, Final

from aiohttp import web

from client.api.work import flow_title
from client.casework.flow_tables import FLOWS
from client.engine.worklist import PAGE_ROWS
from client.lang.catalogue import marked, translate
from client.web.asking import ask, told
from client.web.forms.drafts import read_sheet
from client.web.forms.keeping import JOTTED
from client.web.gate import SESSION, SHARED
from client.web.look import title_of
from client.web.render import render

#: Views in the order of the tabs, with their names.
VIEWS: Final = (
    ("new", marked("Nya")),
    ("mine", marked("Mina")),
    ("free", marked("Ingen har tagit")),
    ("waiting", marked("Väntar på andra")),
    ("overdue", marked("Tiden har gått ut")),
    ("failed", marked("Kom inte fram")),
    ("open", marked("Alla öppna")),
    ("all", marked("Alla")),
)
_MOST_DIGITS: Final = 5
_SEARCH: Final = "search"
_IDS: Final = {"unit": re.compile(r"[0-9a-f]{32}"), "holder": re.compile(r"[0-9a-f]{32}|none")}
#: What somebody had begun to write in forms that make no document.
_JOTTED: Final = {
    "consent": marked("Ett samtycke som inte är registrerat"),
    "supplement": marked("Ett tillägg som inte är registrerat"),
    "renew": marked("En förnyelse som inte är registrerad"),
    "refusal": marked("En vägran som inte är noterad"),
    "note": marked("En anteckning som inte är sparad"),
    "decline": marked("Ett nej som inte är sagt"),
    "withdrawal": marked("En återkallelse som inte är registrerad"),
    "mistake": marked("En felregistrering som inte är lämnad till en kollega"),
    "aside": marked("Något att se över som inte är klart"),
}
ORDERS: Final = (
    ("changed", marked("Senast ändrad")),
    ("deadline", marked("Närmaste tidsgräns")),
    ("begun", marked("Äldst först")),
    ("state", marked("Läge")),
    ("unit", marked("Enhet")),
    ("holder", marked("Vem som har det")),
)
_NARROW: Final = ("order", "flow", "state", "unit", "holder")


@told
async def work(request: web.Request) -> web.StreamResponse:
    """One view of the work list."""
    view, narrow = request.query.get("view", ""), request.query.get("list", "")
    view = view if view in dict(VIEWS) else "open"
    wanted = _wanted(request[SESSION].held(narrow) or ())
    page = _page(request.query.get("page", ""))
    listed = await ask(request, "work", view=view, page=page, **wanted)
    if wanted["state"] not in ("", *listed["states"]):  # of another life cycle than the one chosen now
        wanted["state"] = ""
        listed = await ask(request, "work", view=view, page=page, **wanted)
    return render(
        request,
        "work.html",
        **listed,
        **wanted,
        view=view,
        narrow=narrow,
        page=page,
        more=len(listed["rows"]) == PAGE_ROWS,
        views=VIEWS,
        orders=ORDERS,
        staff=await ask(request, "staff"),
        flows=[(name, flow_title(name)) for name in FLOWS],
        status=await ask(request, "status"),
        kit_id=(await ask(request, "kit"))["kit_id"],
        drafts=await _drafts(request),
        jottings=await _jottings(request),
    )


@told
async def narrowed(request: web.Request) -> web.StreamResponse:
    """Another order, or only some of it; the address of the list does not tell which."""
    form = await request.post()
    view = str(form.get("view", ""))
    view = view if view in dict(VIEWS) else "open"
    wanted = [str(form.get(name, ""))[:120] for name in _NARROW]
    raise web.HTTPSeeOther(f"/?view={view}&list={request[SESSION].hold('list', *wanted)}")


def _wanted(held: tuple[str, ...]) -> dict[str, Any]:
    """Order and what the list is narrowed to, as the command takes them; what it would not take narrows nothing."""
    wanted = dict(zip(_NARROW, held[1:], strict=False)) if held[:1] == ("list",) else {}
    order, flow, state = (wanted.get(name, "") for name in ("order", "flow", "state"))
    return {
        "order": order if order in dict(ORDERS) else "changed",
        "flow": flow if flow in FLOWS else "",
        "state": state,
        **{name: wanted.get(name, "") if ids.fullmatch(wanted.get(name, "")) else "" for name, ids in _IDS.items()},
    }


@told
async def search(request: web.Request) -> web.StreamResponse:
    """Look for words in all documents. The address of what is found does not tell them, and one can come back to it."""
    text = str((await request.post()).get("text", ""))[:200]
    raise web.HTTPSeeOther(f"/search?list={request[SESSION].hold(_SEARCH, text)}")


@told
async def found(request: web.Request) -> web.StreamResponse:
    """What is found for the words behind the address; for those that this session does not know any more, nothing."""
    name, page = request.query.get("list", ""), _page(request.query.get("page", ""))
    held = request[SESSION].held(name) or ()
    text = held[1] if held[:1] == (_SEARCH,) else ""
    hits = await ask(request, "search", text=text, page=page)
    return render(request, "search.html", text=text, list=name, page=page, **hits)


@told
async def reminders(request: web.Request) -> web.StreamResponse:
    """What is to be done, by whom, until when."""
    return render(request, "reminders.html", reminders=await ask(request, "reminders"))


@told
async def reminded(request: web.Request) -> web.StreamResponse:
    """Somebody has seen a reminder: it is put away for the unit until its next stage."""
    await ask(request, "reminded", reminder_id=str((await request.post()).get("reminder_id", "")))
    request[SESSION].notice = translate("Påminnelsen är undanlagd. Den kommer igen om inget händer.")
    raise web.HTTPSeeOther("/reminders")


async def _jottings(request: web.Request) -> list[dict[str, str]]:
    """What was typed in other forms and not sent, on this device."""
    return [
        {"name": _JOTTED[one.form], "address": JOTTED[one.form].format(one.target), "jot": f"{one.form}/{one.target}"}
        for one in await request.app[SHARED].jottings.all()
    ]


def _page(number: str) -> int:
    return int(number) if number.isascii() and number.isdecimal() and len(number) < _MOST_DIGITS else 0


async def _drafts(request: web.Request) -> list[dict[str, str]]:
    desk = request.app[SHARED].desk
    units = {unit.unit_id.hex(): unit.card.name_sv for unit in desk.context.book.units()}
    drafts = [(draft, read_sheet(draft)) for draft in await desk.unit.drafts()]
    return [
        {
            "draft_id": draft.draft_id.hex(),
            "title": title_of(sheet.kind),
            "unit": units.get(sheet.to, ""),
            "leaving": "ja" if sheet.leaves_at is not None else "",
            "code": sheet.code,
        }
        for draft, sheet in drafts
        if sheet is not None
    ]
