"""The guard's hard patterns for mail addresses and accounts: how to reach somebody without a number.

A platform's name alone tells nothing ("hen finns på Instagram"); with a name beside it, it points somebody out. What
follows a platform and is an ordinary word is no name: the words are listed, for most handles are words too.

Source: domain.md 2.1, guard G1 rule 1.
"""

from __future__ import annotations

from typing import Final

from client.casework.guard_rule import START, Rule, rule

_PLATFORM = (
    r"(?:instagram|insta|snapchat|snap|tiktok|telegram|whats?app|facebook|messenger|fb|twitter|discord|wickr|threema"
    r"|kik|youtube|signal|steam|linkedin|reddit|twitch|roblox|viber|bluesky|onlyfans|psn|xbox)"
)
#: Platforms whose names are no ordinary words or short letters: a name may follow them directly.
_PLAIN = (
    r"(?:instagram|insta|snapchat|snap|tiktok|telegram|whats?app|facebook|messenger|discord|wickr|threema|kik|youtube"
    r"|linkedin|reddit|onlyfans|bluesky)"
)
_CUES = (
    "insta|snap|tiktok|telegram|whatsapp|whatapp|facebook|messenger|fb|twitter|discord|wickr|threema|kik|youtube"
    "|signal|steam|linkedin|reddit|twitch|roblox|viber|bluesky|onlyfans|psn|xbox"
)
_PLAIN_CUES = (
    "insta|snap|tiktok|telegram|whatsapp|whatapp|facebook|messenger|discord|wickr|threema|kik|youtube|linkedin|reddit"
    "|onlyfans|bluesky"
)
_KONTO = r"(?:[ -]?(?:kontot?|namn(?:et)?|id|nick(?:et)?|profil(?:en)?|användare?n?|adress(?:en)?))"
#: Words that are no account. A word that begins like one of the second group and goes on is none either.
_ORDINARY = (
    r"(?!(?:(?:och|eller|samt|som|har|hade|är|var|på|i|med|för|av|men|där|när|om|att|inte|finns|fanns|kan|kunde|ska|skulle"
    r"|vill|ville|blev|blir|hos|till|från|under|efter|innan|före|sedan|utan|också|bara|så|än|den|det|de|dem|hen|han|hon"
    r"|vi|ni|jag|man|sig|sin|sitt|sina|deras|hans|hennes|vår|vårt|våra|er|ert|era|ett|en|nu|då|ofta|alltid|aldrig|idag"
    r"|igen|först|sist|mest|minst|mer|via|per|mot|mellan|genom|vid|över|kring|ut|in|upp|ner|bort|kvar|dagligen"
    r"|eftersom|därför|dit|dår|här|hit|vad|vem|vilka|vilken|vilket|hur|varför|annat|annan|andra|olika|samma|något|någon"
    r"|några|inget|ingen|inga|okänt|okänd|live|story|öppet|öppen|privat|etc|osv|ej|dock|bör|bort|får|fick|gör|går|ger|tar"
    r"|heter|hette|kallas|m|mm|m\.m)(?!\w)"
    r"|grupp|bild|sid[ao]|video|film|klipp|meddela|kanal|chatt|app|kont|profil|länk|flöde|konver|kontakt|vän|följ|använ"
    r"|inlägg|tråd|samtal|nummer|nät|tjänst|platt|sociala|medi|skriv|spri|visa|hota|hot|jakt|annons|inlogg|lösen|säker"
    r"|telefon|rekryt|förut|tidig|senast|numera|ibland|raderat?|bort|stäng|avstäng|spärr|block|låst|behöv|fungera|innehåll"
    r"|personen|ungdom|unga|tillsammans|publik|delad?e?|delar|lägg|laddad?e?|laddar|ringde?|ringer|krypterad))"
)
_NAME = r"[\w][\w.-]{2,39}"
#: A name that shows by itself that it is none of the words of a sentence: it has a letter and a digit or a low line.
_MADE_UP = r"(?=[\w.]{0,39}[a-zåäö])(?=[\w.]{0,39}[_0-9])[\w.]{3,40}"
#: Ends of words in a sentence: what is done ("används", "visar"), of what (nouns in the plural).
_NO_ENDS = r"(?![a-zåäö]{1,39}(?:s|ar|er|or|ade|de|te|at|it|ats|as|iv|ing|ningen?|het|lig[at]?)(?![\w.-]))"

_ACCOUNT = "konto_sociala_medier"
_SIGN = r"[ \"'(:=–-]{1,4}"

