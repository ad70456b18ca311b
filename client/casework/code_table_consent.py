"""What is said when a consent does not allow a document: the codes CNS-01 to CNS-13.

The rules for the sentences stand in `code_table`. Source: domain.md 3.5. `VARIANTS` says the same more closely when the
error carries the named fact: which unit, withdrawn or not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: Swedish sentence, Swedish next step, English sentence, English next step.
Row = tuple[str, str, str, str]

CONSENT: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "CNS-01": (
            "Det finns inget aktivt samtycke.",
            "Inhämta samtycke, eller ange en annan grund med ett beslut om utlämnande.",
            "There is no active consent.",
            "Obtain consent, or give another basis with a decision on disclosure.",
        ),
        "CNS-02": (
            "Samtycket är inte skriftligt.",
            "Skriv ut blanketten och låt personen skriva under. Registrera sedan originalet.",
            "The consent is not in writing.",
            "Print the form and let the person sign it. Then register the original.",
        ),
        "CNS-03": (
            "Samtycket omfattar inte avsändaren eller mottagaren {unit}.",
            "Be personen skriva under ett tillägg som namnger enheten.",
            "The consent does not cover the sender or the recipient {unit}.",
            "Ask the person to sign a supplement that names the unit.",
        ),
        "CNS-04": (
            "Personen har uteslutit en myndighet. Ärendet kan inte fortsätta.",
            "Registrera att samtycket är vägrat, eller markera myndigheten som ej berörd och skriv varför.",
            "The person has excluded an authority. The case cannot go on.",
            "Register the refusal, or mark the authority as not concerned and say why.",
        ),
        "CNS-05": (
            "Ändamålet {purpose} saknas i samtycket.",
            "Be personen skriva under ett tillägg för ändamålet.",
            "The purpose {purpose} is missing in the consent.",
            "Ask the person to sign a supplement for the purpose.",
        ),
        "CNS-06": (
            "Samtycket omfattar inte uppgifter av slaget {category}.",
            "Ta bort uppgifterna, eller be personen skriva under ett tillägg.",
            "The consent does not cover data of the kind {category}.",
            "Remove the data, or ask the person to sign a supplement.",
        ),
        "CNS-07": (
            "Samtycket gäller inte i dag. Se datumet {date}.",
            "Förnya samtycket med en ny underskrift.",
            "The consent is not valid today. See the date {date}.",
            "Renew the consent with a new signature.",
        ),
        "CNS-08": (
            "Samtycket är återkallat {at}, eller så kan återkallelse inte kontrolleras just nu.",
            "Skicka inte. Ring mottagaren om det brådskar, och försök igen när du har kontakt.",
            "The consent was withdrawn {at}, or withdrawals cannot be checked right now.",
            "Do not send. Call the recipient if it is urgent, and try again when you are connected.",
        ),
        "CNS-09": (
            "Samtycket gäller en annan person.",
            "Kontrollera att du är i rätt ärende.",
            "The consent is about another person.",
            "Check that you are in the right case.",
        ),
        "CNS-10": (
            "Samtycket saknar en egen underskrift för den privata utföraren.",
            "Be personen skriva under på raden för utföraren.",
            "The consent has no signature line for the private provider.",
            "Ask the person to sign the line for the provider.",
        ),
        "CNS-11": (
            "Placeringen saknar tillägg till samtycket eller en andra underskrift.",
            "Hämta in ett tillägg som namnger mottagaren, och be en kollega att skriva under.",
            "The placement lacks a supplement to the consent or a second signature.",
            "Obtain a supplement that names the recipient, and ask a colleague to sign.",
        ),
        "CNS-12": (
            "Personen har begränsat sitt samtycke.",
            "Be en beslutsfattare att ta ställning till begränsningen.",
            "The person has limited the consent.",
            "Ask a decision-maker to decide on the limit.",
        ),
        "CNS-13": (
            "Personen är under 18 år och ingen vårdnadshavare har skrivit under.",
            "Låt en vårdnadshavare skriva under, eller ange varför det inte går.",
            "The person is under 18 and no guardian has signed.",
            "Let a guardian sign, or say why that is not possible.",
        ),
    }
)

#: Code -> pairs of a fact and the words that are used when the error carries it; the first that fits.
VARIANTS: Final[Mapping[str, tuple[tuple[str, Row], ...]]] = MappingProxyType(
    {
        "CNS-01": (
            (
                "mistaken",
                (
                    "Samtycket var registrerat av misstag och gäller inte sedan {mistaken}.",
                    "Inhämta ett nytt samtycke, eller ange en annan grund med ett beslut om utlämnande.",
                    "The consent was entered by mistake and has not counted since {mistaken}.",
                    "Obtain a new consent, or give another basis with a decision on disclosure.",
                ),
            ),
        ),
        "CNS-03": (
            (
                "own",
                (
                    "Samtycket omfattar inte avsändaren {unit}.",
                    "Be personen skriva under ett tillägg som namnger din egen enhet.",
                    "The consent does not cover the sender {unit}.",
                    "Ask the person to sign a supplement that names your own unit.",
                ),
            ),
            (
                "other",
                (
                    "Samtycket omfattar inte mottagaren {unit}.",
                    "Be personen skriva under ett tillägg som namnger mottagaren.",
                    "The consent does not cover the recipient {unit}.",
                    "Ask the person to sign a supplement that names the recipient.",
                ),
            ),
        ),
        "CNS-04": (
            (
                "told",
                (
                    "Ärendet berör också {authority}, som samtycket inte nämner.",
                    "Be personen skriva under ett tillägg, eller markera myndigheten som ej berörd och skriv varför.",
                    "The case concerns {authority} too, which the consent does not name.",
                    "Ask the person to sign a supplement, or mark the authority as not concerned and say why.",
                ),
            ),
            (
                "unit",
                (
                    "Samtycket nämner inte den enhet som beslutar, {unit}.",
                    "Be personen skriva under ett tillägg, eller markera enheten som ej berörd och skriv varför.",
                    "The consent does not name the unit that decides, {unit}.",
                    "Ask the person to sign a supplement, or mark the unit as not concerned and say why.",
                ),
            ),
            (
                "region",
                (
                    "Samtycket nämner inte polisen på den nya orten (region {region}).",
                    "Be personen skriva under ett tillägg, eller markera polisen där som ej berörd och skriv varför.",
                    "The consent does not name the police of the new place (region {region}).",
                    "Ask the person to sign a supplement, or mark the police there as not concerned and say why.",
                ),
            ),
        ),
        "CNS-08": (
            (
                "at",
                (
                    "Samtycket är återkallat {at}.",
                    "Skicka inte. Inhämta ett nytt samtycke om personen vill gå vidare.",
                    "The consent was withdrawn {at}.",
                    "Do not send. Obtain a new consent if the person wants to go on.",
                ),
            ),
            (
                "stale",
                (
                    "Det går inte att kontrollera just nu om samtycket är återkallat.",
                    "Skicka inte. Försök igen när du har kontakt med navet, och ring mottagaren om det brådskar.",
                    "Whether the consent has been withdrawn cannot be checked right now.",
                    "Do not send. Try again when the hub can be reached, and call the recipient if it is urgent.",
                ),
            ),
        ),
    }
)
