"""Explains a code to a person: what happened, and what to do next.

Public signatures:
    explain(code, lang="sv", **fields) -> Explanation(code, sentence, next_step)
    explained(code, lang, fields, translate=str) -> Explanation
    known_codes() -> frozenset[str]

Facts that fit a code list of ours are shown with its label, instants in Swedish time. Facts that look like free
text are not shown at all: an error must not carry content out of a case.

Example:
    >>> explain("CNS-05", purpose="placering").sentence
    'Ändamålet Placering saknas i samtycket.'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from client.casework import code_table_case, code_table_consent
from client.casework.code_table import TABLE
from client.casework.codelists import AUTHORITY, DATA_CATEGORY, PURPOSE, CodeList
from client.casework.set_aside import POLICE_REGION
from client.casework.swedish_time import local_time
from keys.errors import FieldValue

_VARIANTS = {**code_table_consent.VARIANTS, **code_table_case.VARIANTS}

#: Facts that are codes of a list.
_LISTS: dict[str, CodeList] = {
    "purpose": PURPOSE,
    "category": DATA_CATEGORY,
    "authority": AUTHORITY,
    "region": POLICE_REGION,
}

#: What a fact may look like: ids, dates, instants, numbers.
_HARMLESS = re.compile(r"[0-9a-f]{32}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8}Z)?|[0-9]{1,12}")

_PLACE = re.compile(r" ?\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person reads.

    Args:
        code: as given, so that an unknown one can be noted down.
        sentence: what happened.
        next_step: what to do.
    """

    code: str
    sentence: str
    next_step: str


def explain(code: str, lang: str = "sv", **fields: FieldValue) -> Explanation:
    """The sentence and the next step of a code; an unknown code is explained as such.

    Args:
        code: a stable code.
        lang: ``sv`` or ``en``; anything else reads as ``sv``.
        fields: facts of the error (`SlussError.fields`); those without a place are left out.
    """
    return explained(code, lang, fields)


def explained(
    code: str, lang: str, fields: Mapping[str, FieldValue], translate: Callable[[str], str] = str
) -> Explanation:
    """The same, with what a label of a code list is called in that language."""
    closer = (row for fact, row in _VARIANTS.get(code, ()) if fact in fields)
    swedish, swedish_step, english, english_step = next(closer, TABLE.get(code, TABLE["UNKNOWN"]))
    sentence, step = (english, english_step) if lang == "en" else (swedish, swedish_step)
    return Explanation(code, _fill(sentence, fields, lang, translate), _fill(step, fields, lang, translate))


def known_codes() -> frozenset[str]:
    """All codes that have a sentence of their own."""
    return frozenset(TABLE)


def _fill(sentence: str, fields: Mapping[str, FieldValue], lang: str, translate: Callable[[str], str]) -> str:
    """Put in the facts that are known and harmless; leave out the others with their space."""

    def fact(match: re.Match[str]) -> str:
        shown = _shown(match[1], fields.get(match[1], ""), lang)
        return f" {translate(shown) if match[1] in _LISTS else shown}" if shown else ""

    return _PLACE.sub(fact, sentence)


def _shown(name: str, value: FieldValue, lang: str) -> str:
    codes = _LISTS.get(name)
    text = str(value)
    if codes is not None:
        return codes.label(text) if text in codes.codes else ""
    if not _HARMLESS.fullmatch(text):
        return ""
    return _in_swedish_time(text, lang) if text.endswith("Z") else text


def _in_swedish_time(text: str, lang: str) -> str:
    """An instant as clocks in Sweden show it; nothing for one that no calendar holds."""
    try:
        here = local_time(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return ""
    return f"{here:%Y-%m-%d} at {here:%H:%M} (Swedish time)" if lang == "en" else f"{here:%Y-%m-%d} kl. {here:%H.%M}"
