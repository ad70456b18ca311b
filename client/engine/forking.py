"""What an office keeps of a fork, so that others can judge it without believing the office (FORMATS 4.3)."""

from __future__ import annotations

import asyncio
from typing import Final

from client.engine.link import Link
from client.engine.sessions import HubError
from keys.checkpoint import Checkpoint, parse_note
from keys.errors import FormatError
from keys.evidence import make_evidence
from keys.log_tree import LogTree

PATIENCE_SECONDS: Final = 20  # a hub that lies need not be quick, and mail waits meanwhile
MAX_SHOWN_LEAVES: Final = 200_000  # hashes of 6 MiB


def note_against_note(own: LogTree, held: bytes, shown: bytes, *, longer: LogTree | None = None) -> bytes:
    """Two notes, and the path between their sizes where one of the two trees is here.

    Args:
        own: the tree of the held note.
        held: the own note.
        shown: the one that contradicts it.
        longer: the shown tree, where the hub handed it over.
    """
    before, after = _checkpoint(held), _checkpoint(shown)
    if before is None or after is None:
        return make_evidence(held=held, shown=shown)
    tree = own if after.size <= before.size else longer
    return make_evidence(held=held, shown=shown, path=_path(tree, before.size, after.size))


def document_against_note(own: LogTree, held: bytes, document: bytes, size: int) -> bytes:
    """The own note, and a signed object whose signer names another log of ``size`` leaves."""
    before = _checkpoint(held)
    path = [] if before is None else _path(own, before.size, size)
    return make_evidence(held=held, document=document, path=path)


async def read_shown(link: Link, shown: Checkpoint) -> LogTree | None:
    """The tree that the hub shows in place of ours; None when it does not hand over what its note is about."""
    tree = LogTree()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while tree.size < min(shown.size, MAX_SHOWN_LEAVES):
                page = await link.read_log(tree.size)
                if page.start != tree.size or not page.leaves:
                    return None
                for leaf in page.leaves[: shown.size - tree.size]:
                    tree.append(leaf)
    except (HubError, TimeoutError):
        return None
    return tree if (tree.size, tree.root()) == (shown.size, shown.root) else None


def _checkpoint(note: bytes) -> Checkpoint | None:
    try:
        return parse_note(note)[0]
    except FormatError:
        return None


def _path(tree: LogTree | None, one: int, other: int) -> list[bytes]:
    earlier, later = sorted((one, other))
    if tree is None or not 0 < earlier < later <= tree.size:
        return []
    return tree.prefix_path(earlier, later)
