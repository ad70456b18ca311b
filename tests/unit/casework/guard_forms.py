"""Identity numbers in every way that people write them, each in sentences as handlers write them.

Two numbers are published test values (domain.md 7.4), one is the tax agency's own example; all others have a wrong
check digit or a day that no number has. None of them is anybody's.
"""

from __future__ import annotations

#: Written form, and the rule that must find it.
FORMS: tuple[tuple[str, str], ...] = (
    ("personnummer", "19811218-9876"),
    ("personnummer", "811218-9876"),
    ("personnummer", "198112189876"),
    ("personnummer", "8112189876"),
    ("personnummer", "811218 9876"),
    ("personnummer", "19811218 9876"),
    ("personnummer", "1981 12 18 9876"),
    ("personnummer", "1981-12-18-9876"),
    ("personnummer", "81 12 18 - 98 76"),
    ("personnummer", "8.1.1.2.1.8.9.8.7.6"),
    ("personnummer", "8 1 1 2 1 8 - 9 8 7 6"),
    ("personnummer", "81.12.18.9876"),
    ("personnummer", "81/12/18-9876"),
    ("personnummer", "811218_9876"),
    ("personnummer", "811218–9876"),
    ("personnummer", "811218\u00a0-\u00a09876"),
    ("personnummer", "811218-\u200b9876"),
    ("personnummer", "8️⃣1️⃣1️⃣2️⃣1️⃣8️⃣9️⃣8️⃣7️⃣6️⃣"),
    ("personnummer", "𝟖𝟏𝟏𝟐𝟏𝟖-𝟗𝟖𝟕𝟔"),
    ("personnummer", "811218\u31649876"),
    ("personnummer", "121212-1212"),
    ("personnummer", "121212+1212"),
    ("personnummer", "19121212+1212"),
    ("personnummer", "18121212-1212"),
    ("personnummer", "000229-1111"),
    ("personnummer", "20090430-1111"),
    ("personnummer", "811218-9871"),
    ("personnummer", "811218-987"),
    ("personnummer", "19811218-987"),
    ("reservnummer", "000101-T220"),
    ("reservnummer", "20000101-TF22"),
    ("samordningsnummer", "701063-2391"),
    ("samordningsnummer", "19701063-2391"),
    ("samordningsnummer", "197010632391"),
    ("samordningsnummer", "7010632391"),
    ("samordningsnummer", "701063 2391"),
    ("samordningsnummer", "70 10 63 23 91"),
    ("samordningsnummer", "7.0.1.0.6.3-2.3.9.1"),
    ("samordningsnummer", "701063+2391"),
    ("samordningsnummer", "701063—2391"),
    ("samordningsnummer", "701091-2391"),
    ("samordningsnummer", "701060-2391"),
    ("samordningsnummer", "700063-2391"),
    ("samordningsnummer", "19700060-2391"),
    ("samordningsnummer", "701063-2390"),
)

CARRIERS: tuple[str, ...] = (
    "Personen har numret {} och är orolig.",
    "Vi har kontrollerat {} i registret.",
    "{} vill lämna gruppen nu.",
    "Brodern ({}) bor kvar hemma.",
    "Enligt socialjouren gäller det {}.",
    "pnr:{}",
    "Numret är {}.",
    "Mamman uppgav {}, men är inte säker.",
    "Det gäller\n{}\noch ingen annan.",
    'I mejlet stod "{}" överst.',
    "ID {}; kontakt saknas.",
    "Kan ni se om {} är känd hos er?",
)

#: Every form in three sentences, so that each carrier has many forms.
IDENTITIES: tuple[tuple[str, str], ...] = tuple(
    (rule, CARRIERS[(3 * number + shift) % len(CARRIERS)].format(form))
    for number, (rule, form) in enumerate(FORMS)
    for shift in range(3)
)
