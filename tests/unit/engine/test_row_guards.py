"""Each guard of each row is needed: with it taken out of the table, a document goes through that must not.

A case is a document that is wrong in one way only, at a place where one guard of its step is asked. The guard refuses
it; with that guard out of the rows of that step nothing else does, in a real vault and directory. A guard in a new row,
or at a new moment, needs a case of its own here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from client.casework import row_guards as guard
from client.casework.consent import SignedPurpose
from client.casework.flow_tables import FLOWS
from client.casework.flows import Flow
from client.casework.row_guards import Guard, Stage
from client.engine import guarding
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.guarding import Guarding
from client.engine.threads import Threads
from keys.cards import Role
from keys.errors import RefusedError
from tests.kit.federation import Federation
from tests.unit.casework.samples import SAMPLES, record_as_dict, sample_record
from tests.unit.engine.test_circumstances import _in, keep, keep_thread, opened

Prepared = Callable[[Context, dict[str, Any], Stage], Awaitable[None]]


def _federation() -> Federation:
    """Beside the usual units: one that decides itself and takes nobody under LVM, and a provider nobody has checked."""
    federation = Federation.demo(devices=0)
    goals = {"closing_criteria": ["own_income"]}
    facts = {"gatekeeper": "enheten_sjalv", "takes_lvm": False, **goals}
    federation.add_unit("own", "stockholm", unit_type="avhopparenhet", facts=facts)
    federation.add_organisation("firman", "Firman AB", kind="utforare")
    federation.add_unit("firman", "firman", unit_type="utforare")
    return federation


FEDERATION: Final = _federation()


async def _nothing(_context: Context, _body: dict[str, Any], _stage: Stage) -> None:
    """The document itself is what is wrong."""


async def _in_care(context: Context, _body: dict[str, Any], _stage: Stage) -> None:
    await keep_thread(context, "intag", "undersoks")
    await keep(context, "intag.kontakt", "kept", custody="lvm")


async def _passed_on(context: Context, body: dict[str, Any], _stage: Stage) -> None:
    """A result that holds, of which the police have not said that it may go on."""
    await keep_thread(context, "hotbild", "resultat_lamnat")
    body["content"]["threat_result"] = (await keep(context, "hotbild.resultat", valid_until=_in(48)[:10])).hex()


async def _result_over(context: Context, body: dict[str, Any], _stage: Stage) -> None:
    await keep_thread(context, "hotbild", "resultat_lamnat")
    body["content"]["police_result"] = (await keep(context, "hotbild.resultat", valid_until=_in(-48)[:10])).hex()


async def _asked_elsewhere(context: Context, _body: dict[str, Any], _stage: Stage) -> None:
    await keep_thread(context, "overlamnande", "provas")


async def _placed(context: Context, _body: dict[str, Any], _stage: Stage) -> None:
    await keep_thread(context, "placering", "placerad")


async def _consent_held(context: Context, body: dict[str, Any], _stage: Stage) -> None:
    """A consent of the person, registered by the unit itself."""
    unit_id, day = context.unit_id.hex(), _in(24 * 90)[:10]
    purposes = (SignedPurpose(purpose="informationsutbyte", signed=True, valid_to=day),)
    record = sample_record(controller_unit=unit_id, valid_from=_in(-48)[:10], valid_to=day, purposes=purposes)
    consents = Consents(context)
    async with context.vault.transaction():
        await consents.keep(consents.sign(record_as_dict(record)))
    body["header"]["sender_unit"] = unit_id


async def _of_another(context: Context, body: dict[str, Any], stage: Stage) -> None:
    await _consent_held(context, body, stage)
    body["header"]["principal_ref"] = "81" * 16


async def _needed_twice(context: Context, body: dict[str, Any], stage: Stage) -> None:
    body["header"]["sender_unit"] = bytes(16).hex()
    for _ in range(2):
        await keep(context, "placering.behov", "accepted" if stage is Stage.ARRIVES else "available")


async def _asked_nearby(context: Context, body: dict[str, Any], stage: Stage) -> None:
    body["header"]["sender_unit"] = bytes(16).hex()
    await keep(context, body["header"]["message_type"], "accepted" if stage is Stage.ARRIVES else "available",
               cells=[{"kommun": "2480"}])  # fmt: skip


class Case(NamedTuple):
    """A document that one guard stops.

    Args:
        kind: of the document, from the samples.
        code: with which it is refused.
        unit: whose office it is.
        changes: of its content; None takes a field out.
        prepared: what the vault holds, and what the document says of that.
        to: key of the recipient, empty where it does not matter.
    """

    kind: str
    code: str
    unit: str = "sav"
    changes: dict[str, Any] = {}  # noqa: RUF012 - never changed
    prepared: Prepared = _nothing
    to: str = ""


CASES: Final[dict[tuple[str, str, Guard], Case]] = {
    ("intag", "send", guard.PRISON_ANSWERED): Case("intag.kontakt", "SCH", "own", {"awaiting_prison": None}),
    ("intag", "open", guard.DOOR_CHOSEN): Case("intag.svar", "DOOR", changes={"outcome": "oppnat"}),
    ("intag", "open", guard.CARE_TAKEN_HERE): Case(
        "intag.svar", "CARE", "own", {"outcome": "oppnat"}, prepared=_in_care
    ),
    ("intag", "open_here", guard.DOOR_CHOSEN): Case("intag.beslut", "DOOR"),
    ("intag", "open_here", guard.CARE_TAKEN_HERE): Case("intag.beslut", "CARE", "own", prepared=_in_care),
    ("hotbild", "decision", guard.RESULT_CURRENT): Case("malgrupp.beslut", "OLDTHREAT", prepared=_result_over),
    ("overlamnande", "send", guard.ONE_REQUEST): Case(
        "overlamnande.forfragan", "TWICE", prepared=_asked_elsewhere, to="sodermalm"
    ),
    ("overlamnande", "send", guard.RESULT_PASSABLE): Case(
        "overlamnande.forfragan", "NOPASS", prepared=_passed_on, to="sodermalm"
    ),
    ("overlamnande", "send", guard.CARE_TAKEN_THERE): Case(
        "overlamnande.forfragan", "CARE", prepared=_in_care, to="own"
    ),
    ("avslut", "send", guard.GOALS_REACHED): Case("avslut.notis", "SCH", "own", {"own_income": "okant"}),
    ("avslut", "send", guard.NO_PLACEMENT): Case("avslut.notis", "PLACED", prepared=_placed),
    ("aterkomst", "send", guard.CONSENT_NEW): Case("aterkomst.notis", "CNS-01"),
    ("aterkomst", "open", guard.DOOR_CHOSEN): Case("aterkomst.beslut", "DOOR"),
    ("aterkomst", "open", guard.CARE_TAKEN_HERE): Case("aterkomst.beslut", "CARE", "own", prepared=_in_care),
    ("samtycke", "refuse", guard.NO_CONSENT_HELD): Case("samtycke.vagrat", "HASCONSENT", prepared=_consent_held),
    ("samtycke", "remind", guard.END_DAY_RIGHT): Case(
        "samtycke.utgar", "SCH", changes={"valid_to": "2030-01-01"}, prepared=_consent_held
    ),
    ("samtycke", "entered_in_error", guard.RECORD_OURS): Case(
        "samtycke.felregistrerat", "CNS-09", prepared=_of_another
    ),
    ("kvittens", "send", guard.DOCUMENT_CAME): Case("kvittens.registrerad", "NODOC"),
    ("placering", "send", guard.CALM): Case("placering.behov", "REPEAT", "bops", prepared=_needed_twice),
    ("placering", "clear", guard.PLACE_CHECKED): Case("kollision.svar", "KOL-04", "bops"),
    ("placering", "confirm", guard.PLACE_CLEARED): Case("placering.bekraftelse", "KOL-01", "bops"),
    ("kollision", "send", guard.CALM): Case("kollision.forfragan", "REPEAT", "bops", prepared=_asked_nearby),
    ("utforare", "send", guard.PROVIDER_VERIFIED): Case("utforare.uppdrag", "PROVIDER", to="firman"),
}
#: Guards that are asked again, when the document leaves or where it comes to; the others when it is written.
AGAIN: Final = {
    guard.PLACE_CLEARED: {Stage.LEAVES, Stage.ARRIVES},
    guard.CALM: {Stage.LEAVES, Stage.ARRIVES},
    guard.PLACE_CHECKED: {Stage.LEAVES},
    guard.PROVIDER_VERIFIED: {Stage.LEAVES},
}
ASKED: Final = [(*key, stage) for key in CASES for stage in sorted({Stage.WRITTEN, *AGAIN.get(key[2], ())})]


def _without(flow: Flow, event: str, taken_out: Guard) -> Flow:
    """The life cycle without a guard in the rows of an event."""
    rows = [
        dataclasses.replace(row, guards=tuple(one for one in row.guards if row.event != event or one is not taken_out))
        for row in flow.rows
    ]
    return dataclasses.replace(flow, rows=tuple(rows))


async def _code(asking: Guarding, body: dict[str, Any], stage: Stage) -> str:
    try:
        await asking.require(body, stage)
    except RefusedError as error:
        return error.code
    return ""


def test_every_guard_of_every_row_has_a_case() -> None:
    """None is written into a table and forgotten here, nor the other way about."""
    assert {(flow.name, row.event, one) for flow in FLOWS.values() for row in flow.rows for one in row.guards} == set(
        CASES
    )
    assert all(one.asked == {Stage.WRITTEN, *AGAIN.get(one, ())} for _, _, one in CASES)


@pytest.mark.parametrize(
    ("flow", "event", "one", "stage"), ASKED, ids=lambda value: value.name if isinstance(value, Guard) else str(value)
)
async def test_without_the_guard_the_wrong_document_goes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flow: str, event: str, one: Guard, stage: Stage
) -> None:
    """With it the document is refused, without it nothing stops it."""
    case = CASES[flow, event, one]
    body = SAMPLES[case.kind]
    changed = body["content"] | case.changes
    body["content"] = {name: value for name, value in changed.items() if value is not None}
    if case.to:
        body["header"]["recipient_unit"] = FEDERATION.units[case.to].unit_id.hex()
    async with opened(tmp_path, case.unit, Role.HANDLAGGARE, federation=FEDERATION) as context:
        await case.prepared(context, body, stage)
        asking = Guarding(context, Consents(context), Threads(context.vault, context.clock))
        assert await _code(asking, body, stage) == case.code
        monkeypatch.setattr(guarding, "FLOWS", {**FLOWS, flow: _without(FLOWS[flow], event, one)})
        assert await _code(asking, body, stage) == ""
