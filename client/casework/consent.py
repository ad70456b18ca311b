"""The consent record: its fields and its supplements.

Rules:
1. A record is never changed. A supplement or a renewal is a new record that names the one before.
2. Consent lifts only the person's own secrecy: never that of third parties or of the police.
3. The legal ground for handling data is public task or law. ``6_1_a`` (GDPR consent) is not among
   the choices: consent under such pressure would not be freely given.
4. Whether a record is active follows from its events, the withdrawals and the day (`consent_status`).

Public signatures:
    ConsentRecord and its blocks Controller, Party, PrivateParty, SignedPurpose, Guardian, Event
    special_categories(data_categories, extremism=False) -> tuple[str, ...]
    add_event(record, event_type, at=..., by=..., scope=None) -> ConsentRecord
    verify_events(record) -> None                                          raises EventChainError
    supplement(record, consent_id=..., by=..., at=..., parties=(), purposes=()) -> ConsentRecord

Not here: checking a record (`consent_check`), the events' chain (`consent_events`), who is not
concerned (`set_aside`), which record of several holds (`consent_chain`), whether it allows a document
(`consent_rules`).
Source: domain.md 3.2; numbers in comments are its rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from client.casework import codelists as lists
from client.casework.codelists import codelist
from client.casework.consent_events import Event, append_event, verify_chain
from client.casework.fields import (
    CASE,
    CONSENT,
    UNIT,
    Form,
    When,
    date,
    flag,
    group,
    ident,
    instant,
    long,
    many,
    one,
    rows,
    sha256,
    text,
)
from client.casework.header import Staff
from client.casework.languages import LANGUAGE
from client.casework.set_aside import NotConcerned
from client.casework.windows import Ahead

SIGNER_KIND = codelist(
    "signer_kind",
    {
        "personen": "Personen",
        "personen_och_vardnadshavare": "Personen och vårdnadshavare",
        "vardnadshavare": "Vårdnadshavare",
        "god_man_forvaltare": "God man eller förvaltare",
    },
)
PARTY_ROLE = codelist("party_role", {"lamnar": "Lämnar uppgifter", "tar_emot": "Tar emot uppgifter", "bada": "Båda"})
SPECIAL_CATEGORY = codelist(
    "special_category",
    {
        "halsa": "Hälsa (artikel 9)",
        "missbruk": "Missbruk (artikel 9)",
        "psykisk_halsa": "Psykisk hälsa (artikel 9)",
        "brott_och_domar": "Brott och domar (artikel 10)",
        "misstankar": "Misstankar (artikel 10)",
        "asikt_eller_tro": "Politisk åsikt eller religiös tro (artikel 9)",
    },
)
WRITTEN_FORM = codelist(
    "written_form", {"papper_underskrift": "Underskrift på papper", "e_underskrift": "E-underskrift"}
)
AID = codelist("aid", {"tolk": "Tolk", "lattlast": "Lättläst", "upplast": "Uppläst", "teckenstod": "Teckenstöd"})
RETENTION = codelist(
    "retention_rule",
    {
        "personakt_5_ar": "Personakt: gallras 5 år efter sista anteckningen",
        "barn_30_ar": "Vissa handlingar om barn: 30 år",
        "bevaras": "Bevaras",
        "enligt_gallringsbeslut": "Enligt särskilt gallringsbeslut",
    },
)
STORAGE = codelist("storage", {"enhetens_system": "Enhetens eget system"})
JURISDICTION = codelist("jurisdiction", {"SE": "Sverige"})
GDPR_BASIS = codelist(
    "gdpr_basis",
    {
        "6_1_c": "Artikel 6.1 c, rättslig förpliktelse",
        "6_1_e": "Artikel 6.1 e, uppgift av allmänt intresse",
        "9_2_g": "Artikel 9.2 g, viktigt allmänt intresse",
        "9_2_h": "Artikel 9.2 h, social omsorg",
        "10": "Artikel 10, lagöverträdelser",
        "brottsdatalagen": "Brottsdatalagen",
    },
)
RECEIPT_GIVEN = codelist(
    "receipt_given",
    {"papper": "På papper", "digitalt": "Digitalt", "avstod_av_sakerhet": "Avstod av säkerhetsskäl"},
)

#: Rows of the longest lists; our own bounds.
MAX_PARTIES = 40
MAX_EVENTS = 50

_SIGNED = When("@signed", (True,))


class Guardian(Form, frozen=True, kw_only=True):
    """A guardian of a child."""

    name: Annotated[str, text(120, "Vårdnadshavare")]
    signed: Annotated[bool, flag("Har undertecknat")]


class Party(Form, frozen=True, kw_only=True):
    """An authority that the consent names, as a whole or one unit of it."""

    authority: Annotated[str, one(lists.AUTHORITY, "Myndighet")]
    unit: Annotated[str | None, ident("Enhet", names=UNIT, help="Lämna tomt om hela myndigheten omfattas.")] = None
    role: Annotated[str, one(PARTY_ROLE, "Lämnar eller tar emot")]
    named: Annotated[bool, flag("Namngiven på blanketten")] = True


class PrivateParty(Form, frozen=True, kw_only=True):
    """A private provider, with a signature line of its own."""

    org: Annotated[str, ident("Utförarens enhet", names=UNIT)]
    purpose: Annotated[str, one(lists.PURPOSE, "Ändamål")]
    signed: Annotated[bool, flag("Egen underskrift finns")]


class Member(Form, frozen=True, kw_only=True):
    """A unit that may get a record of which not everybody may know."""

    unit: Annotated[str, ident("Enhet", names=UNIT)]


class SignedPurpose(Form, frozen=True, kw_only=True):
    """One purpose, with its own line for the signature and its own end."""

    purpose: Annotated[str, one(lists.PURPOSE, "Ändamål")]
    signed: Annotated[bool, flag("Undertecknat")]
    valid_to: Annotated[str, date("Gäller till")]


class Controller(Form, frozen=True, kw_only=True):
    """Who answers for the data, as the person was told when signing: the organisation of the responsible unit."""

    name: Annotated[str, text(120, "Organisation")]
    org_number: Annotated[str, text(20, "Organisationsnummer")]
    address: Annotated[str | None, text(200, "Postadress")] = None
    contact: Annotated[str | None, text(120, "Kontakt")] = None
    dataskyddsombud: Annotated[str | None, text(120, "Dataskyddsombud")] = None


class ConsentRecord(Form, frozen=True, kw_only=True):
    """The whole record."""

    # 1-4
    consent_id: Annotated[str, ident("Samtyckes-id", names=CONSENT, help="Slumpat, aldrig gjort ur ett personnummer.")]
    record_version: Annotated[str, text(10, "Postversion")]
    supersedes: Annotated[str | None, ident("Föregående post", names=CONSENT, need=When("@continues", (True,)))] = None
    principal_ref: Annotated[str, ident("Personens nyckel i ärendet", names=CASE)]
    # 5-8
    signer_kind: Annotated[str, one(SIGNER_KIND, "Undertecknare")]
    guardians: Annotated[
        tuple[Guardian, ...],
        rows(
            Guardian,
            6,
            "Vårdnadshavare",
            need=When("@guardians_needed", (True,)),
            need_also=When("signer_kind", ("personen_och_vardnadshavare", "vardnadshavare")),
        ),
    ] = ()
    guardian_omitted_reason: Annotated[
        str | None, long(300, "Varför vårdnadshavare inte har tillfrågats", help="Bara om det innebär en risk.")
    ] = None
    case_type: Annotated[str, one(lists.CASE_TYPE, "Ärendetyp")]
    controller_unit: Annotated[str, ident("Ansvarig enhet", names=UNIT)]
    controller: Annotated[Controller | None, group(Controller, "Personuppgiftsansvarig")] = None
    # 9-11
    parties: Annotated[tuple[Party, ...], rows(Party, MAX_PARTIES, "Omfattade myndigheter")]
    not_concerned: Annotated[
        tuple[NotConcerned, ...],
        rows(NotConcerned, 20, "Ej berörd myndighet", help="Bestäms av handläggaren, inte av personen."),
    ] = ()
    private_parties: Annotated[tuple[PrivateParty, ...], rows(PrivateParty, 10, "Privata utförare")] = ()
    applicable: Annotated[
        tuple[str, ...],
        many(lists.AUTHORITY, "Berörs också i det här ärendet", help="Då måste de stå bland myndigheterna."),
    ] = ()
    circle: Annotated[
        tuple[Member, ...],
        rows(Member, 8, "Begränsad krets", help="Vid placering: bara de här enheterna får posten, och ingen annan."),
    ] = ()
    # 12-16
    data_categories: Annotated[tuple[str, ...], many(lists.DATA_CATEGORY, "Uppgiftskategorier")]
    extremism: Annotated[bool, flag("Våldsbejakande extremism", help="Då visar gruppering också åsikt eller tro.")] = (
        False
    )
    special_category: Annotated[tuple[str, ...], many(SPECIAL_CATEGORY, "Särskilda kategorier")] = ()
    purposes: Annotated[tuple[SignedPurpose, ...], rows(SignedPurpose, len(lists.PURPOSE.items), "Ändamål")]
    secrecy_rules: Annotated[tuple[str, ...], many(lists.SECRECY_RULE, "Sekretessbestämmelser som efterges")]
    limits: Annotated[
        str | None, long(1000, "Begränsningar", help="Begränsningar gör att en beslutsfattare måste ta ställning.")
    ] = None
    # 17-21
    valid_from: Annotated[str, date("Gäller från", default=Ahead())]
    valid_to: Annotated[str, date("Gäller till", help="Högst tolv månader.", default=Ahead(days=364))]
    form: Annotated[str | None, one(WRITTEN_FORM, "Skriftlig form", need=_SIGNED)] = None
    signed_at: Annotated[str | None, instant("Undertecknat", need=_SIGNED)] = None
    signed_place: Annotated[
        str | None, text(60, "Plats för underskrift", help="Kontoret, aldrig där personen bor.", need=_SIGNED)
    ] = None
    original_sha256: Annotated[str | None, sha256("Originalets kontrollsumma", need=_SIGNED)] = None
    original_location: Annotated[str | None, text(120, "Original förvaras", need=_SIGNED)] = None
    # 22-26
    notice_version: Annotated[str, text(40, "Informationstextens version")]
    notice_language: Annotated[str, one(LANGUAGE, "Informationstextens språk")]
    aid_used: Annotated[tuple[str, ...], many(AID, "Tolk, lättläst eller uppläst")] = ()
    witness_staff: Annotated[Staff, group(Staff, "Samtyckesvittne")]
    second_staff: Annotated[Staff | None, group(Staff, "Kontrollant", need=When("@places", (True,)))] = None
    withdrawal_info: Annotated[str, text(300, "Hur samtycket återkallas")]
    # 27-32
    retention_rule: Annotated[str, one(RETENTION, "Gallringsregel")]
    storage: Annotated[str, one(STORAGE, "Lagringsplats")]
    jurisdiction: Annotated[str, one(JURISDICTION, "Jurisdiktion")]
    gdpr_basis: Annotated[tuple[str, ...], many(GDPR_BASIS, "GDPR-grund")]
    events: Annotated[tuple[Event, ...], rows(Event, MAX_EVENTS, "Händelser")]
    receipt_given: Annotated[str, one(RECEIPT_GIVEN, "Kvittens till personen")]


def special_categories(data_categories: Iterable[str], *, extremism: bool = False) -> tuple[str, ...]:
    """The categories under articles 9 and 10, in the order of the list; an extremist group tells opinion or belief."""
    chosen = set(data_categories)
    if extremism and "gruppering" in chosen:
        chosen.add("asikt_eller_tro")
    return tuple(code for code, _ in SPECIAL_CATEGORY.items if code in chosen)


def add_event(record: ConsentRecord, event_type: str, *, at: str, by: str, scope: str | None = None) -> ConsentRecord:
    """The record with one more event; nothing that stood there changes."""
    events = append_event(record.consent_id, record.events, event_type, at=at, by=by, scope=scope)
    return msgspec.structs.replace(record, events=events)


def verify_events(record: ConsentRecord) -> None:
    """Check the record's chain of events.

    Raises:
        EventChainError: something in the chain was changed, moved or taken out of its middle.
    """
    verify_chain(record.consent_id, record.events)


def supplement(
    record: ConsentRecord,
    *,
    consent_id: str,
    by: str,
    at: str,
    parties: tuple[Party, ...] = (),
    purposes: tuple[SignedPurpose, ...] = (),
) -> ConsentRecord:
    """A new record that adds what the person has signed in addition.

    Args:
        record: the record before.
        consent_id: a fresh random id.
        by: role of who registers it.
        at: UTC instant of the signing.
        parties: added authorities.
        purposes: added purposes; a purpose that is there already is replaced.
    """
    renewed = {entry.purpose for entry in purposes}
    kept = tuple(entry for entry in record.purposes if entry.purpose not in renewed)
    fresh = msgspec.structs.replace(
        record,
        consent_id=consent_id,
        supersedes=record.consent_id,
        parties=record.parties + parties,
        purposes=kept + purposes,
        signed_at=at,
        events=(),
    )
    return add_event(fresh, "utokad", at=at, by=by)
