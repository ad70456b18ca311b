"""FORMATS.md against the code: the law and what is done cannot drift apart."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import keys
from keys import domains
from keys.codec import MAX_DEPTH, MAX_ITEMS, Record
from keys.domains import SignedType

FOLDER = Path(keys.__file__).parent
TEXT = (FOLDER / "FORMATS.md").read_text(encoding="utf-8")
TABLE = re.compile(r"^\*\*`(\w+)`\*\* \(`([\w/]+)\.py`\)\n\n\| # \| field .*\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)
ROW = re.compile(r"^\| (\d+) \| `(\w+)` \| ([^|]+) \|", re.MULTILINE)
INNER = {"_Wire"}  # the outer frame of a signed object stands in the text of section 2


def _records() -> dict[str, type[Record]]:
    found: dict[str, type[Record]] = {}
    for module in pkgutil.walk_packages([str(FOLDER)], "keys."):
        names = vars(importlib.import_module(module.name))
        found |= {
            name: value
            for name, value in names.items()
            if isinstance(value, type) and issubclass(value, Record) and value.__module__ == module.name
        }
    return {name: value for name, value in found.items() if value.__struct_fields__ and name not in INNER}


RECORDS = _records()
TABLES = {name: (module, ROW.findall(rows)) for name, module, rows in TABLE.findall(TEXT)}


def test_every_record_has_a_table_and_every_table_a_record() -> None:
    """What travels or is kept stands in FORMATS, and nothing else does."""
    assert sorted(TABLES) == sorted(RECORDS)


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_table_lists_the_fields_in_order(name: str) -> None:
    """Numbers, names and module of a table are those of the record."""
    module, rows = TABLES[name]
    assert module.replace("/", ".") == RECORDS[name].__module__
    assert [field for _, field, _ in rows] == list(RECORDS[name].__struct_fields__)
    assert [int(number) for number, _, _ in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_table_says_which_fields_may_be_nil(name: str) -> None:
    """A field may be nil in the table when it may be in the record."""
    annotations = RECORDS[name].__annotations__
    _, rows = TABLES[name]
    assert {field for _, field, kind in rows if "nil" in kind} == {
        field for field, annotation in annotations.items() if "None" in str(annotation)
    }


def test_the_closed_lists_are_complete() -> None:
    """Signed types, labels and limits are named in the text."""
    assert not [kind.value for kind in SignedType if f"`{kind.value}`" not in TEXT]
    labels = [value for value in vars(domains).values() if isinstance(value, bytes)]
    assert not [text for text in labels if f"`{text[6:-1].decode()}`" not in TEXT]
    assert f"Depth at most {MAX_DEPTH}, at most {MAX_ITEMS:,} items" in TEXT


def test_sections_are_those_that_docstrings_quote() -> None:
    """Every section that the code refers to exists."""
    sections = set(re.findall(r"^#+ (\d(?:\.\d)?)", TEXT, re.MULTILINE))
    quoted: set[str] = set()
    for path in FOLDER.rglob("*.py"):
        quoted |= set(re.findall(r"FORMATS (\d(?:\.\d)?)", path.read_text(encoding="utf-8")))
    assert quoted - sections == set()


def test_the_order_of_checks_has_nineteen_steps() -> None:
    """Receiving goes from 0 to 18, each once and in order."""
    table = TEXT.split("## 8.")[1].split("## 9.")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(range(19))


def test_every_module_says_what_it_is() -> None:
    """Each module of keys has a docstring and at most three hundred lines; functions are documented by the linter."""
    for path in FOLDER.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""'), path
        assert len(text.splitlines()) <= 300, path


def test_the_public_half_knows_no_secret() -> None:
    """No module outside private names a private key, a seed or the folder that has them; the two programs may."""
    forbidden = re.compile(r"keys\.private|PrivateKey|SigningKey|_seed_keypair|crypto_sign\(|from_seed")
    for path in FOLDER.glob("*.py"):
        if path.name not in {"cli.py", "witness.py"}:
            imports = [line for line in path.read_text(encoding="utf-8").splitlines() if "``" not in line]
            assert not forbidden.search("\n".join(imports)), path
