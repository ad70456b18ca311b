"""Offices of units that have several devices: the keys of ``Offices`` are then ``unit/device``.

async with open_units(tmp_path, hub.url, federation, {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg"}) as offices:
    await offices.join("sav/ulla", "Ulla Um")       # one more device, approved by a sibling
    await offices.revoke("sav/bo")                  # by an administrator
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from client.engine.clock import Clock
from client.engine.office import Office
from keys.cards import Role
from keys.codec import encode_body
from keys.ids import UnitId
from keys.private import ceremony
from tests.hostile.desks import Dial
from tests.kit.federation import Federation
from tests.kit.offices import ALL_ROLES, PASSPHRASE, Offices, make_folder


class Units(Offices):
    """Open offices by ``unit/device``. ``dial`` turns the clock of all of them."""

    path: Path
    address: str
    dial: Dial

    def unit(self, key: str) -> UnitId:
        """The id of a unit, also by the name of one of its devices."""
        return super().unit(key.partition("/")[0])

    async def join(self, key: str, staff: str, *, roles: Sequence[Role] = ALL_ROLES) -> Office:
        """Make, approve and open one more device; it knows nothing yet."""
        unit = key.partition("/")[0]
        path = self.path / key.replace("/", "-")
        folder = make_folder(path, self.federation, unit, staff, address=self.address, roles=roles)
        self[key] = await Office.open(folder, PASSPHRASE, Clock(self.dial))
        self.federation.units[unit].keepers.append(self[key].desk.context.keeper)  # type: ignore[arg-type]
        await self[key].desk.sync.once()
        return self[key]

    async def revoke(self, key: str) -> None:
        """Revoke a device; nobody has heard of it before the next sync."""
        statement = self.federation.revoke(key.partition("/")[0], self[key].desk.context.device_id)
        other = next(office for name, office in self.items() if name != key)
        await other._link.submit(statement)

    async def change_card(self, key: str, **facts: Any) -> None:
        """The administrators sign another card, and everybody hears of it."""
        federation, kit = self.federation, self.federation.units[key]
        parts = {name: getattr(kit.card, name) for name in kit.card.__struct_fields__} | {"facts": encode_body(facts)}
        card = type(kit.card)(**parts)
        officers = federation.admins(federation.org_of(key))
        statement = ceremony.change_unit(federation.directory, officers, unit_id=kit.unit_id, card=card)
        await next(iter(self.values()))._link.submit(federation.apply(statement))
        await self.settle(1)

    def without(self, *keys: str) -> Units:
        """The others, to let only them sync."""
        rest = Units({key: office for key, office in self.items() if key not in keys})
        rest.federation, rest.path, rest.address, rest.dial = self.federation, self.path, self.address, self.dial
        return rest


@contextlib.asynccontextmanager
async def open_units(
    path: Path, address: str, federation: Federation, staff: Mapping[str, str]
) -> AsyncIterator[Units]:
    """Open an office per entry (``unit/device`` → staff name); all know each other's keys."""
    units = Units()
    units.federation, units.path, units.address, units.dial = federation, path, address, Dial()
    try:
        for key, name in staff.items():
            await units.join(key, name)
        await units.know_each_other()
        await units.settle()
        yield units
    finally:
        for office in units.values():
            await office.close()


async def rows(office: Office, table: str) -> Any:
    """All rows of a query's tail, e.g. ``state FROM document``."""
    return await office.desk.context.vault.all(f"SELECT {table}")
