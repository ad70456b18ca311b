"""The guard's soft warnings: what may point out a person, and what a handler reads once more and confirms.

They are guesses and cost a question, so they may miss; the hard rules are in `guard_patterns`. Names of groups are
known by the word beside them, for a list of names would be out of date and would itself tell whom we think of.

Source: domain.md 2.1, guard G1 rule 2.
"""

from __future__ import annotations

from typing import Final

from client.casework.guard_rule import AFTER, BEGUN, NEAR, START, YEAR, Rule, rule

_MONTHS = "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"
_GROUP = "gänget|nätverket|grupperingen|falangen|klanen|klubben|ligan|kretsen|släkten|mc"
#: Number words from the longest to the shortest, so that one text is read in one way.
_NUMBER = (
    "(?>(?:tjugo|trettio|fyrtio|fyrti|femtio|femti|sextio|sexti|sjuttio|sjutti|åttio|åtti|nittio|nitti|hundra|tusen)"
    "|tretton|fjorton|femton|sexton|sjutton|arton|nitton|elva|tolv|tio"
    "|noll|nolla|ett|två|tvåa|tre|fyra|fem|sex|sju|åtta|nio)"
)
_NUMBER_CUES = "noll|åtta|nio|åtti|nitti|sjutti|sexti|femti|fyrti|trettio|tjugo|tretton|elva|tolv"
_NATIONALITY = (
    "(?:afghan|alban|algeri|bosni|dansk|eritrea|etiop|finsk|finländ|gambi|georgi|iransk|irak|jugoslav|kurd|liban|litau"
    "|marock|norsk|pakistan|palestin|polsk|rumän|rysk|serb|somali|sudan|syri|syrisk|tunis|turk|ungersk)"
)
_OFFENCE = (
    "mord|dråp|skjutning|sköt|sprängning|sprängde|rån|våldtäkt|narkotikabrott|utpressning|människorov|kidnapp|misshand"
)

#: What may identify a person.
WARNING: Final[tuple[Rule, ...]] = (
    rule("namnpar", "[A-ZÅÄÖÉ]", BEGUN, r"[a-zåäöéü]{1,20} [A-ZÅÄÖÉ][a-zåäöéü]{2,24}(?!\w)", case=True),
    rule("exakt_datum", r"(?<![\d-])", YEAR, r"-[01][0-9]-[0-3][0-9](?!\d)", reach=NEAR, least=4),
    rule("exakt_datum", rf"(?<!\d)[0-3]?[0-9] (?:{_MONTHS})", cues=_MONTHS, reach=AFTER),
    rule("exakt_datum", r"född (?:den )?(?:19|20)?[0-9]{6}(?!\d)", cues="född"),
    rule("lank", r"(?:https?://|www\.)[\w.-]{3}", cues="http|www."),
    rule(
        "skola_arbetsplats",
        "[A-ZÅÄÖ]",
        BEGUN,
        r"[a-zåäö]{2,24}(?:skolan|gymnasiet|förskolan)(?!\w)",
        case=True,
        cues="skolan|gymnasiet",
    ),
    rule(
        "skola_arbetsplats",
        START,
        r"(?:jobbar|jobbade|arbetar|arbetade|praktiserar|anställd|studerar|pluggar) (?:på|hos|vid|i) [A-ZÅÄÖ][a-zåäö]+",
        case=True,
        cues="jobba|arbeta|praktiserar|anställd|studerar|pluggar",
    ),
    rule("postadress", r"(?<!\d)[0-9]{3} [0-9]{2} [A-ZÅÄÖ][a-zåäö]{2,24}", case=True, reach=AFTER, least=3),
    rule("grupp", START, rf"(?:{_GROUP}|MC) [A-ZÅÄÖ][\wåäö]{{1,24}}", case=True, cues=_GROUP),
    rule("grupp", "[A-ZÅÄÖ]", BEGUN, rf"[a-zåäö]{{1,24}}-?(?:{_GROUP})(?!\w)", case=True, cues=_GROUP),
    rule(
        "nationalitet_brott",
        START,
        _NATIONALITY,
        rf"[a-zåäö]{{0,8}}[^.!?]{{0,80}}? (?:{_OFFENCE})",
        cues=" " + _OFFENCE.replace("|", "| "),
    ),
    rule(
        "siffror_i_ord",
        START,
        rf"(?:{_NUMBER}[ ,./-]{{0,3}}){{5,40}}",
        cues=_NUMBER_CUES,
    ),
)
