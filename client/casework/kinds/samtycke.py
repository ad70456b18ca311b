"""F10 consent documents: the record goes to the authorities it names, and so does its withdrawal.

Rules:
1. The record itself travels as bytes beside the content (``consents`` of the body).
2. A withdrawal is never held up: it needs no consent, no earlier document and no particular office role. Whoever gets
   it confirms by itself that the use has stopped, and why the documents are kept.
3. A refusal leaves no unit: it is a local note (domain.md 3.5). So is the decision by two that a record was entered by
   mistake; the others hear of it as of a withdrawal.
4. Withdrawing only follow-up or research ends nothing else.

Source: domain.md 2.10, 3.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from client.casework.codelists import AUTHORITY, CASE_TYPE, FOLLOW_UP_PURPOSES, PURPOSE
from client.casework.fields import CONSENT, UNIT, Form, When, date, flag, ident, instant, long, many, one, text
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Causes, Gate, Kind, Need, always, no_problem
from client.casework.kinds.samtycke_words import CHANGE, KEPT_BECAUSE, MISTAKE, RECEIVED_HOW, REFUSED, REMINDER, SCOPE
from client.casework.problems import Problem, problem
from client.casework.windows import AROUND, HAPPENED, LONG_AGO

MISTAKEN = "felregistrerat"
CORRECTED = "rattelse"


class Registered(Form, frozen=True, kw_only=True):
    """``samtycke.registrerat``: the record is enclosed."""

    consent_id: Annotated[str, ident("Samtyckes-id", names=CONSENT, help="Samtycket som bifogas.")]
    case_type: Annotated[
        str, one(CASE_TYPE, "Ärendetyp", help="Ärendetypen avgör vilka myndigheter samtycket måste nämna.")
    ]
    scan_enclosed: Annotated[
        bool, flag("Kopia av originalet bifogas", help="Behövs sällan: kontrollsumman visar vilket papper det gäller.")
    ] = False


class Supplemented(Form, frozen=True, kw_only=True):
    """``samtycke.utokat``: a supplement or a renewal of a record that the recipient has been told of."""

    consent_id: Annotated[str, ident("Samtyckes-id", names=CONSENT, help="Samtycket som bifogas.")]
    case_type: Annotated[
        str, one(CASE_TYPE, "Ärendetyp", help="Ärendetypen avgör vilka myndigheter samtycket måste nämna.")
    ]
    change: Annotated[
        str | None, one(CHANGE, "Tillägg eller förnyelse", help="Båda är en ny underskrift av personen.")
    ] = None
    scan_enclosed: Annotated[
        bool, flag("Kopia av originalet bifogas", help="Behövs sällan: kontrollsumman visar vilket papper det gäller.")
    ] = False


class Informed(Form, frozen=True, kw_only=True):
    """``samtycke.informerad``: the person was told what she would sign, and has not signed. Stays in the unit."""

    informed_on: Annotated[str, date("Informerad den", help="Den dag då personen fick informationen.", window=HAPPENED)]
    notice_version: Annotated[str, text(40, "Informationsbladets version", help="Som det står på bladet.")]
    notice_language: Annotated[
        str | None, text(5, "Språk", help="Det språk som informationen gavs på, till exempel sv eller ar.")
    ] = None


class Refused(Form, frozen=True, kw_only=True):
    """``samtycke.vagrat``: the person does not sign, or wants to leave an authority out. Stays in the unit."""

    what: Annotated[
        str,
        one(REFUSED, "Vad personen vägrar", help="Ärendet avslutas. Råd utan personuppgifter går fortfarande att ge."),
    ]
    excluded: Annotated[
        tuple[str, ...],
        many(
            AUTHORITY,
            "Myndigheter som personen vill utesluta",
            help="Är myndigheten inte berörd? Då markerar handläggaren det i samtycket i stället.",
            need=When("what", ("vill_utesluta_myndighet",)),
            never=When("what", ("helt",)),
        ),
    ] = ()
    informed_of_consequence: Annotated[
        bool,
        flag(
            "Personen vet att ärendet då inte kan fortsätta",
            help="Personen måste ha fått veta det innan hon bestämde sig.",
            must_be=True,
        ),
    ]
    date: Annotated[str, date("Datum", window=HAPPENED)]
    note: Annotated[str | None, long(1000, "Anteckning")] = None


class Confirmed(Form, frozen=True, kw_only=True):
    """``samtycke.aterkallelse_bekraftad``: a recipient has stopped using what it has."""

    consent_id: Annotated[str, ident("Samtyckes-id", names=CONSENT, help="Samtycket som togs tillbaka.")]
    stopped_use_at: Annotated[
        str, instant("Användningen upphörde", help="Fylls i av programmet när återkallelsen tas emot.", window=LONG_AGO)
    ]
    kept_because: Annotated[
        str,
        one(
            KEPT_BECAUSE,
            "Varför handlingarna finns kvar",
            help="Handlingar som har kommit in får inte förstöras för att samtycket upphör.",
        ),
    ]


class Reminded(Form, frozen=True, kw_only=True):
    """``samtycke.utgar``: the consent runs out soon."""

    consent_id: Annotated[str, ident("Samtyckes-id", names=CONSENT, help="Samtycket som går ut.")]
    valid_to: Annotated[str, date("Gäller till", window=AROUND)]
    days_before: Annotated[str, one(REMINDER, "Påminnelse", help="Påminnelsen skickas två gånger.")]


class EnteredInError(Form, frozen=True, kw_only=True):
    """``samtycke.felregistrerat``: the record was entered by mistake; two people answer for that."""

    consent_id: Annotated[str, ident("Samtyckes-id", names=CONSENT, help="Samtycket som skrevs in av misstag.")]
    reason: Annotated[str, one(MISTAKE, "Vad som är fel", help="Posten finns kvar och syns, men öppnar ingenting.")]
    note: Annotated[str | None, long(1000, "Anteckning")] = None


class Withdrawn(Form, frozen=True, kw_only=True):
    """``samtycke.aterkallat``: the person has withdrawn, in whatever form."""

    consent_id: Annotated[str, ident("Samtyckes-id", names=CONSENT, help="Samtycket som personen tar tillbaka.")]
    scope: Annotated[str, one(SCOPE, "Omfattning", help="Tar personen bara tillbaka uppföljningen fortsätter ärendet.")]
    recipient: Annotated[
        str | None,
        ident(
            "Mottagare",
            names=UNIT,
            help="Den enhet som inte längre får ta emot.",
            need=When("scope", ("mottagare",)),
            never=When("scope", ("mottagare",), negate=True),
        ),
    ] = None
    purposes: Annotated[
        tuple[str, ...],
        many(
            PURPOSE,
            "Ändamål",
            help="De ändamål som inte längre gäller.",
            need=When("scope", ("syfte",)),
            never=When("scope", ("syfte",), negate=True),
        ),
    ] = ()
    received_how: Annotated[
        str, one(RECEIVED_HOW, "Hur återkallelsen kom in", help="Alla sätt gäller. Ingen blankett behövs.")
    ]
    at: Annotated[str, instant("När", help="När personen sade det, inte när det skrevs in.", window=LONG_AGO)]


def closes_case(content: Withdrawn) -> bool:
    """Whether the withdrawal ends the exchange: all but one for follow-up or research only."""
    return not (content.scope == "syfte" and FOLLOW_UP_PURPOSES.issuperset(content.purposes))


def _withdrawal_event(content: Form) -> str:
    """Withdrawing only follow-up leaves the consent in force."""
    assert isinstance(content, Withdrawn)  # noqa: S101 - narrows the type; the kind fixes its content
    if content.scope == MISTAKEN:
        return "entered_in_error"
    return "withdraw" if closes_case(content) else "withdraw_follow_up"


def _change_event(content: Form) -> str:
    return "renew" if isinstance(content, Supplemented) and content.change == "fornyelse" else "supplement"


def _yes(_header: Header, _content: Form) -> bool:
    return True


def _same_consent(header: Header, content: Form) -> Iterable[Problem]:
    """The header names the consent that the content is about."""
    about = Registered | Supplemented | Withdrawn | Confirmed | Reminded
    if isinstance(content, about) and content.consent_id != header.consent_ref:
        yield problem("content.consent_id", "consent", "Samtyckes-id")


_STAFF = frozenset({"handlaggare", "beslutsfattare"})
#: Whom a person may say a withdrawal to, and in whose name its reception is confirmed.
HEARS = _STAFF | {"telefon", "polis_bedomare", "registrator", "uppfoljare"}


_WITHDRAWALS = Causes(("withdraw", "withdraw_follow_up", "entered_in_error"), _withdrawal_event)

#: The record, or a supplement to it, for one of the authorities.
_RECORD = Kind(
    name="samtycke.registrerat",
    title_sv="Samtycke – registrerat",
    subject="samtycke",
    content=Registered,
    flow="samtycke",
    event=always("send"),
    side=Side.ASKER,
    roles=_STAFF,
    opens_thread=True,
    subject_person=Need.REQUIRED,
    purpose="informationsutbyte",
    check=_same_consent,
)

#: What the unit writes for itself about it.
_KEPT = replace(_RECORD, local=True, subject_person=Need.OPTIONAL, gate=Gate.NONE, purpose="", check=no_problem)

KINDS = (
    _RECORD,
    replace(
        _RECORD,
        name="samtycke.utokat",
        title_sv="Samtycke – utökat",
        content=Supplemented,
        event=Causes(("supplement", "renew"), _change_event),
        opens_thread=False,
    ),
    replace(
        _RECORD,
        name="samtycke.utgar",
        title_sv="Samtycke – går snart ut",
        content=Reminded,
        event=always("remind"),
        opens_thread=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
    ),
    replace(
        _RECORD,
        name="samtycke.aterkallat",
        title_sv="Samtycke – återkallat",
        subject="samtycke_aterkallat",
        content=Withdrawn,
        event=_WITHDRAWALS,
        side=Side.EITHER,
        roles=HEARS,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        gate=Gate.NONE,
        purpose="",
    ),
    replace(
        _RECORD,
        name="samtycke.aterkallelse_bekraftad",
        title_sv="Samtycke – återkallelse bekräftad",
        subject="samtycke_aterkallat",
        content=Confirmed,
        event=always("confirm_withdrawal"),
        side=Side.EITHER,
        roles=HEARS,
        opens_thread=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        gate=Gate.NONE,
        purpose="",
    ),
    replace(
        _KEPT,
        name="samtycke.informerad",
        title_sv="Samtycke – informerad",
        content=Informed,
        event=always("inform"),
        roles=_STAFF | {"telefon"},
    ),
    replace(
        _KEPT,
        name="samtycke.vagrat",
        title_sv="Samtycke – vägrat",
        content=Refused,
        event=always("refuse"),
        roles=_STAFF | {"telefon"},
    ),
    replace(
        _KEPT,
        name="samtycke.felregistrerat",
        title_sv="Samtycke – felregistrerat",
        content=EnteredInError,
        event=always("entered_in_error"),
        subject_person=Need.FORBIDDEN,
        two_signatures=_yes,
    ),
)
