"""Making a device, enrolling it, and keeping its office open."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import click

from client.api.server import Server
from client.cli.base import Command, Option, State, new_passphrase, pass_state, refuse
from client.cli.prompts import confirm
from client.cli.screen import print_facts, print_json, remark, show_qr
from client.cli.words import both, lang, say
from client.engine import enrolling
from client.engine.clock import Clock
from client.engine.office import Office
from client.web.server import Page
from keys.approval import MAX_APPROVAL_BYTES
from keys.comparison import same_fingerprint, short_code
from keys.errors import LocalError
from keys.files import read_bounded, write_durably
from keys.ids import digest, fingerprint
from keys.statements import Profile

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command, help=both("Gör en ny dator redo att anslutas.", "Make a new device."))
@click.option(
    "--out", cls=Option, type=_FILE, default=Path("sluss-begaran.slk"), show_default=True,
    help=both("Fil med begäran om anslutning.", "File for the request."),
)  # fmt: skip
@click.option("--profile", type=click.Choice([one.value for one in Profile]), default=Profile.REAL.value, hidden=True)
@pass_state
def init(state: State, out: Path, profile: str) -> None:
    """Keys under a new passphrase, and the request that an administrator approves."""
    require_absent(out)
    if state.folder.passphrase.exists():
        raise refuse(LocalError("HASOFFICE"))
    _require_writable(out)
    request = enrolling.make(state.folder, new_passphrase(state), Profile(profile), Clock())
    write_durably(out, request, mode=0o644)
    report_request(state, out, request)


@click.command(cls=Command, help=both("Anslut datorn med godkännandet.", "Enrol the device."))
@click.option("--approval", cls=Option, type=_FILE, help=both("Godkännandet du fick.", "The approval that you got."))
@click.option("--request", cls=Option, type=_FILE, help=both("Skriv begäran en gång till.", "Write the request again."))
@click.option(
    "--fingerprint", "expected", cls=Option,
    help=both("Federationens fingeravtryck, i stället för frågan.", "The federation's fingerprint, instead of asking."),
)  # fmt: skip
@click.option("--yes", cls=Option, is_flag=True, help=both("Fråga inte: jämfört.", "Do not ask: compared."))
@pass_state
def enrol(state: State, approval: Path | None, request: Path | None, expected: str | None, yes: bool) -> None:
    """Take an approval in, or write the request again."""
    if (approval is None) == (request is None):
        raise click.UsageError("enrol")
    if request is not None:
        require_absent(request)
        _require_writable(request)
        again = enrolling.request(state.folder, state.passphrase(), Clock())
        write_durably(request, again, mode=0o644)
        report_request(state, request, again)
    if approval is not None:
        data = _read_approval(approval)
        enrolment = enrolling.read_approval(state.folder, state.passphrase(), data)
        federation = fingerprint(enrolment.federation)
        if not yes:
            _require_compared(state, federation, expected)
        enrolment.accept()
        if not state.answer({"federation": federation}):
            print_facts([(say("Ansluten till federationen", "Enrolled in the federation"), federation)])
            remark(say("Gör nu ett återställningspaket: sluss kit", "Now make a recovery kit: sluss kit"))


@click.command(cls=Command, help=both("Håll kontoret öppet och skicka och ta emot.", "Keep the office open."))
@click.option("--ready-file", type=_FILE, hidden=True)
@click.option(
    "--page/--no-page", "page", cls=Option, default=True, help=both("Visa sidan i webbläsaren.", "Show the page.")
)
@pass_state
def run(state: State, ready_file: Path | None, page: bool) -> None:
    """Open the office until SIGTERM or Ctrl-C."""
    asyncio.run(keep_open(state, state.passphrase(), ready_file, page=page))


@click.command(cls=Command, help=both("Öppna sidan i webbläsaren.", "Open the page in the browser."))
@click.option("--print", "only_print", cls=Option, is_flag=True, help=both("Visa bara adressen.", "Print the address."))
@pass_state
def page(state: State, only_print: bool) -> None:
    """A fresh one-time address of the page of the office that is running."""
    address = state.ask("page")["page"] + ("&lang=en" if lang() == "en" else "")
    if state.answer({"page": address}):
        return
    if only_print or not webbrowser.open(address):
        click.echo(address)


async def keep_open(
    state: State,
    passphrase: str,
    ready_file: Path | None,
    *,
    page: bool,
    then: Callable[[str], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Open the office until it is told to end; ``then`` gets the address of its page instead of the terminal."""
    stop = asyncio.Event()
    with ended_by(stop):
        await state.caller().wait_until_free()
        office = await Office.open(state.folder, passphrase, page=page)
        settings, profile = office.desk.context.settings, office.desk.context.replica.directory.profile
        shown = Page(office.desk, demonstration=profile is Profile.DEMO) if page else None
        server = Server(office.desk, state.folder, door=None if shown is None else shown.door)
        try:
            address = await server.open(settings.api_port)
            door = await shown.open(settings.page_port) if shown is not None else ""
            office.start()
            _report_open(state, address, ready_file, "" if then is not None else door)
            if then is not None:
                await then(door if shown is None else shown.door(first=True))
            await stop.wait()
        finally:
            if shown is not None:
                await shown.close()
            await server.close()
            await office.close()


