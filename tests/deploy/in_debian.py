"""`make packages`: the packages and the guide in an empty Debian, made by debootstrap in build/. Needs root; minutes.

The Debian is booted: its own systemd starts the units as they are shipped, in namespaces of their own (systemd-nspawn),
with no network but loopback.

It ends with "the guide runs", or with the command that failed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.packages.deb import PACKAGES, build
from deploy.packages.tree import PROJECT
from tests.deploy.guide import script
from tests.kit.debian import tool

SUITE = "bookworm"
INCLUDE = "python3.11,curl,procps,util-linux,systemd"
OUT = PROJECT / "build"
BOOTED_SECONDS = 1800
WENT_WELL = 77  # of the guide, not of a machine that merely stopped
_SERVICE = f"""
[Unit]
Description=Every command of the guide
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'bash /guide.sh && exec systemctl exit {WENT_WELL}; exec systemctl exit 1'
StandardOutput=file:/guide.out
StandardError=file:/guide.log
TimeoutStartSec=infinity
"""


def main() -> None:
    """Build, install, run, remove, and look at what is left."""
    if os.geteuid() != 0:
        sys.exit("make packages needs root: it makes a Debian of its own and changes into it")
    OUT.mkdir(exist_ok=True)
    root = OUT / "debian"
    if not (root / "usr/lib/systemd/systemd").exists():
        bootstrap(root, INCLUDE)
    work = OUT / "debian-work"
    shutil.rmtree(work, ignore_errors=True)
    subprocess.run(["cp", "-a", root, work], check=True)
    (work / "packages").mkdir()
    for one in PACKAGES:
        build(one, work / "packages", compression="gzip")
    (work / "guide.sh").write_text(script(), "utf-8")
    _on_boot(work)
    # A mount namespace around it: nothing of it is left on this machine, whatever happens.
    words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", f"--directory={work}"]
    done = subprocess.run(
        ["unshare", "--mount", *words, "--boot"], stdout=subprocess.DEVNULL, timeout=BOOTED_SECONDS, check=False
    )
    print((work / "guide.out").read_text("utf-8"))
    if done.returncode != WENT_WELL:
        print((work / "guide.log").read_text("utf-8"), file=sys.stderr)
        sys.exit("the guide does not run")
    assert not (work / "usr/bin/sluss-hub").exists(), "removed"
    assert (work / "var/lib/sluss-hub/hub.sqlite").exists(), "data stays"
    assert not (work / "usr/lib/sluss-hub/hub").exists(), "nothing is left behind"
    shutil.rmtree(work)
    print("the guide runs")


def _on_boot(work: Path) -> None:
    """The guide as a service of the booted Debian, which ends with it, and with its exit code."""
    units = work / "etc/systemd/system"
    (units / "guide.service").write_text(_SERVICE, "utf-8")
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    (units / "multi-user.target.wants/guide.service").symlink_to("../guide.service")


def bootstrap(root: Path, include: str) -> None:
    """Make an empty Debian with these packages."""
    program, environment = tool("debootstrap")
    scripts = program.parents[2] / "usr/share/debootstrap"
    if scripts.exists():
        environment["DEBOOTSTRAP_DIR"] = str(scripts)
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(
        ["sh", program, "--variant=minbase", f"--include={include}", SUITE, root], env=environment, check=True
    )


if __name__ == "__main__":
    main()
