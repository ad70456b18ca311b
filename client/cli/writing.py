"""``new`` and ``reply``: content from a file, or asked for field by field and confirmed at the end."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from client.api.declared import flat
from client.api.failure import FailureError, failure_of
from client.api.places import LEAST_DIGITS, find_kind
from client.casework.describe import FieldInfo
from client.casework.kinds.kind import Gate, Kind, Need
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.cli.attachments import staged
from client.cli.base import Command, Option, State, pass_state, refuse
from client.cli.files import JSON_FILE, read_json
from client.cli.looking import state_words
from client.cli.prompts import ask_field, ask_form, choose, confirm
from client.cli.routes import propose
from client.cli.screen import clean, print_facts, remark
from client.cli.sending import send
from client.cli.words import both, lang, say, tr
from keys.errors import LocalError

_OTHER_BASIS = "-"
_file = click.option(
    "--file", "content_file", cls=Option, type=JSON_FILE,
    help=both(
        "Innehållet som JSON, eller huvud och innehåll som kinds --example; - läser standard in.",
        "Content as JSON, or header and content as in kinds --example; - reads standard input.",
    ),
)  # fmt: skip
_header = click.option(
    "--header", "header_file", cls=Option, type=JSON_FILE,
    help=both("Fält i huvudet som JSON.", "Fields of the header as JSON."),
)  # fmt: skip
_consent = click.option("--consent", cls=Option, help=both("Samtyckets id.", "Id of the consent."))
_yes = click.option(
    "--yes",
    cls=Option,
    is_flag=True,
    help=both(
        "Fråga inte. Bekräftar också ett nummer som ser fel ut och en text som kan peka ut någon.",
        "Do not ask. Also confirms a number that looks wrong and a text that may identify somebody.",
    ),
)


_attach = click.option(
    "--attach", "files", cls=Option, multiple=True, type=click.Path(path_type=Path, dir_okay=False),
    help=both("En fil att bifoga; går att upprepa.", "A file to attach; may be repeated."),
)  # fmt: skip
_attachment = click.option(
    "--attachment", "staged", cls=Option, multiple=True,
    help=both("Id för en fil som togs in med attach.", "Id of a file that was taken in by attach."),
)  # fmt: skip


@click.command(cls=Command, help=both("Skriv ett dokument till en enhet.", "Write a document to a unit."))
@click.argument("kind")
@click.option(
    "--to", "unit", cls=Option,
    help=both("Enhetens namn eller id; behövs inte för det som stannar.", "The unit's name or id; not for what stays."),
)  # fmt: skip
@click.option("--thread", cls=Option, help=both("Ärendetrådens id.", "Id of the thread."))
@_consent
@_file
@_header
@_attach
@_attachment
@_yes
@pass_state
def new(state: State, /, kind: str, unit: str | None, thread: str | None, **given: Any) -> None:
    """Queue a document, or keep one that stays in the unit."""
    form = _Form(state, find_kind(kind), given)
    if unit is None and not find_kind(kind).local:
        unit = propose(state, kind)
    to, name = (
        (None, "") if unit is None else _recipient(state, unit, is_asked_again=form.is_asked and not given["yes"])
    )
    form.fill()
    if form.is_confirmed(name):
        consent = given["consent"] or form.consent
        files = staged(state, given["files"], given["staged"])
        parts = {"kind": kind, "to": to, "thread_id": thread, "consent_id": consent, "attachments": files}
        parts |= form.parts
        report(state, send(state, "new", yes=given["yes"], **parts))


@click.command(cls=Command, help=both("Svara på ett dokument.", "Answer a document."))
@click.argument("document_id", metavar="ID")
@click.argument("kind", required=False)
@_consent
@_file
@_header
@_attach
@_attachment
@_yes
@pass_state
def reply(state: State, /, document_id: str, kind: str | None, **given: Any) -> None:
    """Queue an answer in the document's thread."""
    answered: dict[str, Any] = {}
    if kind is None or given["content_file"] is None:
        answered = state.ask("show", document_id=document_id)
    chosen = kind or _choose_kind(answered["replies"])
    form = _Form(state, find_kind(chosen), given, has_thread=True)
    form.fill()
    if form.is_confirmed(answered.get("unit", "")):
        files = staged(state, given["files"], given["staged"])
        parts = {"document_id": document_id, "kind": chosen, "consent_id": given["consent"], "attachments": files}
        parts |= form.parts
        report(state, send(state, "reply", yes=given["yes"], **parts))


