"""F8 closing: each party is told that a case ends, and confirms that it stops.

What a closing with the goals reached takes differs per city and is the sending unit's directory data
(`closing`). Source: domain.md 2.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from client.casework.closing_reasons import CLOSING_REASON
from client.casework.fields import Form, When, date, flag, long, one, text, yn
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import SECOND_ROLES, Gate, Kind, Need, always
from client.casework.problems import Problem, problem
from client.casework.windows import AROUND, HAPPENED

_GOALS = When("reason", ("mal_uppnatt",))


class Notice(Form, frozen=True, kw_only=True):
    """``avslut.notis``: the case ends."""

    reason: Annotated[
        str,
        one(
            CLOSING_REASON,
            "Orsak",
            help="Orsaken styr vad som måste vara uppfyllt, och statistiken.",
            category="social_situation",
        ),
    ]
    own_housing: Annotated[
        str | None,
        yn(
            "Eget boende",
            help="I Stockholm måste alla fyra vara ja, i Göteborg bara behovet av socialtjänst.",
            need=_GOALS,
            category="social_situation",
        ),
    ] = None
    own_income: Annotated[
        str | None,
        yn(
            "Egen inkomst",
            help="Lön, studiemedel eller annan egen försörjning.",
            need=_GOALS,
            category="social_situation",
        ),
    ] = None
    no_social_need: Annotated[
        str | None,
        yn(
            "Inget behov av socialtjänst",
            help="Ja när inga fler insatser behövs från kommunen.",
            need=_GOALS,
            category="social_situation",
        ),
    ] = None
    no_active_protection: Annotated[
        str | None,
        yn("Inget aktivt personskydd", help="Fråga polisen om ni inte vet.", need=_GOALS, category="hotbild"),
    ] = None
    ended_by_person: Annotated[bool, flag("Personen avslutade själv", help="Då görs ingen uppföljning efter ett år.")]
    followup_consent: Annotated[
        bool, flag("Uppföljning samtyckt", help="Kräver en egen rad i samtycket, som gäller efter avslutet.")
    ]
    remaining_placement: Annotated[
        bool,
        flag("Kvarvarande skydd eller placering", help="Ärendet kan inte avslutas förrän placeringen har upphört."),
    ]
    decision: Annotated[str, text(40, "Beslut", help="Beslutets nummer. Inget personnummer.")]
    closed_on: Annotated[
        str, date("Avslutat den", help="Uppföljningen och gallringen räknas från den dagen.", window=AROUND)
    ]
    count_in_stats: Annotated[
        bool,
        flag("Räknas i statistik", help="Räknas fram av programmet: sökt, fått insatser, samtyckt och i målgruppen."),
    ]


class Proposal(Form, frozen=True, kw_only=True):
    """``avslut.forslag``: whoever handles the case thinks that it can end. Stays in the unit."""

    reason: Annotated[
        str, one(CLOSING_REASON, "Orsak", help="Den som beslutar kan välja en annan.", category="social_situation")
    ]
    proposed_on: Annotated[str, date("Föreslaget den", help="Ärendet är öppet tills det är beslutat.", window=HAPPENED)]
    why: Annotated[str, long(2000, "Varför", help="Vad förslaget bygger på.", category="social_situation")]


class TurnedDown(Form, frozen=True, kw_only=True):
    """``avslut.avslag``: the case goes on. Stays in the unit."""

    why: Annotated[
        str,
        long(
            2000,
            "Varför ärendet fortsätter",
            help="Så att den som föreslog vet vad som saknas.",
            category="social_situation",
        ),
    ]


class Confirmed(Form, frozen=True, kw_only=True):
    """``avslut.bekraftelse``: a party has stopped what it did."""

    stopped_on: Annotated[
        str, date("Åtgärderna upphörde den", help="Handlingarna sparas enligt reglerna för gallring.", window=AROUND)
    ]


def _check(_header: Header, content: Form) -> Iterable[Problem]:
    """A placement that goes on holds the closing up; whoever asks to end has ended it."""
    if not isinstance(content, Notice):
        return
    if content.remaining_placement and content.reason != "overlamnad":
        yield problem("content.remaining_placement", "placed", "Kvarvarande skydd eller placering")
    if content.reason == "egen_begaran" and not content.ended_by_person:
        yield problem("content.ended_by_person", "const", "Personen avslutade själv")


def _stays(name: str, title: str, content: type[Form], *, event: str, roles: frozenset[str]) -> Kind:
    """What the unit writes for itself before it decides."""
    return Kind(
        name=f"avslut.{name}",
        title_sv=title,
        subject="avslut",
        content=content,
        flow="avslut",
        event=always(event),
        side=Side.ASKER,
        roles=roles,
        opens_thread=event == "propose",
        local=True,
        gate=Gate.NONE,
    )


KINDS = (
    _stays(
        "forslag", "Avslut – förslag", Proposal, event="propose", roles=frozenset({"handlaggare", "beslutsfattare"})
    ),
    _stays("avslag", "Avslut – ärendet fortsätter", TurnedDown, event="turn_down", roles=SECOND_ROLES),
    Kind(
        name="avslut.notis",
        title_sv="Avslut – meddelande",
        subject="avslut",
        content=Notice,
        flow="avslut",
        event=always("send"),
        side=Side.ASKER,
        roles=frozenset({"beslutsfattare"}),
        opens_thread=True,
        purpose="informationsutbyte",
        second_roles=SECOND_ROLES | {"handlaggare"},  # the first is a decision-maker already, and many units have one
        reply_clock="avslut.bekraftelse",
        check=_check,
    ),
    Kind(
        name="avslut.bekraftelse",
        title_sv="Avslut – bekräftelse",
        subject="avslut",
        content=Confirmed,
        flow="avslut",
        event=always("confirm"),
        side=Side.ANSWERER,
        roles=frozenset({"handlaggare", "beslutsfattare", "polis_bedomare"}),
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
    ),
)
