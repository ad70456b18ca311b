"""Code lists that more than one document kind uses, with their Swedish labels.

A document carries the code, never the label: labels may be reworded, codes may not. A list that
only one kind uses stands beside that kind. Not here: which codes a field allows (the field says so)
and the sentences of refusals (`codes`).

Source: domain.md 1.6, 2.0.2-2.0.5, 3.2.

Example:
    >>> PRIORITY.label("akut")
    'Akut'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CodeList:
    """A closed list of codes.

    Args:
        name: name of the list, unique in the product.
        items: pairs of code and Swedish label, in the order a form shows them.
    """

    name: str
    items: tuple[tuple[str, str], ...]
    codes: frozenset[str] = field(init=False, repr=False, compare=False)  # all codes of the list

    def __post_init__(self) -> None:
        """Gather the codes once: they are asked for with every field of every document."""
        object.__setattr__(self, "codes", frozenset(code for code, _ in self.items))

    def label(self, code: str) -> str:
        """The Swedish label, or the code itself when the list does not know it."""
        return dict(self.items).get(code, code)


def codelist(name: str, items: Mapping[str, str]) -> CodeList:
    """Make a code list from a mapping of code to label."""
    return CodeList(name, tuple(items.items()))


YES_NO_UNKNOWN = codelist("yn", {"ja": "Ja", "nej": "Nej", "okant": "Okänt"})

PRIORITY = codelist("priority", {"rutin": "Rutin", "skyndsam": "Skyndsam", "akut": "Akut"})

DISCLOSURE_BASIS = codelist(
    "disclosure_basis",
    {
        "inga_personuppgifter": "Inga personuppgifter lämnas",
        "samtycke": "Samtycke (OSL 10 kap. 1 § och 12 kap. 2 §)",
        "nodvandigt_egen_verksamhet": "Nödvändigt för den egna verksamheten (OSL 10 kap. 2 §)",
        "generalklausul": "Generalklausulen (OSL 10 kap. 27 §)",
        "uppgiftsskyldighet": "Uppgiftsskyldighet (OSL 10 kap. 28 § och den lag som gäller)",
        "brottsbekampning": "Brottsförebyggande eller brottsbekämpande syfte (OSL 10 kap.)",
        "annan_lag": "Annan lag",
        "stannar_i_enheten": "Lämnas inte ut, stannar i enheten",
    },
)

#: The basis of a document that leaves nobody's hands: it stays in the unit that wrote it.
STAYS = "stannar_i_enheten"

#: Bases that need no written decision on disclosure (domain.md 2.0.2, list D1).
BASES_WITHOUT_DECISION = ("inga_personuppgifter", "samtycke", STAYS)

SECRECY_MARK = codelist(
    "secrecy_mark",
    {
        "OSL_18_1": "OSL 18 kap. 1 §",
        "OSL_18_2": "OSL 18 kap. 2 §",
        "OSL_18_7": "OSL 18 kap. 7 §",
        "OSL_21_3": "OSL 21 kap. 3 §",
        "OSL_25_1": "OSL 25 kap. 1 §",
        "OSL_26_1": "OSL 26 kap. 1 §",
        "OSL_35_1": "OSL 35 kap. 1 §",
        "annat_lagrum": "Annat lagrum",
    },
)

SECRECY_RULE = codelist(
    "secrecy_rule",
    {
        "OSL_21_1": "OSL 21 kap. 1 §",
        "OSL_21_3": "OSL 21 kap. 3 §",
        "OSL_25_1": "OSL 25 kap. 1 § (hälso- och sjukvård)",
        "OSL_26_1": "OSL 26 kap. 1 § (socialtjänst)",
        "OSL_28": "OSL 28 kap. (socialförsäkring, arbetsmarknad)",
        "OSL_35_15": "OSL 35 kap. 15 § (kriminalvård)",
    },
)

ID_KIND = codelist(
    "id_kind",
    {
        "personnummer": "Personnummer",
        "samordningsnummer": "Samordningsnummer",
        "reservnummer": "Reservnummer",
        "annan_handling": "Annan handling",
        "okand": "Okänd",
    },
)

PROTECTED = codelist(
    "protected",
    {
        "ingen": "Inga skyddade uppgifter",
        "sekretessmarkering": "Sekretessmarkering",
        "skyddad_folkbokforing": "Skyddad folkbokföring",
        "okant": "Okänt",
    },
)

#: With these, the registered municipality must not steer where a document goes (domain.md 2.0.3).
PROTECTED_BLOCKS_ROUTING = frozenset({"skyddad_folkbokforing", "okant"})

GUARDIANS_INVOLVED = codelist(
    "guardians_involved",
    {
        "ja": "Ja",
        "nej_risk": "Nej, det skulle innebära en risk",
        "nej_annat": "Nej, av annat skäl",
    },
)

ROLE = codelist(
    "role",
    {
        "handlaggare": "Handläggare",
        "beslutsfattare": "Enhetschef eller beslutsfattare",
        "polis_bedomare": "Polisbedömare",
        "telefon": "Avhoppartelefon",
        "registrator": "Registrator",
        "arkivarie": "Arkivarie",
        "uppfoljare": "Uppföljare",
        "statistiker": "Statistiker",
        "nyckelansvarig": "Nyckelansvarig",
        "operator": "Operatör av navet",
    },
)

#: Roles that may read threat content (domain.md 2.0.5): not the hotline, nor those who count or follow up.
THREAT_READERS = frozenset({"handlaggare", "beslutsfattare", "polis_bedomare", "registrator", "arkivarie"})

#: Why somebody reads threat or placement content; it stands in the log of reads.
READ_REASON = codelist(
    "read_reason",
    {
        "handlaggning": "Handläggning",
        "beslut": "Beslut",
        "registrering": "Registrering",
        "granskning": "Granskning",
        "utlamnande": "Utlämnande",
        "annat": "Annat",
    },
)

UNIT_TYPE = codelist(
    "unit_type",
    {
        "avhopparenhet": "Avhopparenhet",
        "stadsdel_socialtjanst": "Stadsdelens socialtjänst",
        "ordinarie_socialtjanst": "Ordinarie socialtjänst",
        "sig": "Social insatsgrupp",
        "avhoppartelefon": "Avhoppartelefon",
        "polis_bops": "Polisen, Bops",
        "polis_grova_brott": "Polisen, grova brott",
        "polis_underrattelse": "Polisen, underrättelse",
        "kommunpolis": "Kommunpolis",
        "polis_avhopparsamordnare": "Polisens avhopparsamordnare",
        "kriminalvard": "Kriminalvården",
        "frivard": "Frivården",
        "sis": "SiS",
        "arbetsformedling": "Arbetsförmedlingen",
        "skatteverket": "Skatteverket",
        "kronofogden": "Kronofogden",
        "region_halsovard": "Regionens hälso- och sjukvård",
        "psykiatri": "Psykiatrin",
        "lansstyrelse": "Länsstyrelsen",
        "statistikmottagare": "Mottagare av statistik",
        "utforare": "Utförare",
    },
)

POLICE_TYPES = frozenset(
    {"polis_bops", "polis_grova_brott", "polis_underrattelse", "kommunpolis", "polis_avhopparsamordnare"}
)
SOCIAL_TYPES = frozenset({"avhopparenhet", "stadsdel_socialtjanst", "ordinarie_socialtjanst", "sig"})

AUTHORITY = codelist(
    "authority",
    {
        "socialtjanst": "Socialtjänsten",
        "polis": "Polismyndigheten",
        "kriminalvard": "Kriminalvården",
        "sis": "Statens institutionsstyrelse",
        "skatteverket": "Skatteverket",
        "ekobrottsmyndigheten": "Ekobrottsmyndigheten",
        "kronofogden": "Kronofogdemyndigheten",
        "aklagarmyndigheten": "Åklagarmyndigheten",
        "sapo": "Säkerhetspolisen",
        "tullverket": "Tullverket",
        "lansstyrelse": "Länsstyrelsen",
        "forsakringskassan": "Försäkringskassan",
        "arbetsformedlingen": "Arbetsförmedlingen",
        "region_halsovard": "Regionens hälso- och sjukvård",
        "psykiatri": "Psykiatrin",
        "hemkommun": "Hemkommunens socialtjänst",
        "mottagande_kommun": "Den mottagande kommunens socialtjänst",
        "vardnadshavares_kommun": "Vårdnadshavarnas kommun",
        "sig": "Social insatsgrupp",
        "forskning": "Forskningsorgan",
    },
)

DATA_CATEGORY = codelist(
    "data_category",
    {
        "identitet": "Identitet",
        "kontakt": "Kontaktuppgifter",
        "social_situation": "Social situation",
        "missbruk": "Missbruk",
        "halsa": "Hälsa",
        "psykisk_halsa": "Psykisk hälsa",
        "brott_och_domar": "Brott och domar",
        "misstankar": "Misstankar",
        "hotbild": "Hotbild",
        "gruppering": "Gruppering",
        "ekonomi_skulder": "Ekonomi och skulder",
        "boende_plats": "Boende och plats",
        "sysselsattning": "Sysselsättning",
        "familj_anhoriga": "Familj och anhöriga",
    },
)

PURPOSE = codelist(
    "purpose",
    {
        "informationsutbyte": "Informationsutbyte mellan myndigheterna",
        "hotbildsbedomning": "Hotbildsbedömning",
        "registerslagning": "Slagning i register",
        "overlamnande": "Överlämnande till annan enhet",
        "placering": "Placering",
        "gemensamma_moten": "Gemensamma möten",
        "uppfoljning_efter_avslut": "Uppföljning efter avslut",
        "foljeforskning": "Följeforskning",
    },
)

#: Purposes that outlive a case and whose withdrawal does not close it (domain.md 3.5).
FOLLOW_UP_PURPOSES = frozenset({"uppfoljning_efter_avslut", "foljeforskning"})
#: Purposes whose line may run longer than the record: those, and what the police are asked for them.
LASTING_PURPOSES = FOLLOW_UP_PURPOSES | {"registerslagning"}

CASE_TYPE = codelist(
    "case_type",
    {
        "intag": "Intag",
        "hotbild": "Hotbild",
        "plan": "Plan",
        "placering": "Placering",
        "overlamnande": "Överlämnande",
        "uppfoljning": "Uppföljning",
    },
)

NEEDS = codelist(
    "needs",
    {
        "skydd": "Skydd",
        "tillfalligt_boende": "Tillfälligt boende",
        "missbruk": "Missbruk",
        "psykisk_halsa": "Psykisk hälsa",
        "skuld": "Skulder",
        "forsorjning": "Försörjning",
        "anhorigstod": "Stöd till anhöriga",
        "info": "Information",
    },
)

PERCEIVED_THREAT = codelist(
    "perceived_threat",
    {
        "akut": "Akut",
        "allvarlig": "Allvarlig",
        "viss": "Viss",
        "ingen_kand": "Ingen känd",
        "vet_ej": "Vet inte",
    },
)
