"""The form that a person reads and signs on paper, from the record's own declaration: plain Swedish, or easy to read.

Rules:
1. It says what happens on a refusal and how consent is taken back, before any line to sign.
2. Each purpose has its own line and its own last day; so has each private provider. Authorities have none: the list is
   signed whole (domain.md 3.2, rows 9, 11, 14).
3. What the record needs and the form does not say is left as a line to fill in. Nothing is ticked beforehand.
4. A paper at home may be dangerous: the person may do without a copy (row 32).

No lawyer has read these words. Public signatures:
    Asked(case_type, unit, parties, ...)
    consent_form(asked, easy=False) -> Paper(title, parts) with text and html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from client.casework.codelists import CASE_TYPE, DATA_CATEGORY, LASTING_PURPOSES, PURPOSE, SECRECY_RULE
from client.casework.consent import RECEIPT_GIVEN, SPECIAL_CATEGORY, Controller, special_categories

LINE: Final = "_" * 40
NOTICE: Final = "2026-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the form is about; what is empty becomes a line to fill in.

    Args:
        case_type: code of `codelists.CASE_TYPE`.
        unit: name of the responsible unit.
        parties: authorities and units by name.
        controller: who answers for the data.
        providers: private providers by name.
        data_categories: codes of `codelists.DATA_CATEGORY`.
        purposes: pairs of a code of `codelists.PURPOSE` and its last day.
        secrecy_rules: codes of `codelists.SECRECY_RULE`.
        valid_to: last day.
        child: the person is under 18.
        extremism: then a group tells opinion or belief.
    """

    case_type: str
    unit: str
    parties: tuple[str, ...]
    controller: Controller | None = None
    providers: tuple[str, ...] = ()
    data_categories: tuple[str, ...] = ()
    purposes: tuple[tuple[str, str], ...] = ()
    secrecy_rules: tuple[str, ...] = ()
    valid_to: str = ""
    child: bool = False
    extremism: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, sentences, rows of a list, and lines to sign."""

    heading: str
    sentences: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The form: its title and parts, and the same as plain text and as a page to print."""

    title: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """For a terminal or a text file."""
        return _as_text(self.title, self.parts)

    @property
    def html(self) -> str:
        """A whole page."""
        return _as_html(self.title, self.parts)


def consent_form(asked: Asked, *, easy: bool = False) -> Paper:
    """The form.

    Args:
        asked: what it is about.
        easy: shorter sentences and no legal words but those that must be there.
    """
    title = "Får vi prata om dig med andra?" if easy else "Samtycke till att myndigheter delar uppgifter om dig"
    return Paper(title, (*(_easy(asked) if easy else _plain(asked)), *_to_sign(asked, easy=easy)))


def _plain(asked: Asked) -> Iterator[Part]:
    yield Part(
        "Vad det gäller",
        (
            f"{asked.unit} frågar dig. Det gäller: {CASE_TYPE.label(asked.case_type).lower()}.",
            "Uppgifter om dig är hemliga. Skriver du under får myndigheterna nedan lämna dem till varandra.",
            "Det gäller bara uppgifter som är hemliga för din skull.",
            "Sekretess som skyddar andra personer eller polisens arbete kan du inte häva.",
            "Myndigheterna behandlar dina personuppgifter med stöd av lag, inte med stöd av det här samtycket.",
        ),
    )
    yield Part(
        "Om du säger nej",
        (
            "Du bestämmer själv. Listan med myndigheter hör ihop: ett nej till en av dem räknas som ett nej.",
            "Säger du nej kan vi inte gå vidare med ärendet.",
            "Vi kan fortfarande ge råd utan att berätta för någon vem du är.",
            "Ett nej skickas inte till någon annan.",
            "Vi måste ändå lämna uppgifter när en lag kräver det, till exempel om ett barn far illa.",
        ),
    )
    yield Part(
        "Om du ångrar dig",
        (
            "Du kan ta tillbaka samtycket när du vill och på vilket sätt du vill: säg det, ring eller skriv.",
            "Du kan säga det till vem som helst av oss som arbetar med ditt ärende. Ingen blankett behövs.",
            "Då slutar myndigheterna att dela uppgifter.",
            "Det som redan är lämnat finns kvar, för myndigheter får inte slänga handlingar hur som helst.",
            "Tar du bara tillbaka uppföljning eller forskning fortsätter resten som förut.",
        ),
    )


def _easy(asked: Asked) -> Iterator[Part]:
    yield Part(
        "Vad är det här?",
        (
            f"{asked.unit} vill hjälpa dig.",
            "Då behöver vi prata om dig med andra myndigheter.",
            "Det får vi bara om du säger ja.",
            "Vi får inte berätta om andra människor.",
        ),
    )
    yield Part(
        "Om du säger nej",
        (
            "Du får säga nej.",
            "Ett nej till en av dem är ett nej till alla.",
            "Då kan vi inte hjälpa dig på det här sättet.",
            "Vi kan ändå ge dig råd.",
            "Vi berättar inte för någon annan att du har sagt nej.",
            "Ibland måste vi berätta saker, till exempel om ett barn far illa.",
        ),
    )
    yield Part(
        "Om du ångrar dig",
        (
            "Du får ändra dig när du vill.",
            "Säg det, ring eller skriv till någon av oss.",
            "Du behöver inte säga varför.",
            "Då slutar vi att prata om dig.",
            "Det som redan är skrivet finns kvar.",
        ),
    )


