"""Two people answer for a document: written by one, approved by another, sent by the first; and all else."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import run
from client.engine.clock import Clock
from client.engine.folder import Folder
from client.engine.office import Desk, Office
from client.engine.writing import Order
from keys.cards import Role
from keys.errors import RefusedError
from keys.internal import ApprovalRequest, Decision, Outcome
from keys.private.identity import random_bytes
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PASSPHRASE, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sav/ulla": "Ulla Um", "bops/pia": "Pia Po"}
PLACE = {"purpose": "ny_ort", "proposed_place": "1280"}
KIND = "hotbild.begaran"
WORDS = "document_id, outcome, device_id, at, code, reason, approval FROM decision"


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Three devices at sav, one at the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def consent_of(units: Units, key: str) -> str:
    """A consent that names sav and bops, registered at a device; its id."""
    fresh = {"consent_id": random_bytes(16).hex(), "principal_ref": random_bytes(16).hex()}
    desk = units[key].desk
    held = desk.consents.sign(units.consent_fields("sav", ["sav", "bops"], **fresh))
    async with desk.context.vault.transaction():
        await desk.consents.keep(held)
    return held.consent_id.hex()


async def ask(
    units: Units, key: str = "sav/eva", *, header: dict[str, Any] | None = None, **content: Any
) -> dict[str, Any]:
    """A request to the police that names a new place: two must answer for it."""
    made: dict[str, Any] = await run(
        units[key].desk,
        "new",
        {
            "kind": KIND,
            "to": "bops",
            "content": CONTENTS[KIND] | PLACE | content,
            "header": {"subject_person": PERSON_BLOCK} | (header or {}),
            "consent_id": await consent_of(units, key),
        },
    )
    return made


async def waiting(desk: Desk) -> list[tuple[str, str]]:
    """State and obstacle of what stands in the list of approvals."""
    return [(row["state"], row["obstacle"]) for row in await run(desk, "approvals", {})]


async def refused(desk: Desk, command: str, document_id: str, **more: str) -> str:
    """The code with which a command is refused."""
    with pytest.raises(RefusedError) as caught:
        await run(desk, command, {"document_id": document_id, **more})
    return caught.value.code


async def arrived(units: Units) -> list[str]:
    """Kinds that the police have."""
    return [kind for (kind,) in await rows(units["bops/pia"], "kind FROM document WHERE direction = 'in'")]


async def test_one_writes_another_approves_and_it_arrives_with_both(units: Units) -> None:
    """Nothing leaves before; the second sees what the recipient gets; the recipient sees who approved."""
    eva, bo, pia = (units[key].desk for key in ("sav/eva", "sav/bo", "bops/pia"))
    made = await ask(units)
    assert made["state"] == "awaiting"
    await units.settle()
    assert await arrived(units) == []
    assert await waiting(eva) == [("awaiting", "OWNDRAFT")]
    assert await waiting(bo) == [("awaiting", "")]
    assert (await run(bo, "status", {}))["approvals"] == 1
    seen = await run(bo, "approval_show", {"document_id": made["document_id"][:6]})
    assert (seen["author"], seen["unit"], seen["content"]["proposed_place"]) == ("Eva Ek", "Bops", "1280")
    assert seen["header"]["disclosure_basis"] == "samtycke"
    assert await refused(eva, "approve", made["document_id"]) == "OWNDRAFT"
    assert (await run(bo, "approve", {"document_id": made["document_id"]}))["state"] == "approved"
    assert await refused(bo, "approve", made["document_id"]) == "DECIDED"
    await units.settle()
    assert await arrived(units) == [KIND]
    got = await run(pia, "show", {"document_id": made["document_id"]})
    assert (got["header"], got["content"]) == (seen["header"], seen["content"])
    assert (got["approved_by"]["name"], got["header"]["sender_staff"]["name"]) == ("Bo Berg", "Eva Ek")
    for desk in (eva, bo, units["sav/ulla"].desk):
        assert await waiting(desk) == []
        sent = await run(desk, "list", {"direction": "out"})
        assert [(row["document_id"], row["state"]) for row in sent] == [(made["document_id"], "available")]


async def test_the_thread_shows_what_waits(units: Units) -> None:
    """Before anything has left, the thread, the list and the document itself say that a colleague must approve it."""
    made = await ask(units)
    await units.settle()
    for key in ("sav/eva", "sav/ulla"):
        desk = units[key].desk
        listed = await run(desk, "list", {"state": "awaiting"})
        assert [row["document_id"] for row in listed] == [made["document_id"]]
        assert [row["state"] for row in await run(desk, "threads", {})] == ["awaiting"]
        thread = await run(desk, "thread", {"thread_id": made["thread_id"][:8]})
        assert (thread["state_label"], len(thread["documents"])) == ("väntar på godkännande", 1)
        assert (await run(desk, "show", {"document_id": made["document_id"]}))["state"] == "awaiting"
    assert await run(units["sav/eva"].desk, "list", {"direction": "in"}) == []


async def test_declined_with_a_reason_and_never_sent(units: Units) -> None:
    """Its author reads why; an approval that comes all the same changes nothing, on no device."""
    eva, bo, ulla = (units[key].desk for key in ("sav/eva", "sav/bo", "sav/ulla"))
    made = await ask(units)
    await units.settle()
    await run(ulla, "approve", {"document_id": made["document_id"]})  # offline: neither knows of the other
    await run(bo, "decline", {"document_id": made["document_id"], "reason": "Fel ort."})
    await units.without("sav/ulla").settle()
    assert [(row["state"], row["reason"]) for row in await run(eva, "approvals", {})] == [("declined", "Fel ort.")]
    await units.settle()
    assert await arrived(units) == []
    for desk in (eva, bo, ulla):
        rows_here = await run(desk, "approvals", {})
        assert [(row["state"], row["decided_by"]) for row in rows_here] == [("declined", "Bo Berg")]


async def test_its_author_takes_it_back(units: Units) -> None:
    """Nobody can approve it then, and an approval that was on its way comes too late."""
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    made = await ask(units)
    await units.settle()
    await run(bo, "approve", {"document_id": made["document_id"]})
    assert await refused(bo, "approval_withdraw", made["document_id"]) == "NOTAUTHOR"
    await run(eva, "approval_withdraw", {"document_id": made["document_id"]})
    await units.settle()
    assert await arrived(units) == []
    assert await waiting(bo) == [("stopped", "DECIDED")]
    assert await refused(eva, "approval_withdraw", made["document_id"]) == "DECIDED"


async def test_rules_are_asked_again_when_it_has_been_approved(units: Units) -> None:
    """A consent that was withdrawn meanwhile stops it, with an alarm for its author."""
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    made = await ask(units)
    await units.settle()
    await run(bo, "approve", {"document_id": made["document_id"]})
    reference = (await run(eva, "approval_show", {"document_id": made["document_id"]}))["consent_id"]
    held = await eva.consents.get(bytes.fromhex(reference))
    assert held is not None
    at = held.record.valid_from + "T08:00:00Z"
    await eva.withdrawing.withdraw(held.consent_id, {"received_how": "telefon", "at": at}, eva.writing)
    await units.settle()
    assert await arrived(units) == []
    assert [(row["state"], row["code"]) for row in await run(bo, "approvals", {})] == [("stopped", "CNS-08")]
    assert "NOTSENT" in [alarm["code"] for alarm in await run(eva, "alarms", {})]
    assert await refused(bo, "approve", made["document_id"]) == "DECIDED"


async def test_words_in_any_order_and_twice_leave_a_request_where_it_stands(units: Units) -> None:
    """Approved, declined, withdrawn at three machines that did not hear of each other; one hears all or some."""
    made = await ask(units)
    await units.settle()
    one = {"document_id": made["document_id"]}
    await run(units["sav/bo"].desk, "approve", one)
    await run(units["sav/ulla"].desk, "decline", one | {"reason": "Fel ort."})
    ((author, at, salt, body),) = await rows(units["sav/eva"], "author, at, salt, body FROM request")
    await run(units["sav/eva"].desk, "approval_withdraw", one)
    said = [
        Decision(document_id, Outcome(outcome), *rest)
        for key in ("sav/bo", "sav/ulla", "sav/eva")
        for document_id, outcome, *rest in await rows(units[key], WORDS)
    ]
    assert [word.outcome for word in said] == list(Outcome)
    vault, requests = units["sav/ulla"].desk.context.vault, units["sav/ulla"].desk.approving._requests
    for number in range(len(said) + 1):
        for words in itertools.combinations(said, number):
            for order in itertools.permutations([ApprovalRequest(author, at, salt, body), *words]):
                async with vault.transaction():
                    for table in ("request", "decision"):
                        await vault.write(f"DELETE FROM {table}")  # noqa: S608 - constant names
                    for told in (*order, order[0]):
                        await (
                            requests.take_decision(told) if isinstance(told, Decision) else requests.take_request(told)
                        )
                found = await requests.get(bytes.fromhex(made["document_id"]))
                assert (found.state, found.decision) == ((words[-1].outcome, words[-1]) if words else ("open", None))


async def test_a_second_person_needs_the_role(units: Units) -> None:
    """Whoever is no decision-maker cannot approve, and what nobody could approve is not even held."""
    kim = (await units.join("sav/kim", "Kim Kask", roles=[Role.HANDLAGGARE])).desk
    await units.know_each_other()
    made = await ask(units)
    await units.settle()
    assert await waiting(kim) == [("awaiting", "NOTSECOND")]
    assert await refused(kim, "approve", made["document_id"]) == "NOTSECOND"
    assert await refused(kim, "decline", made["document_id"], reason="Nej.") == "NOTSECOND"
    await units.revoke("sav/bo")
    await units.revoke("sav/ulla")
    await units.without("sav/ulla", "sav/bo").settle()
    with pytest.raises(RefusedError) as caught:
        await ask(units)
    assert caught.value.code == "NOSECOND"
    assert len(await run(units["sav/eva"].desk, "approvals", {})) == 1


async def test_a_second_device_of_the_same_person_is_no_second_person(units: Units) -> None:
    """Eva's other machine cannot approve what Eva wrote, however her name is spelt."""
    await units.join("sav/eva-2", "EK,  eva")
    await units.know_each_other()
    made = await ask(units)
    await units.settle()
    assert await refused(units["sav/eva-2"].desk, "approve", made["document_id"]) == "OWNDRAFT"


