"""What is wrong with a document, in sentences that never repeat what stands in it.

A label of ours may stand in a sentence; a value, or the name of a field that we do not know, may not:
both come from somebody else and may be about a person.

Public signatures:
    Problem(path, reason, code, label, limit); .sentence_sv, .sentence_en(label)
    problem(path, reason, label="", code="SCH", limit=0) -> Problem
    InvalidBodyError(problems)         .code is that of the first problem, .problems all of them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from keys.errors import RefusedError

#: More problems than this are not kept; nobody reads them.
MAX_PROBLEMS = 200

#: Reason -> sentence in Swedish and in English. ``{label}`` is ours, ``{limit}`` a number of ours.
SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("{label}: fältet måste fyllas i.", "{label}: this field must be filled in."),
        "unknown": (
            "Här finns ett fält som inte hör till blanketten.",
            "There is a field that the form does not have.",
        ),
        "forbidden": ("{label}: fältet får inte fyllas i här.", "{label}: this field must be left out here."),
        "type": ("{label}: värdet har fel form.", "{label}: the value has the wrong form."),
        "too_long": ("{label}: texten får ha högst {limit} tecken.", "{label}: at most {limit} characters."),
        "too_many": ("{label}: högst {limit} rader är tillåtna.", "{label}: at most {limit} rows."),
        "choice": ("{label}: välj ett värde ur listan.", "{label}: choose a value of the list."),
        "duplicate": ("{label}: samma val finns två gånger.", "{label}: the same choice stands there twice."),
        "const": ("{label}: värdet är inte tillåtet.", "{label}: this value is not allowed."),
        "control": (
            "{label}: texten innehåller otillåtna tecken.",
            "{label}: the text has characters that are not allowed.",
        ),
        "range": ("{label}: talet är för stort eller för litet.", "{label}: the number is too large or too small."),
        "date": ("{label}: skriv ett datum som ÅÅÅÅ-MM-DD.", "{label}: write a date as YYYY-MM-DD."),
        "dt": ("{label}: tidpunkten har fel form.", "{label}: the instant has the wrong form."),
        "kommun": (
            "{label}: skriv en kommunkod med fyra siffror.",
            "{label}: write a municipality code of four digits.",
        ),
        "kommun_unknown": (
            "{label}: ingen kommun har den koden. Skriv till exempel 0180 för Stockholm.",
            "{label}: no municipality has this code. Write for example 0180 for Stockholm.",
        ),
        "district": (
            "{label}: skriv namnet på en av Stockholms stadsdelsförvaltningar, till exempel Järva.",
            "{label}: write the name of one of Stockholm's districts, such as Järva.",
        ),
        "district_gone": (
            "{label}: stadsdelsförvaltningen fanns inte den dagen. Kontrollera namnet.",
            "{label}: this district did not exist on that day. Check the name.",
        ),
        "id": ("{label}: värdet är inget giltigt id.", "{label}: the value is no valid id."),
        "body": ("Dokumentet har inte rätt delar.", "The document does not have the right parts."),
        "kind": ("Dokumentets slag är okänt.", "The kind of the document is unknown."),
        "version": ("Dokumentets version är okänd här.", "The version of the document is unknown here."),
        "basis": (
            "{label}: grunden kan inte användas för det här slaget av dokument.",
            "{label}: this basis cannot be used for this kind of document.",
        ),
        "subject": (
            "{label}: rubriken hör till ett annat slag av dokument.",
            "{label}: the subject belongs to another kind.",
        ),
        "pid": (
            "{label}: texten innehåller något som kan peka ut en person.",
            "{label}: the text has something that may identify a person.",
        ),
        "minor": (
            "{label}: svaret stämmer inte med personens ålder.",
            "{label}: the answer does not agree with the age of the person.",
        ),
        "minor_date": (
            "{label}: polisen bedömer personer under 18 år först från den 1 april 2023.",
            "{label}: the police assess persons under 18 only from 1 April 2023.",
        ),
        "identity": (
            "{label}: kontrollsiffran eller datumet stämmer inte. Kontrollera numret och bekräfta.",
            "{label}: the check digit or the date is wrong. Check the number and confirm.",
        ),
        "after": ("{label}: datumet ligger för sent.", "{label}: the date is too late."),
        "before": ("{label}: datumet ligger för tidigt.", "{label}: the date is too early."),
        "past": (
            "{label}: dagen får inte ligga före den då dokumentet skrivs.",
            "{label}: not before the day on which the document is written.",
        ),
        "future": (
            "{label}: dagen får inte ligga efter den då dokumentet skrivs.",
            "{label}: not after the day on which the document is written.",
        ),
        "too_early": (
            "{label}: högst {limit} dagar före den dag då dokumentet skrivs.",
            "{label}: at most {limit} days before the day on which the document is written.",
        ),
        "too_late": (
            "{label}: högst {limit} dagar efter den dag då dokumentet skrivs.",
            "{label}: at most {limit} days after the day on which the document is written.",
        ),
        "computed": (
            "{label}: värdet ska räknas fram ur de andra fälten och stämmer inte.",
            "{label}: the value follows from other fields and does not agree with them.",
        ),
        "other_scheme": (
            "{label}: resultatet hör till en annan definition.",
            "{label}: the result belongs to another definition.",
        ),
        "unmet": (
            "{label}: inget kriterium är uppfyllt. Då hör personen inte till målgruppen, eller så är svaren fel.",
            "{label}: no criterion is met. So the person is not in the target group, or the answers are wrong.",
        ),
        "criteria": (
            "{label}: alla kriterier i definitionen ska besvaras, och inga andra.",
            "{label}: all criteria of the definition are to be answered, and no others.",
        ),
        "placed": (
            "{label}: ärendet kan inte avslutas förrän placeringen har upphört eller lämnats över.",
            "{label}: the case cannot be closed before the placement has ended or been handed over.",
        ),
        "goal": (
            "Punkten är inte uppnådd, och enheten avslutar först när den är det.",
            "This point is not reached, and the unit closes only when it is.",
        ),
        "same_staff": (
            "{label}: två olika personer ska ha gjort det här.",
            "{label}: two different members of staff are needed.",
        ),
        "token": (
            "{label}: skriv versaler, siffror och bindestreck, som i polisens lista.",
            "{label}: write capital letters, digits and hyphens, as in the list of the police.",
        ),
        "cells": (
            "{label}: varje uppgift ska finnas med en gång.",
            "{label}: each cell must stand there once.",
        ),
        "unmasked": (
            "{label}: små tal, eller tal som de kan räknas ut ur, är inte maskerade.",
            "{label}: small numbers, or numbers that give them away, are not masked.",
        ),
        "chain": ("{label}: händelsekedjan är bruten.", "{label}: the chain of events is broken."),
        "consent": (
            "{label}: dokumentets huvud anger ett annat samtycke.",
            "{label}: the header names another consent.",
        ),
        "guess": (
            "{label}: texten kan peka ut en person. Läs den en gång till.",
            "{label}: the text may identify a person. Read it once more.",
        ),
        "small_place": (
            "Kommunen är liten: även utan namn kan personen gå att känna igen. Ta bort det som inte behövs för rådet.",
            "The municipality is small: somebody may be recognised without a name. Leave out what is not needed.",
        ),
        "protected": (
            "{label}: uppgifterna är skyddade. Kommunen säger inget om var ärendet hör hemma.",
            "{label}: the data are protected. The municipality does not tell where the case belongs.",
        ),
        "protected_handled": (
            "{label}: välj mottagare för hand och svara ja. Folkbokföringen säger inget om var ärendet hör hemma.",
            "{label}: choose the recipient by hand and answer yes. The register does not tell where the case belongs.",
        ),
        "decider": (
            "{label}: enhetens kort i katalogen säger att en annan enhet beslutar.",
            "{label}: the unit's card in the directory says that another unit decides.",
        ),
        "uncompared": (
            "Enhetens nycklar är inte jämförda. Jämför orden i telefon (sluss fingerprint) innan du litar på dem.",
            "The unit's keys were never compared. Compare the words by telephone (sluss fingerprint) first.",
        ),
        "recompare": (
            "Enhetens nycklar har ändrats sedan de jämfördes. Jämför orden på nytt med sluss fingerprint.",
            "The unit's keys have changed since they were compared. Compare the words again with sluss fingerprint.",
        ),
        "file_name": (
            "{label}: filnamnet har tecken eller en ändelse som inte är tillåten.",
            "{label}: the file name has characters or an ending that are not allowed.",
        ),
        "file_type": ("{label}: filtypen är inte PDF/A.", "{label}: the file is not PDF/A."),
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or that deserves a second look when it is a warning.

    Args:
        path: where, e.g. ``content.advice``; an unknown field shows as ``?``.
        reason: key of `SENTENCES`.
        code: stable code of the refusal: SCH, VER, KIND or PID.
        label: our Swedish label of the field, empty for none.
        limit: greatest length or number of rows, where the sentence names it.
    """

    path: str
    reason: str
    code: str
    label: str = ""
    limit: int = 0

    @property
    def sentence_sv(self) -> str:
        """For a person, in Swedish."""
        return SENTENCES[self.reason][0].format(label=self.label or "Fältet", limit=self.limit)

    def sentence_en(self, label: str) -> str:
        """For a person, in English, which asks for the label in English too; empty for none."""
        return SENTENCES[self.reason][1].format(label=label or "The field", limit=self.limit)


class InvalidBodyError(RefusedError):
    """A document that its declaration refuses; carries every problem found."""

    default_code: ClassVar[str] = "SCH"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems[:MAX_PROBLEMS]
        super().__init__(problems[0].code if problems else "SCH", problems=len(problems))


def problem(path: str, reason: str, label: str = "", *, code: str = "SCH", limit: int = 0) -> Problem:
    """Make a problem.

    Args:
        path: where it is.
        reason: key of `SENTENCES`.
        label: our Swedish label of the field.
        code: stable code.
        limit: greatest length or number of rows, where the sentence names it.
    """
    return Problem(path, reason, code, label, limit)