#: What stops a consultation.
ACCOUNTS: Final[tuple[Rule, ...]] = (
    rule("epost", r"(?<=[\w.%+-])@(?:[\w-]{1,63}\.){1,5}[a-zåäö]{2,24}", cues="@"),
    rule("epost", r"(?<=[a-zåäö0-9_])@[a-zåäö][\w-]{1,63}", cues="@"),
    rule("epost", r"(?<=[\w.%+-]) ?[(\[{<] ?(?:at|snabel-?a|@) ?[)\]}>] ?[\w-]{1,63}", cues="(|[|{|<"),
    rule("epost", r"(?<=[\w.%+-]) ?[(\[{<]a[)\]}>] ?[\w-]{1,63}(?:\.| ?punkt )[a-z]{2,6}", cues="(a|[a|{a|<a"),
    rule("epost", r"(?<=[\w.%+-]) ?\bsnabel[- ]?a\b ?[\w-]{2,63}", cues="snabel"),
    rule(
        "epost",
        r"(?<=[\w.%+-]) (?:at|a) [\w-]{2,63}(?:\.| ?(?:punkt|dot) )(?:se|com|nu|org|net|eu)(?!\w)",
        cues=" at | a ",
    ),
    rule(
        "epost",
        START,
        r"(?:gmail|hotmail|outlook|icloud|proton(?:mail)?|live|yahoo|telia)\.(?:com|se|me)(?!\w)",
        cues="gmail.|mail.|outlook.|icloud.|proton.|live.|yahoo.|telia.",
    ),
    rule(_ACCOUNT, r"(?<![\w.%+@-])@ ?[a-z0-9_][\w.]{1,40}", cues="@"),
    rule(_ACCOUNT, START, _PLATFORM, _KONTO, r"? ?[:=] ?\"?", _ORDINARY, r"[\w.@-]{2,40}", cues=_CUES),
    rule(
        _ACCOUNT,
        START,
        r"(?:ig|sc|fb|wa|tt) ?[:=] ?\"?",
        _ORDINARY,
        _NAME,
        cues="ig:|sc:|fb:|wa:|tt:|ig :|sc :|fb :|wa :|tt :|ig=|sc=|fb=|wa=|tt=|ig =|sc =|fb =|wa =|tt =",
    ),
    rule(_ACCOUNT, START, _PLATFORM, _KONTO, r"?", _SIGN, r"(?:heter |är )?", _MADE_UP, cues=_CUES),
    rule(_ACCOUNT, START, _PLATFORM, _KONTO, r" (?:heter|är|kallas) \"?", _ORDINARY, _NAME, cues=_CUES),
    rule(_ACCOUNT, START, _PLATFORM, _KONTO, _SIGN, _ORDINARY, _NO_ENDS, _NAME, cues=_CUES),
    rule(_ACCOUNT, START, _PLAIN, _SIGN, _ORDINARY, _NO_ENDS, _NAME, cues=_PLAIN_CUES),
    rule(
        _ACCOUNT,
        START,
        r"(?:heter|kallar sig|kallas|går under|finns som|ligger som|skriver som|syns som|under namnet|användaren?"
        r"|kontot)",
        r" \"?",
        _ORDINARY,
        _NAME,
        r"\"? (?:på|i|hos) ",
        _PLATFORM,
        r"(?!\w)",
        cues=_CUES,
    ),
    rule(
        _ACCOUNT,
        START,
        r"(?:på|i|hos) ",
        _PLATFORM,
        r" (?:heter|kallar|kallas|går|är)(?: sig)?(?: (?:hen|han|hon|personen|killen|tjejen))?(?: sig)? (?:under )?\"?",
        _ORDINARY,
        _NO_ENDS,
        _NAME,
        cues=_CUES,
    ),
    rule(
        _ACCOUNT,
        START,
        r"(?:användarnamn(?:et)?|nickname|nick|gamertag|username)(?: (?:är|heter))?[ :=]{1,3}\"?",
        _ORDINARY,
        _NAME,
        cues="användarnamn|nick|gamertag|username",
    ),
    rule(
        _ACCOUNT,
        r"(?<!\w)(?:www\.)?(?:instagram|tiktok|snapchat|facebook|twitter|youtube|discord|linkedin|reddit|x|t|wa)",
        r"\.(?:com|me|gg)/[\w@.-]{2}",
        cues=".com/|.me/|.gg/",
    ),
)
