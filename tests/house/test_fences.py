"""The hub cannot decrypt: three fences (the import contract is the first, run by make test)."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from hub.wire.frame import frame, unframe_response
from hub.wire.requests import Hello
from hub.wire.responses import HelloIs
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess

PROJECT = Path(__file__).resolve().parents[2]

SECRET_SYMBOLS = {
    "SigningKey", "PrivateKey", "SealedBox", "SecretBox", "Box", "crypto_sign_seed_keypair", "crypto_sign",
    "MLDSA65PrivateKey", "MLKEM768PrivateKey", "X25519PrivateKey", "MLKEM768X25519PrivateKey", "Suite",
    "Cobblestone256Encryptor", "Cobblestone256Decryptor", "crypto_aead_xchacha20poly1305_ietf_encrypt",
    "crypto_aead_xchacha20poly1305_ietf_decrypt",
}  # fmt: skip
SIGNS_ONLY = {
    PROJECT / "hub" / "signer.py",  # the hub signs deposits, checkpoints and snapshots; nothing is ever sealed to it
    PROJECT / "keys" / "selftest.py",  # holds fixed vectors, no secret of anybody
}

START = """
import sys
from importlib.util import find_spec
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder)]
sys.path[:] = [{tree!r}, *[path for path in sys.path if path != {project!r}]]
assert find_spec("client") is None and find_spec("keys.private") is None and find_spec("keys.cli") is None
from hub.cli import main
main()
"""


def _sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (PROJECT / folder).rglob("*.py")]


def _symbols(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}


@pytest.mark.parametrize("path", _sources("hub", "client", "keys"), ids=lambda path: str(path.relative_to(PROJECT)))
def test_secret_keys_are_used_in_their_room_only(path: Path) -> None:
    """Symbols that hold or use secret keys stand in ``keys/private/`` and nowhere else."""
    if path in SIGNS_ONLY or path.is_relative_to(PROJECT / "keys" / "private"):
        return
    assert not _symbols(path) & SECRET_SYMBOLS


def test_the_ban_sees_what_it_bans() -> None:
    """The room where secret keys belong is full of the banned symbols, so the ban is not blind."""
    found = {symbol for path in _sources("keys/private") for symbol in _symbols(path) & SECRET_SYMBOLS}
    assert {"Cobblestone256Decryptor", "MLDSA65PrivateKey", "Suite"} <= found


def test_the_hub_serves_from_a_tree_without_the_rest(tmp_path: Path) -> None:
    """With neither client/ nor keys/private/ nor the keys command on disk the hub starts and answers."""
    data = tmp_path / "hub-data"
    HubProcess.create(data, Federation.demo(devices=0, now=int(time.time())))
    tree = tmp_path / "tree"
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "hub", tree / "hub", ignore=leave_out)
    shutil.copytree(
        PROJECT / "keys",
        tree / "keys",
        ignore=shutil.ignore_patterns("__pycache__", "private", "cli*", "commands", "witness*"),
    )
    ready = tmp_path / "ready"
    code = START.format(tree=str(tree), project=str(PROJECT))
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", code, "serve", "--data", str(data), "--ready-file", str(ready)],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    try:
        deadline = time.monotonic() + 120
        while not ready.exists():
            assert process.poll() is None, "the hub did not start"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        request = urllib.request.Request(ready.read_text() + "/v1", data=frame(Hello()))  # noqa: S310 - loopback
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert isinstance(unframe_response(answer.read()), HelloIs)
    finally:
        process.terminate()
        process.wait(10)
