"""Cards that a malicious administrator writes: one unit is not to be found, and everybody else is."""

from __future__ import annotations

import pytest

from keys import domains
from keys.cards import OrganisationCard, UnitCard
from keys.domains import SignedType
from keys.errors import LocalError
from keys.ids import OrgId, UnitId
from keys.private import ceremony
from keys.private.identity import random_bytes
from keys.private.table import officer_signer, sign_record
from keys.statements import Unit, UnitStatus
from tests.hostile.desks import Desks, accepted


@pytest.mark.parametrize("defect", ["facts", "sealing", "kind"])
async def test_a_broken_card_hides_its_own_unit_only(desks: Desks, defect: str) -> None:
    """Facts that are none, a card that does not open, a municipality as police: only that unit is gone."""
    federation = desks.federation
    facts = b"\xc1" if defect == "facts" else b"\x80"
    unit_type = "polis_bops" if defect == "kind" else "avhopparenhet"
    card = UnitCard("Enheten", "The unit", unit_type, "0180", "", federation.hub_id, facts)
    officers = federation.admins("stockholm")
    if defect == "sealing":  # sealed under a key that nobody has
        officers = type(officers)(
            [officer_signer(secret) for secret in federation.organisations["stockholm"].admins],
            random_bytes(32),
            federation.now,
        )
    org_id = federation.organisations["stockholm"].org_id
    before = {bytes(unit_id) for unit_id in federation.directory.units}
    statement = federation.apply(ceremony.add_unit(federation.directory, officers, org_id=org_id, card=card))
    await desks["sav"]._link.submit(statement)
    await desks.settle()
    (added,) = {bytes(unit_id) for unit_id in federation.directory.units} - before
    book = desks["sodermalm"].desk.context.book
    assert {bytes(unit.unit_id) for unit in book.units()} == before
    with pytest.raises(LocalError) as caught:
        book.unit(UnitId(added))
    assert caught.value.code == "UNK"
    document_id = await desks.send("sodermalm", "sav")
    await desks.settle()
    assert await accepted(desks["sav"], document_id) == 1


async def test_a_copied_card_makes_no_unit_of_that_name(desks: Desks) -> None:
    """An administrator signs another unit's sealed card as that of an own unit: nobody reads it as the other one's.

    Also not where the other one's was read before: its name, type and organisation would stand on what the copy sends.
    """
    federation, book = desks.federation, desks["sodermalm"].desk.context.book
    copied = federation.units["sav"].unit_id
    assert book.unit(copied).unit_id == copied
    unit = Unit(
        version=domains.VERSION,
        suite=domains.SUITE,
        federation=federation.directory.federation,
        org_id=federation.organisations["stockholm"].org_id,
        unit_id=random_bytes(16),
        mailbox_id=random_bytes(16),
        number=1,
        status=UnitStatus.ACTIVE,
        successor=None,
        card=federation.directory.units[copied].statement.card,
        issued_at=federation.now,
    )
    officers = federation.admins("stockholm")
    await desks["sav"]._link.submit(federation.apply(sign_record(officers.signers, SignedType.UNIT, unit)))
    await desks.settle()
    assert UnitId(unit.unit_id) in desks["sodermalm"].desk.context.replica.directory.units
    with pytest.raises(LocalError) as caught:
        book.unit(UnitId(unit.unit_id))
    assert caught.value.code == "UNK"
    assert [one.unit_id for one in book.units()].count(copied) == 1


async def test_another_card_of_the_organisation_counts_at_once(desks: Desks) -> None:
    """A unit that was read before the roots gave its organisation another name is told with the new one."""
    federation, book = desks.federation, desks["sodermalm"].desk.context.book
    unit_id = federation.units["sav"].unit_id
    old = book.unit(unit_id).organisation
    card = OrganisationCard("Nya namnet", old.org_number, old.kind, old.kommunkod)
    org_id = OrgId(federation.directory.units[unit_id].statement.org_id)
    statement = ceremony.rename_organisation(federation.directory, federation.roots(), org_id=org_id, card=card)
    await desks["sav"]._link.submit(federation.apply(statement))
    await desks.settle()
    assert book.unit(unit_id).organisation.name == "Nya namnet"
