"""A bit anywhere in the hub's database, its write-ahead log, keys, settings, blobs: refused, or served as it was.

What the hub then serves altered must show: an envelope by the deposit's signature, a leaf by the checkpoint. A blob is
served as it was or not at all. What it lacks the senders seal anew, which is ``flips_mail``. Settings that still are
settings are other limits; they deceive nobody.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import os
import random
import shutil
import time
from pathlib import Path
from typing import Final

from hub.config import FILE_NAME as SETTINGS_NAME
from hub.config import load_config
from hub.house import listening, open_house
from hub.signer import FILE_NAME as KEY_NAME
from hub.stores import BLOBS_NAME, STORE_NAME
from hub.wire import requests, responses
from keys.attachment import BLOB_BYTES
from keys.checkpoint import parse_note
from keys.envelope import deposit_statement
from keys.errors import FormatError, SignatureError, SlussError
from keys.ids import digest
from keys.log_tree import root_of
from keys.public import verify_ed25519
from tests.faults.bits import turn_anywhere, turn_mail
from tests.faults.tally import Fault, Outcome
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.unit.hub.device import Device, Link, now_hour

ENVELOPES: Final = 30
"""That wait: half of them in the database, the others in its write-ahead log."""
AS_IT_WAS: Final = "as it was"
FLIPS: Final = 250
"""In a round."""
ASK_SECONDS: Final = 60.0
BLOBS: Final = 3
TURNED: Final = {STORE_NAME: 6, f"{STORE_NAME}-wal": 3, KEY_NAME: 1, SETTINGS_NAME: 1, BLOBS_NAME: 2}
"""How often each, in some of all."""


@dataclasses.dataclass(frozen=True, slots=True)
class Truth:
    """A hub's folder as it was, and what is in it."""

    data: Path
    federation: Federation
    envelopes: frozenset[bytes]
    leaves: list[bytes]
    blobs: frozenset[bytes]


async def strike(folder: Path, seed: int, *, flips: int = FLIPS) -> Outcome:
    """Turn one bit in a copy, open the hub on it, and hold what it serves against what it was."""
    truth = await _prepare(folder / "hub")
    rng, kinds, bad = random.Random(seed), collections.Counter[str](), []
    for number in range(flips):
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(truth.data, copy)
        place = _turn(copy, rng)
        kind = await _look(copy, truth)
        if place[0] == KEY_NAME and kind == AS_IT_WAS:
            kind = "!other keys"
        kinds[kind] += 1
        if kind.startswith("!"):
            bad.append([number, *place, kind])
    return Outcome(flips, flips, len(bad), {"kinds": dict(kinds), "bad": bad})


class DeceivedError(Exception):
    """Something altered went through a check that should have noticed."""


class NoticedError(Exception):
    """The hub refused, or a check noticed; says which."""


def _turn(copy: Path, rng: random.Random) -> tuple[str, int]:
    """One bit; not only where most bytes are, or the keys would hardly ever be struck."""
    (name,) = rng.choices(list(TURNED), list(TURNED.values()))
    path = copy / name
    return turn_anywhere([file for file in sorted(path.rglob("*")) if file.is_file()] or [path], rng)


async def control(folder: Path, seed: int) -> Outcome:
    """A bit of each envelope, read by somebody who does not look at signatures."""
    truth = await _prepare(folder / "hub")
    turned = turn_mail(truth.data / STORE_NAME, random.Random(seed))
    async with (
        open_house(truth.data, load_config(truth.data)) as house,
        listening(house) as url,
        _device(url, truth.federation) as device,
    ):
        page = await device.call(requests.Fetch(device.bearer, 0, 256))
    assert isinstance(page, responses.Fetched)
    return Outcome(turned, turned, len(_altered(page, truth)))


