"""Epoch prekeys: which intervals a device offers, and when their seeds must go (FORMATS 5; protocol 5).

Hours are hours since 1970 UTC. A batch offers 8 daily intervals from the current day and 4 weekly fallbacks from the
current week, so that a device that sleeps for weeks can still be written to; units marked as high-risk use 6-hour
intervals instead of days. Private seeds are never in a backup.
"""

from __future__ import annotations

from typing import Annotated, Final

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from msgspec import Meta

from keys import domains
from keys.codec import Bytes32, Record, Uint, Uint32, encode
from keys.private import xwing
from keys.private.identity import random_bytes
from keys.statements import Batch, Interval

DAY_HOURS: Final = 24
WEEK_HOURS: Final = 168
DAYS_AHEAD: Final = 8
WEEKS_AHEAD: Final = 4
HIGH_RISK_HOURS: Final = 6
GRACE_HOURS: Final = 2  # a seed goes 2 h after its interval, once a drain begun 1 h after it has finished
DRAIN_HOURS: Final = 1
LONGEST_HOURS: Final = 35 * 24  # and never later than this
MAX_TRIED: Final = 4  # seeds that may cover one hour: a day and a week, of this batch and the one before


class EpochSecret(Record, frozen=True):
    """The seed of one epoch prekey."""

    start: Uint32
    end: Uint32
    batch_no: Uint
    seed: Bytes32

    def __repr__(self) -> str:
        """Never the seed."""
        return f"EpochSecret({self.start}, {self.end}, batch {self.batch_no})"


MAX_EPOCHS: Final = 512  # 5 weekly batches make 60, with 6-hour steps 180; the rest is for "rotate now"
EpochSecrets = Annotated[list[EpochSecret], Meta(max_length=MAX_EPOCHS)]


class LoadedKeys:
    """Epoch keys that were used, loaded: to load one costs as much as to open with it. They go with their seeds."""

    def __init__(self) -> None:
        self._keys: dict[bytes, MLKEM768X25519PrivateKey] = {}

    def of(self, seed: bytes) -> MLKEM768X25519PrivateKey:
        """The key of a seed."""
        if seed not in self._keys:
            self._keys[seed] = xwing.load_private(seed)
        return self._keys[seed]

    def keep(self, secrets: list[EpochSecret]) -> None:
        """Let all go but those of these seeds."""
        held = {secret.seed for secret in secrets}
        self._keys = {seed: key for seed, key in self._keys.items() if seed in held}


def intervals(hour: int, *, high_risk: bool = False) -> list[tuple[int, int]]:
    """The (start, end) hours that a batch made at ``hour`` offers, shortest first."""
    step = HIGH_RISK_HOURS if high_risk else DAY_HOURS
    first = hour - hour % step
    short = [(at, at + step) for at in range(first, first + DAYS_AHEAD * DAY_HOURS, step)]
    week = hour - hour % WEEK_HOURS
    return short + [(at, at + WEEK_HOURS) for at in range(week, week + WEEKS_AHEAD * WEEK_HOURS, WEEK_HOURS)]


def new_epoch_secrets(hour: int, batch_no: int, *, high_risk: bool = False) -> list[EpochSecret]:
    """Fresh seeds for a batch."""
    return [EpochSecret(start, end, batch_no, random_bytes(32)) for start, end in intervals(hour, high_risk=high_risk)]


def batch_payload(federation: bytes, device_id: bytes, dir_size: int, secrets: list[EpochSecret]) -> bytes:
    """The payload of the ``batch`` that publishes these seeds' public keys."""
    offered = [Interval(secret.start, secret.end, xwing.public_of(secret.seed)) for secret in secrets]
    number = secrets[0].batch_no
    return encode(Batch(domains.VERSION, domains.SUITE, federation, device_id, number, dir_size, offered))


def covering(secrets: list[EpochSecret], hour: int) -> list[EpochSecret]:
    """At most four seeds that cover ``hour``, newest batch and shortest interval first."""
    fitting = [secret for secret in secrets if secret.start <= hour < secret.end]
    return sorted(fitting, key=lambda secret: (-secret.batch_no, secret.end - secret.start))[:MAX_TRIED]


def keep_after(secrets: list[EpochSecret], trusted_hour: int, drained_hour: int) -> list[EpochSecret]:
    """The seeds that must stay.

    Args:
        secrets: all seeds.
        trusted_hour: trusted time in hours.
        drained_hour: the hour in which the last *finished* mailbox drain began; 0 when there was none.
    """
    return [secret for secret in secrets if not _is_over(secret, trusted_hour, drained_hour)]


def _is_over(secret: EpochSecret, trusted_hour: int, drained_hour: int) -> bool:
    if trusted_hour >= secret.end + LONGEST_HOURS:
        return True
    return trusted_hour >= secret.end + GRACE_HOURS and drained_hour >= secret.end + DRAIN_HOURS
