"""What of a consent record a person fills in: for the page's form and the questions at the terminal.

The office fills in the rest: ids, the responsible unit, the witness, the events, and who sets an authority aside (it is
whoever registers, unless a file names somebody else).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from client.casework.consent import ConsentRecord
from client.casework.describe import FieldInfo, describe_struct

#: Fields of the record that the office fills in itself.
_OWN: Final = frozenset(
    {
        "consent_id", "record_version", "supersedes", "principal_ref", "controller_unit", "controller",
        "special_category", "witness_staff", "storage", "jurisdiction", "events",
    }
)  # fmt: skip
#: What the person signs line by line: nothing of it is taken over into a renewal.
LINE_BY_LINE: Final = frozenset({"purposes", "private_parties", "guardians"})
_SIGNED: Final = (
    "form", "signed_at", "signed_place", "original_sha256", "original_location", "notice_version", "aid_used",
    "second_staff", "receipt_given",
)  # fmt: skip
_MORE: Final = (
    "parties", "not_concerned", "private_parties", "applicable", "circle", "data_categories", "purposes",
    "secrecy_rules", "gdpr_basis", *_SIGNED,
)  # fmt: skip


def _asked(info: FieldInfo) -> FieldInfo:
    if info.name != "not_concerned":
        return info
    return dataclasses.replace(info, children=tuple(one for one in info.children if one.name != "decided_by"))


#: All that is asked of a new consent.
RECORD: Final = tuple(_asked(info) for info in describe_struct(ConsentRecord) if info.name not in _OWN)

#: What a supplement or a renewal says anew; the rest is as in the record before. Nothing must be said of a supplement:
#: it may add an authority, or only say why one is not concerned.
CONTINUED: Final[Mapping[str, tuple[FieldInfo, ...]]] = {
    "supplement": tuple(dataclasses.replace(info, need="O") for info in RECORD if info.name in _MORE),
    "renew": tuple(
        info for info in RECORD if info.name in {*LINE_BY_LINE, "valid_from", "valid_to", "notice_language", *_SIGNED}
    ),
}

#: What is shown of a record.
SHOWN: Final = tuple(
    info for info in describe_struct(ConsentRecord) if info.name not in _OWN or info.name == "controller"
)
