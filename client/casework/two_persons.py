"""Which documents two people answer for, and who may be the second (domain.md 2.0.5, 2.4, 2.5, 2.7).

Public signatures:
    TWO                                                     signatures on such a document
    asks_for_two(message) -> bool
    check_second(message, signatures, roles) -> None        raises RefusedError LCK

Not here: whose signatures they are and whether they hold; the caller has verified them.
"""

from __future__ import annotations

from client.casework.validate import Message
from keys.errors import RefusedError

TWO = 2


def asks_for_two(message: Message) -> bool:
    """Whether this document needs a second signature: its kind says so, or it tells where a person is."""
    kind = message.kind
    return kind.two_signatures(message.header, message.content) or kind.places(message.header, message.content)


def check_second(message: Message, signatures: int, roles: frozenset[str]) -> None:
    """Step 6 of `rules`.

    Args:
        message: the document.
        signatures: by different people of the sending unit.
        roles: those of the second one.

    Raises:
        RefusedError: code ``LCK``.
    """
    if asks_for_two(message) and (signatures < TWO or not message.kind.second_roles & roles):
        raise RefusedError("LCK", kind=message.kind.name)
