"""The guard's patterns on folded text: rule id, severity, pattern.

Rules:
1. Every repeat is bounded, or its characters cannot begin what follows it: time is linear.
2. A pattern is anchored at a place that is rare in prose (``@``, a digit, a cue word).
3. References to law and to public decisions ("SOSFS 2014:5", "prop. 2024/25:180") are no case numbers.

Numbers that may be spread over a line are in `guard_numbers`. Source: domain.md 2.1, guard G1.
"""

from __future__ import annotations

import re
from typing import Final

_START = r"(?<!\w)"
_PLATFORM = (
    r"(?:instagram|insta|snapchat|snap|tiktok|telegram|facebook|fb|twitter|discord|wickr|threema|kik|youtube"
    r"|signal|steam)(?:kontot?|namn(?:et)?)?"
)
_STREET = (
    r"(?:gatan|gata|vägen|väg|gränd|gränden|torget|torg|allén|allé|stigen|stig|backen|leden|kajen|kaj|"
    r"esplanaden|esplanad|stranden|slingan|promenaden|brinken|bulevarden)"
)
_NO_STREET = r"(?!(?:riks|europa|läns|stats|mot|skogs?bil|cykel|gång)väg|motorleden)"
#: Letters that Swedish plates use (Transportstyrelsen: neither I, Q, V nor å, ä, ö).
_PLATE = "A-HJ-PR-UW-Z"
_NO_PLATE = "(?!OSL|SFS|SOL|SOU|LSS|LSU|EFH|BUP|KAP|RUM)"
_YEAR = "(?:19|20)[0-9]{2}"
_MONTHS = "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"

Rule = tuple[str, re.Pattern[str]]


def _rule(name: str, *parts: str, case: bool = False) -> Rule:
    """One rule; its parts are joined. ``case``: capitals matter."""
    return name, re.compile("".join(parts), 0 if case else re.IGNORECASE)


