"""What two people compare by telephone or on paper: a short code, or words.

short_code   four groups of five letters and digits, 100 bits of a SHA-256 digest: for a file that is handed over
words_of     twelve words, 120 bits: for keys that two units compare, said aloud

The words are those of SLIP-39: 1,024 words that differ in their first four letters.
"""

from __future__ import annotations

from typing import Final

from shamir_mnemonic.wordlist import WORDLIST

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
GROUPS: Final = 4
GROUP_LETTERS: Final = 5
WORDS: Final = 12
_LETTER_BITS: Final = 5
_WORD_BITS: Final = 10
_READ_AS: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})


def short_code(digest: bytes) -> str:
    """Four groups of five of a digest's first 100 bits."""
    letters = "".join(_ALPHABET[index] for index in _indices(digest, _LETTER_BITS, GROUPS * GROUP_LETTERS))
    return "-".join(letters[at : at + GROUP_LETTERS] for at in range(0, len(letters), GROUP_LETTERS))


def same_code(typed: str, code: str) -> bool:
    """Whether a typed code is this one; case, spaces and hyphens do not matter, I and L are 1, O is 0."""
    return _plain(typed) == _plain(code)


def words_of(digest: bytes) -> str:
    """Twelve words of a digest's first 120 bits."""
    return " ".join(WORDLIST[index] for index in _indices(digest, _WORD_BITS, WORDS))


def same_words(typed: str, words: str) -> bool:
    """Whether typed words are these; the first four letters of each are enough."""
    given, wanted = typed.lower().split(), words.split()
    return len(given) == len(wanted) and all(
        len(one) >= 4 and other.startswith(one) for one, other in zip(given, wanted, strict=True)
    )


def same_fingerprint(typed: str, fingerprint: str) -> bool:
    """Whether typed hexadecimal digits are these; case and spacing do not matter."""
    return "".join(typed.split()).lower() == "".join(fingerprint.split()).lower()


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum()).translate(_READ_AS)


def _indices(digest: bytes, bits: int, count: int) -> list[int]:
    number = int.from_bytes(digest) >> (8 * len(digest) - bits * count)
    return [number >> bits * (count - 1 - at) & ((1 << bits) - 1) for at in range(count)]
