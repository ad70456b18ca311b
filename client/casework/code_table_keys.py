"""What is said of the directory key, and of what the federation's keys can and cannot do any more.

The rules for the sentences stand in `code_table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

KEYS: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "DIRKEY": (
            "Federationen har en ny katalognyckel som den här datorn inte har fått.",
            "Be den som administrerar er organisation att dela ut den. Annars kan ni snart inte skicka något.",
            "The federation has a new directory key that this computer was not given.",
            "Ask your organisation's administrator to hand it out. Otherwise you can soon send nothing.",
        ),
        "NOTENDED": (
            "En dator som du har stängt av är inte avstängd än: navet har inte tagit in det.",
            "Ring driften nu, och den som administrerar er organisation. Datorn försöker igen av sig själv.",
            "A computer that you have ended is not ended yet: the hub has not entered it.",
            "Call operations now, and your organisation's administrator. The computer tries again by itself.",
        ),
        "NUMBER": (
            "Katalognyckeln har ett annat nummer än det som angavs.",
            "Se efter vilket nummer som står på tur med sluss-keys show --registry.",
            "The directory key has another number than the one that was named.",
            "Look up which number is next with sluss-keys show --registry.",
        ),
        "CUT": (
            "Den som delar ut bara den nya katalognyckeln kan inte låta den gamla gälla vidare.",
            "Ange --overlap-weeks 0, eller utelämna --cut.",
            "Whoever hands out the new directory key alone cannot let the old one go on.",
            "Add --overlap-weeks 0, or leave --cut out.",
        ),
        "ALARMSTAYS": (
            "Det här larmet har stoppat kontoret och går inte att märka som sett.",
            "Gör det som larmet säger. Sedan ansluts datorn på nytt.",
            "This alarm has stopped the office and cannot be marked as seen.",
            "Do what the alarm says. Afterwards the computer is enrolled anew.",
        ),
        "NOEVIDENCE": (
            "Med det här larmet sparades inget att lämna vidare.",
            "Se med sluss alarms vilka larm som har bevis.",
            "Nothing to hand on was kept with this alarm.",
            "See with sluss alarms which of them have evidence.",
        ),
    }
)
