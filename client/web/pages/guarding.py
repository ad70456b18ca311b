"""What is looked at while somebody types: a text by the guard, as in the review, and an identity number.

Rules:
1. The text is looked at here and goes nowhere.
2. The person lives where the asker is, whoever of the two writes: the name of that municipality tells neither anything.
"""

from __future__ import annotations

from aiohttp import web

from client.casework.guard import LABELS, scan
from client.engine.office import Desk
from client.lang.catalogue import translate
from client.web.asking import told
from client.web.forms.drafts import find
from client.web.forms.reading import identity_form, identity_number
from client.web.gate import SHARED
from keys.errors import LocalError
from keys.ids import UnitId


@told
async def guard(request: web.Request) -> web.StreamResponse:
    """What the guard sees; ``draft``: id of the draft that the text belongs to, where there is one."""
    posted, desk = await request.post(), request.app[SHARED].desk
    asker = await _asker(desk, str(posted.get("draft", "")))
    text = str(posted.get("text", ""))[:12_000]
    own_kommun = desk.context.book.unit(asker).kommunkod
    found = {translate(LABELS[finding.rule_id]) for finding in scan(text, own_kommun=own_kommun)}
    return web.json_response({"found": sorted(found)})


@told
async def identity(request: web.Request) -> web.StreamResponse:
    """An identity number in its usual form, and what looks wrong with it; it is looked at here and goes nowhere."""
    text = str((await request.post()).get("text", ""))[:60].strip()
    number = identity_number(text)
    wrong = right = ""
    if number is None:
        wrong = translate("Det här ser inte ut som ett personnummer eller samordningsnummer.") if text else ""
    elif number.check_ok:
        right = translate("Kontrollsiffran stämmer.")
    else:
        wrong = translate("Kontrollsiffran stämmer inte. Kontrollera numret.")
    return web.json_response({"shown": identity_form(text), "wrong": wrong, "right": right})


async def _asker(desk: Desk, draft_id: str) -> UnitId:
    """The unit that opened the thread of a draft; the own one where that is not known."""
    try:
        _, sheet = await find(desk.unit, draft_id)
    except LocalError:
        return desk.context.unit_id
    thread = None if sheet.thread_id is None else await desk.threads.get(bytes.fromhex(sheet.thread_id))
    return desk.context.unit_id if thread is None or thread.side == "fragare" else UnitId(thread.unit_id)
