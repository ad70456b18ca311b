"""What is said of what others made: envelopes, keys, the hub; and of alarms about them.

The rules for the sentences stand in `code_table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

PEER: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "FMT": (
            "Det som kom har fel form.",
            "Ingenting togs emot. Kontakta avsändaren om det händer igen.",
            "What came has the wrong form.",
            "Nothing was accepted. Contact the sender if it happens again.",
        ),
        "PEER": (
            "Det som kom från en annan part gick inte att godta.",
            "Anteckna koden och kontakta avsändaren.",
            "What came from another party could not be accepted.",
            "Note the code and contact the sender.",
        ),
        "SLOT": (
            "Försändelsen är inte låst med någon av de nycklar som finns här.",
            "Be avsändaren att skicka dokumentet igen.",
            "The envelope is not wrapped for any of the keys here.",
            "Ask the sender to send the document again.",
        ),
        "TYPE": (
            "Försändelsen innehåller något annat än ett dokument eller en kvittens.",
            "Kontakta avsändaren.",
            "The envelope holds something else than a document or a receipt.",
            "Contact the sender.",
        ),
        "SIGNER": (
            "Den som skrev under finns inte i katalogen.",
            "Lita inte på dokumentet. Ring avsändaren på ett nummer som du redan har.",
            "Whoever signed is not in the directory.",
            "Do not trust the document. Call the sender on a number that you already have.",
        ),
        "SENDER": (
            "Dokumentet säger en annan avsändare än den som skrev under.",
            "Lita inte på dokumentet. Kontakta den som ansvarar för nycklar.",
            "The document names another sender than the one who signed.",
            "Do not trust the document. Contact whoever is responsible for keys.",
        ),
        "REVOKED": (
            "Datorn är spärrad i katalogen.",
            "Sluta använda den om den är din, och ring den som ansvarar för nycklar. Lita inte på dokument från den.",
            "The computer is revoked in the directory.",
            "Stop using it if it is yours, and call whoever is responsible for keys. Do not trust documents from it.",
        ),
        "HISTORY": (
            "Ett dokument i enhetens historik klarade inte kontrollen och har utelämnats.",
            "Kontakta den som ansvarar för nycklar. Jämför ärendet med en kollegas dator.",
            "A document of the unit's history failed a check and was left out.",
            "Contact whoever is responsible for keys. Compare the case with a colleague's computer.",
        ),
        "TIME": (
            "Dokumentets tid stämmer inte.",
            "Fråga avsändaren om klockan på datorn.",
            "The time of the document is wrong.",
            "Ask the sender about the clock of the computer.",
        ),
        "PROOF": (
            "Beviset från katalogen stämmer inte.",
            "Kontakta driften. Lita inte på det som beviset gällde.",
            "The proof from the directory is wrong.",
            "Contact operations. Do not trust what the proof was for.",
        ),
        "WEAKKEY": (
            "En nyckel är sådan att den inte får användas.",
            "Kontakta den som ansvarar för nycklar.",
            "A key is such that it must not be used.",
            "Contact whoever is responsible for keys.",
        ),
        "CARD": (
            "Ett kort i katalogen går inte att öppna.",
            "Kontakta den som ansvarar för nycklar.",
            "A card of the directory cannot be opened.",
            "Contact whoever is responsible for keys.",
        ),
        "SNAPSHOT": (
            "Nycklarna från navet stämmer inte med katalogen. De används inte.",
            "Försök igen om en stund. Kontakta driften om felet är kvar.",
            "The keys from the hub do not agree with the directory. They are not used.",
            "Try again in a while. Contact operations if the fault remains.",
        ),
        "STALE": (
            "Nycklarna från navet är äldre än ett dygn. Dokumentet väntar.",
            "Kontrollera förbindelsen. Dokumentet skickas när nya nycklar har kommit.",
            "The keys from the hub are older than a day. The document waits.",
            "Check the connection. The document is sent when new keys have come.",
        ),
        "HUBOTHER": (
            "Navet är ett annat än det som godkännandet nämner. Ingenting skickas.",
            "Kontakta den som ansvarar för nycklar.",
            "The hub is another one than the approval names. Nothing is sent.",
            "Contact whoever is responsible for keys.",
        ),
        "WITNESS": (
            "Katalogen är inte bekräftad av tillräckligt många vittnen. Nya uppgifter tas inte in.",
            "Kontakta driften. Om det varar mer än ett dygn skickas ingenting förrän vittnena har svarat.",
            "Too few witnesses have confirmed the directory. Nothing new is taken from it.",
            "Contact operations. After more than a day nothing is sent until the witnesses have answered.",
        ),
        "OWNLEAF": (
            "Katalogen säger något om den här datorn som den inte väntade sig.",
            "Kontakta genast den som ansvarar för nycklar. Bevisen är sparade.",
            "The directory says something of this computer that it did not expect.",
            "Contact whoever is responsible for keys at once. The evidence is kept.",
        ),
        "OWNKEY": (
            "Navet visar andra nycklar för den här datorn än de som den har gjort.",
            "Kontakta genast den som ansvarar för nycklar. Bevisen är sparade.",
            "The hub shows other keys for this computer than it has made.",
            "Contact whoever is responsible for keys at once. The evidence is kept.",
        ),
        "OLDKEY": (
            "Navet visar andra bara äldre nycklar för den här datorn än dem som den har publicerat.",
            "De publiceras igen. Är larmet kvar i morgon, eller kan någon ha de gamla: ring navets ansvariga.",
            "The hub shows others only older keys for this computer than it has published.",
            "They are published again. If it lasts, or somebody may have the old ones: call the operator.",
        ),
        "NORECEIPT": (
            "Ett dokument har inte fått någon kvittens.",
            "Ring mottagaren. Programmet skickar det igen under tiden.",
            "A document has had no receipt.",
            "Call the recipient. The program sends it again in the meantime.",
        ),
        "UNKCODE": (
            "Mottagaren har avvisat ett dokument med en kod som det här programmet inte känner. Ärendet vilar.",
            "Ring mottagaren och besluta hur det ska gå vidare. Kvittera sedan larmet: sluss alarms seen.",
            "The recipient refused a document with a code that this program does not know. The case rests.",
            "Call the recipient and decide how to go on. Then put the alarm away: sluss alarms seen.",
        ),
        "QUARANTINE": (
            "Något som kom klarade inte kontrollen och har lagts åt sidan.",
            "Titta i karantänen: sluss quarantine.",
            "Something that came failed a check and was put aside.",
            "Look at the quarantine: sluss quarantine.",
        ),
        "CAMEPID": (
            "En fråga utan personuppgifter innehöll uppgifter som pekar ut en person. Den är avvisad och visas inte.",
            "Säg till registratorn: handlingen är ändå inkommen. Den ligger kvar i karantänen.",
            "A question without personal data had data that identify a person. It is refused and not shown.",
            "Tell the registrar: the document has come in all the same. It stays in the quarantine.",
        ),
        "RECALLLATE": (
            "Ett dokument skulle återkallas, men mottagaren hade redan hämtat det.",
            "Ring mottagaren. Hos mottagaren stoppas ärendet när återkallelsen kommer fram.",
            "A document was to be recalled, but the recipient had already fetched it.",
            "Ring the recipient. There the case stops when the withdrawal arrives.",
        ),
        "WITHDRAWN": (
            "Samtycket är redan återkallat {at}.",
            "Det behövs ingen ny återkallelse. Alla som har samtycket har fått besked.",
            "The consent was withdrawn before, {at}.",
            "No new withdrawal is needed. All who have the consent were told.",
        ),
        "LOCAL": (
            "Ett sådant dokument stannar i den egna enheten.",
            "Skriv det utan mottagare.",
            "Such a document stays in its own unit.",
            "Write it without a recipient.",
        ),
        "SELF": (
            "Ett dokument kan inte skickas till den egna enheten.",
            "Välj en annan mottagare. sluss units visar alla.",
            "A document cannot be sent to one's own unit.",
            "Choose another recipient. sluss units shows all.",
        ),
        "OVERTAKEN": (
            "En handling korsades av en annan, som gäller. Läget är detsamma hos båda enheterna.",
            "Läs båda i tråden. Den som korsades ändrade inget: skriv en ny om ni fortfarande vill det den sade.",
            "A document was overtaken by another, which counts. The state is the same at both units.",
            "Read both in the thread. The overtaken one changed nothing: write a new one if you still want it.",
        ),
        "STOPPED": (
            "Ett dokument som väntade har stoppats.",
            "Öppna dokumentet och läs varför.",
            "A document that waited was stopped.",
            "Open the document and read why.",
        ),
        "DENIED": (
            "Navet säger nej.",
            "Vänta en stund. Kontakta driften om det fortsätter.",
            "The hub says no.",
            "Wait a while. Contact operations if it goes on.",
        ),
        "ANON": (
            "Navet tog emot begäran på fel förbindelse.",
            "Starta om programmet. Kontakta driften om det fortsätter.",
            "The hub got the request on the wrong connection.",
            "Start the program again. Contact operations if it goes on.",
        ),
        "AUTH": (
            "Inloggningen hos navet har gått ut.",
            "Vänta en stund. Programmet loggar in igen.",
            "The login at the hub has run out.",
            "Wait a while. The program logs in again.",
        ),
        "RATE": (
            "Navet får för många förfrågningar just nu.",
            "Vänta en stund. Programmet försöker igen.",
            "The hub gets too many requests right now.",
            "Wait a while. The program tries again.",
        ),
        "CURSOR": (
            "Navets brevlåda och datorns minne av den stämmer inte.",
            "Vänta en stund. Programmet läser brevlådan från början.",
            "The hub's mailbox and what the computer remembers of it do not agree.",
            "Wait a while. The program reads the mailbox from its beginning.",
        ),
        "BATCH": (
            "Navet har redan nyare nycklar för den här datorn.",
            "Kontakta den som ansvarar för nycklar om du inte har återställt datorn.",
            "The hub already has newer keys for this computer.",
            "Contact whoever is responsible for keys unless you have restored the computer.",
        ),
        "BUSY": (
            "Navet är upptaget.",
            "Vänta en stund. Programmet försöker igen.",
            "The hub is busy.",
            "Wait a while. The program tries again.",
        ),
    }
)
