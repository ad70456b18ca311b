"""Bits that turn at rest: two hundred in all, at the hub and in an office. The long form and the
other controls are ``make faults``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import flips_mail, flips_store, flips_vault

pytestmark = pytest.mark.timeout(240)


async def test_no_bit_in_waiting_mail_loses_or_alters_a_document(tmp_path: Path) -> None:
    """Noticed, never shown, sealed anew: each document is there once and as it was signed."""
    outcome = await flips_mail.strike(tmp_path, flips_mail.FLIPS_MAIL.seed, documents=40)
    assert (outcome.struck, outcome.lost) == (40, 0)


async def test_no_bit_in_the_hubs_files_deceives_anybody(tmp_path: Path) -> None:
    """Refused with a code, or served as it was, or what is altered shows by a signature or a root."""
    outcome = await flips_store.strike(tmp_path, flips_store.FLIPS_STORE.seed, flips=16)
    assert outcome.lost == 0, outcome.told


async def test_no_bit_in_an_offices_files_deceives_anybody(tmp_path: Path) -> None:
    """Refused with a code, or read as it was."""
    outcome = await flips_vault.strike(tmp_path, flips_vault.FLIPS_VAULT.seed, flips=140)
    assert outcome.lost == 0, outcome.told
    assert outcome.told["kinds"]["refused: FILE"] > 0


async def test_control_without_a_check_of_pages_other_words_are_read(tmp_path: Path) -> None:
    """The same vault without the check of each page."""
    assert (await flips_vault.control(tmp_path, flips_vault.FLIPS_VAULT.seed)).lost > 0
