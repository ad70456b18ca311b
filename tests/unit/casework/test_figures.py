"""Statistics: what each cell counts, and that no masked cell can be computed from what is shown."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client.casework.closing_reasons import CLOSING_REASON
from client.casework.figures.cells import CELLS, MEASURES, RELATIONS, TWINS
from client.casework.figures.counting import Period, Told, count, period_of
from client.casework.figures.suppression import THRESHOLD, is_masked_enough, suppress
from client.casework.flow_tables import STATISTIK
from client.casework.flows import By, Side, step
from client.casework.kinds.hotbild_words import OUTCOME
from client.casework.kinds.intag_words import CATEGORY
from client.casework.kinds.malgrupp import RESULT
from client.casework.kinds.registry import KINDS
from keys.errors import RefusedError
from tests.unit.casework.wrong import wrong

YEAR = period_of(2025, "hela")
DAY = datetime.date(2025, 5, 20)
NAMES = [name for name, _ in CELLS.items]


# -- masking ----------------------------------------------------------------------------------------------------------


def test_relations_and_cells_are_a_forest() -> None:
    """No two ways lead from one cell to another: the proof that masking is enough leans on it."""
    group = {name: name for name in NAMES}

    def root(name: str) -> str:
        return name if group[name] == name else root(group[name])

    for number, relation in enumerate(RELATIONS):
        hub = f"relation {number}"
        group[hub] = hub
        for cell in relation.cells:
            assert root(cell) != root(hub), relation
            group[root(cell)] = root(hub)


def _counts(**given_cells: int) -> dict[str, int]:
    return {name: given_cells.get(name, 0) for name in NAMES}


@st.composite
def counted(draw: st.DrawFn) -> dict[str, int]:
    """Counts in which parts never are more than their total, as counting makes them."""
    number = st.one_of(st.integers(0, 6), st.integers(0, 30))
    counts = {name: draw(number) for name in NAMES}
    for relation in reversed(RELATIONS):  # totals of later relations are parts of earlier ones
        rest = draw(st.sampled_from([0, 0, 1, 4, 5, 9]))
        if not relation.total:
            continue
        counts[relation.total] = max(counts[relation.total], sum(counts[part] for part in relation.parts) + rest)
    return counts


def _rest(relation: Any, counts: Mapping[str, int]) -> int:
    """What is left of the total; where none is printed it is known from elsewhere, and so the sum of the parts."""
    return counts.get(relation.total, 0) - sum(counts[part] for part in relation.parts)


def _others(counts: dict[str, int], hidden: list[str]) -> Iterator[dict[str, int]]:
    """All counts near these that show the same and fit all relations; what a closed one leaves over is known."""
    ranges = [range(max(0, counts[name] - 1), counts[name] + 2) for name in hidden]
    for values in itertools.product(*ranges):
        other = counts | dict(zip(hidden, values, strict=True))
        if all(
            _rest(relation, other) == _rest(relation, counts) if relation.closed else _rest(relation, other) >= 0
            for relation in RELATIONS
        ):
            yield other


def _tree(name: str) -> set[str]:
    """All cells that hang together with this one."""
    found, before = {name}, set[str]()
    while found != before:
        before = set(found)
        found |= {cell for relation in RELATIONS if found & set(relation.cells) for cell in relation.cells}
    return found


@settings(max_examples=150)
@given(counted())
def test_no_masked_cell_can_be_computed(counts: dict[str, int]) -> None:
    """For each masked number of cases there is another world that shows the same report and has another number."""
    shown = suppress(counts)
    hidden = [name for name, value in shown.items() if value is None and name not in MEASURES]
    for name in hidden:
        near = [cell for cell in hidden if cell in _tree(name)]
        assert any(other[name] != counts[name] for other in _others(counts, near)), (name, shown)


@given(counted(), st.sampled_from([0, THRESHOLD, 11]))
def test_nothing_small_is_shown(counts: dict[str, int], threshold: int) -> None:
    """Neither a small number of cases nor what is left over; a lower threshold than five counts as five."""
    shown = suppress(counts, threshold)
    least = max(threshold, THRESHOLD)
    assert is_masked_enough(shown, least)
    assert not any(value is not None and 0 < value < least for name, value in shown.items() if name not in MEASURES)
    for relation in RELATIONS:
        if all(shown[name] is not None for name in relation.cells):
            assert not 0 < _rest(relation, counts) < least or not relation.total
        if relation.closed:
            assert sum(shown[name] is None for name in relation.cells) != 1
    assert all(value in {None, counts[name]} for name, value in shown.items())


def _worlds(parts: tuple[str, ...], total: str, most: int, **beside: range) -> Iterator[dict[str, int]]:
    """All counts of a closed relation up to a total, with every number in some cells beside it; ``""``: no cell."""
    for numbers in itertools.product(range(most + 1), repeat=len(parts)):
        if sum(numbers) <= most:
            for others in itertools.product(*beside.values()):
                named = dict(zip((*parts, *beside), (*numbers, *others), strict=True))
                yield _counts(**named | ({total: sum(numbers)} if total else {}))


ATTACKED = {
    "threats": (("hotbild_bekraftade", "hotbild_ej", "hotbild_ingen", "hotbild_okand"), "hotbild_begarda", 11, {}),
    "closings": (("avslutade_mal_uppnatt", "avslutade_motivation_saknas", "avslutade_overlamnad"), "", 14, {}),
    "follow-up": (("lyckat", "inte_lyckat", "kan_inte_bedomas"), "uppfoljda", 22, {}),
    "intake and its twins": (
        ("beviljade", "avslag_ej_malgrupp", "avslag_samtycke"), "arenden_in", 11, {"samtycke_vagrat": range(12)},
    ),
}  # fmt: skip


def _told_for_sure(masking: Any, parts: tuple[str, ...], total: str, most: int, beside: dict[str, range]) -> set[str]:
    """Cells that somebody who knows the program and that the parts are all of the total can compute from some report.

    The attacker goes through every world and keeps those that give the very same report.
    """
    views: dict[tuple[Any, ...], dict[str, set[int]]] = {}
    for counts in _worlds(parts, total, most, **beside):
        report = masking(counts)
        whole = sum(counts[part] for part in parts) if not total else None  # known from other reports
        hidden = views.setdefault((whole, *report.items()), {})
        for name in (*parts, total, *beside):
            if report.get(name, whole) is None:
                hidden.setdefault(name, set()).add(counts[name])
    return {name for hidden in views.values() for name, values in hidden.items() if len(values) == 1}


@pytest.mark.parametrize("name", ATTACKED)
def test_who_goes_through_every_world_computes_no_masked_cell(name: str) -> None:
    """All small reports of a closed relation: whatever is masked could be at least two numbers."""
    assert _told_for_sure(suppress, *ATTACKED[name]) == set()


def test_the_attack_finds_what_is_masked_too_little() -> None:
    """Control: with only the small cells masked, and nothing beside them, the attacker computes them."""

    def careless(counts: dict[str, int]) -> dict[str, int | None]:
        return {cell: None if 0 < count < THRESHOLD else count for cell, count in counts.items()}

    assert _told_for_sure(careless, *ATTACKED["threats"]) >= {"hotbild_ej", "hotbild_okand"}


@given(counted())
def test_twins_tell_nothing_of_each_other(counts: dict[str, int]) -> None:
    """Who refused, in three cells by three documents: all are shown, or none that counts anybody."""
    shown = suppress(counts)
    for twins in TWINS:
        seen = [shown[name] for name in twins if counts[name]]
        assert None not in seen or set(seen) == {None}
        assert not any(0 < abs(one - other) < THRESHOLD for one in seen for other in seen if one and other)


def test_what_is_large_is_shown() -> None:
    """Nothing is masked where nothing is small, and no more than two cells for one small one."""
    large = _counts(hotbild_begarda=30, hotbild_bekraftade=10, hotbild_ej=12, hotbild_okand=8)
    assert suppress(large) == large | dict.fromkeys(MEASURES)
    small = _counts(hotbild_begarda=30, hotbild_bekraftade=20, hotbild_ej=7, hotbild_okand=3)
    masked = {name for name, value in suppress(small).items() if value is None}
    assert masked == {"hotbild_okand", "hotbild_bekraftade", *MEASURES}


@pytest.mark.parametrize(
    ("cells", "enough"),
    [
        ({"hotbild_begarda": 30, "hotbild_bekraftade": 20, "hotbild_ej": 7, "hotbild_okand": None}, False),
        ({"hotbild_begarda": 30, "hotbild_bekraftade": 20, "hotbild_ej": None, "hotbild_okand": None}, True),
        ({"avslutade_mal_uppnatt": 12, "avslutade_overlamnad": None}, False),
        ({"avslutade_mal_uppnatt": None, "avslutade_overlamnad": None}, True),
        ({"kontakter": 9, "kontakter_anhoriga": 7}, False),
        ({"kontakter": 9, "kontakter_anhoriga": None}, True),
        ({"placeringar": 4}, False),
        ({"placeringar": 5}, True),
        ({"konsultationer_minutes": 30}, False),
        ({"konsultationer_minutes": 30, "konsultationer_in": 9, "konsultationer_besvarade": None}, False),
        ({"konsultationer_minutes": 90, "konsultationer_in": 9, "konsultationer_besvarade": 9}, True),
    ],
)
def test_the_recipient_sees_when_too_little_is_masked(cells: dict[str, int | None], enough: bool) -> None:
    """The same rules, asked of a report."""
    assert is_masked_enough({**_counts(), **dict.fromkeys(MEASURES), **cells}) is enough


# -- counting ---------------------------------------------------------------------------------------------------------


def told(kind: str, *, sent: bool = True, who: str = "a", on: datetime.date = DAY, **content: Any) -> Told:
    """A document about a person, in her thread."""
    return Told(kind, sent, f"thread {who}", who, content, on)


EARLIER, LATER = datetime.date(2024, 12, 31), datetime.date(2026, 1, 1)
SIGNED = {"step": "samtycke_undertecknat"}
BOTH_WAYS = [told("intag.formedling", sent=False), told("intag.handelse", **SIGNED)]

CASES: list[tuple[list[Told], dict[str, int]]] = [
    ([], {}),
    ([told("konsultation.fraga", sent=False)], {"konsultationer_in": 1}),
    ([told("konsultation.fraga", sent=True)], {}),
    ([told("konsultation.fraga", sent=False, on=EARLIER), told("konsultation.svar")], {}),
    ([told("konsultation.fraga", sent=False), *[told("konsultation.svar", on=LATER, minutes_spent=20)] * 2],
     {"konsultationer_in": 1, "konsultationer_besvarade": 1, "konsultationer_minutes": 40}),
    ([told("intag.kontakt", caller_kind="anhorig"), told("intag.kontakt", who="b", caller_kind="polis")],
     {"kontakter": 2, "kontakter_anhoriga": 1}),
    (BOTH_WAYS, {"arenden_in": 1}),
    ([told("intag.formedling", sent=True)], {}),
    ([*BOTH_WAYS, told("intag.svar", on=DAY + datetime.timedelta(20), outcome="oppnat")],
     {"arenden_in": 1, "beviljade": 1, "median_days_intake": 20, "pagaende_vid_arets_slut": 1}),
    ([*BOTH_WAYS, told("intag.svar", on=LATER, outcome="oppnat")],
     {"arenden_in": 1, "beviljade": 1, "median_days_intake": (LATER - DAY).days}),
    ([told("intag.handelse", on=EARLIER, **SIGNED), told("intag.beslut", outcome="oppnat")],
     {"pagaende_vid_arets_slut": 1}),
    ([*BOTH_WAYS, told("intag.beslut", outcome="avslag_motivation")], {"arenden_in": 1, "avslag_motivation": 1}),
    ([*BOTH_WAYS, told("intag.beslut", outcome="hanvisad")], {"arenden_in": 1}),
    ([*BOTH_WAYS, told("intag.beslut", outcome="oppnat"), told("malgrupp.beslut", result="sarskild_avhoppare")],
     {"arenden_in": 1, "beviljade": 1, "sarskilda": 1, "pagaende_vid_arets_slut": 1}),
    ([*BOTH_WAYS, told("malgrupp.beslut", result="sarskild_avhoppare")], {"arenden_in": 1}),
    ([told("aterkomst.notis"), told("aterkomst.beslut", outcome="oppnat")],
     {"arenden_in": 1, "aterkommande": 1, "beviljade": 1, "pagaende_vid_arets_slut": 1}),
    ([told("intag.beslut", on=EARLIER, outcome="oppnat"), told("aterkomst.notis")],  # decided before she came back
     {"arenden_in": 1, "aterkommande": 1, "pagaende_vid_arets_slut": 1}),
    ([told("intag.beslut", on=EARLIER, outcome="oppnat"),
      *[told("avslut.notis", reason="mal_uppnatt", count_in_stats=True, ended_by_person=True)] * 3],
     {"avslutade_mal_uppnatt": 1, "avslutade_av_personen_sjalv": 1}),
    ([told("avslut.notis", reason="mal_uppnatt", count_in_stats=False)], {}),
    ([told("avslut.notis", sent=False, reason="mal_uppnatt", count_in_stats=True)], {}),
    ([told("avslut.notis", on=LATER, reason="mal_uppnatt", count_in_stats=True)], {}),
    ([told("intag.handelse", step="samtycke_vagrat"), told("samtycke.vagrat")], {"samtycke_vagrat": 1}),
    ([told("samtycke.aterkallat"), told("samtycke.aterkallat", sent=False, who="b")], {"aterkallat": 1}),
    ([told("uppfoljning.samlad_bedomning", result="delvis", on=DAY - datetime.timedelta(9)),
      told("uppfoljning.samlad_bedomning", result="lyckat")], {"uppfoljda": 1, "lyckat": 1}),
    ([told("uppfoljning.samlad_bedomning", result="delvis")], {"uppfoljda": 1}),
    ([told("hotbild.begaran"), told("hotbild.resultat", sent=False, on=LATER, outcome="bekraftad_hog")],
     {"hotbild_begarda": 1, "hotbild_bekraftade": 1}),
    ([told("hotbild.begaran"), told("hotbild.resultat", sent=False, outcome="ingen_hotbild")],
     {"hotbild_begarda": 1, "hotbild_ingen": 1}),
    ([told("hotbild.begaran"), told("hotbild.resultat", sent=False, outcome="ej_bekraftad")],
     {"hotbild_begarda": 1, "hotbild_ej": 1}),
    ([told("hotbild.begaran"),
      told("hotbild.resultat", sent=False, outcome="kan_inte_bedomas_okand_for_polisen")],
     {"hotbild_begarda": 1, "hotbild_okand": 1}),
    ([told("hotbild.begaran", on=EARLIER), told("hotbild.resultat", sent=False, outcome="bekraftad")], {}),
    ([*[told("placering.bekraftelse")] * 2, told("placering.bekraftelse", sent=False, who="b")], {"placeringar": 1}),
    ([told("kollision.svar", sent=False, verdict="ort_olamplig"),
      told("kollision.svar", verdict="kontakta_polisenhet")],
     {"kollision_olamplig": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("documents", "expected"), CASES)
def test_a_cell_counts_what_it_says(documents: list[Told], expected: dict[str, int]) -> None:
    """Each case once, in its own cohort, whatever the order of the documents."""
    assert count(documents, YEAR) == {**_counts(), **expected}
    assert count(reversed(documents), YEAR) == {**_counts(), **expected}


@pytest.mark.parametrize("outcome", sorted(OUTCOME.codes))
def test_what_cannot_be_confirmed_is_never_counted_as_no_threat(outcome: str) -> None:
    """Each outcome in one cell; "no threat" alone in the cell of that name."""
    cells = count([told("hotbild.begaran"), told("hotbild.resultat", sent=False, outcome=outcome)], YEAR)
    filled = {name for name, number in cells.items() if name.startswith("hotbild_") and number} - {"hotbild_begarda"}
    assert len(filled) == 1
    assert (filled == {"hotbild_ingen"}) is (outcome == "ingen_hotbild")


@pytest.mark.parametrize("result", sorted(RESULT.codes))
@pytest.mark.parametrize("category", sorted(CATEGORY.codes))
def test_no_category_is_counted_as_a_special_defector(result: str, category: str) -> None:
    """Kategori 1 is about protection, *särskild avhoppare* is Göteborg's own word: the one never tells the other."""
    documents = [
        told("intag.formedling", sent=False, category_prelim=category),
        told("malgrupp.beslut", result=result),
        told("intag.svar", outcome="oppnat"),
    ]
    assert count(documents, YEAR)["sarskilda"] == (1 if result == "sarskild_avhoppare" else 0)


