"""Reading a mailbox page by page, as much at a time as may be held in memory."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from client.engine.link import Link
from client.engine.sessions import HubError
from hub.wire.responses import Fetched, Waiting, Withheld

WINDOW: Final = 2048  # envelopes held in memory at once
WINDOW_BYTES: Final = 32 * 1024 * 1024  # of them; what is parsed and opened out of them takes twice as much again


async def window(link: Link, page: Fetched) -> list[Waiting | Withheld]:
    """What stands in a page and in those behind it, up to `WINDOW` and `WINDOW_BYTES`.

    Raises:
        HubError: as `fetch`.
    """
    items = list(page.items)
    size = _size(items)
    while items and len(items) < WINDOW and size < WINDOW_BYTES and items[-1].n < page.last_n:
        page = await fetch(link, items[-1].n)
        if not page.items:
            break
        items += page.items
        size += _size(page.items)
    return items


async def fetch(link: Link, after: int) -> Fetched:
    """A page whose numbers rise from ``after`` up to ``last_n``; with any other a drain might never end.

    Raises:
        HubError: unreachable, or the numbers are not as they should be.
    """
    page = await link.fetch(after)
    numbers = [after, *(item.n for item in page.items)]
    rising = all(one < other for one, other in itertools.pairwise(numbers))
    if not rising or (page.items and numbers[-1] > page.last_n):
        raise HubError("HUB", rule="numbers")
    return page


def _size(items: Sequence[Waiting | Withheld]) -> int:
    return sum(len(item.envelope) for item in items if isinstance(item, Waiting))
