"""File systems of one's own, for whoever may mount: a small one in memory, and one whose power can be cut."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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


def fill(folder: Path) -> Path:
    """Write a file until nothing fits any more; returns it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1024**2, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    return ballast
