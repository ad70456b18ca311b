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

from client.casework.codelists import AUTHORITY, CASE_TYPE, FOLLOW_UP_PURPOSES, PURPOSE, codelist
from client.casework.fields import Form, When, date, flag, ident, instant, long, many, one
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Causes, Gate, Kind, Need, always, no_problem
from client.casework.problems import Problem, problem
from client.casework.windows import AROUND, HAPPENED, LONG_AGO

#: How much is taken back. The last is no withdrawal by the person: the unit has found that it was entered by mistake.
SCOPE = codelist(
    "withdrawal_scope",
    {
        "helt": "Helt",
        "mottagare": "För en mottagare",
        "syfte": "För ett ändamål",
        "felregistrerat": "Registrerat av misstag",
    },
)
RECEIVED_HOW = codelist(
    "received_how",
    {
        "besok": "Vid besök",
        "telefon": "Per telefon",
        "brev": "I brev",
        "digitalt": "Digitalt",
        "genom_annan": "Genom någon annan",
        "rattelse": "Enheten har rättat ett misstag",
    },
)
MISTAKEN = "felregistrerat"
CORRECTED = "rattelse"
CHANGE = codelist("consent_change", {"tillagg": "Tillägg", "fornyelse": "Förnyelse"})
REFUSED = codelist(
    "consent_refused",
    {"helt": "Vill inte ge samtycke", "vill_utesluta_myndighet": "Vill utesluta en eller flera myndigheter"},
)
KEPT_BECAUSE = codelist(
    "kept_because",
    {
        "allman_handling": "Handlingarna är allmänna och får inte gallras",
        "annan_rattslig_grund": "Det finns en annan rättslig grund för en del av dem",
    },
)
REMINDER = codelist("consent_reminder", {"30": "30 dagar före", "7": "7 dagar före"})
MISTAKE = codelist(
    "consent_mistake",
    {
        "fel_person": "Fel person",
        "fel_uppgifter": "Fel uppgifter",
        "dubblett": "Registrerat två gånger",
        "ej_undertecknat": "Inte undertecknat",
    },
)


class Registered(Form, frozen=True, kw_only=True):
    """``samtycke.registrerat``: the record is enclosed."""

    consent_id: Annotated[str, ident("Samtyckes-id")]
    case_type: Annotated[str, one(CASE_TYPE, "Ärendetyp")]
    scan_enclosed: Annotated[bool, flag("Kopia av originalet bifogas")] = False


class Supplemented(Form, frozen=True, kw_only=True):
    """``samtycke.utokat``: a supplement or a renewal of a record that the recipient has been told of."""

    consent_id: Annotated[str, ident("Samtyckes-id")]
    case_type: Annotated[str, one(CASE_TYPE, "Ärendetyp")]
    change: Annotated[str | None, one(CHANGE, "Tillägg eller förnyelse")] = None
    scan_enclosed: Annotated[bool, flag("Kopia av originalet bifogas")] = False


class Refused(Form, frozen=True, kw_only=True):
    """``samtycke.vagrat``: the person does not sign, or wants to leave an authority out. Stays in the unit."""

    what: Annotated[str, one(REFUSED, "Vad personen vägrar")]
    excluded: Annotated[
        tuple[str, ...],
        many(
            AUTHORITY,
            "Myndigheter som personen vill utesluta",
            need=When("what", ("vill_utesluta_myndighet",)),
            never=When("what", ("helt",)),
        ),
    ] = ()
    informed_of_consequence: Annotated[bool, flag("Personen vet att ärendet då inte kan fortsätta", must_be=True)]
    date: Annotated[str, date("Datum", window=HAPPENED)]
    note: Annotated[str | None, long(1000, "Anteckning")] = None


class Confirmed(Form, frozen=True, kw_only=True):
    """``samtycke.aterkallelse_bekraftad``: a recipient has stopped using what it has."""

    consent_id: Annotated[str, ident("Samtyckes-id")]
    stopped_use_at: Annotated[str, instant("Användningen upphörde", window=LONG_AGO)]
    kept_because: Annotated[str, one(KEPT_BECAUSE, "Varför handlingarna finns kvar")]


class Reminded(Form, frozen=True, kw_only=True):
    """``samtycke.utgar``: the consent runs out soon."""

    consent_id: Annotated[str, ident("Samtyckes-id")]
    valid_to: Annotated[str, date("Gäller till", window=AROUND)]
    days_before: Annotated[str, one(REMINDER, "Påminnelse")]


class EnteredInError(Form, frozen=True, kw_only=True):
    """``samtycke.felregistrerat``: the record was entered by mistake; two people answer for that."""

    consent_id: Annotated[str, ident("Samtyckes-id")]
    reason: Annotated[str, one(MISTAKE, "Vad som är fel")]
    note: Annotated[str | None, long(1000, "Anteckning")] = None


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
    at: Annotated[str, instant("När", window=LONG_AGO)]


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
        _RECORD,
        name="samtycke.vagrat",
        title_sv="Samtycke – vägrat",
        content=Refused,
        event=always("refuse"),
        roles=_STAFF | {"telefon"},
        subject_person=Need.OPTIONAL,
        local=True,
        gate=Gate.NONE,
        purpose="",
        check=no_problem,
    ),
    replace(
        _RECORD,
        name="samtycke.felregistrerat",
        title_sv="Samtycke – felregistrerat",
        content=EnteredInError,
        event=always("entered_in_error"),
        subject_person=Need.FORBIDDEN,
        local=True,
        gate=Gate.NONE,
        purpose="",
        two_signatures=_yes,
        check=no_problem,
    ),
)
