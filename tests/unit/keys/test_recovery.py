"""The recovery kit, backups sealed to it, and what people compare."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest
from shamir_mnemonic.wordlist import WORDLIST

from keys.comparison import same_code, same_fingerprint, same_words, short_code, words_of
from keys.errors import LocalError
from keys.ids import digest, fingerprint
from keys.private import kit
from keys.private.backup import open_backup, read_header, seal_backup
from keys.private.kit import public_of
from keys.statements import Profile

SECRET = bytes(range(32))
SHARES = kit.split(SECRET)
KEY = b"k" * 32
DATABASE = b"database" * 300_000  # more than two chunks


def _sealed(database: bytes = DATABASE, secret: bytes = SECRET) -> bytes:
    into = io.BytesIO()
    seal_backup(io.BytesIO(database), KEY, into, kit=public_of(secret), facts=(Profile.DEMO, 1_700_000_000))
    return into.getvalue()


def _open(data: bytes, secret: bytes = SECRET) -> bytes:
    into = io.BytesIO()
    header, key = open_backup(io.BytesIO(data), into, secret)
    assert (key, header.profile, header.made_at) == (KEY, Profile.DEMO, 1_700_000_000)
    return into.getvalue()


@pytest.mark.parametrize("pair", list(itertools.permutations(range(3), 2)))
def test_any_two_shares_give_the_secret(pair: tuple[int, int]) -> None:
    """In any order, in capitals and with other spacing."""
    assert kit.join([SHARES[pair[0]].upper(), "  ".join(SHARES[pair[1]].split())]) == SECRET


def test_all_three_give_it_too_and_none_alone() -> None:
    """One share says nothing."""
    assert kit.join(SHARES[:2]) == SECRET
    with pytest.raises(LocalError, match=r"\AKIT\b"):
        kit.join(SHARES[:1])


def test_shares_of_two_kits_do_not_go_together() -> None:
    """Even when both have the same secret."""
    for other in (kit.split(SECRET), kit.split(kit.new_secret())):
        with pytest.raises(LocalError, match=r"\AKIT\b"):
            kit.join([SHARES[0], other[1]])


@pytest.mark.parametrize("number", [1, 2])
def test_a_mistyped_word_is_found_before_anything_else(number: int) -> None:
    """A word that does not exist, a word too few, two words changed places, another word: the share is named."""
    words = SHARES[number - 1].split()
    other = next(word for word in WORDLIST if word != words[7])
    wrong = ([*words[:7], "sluss", *words[8:]], words[:-1], [*words[:7], other, *words[8:]])
    for typed in wrong:
        shares = [SHARES[0], SHARES[1]]
        shares[number - 1] = " ".join(typed)
        with pytest.raises(LocalError, match="KITWORD") as caught:
            kit.join(shares)
        assert caught.value.fields == {"share": number}


def test_a_share_has_as_many_words_as_is_said() -> None:
    """Three shares of 33 words, all from the list."""
    assert [len(share.split()) for share in SHARES] == [kit.WORDS] * kit.SHARES
    assert set(" ".join(SHARES).split()) <= set(WORDLIST)


def test_shares_of_another_length_are_no_kit() -> None:
    """A secret of 128 bits is somebody else's."""
    from shamir_mnemonic import generate_mnemonics  # noqa: PLC0415

    (group,) = generate_mnemonics(1, [(2, 3)], bytes(16))
    with pytest.raises(LocalError, match=r"\AKIT\b"):
        kit.join(group[:2])


@pytest.mark.parametrize("length", [0, 1, 16_383, 16_384, len(DATABASE)])
def test_a_backup_opens_with_its_kit(length: int) -> None:
    """Bytes in, the same bytes out, whatever their number."""
    assert _open(_sealed(DATABASE[:length])) == DATABASE[:length]


def test_a_backup_holds_nothing_in_the_clear() -> None:
    """Neither the database nor its key stands in the file."""
    data = _sealed()
    assert b"databasedatabase" not in data
    assert KEY not in data


def test_another_kit_is_told_as_such() -> None:
    """A wrong kit has its own sentence, whatever else is wrong."""
    with pytest.raises(LocalError, match=r"\AKIT\b"):
        _open(_sealed(), kit.new_secret())


@pytest.mark.parametrize("cut", [1, 16, 17, 20_000, len(DATABASE)])
def test_a_backup_that_was_cut_off_does_not_open(cut: int) -> None:
    """At whatever place."""
    with pytest.raises(LocalError, match="BACKUP"):
        _open(_sealed()[:-cut])


@pytest.mark.parametrize("at", [0, 3, 10, 40, 1300, 5000, -1])
def test_an_altered_backup_does_not_open(at: int) -> None:
    """One bit anywhere: in the header, in the wrapped key, in the stream."""
    data = bytearray(_sealed())
    data[at] ^= 1
    with pytest.raises(LocalError, match=r"BACKUP|\AKIT\b"):
        _open(bytes(data))


def test_the_header_of_one_backup_does_not_open_the_stream_of_another() -> None:
    """The header is context of the stream."""
    one, other = _sealed(), _sealed()
    _, raw = read_header(io.BytesIO(one))
    length = 4 + len(raw)
    with pytest.raises(LocalError, match="BACKUP"):
        _open(one[:length] + other[length:])


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"\xff" * 100, b"\x00\x00\x00\x01\x90"])
def test_what_is_no_backup_is_told_as_such(data: bytes) -> None:
    """Empty, short, or something else."""
    with pytest.raises(LocalError, match="BACKUP"):
        _open(data)


def test_a_code_is_four_groups_of_five() -> None:
    """100 bits, without letters that look like digits; typed carelessly it is still the same."""
    code = short_code(digest(b"request"))
    groups = code.split("-")
    assert [len(group) for group in groups] == [5] * 4
    assert not set(code) & set("ILOU")
    assert same_code(code.lower().replace("-", " "), code)
    assert same_code(code.replace("0", "O").replace("1", "l"), code)
    assert not same_code(code[:-1] + ("A" if code[-1] != "A" else "B"), code)
    assert not same_code("", code)
    assert short_code(digest(b"another")) != code


def test_words_are_twelve_and_may_be_shortened() -> None:
    """120 bits; the first four letters of each are enough, fewer or other words are not."""
    words = words_of(digest(b"keys"))
    assert len(words.split()) == 12
    assert same_words(words.upper(), words)
    assert same_words(" ".join(word[:4] for word in words.split()), words)
    for wrong in ("", " ".join(words.split()[:-1]), " ".join(word[:3] for word in words.split()), words + " academic"):
        assert not same_words(wrong, words)


def test_a_fingerprint_is_compared_without_case_and_spaces() -> None:
    """And completely."""
    shown = fingerprint(digest(b"federation"))
    assert same_fingerprint(shown.replace(" ", "").upper(), shown)
    assert not same_fingerprint(shown[:-5], shown)


def test_a_backup_file_is_read_in_pieces(tmp_path: Path) -> None:
    """Files, not only bytes in memory."""
    path = tmp_path / "backup"
    path.write_bytes(_sealed())
    with path.open("rb") as source, (tmp_path / "out").open("wb") as into:
        open_backup(source, into, SECRET)
    assert (tmp_path / "out").read_bytes() == DATABASE
