"""What the guard sees in a text while somebody types it: the same as in the review, so the same unit is the asker.

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


async def _asker(desk: Desk, draft_id: str) -> UnitId:
    """The unit that opened the thread of a draft; the own one where that is not known."""
    try:
        _, sheet = await find(desk.unit, draft_id)
    except LocalError:
        return desk.context.unit_id
    thread = None if sheet.thread_id is None else await desk.threads.get(bytes.fromhex(sheet.thread_id))
    return desk.context.unit_id if thread is None or thread.side == "fragare" else UnitId(thread.unit_id)
