"""The small checks that every acceptance rule of the directory is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from keys.errors import TrustError
from keys.public import PublicPair, check_pair, key_id
from keys.signed import SignedObject, verify_signed
from keys.statements import Root


def require(condition: bool, rule: str) -> None:
    """Raise TrustError with the name of the rule unless ``condition`` holds."""
    if not condition:
        raise TrustError("TRUST", rule=rule)


def by_key_id(pairs: Iterable[PublicPair]) -> dict[bytes, PublicPair]:
    """Signer to keys, for signers that are named by their key id."""
    return {key_id(pair): pair for pair in pairs}


def require_threshold(so: SignedObject, keys: Mapping[bytes, PublicPair], threshold: int) -> None:
    """Require valid signatures of ``threshold`` different signers among ``keys``."""
    require(len(verify_signed(so, keys)) >= threshold, "threshold")


def check_root(root: Root) -> None:
    """Require a threshold that the root's own, different and sound keys can reach."""
    require(root.threshold <= len(root.keys) == len(by_key_id(root.keys)), "threshold")
    for pair in root.keys:
        check_pair(pair)
