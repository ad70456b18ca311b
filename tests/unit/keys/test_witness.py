"""A witness's judgement, its store, and cosignatures in notes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.add_checkpoint import MAX_PROOF_HASHES, MAX_REQUEST_BYTES, AddCheckpoint, make_request, parse_request
from keys.checkpoint import LOG_KEY, WITNESS_KEY, Checkpoint, note_line
from keys.cosignature import NoteKey, cosignature_line, cosigned_at, cosigned_text, parse_note_key, require_quorum
from keys.errors import FormatError, LocalError, PeerError, SignatureError
from keys.log_tree import LogTree
from keys.private.identity import ed25519_public, sign_ed25519
from keys.private.witness import Verdict, WitnessRefusedError, WitnessSigner, judge
from keys.private.witness_store import KEY_NAME, MAX_EVIDENCE, STORE_NAME, WitnessStore, create_witness, load_witness
from keys.statements import Witness, Witnesses

ORIGIN, LOG_SEED, OTHER_SEED = "sluss/00", bytes(32), b"\x09" * 32
LOG = NoteKey("hub", LOG_KEY, ed25519_public(LOG_SEED))
LOGS = {ORIGIN: LOG}
NOW = 1_770_000_000


def tree_of(count: int, *, other: bool = False) -> LogTree:
    """A log; ``other`` has another last leaf."""
    tree = LogTree()
    for number in range(count):
        tree.append(b"other" if other and number == count - 1 else b"%d" % number)
    return tree


def note_of(checkpoint: Checkpoint, seed: bytes = LOG_SEED, name: str = "hub") -> bytes:
    """The log's signed note."""
    text = checkpoint.text()
    return text + b"\n" + note_line(name, ed25519_public(seed), sign_ed25519(seed, text))


def at(size: int, *, other: bool = False) -> Checkpoint:
    """A checkpoint of the log."""
    return Checkpoint(ORIGIN, size, tree_of(size, other=other).root())


def asked(old: int, new: int, *, other: bool = False, seed: bytes = LOG_SEED) -> AddCheckpoint:
    """A request from ``old`` to ``new``."""
    tree = tree_of(new, other=other)
    proof = tree.consistency_proof(old, new) if 0 < old <= new else []
    return AddCheckpoint(old, proof, note_of(at(new, other=other), seed))


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 7), (1, 2), (3, 7), (4, 8), (7, 7)])
def test_what_extends_is_allowed(old: int, new: int) -> None:
    """First contact, growth, and the same again for a fresh time."""
    assert judge(asked(old, new), LOGS, at(old) if old else None) == at(new)


