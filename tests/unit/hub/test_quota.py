"""Token buckets and connection counts stay small (PROTOCOL 4.1)."""

from __future__ import annotations

import pytest

from hub.quota import Connections, Rate
from hub.refusal import RefusalError


def test_a_bucket_fills_with_time() -> None:
    """Burst, then the rate; the refusal says how long to wait."""
    rate = Rate(2.0, 3)
    for _ in range(3):
        rate.take("a", 100.0)
    with pytest.raises(RefusalError) as caught:
        rate.take("a", 100.0)
    assert caught.value.retry_after == 1
    rate.take("b", 100.0)
    rate.take("a", 100.5)
    with pytest.raises(RefusalError):
        rate.take("a", 100.5)


def test_a_clock_that_goes_back_fills_nothing() -> None:
    """Time that runs backwards does not count."""
    rate = Rate(1.0, 1)
    rate.take("a", 100.0)
    with pytest.raises(RefusalError):
        rate.take("a", 50.0)


def test_full_buckets_are_dropped() -> None:
    """Whoever was quiet long enough is forgotten."""
    rate = Rate(1.0, 2)
    for key in range(10):
        rate.take(key, 100.0)
    rate.take("late", 103.0)
    assert len(rate) == 1


def test_buckets_are_bounded() -> None:
    """A flood from many addresses cannot take more memory than this."""
    rate = Rate(1.0, 100, max_buckets=5)
    for key in range(50):
        rate.take(key, 100.0)
    assert len(rate) == 5


def test_connections_are_counted_by_source() -> None:
    """The limit in all and the limit for one; who leaves makes room."""
    connections = Connections(3, 2)
    assert [connections.admit("a"), connections.admit("a"), connections.admit("a")] == [True, True, False]
    assert [connections.admit("b"), connections.admit("c")] == [True, False], "who was turned away takes no room"
    connections.leave("a")
    assert connections.admit("c")
    for source in "abc":
        connections.leave(source)
    assert connections.count == 0
    assert not connections._by_source
