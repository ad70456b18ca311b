"""The arguments of every command: one Struct each, unknown names refused, every text bounded.

Content, header and record are maps that ``client.casework`` checks field by field; here only their size is bounded, by
the limit on the whole request.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from keys.attachment import MAX_ATTACHMENTS
from keys.errors import LocalError

Id = Annotated[str, Meta(max_length=64)]  # its form is told by ``places.find_id``, with words of its own
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Word = Annotated[str, Meta(max_length=60, pattern=r"^[a-z0-9_.]*\Z")]
Path = Annotated[str, Meta(min_length=1, max_length=4096)]
Reason = Literal["handlaggning", "beslut", "registrering", "granskning", "utlamnande", "annat"]
Staged = Annotated[list[Id], Meta(max_length=MAX_ATTACHMENTS + 1)]  # one more, so that the words for it are ours
Form = dict[Annotated[str, Meta(max_length=60)], Any]


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all; on its own it is a command without arguments."""


class Filter(Arguments, frozen=True, kw_only=True):
    """Which documents to list."""

    direction: Literal["", "in", "out"] = ""
    state: Word = ""
    kind: Word = ""


class Work(Arguments, frozen=True, kw_only=True):
    """One page of a view of the work list.

    ``state`` by its label; ``unit`` and ``holder`` by id, ``holder`` also ``none``: nobody works on it. Empty: any.
    """

    view: Literal["new", "mine", "free", "waiting", "overdue", "failed", "open", "all"] = "open"
    order: Literal["changed", "deadline", "begun", "state", "unit", "holder"] = "changed"
    flow: Word = ""
    state: Annotated[str, Meta(max_length=120)] = ""
    unit: Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?\Z")] = ""
    holder: Annotated[str, Meta(pattern=r"^([0-9a-f]{32}|none)?\Z")] = ""
    page: Annotated[int, Meta(ge=0, le=10_000)] = 0


class Search(Arguments, frozen=True, kw_only=True):
    """Words to look for, and which page of what fits; ``whole``: first take in all that the index lacks."""

    text: Annotated[str, Meta(max_length=200)]
    page: Annotated[int, Meta(ge=0, le=10_000)] = 0
    whole: bool = False


class OneKind(Arguments, frozen=True, kw_only=True):
    """A kind of document by name."""

    kind: Word


class Routed(OneKind, frozen=True, kw_only=True):
    """Whom a kind could go to: where somebody belongs, in general words (`casework.routing.Question`)."""

    question: Form


class OneDocument(Arguments, frozen=True, kw_only=True):
    """A document by id or the beginning of one."""

    document_id: Id


class Declined(OneDocument, frozen=True, kw_only=True):
    """A request that should not go, and why."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


class Redated(OneDocument, frozen=True, kw_only=True):
    """A request to write anew; ``dates``: new days in the place of those that have passed, by their path."""

    dates: Annotated[dict[Word, Annotated[str, Meta(max_length=40)]], Meta(max_length=20)] = {}


class Show(OneDocument, frozen=True, kw_only=True):
    """A document to read, and why; the reason stands in the log where the content is of a threat or a place."""

    reason: Reason = "handlaggning"


class OneCase(Arguments, frozen=True, kw_only=True):
    """A person's key in a case, or the beginning of it."""

    principal_ref: Id


class CaseExport(OneCase, frozen=True, kw_only=True):
    """A case to be written as one file to a path that does not exist, in the clear; and why, as in ``Show``."""

    path: Path
    reason: Reason = "utlamnande"


class ReturnCode(Arguments, frozen=True, kw_only=True):
    """A return code as the caller says it."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]

    def __repr__(self) -> str:
        """Never the code."""
        return "ReturnCode(…)"


class OneThread(Arguments, frozen=True, kw_only=True):
    """A thread by id or the beginning of one."""

    thread_id: Id


class Hand(Arguments, frozen=True, kw_only=True):
    """A thread for a colleague: name or device id, or the beginning of one."""

    thread_id: Id
    to: Name


class StatisticsOf(Arguments, frozen=True, kw_only=True):
    """A year or half of one, to be counted."""

    year: Annotated[int, Meta(ge=2000, le=2199)]
    half: Literal["hela", "forsta", "andra"] = "hela"


class StatisticsTo(Arguments, frozen=True, kw_only=True):
    """An approved collection for a recipient of statistics."""

    thread_id: Id
    to: Name


class NoteNew(Arguments, frozen=True, kw_only=True):
    """A remark on a thread that stays in the unit."""

    thread_id: Id
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class StandIn(Arguments, frozen=True, kw_only=True):
    """A colleague who gets this device's work for some days; 0 days ends it."""

    to: Name
    days: Annotated[int, Meta(ge=0, le=400)]


