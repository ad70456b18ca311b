"""The options that several commands of ``sluss-keys`` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from keys.ids import ID_BYTES
from keys.places import kommuner
from keys.statements import Profile

F = TypeVar("F", bound=Callable[..., Any])
FILE: Final = click.Path(path_type=Path, dir_okay=False)
FOLDER: Final = click.Path(path_type=Path, file_okay=False)


class _Id(click.ParamType[bytes]):
    """An id of 16 bytes in hexadecimal."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        try:
            raw = bytes.fromhex(value)
        except ValueError:
            raw = b""
        if len(raw) != ID_BYTES:
            self.fail(f"{value!r} is not an id of 32 hexadecimal digits", param, ctx)
        return raw


class _Kommun(click.ParamType[str]):
    """The code of a municipality, or nothing."""

    name = "kommunkod"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value and value not in kommuner():
            self.fail("no municipality has this code; 0180 is Stockholm, 1480 Göteborg", param, ctx)
        return str(value)


def options(*several: Callable[[F], F]) -> Callable[[F], F]:
    """One decorator of several options."""

    def decorate(function: F) -> F:
        for option in reversed(several):
            function = option(function)
        return function

    return decorate


def chosen(words: object) -> click.Choice[str]:
    """A choice among the words of a StrEnum."""
    return click.Choice([str(word) for word in words])  # type: ignore[attr-defined]


ID: Final = _Id()
registry = click.option("--registry", "folder", type=FOLDER, required=True, help="the registry folder")
words = click.option(
    "--passphrase-file", "pass_files", type=FILE, multiple=True, help="one per key file, in order; else prompted"
)
keys = options(click.option("--key", "key_files", type=FILE, multiple=True, required=True, help="who signs"), words)
approving = options(
    click.option("--draft", type=FILE, help="keep the statement here when signatures are missing"),
    click.option("--code", help="the code that was read out at the device; else asked for"),
    click.option("--yes", is_flag=True, help="do not ask: the code was compared"),
)
kommunkod = click.option("--kommunkod", type=_Kommun(), default="", help="of a municipality, four digits")
draft = click.option("--draft", type=FILE, help="keep the statement here when signatures are missing")
profile = click.option("--profile", type=chosen(Profile), default=Profile.REAL.value, help="real (default) or demo")