async def test_a_device_that_joins_later_gets_what_waits(units: Units) -> None:
    """It can approve; what it was told by another colleague's device serves the author as well."""
    made = await ask(units)
    await units.settle()
    await units.join("sav/siv", "Siv Sjö")
    await units.know_each_other()
    await units.settle(6)
    siv = units["sav/siv"].desk
    assert await waiting(siv) == [("awaiting", "")]
    await run(siv, "approve", {"document_id": made["document_id"]})
    await units.settle()
    assert await arrived(units) == [KIND]


async def test_a_colleague_takes_over_what_a_revoked_device_left(units: Units) -> None:
    """Written anew by her, approved by another; the old approval serves nothing."""
    bo, ulla = (units[key].desk for key in ("sav/bo", "sav/ulla"))
    made = await ask(units)
    await units.settle()
    assert await refused(bo, "approval_take_over", made["document_id"]) == "AUTHORHERE"
    await units.revoke("sav/eva")
    rest = units.without("sav/eva")
    await rest.settle()
    assert await waiting(bo) == [("awaiting", "AUTHORGONE")]
    assert await refused(bo, "approve", made["document_id"]) == "AUTHORGONE"
    anew = await run(bo, "approval_take_over", {"document_id": made["document_id"]})
    assert anew["document_id"] != made["document_id"]
    await rest.settle()
    await run(ulla, "approve", {"document_id": anew["document_id"]})
    await rest.settle()
    assert await arrived(units) == [KIND]
    got = await run(units["bops/pia"].desk, "show", {"document_id": anew["document_id"]})
    assert (got["header"]["sender_staff"]["name"], got["approved_by"]["name"]) == ("Bo Berg", "Ulla Um")
    assert {(row["state"], row["code"]) for row in await run(ulla, "approvals", {})} == {("stopped", "TAKENOVER")}


