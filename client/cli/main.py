"""``sluss``: an office at the terminal.

    start                           the first start, guided in the browser
    init, enrol                     make a device and enrol it in a unit
    run                             keep the office open; the other commands then reach it through its API
    list, show, search, threads, thread, case, export, reads
                                    read
    return-code                     a way back for callers who give no name
    new, reply                      write; the fields are asked for when no file is given
    approvals, approve, decline     what two people answer for
    attach, attachments             take files in; list, save, stop and go on with those of documents
    consent                         register, show and withdraw consents
    staff, take, hand, note, stand-in
                                    work in a unit of several; nothing of it leaves the unit
    statistics                      count, review, approve and send fixed cells, small ones masked
    lock, unlock                    take the private keys out of memory, and bring them back
    kit, backup, restore            a recovery kit on paper, and backups that only it opens
    fingerprint                     compare a unit's keys by telephone
    route                           propose whom to write to
    status, sync, rotate, units, kinds, quarantine, alarms
    demo                            a hub and ten desks of eight units play a story

Exit codes: 0 done (also when a document is queued and the hub cannot be reached: a remark says so); 2 wrong use, or
something that is not there; 3 refused by a rule of the work; 4 our own side: passphrase, file, clock, disk; 5 the hub
cannot be reached; 6 what another party made is not to be trusted; 130 interrupted.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

import click

from client.api.failure import Failure, FailureError, Fault, failure_of, system_error, unexpected
from client.cli import (
    alarms,
    approvals,
    attachments,
    cases,
    clocks,
    colleagues,
    consent_papers,
    consent_steps,
    consents,
    devices,
    looking,
    opening,
    quarantine,
    recovery,
    routes,
    searching,
    standing,
    starting,
    statistics,
    writing,
)
from client.cli.base import Group, Option, State
from client.cli.kinds import kinds
from client.cli.screen import print_failure
from client.cli.usage import usage_failure
from client.cli.words import both, choose_lang, lang
from keys import logging
from keys.errors import SlussError

EXIT_CODES: Final = {Fault.USAGE: 2, Fault.RULE: 3, Fault.OWN: 4, Fault.HUB: 5, Fault.PEER: 6}
EXIT_INTERRUPTED: Final = 130
_EPILOG: Final = both(
    "Slutkoder: 0 klart (även när ett dokument är köat och navet inte nås)\n"
    "           2 fel i kommandot, eller något som inte finns\n"
    "           3 en regel säger nej\n"
    "           4 egna sidan: lösenfras, fil, klocka, disk\n"
    "           5 navet går inte att nå\n"
    "           6 något från en annan part går inte att lita på\n"
    "         130 avbrutet med Ctrl-C",
    "Exit codes: 0 done (also when a document is queued and the hub cannot be reached)\n"
    "            2 wrong use, or something that is not there\n"
    "            3 refused by a rule\n"
    "            4 own side: passphrase, file, clock, disk\n"
    "            5 the hub cannot be reached\n"
    "            6 something of another party is not to be trusted\n"
    "          130 interrupted with Ctrl-C",
)
_LAZY: Final = {
    "demo": ("client.demo.cli", "demo", both("Visa en demonstration.", "Show a demonstration.")),
}


@click.group(
    cls=Group,
    lazy=_LAZY,
    epilog=_EPILOG,
    help=both("Säkra ärenden mellan kommuner och polis.", "Safe casework between municipalities and police."),
)
@click.option(
    "--office", cls=Option, type=click.Path(path_type=Path, file_okay=False), envvar="SLUSS_OFFICE",
    help=both("Kontorets mapp (SLUSS_OFFICE).", "The office's folder (SLUSS_OFFICE)."),
)  # fmt: skip
@click.option(
    "--passphrase-file", cls=Option, type=click.Path(path_type=Path, dir_okay=False),
    help=both("Fil med lösenfrasen.", "File with the passphrase."),
)  # fmt: skip
@click.option(
    "--version", cls=Option, is_flag=True, is_eager=True, expose_value=False,
    callback=lambda ctx, _param, value: _show_version(ctx) if value else None,
    help=both("Visa programmets version.", "Show the version of the program."),
)  # fmt: skip
@click.pass_context
def cli(ctx: click.Context, office: Path | None, passphrase_file: Path | None) -> None:
    """Global options."""
    state = ctx.ensure_object(State)
    state.passphrase_file = passphrase_file
    if office is not None:
        state.office = office


def _show_version(ctx: click.Context) -> None:
    click.echo(f"sluss {metadata.version('sluss')}")
    ctx.exit()


for _command in (
    *(starting.start, opening.init, opening.enrol, opening.run, opening.page),
    *(recovery.kit, recovery.backup, recovery.restore, looking.fingerprint),
    *(looking.list_documents, looking.show, searching.search, looking.threads, looking.thread, clocks.reminders),
    *(writing.new, writing.reply, approvals.approvals, approvals.approve, approvals.decline, consents.consent),
    *(attachments.attach, attachments.attachments),
    *(cases.case, cases.export, cases.reads, cases.return_code, consent_steps.disclosures, statistics.statistics),
    *(colleagues.staff, colleagues.take, colleagues.hand, colleagues.note, colleagues.stand_in, colleagues.rotate),
    *(standing.status, standing.lock, standing.unlock, standing.sync),
    *(routes.units, routes.route_command, kinds, quarantine.quarantine, alarms.alarms, devices.device),
):
    cli.add_command(_command)
for _paper in (consent_papers.form, consent_papers.export):
    consents.consent.add_command(_paper)


def main() -> None:
    """Run one command; ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows a question mark
    logging.configure(stream=sys.stderr)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code. Nothing but a failure's own words is ever shown of an error."""
    choose_lang("sv")
    try:
        with cli.make_context("sluss", list(arguments)) as context:
            cli.invoke(context)
        sys.stdout.flush()
        return 0
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message())
        return 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return 0
    except Exception as error:
        failure = _failure(error)
        print_failure(failure, as_json="--json" in arguments)
        return EXIT_CODES[failure.fault]


def _let_go_of_stdout() -> None:
    """Whoever read the result has enough, as ``sluss list | head``; the interpreter must not try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failure(error: Exception) -> Failure:
    match error:
        case FailureError():
            return error.failure
        case SlussError():
            return failure_of(error, lang())
        case click.ClickException():
            return usage_failure(error)
        case OSError():
            return failure_of(system_error(error), lang())
        case _:
            return unexpected(error, lang())
