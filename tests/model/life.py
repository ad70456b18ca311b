"""What happens to devices and to the hub: days pass, devices come, go, are put back or restored; the hub lies.

Each event takes a world and gives the world after it, or None where it cannot happen.
"""

from __future__ import annotations

from client.engine.rollback import Standing, counters_agree, hub_remembers
from tests.model import desk
from tests.model.desk import Off
from tests.model.world import DAY_HOURS, Device, Document, World, active_names, directory_of

# -- time, devices ----------------------------------------------------------------------------------------------------


def day_passes(world: World, off: Off) -> World:
    """Midnight and two hours."""
    world = world._replace(hour=world.hour + DAY_HOURS)
    return desk.forget_by_the_clock(world) if off == "delete_key_only_after_drain" else world


def join(world: World, name: str, off: Off) -> World | None:
    """A device is enrolled, and publishes its keys; when its unit has others it is without history."""
    if name in directory_of(world.hub.log):
        return None
    has_elders = bool(active_names(world.hub.log, name[0]))
    hub = world.hub._replace(log=(*world.hub.log, b"+" + name.encode()))
    return desk.duties(world._replace(hub=hub).put(Device(name, has_history=not has_elders)), name, off)


def revoke(world: World, name: str, _off: Off) -> World | None:
    """A device is revoked."""
    if name not in active_names(world.hub.log, name[0]):
        return None
    return world._replace(hub=world.hub._replace(log=(*world.hub.log, b"-" + name.encode())))


def copy(world: World, name: str, _off: Off) -> World | None:
    """Somebody copies a device's folder, or makes a backup of it."""
    if any(one.name == name for one in world.copies):
        return None
    return world._replace(copies=(*world.copies, world.device(name)))


def reopen(world: World, name: str, _off: Off) -> World | None:
    """The office is closed and opened: ring and vault count it."""
    device = world.device(name)
    counter = device.ring_counter + 1
    return world.put(device._replace(ring_counter=counter, vault_counter=counter, is_compared=False))


def put_back(world: World, name: str, off: Off) -> World | None:
    """The whole folder is put back, and the office opened."""
    old = next((one for one in world.copies if one.name == name), None)
    return None if old is None else _opened(world, old, off)


def put_vault_back(world: World, name: str, off: Off) -> World | None:
    """The vault alone is put back; the ring is as it was."""
    old = next((one for one in world.copies if one.name == name), None)
    if old is None:
        return None
    now = world.device(name)
    return _opened(world, old._replace(keys=now.keys, batch_no=now.batch_no, ring_counter=now.ring_counter), off)


def _opened(world: World, device: Device, off: Off) -> World:
    """An office opens with an older memory. Nobody can know of it where nobody was told anything since."""
    differ = device.ring_counter != device.vault_counter
    agree = counters_agree(device.ring_counter, device.vault_counter, noted=device.vault_counter)
    told = Standing(dict(world.hub.batches).get(device.name, (0, 0))[0], dict(world.hub.cursors).get(device.name, 0))
    same_hub = device.incarnation == world.hub.incarnation
    known = hub_remembers(Standing(device.batch_no, device.read), told, same_hub=same_hub)
    if not agree and off != "ring_and_vault_count_together":
        device = device._replace(stopped="ROLLBACK")
    counter = max(device.ring_counter, device.vault_counter) + 1
    device = device._replace(is_compared=False, reading=None, ring_counter=counter, vault_counter=counter)
    world = world.put(device).fact("put back")
    return world if known or differ else world.fact("nobody could know")


def restore(world: World, name: str, off: Off) -> World | None:
    """The device is lost and revoked; a new one of its unit is made from its backup."""
    old, new = next((one for one in world.copies if one.name == name), None), name[0] + "9"
    if old is None or new in directory_of(world.hub.log):
        return None
    if off == "a_restored_device_is_a_new_one":
        return world.put(old._replace(is_compared=True))
    world = revoke(world, name, off) or world
    world = world._replace(hub=world.hub._replace(log=(*world.hub.log, b"+" + new.encode())))
    keys = old.keys if off == "backup_without_keys" else ()
    device = Device(new, log=old.log, longest=old.longest, own=old.own, taken=old.taken, keys=keys, seen=old.seen)
    return desk.duties(world.put(device).fact("restored"), new, off)


def sign_as_if(world: World, name: str, off: Off) -> World | None:
    """A device claims a view of the log in which it was not yet there, or a revoked one in which it still was."""
    entry = directory_of(world.hub.log).get(name)
    if entry is None:
        return None
    gone = entry.revoked_size is not None
    view = world.hub.log[: (entry.revoked_size or 0) - 1] if gone else world.hub.log[: entry.joined_size - 1]
    keys = desk.keys_for(world, world.hub.log, "b", off)
    document = Document(100, name, 1, bytes(32), tuple(sorted(one for one, _ in keys)), view)
    return desk.deposit(world, name, "b", document, keys=keys) if keys else None


def receipt_by_a_third(world: World, name: str, off: Off) -> World | None:
    """A unit that is neither sender nor recipient has seen a digest somewhere, and receipts it."""
    sent = [own.signed for own in world.device(name).own if own.state == "sent" and own.signed]
    if not sent:
        return None
    receipt = desk.Receipt(sent[0].number, desk.digest_of(sent[0]), "c")
    return desk.deposit(world, name, "a", receipt, keys=desk.keys_for(world, world.hub.log, "a", off))


# -- the hub ----------------------------------------------------------------------------------------------------------


def drop(world: World, number: int, _off: Off) -> World | None:
    """An envelope is gone."""
    rows = tuple(row for row in world.hub.rows if row.envelope.number != number)
    if rows == world.hub.rows:
        return None
    return world._replace(hub=world.hub._replace(rows=rows)).fact("lied")


def repeat(world: World, number: int, _off: Off) -> World | None:
    """An envelope comes once more, under a new number."""
    row = next((row for row in world.hub.rows if row.envelope.number == number), None)
    if row is None:
        return None
    last_n = dict(world.hub.last_n)
    last_n[row.envelope.mailbox] += 1
    again = row._replace(n=last_n[row.envelope.mailbox])
    return world._replace(hub=world.hub._replace(rows=(*world.hub.rows, again), last_n=tuple(last_n.items())))


def reorder(world: World, _off: Off) -> World | None:
    """The envelopes of a mailbox stand in the opposite order."""
    numbers = [row.n for row in world.hub.rows if row.envelope.mailbox == "b"]
    others = [row for row in world.hub.rows if row.envelope.mailbox != "b"]
    mine = [row for row in world.hub.rows if row.envelope.mailbox == "b"]
    if len(mine) < 2:
        return None
    turned = [row._replace(n=n) for row, n in zip(mine, reversed(numbers), strict=True)]
    return world._replace(hub=world.hub._replace(rows=tuple(sorted([*others, *turned]))))


def restore_hub(world: World, _off: Off, *, honest: bool) -> World:
    """The hub is an older copy of itself, with empty mailboxes; it says so by its incarnation, or it does not."""
    settled = [own.number for device in world.devices for own in device.own if own.state == "settled"]
    world = world.fact(*(("settled before a restore", number) for number in settled))
    hub = world.hub._replace(rows=(), unfinished=(), last_n=(("a", 0), ("b", 0)), cursors=())
    if honest:
        return world._replace(hub=hub._replace(incarnation=hub.incarnation + 1))
    return world._replace(hub=hub).fact("lied")


def finish_deposit(world: World, number: int, _off: Off) -> World | None:
    """A deposit that was numbered can be read now."""
    row = next((row for row in world.hub.unfinished if row.envelope.number == number), None)
    if row is None:
        return None
    unfinished = tuple(one for one in world.hub.unfinished if one is not row)
    rows = tuple(sorted((*world.hub.rows, row)))
    return world._replace(hub=world.hub._replace(rows=rows, unfinished=unfinished))


def show_shorter(world: World, name: str, _off: Off) -> World | None:
    """One device is shown the log as it was."""
    return _show(world, name, world.hub.log[:-1])


def show_other(world: World, name: str, _off: Off) -> World | None:
    """One device is shown another history of the same length: another organisation's statement in the last place."""
    return _show(world, name, (*world.hub.log[:-1], b"+c1"))


def _show(world: World, name: str, log: tuple[bytes, ...]) -> World | None:
    if dict(world.hub.shown).get(name) == log or len(log) < 3:
        return None
    shown = dict(world.hub.shown) | {name: log}
    return world._replace(hub=world.hub._replace(shown=tuple(sorted(shown.items())))).fact("lied")


def behave(world: World) -> World:
    """The hub is honest from here on."""
    world = world._replace(hub=world.hub._replace(shown=()))
    for row in world.hub.unfinished:
        world = finish_deposit(world, row.envelope.number, "") or world
    return world
