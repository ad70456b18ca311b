"""Administrators whom the roots alone name: they wait 72 hours for somebody's no (FORMATS 3.1.2).

The log has no clock of its own; a hub's snapshots are its clock. The wait begins with the hub's *first* snapshot after
the statement, not with the last one before it, which may be days old when a hub stood still. It ends with a snapshot of
the same hub that was made 72 hours later or more.

Not here: who may sign what (``keys/acceptance.py``), and what the directory then does (``keys/directory.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from keys.errors import TrustError
from keys.ids import Digest, HubId, OrgId
from keys.public import PublicPair
from keys.statements import Organisation, Snapshot

WAIT_SECONDS: Final = 72 * 3600  # protocol 4: a weekend, so that one administrator comes to work in between


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A statement that waits, its digest, and when each hub's wait began (seconds)."""

    statement: Organisation
    digest: Digest
    began: Mapping[HubId, int]


class Succession:
    """All statements that wait, by organisation."""

    def __init__(self, waiting: Mapping[OrgId, Waiting] | None = None) -> None:
        self._waiting = dict(waiting or {})

    def copy(self) -> Succession:
        """An independent copy."""
        return Succession(self._waiting)

    def waiting(self, org_id: OrgId) -> Waiting | None:
        """What waits for an organisation."""
        return self._waiting.get(org_id)

    def named_keys(self, org_id: OrgId) -> list[PublicPair]:
        """The keys of the administrators who wait; a second try may name them again."""
        waiting = self._waiting.get(org_id)
        return [] if waiting is None else waiting.statement.admin_keys

    def propose(self, statement: Organisation, digest: Digest) -> None:
        """Let a statement wait; another that waited for the same organisation is forgotten."""
        self._waiting[OrgId(statement.org_id)] = Waiting(statement, digest, {})

    def drop(self, org_id: OrgId) -> None:
        """Forget what waits: the organisation changed otherwise."""
        self._waiting.pop(org_id, None)

    def oppose(self, org_id: OrgId, digest: bytes) -> None:
        """Take the no of an administrator.

        Raises:
            TrustError: nothing waits, or something else.
        """
        waiting = self._waiting.get(org_id)
        if waiting is None or waiting.digest != digest:
            raise TrustError("TRUST", rule="nothing-waits")
        self.drop(org_id)

    def tick(self, snapshot: Snapshot) -> list[Organisation]:
        """Let the log's clock move; returns the statements whose time has come, which wait no longer."""
        hub_id = HubId(snapshot.hub_id)
        due = []
        for org_id, waiting in list(self._waiting.items()):
            began = waiting.began.get(hub_id)
            if began is None:
                later = {**waiting.began, hub_id: snapshot.made_at}
                self._waiting[org_id] = dataclasses.replace(waiting, began=later)
            elif snapshot.made_at >= began + WAIT_SECONDS:
                due.append(waiting.statement)
                self.drop(org_id)
        return due
