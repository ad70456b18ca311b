"""F12 receipts that people give: a diary number, and a refusal with a code.

That a document is available and sound is told by the engine's signed receipts, and so is a refusal by the rules; see
`deploy/decisions`. These two are documents: what they say is sealed. The number stands in the header (``sender_dnr``).
Source: domain.md 2.12.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from client.casework.codelists import codelist
from client.casework.fields import RECEIVED, Form, date, ident, long, one
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Gate, Kind, Need, always
from client.casework.problems import Problem, problem
from client.casework.windows import HAPPENED

#: Codes that a person may refuse with; those of the rules are the engine's.
REFUSAL = codelist(
    "refusal_code",
    {
        "SCH": "Formuläret är fel ifyllt",
        "UNK": "Fel mottagare",
        "ROL": "Fel roll eller enhet",
        "STA": "Passar inte i läget",
        "PID": "Personuppgifter i en konsultation",
        "BIG": "För stort",
        "DIR": "Enheten har upphört",
    },
)


class Registered(Form, frozen=True, kw_only=True):
    """``kvittens.registrerad``: the document has a diary number here."""

    document: Annotated[str, ident("Dokument", names=RECEIVED, help="Dokumentet som har fått ett diarienummer.")]
    registered_on: Annotated[str, date("Registrerat den", window=HAPPENED)]


class Refused(Form, frozen=True, kw_only=True):
    """``kvittens.avvisad``: somebody here refuses the document; it is still received."""

    document: Annotated[
        str, ident("Dokument", names=RECEIVED, help="Dokumentet finns kvar hos er: det är ändå inkommet.")
    ]
    code: Annotated[str, one(REFUSAL, "Skäl", help="Avsändaren får veta skälet och vad hon kan göra.")]
    note: Annotated[str | None, long(300, "Förklaring", help="Upprepa ingenting av det som står i dokumentet.")] = None


def _has_number(header: Header, content: Form) -> Iterable[Problem]:
    if isinstance(content, Registered) and header.sender_dnr is None:
        yield problem("header.sender_dnr", "missing", "Vårt diarienummer")


def _kind(name: str, title: str, content: type[Form], roles: frozenset[str]) -> Kind:
    return Kind(
        name=f"kvittens.{name}",
        title_sv=title,
        subject="kvittens",
        content=content,
        flow="kvittens",
        event=always("send"),
        side=Side.ASKER,
        roles=roles,
        opens_thread=True,
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
        check=_has_number,
    )


_HANDLERS = frozenset({"handlaggare", "beslutsfattare", "registrator"})

KINDS = (
    _kind("registrerad", "Kvittens – registrerad", Registered, _HANDLERS),
    _kind("avvisad", "Kvittens – avvisad", Refused, _HANDLERS | {"polis_bedomare", "telefon"}),
)
