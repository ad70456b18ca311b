"""The arguments of the commands about consents; the rules are those of ``arguments``."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from client.api.arguments import Arguments, Form, Id, Name, Word


class ConsentNew(Arguments, frozen=True, kw_only=True):
    """A consent that was signed on paper before this member of staff; ``confirmed`` as in ``New``.

    ``scan``: of the signed original, a file that was taken in; units that are told get it too. ``principal_ref``: the
    beginning of the key of the case here that it belongs to; without one it begins a case.
    """

    record: Form
    principal_ref: Id | None = None
    scan: Id | None = None
    send_to: Annotated[tuple[Name, ...], Meta(max_length=40)] = ()
    header: Form = msgspec.field(default_factory=dict)
    confirmed: bool = False


class ConsentMore(Arguments, frozen=True, kw_only=True):
    """A supplement to a consent or its renewal: what is said anew of the record; the rest as in ``ConsentNew``."""

    consent_id: Id
    record: Form
    scan: Id | None = None
    send_to: Annotated[tuple[Name, ...], Meta(max_length=40)] = ()
    header: Form = msgspec.field(default_factory=dict)
    confirmed: bool = False


class ConsentRefuse(Arguments, frozen=True, kw_only=True):
    """A refusal to sign, or to let an authority take part; without a person's key it is a new case that ends here."""

    principal_ref: Id | None = None
    what: Literal["helt", "vill_utesluta_myndighet"]
    excluded: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    informed_of_consequence: bool
    date: Annotated[str, Meta(max_length=10)] | None = None
    note: Annotated[str, Meta(max_length=1000)] | None = None


class ConsentMistake(Arguments, frozen=True, kw_only=True):
    """A consent that was entered by mistake; another person has to approve that."""

    consent_id: Id
    reason: Literal["fel_person", "fel_uppgifter", "dubblett", "ej_undertecknat"]
    note: Annotated[str, Meta(max_length=1000)] | None = None


class ConsentWithdraw(Arguments, frozen=True, kw_only=True):
    """A withdrawal, in whatever form it came."""

    consent_id: Id
    received_how: Word
    scope: Literal["helt", "mottagare", "syfte"] = "helt"
    recipient: Name | None = None
    purposes: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    at: Annotated[str, Meta(max_length=40)] | None = None


class OneConsent(Arguments, frozen=True, kw_only=True):
    """A consent by id or the beginning of one."""

    consent_id: Id


class ConsentFit(Arguments, frozen=True, kw_only=True):
    """A kind of document and the unit that is to get it."""

    kind: Word
    to: Name


class ConsentExport(Arguments, frozen=True, kw_only=True):
    """A consent as a file for others: ISO/IEC TS 27560, FHIR R5, or our own fields."""

    consent_id: Id
    format: Literal["27560", "fhir", "json"] = "json"


class ConsentForm(Arguments, frozen=True, kw_only=True):
    """The form to sign on paper; ``record`` holds what is known already, as for ``ConsentNew``."""

    case_type: Literal["intag", "hotbild", "plan", "placering", "overlamnande", "uppfoljning"]
    record: Form = msgspec.field(default_factory=dict)
    easy: bool = False
    child: bool = False
