"""Every command of an office in one table: the API serves it, the command line calls it.

A command is one function ``(desk, arguments) -> value for JSON``. What it may be given is a Struct of
``client.api.arguments``; whether it leaves something to be sent stands beside it.

Example:
    >>> await run(office.desk, "show", {"document_id": "3fa9"})
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from client.api import (
    approvals,
    aside,
    attachments,
    case_export,
    cases,
    clocks,
    colleagues,
    consent_fit,
    consent_papers,
    consent_steps,
    consents,
    contacts,
    declared,
    documents,
    recovery,
    routing,
    standing,
    statistics,
    taking_out,
    vouching,
    work,
)
from client.api.arguments import (
    AlarmFilter,
    Arguments,
    Attach,
    BackupTo,
    CaseExport,
    Compared,
    Declined,
    FilesOf,
    Filter,
    Hand,
    KitMade,
    New,
    NoteNew,
    OneAlarm,
    OneCase,
    OneDocument,
    OneFile,
    OneKind,
    OneStaged,
    OneThread,
    OneUnit,
    Redated,
    Reply,
    ReturnCode,
    RevokeDevice,
    Routed,
    SaveFile,
    Search,
    Show,
    SignDraft,
    StandIn,
    StatisticsOf,
    StatisticsTo,
    Unlocking,
    Work,
    read_arguments,
)
from client.api.consent_arguments import (
    ConsentExport,
    ConsentFit,
    ConsentForm,
    ConsentMistake,
    ConsentMore,
    ConsentNew,
    ConsentRefuse,
    ConsentWithdraw,
    OneConsent,
)
from client.api.limits import ARCHIVE, KEYS, Limit, require
from client.engine.office import Desk
from keys.errors import LocalError


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Args:
        function: does it.
        arguments: what it may be given.
        sends: it may leave something in the outbox.
        while_locked: it needs no private key, and is not taken for a sign that a person is there.
        limit: the role that it asks for; None: anybody of the unit may give it.
    """

    function: Callable[[Desk, Any], Awaitable[Any]]
    arguments: type[Arguments] = Arguments
    sends: bool = False
    while_locked: bool = False
    limit: Limit | None = None


COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "status": Command(standing.status, while_locked=True),
        "page": Command(standing.page, while_locked=True),
        "lock": Command(standing.lock, while_locked=True),
        "unlock": Command(standing.unlock, Unlocking, while_locked=True),
        "sync": Command(standing.sync),
        "units": Command(standing.units),
        "route": Command(routing.routed, Routed),
        "kinds": Command(declared.kinds),
        "describe": Command(declared.describe_kind, OneKind),
        "list": Command(documents.list_documents, Filter),
        "work": Command(work.work, Work),
        "load": Command(work.load),
        "search": Command(work.search, Search),
        "show": Command(documents.show, Show),
        "case": Command(cases.case, OneCase),
        "cases": Command(cases.newest),
        "case_export": Command(case_export.case_export, CaseExport, limit=ARCHIVE),
        "case_export_ask": Command(taking_out.case_export_ask, taking_out.CaseExportAsk, sends=True, limit=ARCHIVE),
        "reads": Command(cases.reads),
        "return_code_new": Command(cases.return_code_new),
        "return_code_find": Command(cases.return_code_find, ReturnCode),
        "threads": Command(documents.list_threads),
        "thread": Command(documents.show_thread, OneThread),
        "new": Command(documents.new, New, sends=True),
        "reply": Command(documents.reply, Reply, sends=True),
        "reminders": Command(clocks.reminders),
        "reminded": Command(clocks.reminded, clocks.OneReminder, sends=True),
        "approvals": Command(approvals.approvals),
        "approval_show": Command(approvals.approval_show, OneDocument),
        "approve": Command(approvals.approve, OneDocument, sends=True),
        "decline": Command(approvals.decline, Declined, sends=True),
        "approval_withdraw": Command(approvals.approval_withdraw, OneDocument, sends=True),
        "approval_take_over": Command(approvals.approval_take_over, Redated, sends=True),
        "approval_renew": Command(approvals.approval_renew, Redated, sends=True),
        "attach": Command(attachments.attach, Attach),
        "unattach": Command(attachments.unattach, OneStaged),
        "attachments": Command(attachments.attachments, FilesOf),
        "attachment_save": Command(attachments.attachment_save, SaveFile),
        "attachment_cancel": Command(attachments.attachment_cancel, OneFile),
        "attachment_resume": Command(attachments.attachment_resume, OneFile, sends=True),
        "consent_new": Command(consents.consent_new, ConsentNew, sends=True),
        "consent_supplement": Command(consents.consent_supplement, ConsentMore, sends=True),
        "consent_renew": Command(consents.consent_renew, ConsentMore, sends=True),
        "consent_refuse": Command(consent_steps.consent_refuse, ConsentRefuse, sends=True),
        "consent_mistake": Command(consent_steps.consent_mistake, ConsentMistake, sends=True),
        "consent_history": Command(consent_steps.consent_history, OneConsent),
        "consent_form": Command(consent_papers.consent_form_text, ConsentForm),
        "consent_export": Command(consent_papers.consent_export, ConsentExport),
        "consent_export_ask": Command(taking_out.consent_export_ask, taking_out.ConsentExportAsk, sends=True),
        "disclosures": Command(consent_steps.disclosures),
        "consent_fit": Command(consent_fit.consent_fit, ConsentFit),
        "consent_list": Command(consents.consent_list),
        "consent_show": Command(consents.consent_show, OneConsent),
        "consent_withdraw": Command(consents.consent_withdraw, ConsentWithdraw, sends=True),
        "staff": Command(colleagues.staff),
        "take": Command(colleagues.take, OneThread, sends=True),
        "hand": Command(colleagues.hand, Hand, sends=True),
        "note": Command(colleagues.note, NoteNew, sends=True),
        "stand_in": Command(colleagues.stand_in, StandIn, sends=True),
        "statistics_collect": Command(statistics.collect, StatisticsOf, sends=True),
        "statistics_review": Command(statistics.review, OneThread, sends=True),
        "statistics_approve": Command(statistics.approve, OneThread, sends=True),
        "statistics_send": Command(statistics.send, StatisticsTo, sends=True),
        "rotate": Command(colleagues.rotate),
        "fingerprint": Command(contacts.fingerprint, OneUnit),
        "fingerprint_compared": Command(contacts.compared, Compared),
        "kit": Command(recovery.kit),
        "kit_made": Command(recovery.kit_made, KitMade),
        "backup": Command(recovery.backup, BackupTo),
        "quarantine": Command(aside.quarantine),
        "quarantine_handled": Command(aside.quarantine_handled, aside.AsideNote),
        "quarantine_register": Command(aside.quarantine_register, aside.AsideRegister, sends=True),
        "alarms": Command(standing.alarms, AlarmFilter),
        "alarm_seen": Command(standing.alarm_seen, OneAlarm),
        "alarm_evidence": Command(standing.alarm_evidence, OneAlarm),
        "device_sign": Command(vouching.device_sign, SignDraft, limit=KEYS),
        "device_revoke": Command(vouching.device_revoke, RevokeDevice),
    }
)


async def run(desk: Desk, name: str, arguments: object, *, by_person: bool = True) -> Any:
    """Run one command.

    Args:
        desk: of an open office.
        name: key of `COMMANDS`.
        arguments: decoded JSON.
        by_person: a person asked; what a page fetches by itself does not keep the keys from being locked.

    Raises:
        LocalError: code ``COMMAND`` when there is no such command, ``ARGUMENT``, ``ROLLBACK``.
        LockedError: the keys are locked.
        RefusedError: the person of this device lacks the role.
        SlussError: what the command itself refuses.
    """
    command = COMMANDS.get(name)
    if command is None:
        raise LocalError("COMMAND")
    if not command.while_locked:
        desk.locking.require_open(by_person=by_person)
    if command.sends:
        await desk.context.rollback.require_none()
    if command.limit is not None:
        await require(desk, command.limit)
    return await command.function(desk, read_arguments(arguments, command.arguments))
