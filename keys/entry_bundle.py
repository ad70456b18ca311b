"""Entry bundles: leaves of a directory log in a file, as a hub serves them (FORMATS 4.1, c2sp.org/tlog-tiles)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from keys.errors import LocalError
from keys.files import read_bounded
from keys.statements import MAX_LEAF_BYTES

_MAX_BUNDLE_BYTES: Final = 256 * (2 + MAX_LEAF_BYTES)  # c2sp.org/tlog-tiles: 256 entries


def read_bundle(path: Path) -> list[bytes]:
    """The leaves of an entry bundle (FORMATS 4.1) in a file.

    Raises:
        LocalError: code ``FILE``; missing, too long, or not a bundle.
    """
    data = read_bounded(path, _MAX_BUNDLE_BYTES)
    leaves = []
    while data:
        end = 2 + int.from_bytes(data[:2])
        if len(data) < max(end, 3):
            raise LocalError("FILE")
        leaves.append(data[2:end])
        data = data[end:]
    return leaves
