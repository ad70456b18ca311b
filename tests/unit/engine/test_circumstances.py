"""What the vault says to the rules on placing somebody, with real vaults, bodies and roles."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.casework import row_guards
from client.casework.flow_tables import FLOWS
from client.casework.row_guards import Guard, Stage
from client.casework.swedish_time import local_date
from client.engine.alarms import Alarms
from client.engine.case_clocks import CLOSED_AT, CaseClocks
from client.engine.circumstances import Circumstances
from client.engine.clock import Clock
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.guarding import Guarding
from client.engine.log_trial import Own
from client.engine.names import AddressBook
from client.engine.prekeys import PrekeyBook
from client.engine.rollback import Rollback
from client.engine.searching import Searching
from client.engine.settings import Settings
from client.engine.thread import Thread
from client.engine.threads import Threads
from client.engine.trust import Replica
from client.engine.vault import Vault
from keys.cards import Role
from keys.codec import encode_body
from keys.errors import RefusedError
from keys.ids import Digest
from keys.private.identity import random_bytes
from tests.kit.federation import Federation
from tests.unit.casework.samples import PERSON, SAMPLES

FEDERATION = Federation.demo()
THREAD = bytes(16)


@contextlib.asynccontextmanager
async def opened(
    path: Path, unit_key: str, *roles: Role, federation: Federation = FEDERATION
) -> AsyncIterator[Context]:
    """An office's parts for one member of staff with these roles."""
    keeper = federation.enrol(unit_key, "Vera Vikarie", roles=roles)
    vault, clock = await Vault.open(path / "vault", bytes(32)), Clock()
    unit = federation.units[unit_key]
    own = Own(keeper.device_id, Digest(bytes(32)), 0)
    replica = Replica(vault, clock, federation.directory, hub_id=federation.hub_id, own=own)
    alarms = Alarms(vault, clock)
    try:
        yield Context(
            vault=vault,
            clock=clock,
            settings=Settings(),
            keeper=keeper,
            replica=replica,
            prekeys=PrekeyBook(vault, clock, replica, own.device_id),
            book=AddressBook(replica, keeper),
            alarms=alarms,
            rollback=Rollback(vault, keeper, alarms),
            unit_id=unit.unit_id,
            hub_id=federation.hub_id,
        )
    finally:
        await vault.close()


async def keep(context: Context, kind: str, state: str = "accepted", outcome: str = "applied", **content: Any) -> bytes:
    """A document of the sample's kind in the vault, in the one thread; its id."""
    body, document_id = SAMPLES[kind], random_bytes(16)
    body["content"] |= {name.removesuffix("_"): value for name, value in content.items()}
    direction = "in" if state == "accepted" else "out"
    async with context.vault.transaction():
        await context.vault.write(
            "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, unit_id, device_id,"
            " salt, body, consents, legal_basis, at, outcome)"
            " VALUES (?, ?, ?, ?, 'content', ?, ?, ?, ?, ?, ?, 'samtycke', ?, ?)",
            document_id, direction, state, kind, THREAD, bytes(16), bytes(32), bytes(32),
            encode_body(body), b"", context.clock.now(), outcome,
        )  # fmt: skip
    return document_id


async def keep_thread(context: Context, flow: str, state: str) -> None:
    """The one thread, about the person of the samples."""
    now = context.clock.now()
    thread = Thread(THREAD, flow, state, "fragare", bytes(16), PERSON, None, None, now, now)
    async with context.vault.transaction():
        await Threads(context.vault, context.clock).save(thread, "send", None)


def _in(hours: int) -> str:
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _guarding(context: Context) -> Guarding:
    return Guarding(context, Consents(context), Threads(context.vault, context.clock))


async def _writes(context: Context, body: dict[str, Any]) -> None:
    await _guarding(context).require(body, Stage.WRITTEN)


async def _gets(context: Context, body: dict[str, Any]) -> None:
    await _guarding(context).require(body, Stage.ARRIVES)


async def _code(asked: Any) -> str:
    try:
        await asked
    except RefusedError as error:
        return error.code
    return ""


