"""What the directory does with the statements about its own key; ``directory`` has all others (FORMATS 3.1)."""

from __future__ import annotations

from keys.acceptance import by_key_id, require, require_threshold, signers_among
from keys.cards import CardKind
from keys.directory_entries import DeviceEntry
from keys.directory_state import DirectoryState
from keys.domains import SignedType
from keys.errors import TrustError
from keys.ids import DeviceId, OrgId, UnitId
from keys.rekey import Handout, Rekey, Reseal
from keys.signed import SignedObject, read_payload


class DirectoryRekeying(DirectoryState):
    """The part of ``Directory`` that changes its ``rekeying``."""

    def signed_card(self, kind: CardKind, owner_id: bytes) -> bytes:
        """The sealed card that its owner signed last.

        Raises:
            TrustError: the log knows no such owner.
        """
        match kind:
            case CardKind.ORGANISATION if OrgId(owner_id) in self.organisations:
                return self.organisations[OrgId(owner_id)].statement.card
            case CardKind.UNIT if UnitId(owner_id) in self.units:
                return self.units[UnitId(owner_id)].statement.card
            case CardKind.STAFF if DeviceId(owner_id) in self.devices:
                return self.devices[DeviceId(owner_id)].statement.staff_label
            case _:
                raise TrustError("TRUST", rule="unknown-owner")

    def apply_rekey(self, so: SignedObject, *, verified: bool) -> None:
        """Take the roots' commitment to the next key; called by ``Directory.apply`` alone, as the next two."""
        self._require_roots(so, verified=verified)
        rekey = read_payload(so, SignedType.REKEY, Rekey)
        require(rekey.federation == self.federation, "federation")
        self.rekeying.begin(rekey)

    def apply_handout(self, so: SignedObject, *, verified: bool) -> None:
        """Take copies of the newest key."""
        handout = read_payload(so, SignedType.HANDOUT, Handout)
        entries = [self._device(DeviceId(copy.device_id)) for copy in handout.copies]
        if not verified:
            self._require_handers(so, entries)
        require(handout.federation == self.federation, "federation")
        self.rekeying.hand_out(handout, entries)

    def apply_reseal(self, so: SignedObject, *, verified: bool) -> None:
        """Take cards written anew under the newest key."""
        self._require_roots(so, verified=verified)
        reseal = read_payload(so, SignedType.RESEAL, Reseal)
        require(reseal.federation == self.federation, "federation")
        self.rekeying.reseal(reseal, self.signed_card)

    def _require_roots(self, so: SignedObject, *, verified: bool) -> None:
        if not verified:
            require_threshold(so, by_key_id(self.root.keys), self.root.threshold)

    def _require_handers(self, so: SignedObject, entries: list[DeviceEntry]) -> None:
        """Require the roots, or one administrator of the one organisation that all these devices belong to.

        More is not needed: the copy opens to the key that the roots committed to, or it counts for nothing.
        """
        organisations = [self.organisation_of(UnitId(entry.statement.unit_id)).statement for entry in entries]
        own = organisations[0].admin_keys if len({one.org_id for one in organisations}) == 1 else []
        administrators, roots = by_key_id(own), by_key_id(self.root.keys)
        signers = signers_among(so, {**administrators, **roots})
        by_roots = len(signers & roots.keys()) >= self.root.threshold
        require(by_roots or bool(signers & administrators.keys()), "handout")

    def _device(self, device_id: DeviceId) -> DeviceEntry:
        entry = self.devices.get(device_id)
        if entry is None:
            raise TrustError("TRUST", rule="unknown-device")
        return entry
