"""What the declaration of a document kind says beside its fields.

Adding a kind: write its content as a `Form` with declared fields, make one `Kind` of it, and put
that into `registry`. Validation, prompts, forms, search and export follow from those two.

Public signatures:
    Kind(...)                                   frozen
    always(event), by_field(name, {value: event}) -> Causes
    categories(header, content) -> frozenset[str]

Source: domain.md 2.0.5 (roles), 2.1-2.10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from client.casework.describe import FieldInfo, describe_struct
from client.casework.fields import UNIT, Form, ident
from client.casework.flows import Side
from client.casework.header import Header, Person
from client.casework.problems import Problem
from client.casework.shape import major_of


class Need(StrEnum):
    """Whether a part of the header must, may or must not be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"


class Gate(StrEnum):
    """Whether the consent rule is asked before such a document leaves or takes effect."""

    CONSENT = "consent"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Causes:
    """Which events of its flow a kind may cause, and which one a content does cause.

    Args:
        events: all events that are possible.
        choose: the event of one content.
    """

    events: tuple[str, ...]
    choose: Callable[[Form], str]


#: domain.md 2.0.5: the second signature is a decision-maker's; the kinds of the police may name others.
SECOND_ROLES = frozenset({"beslutsfattare"})

#: The field ``decision_unit`` of a kind that tells a decision.
DECISION_UNIT = ident("Enhet som har beslutat", names=UNIT, help="Krävs när den egna enheten inte beslutar själv.")

CaseCheck = Callable[[Header, Form], Iterable[Problem]]


def _never(_header: Header, _content: Form) -> bool:
    return False


def no_problem(_header: Header, _content: Form) -> Iterable[Problem]:
    """The check of a kind that has none."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of document.

    Args:
        name: e.g. ``hotbild.resultat``.
        schema_version: major and minor; another major version is refused.
        title_sv: what a person reads.
        subject: the code of `subjects.SUBJECT` that the header must carry.
        content: the declared fields.
        flow: name of the life cycle.
        event: which event a content causes in the flow.
        side: who sends it: the unit that opened the thread or the one it went to.
        opens_thread: it may be the first of a thread, then without ``in_reply_to``.
        local: it stays in the unit that wrote it; only the unit's own devices get it, and no consent is asked.
        roles: roles that may send it.
        sender_types: unit types that may send it, empty for all.
        recipient_types: unit types that may get it, empty for all.
        about_person: concerns a person, so that ``principal_ref`` must be there; else it must not.
        subject_person: whether the person block must, may or must not be there.
        attachments: files may be attached.
        guarded: every text passes the guard against personal data.
        gate: whether the consent rule is asked.
        purpose: consent purpose that covers it, empty when the gate is not asked.
        also_purpose: a second purpose that must be signed beside it, empty for none.
        case_type: case type whose authorities the consent must name.
        two_signatures: whether this document needs a second signature, beside what `chooses_recipient` says.
        second_roles: roles of which the second person must have one.
        decides: which decision of a unit's card (`keys.facts`) it tells, empty for none; its content then has
            ``decision_unit``, and who may have decided stands in `case_rules`.
        places: whether this document places the person, or tells where the person is.
        readers: roles that may read it, empty for all of the unit.
        check: rules over several fields.
        help: what it is for, in a sentence (`told`).
        reply_clock: the deadline (`clock_table`) by which an answer is wished for, empty where none is.
    """

    name: str
    title_sv: str
    subject: str
    content: type[Form]
    flow: str
    event: Causes
    side: Side
    roles: frozenset[str]
    schema_version: str = "1.0"
    opens_thread: bool = False
    local: bool = False
    sender_types: frozenset[str] = frozenset()
    recipient_types: frozenset[str] = frozenset()
    about_person: bool = True
    subject_person: Need = Need.OPTIONAL
    attachments: bool = True
    guarded: bool = False
    gate: Gate = Gate.CONSENT
    purpose: str = ""
    also_purpose: str = ""
    case_type: str = ""
    two_signatures: Callable[[Header, Form], bool] = _never
    second_roles: frozenset[str] = SECOND_ROLES
    decides: str = ""
    places: Callable[[Header, Form], bool] = _never
    readers: frozenset[str] = frozenset()
    check: CaseCheck = no_problem
    reply_clock: str = ""
    help: str = ""

    def reads(self, version: object) -> bool:
        """Whether a document of that version is read here: two numbers, of which the first must agree."""
        return major_of(version) == major_of(self.schema_version)

    @property
    def chooses_recipient(self) -> bool:
        """Whether its author chooses to whom a person's case is told: then protected registration takes two people.

        It opens a thread, or says anew who the person is. Answers go where the question came from.
        """
        leaves = self.about_person and not self.local and self.subject_person is not Need.FORBIDDEN
        return leaves and (self.opens_thread or self.subject_person is Need.REQUIRED)


def always(event: str) -> Causes:
    """A kind that causes the same event whatever it says."""
    return Causes((event,), lambda _content: event)


def by_field(name: str, events: Mapping[object, str]) -> Causes:
    """A kind whose event hangs on one field."""
    return Causes(tuple(events.values()), lambda content: events.get(getattr(content, name), ""))


def categories(header: Header, content: Form) -> frozenset[str]:
    """The data categories that the filled-in fields of a document reveal."""
    used = set(_used(content, describe_struct(type(content))))
    if header.subject_person is not None:
        used |= {"identitet", *_used(header.subject_person, describe_struct(Person))}
    return frozenset(used)


def _used(block: Form, fields: tuple[FieldInfo, ...]) -> Iterable[str]:
    """Categories of the fields of one block that hold something."""
    for info in fields:
        if info.spec.category and getattr(block, info.name) not in (None, (), ""):
            yield info.spec.category
