"""Rates, shares and connection counts: small, and nobody takes what is the others' (PROTOCOL 4.1, 4.10)."""

from __future__ import annotations

import contextlib

import pytest

from hub.connections import Connections
from hub.known import Known
from hub.quota import FairRate, Rate, Sender, SourceRate
from hub.refusal import RefusalError
from keys.ids import DeviceId


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


def test_a_network_has_four_times_the_rate_of_an_address() -> None:
    """Many addresses of one network are not as many senders; those of another are not touched."""
    rate = SourceRate(1.0, 2)
    for number in range(8):
        rate.take(f"192.0.2.{number}", 100.0)
    with pytest.raises(RefusalError):
        rate.take("192.0.2.200", 100.0)
    rate.take("198.51.100.1", 100.0)
    rate.take("192.0.2.200", 101.0)


def offered(rate: FairRate, sender: Sender, count: int, now: float) -> int:
    """How many of so many deposits at once are taken."""
    taken = 0
    for _ in range(count):
        with contextlib.suppress(RefusalError):
            rate.take("box", sender, now)
            taken += 1
    return taken


@pytest.mark.parametrize("is_known", [True, False])
def test_one_sender_cannot_starve_a_mailbox(is_known: bool) -> None:
    """Fifty a second into one that takes twenty: the flooder gets what the others leave, they get all of theirs."""
    rate, got, flooded = FairRate(20.0, 400), 0, 0
    for tick in range(6_000):  # ten minutes
        now = 1000.0 + tick / 10
        flooded += offered(rate, Sender("192.0.2.1", is_known), 5, now)
        if not tick % 25:
            got += sum(offered(rate, Sender(f"198.51.{number}.1", is_known), 1, now) for number in range(8))
    assert got == 6_000 // 25 * 8
    assert flooded > 0.8 * (20 * 600 - got), "what the others leave is not wasted"


def test_a_crowd_of_strangers_leaves_a_quarter_to_the_known() -> None:
    """A thousand networks, each within its share, and a member who is known: everything of his is taken."""
    rate, got = FairRate(20.0, 400), 0
    for tick in range(3_000):
        now = 1000.0 + tick / 10
        for number in range(10):
            stranger = tick * 10 + number
            offered(rate, Sender(f"10.{stranger % 1000 // 256}.{stranger % 256}.1", is_known=False), 1, now)
        if not tick % 25:
            got += offered(rate, Sender("198.51.100.1", is_known=True), 1, now)
    assert got == 3_000 // 25


def test_room_goes_by_the_same_floors() -> None:
    """Beyond a share half a mailbox may be filled, unknown three quarters of it, known all."""
    rate = FairRate(1.0, 16)  # a share: two at once
    known, stranger = Sender("192.0.2.1", is_known=True), Sender("198.51.100.1", is_known=False)
    assert [rate.take("box", known, 100.0) for _ in range(3)] == [1.0, 1.0, 0.5]
    assert [rate.take("box", stranger, 100.0) for _ in range(3)] == [0.75, 0.75, 0.5]


# -- connections ------------------------------------------------------------------------------------------------------


def filled(connections: Connections, count: int, *, first: int = 0) -> list[object]:
    """So many connections, each from a network of its own; returns what had to go."""
    numbers = range(first, first + count)
    return [connections.admit(n, f"10.{n // 256}.{n % 256}.1", is_known=False) for n in numbers]


def test_connections_are_counted_by_address_and_network() -> None:
    """The limit for one, four times that for its network; who leaves makes room, who was turned away takes none."""
    connections = Connections(100, 2)
    assert [connections.admit(n, "192.0.2.1", is_known=True) for n in "abc"] == [None, None, "c"]
    connections.leave("a")
    connections.leave("c")
    assert connections.admit("d", "192.0.2.1", is_known=False) is None
    others = [connections.admit(n, f"192.0.2.{2 + n // 2}", is_known=False) for n in range(7)]
    assert others == [None] * 6 + [6]
    for connection in ("b", "d", *range(6)):
        connections.leave(connection)
    assert connections.count == 0
    assert not connections._by_source
    assert not connections._by_network
    assert not connections._kept


def test_who_was_longest_without_an_answer_makes_room() -> None:
    """A crowd holds three quarters at most; of those whoever was silent longest goes, not who is being answered."""
    connections = Connections(16, 400)
    assert filled(connections, 12) == [None] * 12
    connections.answered(0)
    assert filled(connections, 3, first=12) == [1, 2, 3]
    assert connections.count == 12


