"""Cases: all of one person's key, who read what, and the codes with which callers come back."""

from __future__ import annotations

from client.api.arguments import Arguments, OneCase, ReturnCode
from client.api.clocks import clocks, timed
from client.api.standing import reading
from client.engine.case_file import CaseFile
from client.engine.office import Desk
from client.engine.reading import Facts
from client.engine.reading_cases import ReadingCases
from client.engine.reading_consents import ReadingConsents
from client.engine.return_codes import ReturnCodes


async def case(desk: Desk, arguments: OneCase) -> Facts:
    """The threads of a case with their states and deadlines, its consents, and how long its threat results count."""
    await clocks(desk).refresh()
    facts = await _cases(desk).one(arguments.principal_ref)
    return {**facts, "threads": await timed(desk, facts["threads"])}


async def newest(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """The cases that changed last, each by its key and its newest thread."""
    return await _cases(desk).newest()


async def reads(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """The log of reads of threat and placement content."""
    return await _cases(desk).reads()


async def return_code_new(desk: Desk, _arguments: Arguments) -> Facts:
    """A new return code, shown this once, and what a contact keeps of it."""
    given = await ReturnCodes(desk.context).new()
    return {"code": given.code, "check": given.check}


async def return_code_find(desk: Desk, arguments: ReturnCode) -> Facts:
    """The contact that was given this code."""
    codes = ReturnCodes(desk.context)
    document_id = await codes.find(arguments.code)
    return {"document_id": document_id.hex(), "returned": await codes.returned()}


async def case_key(desk: Desk, beginning: str) -> str:
    """The person's key in the case that begins so.

    Raises:
        LocalError: code ``NOTFOUND``, ``AMBIGUOUS``.
    """
    facts = await _cases(desk).one(beginning)
    return str(facts["principal_ref"])


def _cases(desk: Desk) -> ReadingCases:
    shown = reading(desk)
    consents = ReadingConsents(desk.context, desk.consents, shown)
    return ReadingCases(desk.context, shown, consents, CaseFile(desk.context, desk.consents, desk.threads))
