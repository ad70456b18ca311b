"""Token buckets per source address and per mailbox: in memory only, bounded (PROTOCOL 4.1, 4.10).

Nothing here is ever written or logged. A bucket that is full again says nothing and is dropped, so what is kept is
those who were busy within the last seconds.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Hashable
from typing import Final

from hub.connections import NETWORK_TIMES
from hub.proxy_line import network_of
from hub.refusal import RefusalError
from hub.wire.responses import Code

MAX_BUCKETS: Final = 20_000  # some 4 MiB; beyond it the longest untouched goes: a flooder gains one burst per address
SHARE_OF_RATE: Final = 40
SHARE_OF_BURST: Final = 8
"""A share: of 20 deposits a second and 400 at once, one every two seconds and 50 at once. Forty addresses must take
theirs all the time before a mailbox has none left, and a device makes no more than two of them known."""


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

    def take(self, key: Hashable, now: float, *, above: float = 0.0) -> None:
        """Take one token, and leave ``above`` in the bucket.

        Raises:
            RefusalError: code ``RATE``, with the seconds until there is one.
        """
        bucket = self._filled(key, now)
        if bucket.level < above + 1.0:
            raise RefusalError(Code.RATE, retry_after=1 + int((above + 1.0 - bucket.level) / self._per_second))
        bucket.level -= 1.0

    def level(self, key: Hashable, now: float) -> float:
        """Tokens that there are."""
        return self._filled(key, now).level

    def __len__(self) -> int:
        """Buckets in memory."""
        return len(self._buckets)

    def _filled(self, key: Hashable, now: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._add(key, now)
        bucket.level = min(self._burst, bucket.level + max(0.0, now - bucket.at) * self._per_second)
        bucket.at = now
        self._buckets.move_to_end(key)
        return bucket

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


@dataclasses.dataclass(frozen=True, slots=True)
class Sender:
    """Whom a limit counts: an address, and whether a device logged in from there lately."""

    source: str
    is_known: bool


class SourceRate:
    """The rate of one address, and four times that for its network.

    Args:
        per_second, burst: as ``Rate``, of one address.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._by_source = Rate(per_second, burst)
        self._by_network = Rate(NETWORK_TIMES * per_second, NETWORK_TIMES * burst)

    def take(self, source: str, now: float) -> None:
        """Take one token of each.

        Raises:
            RefusalError: code ``RATE``.
        """
        self._by_source.take(source, now)
        self._by_network.take(network_of(source), now)


class FairRate:
    """A rate for one mailbox, of which everybody has a share (PROTOCOL 4.10).

    The bucket has three floors. Whoever goes beyond a share of his own takes from the upper half only; a share of an
    address that nobody knows reaches down to the last quarter, and that is for the shares of known ones. So whoever
    takes what he can leaves the others theirs, and where nobody else comes he has nearly everything.

    Args:
        per_second, burst: of one mailbox, everybody together.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._rate = Rate(per_second, burst)
        self._shares = Rate(per_second / SHARE_OF_RATE, max(1, burst // SHARE_OF_BURST))
        self._burst = burst

    def take(self, mailbox: Hashable, sender: Sender, now: float) -> float:
        """Take one token.

        Returns:
            The part of the mailbox's room that this sender may fill: the same floors.

        Raises:
            RefusalError: code ``RATE``.
        """
        share = mailbox, sender.source if sender.is_known else network_of(sender.source)
        is_within = self._shares.level(share, now) >= 1.0
        floor = 0.5 if not is_within else 0.0 if sender.is_known else 0.25
        self._rate.take(mailbox, now, above=floor * (self._burst - 1))
        if is_within:
            self._shares.take(share, now)
        return 1.0 - floor
