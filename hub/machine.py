"""What the kernel says about the disk that a folder is on. Linux; elsewhere the answers are "unknown"."""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

_SYNCS: Final = 32
_BYTES: Final = 4096


def file_system(folder: Path) -> tuple[str, frozenset[str]]:
    """Kind and mount options of the file system that ``folder`` is on; "unknown" where there is no mount table."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    except OSError:
        return "unknown", frozenset()
    place, best = str(folder.resolve()), ("", "unknown", "")
    for line in lines:  # proc(5): id parent major:minor root POINT OPTIONS [tags] - KIND source SUPER-OPTIONS
        left, _, right = line.partition(" - ")
        point, options = left.split(" ")[4:6]
        kind, *rest = right.split(" ")
        below = point in {"/", place} or place.startswith(point + "/")
        if below and len(point) >= len(best[0]):
            best = (point, kind, f"{options},{rest[-1] if rest else ''}")
    return best[1], frozenset(best[2].split(","))


def measured_sync(folder: Path) -> float:
    """Median time of fsync after a write of 4 KiB in ``folder``, in seconds.

    Raises:
        OSError: the folder takes no file.
    """
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_SYNCS):
            file.seek(0)
            file.write(os.urandom(_BYTES))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def volatile_cache(folder: Path) -> bool | None:
    """Whether the disk keeps writes in a cache until it is told to empty it; None where the kernel does not say."""
    number = folder.stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    for place in (block / "queue", block / ".." / "queue"):  # a partition's queue is its disk's
        try:
            return (place / "write_cache").read_text("ascii").strip() == "write back"
        except OSError:
            continue
    return None


def open_files() -> int | None:
    """How many files this process may have open; None: as many as it likes."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft
