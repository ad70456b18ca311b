"""Every code that the product can give a person has its words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.casework.codes import known_codes
from hub.wire.responses import Code

PROJECT = Path(__file__).resolve().parents[3]
#: Run by ``sluss-keys`` alone, on a machine without an office; its words are in ``keys/private/terminal.py``.
WITNESS = {"keys/witness.py", "keys/private/witness_store.py"}
FOLDERS = ("client", "keys", "hub/wire")


def _codes(tree: ast.AST) -> Iterator[str]:
    """First words of errors and alarms, ``code=`` and ``default_code``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.ClassDef):
            yield from _defaults(node)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name.endswith("Error") or name == "raise_":
        yield from (arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
    values = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    yield from (value.value for value in values if isinstance(value, ast.Constant))


def _defaults(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        target = getattr(line, "target", None) or getattr(line, "targets", [None])[0]
        value = getattr(line, "value", None)
        if getattr(target, "id", "") == "default_code" and isinstance(value, ast.Constant):
            yield value.value


def _paths(folder: str) -> list[Path]:
    return [path for path in sorted((PROJECT / folder).rglob("*.py")) if str(path.relative_to(PROJECT)) not in WITNESS]


def _raised() -> dict[str, str]:
    found: dict[str, str] = {code.value: "hub/wire/responses.py" for code in Code}
    for folder in FOLDERS:
        for path in _paths(folder):
            for code in _codes(ast.parse(path.read_text("utf-8"))):
                if code.upper() == code and " " not in code and code:
                    found.setdefault(code, str(path.relative_to(PROJECT)))
    return found


RAISED = _raised()


def test_the_search_finds_what_it_should() -> None:
    """The search sees errors, quarantine codes, alarms and defaults; otherwise the test below says nothing."""
    assert {"NOOFFICE", "SLOT", "OWNKEY", "FORK", "PID", "NORECEIPT", "STOPPED", "DENIED"} <= set(RAISED)


@pytest.mark.parametrize(("code", "path"), sorted(RAISED.items()))
def test_a_code_has_a_sentence(code: str, path: str) -> None:
    """It is explained, not shown as unknown."""
    assert code in known_codes(), path
