"""Cosignatures of witnesses under a checkpoint, and the keys of notes as text (FORMATS 4.2).

c2sp.org/tlog-cosignature, version 1: a witness signs the time and the checkpoint's text, and says by it that as of that
time this is the largest tree that it saw of this log, and that it extends all that it saw before.

Rules:
1. Only witnesses that the roots named count, each once, and only with the key that stands there.
2. A line that does not verify is no line: it counts for nobody and spoils nothing.
3. The time that a quorum vouches for is one that each of its witnesses has reached: a single witness moves no clock.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from typing import Final

from keys.checkpoint import LOG_KEY, WITNESS_KEY, Checkpoint, note_key_hash, note_line, parse_note
from keys.errors import FormatError, SignatureError
from keys.public import check_ed25519, verify_ed25519
from keys.statements import Witness, Witnesses

MAX_VKEY_CHARACTERS: Final = 200
_TIME_BYTES: Final = 8
_MAX_SECONDS: Final = 2**53 - 1  # what our own records hold


@dataclasses.dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes: its name, its type (``LOG_KEY`` or ``WITNESS_KEY``), 32 bytes of Ed25519."""

    name: str
    key_type: bytes
    ed25519: bytes

    def text(self) -> str:
        """As people pass it on (c2sp.org/signed-note, "Verifier keys")."""
        key_hash = note_key_hash(self.name, self.ed25519, self.key_type).hex()
        return f"{self.name}+{key_hash}+{base64.b64encode(self.key_type + self.ed25519).decode()}"


def parse_note_key(text: str) -> NoteKey:
    """Read a verifier key.

    Raises:
        FormatError: not one, of another type, or with a wrong key hash.
        SignatureError: code ``WEAKKEY``.
    """
    try:
        name, _, blob = text.split("+", 2)
        raw = base64.b64decode(blob, validate=True)
    except (ValueError, binascii.Error) as error:
        raise FormatError("FMT", rule="vkey") from error
    key = NoteKey(name, raw[:1], raw[1:])
    known_type = key.key_type in {LOG_KEY, WITNESS_KEY}
    if not known_type or len(text) > MAX_VKEY_CHARACTERS or key.text() != text or " " in name or not name:
        raise FormatError("FMT", rule="vkey")
    check_ed25519(key.ed25519)
    return key


def cosigned_text(checkpoint: Checkpoint, seconds: int) -> bytes:
    """The bytes that a witness signs."""
    return b"cosignature/v1\ntime %d\n" % seconds + checkpoint.text()


def cosignature_line(name: str, ed25519: bytes, seconds: int, signature: bytes) -> bytes:
    """A witness's line in a note; ``signature`` is 64 bytes over ``cosigned_text``."""
    return note_line(name, ed25519, seconds.to_bytes(_TIME_BYTES) + signature, WITNESS_KEY)


def cosigned_at(note: bytes, witness: Witness) -> int | None:
    """When a witness cosigned, in seconds; the newest of its lines that verify, None without one.

    Raises:
        FormatError: not a note.
    """
    checkpoint, signatures = parse_note(note)
    wanted = note_key_hash(witness.name, witness.ed25519, WITNESS_KEY)
    own = [blob[4:] for name, blob in signatures if name == witness.name and blob[:4] == wanted]
    times = [seconds for blob in own if (seconds := _verified_time(checkpoint, witness, blob)) is not None]
    return max(times, default=None)


def require_quorum(note: bytes, policy: Witnesses) -> int:
    """Require cosignatures of the quorum.

    Returns:
        The latest time (seconds) that a whole quorum has reached.

    Raises:
        FormatError: not a note.
        SignatureError: code ``WITNESS``; too few witnesses of the policy cosigned.
    """
    found = [cosigned_at(note, witness) for witness in policy.witnesses]
    times = sorted((seconds for seconds in found if seconds is not None), reverse=True)
    if len(times) < policy.quorum:
        raise SignatureError("WITNESS", found=len(times), quorum=policy.quorum)
    return times[policy.quorum - 1]


def _verified_time(checkpoint: Checkpoint, witness: Witness, blob: bytes) -> int | None:
    seconds = int.from_bytes(blob[:_TIME_BYTES])
    if seconds > _MAX_SECONDS:
        return None
    try:
        verify_ed25519(witness.ed25519, blob[_TIME_BYTES:], cosigned_text(checkpoint, seconds))
    except SignatureError:
        return None
    return seconds
