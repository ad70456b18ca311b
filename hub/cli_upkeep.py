"""Commands that keep a hub well: doctor, backup, restore, purge."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Final

import click

from hub.backup import Manifest, make_backup, verify_backup
from hub.config import load_config
from hub.doctor import as_text, examine, verdict
from hub.purge import purge as purge_by_decision
from hub.restoring import Restored, restore_backup
from hub.sentences import run
from keys.entry_bundle import read_bundle
from keys.ids import EnvelopeId, MailboxId

_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)


class _Hex(click.ParamType[bytes]):
    name = "hex"

    def __init__(self, length: int) -> None:
        self._length = length

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """Bytes of the right length."""
        try:
            raw = bytes.fromhex(str(value))
        except ValueError:
            raw = b""
        if len(raw) != self._length:
            self.fail(f"{2 * self._length} hex digits", param, ctx)
        return raw


_data = click.option("--data", required=True, type=_FOLDER, help="Folder with all of the hub's state.")


@click.command()
@_data
@click.option("--deep", is_flag=True, help="Read the whole database and verify every signature of its log.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
def doctor(*, data: Path, deep: bool, as_json: bool) -> None:
    """Look for what is wrong. The text holds no id, name, path or address: paste it where you ask for help."""
    findings = examine(data, deep=deep)
    click.echo(json.dumps([dataclasses.asdict(found) for found in findings]) if as_json else as_text(findings))
    sys.exit(verdict(findings))


@click.command()
@_data
@click.option("--out", required=True, type=_FOLDER, help="A new folder for the backup.")
@click.option("--with-key", is_flag=True, help="With hub.key: then the backup is as secret as the key.")
@click.option("--without-blobs", is_flag=True, help="Leave attached files out: their senders put them again.")
def backup(*, data: Path, out: Path, with_key: bool, without_blobs: bool) -> None:
    """Back up database, blobs and settings, also while the hub serves, and read the backup again."""
    made = run(make_backup(data, out, with_key=with_key, with_blobs=not without_blobs))
    click.echo(f"Backup made and verified: {_told(made)}.")
    if not with_key:
        click.echo("hub.key is not in it: keep a copy of that file elsewhere, once.")


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--verify", is_flag=True, help="Read the whole backup and change nothing.")
@click.option("--data", type=_FOLDER, help="Folder for the hub; there must be none in it.")
@click.option("--key", type=_FILE, help="hub.key, where the backup is without it.")
@click.option("--log", "bundles", multiple=True, type=_FILE, help="Entry bundles of the hub's log, in order.")
@click.option("--to", help="sqlite, or postgresql://… of an empty database; by default where the backup's hub stood.")
def restore(
    *, folder: Path, verify: bool, data: Path | None, key: Path | None, bundles: tuple[Path, ...], to: str | None
) -> None:
    """Verify a backup, or make a hub from it. Every device then reads its mailbox anew."""
    if verify == (data is not None):
        raise click.UsageError("either --verify, or --data and a folder")
    if data is None:
        click.echo(f"The backup is whole: {_told(run(_verified(folder)))}.")
        return
    made = run(_restored(folder, data, key=key, bundles=bundles, to=to))
    click.echo(f"Restored; the log holds {made.log_size} statements, {made.added} of them from the bundles.")
    if not bundles:
        click.echo("Devices that saw a longer log stop with FORK: give --log bundles from a cache before you serve.")


@click.command()
@_data
@click.option("--decision", required=True, help="The decision's name, such as a diary number; kept in purge.log.")
@click.option("--mailbox", required=True, type=_Hex(16), help="Whose envelopes.")
@click.option("--envelope", type=_Hex(32), help="One only; by default all, with the mailbox's tokens.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(*, data: Path, decision: str, mailbox: bytes, envelope: bytes | None, yes: bool) -> None:
    """Delete what a mailbox holds, by decision. Not while the hub serves."""
    if not yes:
        click.confirm("What goes cannot be brought back. Delete it?", abort=True, err=True)
    one = None if envelope is None else EnvelopeId(envelope)
    count = run(purge_by_decision(data, decision, MailboxId(mailbox), envelope=one, now=time.time()))
    click.echo(f"{count} gone; purge.log says so.")
    if load_config(data).database:
        click.echo("PostgreSQL's write-ahead log, its archive and backups hold what went until they go themselves.")


async def _verified(folder: Path) -> Manifest:
    return verify_backup(folder)


async def _restored(
    folder: Path, data: Path, *, key: Path | None, bundles: tuple[Path, ...], to: str | None
) -> Restored:
    leaves = [leaf for bundle in bundles for leaf in read_bundle(bundle)]
    return await restore_backup(folder, data, key=key, leaves=leaves, to=to)


def _told(made: Manifest) -> str:
    blobs = "without blobs" if made.blobs is None else f"{made.blobs} blobs"
    return f"{made.log_size} statements, {made.waiting} envelopes waiting, {blobs}"
