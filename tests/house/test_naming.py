"""No form asks a person for an id: every field that holds one says what it names, and is chosen from a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from client.casework.consent import ConsentRecord
from client.casework.describe import FieldInfo, describe_struct
from client.casework.fields import CASE, FieldType, Thing
from client.casework.flow_tables import FLOWS
from client.casework.kinds.registry import KINDS, describe, describe_header


def flat(fields: Iterable[FieldInfo]) -> Iterator[FieldInfo]:
    """Also those within blocks."""
    for one in fields:
        yield one
        yield from flat(one.children)


def test_what_holds_an_id_says_what_it_names() -> None:
    """And nothing else does; a document's kind and a thread's life cycle exist; a case is named by the header alone."""
    contents = [one for kind in KINDS for one in flat(describe(kind))]
    fields = [*contents, *flat(describe_header()), *flat(describe_struct(ConsentRecord))]
    assert {one.spec.holds is FieldType.ID for one in fields if one.spec.names} == {True}
    named = {one.spec.names for one in fields if one.spec.holds is FieldType.ID}
    assert None not in named
    assert {one.of for one in named if one and one.thing is Thing.DOCUMENT} <= {"", *KINDS}
    assert {one.of for one in named if one and one.thing is Thing.THREAD} <= {"", *FLOWS}
    assert CASE not in {one.spec.names for one in contents}