def _to_sign(asked: Asked, *, easy: bool) -> Iterator[Part]:
    """What is signed: the list of authorities, the data, and a line for each purpose."""
    yield Part("Vem har hand om dina uppgifter?" if easy else "Personuppgiftsansvarig", rows=_controller(asked))
    yield Part("Vilka pratar vi med?" if easy else "Myndigheter som omfattas", rows=asked.parties or (LINE,))
    yield Part("Vad pratar vi om?" if easy else "Uppgifter som omfattas", rows=_data(asked) or (LINE,))
    if not easy:
        rules = tuple(SECRECY_RULE.label(code) for code in asked.secrecy_rules)
        yield Part("Sekretess som du häver", rows=rules or (LINE,))
    yield Part(
        "Vad ska vi göra?" if easy else "Ändamål",
        ("Skriv under vid det du säger ja till." if easy else "Varje ändamål har sin egen underskrift.",),
        lines=tuple(_purposes(asked)),
    )
    if asked.providers:
        yield Part(
            "Företag och föreningar" if easy else "Privata utförare",
            ("De är inga myndigheter. Skriv under vid dem du säger ja till.",),
            lines=tuple(f"{name}: {LINE}" for name in asked.providers),
        )
    yield Part(
        "Hur länge?" if easy else "Hur länge samtycket gäller",
        (f"Till och med {asked.valid_to or LINE}. Som längst tolv månader.",),
    )
    yield _signatures(asked)


def _controller(asked: Asked) -> tuple[str, ...]:
    """Who answers for the data and where they are reached (domain.md 3.2 no 8); what is not known is filled in."""
    told = asked.controller
    if told is None:
        return (LINE,)
    return (
        f"{told.name}, organisationsnummer {told.org_number}",
        f"Adress: {told.address or LINE}",
        f"Kontakt: {told.contact or LINE}",
        f"Dataskyddsombud: {told.dataskyddsombud or LINE}",
    )


def _data(asked: Asked) -> tuple[str, ...]:
    """The data by kind; those of articles 9 and 10 say so."""
    special = set(special_categories(asked.data_categories, extremism=asked.extremism))
    rows = [
        SPECIAL_CATEGORY.label(code) if code in special else DATA_CATEGORY.label(code) for code in asked.data_categories
    ]
    return (*rows, *([SPECIAL_CATEGORY.label("asikt_eller_tro")] if "asikt_eller_tro" in special else []))


def _purposes(asked: Asked) -> Iterator[str]:
    for code, ends in asked.purposes or tuple((code, "") for code, _ in PURPOSE.items):
        later = " Gäller också efter att ärendet är avslutat." if code in LASTING_PURPOSES else ""
        yield f"{PURPOSE.label(code)}, till och med {ends or '__________'}: {LINE}{later}"


def _signatures(asked: Asked) -> Part:
    guardians = (f"Vårdnadshavare: {LINE}", f"Vårdnadshavare: {LINE}") if asked.child else ()
    return Part(
        "Underskrifter",
        ("Skriv under på kontoret. Skriv inte var du bor.",),
        lines=(
            f"Datum och kontor: {LINE}",
            f"Ditt namn: {LINE}",
            *guardians,
            f"Personal som var med: {LINE}",
            f"Kvitto: {', '.join(label.lower() for _, label in RECEIPT_GIVEN.items)} (stryk under)",
            f"Informationstext {NOTICE}. Tolk, lättläst, uppläst eller teckenstöd: {LINE}",
        ),
    )


def _as_text(title: str, parts: Iterable[Part]) -> str:
    lines = [title, "=" * len(title)]
    for part in parts:
        lines += ["", part.heading, "-" * len(part.heading), *part.sentences]
        lines += [f"- {row}" for row in part.rows]
        lines += [f"\n{line}" for line in part.lines]
    return "\n".join(lines) + "\n"


_STYLE: Final = (
    "body{font:12pt/1.5 sans-serif;max-width:42em;margin:2em auto;padding:0 1em}h1{font-size:1.5em}h2{font-size:1.15em}"
    ".sign{margin:1.4em 0;overflow-wrap:anywhere}section{break-inside:avoid}"
)


def _as_html(title: str, parts: Iterable[Part]) -> str:
    """A whole page without scripts, pictures or addresses; every word of others is escaped."""
    body = "".join(_section(part) for part in parts)
    return (
        f'<!doctype html>\n<html lang="sv"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def _section(part: Part) -> str:
    sentences = "".join(f"<p>{escape(one)}</p>" for one in part.sentences)
    rows = "".join(f"<li>{escape(one)}</li>" for one in part.rows)
    lines = "".join(f'<p class="sign">{escape(one)}</p>' for one in part.lines)
    return f"\n<section><h2>{escape(part.heading)}</h2>{sentences}{f'<ul>{rows}</ul>' if rows else ''}{lines}</section>"
