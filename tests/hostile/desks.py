"""Offices whose hub lies: opened through the liar, with a clock that the test turns, quick to seal again."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from client.engine.clock import Clock
from client.engine.office import Office
from keys.errors import SlussError
from keys.ids import UnitId
from keys.private.witness import WitnessSigner
from tests.kit.federation import Federation
from tests.kit.lying_hub import LyingHub
from tests.kit.offices import PASSPHRASE, Offices, make_folder

SETTINGS = 'profile = "demo"\nreceipt_mean_seconds = 0\nreseal_first_seconds = {0}\nreseal_then_seconds = {0}\n'
RESEAL_SECONDS = 6


def settings_of(reseal_seconds: int) -> str:
    """An office that receipts at once, and seals anew what has no receipt when ``reseal_seconds`` went by."""
    return SETTINGS.format(reseal_seconds - 1)


class Dial:
    """A clock's hand; ``turn`` moves it for every office of a test."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> float:
        """Now, in seconds."""
        return time.time() + self.offset

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.offset += seconds


class Desks(Offices):
    """Offices behind a liar. ``liar`` and ``dial`` are the test's to turn."""

    liar: LyingHub
    dial: Dial
    settings: str

    @classmethod
    @contextlib.asynccontextmanager
    async def behind(
        cls,
        path: Path,
        hub_url: str,
        federation: Federation,
        staff: Mapping[str, str],
        *,
        cosigners: Sequence[WitnessSigner] = (),
        reseal_seconds: int = RESEAL_SECONDS,
    ) -> AsyncIterator[Desks]:
        """Open the liar, whom ``cosigners`` help, and an office per entry (unit key → staff name).

        What has no receipt is sealed anew when the dial was turned by ``reseal_seconds``. The clock goes on beside the
        dial: a test that counts envelopes wants more of them than it lasts.
        """
        async with LyingHub.open(hub_url, federation) as liar:
            liar.cosigners = list(cosigners)
            desks = cls()
            desks.federation, desks.liar, desks.dial = federation, liar, Dial()
            desks.settings = settings_of(reseal_seconds)
            try:
                for unit, name in staff.items():
                    folder = make_folder(path / unit, federation, unit, name, address=liar.url)
                    folder.settings.write_text(desks.settings, encoding="utf-8")
                    desks[unit] = await Office.open(folder, PASSPHRASE, Clock(desks.dial))
                await desks.settle()
                await desks.know_each_other()
                yield desks
            finally:
                for office in desks.values():
                    await office.close()

    async def also(self, path: Path, unit: str, name: str) -> None:
        """Open one more office in ``path``, behind the same liar; all know each other's keys afterwards."""
        folder = make_folder(path / unit, self.federation, unit, name, address=self.liar.url)
        folder.settings.write_text(self.settings, encoding="utf-8")
        self[unit] = await Office.open(folder, PASSPHRASE, Clock(self.dial))
        await self.settle()
        await self.know_each_other()

    async def try_all(self, rounds: int = 2) -> set[str]:
        """Sync everybody, whatever the liar does to them; returns the codes of what went wrong."""
        codes = set()
        for _ in range(rounds):
            for office in self.values():
                try:
                    await office.desk.sync.once()
                except SlussError as error:
                    codes.add(error.code)
        return codes

    async def heal(self) -> None:
        """The hub behaves, the time for sealing again comes, and everybody syncs."""
        self.liar.behave()
        for _ in range(2):
            self.dial.turn(RESEAL_SECONDS)
            await self.settle(2)

    async def log_of(self, unit: str) -> list[bytes]:
        """The leaves that an office has taken in: the hub's own log can be longer by now."""
        return (await self.liar.history())[: self[unit].desk.context.replica.directory.size]

    async def send(self, sender: str, to: str, **content: Any) -> bytes:
        """Queue a consultation; returns its document id."""
        return (await self[sender].desk.writing.write(self.ask(to, **content))).document_id


async def accepted(office: Office, document_id: bytes) -> int:
    """How often a document is there as one that came."""
    count: int = await office.desk.context.vault.value(
        "SELECT count(*) FROM document WHERE document_id = ? AND direction = 'in'", document_id
    )
    return count


async def waiting(office: Office) -> int:
    """How many documents have no receipt yet."""
    count: int = await office.desk.context.vault.value("SELECT count(*) FROM outbox")
    return count


async def state(office: Office, document_id: bytes) -> str:
    """A document's state."""
    found: str = await office.desk.context.vault.value("SELECT state FROM document WHERE document_id = ?", document_id)
    return found


async def quarantined(office: Office) -> list[tuple[int, str]]:
    """Step and code of all that was put aside."""
    rows = await office.desk.context.vault.all("SELECT step, code FROM quarantine ORDER BY at, step")
    return [(row[0], row[1]) for row in rows]


async def alarms(office: Office) -> set[str]:
    """Codes of the open alarms."""
    return {alarm.code for alarm in await office.desk.context.alarms.open()}


def unit_id(federation: Federation, key: str) -> UnitId:
    """The id of a unit."""
    return federation.units[key].unit_id
