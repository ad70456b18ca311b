"""The hub with a watch over its main thread, for ``make profile``: where it is, every few milliseconds.

    python -m tests.bench.sampled SAMPLES_FILE serve --data …

The file gets one JSON list at the end: pairs of a function of ours or of a library, and how often it was on top.
"""

from __future__ import annotations

import collections
import json
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Final

from hub.cli import main

EVERY_SECONDS: Final = 0.004
IDLE: Final = "idle"
_PACKAGES: Final = frozenset({"hub", "keys", "aiohttp", "asyncpg", "asyncio"})


def place(frame: FrameType) -> str:
    """Module and function that are at work; whoever waits for events is idle."""
    path, name = Path(frame.f_code.co_filename), frame.f_code.co_name
    if (path.stem, name) == ("selectors", "select"):
        return IDLE
    parts = path.with_suffix("").parts
    first = next((at for at, part in enumerate(parts) if part in _PACKAGES), len(parts) - 1)
    return f"{'.'.join(parts[first:])}.{name}"


class Watch(threading.Thread):
    """Samples the main thread until the process ends."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._main = threading.main_thread().ident or 0
        self.counts: collections.Counter[str] = collections.Counter()

    def run(self) -> None:
        """Look, again and again."""
        while True:
            time.sleep(EVERY_SECONDS)
            frame = sys._current_frames().get(self._main)
            if frame is not None:
                self.counts[place(frame)] += 1


if __name__ == "__main__":
    target = Path(sys.argv.pop(1))
    watch = Watch()
    watch.start()
    try:
        main()
    finally:
        target.write_text(json.dumps(watch.counts.most_common()), "utf-8")
