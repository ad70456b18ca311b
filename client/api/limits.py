"""Which roles a command asks for. A command without a limit anybody of the unit may give (domain.md 2.0.5).

Who may write, approve or read a document stands with its kind. Ending a machine of the unit (``device_revoke``) has no
limit, and must have none: a lost one is ended by whoever notices first, the log takes it from any live device of the
unit (protocol 4), and every machine of the unit shows who did it and why. What a wrong one costs is to enrol it anew.
A new machine, which reads all that the unit gets from then on, needs an administrator and somebody of the unit.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from client.engine.office import Desk
from keys.cards import Role
from keys.errors import RefusedError


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """Who may give a command.

    Args:
        role: that the device is certified for.
        code: of the refusal.
        if_any: asked for only while a live device of the unit has the role; a unit without it must be able to go on.
    """

    role: Role
    code: str
    if_any: bool = False


ARCHIVE: Final = Limit(Role.ARKIVARIE, "ARCHIVIST")
KEYS: Final = Limit(Role.NYCKELANSVARIG, "KEYOFFICER", if_any=True)


async def require(desk: Desk, limit: Limit) -> None:
    """Refuse whoever lacks the role.

    Raises:
        RefusedError: with the limit's code.
    """
    book = desk.context.book
    if limit.role in book.staff(desk.context.device_id).roles:
        return
    live = [one for one in await desk.unit.colleagues() if one.is_active]
    if not limit.if_any or any(limit.role in one.card.roles for one in live):
        raise RefusedError(limit.code)