async def _prepare(data: Path) -> Truth:
    federation = Federation.demo(now=int(time.time()), devices=1)
    hub = await asyncio.to_thread(HubProcess.create, data, federation, job_seconds=3600.0)
    envelopes: set[bytes] = set()
    leaves: list[bytes] = []
    blobs: set[bytes] = set()
    for is_last in (False, True):
        await asyncio.to_thread(hub.start)
        async with _device(hub.url, federation) as device:
            await device.open_mailbox()
            for _ in range(ENVELOPES // 2):
                deposit = device.deposit()
                assert isinstance(await _call(hub.url, deposit), responses.Deposited)
                envelopes.add(digest(deposit.envelope))
            leaves = await _leaves(device)
            for body in () if is_last else [os.urandom(BLOB_BYTES) for _ in range(BLOBS)]:
                put = requests.PutBlob(device.mailbox, device.token(), now_hour(), bytes(32), body)
                assert isinstance(await _call(hub.url, put), responses.BlobPut)
                blobs.add(digest(body))
        await asyncio.to_thread(hub.kill if is_last else hub.stop)
    return Truth(data, federation, frozenset(envelopes), leaves, frozenset(blobs))


def _device(url: str, federation: Federation) -> Device:
    return Device(url, federation, federation.units["sav"].keepers[0])


async def _call(url: str, request: requests.AnonymousRequest) -> responses.Response:
    async with Link(url) as link:  # of nobody: a device's own connection has logged in
        return await link.call(request)


async def _look(data: Path, truth: Truth) -> str:
    """What became of it, in a word or two; with an exclamation mark when somebody would be deceived."""
    try:
        config = load_config(data)
        async with asyncio.timeout(ASK_SECONDS), open_house(data, config) as house, listening(house) as url:
            return await _served(url, truth)
    except SlussError as error:
        return f"not opened: {error.code}"
    except TimeoutError:
        return "!hangs"
    except Exception as error:  # what nobody has foreseen
        return f"!not opened: {type(error).__name__}"


async def _served(url: str, truth: Truth) -> str:
    try:
        async with _device(url, truth.federation) as device:
            await _check_log(device, truth)
            missing = await _missing_blobs(url, truth)
            page = await device.call(requests.Fetch(device.bearer, 0, 256))
    except NoticedError as error:
        return str(error)
    except DeceivedError as error:
        return f"!{error}"
    if isinstance(page, responses.Refused):
        return f"refused: {page.code.value}"
    assert isinstance(page, responses.Fetched)
    kind = _mail(page, truth, device)
    return f"{missing} blob is not there" if missing and kind == AS_IT_WAS else kind


async def _missing_blobs(url: str, truth: Truth) -> int:
    missing = 0
    for name in truth.blobs:
        answer = await _call(url, requests.GetBlob(name))
        if not isinstance(answer, responses.BlobIs):
            raise NoticedError(f"blob refused: {getattr(answer, 'code', answer)}")
        if answer.blob and digest(answer.blob) != name:
            raise DeceivedError("an altered blob")
        missing += not answer.blob
    return missing


async def _leaves(device: Device) -> list[bytes]:
    """The whole log, on a connection of nobody."""
    answer = await _call(device.url, requests.ReadLog(0, 1024))
    if not isinstance(answer, responses.Leaves):
        raise NoticedError(f"log refused: {getattr(answer, 'code', answer)}")
    return list(answer.leaves)


async def _check_log(device: Device, truth: Truth) -> None:
    """What a client does with it: the leaves against the signed checkpoint."""
    leaves = await _leaves(device)
    note = await _call(device.url, requests.ReadCheckpoint())
    if leaves[: len(truth.leaves)] == truth.leaves:
        return
    assert isinstance(note, responses.CheckpointIs)
    size, root = parse_note(note.note)[0].size, parse_note(note.note)[0].root
    if size == len(leaves) and root_of(leaves) == root:
        raise DeceivedError("an altered log under a sound checkpoint")
    raise NoticedError("log noticed by its root")


def _mail(page: responses.Fetched, truth: Truth, device: Device) -> str:
    altered = _altered(page, truth)
    if any(_is_signed(item, truth, device) for item in altered):
        return "!altered mail that the hub signed for"
    if altered:
        return "altered mail, noticed by the signature"
    return AS_IT_WAS if len(page.items) == len(truth.envelopes) else "some mail is not there"


def _altered(page: responses.Fetched, truth: Truth) -> list[responses.Item]:
    return [item for item in page.items if digest(_body(item)) not in truth.envelopes]


def _body(item: responses.Item) -> bytes:
    return item.envelope if isinstance(item, responses.Waiting) else b""


def _is_signed(item: responses.Item, truth: Truth, device: Device) -> bool:
    statement = deposit_statement(digest(_body(item)), device.mailbox, item.hour)
    try:
        verify_ed25519(truth.federation.hub_keys.ed25519, item.signature, statement)
    except (SignatureError, FormatError):
        return False
    return True


FLIPS_STORE: Final = Fault(
    name="flips-store",
    title="a bit anywhere in the hub's database, its log, keys, settings, blobs: refused, or what is altered shows",
    defence="looking at signatures",
    wanted=3500,
    seed=20_260_600,
    strike=strike,
    control=control,
)
