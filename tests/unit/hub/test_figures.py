"""What the monitoring sees: sums by the hour, the machine at once, nobody's name or id."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hub.backup import make_backup
from hub.backup_files import note_made
from hub.exposition import METRICS
from hub.store.base import StoreError
from hub.store.sqlite import SqliteStore
from hub.wire.requests import Submit
from hub.wire.responses import Code, Deposited
from tests.unit.hub.conftest import Bench


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """A hub with a monitoring listener and two certificates, of which one is not there."""
    return {
        "job_seconds": 3600.0,
        "snapshot_delay_seconds": 3600.0,
        "monitor": "127.0.0.1:0",
        "certificates": (str(certificate(tmp_path / "proxy.pem", days=9)), str(tmp_path / "missing.pem")),
    }


def certificate(path: Path, *, days: int) -> Path:
    """A certificate that ends in so many days, and not before."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(days))
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return path


async def get(bench: Bench, path: str) -> tuple[int, str]:
    """Status and text of the monitoring listener."""
    async with aiohttp.ClientSession() as session, session.get(bench.house.doors["monitor"] + path) as answer:
        assert answer.headers["Server"] == "sluss"
        return answer.status, await answer.text()


def values(text: str) -> dict[str, float]:
    """Name with labels to value."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_the_parts_of_ready(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready as long as everything is there; each thing that is missing is named and makes it 503."""
    assert await get(bench, "/healthz") == (200, "ok\n")
    status, text = await get(bench, "/readyz")
    assert (status, json.loads(text)) == (200, {"signed": True, "room": True, "store": True})
    await _spoil(bench, "PRAGMA query_only = ON")
    status, text = await get(bench, "/readyz")
    assert (status, json.loads(text)["store"]) == (503, False)
    assert (await get(bench, "/healthz"))[0] == 200
    monkeypatch.setattr(bench.house.figures, "_looked", _with_room_for_nothing(bench))
    assert json.loads((await get(bench, "/readyz"))[1])["room"] is False


async def _spoil(bench: Bench, statement: str) -> None:
    """Do something to the connection that writes."""
    store = bench.house.store
    assert isinstance(store, SqliteStore)
    await store._writer.run(lambda connection: connection.execute(statement) and None)


def _with_room_for_nothing(bench: Bench) -> Any:
    looked = bench.house.figures._looked
    return dataclasses.replace(looked, config=msgspec.structs.replace(looked.config, min_free_mib=10_000_000))


async def test_every_metric_is_declared_and_shown(bench: Bench, data: Path) -> None:
    """What is written is what ``METRICS`` names, all of it, with its words."""
    bench.house.metrics.troubles["DISK"] += 1
    note_made(data)
    async with bench.device() as device, bench.link() as link:
        await device.open_mailbox()
        assert isinstance(await link.call(device.deposit(hour=bench.clock.hour)), Deposited)
        await link.refused(device.deposit(hour=bench.clock.hour - 5))
    await bench.house.prekeys.make_snapshot()
    bench.clock.now += 3600
    text = (await get(bench, "/metrics"))[1]
    named = {re.split("[{ ]", line)[0] for line in text.splitlines() if line and line[0] != "#"}
    assert named == set(METRICS)
    for name, words in METRICS.items():
        assert f"# HELP {name} {words}" in text


async def test_mail_is_counted_by_the_hour(bench: Bench) -> None:
    """A deposit does not show before its hour is over, neither as an operation nor as something that waits."""
    before = values((await get(bench, "/metrics"))[1])
    assert before["sluss_hub_waiting_envelopes"] == 0
    async with bench.device() as device, bench.link() as link:
        await device.open_mailbox()
        await link.call(device.deposit(hour=bench.clock.hour))
    assert _mail(values((await get(bench, "/metrics"))[1])) == _mail(before)
    bench.clock.now += 3600
    after = values((await get(bench, "/metrics"))[1])
    assert after["sluss_hub_waiting_envelopes"] == after["sluss_hub_oldest_waiting_hours"] == 1
    assert after['sluss_hub_operations_total{op="Deposit"}'] == after['sluss_hub_deposits_total{kib="16"}'] == 1
    bench.clock.now += 26 * 3600
    later = values((await get(bench, "/metrics"))[1])
    assert later['sluss_hub_operations_total{op="Deposit"}'] == 1
    assert later["sluss_hub_oldest_waiting_hours"] == 27


