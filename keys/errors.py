"""The errors of the whole product.

    SlussError                  code + fields; a sentence for a person is made from the code at the edge
    ├── LocalError              our own side is at fault: passphrase, file, clock, disk, wrong call
    ├── LockedError             the private keys are locked away: nothing can be judged until they are unlocked
    ├── PeerError               what another party sent is at fault; it is refused and kept aside
    │   ├── FormatError         bytes that are not what the format allows
    │   ├── SignatureError      a signature that does not verify, or a key that must not be used
    │   ├── TrustError          signed, but by nobody whom the directory lets sign that
    │   └── OpenError           an envelope that none of our keys opens
    └── RefusedError            well-formed and honest, but a rule of the work says no

Rules:
1. ``code`` is stable, short and upper case: the API, receipts and the quarantine carry it.
2. ``fields`` never hold content, keys, names or free text: they may be logged and shown.
3. Verification returns the verified value or raises; there is no boolean to forget.
"""

from __future__ import annotations

from typing import ClassVar

FieldValue = str | int


class SlussError(Exception):
    """Base of all errors that are part of the product's contract.

    Args:
        code: stable code, at most 12 characters of ``A-Z0-9-``.
        fields: small facts that help a person, free of content and of secrets.
    """

    default_code: ClassVar[str] = "ERR"

    def __init__(self, code: str = "", **fields: FieldValue) -> None:
        self.code = code or self.default_code
        self.fields = fields
        super().__init__(self.code)

    def __str__(self) -> str:
        """The code and its fields, fit for a log."""
        facts = " ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.code} {facts}".rstrip()


class LocalError(SlussError):
    """Our own side is at fault: a wrong passphrase, a broken file, a clock that is off, a full disk."""

    default_code = "LOCAL"


class LockedError(SlussError):
    """The keeper is locked or gone.

    No ``LocalError``: whoever takes that for an answer ("no such unit", "no key") must never take this one for it.
    """

    default_code = "LOCKEDKEYS"


class PeerError(SlussError):
    """What another party sent is at fault."""

    default_code = "PEER"


class FormatError(PeerError):
    """Bytes that the format does not allow: too long, too deep, not canonical, wrong type, unknown version."""

    default_code = "FMT"


class SignatureError(PeerError):
    """A signature that does not verify, too few of them, or a key that must be refused."""

    default_code = "SIG"


class TrustError(PeerError):
    """Signed, but not by anyone whom the directory lets sign it."""

    default_code = "TRUST"


class OpenError(PeerError):
    """An envelope that none of our keys opens, or whose content was altered."""

    default_code = "OPEN"


class RefusedError(SlussError):
    """Well-formed and honest, but a rule of the work refuses it."""

    default_code = "REFUSED"
