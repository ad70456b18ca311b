"""Evidence of a forked log: a judge says fork when it is one, and never when it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.checkpoint import LOG_KEY, Checkpoint, note_line
from keys.codec import encode
from keys.cosignature import NoteKey
from keys.errors import FormatError, SignatureError
from keys.evidence import Outcome, View, judge, judge_together, make_evidence, parse_evidence
from keys.log_tree import EMPTY_ROOT, LogTree, prefix_roots
from keys.private.identity import ed25519_public, sign_ed25519

SEED, OTHER_SEED = bytes(32), bytes([1]) * 32
KEY = NoteKey("hub", LOG_KEY, ed25519_public(SEED))
ORIGIN = "sluss/" + "ab" * 32
MOST = 40


def tree(size: int, *, changed: int | None = None) -> LogTree:
    """A log of so many leaves, of which one may be another."""
    made = LogTree()
    for number in range(size):
        made.append(b"other" if number == changed else number.to_bytes(2))
    return made


def note(made: LogTree, *, seed: bytes = SEED, origin: str = ORIGIN, root: bytes = b"") -> bytes:
    """The log's key signs a tree."""
    text = Checkpoint(origin, made.size, root or made.root()).text()
    return text + b"\n" + note_line(KEY.name, ed25519_public(seed), sign_ed25519(seed, text))


def outcome(evidence: bytes, named: View | None = None) -> Outcome:
    """What the judge says who knows the log's key."""
    return judge(parse_evidence(evidence), name=KEY.name, ed25519=KEY.ed25519, named=named)


@given(st.integers(1, MOST), st.integers(1, MOST))
def test_a_path_gives_both_roots(one: int, other: int) -> None:
    """From the path alone both roots come out, also where the earlier size is a power of two."""
    old, new = sorted((one, other))
    later = tree(new)
    assert prefix_roots(later.prefix_path(old, new), old=old, new=new) == (later.root(old), later.root())


@given(st.integers(1, MOST), st.integers(1, MOST), st.booleans())
def test_two_notes_are_a_fork_when_the_later_log_does_not_hold_the_earlier(one: int, other: int, held: bool) -> None:
    """Whichever of them the office held; and a log that only grew is none."""
    old, new = sorted((one, other))
    later = tree(new)
    for changed, wanted in ((None, Outcome.CONSISTENT), (old - 1, Outcome.FORK)):
        notes = [note(tree(old, changed=changed)), note(later)]
        first, second = notes if held else reversed(notes)
        path = [] if old == new else later.prefix_path(old, new)
        assert outcome(make_evidence(held=first, shown=second, path=path)) is wanted


@given(st.integers(1, MOST - 1), st.data())
def test_no_path_makes_a_fork_of_a_log_that_grew(old: int, data: st.DataObject) -> None:
    """Whoever turns, drops or adds hashes gets nothing: the later root must come out too."""
    later = tree(MOST)
    path = later.prefix_path(old, MOST)
    place = data.draw(st.integers(0, len(path) - 1))
    forged = data.draw(
        st.sampled_from([path[:place], [*path, bytes(32)], [*path[:place], bytes(32), *path[place + 1 :]], path[::-1]])
    )
    said = outcome(make_evidence(held=note(tree(old)), shown=note(later), path=forged))
    assert said is (Outcome.CONSISTENT if forged == path else Outcome.OPEN)


def test_without_a_path_nothing_is_shown() -> None:
    """Two sizes and two signatures are what every log has."""
    assert outcome(make_evidence(held=note(tree(5)), shown=note(tree(9, changed=1)))) is Outcome.OPEN


def together(*files: bytes) -> Outcome:
    """What the judge says of several offices' files."""
    return judge_together([(parse_evidence(one), None) for one in files], name=KEY.name, ed25519=KEY.ed25519)


def test_a_log_that_the_judge_has_gives_the_path() -> None:
    """Of either history: what a hub withheld from one office it showed to somebody else."""
    mine, theirs = tree(9), tree(12, changed=1)
    evidence = parse_evidence(make_evidence(held=note(mine), shown=note(theirs)))
    for log, wanted in ((None, Outcome.OPEN), (mine, Outcome.OPEN), (theirs, Outcome.FORK)):
        assert judge(evidence, name=KEY.name, ed25519=KEY.ed25519, log=log) is wanted
    grown = parse_evidence(make_evidence(held=note(mine), shown=note(tree(12))))
    for log, wanted in (
        (tree(20), Outcome.CONSISTENT),
        (tree(20, changed=1), Outcome.OPEN),
    ):  # of somebody's own making
        assert judge(grown, name=KEY.name, ed25519=KEY.ed25519, log=log) is wanted


