"""Return codes: what lets somebody who stays unnamed come back to the same contact (domain.md 2.2).

The code is random, is shown once, and is not kept. Kept is a value from which finding the code takes a trial of
Argon2id for each guess; it depends on the unit, so that two units never see that they heard the same code.

    code = new_return_code()                     # 16 characters, 80 bits
    check = return_code_check(code, unit_id)     # 64 hexadecimal digits
"""

from __future__ import annotations

from typing import Final

import nacl.pwhash.argon2id

from keys.domains import RETURN_CODE
from keys.errors import LocalError
from keys.ids import digest
from keys.private.identity import random_bytes

#: No letters that are taken for digits or for each other (Crockford's base 32).
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_CHARACTERS: Final = 16
#: RFC 9106, section 4, second choice: three passes over 64 MiB.
PASSES: Final = 3
MEMORY_BYTES: Final = 64 * 1024 * 1024
_ALIKE: Final = str.maketrans("OIL", "011")


def new_return_code() -> str:
    """A random code of 16 characters."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in random_bytes(CODE_CHARACTERS))


def read_return_code(said: str) -> str:
    """The code that somebody says, however she groups it, and with letters for the digits that they resemble.

    Raises:
        LocalError: code ``RETURNCODE``; it is none.
    """
    code = "".join(character for character in said.upper() if character.isalnum()).translate(_ALIKE)
    if len(code) != CODE_CHARACTERS or not set(code) <= set(ALPHABET):
        raise LocalError("RETURNCODE")
    return code


def return_code_check(said: str, unit_id: bytes) -> str:
    """What is kept of a code, hexadecimal. Takes some tenths of a second.

    Args:
        said: as somebody says it.
        unit_id: 16 bytes.

    Raises:
        LocalError: code ``RETURNCODE``.
    """
    code = read_return_code(said).encode()
    salt = digest(RETURN_CODE + unit_id)[: nacl.pwhash.argon2id.SALTBYTES]
    return nacl.pwhash.argon2id.kdf(32, code, salt, opslimit=PASSES, memlimit=MEMORY_BYTES).hex()
