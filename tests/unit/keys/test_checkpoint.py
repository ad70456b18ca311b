"""Checkpoint notes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.checkpoint import MAX_NOTE_BYTES, Checkpoint, note_key_hash, note_line, origin_of, parse_note, verify_note
from keys.errors import FormatError, PeerError, SignatureError
from keys.private.identity import ed25519_public, sign_ed25519

SEED, WITNESS = bytes(32), b"\x01" * 32
ORIGIN, NAME = origin_of(bytes(32)), "hub"
CHECKPOINT = Checkpoint(ORIGIN, 42, b"\x07" * 32)
TEXT = CHECKPOINT.text()
LINE = note_line(NAME, ed25519_public(SEED), sign_ed25519(SEED, TEXT))
COSIGNED = note_line("witness", ed25519_public(WITNESS), sign_ed25519(WITNESS, TEXT))
NOTE = TEXT + b"\n" + LINE + COSIGNED


def _verify(note: bytes, *, name: str = NAME, seed: bytes = SEED, origin: str = ORIGIN) -> Checkpoint:
    return verify_note(note, name=name, ed25519=ed25519_public(seed), origin=origin)


def test_a_note_verifies_for_each_of_its_signers() -> None:
    """Hub and witness each find their own line."""
    assert _verify(NOTE) == CHECKPOINT
    assert _verify(NOTE, name="witness", seed=WITNESS) == CHECKPOINT


def test_the_key_hash_is_that_of_the_specification() -> None:
    """The example key of golang.org/x/mod/sumdb/note gives its hash."""
    key = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert note_key_hash("PeterNeumann", key[1:]).hex() == "c74f20a3"


REFUSED = {
    "other-origin": (TEXT.replace(ORIGIN.encode(), origin_of(b"\x01" * 32).encode()), LINE),
    "other-size": (TEXT.replace(b"42", b"43"), LINE),
    "other-root": (Checkpoint(ORIGIN, 42, bytes(32)).text(), LINE),
    "leading-zero": (TEXT.replace(b"42", b"042"), LINE),
    "negative-size": (TEXT.replace(b"42", b"-42"), LINE),
    "empty-size": (TEXT.replace(b"42", b""), LINE),
    "arabic-digits": (TEXT.replace(b"42", "٤٢".encode()), LINE),
    "huge-size": (TEXT.replace(b"42", b"9" * 16), LINE),
    "short-root": (Checkpoint(ORIGIN, 42, bytes(31)).text(), LINE),
    "root-not-base64": (TEXT.replace(b"Bwc", b"!!!", 1), LINE),
    "fourth-line": (TEXT + b"extension\n", LINE),
    "two-lines": (b"\n".join(TEXT.split(b"\n")[:2]) + b"\n", LINE),
    "unsigned": (TEXT, b""),
    "by-another-key": (TEXT, note_line(NAME, ed25519_public(WITNESS), sign_ed25519(WITNESS, TEXT))),
    "by-another-name": (TEXT, COSIGNED),
    "wrong-signature": (TEXT, note_line(NAME, ed25519_public(SEED), bytes(64))),
    "short-signature": (TEXT, note_line(NAME, ed25519_public(SEED), bytes(63))),
    "hyphen-for-dash": (TEXT, LINE.replace("—".encode(), b"-")),
    "no-name": (TEXT, LINE.replace(b"hub", b"")),
    "three-words": (TEXT, LINE.replace(b"hub", b"hub hub")),
    "no-last-newline": (TEXT, LINE[:-1]),
    "carriage-return": (TEXT, LINE[:-1] + b"\r\n"),
    "form-feed-between-lines": (TEXT, LINE[:-1] + b"\x0c" + LINE),
    "empty-line-at-the-end": (TEXT, LINE + b"\n"),
    "base64-with-a-second-spelling": (TEXT, LINE[:-4] + bytes([LINE[-4] ^ 1]) + LINE[-3:]),
    "seventeen-lines": (TEXT, LINE * 17),
    "not-utf8": (b"\xff" + TEXT, LINE),
    "too-long": (TEXT, LINE + b"x" * MAX_NOTE_BYTES),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_defect_is_refused(name: str) -> None:
    """A note with this one defect is refused."""
    text, lines = REFUSED[name]
    with pytest.raises((FormatError, SignatureError)):
        _verify(text + b"\n" + lines)


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, mask: int) -> None:
    """A change anywhere in the text or in the hub's own line is refused; a witness's line is another's matter."""
    changed = NOTE[:at] + bytes([NOTE[at] ^ mask]) + NOTE[at + 1 :]
    try:
        found = _verify(changed)
    except PeerError:
        return
    assert at >= len(TEXT) + 1 + len(LINE)
    assert found == CHECKPOINT


@given(st.binary(max_size=300))
def test_any_bytes_are_a_note_or_a_format_error(data: bytes) -> None:
    """The parser answers with a checkpoint or with FormatError."""
    with pytest.raises(FormatError):
        parse_note(data)


def test_a_size_of_zero_is_a_size() -> None:
    """The empty log has a checkpoint too."""
    text = Checkpoint(ORIGIN, 0, bytes(32)).text()
    note = text + b"\n" + note_line(NAME, ed25519_public(SEED), sign_ed25519(SEED, text))
    assert _verify(note).size == 0
