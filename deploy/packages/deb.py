"""Debian packages, built with dpkg-deb: `make deb` puts them into build/.

sluss-hub    /usr/lib/sluss-hub, /usr/bin/sluss-hub, units, the examples of deploy/
sluss        /usr/lib/sluss, /usr/bin/sluss and sluss-keys, the unit of a witness

A package starts nothing and deletes no data: a hub is founded first (deploy/README.md), and its folder is the
operator's.
The libraries come along, as locked; the package therefore needs the Python that it was built with.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

from deploy.packages.tree import PROJECT, build_tree

MAINTAINER: Final = "Sluss <sluss@example.invalid>"


@dataclasses.dataclass(frozen=True, slots=True)
class Package:
    """One package: its commands (name, module), units, and the system user that the units run as."""

    name: str
    kind: str
    summary: str
    commands: tuple[tuple[str, str], ...]
    units: tuple[str, ...]
    user: str
    documents: tuple[str, ...]


HUB: Final = Package(
    "sluss-hub",
    "hub",
    "relay for sealed documents of Swedish defector work",
    (("sluss-hub", "hub.cli"),),
    ("sluss-hub.service", "sluss-hub-backup.service", "sluss-hub-backup.timer"),
    "sluss-hub",
    ("deploy/README.md", "deploy/hub.toml", "deploy/proxy", "deploy/monitoring", "hub/PROTOCOL.md", "SECURITY.md"),
)
CLIENT: Final = Package(
    "sluss",
    "client",
    "sealed documents of Swedish defector work: an office, the ceremonies, a witness",
    (("sluss", "client.cli.main"), ("sluss-keys", "keys.cli")),
    ("sluss-witness.service",),
    "sluss-witness",
    ("README.md", "deploy/README.md", "SECURITY.md"),
)
PACKAGES: Final = (HUB, CLIENT)

_COMMAND: Final = """#!/usr/bin/python{minor} -I
import sys

sys.path.insert(0, "/usr/lib/{name}")
from {module} import main

main()
"""
_POSTINST: Final = """#!/bin/sh
set -e
if [ "$1" = configure ]; then
  getent passwd {user} >/dev/null || useradd --system --user-group --home-dir /var/lib/{user} --no-create-home \\
    --shell /usr/sbin/nologin {user}
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
fi
"""
_PRERM: Final = """#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl stop {units}
fi
"""
_POSTRM: Final = """#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
if [ "$1" = purge ] && [ -d /var/lib/{user} ]; then
  echo "/var/lib/{user} is left as it is: it is the operator's to keep or to destroy." >&2
fi
"""


def build(package: Package, out: Path, *, compression: str = "xz") -> Path:
    """Build one package.

    Args:
        package: which.
        out: folder for the .deb and for the work; the work goes in the end.
        compression: dpkg-deb's -Z.

    Returns:
        The package's path.
    """
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, check=True, text=True
    ).stdout.strip()  # fmt: skip
    stage = out / f"{package.name}.stage"
    shutil.rmtree(stage, ignore_errors=True)
    build_tree(package.kind, stage / "usr/lib" / package.name)
    _commands(package, stage)
    for unit in package.units:
        _place(PROJECT / "deploy/systemd" / unit, stage / "usr/lib/systemd/system" / unit)
    documents = stage / "usr/share/doc" / package.name
    for name in package.documents:
        _place(PROJECT / name, documents / Path(name).name)
    _place(PROJECT / "LICENSE", documents / "copyright")
    _control(package, stage, architecture)
    _modes(stage)
    made = out / f"{package.name}_{version('sluss')}_{architecture}.deb"
    words = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", stage, made]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(stage)
    return made


def _commands(package: Package, stage: Path) -> None:
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    (stage / "usr/bin").mkdir(parents=True)
    for name, module in package.commands:
        text = _COMMAND.format(minor=minor, name=package.name, module=module)
        (stage / "usr/bin" / name).write_text(text, "utf-8")


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _control(package: Package, stage: Path, architecture: str) -> None:
    size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file())
    fields = {
        "Package": package.name,
        "Version": version("sluss"),
        "Architecture": architecture,
        "Maintainer": MAINTAINER,
        "Depends": f"python{sys.version_info.major}.{sys.version_info.minor}, passwd",
        "Installed-Size": str(size // 1024),
        "Section": "net",
        "Priority": "optional",
        "Description": package.summary,
    }
    folder = stage / "DEBIAN"
    folder.mkdir()
    (folder / "control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()), "utf-8")
    words = {"user": package.user, "units": " ".join(package.units)}
    for name, script in (("postinst", _POSTINST), ("prerm", _PRERM), ("postrm", _POSTRM)):
        (folder / name).write_text(script.format(**words), "utf-8")


def _modes(stage: Path) -> None:
    for path in stage.rglob("*"):
        is_program = path.is_dir() or path.parent.name == "bin" or path.name in {"postinst", "prerm", "postrm"}
        path.chmod(0o755 if is_program else 0o644)
    stage.chmod(0o755)


if __name__ == "__main__":
    OUT = PROJECT / "build"
    OUT.mkdir(exist_ok=True)
    os.umask(0o022)
    for one in PACKAGES:
        print(build(one, OUT).relative_to(PROJECT))
