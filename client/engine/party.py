"""A unit of the directory as casework's rules see it."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from typing import Final

from client.casework.authorities import authority_of
from client.casework.parties import SMALL_PLACE_INHABITANTS, Unit, takes_under_18
from client.casework.swedish_time import local_date
from client.engine.context import Context
from client.engine.names import UnitFacts
from keys.errors import LocalError
from keys.ids import UnitId

_NOWHERE: Final = "-"  # no region: a unit without a card is that of no place
_PRIVATE: Final = frozenset({"utforare"})


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """When a document was sent, by which the directory is read for it.

    Args:
        sent_at: seconds, as its author signed; facts of a card have days from which and to which they hold.
        size: of the log that she signed for; None for mail, which is judged by the newest cards.
    """

    sent_at: int
    size: int | None = None


def unit_then(context: Context, unit_id: UnitId, moment: Moment | None) -> tuple[UnitFacts, datetime.date]:
    """A unit's card, and the day in Sweden by which it is read.

    Raises:
        LocalError: code ``UNK``.
    """
    at = context.clock.now() if moment is None else moment.sent_at
    size = None if moment is None else moment.size
    unit = context.book.unit(unit_id) if size is None else context.book.unit_at(unit_id, size)
    return unit, local_date(datetime.datetime.fromtimestamp(at, datetime.UTC))


def party(context: Context, unit_id: UnitId, moment: Moment | None = None) -> Unit:
    """The unit with what its card says today, or said when a document was sent.

    Raises:
        LocalError: code ``UNK``.
    """
    return _on(*unit_then(context, unit_id, moment))


def regions_of(context: Context, unit_id: UnitId, moment: Moment | None = None) -> frozenset[str]:
    """The police regions of a unit, by its card; none for one that serves the whole country, or has no card."""
    try:
        unit, day = unit_then(context, unit_id, moment)
    except LocalError:
        return frozenset({_NOWHERE})
    return frozenset({unit.card.police_region, *(unit.fact("catchment_regions", day) or ())} - {""})


@functools.lru_cache(maxsize=1024)
def _on(unit: UnitFacts, day: datetime.date) -> Unit:
    unit_type, inhabitants = unit.card.unit_type, unit.fact("population", day)
    decides = unit.fact("decides", day)
    return Unit(
        unit_id=unit.unit_id.hex(),
        unit_type=unit_type,
        authority=authority_of(unit_type),
        private=unit_type in _PRIVATE,
        takes_under_18=takes_under_18(unit_type, unit.fact("takes_under_18", day)),
        takes_lvm=unit.fact("takes_lvm", day) is not False,
        takes_lvu=unit.fact("takes_lvu", day) is not False,
        kommunkod=unit.kommunkod,
        decides=None if decides is None else frozenset(decides),
        decision_unit=next(iter(unit.fact("decision_unit", day) or ()), ""),
        small_place=unit.fact("small_place", day) is True
        or (inhabitants is not None and inhabitants < SMALL_PLACE_INHABITANTS),
    )
