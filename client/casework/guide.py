"""The guide's chapters that are drawn from the declarations: life cycles, deadlines, documents, code lists.

Nothing of them is written by hand, so they cannot say anything else than the program does. The steps of each flow are
written by hand (`guide_steps`). What stands outside the markers is left.

Public signatures:
    CHAPTERS: Mapping[str, Callable[[], str]]       name of the markers -> its text
    renewed(guide, steps) -> str                    the guide with every chapter drawn anew

Not here: reading and writing the file (`client.cli.guide`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from client.casework.carriers import carriers
from client.casework.codelists import ROLE, CodeList
from client.casework.describe import FieldInfo
from client.casework.fields import FieldType, When
from client.casework.flow_tables import FLOWS
from client.casework.flows import ANY, SAME, Flow, Row, mermaid
from client.casework.guide_clocks import deadlines
from client.casework.guide_steps import STEPS, drawn, filled
from client.casework.guide_words import SIDES, spans_words, table
from client.casework.kinds.kind import Gate, Kind
from client.casework.kinds.registry import KINDS, describe, describe_header

_TYPES: Final = {
    FieldType.TEXT: "text",
    FieldType.LONG: "flera rader",
    FieldType.ENUM: "val",
    FieldType.BOOL: "ja eller nej",
    FieldType.DATE: "datum",
    FieldType.DT: "tidpunkt",
    FieldType.INT: "heltal",
    FieldType.KOMMUN: "kommunkod",
    FieldType.ID: "id",
    FieldType.SHA256: "kontrollsumma",
    FieldType.GROUP: "block",
}
_NEEDS: Final = {"R": "ja", "O": "nej"}


def renewed(guide: str, steps: str) -> str:
    """The Swedish guide with every chapter drawn anew between its markers.

    Args:
        guide: as it stands.
        steps: what each role does, as it is written.

    Raises:
        ValueError: a chapter has no markers, or not one pair; the steps name something that is not declared.
    """
    return drawn(guide, {STEPS: lambda: filled(steps), **CHAPTERS})


# -- life cycles ------------------------------------------------------------------------------------------------------


def life_cycles() -> str:
    """A diagram and a table for each life cycle."""
    return "".join(f"{line}\n" for flow in FLOWS.values() for line in _flow(flow))


def _flow(flow: Flow) -> Iterator[str]:
    yield f"\n### {flow.name}\n"
    yield "```mermaid"
    yield mermaid(flow).rstrip("\n")
    yield "```"
    rows = (
        (_state(flow, row.state), _event(flow, row), _who(row), _asked(flow, row), _next(flow, row), _time(flow, row))
        for row in flow.rows
    )
    yield from table(("läge", "händelse", "vem", "villkor", "nästa läge", "tid i nästa läge"), rows)
    bound = "".join(f"`{event}` som den andra enheten har handlat på, sedan " for event in flow.binding)
    first = "".join(f"`{event}` före allt annat, sedan " for event in flow.first)
    yield f"Om två dokument korsar varandra gäller: {bound}{first}den händelse som står först i tabellen.\n"


def _state(flow: Flow, name: str) -> str:
    return "varje öppet läge" if name == ANY else flow.state(name).label


def _event(flow: Flow, row: Row) -> str:
    """The event, and what carries it: documents, a command, or what the program notices."""
    causes = [KINDS[one].title_sv if one in KINDS else one for one in carriers(flow, row)]
    return f"`{row.event}`: {', '.join(causes)}"


def _who(row: Row) -> str:
    roles = ", ".join(sorted(ROLE.label(role) for role in row.roles))
    return f"{SIDES[row.side]} ({roles})" if roles else SIDES[row.side]


def _asked(flow: Flow, row: Row) -> str:
    """The guards of the row, and what its documents are asked whatever their step."""
    kinds = [KINDS[one] for one in carriers(flow, row) if one in KINDS]
    said = [f"`{guard.name}`: {guard.label}" for guard in row.guards]
    said += ["den enhet som beslutar"] if any(kind.decides for kind in kinds) else []
    said += (
        ["samtycke, eller annan grund"] if any(kind.gate is Gate.CONSENT and not kind.local for kind in kinds) else []
    )
    return "; ".join(said)


def _next(flow: Flow, row: Row) -> str:
    if row.next == SAME:
        return "samma läge"
    state = flow.state(row.next)
    return f"{state.label} (slut)" if state.final else state.label


def _time(flow: Flow, row: Row) -> str:
    if row.next == SAME:
        return ""
    return spans_words(flow.state(row.next).deadlines)


# -- documents --------------------------------------------------------------------------------------------------------


def documents() -> str:
    """Every kind with its fields, after those that all have in common."""
    lines = ["", "### Huvudet, gemensamt för alla dokument", *_fields(describe_header())]
    for kind in KINDS.values():
        lines += ["", f"### {kind.title_sv} (`{kind.name}`)", "", _sentence(kind), *_fields(describe(kind.name))]
    return "\n".join(lines) + "\n"


def _sentence(kind: Kind) -> str:
    roles = ", ".join(sorted(ROLE.label(role) for role in kind.roles))
    way = "Stannar i den egna enheten" if kind.local else f"Skickas av: {SIDES[kind.side]}"
    opens = " Kan öppna en tråd." if kind.opens_thread else ""
    person = " Gäller en person." if kind.about_person else " Får inte gälla en person som kan kännas igen."
    return f"{way}. Roller: {roles}. Livscykel: {kind.flow}.{opens}{person}"


def _fields(fields: tuple[FieldInfo, ...]) -> Iterator[str]:
    rows = ((one.spec.label, f"`{_id(one)}`", _type(one), _need(one), _limit(one)) for one in _flat(fields))
    yield from table(("fält", "id", "typ", "krävs", "gränser"), rows)


def _flat(fields: Iterable[FieldInfo]) -> Iterator[FieldInfo]:
    for one in fields:
        yield one
        yield from _flat(one.children)


def _id(one: FieldInfo) -> str:
    return one.path.partition(".")[2]


def _type(one: FieldInfo) -> str:
    words = _TYPES[one.spec.holds]
    return f"{words}, flera" if one.spec.many else words


def _need(one: FieldInfo) -> str:
    conditions = [when for when in (one.spec.need, one.spec.need_also) if when is not None]
    words = _NEEDS.get(one.need) or " eller ".join(map(_when, conditions))
    return words if one.spec.never is None else f"{words}; tomt {_when(one.spec.never)}"


def _when(when: When) -> str:
    values = ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in when.values)
    return f"när `{when.name}` {'inte är' if when.negate else 'är'} {values}"


def _limit(one: FieldInfo) -> str:
    spec, said = one.spec, []
    if spec.codes is not None:
        said.append(f"kodlistan `{spec.codes.name}`")
    if spec.limit:
        said.append(f"högst {spec.limit} tecken")
    if spec.holds is FieldType.INT:
        said.append(f"{spec.least} till {spec.most}")
    if spec.const is not None:
        said.append(f"alltid {'ja' if spec.const is True else 'nej' if spec.const is False else spec.const}")
    if spec.many and spec.codes is None:
        said.append(f"högst {spec.max_rows} stycken")
    return ", ".join(said)


# -- code lists -------------------------------------------------------------------------------------------------------


def code_lists() -> str:
    """Every list that a field names, once."""
    blocks = [describe_header(), *(describe(name) for name in KINDS)]
    lists: dict[str, CodeList] = {}
    for one in (field for block in blocks for field in _flat(block)):
        if one.spec.codes is not None:
            lists.setdefault(one.spec.codes.name, one.spec.codes)
    lines: list[str] = []
    for name in sorted(lists):
        lines += [
            "",
            f"### `{name}`",
            *table(("kod", "betyder"), ((f"`{code}`", label) for code, label in lists[name].items)),
        ]
    return "\n".join(lines) + "\n"


CHAPTERS: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {"livscykler": life_cycles, "tidsgränser": deadlines, "dokument": documents, "kodlistor": code_lists}
)
