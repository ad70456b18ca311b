"""Making a hub's data folder, and bringing signed statements into its log by hand (PROTOCOL 3.1)."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub.config import FILE_NAME, Config, write_config
from hub.directory_log import found_log, open_log
from hub.house import open_house
from hub.mailboxes import Mailboxes
from hub.refusal import RefusalError
from hub.signer import HubSigner, create_signer, load_signer
from hub.store.base import Totals
from hub.stores import STORE_NAME, migrate_store, open_mail
from keys.checkpoint import LOG_KEY, origin_of, parse_note
from keys.cosignature import NoteKey
from keys.domains import SignedType
from keys.errors import LocalError
from keys.files import read_bounded, write_durably
from keys.hub_request import fingerprint_of, make_hub_request
from keys.ids import HubId
from keys.signed import parse_signed, read_payload
from keys.statements import MAX_LEAF_BYTES, Root

REQUEST_NAME: Final = "hub-request.slk"


@dataclasses.dataclass(frozen=True, slots=True)
class Founded:
    """A new hub: what the operator reads to the root holders."""

    hub_id: HubId
    fingerprint: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Loaded:
    """Statements that were new, and the log's size now."""

    new: int
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class HubState:
    """A hub in numbers."""

    hub_id: str
    incarnation: str
    profile: str
    enrolled: bool
    log_size: int
    units: int
    devices: int
    snapshot: int
    origin: str
    log_key: str
    quorum: int
    shown_size: int
    totals: Totals


async def found_hub(data: Path, root: bytes, *, settings: Config, signer: HubSigner | None = None) -> Founded:
    """Fill an empty data folder: settings, keys, store with the root, and the request for the root holders.

    Args:
        data: made if it is missing.
        root: the federation's first root statement.
        settings: what to write to ``hub.toml``; its profile must be the root's.
        signer: keys that are in the folder already; by default new ones are made.

    Raises:
        LocalError: code ``EXISTS`` when there is a hub, ``PROFILE`` when settings and root disagree.
        PeerError: not a first root statement.
    """
    profile = read_payload(parse_signed(root), SignedType.ROOT, Root).profile
    if profile is not settings.profile:
        raise LocalError("PROFILE", root=profile.value, settings=settings.profile.value)
    signer = _make_folder(data, signer)
    hub_id = HubId(bytes.fromhex(settings.hub_id))
    await migrate_store(data, settings)
    async with open_mail(data, settings) as store:
        if await store.leaves(0, limit=1, max_bytes=1):
            raise LocalError("EXISTS", file="database")
        await found_log(store, root, signer=signer, hub_id=hub_id)
    request = make_hub_request(hub_id, signer.pair, settings.address)
    write_durably(data / REQUEST_NAME, request, mode=0o644)
    write_config(data, settings)
    return Founded(hub_id, fingerprint_of(request))


def _make_folder(data: Path, signer: HubSigner | None) -> HubSigner:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (STORE_NAME, FILE_NAME):
        if (data / name).exists():
            raise LocalError("EXISTS", file=name)
    return signer or create_signer(data)


def new_hub_id() -> str:
    """A random hub id in hex."""
    return secrets.token_hex(16)


async def load_statements(data: Path, config: Config, files: Iterable[Path]) -> Loaded:
    """Append statements from files, in order; those that the log has already are passed over.

    Raises:
        LocalError: the hub or a file is not in order; code ``STATEMENT`` with the position of the one that is refused.
    """
    statements = [read_bounded(path, MAX_LEAF_BYTES) for path in files]
    async with open_house(data, config) as house:
        before = house.log.size
        for position, statement in enumerate(statements, start=1):
            try:
                await house.log.submit(statement)
            except RefusalError as error:
                raise LocalError("STATEMENT", position=position, reason=error.code, rule=error.detail) from error
        return Loaded(house.log.size - before, house.log.size)


async def hub_state(data: Path, config: Config) -> HubState:
    """Read a hub's numbers; beside a hub that serves, or without one. Writes nothing.

    Raises:
        LocalError: the hub is not in order.
    """
    async with open_mail(data, config) as store:
        hub_id = HubId(bytes.fromhex(config.hub_id))
        signer = load_signer(data, config.key_file)
        log = await open_log(store, signer=signer, hub_id=hub_id, mailboxes=Mailboxes())
        directory, incarnation, totals = log.directory, await store.incarnation(), await store.totals()
    return HubState(
        config.hub_id,
        incarnation.hex(),
        config.profile.value,
        log.is_enrolled,
        log.size,
        len(directory.units),
        len(directory.devices),
        0 if directory.snapshot is None else directory.snapshot.number,
        origin_of(directory.federation),
        NoteKey(config.hub_id, LOG_KEY, signer.pair.ed25519).text(),
        0 if directory.witnesses is None else directory.witnesses.quorum,
        parse_note(log.note)[0].size,
        totals,
    )
