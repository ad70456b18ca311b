"""The whole question put once: may this document go, and what does it do to its thread?

The sender asks with `check_outgoing` before it seals, the recipient with `check_incoming` after it
has opened and verified. Both go through the same steps; the recipient has read its mailbox to the end.

Order, and the code of a refusal:
1. the body is what its declaration says            SCH VER KIND PID
2. the header's units are those that signed and got it    SIG UNK; a local kind stays, no other does LOCAL SELF
3. this side, unit type and role may send it        ROL
4. the life cycle allows it at its author's place   STA
5. who may not decide names the unit that did       SCH
   a child, and who is under LVM or LVU, goes only to a unit that takes them  AGE CARE
6. a second signature where one is needed           LCK
7. the consent allows it, and so does what has replaced it by then    CNS-01 … CNS-13

Public signatures:
    check_outgoing(context) -> Verdict              raises RefusedError and its children
    check_incoming(context) -> Verdict
    check_leaving(context) -> None                  steps 6 and 7 again, right before a document leaves
    check_copy(context) -> Verdict                  steps 1 to 4: a colleague's document has left already
    check_reshared(context) -> Message              all but 4 and 5: a colleague took it in when it fitted its thread

Not here: what is asked and answered (`question`), the guards of a step (`row_guards`), keys, signatures, the directory,
storage. The caller passes in what it has verified.
"""

from __future__ import annotations

from client.casework.actions import variant_of
from client.casework.authorities import required_authorities
from client.casework.case_rules import require_care, require_decider
from client.casework.concerned import concerned, lacks_police, units_of
from client.casework.consent_rules import ConsentQuestion, decide_also
from client.casework.crossing import document_step
from client.casework.deadlines import due
from client.casework.describe import describe_struct
from client.casework.fields import Form
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, Side, Step, deadline_in, open_thread, step
from client.casework.person_rules import is_minor
from client.casework.problems import Problem
from client.casework.question import Context, Verdict
from client.casework.swedish_time import local_date
from client.casework.two_persons import asks_for_two, check_second
from client.casework.validate import Message, validate_body, warnings
from keys.errors import RefusedError


def check_outgoing(context: Context) -> Verdict:
    """May this document leave?

    Raises:
        RefusedError: with the code of the first step that failed.
    """
    return _check(context, received=False)


def check_incoming(context: Context) -> Verdict:
    """May this document take effect? The mailbox has been read to its end before.

    Raises:
        RefusedError: with the code of the first step that failed.
    """
    return _check(context, received=True)


def check_leaving(context: Context) -> None:
    """Steps 6 and 7, for a document that passed all steps and has waited since: may it still leave?

    Raises:
        RefusedError: with the code of the check that fails now.
    """
    message = validate_body(context.body, context.opening)
    _check_second(message, context)
    _decide(message, context, received=False)


def check_copy(context: Context) -> Verdict:
    """Steps 1 to 4, for a document that another device of the unit has checked and sent."""
    message = validate_body(context.body, context.opening)
    _check_units(message, context)
    taken = _take_step(message, context, _check_sender(message, context), received=False)
    return _verdict(message, context, taken, ())


def check_reshared(context: Context) -> Message:
    """May a document be kept that another device of the unit took in at ``context.now``?

    Raises:
        RefusedError: with the code of the first step that failed.
    """
    message = validate_body(context.body, context.opening)
    _check_units(message, context)
    _check_sender(message, context)
    _check_second(message, context)
    _decide(message, context, received=True)
    return message


def _check(context: Context, *, received: bool) -> Verdict:
    message = validate_body(context.body, context.opening)
    _check_units(message, context)
    side = _check_sender(message, context)
    taken = _take_step(message, context, side, received=received)
    if message.kind.decides:
        require_decider(message.kind.decides, getattr(message.content, "decision_unit", None), context.sender)
    if message.kind.opens_thread:
        _check_opening(message, context)
    _check_second(message, context)
    _decide(message, context, received=received)
    return _verdict(message, context, taken, () if received else _warned(message, context))


def _verdict(message: Message, context: Context, taken: Step, warned: tuple[Problem, ...]) -> Verdict:
    ends = None if taken.deadline is None else due(taken.deadline, context.now, _anchors(message, context))
    two = asks_for_two(message, known_protected=context.known_protected)
    return Verdict(
        message=message, state=taken.next, deadline=taken.deadline, due=ends, warnings=warned, asks_for_two=two
    )


def _warned(message: Message, context: Context) -> tuple[Problem, ...]:
    """What is asked about before it leaves; the person lives where the asker is, whoever of the two writes."""
    asks = context.asker_unit in {None, context.sender.unit_id}
    asker = context.sender if asks else context.recipient
    return warnings(message, own_kommun=asker.kommunkod, small_place=asker.small_place)


def _check_units(message: Message, context: Context) -> None:
    """Step 2: what is written inside must agree with who signed and who got it."""
    if message.header.sender_unit != context.sender.unit_id:
        raise RefusedError("SIG")
    if message.header.recipient_unit != context.recipient.unit_id:
        raise RefusedError("UNK")
    if message.kind.local is not (context.sender.unit_id == context.recipient.unit_id):
        raise RefusedError("LOCAL" if message.kind.local else "SELF", kind=message.kind.name)


