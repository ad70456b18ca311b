"""What somebody was writing when the page was shut under her hands: kept, and nothing else of the form is done."""

from __future__ import annotations

import re
from typing import Any, Final

from multidict import MultiDictProxy

from client.engine.jottings import Jottings, Typed
from client.engine.unit_sync.unit import UnitSync
from client.web.forms.drafts import filled, find, keep
from keys.errors import SlussError

#: Forms that make no document: which -> where one goes on with it.
JOTTED: Final = {
    "consent": "/consents/new/{}",
    "supplement": "/consents/{}/supplement",
    "renew": "/consents/{}/renew",
    "refusal": "/refusal/{}",
    "note": "/thread/{}",
    "decline": "/approvals/{}",
    "withdrawal": "/consents/{}",
    "mistake": "/consents/{}",
    "aside": "/aside",
}
#: The control that says which form it is: its name and what it is about.
_PLACE: Final = "jot"
_TARGET: Final = re.compile(r"[0-9a-f]{1,64}|-")
_DRAFT: Final = re.compile(r"/draft/([0-9a-f]{32})(?:/code)?")
#: How the names of the controls begin that hold what was typed; a page of buttons alone has none.
_TYPED: Final = ("content.", "header.")
_NOT_TYPED: Final = frozenset({"form_token", "act", "add", _PLACE})


def place_of(posted: MultiDictProxy[Any]) -> tuple[str, str] | None:
    """Which form it is and what it is about; None for any other."""
    form, _, target = str(posted.get(_PLACE, "")).partition("/")
    return (form, target) if form in JOTTED and _TARGET.fullmatch(target) else None


async def keep_jotting(jottings: Jottings, posted: MultiDictProxy[Any]) -> bool:
    """Keep the texts of a form that makes no document.

    Raises:
        LocalError: code ``BIG``.
    """
    place = place_of(posted)
    if place is None:
        return False
    await jottings.keep(*place, texts(posted))
    return True


def texts(posted: MultiDictProxy[Any]) -> Typed:
    """What was typed and chosen, by name of the control."""
    return {name: [str(one) for one in posted.getall(name)] for name in posted if name not in _NOT_TYPED}


async def keep_typed(unit: UnitSync, jottings: Jottings, path: str, posted: MultiDictProxy[Any]) -> bool:
    """Keep the texts of a form whose keys are locked, or whose page is hidden; nothing else is done with them.

    Args:
        unit: where drafts are kept; that needs no private key.
        jottings: where the texts of other forms are kept.
        path: that the form was sent to.
        posted: its controls.
    """
    draft = _DRAFT.fullmatch(path)
    try:
        if draft is None or not any(name.startswith(_TYPED) for name in posted):
            return await keep_jotting(jottings, posted)
        draft_id, sheet = await find(unit, draft[1])
        if sheet.leaves_at is not None:
            return False
        await keep(unit, filled(sheet, posted), draft_id)
    except SlussError:
        return False
    return True
