"""What follows the answer to a handover, between real offices: both ends go on, and neither is left standing."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api import commands
from client.engine.consents import HeldConsent
from client.engine.writing import Order, Written
from keys.errors import RefusedError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sodermalm/olle": "Olle Ohlin", "sodermalm/ylva": "Ylva Yng"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """One device at sav, two at sodermalm."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


def _in(days: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)).date().isoformat()


class _Handover:
    """A handover of one person from sav, and what is said in it."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.held: HeldConsent | None = None
        self.written: Written | None = None

    async def ask(self) -> Written:
        """Another request; with the same consent, for the same person."""
        eva = self.units["sav/eva"].desk
        if self.held is None:
            self.held = eva.consents.sign(self.units.consent_fields("sav", ["sav", "sodermalm", "bops"]))
            async with eva.context.vault.transaction():
                await eva.consents.keep(self.held)
        order = Order(
            kind="overlamnande.forfragan",
            to_unit=self.units.unit("sodermalm"),
            content=CONTENTS["overlamnande.forfragan"] | {"interim_responsible": self.units.unit("sav").hex()},
            header={"subject_person": PERSON_BLOCK},
            consent_id=self.held.consent_id,
        )
        self.written = await eva.writing.write(order)
        await self.units.settle()
        return self.written

    async def say(self, device: str, kind: str, *, settle: bool = True, **content: Any) -> Written:
        """Write one more document into the newest thread."""
        assert self.written is not None
        assert self.held is not None
        order = Order(
            kind=f"overlamnande.{kind}",
            to_unit=self.units.unit("sodermalm" if device.startswith("sav") else "sav"),
            content=content,
            thread_id=self.written.thread_id,
            reply_to=self.written.document_id,
            consent_id=self.held.consent_id if kind in {"komplettering", "ny_tid", "svar", "uteblev"} else None,
        )
        written = await self.units[device].desk.writing.write(order)
        if settle:
            await self.units.settle(3)
        return written

    async def states(self) -> set[str]:
        """Where the newest thread stands, at every device."""
        assert self.written is not None
        hexed = self.written.thread_id.hex()
        where = f"state FROM thread WHERE hex(thread_id) = upper('{hexed}')"
        found = [await rows(self.units[key], where) for key in STAFF]
        return {state for ((state,),) in found}


async def test_a_handover_goes_on_after_its_answer(units: Units) -> None:
    """Declined for its conditions, asked anew, a meeting to which nobody came: there is a way on."""
    handover = _Handover(units)
    await handover.ask()
    await _declined(handover, units)
    await _missed(handover, units)


async def _declined(handover: _Handover, units: Units) -> None:
    """Short of facts, on conditions that are not agreed to: then, and only then, another request leaves."""
    await handover.say("sodermalm/olle", "svar", answer="komplettering_behovs", conditions="Vem är kontaktperson?")
    await handover.say("sav/eva", "komplettering", answers="Den som skrev förfrågan.")
    assert await handover.states() == {"provas"}
    on = {"answer": "accepterat_med_villkor", "conditions": "Ni betalar.", "takeover_date": _in(10)}
    await handover.say("sodermalm/ylva", "svar", **on)
    await handover.say("sav/eva", "villkorssvar", answer="godtas_inte", why="kostnad")
    assert await handover.states() == {"avbojd"}
    with pytest.raises(RefusedError) as caught:
        await handover.ask()
    assert caught.value.code == "TWICE"
    await handover.say("sav/eva", "vidare", next_step="annan_mottagare", decided_on=_in(0))
    assert await handover.states() == {"annan_mottagare"}
    await handover.ask()
    assert await handover.states() == {"forfragan_skickad"}


async def _missed(handover: _Handover, units: Units) -> None:
    """Two new times cross: one counts, and the day from which it is counted is the same at all devices."""
    await handover.say("sodermalm/olle", "svar", answer="accepterat", takeover_date=_in(0))
    await handover.say("sodermalm/olle", "uteblev", planned_meeting=_in(0))
    assert await handover.states() == {"uteblev"}
    late, soon = _in(30), _in(5)
    theirs = await handover.say("sodermalm/olle", "ny_tid", settle=False, takeover_date=late, person_told="nej")
    ours = await handover.say("sav/eva", "ny_tid", settle=False, takeover_date=soon, person_told="ja")
    await units.settle(4)
    assert await handover.states() == {"accepterad"}
    ends = set()
    for key in STAFF:
        found = dict(await rows(units[key], "document_id, outcome FROM document"))
        assert (found[ours.document_id], found[theirs.document_id]) == ("applied", "overtaken")
        shown = await commands.run(units[key].desk, "thread", {"thread_id": ours.thread_id.hex()})
        ends |= {(one["clock"], one["due_at"][:10]) for one in shown["clocks"]}
    assert ends == {("overlamnande.forsta_mote", _in(5 + 14))}
    await handover.say("sodermalm/ylva", "uteblev", planned_meeting=_in(0))
    await handover.say("sodermalm/ylva", "ater", reason="motet_blev_inte_av", returned_on=_in(0))
    assert await handover.states() == {"ater_hos_avsandare"}
