"""Programs of Debian that tests run: unpacked beside the environment's Python and not installed.

tool("haproxy")    the path of a program and the environment that it needs
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.prefix) / "debian"
PACKAGES = (
    "nginx", "libnginx-mod-stream", "haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1", "caddy",
    "debootstrap",
)  # fmt: skip
SYSTEMD = ("systemd", "libsystemd-shared")
PLACES = ("usr/sbin", "usr/bin", "bin", "sbin")


class MissingProgramError(AssertionError):
    """A program that the tests need cannot be had; the message says what to do."""


def tool(name: str) -> tuple[Path, dict[str, str]]:
    """A program by name; unpacked at the first call of anybody.

    Raises:
        MissingProgramError: it is not there and cannot be fetched.
    """
    folder = unpacked()
    found = next((folder / place / name for place in PLACES if (folder / place / name).exists()), None)
    path = found or (Path(installed) if (installed := shutil.which(name)) else None)
    if path is None:
        raise MissingProgramError(f"{name}: not in the packages and not on this machine")
    triplet = f"{platform.machine()}-linux-gnu"
    libraries = [folder / "usr/lib" / triplet, folder / "lib" / triplet, folder / "usr/lib" / triplet / "systemd"]
    libraries += [folder / "usr/lib/systemd", folder / "lib/systemd"]
    return path, {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))} if found else dict(os.environ)


def unpacked() -> Path:
    """The folder with all of them; made once, by whoever comes first."""
    stamp = FOLDER / "stamp"
    wanted = list(PACKAGES) + ([] if shutil.which("systemd-analyze") else list(SYSTEMD))
    if stamp.exists() and stamp.read_text("utf-8").split() == wanted:
        return FOLDER
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "debian.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text("utf-8").split() != wanted:
            shutil.rmtree(FOLDER, ignore_errors=True)
            (FOLDER / "packages").mkdir(parents=True)
            _fetch(wanted)
            for package in sorted((FOLDER / "packages").glob("*.deb")):
                subprocess.run(["dpkg-deb", "-x", package, FOLDER], check=True)
            shutil.rmtree(FOLDER / "packages")
            stamp.write_text("\n".join(wanted), "utf-8")
    return FOLDER


def _fetch(packages: list[str]) -> None:
    download = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *packages]
    for attempt in (0, 1):
        if subprocess.run(download, cwd=FOLDER / "packages", capture_output=True, check=False).returncode == 0:
            return
        if attempt == 0:  # a machine that never asked for the lists
            subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)
    raise MissingProgramError(f"these packages of Debian cannot be fetched with apt-get: {' '.join(packages)}")


if __name__ == "__main__":
    print(unpacked())
