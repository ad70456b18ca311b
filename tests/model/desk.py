"""What a device does: look at the log, publish keys, read its mailbox, tell, write, seal anew, ask its siblings.

Wherever the engine has a decision as a function of values, that function is called; ``Off`` names what is taken out.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from client.engine.checks import is_equivocation
from client.engine.inbox import reads_anew
from client.engine.outbox import is_for_nobody
from client.engine.prekeys import HeldBatch, roster
from client.engine.receipts import settles
from client.engine.rollback import Standing, hub_remembers
from client.engine.trust import extends, passed_through
from keys.document import ReceiptEntry, ReceiptStatus
from keys.ids import DeviceId
from keys.private.prekeys import EpochSecret, keep_after
from keys.statements import Batch, Interval
from tests.model.world import (
    DAY_HOURS,
    Device,
    Document,
    Envelope,
    Key,
    Log,
    Own,
    Receipt,
    Row,
    Taken,
    World,
    active,
    active_names,
    digest_of,
    directory_of,
    id_of,
    is_prefix,
    name_of,
    tree_of,
)

Off = str  # the name of the one defence that is taken out, or empty
CANNOT_OPEN = frozenset({"SLOT", "ROSTER"})


# -- duties: log, own keys, what the hub remembers --------------------------------------------------------------------


def duties(world: World, name: str, off: Off) -> World:
    """One round: look at the log, stop when revoked or gone back, publish a key for today."""
    world = look(world, name, off)
    device = world.device(name)
    entry = directory_of(device.log).get(name)
    if device.stopped or entry is None:
        return world
    if entry.revoked_size is not None:
        return world.put(device._replace(stopped="REVOKED", keys=()))
    if not device.is_compared and off != "rollback_detection":
        device = _compare(world, device)
    if device.stopped:
        return world.put(device)
    return _publish(world.put(device._replace(is_compared=True)), name)


def look(world: World, name: str, off: Off) -> World:
    """Fetch what the hub shows this device of the log; anything but more of the same is a fork."""
    device, shown = world.device(name), dict(world.hub.shown).get(name, world.hub.log)
    if device.stopped == "FORK" or shown == device.log:
        return world
    sound = extends(tree_of(device.log), shown[len(device.log) :], size=len(shown), root=tree_of(shown).root())
    if not sound and off != "log_extends_only":
        return world.put(device._replace(stopped="FORK"))
    longest = shown if is_prefix(device.longest, shown) else device.longest
    return world.put(device._replace(log=shown, longest=longest))


def _compare(world: World, device: Device) -> Device:
    told = Standing(dict(world.hub.batches).get(device.name, (0, 0))[0], dict(world.hub.cursors).get(device.name, 0))
    same_hub = device.incarnation == world.hub.incarnation
    rule = hub_remembers(Standing(device.batch_no, device.read), told, same_hub=same_hub)
    return device._replace(stopped="ROLLBACK") if rule else device


def _publish(world: World, name: str) -> World:
    device, key = world.device(name), (name, world.day)
    if key in device.keys or dict(world.hub.batches).get(name, (0, -1))[1] == world.day:
        return world
    device = device._replace(keys=(*device.keys, key), batch_no=device.batch_no + 1)
    batches = dict(world.hub.batches) | {name: (device.batch_no, world.day)}
    hub = world.hub._replace(batches=tuple(sorted(batches.items())))
    return world._replace(hub=hub).put(device)


# -- writing, sealing, depositing -------------------------------------------------------------------------------------


def write(world: World, name: str, off: Off, *, atomic: bool = True) -> World | None:
    """Write the next document to the other unit, and send it."""
    world = duties(world, name, off)
    device = world.device(name)
    number = world.documents + 1
    device = device._replace(own=(*device.own, Own(number, None, "queued")))
    return _send(world._replace(documents=number).put(device), name, number, off, atomic=atomic)


def seal_anew(world: World, name: str, off: Off, number: int | None = None) -> World | None:
    """Send again one document that has no receipt, by default the first."""
    world = duties(world, name, off)
    waiting = [own.number for own in world.device(name).own if own.state != "settled" and number in {None, own.number}]
    return _send(world, name, waiting[0], off) if waiting else None


def _send(world: World, name: str, number: int, off: Off, *, atomic: bool = True) -> World | None:
    device = world.device(name)
    may = not device.stopped or (device.stopped == "FORK" and off == "nothing_leaves_in_a_fork")
    keys = keys_for(world, device.log, "b", off)
    if not may or not keys:
        return None
    own = next(own for own in device.own if own.number == number)
    nobody = own.signed is not None and is_for_nobody(
        [id_of(one) for one in own.signed.roster], [id_of(one) for one in active_names(device.log, "b")]
    )
    if own.signed is None or (nobody and off != "signed_anew_when_its_roster_is_gone"):
        world, own = _sign(world, device, own, keys)
    state = "settled" if off == "keep_outbox_until_receipt" else "sent"
    world = _own(world, name, own._replace(state=state))
    assert own.signed is not None
    return deposit(world, name, "b", own.signed, keys=keys, atomic=atomic)


def keys_for(world: World, log: Log, unit: str, off: Off) -> list[Key]:
    """Whom a sender with that log wraps for, by the batches that the hub has."""
    devices = active(log, unit)
    if off == "revoked_left_out_of_roster":
        devices = [entry for name, entry in directory_of(log).items() if name[0] == unit]
    held = {DeviceId(id_of(one)): _held(one, *batch) for one, batch in world.hub.batches}
    targets = roster(devices, held, world.hour)
    return [(name_of(target.device_id), world.day) for target in targets]


@functools.cache
def _held(name: str, batch_no: int, day: int) -> HeldBatch:
    interval = Interval(day * DAY_HOURS, (day + 1) * DAY_HOURS, b"")
    return HeldBatch(Batch(1, 1, bytes(32), id_of(name), batch_no, 0, [interval]), b"")


def _sign(world: World, device: Device, own: Own, keys: Iterable[Key]) -> tuple[World, Own]:
    names = tuple(sorted(name for name, _ in keys))
    signed = Document(own.number, device.name, device.seq + 1, device.prev, names, device.log)
    device = device._replace(seq=signed.seq, prev=digest_of(signed))
    return world.put(device).fact(("signed", device.name, signed.seq, digest_of(signed))), own._replace(signed=signed)


def _own(world: World, name: str, changed: Own) -> World:
    device = world.device(name)
    rows = tuple(changed if own.number == changed.number else own for own in device.own)
    return world.put(device._replace(own=rows))


def deposit(
    world: World, name: str, mailbox: str, content: Document | Receipt, *, keys: Iterable[Key], atomic: bool = True
) -> World:
    """Seal, and put into a mailbox: number and row in one transaction, or the number first."""
    envelope = Envelope(world.envelopes + 1, mailbox, content, tuple(keys), world.device(name).longest)
    hub, last_n = world.hub, dict(world.hub.last_n)
    last_n[mailbox] += 1
    row = Row(last_n[mailbox], envelope)
    hub = hub._replace(last_n=tuple(last_n.items()))
    hub = hub._replace(rows=(*hub.rows, row)) if atomic else hub._replace(unfinished=(*hub.unfinished, row))
    return world._replace(hub=hub, envelopes=envelope.number)


# -- reading ----------------------------------------------------------------------------------------------------------


def sync(world: World, name: str, off: Off) -> World:
    """A whole pass: duties, drain, receipts."""
    world = duties(world, name, off)
    return tell(finish(begin(world, name, off), name, off), name, off)


def begin(world: World, name: str, off: Off) -> World:
    """A drain begins: how far it will read, and whether from the start."""
    device, hub = world.device(name), world.hub
    if device.stopped in {"REVOKED", "ROLLBACK"} or device.reading is not None:
        return world
    last_n = dict(hub.last_n)[device.unit]
    anew = _reads_anew(device, hub.incarnation, last_n)
    if off != "incarnation_check" and anew:
        device = device._replace(cursor=0)
    if device.incarnation != hub.incarnation:
        device = device._replace(read=0)
    return world.put(device._replace(incarnation=hub.incarnation, reading=(world.hour, last_n)))


def _reads_anew(device: Device, incarnation: int, last_n: int) -> bool:
    known = None if device.incarnation is None else bytes([device.incarnation])
    return reads_anew(known, bytes([incarnation]), cursor=device.cursor, last_n=last_n)


def finish(world: World, name: str, off: Off, *, crash: bool = False) -> World:
    """Take in what waited, move the cursors, let keys go. In a crash what was not committed is as it was."""
    device = world.device(name)
    if device.reading is None or device.stopped in {"REVOKED", "ROLLBACK"}:
        return world.put(device._replace(reading=None))
    began, last_n = device.reading
    if crash:
        early = off == "acknowledged_after_the_commit"
        world = world.put(device._replace(reading=None))
        return _acknowledge(world, name, last_n) if early else world
    waiting = [row for row in world.hub.rows if row.envelope.mailbox == device.unit and device.cursor < row.n <= last_n]
    for row in sorted(waiting):
        world = _take_in(world, name, row.envelope, off)
    device = world.device(name)
    device = device._replace(reading=None, cursor=last_n, read=max(device.read, last_n))
    device = _forget(device, world.hour, world.hour if off == "drain_counts_from_its_begin" else began)
    return _acknowledge(_note_forgotten(world, device), name, last_n)


def _acknowledge(world: World, name: str, n: int) -> World:
    """The hub's cursor moves, and what all active devices have goes."""
    cursors = dict(world.hub.cursors)
    cursors[name] = max(cursors.get(name, 0), n)
    passed = {unit: min((cursors.get(one, 0) for one in active_names(world.hub.log, unit)), default=0) for unit in "ab"}
    rows = tuple(row for row in world.hub.rows if row.n > passed[row.envelope.mailbox])
    return world._replace(hub=world.hub._replace(cursors=tuple(sorted(cursors.items())), rows=rows))