def _mail(found: dict[str, float]) -> dict[str, float]:
    machine = ("up_seconds", "store_queued", "disk_free", "snapshot_age", "left_seconds")
    return {name: value for name, value in found.items() if not any(word in name for word in machine)}


async def test_the_machine_is_shown_at_once(bench: Bench) -> None:
    """Faults, certificates and the log do not wait for the hour."""
    bench.house.metrics.troubles["DISK"] += 2
    found = values((await get(bench, "/metrics"))[1])
    assert found['sluss_hub_troubles_total{code="DISK"}'] == 2
    assert 8 * 86_400 < found['sluss_hub_certificate_left_seconds{number="1"}'] <= 10 * 86_400
    assert found['sluss_hub_certificate_unreadable{number="1"}'] == 0
    assert found['sluss_hub_certificate_unreadable{number="2"}'] == 1
    assert found["sluss_hub_log_leaves"] == bench.house.log.size
    assert found["sluss_hub_disk_free_bytes"] % (64 * 1024 * 1024) == 0


async def test_a_backup_shows_its_age(bench: Bench, data: Path, tmp_path: Path) -> None:
    """Nothing before the first, which the alert is told of by its absence; then it grows."""
    name = "sluss_hub_backup_age_seconds"
    assert name not in values((await get(bench, "/metrics"))[1])
    await make_backup(data, tmp_path / "backup", with_key=False)
    young = values((await get(bench, "/metrics"))[1])[name]
    bench.clock.now += 3600
    assert values((await get(bench, "/metrics"))[1])[name] - young == pytest.approx(3600, abs=600)


async def test_no_id_is_in_the_metrics(bench: Bench) -> None:
    """Neither a mailbox, a device, a unit, the hub nor an address stands there."""
    async with bench.device() as device, bench.link() as link:
        await device.open_mailbox()
        await link.call(device.deposit(hour=bench.clock.hour))
    bench.clock.now += 3600
    text = (await get(bench, "/metrics"))[1]
    assert not re.search("[0-9a-f]{16}|127[.]0", text)


async def test_a_store_that_does_not_answer_is_said(bench: Bench) -> None:
    """503 and no half picture."""
    await _spoil(bench, "DROP TABLE cursor")
    await _spoil(bench, "DROP TABLE mailbox")
    await bench.house.store.probe()
    await _spoil(bench, "PRAGMA query_only = ON")
    with pytest.raises(StoreError):
        await bench.house.store.probe()
    assert (await get(bench, "/metrics"))[0] == 503


async def test_nothing_else_is_there(bench: Bench) -> None:
    """Other paths and methods are refused, and devices' doors do not open here nor these there."""
    assert (await get(bench, "/v1"))[0] == 404
    async with aiohttp.ClientSession() as session:
        async with session.post(bench.house.doors["monitor"] + "/metrics") as answer:
            assert answer.status == 405
        async with session.get(bench.url + "/metrics") as answer:
            assert answer.status == 404
        async with session.get(bench.url + "/readyz") as answer:
            assert answer.status == 404


async def test_troubles_count_what_the_hub_could_not_do(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is counted at once, a refusal of theirs is not."""
    async with bench.link() as link, bench.device() as device:
        await link.refused(device.deposit())
        assert dict(bench.house.metrics.troubles) == {}
        monkeypatch.setattr(bench.house.log, "_index", None)  # what no request can do: a fault of the program
        assert await link.refused(Submit(bench.federation.founding.statement)) is Code.FAULT
    assert dict(bench.house.metrics.troubles) == {"FAULT": 1}


async def test_hours_and_sums(bench: Bench) -> None:
    """Twenty-four whole hours, the running one left out; sums do not forget."""
    metrics, now = bench.house.metrics, bench.clock.now
    metrics.count("Hello", now)
    assert metrics.sums(now) == {}
    hours = metrics.hours(now + 3600)
    assert (len(hours), hours[-1], hours[0][1]) == (24, (bench.clock.hour, {"Hello": 1}), {})
    metrics.count("Hello", now + 25 * 3600)
    assert not any(counts for _, counts in metrics.hours(now + 25 * 3600))
    assert metrics.sums(now + 26 * 3600) == {"Hello": 2}
