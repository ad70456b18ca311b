"""From what a person typed to the values of a document; nothing is guessed, what does not fit is left as it is.

1. An empty control is a field that is not there; so is a block in which nothing was filled in.
2. A number, a time or a yes that cannot be read stays a text, and the rules then say what is wrong with the field.
3. White space at the ends of a line goes; line ends are one character.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any, Final

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.identity import IdentityNumber, parse
from client.casework.swedish_time import at_local
from client.web.forms.widgets import Values, rows
from keys.places import kommuner

_TRUTH: Final = {"ja": True, "nej": False}
_MOST_DIGITS: Final = 12
#: Between the digits of a number that was copied: white space of every kind, points, slashes, marks without width.
_BETWEEN: Final = re.compile("[\\s./\u200b\u2060\ufeff\u00ad]+")
_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\u00af_"), "-")


def read(fields: Sequence[FieldInfo], typed: Values, at: str) -> dict[str, Any]:
    """The values of a block of fields.

    Args:
        fields: of the declaration.
        typed: texts by name of the control.
        at: name of the block, e.g. ``content``.
    """
    found = {info.name: _field(info, typed, f"{at}.{info.name}") for info in fields}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _field(info: FieldInfo, typed: Values, name: str) -> Any:
    if info.spec.holds is FieldType.GROUP:
        if not info.spec.many:
            return read(info.children, typed, name)
        blocks = [read(info.children, typed, f"{name}.{n}") for n in range(rows(name, typed))]
        return [block for block in blocks if block]
    given = [_clean(text) for text in typed.get(name, ())]
    if info.spec.holds is FieldType.ENUM and info.spec.many:
        return [text for text in given if text]
    if info.spec.many:
        return [line.strip() for text in given for line in text.split("\n") if line.strip()]
    text = given[0] if given else ""
    reader = identity_form if info.name == "id_value" else _READERS.get(info.spec.holds, str)
    return reader(text) if text else None


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _truth(text: str) -> bool | str:
    return _TRUTH.get(text, text)


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else text


def instant_of(text: str) -> str:
    """Swedish time as a browser writes it, ``YYYY-MM-DDTHH:MM``, as an instant in UTC."""
    day, _, clock = text.partition("T")
    with contextlib.suppress(ValueError):
        return at_local(date.fromisoformat(day), time.fromisoformat(clock)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return text


def _kommun(text: str) -> str:
    """The code of a municipality, given by code, by name, or as the list offers it: ``Malmö (1280)``."""
    wanted = text.casefold()
    for code, kommun in kommuner().items():
        if wanted in {code, kommun.name.casefold(), f"{kommun.name} ({code})".casefold(), kommun.full_name.casefold()}:
            return code
    return text


def identity_form(text: str) -> str:
    """An identity number in its usual form, ``YYYYMMDD-NNNN``; what is none stays as it is.

    A number that was copied from elsewhere may hold other dashes, spaces and points between its digits.
    """
    number = identity_number(text)
    if number is None:
        return text
    digits = "".join(one for one in text if one.isdigit())
    return f"{digits[:-4]}{'+' if number.plus else '-'}{digits[-4:]}"


def identity_number(text: str) -> IdentityNumber | None:
    """What a number that was typed or pasted says; None when it cannot be one."""
    bare = _BETWEEN.sub("", text.translate(_DASHES))
    plain = bare.replace("-", "") if "+" not in bare else bare
    return parse(text) or parse(plain)


_READERS = {
    FieldType.BOOL: _truth, FieldType.INT: _number, FieldType.DT: instant_of, FieldType.KOMMUN: _kommun
}  # fmt: skip
