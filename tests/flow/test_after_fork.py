"""A fork is told, handed to whoever looks into it, and ended by enrolling anew, through the program itself."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from client.api import commands
from client.engine.clock import Clock
from client.engine.copying import write_backup
from client.engine.enrolling import enrol, restore
from client.engine.folder import Folder
from client.engine.office import Office
from keys import cli
from keys.errors import LocalError, RefusedError
from keys.ids import DeviceId
from keys.private.kit import new_secret, public_of
from keys.private.registry import Registry
from keys.statements import Profile
from tests.hostile.desks import Desks, accepted, alarms
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, PASSPHRASE, redirect
from tests.unit.cli.terminal import Desk

STAFF = {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}


@pytest.fixture
def federation() -> Federation:
    """A federation of which nobody has a device yet."""
    return Federation.demo(devices=0, now=int(time.time()))


async def fork(desks: Desks) -> None:
    """The hub shows sodermalm a longer history, of which an early part differs."""
    leaves = await desks.log_of("sodermalm")
    desks.liar.show_history([*leaves[:2], b"another leaf", *leaves[3:], b"one more"])
    with pytest.raises(LocalError, match="FORK"):
        await desks["sodermalm"].desk.sync.once()
    desks.liar.behave()


def judge(registry: Path, *files: Path, expect: int = 0) -> dict[str, Any]:
    """What ``sluss-keys`` says to somebody who has the registry."""
    asked = ["--json", "evidence", *map(str, files), "--registry", str(registry)]
    result = CliRunner().invoke(cli.main, asked)
    assert result.exit_code == expect, result.output
    return json.loads(result.stdout) if not expect else {}


async def test_evidence_of_a_fork_goes_out_and_is_judged(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """The office writes it, a third party with the registry judges it, and nobody puts the alarm away."""
    async with Desks.behind(tmp_path, hub.url, federation, STAFF) as desks:
        await fork(desks)
        office = desks["sodermalm"]
        (alarm,) = [one for one in await commands.run(office.desk, "alarms", {}) if one["code"] == "FORK"]
        assert (alarm["evidence"], alarm["stays"]) == (True, True)
        with pytest.raises(RefusedError, match="ALARMSTAYS"):
            await commands.run(office.desk, "alarm_seen", {"n": alarm["n"]})
        registry = Registry.found(tmp_path / "registry", federation.statements[0])
        for statement in federation.statements[1:]:
            registry.append(statement)
        await office.close()
        terminal, out = Desk.fresh(tmp_path / "sodermalm"), tmp_path / "fork.slk"
        said = await asyncio.to_thread(terminal.json, "alarms", "evidence", str(alarm["n"]), "--out", str(out))
        assert said["bytes"] == out.stat().st_size
        again = await asyncio.to_thread(terminal.run, "alarms", "evidence", str(alarm["n"]), "--out", str(out))
        assert again.error["code"] == "EXISTS"
        desks["sodermalm"] = await Office.open(Folder(tmp_path / "sodermalm"), PASSPHRASE)
    assert judge(tmp_path / "registry", out)["outcome"] == "fork"
    other = tmp_path / "other.slk"
    other.write_bytes(out.read_bytes())
    out.write_bytes(out.read_bytes()[:-1] + b"\x00")
    assert judge(tmp_path / "registry", out)["outcome"] == "open"
    both = judge(tmp_path / "registry", out, other)  # another office was handed what this one was not
    assert (both["outcome"], both["1_shown"]) == ("fork", both["2_shown"])
    stranger = Federation.demo(devices=0)
    Registry.found(tmp_path / "other", stranger.statements[0])
    judge(tmp_path / "other", out, expect=3)


async def test_a_forked_office_comes_back_as_a_new_device(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """Its documents come over, the false log does not; the old device is revoked and the new one sends."""
    async with Desks.behind(tmp_path, hub.url, federation, STAFF) as desks:
        came = await desks.send("sav", "sodermalm")
        await desks.settle()
        await fork(desks)
        old, secret = desks["sodermalm"], new_secret()
        device_id = DeviceId(old.desk.context.device_id)
        source = old.desk.context.vault.apart()
        write_backup(source, tmp_path / "b.slk", kit=public_of(secret), profile=Profile.DEMO, now=int(time.time()))
        await desks["sav"]._link.submit(federation.revoke("sodermalm", device_id))
        folder = Folder(tmp_path / "anew")
        request, _ = restore(
            folder, PASSPHRASE, tmp_path / "b.slk", secret, profile=Profile.DEMO, clock=Clock(desks.dial)
        )
        approval = federation.approve("sodermalm", request, "Olle Ohlin", roles=ALL_ROLES)
        enrol(folder, PASSPHRASE, redirect(approval, desks.liar.url))
        folder.settings.write_text('profile = "demo"\nreceipt_mean_seconds = 0\n', encoding="utf-8")
        await old.close()
        desks["sodermalm"] = await Office.open(folder, PASSPHRASE)
        await desks.settle()
        await desks.know_each_other()
        assert not {"FORK", "ROLLBACK"} & await alarms(desks["sodermalm"])
        assert await accepted(desks["sodermalm"], came) == 1
        sent = await desks.send("sodermalm", "sav")
        await desks.settle()
        assert await accepted(desks["sav"], sent) == 1
