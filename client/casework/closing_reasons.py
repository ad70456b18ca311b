"""Why a case is closed: what the notice says and what the statistics count, each with a cell of its own.

Source: domain.md 2.8, 2.11.
"""

from __future__ import annotations

from client.casework.codelists import codelist

CLOSING_REASON = codelist(
    "closing_reason",
    {
        "mal_uppnatt": "Målet är uppnått",
        "egen_begaran": "Egen begäran",
        "samtycke_vagrat": "Samtycke vägrat",
        "samtycke_aterkallat": "Samtycke återkallat",
        "motivation_saknas": "Motivation saknas",
        "plan_ej_foljd": "Planen följs inte",
        "nytt_brott": "Nytt brott",
        "overlamnad": "Överlämnad",
        "ej_malgrupp": "Hör inte till målgruppen",
        "langre_fangelsestraff": "Längre fängelsestraff",
        "avliden": "Avliden",
        "annat": "Annat",
    },
)
