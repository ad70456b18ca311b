"""Which directory key is in force, who was given it, and which cards were written anew (FORMATS 3.1, rule 3).

Rules:
1. The roots commit to each key by its digest, number by number. What else comes is held against that commitment, so it
   does not matter who brings it: a false copy opens to a key with another digest, and counts for nothing.
2. Copies are of the newest key, and never for a device that was revoked.
3. A card written anew stands beside the one that its owner signed, and falls with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from keys.acceptance import require
from keys.cards import CardKind
from keys.directory_entries import DeviceEntry
from keys.ids import DeviceId
from keys.rekey import Handout, Rekey, Reseal

_Owner = tuple[CardKind, bytes]


class Rekeying:
    """All commitments so far, and what came under the newest."""

    def __init__(self) -> None:
        self._steps: tuple[Rekey, ...] = ()
        self._copies: dict[DeviceId, bytes] = {}
        self._cards: dict[_Owner, tuple[bytes, bytes]] = {}  # as its owner signed it, as it was written anew
        self._anew: set[_Owner] = set()  # under the newest number

    def copy(self) -> Rekeying:
        """An independent copy."""
        twin = Rekeying()
        twin._steps = self._steps
        twin._copies, twin._cards, twin._anew = dict(self._copies), dict(self._cards), set(self._anew)
        return twin

    @property
    def number(self) -> int:
        """Of the newest directory key; 0 while the founders' is in force."""
        return len(self._steps)

    @property
    def steps(self) -> Sequence[Rekey]:
        """Every commitment, number 1 first."""
        return self._steps

    def sealed_copy(self, device_id: DeviceId) -> bytes | None:
        """The newest key as it was sealed to a device, 1,168 bytes."""
        return self._copies.get(device_id)

    def card(self, kind: CardKind, owner_id: bytes, signed: bytes) -> bytes | None:
        """The card written anew that stands for ``signed``, the one that its owner signed last."""
        held = self._cards.get((kind, owner_id))
        return held[1] if held is not None and held[0] == signed else None

    def is_anew(self, kind: CardKind, owner_id: bytes, signed: bytes) -> bool:
        """Whether a card was written anew under the newest key."""
        return (kind, owner_id) in self._anew and self.card(kind, owner_id, signed) is not None

    def begin(self, rekey: Rekey) -> None:
        """Take a commitment whose signers were required before.

        Raises:
            TrustError: not the next number, or a key that was in force before.
        """
        require(rekey.number == self.number + 1, "number")
        require(rekey.key_id not in {step.key_id for step in self._steps}, "key-reused")
        self._steps = (*self._steps, rekey)
        self._copies, self._anew = {}, set()

    def hand_out(self, handout: Handout, entries: Sequence[DeviceEntry]) -> None:
        """Take copies whose signers were required before.

        Args:
            handout: the statement.
            entries: the devices that it names, in the same order.

        Raises:
            TrustError: of another key than the newest, out of order, or for a device that was revoked.
        """
        require(handout.number == self.number, "number")
        _require_rising(copy.device_id for copy in handout.copies)
        require(all(entry.revoked_size is None for entry in entries), "revoked")
        self._copies |= {DeviceId(copy.device_id): copy.sealed for copy in handout.copies}

    def reseal(self, reseal: Reseal, signed: Callable[[CardKind, bytes], bytes]) -> None:
        """Take cards written anew whose signers were required before.

        Args:
            reseal: the statement.
            signed: gives the card that an owner signed last, or raises TrustError.

        Raises:
            TrustError: of another key than the newest, out of order, or of an owner that the log does not know.
        """
        require(reseal.number == self.number, "number")
        _require_rising((card.kind.value, card.owner_id) for card in reseal.cards)
        beside = {(card.kind, card.owner_id): (signed(card.kind, card.owner_id), card.sealed) for card in reseal.cards}
        self._cards |= beside
        self._anew |= beside.keys()


def _require_rising(names: Iterable[bytes | tuple[str, bytes]]) -> None:
    """One form for one content, and nobody twice."""
    listed: list[bytes | tuple[str, bytes]] = list(names)
    require(listed == sorted(set(listed)), "order")
