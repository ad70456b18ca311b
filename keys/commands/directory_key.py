"""Another directory key for the federation: rotate it, or give it to devices that came later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from keys.commands.base import now, open_at
from keys.ids import OrgId
from keys.private import options, rotation
from keys.private.options import ID
from keys.private.terminal import report, say


@click.group("directory-key", help="The key that opens names and makes delivery tokens.")
def directory_key() -> None:
    """The directory key's own commands."""


@directory_key.command("rotate")
@options.registry
@options.keys
@click.option(
    "--number", required=True, type=int, help="of the new key; the same number again finishes what was cut off"
)
@click.option(
    "--overlap-weeks",
    default=rotation.OVERLAP_WEEKS,
    show_default=True,
    type=click.IntRange(0, 26),
    help="how long the old key still makes the tokens; 0: whoever has it must be kept out at once",
)
@click.option("--cut", is_flag=True, help="devices approved from here on do not get the older keys; without an overlap")
def rotate(folder: Path, number: int, overlap_weeks: int, cut: bool, **given: Any) -> None:
    """Make a new directory key and give it to everybody who may have it; the root holders' threshold signs, together.

    Take the hub's whole log over first (adopt): who was revoked there must not get the key. Then load the registry
    into the hub, and give the administrators the folder registry/grants.
    """
    done = rotation.rotate(open_at(folder, given), rotation.Change(number, overlap_weeks, cut), now())
    if done.officers_without:
        say("some officers have no request in the registry: give them the key with `organisation grant`")
    if done.devices_without:
        say("some devices cannot be given the key: revoke them and approve new ones")
    report(
        {
            "directory_key": number,
            "devices": done.copies,
            "cards": done.cards,
            "officers": done.grants,
            "devices_without": [device_id.hex() for device_id in done.devices_without],
            "officers_without": [name.hex() for name in done.officers_without],
            "cards_without": done.cards_without,
        }
    )


@directory_key.command("hand-out")
@options.registry
@options.keys
@click.option("--organisation", "org_id", type=ID, required=True)
def hand_out(folder: Path, org_id: bytes, **given: Any) -> None:
    """Give the newest directory key to an organisation's devices that lack it; one administrator is enough."""
    copies, without = rotation.hand_out(open_at(folder, given), OrgId(org_id), now())
    report({"devices": copies, "devices_without": [device_id.hex() for device_id in without]})
