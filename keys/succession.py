"""Administrators whom the roots alone name: they wait for somebody's no (FORMATS 3.1, rule 1).

One administrator's no ends a first try, which waits 72 hours: that is for a mistake, or for roots who were deceived. A
further try waits 14 days, and only as many administrators as decide for the organisation can end it: a single one who
turned cannot hold it for ever. Once other administrators are in force this begins anew.

The log has no clock of its own; a hub's snapshots are its clock. The wait begins with the hub's *first* snapshot after
the statement, not with the last one before it, which may be days old when a hub stood still. It ends with a snapshot of
the same hub that was made after the whole wait.

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
WAIT_AGAIN_SECONDS: Final = 14 * 24 * 3600  # so that several do, and can meet


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A statement that waits, its digest, when each hub's wait began (seconds), and whether one before was opposed."""

    statement: Organisation
    digest: Digest
    began: Mapping[HubId, int]
    again: bool

    @property
    def wait_seconds(self) -> int:
        """How long it waits."""
        return WAIT_AGAIN_SECONDS if self.again else WAIT_SECONDS

    def opponents(self, threshold: int) -> int:
        """How many administrators must say no, in an organisation where so many decide."""
        return threshold if self.again else 1


class Succession:
    """All statements that wait, by organisation."""

    def __init__(self, waiting: Mapping[OrgId, Waiting] | None = None, opposed: frozenset[OrgId] = frozenset()) -> None:
        self._waiting = dict(waiting or {})
        self._opposed = opposed

    def copy(self) -> Succession:
        """An independent copy."""
        return Succession(self._waiting, self._opposed)

    def waiting(self, org_id: OrgId) -> Waiting | None:
        """What waits for an organisation."""
        return self._waiting.get(org_id)

    def named_keys(self, org_id: OrgId) -> list[PublicPair]:
        """The keys of the administrators who wait; a second try may name them again."""
        waiting = self._waiting.get(org_id)
        return [] if waiting is None else waiting.statement.admin_keys

    def propose(self, statement: Organisation, digest: Digest) -> None:
        """Let a statement wait; another that waited for the same organisation is forgotten."""
        org_id = OrgId(statement.org_id)
        self._waiting[org_id] = Waiting(statement, digest, {}, again=org_id in self._opposed)

    def drop(self, org_id: OrgId) -> None:
        """Forget what waits: the organisation changed otherwise."""
        self._waiting.pop(org_id, None)

    def renewed(self, org_id: OrgId) -> None:
        """Other administrators are in force: what theirs before them opposed counts no more."""
        self._opposed -= {org_id}

    def oppose(self, org_id: OrgId, digest: bytes) -> None:
        """Take the no of those who may say it.

        Raises:
            TrustError: nothing waits, or something else.
        """
        waiting = self._waiting.get(org_id)
        if waiting is None or waiting.digest != digest:
            raise TrustError("TRUST", rule="nothing-waits")
        self._opposed |= {org_id}
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
            elif snapshot.made_at >= began + waiting.wait_seconds:
                due.append(waiting.statement)
                self.drop(org_id)
        return due
