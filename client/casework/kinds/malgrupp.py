"""F3, the decision on the target group: which scheme, each of its criteria, and the result in that scheme's own words.

No result of one scheme follows from that of another: category 1 and 2 are about the need of protection, Göteborg's
*särskild avhoppare* also about what the person is able to. Both are stored where both were decided, and nothing here or
elsewhere derives one from the other. Source: domain.md 1.2, 2.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated

from client.casework.codelists import SOCIAL_TYPES, THREAT_READERS, codelist
from client.casework.fields import Form, When, document_of, flag, ident, long, one, rows
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import DECISION_UNIT, Kind, always
from client.casework.problems import Problem, problem

SCHEME = codelist(
    "target_scheme",
    {
        "goteborg": "Göteborg",
        "strategi2021": "Nationella strategin 2021",
        "stockholm": "Stockholm",
        "malmo": "Malmö",
        "polis2023": "Polisens gemensamma definition 2023",
    },
)
RESULT = codelist(
    "target_result",
    {
        "sarskild_avhoppare": "Särskild avhoppare",
        "avhoppare": "Avhoppare",
        "kategori_1": "Kategori 1",
        "kategori_2": "Kategori 2",
        "malgrupp": "Hör till målgruppen",
        "ej_malgrupp": "Hör inte till målgruppen",
    },
)
MET = codelist("criterion_met", {"uppfyllt": "Uppfyllt", "ej": "Inte uppfyllt", "oklart": "Oklart"})
CRITERION = codelist(
    "target_criterion",
    {
        "koppling_natverk": "Koppling till kriminellt nätverk",
        "tydlig_koppling": "Tydlig koppling till kriminellt nätverk",
        "bekraftad_hog_hotbild": "Bekräftad hög hotbild",
        "motiverad": "Motiverad att lämna",
        "kan_tillgodogora_program": "Kan tillgodogöra sig ett avhopparprogram",
        "inget_langre_fangelsestraff": "Väntar inte på ett längre fängelsestraff",
        "behover_flytta": "Behöver flytta",
        "vill_lamna_miljo": "Väljer att lämna en kriminell eller extremistisk miljö eller grupp",
        "behover_samhallets_stod": "Behöver samhällets stöd eller skydd",
        "risk_allvarligt_vald": "Risk för allvarligt eller dödligt våld i samband med avhoppet",
        "behov_skyddsatgarder": "Behov av skyddsåtgärder",
        "kriminell_miljo_svar_att_lamna": "Kriminell miljö, svår att lämna utan personsäkerhetsarbete",
        "allvarlig_hotbild": "Allvarlig hotbild",
        "akut_behov": "Akut behov",
        "over_18": "Över 18 år",
        "hotbild_bekraftad_av_polis": "Hotbild bekräftad av polisen",
        "lever_i_kriminell_miljo": "Lever i en kriminell miljö",
        "vill_andra_livsstil": "Vill ändra livsstil",
        "hotbild_finns": "Det finns en hotbild",
    },
)
NOT_IN_GROUP = "ej_malgrupp"
#: Scheme -> the results that it has (domain.md 2.3).
RESULTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "goteborg": frozenset({"sarskild_avhoppare", "avhoppare", "ej_malgrupp"}),
        "strategi2021": frozenset({"kategori_1", "kategori_2", "ej_malgrupp"}),
        "stockholm": frozenset({"malgrupp", "ej_malgrupp"}),
        "malmo": frozenset({"malgrupp", "ej_malgrupp"}),
        "polis2023": frozenset({"malgrupp", "ej_malgrupp"}),
    }
)
#: Scheme -> its criteria, all of which are answered (domain.md 1.2, 1.6).
CRITERIA: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "goteborg": frozenset(
            {
                "koppling_natverk", "tydlig_koppling", "bekraftad_hog_hotbild", "motiverad",
                "kan_tillgodogora_program", "inget_langre_fangelsestraff", "behover_flytta",
            }
        ),
        "strategi2021": frozenset(
            {"vill_lamna_miljo", "behover_samhallets_stod", "risk_allvarligt_vald", "behov_skyddsatgarder"}
        ),
        "stockholm": frozenset({"kriminell_miljo_svar_att_lamna", "allvarlig_hotbild", "akut_behov"}),
        "malmo": frozenset(
            {"over_18", "hotbild_bekraftad_av_polis", "lever_i_kriminell_miljo", "vill_andra_livsstil"}
        ),
        "polis2023": frozenset({"vill_lamna_miljo", "behover_samhallets_stod", "hotbild_finns"}),
    }
)  # fmt: skip


class Criterion(Form, frozen=True, kw_only=True):
    """One criterion and whether it is met."""

    criterion: Annotated[str, one(CRITERION, "Kriterium")]
    met: Annotated[str, one(MET, "Uppfyllt")]


class Decision(Form, frozen=True, kw_only=True):
    """``malgrupp.beslut``: does the person belong to the target group."""

    scheme: Annotated[
        str,
        one(
            SCHEME,
            "Enligt vilken definition",
            help="Varje definition har egna kriterier och resultat. Inget av dem följer ur ett annat.",
        ),
    ]
    result: Annotated[str, one(RESULT, "Resultat", help="Ett av definitionens egna resultat.", category="hotbild")]
    criteria: Annotated[
        tuple[Criterion, ...],
        rows(Criterion, 20, "Kriterier", help="Alla kriterier i definitionen.", category="hotbild"),
    ]
    police_result: Annotated[
        str,
        ident(
            "Polisens resultat",
            names=document_of("hotbild.resultat"),
            help="Id för hotbildsresultatet. Det får inte ha gått ut.",
        ),
    ]
    deviates_from_police: Annotated[
        bool, flag("Avviker från polisens bild", help="Enheten får göra en annan bedömning, och skriver då varför.")
    ]
    deviation_reason: Annotated[
        str | None,
        long(
            2000,
            "Skäl att avvika",
            help="Polisen läser det.",
            need=When("deviates_from_police", (True,)),
            never=When("deviates_from_police", (False,)),
            category="hotbild",
        ),
    ] = None
    decision_unit: Annotated[str | None, DECISION_UNIT] = None


def _check(_header: Header, content: Form) -> Iterable[Problem]:
    """The result is one of the scheme's own, and exactly its criteria are answered, each once."""
    if not isinstance(content, Decision):
        return
    if content.result not in RESULTS[content.scheme]:
        yield problem("content.result", "other_scheme", "Resultat")
    elif content.result != NOT_IN_GROUP and {row.met for row in content.criteria} == {"ej"}:
        yield problem("content.result", "unmet", "Resultat")
    answered = [row.criterion for row in content.criteria]
    if len(answered) != len(set(answered)):
        yield problem("content.criteria", "duplicate", "Kriterier")
    elif set(answered) != CRITERIA[content.scheme]:
        yield problem("content.criteria", "criteria", "Kriterier")


KINDS = (
    Kind(
        name="malgrupp.beslut",
        title_sv="Målgrupp – beslut",
        subject="malgrupp",
        content=Decision,
        flow="hotbild",
        event=always("decision"),
        side=Side.ASKER,
        roles=frozenset({"beslutsfattare"}),
        sender_types=SOCIAL_TYPES,
        purpose="hotbildsbedomning",
        readers=THREAT_READERS,
        case_type="hotbild",
        decides="malgrupp",
        schema_version="1.1",
        check=_check,
    ),
)
