"""The messages of the catalogues: found in templates, in scripts of Python, and in the declarations of the work.

``python -m tests.kit.messages`` (``make messages``) adds what is new to each catalogue, drops what no longer stands
anywhere, and compiles it. What is new has no translation, and a house test is red until somebody has written it.
"""

from __future__ import annotations

import datetime
import importlib
import io
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import client.casework
from client.api.attachments import LABELS as FILES
from client.casework.clock_words import AWAITED
from client.casework.codelists import CodeList
from client.casework.describe import describe_struct
from client.casework.fact_words import LABELS as FACTS
from client.casework.fact_words import WORDS
from client.casework.fields import Form
from client.casework.flow_tables import FLOWS
from client.casework.guard import LABELS as GUARD
from client.casework.kinds.registry import KINDS
from client.casework.routing_words import TEXTS as ROUTES
from client.engine.states import STATES
from client.lang.catalogue import LANGUAGES

PROJECT = Path(__file__).resolve().parents[2]
#: Of a compiled catalogue: the same text is the same bytes on every day.
_NO_DAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
LOCALE = PROJECT / "client" / "lang" / "locale"
FUNCTIONS = ("translate", "translate_many", "marked")


def messages() -> set[str | tuple[str, ...]]:
    """Every message that stands somewhere; pairs are the forms for one and for many."""
    return {one for one in {*_templates(), *_scripts(), *_declared()} if one and one[0] is not None}


def path_of(lang: str) -> Path:
    """The catalogue of a language, for people."""
    return LOCALE / lang / "LC_MESSAGES" / "sluss.po"


def read(lang: str) -> Catalog:
    """The catalogue of a language as it stands; empty when there is none."""
    path = path_of(lang)
    return read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=lang)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as the program reads it."""
    catalogue.creation_date = catalogue.revision_date = _NO_DAY
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def renew(lang: str) -> list[str]:
    """Bring a catalogue up to date; returns the messages that still lack a translation."""
    old, new = read(lang), Catalog(locale=lang, fuzzy=False)
    for one in sorted(messages(), key=str):
        known = old.get(one if isinstance(one, str) else one[0])
        fits = known is not None and known.string and isinstance(known.string, str) is isinstance(one, str)
        new.add(one, known.string if known is not None and fits else None)
    _write(lang, new)
    return lacking(read(lang))


def lacking(catalogue: Catalog) -> list[str]:
    """The messages that nobody has translated."""
    return [str(one.id) for one in catalogue if one.id and not all(texts(one.string))]


def _write(lang: str, catalogue: Catalog) -> None:
    out = io.BytesIO()
    write_po(out, catalogue, no_location=True, sort_output=True, width=0)
    lines = out.getvalue().decode().splitlines(keepends=True)
    path_of(lang).parent.mkdir(parents=True, exist_ok=True)
    path_of(lang).write_text("".join(line for line in lines if not line.startswith(_DATED)), "utf-8")
    path_of(lang).with_suffix(".mo").write_bytes(compiled(read(lang)))


#: What the library writes at the head of a catalogue and nobody here needs: dates, people, placeholders.
_DATED = (
    '"Project-Id', '"Report-', '"POT-', '"PO-Rev', '"Last-', '"Language-Team', '"Generated-By', "# English trans",
    "# Copy", "# This file", "# FIRST",
)  # fmt: skip


def texts(string: Any) -> tuple[str, ...]:
    """The forms of a message."""
    return string if isinstance(string, tuple) else (string,)


def _templates() -> Iterator[Any]:
    method = [("**.html", "jinja2.ext:babel_extract")]
    found = extract_from_dir(str(PROJECT / "client"), method, {"**.html": {"trimmed": "true", "silent": "false"}})
    for _, _, message, _, _ in found:
        yield message


def _scripts() -> Iterator[Any]:
    for path in sorted((PROJECT / "client").rglob("*.py")):
        with path.open("rb") as file:
            for _, name, found, _ in extract_python(file, FUNCTIONS, [], {}):
                if found:
                    yield found if name != "translate_many" else tuple(found[:2])


def _declared() -> Iterator[str]:
    for kind in KINDS.values():
        yield kind.title_sv
        yield kind.help
        yield kind.title_sv.partition(" – ")[0]
    for flow in FLOWS.values():
        yield from (state.label for state in flow.states)
    for codes in _code_lists():
        yield from (label for _, label in codes.items)
    for form in _forms(Form):
        for info in describe_struct(form):
            yield from (info.spec.label, info.spec.help)
    yield from (*FACTS.values(), *WORDS.values(), *GUARD.values(), *AWAITED.values(), *ROUTES.values())
    for swedish, _ in (*STATES.values(), *FILES.values()):
        yield from (swedish, swedish.capitalize())


def _forms(form: type[Form]) -> Iterable[type[Form]]:
    for one in form.__subclasses__():
        if one.__module__.startswith("client."):
            yield one
            yield from _forms(one)


def _code_lists() -> Iterable[CodeList]:
    for module in _modules(client.casework):
        yield from (value for value in vars(module).values() if isinstance(value, CodeList))


def _modules(package: ModuleType) -> Iterable[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(found.name)


if __name__ == "__main__":
    for language in LANGUAGES:
        if language != "sv":
            for missing in renew(language):
                print(f"{language}: {missing}")