def test_the_middle_of_the_days() -> None:
    """The lower middle one of an even number."""
    documents = []
    for who, days in (("a", 3), ("b", 9), ("c", 30), ("d", 40)):
        documents += [
            told("intag.formedling", sent=False, who=who),
            told("intag.svar", who=who, outcome="oppnat", on=DAY + datetime.timedelta(days)),
        ]
    assert count(documents, YEAR)["median_days_intake"] == 9


_KIND_CONTENTS: dict[str, dict[str, list[str]]] = {
    "intag.kontakt": {"caller_kind": ["anhorig", "polis"]},
    "intag.formedling": {},
    "intag.handelse": {"step": ["samtycke_undertecknat", "samtycke_vagrat"]},
    "intag.svar": {"outcome": ["oppnat", "hanvisad", "avslag_samtycke"]},
    "intag.beslut": {"outcome": ["oppnat", "avslag_ej_malgrupp"]},
    "aterkomst.notis": {},
    "aterkomst.beslut": {"outcome": ["oppnat", "avslag"]},
    "malgrupp.beslut": {"result": ["sarskild_avhoppare"]},
    "konsultation.fraga": {},
    "konsultation.svar": {},
    "hotbild.begaran": {},
    "hotbild.resultat": {"outcome": ["bekraftad", "ingen_hotbild", "ej_bekraftad"]},
    "uppfoljning.samlad_bedomning": {"result": ["lyckat", "delvis", "inte_lyckat"]},
}


