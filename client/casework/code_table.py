"""Every stable code with what happened and what to do next, in Swedish and English.

Rules:
1. Plain words, "du", no blame, one thing per sentence. What happened says nothing of content.
2. A field in braces is a fact without content (a date, a code of our lists, a number). A sentence
   must read well when the fact is not known; `codes.explain` then leaves out the braces.
3. A code is never given another meaning.

Source: domain.md 2.12, 3.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_attachment import ATTACHMENT
from client.casework.code_table_call import CALL
from client.casework.code_table_case import CASE
from client.casework.code_table_consent import CONSENT, Row
from client.casework.code_table_keys import KEYS
from client.casework.code_table_office import OFFICE
from client.casework.code_table_peer import PEER
from client.casework.code_table_placement import PLACEMENT
from client.casework.code_table_two import TWO

DOCUMENT: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "SCH": (
            "Dokumentet är inte rätt ifyllt.",
            "Gå igenom de markerade fälten.",
            "The document is not filled in correctly.",
            "Go through the marked fields.",
        ),
        "FIELD": (
            "Ett fält är inte rätt ifyllt.",
            "Rätta fältet och försök igen.",
            "A field is not filled in correctly.",
            "Correct the field and try again.",
        ),
        "VER": (
            "Dokumentet har en version som programmet inte känner till.",
            "Uppdatera programmet. Dokumentet ligger kvar tills dess.",
            "The document has a version that the program does not know.",
            "Update the program. The document is kept until then.",
        ),
        "KIND": (
            "Dokumentet är av ett slag som programmet inte känner till.",
            "Uppdatera programmet. Dokumentet ligger kvar tills dess.",
            "The document is of a kind that the program does not know.",
            "Update the program. The document is kept until then.",
        ),
        "SIG": (
            "Underskriften stämmer inte.",
            "Lita inte på dokumentet. Ring avsändaren på ett nummer som du redan har.",
            "The signature does not verify.",
            "Do not trust the document. Call the sender on a number that you already have.",
        ),
        "DUP": (
            "Ett annat dokument har redan samma id.",
            "Du behöver inte göra något. Kontakta avsändaren om något saknas.",
            "Another document already has the same id.",
            "You need do nothing. Contact the sender if something is missing.",
        ),
        "UNK": (
            "Mottagaren är okänd.",
            "Skriv hela namnet eller id:t, som det står i sluss units.",
            "The recipient is unknown.",
            "Write the whole name or the id, as it stands in sluss units.",
        ),
        "ROL": (
            "Rollen eller enheten får inte skicka det här dokumentet.",
            "Be en kollega med rätt roll att skicka det.",
            "The role or the unit may not send this document.",
            "Ask a colleague with the right role to send it.",
        ),
        "STA": (
            "Dokumentet passar inte i det läge som ärendetråden har.",
            "Öppna tråden och se vad som har hänt.",
            "The document does not fit the state of the thread.",
            "Open the thread and see what has happened.",
        ),
        "AGE": (
            "Mottagaren tar inte emot personer under 18 år.",
            "Välj ordinarie socialtjänst eller en social insatsgrupp i hemkommunen.",
            "The recipient does not take persons under 18.",
            "Choose ordinary social services or a social intervention group in the home municipality.",
        ),
        "TWICE": (
            "Det finns redan en förfrågan som inte är avgjord.",
            "Återkalla den första eller vänta på svaret. Är den avböjd: säg först hur det går vidare.",
            "There is already a request that is not decided.",
            "Recall the first one or wait for the answer. If it was declined, first say how it goes on.",
        ),
        "PID": (
            "Texten innehåller något som kan peka ut en person.",
            "Ta bort det ur de markerade fälten. En konsultation ska inte gå att koppla till någon.",
            "The text has something that may identify a person.",
            "Remove it from the marked fields. Nobody must be recognisable in a consultation.",
        ),
        "BIG": (
            "Dokumentet är för stort.",
            "Korta texten, eller lägg delar av den i en bilaga.",
            "The document is too big.",
            "Shorten the text, or put parts of it in an attachment.",
        ),
        "LONG": (
            "Ärendetråden har redan så många dokument som en tråd får ha.",
            "Öppna en ny tråd och hänvisa till den gamla.",
            "The thread has as many documents as a thread may have.",
            "Open a new thread and refer to the old one.",
        ),
        "DIR": (
            "Enheten är stängd eller har gått upp i en annan.",
            "Välj den enhet som har tagit över.",
            "The unit is closed or merged into another one.",
            "Choose the unit that has taken over.",
        ),
        "KEY": (
            "Mottagaren har ingen giltig nyckel just nu.",
            "Ring mottagaren och be dem att starta programmet.",
            "The recipient has no valid key right now.",
            "Call the recipient and ask them to start the program.",
        ),
        "NOKEY": (
            "Mottagaren har inga giltiga nycklar.",
            "Ring mottagaren och be dem att starta programmet.",
            "The recipient has no valid keys.",
            "Call the recipient and ask them to start the program.",
        ),
        "NOUNIT": (
            "Enheten finns inte i katalogen.",
            "Kontrollera namnet, eller be den som ansvarar för katalogen att lägga till enheten.",
            "The unit is not in the directory.",
            "Check the name, or ask whoever keeps the directory to add the unit.",
        ),
        "CHAIN": (
            "Samtyckets händelser stämmer inte med varandra.",
            "Använd inte samtycket. Kontakta enheten som registrerade det.",
            "The events of the consent do not agree with one another.",
            "Do not use the consent. Contact the unit that registered it.",
        ),
    }
)

TRUST: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "TRUST": (
            "Den som skrev under har inte rätt att göra det.",
            "Lita inte på dokumentet. Kontakta den som ansvarar för nycklar.",
            "Whoever signed has no right to.",
            "Do not trust the document. Contact whoever is responsible for keys.",
        ),
        "OPEN": (
            "Försändelsen går inte att öppna med de nycklar som finns här.",
            "Vänta. Programmet ber enhetens andra datorer om hjälp.",
            "None of the keys here opens the envelope.",
            "Wait. The program asks the unit's other computers for help.",
        ),
        "ROSTER": (
            "Den här datorn är inte med bland dokumentets mottagare.",
            "Vänta. Programmet ber enhetens andra datorer om hjälp.",
            "This computer is not among the recipients of the document.",
            "Wait. The program asks the unit's other computers for help.",
        ),
        "COMMIT": (
            "Innehållet stämmer inte med det som skrevs under.",
            "Lita inte på dokumentet. Ring avsändaren på ett nummer som du redan har.",
            "The content does not agree with what was signed.",
            "Do not trust the document. Call the sender on a number that you already have.",
        ),
        "FORK": (
            "Katalogen finns i två versioner som inte går ihop. Ingenting skickas.",
            "Kontakta den som ansvarar för nycklar, med sluss alarms evidence. Datorn ansluts på nytt efteråt.",
            "There are two versions of the directory that do not agree. Nothing is sent.",
            "Contact whoever is responsible for keys, with sluss alarms evidence. Enrol anew once it is looked into.",
        ),
        "EQUIV": (
            "Avsändaren har skickat två olika dokument med samma nummer.",
            "Lita inte på något av dem. Ring avsändaren på ett nummer som du redan har.",
            "The sender has sent two different documents with the same number.",
            "Trust neither. Call the sender on a number that you already have.",
        ),
        "GAP": (
            "Ett tidigare dokument från avsändaren saknas.",
            "Vänta en stund. Fråga avsändaren om det inte kommer.",
            "An earlier document from the sender is missing.",
            "Wait a while. Ask the sender if it does not come.",
        ),
        "LOG": (
            "Katalogen gick inte att kontrollera.",
            "Försök igen om en stund. Kontakta driften om felet är kvar.",
            "The directory could not be verified.",
            "Try again in a while. Contact operations if the fault remains.",
        ),
        "ENROL": (
            "Datorn är inte ansluten till någon enhet.",
            "Kontakta den som ansvarar för nycklar för att ansluta datorn.",
            "The computer is not enrolled in any unit.",
            "Contact whoever is responsible for keys to enrol it.",
        ),
    }
)

LOCAL: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "PASS": (
            "Lösenfrasen är fel.",
            "Skriv den igen. Kontrollera stora och små bokstäver.",
            "The passphrase is wrong.",
            "Type it again. Check capital letters.",
        ),
        "FILE": (
            "Filen är skadad eller har fel form.",
            "Använd en annan kopia av filen.",
            "The file is damaged or has the wrong form.",
            "Use another copy of the file.",
        ),
        "HUB": (
            "Det går inte att nå navet just nu.",
            "Du kan arbeta vidare. Det som väntar skickas när förbindelsen är tillbaka.",
            "The hub cannot be reached right now.",
            "You can go on working. What waits is sent when the connection is back.",
        ),
        "DISK": (
            "Disken är full.",
            "Gör plats på disken. Inget som du har sparat är förlorat.",
            "The disk is full.",
            "Make room on the disk. Nothing that you have saved is lost.",
        ),
        "CLOCK": (
            "Datorns klocka går mer än ett dygn fel. Ingenting skickas.",
            "Ställ klockan, eller be driften om hjälp.",
            "The computer's clock is off by more than a day. Nothing is sent.",
            "Set the clock, or ask operations for help.",
        ),
        "LOCKED": (
            "Kontoret är redan öppet i ett annat program på datorn.",
            "Använd det fönster som är öppet, eller stäng det först.",
            "The office is already open in another program on this computer.",
            "Use the window that is open, or close it first.",
        ),
        "TOKEN": (
            "Navet godtog inte leveransnyckeln.",
            "Vänta en stund. Programmet hämtar en ny.",
            "The hub did not accept the delivery token.",
            "Wait a while. The program fetches a new one.",
        ),
        "QUOTA": (
            "Mottagarens brevlåda är full.",
            "Ring mottagaren. Dokumentet skickas när det finns plats.",
            "The recipient's mailbox is full.",
            "Call the recipient. The document is sent when there is room.",
        ),
        "SIZE": (
            "Försändelsen har en storlek som navet inte tar emot.",
            "Korta texten, eller ta bort bilagor.",
            "The envelope has a size that the hub does not accept.",
            "Shorten the text, or remove attachments.",
        ),
        "HOUR": (
            "Försändelsens tid ligger för långt från navets.",
            "Kontrollera datorns klocka och försök igen.",
            "The time of the envelope is too far from that of the hub.",
            "Check the computer's clock and try again.",
        ),
        "UNKNOWN": (
            "Något gick fel, och koden är okänd här.",
            "Anteckna koden och kontakta driften. Ärendet väntar tills någon har tagit ställning.",
            "Something went wrong, and the code is unknown here.",
            "Note the code and contact operations. The case waits until somebody has decided.",
        ),
    }
)

TABLE: Final[Mapping[str, Row]] = MappingProxyType(
    {
        **CONSENT,
        **DOCUMENT,
        **TRUST,
        **LOCAL,
        **OFFICE,
        **CALL,
        **KEYS,
        **PEER,
        **PLACEMENT,
        **TWO,
        **CASE,
        **ATTACHMENT,
    }
)
