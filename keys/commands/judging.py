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
from keys.evidence import MAX_EVIDENCE_BYTES, Evidence, Outcome, View, judge, log_of, parse_evidence
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
    Outcome.OPEN: "nothing is shown: the sizes differ, and no path between them is in the file",
}


@click.command("evidence")
@click.argument("file", type=FILE)
@click.option("--registry", "folder", type=FOLDER, help="take the log's key from this registry")
@click.option("--log", "vkey", help="the log's key, as `sluss-hub status` prints it")
def evidence(file: Path, folder: Path | None, vkey: str | None) -> None:
    """Judge what `sluss alarms evidence` wrote of a forked log: who signed what, and whether it excludes the rest.

    The key comes from --registry or --log, never from the file. Where a document stands against the log, the registry
    is needed: it knows the device that signed it.
    """
    if (folder is None) is (vkey is None):
        raise click.UsageError("name the --registry or the --log key")
    found = parse_evidence(read_bounded(file, MAX_EVIDENCE_BYTES))
    directory = None if folder is None else Registry.open(folder).directory
    keys = [parse_note_key(vkey or "")] if directory is None else _log_keys(directory, found)
    named, signer = _named(found, directory)
    for key in keys:
        try:
            outcome = judge(found, name=key.name, ed25519=key.ed25519, named=named)
        except SignatureError:
            continue
        report(_facts(found, outcome, key) | signer)
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


def _facts(found: Evidence, outcome: Outcome, key: NoteKey) -> dict[str, Any]:
    notes = {"held": found.held} | ({"shown": found.shown} if found.shown else {})
    said = {label: _said(one.size, one.root) for label, note in notes.items() for one in [parse_note(note)[0]]}
    return {"outcome": outcome.value, "says": _SENTENCE[outcome], "log": log_of(found), "log_key": key.text(), **said}


def _said(size: int, root: bytes) -> str:
    return f"{size} statements, root {root.hex()}"
