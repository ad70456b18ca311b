"""What is said of attached files: what keeps one back, what was wrong with it, and what to do.

The rules for the sentences stand in `code_table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

ATTACHMENT: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "ATTBIG": (
            "Filen är större än en gigabyte.",
            "Dela upp filen, eller skicka den på annat sätt efter samtal med mottagaren.",
            "The file is larger than a gigabyte.",
            "Split the file, or agree with the recipient on another way.",
        ),
        "ATTEMPTY": (
            "Filen är tom.",
            "Välj en annan fil.",
            "The file is empty.",
            "Choose another file.",
        ),
        "ATTUSED": (
            "Bilagan hör redan till ett annat dokument, eller finns inte på den här datorn.",
            "Bifoga filen på nytt.",
            "The attachment belongs to another document already, or is not on this machine.",
            "Attach the file anew.",
        ),
        "ATTMANY": (
            "Ett dokument kan ha högst sexton bilagor.",
            "Ta bort någon, eller skicka två dokument.",
            "A document has at most sixteen attachments.",
            "Leave some out, or send two documents.",
        ),
        "ATTWAIT": (
            "Bilagan har inte kommit hit än.",
            "Vänta, eller fortsätt hämtningen med sluss attachments resume.",
            "The attachment has not come here yet.",
            "Wait, or go on fetching with sluss attachments resume.",
        ),
        "ATTLACK": (
            "Bilagan finns inte på den här datorn.",
            "Låt en kollegas dator vara öppen, så hämtas den därifrån. Finns ingen, be avsändaren skicka den igen.",
            "The attachment is not on this machine.",
            "Keep a colleague's machine open, and it is fetched from there. Otherwise ask the sender for it again.",
        ),
        "ATTBAD": (
            "Bilagan stämmer inte med det som avsändaren skrev under. Den visas inte.",
            "Ring avsändaren och be om filen på nytt. Låt driften veta.",
            "The attachment is not what its sender signed. It is not shown.",
            "Call the sender and ask for the file anew. Let operations know.",
        ),
        "ATTTYPE": (
            "Bilagan är en annan sorts fil än den utger sig för. Den visas inte.",
            "Ring avsändaren innan du gör något mer med den.",
            "The attachment is another kind of file than it claims to be. It is not shown.",
            "Call the sender before you do anything more with it.",
        ),
        "ATTNOVIEW": (
            "Den här sortens fil visas inte i webbläsaren.",
            "Spara den, och öppna den i ett program som du litar på.",
            "This kind of file is not shown in the browser.",
            "Save it, and open it in a program that you trust.",
        ),
        "SCAN": (
            "Samtycket anger ett annat original än den inskannade filen.",
            "Kontrollera att det är rätt fil. Lämna kontrollsumman tom, så räknas den ur filen.",
            "The consent names another original than the scanned file.",
            "Check that it is the right file. Leave the checksum empty, and it is taken from the file.",
        ),
        "BLOBBAD": (
            "Navet gav något annat än den del av bilagan som det ombads om.",
            "Du behöver inte göra något: hämtningen försöker igen. Låt driften veta om det inte går över.",
            "The hub gave something else than the part of the attachment that it was asked for.",
            "You need do nothing: it is tried again. Let operations know if it does not pass.",
        ),
        "BLOBGONE": (
            "Navet har inte hela bilagan (längre).",
            "Du behöver inte göra något: den söks hos kolleger, och avsändaren lägger dit den igen.",
            "The hub does not have all of the attachment (any more).",
            "You need do nothing: colleagues are asked for it, and the sender puts it there again.",
        ),
    }
)
