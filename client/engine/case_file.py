"""What the vault knows of a case, for the rules that ask for it (`casework.case_rules`), and what is computed from it.

Only the writer's own vault is asked: the other end knows another part of the case.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from client.casework import case_rules
from client.casework.consent_status import Status, status
from client.casework.kinds.registry import KINDS
from client.casework.problems import InvalidBodyError, problem
from client.casework.swedish_time import local_date
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.party import party
from client.engine.steps import written
from client.engine.threads import Threads
from client.engine.threat_results import threat_result
from client.engine.told import custody
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError, RefusedError
from keys.ids import UnitId

Body = dict[str, Any]
_Place = tuple[int, int, int]
_NEVER: Final = (0, 0, 0)

#: Flows in which a person receives support.
_SUPPORT: Final = frozenset({"plan", "placering"})
_HOLDS: Final = frozenset({Status.AKTIVT, Status.SNART_UTGATT})
_RETURN: Final = "aterkomst.notis"
_COMPUTED: Final = "count_in_stats"


class CaseFile:
    """The cases of an office, by the person's key."""

    def __init__(self, context: Context, consents: Consents, threads: Threads) -> None:
        self._context = context
        self._vault = context.vault
        self._consents = consents
        self._threads = threads

    async def completed(self, body: Body) -> Body:
        """The content with what the program computes; what a handler said of it must agree.

        Raises:
            InvalidBodyError: it does not.
        """
        content: Body = body["content"]
        if body["header"]["message_type"] != "avslut.notis":
            return content
        counted = await self._counts(str(body["header"].get("principal_ref")))
        if content.get(_COMPUTED, counted) is not counted:
            raise InvalidBodyError((problem(f"content.{_COMPUTED}", "computed", "Räknas i statistik"),))
        return {**content, _COMPUTED: counted}

    async def require_current(self, document_id: str, principal: object) -> Body:
        """The content of a threat result; refuse one of somebody else, or one that does not count any more.

        Raises:
            RefusedError: code ``NORESULT`` or ``OLDTHREAT``.
        """
        found = await threat_result(self._vault, bytes.fromhex(document_id), principal)
        content, replaced = (None, False) if found is None else found
        case_rules.require_current(content, self.today(), replaced=replaced)
        return content or {}

    def today(self) -> datetime.date:
        """The day in Sweden."""
        return local_date(datetime.datetime.fromtimestamp(self._context.clock.now(), datetime.UTC))

    def _fact(self, name: str) -> Any:
        return self._context.book.unit(self._context.unit_id).fact(name, self.today())

    # -- what the guards of a step ask (`guarding`): each refuses a document that does not fit its case ---------------

    async def require_prison_answer(self, body: Body) -> None:
        """``prison_answered``."""
        case_rules.require_prison_answer(body["content"], self._fact("gatekeeper"))

    async def require_door(self, body: Body) -> None:
        """``door_chosen``."""
        content, principals = body["content"], await self._principals(body)
        chosen = await self._door_chosen(principals)
        case_rules.require_door(content, self._fact("gatekeeper"), chosen=chosen)

    async def require_care_here(self, body: Body) -> None:
        """``care_taken_here``."""
        await self._require_care(await self._principals(body), self._context.unit_id)

    async def _door_chosen(self, principals: list[object]) -> bool:
        """Whether the police chose a door for this coming: after the newest return, or leaning on its new consent.

        Who comes back is assessed anew: a door that the police chose before that opens nothing (domain.md 1.3 F9).
        """
        backs = [told for one in principals for told in await self._told(_RETURN, one)]
        doors = [told for one in principals for told in await self._told("intag.dorrval", one)]
        at, back = max(backs, default=(_NEVER, {}), key=lambda told: told[0])
        if any(place > at for place, _ in doors):
            return True
        new = bytes.fromhex(str(back.get("content", {}).get("new_consent", "")))
        anew = {one.record.consent_id for one in await self._consents.family(new)} if new else set()
        return any(door["header"].get("consent_ref") in anew for _, door in doors)

    async def _principals(self, body: Body) -> list[object]:
        """The person's key in the case; of somebody who is back that of her new consent first."""
        header, key = body["header"], body["header"].get("principal_ref")
        if header["message_type"] != "aterkomst.beslut":
            return [key]
        opening = await self._threads.opening(bytes.fromhex(header["thread_id"])) or {}
        held = await self._consents.get(bytes.fromhex(str(opening.get("new_consent", ""))))
        return [key] if held is None else list(dict.fromkeys([held.record.principal_ref, key]))

    async def require_result(self, body: Body) -> None:
        """``result_current``."""
        await self.require_current(body["content"]["police_result"], body["header"].get("principal_ref"))

    async def require_passable(self, body: Body) -> None:
        """``result_passable``."""
        named = body["content"].get("threat_result")
        if named is not None:
            case_rules.require_passable(await self.require_current(named, body["header"].get("principal_ref")))

    async def require_one_request(self, body: Body) -> None:
        """``one_request``: of two units that believe to be responsible neither is."""
        header, kind = body["header"], KINDS[body["header"]["message_type"]]
        thread_id = bytes.fromhex(header["thread_id"])
        if await self._threads.other_open(kind.flow, header.get("principal_ref"), thread_id):
            raise RefusedError("TWICE", kind=kind.name)

    async def require_care_there(self, body: Body) -> None:
        """``care_taken_there``."""
        to_unit = UnitId(bytes.fromhex(body["header"]["recipient_unit"]))
        await self._require_care([body["header"].get("principal_ref")], to_unit)

    async def _require_care(self, principals: list[object], unit_id: UnitId) -> None:
        """The unit takes the person as the newest contact or forwarding of the case describes her."""
        case_rules.require_care(await custody(self._vault, *principals), party(self._context, unit_id))

    async def require_goals(self, body: Body) -> None:
        """``goals_reached``."""
        case_rules.require_goals(body["content"], self._fact("closing_criteria") or ())

    async def require_no_placement(self, body: Body) -> None:
        """``no_placement``."""
        threads = await self._threads.of_person(body["header"].get("principal_ref"))
        if body["content"].get("reason") != "overlamnad":
            case_rules.require_no_placement({one.flow for one in threads if not one.is_final})

    async def require_new_consent(self, body: Body) -> None:
        """``consent_new``."""
        held = await self._consents.get(bytes.fromhex(body["content"]["new_consent"]))
        if held is None:
            case_rules.require_new_consent(is_active=False, renews=False, used_before=False)
            return
        stands = status(held.record, await self._consents.withdrawals(held.record), self.today())
        leaned = await self._threads.of_consents([bytes(held.consent_id)])
        case_rules.require_new_consent(
            is_active=stands in _HOLDS,
            renews=held.record.supersedes is not None,
            used_before=any(one.is_final for one in leaned),
        )

    async def require_no_consent(self, body: Body) -> None:
        """``no_consent_held``."""
        principal = body["header"].get("principal_ref")
        for held in await self._consents.of_person(principal):
            stands = status(held.record, await self._consents.withdrawals(held.record), self.today())
            if stands in _HOLDS:
                raise RefusedError("HASCONSENT")

    async def require_own_record(self, body: Body) -> None:
        """``record_ours``, of what the unit notes; what it then tells the others follows from that."""
        if not KINDS[body["header"]["message_type"]].local:
            return
        held = await self._consents.get(bytes.fromhex(body["content"]["consent_id"]))
        if held is None:
            raise LocalError("NOCONSENT")
        if held.record.controller_unit != body["header"]["sender_unit"]:
            raise RefusedError("NOTOURS")
        if held.record.principal_ref != body["header"]["principal_ref"]:
            raise RefusedError("CNS-09")
        taken = [one.at for one in await self._consents.withdrawals(held.record) if one.for_all]
        if taken:
            raise RefusedError("WITHDRAWN", at=taken[0])

    async def require_end_day(self, body: Body) -> None:
        """``end_day_right``."""
        held = await self._consents.get(bytes.fromhex(body["content"]["consent_id"]))
        if held is not None and held.record.valid_to != body["content"]["valid_to"]:
            raise InvalidBodyError((problem("content.valid_to", "computed", "Gäller till"),))

    async def require_came(self, body: Body) -> None:
        """``document_came``: what lies in quarantine has come too, and is registered like all that comes."""
        named = bytes.fromhex(body["content"]["document"]), bytes.fromhex(body["header"]["recipient_unit"])
        came = await self._vault.value(
            "SELECT 1 FROM document WHERE document_id = ? AND unit_id = ? AND direction = 'in'"
            " UNION SELECT 1 FROM quarantine WHERE document_id = ? AND unit_id = ?",
            *named, *named,
        )  # fmt: skip
        if came is None:
            raise RefusedError("NODOC")

    async def _counts(self, principal: str) -> bool:
        threads = await self._threads.of_person(principal)
        decided = await self._contents("malgrupp.beslut", principal)
        return case_rules.counts(
            applied=bool(threads),
            received=any(one.flow in _SUPPORT for one in threads),
            consented=bool(await self._consents.of_person(principal)),
            in_target=any(one.get("result") != "ej_malgrupp" for one in decided[-1:]),
        )

    async def _contents(self, kind: str, principal: object) -> list[Body]:
        """Contents of this kind in the case, oldest first."""
        return [body["content"] for _, body in await self._told(kind, principal)]

    async def _told(self, kind: str, principal: object) -> list[tuple[_Place, Body]]:
        """Their bodies, each with when it was written."""
        rows = await self._vault.all(
            "SELECT d.kind, d.body, d.at, d.rowid FROM document d JOIN thread t USING (thread_id)"
            " WHERE d.kind = ? AND t.principal = ? AND d.state NOT IN ('stopped', 'refused', 'recalled')",
            kind, principal,
        )  # fmt: skip
        told = [(written(*row), decode_body(row[1], max_bytes=MAX_BODY_BYTES)) for row in rows]
        return sorted(told, key=lambda one: one[0])
