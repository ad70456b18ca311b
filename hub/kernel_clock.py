"""Whether the machine's clock is kept by something: the kernel knows, and says so without any rights (adjtimex(2)).

A hub whose clock drifts refuses deposits with ``HOUR`` long before anybody looks at a watch.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_TIMEX_BYTES: Final = 512  # struct timex is 208 bytes on 64-bit Linux; the kernel writes no more than its own
_TIME_ERROR: Final = 5  # adjtimex(2): the clock is not synchronised


def is_synchronised() -> bool | None:
    """Whether a time service steers the clock; None where the kernel does not say."""
    if sys.platform != "linux":
        return None
    room = ctypes.create_string_buffer(_TIMEX_BYTES)  # all zeros: mode 0 reads and changes nothing
    try:
        state: int = ctypes.CDLL(None).adjtimex(room)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
