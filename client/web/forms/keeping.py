"""What somebody was writing when the page was shut under her hands: kept, and nothing else of the form is done."""

from __future__ import annotations

import re
from typing import Any, Final

from multidict import MultiDictProxy

from client.engine.unit_sync.unit import UnitSync
from client.web.forms.drafts import filled, find, keep
from keys.errors import SlussError

_DRAFT: Final = re.compile(r"/draft/([0-9a-f]{32})(?:/code)?")
#: How the names of the controls begin that hold what was typed; a page of buttons alone has none.
_TYPED: Final = ("content.", "header.")


async def keep_typed(unit: UnitSync, path: str, posted: MultiDictProxy[Any]) -> bool:
    """Keep the texts of a form whose keys are locked, or whose page is hidden; nothing else is done with them.

    Args:
        unit: where drafts are kept; that needs no private key.
        path: that the form was sent to.
        posted: its controls.
    """
    draft = _DRAFT.fullmatch(path)
    if draft is None or not any(name.startswith(_TYPED) for name in posted):
        return False
    try:
        draft_id, sheet = await find(unit, draft[1])
        if sheet.leaves_at is not None:
            return False
        await keep(unit, filled(sheet, posted), draft_id)
    except SlussError:
        return False
    return True
