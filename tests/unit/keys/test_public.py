"""Public keys and the one place where signatures are verified."""

import pytest

from keys import public
from keys.domains import SignedType
from keys.errors import SignatureError
from keys.private.identity import SigningSecret, new_secret, public_pair, sign_ed25519, sign_with
from keys.public import PublicPair, check_ed25519, check_pair, pre_authentication, verify_ed25519, verify_pair

SECRET = new_secret()
PAIR = public_pair(SECRET)
MESSAGE = pre_authentication("document", b"payload")
P = 2**255 - 19

# The points of order 1, 2, 4 and 8 of edwards25519, and encodings that are not canonical.
WEAK = {
    "order-1": "0100000000000000000000000000000000000000000000000000000000000000",
    "order-2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order-4": "0000000000000000000000000000000000000000000000000000000000000000",
    "order-4-sign": "0000000000000000000000000000000000000000000000000000000000000080",
    "order-8-a": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order-8-b": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "not-canonical-1": (P + 1).to_bytes(32, "little").hex(),
    "not-canonical-0": P.to_bytes(32, "little").hex(),
    "negative-zero": "0100000000000000000000000000000000000000000000000000000000000080",
    "off-the-curve": "0200000000000000000000000000000000000000000000000000000000000000",
    "short": "01",
    "empty": "",
}


@pytest.mark.parametrize("name", WEAK)
def test_a_weak_ed25519_key_is_refused(name: str) -> None:
    """Under a key of small order anything verifies; neither it nor a second spelling of a point is taken."""
    with pytest.raises(SignatureError, match="WEAKKEY"):
        check_ed25519(bytes.fromhex(WEAK[name]))


def test_a_point_of_mixed_order_is_refused() -> None:
    """A sound key plus a point of order two verifies some signatures twice; it is refused."""
    x, y = _decompress(PAIR.ed25519)
    mixed = _compress(-x % P, -y % P)
    with pytest.raises(SignatureError, match="WEAKKEY"):
        check_ed25519(mixed)


def test_a_sound_pair_is_taken() -> None:
    """A pair made by our own code passes."""
    check_pair(PAIR)


def test_a_broken_mldsa_key_is_refused() -> None:
    """An ML-DSA key of another length does not load."""
    with pytest.raises(SignatureError, match="WEAKKEY"):
        check_pair(PublicPair(PAIR.ed25519, b"short"))


@pytest.mark.parametrize("half", ["ed25519", "mldsa", "both", "swapped"])
def test_both_signatures_are_required(half: str) -> None:
    """One right signature is worth nothing beside a wrong one."""
    good = sign_with(SECRET, bytes(32), SignedType.DOCUMENT, b"payload")
    bad = sign_with(new_secret(), bytes(32), SignedType.DOCUMENT, b"payload")
    ed25519 = bad.ed25519 if half in {"ed25519", "both"} else good.ed25519
    mldsa = bad.mldsa if half in {"mldsa", "both"} else good.mldsa
    pair = (
        PublicPair(public_pair(SigningSecret(bytes(32), bytes(32))).ed25519, PAIR.mldsa) if half == "swapped" else PAIR
    )
    with pytest.raises(SignatureError):
        verify_pair(pair, ed25519, mldsa, MESSAGE)
    verify_pair(PAIR, good.ed25519, good.mldsa, MESSAGE)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    """Else bytes of the message would count as signature, and the message would be another."""
    signature = sign_ed25519(SECRET.ed25519_seed, b"x" * 80)
    stream = signature + b"x" * 80
    with pytest.raises(SignatureError):
        verify_ed25519(PAIR.ed25519, stream[:length], stream[length:])


def test_the_second_s_of_a_signature_is_refused() -> None:
    """S plus the order of the group would be a second signature over the same message."""
    order = 2**252 + 27742317777372353535851937790883648493
    signature = sign_ed25519(SECRET.ed25519_seed, MESSAGE)
    again = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(SignatureError):
        verify_ed25519(PAIR.ed25519, again, MESSAGE)


def test_pre_authentication_is_that_of_dsse() -> None:
    """The example of the DSSE protocol document gives its bytes."""
    assert public.pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_pre_authentication_has_one_reading() -> None:
    """Bytes moved from the type to the payload give other bytes to sign."""
    assert pre_authentication("unit", b" 1 a") != pre_authentication("unit 1", b"a")


def _decompress(encoded: bytes) -> tuple[int, int]:
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    d = -121665 * pow(121666, P - 2, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (x if x & 1 == sign else P - x), y


def _compress(x: int, y: int) -> bytes:
    return (y | (x & 1) << 255).to_bytes(32, "little")