@st.composite
def documents_of_a_unit(draw: st.DrawFn) -> list[Told]:
    """Any documents of a handful of persons around a year."""
    made = []
    for _ in range(draw(st.integers(0, 20))):
        kind = draw(st.sampled_from(sorted(_KIND_CONTENTS)))
        content = {name: draw(st.sampled_from(values)) for name, values in _KIND_CONTENTS[kind].items()}
        on = DAY + datetime.timedelta(draw(st.integers(-400, 400)))
        made.append(told(kind, sent=draw(st.booleans()), who=draw(st.sampled_from("abcd")), on=on, **content))
    return made


@given(documents_of_a_unit())
def test_parts_are_never_more_than_their_total(documents: list[Told]) -> None:
    """Whatever the documents say: masking leans on it."""
    counts = count(documents, YEAR)
    assert all(_rest(relation, counts) >= 0 for relation in RELATIONS)


def test_the_year_and_its_halves() -> None:
    """Both ends belong to a period, and the halves meet."""
    first, second = period_of(2025, "forsta"), period_of(2025, "andra")
    assert (first.first, second.last) == (YEAR.first, YEAR.last)
    assert second.first - first.last == datetime.timedelta(1)
    assert YEAR.first in YEAR
    assert LATER not in Period(YEAR.first, YEAR.last)


