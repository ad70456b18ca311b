"""The basis of disclosure that a document gets where nobody names one (domain.md 2.0.2, list D1)."""

from __future__ import annotations

import pytest

from client.casework.kinds.registry import KINDS
from client.casework.validate import validate_body
from client.engine.drafting import basis_of
from tests.unit.casework.samples import SAMPLES

#: Kinds that name nobody: advice, a general question to a place, a check of a place, receipts, figures.
NAMES_NOBODY = {
    "konsultation.fraga", "konsultation.svar", "konsultation.komplettering", "konsultation.avslut",
    "konsultation.omvandlad", "konsultation.avbojd", "hotbild.omdirigerad", "hotbild.avvisad",
    "placering.mottagarforfragan", "placering.mottagarsvar", "kollision.forfragan", "kollision.utfall",
    "kollision.borttagen", "avslut.bekraftelse", "kvittens.registrerad", "kvittens.avvisad", "statistik.rapport",
    "statistik.atertagen", "statistik.summerad", "hotbild.antagen", "overlamnande.villkorssvar", "overlamnande.ater",
    "overlamnande.vidare", "overlamnande.aterkallat", "placering.paborjad", "placering.mottagarbesked",
}  # fmt: skip
#: Kinds that never leave the unit.
STAYS = {
    "intag.kontakt", "intag.handelse", "intag.anhorig_rad", "intag.beslut", "samtycke.vagrat",
    "samtycke.felregistrerat", "uppfoljning.personens_bild", "uppfoljning.samlad_bedomning", "aterkomst.notis",
    "aterkomst.beslut", "statistik.sammanstallning", "statistik.granskning", "uppfoljning.rapporterad",
    "uppfoljning.utgar", "kollision.egenkontroll", "samtycke.informerad",
    "avslut.forslag", "avslut.avslag", "uttag.begaran", "uttag.gjort",
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("has_consent", [True, False])
def test_each_kind_has_the_basis_of_the_table(name: str, *, has_consent: bool) -> None:
    """Nobody is named only where nobody can be; all else about a person leans on consent, also a provider's report."""
    expected = "stannar_i_enheten" if name in STAYS else "samtycke"
    if name in NAMES_NOBODY and not has_consent:
        expected = "inga_personuppgifter"
    assert basis_of(KINDS[name], has_consent=has_consent) == expected


@pytest.mark.parametrize("name", KINDS)
def test_a_sound_document_holds_with_that_basis(name: str) -> None:
    """The default is never one that the rules refuse for this kind."""
    body = SAMPLES[name]
    body["header"]["disclosure_basis"] = basis_of(KINDS[name], has_consent=KINDS[name].about_person)
    validate_body(body)
