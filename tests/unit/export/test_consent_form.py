"""The form to sign: what must stand on it, in both forms of Swedish, and as a page that cannot do anything."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from client.casework.codelists import AUTHORITY, DATA_CATEGORY, PURPOSE, SECRECY_RULE
from client.casework.consent import Controller
from client.export.consent_form import LINE, Asked, consent_form

ASKED = Asked(
    case_type="placering",
    unit="Göteborg SAV",
    parties=("Göteborg SAV", "Bops <Väst>"),
    providers=("Omtanken AB",),
    data_categories=("identitet", "halsa", "misstankar", "gruppering"),
    purposes=(("placering", "2026-12-01"), ("uppfoljning_efter_avslut", "2027-12-01")),
    secrecy_rules=("OSL_26_1",),
    valid_to="2026-12-01",
    extremism=True,
)
BLANK = Asked(case_type="intag", unit="Göteborg SAV", parties=())
BOTH = pytest.mark.parametrize("easy", [False, True])


class _Page(HTMLParser):
    """Gathers the words and the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Note it."""
        self.words += f"{data}\n"


@BOTH
def test_refusal_and_withdrawal_stand_before_any_line_to_sign(easy: bool) -> None:
    """Who reads from the top knows what a no means and how to change one's mind before there is anything to sign."""
    text = consent_form(ASKED, easy=easy).text
    assert text.index("Om du säger nej") < text.index("Om du ångrar dig") < text.index(LINE)
    assert ("inte gå vidare med ärendet" in text) is not easy
    assert ("Då kan vi inte hjälpa dig på det här sättet." in text) is easy
    assert "säg det, ring eller skriv" in text.casefold()
    assert ("med stöd av lag, inte med stöd av det här samtycket" in text) is not easy


@BOTH
def test_each_purpose_and_provider_has_its_own_line(easy: bool) -> None:
    """With its own last day; authorities have none, for the list is signed whole."""
    lines = consent_form(ASKED, easy=easy).text.splitlines()
    for start in ("Placering, till och med 2026-12-01: ", "Uppföljning efter avslut, till och med 2027-12-01: "):
        assert any(line.startswith(start + LINE) for line in lines)
    assert f"Omtanken AB: {LINE}" in lines
    assert "- Bops <Väst>" in lines
    assert not any("Bops" in line and LINE in line for line in lines)


@BOTH
def test_special_data_say_so(easy: bool) -> None:
    """Articles 9 and 10 stand beside what they are about, opinion in a case of extremism too."""
    text = consent_form(ASKED, easy=easy).text
    for part in ("- Hälsa (artikel 9)", "- Misstankar (artikel 10)", "- Politisk åsikt eller religiös tro (artikel 9)"):
        assert part in text
    assert "- Identitet\n" in text


@BOTH
def test_a_blank_form_has_every_purpose_and_nothing_ticked(easy: bool) -> None:
    """What is not known is a line to fill in."""
    text = consent_form(BLANK, easy=easy).text
    assert all(label in text for _, label in PURPOSE.items)
    assert f"Till och med {LINE}" in text
    assert "[x]" not in text
    assert "Vårdnadshavare" not in text


def test_a_child_has_lines_for_guardians() -> None:
    """Two of them."""
    child = Asked(case_type="intag", unit="SAV", parties=(), child=True)
    assert consent_form(child).text.count("Vårdnadshavare: ") == 2


@BOTH
def test_the_page_says_the_same_and_does_nothing(easy: bool) -> None:
    """No script, no address, no picture; names of others are escaped; it is Swedish, and has one heading over all."""
    paper = consent_form(ASKED, easy=easy)
    page = _Page()
    page.feed(paper.html)
    assert page.tags <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "section",
        "p",
        "ul",
        "li",
    }
    assert page.attributes <= {"lang", "charset", "class"}
    assert "Bops <Väst>" in page.words
    assert "<Väst>" not in paper.html
    assert '<html lang="sv">' in paper.html
    words = page.words.split("body{", 1)[0] + page.words.partition("}\n")[2]
    for line in paper.text.splitlines():
        if line and not set(line) <= {"-", "="}:
            assert line.removeprefix("- ").strip() in words


def test_easy_is_easier() -> None:
    """Shorter sentences, and no law."""
    easy, plain = consent_form(ASKED, easy=True).text, consent_form(ASKED).text
    assert SECRECY_RULE.label("OSL_26_1") in plain
    assert "OSL" not in easy
    said = easy.split("Vilka pratar vi med?")[0].splitlines()[2:]
    assert max(len(line.split()) for line in said) <= 13


def test_words_come_from_the_declaration() -> None:
    """Labels are those of the lists that the record is checked by."""
    text = consent_form(ASKED).text
    assert DATA_CATEGORY.label("identitet") in text
    assert PURPOSE.label("placering") in text
    assert AUTHORITY.label("polis") not in text  # only what was asked for


@BOTH
def test_who_answers_for_the_data_stands_there(easy: bool) -> None:
    """Organisation with its number, address, contact and data protection officer; what is not known is a line."""
    city = Controller(name="Göteborgs Stad", org_number="212000-1355", contact="031-000 00 00")
    text = consent_form(replace(ASKED, controller=city), easy=easy).text
    assert "- Göteborgs Stad, organisationsnummer 212000-1355\n" in text
    assert (f"- Adress: {LINE}" in text, "- Kontakt: 031-000 00 00" in text) == (True, True)
    assert f"- Dataskyddsombud: {LINE}" in text
    assert text.index("Om du ångrar dig") < text.index("Göteborgs Stad") < text.index("- Bops <Väst>")
