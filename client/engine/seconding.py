"""The second signature under a document: given here, and verified at both ends (FORMATS 5.2).

Order of verification: signature, payload, then the rules of ``RULES``, each of which has a test that fails when it is
taken out. Whether the second person's role is one that the kind allows is asked by casework (check 16).

What "two people" can be held against is the directory: two devices whose certificates name two people. An administrator
who certifies two devices for one person under two names defeats it; the log shows both certificates for ever.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from client.engine.context import Context
from client.engine.signing import Draft
from keys import domains
from keys.codec import encode
from keys.directory_entries import DeviceEntry
from keys.document import Attachment, Document
from keys.domains import SignedType
from keys.errors import LocalError, PeerError, RefusedError
from keys.ids import DIGEST_BYTES, DeviceId, Digest
from keys.second_signature import SecondSignature
from keys.signed import parse_signed, read_payload, verify_single

VALID_SECONDS: Final = 14 * 86_400  # FORMATS 5.2, rule 7
APART_SECONDS: Final = 600  # two clocks may be off by ten minutes before they warn
_WORDS: Final = re.compile(r"\W+")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a second person answers for: all of a document that its author may not change afterwards."""

    document_id: bytes
    from_unit: bytes
    author: bytes
    to_unit: bytes
    kind: str
    thread_id: bytes
    reply_to: bytes | None
    body_commit: bytes
    attachments: list[Attachment]
    consents: list[bytes]
    legal_basis: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """When a document was written and left (seconds), by which log, and whether it came by mail or is ours to send."""

    written_at: int
    sent_at: int
    dir_size: int
    is_new: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Second:
    """A second person whose signature counts."""

    device_id: DeviceId
    name: str
    roles: frozenset[str]
    at: int


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """An approval whose signatures verified, and what it is held against."""

    payload: SecondSignature
    device: DeviceEntry
    subject: Subject
    leaving: Leaving


Rule = Callable[[Given, Context], bool]


def _same_unit(given: Given, context: Context) -> bool:
    """2: the signer, of the unit that sends."""
    author = context.replica.directory.devices.get(DeviceId(given.subject.author))
    named = (given.payload.by_device, given.payload.from_unit)
    units = {given.subject.from_unit, None if author is None else author.statement.unit_id}
    return named == (given.device.statement.device_id, given.device.statement.unit_id) and units == {named[1]}


def _same_subject(given: Given, _context: Context) -> bool:
    """3: this document, and every part of it."""
    return all(getattr(given.payload, name) == value for name, value in _fields(given.subject).items())


def _other_person(given: Given, context: Context) -> bool:
    """4: not the person who wrote it, and so neither her device nor another one of hers."""
    one, other = (context.book.staff(DeviceId(id_)).name for id_ in (given.payload.by_device, given.subject.author))
    return not same_person(one, other)


def _same_log(given: Given, context: Context) -> bool:
    """5: the approver saw the same log as we."""
    size, directory = given.payload.dir_size, context.replica.directory
    within = size <= min(given.leaving.dir_size, directory.size)
    return within and directory.tree.root(size) == given.payload.dir_root


def _active(given: Given, _context: Context) -> bool:
    """6: active when approving and when it left, and not revoked before it was first seen."""
    payload, leaving = given.payload, given.leaving
    revoked = leaving.is_new and given.device.revoked_size is not None
    was = given.device.was_active(payload.dir_size, payload.approved_at)
    return was and given.device.was_active(leaving.dir_size, leaving.sent_at) and not revoked


def _in_time(given: Given, _context: Context) -> bool:
    """7: not before it was written, not after it left, and not long before that."""
    at, leaving = given.payload.approved_at, given.leaving
    earliest = max(leaving.written_at - APART_SECONDS, leaving.sent_at - VALID_SECONDS)
    return earliest <= at <= leaving.sent_at + APART_SECONDS


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "unit": _same_unit, "subject": _same_subject, "person": _other_person, "log": _same_log, "active": _active,
        "time": _in_time,
    }
)  # fmt: skip
"""By name, in order (FORMATS 5.2, rules 2 to 7)."""