async def test_a_case_is_found_without_going_through_the_others(tmp_path: Path) -> None:
    """Its threads by the person's key, by an index; none where no key is known."""
    async with opened(tmp_path, "sav", Role.HANDLAGGARE) as context:
        await keep_thread(context, "plan", "pagar")
        threads, asked = Threads(context.vault, context.clock), set[str]()
        reader: Any = context.vault
        reader._reader._conn.set_trace_callback(asked.add)
        assert [one.thread_id for one in await threads.of_person(PERSON)] == [THREAD]
        assert await threads.of_person(None) == await threads.of_person("81" * 16) == []
        apart = context.vault.apart()
        plans = [row[-1] for one in asked for row in apart.execute(f"EXPLAIN QUERY PLAN {one}") if "FROM thread" in one]
        apart.close()
        assert plans
        assert all("thread_principal" in plan for plan in plans)


async def test_every_guard_stands_in_a_row_and_is_asked(tmp_path: Path) -> None:
    """One declaration: what is named is written into a row, what is in a row is asked, and nothing else is."""
    named = {one for one in vars(row_guards).values() if isinstance(one, Guard)}
    written = {one for flow in FLOWS.values() for row in flow.rows for one in row.guards}
    async with opened(tmp_path, "sav", Role.HANDLAGGARE) as context:
        assert named == written == _guarding(context).asks.keys()


@pytest.mark.parametrize(
    ("state", "checked", "verdict", "code"),
    [
        ("accepted", -1, "gront_inga_hinder_kanda", ""),
        ("accepted", -23, "gront_inga_hinder_kanda", "KOL-02"),
        ("accepted", -1, "ort_olamplig", "KOL-01"),
        ("available", -1, "gront_inga_hinder_kanda", ""),
        ("stopped", -1, "gront_inga_hinder_kanda", "KOL-01"),
        ("recalled", -1, "gront_inga_hinder_kanda", "KOL-01"),
    ],
)
async def test_a_confirmation_stands_on_the_verdict_in_the_vault(
    tmp_path: Path, state: str, checked: int, verdict: str, code: str
) -> None:
    """It leaves, and the police take it in, only when they cleared the place within the day before the move."""
    body = SAMPLES["placering.bekraftelse"]
    body["content"]["moves_at"] = _in(2)
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        await keep_thread(context, "placering", "klar_att_flytta")
        assert await _code(_writes(context, body)) == "KOL-01"
        await keep(context, "kollision.svar", state, verdict=verdict, checked_at=_in(checked))
        assert await _code(_writes(context, body)) == code
        assert await _code(_gets(context, body)) == code
        body["header"]["principal_ref"] = "81" * 16
        assert await _code(_writes(context, body)) == "KOL-01"


@pytest.mark.parametrize(("verdict", "code"), [("gront_inga_hinder_kanda", ""), ("ort_olamplig", "KOL-01")])
async def test_a_verdict_that_another_document_overtook_warns_and_does_not_clear(
    tmp_path: Path, verdict: str, code: str
) -> None:
    """What had no effect on its thread is no leave to place somebody; that the place is unfit is heard all the same."""
    body = SAMPLES["placering.bekraftelse"]
    body["content"]["moves_at"] = _in(2)
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        await keep_thread(context, "placering", "klar_att_flytta")
        checked_at = _in(-1)
        await keep(context, "kollision.svar", outcome="overtaken", verdict=verdict, checked_at=checked_at)
        assert await _code(_writes(context, body)) == "KOL-01"
        await keep(context, "kollision.svar", verdict="gront_inga_hinder_kanda", checked_at=_in(-2))
        assert await _code(_writes(context, body)) == code


async def test_the_receiving_municipality_knows_no_verdict(tmp_path: Path) -> None:
    """It takes a confirmation in without one; other documents ask for none at all."""
    async with opened(tmp_path, "sodermalm", Role.HANDLAGGARE) as context:
        assert await _code(_gets(context, SAMPLES["placering.bekraftelse"])) == ""
        assert await _code(_writes(context, SAMPLES["placering.lagesrapport"])) == ""


