"""Checks the body of a document: header, content, and what the two say together.

Order, and the code of a refusal:
1. the body has its three parts                                      SCH
2. the kind is known                                                 KIND
3. the major version of its schema is known                          VER
4. header and content are what their declarations say                SCH
5. basis, subject and the kind's own rules agree                     SCH
6. no text of a guarded kind holds a hard identifier                 PID

From step 4 on every problem is gathered before anything is refused. Whoever calls this gets a
`Message` or an `InvalidBodyError`, whatever the bytes were.

Public signatures:
    validate_body(body, opening=None) -> Message
    Message(header, content, kind, categories); .event
    warnings(message, own_kommun="", small_place=False) -> tuple[Problem, ...]      what needs a second look

Not here: whether this role may send it now and to whom (`rules`), whether the person allows it
(`consent_rules`). ``consents`` are bytes that the caller has checked; here only their number is.

Example:
    >>> validate_body({"header": {...}, "content": {...}, "consents": []}).kind.name
    'konsultation.fraga'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from client.casework.codelists import PROTECTED_BLOCKS_ROUTING, STAYS
from client.casework.describe import FieldInfo
from client.casework.fields import FieldType, Form
from client.casework.guard import LABELS, guesses, has_number, is_blocked
from client.casework.header import Attachment, DisclosureDecision, Header, LimitsDecision
from client.casework.kinds.kind import Kind, categories
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.media import is_clean
from client.casework.person_rules import district_reason, is_doubtful, is_minor
from client.casework.problems import InvalidBodyError, Problem, problem
from client.casework.shape import WRITTEN, check_shape, is_instant
from client.casework.swedish_time import local_date

#: Greatest number of consent records in one body, and of bytes in one; our own bounds.
MAX_CONSENTS = 8
MAX_CONSENT_BYTES = 64 * 1024

#: The role of whom a decision in a header names (domain.md 2.0.2, 3.5).
DECIDES = "beslutsfattare"
_DIARY_NUMBERS = frozenset({"sender_dnr", "recipient_dnr"})
_PARTS = frozenset({"header", "content", "consents"})


@dataclass(frozen=True, slots=True)
class Message:
    """A body that its declaration accepts.

    Args:
        header: the inner header.
        content: the struct of the kind.
        kind: the declaration.
        categories: data categories that the document reveals.
    """

    header: Header
    content: Form
    kind: Kind
    categories: frozenset[str]

    @property
    def event(self) -> str:
        """The event that the document causes in its flow."""
        return self.kind.event.choose(self.content)


def validate_body(body: object, opening: Mapping[str, object] | None = None) -> Message:
    """Check a decoded body.

    Args:
        body: what was decoded; good is a map with ``header``, ``content`` and ``consents``.
        opening: content of the first document of the thread, for rules that hang on the question.

    Raises:
        InvalidBodyError: with every problem found.
    """
    header, content, kind = _parts(body)
    facts = _facts(kind, header, opening or {})
    found = check_shape(describe_header(), header, facts, "header")
    found += check_shape(describe(kind.name), content, facts, "content")
    if found:
        raise InvalidBodyError(tuple(found))
    message = _message(kind, header, content)
    found = list(_together(message, facts)) + list(_guarded(message))
    if found:
        raise InvalidBodyError(tuple(found))
    return message


def _parts(body: object) -> tuple[Mapping[str, object], Mapping[str, object], Kind]:
    """Steps 1 to 3: the parts, the kind and the version."""
    if not isinstance(body, Mapping) or any(part not in _PARTS for part in body):
        raise InvalidBodyError((problem("", "body"),))
    header, content, consents = (body.get(part) for part in ("header", "content", "consents"))
    if not isinstance(header, Mapping) or not isinstance(content, Mapping) or not _are_consents(consents):
        raise InvalidBodyError((problem("", "body"),))
    name, version = header.get("message_type"), header.get("schema_version")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InvalidBodyError((problem("header.message_type", "kind", code="KIND"),))
    if not kind.reads(version):
        raise InvalidBodyError((problem("header.schema_version", "version", code="VER"),))
    return header, content, kind


def _are_consents(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) > MAX_CONSENTS:
        return False
    return all(isinstance(record, bytes) and len(record) <= MAX_CONSENT_BYTES for record in value)


def _facts(kind: Kind, header: Mapping[str, object], opening: Mapping[str, object]) -> dict[str, object]:
    """What conditions may ask about the surroundings of a field."""
    facts: dict[str, object] = {f"@opening.{name}": value for name, value in opening.items()}
    facts["@opens_thread"] = kind.opens_thread
    facts["@about_person"] = kind.about_person
    facts["@subject_person"] = kind.subject_person.value
    facts["@attachments"] = "optional" if kind.attachments else "forbidden"
    created = header.get("created_at")
    if isinstance(created, str) and is_instant(created):
        facts[WRITTEN] = local_date(datetime.fromisoformat(created))
    return facts


def _message(kind: Kind, header: Mapping[str, object], content: Mapping[str, object]) -> Message:
    """Make the structs; what the walk accepted, msgspec must accept too."""
    try:
        made_header = msgspec.convert(header, Header)
        made_content = msgspec.convert(content, kind.content)
    except (msgspec.ValidationError, TypeError) as error:
        raise InvalidBodyError((problem("", "body"),)) from error
    return Message(made_header, made_content, kind, categories(made_header, made_content))


def _together(message: Message, facts: Mapping[str, object]) -> Iterator[Problem]:
    """Step 5: rules over several fields."""
    header, kind = message.header, message.kind
    if not _fitting_basis(kind, header.disclosure_basis):
        yield problem("header.disclosure_basis", "basis", "Sekretessgrund för utlämnandet")
    if header.subject_generic != kind.subject:
        yield problem("header.subject_generic", "subject", "Rubrik")
    person = header.subject_person
    if person is not None and person.guardians_involved is None and is_minor(header):
        yield problem("header.subject_person.guardians_involved", "missing", "Vårdnadshavare involverade")
    if district_reason(header) == "district":
        yield problem("header.subject_person.district", "district", "Stadsdel")
    yield from _decided(header)
    yield from _attached(header.attachments)
    yield from kind.check(header, message.content)


def _decided(header: Header) -> Iterator[Problem]:
    """Who decided is a decision-maker, and the decision is not of a later day than the document."""
    day = local_date(datetime.fromisoformat(header.created_at)).isoformat()
    for name in ("disclosure_decision", "limits_decision"):
        decision: DisclosureDecision | LimitsDecision | None = getattr(header, name)
        if decision is not None and decision.beslutsfattare.role != DECIDES:
            yield problem(f"header.{name}.beslutsfattare.role", "choice", "Roll")
        if decision is not None and decision.datum > day:
            yield problem(f"header.{name}.datum", "after", "Beslutsdatum")


def _attached(attachments: tuple[Attachment, ...]) -> Iterator[Problem]:
    """A name that is safe to show and to save under, and a stream of its own for each file."""
    if any(not is_clean(one.file_name, one.media_type) for one in attachments):
        yield problem("header.attachments", "file_name", "Bilagor")
    if len({one.stream for one in attachments}) < len(attachments):
        yield problem("header.attachments", "duplicate", "Bilagor")


def _fitting_basis(kind: Kind, basis: str) -> bool:
    """What stays in the unit is disclosed to nobody; what leaves either names nobody or has a basis."""
    if kind.local or basis == STAYS:
        return kind.local and basis == STAYS
    return (basis == "inga_personuppgifter") is not kind.about_person


def _guarded(message: Message) -> Iterator[Problem]:
    """Step 6: hard identifiers where nobody may be named; in a diary number those of persons."""
    if not message.kind.guarded:
        return
    for info, words in _texts(message.content, describe(message.kind.name)):
        if is_blocked(words):
            yield problem(info.path, "pid", info.spec.label, code="PID")
    for info in describe_header():
        if info.name in _DIARY_NUMBERS and has_number(getattr(message.header, info.name) or ""):
            yield problem(info.path, "pid", info.spec.label, code="PID")


def _texts(block: Form, fields: tuple[FieldInfo, ...]) -> Iterator[tuple[FieldInfo, str]]:
    """Every free text of a block, nested ones too."""
    for info in fields:
        value = getattr(block, info.name)
        for row in value if isinstance(value, tuple) else (value,):
            if isinstance(row, Form):
                yield from _texts(row, info.children)
            elif isinstance(row, str) and info.spec.holds in {FieldType.TEXT, FieldType.LONG}:
                yield info, row


def warnings(message: Message, *, own_kommun: str = "", small_place: bool = False) -> tuple[Problem, ...]:
    """What a person should look at once more; none of it holds a document up by itself.

    Args:
        message: validated.
        own_kommun: code of the asker's municipality, whose name tells neither side anything new.
        small_place: so few live there that a description may be enough to point out a person.
    """
    found = tuple(_warnings(message, own_kommun))
    told = message.kind.guarded and any(True for _ in _texts(message.content, describe(message.kind.name)))
    return (*found, problem("content", "small_place")) if small_place and told else found


def _warnings(message: Message, own_kommun: str) -> Iterator[Problem]:
    yield from _about_person(message.header)
    for attachment in message.header.attachments:
        if not attachment.pdfa:
            yield problem("header.attachments", "file_type", "Bilagor")
    if message.kind.guarded:
        for info, words in _texts(message.content, describe(message.kind.name)):
            found = {LABELS[rule] for rule in guesses(words, own_kommun=own_kommun)}
            if found:
                yield problem(info.path, "guess", f"{info.spec.label} ({', '.join(sorted(found))})")


def _about_person(header: Header) -> Iterator[Problem]:
    person = header.subject_person
    if person is None:
        return
    if is_doubtful(person):
        yield problem("header.subject_person.id_value", "identity", "Identitet")
    if person.protected in PROTECTED_BLOCKS_ROUTING:
        yield problem("header.subject_person.registered_kommun", "protected", "Folkbokföringskommun")
    if district_reason(header) == "district_gone":
        yield problem("header.subject_person.district", "district_gone", "Stadsdel")
