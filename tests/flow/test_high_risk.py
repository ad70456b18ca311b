"""A unit at high risk: its devices change their keys every six hours, and others write to it as to any other."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from keys.statements import MAX_BATCH_BYTES
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices


@pytest.fixture
def federation() -> Federation:
    """The usual one with another unit of the police, whose card says ``high_risk``."""
    made = Federation.demo(devices=0, now=int(time.time()))
    made.add_unit("hidden", "polisen", unit_type="polis_bops", facts={"high_risk": True})
    return made


async def test_a_unit_whose_card_says_so_has_keys_of_six_hours(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """Card, device, hub and senders agree: short intervals for the one unit, days for the other, and mail is read."""
    async with Offices.open(tmp_path, hub.url, federation, {"hidden": "Pia Po", "sodermalm": "Olle Ohlin"}) as offices:
        asker, hidden = offices["sodermalm"].desk, offices["hidden"].desk
        spans = {}
        for key, desk in (("hidden", hidden), ("sodermalm", asker)):
            held = asker.context.prekeys.held(desk.context.device_id)
            assert held is not None
            assert len(held.raw) < MAX_BATCH_BYTES
            spans[key] = [one.end - one.start for one in held.batch.intervals]
        assert spans == {"hidden": [6] * 32 + [168] * 4, "sodermalm": [24] * 8 + [168] * 4}
        written = await asker.writing.write(offices.ask("hidden"))
        await offices.settle()
        came = "SELECT state FROM document WHERE document_id = ?"
        assert await hidden.context.vault.value(came, written.document_id) == "accepted"
