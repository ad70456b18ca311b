"""The code lists of F5 placement. Source: domain.md 2.5."""

from __future__ import annotations

from client.casework.codelists import codelist

REASON = codelist(
    "placering_reason",
    {"hotbild": "Hotbild", "bryta_miljo": "Bryta med miljön", "motivationsprovning": "Motivationsprövning"},
)
DURATION = codelist(
    "placering_duration",
    {"akut_dagar": "Akut, några dagar", "veckor": "Veckor", "manader": "Månader", "stadigvarande": "Stadigvarande"},
)
TREATMENT = codelist(
    "placering_treatment",
    {
        "missbruk": "Missbruk",
        "psykisk_halsa": "Psykisk hälsa",
        "trauma": "Trauma",
        "somatisk_vard": "Kroppslig sjukvård",
        "ingen": "Ingen behandling",
    },
)
WORK_STUDY = codelist(
    "placering_work_study",
    {"arbete": "Arbete", "praktik": "Praktik", "studier": "Studier", "skola_barn": "Skola för barn", "inget": "Inget"},
)
SELF_RELIANCE = codelist(
    "placering_self_reliance",
    {
        "klarar_sig": "Klarar sig själv",
        "behover_stod": "Behöver stöd",
        "behover_dygnet_runt": "Behöver stöd dygnet runt",
    },
)
SOCIAL_MEDIA_PLAN = codelist(
    "social_media_plan",
    {"stangt": "Kontona är stängda", "genomgang_gjord": "Genomgång gjord", "ej_gjort": "Inte gjort"},
)
RECIPIENT_NEEDS = codelist(
    "recipient_needs", {"bostad": "Bostad", "sysselsattning": "Sysselsättning", "skola": "Skola", "vard": "Vård"}
)
RISK_CLASS = codelist(
    "risk_class", {"ingen_kand": "Ingen känd", "forhojd": "Förhöjd", "hog": "Hög", "akut": "Hög, flytten är akut"}
)
RECIPIENT_ANSWER = codelist(
    "recipient_answer",
    {"kan_ta_emot": "Kan ta emot", "kan_inte": "Kan inte ta emot", "kan_med_villkor": "Kan ta emot med villkor"},
)
RECIPIENT_REASON = codelist(
    "recipient_reason",
    {"bostad_saknas": "Bostad saknas", "kapacitet": "Kapaciteten räcker inte", "olampligt": "Olämpligt"},
)
PLACE_ANSWER = codelist(
    "place_answer",
    {
        "godtas": "Orten godtas",
        "godtas_inte": "Orten godtas inte",
        "ny_ort_behovs": "En ny ort behövs",
        "klar_att_flytta": "Klart att flytta, kontrollera en gång till",
    },
)
RECIPIENT_TOLD = codelist(
    "recipient_told",
    {
        "tillagg_undertecknat": "Tillägget till samtycket är undertecknat",
        "tillagg_vagrat": "Personen skrev inte under tillägget",
        "inte_aktuellt": "Frågan är inte längre aktuell",
    },
)
ASSESSMENT = codelist("placering_assessment", {"stabil": "Stabil", "orolig": "Orolig", "akut": "Akut"})
INCIDENT = codelist(
    "placering_incident",
    {
        "plats_rojd": "Platsen är röjd",
        "kontakt_med_miljon": "Kontakt med miljön",
        "rival_i_narheten": "Rival i närheten",
        "nytt_brott": "Nytt brott",
        "avvikit": "Personen har avvikit",
        "sociala_medier": "Sociala medier",
    },
)
ACTION = codelist("placering_action", {"flytta_nu": "Flytta nu", "utred": "Utred", "avvakta": "Avvakta"})
END_REASON = codelist(
    "placering_end_reason",
    {
        "skydd_behovs_inte": "Skyddet behövs inte längre",
        "flyttad_vidare": "Flyttad vidare",
        "personen_avslutade": "Personen avslutade själv",
        "tillagg_vagrat": "Personen skrev inte under tillägget",
        "overlamnad": "Ansvaret är överlämnat",
        "annat": "Annat",
    },
)