#: Hard identifiers. A hit stops a consultation.
BLOCKING: Final[tuple[Rule, ...]] = (
    _rule("epost", r"(?<=[\w.%+-])@(?:[\w-]{1,63}\.){1,5}[a-zåäö]{2,24}"),
    _rule("epost", r"(?<=[\w.%+-]) ?[(\[] ?(?:at|snabel-?a|@) ?[)\]] ?[\w-]{1,63}"),
    _rule("konto_sociala_medier", r"(?<![\w.%+@-])@[a-z0-9_][\w.]{1,40}"),
    _rule("konto_sociala_medier", _START, _PLATFORM, r" ?[:=] ?[\w.@-]{2,40}"),
    _rule(
        "konto_sociala_medier",
        _START,
        _PLATFORM,
        r" (?:heter |är )?(?=[\w.]{0,39}[a-zåäö])(?=[\w.]{0,39}[_0-9])[\w.]{3,40}",
    ),
    _rule(
        "konto_sociala_medier",
        r"(?<!\w)(?:www\.)?(?:instagram|tiktok|snapchat|facebook|twitter|youtube|x|t|wa)\.(?:com|me)/[\w@.-]{2}",
    ),
    _rule("iban", _START, r"SE ?[0-9]{2}(?: ?[0-9]){20}(?![0-9])"),
    _rule(
        "iban",
        _START,
        r"(?!SE)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)",
        case=True,
    ),
    _rule(
        "bankkonto",
        _START,
        r"(?:bankgiro|bg|plusgiro|pg|postgiro)(?:nr|nummer|t)?\.?(?: nr)?[: -]{0,3}[0-9][0-9 -]{2,12}[0-9]",
    ),
    _rule(
        "bankkonto",
        _START,
        r"(?:bank)?(?:konto|clearing)(?:t|nr|numret|nummer)?\.?(?: nr)?[: ]{0,3}[0-9][0-9 ,.-]{5,22}[0-9]",
    ),
    _rule(
        "diarienummer",
        _START,
        r"(?:dnr|diarienr|diarienummer|ärendenr|ärendenummer|aktnr|målnr|k-nr)[.: ]{0,3}(?:nr )?",
        r"(?:[A-ZÅÄÖ]{1,8}[ /:-]{0,2}){0,2}[0-9]",
    ),
    _rule(
        "diarienummer",
        _START,
        r"(?:diarie|ärende|akt|mål|anmälan)(?: nr| nummer)?\.?[: ]{1,2}",
        r"(?:[A-ZÅÄÖ]{1,6} ?)?[0-9]{1,8}[-/][0-9]{1,6}(?![0-9])",
    ),
    _rule("diarienummer", _START, r"(?:[0-9]{4}-)?K[0-9]{3,8}-[0-9]{2}(?![0-9])"),
    _rule("diarienummer", _START, r"[BTÄÖFMP] ?[0-9]{1,5}-[0-9]{2}(?![0-9-])", case=True),
    _rule("diarienummer", _START, r"[A-ZÅÄÖ]{1,8}[ -]?", _YEAR, r"[/-](?![0-9]{2}:)[0-9]{2,7}(?![0-9])", case=True),
    _rule("diarienummer", rf"(?<![\d/:.-])(?!{_YEAR}/)[0-9]{{3,7}}/", _YEAR, r"(?![0-9:])"),
    _rule(
        "diarienummer",
        r"(?<![\d/:.-])(?<!EU\) )(?<!EU )(?<!EG\) )",
        _YEAR,
        rf"/(?!{_YEAR}(?![0-9]))[0-9]{{3,7}}(?![0-9:])",
    ),
    _rule(
        "registreringsnummer",
        rf"(?<![\w-]){_NO_PLATE}[{_PLATE}]{{3}}[ -]?[0-9]{{2}}[{_PLATE}0-9](?![\w/:])",
        case=True,
    ),
    _rule("registreringsnummer", rf"(?<![\w-])[{_PLATE}]{{3}}[0-9]{{2}}[{_PLATE}0-9](?![\w/:])"),
    _rule(
        "registreringsnummer",
        _START,
        r"(?:reg\.? ?nr|regnummer|registreringsnummer|registreringsskylt)[.: ]{0,3}[a-z]{3}[ -]?[0-9]{2}\w",
    ),
    _rule(
        "koordinater",
        r"(?<![\d.,])[0-9]{1,2}[.,][0-9]{3,12} ?°? ?[NS]?[,;/ ]{1,3}[EWÖV]? ?-?[0-9]{1,3}[.,][0-9]{3,12}",
    ),
    _rule("koordinater", r"(?<![\d.,])[0-9]{1,3} ?° ?[0-9]{1,2}"),
    _rule("koordinater", r"(?<![\d.,])[67][0-9]{6}(?:[.,][0-9]{1,3})?[ ,;]{1,3}(?:[EWÖ] ?)?[0-9]{6,7}(?![0-9])"),
    _rule("koordinater", r"///[a-zåäö]{2,24}\.[a-zåäö]{2,24}\.[a-zåäö]{2,24}"),
    _rule("gatuadress", _START, _NO_STREET, r"[a-zåäöéü-]{2,40}", _STREET, r" (?:nr ?|nummer )?[0-9]{1,4}(?![0-9:])"),
    _rule(
        "gatuadress",
        _START,
        r"[A-ZÅÄÖ][a-zåäöé]{1,24} (?:gata|väg|gränd|torg|allé|stig|backe|plats|plan) (?:nr ?)?[0-9]{1,4}(?![0-9:])",
        case=True,
    ),
)

#: What may identify a person; the handler reads it once more and confirms.
WARNING: Final[tuple[Rule, ...]] = (
    _rule("namnpar", _START, r"[A-ZÅÄÖÉ][a-zåäöéü]{1,20} [A-ZÅÄÖÉ][a-zåäöéü]{2,24}(?!\w)", case=True),
    _rule("exakt_datum", r"(?<![\d-])", _YEAR, r"-[01][0-9]-[0-3][0-9](?!\d)"),
    _rule("exakt_datum", rf"(?<!\d)[0-3]?[0-9] (?:{_MONTHS})"),
    _rule("exakt_datum", r"född (?:den )?(?:19|20)?[0-9]{6}(?!\d)"),
    _rule("lank", r"(?:https?://|www\.)[\w.-]{3}"),
    _rule("skola_arbetsplats", _START, r"[A-ZÅÄÖ][a-zåäö]{2,24}(?:skolan|gymnasiet)(?!\w)", case=True),
    _rule("postadress", r"(?<!\d)[0-9]{3} [0-9]{2} [A-ZÅÄÖ][a-zåäö]{2,24}", case=True),
)
