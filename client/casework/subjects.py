"""What may stand as the subject of a document: chosen from a list, because free text would end up in lists and notices.

Source: domain.md 2.0.2.
"""

from __future__ import annotations

from client.casework.codelists import codelist

SUBJECT = codelist(
    "subject",
    {
        "konsultation": "Konsultation",
        "konsultation_svar": "Konsultation – svar",
        "konsultation_avslut": "Konsultation – avslut",
        "intag": "Intag",
        "intag_formedling": "Intag – förmedling",
        "intag_svar": "Intag – svar",
        "malgrupp": "Målgruppsbeslut",
        "avslut": "Avslut",
        "aterkomst": "Återkomst",
        "kvittens": "Kvittens",
        "hotbild_begaran": "Hotbildsbedömning – begäran",
        "hotbild_svar": "Hotbildsbedömning – svar",
        "overlamnande": "Överlämnande – förfrågan",
        "overlamnande_svar": "Överlämnande – svar",
        "overlamnande_genomfort": "Överlämnande – genomfört",
        "overlamnande_vidare": "Överlämnande – hur det går vidare",
        "placering": "Placering",
        "kollision": "Kontroll av placering",
        "plan": "Plan",
        "utforare": "Utförare",
        "uppfoljning": "Uppföljning",
        "statistik": "Statistik",
        "uttag": "Uttag",
        "samtycke": "Samtycke – registrerat",
        "samtycke_aterkallat": "Samtycke – återkallat",
        "annat": "Övrigt",
    },
)
