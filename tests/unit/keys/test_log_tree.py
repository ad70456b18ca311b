"""The Merkle tree of the log and its proofs."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import SignatureError
from keys.log_tree import EMPTY_ROOT, LogTree, root_of, verify_consistency, verify_inclusion

MOST = 70
LEAVES = [bytes([number]) * (number % 5) for number in range(MOST)]

# The eight leaves of Certificate Transparency's own test data, and the tree heads of its sizes 0 to 8.
KNOWN_LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def _tree(size: int) -> LogTree:
    tree = LogTree()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree


TREE = _tree(MOST)


def _naive(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return hashlib.sha256(b"\x01" + _naive(leaves[:middle]) + _naive(leaves[middle:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    """The published tree heads come out."""
    assert root_of(KNOWN_LEAVES[:size]).hex() == KNOWN_ROOTS[size]


def test_every_earlier_root_can_be_given() -> None:
    """The root at any size is what the definition says, also after the tree has grown."""
    assert [TREE.root(size) for size in range(MOST + 1)] == [_naive(LEAVES[:size]) for size in range(MOST + 1)]
    assert (TREE.root(), LogTree().root()) == (_naive(LEAVES), EMPTY_ROOT)


def test_every_leaf_is_proved_at_every_size() -> None:
    """Each inclusion proof of each tree up to seventy leaves verifies, and not for the leaf beside it."""
    for size in range(1, MOST + 1):
        root = TREE.root(size)
        for index in range(size):
            proof = TREE.inclusion_proof(index, size)
            verify_inclusion(LEAVES[index], proof, index=index, size=size, root=root)
            with pytest.raises(SignatureError):
                verify_inclusion(LEAVES[index] + b"x", proof, index=index, size=size, root=root)


def test_every_growth_is_proved() -> None:
    """Each pair of sizes has a consistency proof that verifies, and not against another root."""
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = TREE.consistency_proof(old, new)
            roots = {"old_root": TREE.root(old), "new_root": TREE.root(new)}
            verify_consistency(proof, old=old, new=new, **roots)
            with pytest.raises(SignatureError):
                verify_consistency(proof, old=old, new=new, **{**roots, "new_root": bytes(32)})
            with pytest.raises(SignatureError):
                verify_consistency(proof, old=old, new=new, **{**roots, "old_root": bytes(32)})


MUTATIONS = ("flip", "drop", "add", "swap")


@given(st.data())
def test_a_changed_proof_is_refused(data: st.DataObject) -> None:
    """A proof with one node flipped, left out, added or exchanged proves nothing."""
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    index = data.draw(st.integers(0, new - 1))
    kind = data.draw(st.sampled_from(MUTATIONS))
    for proof, verify in (
        (
            TREE.consistency_proof(old, new),
            lambda nodes: verify_consistency(nodes, old=old, old_root=TREE.root(old), new=new, new_root=TREE.root(new)),
        ),
        (
            TREE.inclusion_proof(index, new),
            lambda nodes: verify_inclusion(LEAVES[index], nodes, index=index, size=new, root=TREE.root(new)),
        ),
    ):
        changed = _mutate(proof, kind, data.draw(st.integers(0, len(proof) - 1)))
        if changed != proof:
            with pytest.raises(SignatureError):
                verify(changed)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_impossible_growth_is_refused(old: int, new: int) -> None:
    """A log neither begins from nothing nor shrinks, whatever the proof says."""
    with pytest.raises(SignatureError):
        verify_consistency([], old=old, old_root=EMPTY_ROOT, new=new, new_root=TREE.root(5))
    with pytest.raises(ValueError, match=str(old)):
        TREE.consistency_proof(old, new)


@pytest.mark.parametrize(("index", "size"), [(5, 5), (-1, 5), (0, 0)])
def test_impossible_places_are_refused(index: int, size: int) -> None:
    """A leaf lies inside the tree."""
    with pytest.raises(SignatureError):
        verify_inclusion(b"", [], index=index, size=size, root=TREE.root(5))
    with pytest.raises(ValueError, match=str(index)):
        TREE.inclusion_proof(index, size)


def test_a_root_of_the_future_is_not_given() -> None:
    """The tree does not know the root of more leaves than it has."""
    with pytest.raises(ValueError, match="71"):
        TREE.root(MOST + 1)


def _mutate(proof: list[bytes], kind: str, at: int) -> list[bytes]:
    if kind == "flip":
        return [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    if kind == "drop":
        return proof[:at] + proof[at + 1 :]
    if kind == "add":
        return [*proof[:at], bytes(32), *proof[at:]]
    return [*proof[at:], *proof[:at]]


def test_a_copy_grows_by_itself() -> None:
    """An extension tried on a copy leaves the original as it was."""
    twin = TREE.copy()
    twin.append(b"one more")
    assert (TREE.size, twin.size) == (MOST, MOST + 1)
    assert twin.root(MOST) == TREE.root() == _naive(LEAVES)