@pytest.mark.parametrize(
    ("outcome", "place", "code"),
    [
        ("ingen_traff", "2480", ""),
        ("traff", "2480", "KOL-03"),
        ("osakert", "2480", "KOL-03"),
        ("", "2480", "KOL-03"),
        ("traff", "1280", "KOL-04"),
        ("ingen_traff", "1280", "KOL-04"),
    ],
)
async def test_a_green_answer_stands_on_what_was_asked_of_that_place(
    tmp_path: Path, outcome: str, place: str, code: str
) -> None:
    """Questions about this placement and municipality count, each by its newest answer, until it is removed."""
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        body = _checked_now()
        assert await _code(_writes(context, body)) == "KOL-04"  # nobody was asked
        await keep(context, "kollision.forfragan", "available", placement="cd" * 16, cells=[{"kommun": "2480"}])
        assert await _code(_writes(context, body)) == "KOL-04"  # of another placement
        asked = {"placement": body["header"]["thread_id"], "cells": [{"kommun": place}]}
        await keep(context, "kollision.forfragan", "available", **asked)
        for said in ("traff", outcome) if outcome else ():
            await keep(context, "kollision.utfall", outcome_=said)
        assert await _code(_writes(context, body)) == code
        unfit = {**body, "content": {**body["content"], "verdict": "ort_olamplig"}}
        assert await _code(_writes(context, unfit)) == ""
        await keep(context, "kollision.borttagen", "available")
        assert await _code(_writes(context, body)) == "KOL-04"


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([("2480", "ingen_traff")], ""),
        ([("2480", "osakert")], "KOL-03"),
        ([("2480", "ingen_traff"), ("2480", "traff")], "KOL-03"),
        ([("2480", "traff"), ("2480", "ingen_traff")], ""),
        ([("1280", "ingen_traff")], "KOL-04"),
    ],
)
async def test_a_green_answer_stands_on_the_own_check(tmp_path: Path, checks: list[tuple[str, str]], code: str) -> None:
    """What two officers found themselves counts by its newest word about that place; of another day it does not."""
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        body = _checked_now()
        body["header"]["thread_id"] = THREAD.hex()
        for place, said in checks:
            await keep(context, "kollision.egenkontroll", "kept", place=place, outcome_=said)
        assert await _code(_writes(context, body)) == code
        body["header"]["thread_id"] = "07" * 16
        assert await _code(_writes(context, body)) == "KOL-04"  # another placement
        body["header"]["thread_id"], body["content"]["checked_at"] = THREAD.hex(), _in(25)
        assert await _code(_writes(context, body)) == (code or "KOL-04")


def _checked_now() -> dict[str, Any]:
    """A green answer to the unit, about a check of this hour."""
    body: dict[str, Any] = SAMPLES["kollision.svar"]
    body["content"]["checked_at"] = _in(0)
    return body


@pytest.mark.parametrize(
    ("question", "placement", "reminded"),
    [
        ("besvarad", "upphord", True),
        ("fragad", "avbruten", True),
        ("besvarad", "placerad", False),
        ("borttagen", "upphord", False),
    ],
)
async def test_a_question_about_a_placement_that_is_over_is_to_be_removed(
    tmp_path: Path, question: str, placement: str, reminded: bool
) -> None:
    """The police are reminded of their own question until it is removed, and of none whose placement goes on."""
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        key, threads = bytes([7]) * 16, Threads(context.vault, context.clock)
        await keep_thread(context, "kollision", question)
        await keep(context, "kollision.forfragan", "available", placement=key.hex())
        now = context.clock.now()
        about = Thread(key, "placering", placement, "mottagare", bytes(16), PERSON, None, None, now, now)
        async with context.vault.transaction():
            await threads.save(about, "end", None)
            clock, entries = CaseClocks(context, Consents(context)).parts[b"entries"]
            found = await entries()
        assert [one.clock for one in found] == ([clock.name] if reminded else [])