class _Form:
    """What is filled in for one document.

    Args:
        state: global options.
        kind: the kind of document.
        given: ``content_file``, ``header_file``, ``consent`` and ``yes`` of the command line.
        has_thread: it answers something, so that consent and person follow from the thread.
    """

    def __init__(self, state: State, kind: Kind, given: dict[str, Any], *, has_thread: bool = False) -> None:
        self._state = state
        self._kind = kind
        self._file: Path | None = given["content_file"]
        self._header_file: Path | None = given["header_file"]
        self._yes: bool = given["yes"]
        self._named = given["consent"] is not None or has_thread
        self.consent: str | None = None
        self.parts: dict[str, Any] = {}

    @property
    def is_asked(self) -> bool:
        """Whether a person fills it in now."""
        return self._file is None

    def fill(self) -> None:
        """Read the files, or ask."""
        if self._file is not None:
            self.parts |= self._from_file(self._file)
        elif not sys.stdin.isatty():
            raise click.UsageError("--file")
        if self._header_file is not None:
            self.parts["header"] = read_json(self._header_file)
        if self._file is None:
            remark(tr(self._kind.help))
            if self._header_file is None:
                self.parts["header"] = self._ask_header()
            facts = {"@opens_thread": self._kind.opens_thread, "@about_person": self._kind.about_person}
            fields = describe(self._kind.name)
            self.parts["content"] = ask_form(fields, facts, guarded=self._kind.guarded, proposed=self._proposed)

    def _from_file(self, path: Path) -> dict[str, Any]:
        """The content, or header and content as ``sluss kinds KIND --example`` prints them.

        Raises:
            click.UsageError: ``--header``, a file of its own for what is in this one.
        """
        found = read_json(path)
        if set(found) != {"header", "content"}:
            return {"content": found}
        if self._header_file is not None:
            raise click.UsageError("--header")
        return found

    def is_confirmed(self, unit: str) -> bool:
        """Ask once more, with the recipient; a call with a file is its own confirmation."""
        if not self.is_asked or self._yes:
            return True
        title = tr(self._kind.title_sv)
        remark("")
        local = say(f"Spara {title} i enheten?", f"Keep {title} in the unit?")
        if confirm(local if self._kind.local else say(f"Skicka {title} till {unit}?", f"Send {title} to {unit}?")):
            return True
        remark(say("Inget skickades och inget sparades.", "Nothing was sent and nothing was saved."))
        return False

    def _ask_header(self) -> dict[str, Any]:
        """Priority, what the document leans on, and the person, as far as the kind has them."""
        known = {info.name: info for info in describe_header()}
        header: dict[str, Any] = {"priority": ask_field(known["priority"], {}, {})}
        if self._kind.reply_clock:
            wished = ask_field(known["reply_by"], {}, {}, proposed=self._proposed)
            header |= {"reply_by": wished} if wished is not None else {}
        if self._kind.gate is Gate.CONSENT and not self._named:
            header |= self._ask_basis(known)
        need = self._kind.subject_person
        if need is Need.REQUIRED or (need is Need.OPTIONAL and not self._named):
            person = ask_field(known["subject_person"], header, {"@subject_person": need.value})
            header |= {"subject_person": person} if person is not None else {}
        return header

    @functools.cached_property
    def _proposed(self) -> dict[str, object]:
        """Defaults by path, as this office would propose them now."""
        told = self._state.ask("describe", kind=self._kind.name)
        return {one["path"]: one["default"] for one in flat([*told["header"], *told["fields"]]) if one["default"]}

    def _ask_basis(self, known: dict[str, FieldInfo]) -> dict[str, Any]:
        consents = [one for one in self._state.ask("consent_list") if one["current"]]
        choices = [(one["consent_id"], _consent_label(one)) for one in consents]
        choices.append((_OTHER_BASIS, say("Annan grund, med beslut om utlämnande", "Another basis, with a decision")))
        picked = choose(say("Vad stöder sig dokumentet på?", "What does the document lean on?"), choices)
        if picked != _OTHER_BASIS:
            self.consent = picked
            limited = any(one["consent_id"] == picked and one["limits"] for one in consents)
            decided = ask_field(known["limits_decision"], {}, {}) if limited else None
            return {"limits_decision": decided} if decided else {}
        form: dict[str, Any] = {}
        for name in ("disclosure_basis", "disclosure_decision", "principal_ref"):
            value = ask_field(known[name], form, {"@about_person": self._kind.about_person})
            form |= {name: value} if value is not None else {}
        return form


