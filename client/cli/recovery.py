"""The recovery kit on paper, backups that only the kit opens, and a new device made from one.

The kit's secret is made and put together in this process, which ends with the command; the office gets a public key.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

import click

from client.cli.base import Command, Option, State, new_passphrase, pass_state, read_passphrase
from client.cli.opening import report_request, require_absent
from client.cli.prompts import confirm
from client.cli.screen import print_facts, print_json, remark, save_qr, show_qr
from client.cli.words import both, say
from client.engine import enrolling
from client.engine.clock import Clock
from client.engine.copying import Report, verify_backup
from client.engine.reading import iso
from keys.errors import LocalError
from keys.files import write_durably
from keys.private import kit as kits
from keys.private.hardening import harden
from keys.statements import Profile

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_random: Final = random.SystemRandom()


@click.command(cls=Command, help=both("Gör ett återställningspaket på papper.", "Make a recovery kit on paper."))
@click.option("--renew", cls=Option, is_flag=True, help=both("Ersätt det som finns.", "Replace the one that exists."))
@click.option(
    "--svg", cls=Option, type=click.Path(path_type=Path, file_okay=False),
    help=both("Mapp för QR-koder att skriva ut.", "Folder for QR codes to print."),
)  # fmt: skip
@pass_state
def kit(state: State, renew: bool, svg: Path | None) -> None:
    """Three shares of 33 words, rehearsed by typing two of them."""
    harden(lock_memory=False)
    if state.ask("kit")["kit_id"] and not renew:
        raise LocalError("EXISTS")
    secret = kits.new_secret()
    shares, public = kits.split(secret), kits.public_of(secret)
    if svg is not None:
        _draw(svg, shares)
    if not state.as_json:
        _show(shares)
        _rehearse(shares, secret)
    facts = state.ask("kit_made", kit_id=public.kit_id.hex(), public=public.public.hex())
    if not state.answer({**facts, "shares": shares}):
        remark(say("Återställningspaketet är klart.", "The recovery kit is ready."))
        remark(
            say(
                "Lägg delarna på tre ställen, hos tre personer. Två behövs; en ensam säger inget.",
                "Keep the shares in three places, with three people. Two are needed; one alone says nothing.",
            )
        )


@click.command(cls=Command, help=both("Skriv en säkerhetskopia.", "Write a backup."))
@click.argument("file", type=_FILE)
@pass_state
def backup(state: State, file: Path) -> None:
    """All documents, sealed to the recovery kit; no private keys."""
    done = state.ask("backup", path=str(file.resolve()))
    if not state.answer(done):
        print_facts([(say("Säkerhetskopia", "Backup"), done["path"]), (say("Storlek", "Bytes"), done["bytes"])])


@click.command(cls=Command, help=both("Gör en ny dator av en säkerhetskopia.", "Make a new device from a backup."))
@click.argument("file", type=_FILE)
@click.option("--verify", cls=Option, is_flag=True, help=both("Pröva bara kopian.", "Only test the backup."))
@click.option(
    "--share-file", "share_files", cls=Option, type=_FILE, multiple=True,
    help=both("Fil med en del av paketet; två gånger.", "File with a share of the kit; twice."),
)  # fmt: skip
@click.option(
    "--out", cls=Option, type=_FILE, default=Path("sluss-begaran.slk"), show_default=True,
    help=both("Fil med begäran om anslutning.", "File for the request."),
)  # fmt: skip
@click.option("--profile", type=click.Choice([one.value for one in Profile]), default=Profile.REAL.value, hidden=True)
@pass_state
def restore(state: State, file: Path, verify: bool, share_files: tuple[Path, ...], out: Path, profile: str) -> None:
    """Open a backup with two shares; without ``--verify`` into the office's folder, which must be new."""
    file.open("rb").close()  # before anybody types two shares of 33 words
    harden(lock_memory=False)
    if verify:
        report = verify_backup(file, _secret(share_files))
        _report(state, report, {})
        return
    require_absent(out)
    secret, passphrase = _secret(share_files), new_passphrase(state)
    request, report = enrolling.restore(state.folder, passphrase, file, secret, profile=Profile(profile), clock=Clock())
    write_durably(out, request, mode=0o644)
    _report(state, report, {"request": str(out)})
    if not state.as_json:
        report_request(state, out, request)


def _secret(files: tuple[Path, ...]) -> bytes:
    """From two files, or typed."""
    if files:
        return kits.join([read_passphrase(path) for path in files])
    return kits.join([_ask_share(number) for number in range(1, kits.NEEDED + 1)])


def _ask_share(number: int, label: str = "") -> str:
    """One share, asked for again until its words and checksum hold."""
    while True:
        typed: str = click.prompt(label or say(f"Del {number} (33 ord)", f"Share {number} (33 words)"), err=True)
        try:
            kits.check_share(typed, number)
        except LocalError:
            remark(say("  Ett ord är fel, eller flera. Läs igen.", "  One word is wrong, or several. Read again."))
        else:
            return typed


def _show(shares: list[str]) -> None:
    """One share after the other, on the terminal only."""
    remark(
        say(
            "Skriv av varje del på ett eget papper. Orden visas bara nu. Fotografera dem inte.",
            "Copy each share to a paper of its own. The words are shown only now. Do not photograph them.",
        )
    )
    for number, share in enumerate(shares, start=1):
        remark(say(f"\nDel {number} av {len(shares)}", f"\nShare {number} of {len(shares)}"))
        words = share.split()
        for at in range(0, len(words), 3):
            remark("  ".join(f"{at + offset + 1:2} {word:<10}" for offset, word in enumerate(words[at : at + 3])))
        show_qr(share.upper())
        question = say("Tryck Retur när den är avskriven", "Press Return when it is copied")
        click.prompt(question, default="", show_default=False, err=True)
        click.echo("\x1b[2J\x1b[3J\x1b[H", nl=False, err=True)  # off the screen, and out of what can be scrolled back


def _rehearse(shares: list[str], secret: bytes) -> None:
    """Two shares, whichever chance names, typed from the paper.

    Raises:
        LocalError: code ``KIT``; the person gave up.
    """
    while True:
        numbers = sorted(_random.sample(range(1, len(shares) + 1), kits.NEEDED))
        remark(say("Öva: skriv in två av delarna från papperet.", "Rehearse: type two of the shares from the paper."))
        typed = [_ask_share(one, say(f"Del {one}", f"Share {one}")) for one in numbers]
        try:
            if kits.join(typed) == secret:
                return
        except LocalError:
            pass
        if not confirm(say("Det var inte rätt delar. Försöka igen?", "These are not the shares. Try again?")):
            raise LocalError("KIT")


def _draw(folder: Path, shares: list[str]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, share in enumerate(shares, start=1):
        save_qr(folder / f"share-{number}.svg", share.upper())


def _report(state: State, report: Report, facts: dict[str, Any]) -> None:
    made = iso(report.made_at)
    if state.as_json:
        print_json({"made_at": made, "profile": report.profile.value, **report.counts, **facts})
        return
    print_facts(
        [
            (say("Säkerhetskopian gjordes", "The backup was made"), made),
            (say("Dokument", "Documents"), report.counts["document"]),
            (say("Ärenden", "Threads"), report.counts["thread"]),
            (say("Samtycken", "Consents"), report.counts["consent"]),
        ]
    )