@contextlib.contextmanager
def ended_by(stop: asyncio.Event) -> Iterator[None]:
    """Set ``stop`` on SIGTERM and Ctrl-C; by ``signal`` itself, because Windows' event loop has no handlers."""
    loop = asyncio.get_running_loop()
    before = {}
    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report_open(state: State, address: str, ready_file: Path | None, door: str) -> None:
    if state.as_json:
        print_json({"address": address, "page": door})
    else:
        click.echo(say(f"Kontoret är öppet på {address}", f"The office is open at {address}"))
        if door:
            click.echo(say(f"Sidan, en gång: {door}", f"The page, once: {door}"))
        remark(say("Avsluta med Ctrl-C.", "End with Ctrl-C."))
    if ready_file is not None:
        write_durably(ready_file, address.encode())


def _require_compared(state: State, federation: str, expected: str | None) -> None:
    """A person compares the federation before anything is written."""
    if expected is not None:
        agreed = same_fingerprint(expected, federation)
    elif state.as_json:
        agreed = False
    else:
        remark(say("Federationens fingeravtryck:", "Fingerprint of the federation:") + f" {federation}")
        remark(
            say(
                "Ring den som ansvarar för nycklar, på ett nummer som du redan har, och jämför alla grupper.",
                "Call whoever is responsible for keys, on a number that you already have, and compare all groups.",
            )
        )
        agreed = sys.stdin.isatty() and confirm(say("Stämmer alla grupper?", "Do all groups agree?"))
    if not agreed:
        raise refuse(LocalError("FPRINT"))


def require_absent(path: Path) -> None:
    """Refuse to write over a file."""
    if path.exists():
        raise refuse(LocalError("EXISTS"))


def _require_writable(path: Path) -> None:
    """Before keys are made, so that nothing is left behind when the request cannot be written."""
    with tempfile.TemporaryFile(dir=path.absolute().parent):
        pass


def _read_approval(path: Path) -> bytes:
    try:
        return read_bounded(path, MAX_APPROVAL_BYTES)
    except LocalError as error:
        if isinstance(error.__cause__, OSError):
            raise
        raise refuse(LocalError("APPROVAL")) from error


def report_request(state: State, path: Path, request: bytes) -> None:
    """Where the request is, and the code that an officer compares."""
    mark, code = fingerprint(digest(request)), short_code(digest(request))
    if state.answer({"request": str(path), "fingerprint": mark, "code": code}):
        return
    print_facts([(say("Begäran", "Request"), path), (say("Kod", "Code"), code)])
    show_qr(f"SLUSS-REQUEST:{code}")
    remark(
        say(
            "Ge filen till den som ansvarar för nycklar och läs upp koden i telefon. Samma kod visas där.",
            "Give the file to whoever is responsible for keys and read the code out. The same code is shown there.",
        )
    )
