"""A million altered inputs through every decoder: only declared errors, what decodes is canonical, none is slow."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

from client.casework.problems import InvalidBodyError
from client.casework.validate import validate_body
from hub.wire import requests, responses
from hub.wire.frame import frame, unframe_request, unframe_response
from keys.codec import Record, decode_body, encode, encode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import PeerError, RefusedError
from tests.bench.figure import Figure, figure, scaled
from tests.unit.casework.samples import SAMPLES
from tests.unit.keys.test_fuzz import READERS

SEED = 20260302
MUTATIONS = 1_000_000
SLOWEST_MS = 50.0
NOT_FROM_PEERS = {"key file", "shown file"}  # files of our own: their errors are local
SLOW = {"statement", "first root"}  # an unaltered one is verified, signature by signature: asked a hundred times less
LENGTHS = (b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xdf\x7f\xff\xff\xff", b"\xdc\xff\xff", b"\x91" * 12)

Reader = Callable[[bytes], object]


class SlowError(AssertionError):
    """An input that takes longer than it may, whenever it is tried."""


def readers() -> dict[str, tuple[bytes, Reader]]:
    """Every decoder with one input that it accepts."""
    found = {name: entry for name, entry in READERS.items() if name not in NOT_FROM_PEERS}
    asked = requests.Deposit(bytes(16), bytes(32), bytes(16 * 1024))
    answered = responses.Fetched(bytes(16), 1, [responses.Waiting(1, 1, bytes(64), bytes(16 * 1024))])
    found["request frame"] = (frame(asked), unframe_request)
    found["small request frame"] = (frame(requests.Fetch(bytes(32), 1, 1)), unframe_request)
    found["response frame"] = (frame(answered), unframe_response)
    found["small response frame"] = (frame(responses.Deposited(1, bytes(64))), unframe_response)
    for kind in SAMPLES:
        found[f"body {kind}"] = (encode_body(SAMPLES[kind]), _read_body)
    return found


def figures() -> Iterator[Figure]:
    """Mutations per second, and the slowest of them."""
    rng = random.Random(SEED)
    found = readers()
    total = scaled(MUTATIONS, 2_000)
    names = [name for name in found for _ in range(1 if name in SLOW else 100)]
    samples = [data for data, _ in found.values()]
    slowest, began = 0.0, time.perf_counter()
    for _ in range(total):
        name = rng.choice(names)
        data, reader = found[name]
        slowest = max(slowest, _try(name, mutate(data, rng, samples), reader))
    took = time.perf_counter() - began
    yield figure("fuzz: altered inputs through all decoders", total / took, "1/s")
    yield figure("fuzz: slowest input", slowest * 1000, "ms", goal=SLOWEST_MS, lower_is_better=True)


def mutate(data: bytes, rng: random.Random, samples: list[bytes]) -> bytes:
    """One to three changes."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        length = rng.randint(1, 16)
        match rng.randrange(7):
            case 0:
                data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
            case 1:
                data = (
                    data[:at] + (bytes([data[at] ^ 1 << rng.randrange(8)]) if at < len(data) else b"") + data[at + 1 :]
                )
            case 2:
                data = data[:at]
            case 3:
                data = data[:at] + rng.randbytes(length) + data[at:]
            case 4:
                data = data[:at] + data[at + length :]
            case 5:
                data = data[:at] + rng.choice(LENGTHS) + data[at:]
            case _:
                other = rng.choice(samples)
                start = rng.randrange(len(other))
                data = data[:at] + other[start : start + 4 * length] + data[at + 4 * length :]
    return data


def _try(name: str, data: bytes, reader: Reader) -> float:
    """Seconds for one input; one that seems slow is tried again, because the machine does other things as well."""
    took = _once(name, data, reader)
    if took * 1000 < SLOWEST_MS / 10:
        return took
    took = min(_once(name, data, reader) for _ in range(5))
    if took * 1000 >= SLOWEST_MS:
        raise SlowError(f"{name}: {took * 1000:.0f} ms for {data[:200].hex()}")
    return took


def _once(name: str, data: bytes, reader: Reader) -> float:
    began = time.perf_counter()
    try:
        value = reader(data)
    except PeerError:
        return time.perf_counter() - began
    except Exception as error:
        raise AssertionError(f"{name}: {type(error).__name__} for {data[:200].hex()}") from error
    took = time.perf_counter() - began
    if isinstance(value, Record) and type(value).__name__ == name:  # others are read out of what carries them
        assert encode(value) == data, f"{name} has two encodings: {data[:200].hex()}"
    return took


def _read_body(data: bytes) -> object:
    """Decode and ask the schema, as check 16 does."""
    try:
        body = decode_body(data, max_bytes=MAX_BODY_BYTES)
        return validate_body(body)
    except (InvalidBodyError, RefusedError):
        return None
