"""Taking out: a case, or a consent that tells who or where somebody is, as a file in the clear; two answer for it.

Rules:
1. The documents stay in the unit. The first says what is taken out, why and for whom; the second person signs that.
2. The office that wrote it may take out what it names, once (`client.engine.taking_out`).

Source: domain.md 2.0.5 and 5 (identity and placement are revealed by two), 6.1 (each release is judged).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from client.casework.codelists import codelist
from client.casework.fields import CONSENT, Form, When, date, ident, one, text
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import SECOND_ROLES, Gate, Kind, Need, always
from client.casework.windows import HAPPENED

WHOLE_CASE = "arende"
ONE_CONSENT = "samtycke"
TAKEN_OUT = codelist("taken_out", {WHOLE_CASE: "Hela ärendet", ONE_CONSENT: "Ett samtycke"})


class TakingOut(Form, frozen=True, kw_only=True):
    """``uttag.begaran``: somebody means to take out a file."""

    what: Annotated[
        str, one(TAKEN_OUT, "Vad som tas ut", help="Filen är inte krypterad, och visar vem personen är och var.")
    ]
    consent_id: Annotated[
        str | None,
        ident(
            "Samtyckes-id",
            names=CONSENT,
            help="Samtycket som tas ut.",
            need=When("what", (ONE_CONSENT,)),
            never=When("what", (ONE_CONSENT,), negate=True),
        ),
    ] = None
    why: Annotated[
        str, text(300, "Varför, och till vem", help="Den andra personen prövar det, och läser inget annat om uttaget.")
    ]


class TakenOut(Form, frozen=True, kw_only=True):
    """``uttag.gjort``: the file is written; the program says so."""

    taken_on: Annotated[str, date("Uttaget den", help="Fylls i av programmet.", window=HAPPENED)]


def _yes(_header: Header, _content: Form) -> bool:
    return True


def _no(_header: Header, _content: Form) -> bool:
    return False


_REQUEST = Kind(
    name="uttag.begaran",
    title_sv="Uttag – begäran",
    subject="uttag",
    content=TakingOut,
    flow="uttag",
    event=always("send"),
    side=Side.ASKER,
    roles=frozenset({"arkivarie", "beslutsfattare", "handlaggare", "registrator"}),
    opens_thread=True,
    local=True,
    subject_person=Need.FORBIDDEN,
    attachments=False,
    gate=Gate.NONE,
    two_signatures=_yes,
    second_roles=SECOND_ROLES | {"arkivarie", "registrator"},  # whoever decides or keeps the records of the unit
)

KINDS = (
    _REQUEST,
    replace(
        _REQUEST,
        name="uttag.gjort",
        title_sv="Uttag – gjort",
        content=TakenOut,
        event=always("taken_out"),
        opens_thread=False,
        two_signatures=_no,
    ),
)
