"""Which documents two people answer for, and who may be the second (domain.md 2.0.5, 2.4, 2.5, 2.7).

Two answer for a document whose kind says so, for one that tells where a person is, and for whom somebody with protected
or unknown registration is told to: the register may name a municipality without any tie, so nothing but two people's
eyes finds a wrong recipient (domain.md 2.4, 7.6).

Public signatures:
    TWO                                                                      signatures on such a document
    asks_for_two(message, known_protected=False) -> bool
    check_second(message, signatures, roles, known_protected=False) -> None  raises RefusedError LCK
    is_protected(header) -> bool

Not here: whose signatures they are and whether they hold; the caller has verified them.
"""

from __future__ import annotations

from client.casework.codelists import PROTECTED_BLOCKS_ROUTING
from client.casework.header import Header
from client.casework.validate import Message
from keys.errors import RefusedError

TWO = 2


def is_protected(header: Header) -> bool:
    """Whether the document itself says that the person's registration must not steer where it goes."""
    person = header.subject_person
    return person is not None and person.protected in PROTECTED_BLOCKS_ROUTING


def asks_for_two(message: Message, *, known_protected: bool = False) -> bool:
    """Whether this document needs a second signature.

    Args:
        message: the document.
        known_protected: the case told so of the person before, whatever this document says.
    """
    kind, header = message.kind, message.header
    protected = kind.chooses_recipient and (known_protected or is_protected(header))
    return protected or kind.two_signatures(header, message.content) or kind.places(header, message.content)


def check_second(message: Message, signatures: int, roles: frozenset[str], *, known_protected: bool = False) -> None:
    """Step 6 of `rules`.

    Args:
        message: the document.
        signatures: by different people of the sending unit.
        roles: those of the second one.
        known_protected: as `asks_for_two`.

    Raises:
        RefusedError: code ``LCK``.
    """
    asked = asks_for_two(message, known_protected=known_protected)
    if asked and (signatures < TWO or not message.kind.second_roles & roles):
        raise RefusedError("LCK", kind=message.kind.name)
