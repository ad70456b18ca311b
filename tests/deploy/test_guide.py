"""The guide: each command is one, with options that it has. `make packages` runs them all."""

from __future__ import annotations

import re
import shlex
import subprocess

import click
import pytest

from client.cli.main import cli as sluss
from hub.cli import main as sluss_hub
from keys.cli import main as sluss_keys
from tests.deploy.guide import GUIDE, blocks, script

PROGRAMS: dict[str, click.Command] = {"sluss": sluss, "sluss-hub": sluss_hub, "sluss-keys": sluss_keys}


def commands() -> list[list[str]]:
    """Words of every call of one of our programs."""
    found = []
    for _, text in blocks():
        for line in re.sub(r"\\\n\s*", "", text).splitlines():
            bare = line.removeprefix("runuser -u sluss-hub -- ")
            if bare.split(" ")[0] in PROGRAMS:
                found.append(shlex.split(bare))
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_guide_exists(words: list[str]) -> None:
    """Every word up to the arguments is a command, every option one of its own or of its parents."""
    command, options = PROGRAMS[words[0]], set()
    for word in words[1:]:
        options |= {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
    options |= {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    assert not isinstance(command, click.Group) or command.invoke_without_command, words
    for word in words:
        assert not word.startswith("--") or word in options or word == "--", word


def test_the_guide_is_a_script() -> None:
    """Every block is marked as run, and the whole is something that a shell understands."""
    text = GUIDE.read_text("utf-8")
    assert text.count("```") == 2 * len(blocks())
    assert len(commands()) > 15
    subprocess.run(["bash", "-n"], input=script().encode(), check=True)
