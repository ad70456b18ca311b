"""Settings: the sample shows all of them, what is wrong is refused, secrets lie in files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from hub.config import FILE_NAME, ClientAddress, Config, load_config, write_config
from hub.secret_files import is_open_to_others, secret_path
from hub.signer import FILE_NAME as KEY_NAME
from hub.signer import create_signer, load_signer
from keys.errors import LocalError
from keys.statements import Profile

SAMPLE = Path(__file__).resolve().parents[3] / "deploy" / "hub.toml"
NEEDED = {"profile": "real", "hub_id": "0" * 32, "address": "https://hub.example"}


def shown() -> dict[str, object]:
    """Every setting of the sample, the marked ones with their mark taken away."""
    lines = SAMPLE.read_text("utf-8").splitlines()
    settings = [line.removeprefix("# ") for line in lines if " = " in line]
    return tomllib.loads("\n".join(settings))


def test_the_sample_is_a_hub_s_settings() -> None:
    """As it stands, it can be read, and what it sets is what has no standard."""
    set_there = tomllib.loads(SAMPLE.read_text("utf-8"))
    assert set_there == NEEDED
    msgspec.convert(set_there, Config, strict=True)


def test_the_sample_shows_every_setting_with_its_standard() -> None:
    """Declaration and sample hold the same names, in no other order, with the same values."""
    fields = msgspec.structs.fields(Config)
    sample = shown()
    assert sorted(sample) == sorted(field.name for field in fields)
    standard = msgspec.to_builtins(Config(profile=Profile.REAL, hub_id="0" * 32, address="https://hub.example"))
    for field in fields:
        assert sample[field.name] == _plain(standard[field.name]), field.name


def test_every_setting_says_what_it_is() -> None:
    """In the sample a sentence stands before each group, and the declaration names each."""
    lines = SAMPLE.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        name = line.removeprefix("# ").partition(" = ")[0]
        if " = " in line and name not in ("key_file", "admin_token_file"):  # their heading says it
            before = [earlier for earlier in lines[max(0, number - 3) : number] if earlier.endswith((".", ". Empty."))]
            assert before, name
    declared = (Config.__doc__ or "").partition("Attributes:")[2]
    for field in msgspec.structs.fields(Config):
        assert field.name in declared, field.name


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    "line",
    [
        'colour = "red"',
        "port = 70000",
        'admin = "0.0.0.0:8472"',
        'admin = "127.0.0.1"',
        'trusted_proxies = ["proxy.example"]',
        'client_address = "guess"',
        'key_file = "hub.key"',
        'key_file = "credential:../hub.key"',
        "monitor = 8471",
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, line: str) -> None:
    """CONFIG, whatever the setting is."""
    text = "\n".join(f'{name} = "{value}"' for name, value in NEEDED.items())
    (tmp_path / FILE_NAME).write_text(f"{text}\n", "utf-8")
    load_config(tmp_path)
    (tmp_path / FILE_NAME).write_text(f"{text}\n{line}\n", "utf-8")
    with pytest.raises(LocalError, match="CONFIG"):
        load_config(tmp_path)


def test_settings_survive_being_written(tmp_path: Path) -> None:
    """What init writes is what is read."""
    config = Config(
        profile=Profile.REAL, hub_id="0" * 32, address="https://hub.example", client_address=ClientAddress.HEADER,
        certificates=("/etc/ssl/a.pem",), monitor="127.0.0.1:8471", admin="[::1]:8472", key_file="credential:hub.key",
    )  # fmt: skip
    write_config(tmp_path, config)
    assert load_config(tmp_path) == config


def test_the_key_lies_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder, in a file, or handed over by systemd; nowhere is a code and not a traceback."""
    pair = create_signer(tmp_path).pair
    assert load_signer(tmp_path).pair == pair
    elsewhere = tmp_path / "credentials"
    elsewhere.mkdir(mode=0o700)
    (tmp_path / KEY_NAME).rename(elsewhere / KEY_NAME)
    assert load_signer(tmp_path, str(elsewhere / KEY_NAME)).pair == pair
    with pytest.raises(LocalError, match="KEYFILE"):
        load_signer(tmp_path, "credential:hub.key")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(elsewhere))
    assert load_signer(tmp_path, "credential:hub.key").pair == pair


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Group bits count, except on what systemd handed over: there they are the access list's mask."""
    create_signer(tmp_path)
    path = secret_path(tmp_path, "", KEY_NAME)
    for mode, is_open in ((0o600, False), (0o400, False), (0o440, True), (0o604, True)):
        path.chmod(mode)
        assert is_open_to_others(path) is is_open
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for mode, is_open in ((0o440, False), (0o444, True)):
        path.chmod(mode)
        assert is_open_to_others(path) is is_open
