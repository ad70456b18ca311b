"""New leaves tried on a copy of the directory: what they would make of it, and whether they say anything of ourselves.

Nothing here changes the replica; ``trust`` takes a trial over once the checkpoint above it counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from keys.directory import Directory
from keys.errors import FormatError, PeerError
from keys.ids import DeviceId, Digest
from keys.signed import parse_signed


@dataclasses.dataclass(frozen=True, slots=True)
class Own:
    """This device as it was approved: its id, its certificate's digest, and the number of the witness policy then."""

    device_id: DeviceId
    certificate: Digest
    policy: int


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """A directory with the leaves that its rules accept, and the first one that they refuse."""

    directory: Directory
    first: int
    leaves: Sequence[bytes]
    refused: bytes | None

    def about(self, own: Own) -> bytes | None:
        """The new leaf that says of this device what it did not expect; None when there is none.

        That is a certificate for its id that is not the approved one, and a revocation that it did not sign itself. The
        handler must hear of it from this machine too: somebody with keys to the organisation has acted.
        """
        entry = self.directory.devices.get(own.device_id)
        if entry is None:
            return self._refused_about(own)
        if entry.joined_size > self.first and entry.certificate != own.certificate:
            return self._leaf(entry.joined_size)
        if entry.revoked_size is not None and entry.revoked_size > self.first:
            leaf = self._leaf(entry.revoked_size)
            signers = {signature.signer for signature in parse_signed(leaf).signatures}
            return None if own.certificate in signers else leaf
        return self._refused_about(own)

    def _leaf(self, size: int) -> bytes:
        return self.leaves[size - 1 - self.first]

    def _refused_about(self, own: Own) -> bytes | None:
        """A refused leaf that holds this device's id is about it, whatever it says."""
        if self.refused is None:
            return None
        try:
            payload = parse_signed(self.refused).payload
        except FormatError:
            return None
        return self.refused if bytes(own.device_id) in payload else None


def attempt(directory: Directory, leaves: Sequence[bytes]) -> Trial:
    """Apply leaves to a copy of the directory until one is refused."""
    trial, first = directory.copy(), directory.size
    for number, leaf in enumerate(leaves):
        try:
            trial.apply(leaf)
        except PeerError:
            return Trial(trial, first, leaves[:number], leaf)
    return Trial(trial, first, leaves, None)
