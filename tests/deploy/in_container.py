"""Part of `make packages`: the image is built from its file, and the hub in it runs as compose.yml says. Needs root.

The base is a Debian that debootstrap makes in build/, because no registry of images may be had where tests run; name
another one in SLUSS_CONTAINER_BASE. Libraries come from the lock. buildah builds in a chroot, podman and runc run it in
namespaces of its own: first on this machine's loopback, then at its place in the networks of compose.yml (in_networks).

It ends with "the image runs", or with what does not hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hub.wire.requests import Fetch
from hub.wire.responses import Deposited, Fetched
from tests.deploy import in_networks
from tests.deploy.in_debian import OUT, bootstrap
from tests.deploy.test_containers import COMPOSE, FILE, PROJECT
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.kit.ports import free_port
from tests.unit.hub.device import Device, Link

BASE: Final = "localhost/sluss-base"
IMAGE: Final = "localhost/sluss-hub:test"
INCLUDE: Final = "python3.11,python3-venv,python-is-python3"
PLACE: Final = OUT / "container"
USER: Final = 10_001
SECONDS: Final = 120.0
PODMAN: Final = (  # for machines without a systemd of their own
    "podman", "--runtime=runc", "--cgroup-manager=cgroupfs", f"--network-config-dir={PLACE / 'net'}",
)  # fmt: skip
_FENCES: Final = (
    f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
)  # fmt: skip
_STORAGE: Final = """
[storage]
driver = "overlay"
graphroot = "{place}/graph"
runroot = "{place}/run"
"""


def environment() -> dict[str, str]:
    """Images and containers lie in build/, and nowhere else on this machine."""
    return {**os.environ, "CONTAINERS_STORAGE_CONF": str(PLACE / "storage.conf")}


def engine(*words: str | Path, check: bool = True) -> str:
    """Run buildah or podman; what it printed."""
    done = subprocess.run(list(map(str, words)), env=environment(), capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words[:3]))}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout.strip()


def podman(*words: str | Path, check: bool = True) -> str:
    """Run podman as this machine needs it; what it printed."""
    return engine(*PODMAN, *words, check=check)


def base() -> str:
    """The image that ours begins with."""
    named = os.environ.get("SLUSS_CONTAINER_BASE")
    if named:
        return named
    root = PLACE / "debian"
    if not (root / "usr/bin/python").exists():
        bootstrap(root, INCLUDE)
    with contextlib.suppress(SystemExit):
        engine("buildah", "inspect", "--type=image", BASE)
        return BASE
    made = engine("buildah", "from", "scratch")
    mounted = engine("buildah", "mount", made)
    subprocess.run(["cp", "-a", f"{root}/.", mounted], check=True)
    engine("buildah", "umount", made)
    engine("buildah", "commit", "--rm", made, BASE)
    return BASE


def build() -> None:
    """The image, from its file; libraries lie in a folder, so the build needs no network."""
    wheels, settings = PLACE / "wheels", PLACE / "pip.conf"
    locks = [word for name in ("run", "postgres", "pack") for word in ("--requirement", f"requirements/{name}.txt")]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", *locks, "--dest", wheels],
        cwd=PROJECT, check=True,
    )  # fmt: skip
    settings.write_text("[global]\nno-index = true\nfind-links = /wheels\n", "utf-8")
    engine(
        "buildah", "build", "--isolation=chroot", f"--build-arg=BASE={base()}", f"--volume={wheels}:/wheels:ro",
        f"--volume={settings}:/etc/pip.conf:ro", f"--file={FILE}", f"--tag={IMAGE}", PROJECT,
    )  # fmt: skip


def look_inside() -> None:
    """Nothing that decrypts, no tool that installs, in any layer of the image; and what it says of itself."""
    made = engine("buildah", "from", "--pull-never", IMAGE)
    tree = Path(engine("buildah", "mount", made)) / "usr/lib/sluss-hub"
    assert (tree / "hub/cli.py").is_file()
    for name in ("client", "keys/private", "keys/cli.py", "keys/commands"):
        assert not (tree / name).exists(), name
    engine("buildah", "rm", made)
    told = json.loads(engine("podman", "image", "inspect", IMAGE))[0]
    assert told["Config"]["User"] == COMPOSE["services"]["hub"]["user"]
    assert told["Config"]["Entrypoint"] == ["python", "-m", "hub.cli"]


def options(data: Path, network: list[str]) -> list[str]:
    """What compose.yml says of the service, for podman."""
    service = COMPOSE["services"]["hub"]
    assert set(service) == {
        "image", "build", "user", "read_only", "cap_drop", "security_opt", "tmpfs", "volumes", "networks", "restart",
        "stop_grace_period", "mem_limit", "pids_limit", "ulimits", "logging", "healthcheck",
    }  # fmt: skip
    files = service["ulimits"]["nofile"]
    return [
        f"--user={service['user']}", "--read-only", *(f"--cap-drop={name}" for name in service["cap_drop"]),
        *(f"--security-opt={one.removesuffix(':true')}" for one in service["security_opt"]),
        *(f"--tmpfs={one}" for one in service["tmpfs"]), f"--volume={data}:/var/lib/sluss-hub",
        f"--memory={service['mem_limit']}", f"--pids-limit={service['pids_limit']}",
        f"--ulimit=nofile={files}:{files}", "--ulimit=nproc=1024:1024", *network,
    ]  # fmt: skip


@contextlib.contextmanager
def running(data: Path, network: list[str]) -> Iterator[str]:
    """The hub in its container; its id."""
    made = podman("run", "--detach", *options(data, network), IMAGE)
    try:
        yield made
    finally:
        print(podman("logs", made)[-2000:])
        podman("rm", "--force", "--time=1", made, check=False)


def until_healthy(made: str) -> None:
    """The health check of compose.yml succeeds."""
    test = COMPOSE["services"]["hub"]["healthcheck"]["test"]
    deadline = time.monotonic() + SECONDS
    while True:
        done = subprocess.run([*PODMAN, "exec", made, *test[1:]], env=environment(), capture_output=True, check=False)
        if done.returncode == 0:
            return
        assert time.monotonic() < deadline, done.stderr
        time.sleep(0.5)


async def exchange(url: str, federation: Federation) -> None:
    """A deposit, and the same bytes back."""
    async with Link(url) as link, Device(url, federation, federation.units["sav"].keepers[0]) as device:
        await device.open_mailbox()
        request = device.deposit()
        assert isinstance(await link.call(request), Deposited)
        answer = await device.call(Fetch(device.bearer, 0, 10))
        assert isinstance(answer, Fetched)
        assert [item.envelope for item in answer.items] == [request.envelope]  # type: ignore[union-attr]


def main() -> None:
    """Build, look, run, stop."""
    if os.geteuid() != 0:
        sys.exit("make packages needs root: it makes namespaces of its own")
    (PLACE / "net").mkdir(parents=True, exist_ok=True)
    (PLACE / "storage.conf").write_text(_STORAGE.format(place=PLACE), "utf-8")
    build()
    look_inside()
    on_loopback()
    with in_networks.networks(podman), running(founded(**in_networks.SETTINGS)[0], in_networks.place("hub")) as hub:
        until_healthy(hub)
        in_networks.show(podman, hub, [IMAGE])
    shutil.rmtree(PLACE / "data")
    print("the image runs")


def founded(**settings: Any) -> tuple[Path, Federation]:
    """A hub's folder as the container's user has it."""
    federation, data = Federation.demo(now=int(time.time())), PLACE / "data"
    shutil.rmtree(data, ignore_errors=True)
    found(data, federation, source_rate=1e6, **settings)
    for path in (data, *data.rglob("*")):
        os.chown(path, USER, USER)
    data.chmod(0o700)
    return data, federation


def on_loopback() -> None:
    """It serves, has the fences, writes where it may, and stops."""
    port = free_port()
    data, federation = founded(port=port, monitor="127.0.0.1:8471")
    with running(data, ["--network=host"]) as made:
        until_healthy(made)
        asyncio.run(exchange(f"http://127.0.0.1:{port}", federation))
        pid = engine("podman", "inspect", "--format={{.State.Pid}}", made)
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
        for line in _FENCES:
            assert line in status, line
        for place in ("/usr/lib/sluss-hub/x", "/x", "/etc/x"):
            assert "Read-only" in written(made, place), place
        assert not written(made, "/var/lib/sluss-hub/x")
        podman("stop", "--time=30", made)
        assert engine("podman", "inspect", "--format={{.State.ExitCode}}", made) == "0", "stopped by itself at SIGTERM"


def written(made: str, place: str) -> str:
    """What hinders the container's own user from writing there; nothing where it can."""
    code = f"try: open({place!r}, 'w')\nexcept OSError as error: print(error)"
    return podman("exec", made, "python", "-c", code)


if __name__ == "__main__":
    main()
