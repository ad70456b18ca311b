"""Looking at files and registries; nothing is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from keys.approval import MAX_APPROVAL_BYTES
from keys.commands.base import open_at
from keys.files import read_bounded
from keys.ids import fingerprint
from keys.private import describe, options
from keys.private.options import FILE, FOLDER
from keys.private.registry import Registry
from keys.private.terminal import report


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--registry", "folder", type=FOLDER, help="a registry folder instead of a file")
@click.option("--key", "key_files", type=FILE, multiple=True, help="a key file that has the directory key: show names")
@options.words
def show(file: Path | None, folder: Path | None, **given: Any) -> None:
    """Show a file or a registry: parties and fingerprints, never a secret. A file is not verified."""
    if (file is None) == (folder is None):
        raise click.UsageError("name a file or a --registry")
    if folder is None:
        report(describe.describe_file(read_bounded(file or Path(), MAX_APPROVAL_BYTES)))
        return
    desk = open_at(folder, given)
    report(describe.describe_directory(desk.directory, desk.directory_key() if given["key_files"] else None))


@click.command()
@options.registry
def verify(folder: Path) -> None:
    """Replay a registry from its first root and say where it breaks."""
    directory = Registry.open(folder).directory
    root_hash = directory.tree.root().hex()
    report({"federation": fingerprint(directory.federation), "statements": directory.size, "log_root": root_hash})
