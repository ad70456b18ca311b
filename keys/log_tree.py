"""The Merkle tree of the directory log and its proofs: RFC 6962 section 2.1 (FORMATS 4).

Leaf hash SHA-256(0x00 ‖ leaf), node hash SHA-256(0x01 ‖ left ‖ right).
Complete subtrees are kept by level, so that the root at any earlier size costs a logarithm.
"""

from __future__ import annotations

import hashlib
from typing import Final

from keys.errors import SignatureError

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()  # RFC 6962 2.1


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of one leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """Root over a short list of leaves, for lists that are not logs (a snapshot's batches)."""
    tree = LogTree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


class LogTree:
    """An append-only tree in memory; it never shrinks."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def copy(self) -> LogTree:
        """An independent tree with the same leaves, to try an extension on."""
        twin = LogTree()
        twin._levels = [list(level) for level in self._levels]
        return twin

    def append(self, leaf: bytes) -> None:
        """Add one leaf."""
        self._levels[0].append(leaf_hash(leaf))
        level = 0
        while len(self._levels[level]) % 2 == 0:
            below = self._levels[level]
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(node_hash(below[-2], below[-1]))
            level += 1

    def subtrees(self, level: int, start: int, count: int) -> list[bytes]:
        """Roots of complete subtrees of 2^``level`` leaves, from the ``start``th on; fewer when there are fewer."""
        return self._levels[level][start : start + count] if level < len(self._levels) else []

    def root(self, size: int | None = None) -> bytes:
        """Root at ``size`` leaves, by default at all of them.

        Raises:
            ValueError: ``size`` is larger than the tree.
        """
        size = self.size if size is None else size
        if size > self.size:
            raise ValueError(size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Audit path of leaf ``index`` in the tree of ``size`` leaves (RFC 6962 2.1.1)."""
        if not 0 <= index < size <= self.size:
            raise ValueError(index)
        return self._path(index, 0, size)

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Proof that the tree of ``new`` leaves extends that of ``old`` (RFC 6962 2.1.2)."""
        if not 0 < old <= new <= self.size:
            raise ValueError(old)
        return self._subproof(old, 0, new, whole=True)

    def prefix_path(self, old: int, new: int) -> list[bytes]:
        """What ``prefix_roots`` computes the roots at ``old`` and at ``new`` leaves from.

        As a consistency proof, but with the subtree that RFC 6962 leaves out where ``old`` is a power of two: that form
        takes the earlier root for given, and evidence must not.
        """
        if not 0 < old <= new <= self.size:
            raise ValueError(old)
        return self._subproof(old, 0, new, whole=False)

    def _range(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1) == 0 and start % count == 0:
            return self._levels[count.bit_length() - 1][start // count]
        middle = start + _split(count)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._range(middle, end)]
        return [*self._path(index, middle, end), self._range(start, middle)]

    def _subproof(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._range(start, end)]
        middle = start + _split(end - start)
        if old <= middle:
            return [*self._subproof(old, start, middle, whole=whole), self._range(middle, end)]
        return [*self._subproof(old, middle, end, whole=False), self._range(start, middle)]


def verify_inclusion(leaf: bytes, proof: list[bytes], *, index: int, size: int, root: bytes) -> None:
    """Check an audit path by building the root again (RFC 6962 2.1.1, read backwards).

    Raises:
        SignatureError: code ``PROOF``.
    """
    if not 0 <= index < size or _root_by_path(leaf_hash(leaf), index, size, proof) != root:
        raise SignatureError("PROOF")


def verify_consistency(proof: list[bytes], *, old: int, old_root: bytes, new: int, new_root: bytes) -> None:
    """Check that the tree of ``new`` leaves extends that of ``old`` (RFC 6962 2.1.2, read backwards).

    Raises:
        SignatureError: code ``PROOF``.
    """
    if not 0 < old <= new or _roots_by_proof(old_root, old, new, proof, whole=True) != (old_root, new_root):
        raise SignatureError("PROOF")


def prefix_roots(path: list[bytes], *, old: int, new: int) -> tuple[bytes, bytes]:
    """The roots at ``old`` and at ``new`` leaves of the tree that a ``prefix_path`` is of.

    Raises:
        SignatureError: code ``PROOF``; no path between these sizes.
    """
    if not 0 < old <= new:
        raise SignatureError("PROOF")
    return _roots_by_proof(b"", old, new, path, whole=False)


def _root_by_path(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    if size == 1:
        if proof:
            raise SignatureError("PROOF")
        return leaf
    rest, sibling = _pop(proof)
    middle = _split(size)
    if index < middle:
        return node_hash(_root_by_path(leaf, index, middle, rest), sibling)
    return node_hash(sibling, _root_by_path(leaf, index - middle, size - middle, rest))


def _roots_by_proof(old_root: bytes, old: int, size: int, proof: list[bytes], *, whole: bool) -> tuple[bytes, bytes]:
    if old == size:
        rest, same = (proof, old_root) if whole else _pop(proof)
        if rest:
            raise SignatureError("PROOF")
        return same, same
    rest, sibling = _pop(proof)
    middle = _split(size)
    if old <= middle:
        first, second = _roots_by_proof(old_root, old, middle, rest, whole=whole)
        return first, node_hash(second, sibling)
    first, second = _roots_by_proof(old_root, old - middle, size - middle, rest, whole=False)
    return node_hash(sibling, first), node_hash(sibling, second)


def _pop(proof: list[bytes]) -> tuple[list[bytes], bytes]:
    if not proof:
        raise SignatureError("PROOF")
    return proof[:-1], proof[-1]


def _split(count: int) -> int:
    """Largest power of two smaller than ``count``."""
    return 1 << ((count - 1).bit_length() - 1)
