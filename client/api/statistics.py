"""Commands of statistics: count, review, approve, send."""

from __future__ import annotations

from client.api.arguments import OneThread, StatisticsOf, StatisticsTo
from client.api.documents import told_of, written_facts
from client.api.places import find_id, find_unit
from client.engine.figures import Figures
from client.engine.office import Desk
from client.engine.reading import Facts


async def collect(desk: Desk, arguments: StatisticsOf) -> Facts:
    """Count a period; the counts stay in the unit."""
    return written_facts(await _figures(desk).collect(arguments.year, arguments.half))


async def review(desk: Desk, arguments: OneThread) -> Facts:
    """Somebody who counts has looked."""
    return written_facts(await _figures(desk).step(await _thread(desk, arguments.thread_id), "granskad"))


async def approve(desk: Desk, arguments: OneThread) -> Facts:
    """A decision-maker lets it go."""
    return written_facts(await _figures(desk).step(await _thread(desk, arguments.thread_id), "godkand"))


async def send(desk: Desk, arguments: StatisticsTo) -> Facts:
    """Queue the masked report."""
    thread_id = await _thread(desk, arguments.thread_id)
    to_unit = find_unit(desk.context, arguments.to)
    return await told_of(desk, await _figures(desk).send(thread_id, to_unit), to_unit)


def _figures(desk: Desk) -> Figures:
    return Figures(desk.context, desk.writing)


async def _thread(desk: Desk, text: str) -> bytes:
    return await find_id(desk.context.vault, "thread", text)
