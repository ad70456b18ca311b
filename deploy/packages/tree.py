"""The files of an installed program: our code, and the libraries that it needs, from the environment that runs this.

    python -m deploy.packages.tree hub FOLDER        hub/ and the public half of keys/, and what they stand on
    python -m deploy.packages.tree client FOLDER     everything

The libraries are those of the lock, as they lie in the environment: `make` put them there by their hashes.
What the hub's tree must never hold is ``FORBIDDEN``; the tree is looked through before it counts.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from importlib.metadata import Distribution, distribution, version
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
HUB: Final = (
    "aiohttp", "aiosqlite", "asyncpg", "click", "cryptography", "jinja2", "msgpack", "msgspec", "prometheus-client",
    "pynacl", "structlog",
)  # fmt: skip
FORBIDDEN: Final = ("client", "keys/private", "keys/commands", "keys/cli.py", "keys/witness.py")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


class ForbiddenFileError(Exception):
    """A file in the tree that must not be there."""


def closure(names: list[str]) -> list[Distribution]:
    """Distributions by name, with all that they require here, each once."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found[name] = distribution(name)
        for required in found[name].requires or []:
            requirement, _, marker = required.partition(";")
            match = _NAME.match(requirement)
            if match and _applies(marker):
                waiting.append(match[0])
    return list(found.values())


def _applies(marker: str) -> bool:
    """Whether a requirement is one of this environment: not an extra's, and installed."""
    if "extra" in marker:
        return False
    if not marker.strip():
        return True
    from packaging.markers import Marker  # noqa: PLC0415 - only where packages are built

    return Marker(marker).evaluate()


def client_requirements() -> list[str]:
    """What ``sluss`` itself requires, extras left out; from its file: an environment's note may be old."""
    lines = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    return [match[0] for line in lines if (match := _NAME.match(line))]


def build_tree(kind: str, folder: Path) -> None:
    """Fill an empty folder with the program ``kind``, ready for ``sys.path``.

    Raises:
        ForbiddenFileError: something is in it that must not be.
    """
    folder.mkdir(parents=True)
    for one in closure(list(HUB) if kind == "hub" else client_requirements()):
        _copy_distribution(one, folder)
    for package in ("hub", "keys") if kind == "hub" else ("hub", "keys", "client"):
        shutil.copytree(PROJECT / package, folder / package, ignore=_left_out(kind))
    _describe(folder)
    if kind == "hub":
        for name in FORBIDDEN:
            if (folder / name).exists():
                raise ForbiddenFileError(name)


def _left_out(kind: str):  # type: ignore[no-untyped-def] # shutil's own type of function
    def ignore(place: str, names: list[str]) -> set[str]:
        inside = Path(place).relative_to(PROJECT).as_posix()
        caches = {name for name in names if name == "__pycache__" or name.endswith(".pyc")}
        if kind != "hub":
            return caches
        return caches | {name for name in names if f"{inside}/{name}" in FORBIDDEN}

    return ignore


def _copy_distribution(one: Distribution, folder: Path) -> None:
    for file in one.files or []:
        if ".." in file.parts or "__pycache__" in file.parts:  # commands of libraries, and caches
            continue
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(str(file.locate())), target)


def _describe(folder: Path) -> None:
    """What ``importlib.metadata`` says about us: name and version, and nothing about where it was built."""
    place = folder / f"sluss-{version('sluss')}.dist-info"
    place.mkdir()
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: sluss\nVersion: {version('sluss')}\n", "utf-8")


if __name__ == "__main__":
    build_tree(sys.argv[1], Path(sys.argv[2]))
