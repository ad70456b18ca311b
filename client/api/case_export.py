"""A case as one file for the archive (domain.md 6.3): what was written and received, how it went, and what lacks.

1. Only the role *arkivarie* takes a case out (`limits`), and a colleague has approved it (`client.engine.taking_out`).
   What her roles may not read is told among what lacks.
2. Who took it out, and every threat and placement in it, is written down before the file is begun.
3. Every signature is asked for anew and told in words, so that an archive need not be able to; the originals lie beside
   the readable text. No key is in the file.
4. The file is in the clear and stays on this machine. Whether it may be given out is judged by people, each time.

Not here: the form of the page (`client.export.case_page`), sums and writing (`client.engine.package_file`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import json
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from client.api.approvals import approved_by
from client.api.arguments import CaseExport
from client.api.cases import case_key
from client.api.colleagues import notes
from client.api.places import names
from client.api.standing import reading
from client.api.taking_out import taken_out
from client.casework.codelists import READ_REASON
from client.casework.codes import explain
from client.casework.swedish_time import local_time
from client.engine.archiving import Archiving, Original
from client.engine.attachments import Attached
from client.engine.circumstances import Circumstances
from client.engine.clock import iso_of
from client.engine.consents import HeldConsent
from client.engine.controllers import controller_of
from client.engine.office import Desk
from client.engine.package_file import PackageFile
from client.engine.reading import Facts
from client.engine.reading_consents import ReadingConsents
from client.engine.registering import numbers
from client.engine.taking_out import TakingOut
from client.export.case_page import case_page
from keys.errors import LocalError, PeerError, RefusedError, SlussError

FORMAT: Final = "sluss-arende"
VERSION: Final = 1
RESTRICTION: Final = "Sekretess gäller. Den ska prövas på nytt vid varje utlämnande."
_WAYS: Final = {"in": "inkommet", "out": "utgående", "local": "upprättat"}
_WAITS: Final = "Väntar på en andra underskrift, och är inte skickat."
_APART: Final = {
    "quarantine": "dokument i karantän hos enheten går inte att knyta till ett ärende.",
    "gaps": "dokument som avsändare har numrerat har inte kommit till enheten.",
}
_SAME: Final = ("document_id", "thread_id", "reply_to", "kind", "title", "state", "state_label", "code", "overtaken",
         "expired", "replaced")  # fmt: skip
_TIMES: Final = ("at", "deposit_hour", "settled_at")


@dataclasses.dataclass(slots=True)
class _Package:
    """What is gathered, and why: files by name, attached ones to be opened while they are written, and what lacks."""

    reason: str
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    attached: dict[str, tuple[Attached, bytes]] = dataclasses.field(default_factory=dict)
    lacks: list[Facts] = dataclasses.field(default_factory=list)

    def lack(self, what: str, ident: str, error: SlussError) -> None:
        """Something is not in it, for the reason of an error."""
        self.lacks.append({"what": what, "id": ident, "code": error.code, "why": explain(error.code).sentence})


async def case_export(desk: Desk, arguments: CaseExport) -> Facts:
    """Write a case to a file; tells how much is in it, and what lacks.

    Raises:
        RefusedError: code ``TAKEOUT``.
        LocalError: code ``NOFILE``, ``EXISTS``, ``NOTFOUND``, ``AMBIGUOUS``, ``DISK``.
    """
    path = Path(arguments.path)
    if not path.is_absolute():
        raise LocalError("NOFILE")
    key = await case_key(desk, arguments.principal_ref)
    approved = await TakingOut(desk.context).require_case(key)
    if await asyncio.to_thread(path.exists):
        raise LocalError("EXISTS")
    await Circumstances(desk.context).note(bytes.fromhex(key), "arende.export", arguments.reason)
    package = _Package(arguments.reason)
    case = await _case(desk, key, package)
    package.files["arende.json"] = (json.dumps(case, ensure_ascii=False, indent=2) + "\n").encode()
    package.files["index.html"] = case_page(case).encode()
    at = local_time(datetime.datetime.fromtimestamp(desk.context.clock.now(), datetime.UTC))
    await asyncio.to_thread(_write, desk, path, at, package)
    await taken_out(desk, approved)
    return {"path": str(path), **case["counts"], "lacks": case["lacks"]}


def _write(desk: Desk, path: Path, at: datetime.datetime, package: _Package) -> None:
    with PackageFile(path, (at.year, at.month, at.day, at.hour, at.minute, at.second)) as file:
        for name, data in package.files.items():
            file.add(name, [data])
        for name, (one, key) in package.attached.items():
            if file.add(name, desk.attachments.pieces(one, key)) != one.sha256.hex():
                raise LocalError("ATTBAD")


async def _case(desk: Desk, key: str, package: _Package) -> Facts:
    """All of a case as values, and its files."""
    archiving, shown = Archiving(desk.context), reading(desk)
    threads = [one for one in await shown.threads() if one["principal_ref"] == key]
    opened = [await shown.thread(bytes.fromhex(one["thread_id"])) for one in reversed(threads)]
    ids = [bytes.fromhex(row["document_id"]) for one in opened for row in one["documents"]]
    known = {one["thread_id"] for one in opened}
    about = [one for one in await archiving.threads_about(ids) if one.hex() not in known]
    opened += [await shown.thread(one) for one in about]
    rows = sorted((row for one in opened for row in one["documents"]), key=lambda row: str(row["at"]))
    documents = [await _document(desk, row, package, number=n) for n, row in enumerate(rows, start=1)]
    held = [one for one in await desk.consents.all() if one.record.principal_ref == key]
    consents = [await _consent(desk, one, package) for one in held]
    for waiting in await archiving.waiting(key):
        package.lacks.append({"what": "dokument", "id": waiting.hex(), "code": "", "why": _WAITS})
    apart = await archiving.apart()
    package.lacks += [{"what": str(n), "id": "", "code": "", "why": _APART[one]} for one, n in apart.items() if n]
    what = [bytes.fromhex(key), *(bytes.fromhex(row["document_id"]) for row in rows), *(one.consent_id for one in held)]
    return {
        "format": FORMAT,
        "version": VERSION,
        "principal_ref": key,
        "public_title": "Ärende",
        "restriction": RESTRICTION,
        "made": _made(desk, package.reason),
        "units": {one.unit_id.hex(): one.card.name_sv for one in desk.context.book.units()},
        "counts": {"documents": len(documents), "files": len(package.attached), "consents": len(consents)},
        "lacks": package.lacks,
        "threads": [await _thread(desk, one) for one in opened],
        "documents": documents,
        "consents": consents,
        "reads": await archiving.reads(what),
    }


def _made(desk: Desk, reason: str) -> Facts:
    context = desk.context
    own = controller_of(context, context.unit_id)
    return {
        "at": iso_of(context.clock.now()),
        "staff": context.book.staff(context.device_id).name,
        "unit": names(context).name_of(context.unit_id.hex()),
        "organisation": "" if own is None else own.name,
        "organisation_number": "" if own is None else own.org_number,
        "reason": READ_REASON.label(reason),
        "system": "Sluss",
        "version": metadata.version("sluss"),
    }


async def _thread(desk: Desk, facts: Facts) -> Facts:
    told = {name: value for name, value in facts.items() if name != "documents"}
    return {**told, "notes": await notes(desk, bytes.fromhex(facts["thread_id"]))}


async def _document(desk: Desk, row: Facts, package: _Package, *, number: int) -> Facts:
    """One document: how it came and went, what it says where that may be read, its proof and its files."""
    document_id, archiving = bytes.fromhex(row["document_id"]), Archiving(desk.context)
    original = await archiving.original(document_id)
    own, other = names(desk.context).name_of(desk.context.unit_id.hex()), row["unit"]
    way = "local" if row["local"] else row["direction"]
    told = {
        "number": number,
        "public_title": f"Handling {number}",
        "direction": _WAYS[way],
        "sender": other if way == "in" else own,
        "recipient": {"in": own, "out": other, "local": ""}[way],
        **{name: row[name] for name in (*_SAME, *_TIMES)},
        "diary": (await numbers(desk.context, bytes.fromhex(row["unit_id"]), [document_id])).get(document_id, ""),
        "approved_by": await approved_by(desk, document_id),
        "header": None,
        "content": None,
        "proof": {"text": ""},
        "files": [],
    }
    try:
        await Circumstances(desk.context).admit(document_id, row["kind"], original.thread_id, package.reason)
    except RefusedError as error:
        package.lack("dokument", row["document_id"], error)
        return told
    form, folder = original.form, f"dokument/{number:03}"
    files = await _files(desk, await desk.attachments.of(document_id), folder, package)
    proof = _proof(desk, original, folder, package)
    return {**told, "header": form["header"], "content": form["content"], "proof": proof, "files": files}


def _proof(desk: Desk, original: Original, folder: str, package: _Package) -> Facts:
    package.files[f"{folder}/original.body"] = original.body
    if original.signed is None:
        return {"text": "Dokumentet väntar på att skickas, och är inte undertecknat än."}
    package.files[f"{folder}/original.slk"] = original.signed
    try:
        proof = Archiving(desk.context).proof(original)
    except PeerError as error:
        package.lack("signatur", original.form["header"]["message_id"], error)
        return {"text": "Signaturen gick inte att pröva vid uttaget."}
    unit, active = names(desk.context).name_of(proof["unit_id"]), "gällde" if proof["was_active"] else "gällde inte"
    text = (
        f"Prövad vid uttaget, och håller: {unit}, certifikat {proof['certificate']}, som {active} vid undertecknandet."
    )
    return {**proof, "text": text}


async def _consent(desk: Desk, held: HeldConsent, package: _Package) -> Facts:
    folder = f"samtycken/{held.consent_id.hex()}"
    package.files[f"{folder}/original.slk"] = held.parcel
    facts = await ReadingConsents(desk.context, desk.consents, reading(desk)).one(held.consent_id)
    return {**facts, "files": await _files(desk, await desk.attachments.of(held.consent_id), folder, package)}


async def _files(desk: Desk, attached: Iterable[Attached], folder: str, package: _Package) -> list[Facts]:
    told = []
    for one in attached:
        path: str | None = f"{folder}/bilagor/{one.position + 1}-{one.file_name}"
        try:
            package.attached[str(path)] = await desk.attachments.ready(one.document_id or b"", one.position)
        except LocalError as error:
            package.lack("bilaga", f"{one.document_id.hex() if one.document_id else ''}", error)
            path = None
        facts: dict[str, Any] = {"file_name": one.file_name, "path": path, "media_type": one.media_type}
        told.append({**facts, "size": one.size_bytes, "sha256": one.sha256.hex(), "pdfa": bool(one.pdfa)})
    return told
