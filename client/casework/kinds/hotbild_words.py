"""The code lists of F3 threat assessment. Source: domain.md 2.3."""

from __future__ import annotations

from client.casework.codelists import codelist

PURPOSE_OF_REQUEST = codelist(
    "hotbild_purpose",
    {
        "intag": "Intag",
        "omprovning": "Omprövning",
        "ny_ort": "Ny ort",
        "aterkomst": "Återkomst",
        "uppfoljning": "Uppföljning",
    },
)
URGENCY = codelist("urgency", {"akut": "Akut", "skyndsam": "Skyndsam", "ordinarie": "Ordinarie"})
SELF_REPORTED = codelist("self_reported", {"ja": "Ja", "nej": "Nej", "omedveten": "Omedveten"})
OUTCOME = codelist(
    "hotbild_outcome",
    {
        "bekraftad_hog": "Bekräftad, hög",
        "bekraftad": "Bekräftad",
        "ej_bekraftad": "Inte bekräftad",
        "kan_inte_bedomas_okand_for_polisen": "Kan inte bedömas: personen är okänd för polisen",
        "ingen_hotbild": "Ingen hotbild",
    },
)
SECTION = codelist(
    "assessor_section",
    {
        "bops": "Bops",
        "grova_brott": "Grova brott",
        "underrattelse": "Underrättelse",
        "kommunpolis": "Kommunpolis",
        "annan": "Annan",
    },
)
DEFINITION = codelist("definition_used", {"noa": "Noas definition", "lokal": "Lokal definition"})
KNOWN = codelist("known_to_police", {"val_kand": "Väl känd", "delvis": "Delvis känd", "okand": "Okänd"})
RISK_LEVEL = codelist("risk_level", {"ingen": "Ingen", "forhojd": "Förhöjd", "hog": "Hög"})
THREAT_NEW_PLACE = codelist(
    "threat_new_place", {"nej": "Nej", "ja": "Ja", "utreds": "Utreds", "ort_olamplig": "Orten är olämplig"}
)
RECOMMENDED = codelist(
    "recommended",
    {
        "flytt": "Flytt",
        "tillfalligt_boende": "Tillfälligt boende",
        "skyddade_personuppgifter": "Skyddade personuppgifter",
        "larmpaket": "Larmpaket",
        "sakerhetssamtal": "Säkerhetssamtal",
        "ingen": "Ingen åtgärd",
    },
)
REASSESS_IF = codelist(
    "reassess_if",
    {
        "nytt_brott": "Nytt brott",
        "frigivning": "Frigivning",
        "avslojad_plats": "Platsen är röjd",
        "ny_konflikt": "Ny konflikt",
        "nytt_underlag": "Nytt underlag",
    },
)
MAY_SHOW = codelist("may_show_person", {"ja": "Ja", "delvis": "Delvis", "nej": "Nej"})
DISPUTED = codelist(
    "disputed_point",
    {"definition": "Definition", "hotbild": "Hotbild", "motivation": "Motivation", "placering": "Placering"},
)
