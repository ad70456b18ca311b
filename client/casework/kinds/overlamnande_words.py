"""The code lists of F4 handover. Source: domain.md 2.4."""

from __future__ import annotations

from client.casework.codelists import codelist

KIND_OF_HANDOVER = codelist(
    "handover_kind",
    {
        "hemkommun_folkbokford": "Till hemkommunen",
        "ordinarie_socialtjanst": "Till ordinarie socialtjänst",
        "sig": "Till social insatsgrupp",
        "stadsdel_till_efh": "Från stadsdel till EFH",
        "efh_till_stadsdel": "Från EFH till stadsdel",
        "barn_till_ordinarie": "Barn till ordinarie socialtjänst",
        "sis_utslussning": "Utslussning från SiS",
        "formell_overflyttning": "Formell överflyttning",
        "kopt_tjanst": "Köpt tjänst",
    },
)
REASON = codelist(
    "handover_reason",
    {
        "folkbokford": "Folkbokförd där",
        "bosatt": "Bosatt där",
        "starkast_anknytning": "Starkast anknytning dit",
        "onskemal": "Personens önskemål",
        "varaktighet": "Vistelsens varaktighet",
        "ej_tillracklig_hotbild": "Hotbilden räcker inte",
        "under_18": "Under 18 år",
        "motivation_saknas": "Motivation saknas",
        "annat": "Annat",
    },
)
RESIDENCE_CHECK = codelist(
    "residence_check",
    {
        "navet_egen_kommun": "Slagning i Navet, egen kommun",
        "uppgift_fran_person": "Uppgift från personen",
        "polis": "Genom polisen",
        "ej_kontrollerad": "Inte kontrollerad",
    },
)
COST = codelist(
    "cost",
    {"mottagare": "Mottagaren", "avsandare": "Avsändaren", "delat": "Delat", "kopt_tjanst": "Köpt tjänst"},
)
ANSWER = codelist(
    "handover_answer",
    {
        "accepterat": "Accepterat",
        "accepterat_med_villkor": "Accepterat med villkor",
        "komplettering_behovs": "Komplettering behövs",
        "avbojt": "Avböjt",
    },
)
REJECT_REASON = codelist(
    "reject_reason",
    {
        "ej_folkbokford_har": "Inte folkbokförd här",
        "ej_bosatt_har": "Inte bosatt här",
        "ingen_verksamhet": "Vi har ingen verksamhet",
        "ej_malgrupp": "Inte vår målgrupp",
        "kapacitet": "Kapaciteten räcker inte",
        "fel_enhet": "Fel enhet",
        "samtycke_tacker_inte": "Samtycket täcker inte",
    },
)
