"""A placement between a unit and the police through a real hub, each signature by its own person."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import run
from keys.errors import RefusedError
from keys.private.identity import random_bytes
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units
from tests.unit.casework.samples import record_for

STAFF = {
    "sav/eva": "Eva Ek",
    "sav/bo": "Bo Berg",
    "bops/pia": "Pia Po",
    "bops/per": "Per Pil",
    "sodermalm/olle": "Olle Ohlin",
}
ASSESSOR = {"name": "Pia Po", "role": "polis_bedomare"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two people at the unit, two at the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


def _at(hours: float) -> str:
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


async def _consent(units: Units) -> str:
    """A consent with a supplement, for a placement."""
    record = record_for("placering.behov")
    fields = units.consent_fields(
        "sav", ["sav", "bops", "sodermalm"],
        consent_id=random_bytes(16).hex(),
        principal_ref=random_bytes(16).hex(),
        supersedes=random_bytes(16).hex(),
        purposes=record.purposes,
        data_categories=record.data_categories,
        special_category=record.special_category,
        second_staff=record.witness_staff.__class__(name="Bo Berg", role="beslutsfattare"),
    )  # fmt: skip
    desk = units["sav/eva"].desk
    held = desk.consents.sign(fields)
    async with desk.context.vault.transaction():
        await desk.consents.keep(held)
    return held.consent_id.hex()


async def _reply(units: Units, key: str, to: str, kind: str, header: Any = None, **content: Any) -> dict[str, Any]:
    """Answer a document; where a second person is needed the colleague approves."""
    arguments = {"document_id": to, "kind": kind, "content": {**CONTENTS[kind], **content}, "header": header or {}}
    made: dict[str, Any] = await run(units[key].desk, "reply", arguments)
    await units.settle()
    if made["state"] == "awaiting":
        colleague = {"sav/eva": "sav/bo", "bops/pia": "bops/per"}[key]
        await run(units[colleague].desk, "approve", {"document_id": made["document_id"]})
        await units.settle()
    return made


async def _consent_id(units: Units) -> str:
    """The one consent that the unit holds."""
    (held,) = await run(units["sav/eva"].desk, "consent_list", {})
    return str(held["consent_id"])


async def _person(units: Units) -> str:
    """Key of the person of that consent."""
    shown = await run(units["sav/eva"].desk, "consent_show", {"consent_id": await _consent_id(units)})
    return str(shown["record"]["principal_ref"])


async def _state(units: Units, key: str, thread_id: str) -> str:
    found = await run(units[key].desk, "thread", {"thread_id": thread_id})
    return str(found["state"])


async def _ready(units: Units, checked: float = -0.1) -> tuple[str, str]:
    """A placement up to the move: ids of the need and of its thread; the place was checked those hours ago."""
    need = await run(
        units["sav/eva"].desk,
        "new",
        {
            "kind": "placering.behov",
            "to": "bops",
            "content": CONTENTS["placering.behov"],
            "header": {"subject_person": PERSON_BLOCK},
            "consent_id": await _consent(units),
        },
    )
    await units.settle()
    document_id, thread_id = need["document_id"], need["thread_id"]
    verdict = {"checked_at": _at(checked), "manual_review_by": ASSESSOR}
    with pytest.raises(RefusedError) as caught:
        await _reply(units, "bops/pia", document_id, "kollision.svar", **verdict)
    assert caught.value.code == "KOL-04"  # nobody has looked
    await _reply(units, "bops/pia", document_id, "kollision.egenkontroll", manual_review_by=ASSESSOR)
    assert await _state(units, "bops/per", thread_id) == "behov"
    await _reply(units, "bops/pia", document_id, "kollision.svar", **verdict)
    assert await _state(units, "sav/eva", thread_id) == "ort_foreslagen"
    await _reply(units, "sav/eva", document_id, "placering.ortsbesked", answer="godtas")
    await _reply(units, "sav/eva", document_id, "placering.ortsbesked", answer="klar_att_flytta")
    assert await _state(units, "bops/pia", thread_id) == "klar_att_flytta"
    return document_id, thread_id


async def test_a_move_waits_for_a_fresh_verdict(units: Units) -> None:
    """Need, verdict by two, place agreed on; a stale check stops the confirmation, a fresh one lets it through."""
    document_id, thread_id = await _ready(units, -30)
    person, move = {"subject_person": PERSON_BLOCK}, {"moves_at": _at(5)}
    with pytest.raises(RefusedError) as caught:
        await _reply(units, "sav/eva", document_id, "placering.bekraftelse", person, **move)
    assert caught.value.code == "KOL-02"
    await _reply(units, "bops/pia", document_id, "kollision.svar", checked_at=_at(-0.1), manual_review_by=ASSESSOR)
    confirmed = await _reply(units, "sav/eva", document_id, "placering.bekraftelse", person, **move)
    offices = ("sav/eva", "sav/bo", "bops/pia", "bops/per")
    assert {await _state(units, key, thread_id) for key in offices} == {"placerad"}
    got = await run(units["bops/pia"].desk, "show", {"document_id": confirmed["document_id"]})
    assert got["approved_by"]["name"] == "Bo Berg"


async def _hold(units: Units) -> None:
    """What her device queues from now on does not leave yet, as when it can still be taken back or there is no key."""
    async with units["sav/eva"].desk.context.vault.transaction():
        await units["sav/eva"].desk.context.vault.write(
            "CREATE TRIGGER hold AFTER INSERT ON outbox BEGIN"
            " UPDATE outbox SET next_at = unixepoch() + 300 WHERE document_id = NEW.document_id; END"
        )


async def _let_go(units: Units) -> int:
    """It may leave now; how many there are."""
    vault = units["sav/eva"].desk.context.vault
    async with vault.transaction():
        await vault.write("DROP TRIGGER hold")
        await vault.write("UPDATE outbox SET next_at = 0")
    count: int = await vault.value("SELECT count(*) FROM outbox")
    return count


@pytest.mark.parametrize("approved_first", [True, False])
async def test_a_place_found_unsuitable_meanwhile_stops_what_waits(units: Units, approved_first: bool) -> None:
    """Who it is does not go to the municipality when the police say no before it leaves, approved or not."""
    document_id, _ = await _ready(units)
    content = CONTENTS["placering.mottagarforfragan"]
    asked = await run(
        units["sav/eva"].desk, "new", {"kind": "placering.mottagarforfragan", "to": "sodermalm", "content": content}
    )
    await units.settle()
    await _reply(units, "sodermalm/olle", asked["document_id"], "placering.mottagarsvar")
    assert await _state(units, "sav/eva", asked["thread_id"]) == "tillagg_samtycke"
    confirmation = {
        "document_id": asked["document_id"],
        "kind": "placering.bekraftelse",
        "content": {**CONTENTS["placering.bekraftelse"], "moves_at": _at(5)},
        "header": {"subject_person": PERSON_BLOCK, "principal_ref": await _person(units)},
        "consent_id": await _consent_id(units),
    }
    waiting = await run(units["sav/eva"].desk, "reply", confirmation)
    assert waiting["state"] == "awaiting"
    await units.settle()
    approve = {"document_id": waiting["document_id"]}
    if approved_first:
        await run(units["sav/bo"].desk, "approve", approve)
        await _hold(units)
        await units.settle()
    no = {"verdict": "ort_olamplig", "checked_at": _at(-0.05), "manual_review_by": ASSESSOR}
    await _reply(units, "bops/pia", document_id, "kollision.svar", **no)
    if approved_first:
        assert await _let_go(units) == 1
    else:
        await run(units["sav/bo"].desk, "approve", approve)
    await units.settle()
    found = await run(units["sav/eva"].desk, "show", {"document_id": waiting["document_id"]})
    assert (found["state"], found["code"]) == ("stopped", "KOL-01")
    kinds = [row["kind"] for row in await run(units["sodermalm/olle"].desk, "list", {"direction": "in"})]
    assert kinds == ["placering.mottagarforfragan"]
