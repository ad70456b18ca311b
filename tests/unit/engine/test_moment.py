"""A document is judged by what the directory said when it was sent, not by cards that were signed since."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from client.casework.consent import Controller
from client.engine import party
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.controllers import require_controller
from client.engine.judging import Judging
from client.engine.names import AddressBook
from client.engine.party import Moment
from client.engine.requirements import own_sets
from client.engine.threads import Threads
from keys.cards import OrganisationCard, Role
from keys.codec import encode_body
from keys.errors import RefusedError
from keys.private import ceremony
from tests.kit.federation import Federation
from tests.unit.casework.samples import SAMPLES, sample_record
from tests.unit.engine.test_circumstances import opened

DAY: Final = 86_400
ALL: Final = ["malgrupp", "bistand", "placering"]


@pytest.fixture
def federation() -> Federation:
    """One that the test may change."""
    return Federation.demo(devices=0)


@pytest.fixture
async def context(tmp_path: Path, federation: Federation) -> AsyncIterator[Context]:
    """The police's, who read others' cards."""
    async with opened(tmp_path, "bops", Role.POLIS_BEDOMARE, federation=federation) as made:
        yield made


def another_card(federation: Federation, **facts: Any) -> None:
    """The administrators of sav sign one with these facts."""
    sav = federation.units["sav"]
    card = replace(sav.card, facts=encode_body(facts))
    officers = federation.admins("stockholm")
    federation.apply(ceremony.change_unit(federation.directory, officers, unit_id=sav.unit_id, card=card))


async def deciding(context: Context, federation: Federation, moment: Moment | None) -> object:
    """What sav decides itself, as the rules are asked about a document of that moment."""
    threads, consents = Threads(context.vault, context.clock), Consents(context)
    question = await Judging(context, consents, threads).question(
        SAMPLES["malgrupp.beslut"], sender=federation.units["sav"].unit_id, recipient=context.unit_id, record=None,
        checked_at=None, moment=moment,
    )  # fmt: skip
    return question.sender.decides


async def test_a_fact_with_days_is_read_by_the_day_of_sending(context: Context, federation: Federation) -> None:
    """Until yesterday sav decided; what it sent then and comes today is its own decision still."""
    now = context.clock.now()
    before, since = (datetime.datetime.fromtimestamp(now - days * DAY, datetime.UTC).date() for days in (2, 1))
    decides = [
        {"value": ALL, "valid_to": before.isoformat()},
        {"value": ["bistand"], "valid_from": since.isoformat()},
    ]
    another_card(federation, decides=decides, decision_unit=[federation.units["sodermalm"].unit_id.hex()])
    assert await deciding(context, federation, None) == {"bistand"}
    assert await deciding(context, federation, Moment(now)) == {"bistand"}
    assert await deciding(context, federation, Moment(now - 4 * DAY)) == set(ALL)


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "control"])
async def test_what_a_sibling_took_in_is_judged_by_the_card_of_its_log(
    context: Context, federation: Federation, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    """A card without days took the place of another: passed on, a document is held against the one of its log."""
    if not is_kept:
        monkeypatch.setattr(AddressBook, "unit_at", lambda book, unit_id, _size: book.unit(unit_id))
    sav, size, now = federation.units["sav"].unit_id, federation.directory.size, context.clock.now()
    another_card(federation, decides=["bistand"], required_authorities={"intag": ["polis", "sis"]})
    then = Moment(now, size)
    assert (await deciding(context, federation, then) is None) is is_kept
    assert (own_sets(context, sav, then) == {}) is is_kept
    assert await deciding(context, federation, Moment(now)) == {"bistand"}
    assert await deciding(context, federation, Moment(now, federation.directory.size)) == {"bistand"}
    assert party.party(context, sav, Moment(now, 1)).decides == (None if is_kept else {"bistand"})  # before it joined


async def test_a_renamed_organisation_keeps_its_consents(context: Context, federation: Federation) -> None:
    """Without a number only the name tells: any that the roots have signed for it counts, and no other."""
    sav, org_id = federation.units["sav"].unit_id, federation.organisations["stockholm"].org_id
    for name in ("Stockholms kommun", "Stockholm"):
        card = OrganisationCard(name, "", "kommun", "0180")
        federation.apply(
            ceremony.rename_organisation(federation.directory, federation.roots(), org_id=org_id, card=card)
        )

    def told(name: str) -> None:
        controller = Controller(name=name, org_number="212000-0142")
        require_controller(context, sample_record(controller_unit=sav.hex(), controller=controller))

    for name in ("Stockholms stad", "Stockholms kommun", "Stockholm"):
        told(name)
    with pytest.raises(RefusedError, match="CONTROLLER"):
        told("Polismyndigheten")
