"""What every declaration promises: codes, categories, purity, and what forms are told."""

import ast
from pathlib import Path

import msgspec
import pytest

import client.casework
from client.casework import codelists
from client.casework.codelists import CodeList
from client.casework.describe import FieldInfo, describe_struct
from client.casework.fields import FieldType, Form, When, flag, long, text
from client.casework.guard_text import fold
from client.casework.kinds.kind import Gate, Need, categories
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.subjects import SUBJECT
from client.casework.validate import validate_body
from tests.unit.casework.samples import SAMPLES

ROOT = Path(client.casework.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
CODE_LISTS = [SUBJECT, *(value for value in vars(codelists).values() if isinstance(value, CodeList))]

#: The three doors of casework (besides itself): errors, msgspec and the parts of the standard library that do no I/O.
ALLOWED = {
    "__future__",
    "ast",
    "client",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "heapq",
    "hashlib",
    "itertools",
    "keys",
    "msgspec",
    "re",
    "types",
    "typing",
    "unicodedata",
}


#: Modules that draw a document in another language, and what they read for it.
READS = {"guide_steps.py": {"client.lang.catalogue"}}
PURE = {"keys.attachment", "keys.errors", "keys.facts", "keys.places"}


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_module_is_pure(path: Path) -> None:
    """No module imports anything that reads, writes, waits or rolls dice."""
    names = _imports(path)
    assert {name.split(".")[0] for name in names} <= ALLOWED
    assert {name for name in names if name.startswith("keys")} <= PURE
    others = {name for name in names if name.startswith("client") and not name.startswith("client.casework")}
    assert others <= READS.get(path.name, set())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_module_asks_no_clock(path: Path) -> None:
    """The time comes in as an argument."""
    source = path.read_text(encoding="utf-8")
    assert not any(call in source for call in (".now(", ".today(", "utcnow", "open(", "print("))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_module_is_short_and_says_what_it_is(path: Path) -> None:
    """At most three hundred lines, with a docstring at the head."""
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("codes", CODE_LISTS, ids=lambda codes: codes.name)
def test_code_list_is_sound(codes: CodeList) -> None:
    """Codes are plain ASCII, labels are there, and no two labels are alike."""
    assert all(code.isascii() and " " not in code for code in codes.codes)
    assert len({label for _, label in codes.items}) == len(codes.items)
    assert all(codes.label(code) == label for code, label in codes.items)
    assert codes.label("finns_inte") == "finns_inte"


def _flat(fields: tuple[FieldInfo, ...]) -> list[FieldInfo]:
    return [info for one in fields for info in (one, *_flat(one.children))]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_field_is_described_for_prompts(name: str) -> None:
    """Each field tells its path, need, label and choices."""
    for info in _flat(describe(name)):
        assert info.path.startswith("content.")
        assert info.path.endswith(info.name)
        assert info.need in {"R", "O", "C"}
        assert bool(info.choices) is (info.spec.holds is FieldType.ENUM)
        assert info.spec.category == "" or info.spec.category in codelists.DATA_CATEGORY.codes


def test_conditions_name_fields_that_exist() -> None:
    """A condition hangs on a sibling or on a fact, never on a name that nobody has."""
    for fields in (describe_header(), *(describe(name) for name in KINDS)):
        blocks = [fields, *(info.children for info in _flat(fields) if info.children)]
        for block in blocks:
            names = {info.name for info in block}
            for info in block:
                for when in (info.spec.need, info.spec.need_also, info.spec.never):
                    assert when is None or when.name.startswith("@") or when.name in names


@pytest.mark.parametrize("name", sorted(KINDS))
def test_schema_export_carries_labels_and_bounds(name: str) -> None:
    """The JSON schema of a content has our labels, so that an API can be described from it."""
    schema = msgspec.json.schema(KINDS[name].content)
    properties = next(
        part["properties"] for part in schema["$defs"].values() if set(part["properties"]) == _names(name)
    )
    assert all(properties[info.name]["title"] == info.spec.label for info in describe(name))


def _names(name: str) -> set[str]:
    return {info.name for info in describe(name)}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_kind_agrees_with_itself(name: str) -> None:
    """A kind about a person has a purpose when consent is asked; one about nobody has neither person nor gate."""
    kind = KINDS[name]
    assert kind.roles <= codelists.ROLE.codes
    assert kind.subject in SUBJECT.codes
    assert (kind.gate is Gate.CONSENT) is (kind.purpose in codelists.PURPOSE.codes)
    assert kind.about_person or kind.subject_person is Need.FORBIDDEN
    assert kind.about_person or kind.gate is Gate.NONE
    assert kind.guarded is not kind.about_person


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("konsultation.fraga", set()),
        ("hotbild.begaran", {"identitet", "kontakt", "hotbild", "gruppering", "brott_och_domar", "social_situation"}),
        ("hotbild.resultat", {"hotbild", "misstankar"}),
        ("overlamnande.forfragan", {"identitet", "kontakt", "social_situation"}),
        ("samtycke.aterkallat", set()),
    ],
)
def test_categories_follow_from_the_filled_in_fields(name: str, expected: set[str]) -> None:
    """A document reveals the categories of the fields that hold something."""
    message = validate_body(SAMPLES[name])
    assert message.categories == categories(message.header, message.content) == expected


