"""Life cycles that a unit begins for itself, or that the other end opens again: all machines come to one state.

Also when what two people write crosses on the way: a proposal and a decision, a request and the word that it is needed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import run
from keys.private.identity import random_bytes
from tests.flow.test_case import assessed, decision
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one with the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def consent(units: Units, person: str) -> str:
    """One that both of the unit's devices have."""
    held = units["sav/eva"].desk.consents.sign(
        units.consent_fields("sav", ["sav", "bops"], principal_ref=person, consent_id=random_bytes(16).hex())
    )
    for key in ("sav/eva", "sav/bo"):
        desk = units[key].desk
        async with desk.context.vault.transaction():
            await desk.consents.keep(held)
    return held.consent_id.hex()


async def write(units: Units, key: str, kind: str, **more: Any) -> dict[str, Any]:
    """A document with its sample's content; it has not left yet."""
    content = {**CONTENTS[kind], **more.pop("content", {})}
    made: dict[str, Any] = await run(units[key].desk, "new", {"kind": kind, "content": content, **more})
    return made


async def states(units: Units, thread_id: str, *keys: str) -> list[str]:
    """Where a thread stands at each device; empty where it is not."""
    found = [await rows(units[key], f"state FROM thread WHERE thread_id = x'{thread_id}'") for key in keys or STAFF]
    return ["".join(state for (state,) in one) for one in found]


async def untroubled(units: Units) -> None:
    """Nobody refused anything."""
    for key in STAFF:
        assert await rows(units[key], "* FROM quarantine") == []
        assert await rows(units[key], "kind, code FROM document WHERE state IN ('refused', 'stopped')") == []


@pytest.mark.parametrize("crosses", [False, True], ids=["told before", "told once more meanwhile"])
async def test_who_was_informed_and_signed_has_consented(units: Units, *, crosses: bool) -> None:
    """The unit notes that she was told; the record goes to the police; a colleague's second note changes nothing."""
    person = random_bytes(16).hex()
    about = {"principal_ref": person, "subject_person": PERSON_BLOCK}
    told = await write(units, "sav/bo", "samtycke.informerad", header={"principal_ref": person})
    await units.settle()
    thread = told["thread_id"]
    assert await states(units, thread) == ["informerad", "informerad", ""]
    record = await consent(units, person)
    content = {"consent_id": record} if "consent_id" in CONTENTS["samtycke.registrerat"] else {}
    await write(
        units, "sav/eva", "samtycke.registrerat", to="bops", thread_id=thread, header=about, consent_id=record,
        content=content,
    )  # fmt: skip
    if crosses:
        await write(units, "sav/bo", "samtycke.informerad", thread_id=thread, header={"principal_ref": person})
    await units.settle(4)
    assert await states(units, thread) == ["aktivt"] * 3
    await untroubled(units)


@pytest.mark.parametrize("crosses", [False, True], ids=["decided", "turned down meanwhile"])
async def test_a_proposal_to_close_that_is_decided_is_told(units: Units, *, crosses: bool) -> None:
    """The notice goes on the proposal's thread; a colleague who turned it down at that moment came too late."""
    person = random_bytes(16).hex()
    header = {"principal_ref": person}
    proposed = await write(units, "sav/bo", "avslut.forslag", header=header)
    await units.settle()
    thread = proposed["thread_id"]
    assert await states(units, thread) == ["foreslagen", "foreslagen", ""]
    record = await consent(units, person)
    notice = await write(
        units, "sav/eva", "avslut.notis", to="bops", thread_id=thread, header=header, consent_id=record,
        content={"reason": "egen_begaran", "ended_by_person": True},
    )  # fmt: skip
    if crosses:
        await write(units, "sav/bo", "avslut.avslag", thread_id=thread, header=header)
    await units.settle(4)
    assert set(await states(units, thread)) == {"meddelad"}
    answer = {
        "document_id": notice["document_id"],
        "kind": "avslut.bekraftelse",
        "content": CONTENTS["avslut.bekraftelse"],
    }
    await run(units["bops/pia"].desk, "reply", answer)
    await units.settle(4)
    assert await states(units, thread) == ["arkivklar"] * 3
    await untroubled(units)


async def test_a_proposal_that_is_turned_down_ends_in_the_unit(units: Units) -> None:
    """On both machines, and nobody else hears of it."""
    header = {"principal_ref": random_bytes(16).hex()}
    proposed = await write(units, "sav/bo", "avslut.forslag", header=header)
    await units.settle()
    await write(units, "sav/eva", "avslut.avslag", thread_id=proposed["thread_id"], header=header)
    await units.settle()
    assert await states(units, proposed["thread_id"]) == ["avslutas_inte", "avslutas_inte", ""]
    assert await rows(units["bops/pia"], "* FROM document") == []


@pytest.mark.parametrize("crosses", [False, True], ids=["asked by the police", "asked by both at once"])
async def test_a_threat_is_assessed_anew_when_either_end_says_so(units: Units, *, crosses: bool) -> None:
    """After the decision; where both wrote at once one of the two counts, the same one at every machine."""
    asked, result, consent_id = await assessed(units)
    await units["sav/eva"].desk.writing.write(decision(units, asked, result, consent_id))
    await units.settle()
    thread = asked.thread_id.hex()
    assert set(await states(units, thread)) == {"malgrupp_beslutad"}
    again = {"document_id": result, "kind": "hotbild.omprovning", "content": CONTENTS["hotbild.omprovning"]}
    await run(units["bops/pia"].desk, "reply", again)
    if crosses:
        await write(
            units, "sav/eva", "hotbild.begaran", to="bops", thread_id=thread, consent_id=consent_id.hex(),
            header={"subject_person": PERSON_BLOCK},
        )  # fmt: skip
    await units.settle(4)
    found = await states(units, thread)
    assert len(set(found)) == 1
    assert found[0] in {"begard", "mottagen"}
    outcomes = [
        await rows(units[key], f"document_id, outcome FROM document WHERE thread_id = x'{thread}'") for key in STAFF
    ]
    assert len({tuple(sorted(one)) for one in outcomes}) == 1
    assert sum(outcome == "overtaken" for _, outcome in outcomes[0]) == int(crosses)
    await untroubled(units)
