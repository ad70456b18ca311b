"""Real offices for tests: real folders, vaults and keys, against a running hub, in this process.

async with Offices.open(tmp_path, hub, federation, {"sav": "Eva Ek", "bops": "Pia Po"}) as offices:
    sav = offices["sav"]                     # client.engine.office.Office
    await offices.settle()                   # sync all until nothing moves
"""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from client.engine import enrolling
from client.engine.clock import Clock
from client.engine.folder import Folder, open_keys
from client.engine.locking import Opened, Opener, open_process
from client.engine.office import Office
from client.engine.writing import Order
from keys.approval import parse_approval
from keys.cards import Role
from keys.codec import encode
from keys.ids import UnitId
from keys.private.keeper import LocalKeeper
from keys.statements import Profile
from tests.kit.federation import Federation
from tests.kit.today import CONTENTS
from tests.unit.casework.samples import PERSON_BLOCK, record_as_dict, sample_record

KNOWN_SECONDS = 40
PASSPHRASE = "en lång lösenfras"
QUICK = 'profile = "demo"\nreceipt_mean_seconds = 0\nround_seconds = 1\n'
ALL_ROLES: Sequence[Role] = (Role.HANDLAGGARE, Role.BESLUTSFATTARE, Role.POLIS_BEDOMARE, Role.REGISTRATOR)


def make_folder(
    path: Path, federation: Federation, unit: str, staff: str, *, address: str, roles: Sequence[Role] = ALL_ROLES
) -> Folder:
    """A new device of ``unit``: made, approved by the real ceremony, enrolled; talks to ``address``."""
    folder = Folder(path)
    request = enrolling.make(folder, PASSPHRASE, Profile.DEMO, Clock())
    approval = federation.approve(unit, request, staff, roles=roles)
    enrolling.enrol(folder, PASSPHRASE, redirect(approval, address))
    folder.settings.write_text(QUICK, encoding="utf-8")
    return folder


async def keys_here(folder: Folder, passphrase: str, idle_seconds: int) -> Opened:
    """An opener that keeps the private keys in this process, where a keeper's process is not what is looked at."""
    del idle_seconds
    unlocked = open_keys(folder, passphrase)
    keeper = LocalKeeper(unlocked.ring_file.load(), unlocked.ring_file)
    return Opened(keeper, unlocked.vault_key, unlocked.profile)


def redirect(approval: bytes, address: str) -> bytes:
    """The approval with another hub address: tests start hubs on port 0."""
    parsed = parse_approval(approval)
    fields = {name: getattr(parsed, name) for name in parsed.__struct_fields__}
    return encode(type(parsed)(**(fields | {"hub_address": address})))


class Offices(dict[str, Office]):
    """Open offices by the federation kit's name of their unit."""

    federation: Federation

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        path: Path,
        address: str,
        federation: Federation,
        staff: Mapping[str, str],
        *,
        opener: Opener = open_process,
    ) -> AsyncIterator[Offices]:
        """Make, enrol and open an office per entry (unit key → staff name)."""
        offices = cls()
        offices.federation = federation
        try:
            for unit, name in staff.items():
                folder = make_folder(path / unit, federation, unit, name, address=address)
                offices[unit] = await Office.open(folder, PASSPHRASE, opener=opener)
            await offices.settle()
            await offices.know_each_other()
            yield offices
        finally:
            for office in offices.values():
                await office.close()

    async def settle(self, rounds: int = 3) -> None:
        """Sync everybody a few times, in order."""
        for _ in range(rounds):
            for office in self.values():
                await office.desk.sync.once()

    async def know_each_other(self) -> None:
        """Sync until every office has everybody's keys: the hub makes snapshots when it gets to it."""
        until = time.monotonic() + KNOWN_SECONDS
        while time.monotonic() < until:
            await self.settle(1)
            wanted = {office.desk.context.device_id for office in self.values()}
            if all(all(office.desk.context.prekeys.held(one) for one in wanted) for office in self.values()):
                return
        raise AssertionError("the hub made no snapshot with everybody's keys")

    def unit(self, key: str) -> UnitId:
        """The id of a unit."""
        return self.federation.units[key].unit_id

    def ask(self, to: str, **content: Any) -> Order:
        """A consultation to ``to``."""
        return Order(
            kind="konsultation.fraga", to_unit=self.unit(to), content={**CONTENTS["konsultation.fraga"], **content}
        )

    def consent_fields(self, controller: str, parties: Sequence[str], **changes: Any) -> dict[str, Any]:
        """A signed consent record's fields that names these units."""
        from client.casework.consent import Party  # noqa: PLC0415 - only flows with consent need casework here

        today = datetime.datetime.now(datetime.UTC).date()
        until = (today + datetime.timedelta(days=300)).isoformat()
        record = sample_record(
            controller_unit=self.unit(controller).hex(),
            parties=tuple(Party(authority=_authority(key), unit=self.unit(key).hex(), role="bada") for key in parties),
            valid_from=today.isoformat(),
            valid_to=until,
            **changes,
        )
        fields = record_as_dict(record)
        for purpose in fields["purposes"]:
            purpose["valid_to"] = until
        return fields


def _authority(key: str) -> str:
    return "polis" if key in {"bops", "telefon"} else "socialtjanst"


__all__ = ["CONTENTS", "PERSON_BLOCK", "Offices", "make_folder", "redirect"]
