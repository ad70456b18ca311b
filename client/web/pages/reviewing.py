"""Before a document leaves: who gets it, what it reveals there, what carries it; and afterwards, how far it has come.

Whatever is shown is what the rules found in the document as it would leave, not what its author meant to write.
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from client.api.places import find_kind
from client.engine.states import UNSHOWN
from client.lang.catalogue import marked
from client.web.asking import ask, told
from client.web.forms.drafts import Sheet, looked_at
from client.web.gate import SHARED
from client.web.held import asked, send
from client.web.look import shown, title_of
from client.web.pages.files import staged
from client.web.pages.naming import readable, unit_names, unit_of
from client.web.render import render
from keys.errors import LocalError

#: The way of a document: state, its name, and what it means in plain words (domain.md 2.12, protocol.md on receipts).
WAY: Final = (
    ("queued", marked("Köat"), marked("Dokumentet är undertecknat och krypterat och väntar på att lämna datorn.")),
    ("sent", marked("Skickat"), marked("Servern har det, men kan inte läsa det. Mottagaren har inte hämtat det än.")),
    (
        "available",
        marked("Tillgängligt"),
        marked("Mottagarens dator har hämtat och kontrollerat det. Det säger inte att någon har läst det."),
    ),
    ("registered", marked("Registrerat"), marked("Mottagaren har diariefört det.")),
)
#: Where it ended otherwise.
_ENDS: Final = {
    "refused": (marked("Avvisat"), marked("Mottagarens dator tog inte emot det.")),
    "stopped": (marked("Stoppat"), marked("Det lämnade aldrig datorn.")),
    "recalling": (marked("Kallas tillbaka"), marked("Servern har ombetts att kasta det. Utfallet är inte känt än.")),
    UNSHOWN: (
        marked("Okänt här"),
        marked("En kollegas dator säger att det kom fram. Mottagarens kvittens finns inte på den här datorn."),
    ),
    "recalled": (marked("Kallat tillbaka"), marked("Servern kastade det innan mottagaren hämtade det.")),
}


async def review(request: web.Request, sheet: Sheet, *, changed: bool = False) -> web.Response:
    """The page on which a person looks once more; only what she saw there is sent.

    Args:
        request: of the draft.
        sheet: the draft.
        changed: in another tab or by a colleague, since somebody looked at it.

    Raises:
        SlussError: what the rules refuse; nothing has changed.
    """
    found = await send(request.app[SHARED].desk, sheet, only_check=True)
    _, facts = asked(sheet)
    return render(
        request,
        "review.html",
        sheet=sheet,
        reviewed=looked_at(sheet),
        changed=changed,
        title=title_of(sheet.kind),
        unit=await unit_of(request, sheet.to),
        sections=shown(sheet.kind, facts["header"], readable(await unit_names(request), sheet.kind, facts["content"])),
        files=await staged(request, sheet),
        consent=await consent_of(request, found["consent_id"]),
        local=find_kind(sheet.kind).local,
        warnings=[one for one in found["warnings"] if one["code"] != "WORDS"],  # a box of its own
        found=found,
        contact=await ask(request, "fingerprint", unit=sheet.to),
        undo_seconds=request.app[SHARED].held.undo_seconds,
    )


async def consent_of(request: web.Request, consent_id: str | None) -> Any:
    """The consent that carries a document; None where there is none, or where it is not here."""
    try:
        return None if consent_id is None else await ask(request, "consent_show", consent_id=consent_id)
    except LocalError as error:
        if error.code != "NOCONSENT":
            raise
        return None


def where(gone: dict[str, Any]) -> str:
    """Where one sees what became of a draft that has left."""
    match gone["state"]:
        case "awaiting":
            return f"/approvals/{gone['document_id']}"
        case "queued":
            return f"/thread/{gone['thread_id']}/sent/{gone['document_id']}"
        case _:
            return f"/thread/{gone['thread_id']}"


@told
async def sent(request: web.Request) -> web.StreamResponse:
    """How far a document has come, in plain words; it renews itself."""
    thread = await ask(request, "thread", thread_id=request.match_info["thread_id"])
    wanted = request.match_info["document_id"]
    document = next((one for one in thread["documents"] if one["document_id"] == wanted), None)
    if document is None or document["direction"] != "out":
        raise web.HTTPSeeOther(f"/thread/{thread['thread_id']}")
    status = await ask(request, "status")
    return render(
        request,
        "sent.html",
        thread=thread,
        one=document,
        way=way_of(document),
        end=_ENDS.get(document["state"]),
        trouble=status["trouble"] and document["state"] == "queued",
    )


def come(document: dict[str, Any]) -> list[dict[str, Any]]:
    """How far a document of ours has come, step by step; nothing of one that came in, stays here, or waits for two."""
    end = _ENDS.get(document["state"])
    if document["direction"] != "out" or (end is None and document["state"] not in {state for state, _, _ in WAY}):
        return []
    steps = [step for step in way_of(document) if step["done"]]
    last = {"state": document["state"], "at": document["settled_at"]}
    return [*steps, *([] if end is None else [{**last, "name": end[0], "means": end[1]}])]


def way_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of a document's way: name, meaning, whether it is there, and since when where that is known."""
    states = [state for state, _, _ in WAY]
    known = {"queued": document["at"], "sent": document["deposit_hour"], document["state"]: document["settled_at"]}
    known |= {"queued": document["at"]}
    reached = states.index(document["state"]) if document["state"] in states else int(bool(document["deposit_hour"]))
    return [
        {"state": state, "name": name, "means": means, "done": number <= reached, "at": known.get(state)}
        for number, (state, name, means) in enumerate(WAY)
    ]
