"""Token buckets per source address and per mailbox, and open connections: in memory only, bounded (PROTOCOL 4.1).

Nothing here is ever written or logged. A bucket that is full again says nothing and is dropped, so what is kept is
those who were busy within the last seconds.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Hashable
from typing import Final

from hub.refusal import RefusalError
from hub.wire.responses import Code

MAX_BUCKETS: Final = 20_000  # some 4 MiB; beyond it the longest untouched goes: a flooder gains one burst per address


@dataclasses.dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Rate:
    """Token buckets by key.

    Args:
        per_second: how fast a bucket fills.
        burst: how much it holds.
        max_buckets: how many are kept.
    """

    def __init__(self, per_second: float, burst: int, *, max_buckets: int = MAX_BUCKETS) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._max_buckets = max_buckets
        self._buckets: collections.OrderedDict[Hashable, _Bucket] = collections.OrderedDict()

    def take(self, key: Hashable, now: float) -> None:
        """Take one token.

        Raises:
            RefusalError: code ``RATE``, with the seconds until there is one.
        """
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._add(key, now)
        bucket.level = min(self._burst, bucket.level + max(0.0, now - bucket.at) * self._per_second)
        bucket.at = now
        self._buckets.move_to_end(key)
        if bucket.level < 1.0:
            raise RefusalError(Code.RATE, retry_after=1 + int((1.0 - bucket.level) / self._per_second))
        bucket.level -= 1.0

    def __len__(self) -> int:
        """Buckets in memory."""
        return len(self._buckets)

    def _add(self, key: Hashable, now: float) -> _Bucket:
        while len(self._buckets) >= self._max_buckets:
            self._buckets.popitem(last=False)
        self._drop_full(now)
        bucket = self._buckets[key] = _Bucket(self._burst, now)
        return bucket

    def _drop_full(self, now: float) -> None:
        """Drop the oldest buckets that have filled up; they are in the order of their last use."""
        filled_before = now - self._burst / self._per_second
        while self._buckets:
            key, bucket = next(iter(self._buckets.items()))
            if bucket.at > filled_before:
                return
            del self._buckets[key]


class Connections:
    """Counts open connections, in all and by source address.

    Args:
        most: in all.
        most_per_source: from one address.
    """

    def __init__(self, most: int, most_per_source: int) -> None:
        self._most = most
        self._most_per_source = most_per_source
        self._by_source: collections.Counter[str] = collections.Counter()
        self.count = 0

    def admit(self, source: str) -> bool:
        """Count one more, and ``leave`` follows; False when it is one too many: it must be closed and does not count.

        If it counted until it is closed, one address could keep the others out with connections that it does not get.
        """
        if self.count >= self._most or self._by_source[source] >= self._most_per_source:
            return False
        self.count += 1
        self._by_source[source] += 1
        return True

    def leave(self, source: str) -> None:
        """Count one less of those that were admitted."""
        self.count -= 1
        self._by_source[source] -= 1
        if self._by_source[source] <= 0:
            del self._by_source[source]
