"""The inner header that every document carries inside the ciphertext, and the person block.

Rules:
1. A document is addressed to a unit, never to a person.
2. The subject is chosen from a list; free text there would end up in lists and notices.
3. A basis other than consent, or no personal data at all, needs a written decision on disclosure, and limits to a
   consent need one too: by a named decision-maker, made no later than the document.
4. Rule P1: there is no way to say that an identity is fictitious, and no field for a former
   identity. Writing it down is the very link that must not exist. Such a case is closed here as
   handed over and goes on with the police outside the hub.

Which of the optional parts a kind demands or forbids is said by the kind (`kinds.kind`).
Source: domain.md 2.0.2, 2.0.3, 2.0.5.
"""

from __future__ import annotations

from typing import Annotated, Final

from client.casework import codelists as lists
from client.casework.fields import (
    CASE,
    CONSENT,
    DOCUMENT,
    THREAD,
    UNIT,
    Form,
    When,
    date,
    flag,
    group,
    ident,
    idents,
    instant,
    integer,
    kommun,
    long,
    many,
    one,
    rows,
    sha256,
    text,
)
from client.casework.languages import LANGUAGE
from client.casework.subjects import SUBJECT
from client.casework.windows import COMING, LONG_AGO
from keys.attachment import MAX_ATTACHMENTS, MAX_FILE_BYTES

MAX_DNR: Final = 40  # characters of a diary number

#: Documents that one document names as seen; older ones are in the past of these. A thread has few writers.
MAX_SEEN = 32


class Staff(Form, frozen=True, kw_only=True):
    """The person who acted; named inside the ciphertext only."""

    name: Annotated[str, text(120, "Namn")]
    role: Annotated[str, one(lists.ROLE, "Roll")]


class DisclosureDecision(Form, frozen=True, kw_only=True):
    """The decision to disclose without consent."""

    lagrum: Annotated[str, text(60, "Lagrum")]
    beslutsfattare: Annotated[Staff, group(Staff, "Beslutsfattare")]
    datum: Annotated[str, date("Beslutsdatum", window=LONG_AGO)]
    motivering: Annotated[str, long(2000, "Motivering")]
    registered_dnr: Annotated[str | None, text(MAX_DNR, "Diarienummer för beslutet")] = None


class LimitsDecision(Form, frozen=True, kw_only=True):
    """The decision that a document keeps within the limits that the person has set to her consent (CNS-12)."""

    beslutsfattare: Annotated[Staff, group(Staff, "Beslutsfattare")]
    datum: Annotated[str, date("Beslutsdatum", window=LONG_AGO)]
    motivering: Annotated[str, long(2000, "Motivering")]


class Attachment(Form, frozen=True, kw_only=True):
    """One attached file; its bytes travel apart from the body (FORMATS 6.3). The office fills all of it in."""

    file_name: Annotated[str, text(120, "Filnamn", help="Skriv inte namn eller nummer på personen i filnamnet.")]
    media_type: Annotated[str, text(100, "Filtyp")]
    size: Annotated[int, integer(1, MAX_FILE_BYTES, "Storlek i byte")]
    sha256: Annotated[str, sha256("Kontrollsumma")]
    stream: Annotated[str, sha256("Krypterad kontrollsumma")]
    pdfa: Annotated[bool, flag("PDF/A")] = False


class Person(Form, frozen=True, kw_only=True):
    """The person whom the document is about."""

    id_kind: Annotated[str, one(lists.ID_KIND, "Identitetstyp", category="identitet")]
    id_value: Annotated[
        str | None,
        text(20, "Identitet", need=When("id_kind", ("okand",), negate=True), never=When("id_kind", ("okand",))),
    ] = None
    full_name: Annotated[str | None, text(120, "Namn", category="identitet")] = None
    age_at_intake: Annotated[
        int | None,
        integer(
            0,
            120,
            "Ålder vid anmälan",
            help="Behövs när personnummer eller samordningsnummer saknas.",
            need=When("id_kind", ("personnummer", "samordningsnummer"), negate=True),
        ),
    ] = None
    protected: Annotated[
        str,
        one(
            lists.PROTECTED,
            "Skyddade personuppgifter",
            help="Gäller ärendet fingerade personuppgifter? Skriv ingenting om det här. "
            "Avsluta ärendet som överlämnat och tala direkt med polisen.",
        ),
    ]
    registered_kommun: Annotated[
        str | None,
        kommun("Folkbokföringskommun", help="Vid skyddad folkbokföring säger kommunen inget om var ärendet hör hemma."),
    ] = None
    residence_kommun: Annotated[str | None, kommun("Bosättningskommun")] = None
    staying_kommun: Annotated[
        str | None,
        kommun("Vistelsekommun", help="Röjer var personen finns.", category="boende_plats"),
    ] = None
    district: Annotated[str | None, text(60, "Stadsdel", need=When("registered_kommun", ("0180",)))] = None
    safe_contact: Annotated[
        str | None,
        long(300, "Säkert kontaktsätt", help="Hur och när är det säkert att höra av sig?", category="kontakt"),
    ] = None
    language: Annotated[str | None, one(LANGUAGE, "Tolkbehov eller språk")] = None
    guardians_involved: Annotated[
        str | None,
        one(
            lists.GUARDIANS_INVOLVED,
            "Vårdnadshavare involverade",
            need=When("@minor", (True,)),
        ),
    ] = None


