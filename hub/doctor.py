"""What can be wrong with a hub, looked for one by one; the result may be pasted into a mail to anybody.

Nothing here names the hub, a mailbox, a path, an address or this machine: findings are words and numbers of ours.
Each check stands for itself: what one of them cannot find out does not stop the others.
"""

from __future__ import annotations

import contextlib
import dataclasses
import platform
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from hub import doctor_postgres
from hub.backup_files import seconds_since
from hub.certificates import all_seconds_left
from hub.config import FILE_NAME as SETTINGS_NAME
from hub.config import ClientAddress, Config, load_config
from hub.finding import Finding, Level
from hub.house import only_one
from hub.inspection import inspect, read_only
from hub.kernel_clock import is_synchronised
from hub.machine import file_system, measured_sync, open_files, volatile_cache
from hub.secret_files import is_open_to_others, secret_path
from hub.signer import FILE_NAME as KEY_NAME
from hub.signer import load_signer
from hub.stores import STORE_NAME
from keys import selftest
from keys.errors import LocalError, SlussError
from keys.statements import Profile

GIB: Final = 1024**3
DAY: Final = 86_400
WARN_FREE: Final = 2 * GIB
WARN_CERTIFICATE_DAYS: Final = 21
WARN_BACKUP_HOURS: Final = 36  # the timer makes one a day, within an hour
CLOCK_FLOOR: Final = 1_767_225_600  # 2026-01-01: no hub runs before its program was written
LEAST_SYNC_SECONDS: Final = (
    20e-6  # a flash disk that really writes takes some hundred microseconds, a spinning one 5 ms
)
VOLATILE: Final = frozenset({"tmpfs", "ramfs", "overlay", "9p", "fuse", "nfs", "nfs4", "cifs", "smb3", "vboxsf"})
LIBRARIES: Final = ("aiohttp", "aiosqlite", "cryptography", "msgspec", "pynacl")


@dataclasses.dataclass(frozen=True, slots=True)
class _Seen:
    data: Path
    config: Config | None
    now: float
    deep: bool


def examine(data: Path, *, deep: bool = False, now: float | None = None) -> list[Finding]:
    """Look at everything.

    Args:
        data: the hub's folder.
        deep: read the whole database and verify every signature in its log.
        now: seconds since 1970; by default the machine's clock.
    """
    config, problem = None, Finding("settings", Level.WELL, "read, every name known")
    try:
        config = load_config(data)
    except LocalError:
        problem = Finding("settings", Level.BAD, "CONFIG: missing or wrong; sluss-hub status says where")
    seen = _Seen(data, config, time.time() if now is None else now, deep)
    return [problem, *(finding for check in CHECKS for finding in _run(check, seen))]


def _run(check: Callable[[_Seen], Iterator[Finding]], seen: _Seen) -> list[Finding]:
    name = check.__name__.strip("_")
    findings: list[Finding] = []
    try:
        findings.extend(check(seen))
    except SlussError as error:
        findings.append(Finding(name, Level.BAD, f"{error.code} {error.fields.get('rule', '')}".strip()))
    except (OSError, sqlite3.Error) as error:
        findings.append(Finding(name, Level.BAD, f"cannot be looked at: {type(error).__name__}"))
    return findings


def _version(_: _Seen) -> Iterator[Finding]:
    found = [f"{name} {_of(name)}" for name in ("sluss", *LIBRARIES)]
    own = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", platform.machine()]
    yield Finding("version", Level.WELL, ", ".join([*found, *own]))
    selftest.run()
    yield Finding("primitives", Level.WELL, "compute what they must")


def _of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _permissions(seen: _Seen) -> Iterator[Finding]:
    place = seen.config.key_file if seen.config else ""
    key = secret_path(seen.data, place, KEY_NAME)
    load_signer(seen.data, place)  # raises KEYFILE or KEYMODE
    yield Finding("permissions", Level.WELL, "the key is there and its owner's alone")
    if is_open_to_others(seen.data):
        yield Finding("permissions", Level.BAD, "others can look into the data folder: chmod 700")
    for name in (STORE_NAME, SETTINGS_NAME):
        with contextlib.suppress(FileNotFoundError):
            if (seen.data / name).stat().st_mode & 0o022:
                yield Finding("permissions", Level.BAD, f"others can write {name}")
    if key.parent != seen.data and (seen.data / KEY_NAME).exists():
        yield Finding("permissions", Level.WARNING, "a second hub.key lies in the data folder, unused: delete it")


