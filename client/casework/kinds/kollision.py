"""The collision check: police units ask each other whether a place is safe, and the unit gets one word.

Rules:
1. Question and answer stay among police units. They carry no name and no number of a person: only ids of groups or
   conflicts from a list that the police keep, and the municipalities to look at, the place hidden among its neighbours.
2. The answer is one of three words, given by a human and signed by two. No hit never means safe. Where the police look
   in what they have themselves, two sign what they found, and it stays there (``kollision.egenkontroll``).
3. The unit that wants to place somebody gets a verdict on one place, never what is near it.
4. A verdict holds fourteen days at most. Before a move it is asked for again (`placement`).
5. When the placement ends, the question is removed from what is compared (``kollision.borttagen``).

In this form a human compares. A later oblivious check (a keyed pseudorandom function in the hands of the police) would
replace the tokens by blinded ones: then the unit that is asked learns nothing but the word that it answers.
Source: domain.md 2.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from client.casework.codelists import POLICE_TYPES, SOCIAL_TYPES, codelist
from client.casework.fields import (
    UNIT,
    Form,
    When,
    date,
    flag,
    group,
    ident,
    instant,
    integer,
    kommun,
    one,
    rows,
    text,
    thread_of,
)
from client.casework.flows import Side
from client.casework.header import Header, Staff
from client.casework.kinds.kind import Gate, Kind, Need, always, by_field
from client.casework.kinds.placering import READERS
from client.casework.kinds.placering_fields import REPEATED, RepeatDecision, check_repeated
from client.casework.placement import CLEAR
from client.casework.problems import Problem, problem
from client.casework.windows import HAPPENED

#: Days that a verdict may hold (domain.md 2.13).
MAX_VALID_DAYS = 14
MAX_TOKENS, MAX_CELLS = 10, 30

TOKEN_KIND = codelist("token_kind", {"gruppering": "Gruppering", "konflikt": "Konflikt"})
SCOPE = codelist(
    "checked_scope",
    {
        "kommun": "Kommunen",
        "kommun_och_grannar": "Kommunen och dess grannar",
        "kommun_grannar_och_kanda_kopplingar": "Kommunen, dess grannar och kända kopplingar",
    },
)
OUTCOME = codelist(
    "collision_outcome",
    {"traff": "Träff", "ingen_traff": "Ingen träff (betyder inte säkert)", "osakert": "Osäkert"},
)
VERDICT = codelist(
    "collision_verdict",
    {
        "gront_inga_hinder_kanda": "Inga hinder kända (betyder inte säkert)",
        "ort_olamplig": "Orten är olämplig",
        "kontakta_polisenhet": "Kontakta polisenheten",
    },
)
REMOVED_BECAUSE = codelist(
    "entry_removed_because",
    {"placering_upphord": "Placeringen har upphört", "flytt_blev_inte_av": "Flytten blev inte av", "fel": "Fel fråga"},
)

NOT_SAFE = "Ingen träff betyder inte säkert: bara det som polisen har antecknat kan ge träff."

#: Who may be the second person, and who decides that a question is asked again.
_SECOND = frozenset({"polis_bedomare", "beslutsfattare"})
_TOKEN = re.compile(r"[A-ZÅÄÖ0-9][A-ZÅÄÖ0-9-]{1,23}")


class Token(Form, frozen=True, kw_only=True):
    """A group or a conflict as the police list writes it."""

    kind: Annotated[str, one(TOKEN_KIND, "Slag", help="Som det står i polisens lista.")]
    token: Annotated[
        str,
        text(24, "Beteckning", help="Ur polisens lista: versaler, siffror och bindestreck. Aldrig namn eller nummer."),
    ]


class Cell(Form, frozen=True, kw_only=True):
    """A municipality to look at."""

    kommun: Annotated[str, kommun("Kommun")]


class Question(Form, frozen=True, kw_only=True):
    """``kollision.forfragan``: is somebody placed there for whom this would be a danger?"""

    placement: Annotated[
        str,
        ident(
            "Placeringens nyckel",
            names=thread_of("placering"),
            help="Id för ärendetråden med behovet: slumpat, samma vid varje kontroll.",
        ),
    ]
    tokens: Annotated[
        tuple[Token, ...],
        rows(
            Token,
            MAX_TOKENS,
            "Grupperingar och konflikter",
            help="En människa hos den andra polisenheten jämför. Skicka bara det som behövs.",
        ),
    ]
    cells: Annotated[
        tuple[Cell, ...],
        rows(
            Cell,
            MAX_CELLS,
            "Kommuner att se efter i",
            help="Orten, dess grannar och orter med kända kopplingar, utan att säga vilken som är vilken.",
        ),
    ]
    checked_scope: Annotated[
        str, one(SCOPE, "Omfattning", help="Samma eller en närliggande ort räknas. Kopplingar mellan städer också.")
    ]
    repeat_decision: Annotated[RepeatDecision | None, REPEATED] = None


class OwnCheck(Form, frozen=True, kw_only=True):
    """``kollision.egenkontroll``: what two of the unit found when they looked themselves."""

    place: Annotated[str, kommun("Kommun", help="Den kommun som ni har kontrollerat.", category="boende_plats")]
    checked_scope: Annotated[str, one(SCOPE, "Omfattning", help="Hur långt ni har letat.")]
    outcome: Annotated[str, one(OUTCOME, "Utfall", help=NOT_SAFE)]
    manual_review_by: Annotated[Staff, group(Staff, "Granskat av")]


class Outcome(Form, frozen=True, kw_only=True):
    """``kollision.utfall``: one of three words from the police unit that was asked."""

    outcome: Annotated[str, one(OUTCOME, "Utfall", help=NOT_SAFE)]
    contact_unit: Annotated[
        str | None,
        ident(
            "Polisenhet att tala med",
            names=UNIT,
            help="Den polisenhet som vet. Tala med dem, skriv inte.",
            need=When("outcome", ("traff",)),
            never=When("outcome", ("ingen_traff",)),
        ),
    ] = None
    manual_review_by: Annotated[Staff, group(Staff, "Granskat av")]


class Removed(Form, frozen=True, kw_only=True):
    """``kollision.borttagen``: the placement is over; nobody compares with this question any more."""

    removed_on: Annotated[str, date("Borttagen den", window=HAPPENED)]
    reason: Annotated[str, one(REMOVED_BECAUSE, "Skäl")]


class Verdict(Form, frozen=True, kw_only=True):
    """``kollision.svar``: what the unit that places somebody is told of one place."""

    place: Annotated[
        str, kommun("Kommun som svaret gäller", help="Svaret gäller bara den kommunen.", category="boende_plats")
    ]
    verdict: Annotated[str, one(VERDICT, "Svar", help=NOT_SAFE)]
    checked_at: Annotated[str, instant("Kontrollerat", help="Svaret räknas från den stunden.", window=HAPPENED)]
    valid_days: Annotated[
        int, integer(1, MAX_VALID_DAYS, "Giltigt i dagar", default=MAX_VALID_DAYS, help="Vanligen 14 dagar.")
    ]
    checked_scope: Annotated[str, one(SCOPE, "Omfattning", help="Hur långt ni har letat.")]
    check_made: Annotated[
        bool,
        flag("Kontrollen är gjord", help="Orten är kontrollerad för hand, eller av en polisenhet som ni har frågat."),
    ] = False
    manual_review_by: Annotated[Staff, group(Staff, "Granskat av")]


def _check_question(header: Header, content: Form) -> Iterable[Problem]:
    """Tokens are written one way, and nothing stands there twice."""
    if not isinstance(content, Question):
        return
    if not all(_TOKEN.fullmatch(row.token) for row in content.tokens):
        yield problem("content.tokens.token", "token", "Beteckning")
    if len(set(content.tokens)) < len(content.tokens):
        yield problem("content.tokens", "duplicate", "Grupperingar och konflikter")
    if len(set(content.cells)) < len(content.cells):
        yield problem("content.cells", "duplicate", "Kommuner att se efter i")
    yield from check_repeated(header, content.repeat_decision, _SECOND)
    if content.checked_scope != "kommun" and len(content.cells) == 1:
        yield problem("content.cells", "missing", "Kommuner att se efter i")


def _check_review(header: Header, content: Form) -> Iterable[Problem]:
    """A human of the police has looked, and not after the answer was written."""
    if isinstance(content, Outcome | OwnCheck | Verdict) and content.manual_review_by.role != "polis_bedomare":
        yield problem("content.manual_review_by.role", "choice", "Roll")
    if isinstance(content, Verdict) and content.verdict == CLEAR and not content.check_made:
        yield problem("content.check_made", "const", "Kontrollen är gjord")
    if isinstance(content, Verdict) and content.checked_at > header.created_at:
        yield problem("content.checked_at", "after", "Kontrollerat")


def _yes(_header: Header, _content: Form) -> bool:
    return True


def _internal(name: str, title: str, content: type[Form], event: str, *, side: Side, two: bool = True) -> Kind:
    """A document among police units."""
    return Kind(
        name=f"kollision.{name}",
        title_sv=title,
        subject="kollision",
        content=content,
        flow="kollision",
        event=always(event),
        side=side,
        roles=frozenset({"polis_bedomare"}),
        opens_thread=event == "send",
        sender_types=POLICE_TYPES,
        recipient_types=POLICE_TYPES,
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
        readers=frozenset({"polis_bedomare"}),
        two_signatures=_yes if two else lambda _header, _content: False,
        second_roles=_SECOND,
        check=_check_question if event == "send" else _check_review,
    )


KINDS = (
    replace(
        _internal("forfragan", "Kontroll av placering – fråga", Question, "send", side=Side.ASKER),
        reply_clock="kollision.granskning",
    ),
    _internal("utfall", "Kontroll av placering – utfall", Outcome, "outcome", side=Side.ANSWERER),
    _internal("borttagen", "Kontroll av placering – borttagen", Removed, "remove", side=Side.EITHER, two=False),
    replace(
        _internal("egenkontroll", "Kontroll av placering – egen kontroll", OwnCheck, "look", side=Side.ANSWERER),
        subject="placering",
        flow="placering",
        local=True,
        about_person=True,  # it stands in the person's thread, and goes nowhere
        guarded=False,
    ),
    Kind(
        name="kollision.svar",
        title_sv="Kontroll av placering – svar",
        subject="placering",
        content=Verdict,
        flow="placering",
        event=by_field(
            "verdict",
            {"gront_inga_hinder_kanda": "clear", "ort_olamplig": "unsuitable", "kontakta_polisenhet": "call"},
        ),
        side=Side.ANSWERER,
        roles=frozenset({"polis_bedomare"}),
        sender_types=POLICE_TYPES,
        recipient_types=SOCIAL_TYPES,
        attachments=False,
        readers=READERS,
        purpose="placering",
        case_type="placering",
        two_signatures=_yes,
        second_roles=_SECOND,
        schema_version="1.1",
        check=_check_review,
    ),
)
