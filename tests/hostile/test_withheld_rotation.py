"""A hub that keeps another directory key from an office, or brings one of its own: it can silence, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.engine.office import Office
from keys.domains import SignedType
from keys.private.identity import random_bytes
from keys.private.table import Signer, officer_signer, sign_record
from keys.rekey import Rekey
from keys.signed import parse_signed
from tests.flow.test_rotation import Ceremony, newest
from tests.hostile.desks import Desks, accepted, alarms, waiting

HOUR = 3600


@pytest.fixture
def ceremony(tmp_path: Path, desks: Desks) -> Ceremony:
    """The root holders beside the hub."""
    return Ceremony(desks.federation, tmp_path / "registry")


def number_of(office: Office) -> int:
    """Of the newest directory key that the office's log commits to."""
    return office.desk.context.replica.directory.rekeying.number


async def test_who_is_kept_from_a_rotation_sends_when_it_hears_of_it(desks: Desks, ceremony: Ceremony) -> None:
    """Without an overlap its tokens are refused meanwhile: the document is kept, and arrives once the hub behaves."""
    before = await desks.liar.history()
    asker, other = desks["sodermalm"], desks["sav"]
    await ceremony.rotate(other, overlap_weeks=0)
    await other.desk.sync.once()
    desks.liar.show_history(before)
    document_id = await desks.send("sodermalm", "sav")
    for _ in range(2):
        await asker.desk.sync.once()
    assert (newest(asker), newest(other)) == (0, 1)
    assert (await accepted(other, document_id), await waiting(asker)) == (0, 1)
    desks.liar.behave()
    desks.dial.turn(HOUR)  # what the hub refused is tried again within the hour
    await desks.settle()
    assert (newest(asker), await accepted(other, document_id), await waiting(asker)) == (1, 1, 0)


async def test_a_log_without_the_copies_is_told(desks: Desks, ceremony: Ceremony) -> None:
    """The hub ends the log behind the commitment: a person is told that the key is wanting, and the old one goes on."""
    office = desks["sodermalm"]
    await ceremony.rotate(desks["sav"])
    leaves = await desks.liar.history()
    types = [parse_signed(leaf).type for leaf in leaves]
    desks.liar.show_history(leaves[: types.index(SignedType.REKEY) + 1])
    await office.desk.sync.once()
    assert (number_of(office), newest(office)) == (1, 0)
    assert "DIRKEY" in await alarms(office)
    assert {unit.card.name_sv for unit in office.desk.context.book.units()} >= {"Sav", "Bops"}
    await desks.heal()
    assert newest(office) == 1
    assert "DIRKEY" not in await alarms(office)


def signers(desks: Desks, who: str) -> list[Signer]:
    """Who signs a rotation that they may not sign."""
    federation = desks.federation
    if who == "the-hub":
        return [officer_signer(federation.hub_secret)]
    return list((federation.roots(1) if who == "one-root" else federation.admins("stockholm")).signers)


@pytest.mark.parametrize("who", ["one-root", "administrators", "the-hub"])
async def test_a_rotation_by_less_than_the_roots_is_none(desks: Desks, who: str) -> None:
    """The hub commits to it all the same: an alarm, and the log and the key stay as they were."""
    office = desks["sodermalm"]
    size, federation = office.desk.context.replica.directory.size, desks.federation.directory.federation
    forged = Rekey(1, 1, federation, 1, random_bytes(32), None, 0, desks.federation.now)
    leaf = sign_record(signers(desks, who), SignedType.REKEY, forged)
    desks.liar.show_history([*await desks.liar.history(), leaf])
    assert "LOG" in await desks.try_all(1)
    assert "LOG" in await alarms(office)
    assert (number_of(office), newest(office)) == (0, 0)
    assert office.desk.context.replica.directory.size >= size


async def test_an_old_rotation_shown_again_changes_nothing(desks: Desks, ceremony: Ceremony) -> None:
    """After the second one the first comes once more: refused, and the newest key stays the second."""
    office = desks["sodermalm"]
    await ceremony.rotate(desks["sav"], 1)
    await ceremony.rotate(desks["sav"], 2)
    await desks.settle()
    leaves = await desks.liar.history()
    old = next(leaf for leaf in leaves if parse_signed(leaf).type is SignedType.REKEY)
    desks.liar.show_history([*leaves, old])
    assert await desks.try_all(1) == {"LOG"}
    assert (number_of(office), newest(office)) == (2, 2)
