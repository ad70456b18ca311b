"""The guard's patterns on folded text: rule id, what must be there for it to match, pattern.

Rules:
1. Every repeat is bounded, or its characters cannot begin what follows it: time is linear.
2. A pattern is anchored at a place that is rare in prose (``@``, a digit, a cue word), and is only tried where that
   stands: all patterns over all of a text took six times as long (`guard_search`).
3. References to law and to public decisions ("SOSFS 2014:5", "prop. 2024/25:180") are no case numbers.

Numbers that may be spread over a line are in `guard_numbers`. Source: domain.md 2.1, guard G1.
"""

from __future__ import annotations

from typing import Final

from client.casework.guard_accounts import ACCOUNTS
from client.casework.guard_rule import AFTER, CUED, NEAR, START, STREET, YEAR, Rule, rule

_STREETS = (
    "gatan|gata|vägen|väg|gränd|gränden|torget|torg|allén|allé|stigen|stig|backen|leden|kajen|kaj"
    "|esplanaden|esplanad|stranden|slingan|promenaden|brinken|bulevarden"
)
_STREET_WORDS = "gata|väg|gränd|torg|allé|stig|backe|plats|plan"
#: Ends of streets that are also ends of other words: they count after a name in the genitive, or within a sentence.
_PLACES = (
    "kurva|trappor|trappa|höjd|höjden|park|parken|gård|gården|hage|hagen|strand|udde|udden|ängar|äng|ängen|kulle|kullen"
    "|sluss|slussen|bro|bron|hamn|hamnen|kvarn|dal|dalen|plan|platsen|plats|liden|lid|sund|ås|åsen|holme|holmen"
)
#: "Storg. 12": shortened street names, and words and towns at the end of a sentence that are none.
_NO_SHORT = (
    r"(?!(?:(?:[a-zåäö]*(?:borg|berg|burg|ing|dag|väg|lag|drag|slag)|ang|avg|reg|org|skog|larv|kurv|silv|halv|älv|tolv"
    r"|själv|norg|sorg|morg)\.))"
)
_NO_STREET = r"(?!(?:riks|europa|läns|stats|mot|skogs?bil|cykel|gång)väg|motorleden)"
#: Letters that Swedish plates use (Transportstyrelsen: neither I, Q, V nor å, ä, ö).
_PLATE = "A-HJ-PR-UW-Z"
_NO_PLATE = "(?!OSL|SFS|SOL|SOU|LSS|LSU|EFH|BUP|KAP|RUM)"
_CAR = (
    r"(?:bil(?:en|ar|arna)?|personbil(?:en)?|skåpbil(?:en)?|moped(?:en)?|moppe(?:n)?|motorcykel(?:n)?|fordon(?:et)?"
    r"|regplåt(?:en)?|plåt(?:en|ar)?|skylt(?:en|ar)?|lastbil(?:en)?|hyrbil(?:en)?|taxi|volvo|bmw|audi|mercedes|saab|toyota"
    r"|tesla|kia|skoda|ford|volkswagen|vw|golf)"
)
_CAR_CUES = (
    "bil|moped|moppe|motorcykel|fordon|plåt|skylt|taxi|volvo|bmw|audi|mercedes|saab|toyota|tesla|kia|skoda|ford"
    "|volkswagen|vw|golf"
)
_NO_WORD = (
    "(?!och|har|med|den|hos|kap|sid|rum|oss|ett|per|max|ska|kan|var|hade|man|han|hon|hen|dem|det|mot|men|som|sen|nya|nog"
    "|tog|fem|sex|sju|tre|fyr|mer|ger|ser|bor|tar|dag|kom|ca|ung|cen|mkr|tkr|dnr|jfr|sms|hvb|lvm|lvu|pkt|ref|str)"
)
_LAST = (
    r"(?:sista(?: fyra)?|fyra sista|slutsiffror(?:na)?|slutar(?: på| med)?|kontrollsiffror(?:na)?)"
    r"(?: siffrorna| siffror)?"
)

_DATE = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"

