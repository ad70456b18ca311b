"""A sender whose program keeps no consent rule, all the way: the hub, the recipient's refusal, the receipt back.

Here are the codes that need a unit of their own at the other end: CNS-10 a private provider, CNS-11 a placement.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from client.api.commands import run
from client.casework import rules
from client.casework.consent import PrivateParty
from client.casework.header import Staff
from client.casework.question import Context
from client.casework.row_guards import Stage
from client.casework.validate import Message, validate_body
from client.engine.guarding import Guarding
from client.engine.unit_sync import approving
from keys.private.identity import random_bytes
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows
from tests.unit.casework.samples import record_for

pytestmark = pytest.mark.asyncio(loop_scope="module")
STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin", "stodet/klara": "Klara Dal"}
ORDER, REPORT, CONFIRMED = "utforare.uppdrag", "utforare.rapport", "placering.bekraftelse"
TODAY = datetime.datetime.now(datetime.UTC).date()


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Federation, HubProcess]]:
    """The usual federation and a provider whom the directory calls checked; its hub runs."""
    federation = Federation.demo(devices=0, now=int(time.time()))
    federation.add_organisation("stodet", "Stödet AB", kind="utforare")
    checked = {
        "verified_until": (TODAY + datetime.timedelta(days=200)).isoformat(),
        "otillaten_paverkan_kontroll": (TODAY - datetime.timedelta(days=10)).isoformat(),
    }
    federation.add_unit("stodet", "stodet", unit_type="utforare", facts=checked)
    with HubProcess.create(tmp_path_factory.mktemp("hub"), federation).running() as hub:
        yield federation, hub


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def units(
    founded: tuple[Federation, HubProcess], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Units]:
    """Two people at sav, a municipality that receives, a provider."""
    federation, hub = founded
    async with open_units(Path(tmp_path_factory.mktemp("units")), hub.url, federation, STAFF) as opened:
        yield opened


@pytest.fixture
def lawless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends, and her colleague, asks neither the consent nor the police; whoever receives asks as always."""
    real = rules._decide

    def only_at_the_recipient(message: Message, context: Context, *, received: bool) -> None:
        if received:
            real(message, context, received=received)

    asked = Guarding.require

    async def only_what_comes(self: Guarding, body: dict[str, Any], stage: Stage, *, hour: int = 0) -> None:
        if stage is Stage.ARRIVES:
            await asked(self, body, stage, hour=hour)

    monkeypatch.setattr(rules, "_decide", only_at_the_recipient)
    monkeypatch.setattr(approving, "check_reshared", lambda question: validate_body(question.body, question.opening))
    monkeypatch.setattr(Guarding, "require", only_what_comes)


async def consent(units: Units, kind: str, to: str, **changes: Any) -> str:
    """A record at sav that covers a kind for a unit, but for the changes."""
    record = record_for(kind)
    line = PrivateParty(org=units.unit("stodet").hex(), purpose="informationsutbyte", signed=True)
    fields = units.consent_fields(
        "sav",
        ["sav", "bops", *([] if to == "stodet" else [to])],
        consent_id=random_bytes(16).hex(),
        principal_ref=random_bytes(16).hex(),
        supersedes=random_bytes(16).hex(),
        purposes=record.purposes,
        data_categories=record.data_categories,
        special_category=record.special_category,
        private_parties=(line,),
        second_staff=Staff(name="Bo Berg", role="beslutsfattare"),
    )
    fields |= changes
    desk = units["sav/eva"].desk
    held = desk.consents.sign({name: value for name, value in fields.items() if value is not None})
    async with desk.context.vault.transaction():
        await desk.consents.keep(held)
    return held.consent_id.hex()


async def ordered(units: Units, **changes: Any) -> str:
    """An order to the provider; its document id."""
    asked = {"kind": ORDER, "to": "stodet", "content": CONTENTS[ORDER], "header": {"subject_person": PERSON_BLOCK}}
    made = await run(
        units["sav/eva"].desk, "new", asked | {"consent_id": await consent(units, ORDER, "stodet", **changes)}
    )
    await units.settle()
    return str(made["document_id"])


