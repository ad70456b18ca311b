"""What is said when something is wrong at the own office: its files, its program, a call to it.

The rules for the sentences stand in `code_table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

OFFICE: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "NOOFFICE": (
            "Här finns inget kontor.",
            "Ange rätt mapp med --office, eller skapa ett kontor med sluss init.",
            "There is no office here.",
            "Name the right folder with --office, or make an office with sluss init.",
        ),
        "NOPAGE": (
            "Kontoret är inte öppet med en sida.",
            "Starta det med sluss run, och öppna sedan sidan med sluss page.",
            "The office is not open with a page.",
            "Start it with sluss run, then open the page with sluss page.",
        ),
        "EXISTS": (
            "Det finns redan en fil eller ett kontor med det namnet. Inget skrevs över.",
            "Välj ett annat namn.",
            "A file or an office of that name exists already. Nothing was written over.",
            "Choose another name.",
        ),
        "PASSSHORT": (
            "Lösenfrasen är för kort.",
            "Välj minst {least} tecken, helst sex slumpade ord.",
            "The passphrase is too short.",
            "Choose at least {least} characters, best six random words.",
        ),
        "NOPASS": (
            "Lösenfrasen behövs, men det finns ingen terminal att fråga vid.",
            "Ange en fil före kommandot: sluss --passphrase-file FIL.",
            "The passphrase is needed, but there is no terminal to ask at.",
            "Name a file before the command: sluss --passphrase-file FILE.",
        ),
        "ENROLLED": (
            "Datorn är redan ansluten.",
            "Du behöver inte göra något. Öppna kontoret med sluss run.",
            "The computer is enrolled already.",
            "You need do nothing. Open the office with sluss run.",
        ),
        "APPROVAL": (
            "Godkännandet är skadat eller gäller en annan dator.",
            "Be om ett nytt godkännande för den här datorns begäran.",
            "The approval is damaged or made for another computer.",
            "Ask for a new approval of this computer's request.",
        ),
        "DRAFT": (
            "Utkastet gäller inte en dator i den här enheten.",
            "Kontrollera filen tillsammans med den som gjorde utkastet.",
            "The draft is not about a computer of this unit.",
            "Check the file together with whoever made the draft.",
        ),
        "LOCKEDKEYS": (
            "Kontoret är låst: nycklarna är borta ur minnet.",
            "Lås upp med sluss unlock.",
            "The office is locked: the keys are gone from memory.",
            "Unlock with sluss unlock.",
        ),
        "KEEPER": (
            "Processen som håller nycklarna har avslutats oväntat. Inget har gått förlorat.",
            "Lås upp med sluss unlock. Händer det igen, kontakta den som sköter datorn.",
            "The process that holds the keys has ended unexpectedly. Nothing was lost.",
            "Unlock with sluss unlock. If it happens again, contact whoever looks after the computer.",
        ),
        "ROLLBACK": (
            "Kontoret har gått tillbaka till en äldre kopia av sig självt. Inget skickas längre.",
            "Stäng av den, {device}, med sluss device revoke, eller be en administratör. Gör en ny: init, restore.",
            "The office has gone back to an older copy of itself. Nothing is sent any more.",
            "End it, {device}, with sluss device revoke, or ask an administrator. Make a new one: init or restore.",
        ),
        "KIT": (
            "Orden hör inte till återställningspaketet som säkerhetskopian är gjord för.",
            "Jämför orden med papperet. Två delar av tre behövs, båda från samma paket.",
            "These words are not of the recovery kit that the backup was made for.",
            "Compare the words with the paper. Two shares of three are needed, both of the same kit.",
        ),
        "KITWORD": (
            "Del {share} är felskriven: ett ord finns inte, eller kontrollsumman stämmer inte.",
            "Läs delen från papperet igen, ett ord i taget.",
            "Share {share} is mistyped: a word does not exist, or the checksum does not fit.",
            "Read the share from the paper again, one word at a time.",
        ),
        "NOKIT": (
            "Kontoret har inget återställningspaket än.",
            "Gör ett med sluss kit.",
            "The office has no recovery kit yet.",
            "Make one with sluss kit.",
        ),
        "BACKUP": (
            "Säkerhetskopian är skadad, avklippt eller ingen säkerhetskopia.",
            "Ta en annan kopia.",
            "The backup is damaged, cut off, or no backup.",
            "Take another copy.",
        ),
        "RESTORED": (
            "Dokumentet väntade när säkerhetskopian gjordes. Det kan ha skickats från den gamla datorn.",
            "Fråga mottagaren om det har kommit. Skriv det på nytt om det inte har det.",
            "The document was waiting when the backup was made. The old computer may have sent it.",
            "Ask the recipient whether it has come. Write it anew if it has not.",
        ),
        "WORDS": (
            "Orden stämmer inte med enhetens nycklar. Ingenting har markerats som jämfört.",
            "Be enheten läsa upp sina ord igen. Stämmer de inte då heller, skicka inget och kontakta nyckelansvarig.",
            "The words do not fit the unit's keys. Nothing was marked as compared.",
            "Let the unit read its words again. If they differ again, send nothing and call whoever keeps the keys.",
        ),
        "CODE": (
            "Koden på begäran är inte bekräftad. Inget har skrivits under.",
            "Ring den som sitter vid datorn och jämför koden.",
            "The code of the request is not confirmed. Nothing was signed.",
            "Call the person at the device and compare the code.",
        ),
        "FPRINT": (
            "Fingeravtrycket är inte bekräftat. Inget har sparats.",
            "Jämför det i telefon och kör igen. Utan terminal: ange det med --fingerprint.",
            "The fingerprint is not confirmed. Nothing was saved.",
            "Compare it by telephone and run again. Without a terminal: give it with --fingerprint.",
        ),
        "PROFILE": (
            "Nycklar för demonstration och nycklar för verkligt arbete går inte ihop.",
            "Använd ett kontor som är gjort för den här federationen.",
            "Keys for demonstration and keys for real work do not go together.",
            "Use an office that was made for this federation.",
        ),
        "SETTINGS": (
            "Filen office.toml har ett okänt namn eller ett otillåtet värde.",
            "Rätta filen, eller ta bort den för att få grundinställningarna.",
            "The file office.toml has an unknown name or a value that is not allowed.",
            "Correct the file, or remove it to get the defaults.",
        ),
        "VERVAULT": (
            "Kontorets data kommer från en nyare version av programmet.",
            "Uppdatera programmet.",
            "The office's data come from a newer version of the program.",
            "Update the program.",
        ),
        "VAULT": (
            "Kontorets databas svarade inte som den ska.",
            "Stäng kontoret och öppna det igen. Kontakta driften om felet är kvar.",
            "The office's database did not answer as it should.",
            "Close the office and open it again. Contact operations if the fault remains.",
        ),
        "SELFTEST": (
            "Programmets egen kontroll av krypteringen misslyckades. Ingenting görs.",
            "Använd inte den här installationen. Kontakta driften.",
            "The program's own test of the cryptography failed. Nothing is done.",
            "Do not use this installation. Contact operations.",
        ),
        "ADDRESS": (
            "Navets adress är inte säker.",
            "Be om ett nytt godkännande med en adress som börjar med https.",
            "The hub's address is not secure.",
            "Ask for a new approval with an address that begins with https.",
        ),
        "PORT": (
            "Porten {port} används redan på datorn.",
            "Ändra api_port i office.toml, eller sätt den till 0.",
            "The port {port} is in use on this computer.",
            "Change api_port in office.toml, or set it to 0.",
        ),
        "NOCONSENT": (
            "Samtycket finns inte här.",
            "Titta i listan: sluss consent list.",
            "There is no such consent here.",
            "Look at the list: sluss consent list.",
        ),
        "NOTFOUND": (
            "Det finns inget med det id:t här.",
            "Titta i listan med sluss list och kopiera id:t därifrån.",
            "There is nothing with that id here.",
            "Look at the list with sluss list and copy the id from there.",
        ),
        "AMBIGUOUS": (
            "Flera id:n börjar så.",
            "Skriv fler tecken av id:t.",
            "More than one id begins like that.",
            "Type more characters of the id.",
        ),
        "COMMAND": (
            "Kommandot finns inte.",
            "Läs hjälpen: sluss --help.",
            "There is no such command.",
            "Read the help: sluss --help.",
        ),
        "ARGUMENT": (
            "Kommandot fick uppgifter som det inte känner till, eller som saknas eller har fel form.",
            "Jämför med beskrivningen av kommandot.",
            "The command got arguments that are unknown, missing or of the wrong form.",
            "Compare with the description of the command.",
        ),
        "USAGE": (
            "Kommandot är inte rätt skrivet.",
            "Läs hjälpen: sluss --help.",
            "The command is not written correctly.",
            "Read the help: sluss --help.",
        ),
        "JSON": (
            "Det som kom är inte ett JSON-objekt.",
            "Kontrollera filen eller programmet som skickade det.",
            "What came is not a JSON object.",
            "Check the file or the program that sent it.",
        ),
        "REQUEST": (
            "Det som skickades är för stort.",
            "Dela upp det.",
            "What was sent is too big.",
            "Divide it.",
        ),
        "ACCESS": (
            "Programmet har inte rätt att fråga kontoret.",
            "Läs adress och nyckel ur api.json i kontorets mapp. Webbsidor släpps aldrig in.",
            "The program may not ask the office.",
            "Read address and token from api.json in the office's folder. Web pages are never let in.",
        ),
        "DEMO": (
            "Demonstrationen gick inte att genomföra.",
            "Starta om den, eller läs mer med sluss demo --help.",
            "The demonstration could not be carried out.",
            "Start it again, or read more with sluss demo --help.",
        ),
        "LOCAL": (
            "Något gick fel på den här datorn.",
            "Anteckna koden och kontakta driften.",
            "Something went wrong on this computer.",
            "Note the code and contact operations.",
        ),
        "ERR": (
            "Något gick fel.",
            "Anteckna koden och kontakta driften.",
            "Something went wrong.",
            "Note the code and contact operations.",
        ),
        "FAULT": (
            "Det blev ett fel i programmet. Inget som är sparat är förlorat.",
            "Försök igen. Kontakta driften om felet är kvar.",
            "The program has a fault. Nothing that is saved is lost.",
            "Try again. Contact operations if the fault remains.",
        ),
        "REFUSED": (
            "En regel säger nej.",
            "Läs dokumentet och ärendetråden en gång till.",
            "A rule says no.",
            "Read the document and the thread once more.",
        ),
        "ROTATE": (
            "Nycklarna kunde inte bytas i rätt ordning.",
            "Kontakta den som ansvarar för nycklar.",
            "The keys could not be changed in the right order.",
            "Contact whoever is responsible for keys.",
        ),
        "FACTS": (
            "Uppgifterna om enheten har fel form.",
            "Rätta filen med uppgifterna.",
            "The facts about the unit have the wrong form.",
            "Correct the file with the facts.",
        ),
        "NOREGISTRY": (
            "Här finns inget register.",
            "Ange rätt mapp, eller börja med sluss-keys root create.",
            "There is no registry here.",
            "Name the right folder, or begin with sluss-keys root create.",
        ),
        "REGISTRY": (
            "Registret är skadat.",
            "Hämta en ny kopia och spara den skadade som bevis.",
            "The registry is damaged.",
            "Fetch a new copy and keep the damaged one as evidence.",
        ),
        "GRANT": (
            "Den som administrerar har ingen giltig tilldelning av katalognyckeln.",
            "Be dem som har rotnycklarna att göra en ny tilldelning.",
            "This administrator has no sound grant of the directory key.",
            "Ask the holders of the root keys to make a new grant.",
        ),
        "FEDERATION": (
            "Nyckeln hör till en annan federation.",
            "Använd nyckeln som är gjord för den här.",
            "The key belongs to another federation.",
            "Use the key that was made for this one.",
        ),
        "THRESHOLD": (
            "Antalet underskrifter som krävs är inte tillåtet.",
            "Välj ett annat antal.",
            "The number of signatures that is asked for is not allowed.",
            "Choose another number.",
        ),
    }
)