def test_the_files_of_two_offices_show_what_neither_does() -> None:
    """Two histories of one size, or the path of the one for the notes of the other; two honest offices show nothing."""
    longer = tree(12, changed=1)
    first = make_evidence(held=note(tree(9)), shown=note(longer))
    second = make_evidence(held=note(tree(9, changed=1)), shown=note(tree(7)))
    assert together(first) is together(second) is Outcome.OPEN
    assert together(first, second) is together(second, first) is Outcome.FORK
    third = make_evidence(held=note(tree(8)), shown=note(longer), path=longer.prefix_path(9, 12))
    assert together(third) is Outcome.OPEN  # a path from another size than its own notes have
    assert together(first, third) is Outcome.FORK
    grown = tree(12)
    honest = [make_evidence(held=note(tree(n)), shown=note(grown), path=grown.prefix_path(n, 12)) for n in (3, 5, 8)]
    assert together(*honest) is Outcome.OPEN  # from 3 to 5 there is no path here
    with pytest.raises(SignatureError):
        together(first, make_evidence(held=note(tree(5), seed=OTHER_SEED), shown=note(tree(5))))


def test_a_document_of_one_office_stands_against_the_note_of_another() -> None:
    """A device named a history that the log did not sign to the other office; who lied stays open."""
    document = make_evidence(held=note(tree(4)), document=b"signed")
    other = make_evidence(held=note(tree(9)), shown=note(tree(9)))
    pairs = [(parse_evidence(document), View(9, tree(9, changed=5).root())), (parse_evidence(other), None)]
    assert judge_together(pairs[:1], name=KEY.name, ed25519=KEY.ed25519) is Outcome.OPEN
    assert judge_together(pairs, name=KEY.name, ed25519=KEY.ed25519) is Outcome.OTHER_VIEW


@given(st.lists(st.integers(1, MOST), min_size=2, max_size=5))
def test_no_files_make_a_fork_of_a_log_that_grew(sizes: list[int]) -> None:
    """However many offices there are: an honest log is never a fork, and with all of it at hand consistent."""
    whole = tree(MOST)
    files = [make_evidence(held=note(tree(n)), shown=note(whole), path=whole.prefix_path(n, MOST)) for n in sizes]
    pairs = [(parse_evidence(one), None) for one in files]
    assert together(*files) in {Outcome.CONSISTENT, Outcome.OPEN}
    assert judge_together(pairs, name=KEY.name, ed25519=KEY.ed25519, log=whole) is Outcome.CONSISTENT


def test_an_empty_log_has_one_root() -> None:
    """Every log extends the empty one; a note over no leaves with another root is a contradiction in itself."""
    empty = LogTree()
    assert outcome(make_evidence(held=note(tree(5)), shown=note(empty))) is Outcome.CONSISTENT
    assert empty.root() == EMPTY_ROOT
    assert outcome(make_evidence(held=note(tree(5)), shown=note(empty, root=bytes(32)))) is Outcome.FORK


def test_a_document_shows_another_view_and_not_who_lied() -> None:
    """Once the judge has verified whose signature it is."""
    log = tree(9)
    path = log.prefix_path(4, 9)
    evidence = make_evidence(held=note(log), document=b"signed", path=path)
    assert outcome(evidence, View(4, tree(4, changed=0).root())) is Outcome.OTHER_VIEW
    assert outcome(evidence, View(4, tree(4).root())) is Outcome.CONSISTENT
    with pytest.raises(SignatureError):
        outcome(evidence)


FORGED = {
    "shown-by-another-key": lambda: make_evidence(held=note(tree(5)), shown=note(tree(5, changed=1), seed=OTHER_SEED)),
    "held-by-another-key": lambda: make_evidence(held=note(tree(5), seed=OTHER_SEED), shown=note(tree(5, changed=1))),
    "of-another-log": lambda: make_evidence(held=note(tree(5)), shown=note(tree(5, changed=1), origin="other")),
}


@pytest.mark.parametrize("name", FORGED)
def test_notes_that_the_log_did_not_sign_are_no_evidence(name: str) -> None:
    """Anybody can write two notes; the judge's own key decides."""
    with pytest.raises(SignatureError):
        outcome(FORGED[name]())


BROKEN = {
    "neither": make_evidence(held=b"x"),
    "both": make_evidence(held=b"x", shown=b"y", document=b"z"),
    "version": encode(["sluss-evidence", 2, b"x", b"y", b"", []]),
    "magic": encode(["sluss-approval", 1, b"x", b"y", b"", []]),
    "path-too-long": make_evidence(held=b"x", shown=b"y", path=[bytes(32)] * 65),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_evidence_is_refused(name: str) -> None:
    """Before anything in it is looked at."""
    with pytest.raises(FormatError):
        parse_evidence(BROKEN[name])