def _consent_label(one: dict[str, Any]) -> str:
    until = say("gäller till", "valid to")
    return clean(f"{one['consent_id'][:8]}  {one['controller']}  {until} {one['valid_to']}")


def _choose_kind(names: list[str]) -> str:
    """The kind of answer, asked for; without a terminal the failure tells which there are.

    Raises:
        FailureError: code ``NOREPLY``, ``REPLYKIND``.
    """
    if not names:
        raise refuse(LocalError("NOREPLY"))
    if not sys.stdin.isatty():
        failure = failure_of(LocalError("REPLYKIND"), lang())
        step = say("De som går är: ", "Those that may be are: ") + ", ".join(names)
        raise FailureError(msgspec.structs.replace(failure, next_step=f"{failure.next_step} {step}"))
    choices = [(name, tr(KINDS[name].title_sv)) for name in names]
    return choose(say("Vilket slag av svar?", "Which kind of answer?"), choices)


def _recipient(state: State, text: str, *, is_asked_again: bool) -> tuple[str, str]:
    """What the command is to be given, and the whole name that a person sees before anything is typed.

    The beginning of a name is enough only at a terminal, where the whole name is asked about now or at the end.

    Raises:
        LocalError: code ``UNK``, ``MANY``.
    """
    if not sys.stdin.isatty():
        return text, text
    wanted = text.casefold().strip()
    units = [one for one in state.ask("units") if one["active"]]
    exact = [one for one in units if wanted in {one["name_sv"].casefold(), one["name_en"].casefold()}]
    exact = exact or [one for one in units if len(wanted) >= LEAST_DIGITS and one["unit_id"].startswith(wanted)]
    found = exact or [one for one in units if one["name_sv"].casefold().startswith(wanted)]
    if len(found) != 1:
        raise LocalError("MANY" if exact else "UNK")
    name = clean(f"{found[0]['name_sv']}, {found[0]['organisation']}")
    if not exact and not is_asked_again and not confirm(say(f"Menar du {name}?", f"Do you mean {name}?")):
        raise LocalError("UNK")
    return found[0]["unit_id"], name


def report(state: State, done: dict[str, Any]) -> None:
    """What was queued or kept, and what deserves a second look."""
    if state.answer(done):
        return
    print_facts(
        [
            (say("Dokument", "Document"), done["document_id"]),
            (say("Ärendetråd", "Thread"), done["thread_id"]),
            (say("Läge", "State"), state_words(done["state"])),
        ]
    )
    if done["state"] == "awaiting":
        remark(
            say(
                "Två personer ska stå för dokumentet. Det skickas när en kollega har godkänt det med sluss approve.",
                "Two people must answer for the document. It is sent when a colleague has approved it: sluss approve.",
            )
        )
    for warning in done["warnings"]:
        remark(say("Observera: ", "Note: ") + warning["sentence_en" if lang() == "en" else "sentence"])
