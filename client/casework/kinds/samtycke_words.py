"""The code lists of F10 consent documents. Source: domain.md 2.10."""

from __future__ import annotations

from client.casework.codelists import codelist

#: How much is taken back. The last is no withdrawal by the person: the unit has found that it was entered by mistake.
SCOPE = codelist(
    "withdrawal_scope",
    {
        "helt": "Helt",
        "mottagare": "För en mottagare",
        "syfte": "För ett ändamål",
        "felregistrerat": "Registrerat av misstag",
    },
)
RECEIVED_HOW = codelist(
    "received_how",
    {
        "besok": "Vid besök",
        "telefon": "Per telefon",
        "brev": "I brev",
        "digitalt": "Digitalt",
        "genom_annan": "Genom någon annan",
        "rattelse": "Enheten har rättat ett misstag",
    },
)
CHANGE = codelist("consent_change", {"tillagg": "Tillägg", "fornyelse": "Förnyelse"})
REFUSED = codelist(
    "consent_refused",
    {"helt": "Vill inte ge samtycke", "vill_utesluta_myndighet": "Vill utesluta en eller flera myndigheter"},
)
KEPT_BECAUSE = codelist(
    "kept_because",
    {
        "allman_handling": "Handlingarna är allmänna och får inte gallras",
        "annan_rattslig_grund": "Det finns en annan rättslig grund för en del av dem",
    },
)
REMINDER = codelist("consent_reminder", {"30": "30 dagar före", "7": "7 dagar före"})
MISTAKE = codelist(
    "consent_mistake",
    {
        "fel_person": "Fel person",
        "fel_uppgifter": "Fel uppgifter",
        "dubblett": "Registrerat två gånger",
        "ej_undertecknat": "Inte undertecknat",
    },
)
