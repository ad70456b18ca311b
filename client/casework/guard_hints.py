"""The guard's soft warnings: what may point out a person, and what a handler reads once more and confirms.

They are guesses and cost a question, so they may miss; the hard rules are in `guard_patterns`. Names of groups are
known by the word beside them, for a list of names would be out of date and would itself tell whom we think of.

Source: domain.md 2.1, guard G1 rule 2.
"""

from __future__ import annotations

from typing import Final

from client.casework.guard_rule import AFTER, BEGUN, NEAR, START, YEAR, Rule, rule

_MONTHS = "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"
_SHORT_MONTHS = "jan|feb|mar|apr|jun|jul|aug|sept|sep|okt|nov|dec"
_ORDINAL = (
    "(?:första|andra|tredje|fjärde|femte|sjätte|sjunde|åttonde|nionde|tionde|elfte|tolfte|trettonde|fjortonde|femtonde"
    "|sextonde|sjuttonde|artonde|nittonde|tjugonde|tjugoförsta|tjugoandra|tjugotredje|tjugofjärde|tjugofemte|tjugosjätte"
    "|tjugosjunde|tjugoåttonde|tjugonionde|trettionde|trettioförsta)"
)
_DAY, _MONTH = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
#: Ends of what web addresses are written with.
_TOP = "se|com|nu|org|net|info|eu|io|tv|dk|no|fi|gg|me|ly|be"
_GROUP = (
    "gänget|nätverket|grupperingen|falangen|klanen|klubben|ligan|kretsen|släkten|patrullen|brödraskapet|maffian|gruppen"
    "|kartellen|firman|legionen|rörelsen|familjen|mc"
)
_JOINED = (
    "tillhör|tillhörde|medlem i|medlem av|med i|lämna|lämnar|lämnat|hoppat av från|hoppa av från|kopplad till"
    "|koppling till"
)
#: Number words from the longest to the shortest, so that one text is read in one way.
_NUMBER = (
    "(?>(?:tjugo|trettio|fyrtio|fyrti|femtio|femti|sextio|sexti|sjuttio|sjutti|åttio|åtti|nittio|nitti|hundra|tusen)"
    "|tretton|fjorton|femton|sexton|sjutton|arton|nitton|elva|tolv|tio"
    "|noll|nolla|ett|två|tvåa|tre|fyra|fem|sex|sju|åtta|nio)"
)
_NUMBER_CUES = "noll|åtta|nio|åtti|nitti|sjutti|sexti|femti|fyrti|trettio|tjugo|tretton|elva|tolv"
_NATIONALITY = (
    "(?:afghan|afgan|alban|algeri|amerikan|arab|bosni|brasili|bulgar|chilen|colomb|dansk|egypt|engelsk|eritrea|etiop|filippin"
    "|finsk|finländ|fransk|gambi|georgi|grekisk|indisk|iran|irak|israel|italiens|jugoslav|kines|kosov|kroat|kurd|lettisk"
    "|liban|libysk|litau|makedon|marock|montenegr|mongol|nigeri|norsk|pakistan|palestin|polsk|portugis|rumän|rysk|serb"
    "|slovak|somali|spansk|sudan|syri|thailänd|tjeck|tjetjen|tunis|turk|tysk|ukrain|ungersk|uzbek|vietnam|vitrysk)"
)
_OFFENCE = (
    "mord|dråp|skjutning|skjut|sköt|sprängning|spräng|rån|stöld|våldtäkt|narkotikabrott|narkotika|knark|utpressning"
    "|människorov|kidnapp|misshand|vapenbrott|grov[at]? brott|terror|bedrägeri|hotbrott|mordbrand"
)

