"""A call that is written wrong, told in the chosen language; click's own sentences are English only."""

from __future__ import annotations

import re
from typing import Final

import click

from client.api.failure import Failure, Fault, failure_of
from client.cli.words import both, lang, pick, say
from keys.errors import LocalError

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.\-]{1,40}")  # what is repeated of the call: never a text somebody wrote
_WANTED: Final = {  # what a command of ours says with ``click.UsageError(name)``
    "--file": both(
        "Utan terminal frågas inget: ge innehållet som JSON med --file.",
        "Without a terminal nothing is asked: give the content as JSON with --file.",
    ),
    "--how": both(
        "Säg hur återkallelsen kom in med --how: besok, telefon, brev, digitalt eller genom_annan.",
        "Say how the withdrawal came in with --how: besok, telefon, brev, digitalt or genom_annan.",
    ),
    "--not-concerned": both(
        "Ge det som är nytt som JSON med --file, eller --not-concerned med --reason.",
        "Give what is new as JSON with --file, or --not-concerned with --reason.",
    ),
    "--to": both("Ange mottagaren med --to.", "Name the recipient with --to."),
    "enrol": both("Ange antingen --approval eller --request.", "Give either --approval or --request."),
    "fingerprint": both("Ange enheten som läste upp orden.", "Name the unit that read the words out."),
    "search": both("Skriv ett ord, eller början av ett.", "Write a word, or the beginning of one."),
    "--header": both(
        "Filen har redan ett huvud: skriv det där, eller bara innehållet i filen.",
        "The file has a header already: write it there, or leave only the content in the file.",
    ),
}


def usage_failure(error: click.ClickException) -> Failure:
    """What is told of a wrong call."""
    general = failure_of(LocalError("USAGE"), lang())
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context is not None else "sluss"
    sentence = _sentence(error) or general.title
    step = _before_the_command(error, path) or say(f"Läs hjälpen: {path} --help", f"Read the help: {path} --help")
    return Failure(
        code=general.code,
        title=sentence,
        detail=f"{sentence} {step}",
        next_step=step,
        fault=Fault.USAGE,
        status=general.status,
    )


def _sentence(error: click.ClickException) -> str:
    match error:
        case click.NoSuchOption():
            return say(f"Valet{_shown(error.option_name)} finns inte.", f"No such option{_shown(error.option_name)}.")
        case click.MissingParameter():
            name = _name(error.param)
            return say(f"Det saknas ett värde{name}.", f"A value is missing{name}.")
        case click.BadParameter():
            name = _name(error.param)
            return say(f"Värdet{name} går inte att använda.", f"The value{name} cannot be used.")
        case click.UsageError(message=message) if message in _WANTED:
            return pick(_WANTED[message])
        case _:
            return ""


def _before_the_command(error: click.ClickException, path: str) -> str:
    """Where an option of all commands belongs that was written after the command's name; else nothing."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return ""
    known = {name for one in error.ctx.find_root().command.params for name in one.opts}
    if error.option_name not in known:
        return ""
    first, _, rest = path.partition(" ")
    call = f"{first} {error.option_name} … {rest}"
    return say(f"Skriv det före kommandot: {call}", f"Write it before the command: {call}")


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return ""
    return _shown(param.opts[0] if isinstance(param, click.Option) else param.human_readable_name)


def _shown(text: str) -> str:
    return f" {text}" if _PLAIN.fullmatch(text) else ""
