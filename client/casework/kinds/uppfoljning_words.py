"""The code lists of F7 follow-up. Source: domain.md 2.7."""

from __future__ import annotations

from client.casework.codelists import codelist

REGISTERS = codelist("registers", {"belastning": "Belastningsregistret", "misstanke": "Misstankeregistret"})
HIT = codelist("register_hit", {"ingen_traff": "Ingen träff", "traff": "Träff", "ej_utfort": "Inte utfört"})
LOCAL_KNOWLEDGE = codelist(
    "local_knowledge",
    {
        "positiv": "Positiv",
        "blandad": "Blandad",
        "oroande": "Oroande",
        "ingen_kannedom": "Ingen kännedom",
    },
)
ASKED = codelist(
    "follow_up_asked",
    {"stod": "Pågående stöd", "boende": "Boende", "inkomst": "Inkomst", "behov": "Behov av stöd"},
)
SUPPORT = codelist(
    "current_support",
    {
        "inget": "Inget stöd",
        "bistand": "Försörjningsstöd",
        "boendestod": "Boendestöd",
        "missbruksvard": "Missbruksvård",
        "kontaktperson": "Kontaktperson",
        "annat": "Annat stöd",
    },
)
LAPSES = codelist(
    "follow_up_lapses",
    {
        "samtycke_saknas": "Samtycke till uppföljning saknas",
        "person_avslutade_sjalv": "Personen avslutade själv",
        "bedoms_i_annan_trad": "Bedöms i tråden med en annan enhet",
        "avliden": "Personen är avliden",
        "annat": "Annat",
    },
)
STILL_OUT = codelist("still_out", {"ja": "Ja", "delvis": "Delvis", "nej": "Nej", "vill_ej": "Vill inte svara"})
RESULT = codelist(
    "follow_up_result",
    {
        "lyckat": "Lyckat",
        "delvis": "Delvis lyckat",
        "inte_lyckat": "Inte lyckat",
        "kan_inte_bedomas": "Kan inte bedömas",
    },
)
BASIS = codelist(
    "follow_up_basis",
    {
        "belastningsregister": "Belastningsregistret",
        "misstankeregister": "Misstankeregistret",
        "polisens_lokalkannedom": "Polisens lokalkännedom",
        "socialtjanst": "Socialtjänsten",
        "personens_bild": "Personens egen bild",
    },
)
