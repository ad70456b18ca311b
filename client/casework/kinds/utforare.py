"""F6 orders to a private provider and its reports: the needed lines of the plan, and no more.

Off unless three things hold: the recipient is a unit of type ``utforare``; the directory says until when it is verified
and when it was checked for undue influence (`providers`); the person has signed a line for it in the consent.
A provider stands outside OSL, so what it writes back asks for no consent. Source: domain.md 2.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from client.casework.codelists import SOCIAL_TYPES
from client.casework.fields import Form, date, flag, integer, long, one, rows, text
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Gate, Kind, always, by_field
from client.casework.kinds.plan import ACTION_STATUS, MAX_ACTIONS
from client.casework.problems import Problem, problem
from client.casework.windows import COMING, LASTING

PROVIDER = frozenset({"utforare"})


class OrderedAction(Form, frozen=True, kw_only=True):
    """One line of the plan."""

    what: Annotated[str, text(200, "Åtgärd", help="Inget om hotbild, grupp eller brott.")]
    start: Annotated[str, date("Från", window=LASTING)]
    end: Annotated[str | None, date("Till", window=LASTING)] = None


class Order(Form, frozen=True, kw_only=True):
    """``utforare.uppdrag``: what the provider does."""

    actions: Annotated[
        tuple[OrderedAction, ...],
        rows(
            OrderedAction,
            MAX_ACTIONS,
            "Åtgärder",
            help="Bara de rader som utföraren behöver.",
            category="social_situation",
        ),
    ]
    report_by: Annotated[str, date("Rapport senast", help="Utföraren påminns innan.", window=COMING)]


class ReportedAction(Form, frozen=True, kw_only=True):
    """How far one ordered line is."""

    action: Annotated[
        int,
        integer(1, MAX_ACTIONS, "Åtgärdens nummer i uppdraget", help="Åtgärderna räknas uppifrån, den första är 1."),
    ]
    status: Annotated[str, one(ACTION_STATUS, "Läge")]
    note: Annotated[str | None, long(500, "Anteckning")] = None


class Report(Form, frozen=True, kw_only=True):
    """``utforare.rapport``: what the provider has done."""

    actions: Annotated[
        tuple[ReportedAction, ...],
        rows(ReportedAction, MAX_ACTIONS, "Åtgärder", help="En rad för varje åtgärd i uppdraget."),
    ]
    final: Annotated[bool, flag("Slutrapport", help="Uppdraget är då avslutat.")]


def _check_order(_header: Header, content: Form) -> Iterable[Problem]:
    """What ends does so after it began."""
    if isinstance(content, Order) and any(row.end is not None and row.end < row.start for row in content.actions):
        yield problem("content.actions.end", "before", "Till")


def _check_report(_header: Header, content: Form) -> Iterable[Problem]:
    """Each line stands there once."""
    if isinstance(content, Report) and len({row.action for row in content.actions}) < len(content.actions):
        yield problem("content.actions", "duplicate", "Åtgärder")


KINDS = (
    Kind(
        name="utforare.uppdrag",
        title_sv="Utförare – uppdrag",
        subject="utforare",
        content=Order,
        flow="utforare",
        event=always("send"),
        side=Side.ASKER,
        roles=frozenset({"handlaggare", "beslutsfattare"}),
        opens_thread=True,
        sender_types=SOCIAL_TYPES,
        recipient_types=PROVIDER,
        purpose="informationsutbyte",
        case_type="plan",
        reply_clock="utforare.svar",
        check=_check_order,
    ),
    Kind(
        name="utforare.rapport",
        title_sv="Utförare – rapport",
        subject="utforare",
        content=Report,
        flow="utforare",
        event=by_field("final", {False: "report", True: "final_report"}),
        side=Side.ANSWERER,
        roles=frozenset({"handlaggare", "beslutsfattare"}),
        sender_types=PROVIDER,
        recipient_types=SOCIAL_TYPES,
        gate=Gate.NONE,
        check=_check_report,
    ),
)