def _check_sender(message: Message, context: Context) -> Side:
    """Step 3: the side from which the document comes, when it may come from there."""
    kind, side = message.kind, _side(context)
    if kind.side not in {side, Side.EITHER}:
        raise RefusedError("ROL", kind=kind.name)
    if kind.sender_types and context.sender.unit_type not in kind.sender_types:
        raise RefusedError("ROL", kind=kind.name)
    if kind.recipient_types and context.recipient.unit_type not in kind.recipient_types:
        raise RefusedError("ROL", kind=kind.name)
    if message.header.sender_staff.role not in kind.roles:
        raise RefusedError("ROL", kind=kind.name)
    return side


def _side(context: Context) -> Side:
    """Whoever opens a thread is its asker for good."""
    return Side.ASKER if context.asker_unit in {None, context.sender.unit_id} else Side.ANSWERER


def _take_step(message: Message, context: Context, side: Side, *, received: bool) -> Step:
    """Step 4: the thread's next state; what is written here must fit what is here too."""
    kind, flow, variant = message.kind, FLOWS[message.kind.flow], _variant(message, context)
    by = By(side, message.header.sender_staff.role)
    if context.state is not None:
        if not received:
            step(flow, context.state, message.event, by)
        place = context.state if context.place is None else context.place
        following = document_step(flow, place, message.event, by).next
        return Step(following, deadline_in(flow, following, variant))
    if message.event == "send" and kind.opens_thread:
        return open_thread(flow, received=received, variant=variant)
    return step(flow, flow.initial if kind.opens_thread else "", message.event, by, variant=variant)


def _variant(message: Message, context: Context) -> str:
    """Which deadlines hold is said by the first document of a thread (urgency, kind of handover)."""
    opening = _fields(message.content) if message.kind.opens_thread else context.opening
    return variant_of(FLOWS[message.kind.flow], opening or {})


def _fields(content: Form) -> dict[str, object]:
    """The content's fields by name."""
    return {info.name: getattr(content, info.name) for info in describe_struct(type(content))}


def _anchors(message: Message, context: Context) -> dict[str, object]:
    """Dates in the document from which a deadline may count; the consent's end stands in its record."""
    ends = {} if context.record is None else {"valid_to": context.record.valid_to}
    return _fields(message.content) | ends


def _check_opening(message: Message, context: Context) -> None:
    """Step 5: rule U1, and compulsory care."""
    leaves = message.kind.about_person and not message.kind.local
    if leaves and _about_minor(message, context) and not context.recipient.takes_under_18:
        raise RefusedError("AGE", kind=message.kind.name)
    if leaves:
        require_care(getattr(message.content, "custody", None), context.recipient)


def _check_second(message: Message, context: Context) -> None:
    """Step 6."""
    check_second(message, context.signatures, context.second_roles, known_protected=context.known_protected)


def _about_minor(message: Message, context: Context) -> bool:
    """Whether the person is a child, as far as this document or the first one of the thread tells."""
    return is_minor(message.header) is True or (context.opening or {}).get("minor") is True


def _decide(message: Message, context: Context, *, received: bool) -> None:
    """Step 7."""
    question = _question(message, context, received=received)
    decide_also(question, context.replaced_by, context.withdrawals_of_later)


def _question(message: Message, context: Context, *, received: bool) -> ConsentQuestion:
    """Step 7's question; the recipient's mailbox was drained before, so its list is fresh."""
    header, kind, record = message.header, message.kind, context.record
    types = {record.case_type, kind.case_type} - {""} if record is not None else set()
    day = local_date(context.now)
    told = concerned(header, message.content, context.controller, context.known_custody)
    applicable = frozenset(() if record is None else record.applicable)
    required = [required_authorities(one, day, context.own_sets, applicable | told) for one in types]
    place = getattr(message.content, "place", None) if kind.places(header, message.content) else None
    return ConsentQuestion(
        kind=kind,
        basis=header.disclosure_basis,
        decision_complete=header.disclosure_decision is not None,
        sender_unit=context.sender.unit_id,
        recipient_unit=context.recipient.unit_id,
        sender_authority=context.sender.authority,
        recipient_authority=context.recipient.authority,
        recipient_private=context.recipient.private,
        record=record if record is None or record.consent_id == header.consent_ref else None,
        withdrawals=context.withdrawals,
        required=frozenset().union(*required),
        told=told - applicable,
        required_units=units_of(types, context.controller),
        lacking_police="" if record is None or place is None else lacks_police(record, place, context.police_regions),
        categories=message.categories,
        principal_ref=header.principal_ref,
        minor=_about_minor(message, context),
        now=context.now,
        withdrawals_checked_at=context.withdrawals_checked_at,
        drained=received,
        limits_decided=header.limits_decision is not None,
        signatures=context.signatures,
        places=kind.places(header, message.content),
    )
