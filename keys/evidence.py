"""Evidence of a forked log: what an office exports, and how anybody judges it (FORMATS 4.3).

A file holds the note that the office held and what contradicted it: another note, or a document whose signer names
another log. Beside them stands the path that leads from the earlier of two sizes to the later one's root.

Rules:
1. The judge brings the log's key; a key that came with the evidence would prove nothing.
2. Two notes of one size are two histories when their roots differ. Of two sizes, the later one's root and the path
   say what the log was at the earlier size; the hash function lets no second answer be true.
3. Without a path nothing is said: a log may grow, and who claims otherwise has to show it.
4. What one file lacks another may have. The notes of several offices are held against each other, each path serves for
   all of them, and so does a log that the judge has: a path is believed for its hashes, whoever brings it.

Not here: which office keeps what (``client/engine/trust.py``), the key of a document's signer.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import itertools
from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta

from keys.checkpoint import MAX_NOTE_BYTES, Checkpoint, parse_note, verify_note
from keys.codec import Bytes32, Record, Uint, decode, encode
from keys.errors import FormatError, SignatureError
from keys.log_tree import EMPTY_ROOT, LogTree, prefix_roots

MAX_EVIDENCE_BYTES: Final = 96 * 1024  # two notes, or a note and the signed half of a document
MAX_PATH: Final = 64  # a tree has no more levels than a size has bits
_MAX_OBJECT_BYTES: Final = 64 * 1024
_MAGIC: Final = "sluss-evidence"

_Note = Annotated[bytes, Meta(max_length=MAX_NOTE_BYTES)]


class Evidence(Record, frozen=True):
    """What an office kept of a fork."""

    magic: Annotated[str, Meta(max_length=20)]
    version: Uint
    held: _Note
    shown: _Note
    document: Annotated[bytes, Meta(max_length=_MAX_OBJECT_BYTES)]
    path: Annotated[list[Bytes32], Meta(max_length=MAX_PATH)]


class Outcome(enum.Enum):
    """What a judge may say."""

    FORK = "fork"  # the log signed two histories
    OTHER_VIEW = "other-view"  # the document's signer names a history that the log did not sign here
    CONSISTENT = "consistent"  # the one extends the other
    OPEN = "open"  # sizes differ, and the path is missing or of another tree


_STRONGEST: Final = (Outcome.FORK, Outcome.OTHER_VIEW, Outcome.OPEN, Outcome.CONSISTENT)


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """A log as somebody saw it: size and root."""

    size: int
    root: bytes


def make_evidence(*, held: bytes, shown: bytes = b"", document: bytes = b"", path: list[bytes] | None = None) -> bytes:
    """Encode evidence.

    Args:
        held: the note of the office's own history.
        shown: the note that contradicts it; empty when a document does.
        document: the signed object that names another history; empty when a note does.
        path: ``LogTree.prefix_path`` from the smaller of the two sizes to the larger.
    """
    return encode(Evidence(_MAGIC, 1, held, shown, document, path or []))


def parse_evidence(data: bytes) -> Evidence:
    """Parse evidence; nothing of it is verified yet.

    Raises:
        FormatError: not evidence, or of an unknown version.
    """
    evidence = decode(data, Evidence, max_bytes=MAX_EVIDENCE_BYTES)
    if (evidence.magic, evidence.version) != (_MAGIC, 1):
        raise FormatError("VER")
    if bool(evidence.shown) == bool(evidence.document):
        raise FormatError("FMT", rule="evidence")
    return evidence


def log_of(evidence: Evidence) -> str:
    """The origin line of the log that the held note is about; not verified.

    Raises:
        FormatError: not a note.
    """
    return parse_note(evidence.held)[0].origin


def judge(
    evidence: Evidence, *, name: str, ed25519: bytes, named: View | None = None, log: LogTree | None = None
) -> Outcome:
    """Say what one file proves; as `judge_together`."""
    return judge_together([(evidence, named)], name=name, ed25519=ed25519, log=log)


def judge_together(
    files: Sequence[tuple[Evidence, View | None]], *, name: str, ed25519: bytes, log: LogTree | None = None
) -> Outcome:
    """Say what evidence proves, of one office or of several.

    Args:
        files: as parsed, each with what its document names, once its signature is verified; None where the file is
            two notes.
        name: of the log's key, as in its notes.
        ed25519: the log's key (32 bytes), from the judge's own source.
        log: a log that the judge has, whoever handed it over.

    Returns:
        The strongest of what all pairs of views show: ``FORK``, ``OTHER_VIEW``, ``OPEN``, ``CONSISTENT``.

    Raises:
        FormatError: a note is none.
        SignatureError: the log's key did not sign a note, or the notes are of different logs.
    """
    origin = log_of(files[0][0])
    signed, named = [], []
    for evidence, view in files:
        notes = [evidence.held, *([evidence.shown] if evidence.shown else [])]
        signed += [_view(verify_note(note, name=name, ed25519=ed25519, origin=origin)) for note in notes]
        if evidence.document:
            if view is None:
                raise SignatureError("SIG", rule="unsigned")
            named.append(view)
    paths = [evidence.path for evidence, _ in files]
    found = {_compare(one, other, paths, log) for one, other in itertools.combinations(signed, 2)}
    beside = {_compare(one, other, paths, log) for one, other in itertools.product(signed, named)}
    found |= {Outcome.OTHER_VIEW if outcome is Outcome.FORK else outcome for outcome in beside}
    return next(outcome for outcome in _STRONGEST if outcome in found)


def _view(checkpoint: Checkpoint) -> View:
    return View(checkpoint.size, checkpoint.root)


def _compare(one: View, other: View, paths: list[list[bytes]], log: LogTree | None) -> Outcome:
    earlier, later = sorted((one, other), key=lambda view: view.size)
    if earlier.size == later.size:
        return Outcome.CONSISTENT if earlier.root == later.root else Outcome.FORK
    if earlier.size == 0:
        return Outcome.CONSISTENT if earlier.root == EMPTY_ROOT else Outcome.FORK
    before = _root_before(earlier.size, later, paths, log)
    if before is None:
        return Outcome.OPEN
    return Outcome.CONSISTENT if before == earlier.root else Outcome.FORK


def _root_before(size: int, later: View, paths: list[list[bytes]], log: LogTree | None) -> bytes | None:
    """What a log was at ``size`` leaves; None where nothing here leads to the later root."""
    if log is not None and later.size <= log.size and log.root(later.size) == later.root:
        return log.root(size)
    for path in paths:
        with contextlib.suppress(SignatureError):
            before, after = prefix_roots(path, old=size, new=later.size)
            if after == later.root:
                return before
    return None
