"""The self-tests: they pass here, and each part notices when it is broken."""

import time

import nacl
import pytest

from keys import public, selftest, selftest_vectors
from keys.errors import LocalError
from keys.private import selftest as private_selftest
from keys.private import xwing


def test_all_parts_pass_quickly() -> None:
    """Public and secret half pass in well under a tenth of a second."""
    private_selftest.run()
    began = time.perf_counter()
    private_selftest.run()
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(
    ("version", "passes"), [("1.6.1", False), ("1.5.9", False), ("1.6.2", True), ("1.10.0rc1", True)]
)
def test_an_old_library_is_refused(version: str, passes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyNaCl before 1.6.2 does not run, whatever else passes."""
    monkeypatch.setattr(nacl, "__version__", version)
    if passes:
        selftest.run()
        return
    with pytest.raises(LocalError, match="part=pynacl"):
        selftest.run()


BROKEN = {
    "sha256": (selftest, "_SHA256_ABC", "00"),
    "ed25519": (selftest, "_ED25519_SIGNATURE", bytes(64)),
    "small-order": (selftest, "IDENTITY_POINT", selftest._ED25519_PUBLIC),
    "mldsa65": (selftest_vectors, "MLDSA65_SIGNATURE", bytes(3309)),
    "xwing-key": (private_selftest, "_XWING_PUBLIC_SHA256", "00"),
    "xwing-wrap": (selftest_vectors, "XWING_WRAPPED", bytes(1168)),
    "cobblestone": (private_selftest, "_COBBLESTONE", bytes(77)),
    "xchacha": (private_selftest, "_XCHACHA_TAG", bytes(16)),
    "argon2id": (private_selftest, "_ARGON2ID", "00"),
    "hkdf": (private_selftest, "_HKDF_OKM", "00"),
}


@pytest.mark.parametrize("part", BROKEN)
def test_each_part_notices_another_answer(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When an answer differs from the stored one, the program refuses to run and names the part."""
    monkeypatch.setattr(*BROKEN[part])
    with pytest.raises(LocalError) as caught:
        private_selftest.run()
    assert (caught.value.code, caught.value.fields) == ("SELFTEST", {"part": part})


BLIND = {
    "ed25519": (selftest, "verify_ed25519"),
    "small-order": (selftest, "check_ed25519"),
    "mldsa65": (selftest, "verify_pair"),
}


@pytest.mark.parametrize("part", BLIND)
def test_a_check_that_refuses_nothing_is_noticed(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that lets everything pass fails the self-test too."""
    module, name = BLIND[part]
    monkeypatch.setattr(module, name, lambda *_args: None)
    with pytest.raises(LocalError, match=f"part={part}"):
        selftest.run()


def test_a_wrap_that_opens_in_any_context_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The context is part of what is tested."""
    monkeypatch.setattr(xwing, "unwrap", lambda *_args: b"k" * 32)
    with pytest.raises(LocalError, match="part=xwing-wrap"):
        private_selftest.run()


def test_the_weak_key_of_the_self_test_would_verify_anything() -> None:
    """Without the refusal, one signature by the identity point would be good for every message."""
    with pytest.raises(public.SignatureError, match="WEAKKEY"):
        public.check_ed25519(selftest.IDENTITY_POINT)