class Header(Form, frozen=True, kw_only=True):
    """What all documents have in common."""

    message_id: Annotated[str, ident("Meddelande-id", names=DOCUMENT)]
    thread_id: Annotated[str, ident("Ärendetråd", names=THREAD)]
    in_reply_to: Annotated[str | None, ident("Svar på", names=DOCUMENT, need=When("@opens_thread", (False,)))] = None
    seen: Annotated[
        tuple[str, ...], idents(MAX_SEEN, "Handlingar i tråden som avsändaren hade sett", names=DOCUMENT)
    ] = ()
    message_type: Annotated[str, text(60, "Meddelandetyp")]
    schema_version: Annotated[str, text(10, "Schemaversion")]
    sender_unit: Annotated[str, ident("Avsändande enhet", names=UNIT)]
    sender_staff: Annotated[Staff, group(Staff, "Handläggare")]
    recipient_unit: Annotated[str, ident("Mottagande enhet", names=UNIT, help="Alltid en enhet, aldrig en person.")]
    created_at: Annotated[str, instant("Skapad")]
    priority: Annotated[
        str,
        one(
            lists.PRIORITY,
            "Prioritet",
            help="Ring 112 vid omedelbar fara. Ingen bevakar tjänsten dygnet runt.",
        ),
    ]
    reply_by: Annotated[
        str | None,
        instant(
            "Svar önskas senast",
            window=COMING,
            help="Den vanliga tiden är ifylld. Sätt en tidigare om det är bråttom.",
        ),
    ] = None
    sender_dnr: Annotated[str | None, text(MAX_DNR, "Vårt diarienummer")] = None
    recipient_dnr: Annotated[str | None, text(MAX_DNR, "Ert diarienummer")] = None
    disclosure_basis: Annotated[str, one(lists.DISCLOSURE_BASIS, "Sekretessgrund för utlämnandet")]
    disclosure_decision: Annotated[
        DisclosureDecision | None,
        group(
            DisclosureDecision,
            "Beslut om utlämnande",
            need=When("disclosure_basis", lists.BASES_WITHOUT_DECISION, negate=True),
            never=When("disclosure_basis", lists.BASES_WITHOUT_DECISION),
        ),
    ] = None
    consent_ref: Annotated[
        str | None, ident("Samtycke", names=CONSENT, need=When("disclosure_basis", ("samtycke",)))
    ] = None
    limits_decision: Annotated[
        LimitsDecision | None,
        group(
            LimitsDecision,
            "Beslut om samtyckets begränsningar",
            help="Behövs när personen har begränsat sitt samtycke.",
            never=When("disclosure_basis", ("samtycke",), negate=True),
        ),
    ] = None
    principal_ref: Annotated[
        str | None,
        ident(
            "Personens nyckel i ärendet",
            names=CASE,
            help="Slumpad, gäller bara i ärendet och skapas aldrig ur ett personnummer.",
            need=When("@about_person", (True,)),
            never=When("@about_person", (False,)),
        ),
    ] = None
    secrecy_marks: Annotated[tuple[str, ...], many(lists.SECRECY_MARK, "Sekretessmarkering")] = ()
    subject_person: Annotated[
        Person | None,
        group(
            Person,
            "Person",
            need=When("@subject_person", ("required",)),
            never=When("@subject_person", ("forbidden",)),
            category="identitet",
        ),
    ] = None
    subject_generic: Annotated[str, one(SUBJECT, "Rubrik")]
    attachments: Annotated[
        tuple[Attachment, ...],
        rows(
            Attachment,
            MAX_ATTACHMENTS,
            "Bilagor",
            help="PDF/A är bäst för arkivet.",
            never=When("@attachments", ("forbidden",)),
        ),
    ] = ()
