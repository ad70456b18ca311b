"""The codes of intake, closing and return, in Swedish and English. Rules: `code_table`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.code_table_consent import Row

CASE: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "RETURNCODE": (
            "Det är ingen återkomstkod.",
            "Skriv de sexton tecknen som personen läser upp.",
            "That is no return code.",
            "Type the sixteen characters that the caller reads out.",
        ),
        "NODOC": (
            "Dokumentet har inte kommit hit från den enheten.",
            "Ange id:t för ett dokument som mottagaren har skickat hit.",
            "The document has not come here from that unit.",
            "Name the id of a document that the recipient has sent here.",
        ),
        "NORESULT": (
            "Hotbildsresultatet finns inte här.",
            "Ange id:t för ett resultat som enheten har fått från polisen.",
            "The threat result is not here.",
            "Name the id of a result that the unit has got from the police.",
        ),
        "OLDTHREAT": (
            "Hotbildsresultatet gällde till {date} och får inte användas längre.",
            "Begär en ny hotbildsbedömning.",
            "The threat result was valid until {date} and may not be used any more.",
            "Request a new threat assessment.",
        ),
        "NOPASS": (
            "Polisen har inte sagt att hotbildsresultatet får lämnas vidare.",
            "Fråga polisen och be om ett nytt resultat som säger det, eller lämna över utan att nämna det.",
            "The police have not said that the threat result may be passed on.",
            "Ask the police for a new result that says so, or hand over without naming it.",
        ),
        "CARE": (
            "Enheten tar inte emot den som vårdas enligt LVM eller LVU.",
            "Vänd dig till ordinarie socialtjänst i hemkommunen.",
            "The unit does not take people in compulsory care under LVM or LVU.",
            "Turn to the ordinary social services of the home municipality.",
        ),
        "DOOR": (
            "Polisen har inte valt dörr.",
            "Vänta på polisens dörrval, eller hänvisa till polisen.",
            "The police have not chosen a door.",
            "Wait for the choice of the police, or refer to the police.",
        ),
        "PLACED": (
            "En placering pågår fortfarande.",
            "Avsluta placeringen eller lämna över ärendet innan det stängs.",
            "A placement still goes on.",
            "End the placement or hand the case over before it is closed.",
        ),
        "OLDCONSENT": (
            "Samtycket hör till det tidigare ärendet.",
            "Inhämta ett nytt samtycke. Det gamla gäller aldrig igen.",
            "The consent belongs to the earlier case.",
            "Obtain a new consent. The old one never counts again.",
        ),
        "HASCONSENT": (
            "Personen har ett samtycke som gäller, så det finns inget att vägra.",
            "Registrera en återkallelse om personen inte längre vill.",
            "The person has a consent in force, so there is nothing to refuse.",
            "Register a withdrawal if the person does not want it any more.",
        ),
        "CONTROLLER": (
            "Samtycket nämner en annan personuppgiftsansvarig än den myndighet som enheten hör till.",
            "Kontrollera enheten i katalogen. Inhämta ett nytt samtycke som nämner rätt myndighet.",
            "The consent names another controller of the data than the authority to which the unit belongs.",
            "Check the unit in the directory. Obtain a new consent that names the right authority.",
        ),
        "ARCHIVIST": (
            "Bara den som har rollen arkivarie får ta ut ett ärende.",
            "Be enhetens arkivarie, eller den som ansvarar för nycklar att ge dig rollen.",
            "Only somebody with the role arkivarie may take a case out.",
            "Ask the unit's archivist, or the officer who can give you the role.",
        ),
        "KEYOFFICER": (
            "Enheten har en nyckelansvarig, och bara hon skriver under för nya datorer.",
            "Be henne göra det vid sin dator. Är hennes dator borta: stäng av den först, det får alla på enheten.",
            "The unit has somebody responsible for keys, and only she signs for new computers.",
            "Ask her to do it at her computer. If that one is lost: end it first, which anybody of the unit may.",
        ),
        "NOTOURS": (
            "En annan enhet ansvarar för samtycket.",
            "Be den enheten att göra det, eller registrera en återkallelse om personen vill det.",
            "Another unit is responsible for the consent.",
            "Ask that unit to do it, or register a withdrawal if the person wants that.",
        ),
    }
)

#: Code -> pairs of a fact and the words that are used when the error carries it.
VARIANTS: Final[Mapping[str, tuple[tuple[str, Row], ...]]] = MappingProxyType(
    {
        "UNK": (
            (
                "found",
                (
                    "Ingen kollega heter så, eller flera.",
                    "Skriv hela namnet, som det står i sluss staff.",
                    "No colleague has that name, or several have.",
                    "Write the whole name, as it stands in sluss staff.",
                ),
            ),
        ),
        "OLDTHREAT": (
            (
                "replaced",
                (
                    "Det har kommit något senare i ärendet, så hotbildsresultatet får inte användas längre.",
                    "Utgå från det senaste resultatet. Har personen kommit tillbaka behövs en ny hotbildsbedömning.",
                    "Something later has come in the case, so the threat result may not be used any more.",
                    "Lean on the latest result. If the person has come back, a new threat assessment is needed.",
                ),
            ),
        ),
    }
)
