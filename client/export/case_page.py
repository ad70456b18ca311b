"""A case as a page for people: what is in the package, in order, with what lacks. Swedish, as the records are.

It holds no script, no picture and no address; every word of others is escaped. The values are those of ``arende.json``
(`client.api.case_export`), so that page and file cannot differ.

Not here: the package's files and sums, and who may take it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import quote

from client.casework.kinds.registry import KINDS, describe
from client.casework.swedish_time import shown_time
from client.export.read_out import Words, read_out, shown_header

Facts = Mapping[str, Any]
_STYLE: Final = (
    "body{font:11pt/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}h1{font-size:1.5em}h2{font-size:1.2em}"
    "h3{font-size:1.05em}dt{font-weight:bold}dd{margin:0 0 .4em 1em;white-space:pre-wrap;overflow-wrap:anywhere}"
    "article{border-top:1px solid;break-inside:avoid-page}"
)
#: Of a threat result (expired, replaced); what still counts says its last day among its fields.
_STANDS: Final = {
    (False, False): "",
    (True, False): "Har gått ut: stöder inget nytt dokument",
    (False, True): "Något senare i ärendet gäller i stället",
    (True, True): "Har gått ut, och något senare i ärendet gäller i stället",
}


def case_page(case: Facts) -> str:
    """The whole page.

    Args:
        case: as ``arende.json`` holds it.
    """
    made, title = case["made"], "Ärende för arkiv"
    parts = [
        _facts(
            ("Arkivbildare", f"{made['organisation']}, {made['organisation_number']}"),
            ("Enhet", made["unit"]),
            ("Ärendets nyckel", case["principal_ref"]),
            ("Uttaget", f"{shown_time(made['at'])} av {made['staff']}, skäl: {made['reason']}"),
            ("Program", f"{made['system']} {made['version']}"),
            ("Innehåll", "{documents} dokument, {files} bilagor, {consents} samtycken".format(**case["counts"])),
            ("Sekretess", case["restriction"]),
        ),
        _section("Saknas", _list(_lack(one) for one in case["lacks"]) or "<p>Inget.</p>"),
        _section("Ärendetrådar", "".join(_thread(one) for one in case["threads"])),
        _section("Dokument", "".join(_document(one, case["units"]) for one in case["documents"])),
        _section("Samtycken", "".join(_consent(one) for one in case["consents"])),
        _section("Läsningar av hotbild och placering, och uttag", _list(_read(one) for one in case["reads"])),
    ]
    return (
        f'<!doctype html>\n<html lang="sv"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><main><h1>{title}</h1>{''.join(parts)}</main></body></html>\n"
    )


def _thread(one: Facts) -> str:
    events = (f"{shown_time(event['at'])} {event['event']}: {event['state_label']}" for event in one["events"])
    notes = (f"{shown_time(note['at'])} {note['name']}: {note['text']}" for note in one["notes"])
    kept = f"<p>Anteckningar i enheten</p>{_list(map(escape, notes))}" if one["notes"] else ""
    head = f"{one['flow']} med {one['unit']}: {one['state_label']}"
    return f"<h3>{escape(head)}</h3><p>Tråd <code>{one['thread_id']}</code></p>{_list(map(escape, events))}{kept}"


def _document(one: Facts, units: Mapping[str, str]) -> str:
    approved = one["approved_by"]
    head = _facts(
        ("Riktning", one["direction"]),
        ("Från", one["sender"]),
        ("Till", one["recipient"]),
        ("Skrivet eller inkommet", shown_time(one["at"])),
        ("Lämnat till navet (timme)", shown_time(one["deposit_hour"])),
        ("Senaste kvittens", shown_time(one["settled_at"])),
        ("Läge", f"{one['state_label']} {one['code']}".strip()),
        ("Hotbilden vid uttaget", _STANDS[one["expired"], one["replaced"]]),
        ("Diarienummer hos mottagaren", one["diary"]),
        ("Godkänt av", "" if approved is None else f"{approved['name']}, {shown_time(approved['at'])}"),
        ("Signatur", one["proof"]["text"]),
    )
    files = _list(_file(file) for file in one["files"])
    return (
        f'\n<article id="d{one["number"]}"><h3>{one["number"]}. {escape(one["title"])}</h3>'
        f"<p><code>{one['document_id']}</code></p>{head}{_form(one, units)}{files}</article>"
    )


def _form(one: Facts, units: Mapping[str, str]) -> str:
    """What was filled in, by the labels of the form; the file beside it has what this program cannot read out."""
    if one["content"] is None or one["kind"] not in KINDS:
        return ""
    words = Words(unit=lambda unit_id: units.get(unit_id) or unit_id)
    content = _facts(*read_out(describe(one["kind"]), one["content"], words))
    return content + _facts(*read_out(shown_header(), one["header"], words))


def _file(file: Facts) -> str:
    told = f"{file['file_name']}, {file['size']} byte"
    if file["path"] is None:
        return escape(f"{told}: saknas")
    return f'<a href="{quote(file["path"])}">{escape(told)}</a> <code>{file["sha256"]}</code>'


def _consent(one: Facts) -> str:
    taken = (f"{shown_time(row['at'])} {row['scope']}" for row in one["withdrawals"])
    head = _facts(
        ("Ärendetyp", one["case_type"]),
        ("Läge vid uttaget", one["status_label"]),
        ("Gäller", f"{one['valid_from']} till {one['valid_to']}"),
        ("Återkallelser", "\n".join(taken)),
    )
    files = _list(_file(file) for file in one["files"])
    return f"<h3>Samtycke <code>{one['consent_id']}</code></h3>{head}{files}"


def _lack(one: Facts) -> str:
    return escape(f"{one['what']} {one['id']}: {one['why']}".replace(" :", ":"))


def _read(one: Facts) -> str:
    return escape(f"{shown_time(one['at'])} {one['staff']}, {one['reason']}: {one['kind']} {one['id'][:8]}")


def _section(heading: str, body: str) -> str:
    return f"\n<section><h2>{heading}</h2>{body}</section>"


def _facts(*pairs: tuple[str, str]) -> str:
    rows: Iterator[str] = (f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in pairs if text)
    return f"<dl>{''.join(rows)}</dl>"


def _list(rows: Iterable[str]) -> str:
    """Rows that are escaped where they are not our own words."""
    items = "".join(f"<li>{row}</li>" for row in rows)
    return f"<ul>{items}</ul>" if items else ""