REFUSED: dict[str, tuple[Callable[[], Checkpoint], Verdict, bool]] = {
    "unknown-log": (lambda: judge(asked(3, 7), {}, at(3)), Verdict.UNKNOWN_LOG, False),
    "another-key": (lambda: judge(asked(3, 7, seed=OTHER_SEED), LOGS, at(3)), Verdict.UNSIGNED, False),
    "old-size-above-the-new": (lambda: judge(asked(8, 7), LOGS, at(8)), Verdict.MALFORMED, False),
    "old-size-not-the-held-one": (lambda: judge(asked(3, 7), LOGS, at(5)), Verdict.CONFLICT, False),
    "first-contact-with-an-old-size": (lambda: judge(asked(3, 7), LOGS, None), Verdict.CONFLICT, False),
    "shrinking": (lambda: judge(asked(3, 4), LOGS, at(5)), Verdict.CONFLICT, False),
    "same-size-other-root": (lambda: judge(asked(7, 7, other=True), LOGS, at(7)), Verdict.CONFLICT, True),
    "proof-of-another-history": (
        lambda: judge(
            AddCheckpoint(7, tree_of(9, other=True).consistency_proof(7, 9), asked(0, 9, other=True).note),
            LOGS,
            at(7, other=True),
        ), Verdict.INCONSISTENT, True,
    ),
    "proof-missing": (lambda: judge(AddCheckpoint(3, [], note_of(at(7))), LOGS, at(3)), Verdict.INCONSISTENT, True),
    "proof-at-first-contact": (
        lambda: judge(AddCheckpoint(0, [bytes(32)], note_of(at(7))), LOGS, None), Verdict.INCONSISTENT, False,
    ),
    "no-note": (lambda: judge(AddCheckpoint(0, [], b"note"), LOGS, None), Verdict.MALFORMED, False),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_one_defect_is_refused(name: str) -> None:
    """With the specification's status, and as evidence when the log's own signature contradicts what it signed."""
    call, verdict, is_evidence = REFUSED[name]
    with pytest.raises(WitnessRefusedError) as caught:
        call()
    assert (caught.value.verdict, caught.value.is_evidence) == (verdict, is_evidence)


def test_a_request_reads_as_it_was_written() -> None:
    """Encoding and parsing are each other's inverse."""
    for request in (asked(0, 5), asked(3, 7), asked(7, 7)):
        assert parse_request(make_request(request)) == request


BODY = make_request(asked(3, 7))
BODIES = {
    "empty": b"",
    "no-old": BODY.removeprefix(b"old "),
    "negative": BODY.replace(b"old 3", b"old -3"),
    "leading-zero": BODY.replace(b"old 3", b"old 03"),
    "two-spaces": BODY.replace(b"old 3", b"old  3"),
    "short-hash": b"old 3\nAAAA\n\n" + note_of(at(7)),
    "hash-not-base64": b"old 3\n!!!\n\n" + note_of(at(7)),
    "64-hashes": make_request(AddCheckpoint(3, [bytes(32)] * (MAX_PROOF_HASHES + 1), note_of(at(7)))),
    "too-long": BODY + bytes(MAX_REQUEST_BYTES),
    "no-empty-line": BODY.replace(b"\n\n", b"\n"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_with_one_defect_is_no_request(name: str) -> None:
    """It has one form."""
    with pytest.raises(PeerError):
        judge(parse_request(BODIES[name]), LOGS, at(3))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_a_format_error(data: bytes) -> None:
    """The parser answers with a request or with FormatError."""
    try:
        assert make_request(parse_request(data)) == data
    except FormatError:
        return


# -- the store --------------------------------------------------------------------------------------------------------


def test_the_store_holds_across_a_restart_and_keeps_evidence(tmp_path: Path) -> None:
    """What was allowed is still held by the next process; a second history is refused and both notes are kept."""
    store = WitnessStore(tmp_path / STORE_NAME)
    store.follow(ORIGIN, LOG)
    assert store.advance(asked(0, 7)) == at(7)
    store.close()
    again = WitnessStore(tmp_path / STORE_NAME)
    assert again.held(ORIGIN) == at(7)
    for _ in range(2):
        with pytest.raises(WitnessRefusedError):
            again.advance(asked(7, 7, other=True))
    assert again.evidence() == [(ORIGIN, note_of(at(7)), note_of(at(7, other=True)))]
    assert again.held(ORIGIN) == at(7)
    again.close()


def test_a_log_that_lies_without_end_fills_no_disk(tmp_path: Path) -> None:
    """Evidence is bounded."""
    store = WitnessStore(tmp_path / STORE_NAME)
    store.follow(ORIGIN, LOG)
    store.advance(asked(0, 1))
    for number in range(MAX_EVIDENCE + 5):
        with pytest.raises(WitnessRefusedError):
            store.advance(AddCheckpoint(1, [], note_of(Checkpoint(ORIGIN, 1, number.to_bytes(32)))))
    assert len(store.evidence()) == MAX_EVIDENCE
    store.close()


def test_a_witness_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Made, read, not written over, and refused when others can read it or when it is damaged."""
    signer = create_witness(tmp_path / "w", "w.example/sluss")
    assert load_witness(tmp_path / "w").key == signer.key
    with pytest.raises(LocalError, match="EXISTS"):
        create_witness(tmp_path / "w", "w.example/sluss")
    with pytest.raises(LocalError, match="FIELD"):
        create_witness(tmp_path / "x", "with space")
    path = tmp_path / "w" / KEY_NAME
    path.chmod(0o644)
    with pytest.raises(LocalError, match="KEYMODE"):
        load_witness(tmp_path / "w")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LocalError, match="KEYFILE"):
        load_witness(tmp_path / "w")


# -- cosignatures ------------------------------------------------------------------------------------------------------


def signer(number: int) -> WitnessSigner:
    """One of the witnesses."""
    return WitnessSigner(f"w{number}", bytes([number + 1]) * 32)


def policy(count: int = 3, quorum: int = 2) -> Witnesses:
    """The witnesses w0, w1, …"""
    named = [Witness(one.key.name, one.key.ed25519) for one in map(signer, range(count))]
    return Witnesses(1, 1, bytes(32), 1, named, quorum, NOW)


def test_the_signed_text_is_that_of_the_specification() -> None:
    """The example of c2sp.org/tlog-cosignature: its line verifies under the key that hashes to its key hash."""
    text = cosigned_text(Checkpoint("example.com/behind-the-sofa", 20852163, bytes(32)), 1679315147)
    assert text.startswith(b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n")


def test_a_quorum_vouches_for_a_time_that_all_of_it_reached() -> None:
    """Two of three: the second newest counts; one witness that is years ahead moves nothing."""
    note = note_of(at(7)) + signer(0).cosign(at(7), NOW) + signer(1).cosign(at(7), NOW + 5)
    assert require_quorum(note, policy()) == NOW
    assert require_quorum(note + signer(2).cosign(at(7), NOW + 10**9), policy()) == NOW + 5


def test_a_witness_counts_once_by_its_newest_line() -> None:
    """Two lines of one witness are no quorum."""
    note = note_of(at(7)) + signer(0).cosign(at(7), NOW) + signer(0).cosign(at(7), NOW + 9)
    assert cosigned_at(note, policy().witnesses[0]) == NOW + 9
    with pytest.raises(SignatureError, match="WITNESS"):
        require_quorum(note, policy())


LINE = signer(1).cosign(at(7), NOW)
NOT_COUNTED = {
    "nobody": b"",
    "of-another-checkpoint": signer(1).cosign(at(6), NOW),
    "by-a-stranger": signer(7).cosign(at(7), NOW),
    "by-a-stranger-under-the-name": WitnessSigner("w1", bytes([99]) * 32).cosign(at(7), NOW),
    "under-another-name": WitnessSigner("w2", bytes([2]) * 32).cosign(at(7), NOW),
    "with-another-time": cosignature_line(
        "w1", signer(1).key.ed25519, NOW + 1, sign_ed25519(bytes([2]) * 32, cosigned_text(at(7), NOW))
    ),
    "a-log-signature-by-the-witness": note_line(
        "w1", signer(1).key.ed25519, sign_ed25519(bytes([2]) * 32, at(7).text())
    ),
    "a-log-signature-under-the-witness-type": note_line(
        "w1", signer(1).key.ed25519, bytes(8) + sign_ed25519(bytes([2]) * 32, at(7).text()), WITNESS_KEY
    ),
    "time-beyond-all": cosignature_line(
        "w1", signer(1).key.ed25519, 2**60, sign_ed25519(bytes([2]) * 32, cosigned_text(at(7), 2**60))
    ),
}


@pytest.mark.parametrize("name", NOT_COUNTED)
def test_a_line_with_one_defect_does_not_count(name: str) -> None:
    """With one sound cosignature beside it the quorum is not reached."""
    note = note_of(at(7)) + signer(0).cosign(at(7), NOW)
    with pytest.raises(SignatureError, match="WITNESS"):
        require_quorum(note + NOT_COUNTED[name], policy())
    assert require_quorum(note + LINE, policy()) == NOW


def test_a_note_key_reads_as_it_was_written() -> None:
    """And one with a wrong hash, type or name, or a weak key, is refused."""
    key = signer(0).key
    assert parse_note_key(key.text()) == key
    assert parse_note_key(LOG.text()) == LOG
    name, key_hash, blob = key.text().split("+", 2)
    weak = NoteKey("w", WITNESS_KEY, b"\x01" + bytes(31)).text()
    other_type = NoteKey("w", b"\x06", key.ed25519).text()
    for text in ("", name, f"x+{key_hash}+{blob}", f"{name}+00000000+{blob}", f"{name}+{key_hash}+!", weak, other_type):
        with pytest.raises(PeerError):
            parse_note_key(text)
