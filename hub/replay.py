"""Reading the directory log out of the store and holding it against the hub's own signed notes (PROTOCOL 3.5)."""

from __future__ import annotations

from typing import Final

from hub.signer import HubSigner
from hub.store.base import Store
from hub.wire.limits import LARGE_BYTES
from keys.checkpoint import origin_of, verify_note
from keys.directory import Directory
from keys.errors import TrustError
from keys.ids import HubId

LEAVES_BYTES: Final = LARGE_BYTES - 8 * 1024  # room for 1,024 leaves' length fields and the record around them
_REPLAY_LEAVES: Final = 1024


async def replay(store: Store, directory: Directory, size: int) -> list[bytes]:
    """Bring a replica to ``size`` leaves, or as far as the store goes; returns the leaves that were new to it.

    Signatures are not verified again: they were before the leaf was written, and the checkpoint covers the bytes.

    Raises:
        StoreError: not to be read.
        PeerError: what is there is no directory.
    """
    news: list[bytes] = []
    while directory.size < size:
        limit = min(_REPLAY_LEAVES, size - directory.size)
        leaves = await store.leaves(directory.size, limit=limit, max_bytes=LEAVES_BYTES)
        if not leaves:
            break
        for leaf in leaves:
            directory.apply(leaf, verified=True)
        news += leaves
    return news


def check_root(directory: Directory, note: bytes | None, signer: HubSigner, hub_id: HubId) -> None:
    """Refuse a replica that is not what the newest checkpoint says.

    Raises:
        TrustError: another size or root, or not this hub's signature.
    """
    origin = origin_of(directory.federation)
    found = verify_note(note or b"", name=hub_id.hex(), ed25519=signer.pair.ed25519, origin=origin)
    if (found.size, found.root) != (directory.size, directory.tree.root()):
        raise TrustError("TRUST", rule="checkpoint")


def check_cosigned(directory: Directory, note: bytes, signer: HubSigner, hub_id: HubId) -> None:
    """Refuse a cosigned note that is not one of this log.

    Raises:
        TrustError: beyond the log, another root, or not this hub's signature.
    """
    origin = origin_of(directory.federation)
    found = verify_note(note, name=hub_id.hex(), ed25519=signer.pair.ed25519, origin=origin)
    if found.size > directory.size or found.root != directory.tree.root(found.size):
        raise TrustError("TRUST", rule="checkpoint")
