"""Who watches the log: the root holders' list of witnesses, and a witness itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from pathlib import Path
from typing import Any

import click

from keys.commands.base import open_at, settled
from keys.cosignature import parse_note_key
from keys.entry_bundle import read_bundle
from keys.files import write_durably
from keys.ids import digest, fingerprint
from keys.private import events, options
from keys.private.options import FILE, FOLDER
from keys.private.registry import Registry
from keys.private.terminal import report, say
from keys.private.witness_store import STORE_NAME, WitnessStore, create_witness

_data = click.option("--data", type=FOLDER, required=True, help="the witness's folder")


@click.command("witnesses")
@options.registry
@options.keys
@click.option("--witness", "vkeys", multiple=True, required=True, help="its key, as `witness create` printed it")
@click.option("--quorum", default=2, show_default=True, help="how many a checkpoint needs; more than half")
@options.draft
def witnesses(folder: Path, vkeys: tuple[str, ...], quorum: int, draft: Path | None, **given: Any) -> None:
    """Name the witnesses without whom no checkpoint counts; the root holders sign."""
    desk = open_at(folder, given)
    named = [parse_note_key(vkey) for vkey in vkeys]
    officers = desk.officers(with_directory_key=False)
    statement = events.name_witnesses(desk.directory, officers, keys=named, quorum=quorum)
    settled(statement, desk.settle(statement, draft))


@click.command("adopt")
@options.registry
@click.option("--from", "old", type=FOLDER, required=True, help="the registry so far: federation and grants")
@click.argument("bundles", type=FILE, nargs=-1, required=True)
def adopt(folder: Path, old: Path, bundles: tuple[Path, ...]) -> None:
    """Begin a registry with a hub's whole log, from its entry bundles (HUB/tile/entries/000, …) in order."""
    leaves = [leaf for path in bundles for leaf in read_bundle(path)]
    directory = Registry.adopt(folder, leaves, Registry.open(old)).directory
    report({"statements": directory.size, "log_root": directory.tree.root().hex()})


@click.group("witness", help="A witness: cosigns only what extends what it saw.")
def witness() -> None:
    """A witness's own commands."""


@witness.command("create")
@_data
@click.option("--name", required=True, help="without space and plus, such as witness.example/sluss")
def witness_create(data: Path, name: str) -> None:
    """Make a witness's key; never restore its folder from a backup, make a new witness instead."""
    report({"vkey": create_witness(data, name).key.text()})


@witness.command("follow")
@_data
@click.option("--origin", required=True, help="the log's first line, sluss/ and the federation")
@click.option("--log", "vkey", required=True, help="the log's key, as `sluss-hub status` prints it")
def witness_follow(data: Path, origin: str, vkey: str) -> None:
    """Follow a log."""
    with contextlib.closing(WitnessStore(data / STORE_NAME)) as store:
        store.follow(origin, parse_note_key(vkey))
        report({"logs": {known: key.text() for known, key in store.logs().items()}})


@witness.command("serve")
@_data
@click.option("--host", default="127.0.0.1", show_default=True, help="a proxy does TLS")
@click.option("--port", default=8471, show_default=True, type=click.IntRange(0, 65_535), help="0 takes a free one")
@click.option("--ready-file", type=FILE, help="gets the address once it serves")
def witness_serve(data: Path, host: str, port: int, ready_file: Path | None) -> None:
    """Serve until SIGTERM or SIGINT."""
    asyncio.run(_serve(data, host, port, ready_file))


@witness.command("evidence")
@_data
@click.option("--out", type=FOLDER, required=True, help="a folder for the notes")
def witness_evidence(data: Path, out: Path) -> None:
    """Write out the notes of logs that contradicted themselves."""
    with contextlib.closing(WitnessStore(data / STORE_NAME)) as store:
        kept = store.evidence()
    out.mkdir(parents=True, exist_ok=True)
    for number, (_, held, shown) in enumerate(kept, 1):
        write_durably(out / f"{number:03}-held.txt", held, mode=0o644)
        write_durably(out / f"{number:03}-shown.txt", shown, mode=0o644)
    report({"conflicts": [{"origin": origin, "shown": fingerprint(digest(shown))} for origin, _, shown in kept]})


async def _serve(data: Path, host: str, port: int, ready_file: Path | None) -> None:
    from keys.witness import serving  # noqa: PLC0415 - the ceremonies beside this command load no network code

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the process by itself
            loop.add_signal_handler(name, stop.set)
    async with serving(data, host=host, port=port, now=time.time) as address:
        if ready_file is not None:
            write_durably(ready_file, address.encode(), mode=0o644)
        say(f"serving at {address}")
        await stop.wait()
