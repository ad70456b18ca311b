"""Return codes: what is kept tells nothing, and whoever says the code is understood."""

import pytest

from keys.errors import LocalError
from keys.private.return_code import ALPHABET, CODE_CHARACTERS, new_return_code, read_return_code, return_code_check

UNIT, OTHER = b"\1" * 16, b"\2" * 16


def test_codes_are_random_and_of_one_length() -> None:
    """Sixteen characters of the alphabet, another each time."""
    codes = {new_return_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == CODE_CHARACTERS and set(code) <= set(ALPHABET) for code in codes)


def test_same_code_gives_the_same_value_in_one_unit_only() -> None:
    """So it is found again, and two units cannot compare."""
    code = new_return_code()
    check = return_code_check(code, UNIT)
    assert return_code_check(code, UNIT) == check
    assert return_code_check(code, OTHER) != check
    assert return_code_check(new_return_code(), UNIT) != check
    assert code not in check.upper()


@pytest.mark.parametrize("said", ["01ab cdef 0123 4567", "O1AB-CDEF-OI23-4567", "  01abcdefol234567 "])
def test_code_is_understood_as_people_say_it(said: str) -> None:
    """Grouped, small, and with letters for the digits that they resemble."""
    assert read_return_code(said) == "01ABCDEF01234567"


@pytest.mark.parametrize(
    "said", ["", "0123", "01ABCDEF0123456", "01ABCDEF012345678", "U1ABCDEF01234567", "Å1ABCDEF01234567"]
)
def test_anything_else_is_no_code(said: str) -> None:
    """Too short, too long, or with characters that no code has."""
    with pytest.raises(LocalError) as caught:
        return_code_check(said, UNIT)
    assert caught.value.code == "RETURNCODE"