def test_each_reason_for_closing_has_a_cell() -> None:
    """What a notice may give as its reason is counted in a cell, and nothing else is."""
    others = {"avslutade_av_personen_sjalv"}
    cells = {one for one in CELLS.codes if one.startswith("avslutade_")}
    assert cells - others == {f"avslutade_{code}" for code in CLOSING_REASON.codes}


# -- the documents ----------------------------------------------------------------------------------------------------

FULL = [{"cell": name, "suppressed": True} for name in NAMES]


def _with(**shown: int) -> list[dict[str, Any]]:
    return [
        {"cell": name, "suppressed": False, "count": shown[name]}
        if name in shown
        else {"cell": name, "suppressed": True}
        for name in NAMES
    ]


@pytest.mark.parametrize(
    ("name", "cells", "found"),
    [
        ("statistik.rapport", FULL[1:], {("content.cells", "cells")}),
        ("statistik.rapport", [*FULL[1:], FULL[-1]], {("content.cells", "cells")}),
        ("statistik.rapport", _with(placeringar=5), set()),
        ("statistik.rapport", _with(placeringar=0), set()),
        ("statistik.rapport", _with(placeringar=4), {("content.cells", "unmasked")}),
        ("statistik.rapport", [{"cell": NAMES[0], "suppressed": False}, *FULL[1:]],
         {("content.cells.count", "missing")}),
        ("statistik.rapport", [{"cell": NAMES[0], "suppressed": True, "count": 9}, *FULL[1:]],
         {("content.cells.count", "forbidden")}),
        ("statistik.sammanstallning", [{"cell": NAMES[0], "count": 1}], {("content.cells", "cells")}),
    ],
)  # fmt: skip
def test_a_report_holds_every_cell_and_nothing_small(
    name: str, cells: list[dict[str, Any]], found: set[tuple[str, str]]
) -> None:
    """Both ends refuse one that lacks a cell, says one twice, or shows too much."""
    assert wrong(name, {"cells": cells}) == found


def test_the_counts_themselves_never_leave() -> None:
    """The collection and its review are local, and read by those who count and who answer for it."""
    for name in ("statistik.sammanstallning", "statistik.granskning"):
        assert KINDS[name].local
        assert KINDS[name].readers == {"statistiker", "beslutsfattare"}


def test_way_of_a_collection() -> None:
    """Counted, reviewed by one role, approved by another, sent; counted anew it starts again."""
    state = STATISTIK.initial
    for event, role, following in [
        ("collect", "statistiker", "samlas"),
        ("review", "statistiker", "granskas"),
        ("collect", "statistiker", "samlas"),
        ("review", "statistiker", "granskas"),
        ("approve", "beslutsfattare", "godkand"),
        ("sent", "beslutsfattare", "skickad"),
    ]:
        state = step(STATISTIK, state, event, By(Side.ASKER, role)).next
        assert state == following
    for state, event, role in [
        ("samlas", "review", "beslutsfattare"),
        ("granskas", "approve", "statistiker"),
        ("skickad", "take_back", "statistiker"),
    ]:
        with pytest.raises(RefusedError) as caught:
            step(STATISTIK, state, event, By(Side.ASKER, role))
        assert caught.value.code == "ROL"
