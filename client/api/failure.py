"""A failure as it leaves the office: code, plain sentence, next step, and whose fault it is; never content.

Form on the wire: application/problem+json (RFC 9457) with ``code``, ``title``, ``detail``, ``next_step``, ``fault``
and, where fields are wrong, ``problems``.
"""

from __future__ import annotations

import dataclasses
import enum
import errno
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from client.casework.codes import explained
from client.casework.problems import InvalidBodyError, Problem
from client.engine.names import ClosedUnitError
from client.engine.sessions import HubError
from client.lang.catalogue import translated
from keys.errors import LocalError, PeerError, RefusedError, SlussError

Text = Annotated[str, Meta(max_length=2000)]


class Fault(enum.StrEnum):
    """Whose fault it is; the command line's exit codes follow from it."""

    USAGE = "usage"  # the call itself: an unknown name, id or command
    RULE = "rule"  # a rule of the work says no
    OWN = "own"  # our own side: passphrase, file, clock, disk
    HUB = "hub"  # the hub cannot be reached
    PEER = "peer"  # what another party made is not to be trusted


_USAGE: Final = frozenset(
    {
        "ARGUMENT", "COMMAND", "NOTFOUND", "AMBIGUOUS", "NOCONSENT", "UNK", "USAGE", "JSON", "EMPTY", "ENCODING",
        "FILEBIG", "NOFILE", "ISFOLDER", "NOKIND", "BADID", "MANY", "REPLYKIND", "NOREPLY",
    }
)  # fmt: skip
#: What the system says of a file -> our code; what is not here is told as a fault of this computer.
_SYSTEM: Final = {
    errno.ENOSPC: "DISK",
    errno.EDQUOT: "DISK",
    errno.EFBIG: "DISK",
    errno.ENOENT: "NOFILE",
    errno.ENOTDIR: "NOFILE",
    errno.EISDIR: "ISFOLDER",
    errno.EACCES: "NOPERM",
    errno.EPERM: "NOPERM",
    errno.EROFS: "NOPERM",
}
_PEER: Final = frozenset({"FORK", "HUBOTHER", "LOG", "SNAPSHOT", "OLDKEY", "OWNKEY", "OWNLEAF", "WITNESS"})
_STATUS: Final = {
    "ARGUMENT": 400,
    "JSON": 400,
    "EMPTY": 400,
    "ENCODING": 400,
    "BADID": 400,
    "ACCESS": 401,
    "COMMAND": 404,
    "NOTFOUND": 404,
    "NOCONSENT": 404,
    "UNK": 404,
    "NOKIND": 404,
    "MANY": 409,
    "AMBIGUOUS": 409,
    "STA": 409,
    "TWICE": 409,
    "DUP": 409,
    "LOCKED": 409,
    "ENROL": 409,
    "LEAVING": 409,
    "LOCKEDKEYS": 423,
    "KEEPER": 423,
    "REQUEST": 413,
    "DISK": 507,
}
_STATUS_OF: Final = {Fault.USAGE: 400, Fault.RULE: 422, Fault.OWN: 500, Fault.HUB: 503, Fault.PEER: 502}


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One field that is wrong."""

    path: Text
    reason: Text
    code: Text
    sentence: Text


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an error."""

    code: Text
    title: Text
    detail: Text
    next_step: Text
    fault: Fault
    status: int
    problems: Annotated[list[FieldProblem], Meta(max_length=1000)] = []

    def as_json(self) -> dict[str, Any]:
        """For a response; ``problems`` only where there are any."""
        facts: dict[str, Any] = msgspec.to_builtins(self)
        if not self.problems:
            del facts["problems"]
        return facts


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """What an open office knows of units: its own id, and the name of any by its hexadecimal id."""

    own: str
    name_of: Callable[[str], str]


class FailureError(Exception):
    """A command failed; carries all that may be told."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def failure_of(error: SlussError, lang: str = "sv", names: Names | None = None) -> Failure:
    """What is told of an error.

    Args:
        error: as raised.
        lang: ``sv`` or ``en``.
        names: of units, where an office is open; else the id itself stands there.
    """
    error = _closer(error)
    unit, facts = str(error.fields.get("unit", "")), dict(error.fields)
    if names is not None and unit:
        facts["own" if unit == names.own else "other"] = 1
    told = explained(error.code, lang, facts, lambda text: translated(text, lang))
    if isinstance(error, ClosedUnitError) and error.successor:
        step = "Write to {}." if lang == "en" else "Skriv till {}."
        told = dataclasses.replace(told, next_step=step.format(error.successor))
    title = told.sentence if names is None or not unit else told.sentence.replace(unit, names.name_of(unit))
    fault = fault_of(error)
    return Failure(
        code=error.code,
        title=title,
        detail=f"{title} {told.next_step}",
        next_step=told.next_step,
        fault=fault,
        status=_STATUS.get(error.code, _STATUS_OF[fault]),
        problems=_problems(error, lang),
    )


def system_error(error: OSError) -> LocalError:
    """What the system refused, as an error of our own."""
    return LocalError(_SYSTEM.get(error.errno or 0, "LOCAL"))


def _closer(error: SlussError) -> SlussError:
    """A file that could not be read or written: why, when the system said why."""
    cause = error.__cause__
    if error.code in {"FILE", "DISK"} and isinstance(cause, OSError) and cause.errno in _SYSTEM:
        return system_error(cause)
    return error


def fault_of(error: SlussError) -> Fault:
    """Whose fault an error is."""
    if error.code in _PEER or isinstance(error, PeerError):
        return Fault.PEER
    if isinstance(error, HubError) or error.code == HubError.default_code:
        return Fault.HUB
    if isinstance(error, RefusedError):
        return Fault.RULE
    return Fault.USAGE if error.code in _USAGE else Fault.OWN


def unexpected(error: Exception, lang: str = "sv") -> Failure:
    """What is told of a fault in the program: its type and place and nothing else, for its text may hold content."""
    failure = failure_of(LocalError("FAULT"), lang)
    kind = type(error).__name__
    place = FieldProblem(path=_place(error), reason=kind, code=failure.code, sentence=kind)
    return msgspec.structs.replace(failure, problems=[place])


def _place(error: Exception) -> str:
    """The innermost line of ours on the way to the error, for whoever mends it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [(Path(frame.filename), frame.lineno) for frame in frames if not frame.filename.startswith("<")]
    ours = [(path, line) for path, line in ours if "site-packages" not in path.parts] or [(Path("?"), 0)]
    path, line = ours[-1]
    return f"{'/'.join(path.parts[-3:])}:{line}"


def sentence_of(one: Problem, lang: str) -> str:
    """What is wrong with a field, in a language."""
    return one.sentence_en(translated(one.label, "en")) if lang == "en" else one.sentence_sv


def _problems(error: SlussError, lang: str) -> list[FieldProblem]:
    if not isinstance(error, InvalidBodyError):
        return []
    return [
        FieldProblem(
            path=one.path,
            reason=one.reason,
            code=one.code,
            sentence=sentence_of(one, lang),
        )
        for one in error.problems
    ]
