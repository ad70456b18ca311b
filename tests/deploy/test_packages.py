"""The Debian packages: what is in them, what is not, and that a hub made from one runs without this environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.packages.deb import CLIENT, HUB, build
from deploy.packages.tree import FORBIDDEN, ForbiddenFileError, build_tree, client_requirements, closure
from deploy.packages.tree import HUB as HUB_LIBRARIES
from tests.kit.federation import Federation
from tests.kit.hub_process import found

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hub's package, built and unpacked."""
    folder = tmp_path_factory.mktemp("hub-package")
    made = build(HUB, folder, compression="none")
    subprocess.run(["dpkg-deb", "-x", made, folder / "root"], check=True)
    subprocess.run(["dpkg-deb", "-e", made, folder / "control"], check=True)
    made.unlink()
    return folder


def test_the_hub_s_package_cannot_decrypt(unpacked: Path) -> None:
    """Neither the client nor anything with secret keys is in it; the public half, the schema and the page are."""
    inside = unpacked / "root/usr/lib/sluss-hub"
    for name in FORBIDDEN:
        assert not (inside / name).exists(), name
    for name in ("hub/cli.py", "hub/store/schema/0001_first.sql", "hub/admin/templates/overview.html", "keys/codec.py"):
        assert (inside / name).is_file(), name
    assert not list(inside.rglob("__pycache__"))
    assert not [path for path in inside.rglob("*") if "editable" in path.name]


def test_it_names_nobody_s_machine(unpacked: Path) -> None:
    """No path of the machine that built it stands in our files."""
    own = str(Path(__file__).resolve().parents[2])
    for folder in ("usr/bin", "usr/lib/sluss-hub/hub", "usr/lib/sluss-hub/keys", "usr/lib/systemd"):
        for path in (unpacked / "root" / folder).rglob("*"):
            assert not path.is_file() or own.encode() not in path.read_bytes(), path


def test_modes_and_scripts(unpacked: Path) -> None:
    """Commands can be run, nobody but root can write, scripts are right and delete nothing."""
    for path in (unpacked / "root").rglob("*"):
        assert path.stat().st_mode & 0o7022 == 0, path
    assert (unpacked / "root/usr/bin/sluss-hub").stat().st_mode & 0o111 == 0o111
    for name in ("postinst", "prerm", "postrm"):
        script = unpacked / "control" / name
        subprocess.run(["sh", "-n", script], check=True)
        assert not re.search(r"\brm\b|userdel", script.read_text("utf-8"))
    control = (unpacked / "control" / "control").read_text("utf-8")
    assert f"Depends: python{sys.version_info.major}.{sys.version_info.minor}, passwd" in control


def test_a_hub_runs_from_it(unpacked: Path, tmp_path: Path) -> None:
    """Looked at by its doctor, with the package's files alone: the environment of the tests is out of reach."""
    data = tmp_path / "hub"
    federation = Federation.demo(now=int(time.time()), devices=0)
    found(data, federation)
    data.chmod(0o700)
    text = (unpacked / "root/usr/bin/sluss-hub").read_text("utf-8")
    assert text.startswith(f"#!/usr/bin/python{sys.version_info.major}.{sys.version_info.minor} -I\n")
    here = text.replace("/usr/lib/sluss-hub", str(unpacked / "root/usr/lib/sluss-hub"))
    program = tmp_path / "sluss-hub"
    program.write_text(here, "utf-8")
    start = [Path(sys.executable).resolve(), "-I", "-S", program]
    doctor = subprocess.run([*start, "doctor", "--data", data, "--json"], capture_output=True, check=False)
    assert {one["check"] for one in json.loads(doctor.stdout)} >= {"database", "primitives", "version"}


def test_a_forbidden_file_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a rule that leaves nothing out is noticed."""
    monkeypatch.setattr("deploy.packages.tree._left_out", lambda _: lambda *_: set())
    monkeypatch.setattr("deploy.packages.tree.closure", lambda _: [])
    with pytest.raises(ForbiddenFileError):
        build_tree("hub", tmp_path / "tree")


def test_what_the_programs_need() -> None:
    """The hub stands on no library of the offices' store; the client on everything that ``sluss`` requires."""
    hub = {one.metadata["Name"].lower() for one in closure(list(HUB_LIBRARIES))}
    client = {one.metadata["Name"].lower() for one in closure(client_requirements())}
    assert not {"sqlcipher3", "rich", "segno", "shamir-mnemonic"} & hub
    assert {"sqlcipher3", "aiohttp", "cryptography", "shamir-mnemonic"} <= client
    assert not {"pytest", "ruff", "mypy"} & (hub | client)
    assert {name for name, _ in CLIENT.commands} == {"sluss", "sluss-keys"}
