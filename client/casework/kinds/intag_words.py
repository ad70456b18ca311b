"""The code lists of F2 intake. Source: domain.md 2.2."""

from __future__ import annotations

from client.casework.codelists import codelist

CHANNEL = codelist(
    "channel",
    {
        "telefon": "Telefon",
        "besok": "Besök",
        "webb": "Webb",
        "hakte_anstalt": "Häkte eller anstalt",
        "uppsokande": "Uppsökande arbete",
        "polis": "Polisen",
        "socialtjanst": "Socialtjänsten",
        "kriminalvard": "Kriminalvården",
        "skola": "Skolan",
        "civilsamhalle": "Civilsamhället",
        "annan_kommun": "Annan kommun",
    },
)
CALLER = codelist(
    "caller_kind",
    {
        "personen_sjalv": "Personen själv",
        "anhorig": "Anhörig",
        "kranskommun": "Kranskommun",
        "annan_kommun": "Annan kommun",
        "polis": "Polisen",
        "annan_myndighet": "Annan myndighet",
        "annan": "Annan",
    },
)
WANTS = codelist(
    "wants_to_leave", {"ja": "Ja", "osaker": "Osäker", "vill_bara_bort_akut": "Vill bara bort från en akut situation"}
)
MILIEU = codelist(
    "milieu",
    {
        "kriminell_gruppering": "Kriminell gruppering",
        "valdsbejakande_extremism": "Våldsbejakande extremism",
        "heder": "Heder",
        "annat": "Annat",
        "okant": "Okänt",
    },
)
GROUP_TYPE = codelist(
    "group_type",
    {
        "sjalvdefinierad": "Självdefinierad",
        "externdefinierad": "Externdefinierad",
        "icke_namngiven": "Icke namngiven",
        "projektbaserad": "Projektbaserad",
        "okand": "Okänd",
    },
)
CUSTODY = codelist(
    "custody",
    {
        "nej": "Nej",
        "hakte": "Häkte",
        "anstalt": "Anstalt",
        "frivard": "Frivård",
        "sis_lsu": "SiS, LSU",
        "sis_lvu": "SiS, LVU",
        "lvm": "LVM",
        "okant": "Okänt",
    },
)
POLICE_COORDINATION = codelist(
    "police_coordination",
    {"ja": "Ja", "nej_ej_aktuellt": "Nej, inte aktuellt", "nej_maste_goras": "Nej, måste göras"},
)
CATEGORY = codelist("category_prelim", {"kategori_1": "Kategori 1", "kategori_2": "Kategori 2", "oklar": "Oklar"})
CONSENT_STATUS = codelist(
    "intag_consent_status",
    {
        "ej_fragat": "Inte frågat",
        "muntligt_positiv": "Muntligt positiv",
        "undertecknat": "Undertecknat",
        "vagrat": "Vägrat",
    },
)
STEP = codelist(
    "intag_step",
    {
        "bedomning": "Första bedömning gjord",
        "samtycke_efterfragat": "Samtycke efterfrågat",
        "samtycke_undertecknat": "Samtycke undertecknat",
        "samtycke_vagrat": "Samtycke vägrat",
        "endast_rad": "Bara rådgivning",
        "akut_skydd": "Akut skydd behövs",
        "tillfallig_placering": "Tillfällig placering beslutad",
    },
)
RELATION = codelist(
    "caller_relation",
    {
        "foralder": "Förälder",
        "syskon": "Syskon",
        "partner": "Partner",
        "annan_slakting": "Annan släkting",
        "van": "Vän",
        "annan": "Annan",
    },
)
NEXT_FOR_RELATIVE = codelist(
    "relative_next_step",
    {
        "anhorigstod": "Anhörigstöd",
        "personen_ringer_sjalv": "Personen ringer själv",
        "kontakta_polisen": "Kontakta polisen",
        "ring_112": "Ring 112",
        "inget": "Inget",
    },
)
