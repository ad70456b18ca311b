"""How ``sluss-keys`` talks to a person.

1. Results go to standard output, as lines or as JSON; everything else goes to standard error.
2. A message begins with the program's name, without capital or full stop; what to do next stands on lines of its own.
3. Passphrases come from a hidden prompt or from a file that is named, never from an argument or the environment.
4. Bad input ends in a message and an exit code, never in a traceback.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import click

from keys.comparison import same_code, short_code
from keys.errors import LocalError, PeerError, SlussError
from keys.files import read_bounded

PROGRAM: Final = "sluss-keys"
EXIT_LOCAL: Final = 1
EXIT_PEER: Final = 3
EXIT_REGISTRY: Final = 4
MAX_PASSPHRASE_BYTES: Final = 1024

# code -> (what is wrong, what to do next)
_ADVICE: Final = {
    "PASS": ("the passphrase does not open this key file", "try again; å, ä and ö count, and so do capitals"),
    "PASSSHORT": ("the passphrase is too short", "take at least 12 characters, better six random words"),
    "FILE": ("the file is missing, too long, altered, or not of the kind that is needed here", "compare its name"),
    "DISK": ("cannot write", "look at the folder's permissions and free space; nothing was replaced"),
    "EXISTS": ("the file or registry exists already and is not written over", "choose another name"),
    "PROFILE": ("a demonstration key and a real federation do not go together", "use the key file made for this one"),
    "FEDERATION": ("this root key belongs to another federation", "use the key file made for this one"),
    "THRESHOLD": ("the threshold must lie between 1 and the number of holders, at most 9", "choose other numbers"),
    "UNKNOWN": ("the registry does not know this id", f"list the ids with: {PROGRAM} show --registry DIR"),
    "CODE": (
        "the code was not confirmed, and nothing was signed",
        "call the person at the device, on a number that you know, and compare; without a terminal use --code",
    ),
    "GRANT": (
        "this administrator has no sound grant of the directory key",
        f"let the root holders make one with: {PROGRAM} organisation grant",
    ),
    "DIRKEY": ("this is not the newest directory key", "let the root holders grant it with: organisation grant"),
    "NUMBER": ("another number is next for the directory key", f"look with: {PROGRAM} show --registry DIR"),
    "CUT": ("a cut leaves no overlap", "add --overlap-weeks 0, or leave --cut out"),
    "HUB": ("the registry does not have exactly one hub", "name one with --hub, or add one with: hub add"),
    "FACTS": (
        "the facts are no JSON object or TOML table, or one of them is unknown or not of its form",
        "the fact and the rule stand in the brackets; FORMATS 3.4 lists what each may be",
    ),
    "NOREGISTRY": ("there is no registry in this folder", f"begin one with: {PROGRAM} root create"),
    "REGISTRY": ("the registry breaks at this statement", "fetch a fresh copy; keep this one as evidence"),
    "KEYFILE": ("the witness's key is missing or damaged", "make a new witness and let the roots name it"),
    "KEYMODE": ("the witness's key can be read by others", "chmod 600 it, and find out who had access"),
    "STORE": ("the witness's database cannot be used", "look at disk and permissions; never restore an old copy"),
    "LISTEN": ("the address is taken or not this machine's", "choose another --host or --port"),
    "SELFTEST": ("a self-test of the cryptography failed", "do not use this installation"),
    "FIELD": ("a name, word or number is empty, too long or not allowed", "look at the options again"),
    "BIG": ("a card is too long", "shorten the names or the facts"),
    "DUP": ("the directory has this statement already", "nothing is left to do"),
    "WEAKKEY": ("the file names a key that must not be used", "ask for a new file, and ask why"),
    "SIG": ("a signature does not verify", "ask for the file again, by another way"),
    "VER": ("the file is of another version or kind", "compare the versions of the programs"),
    "FMT": ("the file is not what it should be", "ask for it again"),
}
_TRUST: Final = {
    "threshold": ("too few of those who must sign have signed", "name more --key, or keep a draft with --draft FILE"),
    "device-approval": (
        "this device is not approved by those who must",
        "a unit's first device: the administrators' threshold; later ones: one of them and a device of the unit",
    ),
    "stray": ("somebody signed who has no part in this", "leave that key file out"),
    "key-reused": ("a key in the file stands in the directory already", "ask for a request with fresh keys"),
    "validity": ("a device's certificate lasts 1 to 400 days", "choose other --days"),
    "revoke": ("those who signed may not revoke this device", "one administrator of its organisation is enough"),
    "freeze": ("those who signed may not do this", "one administrator freezes; only the root holders thaw"),
    "freeze-state": ("that is its state already", f"look with: {PROGRAM} show --registry DIR"),
    "frozen": ("the unit or its organisation is frozen", f"the root holders let go with: {PROGRAM} thaw"),
    "handout": ("those who signed may not hand this out", "an administrator gives it to the own organisation only"),
    "revoked": ("a device was revoked meanwhile", f"take the hub's log over with: {PROGRAM} adopt, and run it again"),
    "quorum": ("the quorum must be more than half, and in a real federation of at least 3", "name more --witness"),
    "witness-twice": ("a witness stands there twice", "name each once, with a key of its own"),
    "ended": ("the unit or its organisation has ended", "begin a new one; what has ended does not come back"),
    "revoke-target": (
        "the device, unit or organisation is unknown or revoked already",
        f"list them with: {PROGRAM} show --registry DIR",
    ),
}
_REFUSED: Final = ("the directory refuses this statement", "look at the rule in FORMATS 3.1")


class LocalRefusalError(click.ClickException):
    """An error of our own side on its way to the terminal."""

    exit_code = EXIT_LOCAL

    def __init__(self, error: SlussError) -> None:
        super().__init__(error.code)
        self._error = error

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the code, a sentence and the next step."""
        sentence, hint = advice(self._error)
        click.echo(f"{PROGRAM}: {sentence} ({self._error})", file=file, err=True)
        click.echo(f"{PROGRAM}: hint: {hint}", file=file, err=True)


