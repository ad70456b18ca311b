"""F9 coming back: a new assessment from the present situation, with a new consent.

Nothing old comes alive again: neither a consent nor a threat result of the earlier case. The documents are local; whom
the person then goes to is told by an intake or a request of its own. Source: domain.md 2.9.
"""

from __future__ import annotations

from typing import Annotated

from client.casework.closing_reasons import CLOSING_REASON
from client.casework.codelists import codelist
from client.casework.fields import CONSENT, Form, flag, ident, long, one, text
from client.casework.flows import Side
from client.casework.kinds.kind import DECISION_UNIT, Gate, Kind, always, by_field

TIMES = codelist(
    "return_times", {"forsta": "Första gången", "andra": "Andra gången", "tredje_eller_fler": "Tredje eller fler"}
)
SINCE_LAST = codelist(
    "time_since_last",
    {
        "under_3_manader": "Under tre månader",
        "3_till_12_manader": "Tre till tolv månader",
        "1_till_3_ar": "Ett till tre år",
        "over_3_ar": "Över tre år",
        "okant": "Okänt",
    },
)
RETURN_DECISION = codelist(
    "return_decision", {"oppnat": "Öppnat", "hanvisad_sig": "Hänvisad till social insatsgrupp", "avslag": "Avslag"}
)


class Notice(Form, frozen=True, kw_only=True):
    """``aterkomst.notis``: somebody is back."""

    earlier_case: Annotated[
        str | None, text(40, "Tidigare ärende", help="Eget nummer. Sök aldrig hos andra kommuner.")
    ] = None
    times: Annotated[str, one(TIMES, "Vilken gång i ordningen")]
    time_since_last: Annotated[str | None, one(SINCE_LAST, "Tid sedan förra gången")] = None
    last_close_reason: Annotated[
        str | None,
        one(
            CLOSING_REASON,
            "Förra avslutets orsak",
            help="Hos er. Lämna tomt om du inte vet.",
            category="social_situation",
        ),
    ] = None
    what_changed: Annotated[
        str,
        long(
            2000,
            "Vad har förändrats",
            help="Bedömningen görs på nytt, efter hur det är nu.",
            category="social_situation",
        ),
    ]
    new_consent: Annotated[str, ident("Nytt samtycke", names=CONSENT, help="Det gamla samtycket gäller aldrig igen.")]
    new_threat_assessment: Annotated[
        bool, flag("Ny hotbildsbedömning görs", help="En gammal hotbild gäller aldrig igen.", must_be=True)
    ]


class Decision(Form, frozen=True, kw_only=True):
    """``aterkomst.beslut``: what the new assessment led to."""

    outcome: Annotated[str, one(RETURN_DECISION, "Utfall", help="Den som vill lämna kan komma tillbaka flera gånger.")]
    decision_unit: Annotated[str | None, DECISION_UNIT] = None


def _local(name: str, title: str, content: type[Form], **more: object) -> Kind:
    return Kind(
        name=f"aterkomst.{name}",
        title_sv=title,
        subject="aterkomst",
        content=content,
        flow="aterkomst",
        side=Side.ASKER,
        local=True,
        gate=Gate.NONE,
        **more,  # type: ignore[arg-type]
    )


KINDS = (
    _local(
        "notis",
        "Återkomst – notis",
        Notice,
        event=always("send"),
        roles=frozenset({"handlaggare", "beslutsfattare"}),
        opens_thread=True,
    ),
    _local(
        "beslut",
        "Återkomst – beslut",
        Decision,
        event=by_field("outcome", {"oppnat": "open", "hanvisad_sig": "refer", "avslag": "decline"}),
        roles=frozenset({"beslutsfattare"}),
        decides="bistand",
        schema_version="1.1",
    ),
)
