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
        # The last login stands last.
        self._by_source: dict[str, dict[DeviceId, float]] = {}

    def note(self, device: DeviceId, source: str, now: float) -> list[str]:
        """A device logged in from an address; returns which addresses are no longer known."""
        gone = self._drop_old(now)
        places = self._by_device.setdefault(device, {})
        self._by_device.move_to_end(device)
        places.pop(source, None)
        places[source] = now
        devices = self._by_source.setdefault(source, {})
        devices.pop(device, None)
        devices[device] = now
        for place in [place for place, at in places.items() if not _is_lately(at, now)]:
            gone += self._drop(device, place)
        for place in list(places)[:-ADDRESSES_EACH]:
            gone += self._drop(device, place)
        return gone

    def has(self, source: str, now: float) -> bool:
        """Whether a device logged in from there within the last hour."""
        devices = self._by_source.get(source)
        return devices is not None and _is_lately(next(reversed(devices.values())), now)

    def forget(self, device: DeviceId) -> list[str]:
        """A device was revoked; returns which addresses are no longer known."""
        return [gone for source in list(self._by_device.get(device, ())) for gone in self._drop(device, source)]

    def _drop_old(self, now: float) -> list[str]:
        """Devices are in the order of their last login."""
        gone = []
        while self._by_device:
            device, places = next(iter(self._by_device.items()))
            if any(_is_lately(at, now) for at in places.values()):
                break
            gone += self.forget(device)
        return gone

    def _drop(self, device: DeviceId, source: str) -> list[str]:
        places, devices = self._by_device[device], self._by_source[source]
        del places[source], devices[device]
        if not places:
            del self._by_device[device]
        if devices:
            return []
        del self._by_source[source]
        return [source]


def _is_lately(at: float, now: float) -> bool:
    """A login of a time to come is of a clock that was wrong: it makes nobody known."""
    return abs(now - at) < KNOWN_SECONDS
