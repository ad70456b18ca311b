"""The start page: what waits for whom, and what wants a look."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from client.api.work import flow_title
from client.casework.flow_tables import FLOWS
from client.engine.worklist import PAGE_ROWS
from client.lang.catalogue import marked, translate
from client.web.asking import ask, failure, registers, told
from client.web.forms.drafts import read_sheet
from client.web.forms.keeping import JOTTED
from client.web.gate import SESSION, SHARED
from client.web.look import title_of
from client.web.render import render
from keys.errors import SlussError

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
#: What somebody had begun to write in forms that make no document.
_JOTTED: Final = {
    "consent": marked("Ett samtycke som inte är registrerat"),
    "supplement": marked("Ett tillägg som inte är registrerat"),
    "renew": marked("En förnyelse som inte är registrerad"),
    "refusal": marked("En vägran som inte är noterad"),
    "note": marked("En anteckning som inte är sparad"),
    "decline": marked("Ett nej som inte är sagt"),
}
ORDERS: Final = (
    ("changed", marked("Senast ändrad")),
    ("deadline", marked("Närmaste tidsgräns")),
    ("begun", marked("Äldst först")),
)


@told
async def work(request: web.Request) -> web.StreamResponse:
    """One view of the work list."""
    view, narrow = request.query.get("view", ""), request.query.get("list", "")
    view = view if view in dict(VIEWS) else "open"
    held = request[SESSION].held(narrow) or ("list", "", "")
    order, flow = held[1:3] if held[0] == "list" else ("", "")
    order = order if order in dict(ORDERS) else "changed"
    flow = flow if flow in FLOWS else ""
    page = _page(request.query.get("page", ""))
    listed = await ask(request, "work", view=view, order=order, flow=flow, page=page)
    return render(
        request,
        "work.html",
        **listed,
        view=view,
        order=order,
        flow=flow,
        narrow=narrow,
        page=page,
        more=len(listed["rows"]) == PAGE_ROWS,
        views=VIEWS,
        orders=ORDERS,
        flows=[(name, flow_title(name)) for name in FLOWS],
        status=await ask(request, "status"),
        kit_id=(await ask(request, "kit"))["kit_id"],
        drafts=await _drafts(request),
        jottings=await _jottings(request),
    )


@told
async def narrowed(request: web.Request) -> web.StreamResponse:
    """Another order, or one life cycle alone; the address of the list does not tell which."""
    form = await request.post()
    view, order, flow = (str(form.get(name, ""))[:60] for name in ("view", "order", "flow"))
    view = view if view in dict(VIEWS) else "open"
    raise web.HTTPSeeOther(f"/?view={view}&list={request[SESSION].hold('list', order, flow)}")


@told
async def search(request: web.Request) -> web.StreamResponse:
    """Look for words in all documents. What is looked for stands in the form's body, not in the address."""
    posted = await request.post()
    text, page = str(posted.get("text", ""))[:200], _page(str(posted.get("page", "")))
    return render(request, "search.html", text=text, page=page, **await ask(request, "search", text=text, page=page))


@told
async def aside(request: web.Request) -> web.StreamResponse:
    """What was kept aside, and alarms."""
    return await _aside(request, "")


@told
async def handled(request: web.Request) -> web.StreamResponse:
    """Somebody has dealt with what was kept aside: it gets a diary number, or a note, or both."""
    form = await request.post()
    facts = {"envelope_id": str(form.get("envelope_id", "")), "note": str(form.get("note", "")).strip()[:1000]}
    dnr = str(form.get("dnr", "")).strip()[:60]
    if not dnr and not facts["note"]:
        return await _aside(request, translate("Skriv ett diarienummer, eller vad ni har gjort."))
    try:
        await ask(
            request, "quarantine_register" if dnr else "quarantine_handled", **facts, **({"dnr": dnr} if dnr else {})
        )
    except SlussError as error:
        return await _aside(request, failure(request, error).detail)
    request[SESSION].notice = translate("Noterat.")
    raise web.HTTPSeeOther("/aside")


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


async def _aside(request: web.Request, wrong: str) -> web.Response:
    return render(
        request,
        "aside.html",
        http=422 if wrong else 200,
        wrong=wrong,
        registers=registers(request),
        quarantine=await ask(request, "quarantine"),
        alarms=await ask(request, "alarms"),
    )


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
