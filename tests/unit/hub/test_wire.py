"""Frames: one encoding, five sizes, nothing else (PROTOCOL 2)."""

from __future__ import annotations

import contextlib
import os
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.wire.frame import class_of, frame, unframe_request, unframe_response
from hub.wire.limits import FRAME_BYTES, LARGE_BYTES, MAX_REQUEST_BYTES, SMALL_BYTES, week_of
from hub.wire.requests import Ack, Deposit, Fetch, Hello, ReadLog, Recall, Request, Status, Submit
from hub.wire.responses import Code, Deposited, Fetched, RecallIs, Refused, Response, Something, StillHere, Waiting
from keys.codec import encode
from keys.envelope import SIZES
from keys.errors import FormatError

B16, B32, B64 = bytes(16), bytes(32), bytes(64)


@pytest.mark.parametrize("size", SIZES)
def test_each_envelope_size_has_a_class_of_its_own(size: int) -> None:
    """A deposit is one KiB longer than its envelope, whatever is in it."""
    request = Deposit(B16, B32, os.urandom(size))
    data = frame(request)
    assert (size + 1024, request) == (len(data), unframe_request(data))


@pytest.mark.parametrize(
    "message", [Hello(), Recall(B32, 5), Ack(B32, 2**53 - 1), Status(B32), Fetch(B32, 0, 256), ReadLog(0, 1)]
)
def test_requests_without_content_have_one_size(message: Request) -> None:
    """An observer cannot tell a recall from an acknowledgement."""
    data = frame(message)
    assert (SMALL_BYTES, message) == (len(data), unframe_request(data))


def test_wake_and_sign_of_life_have_one_size() -> None:
    """An observer of the wake connection cannot tell whether there is something."""
    assert len(frame(Something())) == len(frame(StillHere())) == SMALL_BYTES


def test_all_refusals_have_one_size() -> None:
    """A refusal's length says nothing about its reason."""
    longest = Refused(Code.DENIED, 2**32 - 1, "a" * 24)
    assert {SMALL_BYTES} == {len(frame(Refused(code, 0, ""))) for code in Code} | {len(frame(longest))}


@pytest.mark.parametrize(("size", "count"), [(SIZES[0], 63), (SIZES[1], 15), (SIZES[2], 4)])
def test_a_page_holds_what_the_limits_say(size: int, count: int) -> None:
    """A full page of each size class fits the largest frame exactly once."""
    items: list[Any] = [Waiting(2**53 - 1, 2**32 - 1, B64, bytes(size))] * count
    message = Fetched(B16, 2**53 - 1, items)
    assert message == unframe_response(frame(message))
    assert len(frame(message)) == LARGE_BYTES


def test_no_frame_beyond_the_largest() -> None:
    """What does not fit raises and is never sent longer."""
    with pytest.raises(ValueError, match=str(LARGE_BYTES + 1)):
        class_of(LARGE_BYTES + 1)


@pytest.mark.parametrize("union", [Request, Response])
def test_tags_are_all_different_and_one_byte(union: object) -> None:
    """Each tag names one record and encodes as one byte, so the decoder can look at it first."""
    tags = [record.__struct_config__.tag for record in get_args(union)]
    assert len(tags) == len(set(tags))
    assert all(0 < tag < 128 for tag in tags)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        bytes(1024),
        bytes(1023),
        bytes(1025),
        frame(Hello())[:-1] + b"\x01",
        frame(Hello()) + bytes(1024),
        frame(Hello())[:4] + b"\x91\x7e" + bytes(1018),
        frame(Hello())[:4] + b"\x81\x01" + bytes(1018),
        b"\xff\xff\xff\xff" + bytes(1020),
        (2).to_bytes(4) + b"\x91\x01" + bytes(17 * 1024 - 6),
        (3).to_bytes(4) + b"\x91\xcc\x01" + bytes(1017),
        (1).to_bytes(4) + b"\x01" + bytes(1019),
        frame(Deposited(1, B64)),
    ],
)
def test_what_is_not_a_request_is_refused(data: bytes) -> None:
    """Wrong size, wrong class, wrong padding, wrong tag, not canonical: all are FormatError."""
    with pytest.raises(FormatError):
        unframe_request(data)


def test_too_long_a_request_is_refused_before_decoding() -> None:
    """The largest class is for answers only."""
    with pytest.raises(FormatError):
        unframe_request(bytes(LARGE_BYTES))
    assert MAX_REQUEST_BYTES < LARGE_BYTES


@given(st.binary(max_size=1020))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_request_or_a_format_error(body: bytes) -> None:
    """A decoder gives a value or FormatError, and a value encodes to the same bytes."""
    data = len(body).to_bytes(4) + body + bytes(1020 - len(body))
    for unframe in (unframe_request, unframe_response):
        try:
            value = unframe(data)
        except FormatError:
            continue
        assert data == frame(value)


@given(
    st.recursive(
        st.integers(0, 300) | st.binary(max_size=70) | st.none() | st.booleans() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=5),
        max_leaves=12,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_canonical_value_is_a_request_or_a_format_error(value: object) -> None:
    """Well-formed msgpack of the wrong shape is FormatError too."""
    body = encode(value)
    if len(body) > 1020:
        return
    data = len(body).to_bytes(4) + body + bytes(1020 - len(body))
    with contextlib.suppress(FormatError):
        assert data == frame(unframe_request(data))


@pytest.mark.parametrize("statement", [b"", bytes(64 * 1024 + 1)])
def test_limits_of_fields_hold(statement: bytes) -> None:
    """A statement that is empty or too long does not decode."""
    with pytest.raises(FormatError):
        unframe_request(frame(Submit(statement)))


def test_weeks_turn_together() -> None:
    """Both ends count weeks of 168 hours since 1970."""
    assert (week_of(0), week_of(167), week_of(168)) == (0, 0, 1)


def test_an_answer_is_not_taken_for_another() -> None:
    """A record decodes as itself only."""
    assert RecallIs(True) == unframe_response(frame(RecallIs(True)))
    assert len(FRAME_BYTES) == 5
