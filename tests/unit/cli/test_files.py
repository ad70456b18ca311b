"""Files that people name: each thing that may be wrong with one has its own words."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path

import pytest

from client.api.failure import failure_of, system_error
from client.cli import main
from client.cli.files import MAX_JSON_BYTES, read_json
from keys.errors import LocalError
from tests.unit.cli.terminal import SLUSS, Desk, environment


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "EMPTY"),
        (b" \n", "EMPTY"),
        ('{"a": "å"}'.encode("latin-1"), "ENCODING"),
        ('{"a": 1}'.encode("utf-16"), "ENCODING"),
        (b" " * (MAX_JSON_BYTES + 1), "FILEBIG"),
        (b"[]", "JSON"),
        (b"{", "JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_apart(tmp_path: Path, raw: bytes, code: str) -> None:
    """Empty, another encoding, too big and no JSON object have each their code, and it is the call that is wrong."""
    path = tmp_path / "a.json"
    path.write_bytes(raw)
    with pytest.raises(LocalError) as caught:
        read_json(path)
    assert (caught.value.code, main.EXIT_CODES[failure_of(caught.value).fault]) == (code, 2)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors write one."""
    path = tmp_path / "a.json"
    path.write_bytes('{"a": "å"}'.encode("utf-8-sig"))
    assert read_json(path) == {"a": "å"}


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    """The reader of files says FILE; what the system said stands behind it."""
    with pytest.raises(LocalError) as caught:
        read_json(tmp_path / "none.json")
    assert failure_of(caught.value).code == "NOFILE"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "DISK"),
        (errno.EFBIG, "DISK"),
        (errno.ENOENT, "NOFILE"),
        (errno.ENOTDIR, "NOFILE"),
        (errno.EISDIR, "ISFOLDER"),
        (errno.EACCES, "NOPERM"),
        (errno.EIO, "LOCAL"),
    ],
)
def test_only_a_full_disk_is_a_full_disk(number: int, code: str) -> None:
    """Each thing that the system says has its own words."""
    assert system_error(OSError(number, "")).code == code


def test_init_leaves_nothing_when_the_request_cannot_be_written(tmp_path: Path) -> None:
    """No keys are made for a request that has no place; an office that is there is named, with the way out."""
    desk, request = Desk.fresh(tmp_path / "office"), tmp_path / "r.slk"
    said = desk.run("init", "--profile", "demo", "--out", str(tmp_path / "none" / "r.slk"))
    assert (said.code, said.error["code"], desk.folder.exists()) == (2, "NOFILE", False)
    assert desk.run("init", "--profile", "demo", "--out", str(request)).code == 0
    twice = desk.run("init", "--profile", "demo", "--out", str(tmp_path / "other.slk"))
    assert (twice.code, twice.error["code"]) == (4, "HASOFFICE")
    assert "sluss enrol --request" in twice.error["next_step"]


def test_a_reader_that_has_enough_is_no_error() -> None:
    """A closed pipe ends the command quietly."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", '"$@" | true; echo', "sh", *SLUSS, "--help"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    _, words = process.communicate(timeout=40)
    assert words == b""