#: What may identify a person.
WARNING: Final[tuple[Rule, ...]] = (
    rule("namnpar", "[A-ZÅÄÖÉ]", BEGUN, r"[a-zåäöéü]{1,20} [A-ZÅÄÖÉ][a-zåäöéü]{2,24}(?!\w)", case=True),
    rule("exakt_datum", r"(?<![\d-])", YEAR, r"-[01][0-9]-[0-3][0-9](?!\d)", reach=NEAR, least=4),
    rule("exakt_datum", rf"(?<!\d)[0-3]?[0-9](?::?[ae])?\.? (?:{_MONTHS})", cues=_MONTHS, reach=AFTER),
    rule(
        "exakt_datum", rf"(?<!\d)[0-3]?[0-9](?::?[ae])?\.? (?:{_SHORT_MONTHS})(?!\w)", cues=_SHORT_MONTHS, reach=AFTER
    ),
    rule("exakt_datum", START, _ORDINAL, rf" (?:{_MONTHS})", cues=_MONTHS),
    rule("exakt_datum", rf"(?<![\d/.,-]){_DAY}([/.-]){_MONTH}(?:\1| |-)(?:20|19)?[0-9]{{2}}(?![\d/:])", reach=NEAR),
    rule("exakt_datum", START, rf"(?:den|d|på|från|till) {_DAY}/{_MONTH}(?![\d/])", cues="/", reach=NEAR),
    rule("exakt_datum", r"(?<![\d-])(?:19|20)[0-9]{2}[01][0-9][0-3][0-9](?![\d-])", reach=NEAR, least=8),
    rule("exakt_datum", r"född (?:den )?(?:19|20)?[0-9]{6}(?!\d)", cues="född"),
    rule("lank", r"(?:https?://|www\.)[\w.-]{3}", cues="http|www."),
    rule(
        "lank",
        rf"(?<![\w@.-])(?:[a-zåäö0-9-]{{2,40}}\.){{1,3}}(?:{_TOP})(?:/|(?![\w-]|\.\w))",
        cues="|".join("." + end for end in _TOP.split("|")),
    ),
    rule(
        "skola_arbetsplats",
        "[A-ZÅÄÖ]",
        BEGUN,
        r"[\wåäö-]{2,24}(?:skolan?|gymnasie(?:t|skolan?)|gymnasium|förskolan?|universitetet|högskolan?|folkhögskola)(?!\w)",
        case=True,
        cues="skola|gymnasi|universitet",
    ),
    rule(
        "skola_arbetsplats",
        "[A-ZÅÄÖ]",
        BEGUN,
        r"[a-zåäö]{1,24} (?:skola|gymnasium|gymnasieskola|universitet|högskola|folkhögskola)(?!\w)",
        case=True,
        cues="skola|gymnasi|universitet",
    ),
    rule(
        "skola_arbetsplats",
        START,
        r"(?i:jobbar|jobbat|jobbade|jobb|arbetar|arbetat|arbetade|praktiserar|praktik|anställd|anställning|studerar|studerat"
        r"|pluggar|pluggade|läser|elev|lärling|går|gick|extraknäcker|vikarierar|timanställd)",
        r" (?:på|hos|vid|i|åt|för) [A-ZÅÄÖ][\wåäö&-]+",
        case=True,
        cues="jobb|arbeta|prakti|anställ|studera|plugga|läser|elev|lärling|går|gick|extraknäck|vikarie",
    ),
    rule("postadress", r"(?<!\d)[0-9]{3} [0-9]{2} [A-ZÅÄÖ][a-zåäö]{2,24}", case=True, reach=AFTER, least=3),
    rule("grupp", START, rf"(?:{_GROUP}|MC) [A-ZÅÄÖ][\wåäö]{{1,24}}", case=True, cues=_GROUP),
    rule("grupp", "[A-ZÅÄÖ]", BEGUN, rf"[a-zåäö]{{1,24}}-?(?:{_GROUP})(?!\w)", case=True, cues=_GROUP),
    rule(
        "grupp",
        START,
        rf"(?i:{_JOINED}) (?!Polis|Social|Kriminal)[A-ZÅÄÖ][a-zåäö]{{2,24}}",
        case=True,
        cues=_JOINED,
    ),
    rule(
        "nationalitet_brott",
        START,
        _NATIONALITY,
        rf"[a-zåäö]{{0,8}}[^.!?]{{0,80}}? (?:{_OFFENCE})",
        cues=" " + _OFFENCE.replace("[at]?", "").replace("|", "| "),
    ),
    rule(
        "nationalitet_brott",
        rf"(?:{_OFFENCE})(?<!från)[^.!?]{{0,80}}? ",
        _NATIONALITY,
        cues=_OFFENCE.replace("[at]?", ""),
    ),
    rule(
        "siffror_i_ord",
        START,
        rf"(?:{_NUMBER}[ ,./-]{{0,3}}){{5,40}}",
        cues=_NUMBER_CUES,
    ),
)
