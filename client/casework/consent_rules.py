"""Whether a consent allows one document to go to one unit: the same function at both ends.

The sender asks before sealing, the recipient after opening. The hub takes no part and knows
nothing of consent. The checks run in this order, and the first that fails is the answer:

    CNS-01  the record is active                 CNS-08  nothing withdrawn, and the list is fresh
    CNS-02  it is written, with its original     CNS-09  it is about this person
    CNS-03  it names sender and recipient        CNS-10  a private recipient has its own line
    CNS-04  no required authority is left out    CNS-11  a placement: two signatures, supplement
    CNS-05  the purpose is signed                CNS-12  limits: somebody has decided
    CNS-06  the data categories are covered      CNS-13  a child: a guardian, or a reason
    CNS-07  it is in its time

Rules beside the table:
1. A document without personal data, a withdrawal, and what stays in the unit need no consent.
2. A basis other than consent needs a complete decision on disclosure (checked by `validate`).
3. A withdrawal for one recipient or one purpose equals exclusion: CNS-04, for every document. Only
   follow-up and research may be withdrawn alone; then their own documents stop with CNS-08.
4. A time of check that lies in the future counts as no check.
5. A record with a closed circle goes to the units of the circle only, and comes from one of them or
   from the responsible unit (CNS-03).

Public signatures:
    ConsentQuestion(...)                     frozen; what is asked
    decide(question) -> None                 raises ConsentRefusedError with code CNS-01 … CNS-13
    decide_also(question, later, withdrawals) -> None

Whom a consent must name is said by `authorities` and `concerned`. Source: domain.md 3.4, 3.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Final

from client.casework.concerned import left_out
from client.casework.consent import ConsentRecord, Party
from client.casework.consent_check import GIVING_EVENTS
from client.casework.consent_status import Withdrawal, last_day
from client.casework.kinds.kind import Gate, Kind
from client.casework.kinds.samtycke import MISTAKEN
from client.casework.swedish_time import local_date
from keys.errors import FieldValue, RefusedError

#: How old the list of withdrawals may be when a document leaves (domain.md 3.4).
MAX_LIST_AGE = timedelta(minutes=15)

#: Signatures on a document that places a person.
PLACEMENT_SIGNATURES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentQuestion:
    """All that the decision hangs on.

    Args:
        kind: the declaration of the document.
        basis: the header's basis of disclosure.
        decision_complete: a decision on disclosure stands in the header.
        sender_unit, recipient_unit: ids.
        sender_authority, recipient_authority: of the units, for consents that name a whole authority.
        recipient_private: it is a private provider.
        record: the consent in force, None when there is none.
        withdrawals: of this consent, or of one before it in its chain.
        required: authorities that the consent must name.
        told, required_units: those that only the facts of the case ask for, and units (`concerned`).
        lacking_police: the police region of a placement that it names nobody of, empty for none.
        categories: data categories that the document reveals.
        principal_ref: the person whom the document is about.
        minor: the person is under 18.
        now: aware datetime.
        withdrawals_checked_at: when the mailbox was last read to its end.
        drained: it was read to its end before this document took effect (recipient).
        limits_decided: somebody who may has decided on the record's limits.
        signatures: how many valid signatures of different devices the document has.
        places: the document places the person or tells where the person is.
    """

    kind: Kind
    basis: str
    decision_complete: bool = False
    sender_unit: str
    recipient_unit: str
    sender_authority: str = ""
    recipient_authority: str = ""
    recipient_private: bool = False
    record: ConsentRecord | None
    withdrawals: tuple[Withdrawal, ...] = ()
    required: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    required_units: frozenset[str] = frozenset()
    lacking_police: str = ""
    categories: frozenset[str] = frozenset()
    principal_ref: str | None = None
    minor: bool = False
    now: datetime
    withdrawals_checked_at: datetime | None = None
    drained: bool = False
    limits_decided: bool = False
    signatures: int = 1
    places: bool = False


class ConsentRefusedError(RefusedError):
    """The consent does not allow this document; code CNS-01 to CNS-13."""

    default_code: ClassVar[str] = "CNS-01"


#: What a failed check tells: facts without content. None: the check passed.
Facts = dict[str, FieldValue] | None
Check = Callable[[ConsentQuestion, ConsentRecord], Facts]


def decide(question: ConsentQuestion) -> None:
    """Return when the document may go (or take effect); raise when it may not.

    Raises:
        ConsentRefusedError: with the code of the first check that failed.
    """
    if question.kind.gate is Gate.NONE:
        return
    if question.basis != "samtycke":
        if not question.decision_complete:
            raise ConsentRefusedError("CNS-01")
        return
    record = question.record
    if record is None:
        raise ConsentRefusedError("CNS-01")
    for code, check in CHECKS:
        facts = check(question, record)
        if facts is not None:
            raise ConsentRefusedError(code, **facts)


def decide_also(question: ConsentQuestion, later: ConsentRecord | None, withdrawals: tuple[Withdrawal, ...]) -> None:
    """As `decide`; an older record opens nothing that the one after it does not open too.

    Args:
        question: about the record that the document encloses.
        later: what has replaced that record by now, None when nothing has.
        withdrawals: those of the later one.
    """
    decide(question)
    if later is not None:
        decide(replace(question, record=later, withdrawals=withdrawals))


def _active(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-01. Expired and withdrawn have codes of their own further down."""
    mistaken = [entry.at for entry in question.withdrawals if entry.scope == MISTAKEN]
    if mistaken:
        return {"mistaken": mistaken[0]}
    types = {event.type for event in record.events}
    given = not GIVING_EVENTS.isdisjoint(types)
    return None if given and types.isdisjoint({"vagrad", "felregistrerad"}) else {}


