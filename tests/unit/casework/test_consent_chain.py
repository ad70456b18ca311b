"""Which record of a consent holds: supplements, renewals, closed circles, and records of others."""

from datetime import date
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from client.casework.consent import ConsentRecord, Member
from client.casework.consent_chain import family, fitting, holding, later
from tests.unit.casework.samples import CONSENT, OTHER_KOMMUN, POLICE, sample_record

TODAY = date(2026, 6, 1)
FIRST, SECOND, THIRD, CLOSED = "c1" * 16, "c2" * 16, "c3" * 16, "cc" * 16
CIRCLE = (Member(unit=OTHER_KOMMUN), Member(unit=POLICE))


def record(consent_id: str, supersedes: str | None = None, day: int = 1, **changes: Any) -> ConsentRecord:
    """A record signed on a day of March."""
    signed = f"2026-03-{day:02}T10:00:00Z"
    return sample_record(consent_id=consent_id, supersedes=supersedes, signed_at=signed, **changes)


ONE = record(FIRST)
TWO = record(SECOND, FIRST, 2)
THREE = record(THIRD, SECOND, 3)
APART = record(CLOSED, SECOND, 4, circle=CIRCLE)


def test_newest_holds_whatever_the_order_and_wherever_one_begins() -> None:
    """The end of the chain counts; without records, or with a ring of them, there is none."""
    for order in permutations((ONE, TWO, THREE)):
        for start in (FIRST, SECOND, THIRD):
            assert holding(order, start, TODAY) == THREE
    assert holding((ONE, TWO), FIRST, TODAY) == TWO
    assert holding((), FIRST, TODAY) is None
    ring = (record(FIRST, SECOND), record(SECOND, FIRST))
    assert holding(ring, FIRST, TODAY) is None


def test_two_ends_are_chosen_between_alike() -> None:
    """Of two supplements made apart the later signed one counts, and by id where the time is the same."""
    early, late = record("ff" * 16, FIRST, 4), record("00" * 16, FIRST, 5)
    same = record("01" * 16, FIRST, 5)
    assert holding((early, late, ONE), FIRST, TODAY) == holding((late, ONE, early), FIRST, TODAY) == late
    assert holding((late, same, ONE), FIRST, TODAY) == holding((same, ONE, late), FIRST, TODAY) == same


def test_a_record_of_others_replaces_nothing() -> None:
    """Whoever signs a record may say that it continues any other: another person or another unit never does."""
    other_unit = record(SECOND, FIRST, 2, controller_unit=POLICE)
    other_person = record(THIRD, FIRST, 3, principal_ref="ee" * 16)
    known = (ONE, other_unit, other_person)
    assert family(known, FIRST) == (ONE,)
    assert holding(known, FIRST, TODAY) == ONE
    assert later(known, ONE, TODAY) is None


def test_an_early_renewal_waits_for_its_first_day() -> None:
    """A renewal that was registered before the old one ends holds from its own first day."""
    renewed = record(SECOND, FIRST, 2, valid_from="2026-07-01", valid_to="2027-07-01")
    assert holding((ONE, renewed), FIRST, date(2026, 6, 30)) == ONE
    assert holding((ONE, renewed), FIRST, date(2026, 7, 1)) == renewed
    assert later((ONE, renewed), ONE, date(2026, 6, 30)) is None
    assert later((ONE, renewed), ONE, date(2026, 7, 1)) == renewed


def test_a_closed_circle_is_leaned_on_for_its_placement_only() -> None:
    """To a unit of the circle about the placement; all else, and everybody else, gets the record that all may know."""
    known = (ONE, TWO, APART)
    assert fitting(known, FIRST, TODAY, to_unit=OTHER_KOMMUN, places=True) == APART
    assert fitting(known, CLOSED, TODAY, to_unit=POLICE, places=True) == APART
    assert fitting(known, CLOSED, TODAY, to_unit=POLICE, places=False) == TWO
    assert fitting(known, CLOSED, TODAY, to_unit="ff" * 16, places=True) == TWO
    assert holding(known, CLOSED, TODAY) == TWO
    assert later(known, TWO, TODAY) is None


def test_a_renewal_past_a_circle_is_not_lost() -> None:
    """A renewal made beside a circle holds, and the circle stays; a new form of the same circle replaces the old."""
    wider = record("cd" * 16, CLOSED, 6, circle=CIRCLE)
    known = (ONE, TWO, APART, THREE, wider)
    assert holding(known, FIRST, TODAY) == THREE
    assert fitting(known, FIRST, TODAY, to_unit=OTHER_KOMMUN, places=True) == wider
    assert later(known, APART, TODAY) == wider
    assert later(known, TWO, TODAY) == THREE


def test_a_record_that_is_not_here_is_asked_about_too() -> None:
    """What has replaced a record is found though the record itself has only just come."""
    assert later((TWO,), ONE, TODAY) == TWO
    assert later((), ONE, TODAY) is None


IDS = [f"{n:02x}" * 16 for n in range(6)]


@given(
    st.lists(
        st.tuples(st.sampled_from(IDS), st.none() | st.sampled_from(IDS), st.integers(1, 28), st.booleans()),
        max_size=6,
        unique_by=lambda one: one[0],
    ),
    st.sampled_from(IDS),
    st.randoms(use_true_random=False),
)
def test_every_office_chooses_alike(rows: list[tuple[str, str | None, int, bool]], start: str, random: Any) -> None:
    """Whatever claims to continue what: the choice is one of the family, and the order of arrival is nothing to it."""
    records = [record(name, before, day, circle=CIRCLE if closed else ()) for name, before, day, closed in rows]
    shuffled = list(records)
    random.shuffle(shuffled)
    chosen = holding(records, start, TODAY)
    assert holding(shuffled, start, TODAY) == chosen
    assert chosen is None or (chosen in family(records, start) and not chosen.circle)
    assert CONSENT not in {one.consent_id for one in family(records, start)}
