"""Writing: choose what and to whom, fill in the form, send it, and thirty seconds to take it back."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from multidict import MultiDictProxy

from client.api.declared import header_fields, writing_at
from client.api.places import find_kind
from client.api.work import flow_title
from client.casework.actions import sendable_kinds
from client.casework.describe import FieldInfo
from client.casework.fields import CASE
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, Side
from client.casework.kinds.kind import Gate
from client.casework.kinds.registry import describe
from client.casework.problems import InvalidBodyError
from client.engine.return_codes import FIELD
from client.engine.return_codes import KIND as CONTACT
from client.lang.catalogue import translate
from client.web.asking import ask, failure, told
from client.web.forms.drafts import Sheet, filled, find, keep, looked_at, proposed_in, redated
from client.web.forms.widgets import Widget, draw, flat, with_choices
from client.web.gate import SESSION, SHARED
from client.web.held import PERSON_KEY, send
from client.web.look import next_of, title_of, told_of
from client.web.pages import recipients
from client.web.pages.naming import cases, offered, unit_of
from client.web.pages.people import mark_compared
from client.web.pages.reviewing import review, where
from client.web.render import render
from keys.errors import LocalError, SlussError
from keys.places import kommuner

#: What is begun at the document or the consent that it is about, and has forms of its own there.
_ELSEWHERE = frozenset({"kvittens", "samtycke", "uttag"})
_FIRST = ("subject_person",)  # of the header; the rest stands after the content


@told
async def choose(request: web.Request) -> web.StreamResponse:
    """What can be begun."""
    return render(request, "choose.html", groups=_openable(request))


@told
async def chosen(request: web.Request) -> web.StreamResponse:
    """It was chosen what to begin; the address of the next page does not tell."""
    kind = find_kind(str((await request.post()).get("kind", ""))).name
    raise web.HTTPSeeOther(f"/write/{request[SESSION].hold('write', kind)}")


@told
async def recipient(request: web.Request) -> web.StreamResponse:
    """Whom it can go to."""
    held = request[SESSION].held(request.match_info["choice"])
    if held is None or held[0] != "write":
        raise web.HTTPSeeOther("/write")
    return await recipients.page(request, held[1])


@told
async def begin(request: web.Request) -> web.StreamResponse:
    """Make a draft and open its form; what goes on from a thread of the unit itself needs a recipient first."""
    form = await request.post()
    kind, desk = find_kind(str(form.get("kind", ""))), request.app[SHARED].desk
    sheet = Sheet(
        kind=kind.name,
        to=str(form.get("to", "")),
        thread_id=str(form["thread_id"]) if form.get("thread_id") else None,
        reply_to=str(form["reply_to"]) if form.get("reply_to") else None,
        consent_id=str(form["consent_id"]) if form.get("consent_id") else None,
        typed=proposed_in(kind, writing_at(desk)),
    )
    if sheet.to == desk.context.unit_id.hex() and not kind.local:
        return await recipients.page(request, kind.name, thread_id=sheet.thread_id or "")
    raise web.HTTPSeeOther(f"/draft/{await keep(desk.unit, sheet)}")


@told
async def form(request: web.Request) -> web.StreamResponse:
    """The form of a draft."""
    shared, draft_id = request.app[SHARED], request.match_info["draft_id"]
    try:
        _, sheet = await find(shared.desk.unit, draft_id)
    except LocalError:
        gone = shared.held.left(draft_id)
        if gone is None:
            raise
        raise web.HTTPSeeOther(where(gone)) from None
    if sheet.leaves_at is not None:
        return await _leaving(request, sheet)
    now = redated(sheet, writing_at(shared.desk))
    return await _form(request, now, {}, (f"{told_of(sheet.code)} {next_of(sheet.code)}",) if sheet.code else ())


@told
async def change(request: web.Request) -> web.StreamResponse:
    """Save, add a row, look once more, send, take back, throw away. What has left meanwhile cannot be changed."""
    held, posted, wanted = request.app[SHARED].held, await request.post(), request.match_info["draft_id"]
    async with held.lock:
        gone = held.left(wanted)
        if gone is None:
            return await _change(request, *await find(request.app[SHARED].desk.unit, wanted), posted)
    if posted.get("act") == "autosave":
        raise web.HTTPConflict
    request[SESSION].notice = translate("Dokumentet hade redan lämnat utkasten. Här ser du hur långt det har kommit.")
    raise web.HTTPSeeOther(where(gone))


async def _change(
    request: web.Request, draft_id: bytes, sheet: Sheet, posted: MultiDictProxy[Any]
) -> web.StreamResponse:
    unit = request.app[SHARED].desk.unit
    here = f"/draft/{draft_id.hex()}"
    match posted.get("act"):
        case "undo":
            await keep(unit, msgspec.structs.replace(sheet, leaves_at=None), draft_id)
            request[SESSION].notice = translate("Dokumentet skickades inte. Det ligger kvar som utkast.")
            raise web.HTTPSeeOther(here)
        case "discard":
            await unit.draft(b"", draft_id)
            request[SESSION].notice = translate("Utkastet är kastat.")
            raise web.HTTPSeeOther("/")
        case "send":
            return await _send(request, draft_id, sheet)
        case "compared":
            await mark_compared(request, sheet.to, str(posted.get("words", "")))
            return await _review(request, sheet)
        case _:
            pass
    _require_not_leaving(sheet, here, posted)
    sheet = filled(sheet, posted)
    await keep(unit, sheet, draft_id)
    match posted.get("act"):
        case "review":
            return await _review(request, sheet)
        case "autosave":
            return web.Response(status=204)
        case "files":
            raise web.HTTPSeeOther(f"{here}/files")
        case _:
            pass
    raise web.HTTPSeeOther(here + _anchor(posted))


async def _send(request: web.Request, draft_id: bytes, sheet: Sheet) -> web.StreamResponse:
    desk = request.app[SHARED].desk
    posted = await request.post()
    if posted.get("reviewed") != looked_at(sheet):
        return await _review(request, sheet, changed=True)
    sheet = msgspec.structs.replace(sheet, confirmed=posted.get("confirmed") == "ja", code="")
    try:
        await send(desk, sheet, only_check=True)
    except SlussError as error:
        return await _refused(request, sheet, error)
    leaves_at = desk.context.clock.now() + request.app[SHARED].held.undo_seconds
    own = desk.context.device_id.hex()
    await keep(desk.unit, msgspec.structs.replace(sheet, leaves_at=leaves_at, device=own), draft_id)
    raise web.HTTPSeeOther(f"/draft/{draft_id.hex()}")


async def _review(request: web.Request, sheet: Sheet, *, changed: bool = False) -> web.StreamResponse:
    """As the recipient will see it; or the form again with what is wrong. ``changed``: since somebody looked at it."""
    try:
        return await review(request, sheet, changed=changed)
    except SlussError as error:
        return await _refused(request, sheet, error)


async def _refused(request: web.Request, sheet: Sheet, error: SlussError) -> web.StreamResponse:
    """The form with the errors on top and at the fields (422)."""
    what = failure(request, error)
    errors: dict[str, list[str]] = {}
    if isinstance(error, InvalidBodyError):
        for one in what.problems:
            errors.setdefault(one.path, []).append(one.sentence)
    plain = () if errors else (what.detail,)
    return await _form(request, sheet, errors, plain, http=422)


async def _form(
    request: web.Request, sheet: Sheet, errors: dict[str, list[str]], plain: tuple[str, ...], *, http: int = 200
) -> web.StreamResponse:
    kind = find_kind(sheet.kind)
    header = header_fields(kind)
    first = draw([info for info in header if info.name in _FIRST], sheet.typed, errors, "header")
    content = draw(describe(kind.name), sheet.typed, errors, "content")
    content = with_choices(content, await offered(request, content))
    rest = await _rest(request, sheet, [info for info in header if info.name not in _FIRST], errors)
    known = {path for widget in flat((*first, *content, *rest)) for path in widget.errors}
    loose = [sentence for sentences in errors.values() for sentence in sentences if sentence not in known]
    return render(
        request,
        "form.html",
        http=http,
        sheet=sheet,
        kind=kind,
        calling=kind.name == CONTACT,
        coded=bool("".join(sheet.typed.get(f"content.{FIELD}", []))),
        draft_id=request.match_info["draft_id"],
        kommuner=sorted(kommuner().values(), key=lambda one: one.name),
        title=kind.title_sv,
        unit=await unit_of(request, sheet.to),
        first=first,
        content=content,
        rest=rest,
        wrong=[widget for widget in flat((*first, *content, *rest)) if widget.errors],
        plain=[*plain, *loose],
        consents=await _consents(request, sheet) if kind.gate is Gate.CONSENT else [],
    )


async def _rest(
    request: web.Request, sheet: Sheet, header: list[FieldInfo], errors: dict[str, list[str]]
) -> tuple[Widget, ...]:
    """The rest of the header. A consent is chosen above; the person's key is asked for where nothing tells it."""
    follows = _follows(sheet)
    shown = [info for info in header if info.name != "consent_ref" and not (follows and info.name == PERSON_KEY)]
    drawn = draw(shown, sheet.typed, errors, "header")
    if not any(info.name == PERSON_KEY for info in shown):
        return drawn
    chosen = next(iter(sheet.typed.get(f"header.{PERSON_KEY}", ())), "")
    return with_choices(drawn, {CASE: await cases(request, chosen)})


