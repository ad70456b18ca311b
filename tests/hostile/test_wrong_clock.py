"""By a clock that is more than a day off nothing is signed and no key is deleted, whoever asks for it (protocol 11)."""

from __future__ import annotations

import contextlib

import pytest

from client.engine.clock import STOP_SECONDS, Clock
from keys.errors import LocalError
from tests.hostile.desks import Desks, waiting
from tests.kit.keepers import kept_seeds

HOUR = 3600


class _Unasked(Clock):
    """One that is never off."""

    def require_sane(self) -> None:
        """Let everything pass."""


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "control"])
async def test_nothing_is_signed_by_a_wrong_clock(desks: Desks, *, is_asked: bool) -> None:
    """The outbox alone, without the duties that ask before it: the document stays unsigned until the clock is right."""
    desk = desks["sodermalm"].desk
    outbox, clock = desk.sync._ways.outbox, desk.context.clock
    document_id = await desks.send("sodermalm", "sav")
    clock.heard_hub(clock.now() - STOP_SECONDS - HOUR)
    if not is_asked:
        outbox._clock = _Unasked(desks.dial)
    with pytest.raises(LocalError, match="CLOCK") if is_asked else contextlib.nullcontext():
        await outbox.prepare(clock.now())
    assert await _is_signed(desks, document_id) is not is_asked
    assert await waiting(desks["sodermalm"]) == 1
    clock.heard_hub(clock.now())
    await outbox.prepare(clock.now())
    assert await _is_signed(desks, document_id)


async def _is_signed(desks: Desks, document_id: bytes) -> bool:
    vault = desks["sodermalm"].desk.context.vault
    return await vault.value("SELECT signed FROM document WHERE document_id = ?", document_id) is not None


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "control"])
async def test_no_key_is_deleted_by_a_wrong_clock(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    """A drain alone, long after a key's time: it stays while the clock is off, and goes when it is right again."""
    desk = desks["sav"].desk
    inbox, link, clock = desk.sync._ways.inbox, desk.sync._link, desk.context.clock
    end = min(secret.end for secret in kept_seeds(desk.context.keeper))
    desks.dial.turn((end + 3) * HOUR - clock.now())
    clock.heard_hub(clock.now() - STOP_SECONDS - HOUR)
    with monkeypatch.context() as without:
        if not is_asked:
            without.setattr(Clock, "is_sane", property(lambda _clock: True))
        await inbox.drain(link)
    assert (end in {secret.end for secret in kept_seeds(desk.context.keeper)}) is is_asked
    clock.heard_hub(clock.now())
    await inbox.drain(link)
    assert end not in {secret.end for secret in kept_seeds(desk.context.keeper)}
