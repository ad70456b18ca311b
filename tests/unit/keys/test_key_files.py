"""Key files, rings and files on disk."""

import os
from pathlib import Path

import pytest

from keys import files
from keys.codec import decode, encode
from keys.errors import LocalError
from keys.files import read_bounded, write_durably
from keys.private import key_file
from keys.private.identity import SigningSecret, new_secret
from keys.private.keeper import new_ring
from keys.private.key_file import KeyFile, inspect, lock, require_profile, unlock
from keys.private.ring_file import RingFile
from keys.statements import Profile

WORDS = "sex små grodor äro lustiga"
FILE = lock(b"secret", WORDS, purpose="vault", profile=Profile.DEMO)
KEY = b"k" * 32


def test_a_key_file_opens_with_its_passphrase() -> None:
    """The secret and its profile come back."""
    assert unlock(FILE, WORDS, purpose="vault") == (b"secret", Profile.DEMO)


def test_a_passphrase_is_the_same_on_every_keyboard() -> None:
    """ä as one character or as a with dots is the same passphrase."""
    assert unlock(FILE, WORDS.replace("ä", "a\u0308").replace("å", "a\u030a"), purpose="vault")[0] == b"secret"


@pytest.mark.parametrize("words", ["", WORDS.upper(), WORDS + " ", WORDS[:-1]])
def test_a_wrong_passphrase_is_told_as_such(words: str) -> None:
    """Anything but the passphrase ends in PASS."""
    with pytest.raises(LocalError, match="PASS"):
        unlock(FILE, words, purpose="vault")


def _changed(**changes: object) -> bytes:
    file = decode(FILE, KeyFile, max_bytes=len(FILE))
    return encode([changes.get(name, getattr(file, name)) for name in file.__struct_fields__])