def _follows(sheet: Sheet) -> bool:
    """Whether whose case it is follows from what the draft belongs to."""
    return sheet.thread_id is not None or sheet.consent_id is not None


async def _leaving(request: web.Request, sheet: Sheet) -> web.StreamResponse:
    shared = request.app[SHARED]
    now = shared.desk.context.clock.now()
    return render(
        request,
        "leaving.html",
        left=max(0, (sheet.leaves_at or now) - now),
        title=title_of(sheet.kind),
        unit=await unit_of(request, sheet.to),
        sheet=sheet,
        undo_seconds=shared.held.undo_seconds,
    )


def _require_not_leaving(sheet: Sheet, here: str, posted: MultiDictProxy[Any]) -> None:
    """Somebody has looked at what leaves: another tab does not change it any more."""
    if sheet.leaves_at is None:
        return
    if posted.get("act") == "autosave":
        raise web.HTTPConflict
    raise web.HTTPSeeOther(here)


def _anchor(posted: MultiDictProxy[Any]) -> str:
    added = str(posted.get("add", ""))
    return f"#f-{added.replace('.', '-')}" if added else ""


def _openable(request: web.Request) -> list[tuple[str, list[tuple[str, str]]]]:
    """What this person's roles may begin, by life cycle."""
    context = request.app[SHARED].desk.context
    unit_type = context.book.unit(context.unit_id).card.unit_type
    roles = [role.value for role in context.book.staff(context.device_id).roles]
    groups = []
    for flow in [flow for flow in FLOWS if flow not in _ELSEWHERE]:
        kinds = {
            kind: title_of(kind)
            for role in roles
            for side in (Side.ASKER, Side.ANSWERER)
            for kind in sendable_kinds(flow, None, By(side, role), unit_type)
        }
        if kinds:
            groups.append((flow_title(flow), list(kinds.items())))
    return groups


async def _consents(request: web.Request, sheet: Sheet) -> list[Any]:
    """Consents to choose from: those that fit first, the others with why they do not."""
    found: list[Any] = await ask(request, "consent_fit", kind=sheet.kind, to=sheet.to)
    return found
