"""``sluss-keys``: the ceremonies of a federation and of its organisations, on a machine without a network.

In order:

    root create                     the founders; prints the federation's fingerprint
    organisation admin-key          each administrator, at their own desk
    organisation add, hub add       the root holders
    unit add, device approve        an organisation's administrators
    revoke device, freeze           one of them; revoke unit, revoke organisation: the root holders
    organisation change-admins      the old administrators, or the root holders and a wait without an oppose
    unit change, unit close         an organisation's administrators
    root change, thaw, witnesses    the root holders; the last name who watches the log
    directory-key                   another key for cards and tokens: the root holders
    witness                         another organisation runs one: create, follow, serve, evidence
    sign, submit                    complete a draft, one signer at a time
    show, verify, adopt, evidence   anybody

Exit codes: 0 done; 1 our own side (passphrase, file, disk, wrong number); 2 wrong use of the command; 3 refused: a file
of another party, or a statement that the directory does not accept; 4 the registry does not replay; 130 interrupted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from keys.approval import MAX_REQUEST_BYTES
from keys.cards import UNIT_TYPES, OrganisationCard, Role, StaffCard, UnitCard
from keys.commands import changes, directory_key, judging, looking, watching
from keys.commands.base import now, open_at, read_officers, settled
from keys.files import read_bounded
from keys.hub_request import MAX_HUB_REQUEST_BYTES, parse_hub_request
from keys.ids import DeviceId, HubId, OrgId, UnitId, digest, fingerprint
from keys.places import POLICE_REGIONS
from keys.private import ceremony, describe, options, selftest
from keys.private.desk import open_keys, read_facts
from keys.private.officer import admin_request, lock_officer, new_admin, root_holder
from keys.private.options import FILE, FOLDER, ID
from keys.private.registry import Registry, make_folder, write_new
from keys.private.table import cosign, officer_signer
from keys.private.terminal import CarefulGroup, passphrases, report, require_compared, say
from keys.statements import MAX_LEAF_BYTES, Profile, RevokeReason


@click.group(cls=CarefulGroup, help=(__doc__ or "").replace("\n\n", "\n\n\b\n").replace("``", ""))
@click.option("--json", "as_json", is_flag=True, help="print the result as JSON")
@click.version_option(package_name="sluss", prog_name="sluss-keys", message="%(prog)s %(version)s")
def main(as_json: bool) -> None:
    """All commands; the help text is the module's."""
    del as_json
    selftest.run()


@main.group(help="Found a federation.")
def root() -> None:
    """The root holders' own commands."""


@root.command("create")
@click.option("--out", type=FOLDER, required=True, help="folder for the key files and the registry")
@click.option("--holders", default=5, show_default=True)
@click.option("--threshold", default=3, show_default=True)
@options.profile
@options.words
def root_create(out: Path, holders: int, threshold: int, profile: str, pass_files: tuple[Path, ...]) -> None:
    """Make the root keys, each under its own passphrase, and the first statement."""
    founding = ceremony.create_root(Profile(profile), now(), holders=holders, threshold=threshold)
    names = [f"root-{number}.key" for number in range(1, holders + 1)]
    words = passphrases(holders, pass_files, names, fresh=True)
    holder = [
        root_holder(secret, federation=founding.federation, directory_key=founding.directory_key)
        for secret in founding.holders
    ]
    locked = [lock_officer(secret, word, profile=Profile(profile)) for secret, word in zip(holder, words, strict=True)]
    make_folder(out)
    for name, data in zip(names, locked, strict=True):
        write_new(out / name, data)
    registry = Registry.found(out / "registry", founding.statement)
    for secret in holder:
        registry.save_officer(admin_request(secret, now()))
    say("write down the fingerprint; give each holder one key file and keep no copy together")
    report({"federation": fingerprint(founding.federation), "key_files": names, "registry": str(out / "registry")})


@main.group(help="Organisations and their administrators.")
def organisation() -> None:
    """Organisations and their administrators."""


