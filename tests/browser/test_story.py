"""The demonstration's story, told by people at their pages: real processes, real keys, two real browsers.

A hub and the desks of the demonstration stand open, and nothing has happened yet. Everything that the story does
afterwards, a person does on the page of her own office: with the mouse or by the keyboard alone, in Swedish or in
English. ``make test`` plays the first half, in which the desks take turns at these ways; ``make story``
(``SLUSS_STORY=all``) plays the whole story in each of them.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest
from playwright.async_api import Browser

from client.demo import stage
from tests.browser.acts import main_line
from tests.browser.acts_cases import cases
from tests.browser.hands import ARRIVES_MS, Mouse
from tests.browser.keyboard import Keys
from tests.browser.seats import AT_ONCE, BJORKVIKA, BOPS, CHIEF, LILLKOPING, NAMES, SAV, SECOND, Table, Way, opened

Act = Callable[[Table], Awaitable[None]]
EACH = tuple(Way(hand, lang) for hand, lang in itertools.product((Mouse, Keys), ("sv", "en")))
#: Of the first half: who begins something, and who answers, has another language, and each way is used.
TURNED = {
    LILLKOPING: Way(Keys, "en"),
    SAV: Way(Mouse, "en"),
    CHIEF: Way(Keys, "sv"),
    BOPS: Way(Keys, "sv"),
    SECOND: Way(Mouse, "en"),
    BJORKVIKA: Way(Mouse, "sv"),
}


#: Ways by desk, and what is played, by name.
PLAYS: dict[str, tuple[Mapping[str, Way], tuple[Act, ...]]] = {"turned": (TURNED, (main_line,))}
if os.environ.get("SLUSS_STORY") == "all":
    PLAYS |= {way.name: (dict.fromkeys(NAMES, way), (main_line, cases)) for way in EACH}


def test_the_ways_are_all_used() -> None:
    """Also when the story is played once."""
    assert set(TURNED.values()) == set(EACH)


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("play", PLAYS)
async def test_the_story(
    tmp_path: Path, browsers: Sequence[Browser], monkeypatch: pytest.MonkeyPatch, play: str
) -> None:
    """Every act ends as it must, no page fails, and on pages in English no Swedish is left."""
    monkeypatch.setattr(stage, "QUICK_OFFICE", stage.QUICK_OFFICE + AT_ONCE)
    monkeypatch.setattr(stage, "START_SECONDS", ARRIVES_MS / 1000)
    ways, acts = PLAYS[play]
    async with opened(tmp_path / "demo", browsers, ways) as table:
        for act in acts:
            await act(table)
        assert table.complaints == []
        assert table.swedish == {}
