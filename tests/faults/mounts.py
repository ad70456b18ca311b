"""File systems of one's own, for whoever may mount: a small one, one whose power can be cut, one whose disk fails."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ZRAM: Final = Path("/sys/class/zram-control")
_SHUTDOWN: Final = 0x8004587D  # FS_IOC_SHUTDOWN, linux/fs.h: _IOR('X', 125, __u32)
_WITHOUT_THE_JOURNAL: Final = 2  # nothing that was not synced reaches the device, as when the power goes


@contextlib.contextmanager
def small(folder: Path, mebibytes: int) -> Iterator[Path]:
    """A file system in memory of this size, at ``folder``."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Cuttable:
    """An ext4 in an image file, at ``folder``; ``cut`` takes its power away."""

    def __init__(self, image: Path, folder: Path) -> None:
        self._image = image
        self.folder = folder
        self._device = ""

    @classmethod
    @contextlib.contextmanager
    def mounted(cls, scratch: Path, mebibytes: int = 512) -> Iterator[Cuttable]:
        """Make and mount one."""
        image, folder = scratch / "disk.img", scratch / "disk"
        with image.open("wb") as file:
            file.truncate(mebibytes * 1024**2)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        folder.mkdir()
        disk = cls(image, folder)
        disk.mount()
        try:
            yield disk
        finally:
            disk.unmount()

    def mount(self) -> None:
        """Mount; the journal is replayed, as after a power cut.

        By a loop device of its own: another mount namespace may still hold the last one, cut off as it is.
        """
        made = subprocess.run(["losetup", "--find", "--show", str(self._image)], check=True, capture_output=True)
        self._device = made.stdout.decode().strip()
        subprocess.run(["mount", self._device, str(self.folder)], check=True)

    def unmount(self) -> None:
        """Unmount, and give the loop device back."""
        subprocess.run(["umount", str(self.folder)], check=True)
        subprocess.run(["losetup", "--detach", self._device], check=True)

    def cut(self) -> None:
        """The power goes: from this instant nothing reaches the device, and what was not synced never did."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _WITHOUT_THE_JOURNAL))
        finally:
            os.close(descriptor)


class Failing:
    """An ext4 on a compressed memory disk (zram), at ``folder``: while it ``is_failing`` each write to it is an EIO.

    The kernel's own: what the disk may not take for lack of memory it refuses as a disk with a fault does, and a sync
    of the file says so. Nothing is simulated in the process.
    """

    def __init__(self, number: int, folder: Path) -> None:
        self._number = number
        self._settings = Path(f"/sys/block/zram{number}")
        self.folder = folder

    @classmethod
    @contextlib.contextmanager
    def mounted(cls, folder: Path, mebibytes: int) -> Iterator[Failing]:
        """Make and mount one."""
        disk = cls(int((_ZRAM / "hot_add").read_text()), folder)
        disk.set("disksize", f"{mebibytes}M")
        folder.mkdir()
        try:
            subprocess.run(["mkfs.ext4", "-q", disk.device], check=True)
            disk.mount()
            try:
                yield disk
            finally:
                disk.is_failing(False)
                subprocess.run(["umount", str(folder)], check=True)
        finally:
            (_ZRAM / "hot_remove").write_text(str(disk._number))

    @property
    def device(self) -> str:
        """Its file in /dev, made where nobody makes them."""
        path = Path(f"/dev/zram{self._number}")
        if not path.exists():
            major, minor = map(int, (self._settings / "dev").read_text().split(":"))
            os.mknod(path, 0o600 | stat.S_IFBLK, os.makedev(major, minor))
        return str(path)

    def mount(self) -> None:
        """Mount; the journal is replayed. It ends with an error of its own, and only mounting begins another."""
        subprocess.run(["mount", self.device, str(self.folder)], check=True)

    def remount(self) -> None:
        """Forget what only memory has: from now on what is read lies on the disk."""
        subprocess.run(["umount", str(self.folder)], check=True)
        self.mount()

    def is_failing(self, fails: bool) -> None:
        """Whether writes fail."""
        self.set("mem_limit", "4K" if fails else "0")

    def set(self, name: str, value: str) -> None:
        """One of the kernel's settings of the disk."""
        (self._settings / name).write_text(value)


def fill(folder: Path) -> Path:
    """Write a file until nothing fits any more; returns it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1024**2, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    return ballast