def test_empty_field_reveals_nothing() -> None:
    """Leaving a field out takes its category away; telling where the person stays adds one."""
    body = SAMPLES["hotbild.begaran"]
    del body["content"]["group"], body["content"]["role"]
    assert "gruppering" not in validate_body(body).categories
    body["header"]["subject_person"]["staying_kommun"] = "1480"
    assert "boende_plats" in validate_body(body).categories


class Small(Form, frozen=True, kw_only=True):
    """A form for the tests of conditions."""

    kind: "msgspec.UnsetType" = msgspec.UNSET


def test_field_without_declaration_is_a_fault_of_ours() -> None:
    """A form with an undeclared field cannot be described."""
    with pytest.raises(TypeError):
        describe_struct(Small)


@pytest.mark.parametrize(
    ("when", "siblings", "facts", "holds"),
    [
        (When("a", (1,)), {"a": 1}, {}, True),
        (When("a", (1,)), {"a": 2}, {}, False),
        (When("a", (1,)), {}, {}, False),
        (When("a", (1,), negate=True), {"a": 2}, {}, True),
        (When("a", (1,), negate=True), {}, {}, False),
        (When("@a", (True,)), {"@a": False}, {"@a": True}, True),
        (When("a", ([1],)), {"a": [1]}, {}, True),
    ],
)
def test_condition(when: When, siblings: dict[str, object], facts: dict[str, object], holds: bool) -> None:
    """A condition looks at siblings or facts, and what is not known never makes it hold."""
    assert when.holds(siblings, facts) is holds


def test_constructors_carry_label_and_help() -> None:
    """What stands in a declaration reaches the schema."""
    for meta in (text(5, "Kort", help="Hjälp"), long(50, "Långt", help="Hjälp"), flag("Ja", help="Hjälp")):
        assert meta.title
        assert meta.description == "Hjälp"


@pytest.mark.parametrize(
    ("text_in", "folded"),
    [
        ("850101–1234", "850101-1234"),
        ("１２３", "123"),
        ("٣٤", "34"),
        ("a\u00a0b\tc\nd", "a b c d"),
        ("a\u200bb\ufeffc", "abc"),
        ("ﬁn", "fin"),
        ("åäö", "åäö"),
        ("", ""),
    ],
)
def test_folding(text_in: str, folded: str) -> None:
    """Digits, dashes, spaces and compatibility forms have one spelling, Swedish letters stay."""
    made = fold(text_in)
    assert made.text == folded
    assert len(made.origins) == len(folded)
    if folded:
        assert made.span(0, len(folded))[0] == 0
