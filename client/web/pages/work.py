"""The start page: what waits for whom, and what wants a look."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from client.api.work import flow_title
from client.casework.flow_tables import FLOWS
from client.engine.worklist import PAGE_ROWS
from client.lang.catalogue import marked, translate
from client.web.asking import ask, told
from client.web.forms.drafts import read_sheet
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
ORDERS: Final = (
    ("changed", marked("Senast ändrad")),
    ("deadline", marked("Närmaste tidsgräns")),
    ("begun", marked("Äldst först")),
)


@told
async def work(request: web.Request) -> web.StreamResponse:
    """One view of the work list."""
    view, order, flow = (request.query.get(name, "") for name in ("view", "order", "flow"))
    view = view if view in dict(VIEWS) else "open"
    order = order if order in dict(ORDERS) else "changed"
    flow = flow if flow in FLOWS else ""
    number = request.query.get("page", "")
    page = int(number) if number.isdecimal() and len(number) < _MOST_DIGITS else 0
    listed = await ask(request, "work", view=view, order=order, flow=flow, page=page)
    return render(
        request,
        "work.html",
        **listed,
        view=view,
        order=order,
        flow=flow,
        page=page,
        more=len(listed["rows"]) == PAGE_ROWS,
        views=VIEWS,
        orders=ORDERS,
        flows=[(name, flow_title(name)) for name in FLOWS],
        status=await ask(request, "status"),
        kit_id=(await ask(request, "kit"))["kit_id"],
        drafts=await _drafts(request),
    )


@told
async def search(request: web.Request) -> web.StreamResponse:
    """Look for words in all documents. What is looked for stands in the form's body, not in the address."""
    text = str((await request.post()).get("text", ""))[:200]
    found = await ask(request, "search", text=text) if text.strip() else []
    return render(request, "search.html", text=text, found=found)


@told
async def aside(request: web.Request) -> web.StreamResponse:
    """What was kept aside, and alarms."""
    return render(
        request, "aside.html", quarantine=await ask(request, "quarantine"), alarms=await ask(request, "alarms")
    )


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


@told
async def alarm_seen(request: web.Request) -> web.StreamResponse:
    """Somebody has seen an alarm; it is noted with their name."""
    number = str((await request.post()).get("n", ""))
    if not number.isascii() or not number.isdecimal() or len(number) > _MOST_DIGITS:
        raise web.HTTPBadRequest
    await ask(request, "alarm_seen", n=int(number))
    request[SESSION].notice = translate("Noterat: du har sett larmet.")
    raise web.HTTPSeeOther("/aside")


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