BROKEN = {
    "empty": b"",
    "cut": FILE[:-1],
    "longer": FILE + b"\x00",
    "other-magic": _changed(magic="other"),
    "other-version": _changed(version=2),
    "other-purpose": _changed(purpose="root"),
    "unknown-profile": _changed(profile="cheap"),
    "purpose-with-newline": _changed(purpose="vault\n"),
    "too-long": bytes(key_file.MAX_KEY_FILE_BYTES + 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_as_such(name: str) -> None:
    """A file that is no key file of this purpose ends in FILE, before the passphrase is tried."""
    with pytest.raises(LocalError, match="FILE"):
        unlock(BROKEN[name], WORDS, purpose="vault")


@pytest.mark.parametrize("changes", [{"salt": bytes(16)}, {"sealed": bytes(60)}])
def test_an_altered_file_does_not_open(changes: dict[str, object]) -> None:
    """Salt and ciphertext are authenticated."""
    with pytest.raises(LocalError, match="PASS"):
        unlock(_changed(**changes), WORDS, purpose="vault")


def test_the_profile_is_authenticated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of one profile passed off as the other does not open, even where both cost the same."""
    monkeypatch.setitem(key_file._COSTS, Profile.REAL, key_file._COSTS[Profile.DEMO])
    with pytest.raises(LocalError, match="PASS"):
        unlock(_changed(profile="real"), WORDS, purpose="vault")


def test_a_real_key_file_costs_a_quarter_gibibyte() -> None:
    """The cost of a real file is at least what the protocol asks for."""
    passes, memory_bytes = key_file._COSTS[Profile.REAL]
    assert (passes >= 3, memory_bytes >= 256 * 1024 * 1024) == (True, True)


def test_a_key_file_says_what_it_is() -> None:
    """Purpose and profile can be seen without a passphrase."""
    assert (inspect(FILE).purpose, inspect(FILE).profile) == ("vault", Profile.DEMO)


@pytest.mark.parametrize("words", ["", "elva tecken", "a\u0308" * 11])
def test_a_short_passphrase_is_refused(words: str) -> None:
    """Fewer than twelve characters, however they are typed, lock nothing."""
    with pytest.raises(LocalError, match="PASSSHORT"):
        lock(b"secret", words, purpose="vault", profile=Profile.DEMO)


def test_a_secret_that_could_not_be_read_again_is_refused() -> None:
    """The longest secret opens; one byte more is not locked."""
    longest = bytes(key_file.MAX_SECRET_BYTES)
    assert unlock(lock(longest, WORDS, purpose="vault", profile=Profile.DEMO), WORDS, purpose="vault")[0] == longest
    with pytest.raises(LocalError, match="BIG"):
        lock(longest + b"x", WORDS, purpose="vault", profile=Profile.DEMO)


def test_profiles_do_not_mix() -> None:
    """A demonstration's key is refused where it is for real, and the reverse."""
    require_profile(Profile.DEMO, Profile.DEMO)
    for profile, expected in ((Profile.DEMO, Profile.REAL), (Profile.REAL, Profile.DEMO)):
        with pytest.raises(LocalError, match="PROFILE"):
            require_profile(profile, expected)


def test_a_ring_comes_back(tmp_path: Path) -> None:
    """What was saved is loaded, and the file is for its owner only."""
    ring, path = new_ring(Profile.DEMO), tmp_path / "ring"
    RingFile(path, KEY).save(ring)
    assert RingFile(path, KEY).load() == ring
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("defect", ["missing", "empty", "cut", "flipped", "other-key", "too-long", "no-ring"])
def test_a_broken_ring_is_told_as_such(tmp_path: Path, defect: str) -> None:
    """A ring that is missing, altered or under another key ends in FILE."""
    path = tmp_path / "ring"
    store = RingFile(path, KEY)
    store.save(new_ring(Profile.DEMO))
    data = path.read_bytes()
    changed = {
        "empty": b"", "cut": data[:-1], "flipped": data[:-1] + bytes([data[-1] ^ 1]), "too-long": bytes(300_000),
    }  # fmt: skip
    if defect == "missing":
        path.unlink()
    elif defect == "no-ring":
        RingFile(path, KEY).save(new_secret())  # type: ignore[arg-type]
    else:
        path.write_bytes(changed.get(defect, data))
    with pytest.raises(LocalError, match="FILE"):
        RingFile(path, b"l" * 32 if defect == "other-key" else KEY).load()


@pytest.mark.parametrize("call", ["fsync", "write", "replace"])
def test_a_torn_write_leaves_the_old_ring(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails at any step, the old ring is still there and no half file beside it."""
    path = tmp_path / "ring"
    store, old = RingFile(path, KEY), new_ring(Profile.DEMO)
    store.save(old)

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*{
            "fsync": (os, "fsync", fail), "write": (os, "open", fail), "replace": (Path, "replace", fail),
        }[call])  # fmt: skip
        with pytest.raises(LocalError, match="DISK"):
            store.save(new_ring(Profile.DEMO))
    assert store.load() == old
    assert [file.name for file in tmp_path.iterdir()] == ["ring"]


def test_a_file_left_by_a_crash_does_not_lend_its_permissions(tmp_path: Path) -> None:
    """A stale or planted temporary file, readable by all or a link to elsewhere, is not written through."""
    path, elsewhere = tmp_path / "ring", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    (tmp_path / "ring.new").symlink_to(elsewhere)
    write_durably(path, b"secret")
    assert (elsewhere.read_bytes(), path.read_bytes()) == (b"mine", b"secret")
    (tmp_path / "ring.new").write_bytes(b"old")
    (tmp_path / "ring.new").chmod(0o666)
    write_durably(path, b"secret")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_opened_is_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a folder cannot be opened, as on Windows, the file is written all the same."""
    opened = os.open

    def no_folders(path: Path, flags: int, mode: int = 0o777) -> int:
        if Path(path).is_dir():
            raise PermissionError
        return opened(path, flags, mode)

    monkeypatch.setattr(files.os, "open", no_folders)
    write_durably(tmp_path / "file", b"data")
    assert read_bounded(tmp_path / "file", 4) == b"data"


@pytest.mark.parametrize("name", ["missing", "long", "folder"])
def test_reading_is_bounded(tmp_path: Path, name: str) -> None:
    """A file that is missing, too long or a folder ends in FILE."""
    (tmp_path / "long").write_bytes(bytes(5))
    (tmp_path / "folder").mkdir()
    with pytest.raises(LocalError, match="FILE"):
        read_bounded(tmp_path / name, 4)


def test_secrets_are_not_written_out() -> None:
    """The text of a ring or a secret shows none of it."""
    secret, ring = SigningSecret(b"a" * 32, b"b" * 32), new_ring(Profile.DEMO)
    assert (repr(secret), repr(ring)) == ("SigningSecret(…)", "Ring(…)")
