"""`make packages`: the packages and the guide in an empty Debian, made by debootstrap in build/. Needs root; minutes.

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
INCLUDE = "python3.11,curl,procps,util-linux"
OUT = PROJECT / "build"


def main() -> None:
    """Build, install, run, remove, and look at what is left."""
    if os.geteuid() != 0:
        sys.exit("make packages needs root: it makes a Debian of its own and changes into it")
    OUT.mkdir(exist_ok=True)
    root = OUT / "debian"
    if not (root / "usr/bin/python3.11").exists():
        _bootstrap(root)
    work = OUT / "debian-work"
    shutil.rmtree(work, ignore_errors=True)
    subprocess.run(["cp", "-a", root, work], check=True)
    (work / "packages").mkdir()
    for one in PACKAGES:
        build(one, work / "packages", compression="gzip")
    (work / "guide.sh").write_text(script(), "utf-8")
    # Mounts end with the namespace, whatever happens in it.
    inside = f"mount -t proc proc {work}/proc && mount --rbind /dev {work}/dev && exec chroot {work} bash /guide.sh"
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside], check=False)
    if done.returncode != 0:
        print((work / "run/guide/log").read_text("utf-8") if (work / "run/guide/log").exists() else "", file=sys.stderr)
        sys.exit("the guide does not run")
    assert not (work / "usr/bin/sluss-hub").exists(), "removed"
    assert (work / "var/lib/sluss-hub/hub.sqlite").exists(), "data stays"
    assert not (work / "usr/lib/sluss-hub/hub").exists(), "nothing is left behind"
    shutil.rmtree(work)
    print("the guide runs")


def _bootstrap(root: Path) -> None:
    program, environment = tool("debootstrap")
    scripts = program.parents[2] / "usr/share/debootstrap"
    if scripts.exists():
        environment["DEBOOTSTRAP_DIR"] = str(scripts)
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(
        ["sh", program, "--variant=minbase", f"--include={INCLUDE}", SUITE, root], env=environment, check=True
    )


if __name__ == "__main__":
    main()