@pytest.mark.parametrize(
    ("unit", "plan", "followed", "reminded"),
    [
        ("ny", "pagar", 0, True),
        ("ny", "avslutad", 0, False),
        ("ny", "pagar", 1, False),
        ("sav", "pagar", 0, False),
    ],
)
async def test_a_unit_that_follows_up_at_each_review_is_reminded_of_it(
    tmp_path: Path, unit: str, plan: str, followed: int, reminded: bool
) -> None:
    """On the day that the newest plan names, until there was a follow-up since; elsewhere and afterwards not."""
    federation = Federation.demo()
    federation.add_organisation("nystad", "Nystads kommun")
    federation.add_unit("ny", "nystad", unit_type="avhopparenhet", facts={"follow_up": "vid_omprovning"})
    async with opened(tmp_path, unit, Role.HANDLAGGARE, federation=federation) as context:
        await keep_thread(context, "plan", plan)
        for review_date in ("2027-01-01", "2027-02-01"):
            await keep(context, "plan.upprattad", "available", review_date=review_date)
        now = context.clock.now()
        later = Thread(bytes([7]) * 16, "uppfoljning", "begard", "fragare", bytes(16), PERSON, None, None, now, now)
        async with context.vault.transaction():
            if followed:
                await Threads(context.vault, context.clock).save(later, "send", None)
            clock, reviews = CaseClocks(context, Consents(context)).parts[b"reviews"]
            found = await reviews()
        assert [one.clock for one in found] == ([clock.name] if reminded else [])
        assert [datetime.datetime.fromtimestamp(one.due_at, datetime.UTC).month for one in found] == [2] * len(found)


@pytest.mark.parametrize(
    ("state", "closed"),
    [("foreslagen", False), ("avslutas_inte", False), ("beslutad", True), ("arkivklar", True)],
)
async def test_a_case_that_is_only_proposed_to_close_is_open(tmp_path: Path, state: str, closed: bool) -> None:
    """What runs while a case is open runs until the notice; a proposal, and one that was not followed, end nothing."""
    async with opened(tmp_path, "sav", Role.HANDLAGGARE) as context:
        threads, now = Threads(context.vault, context.clock), context.clock.now()
        ids = {"hotbild": bytes([5]) * 16, "avslut": bytes([6]) * 16}
        rows = (("hotbild", "malgrupp_beslutad"), ("avslut", state))
        async with context.vault.transaction():
            for flow, where in rows:
                one = Thread(ids[flow], flow, where, "fragare", bytes(16), PERSON, None, None, now, now)
                await threads.save(one, "send", None)
        asked = "SELECT " + CLOSED_AT + " FROM thread a WHERE flow = 'avslut'"  # noqa: S608 - constant words
        assert (await context.vault.value(asked) is not None) is closed


async def test_the_unit_that_is_asked_notices_a_search_too(tmp_path: Path) -> None:
    """A program that looks away does not get round it: the same rule, of what came from that unit."""
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        body = SAMPLES["kollision.forfragan"]
        body["header"]["sender_unit"] = bytes(16).hex()
        await keep(context, "kollision.forfragan", "available", cells=[{"kommun": "2480"}])
        assert await _code(_gets(context, body)) == ""  # one's own are another's
        await keep(context, "kollision.forfragan", "accepted", cells=[{"kommun": "2480"}])
        assert await _code(_gets(context, body)) == "REPEAT"
        body["header"]["sender_unit"] = "ab" * 16
        assert await _code(_gets(context, body)) == ""
        body["header"]["sender_unit"] = bytes(16).hex()
        decided = {"decided_by": {"name": "Per Polis", "role": "polis_bedomare"}, "reason": "Brådskande"}
        body["content"]["repeat_decision"] = decided
        assert await _code(_gets(context, body)) == ""


async def test_a_search_for_somebody_needs_a_decision(tmp_path: Path) -> None:
    """A question about a place beside one asked about before is refused until a named person has decided."""
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        body = SAMPLES["kollision.forfragan"]
        assert await _code(_writes(context, body)) == ""
        await keep(context, "kollision.forfragan", "stopped", cells=[{"kommun": "2480"}])
        assert await _code(_writes(context, body)) == ""
        await keep(context, "kollision.forfragan", "accepted", cells=[{"kommun": "2480"}])
        assert await _code(_writes(context, body)) == ""
        await keep(context, "kollision.forfragan", "available", cells=[{"kommun": "2480"}])
        assert await _code(_writes(context, body)) == "REPEAT"
        decided = {"decided_by": {"name": "Per Polis", "role": "polis_bedomare"}, "reason": "Brådskande"}
        body["content"]["repeat_decision"] = decided
        assert await _code(_writes(context, body)) == ""


