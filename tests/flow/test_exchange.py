"""From desk to desk through a real hub: the way of a document, its receipt, its consent and its withdrawal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices

STAFF = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin", "bops": "Pia Po"}


@pytest.fixture
async def offices(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Offices]:
    """Three open offices that know each other's keys."""
    async with Offices.open(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def test_a_question_arrives_and_its_receipt_comes_back(offices: Offices) -> None:
    """A document goes from one vault to another, and the sender's outbox empties by the recipient's receipt."""
    asker, adviser = offices["sodermalm"].desk, offices["sav"].desk
    written = await asker.writing.write(offices.ask("sav"))
    await offices.settle()
    arrived = await adviser.context.vault.one(
        "SELECT state, kind FROM document WHERE document_id = ?", written.document_id
    )
    sent = await asker.context.vault.one("SELECT state FROM document WHERE document_id = ?", written.document_id)
    waiting = await asker.context.vault.value("SELECT count(*) FROM outbox")
    assert (arrived, sent, waiting) == (("accepted", "konsultation.fraga"), ("available",), 0)
