"""What is said of a call that a person wrote at the terminal: the files it names, the ids, the kinds, the confirmation.

The rules for the sentences stand in `code_table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

CALL: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "NOFILE": (
            "Filen eller mappen finns inte.",
            "Kontrollera namnet. En mapp som ska skrivas i måste finnas först.",
            "The file or the folder does not exist.",
            "Check the name. A folder that is written to must exist first.",
        ),
        "NOPERM": (
            "Du får inte läsa eller skriva där.",
            "Välj en annan mapp, eller ändra rättigheterna till filen eller mappen.",
            "You may not read or write there.",
            "Choose another folder, or change the permissions of the file or folder.",
        ),
        "ISFOLDER": (
            "Det som skulle vara en fil är en mapp.",
            "Ange en fil.",
            "What should be a file is a folder.",
            "Name a file.",
        ),
        "EMPTY": (
            "Filen är tom.",
            "Kontrollera att den är sparad, eller ange en annan fil.",
            "The file is empty.",
            "Check that it has been saved, or name another file.",
        ),
        "ENCODING": (
            "Texten är inte UTF-8.",
            "Spara filen som UTF-8 och försök igen.",
            "The text is not UTF-8.",
            "Save the file as UTF-8 and try again.",
        ),
        "FILEBIG": (
            "Filen är för stor.",
            "Högst {limit} byte läses. Korta innehållet.",
            "The file is too big.",
            "At most {limit} bytes are read. Shorten the content.",
        ),
        "HASOFFICE": (
            "Det finns redan ett kontor i mappen. Inget skrevs över.",
            "Få begäran igen med sluss enrol --request FIL, eller ange en annan mapp med --office.",
            "There is an office in the folder already. Nothing was written over.",
            "Get the request again with sluss enrol --request FILE, or name another folder with --office.",
        ),
        "CONFIRM": (
            "Något behöver bekräftas. Inget skickades och inget sparades.",
            "Kontrollera de markerade fälten. Stämmer de, bekräfta med --yes (i API:et: confirmed).",
            "Something must be confirmed. Nothing was sent and nothing was saved.",
            "Check the marked fields. If they are right, confirm with --yes (in the API: confirmed).",
        ),
        "NOKIND": (
            "Det finns inget slag av dokument med det namnet.",
            "Se vilka som finns med sluss kinds.",
            "There is no kind of document with that name.",
            "See which there are with sluss kinds.",
        ),
        "BADID": (
            "Det är inte ett id. Ett id är minst fyra tecken, 0–9 och a–f.",
            "Titta i listan med sluss list och kopiera id:t därifrån.",
            "That is no id. An id is at least four characters, 0–9 and a–f.",
            "Look at the list with sluss list and copy the id from there.",
        ),
        "MANY": (
            "Flera enheter har det namnet.",
            "Ange enhetens id i stället. Det står i sluss units.",
            "More than one unit has that name.",
            "Name the unit by its id instead. It stands in sluss units.",
        ),
        "RECIPIENT": (
            "En enhet av mottagarens slag tar inte emot det här dokumentet.",
            "Välj en annan mottagare i sluss units. Slaget av enhet står där.",
            "A unit of the recipient's type does not take this document.",
            "Choose another recipient in sluss units. The type of unit stands there.",
        ),
        "REPLYKIND": (
            "Ange vilket slag av svar det ska vara.",
            "Skriv slaget sist i kommandot.",
            "Say which kind of answer it is to be.",
            "Write the kind last in the command.",
        ),
        "NOREPLY": (
            "Dokumentet går inte att svara på nu.",
            "Öppna tråden med sluss thread och se vad som har hänt.",
            "The document cannot be answered now.",
            "Open the thread with sluss thread and see what has happened.",
        ),
        "HASDNR": (
            "Det har redan ett diarienummer, och avsändaren har fått veta det.",
            "Skriv en anteckning i stället. Är numret fel: ring avsändaren.",
            "It has a diary number already, and its sender was told.",
            "Write a note instead. If the number is wrong: call the sender.",
        ),
        "LEAVING": (
            "Dokumentet är på väg att skickas, och det är redan granskat. Inget ändrades.",
            "Ångra det först, på sidan som räknar sekunderna.",
            "The document is about to be sent, and has been reviewed. Nothing was changed.",
            "Take it back first, on the page that counts the seconds.",
        ),
    }
)
