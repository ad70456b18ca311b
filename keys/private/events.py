"""The later life of a directory as functions: who watches the log, what is held still, who opposes (FORMATS 3.1).

As in ``ceremony``: secrets in, signed statements out; whoever sits at the table signs, and only ``Directory.apply``
says whether it is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

from keys import domains
from keys.cosignature import NoteKey
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import LocalError
from keys.ids import OrgId
from keys.private.table import Officers, sign_record
from keys.statements import Freeze, FreezeState, FreezeTarget, Opposition, Witness, Witnesses


def name_witnesses(directory: Directory, officers: Officers, *, keys: Sequence[NoteKey], quorum: int) -> bytes:
    """Who watches the log from here on, for the root holders to sign."""
    number = 1 if directory.witnesses is None else directory.witnesses.number + 1
    named = [Witness(key.name, key.ed25519) for key in keys]
    policy = Witnesses(domains.VERSION, domains.SUITE, directory.federation, number, named, quorum, officers.now)
    return sign_record(officers.signers, SignedType.WITNESSES, policy)


def freeze(
    directory: Directory,
    officers: Officers,
    *,
    target: FreezeTarget,
    target_id: bytes,
    state: FreezeState = FreezeState.FROZEN,
) -> bytes:
    """Hold an organisation or a unit still (one administrator), or let it go again (the root holders)."""
    number = directory.freezing.number(target, target_id) + 1
    statement = Freeze(
        domains.VERSION, domains.SUITE, directory.federation, target, target_id, number, state, officers.now
    )
    return sign_record(officers.signers, SignedType.FREEZE, statement)


def oppose(directory: Directory, officers: Officers, *, org_id: OrgId) -> bytes:
    """One administrator's no to the administrators whom the roots alone named.

    Raises:
        LocalError: code ``UNKNOWN``; nothing waits for the organisation.
    """
    waiting = directory.succession.waiting(org_id)
    if waiting is None:
        raise LocalError("UNKNOWN")
    opposition = Opposition(domains.VERSION, domains.SUITE, directory.federation, org_id, waiting.digest, officers.now)
    return sign_record(officers.signers, SignedType.OPPOSE, opposition)
