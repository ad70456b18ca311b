"""Every command that the handlers' guide names is one, with those options and values; each flow has its steps."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from client.casework.kinds.registry import KINDS
from client.cli import guide as command
from client.cli.main import cli

GUIDE = command.GUIDE.read_text("utf-8")
BOTH = GUIDE + command.ENGLISH.read_text("utf-8")
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_INLINE = re.compile(r"`(sluss [^`]+)`")
_OPTION = re.compile(r"`(--[a-z-]+)[^`]*`")
_FLOWS = [f"F{n}" for n in range(1, 13)]


def whole() -> list[str]:
    """The commands as they are typed, without who types them."""
    lines = [line.strip() for block in _BLOCK.findall(GUIDE) for line in block.splitlines()]
    return list(dict.fromkeys(line.partition("$ ")[2] for line in lines if line))


def named() -> list[str]:
    """The commands that a sentence names, perhaps without what belongs to them."""
    return list(dict.fromkeys(_INLINE.findall(BOTH)))


def checked(line: str, *, is_whole: bool) -> None:
    """Hold a command against the program.

    Raises:
        AssertionError, click.ClickException: it is none.
    """
    program, *rest = shlex.split(line)
    assert program == "sluss"
    context = click.Context(cli, info_name=program)
    found: click.Command = cli
    while isinstance(found, click.Group) and rest:
        following = found.get_command(context, rest[0])
        assert following is not None, line
        context, found, rest = click.Context(following, parent=context, info_name=rest[0]), following, rest[1:]
    assert not isinstance(found, click.Group) or not is_whole or found.invoke_without_command, line
    options = {name: one for one in found.params if isinstance(one, click.Option) for name in one.opts}
    if not is_whole and rest and rest[-1] in options and not options[rest[-1]].is_flag:
        rest.pop()  # it exists, and the sentence leaves the value out
    values, others, _ = found.make_parser(context).parse_args(args=list(rest))
    assert others == [], line
    for param in found.get_params(context):
        value = values.get(param.name)
        if isinstance(value, str | list):
            many = value if isinstance(value, list) else [value]
            for one in many if isinstance(param.type, click.Choice | click.IntRange) else ():
                param.type.convert(one, param, context)
            assert param.name != "kind" or set(many) <= set(KINDS), line
        assert not is_whole or not param.required or param.name in values, f"{line}: {param.name}"


@pytest.mark.parametrize("line", whole())
def test_a_command_can_be_typed_as_it_stands(line: str) -> None:
    """It exists, has these options and values, and lacks nothing that it needs."""
    checked(line, is_whole=True)


@pytest.mark.parametrize("line", named())
def test_a_command_that_a_sentence_names_exists(line: str) -> None:
    """With the options that stand there."""
    checked(line, is_whole=False)


def test_an_option_that_a_sentence_names_exists() -> None:
    """Some command has it."""
    there = {option for one in _commands(cli, click.Context(cli)) for param in one.params for option in param.opts}
    assert set(_OPTION.findall(BOTH)) <= there


@pytest.mark.parametrize(
    "line",
    [
        "sluss nytt konsultation.fraga",
        "sluss new konsultation.frage --to SAV",
        "sluss consent withdraw SAMTYCKE --sätt telefon",
        "sluss consent withdraw SAMTYCKE --scope allt",
        "sluss statistics send TRAD",
        "sluss sync nu",
    ],
)
def test_what_does_not_exist_is_found(line: str) -> None:
    """A command, a kind, an option, a value, something that is needed, something that is too much."""
    with pytest.raises((AssertionError, click.ClickException)):
        checked(line, is_whole=True)


def test_each_flow_says_who_types_what() -> None:
    """Twelve sections in their order, each with commands; every line says whose it is, by a name of the table."""
    sections = re.split(r"\n### (?=F\d+ )", GUIDE.partition("<!-- arbetsgång: slut -->")[0])[1:]
    assert [section.split()[0] for section in sections] == _FLOWS
    table = GUIDE.partition("| vem |")[2].partition("\n\n")[0]
    people = {name.strip() for row in table.splitlines()[2:] for name in row.split("|")[1].split(",")}
    for section in sections:
        lines = [line.strip() for block in _BLOCK.findall(section) for line in block.splitlines() if line.strip()]
        assert lines
        assert {line.partition("$ ")[0] for line in lines} <= people


def test_every_kind_has_its_place_in_the_steps() -> None:
    """No document is left out of what the guide tells."""
    steps = GUIDE.partition("<!-- arbetsgång: slut -->")[0]
    assert [name for name in KINDS if name not in steps] == []


def _commands(group: click.Group, context: click.Context) -> Iterator[click.Command]:
    yield group
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        if isinstance(one, click.Group):
            yield from _commands(one, click.Context(one, parent=context))
        elif one is not None:
            yield one
