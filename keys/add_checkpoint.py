"""The request by which a log asks a witness for its cosignature (c2sp.org/tlog-witness, ``add-checkpoint``).

old SIZE                 what the log believes that the witness holds
HASH in base 64 ...      the consistency proof from there, at most 63 lines
(empty line)
the signed note
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from typing import Final

from keys.checkpoint import MAX_NOTE_BYTES
from keys.errors import FormatError

ADD_PATH: Final = "/add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"  # of the body of a 409
MAX_PROOF_HASHES: Final = 63  # c2sp.org/tlog-witness
MAX_REQUEST_BYTES: Final = 32 + MAX_PROOF_HASHES * 45 + MAX_NOTE_BYTES  # old line, hashes in base 64, note
_HASH_BYTES: Final = 32


@dataclasses.dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size that the log believes is held, the proof from there, and the signed note."""

    old_size: int
    proof: list[bytes]
    note: bytes


def make_request(request: AddCheckpoint) -> bytes:
    """The body of an ``add-checkpoint`` request."""
    lines = [f"old {request.old_size}", *(base64.b64encode(one).decode() for one in request.proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + request.note


def parse_request(body: bytes) -> AddCheckpoint:
    """Read the body of an ``add-checkpoint`` request.

    Raises:
        FormatError: not one, or beyond a limit.
    """
    if len(body) > MAX_REQUEST_BYTES:
        raise FormatError("FMT", rule="length", limit=MAX_REQUEST_BYTES)
    head, _, note = body.partition(b"\n\n")
    try:
        first, *hashes = head.decode("ascii").split("\n")
        request = AddCheckpoint(int(first.removeprefix("old ")), [_hash(line) for line in hashes], note)
    except (ValueError, binascii.Error) as error:
        raise FormatError("FMT", rule="add-checkpoint") from error
    if len(hashes) > MAX_PROOF_HASHES or request.old_size < 0 or make_request(request) != body:
        raise FormatError("FMT", rule="add-checkpoint")
    return request


def _hash(line: str) -> bytes:
    raw = base64.b64decode(line, validate=True)
    if len(raw) != _HASH_BYTES:
        raise ValueError(line)
    return raw