def _forget(device: Device, hour: int, drained_hour: int) -> Device:
    return device._replace(keys=_kept(device.keys, hour, drained_hour))


@functools.cache
def _kept(keys: tuple[Key, ...], hour: int, drained_hour: int) -> tuple[Key, ...]:
    secrets = [EpochSecret(day * DAY_HOURS, (day + 1) * DAY_HOURS, 1, id_of(name) * 2) for name, day in keys]
    return tuple((name_of(one.seed[:16]), one.start // DAY_HOURS) for one in keep_after(secrets, hour, drained_hour))


def _note_forgotten(world: World, device: Device) -> World:
    gone = set(world.device(device.name).keys) - set(device.keys)
    return world.put(device).fact(*(("forgot", *key) for key in gone))


def forget_by_the_clock(world: World) -> World:
    """Every device lets its keys go when their time is over, whether it has read or not: the defence taken out."""
    for device in world.devices:
        world = _note_forgotten(world, _forget(device, world.hour, world.hour))
    return world


def _take_in(world: World, name: str, envelope: Envelope, off: Off) -> World:
    device = world.device(name)
    if envelope.number in device.seen:
        return world
    world = world.put(device._replace(seen=device.seen | {envelope.number}))
    if not set(envelope.keys) & set(device.keys):
        return _put_aside(world, name, envelope, "SLOT")
    if isinstance(envelope.content, Receipt):
        return _settle(world, name, envelope.content, off)
    code = _checked(world, name, envelope.content, off)
    if code == "LOG":
        world = look(world, name, off)
        code = _checked(world, name, envelope.content, off)
    if code == "SEEN":
        return _tell_again(world, name, envelope.content, off)
    if code:
        return _put_aside(world, name, envelope, code)
    return _accept(world, name, envelope.content, envelope=envelope.number)


def _checked(world: World, name: str, document: Document, off: Off, *, by_mail: bool = True) -> str:
    """Checks 10 to 14; the code of the one that failed."""
    device = world.device(name)
    agreed = passed_through(tree_of(device.log), size=len(document.view), root=tree_of(document.view).root())
    if off != "view_in_each_document" and agreed is not True:
        return "LOG" if agreed is None else "FORK"
    signer = directory_of(device.log).get(document.sender)
    if signer is None:
        return "SIGNER"
    if by_mail and signer.revoked_size is not None and off != "revoked_sender_refused":
        return "REVOKED"
    if not signer.was_active(len(document.view), 0) and off != "sender_active_in_its_own_view":
        return "REVOKED"
    if by_mail and name not in document.roster:
        return "ROSTER"
    return _placed(device, document, off)


def _placed(device: Device, document: Document, off: Off) -> str:
    """Check 14."""
    taken = [one.document for one in device.taken]
    same = [one for one in taken if one.number == document.number]
    if off != "signed_anew_is_no_equivocation":
        same = [one for one in same if one.sender != document.sender or one.seq >= document.seq]
    same_id = [(digest_of(one),) for one in same]
    chain = {one.seq: (digest_of(one),) for one in taken if one.sender == document.sender}
    same_seq = [chain[document.seq]] if document.seq in chain else []
    before = [chain[document.seq - 1]] if document.seq - 1 in chain else []
    if off == "seq_check":
        same_seq, before = [], []
    if off == "dedupe_by_id":
        same_id, same_seq = [], []
    if is_equivocation(digest_of(document), document.prev, beside=[*same_id, *same_seq], before=before):
        return "EQUIV"
    return "SEEN" if same_id or same_seq else ""


def _put_aside(world: World, name: str, envelope: Envelope, code: str) -> World:
    device = world.device(name)
    device = device._replace(aside=(*device.aside, (envelope.number, code)))
    return world.put(device._replace(stopped="FORK") if code == "FORK" else device)


def _is_anew(document: Document, old: Document) -> bool:
    """Whether it is what a sibling passed on, signed again later: it takes the place of what is here."""
    return (document.number, document.sender) == (old.number, old.sender) and old.seq < document.seq


def _accept(world: World, name: str, document: Document, *, envelope: int | None = None) -> World:
    device, by_mail = world.device(name), envelope is not None
    others = tuple(one for one in device.taken if not _is_anew(document, one.document))
    device = device._replace(taken=(*others, Taken(document, by_mail, device.log)))
    if envelope is not None:
        receipt = Receipt(document.number, digest_of(document), device.unit)
        device = device._replace(carried=(*device.carried, (envelope, document.number)), owed=(*device.owed, receipt))
    return world.put(device)


# -- receipts ---------------------------------------------------------------------------------------------------------


def tell(world: World, name: str, off: Off) -> World:
    """Send the receipts that are owed."""
    device = world.device(name)
    keys = keys_for(world, device.log, "a", "")
    if not device.owed or not keys or device.stopped:
        return world
    for receipt in device.owed:
        world = deposit(world, name, "a", receipt, keys=keys)
    return world.put(device._replace(owed=(), told=(*device.told, *device.owed)))


def _tell_again(world: World, name: str, document: Document, off: Off) -> World:
    """The sender has not heard; what a sibling brought before the mail is receipted now."""
    device = world.device(name)
    receipt = Receipt(document.number, digest_of(document), device.unit)
    which = "receipt_told_again" if receipt in device.told else "receipt_also_for_what_a_sibling_brought"
    if off == which or receipt in device.owed:
        return world
    told = tuple(one for one in device.told if one != receipt)
    return world.put(device._replace(owed=(*device.owed, receipt), told=told))


def _settle(world: World, name: str, receipt: Receipt, off: Off) -> World:
    """Let the outbox row of that document go, if the receipt is the word for it."""
    entry = ReceiptEntry(b"", receipt.digest, ReceiptStatus.AVAILABLE, "", 0, b"", 0, b"")
    for own in world.device(name).own:
        if own.number != receipt.number or own.signed is None:
            continue
        digest = digest_of(own.signed)
        by_whom = b"b" if off == "receipt_of_the_recipient_only" else receipt.unit.encode()
        if settles(entry, by_whom, state=own.state, digest=digest, to_unit=b"b"):
            world = _own(world, name, own._replace(state="settled"))
    return world


# -- siblings ---------------------------------------------------------------------------------------------------------


def ask(world: World, name: str, off: Off) -> World:
    """Ask siblings for what could not be opened, and for history when this device is new; checked like mail."""
    device = world.device(name)
    if device.stopped or directory_of(device.log).get(name) is None:
        return world
    for sibling in world.devices:
        if sibling.name == name or sibling.unit != device.unit or sibling.stopped:
            continue
        if sibling.name in active_names(device.log, device.unit):
            world = _ask_one(world, name, sibling, off)
    return world


def _ask_one(world: World, name: str, sibling: Device, off: Off) -> World:
    device, wanted = world.device(name), set()
    if off != "reshare":
        needed = {number for number, code in device.aside if code in CANNOT_OPEN}
        wanted |= {number for envelope, number in sibling.carried if envelope in needed}
    if not device.has_history and off != "history":
        wanted |= set(sibling.held)
        world = world.put(device._replace(has_history=True))
    for taken in sibling.taken:
        if taken.document.number in wanted and _checked(world, name, taken.document, off, by_mail=False) == "":
            world = _accept(world, name, taken.document)
    return world
