"""Asks the guards of a step's rows (``client.casework.row_guards``): the one place where they are asked.

Rules:
1. A document is asked the guards that the table writes beside its event, at the moments that each of them names: when
   it is written, when it leaves, and when it comes.
2. The rules of the work stand in casework; here is found, in vault and directory, what they ask for.
3. Before all of them: a case rests while a refusal in it has a code that this program does not know.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from client.casework import row_guards as guard
from client.casework.flow_tables import FLOWS
from client.casework.kinds.registry import KINDS
from client.casework.row_guards import Guard, Stage
from client.engine.case_file import CaseFile
from client.engine.circumstances import Circumstances
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.threads import Threads

Body = dict[str, Any]
Ask = Callable[[Body], Awaitable[None]]


class Guarding:
    """Asks vault and directory.

    Args:
        context, consents, threads: of the office.
    """

    def __init__(self, context: Context, consents: Consents, threads: Threads) -> None:
        case, around = CaseFile(context, consents, threads), Circumstances(context)
        self._around: Final = around
        #: What each guard is asked of, of the unit's own documents.
        self.asks: Final[Mapping[Guard, Ask]] = {
            guard.PRISON_ANSWERED: case.require_prison_answer,
            guard.DOOR_CHOSEN: case.require_door,
            guard.CARE_TAKEN_HERE: case.require_care_here,
            guard.CARE_TAKEN_THERE: case.require_care_there,
            guard.RESULT_CURRENT: case.require_result,
            guard.RESULT_PASSABLE: case.require_passable,
            guard.ONE_REQUEST: case.require_one_request,
            guard.GOALS_REACHED: case.require_goals,
            guard.NO_PLACEMENT: case.require_no_placement,
            guard.CONSENT_NEW: case.require_new_consent,
            guard.NO_CONSENT_HELD: case.require_no_consent,
            guard.RECORD_OURS: case.require_own_record,
            guard.END_DAY_RIGHT: case.require_end_day,
            guard.DOCUMENT_CAME: case.require_came,
            guard.PLACE_CLEARED: around.require_clear,
            guard.PLACE_CHECKED: around.require_checked,
            guard.CALM: around.require_calm,
            guard.PROVIDER_VERIFIED: around.require_provider,
        }

    async def require(self, body: Body, stage: Stage, *, hour: int = 0) -> None:
        """Refuse a document that a guard of its step does not let through; its body is valid.

        Args:
            body: decoded.
            stage: which of its guards are asked.
            hour: of one that came: in which the hub got it, hours since 1970; 0 where that is not known.

        Raises:
            RefusedError: code ``UNKCODE``, or that of the guard; an ``InvalidBodyError`` names its field.
            LocalError: code ``NOCONSENT``.
        """
        if stage is not Stage.ARRIVES:
            await self._around.require_decided(body)
        kind = KINDS[body["header"]["message_type"]]
        event = kind.event.choose(msgspec.convert(body["content"], kind.content))
        for one in FLOWS[kind.flow].guards(event):
            if stage not in one.asked:
                continue
            if stage is Stage.ARRIVES:
                await self._ask_there(one, body, hour)
            else:
                await self.asks[one](body)

    async def _ask_there(self, one: Guard, body: Body, hour: int) -> None:
        """The guards that both ends ask; the other end knows other things."""
        if one is guard.CALM:
            await self._around.require_calm_there(body, hour)
        elif one is guard.PLACE_CLEARED:
            await self._around.require_clear_there(body)
        else:
            await self.asks[one](body)
