"""A witness: cosigns only what extends what it saw (c2sp.org/tlog-witness; FORMATS 4.2). No socket, no file, no clock.

Order of judgement for one request, each with the answer of the specification:
1. It parses and is within bounds, and the old size is not above the new one (400).
2. The log is one that this witness follows (404), and its own key signed the checkpoint (403).
3. The old size is that of the checkpoint cosigned last, 0 at first contact (409, with the size that is held).
4. The consistency proof leads from the held root to the shown one (422); the same size has the same root (409).

What fails rule 4 is signed by the log and contradicts what it signed before: it is kept as evidence. The caller makes
what ``judge`` allows durable *before* it calls ``cosign`` (``witness_store``).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from keys.add_checkpoint import AddCheckpoint
from keys.checkpoint import WITNESS_KEY, Checkpoint, parse_note, verify_note
from keys.cosignature import NoteKey, cosignature_line, cosigned_text
from keys.errors import FormatError, PeerError, SignatureError
from keys.log_tree import verify_consistency
from keys.private.identity import ed25519_public, sign_ed25519


class Verdict(enum.IntEnum):
    """Why a request is refused; the number is the HTTP status."""

    MALFORMED = 400
    UNSIGNED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    INCONSISTENT = 422


class WitnessRefusedError(PeerError):
    """A request that is not cosigned.

    Args:
        verdict: the answer.
        held_size: what a log needs to try again.
        is_evidence: the log contradicted what it signed before.
    """

    default_code = "WITNESS"

    def __init__(self, verdict: Verdict, *, held_size: int = 0, is_evidence: bool = False) -> None:
        self.verdict = verdict
        self.held_size = held_size
        self.is_evidence = is_evidence
        super().__init__("WITNESS", status=int(verdict))


def origin_of_request(request: AddCheckpoint) -> str:
    """Which log a request is about.

    Raises:
        WitnessRefusedError: the note is none.
    """
    try:
        return parse_note(request.note)[0].origin
    except FormatError as error:
        raise WitnessRefusedError(Verdict.MALFORMED) from error


def judge(request: AddCheckpoint, logs: Mapping[str, NoteKey], held: Checkpoint | None) -> Checkpoint:
    """Decide whether the shown checkpoint may be cosigned.

    Args:
        request: as parsed.
        logs: origin to key of each log that this witness follows.
        held: the checkpoint of this log that was cosigned last.

    Returns:
        The checkpoint to hold from now on.

    Raises:
        WitnessRefusedError: with the answer to give.
    """
    shown = _verified(request, logs)
    if request.old_size > shown.size:
        raise WitnessRefusedError(Verdict.MALFORMED)
    held_size = 0 if held is None else held.size
    if request.old_size != held_size:
        raise WitnessRefusedError(Verdict.CONFLICT, held_size=held_size)
    if held is None or not held_size:
        if request.proof:
            raise WitnessRefusedError(Verdict.INCONSISTENT)
        return shown
    if shown.size == held.size and shown.root != held.root:
        raise WitnessRefusedError(Verdict.CONFLICT, held_size=held_size, is_evidence=True)
    try:
        verify_consistency(request.proof, old=held.size, old_root=held.root, new=shown.size, new_root=shown.root)
    except SignatureError as error:
        raise WitnessRefusedError(Verdict.INCONSISTENT, held_size=held_size, is_evidence=True) from error
    return shown


def _verified(request: AddCheckpoint, logs: Mapping[str, NoteKey]) -> Checkpoint:
    origin = origin_of_request(request)
    log = logs.get(origin)
    if log is None:
        raise WitnessRefusedError(Verdict.UNKNOWN_LOG)
    try:
        return verify_note(request.note, name=log.name, ed25519=log.ed25519, origin=origin)
    except SignatureError as error:
        raise WitnessRefusedError(Verdict.UNSIGNED) from error


class WitnessSigner:
    """A witness's name and key.

    Args:
        name: of its lines; printable ASCII without space and plus.
        seed: Ed25519, 32 bytes.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        self.key: Final = NoteKey(name, WITNESS_KEY, ed25519_public(seed))
        self._seed = seed

    def cosign(self, checkpoint: Checkpoint, seconds: int) -> bytes:
        """The cosignature line of a checkpoint that is held durably already."""
        signature = sign_ed25519(self._seed, cosigned_text(checkpoint, seconds))
        return cosignature_line(self.key.name, self.key.ed25519, seconds, signature)
