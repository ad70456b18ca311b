"""What all commands share: the office that they talk to, help in two languages, groups that load lazily."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import sys
from pathlib import Path
from typing import Any

import click
import platformdirs

from client.api.caller import Caller, Outcome
from client.api.failure import FailureError, failure_of
from client.cli.progress import show_progress
from client.cli.screen import print_failure, print_json, remark
from client.cli.words import LANGUAGES, both, choose_lang, lang, pick, say
from client.engine.folder import Folder
from keys.errors import LocalError, SlussError
from keys.files import read_bounded
from keys.private.key_file import MIN_PASSPHRASE_CHARACTERS

MAX_PASSPHRASE_BYTES = 1024


@dataclasses.dataclass
class State:
    """What the global options say."""

    office: Path = dataclasses.field(default_factory=lambda: Path(platformdirs.user_data_dir("sluss", False)))
    as_json: bool = False
    passphrase_file: Path | None = None
    _typed: str | None = dataclasses.field(default=None, repr=False)

    @property
    def folder(self) -> Folder:
        """The office."""
        return Folder(self.office)

    def passphrase(self) -> str:
        """From the file, or asked for once without showing it.

        Raises:
            LocalError: code ``FILE``, ``NOPASS`` when nobody can be asked.
        """
        if self.passphrase_file is not None:
            return read_passphrase(self.passphrase_file)
        if self._typed is None:
            self._typed = ask_hidden(say("Lösenfras", "Passphrase"))
        return self._typed

    def caller(self) -> Caller:
        """Who calls commands of the office.

        Raises:
            LocalError: code ``FILE``; a passphrase file is named and cannot be read, needed or not.
        """
        if self.passphrase_file is not None:
            read_passphrase(self.passphrase_file)
        shown = None if self.as_json else show_progress
        return Caller(folder=self.folder, passphrase=self.passphrase, lang=lang(), progress=shown)

    def call(self, name: str, **arguments: Any) -> Outcome:
        """Run a command of the office; arguments that are None are left out.

        Raises:
            FailureError: it failed.
        """
        given = {key: value for key, value in arguments.items() if value is not None}
        return asyncio.run(self.caller().call(name, given))

    def ask(self, name: str, **arguments: Any) -> Any:
        """As ``call``; tells on standard error why what was queued has not left, and returns the result."""
        outcome = self.call(name, **arguments)
        if outcome.trouble is not None and not self.as_json:
            click.echo(say("Dokumentet är köat och sparat.", "The document is queued and kept."), err=True)
        if outcome.trouble is not None:
            print_failure(outcome.trouble, as_json=self.as_json)
        return outcome.result

    def answer(self, result: object) -> bool:
        """Print the result as JSON where that is wanted; returns whether it was."""
        if self.as_json:
            print_json(result)
        return self.as_json


pass_state = click.make_pass_decorator(State)


def read_passphrase(path: Path) -> str:
    """The first line of a passphrase file.

    Raises:
        LocalError: code ``FILE``.
    """
    try:
        return read_bounded(path, MAX_PASSPHRASE_BYTES).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise LocalError("FILE") from error


def ask_hidden(label: str) -> str:
    """Ask without showing what is typed.

    Raises:
        LocalError: code ``NOPASS``; there is no terminal to ask at.
    """
    if not sys.stdin.isatty():
        raise LocalError("NOPASS")
    answer: str = click.prompt(label, hide_input=True, err=True)
    return answer


def new_passphrase(state: State) -> str:
    """One that is chosen now: from the file, or typed twice."""
    if state.passphrase_file is not None:
        return read_passphrase(state.passphrase_file)
    least = MIN_PASSPHRASE_CHARACTERS
    remark(
        say(
            f"Välj en lösenfras med minst {least} tecken, helst sex slumpade ord. Den kan inte återställas.",
            f"Choose a passphrase of at least {least} characters, best six random words. It cannot be reset.",
        )
    )
    while True:
        first = ask_hidden(say("Ny lösenfras", "New passphrase"))
        if first == ask_hidden(say("Samma lösenfras igen", "The same passphrase again")):
            return first
        remark(say("De var inte lika. Försök igen.", "They differ. Try again."))


def refuse(error: SlussError) -> FailureError:
    """An error of our own on its way to the terminal."""
    return FailureError(failure_of(error, lang()))


class Option(click.Option):
    """An option whose help is in two languages."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Name and help in the chosen language."""
        record = super().get_help_record(ctx)
        return None if record is None else (record[0], pick(record[1]))


def _set_json(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.find_root().ensure_object(State).as_json = True


def _set_lang(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value:
        choose_lang(value)


def _json_option() -> Option:
    text = both("Svara med en rad JSON.", "Answer with one line of JSON.")
    return Option(["--json"], is_flag=True, is_eager=True, expose_value=False, callback=_set_json, help=text)


def _lang_option() -> Option:
    text = both("Språk: sv eller en.", "Language: sv or en.")
    choice = click.Choice(LANGUAGES)
    return Option(
        ["--lang"], type=choice, envvar="SLUSS_LANG", is_eager=True, expose_value=False, callback=_set_lang, help=text
    )


class _Bilingual(click.Command):
    """Help in two languages; ``--json`` and ``--lang`` also after the command's name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [_json_option(), _lang_option()]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The line that shows the form of a call."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=say("Användning: ", "Usage: "))

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The pieces of that line."""
        words = {"[OPTIONS]": say("[VAL]", "[OPTIONS]"), "COMMAND [ARGS]...": say("KOMMANDO …", "COMMAND …")}
        return [words.get(piece, piece) for piece in super().collect_usage_pieces(ctx)]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(pick(self.help or ""))

    def get_short_help_str(self, limit: int = 45) -> str:
        """The same in a list of commands."""
        del limit
        return pick(self.help or "").split("\n\n")[0].replace("\n", " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options."""
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(say("Val", "Options")):
                formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What stands below."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write(pick(self.epilog) + "\n")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help``."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("Visa den här hjälpen.", "Show this help.")
        return option


class Command(_Bilingual):
    """A command."""


class Group(_Bilingual, click.Group):
    """A group of commands.

    Args:
        lazy: name -> (module, attribute, help) of commands that are imported only when they are called.
    """

    command_class = Command

    def __init__(self, *args: Any, lazy: dict[str, tuple[str, str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order of their declaration."""
        del ctx
        return [*self.commands, *self._lazy]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by name; a lazy one is imported now."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = self._lazy[cmd_name]
        try:
            found: click.Command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            return None
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands."""
        shown = {name: command for name, command in self.commands.items() if not command.hidden}
        records = [(name, command.get_short_help_str()) for name, command in shown.items()]
        records += [(name, pick(help_text)) for name, (_, _, help_text) in self._lazy.items()]
        with formatter.section(say("Kommandon", "Commands")):
            formatter.write_dl(records)


Group.group_class = Group