def _database(seen: _Seen) -> Iterator[Finding]:
    if seen.config is not None and seen.config.database:
        yield from doctor_postgres.look(seen.data, seen.config, deep=seen.deep, hour=int(seen.now // 3600))
        return
    with contextlib.closing(read_only(seen.data / STORE_NAME)) as connection:
        found = inspect(connection, deep=seen.deep)
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    depth = "all of it" if seen.deep else "pages, log and counts; --deep reads all of it"
    yield Finding("database", Level.WELL, f"whole ({depth}); schema {found.schema}, log {found.log_size}")
    if mode != "wal":
        yield Finding("database", Level.BAD, "not in write-ahead mode: something else opened and changed it")


def _disk(seen: _Seen) -> Iterator[Finding]:
    usage = shutil.disk_usage(seen.data)
    text = f"{usage.free / GIB:.1f} GiB free of {usage.total / GIB:.1f}"
    floor = (seen.config.min_free_mib if seen.config else 0) * 1024**2
    level = Level.BAD if usage.free < floor else Level.WARNING if usage.free < WARN_FREE else Level.WELL
    yield Finding("disk", level, text)


def _durability(seen: _Seen) -> Iterator[Finding]:
    kind, options = file_system(seen.data)
    text = f"file system {kind}"
    if kind.partition(".")[0] in VOLATILE:
        yield Finding(
            "durability", Level.BAD, f"{text}: does not keep, or does not sync, what a power cut must not take"
        )
    elif options & {"nobarrier", "barrier=0", "data=writeback"}:
        yield Finding("durability", Level.BAD, f"{text}, mounted without barriers: a sync does not reach the disk")
    else:
        yield Finding("durability", Level.WELL, text)
    seconds = measured_sync(seen.data)
    level = Level.WARNING if seconds < LEAST_SYNC_SECONDS else Level.WELL
    said = " - quicker than a disk can be: does it keep what it says?" if level is Level.WARNING else ""
    yield Finding("durability", level, f"a sync takes {seconds * 1e6:.0f} microseconds{said}")
    if volatile_cache(seen.data):
        yield Finding("durability", Level.WELL, "the disk has a write cache and is told to empty it (write back)")


def _clock(seen: _Seen) -> Iterator[Finding]:
    if seen.now < CLOCK_FLOOR:
        yield Finding("clock", Level.BAD, "stands before this program was written")
    kept = is_synchronised()
    words = {
        True: "kept by a time service",
        False: "kept by nothing: start a time service",
        None: "kernel does not say",
    }
    yield Finding("clock", Level.WELL if kept else Level.WARNING, words[kept])
    if seen.config is not None and seen.config.database:
        return
    with contextlib.closing(read_only(seen.data / STORE_NAME)) as connection:
        (newest,) = connection.execute("SELECT max(hour) FROM envelope").fetchone()
    if newest is not None and newest > seen.now // 3600:
        yield Finding("clock", Level.BAD, "the database holds deposits of hours to come: the clock went back")


def _certificates(seen: _Seen) -> Iterator[Finding]:
    names = seen.config.certificates if seen.config else ()
    for number, seconds in enumerate(all_seconds_left(names, seen.now), start=1):
        if seconds is None:
            yield Finding("certificates", Level.BAD, f"number {number} cannot be read")
            continue
        days = int(seconds // DAY)
        level = Level.BAD if seconds <= 0 else Level.WARNING if days < WARN_CERTIFICATE_DAYS else Level.WELL
        yield Finding("certificates", level, f"number {number} has {days} days left")
    if not names:
        yield Finding("certificates", Level.WARNING, "none is named in the settings: nobody will say when it runs out")


def _backup(seen: _Seen) -> Iterator[Finding]:
    seconds = seconds_since(seen.data, seen.now)
    if seconds is None:
        yield Finding("backup", Level.WARNING, "none was made from this folder: enable the timer")
        return
    hours = int(seconds // 3600)
    yield Finding(
        "backup", Level.WARNING if hours > WARN_BACKUP_HOURS else Level.WELL, f"the newest is {hours} hours old"
    )


def _network(seen: _Seen) -> Iterator[Finding]:
    config = seen.config
    if config is None:
        return
    loopback = config.host in {"127.0.0.1", "::1", "localhost"}
    if not loopback:
        yield Finding(
            "network", Level.WARNING, "listens beyond this machine: only a proxy may reach it, by a closed net"
        )
    if config.profile is Profile.REAL and not config.address.startswith("https://"):
        yield Finding("network", Level.BAD, "its address is not https: no device will talk to it")
    if config.profile is Profile.REAL and config.client_address is ClientAddress.CONNECTION:
        text = 'client_address is "connection": behind a proxy all devices share one address and its rate'
        yield Finding("network", Level.WARNING, text)
    limit, needed = open_files(), config.max_connections + 256
    if limit is not None and limit < needed:
        yield Finding(
            "network",
            Level.WARNING,
            f"this shell may open {limit} files; a full hub needs {needed} (LimitNOFILE= in its unit)",
        )
    yield Finding("network", Level.WELL, "a hub serves" if _is_running(seen.data) else "no hub serves on this folder")


def _is_running(data: Path) -> bool:
    try:
        with only_one(data):
            return False
    except LocalError:
        return True


CHECKS: Final = (
    _version, _permissions, _database, _disk, _durability, _clock, _certificates, _backup, _network,
)  # fmt: skip


def verdict(findings: list[Finding]) -> int:
    """Exit code: 1 when something is bad."""
    return int(any(finding.level is Level.BAD for finding in findings))


def as_text(findings: list[Finding]) -> str:
    """One line a finding, fit to paste; the worst first."""
    order = [Level.BAD, Level.WARNING, Level.WELL]
    lines = sorted(findings, key=lambda finding: order.index(finding.level))
    return "\n".join(f"{line.level.value:8} {line.check:13} {line.text}" for line in lines)
