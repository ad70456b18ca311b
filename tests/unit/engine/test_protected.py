"""Protection that a unit has stated stands until that unit, or two persons here, have said otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio

from client.engine import told
from client.engine.context import Context
from keys.cards import Role
from keys.codec import encode_body
from keys.private.identity import random_bytes
from tests.unit.casework.samples import PERSON, SAMPLES
from tests.unit.engine.test_circumstances import THREAD, keep_thread, opened

#: Who: ``o`` one person here, ``t`` two, ``p`` the police, ``q`` another unit; ``x``: two here, and it was stopped.
#: What: ``+`` protected, ``?`` unknown, ``-`` nothing, ``.`` names nobody. Then whether it stands.
CASES: Final = {
    "": False,
    "p-": False,
    "p+": True,
    "p?": True,
    "o+": True,
    "p+ o-": True,
    "p+ q-": True,
    "o+ p-": True,
    "q+ p- o-": True,
    "p+ o.": True,
    "p+ p-": False,
    "o+ o-": False,
    "p+ t-": False,
    "p+ q? t-": False,
    "p+ x-": True,
    "t- p+": True,
    "p+ t- p+": True,
    "p+ t- o+": True,
    "p+ p- q-": False,
    "p+ t+": True,
}
SAYS: Final = {"+": "skyddad_folkbokforing", "?": "okant", "-": "ingen"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def context(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Context]:
    """An office whose cases are made up, one after the other."""
    async with opened(tmp_path_factory.mktemp("office"), "sav", Role.HANDLAGGARE) as made:
        await keep_thread(made, "hotbild", "begard")
        yield made


async def _say(context: Context, who: str, what: str) -> bytes:
    body = SAMPLES["hotbild.begaran"]
    if what == ".":
        del body["header"]["subject_person"]
    else:
        body["header"]["subject_person"]["protected"] = SAYS[what]
    way, state = ("in", "accepted") if who in "pq" else ("out", "stopped" if who == "x" else "available")
    document_id = random_bytes(16)
    async with context.vault.transaction():
        await context.vault.write(
            "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, unit_id, device_id,"
            " salt, body, consents, legal_basis, at, approval)"
            " VALUES (?, ?, ?, 'hotbild.begaran', 'content', ?, ?, ?, ?, ?, x'', 'samtycke', 1, ?)",
            document_id, way, state, THREAD, who.encode() * 16, bytes(16), bytes(32), encode_body(body),
            b"signed" if who in "tx" else None,
        )  # fmt: skip
    return document_id


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES)
async def test_protection_stands_until_its_unit_or_two_persons_say_otherwise(context: Context, case: str) -> None:
    """Every way of saying and taking back, and the document in hand does not count for itself."""
    async with context.vault.transaction():
        await context.vault.write("DELETE FROM document")
    for word in case.split():
        await _say(context, *word)
    assert await told.is_protected(context.vault, PERSON, but=None) is CASES[case]
    for word in ("t-", "p+"):
        own = await _say(context, *word)
        assert await told.is_protected(context.vault, PERSON, but=own) is (CASES[case] if word == "t-" else False)
    assert await told.is_protected(context.vault, "00" * 16, but=None) is False