def _written(_question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-02."""
    return None if record.form and record.original_sha256 else {}


def _named(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-03."""
    if not _covers(record.parties, question.sender_unit, question.sender_authority, {"lamnar", "bada"}):
        return {"unit": question.sender_unit}
    circle = {member.unit for member in record.circle}
    if circle and question.sender_unit not in circle | {record.controller_unit}:
        return {"unit": question.sender_unit}
    if circle and question.recipient_unit not in circle | {record.controller_unit}:
        return {"unit": question.recipient_unit}
    if question.recipient_private:  # no authority; it has a line of its own (CNS-10)
        return None
    if not _covers(record.parties, question.recipient_unit, question.recipient_authority, {"tar_emot", "bada"}):
        return {"unit": question.recipient_unit}
    return None


def _covers(parties: tuple[Party, ...], unit: str, authority: str, roles: set[str]) -> bool:
    """A party that names the unit, or the whole authority to which it belongs."""
    return any(
        party.role in roles and (party.unit == unit or (party.unit is None and party.authority == authority))
        for party in parties
    )


def _complete(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-04."""
    missing = left_out(record, question.required, question.required_units)
    if missing:
        return {**missing, **({"told": 1} if missing.get("authority") in question.told else {})}
    excluded = any(not entry.for_all and not entry.only_follow_up for entry in question.withdrawals)
    if excluded:
        return {"authority": ""}
    return {"region": question.lacking_police} if question.lacking_police else None


def _purpose(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-05."""
    signed = {entry.purpose for entry in record.purposes if entry.signed}
    missing = [purpose for purpose in _purposes(question.kind) if purpose not in signed]
    return {"purpose": missing[0]} if missing else None


def _purposes(kind: Kind) -> tuple[str, ...]:
    """The purpose of a kind, and the one that it needs beside."""
    return (kind.purpose, kind.also_purpose) if kind.also_purpose else (kind.purpose,)


def _categories(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-06."""
    missing = sorted(question.categories - set(record.data_categories))
    return {"category": missing[0]} if missing else None


def _in_time(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-07. Each purpose until its own last day; follow-up and research may outlive the record itself."""
    today = local_date(question.now)
    if date.fromisoformat(record.valid_from) > today:
        return {"date": record.valid_from}
    ends = [last_day(record, purpose) for purpose in _purposes(question.kind)]
    over = [last.isoformat() for last in ends if last is not None and today > last]
    return {"date": min(over)} if over else None


def _not_withdrawn(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-08."""
    for event in record.events:
        if event.type == "aterkallad":
            return {"at": event.at}
    for withdrawal in question.withdrawals:
        if withdrawal.for_all or not set(_purposes(question.kind)).isdisjoint(withdrawal.purposes):
            return {"at": withdrawal.at}
    return None if question.drained or _is_fresh(question) else {"stale": 1}


def _is_fresh(question: ConsentQuestion) -> bool:
    checked = question.withdrawals_checked_at
    return checked is not None and timedelta() <= question.now - checked <= MAX_LIST_AGE


def _same_person(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-09."""
    return None if question.principal_ref == record.principal_ref else {}


def _private(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-10."""
    if not question.recipient_private:
        return None
    lines = record.private_parties
    signed = any(
        line.org == question.recipient_unit and line.signed and line.purpose == question.kind.purpose for line in lines
    )
    return None if signed else {"unit": question.recipient_unit}


def _placement(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-11."""
    if not question.places:
        return None
    named = any(party.unit == question.recipient_unit for party in record.parties)
    supplemented = record.supersedes is not None and named
    return None if supplemented and question.signatures >= PLACEMENT_SIGNATURES else {}


def _limits(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-12."""
    return None if question.limits_decided or not (record.limits or "").strip() else {}


def _guardian(question: ConsentQuestion, record: ConsentRecord) -> Facts:
    """CNS-13."""
    if not question.minor or (record.guardian_omitted_reason or "").strip():
        return None
    with_guardian = record.signer_kind != "personen" and bool(record.guardians)
    return None if with_guardian and all(guardian.signed for guardian in record.guardians) else {}


#: The order is the law (domain.md 3.4).
CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("CNS-01", _active),
    ("CNS-02", _written),
    ("CNS-03", _named),
    ("CNS-04", _complete),
    ("CNS-05", _purpose),
    ("CNS-06", _categories),
    ("CNS-07", _in_time),
    ("CNS-08", _not_withdrawn),
    ("CNS-09", _same_person),
    ("CNS-10", _private),
    ("CNS-11", _placement),
    ("CNS-12", _limits),
    ("CNS-13", _guardian),
)
