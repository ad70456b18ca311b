"""Open connections: how many, whose, and who must go when there is no room (PROTOCOL 4.10). In memory only.

Many addresses can hold more connections than a hub has, each fewer than one address may have. So:
1. An address has a limit, and a network (of an IPv4 address the /24, of an IPv6 address the /48) four times that.
2. A quarter of all is kept for connections of addresses where a device logged in lately (known), the first 32 of each,
   and for those on which a device logged in, the first 8 of each device. An address that is known no more, and a device
   that was revoked, keep nothing; and a quarter is kept for nobody, so that a device can come from where none is known.
3. When there is no room, whoever was longest without an answer goes, of those that nothing is kept for; the newcomer
   comes in. So silence holds no place, and who comes has the time for a login however many hold on.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Collection, Hashable
from typing import Any, Final

from hub.proxy_line import network_of

NETWORK_TIMES: Final = 4
"""What a network may have, of what one address may: an office is some addresses of one network, seldom more."""
KEPT_EACH: Final = 32
"""Connections of one known address that are kept: ten devices behind it, each with three."""
KEPT_OF_A_DEVICE: Final = 8
"""Connections that one device's logins keep: its wake and its work, twice over while a broken line is unnoticed."""


@dataclasses.dataclass(slots=True)
class _Held:
    source: str
    network: str
    is_kept: bool
    device: Hashable | None = None  # whose login keeps it


class Connections:
    """Counts open connections, and says which must be closed for a new one.

    Args:
        most: in all.
        most_per_source: from one address.
    """

    def __init__(self, most: int, most_per_source: int) -> None:
        self._most = most
        self._most_common = most - most // 4
        self._most_kept = most - most // 4
        self._most_per_source = most_per_source
        self._held: dict[Hashable, _Held] = {}
        # Those that nothing is kept for, the one that was longest without an answer first.
        self._common: collections.OrderedDict[Hashable, None] = collections.OrderedDict()
        self._by_source: collections.Counter[str] = collections.Counter()
        self._by_network: collections.Counter[str] = collections.Counter()
        self._kept: collections.Counter[str] = collections.Counter()
        self._kept_of: collections.Counter[Hashable] = collections.Counter()

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._held)

    @property
    def kept(self) -> int:
        """How many of them are kept for somebody."""
        return len(self._held) - len(self._common)

    def admit(self, connection: Hashable, source: str, *, is_known: bool) -> Hashable | None:
        """Count one more, and ``leave`` follows.

        Args:
            connection: the connection.
            source: its address, or whatever counts as one.
            is_known: whether a device logged in from there lately.

        Returns:
            The connection that must be closed: ``connection`` itself, which then does not count (if it did until it is
            closed, one address could keep the others out with what it does not get); another one, which no longer
            counts; or None.
        """
        network = network_of(source)
        if (
            self._by_source[source] >= self._most_per_source
            or self._by_network[network] >= NETWORK_TIMES * self._most_per_source
        ):
            return connection
        is_kept = is_known and self._may_keep(source)
        gone = None
        if len(self._held) >= self._most or (not is_kept and len(self._common) >= self._most_common):
            gone = next(iter(self._common), None)
            if gone is None:
                return connection
            self.leave(gone)
        self._held[connection] = _Held(source, network, is_kept)
        self._by_source[source] += 1
        self._by_network[network] += 1
        if is_kept:
            self._kept[source] += 1
        else:
            self._common[connection] = None
        return gone

    def answered(self, connection: Hashable) -> None:
        """Note that a request was answered on it."""
        if connection in self._common:
            self._common.move_to_end(connection)

    def keep(self, connection: Hashable, device: Hashable) -> None:
        """A device logged in on it: it keeps its place, if neither its address nor the device has as many as it may."""
        held = self._held.get(connection)
        if held is None or held.device is not None or self._kept_of[device] >= KEPT_OF_A_DEVICE:
            return
        if not held.is_kept:
            if not self._may_keep(held.source):
                return
            held.is_kept = True
            self._kept[held.source] += 1
            del self._common[connection]
        held.device = device
        self._kept_of[device] += 1

    def release(self, sources: Collection[str], device: Hashable | None = None) -> None:
        """Keep nothing any more for addresses that are not known now, nor for a device that was revoked.

        A member who logs in from one address after the other would else have places at all of them.
        """
        for connection, held in list(self._held.items()) if sources or device is not None else ():
            if device is not None and held.device == device:
                self._no_longer_of_device(held)
            elif held.device is not None or held.source not in sources:
                continue
            if held.is_kept:
                held.is_kept = False
                _less(self._kept, held.source)
                self._common[connection] = None
                self._common.move_to_end(connection, last=False)

    def leave(self, connection: Hashable) -> None:
        """Count one less; nothing when it does not count."""
        held = self._held.pop(connection, None)
        if held is None:
            return
        self._common.pop(connection, None)
        _less(self._by_source, held.source)
        _less(self._by_network, held.network)
        if held.is_kept:
            _less(self._kept, held.source)
        self._no_longer_of_device(held)

    def _may_keep(self, source: str) -> bool:
        return self._kept[source] < KEPT_EACH and self.kept < self._most_kept

    def _no_longer_of_device(self, held: _Held) -> None:
        if held.device is not None:
            _less(self._kept_of, held.device)
            held.device = None


def _less(counter: collections.Counter[Any], key: Hashable) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