class Seconding:
    """Second signatures of an office.

    Args:
        context: of the office.
        rules: tests take one out to show that it is needed.
    """

    def __init__(self, context: Context, rules: Mapping[str, Rule] = RULES) -> None:
        self._context = context
        self._rules = rules

    def sign(self, subject: Subject) -> bytes:
        """The signed object by which the person of this device answers for a document too."""
        directory = self._context.replica.directory
        payload = SecondSignature(
            version=domains.VERSION,
            suite=domains.SUITE,
            **_fields(subject),
            by_device=self._context.device_id,
            approved_at=self._context.clock.now(),
            dir_size=directory.size,
            dir_root=directory.tree.root(directory.size),
        )
        return self._context.keeper.sign(SignedType.APPROVAL, encode(payload))

    def verify(self, raw: bytes, subject: Subject, leaving: Leaving) -> Second:
        """Verify an approval of a document.

        Raises:
            RefusedError: code ``LCK``; it does not count.
        """
        try:
            payload, device = self.read(raw)
            given = Given(payload, device, subject, leaving)
            for name, holds in self._rules.items():
                if not holds(given, self._context):
                    raise RefusedError("LCK", rule=name)
            card = self._context.book.staff(DeviceId(device.statement.device_id))
        except LocalError as error:  # a card that does not open names nobody
            raise RefusedError("LCK", rule=error.code) from error
        roles = frozenset(role.value for role in card.roles)
        return Second(DeviceId(device.statement.device_id), card.name, roles, payload.approved_at)

    def read(self, raw: bytes) -> tuple[SecondSignature, DeviceEntry]:
        """An approval's payload and signer, verified; what it is about is not asked (rule 1).

        Raises:
            RefusedError: code ``LCK``.
        """
        try:
            so = parse_signed(raw)
            device = self._context.replica.directory.device_of_certificate(Digest(so.signatures[0].signer))
            if device is None:
                raise RefusedError("LCK", rule="signer")
            verify_single(so, device.certificate, device.enrol.signing)
            return read_payload(so, SignedType.APPROVAL, SecondSignature), device
        except PeerError as error:
            raise RefusedError("LCK", rule=error.code) from error

    def of_document(self, document: Document, header: Mapping[str, Any], *, is_new: bool) -> Second | None:
        """The second person behind a document that came; None when it carries no approval.

        Raises:
            RefusedError: code ``LCK``.
        """
        if document.approval is None:
            return None
        leaving = Leaving(
            written_at=written_at(header), sent_at=document.sent_at, dir_size=document.dir_size, is_new=is_new
        )
        return self.verify(document.approval, subject_of(document, str(header.get("message_type"))), leaving)

    def of_draft(self, draft: Draft, header: Mapping[str, Any], approval: bytes | None) -> Second | None:
        """The second person behind a document of this device that would leave now; None without an approval.

        Raises:
            RefusedError: code ``LCK``.
        """
        if approval is None:
            return None
        return self.verify(approval, self.subject(draft, self._context.device_id), self.now(header))

    def subject(self, draft: Draft, author: bytes) -> Subject:
        """What is to be approved of a draft that the device ``author`` of this unit wrote."""
        digests = [draft.consents[at : at + DIGEST_BYTES] for at in range(0, len(draft.consents), DIGEST_BYTES)]
        return Subject(
            document_id=draft.document_id,
            from_unit=self._context.unit_id,
            author=author,
            to_unit=draft.unit_id,
            kind=draft.kind,
            thread_id=draft.thread_id,
            reply_to=draft.reply_to,
            body_commit=draft.body_commit,
            attachments=list(draft.attachments),
            consents=digests,
            legal_basis=draft.legal_basis,
        )

    def now(self, header: Mapping[str, Any]) -> Leaving:
        """As if it left at once."""
        size = self._context.replica.directory.size
        return Leaving(written_at=written_at(header), sent_at=self._context.clock.now(), dir_size=size)


def subject_of(document: Document, kind: str) -> Subject:
    """What an approval of a document that came must be about."""
    return Subject(
        document_id=document.document_id,
        from_unit=document.from_unit,
        author=document.from_device,
        to_unit=document.to_unit,
        kind=kind,
        thread_id=document.thread_id,
        reply_to=document.reply_to,
        body_commit=document.body_commit,
        attachments=document.attachments,
        consents=document.consents,
        legal_basis=document.legal_basis,
    )


def same_person(one: str, other: str) -> bool:
    """Whether two staff cards name the same person: the same words, in any order and letter case."""
    return _words(one) == _words(other)


def written_at(header: Mapping[str, Any]) -> int:
    """When a document was written, by its header; seconds.

    Raises:
        RefusedError: code ``SCH``; there is no such time.
    """
    try:
        return int(datetime.datetime.fromisoformat(str(header.get("created_at"))).timestamp())
    except (ValueError, OverflowError) as error:
        raise RefusedError("SCH", rule="created_at") from error


def _words(name: str) -> list[str]:
    return sorted(word for word in _WORDS.split(unicodedata.normalize("NFKC", name).casefold()) if word)


def _fields(subject: Subject) -> dict[str, Any]:
    return {field.name: getattr(subject, field.name) for field in dataclasses.fields(subject)}
