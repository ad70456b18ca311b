"""What has happened to a consent, as a chain that can grow and cannot be rewritten unseen.

Each event carries the SHA-256 of its own fields and of the sum before it; the first one starts from
the consent's id, so that a chain cannot be moved to another record.

    digest = SHA-256("sluss/consent-event" ‖ 00 ‖ msgpack [previous, type, at, by, scope])

Public signatures:
    Event(type, at, by, scope, digest)
    append_event(consent_id, events, event_type, at=..., by=..., scope=None) -> tuple[Event, ...]
    verify_chain(consent_id, events) -> None           raises EventChainError
    extends(older, newer) -> bool

`consent.add_event` and `consent.verify_events` do the same for a whole record.

Source: domain.md 3.2 no 31.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar

import msgspec

from client.casework.codelists import codelist
from client.casework.fields import Form, instant, one, sha256, text
from keys.errors import RefusedError

EVENT_TYPE = codelist(
    "consent_event",
    {
        "informerad": "Informerad",
        "given": "Givet",
        "utokad": "Utökat",
        "fornyad": "Förnyat",
        "aterkallad": "Återkallat",
        "vagrad": "Vägrat",
        "utgangen": "Utgånget",
        "felregistrerad": "Felregistrerat",
    },
)

_DOMAIN = b"sluss/consent-event\x00"


class Event(Form, frozen=True, kw_only=True):
    """One thing that happened."""

    type: Annotated[str, one(EVENT_TYPE, "Händelse")]
    at: Annotated[str, instant("När")]
    by: Annotated[str, text(120, "Av vem")]
    scope: Annotated[str | None, text(120, "Omfattning")] = None
    digest: Annotated[str, sha256("Kedjans summa")]


class EventChainError(RefusedError):
    """A sum in the chain does not follow from what stands before it."""

    default_code: ClassVar[str] = "CHAIN"


def append_event(
    consent_id: str, events: tuple[Event, ...], event_type: str, *, at: str, by: str, scope: str | None = None
) -> tuple[Event, ...]:
    """The chain with one more event at its end.

    Args:
        consent_id: where the chain starts.
        events: the chain so far.
        event_type: code of `EVENT_TYPE`.
        at: UTC instant.
        by: role of who did it.
        scope: what it covers, for withdrawals and supplements.
    """
    before = events[-1].digest if events else _start(consent_id)
    digest = _digest(before, event_type, at, by, scope)
    return (*events, Event(type=event_type, at=at, by=by, scope=scope, digest=digest))


def verify_chain(consent_id: str, events: tuple[Event, ...]) -> None:
    """Check every sum of the chain.

    Raises:
        EventChainError: a sum does not follow from the event and those before it.
    """
    before = _start(consent_id)
    for event in events:
        before = _digest(before, event.type, event.at, event.by, event.scope)
        if before != event.digest:
            raise EventChainError


def extends(older: tuple[Event, ...], newer: tuple[Event, ...]) -> bool:
    """Whether the newer chain only adds to the older one."""
    return newer[: len(older)] == older


def _start(consent_id: str) -> str:
    return hashlib.sha256(_DOMAIN + consent_id.encode()).hexdigest()


def _digest(before: str, *fields: str | None) -> str:
    """The sum over the sum before and the fields; msgpack keeps the borders between them."""
    return hashlib.sha256(_DOMAIN + msgspec.msgpack.encode([before, *fields])).hexdigest()
