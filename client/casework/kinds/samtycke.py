"""F10 consent documents: the record goes to the authorities it names, and so does its withdrawal.

The record itself travels as bytes beside the content (``consents`` of the body). A withdrawal is
never held up: it needs no consent, no earlier document and no particular office role.
Source: domain.md 2.10, 3.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from client.casework.codelists import CASE_TYPE, FOLLOW_UP_PURPOSES, PURPOSE, codelist
from client.casework.fields import Form, When, flag, ident, instant, many, one
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Causes, Gate, Kind, Need, always
from client.casework.problems import Problem, problem

SCOPE = codelist("withdrawal_scope", {"helt": "Helt", "mottagare": "För en mottagare", "syfte": "För ett ändamål"})
RECEIVED_HOW = codelist(
    "received_how",
    {
        "besok": "Vid besök",
        "telefon": "Per telefon",
        "brev": "I brev",
        "digitalt": "Digitalt",
        "genom_annan": "Genom någon annan",
    },
)


class Registered(Form, frozen=True, kw_only=True):
    """``samtycke.registrerat`` and ``samtycke.utokat``: the record is enclosed."""

    consent_id: Annotated[str, ident("Samtyckes-id")]
    case_type: Annotated[str, one(CASE_TYPE, "Ärendetyp")]
    scan_enclosed: Annotated[bool, flag("Kopia av originalet bifogas")] = False


class Withdrawn(Form, frozen=True, kw_only=True):
    """``samtycke.aterkallat``: the person has withdrawn, in whatever form."""

    consent_id: Annotated[str, ident("Samtyckes-id")]
    scope: Annotated[str, one(SCOPE, "Omfattning")]
    recipient: Annotated[
        str | None,
        ident("Mottagare", need=When("scope", ("mottagare",)), never=When("scope", ("mottagare",), negate=True)),
    ] = None
    purposes: Annotated[
        tuple[str, ...],
        many(PURPOSE, "Ändamål", need=When("scope", ("syfte",)), never=When("scope", ("syfte",), negate=True)),
    ] = ()
    received_how: Annotated[
        str, one(RECEIVED_HOW, "Hur återkallelsen kom in", help="Alla sätt gäller. Ingen blankett behövs.")
    ]
    at: Annotated[str, instant("När")]


def closes_case(content: Withdrawn) -> bool:
    """Whether the withdrawal ends the exchange: all but one for follow-up or research only."""
    return not (content.scope == "syfte" and FOLLOW_UP_PURPOSES.issuperset(content.purposes))


def _withdrawal_event(content: Form) -> str:
    """Withdrawing only follow-up leaves the consent in force."""
    assert isinstance(content, Withdrawn)  # noqa: S101 - narrows the type; the kind fixes its content
    return "withdraw" if closes_case(content) else "withdraw_follow_up"


def _same_consent(header: Header, content: Form) -> Iterable[Problem]:
    """The header names the consent that the content is about."""
    if isinstance(content, Registered | Withdrawn) and content.consent_id != header.consent_ref:
        yield problem("content.consent_id", "consent", "Samtyckes-id")


_STAFF = frozenset({"handlaggare", "beslutsfattare"})


def _carrier(name: str, title: str, event: str, *, opens: bool) -> Kind:
    """A document that carries a record."""
    return Kind(
        name=f"samtycke.{name}",
        title_sv=title,
        subject="samtycke",
        content=Registered,
        flow="samtycke",
        event=always(event),
        side=Side.ASKER,
        roles=_STAFF,
        opens_thread=opens,
        subject_person=Need.REQUIRED,
        purpose="informationsutbyte",
        check=_same_consent,
    )


KINDS = (
    _carrier("registrerat", "Samtycke – registrerat", "send", opens=True),
    _carrier("utokat", "Samtycke – utökat", "supplement", opens=False),
    Kind(
        name="samtycke.aterkallat",
        title_sv="Samtycke – återkallat",
        subject="samtycke_aterkallat",
        content=Withdrawn,
        flow="samtycke",
        event=Causes(("withdraw", "withdraw_follow_up"), _withdrawal_event),
        check=_same_consent,
        side=Side.EITHER,
        roles=_STAFF | {"telefon", "polis_bedomare", "registrator", "uppfoljare"},
        opens_thread=True,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        gate=Gate.NONE,
    ),
)
