"""What is put aside is shown without its content."""

from __future__ import annotations

from pathlib import Path

from client.api import commands
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
    assert (aside["step"], aside["code"], aside["unit"]) == (16, "STA", "Sav")
    assert content["advice"] not in str((aside, alarms))
    assert [one["code"] for one in alarms] == ["QUARANTINE"]
    assert (status["quarantine"], status["alarms"]) == (1, ["QUARANTINE"])
    assert (sent["state_label"], sent["code"]) == ("avvisad", "STA")
