"""Whom to write to: the proposals of `casework.routing` over the directory as it stands here; nothing is kept."""

from __future__ import annotations

import msgspec

from client.api.arguments import Arguments, Routed
from client.api.places import find_kind
from client.api.standing import units
from client.casework.codelists import PROTECTED_BLOCKS_ROUTING
from client.casework.describe import describe_struct
from client.casework.problems import InvalidBodyError
from client.casework.routing import Place, Question, route
from client.casework.routing_words import Sentence
from client.casework.shape import check_shape
from client.engine.office import Desk
from client.engine.reading import Facts
from client.lang.catalogue import translated

QUESTION = describe_struct(Question)


async def routed(desk: Desk, arguments: Routed) -> Facts:
    """Proposals with their reasons, the best first, and advice; ``by_hand``: choose yourself, and two sign.

    Raises:
        LocalError: code ``NOKIND``.
        InvalidBodyError: code ``SCH``, naming the fields of the question that are wrong.
    """
    asked = dict(arguments.question)
    if asked.get("protected") in PROTECTED_BLOCKS_ROUTING:
        asked = {"protected": asked["protected"]}  # the rest must not steer, so it is not looked at
    unasked = {"registered"}  # without any place there is advice, and no error
    problems = [one for one in check_shape(QUESTION, asked, {}) if one.reason != "missing" or one.path not in unasked]
    if problems:
        raise InvalidBodyError(tuple(problems))
    places = [_place(row) for row in await units(desk, Arguments()) if row["active"]]
    own = desk.context.unit_id.hex()
    found = route(find_kind(arguments.kind).name, msgspec.convert(asked, Question), places, own=own)
    return {
        "proposals": [
            {"unit_id": one.unit_id, "name": one.name, **_both("reason", one.reason)} for one in found.proposals
        ],
        "by_hand": found.by_hand,
        "advice": [one.told() for one in found.advice],
        "advice_en": [one.told(_english) for one in found.advice],
    }


def _both(name: str, sentence: Sentence) -> dict[str, str]:
    return {name: sentence.told(), f"{name}_en": sentence.told(_english)}


def _english(text: str) -> str:
    return translated(text, "en")


def _place(row: Facts) -> Place:
    return Place(
        unit_id=row["unit_id"],
        name=row["name_sv"],
        unit_type=row["unit_type"],
        kommunkod=row["kommunkod"],
        police_region=row["police_region"],
        facts=row["facts"],
    )
