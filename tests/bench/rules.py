"""The rules of the work on one core: a document read, judged and answered for, and whom to write to among 400 units.

Times are the processor's, so that what else the machine does does not count. Beside the first stands what msgspec alone
takes to convert header and content: it checks types, stops at the first fault, and knows no rule.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import msgspec

from client.casework.header import Header
from client.casework.kinds.registry import KINDS
from client.casework.question import Context
from client.casework.routing import Place, Question, route
from client.casework.rules import check_incoming, check_outgoing
from keys.places import kommuner
from tests.bench.figure import Figure, figure, percentile, scaled
from tests.unit.casework.samples import outgoing, record_for

UNITS = 400
DOCUMENTS_A_SECOND = 10_000
SHARE_OF_BARE = 0.3
ROUTE_MS = 1.0


def figures() -> Iterator[Figure]:
    """Documents a second, also beside bare msgspec, and milliseconds of a proposal."""
    documents = [outgoing(kind, record=record_for(kind), signatures=2) for kind in sorted(KINDS)]
    judged, bare = _rate(check_outgoing, documents), _rate(_convert, documents)
    yield figure("rules: validate and decide, every kind in turn", judged, "documents/s", goal=DOCUMENTS_A_SECOND)
    received = [one for one in documents if not KINDS[one.body["header"]["message_type"]].local]  # type: ignore[index]
    taken = _rate(check_incoming, received)
    yield figure("rules: read and decide at the recipient", taken, "documents/s", goal=DOCUMENTS_A_SECOND)
    share = judged / bare
    yield figure("rules: of the rate of msgspec alone", share, "share", goal=SHARE_OF_BARE)
    yield figure("rules: msgspec alone", bare, "documents/s")
    yield figure(
        f"rules: whom to write to among {UNITS} units, p99", _routed(), "ms", goal=ROUTE_MS, lower_is_better=True
    )


def _convert(context: Context) -> None:
    body = context.body
    assert isinstance(body, dict)
    msgspec.convert(body["header"], Header)
    msgspec.convert(body["content"], KINDS[body["header"]["message_type"]].content)


def _rate(work: Callable[[Context], object], documents: list[Context]) -> float:
    """How many a second of processor time: the best of some rounds."""
    rates = []
    for _ in range(scaled(25, 1)):
        began = time.process_time()
        for document in documents:
            work(document)
        rates.append(len(documents) / (time.process_time() - began))
    return max(rates)


def _routed() -> float:
    """The slowest proposal but for one in a hundred, in milliseconds."""
    units = directory()
    questions = [
        Question(protected="ingen", registered=code, age=age) for code in sorted(kommuner()) for age in (17, 30)
    ]
    times = []
    for question in questions[: scaled(len(questions), 20)]:
        for kind in ("konsultation.fraga", "hotbild.begaran", "intag.formedling"):
            began = time.process_time()
            route(kind, question, units)
            times.append(time.process_time() - began)
    return percentile(times, 99) * 1000


def directory() -> list[Place]:
    """A unit in every municipality, and units for defectors and of the police beside."""
    codes = sorted(kommuner())
    types = itertools.cycle(("avhopparenhet", "polis_bops", "sig", "stadsdel_socialtjanst"))
    return [
        Place(
            unit_id=f"{n:032x}",
            name=f"Enhet {n}",
            unit_type="ordinarie_socialtjanst" if n < len(codes) else next(types),
            kommunkod=codes[n % len(codes)],
            facts={}
            if n < len(codes)
            else {"advises_other_kommuner": n % 5 == 0, "catchment_lan": [codes[n % 290][:2]]},
        )
        for n in range(UNITS)
    ]
