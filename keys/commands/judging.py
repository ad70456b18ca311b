"""Judging what an office kept of a forked log; anybody can, with a source of their own for the log's key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from keys.checkpoint import LOG_KEY, origin_of, parse_note
from keys.cosignature import NoteKey, parse_note_key
from keys.directory import Directory
from keys.document import Document, Receipt
from keys.domains import SignedType
from keys.errors import FormatError, SignatureError, TrustError
from keys.evidence import MAX_EVIDENCE_BYTES, Evidence, Outcome, View, judge_together, log_of, parse_evidence
from keys.files import read_bounded
from keys.ids import HubId
from keys.private.options import FILE, FOLDER
from keys.private.registry import Registry
from keys.private.terminal import report
from keys.signed import parse_signed, read_payload, verify_single

_SENTENCE: Final = {
    Outcome.FORK: "the log's key signed two histories that exclude each other",
    Outcome.OTHER_VIEW: "a device signed that it saw another history than the log's key signed here",
    Outcome.CONSISTENT: "no contradiction: one history extends the other; a note does not say when it was shown",
    Outcome.OPEN: "nothing is shown yet: no path leads from one size to the other; another office's file may have it",
}


@click.command("evidence")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--registry", "folder", type=FOLDER, help="take the log's key from this registry")
@click.option("--log", "vkey", help="the log's key, as `sluss-hub status` prints it")
def evidence(files: tuple[Path, ...], folder: Path | None, vkey: str | None) -> None:
    """Judge what `sluss alarms evidence` wrote of a forked log: who signed what, and whether it excludes the rest.

    The key comes from --registry or --log, never from the files. Several offices' files are held against each other,
    and against the registry's log where that is the hub's whole log (`sluss-keys adopt`): a path that one file lacks
    may be there. Where a document stands against the log, the registry is needed: it knows the device that signed it.
    """
    if (folder is None) is (vkey is None):
        raise click.UsageError("name the --registry or the --log key")
    found = [parse_evidence(read_bounded(file, MAX_EVIDENCE_BYTES)) for file in files]
    directory = None if folder is None else Registry.open(folder).directory
    keys = [parse_note_key(vkey or "")] if directory is None else _log_keys(directory, found[0])
    named = [_named(one, directory) for one in found]
    pairs = [(one, view) for one, (view, _) in zip(found, named, strict=True)]
    log = None if directory is None else directory.tree
    for key in keys:
        try:
            outcome = judge_together(pairs, name=key.name, ed25519=key.ed25519, log=log)
        except SignatureError:
            continue
        report(_facts(outcome, key, found, [signer for _, signer in named]))
        return
    raise SignatureError("SIG", rule="unsigned")


def _log_keys(directory: Directory, found: Evidence) -> list[NoteKey]:
    if log_of(found) != origin_of(directory.federation):
        raise TrustError("TRUST", rule="federation")
    return [_key_of(hub_id, entry.statement.keys.ed25519) for hub_id, entry in directory.hubs.items()]


def _key_of(hub_id: HubId, ed25519: bytes) -> NoteKey:
    return NoteKey(hub_id.hex(), LOG_KEY, ed25519)


def _named(found: Evidence, directory: Directory | None) -> tuple[View | None, dict[str, Any]]:
    """What the document names, and who signed it, verified by the registry.

    Raises:
        TrustError: the registry does not know the device, or there is none.
        SignatureError: the signature does not verify.
        FormatError: neither a document nor a receipt.
    """
    if not found.document:
        return None, {}
    so = parse_signed(found.document)
    signers = {signature.signer for signature in so.signatures}
    devices = [] if directory is None else [one for one in directory.devices.values() if one.certificate in signers]
    if len(devices) != 1:
        raise TrustError("TRUST", rule="unknown-device")
    verify_single(so, devices[0].certificate, devices[0].enrol.signing)
    payload: Document | Receipt
    if so.type is SignedType.RECEIPT:
        payload = read_payload(so, SignedType.RECEIPT, Receipt)
    elif so.type is SignedType.DOCUMENT:
        payload = read_payload(so, SignedType.DOCUMENT, Document)
    else:
        raise FormatError("FMT", rule="signed-type")
    facts = {"device_id": devices[0].statement.device_id.hex(), "signed_at": payload.sent_at}
    return View(payload.dir_size, payload.dir_root), facts | {"names": _said(payload.dir_size, payload.dir_root)}


def _facts(outcome: Outcome, key: NoteKey, found: list[Evidence], signers: list[dict[str, Any]]) -> dict[str, Any]:
    """The judgement, and what each file says; of several files each line bears the number of its own."""
    facts = {"outcome": outcome.value, "says": _SENTENCE[outcome], "log": log_of(found[0]), "log_key": key.text()}
    for number, (one, signer) in enumerate(zip(found, signers, strict=True), start=1):
        notes = {"held": one.held} | ({"shown": one.shown} if one.shown else {})
        said = {label: _said(view.size, view.root) for label, note in notes.items() for view in [parse_note(note)[0]]}
        mark = "" if len(found) == 1 else f"{number}_"
        facts |= {mark + label: words for label, words in (said | signer).items()}
    return facts


def _said(size: int, root: bytes) -> str:
    return f"{size} statements, root {root.hex()}"
