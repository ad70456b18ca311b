"""What the system can do for a process that holds secrets; calls that differ between systems stand here.

no_core   no image of the memory is written when the process crashes
hidden    other processes of the same user cannot read or trace the memory (Linux)
locked    the memory is never written to the swap file

None of them is certain: each says afterwards whether it holds, and ``sluss status`` shows it.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

from keys.codec import Record

_PR_SET_DUMPABLE: Final = 4  # linux/prctl.h
_MCL_CURRENT_FUTURE_ONFAULT: Final = 1 | 2 | 4  # asm-generic/mman.h


class Hardening(Record, frozen=True):
    """What holds for a process."""

    no_core: bool
    hidden: bool
    locked: bool


NOTHING: Final = Hardening(no_core=False, hidden=False, locked=False)

if sys.platform == "win32":

    def harden(*, lock_memory: bool) -> Hardening:
        """Windows has none of these calls; its own disk encryption has to cover the page file."""
        return NOTHING

else:
    import resource

    def harden(*, lock_memory: bool) -> Hardening:
        """Harden this process as far as the system allows.

        Args:
            lock_memory: also lock it; only after what needs much memory for a moment (Argon2id) is over.
        """
        return Hardening(no_core=_no_core(), hidden=_hide(), locked=lock_memory and _lock())

    def _no_core() -> bool:
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        except (OSError, ValueError):
            return False
        return True

    def _hide() -> bool:
        return sys.platform == "linux" and _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)

    def _lock() -> bool:
        """All memory, now and later; not under a limit that a later allocation would break."""
        if sys.platform != "linux":
            return False
        soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        if hard == resource.RLIM_INFINITY != soft:
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
        if hard != resource.RLIM_INFINITY and not _may_lock_any():
            return False
        return _call("mlockall", _MCL_CURRENT_FUTURE_ONFAULT)

    def _may_lock_any() -> bool:
        """CAP_IPC_LOCK (14) lifts the limit."""
        try:
            with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
                line = next(line for line in status if line.startswith("CapEff:"))
        except (OSError, StopIteration):
            return False
        return bool(int(line.split()[1], 16) >> 14 & 1)

    def _call(name: str, *arguments: int) -> bool:
        try:
            function = getattr(ctypes.CDLL(None), name)
        except (OSError, AttributeError):
            return False
        return bool(function(*(ctypes.c_ulong(one) for one in arguments)) == 0)