async def test_a_revoked_approver_does_not_count(units: Units) -> None:
    """The request is open again, and somebody else can approve it."""
    eva, bo, ulla = (units[key].desk for key in ("sav/eva", "sav/bo", "sav/ulla"))
    made = await ask(units)
    await units.settle()
    await run(bo, "approve", {"document_id": made["document_id"]})
    await units["sav/bo"].desk.sync.once()
    await units.revoke("sav/bo")
    rest = units.without("sav/bo")
    await rest.settle()
    assert await arrived(units) == []
    assert await waiting(ulla) == [("awaiting", "")]
    await run(ulla, "approve", {"document_id": made["document_id"]})
    await rest.settle()
    assert await arrived(units) == [KIND]
    assert await waiting(eva) == []


async def test_it_survives_a_restart_of_all(units: Units) -> None:
    """Request and approval lie in the vaults; after a restart the document leaves."""
    made = await ask(units)
    await restart(units, "sav/eva")
    await units.settle()
    await run(units["sav/bo"].desk, "approve", {"document_id": made["document_id"]})
    await restart(units, "sav/bo")
    await units.settle()
    await restart(units, "sav/eva")
    await units.settle()
    assert await arrived(units) == [KIND]


async def restart(units: Units, key: str) -> Office:
    """Close an office and open it again."""
    await units[key].close()
    folder = units.path / key.replace("/", "-")
    units[key] = await Office.open(Folder(folder), PASSPHRASE, Clock(units.dial))
    return units[key]


async def test_what_needs_no_second_person_leaves_at_once(units: Units) -> None:
    """The same kind without a new place is queued as ever."""
    order = Order(
        kind=KIND,
        to_unit=units.unit("bops"),
        content=CONTENTS[KIND],
        header={"subject_person": PERSON_BLOCK},
        consent_id=bytes.fromhex(await consent_of(units, "sav/eva")),
    )
    assert not (await units["sav/eva"].desk.writing.write(order)).awaits
    await units.settle()
    assert await arrived(units) == [KIND]