class New(Arguments, frozen=True, kw_only=True):
    """A document to a unit: in a new thread, or in one that exists. A local kind has no recipient.

    ``confirmed``: a person has looked at what deserves a second look; without it such a document is refused.
    ``attachments``: files that were taken in before. ``draft_id``: the draft that becomes this document, and is gone
    then. ``only_check``: ask the rules, send nothing.
    """

    kind: Word
    to: Name | None = None
    content: Form
    header: Form = {}
    consent_id: Id | None = None
    thread_id: Id | None = None
    attachments: Staged = []
    confirmed: bool = False
    draft_id: Id | None = None
    only_check: bool = False


class Reply(Arguments, frozen=True, kw_only=True):
    """An answer to a document, in its thread and to the unit that it came from; the rest as in ``New``."""

    document_id: Id
    kind: Word
    content: Form
    header: Form = {}
    consent_id: Id | None = None
    attachments: Staged = []
    confirmed: bool = False
    draft_id: Id | None = None
    only_check: bool = False


class Attach(Arguments, frozen=True, kw_only=True):
    """A file of this machine by its whole path, and what it is to be called where that is something else."""

    path: Path
    file_name: Annotated[str, Meta(max_length=1000)] = ""


class OneStaged(Arguments, frozen=True, kw_only=True):
    """A file that was taken in."""

    attachment_id: Id


class FilesOf(Arguments, frozen=True, kw_only=True):
    """The files of a document; of none: all that need a look."""

    document_id: Id = ""


class OneFile(OneDocument, frozen=True, kw_only=True):
    """A file of a document by its place in the list, from 0."""

    position: Annotated[int, Meta(ge=0, lt=MAX_ATTACHMENTS)] = 0


class SaveFile(OneFile, frozen=True, kw_only=True):
    """A file to be written in the clear: to a path that does not exist, or into a folder; and why, as in ``Show``."""

    path: Path
    reason: Reason = "handlaggning"


class SignDraft(Arguments, frozen=True, kw_only=True):
    """A draft of a statement, in base 64."""

    draft: Annotated[str, Meta(min_length=1, max_length=90_000)]


class RevokeDevice(Arguments, frozen=True, kw_only=True):
    """A device of the own unit by its id, and why it ends."""

    device_id: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    reason: Literal["lost", "left", "replaced", "compromised", "other"]


class AlarmFilter(Arguments, frozen=True, kw_only=True):
    """Which alarms to list: those that are open, or all."""

    everything: bool = False


class OneAlarm(Arguments, frozen=True, kw_only=True):
    """An alarm by its number."""

    n: Annotated[int, Meta(ge=1, lt=2**53)]


class OneUnit(Arguments, frozen=True, kw_only=True):
    """A unit by name or id; without one the own."""

    unit: Name | None = None


class Compared(Arguments, frozen=True, kw_only=True):
    """A unit and the words that somebody there read out."""

    unit: Name
    words: Annotated[str, Meta(min_length=1, max_length=400)]


class KitMade(Arguments, frozen=True, kw_only=True):
    """The public half of a recovery kit."""

    kit_id: Annotated[str, Meta(min_length=32, max_length=32, pattern=r"^[0-9a-f]+\Z")]
    public: Annotated[str, Meta(min_length=2432, max_length=2432, pattern=r"^[0-9a-f]+\Z")]


class BackupTo(Arguments, frozen=True, kw_only=True):
    """A file that does not exist yet, by its whole path."""

    path: Path


class Unlocking(Arguments, frozen=True, kw_only=True):
    """The office's passphrase."""

    passphrase: Annotated[str, Meta(min_length=1, max_length=1024)]

    def __repr__(self) -> str:
        """Never the passphrase."""
        return "Unlocking(…)"


def read_arguments(given: object, as_type: type[Arguments]) -> Arguments:
    """What a program gave, as the command's Struct.

    Raises:
        LocalError: code ``ARGUMENT``; a name is unknown or missing, or a value has the wrong form. Values are not told.
    """
    try:
        return msgspec.convert(given, as_type)
    except msgspec.ValidationError as error:
        raise LocalError("ARGUMENT", command=as_type.__name__) from error
