"""Later changes of what stands in the directory: roots, administrators, units, freezes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from keys.admin_request import MAX_ADMIN_REQUEST_BYTES, parse_admin_request
from keys.cards import CardKind, UnitCard
from keys.codec import decode
from keys.commands.base import open_at, settled
from keys.directory import Directory
from keys.files import read_bounded
from keys.ids import OrgId, UnitId
from keys.places import POLICE_REGIONS
from keys.private import ceremony, events, options
from keys.private.desk import Desk, read_facts
from keys.private.options import FILE, ID
from keys.private.parties import open_party
from keys.private.terminal import say
from keys.public import PublicPair
from keys.statements import MAX_CARD_BYTES, FreezeState, FreezeTarget, RevokeReason, RevokeTarget

_holders = click.option("--holder", "holders", type=FILE, multiple=True, required=True, help="a request; 1 to 9 in all")
_target = click.option("--unit", "unit_id", type=ID, help="a unit"), click.option("--organisation", "org_id", type=ID)

_reason = click.option("--reason", type=options.chosen(RevokeReason), required=True)


def _pairs(paths: tuple[Path, ...]) -> list[PublicPair]:
    return [parse_admin_request(read_bounded(path, MAX_ADMIN_REQUEST_BYTES)).keys for path in paths]


@click.command("change")
@options.registry
@options.keys
@_holders
@click.option("--threshold", default=3, show_default=True)
@options.draft
def root_change(folder: Path, holders: tuple[Path, ...], threshold: int, draft: Path | None, **given: Any) -> None:
    """Name other root holders; old and new thresholds sign (a draft). Then grant the new ones the directory key."""
    desk = open_at(folder, given)
    officers = desk.officers(with_directory_key=False)
    statement = ceremony.change_root(desk.directory, officers, keys=_pairs(holders), threshold=threshold)
    settled(statement, desk.settle(statement, draft))


@click.command("change-admins")
@options.registry
@options.keys
@click.option("--organisation", "org_id", type=ID, required=True)
@click.option("--admin", "admins", type=FILE, multiple=True, required=True, help="an administrator's request; 2 to 5")
@click.option("--threshold", default=2, show_default=True)
@options.draft
def change_admins(
    folder: Path, org_id: bytes, admins: tuple[Path, ...], threshold: int, draft: Path | None, **given: Any
) -> None:
    """Name other administrators; the old ones sign, or the root holders alone: then it waits (FORMATS 3.1)."""
    desk = open_at(folder, given)
    statement = ceremony.change_administrators(
        desk.directory,
        desk.officers(with_directory_key=False),
        org_id=OrgId(org_id),
        admins=_pairs(admins),
        threshold=threshold,
    )
    number = desk.settle(statement, draft)
    if desk.directory.succession.waiting(OrgId(org_id)) is not None:
        say(_waits(desk.directory, OrgId(org_id)))
    settled(statement, number)


@click.command("oppose")
@options.registry
@options.keys
@click.option("--organisation", "org_id", type=ID, required=True)
@options.draft
def oppose(folder: Path, org_id: bytes, draft: Path | None, **given: Any) -> None:
    """Say no to administrators whom the root holders alone named; to a first try one administrator is enough."""
    desk = open_at(folder, given)
    officers = desk.officers(with_directory_key=False)
    statement = events.oppose(desk.directory, officers, org_id=OrgId(org_id))
    settled(statement, desk.settle(statement, draft))


@click.command("change")
@options.registry
@options.keys
@click.argument("unit_id", type=ID)
@click.option("--name")
@click.option("--name-en")
@click.option("--police-region", type=click.Choice(list(POLICE_REGIONS)))
@click.option("--hub", "hub_id", type=ID)
@click.option("--facts", type=FILE, help="JSON or TOML; replaces all facts")
@options.draft
def unit_change(folder: Path, unit_id: bytes, draft: Path | None, **given: Any) -> None:
    """Change a unit's card; what is not named stays."""
    desk = open_at(folder, given)
    named = {"name_sv": given["name"], **{key: given[key] for key in ("name_en", "police_region", "hub_id")}}
    card = _card(desk, unit_id)
    named["facts"] = read_facts(given["facts"], card.unit_type) if given["facts"] else None
    card = replace(card, **{key: value for key, value in named.items() if value is not None})
    statement = ceremony.change_unit(desk.directory, desk.officers(), unit_id=UnitId(unit_id), card=card)
    settled(statement, desk.settle(statement, draft))


