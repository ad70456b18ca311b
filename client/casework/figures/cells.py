"""The fixed cells of a statistics report, and which of them add up to which.

There is no cell for gender, age, area, group or nationality, and no cross-tabulation: that can point somebody out.
A change of this list, or of what a cell counts, is a new ``DEFINITION_VERSION``.

Two cohorts are never mixed: cells of the *intake* cohort are about cases that came in during the period, whenever they
were decided; cells of the *closing* cohort about cases closed in it, whenever they came in.

Source: domain.md 1.4, 2.11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from client.casework.closing_reasons import CLOSING_REASON
from client.casework.codelists import codelist

#: 2026-2: what could not be confirmed and "no threat" are two cells.
DEFINITION_VERSION: Final = "2026-2"

CELLS = codelist(
    "statistics_cell",
    {
        "konsultationer_in": "Konsultationer in",
        "konsultationer_besvarade": "Konsultationer, besvarade",
        "konsultationer_minutes": "Konsultationer, nedlagda minuter",
        "kontakter": "Kontakter",
        "kontakter_anhoriga": "Kontakter från anhöriga",
        "arenden_in": "Ärenden in",
        "beviljade": "Beviljade",
        "avslag_ej_malgrupp": "Avslag: inte målgruppen",
        "avslag_motivation": "Avslag: motivation saknas",
        "avslag_samtycke": "Avslag: samtycke saknas",
        "sarskilda": "Särskilda avhoppare",
        "aterkommande": "Återkommande",
        "median_days_intake": "Mediantid från ärende in till beviljande, dagar",
        "pagaende_vid_arets_slut": "Pågående vid periodens slut",
        **{f"avslutade_{code}": f"Avslutade: {label[0].lower()}{label[1:]}" for code, label in CLOSING_REASON.items},
        "avslutade_av_personen_sjalv": "Avslutade av personen själv",
        "uppfoljda": "Uppföljda",
        "lyckat": "Uppföljda: lyckat",
        "inte_lyckat": "Uppföljda: inte lyckat",
        "kan_inte_bedomas": "Uppföljda: kan inte bedömas",
        "hotbild_begarda": "Hotbildsbedömningar, begärda",
        "hotbild_bekraftade": "Hotbildsbedömningar, bekräftade",
        "hotbild_ej": "Hotbildsbedömningar, inte bekräftade",
        "hotbild_ingen": "Hotbildsbedömningar, ingen hotbild",
        "hotbild_okand": "Hotbildsbedömningar, personen okänd för polisen",
        "placeringar": "Placeringar",
        "kollision_olamplig": "Orter som polisen funnit olämpliga",
        "samtycke_vagrat": "Samtycke vägrat",
        "aterkallat": "Samtycke återkallat",
    },
)

#: Cells that are no number of cases, with the cell that says how many cases stand behind them.
MEASURES: Final = {"konsultationer_minutes": "konsultationer_besvarade", "median_days_intake": "beviljade"}


@dataclass(frozen=True, slots=True)
class Relation:
    """A total and cells that are parts of it.

    Args:
        total: name of a cell; empty where none is printed and it follows from other reports all the same: what went on
            before and was granted, less what goes on now, is how many were closed.
        parts: names of cells of which no two count the same case.
        closed: the parts usually are all of the total, so that one missing part can be computed.
    """

    total: str
    parts: tuple[str, ...]
    closed: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        """Parts, and the total where it is one."""
        return (*self.parts, self.total) if self.total else self.parts


#: Together with their cells they form a forest (a test checks it); `suppression` leans on that.
RELATIONS: Final = (
    Relation("konsultationer_in", ("konsultationer_besvarade",)),
    Relation("kontakter", ("kontakter_anhoriga",)),
    Relation("arenden_in", ("beviljade", "avslag_ej_malgrupp", "avslag_motivation", "avslag_samtycke"), closed=True),
    Relation("arenden_in", ("aterkommande",)),
    Relation("beviljade", ("sarskilda",)),
    Relation("", tuple(f"avslutade_{code}" for code, _ in CLOSING_REASON.items), closed=True),
    Relation("uppfoljda", ("lyckat", "inte_lyckat", "kan_inte_bedomas"), closed=True),
    Relation("hotbild_begarda", ("hotbild_bekraftade", "hotbild_ej", "hotbild_ingen", "hotbild_okand"), closed=True),
)

#: Cells that count nearly the same people by different documents: whoever reads one knows the other but for a few.
TWINS: Final = (
    ("avslag_samtycke", "samtycke_vagrat", "avslutade_samtycke_vagrat"),
    ("aterkallat", "avslutade_samtycke_aterkallat"),
    ("avslutade_egen_begaran", "avslutade_av_personen_sjalv"),
)