@organisation.command("admin-key")
@click.option("--out", type=FILE, required=True, help="the secret key file")
@click.option("--request", type=FILE, required=True, help="the public file for the root holders")
@options.profile
@options.words
def admin_key(out: Path, request: Path, profile: str, pass_files: tuple[Path, ...]) -> None:
    """Make one administrator's keys."""
    secret = new_admin()
    (word,) = passphrases(1, pass_files, [out.name], fresh=True)
    public = admin_request(secret, now())
    write_new(out, lock_officer(secret, word, profile=Profile(profile)))
    write_new(request, public, mode=0o644)
    report({"request": str(request), "fingerprint": fingerprint(digest(public))})


@organisation.command("add")
@options.registry
@options.keys
@click.option("--name", required=True)
@click.option("--org-number", default="")
@click.option("--kind", required=True, help="a word such as kommun, polis, region")
@options.kommunkod
@click.option("--admin", "admins", type=FILE, multiple=True, required=True, help="an administrator's request; 2 to 5")
@click.option("--threshold", default=2, show_default=True)
@options.draft
def organisation_add(folder: Path, admins: tuple[Path, ...], draft: Path | None, threshold: int, **given: Any) -> None:
    """Add an organisation and grant its administrators the directory key; the root holders sign."""
    desk = open_at(folder, given)
    officers = read_officers(desk.registry, admins)
    card = OrganisationCard(given["name"], given["org_number"], given["kind"], given["kommunkod"])
    statement = ceremony.add_organisation(
        desk.directory, desk.officers(), card=card, admins=[officer.keys for officer in officers], threshold=threshold
    )
    number = desk.settle(statement, draft)
    if number is not None:
        desk.grant(officers)
    settled(statement, number)


@organisation.command("grant")
@options.registry
@options.keys
@click.option("--admin", "admins", type=FILE, multiple=True, required=True, help="an administrator's request")
def organisation_grant(folder: Path, admins: tuple[Path, ...], **given: Any) -> None:
    """Grant administrators or new root holders the directory key; one key file that has it is enough."""
    desk = open_at(folder, given)
    report({"grants": desk.grant(read_officers(desk.registry, admins))})


@main.group(help="Units.")
def unit() -> None:
    """Units."""


@unit.command("add")
@options.registry
@options.keys
@click.option("--organisation", "org_id", type=ID, required=True)
@click.option("--name", required=True, help="the name in Swedish")
@click.option("--name-en", help="the name in English; by default the Swedish one")
@click.option("--type", "unit_type", type=click.Choice(UNIT_TYPES), required=True)
@options.kommunkod
@click.option("--police-region", type=click.Choice(list(POLICE_REGIONS)), default=None)
@click.option("--hub", "hub_id", type=ID, help="needed when there are several hubs")
@click.option("--facts", type=FILE, help="JSON or TOML: gatekeeper, handling_days, … (FORMATS 3.4)")
@options.draft
def unit_add(folder: Path, org_id: bytes, draft: Path | None, **given: Any) -> None:
    """Add a unit with a mailbox; the organisation's administrators sign."""
    desk = open_at(folder, given)
    name, region = given["name"], given["police_region"] or ""
    hub_id = HubId(given["hub_id"] or desk.only_hub())
    facts = read_facts(given["facts"], given["unit_type"])
    card = UnitCard(name, given["name_en"] or name, given["unit_type"], given["kommunkod"], region, hub_id, facts)
    statement = ceremony.add_unit(desk.directory, desk.officers(), org_id=OrgId(org_id), card=card)
    settled(statement, desk.settle(statement, draft))


@main.group(help="Hubs.")
def hub() -> None:
    """Hubs."""


@hub.command("add")
@options.registry
@options.keys
@click.option("--request", type=FILE, required=True, help="the file that the hub wrote")
@options.draft
def hub_add(folder: Path, request: Path, draft: Path | None, **given: Any) -> None:
    """Add a hub, or its new address or keys; the root holders sign."""
    desk = open_at(folder, given)
    parsed = parse_hub_request(read_bounded(request, MAX_HUB_REQUEST_BYTES))
    statement = ceremony.add_hub(desk.directory, desk.officers(with_directory_key=False), request=parsed)
    settled(statement, desk.settle(statement, draft))


