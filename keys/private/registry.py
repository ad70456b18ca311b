"""The registry folder: an officer's own copy of the statements that people made, replayed before every use.

    DIR/statements/000001.slk …   one statement a file, in order, the founding root first
    DIR/grants/<key id>.slk       the directory key, sealed to one administrator; <key id>-<n>.slk: key number n
    DIR/officers/<key id>.slk     the request of an administrator or root holder, to seal later keys to

Rules:
1. Nothing is believed because it lies in the folder: each command replays it from the first root.
2. A statement is written only after ``Directory`` accepted it, durably, and never over another.
3. The hub's log also holds the hub's snapshots, which are the clock of administrators who wait. An officer who needs
   that clock takes the hub's whole log over (``adopt``); otherwise no statement of people refers to a snapshot.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from keys.admin_request import MAX_ADMIN_REQUEST_BYTES, Officer, parse_admin_request
from keys.directory import Directory
from keys.errors import LocalError, PeerError
from keys.files import read_bounded, write_durably
from keys.public import key_id
from keys.statements import MAX_LEAF_BYTES

_GRANT_BYTES: Final = 1168  # one X-Wing wrap of a 32-byte key
_NAME_DIGITS: Final = 6

T = TypeVar("T")


class Registry:
    """A replayed registry folder. Use ``found`` or ``open``.

    Args:
        folder: the folder.
        statements: all accepted statements, the first root first.
        directory: the state that they give.
    """

    def __init__(self, folder: Path, statements: list[bytes], directory: Directory) -> None:
        self._folder = folder
        self.statements = statements
        self.directory = directory

    @classmethod
    def found(cls, folder: Path, first_root: bytes) -> Registry:
        """Begin a registry with a first root.

        Raises:
            LocalError: code ``EXISTS`` when the folder holds statements, ``DISK`` when it cannot be written.
            PeerError: the root is not self-consistent.
        """
        registry = cls(folder, [first_root], Directory(first_root))
        if registry._path(1).exists():
            raise LocalError("EXISTS")
        make_folder(folder / "statements")
        make_folder(folder / "grants")
        write_durably(registry._path(1), first_root, mode=0o644)
        return registry

    @classmethod
    def open(cls, folder: Path) -> Registry:
        """Read and replay a registry.

        Raises:
            LocalError: code ``NOREGISTRY`` when there is none, ``REGISTRY`` with the ``number`` of the first statement
                that is missing or refused and the ``cause``.
        """
        count = len(list((folder / "statements").glob("*.slk")))
        if not count:
            raise LocalError("NOREGISTRY")
        first = cls._read(folder, 1)
        registry = cls(folder, [first], _judge(1, lambda: Directory(first)))
        for number in range(2, count + 1):
            raw = cls._read(folder, number)
            _judge(number, functools.partial(registry.directory.apply, raw))
            registry.statements.append(raw)
        return registry

    def append(self, statement: bytes) -> int:
        """Let the directory judge a statement, write it, and return its number.

        Raises:
            PeerError: refused; nothing is written.
            LocalError: code ``DISK``; this object is of no more use.
        """
        self.directory.apply(statement)
        self.statements.append(statement)
        number = len(self.statements)
        write_durably(self._path(number), statement, mode=0o644)
        return number

    @classmethod
    def adopt(cls, folder: Path, leaves: list[bytes], old: Registry) -> Registry:
        """Begin a registry with a hub's whole log, every leaf judged; grants are taken along from the old one.

        Raises:
            LocalError: code ``FEDERATION`` when the log is another federation's, ``EXISTS``, ``DISK``, or ``REGISTRY``
                with the number of the leaf that is refused.
        """
        if not leaves or leaves[0] != old.statements[0]:
            raise LocalError("FEDERATION")
        registry = cls.found(folder, leaves[0])
        for number, leaf in enumerate(leaves[1:], 2):
            _judge(number, functools.partial(registry.append, leaf))
        for name, most in (("grants", _GRANT_BYTES), ("officers", MAX_ADMIN_REQUEST_BYTES)):
            make_folder(folder / name)
            for path in sorted((old._folder / name).glob("*.slk")):
                write_durably(folder / name / path.name, read_bounded(path, most), mode=0o644)
        return registry

    def save_grant(self, key_id: bytes, grant: bytes, number: int = 0) -> None:
        """Keep an officer's grant of directory key ``number``; ``key_id`` is 32 bytes."""
        make_folder(self._folder / "grants")
        write_durably(self._grant_path(key_id, number), grant, mode=0o644)

    def save_officer(self, request: bytes) -> None:
        """Keep an officer's request, so that a later directory key can be sealed to them.

        Raises:
            PeerError: it is none.
        """
        make_folder(self._folder / "officers")
        name = key_id(parse_admin_request(request).keys)
        write_durably(self._folder / "officers" / f"{name.hex()}.slk", request, mode=0o644)

    def officer(self, name: bytes) -> Officer | None:
        """The request of an officer by key id; a file that is not theirs is none: it is signed by the keys it names."""
        try:
            raw = read_bounded(self._folder / "officers" / f"{name.hex()}.slk", MAX_ADMIN_REQUEST_BYTES)
            officer = parse_admin_request(raw)
        except (LocalError, PeerError):
            return None
        return officer if key_id(officer.keys) == name else None

    def grant(self, key_id: bytes, number: int = 0) -> bytes:
        """An officer's grant of directory key ``number``.

        Raises:
            LocalError: code ``GRANT``; there is none.
        """
        try:
            return read_bounded(self._grant_path(key_id, number), _GRANT_BYTES)
        except LocalError as error:
            raise LocalError("GRANT") from error

    @staticmethod
    def _read(folder: Path, number: int) -> bytes:
        return _judge(number, lambda: read_bounded(_statement_path(folder, number), MAX_LEAF_BYTES))

    def _path(self, number: int) -> Path:
        return _statement_path(self._folder, number)

    def _grant_path(self, key_id: bytes, number: int) -> Path:
        return self._folder / "grants" / (f"{key_id.hex()}-{number}.slk" if number else f"{key_id.hex()}.slk")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it.

    Raises:
        LocalError: code ``DISK``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError("DISK") from error


def write_new(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file that must not exist: a key file written over another would be the end of that key.

    Raises:
        LocalError: code ``EXISTS`` or ``DISK``.
    """
    if path.exists():
        raise LocalError("EXISTS")
    write_durably(path, data, mode=mode)


def _judge(number: int, call: Callable[[], T]) -> T:
    """Do one step of the replay, and name the statement where it breaks."""
    try:
        return call()
    except (LocalError, PeerError) as error:
        raise LocalError("REGISTRY", number=number, cause=error.fields.get("rule", error.code)) from error


def _statement_path(folder: Path, number: int) -> Path:
    return folder / "statements" / f"{number:0{_NAME_DIGITS}}.slk"
