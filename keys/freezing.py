"""What is frozen (FORMATS 3.1.3): of an organisation or a unit nothing changes but that devices are revoked.

A freeze stops changes, not mail: any one administrator may freeze, so a freeze must not be able to silence a unit. What
the roots' threshold signs passes, because the roots could thaw first.
"""

from __future__ import annotations

from keys.acceptance import require
from keys.ids import OrgId, UnitId
from keys.statements import Freeze, FreezeState, FreezeTarget

_Target = tuple[FreezeTarget, bytes]


class Freezing:
    """The newest freeze of every target that ever had one."""

    def __init__(self, newest: dict[_Target, Freeze] | None = None) -> None:
        self._newest = dict(newest or {})

    def copy(self) -> Freezing:
        """An independent copy."""
        return Freezing(self._newest)

    def is_frozen(self, org_id: OrgId, unit_id: UnitId | None = None) -> bool:
        """Whether an organisation, or a unit by itself or through its organisation, is frozen."""
        targets: list[_Target] = [(FreezeTarget.ORGANISATION, org_id)]
        if unit_id is not None:
            targets.append((FreezeTarget.UNIT, unit_id))
        return any(self._state(target) is FreezeState.FROZEN for target in targets)

    def number(self, target: FreezeTarget, target_id: bytes) -> int:
        """Number of a target's newest freeze; 0 when there was none."""
        newest = self._newest.get((target, target_id))
        return 0 if newest is None else newest.number

    def apply(self, freeze: Freeze) -> None:
        """Take a freeze or a thaw whose signers were required before.

        Raises:
            TrustError: not the next number, or the target is in that state already.
        """
        target = (freeze.target, freeze.target_id)
        require(freeze.number == self.number(*target) + 1, "number")
        require(freeze.state is not self._state(target), "freeze-state")
        self._newest[target] = freeze

    def _state(self, target: _Target) -> FreezeState:
        newest = self._newest.get(target)
        return FreezeState.THAWED if newest is None else newest.state
