"""Cards that a malicious administrator writes: one unit is not to be found, and everybody else is."""

from __future__ import annotations

import pytest

from keys.cards import UnitCard
from keys.errors import LocalError
from keys.ids import UnitId
from keys.private import ceremony
from keys.private.identity import random_bytes
from keys.private.table import officer_signer
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
