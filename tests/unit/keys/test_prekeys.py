"""Epoch prekeys: which hours they cover and when their seeds go."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.codec import decode
from keys.private import prekeys, xwing
from keys.private.prekeys import EpochSecret, covering, intervals, keep_after, new_epoch_secrets
from keys.statements import MAX_INTERVALS, Batch

HOUR = 490_013


@given(st.integers(0, 2**31), st.booleans())
def test_every_hour_of_the_next_weeks_is_covered(hour: int, high_risk: bool) -> None:
    """A week's short intervals and four weekly ones cover what they promise, without overlap among equals."""
    offered = intervals(hour, high_risk=high_risk)
    step = 6 if high_risk else 24
    short = [pair for pair in offered if pair[1] - pair[0] == step]
    weekly = [pair for pair in offered if pair[1] - pair[0] == 168]
    assert (len(short) * step, len(weekly)) == (192, 4)
    assert len(offered) <= MAX_INTERVALS
    for row in (short, weekly):
        assert row[0][0] <= hour < row[0][1]
        assert all(left[1] == right[0] for left, right in itertools.pairwise(row))


def test_the_batch_publishes_the_seeds_public_keys() -> None:
    """Each interval of the payload is that of a seed, in order."""
    secrets = new_epoch_secrets(HOUR, 7)
    batch = decode(prekeys.batch_payload(bytes(32), bytes(16), 3, secrets), Batch, max_bytes=64 * 1024)
    assert (batch.batch_no, batch.dir_size) == (7, 3)
    assert [(i.start, i.end, i.public) for i in batch.intervals] == [
        (s.start, s.end, xwing.public_of(s.seed)) for s in secrets
    ]


@pytest.mark.parametrize(("hour", "covered"), [(9, 0), (10, 1), (19, 1), (20, 0)])
def test_an_interval_covers_its_start_and_not_its_end(hour: int, covered: int) -> None:
    """The first hour belongs to the interval, the end hour to the next one."""
    assert len(covering([EpochSecret(10, 20, 1, bytes(32))], hour)) == covered


def test_at_most_four_are_tried_newest_and_shortest_first() -> None:
    """Of many seeds for an hour the newest batch's shortest comes first, and the fifth is not tried."""
    secrets = [secret for number in (1, 3, 2) for secret in new_epoch_secrets(HOUR, number)]
    found = [(secret.batch_no, secret.end - secret.start) for secret in covering(secrets, HOUR)]
    assert found == [(3, 24), (3, 168), (2, 24), (2, 168)]


END = 1000
LONGEST = 35 * 24


@pytest.mark.parametrize(
    ("trusted", "drained", "stays"),
    [
        (END + 1, END + 1, True),  # two hours have not passed
        (END + 2, END, True),  # no drain began an hour after the end
        (END + 2, END + 1, False),
        (END + 500, 0, True),  # never drained: what waits needs the seed
        (END + LONGEST - 1, 0, True),
        (END + LONGEST, 0, False),  # after 35 days in any case
    ],
)
def test_a_seed_goes_at_its_hour_and_not_before(trusted: int, drained: int, stays: bool) -> None:
    """Both conditions to the hour, and the last resort of 35 days."""
    secrets = [EpochSecret(END - 24, END, 1, bytes(32))]
    assert bool(keep_after(secrets, trusted, drained)) is stays


def test_a_seed_is_not_written_out() -> None:
    """The text of a secret shows its hours and nothing else."""
    assert "seed" not in repr(EpochSecret(1, 2, 3, b"s" * 32))
    assert repr(EpochSecret(1, 2, 3, b"s" * 32)) == "EpochSecret(1, 2, batch 3)"