@click.command("close")
@options.registry
@options.keys
@click.argument("unit_id", type=ID)
@click.option("--successor", type=ID, help="the unit that takes over; senders are told its name")
@options.draft
def unit_close(folder: Path, unit_id: bytes, successor: bytes | None, draft: Path | None, **given: Any) -> None:
    """Close a unit: its mailbox can be read but takes no more; the organisation's administrators sign."""
    desk = open_at(folder, given)
    statement = ceremony.change_unit(
        desk.directory,
        desk.officers(with_directory_key=False),
        unit_id=UnitId(unit_id),
        closed=True,
        successor=UnitId(successor) if successor else None,
    )
    settled(statement, desk.settle(statement, draft))


@click.command("unit")
@options.registry
@options.keys
@click.argument("unit_id", type=ID)
@_reason
@options.draft
def revoke_unit(unit_id: bytes, **given: Any) -> None:
    """End a unit and all its devices for good, in an emergency; the root holders sign."""
    _revoke(RevokeTarget.UNIT, unit_id, given)


@click.command("organisation")
@options.registry
@options.keys
@click.argument("org_id", type=ID)
@_reason
@options.draft
def revoke_organisation(org_id: bytes, **given: Any) -> None:
    """End an organisation, its units and all their devices for good, in an emergency; the root holders sign."""
    _revoke(RevokeTarget.ORGANISATION, org_id, given)


def _revoke(target: RevokeTarget, target_id: bytes, given: dict[str, Any]) -> None:
    desk = open_at(given["folder"], given)
    officers = desk.officers(with_directory_key=False)
    reason = RevokeReason(given["reason"])
    statement = ceremony.revoke(desk.directory, officers, target=target, target_id=target_id, reason=reason)
    settled(statement, desk.settle(statement, given["draft"]))


@click.command("freeze")
@options.registry
@options.keys
@options.options(*_target)
@options.draft
def freeze(**given: Any) -> None:
    """Stop all changes of a unit or an organisation but revocations; one administrator, or the root holders."""
    _freeze(FreezeState.FROZEN, given)


@click.command("thaw")
@options.registry
@options.keys
@options.options(*_target)
@options.draft
def thaw(**given: Any) -> None:
    """Let a frozen unit or organisation change again; the root holders sign."""
    _freeze(FreezeState.THAWED, given)


def _freeze(state: FreezeState, given: dict[str, Any]) -> None:
    unit_id, org_id = given["unit_id"], given["org_id"]
    if (unit_id is None) == (org_id is None):
        raise click.UsageError("name a --unit or an --organisation")
    desk = open_at(given["folder"], given)
    statement = events.freeze(
        desk.directory,
        desk.officers(with_directory_key=False),
        target=FreezeTarget.UNIT if unit_id else FreezeTarget.ORGANISATION,
        target_id=unit_id or org_id,
        state=state,
    )
    settled(statement, desk.settle(statement, given["draft"]))


def _waits(directory: Directory, org_id: OrgId) -> str:
    waiting = directory.succession.waiting(org_id)
    if waiting is not None and waiting.again:
        return "one before was opposed: this one waits 14 days, and the old administrators' threshold can oppose it"
    return "the change waits 72 hours in the hub's log; one old administrator can still oppose it"


def _card(desk: Desk, unit_id: bytes) -> UnitCard:
    ceremony.known(desk.directory.units, UnitId(unit_id))
    opened = open_party(desk.directory, desk.directory_key(), CardKind.UNIT, unit_id)
    return decode(opened, UnitCard, max_bytes=MAX_CARD_BYTES)
