"""The checkpoint of the directory log as a C2SP signed note (FORMATS 4).

c2sp.org/signed-note and c2sp.org/tlog-checkpoint: three lines of text (origin, size, root), an empty line, and a line
per signature. The hub signs with Ed25519; witnesses add lines of their own (``keys/cosignature.py``).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
from typing import Final

from keys.errors import FormatError, SignatureError
from keys.public import verify_ed25519

MAX_NOTE_BYTES: Final = 4096
MAX_NOTE_SIGNATURES: Final = 16
_SIGNATURE_PREFIX: Final = "— "
LOG_KEY: Final = b"\x01"  # c2sp.org/signed-note, "Signature types": Ed25519
WITNESS_KEY: Final = b"\x04"  # the same: timestamped Ed25519 cosignature
_BLOB_BYTES: Final = {4 + 64, 4 + 8 + 64}  # key hash, for a cosignature its time, signature


@dataclasses.dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: its origin line, its size and its root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        """The signed text of the note, ending in a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()


def origin_of(federation: bytes) -> str:
    """Origin line of a federation's log; it names nobody."""
    return f"sluss/{federation.hex()}"


def note_key_hash(name: str, ed25519: bytes, key_type: bytes = LOG_KEY) -> bytes:
    """First four bytes that name a key in a note (c2sp.org/signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + key_type + ed25519).digest()[:4]


def note_line(name: str, ed25519: bytes, signature: bytes, key_type: bytes = LOG_KEY) -> bytes:
    """One signature line of a note."""
    blob = base64.b64encode(note_key_hash(name, ed25519, key_type) + signature).decode()
    return f"{_SIGNATURE_PREFIX}{name} {blob}\n".encode()


def parse_note(note: bytes) -> tuple[Checkpoint, list[tuple[str, bytes]]]:
    """Split a signed note into its checkpoint and its signatures (name, key hash ‖ signature).

    Raises:
        FormatError: longer than 4 KiB, or not a checkpoint note.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise FormatError("FMT", rule="length", limit=MAX_NOTE_BYTES)
    try:
        text, _, lines = note.decode("utf-8").partition("\n\n")
        origin, size, root = text.split("\n")
        checkpoint = Checkpoint(origin, _decimal(size), base64.b64decode(root, validate=True))
        signatures = [_parse_line(line) for line in lines.removesuffix("\n").split("\n")]
    except (ValueError, binascii.Error) as error:
        raise FormatError("FMT", rule="note") from error
    if len(checkpoint.root) != 32 or not 1 <= len(signatures) <= MAX_NOTE_SIGNATURES:
        raise FormatError("FMT", rule="note")
    again = [f"{_SIGNATURE_PREFIX}{name} {base64.b64encode(blob).decode()}\n" for name, blob in signatures]
    if checkpoint.text() + b"\n" + "".join(again).encode() != note:
        raise FormatError("FMT", rule="canonical")
    return checkpoint, signatures


def verify_note(note: bytes, *, name: str, ed25519: bytes, origin: str) -> Checkpoint:
    """Parse a note and verify the signature of the key ``name``.

    Raises:
        FormatError: not a checkpoint note.
        SignatureError: code ``SIG``; another origin, no signature of that key, or it does not verify.
    """
    checkpoint, signatures = parse_note(note)
    wanted = note_key_hash(name, ed25519)
    if checkpoint.origin != origin:
        raise SignatureError("SIG", rule="origin")
    for found, blob in signatures:
        if found == name and blob[:4] == wanted:
            verify_ed25519(ed25519, blob[4:], checkpoint.text())
            return checkpoint
    raise SignatureError("SIG", rule="unsigned")


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15) or (text[0] == "0" and text != "0"):
        raise ValueError(text)
    return int(text)


def _parse_line(line: str) -> tuple[str, bytes]:
    if not line.startswith(_SIGNATURE_PREFIX):
        raise ValueError(line)
    name, blob = line.removeprefix(_SIGNATURE_PREFIX).split(" ")
    raw = base64.b64decode(blob, validate=True)
    if not name or len(raw) not in _BLOB_BYTES:
        raise ValueError(line)
    return name, raw
