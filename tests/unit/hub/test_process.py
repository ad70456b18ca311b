"""The real process: what survives, what is written, what the command says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import main
from hub.config import FILE_NAME
from hub.signer import FILE_NAME as KEY_NAME
from hub.wire.requests import Fetch, Hello, Recall
from hub.wire.responses import Deposited, Fetched, HelloIs, RecallIs, Waiting
from keys.hub_request import parse_hub_request
from keys.ids import digest, fingerprint
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess, found
from tests.unit.hub.device import Device, Link


async def deposit(process: HubProcess, federation: Federation, count: int) -> set[bytes]:
    """Deposit one after the other; returns the ids that were answered, also when the hub dies in between."""
    answered: set[bytes] = set()
    async with Link(process.url) as link, Device(process.url, federation, federation.units["sav"].keepers[0]) as device:
        await device.open_mailbox()
        for number in range(count):
            request = device.deposit()
            answer = await link.call(request)
            assert isinstance(answer, Deposited)
            answered.add(digest(request.envelope))
            if number == count - 1:
                process.kill()
    return answered


async def fetched(process: HubProcess, federation: Federation) -> set[bytes]:
    """Ids of all that can be fetched."""
    async with Device(process.url, federation, federation.units["sav"].keepers[0]) as device:
        answer = await device.call(Fetch(device.bearer, 0, 256))
    assert isinstance(answer, Fetched)
    return {digest(item.envelope) for item in answer.items if isinstance(item, Waiting)}


def test_kill_right_after_the_answer_keeps_the_row(hub_process: HubProcess, federation: Federation) -> None:
    """What was answered is there after kill -9 and a new start."""
    answered = asyncio.run(deposit(hub_process, federation, 3))
    hub_process.start()
    assert asyncio.run(fetched(hub_process, federation)) == answered


@pytest.mark.parametrize(("end", "late"), [(signal.SIGTERM, [True, False]), (signal.SIGKILL, [True, True])])
def test_what_a_device_was_given_is_never_withheld_after_a_restart(
    hub_process: HubProcess, federation: Federation, end: signal.Signals, late: list[bool]
) -> None:
    """One of two was given out: a stop remembers which, after kill -9 both count; what comes later can be recalled."""
    secrets, hours = [os.urandom(32) for _ in range(3)], []

    async def deposit(secret: bytes) -> None:
        async with Link(hub_process.url) as link, Device(hub_process.url, federation, keeper) as device:
            await device.open_mailbox()
            answer = await link.call(device.deposit(secret=secret))
            assert isinstance(answer, Deposited)
            hours.append(answer.hour)

    async def fetch_one() -> None:
        async with Device(hub_process.url, federation, keeper) as device:
            answer = await device.call(Fetch(device.bearer, 0, 1))
        assert isinstance(answer, Fetched)
        assert len(answer.items) == 1

    async def too_late(number: int) -> bool:
        """By either hour: the deposit may have come as one began."""
        async with Link(hub_process.url) as link:
            answers = [await link.call(Recall(secrets[number], hours[number] - back)) for back in (0, 1)]
        return RecallIs(True) not in answers

    keeper = federation.units["sav"].keepers[0]
    for secret in secrets[:2]:
        asyncio.run(deposit(secret))
    asyncio.run(fetch_one())
    os.kill(hub_process.pid, end)
    assert hub_process.process is not None
    hub_process.process.wait(60)
    hub_process.start()
    asyncio.run(deposit(secrets[2]))
    assert [asyncio.run(too_late(number)) for number in range(3)] == [*late, False]


def test_sigterm_ends_cleanly(hub_process: HubProcess, federation: Federation) -> None:
    """SIGTERM: exit code 0, also while a listener hangs on; and the folder is free for the next start."""

    async def listen() -> int:
        async with Device(hub_process.url, federation, federation.units["sav"].keepers[0]) as device:
            socket = await device.wake(device.bearer)
            await socket.receive()
            return await asyncio.to_thread(hub_process.stop)

    assert asyncio.run(listen()) == 0
    assert hub_process.start().url


def test_the_log_holds_no_id_and_no_address(hub_process: HubProcess, federation: Federation) -> None:
    """Nothing that names a mailbox, device, envelope or token is written, raw or in hex."""
    answered = asyncio.run(deposit(hub_process, federation, 2))
    hub_process.start()
    hub_process.stop()
    unit = federation.units["sav"]
    secrets = [unit.mailbox_id, unit.unit_id, unit.keepers[0].device_id, *answered]
    assert hub_process.log_text.count("serving") == 2
    for secret in secrets:
        assert secret.hex() not in hub_process.log_text
    assert "127.0.0.1" not in hub_process.log_text


def test_all_state_is_in_the_folder(hub_process: HubProcess) -> None:
    """The hub writes nowhere else; its key is readable by its owner only."""
    names = {path.name.split("-")[0] for path in hub_process.data.iterdir()}
    assert names == {"hub.toml", "hub.key", "hub.lock", "hub.sqlite", "hub", "blobs", "ready", "log.txt"}
    assert (hub_process.data / KEY_NAME).stat().st_mode & 0o777 == 0o600


def test_the_hub_starts_without_client_and_private_keys(data: Path, federation: Federation) -> None:
    """The process loads neither the client nor anything that can decrypt."""
    found(data, federation)
    code = (
        "import sys, hub.cli; bad = [name for name in sys.modules if name.startswith(('client', 'keys.private'))];"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the command ------------------------------------------------------------------------------------------------------


def run(*words: str | Path) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def root(tmp_path: Path, federation: Federation) -> Path:
    """The first root in a file."""
    path = tmp_path / "root.slk"
    path.write_bytes(federation.founding.statement)
    return path


def test_init_load_status(tmp_path: Path, data: Path, root: Path, federation: Federation) -> None:
    """A hub from nothing: init writes the request, load appends what was signed, status tells sums."""
    made = run("init", "--data", data, "--root", root, "--address", "https://hub.example", "--port", "0")
    assert made.exit_code == 0, made.output
    raw = (data / "hub-request.slk").read_bytes()
    request = parse_hub_request(raw)
    assert (request.address, request.hub_id.hex() in made.output) == ("https://hub.example", True)
    assert fingerprint(digest(raw)) in made.output  # as sluss-keys show writes what is read out
    files = []
    for number, statement in enumerate(federation.statements[1:]):
        files.append(tmp_path / f"{number}.slk")
        files[-1].write_bytes(statement)
    loaded = run("load", "--data", data, *files)
    assert (loaded.exit_code, f"{len(files)} new" in loaded.output) == (0, True), loaded.output
    assert "0 new" in run("load", "--data", data, *files).output
    state = json.loads(run("status", "--data", data, "--json").output)
    assert (state["mailboxes"], state["log_size"], state["enrolled"]) == (4, len(files) + 1, False)
    assert "log size" in run("status", "--data", data).output


def test_init_with_statements(tmp_path: Path, data: Path, root: Path, federation: Federation) -> None:
    """Statements can come along at once."""
    file = tmp_path / "organisation.slk"
    file.write_bytes(federation.statements[2])
    assert run("init", "--data", data, "--root", root, "--statements", file).exit_code == 0
    assert parse_hub_request((data / "hub-request.slk").read_bytes()).address == "http://127.0.0.1:8470"
    assert run("init", "--data", tmp_path / "any", "--root", root, "--port", "0").exit_code == 2  # nobody could find it
    assert json.loads(run("status", "--data", data, "--json").output)["log_size"] == 2


def test_errors_have_code_sentence_and_step(tmp_path: Path, data: Path, root: Path, federation: Federation) -> None:
    """Each error names its code and what to do next."""
    assert "check --data" in run("status", "--data", data).output
    run("init", "--data", data, "--root", root)
    again = run("init", "--data", data, "--root", root)
    assert (again.exit_code, "EXISTS" in again.output, "--data" in again.output) == (1, True, True)
    refused = tmp_path / "refused.slk"
    refused.write_bytes(federation.statements[-1])
    answer = run("load", "--data", data, refused)
    assert (answer.exit_code, "STATEMENT" in answer.output) == (3, True)
    assert "FILE" in run("load", "--data", data, tmp_path / "missing").output
    (data / KEY_NAME).chmod(0o644)
    assert "KEYMODE" in run("status", "--data", data).output
    (data / KEY_NAME).unlink()
    assert "KEYFILE" in run("status", "--data", data).output
    assert run("serve").exit_code == 2
    other = tmp_path / "noroot.slk"
    other.write_bytes(b"nothing")
    assert run("init", "--data", tmp_path / "x", "--root", other).exit_code == 3


def test_settings_are_strict(data: Path, federation: Federation) -> None:
    """An unknown knob, a wrong profile, or a moved clock on a real hub stops the start."""
    found(data, federation)
    path = data / FILE_NAME
    good = path.read_text(encoding="utf-8")
    path.write_text(good + "colour = 1\n", encoding="utf-8")
    assert "CONFIG" in run("serve", "--data", data).output
    path.write_text(good.replace("demo", "real"), encoding="utf-8")
    assert "PROFILE" in run("serve", "--data", data).output
    path.write_text(good.replace("demo", "real") + "clock_offset_seconds = 5\n", encoding="utf-8")
    assert "CONFIG" in run("serve", "--data", data).output


def test_serve_beside_serve_is_refused(hub_process: HubProcess) -> None:
    """Two hubs on one folder, or on one port, do not start; status works beside a serving hub."""
    assert "RUNNING" in run("serve", "--data", hub_process.data).output
    assert run("status", "--data", hub_process.data).exit_code == 0

    async def ask() -> object:
        async with Link(hub_process.url) as link:
            return await link.call(Hello())

    assert isinstance(asyncio.run(ask()), HelloIs)


def test_a_taken_port_is_said(tmp_path: Path, hub_process: HubProcess, federation: Federation) -> None:
    """LISTEN, with the knob to change."""
    found(tmp_path / "second", federation, port=int(hub_process.url.rpartition(":")[2]))
    assert "LISTEN" in run("serve", "--data", tmp_path / "second").output