async def placed(units: Units, **changes: Any) -> str:
    """A confirmation of a placement, signed by two, to the municipality that receives; its document id."""
    eva, olle = units["sav/eva"].desk, units["sodermalm/olle"].desk
    question = "placering.mottagarforfragan"
    begun = await run(eva, "new", {"kind": question, "to": "sodermalm", "content": CONTENTS[question]})
    await units.settle()
    answer = {"document_id": begun["document_id"], "kind": "placering.mottagarsvar"}
    await run(olle, "reply", answer | {"content": CONTENTS["placering.mottagarsvar"]})
    await units.settle()
    made = await run(
        eva,
        "reply",
        {
            "document_id": begun["document_id"],
            "kind": CONFIRMED,
            "content": CONTENTS[CONFIRMED],
            "header": {"subject_person": PERSON_BLOCK},
            "consent_id": await consent(units, "placering.behov", "sodermalm", **changes),
        },
    )
    await units.settle()
    assert made["state"] == "awaiting"
    await run(units["sav/bo"].desk, "approve", {"document_id": made["document_id"]})
    await units.settle()
    return str(made["document_id"])


async def end_of(units: Units, key: str, document_id: str) -> tuple[Any, ...]:
    """How it ended at the sender, whether the recipient has it, and the code with which it was put aside there."""
    (sent,) = await rows(units["sav/eva"], f"state, code FROM document WHERE document_id = x'{document_id}'")
    came = await rows(units[key], f"1 FROM document WHERE document_id = x'{document_id}'")
    aside = await rows(units[key], f"code, envelope FROM quarantine WHERE document_id = x'{document_id}'")
    assert all(envelope for _, envelope in aside)  # it is received: what came is kept, sealed
    return (*sent, bool(came), *(code for code, _ in aside))


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize("line", ["none", "unsigned", "of-another-purpose", "of-another-provider"])
async def test_a_provider_refuses_an_order_without_its_own_line(units: Units, line: str) -> None:
    """CNS-10: the provider's program puts the order aside, and the sender reads that it was refused, with the code."""
    sound = {"org": units.unit("stodet").hex(), "purpose": "informationsutbyte", "signed": True}
    lines = {
        "none": [],
        "unsigned": [sound | {"signed": False}],
        "of-another-purpose": [sound | {"purpose": "hotbildsbedomning"}],
        "of-another-provider": [sound | {"org": units.unit("telefon").hex()}],
    }
    document_id = await ordered(units, private_parties=lines[line])
    assert await end_of(units, "stodet/klara", document_id) == ("refused", "CNS-10", False, "CNS-10")
    assert await run(units["stodet/klara"].desk, "consent_list", {}) == []


async def test_a_provider_takes_an_order_and_its_report_comes_back(units: Units) -> None:
    """The control: with the line it is taken; the report leans on the same consent and encloses nothing."""
    document_id = await ordered(units)
    assert (await end_of(units, "stodet/klara", document_id))[2:] == (True,)
    asked = {"document_id": document_id, "kind": REPORT, "content": CONTENTS[REPORT]}
    report = (await run(units["stodet/klara"].desk, "reply", asked))["document_id"]
    await units.settle()
    got = await run(units["sav/eva"].desk, "show", {"document_id": report})
    sent = await run(units["sav/eva"].desk, "show", {"document_id": document_id})
    assert got["header"]["disclosure_basis"] == "samtycke"
    assert (got["header"]["consent_ref"], got["consents"]) == (sent["header"]["consent_ref"], [])


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize("code", ["CNS-11", "CNS-03", ""])
async def test_a_municipality_refuses_a_placement_without_a_supplement_that_names_it(units: Units, code: str) -> None:
    """CNS-11, also when two have signed, where no supplement was; CNS-03 where it names no unit."""
    whole = {"authority": "socialtjanst", "role": "bada", "named": True}
    unnamed = [whole, whole | {"unit": units.unit("sav").hex()}, whole | {"authority": "polis"}]
    changes: dict[str, dict[str, Any]] = {"CNS-11": {"supersedes": None}, "CNS-03": {"parties": unnamed}, "": {}}
    document_id = await placed(units, **changes[code])
    end = await end_of(units, "sodermalm/olle", document_id)
    if code:
        assert end == ("refused", code, False, code)
    else:
        assert end[2:] == (True,)  # the control