@main.group(help="Devices.")
def device() -> None:
    """Devices."""


@device.command("approve")
@options.registry
@options.keys
@click.option("--request", type=FILE, required=True, help="the file that the device wrote")
@click.option("--unit", "unit_id", type=ID, required=True)
@click.option("--role", "roles", type=options.chosen(Role), multiple=True, required=True)
@click.option("--staff", required=True, help="who uses the device")
@click.option("--title", default="")
@click.option("--days", default=ceremony.DEVICE_DAYS, show_default=True)
@click.option("--out", type=FILE, required=True, help="the approval file for the device")
@options.approving
def device_approve(folder: Path, request: Path, out: Path, draft: Path | None, **given: Any) -> None:
    """Approve a device; administrators sign, and from the second on also a device of the unit (with a draft)."""
    raw = read_bounded(request, MAX_REQUEST_BYTES)
    require_compared(digest(raw), given["code"], yes=given["yes"])
    desk = open_at(folder, given)
    staff = StaffCard(given["staff"], given["title"], [Role(role) for role in given["roles"]])
    appointment = ceremony.Appointment(UnitId(given["unit_id"]), staff, given["days"])
    statement = ceremony.approve_device(desk.directory, desk.officers(), request=raw, appointment=appointment)
    number = desk.settle(statement, draft)
    if number is not None:
        write_new(out, desk.approval(statement), mode=0o644)
    settled(statement, number, request=fingerprint(digest(raw)))


@main.group(help="Revocations.")
def revoke() -> None:
    """Revocations."""


@revoke.command("device")
@options.registry
@options.keys
@click.argument("device_id", type=ID)
@click.option("--reason", type=options.chosen(RevokeReason), required=True)
@options.draft
def revoke_device(folder: Path, device_id: bytes, reason: str, draft: Path | None, **given: Any) -> None:
    """End a device for good; one administrator is enough."""
    desk = open_at(folder, given)
    statement = ceremony.revoke_device(
        desk.directory,
        desk.officers(with_directory_key=False),
        device_id=DeviceId(device_id),
        reason=RevokeReason(reason),
    )
    settled(statement, desk.settle(statement, draft))


@main.command()
@click.argument("draft", type=FILE)
@options.keys
@click.option("--out", type=FILE, required=True, help="the draft with one more signature")
def sign(draft: Path, key_files: tuple[Path, ...], pass_files: tuple[Path, ...], out: Path) -> None:
    """Add signatures to a draft; show it first."""
    data = read_bounded(draft, MAX_LEAF_BYTES)
    describe.require_statement(data)
    words = passphrases(len(key_files), pass_files, [path.name for path in key_files], fresh=False)
    secrets = open_keys(list(zip(key_files, words, strict=True)))
    signed = cosign(data, [officer_signer(secret.signing) for secret, _ in secrets])
    write_new(out, signed, mode=0o644)
    report(describe.describe_file(signed))


@main.command()
@click.argument("draft", type=FILE)
@options.registry
@options.keys
@click.option("--approval", type=FILE, help="write the approval file of a device here")
def submit(draft: Path, folder: Path, approval: Path | None, **given: Any) -> None:
    """Enter a completed draft; a key file that has the directory key is needed for an approval."""
    desk = open_at(folder, given)
    statement = read_bounded(draft, MAX_LEAF_BYTES)
    number = desk.settle(statement, None)
    if approval is not None:
        write_new(approval, desk.approval(statement), mode=0o644)
    settled(statement, number)


root.add_command(changes.root_change)
revoke.add_command(changes.revoke_unit)
revoke.add_command(changes.revoke_organisation)
organisation.add_command(changes.change_admins)
organisation.add_command(changes.oppose)
unit.add_command(changes.unit_change)
unit.add_command(changes.unit_close)
main.add_command(changes.freeze)
main.add_command(changes.thaw)
main.add_command(directory_key.directory_key)
main.add_command(watching.witnesses)
main.add_command(watching.adopt)
main.add_command(watching.witness)
main.add_command(judging.evidence)
main.add_command(looking.show)
main.add_command(looking.verify)