async def test_a_need_that_is_told_again_and_again_needs_a_decision(tmp_path: Path) -> None:
    """The third of one person within thirty days, at both ends; the same person by her identity in another case too."""
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE) as context:
        body = SAMPLES["placering.behov"]
        body["header"] |= {"sender_unit": bytes(16).hex(), "principal_ref": "81" * 16}
        for state, check in (("available", _writes), ("accepted", _gets)):
            for _ in range(2):
                assert await _code(check(context, body)) == ""
                await keep(context, "placering.behov", state)
            assert await _code(check(context, body)) == "REPEAT"
            somebody = {**body["header"]["subject_person"], "id_value": "199001012384"}
            other = {**body, "header": {**body["header"], "subject_person": somebody, "thread_id": "09" * 16}}
            assert await _code(check(context, other)) == ""
            decided = {"decided_by": {"name": "Bo Berg", "role": "beslutsfattare"}, "reason": "Flytten blev inte av"}
            assert (
                await _code(check(context, {**body, "content": {**body["content"], "repeat_decision": decided}})) == ""
            )


async def test_an_order_goes_to_a_provider_that_the_directory_vouches_for(tmp_path: Path) -> None:
    """Off for a provider of which the directory says nothing, on for one that is verified and checked."""
    today = local_date(datetime.datetime.now(datetime.UTC))
    facts = {"verified_until": str(today), "otillaten_paverkan_kontroll": str(today - datetime.timedelta(days=3))}
    federation = Federation.demo()
    federation.add_organisation("firman", "Firman AB", kind="utforare")
    known = federation.add_unit("known", "firman", unit_type="utforare", facts=facts)
    unknown = federation.add_unit("unknown", "firman", unit_type="utforare")
    dated = [{"value": str(today), "valid_to": str(today - datetime.timedelta(days=1))}]
    over = federation.add_unit("over", "firman", unit_type="utforare", facts={**facts, "verified_until": dated})
    async with opened(tmp_path, "sav", Role.HANDLAGGARE, federation=federation) as context:
        for unit, code in ((known, ""), (unknown, "PROVIDER"), (over, "PROVIDER")):
            body = SAMPLES["utforare.uppdrag"]
            body["header"]["recipient_unit"] = unit.unit_id.hex()
            assert await _code(_writes(context, body)) == code


@pytest.mark.parametrize(
    ("unit", "role", "kind", "state", "code"),
    [
        ("sav", Role.HANDLAGGARE, "placering.bekraftelse", "placerad", ""),
        ("sav", Role.TELEFON, "placering.bekraftelse", "placerad", "READER"),
        ("sav", Role.TELEFON, "konsultation.fraga", "pagar", ""),
        ("bops", Role.POLIS_BEDOMARE, "kollision.forfragan", "besvarad", ""),
        ("bops", Role.HANDLAGGARE, "kollision.forfragan", "besvarad", "READER"),
        ("bops", Role.POLIS_BEDOMARE, "kollision.forfragan", "borttagen", "ENTRY"),
        ("bops", Role.POLIS_BEDOMARE, "kollision.utfall", "borttagen", "ENTRY"),
        ("bops", Role.POLIS_BEDOMARE, "kollision.borttagen", "borttagen", ""),
        ("bops", Role.POLIS_BEDOMARE, "placering.upphor", "upphord", ""),
        ("sav", Role.HANDLAGGARE, "finns.inte", "upphord", ""),
    ],
)
async def test_who_may_read(tmp_path: Path, unit: str, role: Role, kind: str, state: str, code: str) -> None:
    """What places somebody is for certain roles, and an entry that was removed for nobody."""
    async with opened(tmp_path, unit, role) as context:
        await keep_thread(context, kind.partition(".")[0], state)
        assert await _code(Circumstances(context).require_reader(kind, THREAD)) == code


async def test_what_places_somebody_is_not_searched(tmp_path: Path) -> None:
    """No word of a confirmation is in the index; its title is, and the words of other documents are."""
    async with opened(tmp_path, "sav", Role.TELEFON) as context:
        await keep(context, "placering.bekraftelse", address="Storgatan")
        await keep(context, "konsultation.svar", advice="Storgatan")
        searching = Searching(context)
        assert [one.kind for one in (await searching.search("Storgatan")).found] == ["konsultation.svar"]
        assert [one.kind for one in (await searching.search("bekräftelse")).found] == ["placering.bekraftelse"]