class PeerRefusalError(LocalRefusalError):
    """What another party made is refused."""

    exit_code = EXIT_PEER


class BrokenRegistryError(LocalRefusalError):
    """The registry does not replay."""

    exit_code = EXIT_REGISTRY


class CarefulGroup(click.Group):
    """A group that turns our errors into messages."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SlussError as error:
            raise _refusal(error) from error


def advice(error: SlussError) -> tuple[str, str]:
    """The sentence for an error and what to do next."""
    if error.code == "TRUST":
        return _TRUST.get(str(error.fields.get("rule")), _REFUSED)
    return _ADVICE.get(error.code, _REFUSED)


def say(text: str) -> None:
    """A remark beside the result."""
    click.echo(f"{PROGRAM}: {text}", err=True)


def report(facts: dict[str, Any]) -> None:
    """The result of a command: JSON with ``--json``, else lines."""
    if click.get_current_context().find_root().params.get("as_json"):
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for line in _lines(facts, ""):
        click.echo(line)


def require_compared(request: bytes, read_out: str | None, *, yes: bool) -> None:
    """A person compares the code of a request with the one at the device, before anybody signs.

    Args:
        request: digest of the file that is here.
        read_out: what was read out at the device, when it was given beforehand.
        yes: it was compared.

    Raises:
        LocalError: code ``CODE``; it differs, or nobody says that it does not.
    """
    if yes:
        return
    code = short_code(request)
    say(f"the request has the code {code}")
    if read_out is None and sys.stdin.isatty():
        agrees = click.confirm(f"{PROGRAM}: does the device show the same code?", err=True)
    else:
        agrees = read_out is not None and same_code(read_out, code)
    if not agrees:
        raise LocalError("CODE")


def passphrases(count: int, files: Sequence[Path], labels: Sequence[str], *, fresh: bool) -> list[str]:
    """As many passphrases as there are key files.

    Args:
        count: how many.
        files: passphrase files in the same order; none: ask at the terminal.
        labels: what each passphrase is for.
        fresh: whether new ones are chosen, and therefore typed twice.

    Raises:
        click.UsageError: another number of passphrase files.
        LocalError: code ``FILE``.
    """
    if not files:
        return [
            click.prompt(f"passphrase for {label}", hide_input=True, confirmation_prompt=fresh, err=True)
            for label in labels[:count]
        ]
    if len(files) != count:
        raise click.UsageError(f"{count} key files need {count} --passphrase-file, in the same order")
    return [_read_passphrase(path) for path in files]


def _refusal(error: SlussError) -> LocalRefusalError:
    if error.code == "REGISTRY":
        return BrokenRegistryError(error)
    return PeerRefusalError(error) if isinstance(error, PeerError) else LocalRefusalError(error)


def _read_passphrase(path: Path) -> str:
    try:
        return read_bounded(path, MAX_PASSPHRASE_BYTES).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise LocalError("FILE") from error


def _lines(value: dict[str, Any] | list[Any], indent: str) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _item(item, indent)
        return
    for name, item in value.items():
        if isinstance(item, dict | list):
            yield f"{indent}{name}:" if item else f"{indent}{name}: none"
            yield from _lines(item, indent + "  ")
        else:
            yield f"{indent}{name}: {'' if item is None else item}".rstrip()


def _item(item: object, indent: str) -> Iterator[str]:
    if not isinstance(item, dict | list):
        yield f"{indent}- {item}"
        return
    for number, line in enumerate(_lines(item, indent + "  ")):
        yield f"{indent}- {line[len(indent) + 2 :]}" if number == 0 else line
