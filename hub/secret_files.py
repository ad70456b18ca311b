"""Where a secret of the hub lies: in the data folder, in a file named in the settings, or handed over by systemd.

    ""                 the file of that name in the data folder; readable by its owner only
    "/run/x/hub.key"   that file; readable by its owner only
    "credential:NAME"  what systemd put into ``$CREDENTIALS_DIRECTORY`` (systemd.exec, LoadCredential=)

A secret never stands in the settings themselves: these are shown to others when something does not work.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

CREDENTIAL: Final = "credential:"
_FOLDER: Final = "CREDENTIALS_DIRECTORY"

SecretPlace = Annotated[str, Meta(max_length=200, pattern=r"^(|/.+|credential:[A-Za-z0-9._-]+)\Z")]
"""Absolute, because the working folder of a service is not that of whoever tries the command by hand."""


def secret_path(data: Path, place: str, name: str) -> Path:
    """The file of a secret.

    Args:
        data: the hub's folder.
        place: as the setting says.
        name: of the file when the setting says nothing.
    """
    if place.startswith(CREDENTIAL):
        # Without systemd the variable is missing, and the path of a file that is not there says so by its code.
        return Path(os.environ.get(_FOLDER, "/nonexistent")) / place.removeprefix(CREDENTIAL)
    return Path(place) if place else data / name


def is_open_to_others(path: Path) -> bool:
    """Whether the mode lets anybody but the owner read a file.

    systemd gives credentials as 0440 with an access list that lets the service's user read them; the group bits are
    then the list's mask, so beside a credential only "everybody" counts. The folder around it is closed to others.

    Raises:
        OSError: there is no such file.
    """
    if os.name != "posix":
        return False
    mode = stat.S_IMODE(path.stat().st_mode)
    handed_over = os.environ.get(_FOLDER) == str(path.parent)
    return bool(mode & (0o007 if handed_over else 0o077))
