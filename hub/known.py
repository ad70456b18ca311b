"""From which addresses devices logged in lately: whom limits leave room for (PROTOCOL 4.10). In memory only.

A device counts for the two addresses that it logged in from last, so that a member who may log in cannot make a crowd
of addresses known.
"""

from __future__ import annotations

import collections
from typing import Final

from keys.ids import DeviceId

KNOWN_SECONDS: Final = 3_600.0  # a device that is open logs in every quarter of an hour (PROTOCOL 5.1)
ADDRESSES_EACH: Final = 2  # an office by IPv4 and by IPv6


class Known:
    """Addresses by the devices that logged in there."""

    def __init__(self) -> None:
        self._by_device: collections.OrderedDict[DeviceId, dict[str, float]] = collections.OrderedDict()
        self._times: collections.Counter[str] = collections.Counter()

    def note(self, device: DeviceId, source: str, now: float) -> None:
        """A device logged in from an address."""
        self._drop_old(now)
        places = self._by_device.setdefault(device, {})
        self._by_device.move_to_end(device)
        if places.pop(source, None) is None:
            self._times[source] += 1
        places[source] = now
        while len(places) > ADDRESSES_EACH:
            self._less(next(iter(places)), places)

    def has(self, source: str, now: float) -> bool:
        """Whether a device logged in from there within the last hour."""
        self._drop_old(now)
        return source in self._times

    def forget(self, device: DeviceId) -> None:
        """A device was revoked."""
        places = self._by_device.pop(device, {})
        for source in list(places):
            self._less(source, places)

    def _drop_old(self, now: float) -> None:
        """Devices are in the order of their last login."""
        while self._by_device:
            device, places = next(iter(self._by_device.items()))
            if max(places.values()) > now - KNOWN_SECONDS:
                return
            self.forget(device)

    def _less(self, source: str, places: dict[str, float]) -> None:
        del places[source]
        self._times[source] -= 1
        if not self._times[source]:
            del self._times[source]