#: Hard identifiers. A hit stops a consultation.
BLOCKING: Final[tuple[Rule, ...]] = (
    *ACCOUNTS,
    rule(
        "reservnummer", rf"(?<![0-9])(?:18|19|20)?{_DATE}[-+ ]?[A-Z][0-9A-Z]{{3}}(?!\w)", case=True, reach=NEAR, least=6
    ),
    rule(
        "personnummer",
        r"(?<![0-9])(?:18|19|20)?[0-9]{2}[-./ ]?[01][0-9][-./ ]?[0-9]{2}(?![0-9])[^0-9]{0,40}?",
        _LAST,
        r"[^0-9]{0,20}[0-9]{3,4}(?![0-9])",
        cues="sista|slut|kontrollsiffr",
    ),
    rule("iban", START, r"SE ?[0-9]{2}(?: ?[0-9]){20}(?![0-9])", cues="se", reach=NEAR, least=2),
    rule(
        "iban",
        START,
        r"(?!SE)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)",
        case=True,
        reach=AFTER,
        least=2,
    ),
    rule(
        "bankkonto",
        START,
        r"(?:bankgiro|bg|plusgiro|pg|postgiro)(?:nr|nummer|t)?\.?(?: nr)?[: -]{0,3}[0-9][0-9 -]{2,12}[0-9]",
        cues="giro|bg|pg",
        reach=CUED,
    ),
    rule(
        "bankkonto",
        START,
        r"(?:bank)?(?:konto|clearing)(?:t|nr|numret|nummer)?\.?(?: nr)?[: ]{0,3}[0-9][0-9 ,.-]{5,22}[0-9]",
        cues="konto|clearing",
        reach=CUED,
    ),
    rule("bankkonto", START, r"swish\w{0,8}[^0-9]{0,20}[0-9](?:[ -]{0,3}[0-9]){5,11}", cues="swish"),
    rule(
        "diarienummer",
        START,
        r"(?:[äa]rendet?|målet?|akt(?:en)?|anmälan|utredning(?:en)?|förundersökning(?:en)?|fu)",
        r"(?: med)?(?: nr| nummer)?\.?[: #]{1,3}",
        rf"(?!{YEAR}(?![0-9])|1177)[0-9]{{3,8}}(?![0-9]|[,.][0-9]| (?:kr|000|personer))",
        cues="rende|mål|akt|anmälan|utredning|förundersökning|fu",
        reach=CUED,
    ),
    rule(
        "diarienummer",
        START,
        r"(?:dnr|diarienr|diarienummer|[äa]rendenr|[äa]rendenummer|aktnr|målnr|k-nr)[.: ]{0,3}(?:nr )?",
        r"(?:[A-ZÅÄÖ]{1,8}[ /:-]{0,2}){0,2}[0-9]",
        cues="dnr|diarie|rendenr|rendenummer|aktnr|målnr|k-nr",
        reach=STREET,
    ),
    rule(
        "diarienummer",
        START,
        r"(?:diarie|[äa]rende|akt|mål|anmälan)(?: nr| nummer)?\.?[: ]{1,2}",
        r"(?:[A-ZÅÄÖ]{1,6} ?)?[0-9]{1,8}[-/][0-9]{1,6}(?![0-9])",
        cues="diarie|rende|akt|mål|anmälan",
        reach=CUED,
    ),
    rule("diarienummer", START, r"(?:[0-9]{4}-)?K[0-9]{3,8}-[0-9]{2}(?![0-9])", cues="-", reach=NEAR, least=3),
    rule("diarienummer", START, r"[BTÄÖFMP] ?[0-9]{1,5}-[0-9]{2}(?![0-9-])", case=True, cues="-", reach=NEAR),
    rule(
        "diarienummer",
        START,
        r"(?!(?:JO|NJA|HFD|SOU|RiR|FN|EU|SFS|SOSFS)[ -])[A-ZÅÄÖ]{1,8}[ -]?",
        YEAR,
        r"[/-](?![0-9]{2}:)[0-9]{2,7}(?![0-9])",
        case=True,
        cues="-|/",
        reach=NEAR,
        least=4,
    ),
    rule("diarienummer", rf"(?<![\d/:.-])(?!{YEAR}/)[0-9]{{3,7}}/", YEAR, r"(?![0-9:])", cues="/", reach=NEAR),
    rule(
        "diarienummer",
        r"(?<![\d/:.-])(?<!EU\) )(?<!EU )(?<!EG\) )",
        YEAR,
        rf"/(?!{YEAR}(?![0-9]))[0-9]{{3,7}}(?![0-9:])",
        cues="/",
        reach=NEAR,
    ),
    rule(
        "registreringsnummer",
        rf"(?<![\w-]){_NO_PLATE}[{_PLATE}]{{3}}[ -]?[0-9]{{2}}[{_PLATE}0-9](?![\w/:])",
        case=True,
        reach=NEAR,
        least=2,
    ),
    rule("registreringsnummer", rf"(?<![\w-])[{_PLATE}]{{3}}[0-9]{{2}}[{_PLATE}0-9](?![\w/:])", reach=NEAR, least=2),
    rule(
        "registreringsnummer",
        START,
        r"(?:reg\.? ?nr|regnummer|registreringsnummer|registreringsskylt)[.: ]{0,3}[a-z]{3}[ -]?[0-9]{2}\w",
        cues="reg",
    ),
    rule(
        "registreringsnummer",
        START,
        _CAR,
        rf"[^.!?0-9]{{0,40}}?(?<![\w-]){_NO_WORD}[{_PLATE}]{{3}}[ -][0-9]{{2}}[{_PLATE}0-9](?![\w/:])",
        cues=_CAR_CUES,
        reach=STREET,
        least=2,
    ),
    rule(
        "registreringsnummer",
        rf"(?<![\w-]){_NO_WORD}(?![a-z]{{0,2}}[aeouy])[{_PLATE}]{{3}}[ -][0-9]{{2}}[{_PLATE}0-9](?![\w/:])",
        reach=NEAR,
        least=2,
    ),
    rule(
        "koordinater",
        r"(?<![\d.,])[0-9]{1,2}[.,][0-9]{3,12} ?°? ?[NS]?[,;/ ]{1,3}[EWÖV]? ?-?[0-9]{1,3}[.,][0-9]{3,12}",
        reach=NEAR,
        least=3,
    ),
    rule("koordinater", r"(?<![\d.,])[0-9]{1,3} ?° ?[0-9]{1,2}", cues="°"),
    rule(
        "koordinater",
        r"(?<![\d.,])[67][0-9]{6}(?:[.,][0-9]{1,3})?[ ,;]{1,3}(?:[EWÖ] ?)?[0-9]{6,7}(?![0-9])",
        reach=NEAR,
        least=7,
    ),
    rule("koordinater", r"///[a-zåäö]{2,24}\.[a-zåäö]{2,24}\.[a-zåäö]{2,24}", cues="///"),
    rule(
        "gatuadress",
        START,
        _NO_STREET,
        rf"[a-zåäöéü-]{{2,40}}(?:{_STREETS}) (?:nr ?|nummer )?[0-9]{{1,4}}(?![0-9:])",
        reach=STREET,
        endings=_STREETS,
    ),
    rule(
        "gatuadress",
        START,
        rf"[A-ZÅÄÖ][a-zåäöé]{{1,24}} (?:{_STREET_WORDS}) (?:nr ?)?[0-9]{{1,4}}(?![0-9:])",
        case=True,
        reach=STREET,
        endings=_STREET_WORDS,
    ),
    rule(
        "gatuadress",
        START,
        rf"[A-ZÅÄÖ][a-zåäöé]{{1,24}}s (?:{_PLACES}) (?:nr ?)?[0-9]{{1,3}}(?![0-9:])",
        case=True,
        reach=STREET,
        endings=_PLACES,
    ),
    rule(
        "gatuadress",
        rf"(?<=[a-zåäö,] )[A-ZÅÄÖ][a-zåäöé]{{1,24}}(?:{_PLACES}) (?:nr ?)?[0-9]{{1,3}}(?![0-9:])",
        case=True,
        reach=STREET,
        endings=_PLACES,
    ),
    rule(
        "gatuadress",
        START,
        _NO_SHORT,
        r"[A-ZÅÄÖa-zåäö][a-zåäöé]{2,24}(?:[bcdfgklmnprståäöo]g|[dgklnrst]v)\. ?[0-9]{1,3}",
        r" ?[A-Fa-f]?(?![0-9:.,%]|\w| \w+ar |[ -]+[0-9])",
        reach=STREET,
        endings="g.|v.",
    ),
)
