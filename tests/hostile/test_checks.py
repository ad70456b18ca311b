"""The checks of receiving, one by one: what each of them stops, and that nothing else would (FORMATS 8).

Each defect is made alone in an otherwise sound envelope by an enrolled device that turned malicious, or by a stranger.
The same assertion is run twice: with all checks it holds, and with the one check taken out it does not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from keys.errors import SlussError
from keys.ids import digest
from tests.hostile.attacked import Attacked
from tests.hostile.defects import CASES
from tests.kit.federation import Federation
from tests.kit.forge import Forge
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices

pytestmark = pytest.mark.asyncio(loop_scope="module")
#: Defects whose sender is known for certain and would only send the same again: it is told (domain.md 2.12).
TOLD = {
    "same-id": [("refused", "DUP")],
    "own-id": [("refused", "DUP")],
    "same-seq": [("refused", "DUP")],
    "other-prev": [("refused", "DUP")],
}
STAFF = {"sav": "Eva Ek", "bops": "Pia Po"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def attacked(
    module_hub: HubProcess, module_federation: Federation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Attacked]:
    """The police unit bops, attacked by the device of sav; one more device of sav was revoked."""
    federation, path = module_federation, tmp_path_factory.mktemp("offices")
    async with Offices.open(Path(path), module_hub.url, federation, STAFF) as offices:
        sav, bops = offices["sav"], offices["bops"]
        federation.units["sav"].keepers.append(sav.desk.context.keeper)  # type: ignore[arg-type] # who vouches for it
        gone = federation.enrol("sav", "Nils Nix")
        await sav._link.submit(federation.statements[-1])
        federation.revoke("sav", gone.device_id)
        await sav._link.submit(federation.statements[-1])
        await offices.settle(1)
        yield Attacked(bops, Forge(sav.desk.context, bops.desk.context), gone)


async def _assert_stopped(attacked: Attacked, name: str, *, without: int | None = None) -> None:
    expected, _, make = CASES[name]
    raw = await make(attacked)
    before, owed = await attacked.state(), await attacked.owed()
    assert await attacked.outcome(raw, without=without) == expected
    assert await attacked.state() == before
    told = [entry for entry in await attacked.owed() if entry not in owed]
    assert [(status, code) for _, status, code, _ in told] == TOLD.get(name, [])
    kept = await attacked.vault.value("SELECT envelope FROM quarantine WHERE envelope_id = ?", digest(raw))
    assert (kept == raw) is isinstance(expected[0], int)


@pytest.mark.parametrize("name", CASES)
async def test_each_defect_is_stopped_by_its_check(attacked: Attacked, name: str) -> None:
    """One defect: put aside with the number and code of its check, kept as it came, nothing shown or changed."""
    await _assert_stopped(attacked, name)
    await attacked.forget_fork()


@pytest.mark.parametrize("name", CASES)
async def test_no_check_is_there_for_nothing(attacked: Attacked, name: str) -> None:
    """With its check taken out, the same defect gets further, and the assertion above does not hold."""
    try:
        with pytest.raises((AssertionError, SlussError)):
            await _assert_stopped(attacked, name, without=CASES[name][1])
    finally:
        await attacked.forget_fork()


async def test_every_check_has_a_defect() -> None:
    """The table above leaves out none of the checks 0 to 15."""
    assert {number for _, number, _ in CASES.values()} == set(range(16))


async def test_a_sound_letter_is_accepted(attacked: Attacked) -> None:
    """The forge makes sound letters where no knob is turned, so each defect above is the only one."""
    assert await attacked.outcome(attacked.forge.envelope(attacked.forge.letter())) == ("accepted",)
