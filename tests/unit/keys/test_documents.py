"""Commitments, errors, ids and logs."""

import errno
import io
import json

import pytest

from keys import domains, errors, logging
from keys.consent import Parcel, check_record, record_commit
from keys.document import body_commit, check_commit
from keys.domains import label
from keys.errors import FormatError, LocalError, SlussError, TrustError
from keys.ids import digest, fingerprint

SALT, BODY = b"s" * 32, b"\x80"


def test_a_body_is_what_was_committed_to() -> None:
    """Body and salt of the commitment pass."""
    check_commit(body_commit(SALT, BODY), SALT, BODY)
    check_record(record_commit(SALT, BODY), Parcel(b"x", SALT, BODY))


@pytest.mark.parametrize(
    ("salt", "body"), [(b"t" * 32, BODY), (SALT, b"\x81"), (SALT + BODY, b""), (SALT[:-1], b"s" + BODY), (b"", BODY)]
)
def test_another_body_or_salt_is_refused(salt: bytes, body: bytes) -> None:
    """Bytes moved from salt to body are refused as well: the salt has its length."""
    with pytest.raises(FormatError, match="COMMIT"):
        check_commit(body_commit(SALT, BODY), salt, body)


def test_another_record_is_refused() -> None:
    """A consent's record is the one that was signed, and a body's commitment is not a record's."""
    for commit in (record_commit(SALT, b"\x81"), body_commit(SALT, BODY)):
        with pytest.raises(FormatError, match="COMMIT"):
            check_record(commit, Parcel(b"x", SALT, BODY))


def test_no_label_begins_another() -> None:
    """A label's zero byte makes sure that no two purposes share a prefix."""
    labels = [value for value in vars(domains).values() if isinstance(value, bytes)]
    assert not [(a, b) for a in labels for b in labels if a is not b and b.startswith(a)]
    assert label("body") == b"sluss/body\x00"


def test_a_fingerprint_is_read_in_groups() -> None:
    """Four digits at a time, all of them."""
    assert fingerprint(bytes.fromhex("0123456789ab")) == "0123 4567 89ab"
    assert digest(b"abc").hex().startswith("ba7816bf")


def test_errors_say_code_and_facts() -> None:
    """The text of an error is its code and its fields; without a code it has that of its kind."""
    assert str(TrustError("TRUST", rule="number")) == "TRUST rule=number"
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SlussError)]
    assert len({kind().code for kind in kinds}) == len(kinds)
    assert str(LocalError()) == "LOCAL"


def test_an_unlisted_field_is_dropped_and_counted() -> None:
    """In production a log line keeps the listed fields and says how many it lost."""
    stream = io.StringIO()
    logging.configure(stream=stream)
    logging.get_logger("hub").info("deposit", count=1, mailbox="0011", size_bytes=b"raw", code="x" * 200)
    logging.get_logger("hub").info("deposit", count=2)
    line, listed = map(json.loads, stream.getvalue().splitlines())
    assert "dropped_fields" not in listed
    assert (line["count"], line["size_bytes"], line["dropped_fields"]) == (1, "bytes", 1)
    assert len(line["code"]) == 120
    assert "mailbox" not in line


def test_an_unlisted_field_raises_in_tests() -> None:
    """In tests a field that is not listed is an error in the program."""
    logging.configure(strict=True, stream=io.StringIO())
    with pytest.raises(logging.UnlistedFieldError, match="mailbox"):
        logging.get_logger("hub").info("deposit", mailbox="0011")


class _FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "no room")


def test_a_line_that_cannot_be_written_stops_nobody() -> None:
    """On a full disk a line is lost; what was being answered or done goes on."""
    logging.configure(strict=True, stream=_FullDisk())
    logging.get_logger("hub").info("said", code="DISK")


def test_a_commitment_says_nothing_of_a_body_without_its_salt() -> None:
    """What is signed can be kept and shown without the content: nobody can try likely bodies against it."""
    guesses = [body_commit(bytes([salt]) * 32, BODY) for salt in range(256)]
    assert len(set(guesses)) == 256
    assert digest(BODY) not in guesses
    assert body_commit(SALT, BODY) not in {body_commit(b"", BODY), body_commit(bytes(32), BODY)}
