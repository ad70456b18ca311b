"""The state of the model: devices of two units, one hub, the log. Values only; what happens to them is in ``desk``,
``liar`` and ``life``.

Unit A writes, unit B receives; the first letter of a device's name is its unit. A document is what one device signed,
an envelope one sealing of it. A log is a tuple of leaves, ``b"+b1"`` for a device that joined and ``b"-b1"`` for one
that was revoked. An epoch is a day; a key is known by its owner and its day.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any, Final, NamedTuple

from keys.directory_entries import DeviceEntry
from keys.document import NO_PREV
from keys.ids import Digest
from keys.log_tree import LogTree
from keys.statements import Device as Certificate

Log = tuple[bytes, ...]
Key = tuple[str, int]  # device, day
DAY_HOURS: Final = 24
FIRST_HOUR: Final = 2  # the grace of two hours after midnight is over when a day has passed


class Document(NamedTuple):
    """One signed document. ``view`` is the log that its sender names."""

    number: int
    sender: str
    seq: int
    prev: bytes
    roster: tuple[str, ...]
    view: Log


class Receipt(NamedTuple):
    """A unit's signed word that it has a document."""

    number: int
    digest: bytes
    unit: str


class Envelope(NamedTuple):
    """One sealing: what is in it, who can open it, and the longest log that its sender had seen by then."""

    number: int
    mailbox: str
    content: Document | Receipt
    keys: tuple[Key, ...]
    saw: Log


class Row(NamedTuple):
    """An envelope at the hub. ``n`` is its number in the mailbox."""

    n: int
    envelope: Envelope


class Hub(NamedTuple):
    """What the hub keeps, and what it shows beside the truth."""

    log: Log
    incarnation: int = 1
    last_n: tuple[tuple[str, int], ...] = (("a", 0), ("b", 0))
    rows: tuple[Row, ...] = ()
    unfinished: tuple[Row, ...] = ()  # numbered, and not yet to be read: only where that is two transactions
    cursors: tuple[tuple[str, int], ...] = ()
    batches: tuple[tuple[str, tuple[int, int]], ...] = ()  # device: number of its newest batch, its day
    shown: tuple[tuple[str, Log], ...] = ()  # device: another log than the true one


class Taken(NamedTuple):
    """A document that a device took in, and how far its log was then."""

    document: Document
    by_mail: bool
    known: Log


class Own(NamedTuple):
    """A document of this device: queued, sent, or settled by a receipt."""

    number: int
    signed: Document | None
    state: str


class Device(NamedTuple):
    """One device's ring and vault."""

    name: str
    log: Log = ()
    longest: Log = ()  # the longest log that it ever believed
    keys: tuple[Key, ...] = ()
    batch_no: int = 0
    ring_counter: int = 1
    vault_counter: int = 1
    cursor: int = 0
    read: int = 0  # the highest cursor of the hub's present incarnation
    incarnation: int | None = None
    own: tuple[Own, ...] = ()
    seq: int = 0
    prev: bytes = NO_PREV
    taken: tuple[Taken, ...] = ()
    carried: tuple[tuple[int, int], ...] = ()  # envelope, document that it brought
    seen: frozenset[int] = frozenset()
    aside: tuple[tuple[int, str], ...] = ()  # envelope, code of the check that it failed
    owed: tuple[Receipt, ...] = ()
    told: tuple[Receipt, ...] = ()
    reading: tuple[int, int] | None = None  # hour in which a drain began, and how far it will read
    has_history: bool = True
    is_compared: bool = False
    stopped: str = ""

    @property
    def unit(self) -> str:
        """Its unit."""
        return self.name[0]

    @property
    def held(self) -> tuple[int, ...]:
        """Numbers of the documents that it took in."""
        return tuple(taken.document.number for taken in self.taken)


class World(NamedTuple):
    """Everything. ``facts`` is what happened and left no other trace; ``left`` what may still happen, how often."""

    hub: Hub
    devices: tuple[Device, ...]
    left: tuple[tuple[str, int], ...]
    hour: int = FIRST_HOUR
    envelopes: int = 0
    documents: int = 0
    copies: tuple[Device, ...] = ()
    facts: frozenset[Any] = frozenset()

    def device(self, name: str) -> Device:
        """The device of that name."""
        return next(device for device in self.devices if device.name == name)

    def put(self, device: Device) -> World:
        """With one device changed, or one more."""
        if all(one.name != device.name for one in self.devices):
            return self._replace(devices=(*self.devices, device))
        return self._replace(devices=tuple(device if one.name == device.name else one for one in self.devices))

    def fact(self, *facts: Any) -> World:
        """With something to remember."""
        return self._replace(facts=self.facts | set(facts))

    def spend(self, kind: str) -> World | None:
        """With one event less to come; None when none is left."""
        left = dict(self.left)
        if left.get(kind, 0) <= 0:
            return None
        left[kind] -= 1
        return self._replace(left=tuple(left.items()))

    @property
    def day(self) -> int:
        """Today."""
        return self.hour // DAY_HOURS


@functools.cache
def digest_of(document: Document) -> bytes:
    """SHA-256 of a signed object, as far as the model has its bytes."""
    return hashlib.sha256(repr(document).encode()).digest()


@functools.cache
def tree_of(log: Log) -> LogTree:
    """The Merkle tree of a log."""
    tree = LogTree()
    for leaf in log:
        tree.append(leaf)
    return tree


@functools.cache
def directory_of(log: Log) -> dict[str, DeviceEntry]:
    """What a log says of each device, as the engine's own value."""
    found: dict[str, DeviceEntry] = {}
    for size, leaf in enumerate(log, 1):
        name = leaf[1:].decode()
        if leaf.startswith(b"+"):
            found[name] = _entry(name, size, None)
        elif name in found:
            found[name] = _entry(name, found[name].joined_size, size)
    return found


def _entry(name: str, joined: int, revoked: int | None) -> DeviceEntry:
    certificate = Certificate(1, 1, bytes(32), name[0].encode() * 16, id_of(name), b"-", b"", 0, 2**40, 0)
    return DeviceEntry(certificate, None, Digest(bytes(32)), joined, revoked)  # type: ignore[arg-type] # no request


def id_of(name: str) -> bytes:
    """A device's id: its name, filled up."""
    return name.encode().ljust(16, b"\0")


def name_of(device_id: bytes) -> str:
    """The device that has this id."""
    return device_id.rstrip(b"\0").decode()


def active(log: Log, unit: str) -> list[DeviceEntry]:
    """The devices of a unit that may be written to, by that log."""
    return [entry for name, entry in directory_of(log).items() if name[0] == unit and entry.is_active(0)]


def active_names(log: Log, unit: str) -> list[str]:
    """Their names."""
    return [name_of(entry.statement.device_id) for entry in active(log, unit)]


def is_prefix(shorter: Log, longer: Log) -> bool:
    """Whether the longer log extends the shorter one."""
    return longer[: len(shorter)] == shorter
