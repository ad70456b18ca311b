"""No form asks a person for an id: every field that holds one is chosen from a list on the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.kinds.registry import KINDS, describe
from client.web.pages.naming import CONSENTS, DOCUMENTS, THREADS, UNITS

CHOSEN = [*UNITS, *DOCUMENTS, *CONSENTS, *THREADS]


def flat(fields: Iterable[FieldInfo]) -> Iterator[FieldInfo]:
    """Also those within blocks."""
    for one in fields:
        yield one
        yield from flat(one.children)


def test_every_field_that_holds_an_id_is_chosen_from_a_list() -> None:
    """Each by one list, and no list is for a field that is none or holds something else."""
    fields = [one for kind in KINDS for one in flat(describe(kind))]
    holding = {one.name for one in fields if one.spec.holds is FieldType.ID}
    assert holding == set(CHOSEN)
    assert len(CHOSEN) == len(set(CHOSEN))
    assert not holding & {one.name for one in fields if one.spec.holds is not FieldType.ID}


def test_a_named_document_is_of_a_kind() -> None:
    """What a list is drawn from exists."""
    assert {kind for kind in DOCUMENTS.values() if kind} <= set(KINDS)
    assert {flow for flow in THREADS.values() if flow} <= {kind.flow for kind in KINDS.values()}