def test_known_addresses_have_room_of_their_own() -> None:
    """They come in however many strangers there are, and stay; a login keeps a connection that came as a stranger's."""
    connections = Connections(16, 400)
    filled(connections, 12)
    members = [connections.admit(f"member {n}", f"198.51.{n}.1", is_known=True) for n in range(5)]
    assert members == [None] * 4 + [0], "the first four have room, the fifth takes a stranger's place"
    assert connections.admit("new", "203.0.113.1", is_known=False) == 1
    connections.keep("new", "device")
    gone = filled(connections, 1000, first=100)
    assert not {"new", *(f"member {n}" for n in range(5))} & set(gone)


def test_one_known_address_cannot_fill_what_is_kept() -> None:
    """Thirty-two of its connections are kept; what it has beyond that goes as a stranger's does."""
    connections = Connections(200, 400)
    gone = [connections.admit(("mine", n), "192.0.2.1", is_known=True) for n in range(190)]
    assert len([one for one in gone if one is not None]) == 190 - 32 - 150
    assert all(connections.admit(n, f"198.51.{n}.1", is_known=True) is None for n in range(18))


def test_what_is_kept_has_bounds() -> None:
    """Eight of a device, whatever the addresses; three quarters in all; what is let go counts no more."""
    connections = Connections(80, 400)
    filled(connections, 60)
    for number in range(12):
        connections.keep(number, "one")
    assert connections.kept == 8
    connections.leave(0)
    connections.keep(11, "one")
    connections.keep(11, "two")
    assert (connections.kept, connections._kept_of) == (8, {"one": 8})
    for number in range(12, 60):
        connections.keep(number, number)
    filled(connections, 20, first=100)
    for number in range(100, 120):
        connections.keep(number, number)
    assert connections.kept == 60
    connections.release([], "one")
    assert (connections.kept, "one" in connections._kept_of) == (52, False)


def test_an_address_that_is_known_no_more_keeps_nothing() -> None:
    """But a device that logged in there stays; and who was let go is the first to make room."""
    connections = Connections(16, 400)
    members = [connections.admit(name, "192.0.2.1", is_known=True) for name in ("silent", "at work")]
    connections.keep("at work", "device")
    filled(connections, 12)
    connections.release(["192.0.2.1", "198.51.100.1"])
    assert (members, connections.kept) == ([None, None], 1)
    assert connections.admit("new", "203.0.113.1", is_known=False) == "silent"


def test_known_addresses_are_forgotten() -> None:
    """After an hour, when the device is revoked, and when it came from two others since."""
    known, one, two = Known(), DeviceId(b"1" * 16), DeviceId(b"2" * 16)
    known.note(one, "a", 1000.0)
    known.note(two, "a", 1000.0)
    known.note(one, "b", 1001.0)
    known.note(one, "c", 1002.0)
    assert [known.has(source, 1003.0) for source in "abc"] == [True, True, True], "the other device is still at a"
    assert known.forget(two) == ["a"]
    assert [known.has(source, 1003.0) for source in "abc"] == [False, True, True]
    assert known.note(one, "c", 4000.0) == []
    assert known.has("c", 7599.0)
    assert not known.has("c", 7600.0)


def test_an_address_is_known_for_an_hour_though_its_device_goes_on_elsewhere() -> None:
    """The office's address is forgotten while she works at home, and nothing is held of either in the end."""
    known, one, two = Known(), DeviceId(b"1" * 16), DeviceId(b"2" * 16)
    known.note(one, "office", 1000.0)
    known.note(one, "home", 4000.0)
    assert not known.has("office", 4600.0)
    assert known.note(one, "home", 4600.0) == ["office"]
    assert known.note(two, "office", 9000.0) == ["home"]
    assert known.forget(two) == ["office"]
    assert not known._by_device
    assert not known._by_source


def test_a_login_by_a_clock_that_was_ahead_makes_nobody_known() -> None:
    """Neither does it hold up what is to be forgotten after it."""
    known, one, two = Known(), DeviceId(b"1" * 16), DeviceId(b"2" * 16)
    known.note(one, "a", 1e9)
    assert not known.has("a", 1000.0)
    assert known.note(two, "b", 1000.0) == ["a"]
    assert known.has("b", 1001.0)
