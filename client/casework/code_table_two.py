"""What is said of documents that two people answer for: who may approve, and what became of a request.

The rules for the sentences stand in `code_table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

TWO: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "LCK": (
            "Dokumentet saknar en andra underskrift som gäller.",
            "En annan person på enheten måste godkänna det med sluss approve. Den som får är oftast beslutsfattare.",
            "The document lacks a second signature that counts.",
            "Another person of the unit must approve it with sluss approve. It is mostly a decision-maker who may.",
        ),
        "TAKEOUT": (
            "Ingen annan har godkänt att det tas ut. Inget skrevs.",
            "Be en kollega med --ask och skälet. När hon har godkänt det, gör om uttaget inom fjorton dagar.",
            "Nobody else has approved that this is taken out. Nothing was written.",
            "Ask a colleague with --ask and the reason. When she has approved it, take it out within fourteen days.",
        ),
        "NOSECOND": (
            "Två personer ska stå för dokumentet, och ingen annan på enheten får godkänna det. Inget sparades.",
            "Låt administratören ge en kollega rollen, eller be en grannenhet eller avhopparsamordnaren skicka det.",
            "Two people must answer for the document, and nobody else in the unit may approve it. Nothing was saved.",
            "Have the administrator give a colleague the role, or ask a neighbouring unit or the police coordinator.",
        ),
        "OWNDRAFT": (
            "Du har skrivit dokumentet själv, och en annan person måste godkänna det.",
            "Be en kollega som får. Har två kolleger samma namn måste administratören skilja deras namn åt.",
            "You wrote the document yourself, and another person must approve it.",
            "Ask a colleague who may. If two colleagues have the same name, the administrator must tell them apart.",
        ),
        "NOTSECOND": (
            "Din roll får inte godkänna det här dokumentet.",
            "Be en kollega med rätt roll. Rollerna står i sluss staff.",
            "Your role may not approve this document.",
            "Ask a colleague with the right role. The roles stand in sluss staff.",
        ),
        "DECIDED": (
            "Det är redan avgjort vad som ska ske med dokumentet.",
            "Se hur det gick med sluss approvals.",
            "What is to become of the document has been decided already.",
            "See what came of it with sluss approvals.",
        ),
        "NOTAUTHOR": (
            "Bara datorn som dokumentet skrevs på kan ta tillbaka det.",
            "Godkänn det inte om det inte ska skickas: använd sluss decline.",
            "Only the machine that the document was written on can take it back.",
            "If it should not be sent, do not approve it: use sluss decline.",
        ),
        "AUTHORGONE": (
            "Datorn som dokumentet skrevs på är spärrad eller utgången och kan inte skicka det.",
            "Ta över det med sluss approvals take. Därefter måste en annan kollega godkänna det.",
            "The machine that the document was written on is revoked or expired and cannot send it.",
            "Take it over with sluss approvals take. Another colleague must approve it then.",
        ),
        "AUTHORHERE": (
            "Datorn som dokumentet skrevs på är kvar på enheten.",
            "Låt den som skrev det ta tillbaka det, eller avböj det med sluss decline.",
            "The machine that the document was written on is still in the unit.",
            "Let its author take it back, or decline it with sluss decline.",
        ),
        "TAKENOVER": (
            "En kollega har tagit över dokumentet och skrivit det på nytt.",
            "Du behöver inte göra något. Det nya dokumentet står i sluss approvals.",
            "A colleague has taken the document over and written it anew.",
            "You need do nothing. The new document stands in sluss approvals.",
        ),
        "DATEPASSED": (
            "Ett datum i dokumentet har passerat medan det väntade.",
            "Be den som skrev det att sätta ett nytt datum, eller säg nej. Brådskar det: ring mottagaren.",
            "A date in the document has passed while it waited.",
            "Ask its author to give a new date, or decline. If it is urgent: call the recipient.",
        ),
        "RENEWED": (
            "Dokumentet är skrivet på nytt med ett nytt datum.",
            "Du behöver inte göra något. Det nya dokumentet står i sluss approvals.",
            "The document has been written anew with a new date.",
            "You need do nothing. The new document stands in sluss approvals.",
        ),
        "NOTSENT": (
            "Ett dokument som blev godkänt får inte lämna enheten längre.",
            "Läs varför med sluss approvals, och skriv det på nytt om det fortfarande behövs.",
            "A document that was approved may not leave the unit any more.",
            "Read why with sluss approvals, and write it anew if it is still needed.",
        ),
    }
)
