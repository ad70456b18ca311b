"""The work list and the search, for pages and other programs."""

from __future__ import annotations

from collections.abc import Mapping

from client.api.arguments import Arguments, Search, Work
from client.api.clocks import clocks, whose
from client.casework.clock_words import AWAITED
from client.casework.flow_tables import FLOWS
from client.casework.kinds.registry import KINDS
from client.engine.clock_row import BOTH
from client.engine.load import Load
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from client.engine.requirements import today
from client.engine.searching import AT_ONCE, Found, Searching
from client.engine.threat_results import RESULT, standing
from client.engine.worklist import Narrow, WorkList, WorkRow
from keys.errors import LocalError
from keys.ids import DeviceId, UnitId


async def work(desk: Desk, arguments: Work) -> Facts:
    """Counts of all views, one page of one of them, and what it could be narrowed to: labels of states, units."""
    listed = WorkList(desk.context, clocks(desk))
    present = await listed.present()
    units = {unit_id: _unit_name(desk, unit_id) for _, _, unit_id in present}
    labels = {(flow, state): FLOWS[flow].state(state).label for flow, state, _ in present}
    holders = {bytes(one.device_id): one.card.name for one in await desk.unit.colleagues()}
    names = {
        "state": {f"{flow} {state}": label for (flow, state), label in labels.items()},
        "unit": {unit_id.hex().upper(): name for unit_id, name in units.items()},
        "holder": {device_id.hex().upper(): name for device_id, name in holders.items()},
    }
    narrow = Narrow(
        order=arguments.order,
        flow=arguments.flow,
        states=frozenset(one for one in labels if labels[one] == arguments.state) if arguments.state else None,
        unit_id=bytes.fromhex(arguments.unit),
        holder=_holder(arguments.holder),
        ranks=_ranks(names.get(arguments.order, {})),
    )
    rows = await listed.rows(arguments.view, narrow, arguments.page)
    return {
        "now": iso(desk.context.clock.now()),
        "counts": await listed.counts(),
        "rows": [_row(desk, row) for row in rows],
        "states": sorted({label for (flow, _), label in labels.items() if arguments.flow in ("", flow)}),
        "units": sorted(((unit_id.hex(), name) for unit_id, name in units.items()), key=lambda one: one[1].casefold()),
    }


def _holder(text: str) -> bytes | None:
    """As the list takes it: nothing for anybody, no bytes for nobody."""
    return bytes.fromhex(text.removeprefix("none")) if text else None


def _ranks(names: Mapping[str, str]) -> dict[str, int]:
    """Where each of them stands by its name."""
    places = {name: n for n, name in enumerate(sorted(set(names.values()), key=str.casefold))}
    return {key: places[name] for key, name in names.items()}


async def load(desk: Desk, _arguments: Arguments) -> Facts:
    """How much lies here and how long it has lain: figures of threads, nobody is named."""
    figures = await Load(desk.context).figures()
    return {
        "flows": [
            {"flow": one.flow, "title": flow_title(one.flow), "open": one.open, "overdue": one.overdue}
            for one in figures.flows
        ],
        "waits": list(figures.waits),
        "weeks": [{"monday": monday.isoformat(), "begun": begun} for monday, begun in figures.weeks],
    }


async def search(desk: Desk, arguments: Search) -> Facts:
    """One page of the documents in which every word is found, newest first.

    ``excerpt`` has its hits between U+0002 and U+0003; ``more``: there is another page; ``lacking``: so many documents
    are not in the index yet.
    """
    searching = Searching(desk.context)
    while arguments.whole and await searching.index(AT_ONCE):
        pass
    hits = await searching.search(arguments.text, arguments.page)
    found = [await _hit(desk, one) for one in hits.found]
    return {"found": found, "more": hits.more, "lacking": hits.lacking}


async def _hit(desk: Desk, one: Found) -> Facts:
    known = await standing(desk.context.vault, one.document_id, today(desk.context)) if one.kind == RESULT else None
    return {
        "document_id": one.document_id.hex(),
        "thread_id": one.thread_id.hex(),
        "kind": one.kind,
        "title": KINDS[one.kind].title_sv if one.kind in KINDS else one.kind,
        "unit": _unit_name(desk, one.unit_id),
        "at": iso(one.at),
        "expired": known is not None and known.expired,
        "replaced": known is not None and known.replaced,
        "excerpt": one.excerpt,
    }


def flow_title(flow: str) -> str:
    """What a life cycle is called: the title of the document that opens it, up to the dash."""
    titles = [kind.title_sv for kind in KINDS.values() if kind.flow == flow and kind.opens_thread]
    return titles[0].partition(" – ")[0] if titles else flow


def _row(desk: Desk, row: WorkRow) -> Facts:
    return {
        "thread_id": row.thread_id.hex(),
        "flow": row.flow,
        "title": flow_title(row.flow),
        "state": row.state,
        "state_label": FLOWS[row.flow].state(row.state).label,
        "unit": _unit_name(desk, row.unit_id),
        "deadline": iso(row.deadline),
        "overdue": row.deadline is not None and row.deadline < desk.context.clock.now() and not row.final,
        "awaited": "" if row.clock is None else AWAITED[row.clock],
        **whose(desk, row.responsible),
        "ours": row.clock is not None and row.responsible in {BOTH, bytes(desk.context.unit_id)},
        "changed_at": iso(row.changed_at),
        "holder": None if row.holder is None else _staff_name(desk, row.holder),
        "own": row.holder == desk.context.device_id,
        "unread": row.unread,
        "failed": row.failed,
        "our_turn": row.our_turn,
        "final": row.final,
    }


def _unit_name(desk: Desk, unit_id: bytes) -> str:
    try:
        return desk.context.book.unit(UnitId(unit_id)).card.name_sv
    except LocalError:
        return ""


def _staff_name(desk: Desk, device_id: bytes) -> str:
    try:
        return desk.context.book.staff(DeviceId(device_id)).name
    except LocalError:
        return ""
