"""What is put aside is shown without its content, registered, and answered; what nobody can read stops the case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from client.api import commands
from client.engine.office import Desk
from keys.errors import RefusedError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.today import CONTENTS


async def test_quarantine_and_alarms_tell_code_and_sender_only(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """An answer that a rule refuses at the recipient: step, code and sender are told, the text is not."""
    async with Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek", "sodermalm": "Olle Ohlin"}) as offices:
        asker, adviser = offices["sodermalm"].desk, offices["sav"].desk
        question = {"kind": "konsultation.fraga", "to": "Sav", "content": CONTENTS["konsultation.fraga"]}
        asked = await commands.run(asker, "new", question)
        await offices.settle()
        async with asker.context.vault.transaction():  # as if a third unit wrote in the thread of two others
            await asker.context.vault.write("UPDATE thread SET unit_id = zeroblob(16)")
        content = CONTENTS["konsultation.svar"]
        answer = {"document_id": asked["document_id"], "kind": "konsultation.svar", "content": content}
        await commands.run(adviser, "reply", answer)
        await offices.settle()
        (aside,) = await commands.run(asker, "quarantine", {})
        alarms = await commands.run(asker, "alarms", {})
        sent = (await commands.run(adviser, "list", {"direction": "out"}))[0]
        status = await commands.run(asker, "status", {})
        await commands.run(asker, "reminders", {})
        runs = await asker.context.vault.all("SELECT clock FROM running")
        registered = await commands.run(
            asker,
            "quarantine_register",
            {"envelope_id": aside["envelope_id"][:8], "dnr": "SN 2026-77", "note": "Ringt."},
        )
        await offices.settle()
        rows = (await commands.run(adviser, "thread", {"thread_id": asked["thread_id"]}))["documents"]
        told = {row["document_id"]: row["diary"] for row in rows}[sent["document_id"]]
        await commands.run(asker, "reminders", {})
        over = await asker.context.vault.all("SELECT clock FROM running")
        after = await commands.run(asker, "status", {})
    assert (aside["step"], aside["code"], aside["unit"]) == (16, "STA", "Sav")
    assert content["advice"] not in str((aside, alarms))
    assert [one["code"] for one in alarms] == ["QUARANTINE"]
    assert (status["quarantine"], status["alarms"]) == (1, ["QUARANTINE"])
    assert (sent["state_label"], sent["code"]) == ("avvisad", "STA")
    assert (aside["kind"], aside["open"], aside["dnr"]) == ("konsultation.svar", True, "")
    assert ("handling.registrering",) in runs
    assert ("handling.registrering",) not in over
    assert (registered["open"], registered["dnr"], registered["note"]) == (False, "SN 2026-77", "Ringt.")
    assert registered["handled_by"] == "Olle Ohlin"
    assert told == "SN 2026-77"
    assert after["quarantine"] == 0


async def test_a_refusal_with_an_unknown_code_stops_the_case_until_a_person_decides(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """A later program refuses with a code of its own: it is shown as it is (domain.md 2.12).

    Nothing more of the case leaves before somebody has put the alarm away; other cases go on.
    """
    async with Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek", "sodermalm": "Olle Ohlin"}) as offices:
        asker, adviser = offices["sodermalm"].desk, offices["sav"].desk

        async def reply(desk: Desk, name: str) -> Any:
            kind = f"konsultation.{name}"
            given = {"document_id": asked["document_id"], "kind": kind, "content": CONTENTS[kind]}
            done = await commands.run(desk, "reply", given)
            await offices.settle()
            return done

        question = {"kind": "konsultation.fraga", "to": "Sav", "content": CONTENTS["konsultation.fraga"]}
        asked = await commands.run(asker, "new", question)
        await offices.settle()
        await reply(adviser, "svar")
        added = await reply(asker, "komplettering")
        async with adviser.context.vault.transaction():
            await adviser.context.vault.write(
                "UPDATE receipt_due SET status = 'refused', code = 'Q-77', due_at = 0, attempt_id = NULL"
                " WHERE document_id = ?",
                bytes.fromhex(added["document_id"]),
            )
        await offices.settle()
        await reply(adviser, "svar")
        sent = {one["document_id"]: one for one in await commands.run(asker, "list", {"direction": "out"})}
        with pytest.raises(RefusedError) as stopped:
            await reply(asker, "avslut")
        alarms = {one["code"]: one["n"] for one in await commands.run(asker, "alarms", {})}
        await commands.run(asker, "new", question)
        await commands.run(asker, "alarm_seen", {"n": alarms["UNKCODE"]})
        closed = await reply(asker, "avslut")
    refused = sent[added["document_id"]]
    assert (refused["state_label"], refused["code"]) == ("avvisad", "Q-77")
    assert stopped.value.code == "UNKCODE"
    assert closed["document_id"]
