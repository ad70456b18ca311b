"""The whole of deploy/ha on loopback: etcd, three PostgreSQL under Patroni, two hub processes, HAProxy before them.

Debian's packages (haproxy, etcd-server, patroni, postgresql); ``make ha`` installs what is missing. etcd has one member
here: what is tested is the hub and its database, not etcd.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import pwd
import shutil
import signal
import string
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tests.kit.federation import Federation
from tests.kit.hub_process import PROJECT, HubProcess, found
from tests.kit.ports import free_port

NODES = 3
TTL_SECONDS = 10
START_SECONDS = 120.0
TEMPLATES = PROJECT / "deploy" / "ha"


def programs() -> Path:
    """The folder of Debian's newest PostgreSQL."""
    found_bins = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found_bins, "no PostgreSQL of Debian: make ha installs it"
    return found_bins[-1]


def as_postgres() -> dict[str, Any]:
    """How to start what must not be root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@dataclasses.dataclass
class Node:
    """One database machine: Patroni and its PostgreSQL."""

    folder: Path
    name: str
    port: int
    rest_port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start Patroni, which starts the server."""
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                ["patroni", str(self.folder / "patroni.yml")], stdout=log, stderr=log, cwd="/", **as_postgres()
            )

    def kill(self) -> None:
        """Kill -9 of Patroni and the server, as a machine that loses its power."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.folder / "data" / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)

    def role(self) -> str:
        """What Patroni says that it is: leader, sync_standby, replica; empty when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest_port}/cluster", timeout=2) as answer:
                members = json.load(answer)["members"]
        except (OSError, ValueError, KeyError):
            return ""
        working = {m["name"]: m["role"] for m in members if m["state"] in {"running", "streaming"}}
        return str(working.get(self.name, ""))


@dataclasses.dataclass
class Rig:
    """All of it, running."""

    nodes: list[Node]
    hubs: list[HubProcess]
    url: str

    async def leader(self) -> Node:
        """The node that takes writes, once there is one."""
        return await _until(self._leader, "a leader")

    async def whole(self) -> None:
        """Wait until there is a leader, its synchronous standby, and one more."""
        roles = ["leader", "replica", "sync_standby"]
        await _until(lambda: sorted(node.role() for node in self.nodes) == roles or None, "three nodes that follow")

    def _leader(self) -> Node | None:
        return next((node for node in self.nodes if node.role() == "leader"), None)


@contextlib.asynccontextmanager
async def running(folder: Path, federation: Federation) -> AsyncIterator[Rig]:
    """Build it in ``folder``, run it, take it down."""
    folder.chmod(0o755)
    started: list[subprocess.Popen[bytes]] = []
    ports = [free_port() for _ in range(3)]
    etcd = f"127.0.0.1:{free_port()}"
    nodes = [_make_node(folder, f"db{number}", etcd) for number in range(NODES)]
    hubs: list[HubProcess] = []
    try:
        started.append(_start(folder, "etcd", *_etcd(folder, etcd)))
        for node in nodes:
            node.start()
        rig = Rig(nodes, hubs, f"http://127.0.0.1:{ports[2]}")
        leader = await rig.leader()
        await rig.whole()
        await asyncio.to_thread(_create_database, leader)
        await _until(lambda: all(_has_database(node) for node in nodes) or None, "database on every node")
        await asyncio.to_thread(_make_hubs, folder, federation, nodes, ports)
        hubs += [await asyncio.to_thread(HubProcess(folder / name).start) for name in ("one", "two")]
        started.append(_start(folder, "haproxy", "haproxy", "-db", "-f", str(_haproxy(folder, ports))))
        await _until(lambda: _answers(rig.url) or None, "answer through the proxy")
        yield rig
    finally:
        for hub in hubs:
            hub.kill()
        for node in nodes:
            node.kill()
        for process in reversed(started):
            process.kill()
            process.wait()


def _start(folder: Path, name: str, *command: str) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.txt").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def _etcd(folder: Path, address: str) -> list[str]:
    client, peer = f"http://{address}", f"http://127.0.0.1:{free_port()}"
    return [
        "etcd", "--name", "one", "--data-dir", str(folder / "etcd"), "--listen-client-urls", client,
        "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
        "--initial-cluster", f"one={peer}",
    ]  # fmt: skip


def _make_node(folder: Path, name: str, etcd: str) -> Node:
    node = Node(folder / name, name, free_port(), free_port())
    node.folder.mkdir()
    values = {
        "name": name, "host": "127.0.0.1", "port": node.port, "rest_port": node.rest_port, "etcd": etcd,
        "ttl": TTL_SECONDS, "synchronous": "true", "lag_bytes": 0, "shared_buffers": "32MB", "bin": programs(),
        "data": node.folder / "data", "folder": node.folder, "password": "rig", "network": "127.0.0.1/32",
        "auth": "trust",
    }  # fmt: skip
    text = string.Template((TEMPLATES / "patroni.yml").read_text("utf-8")).substitute(values)
    (node.folder / "patroni.yml").write_text(text, encoding="utf-8")
    owner = as_postgres()
    if owner:
        for path in (node.folder, node.folder / "patroni.yml"):
            os.chown(path, owner["user"], owner["group"])
    return node


def _create_database(leader: Node) -> None:
    for statement in ("CREATE ROLE sluss LOGIN", "CREATE DATABASE sluss OWNER sluss"):
        done = _psql(leader, "postgres", statement)
        assert done.returncode == 0, done.stderr


def _has_database(node: Node) -> bool:
    return _psql(node, "sluss", "SELECT 1").returncode == 0


def _psql(node: Node, database: str, statement: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(programs() / "psql"), "-XAtq", "-h", "127.0.0.1", "-p", str(node.port), "-U", "postgres",
         "-d", database, "-c", statement],
        check=False, capture_output=True,
    )  # fmt: skip


def _make_hubs(folder: Path, federation: Federation, nodes: list[Node], ports: list[int]) -> None:
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
    database = f"postgresql://sluss@{hosts}/sluss"
    settings: dict[str, Any] = {"database": database, "database_seconds": 3.0, "client_address": "proxy-line"}
    one, two = folder / "one", folder / "two"
    found(one, federation, port=ports[0], **settings)
    two.mkdir()
    shutil.copy2(one / "hub.key", two / "hub.key")
    text = (one / "hub.toml").read_text("utf-8").replace(f"port = {ports[0]}", f"port = {ports[1]}")
    (two / "hub.toml").write_text(text, encoding="utf-8")


def _haproxy(folder: Path, ports: list[int]) -> Path:
    one, two, bind = (f"127.0.0.1:{port}" for port in ports)
    text = string.Template((TEMPLATES / "haproxy.cfg").read_text("utf-8")).substitute(one=one, two=two, bind=bind)
    path = folder / "haproxy.cfg"
    path.write_text(text, encoding="utf-8")
    return path


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except OSError:
        return False


async def _until(look: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + START_SECONDS
    while (seen := await asyncio.to_thread(look)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} within {START_SECONDS} s")
        await asyncio.sleep(0.2)
    return seen
