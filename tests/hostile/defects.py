"""One defect for each check of receiving, made alone in an otherwise sound envelope (FORMATS 8).

``CASES``: name → (what becomes of it, number of the check that stops it, how it is made).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from keys.codec import encode
from keys.document import Receipt, ReceiptEntry, ReceiptStatus
from keys.domains import SignedType
from keys.private.identity import new_secret, random_bytes, sign_object
from keys.signed import assemble, parse_signed
from tests.hostile.attacked import Attacked
from tests.kit.forge import flip, other_unit

Made = Callable[[Attacked], Awaitable[bytes]]


def sealed(**knobs: Any) -> Made:
    """A sound letter, sealed wrongly."""

    async def make(attacked: Attacked) -> bytes:
        return attacked.forge.envelope(attacked.forge.letter(), **knobs)

    return make


def signed_with(**payload: Any) -> Made:
    """A letter whose payload says something wrong."""

    async def make(attacked: Attacked) -> bytes:
        return attacked.forge.envelope(attacked.forge.letter(payload=payload))

    return make


async def wrong_magic(attacked: Attacked) -> bytes:
    """Another protocol."""
    return b"SLU2" + attacked.forge.envelope(attacked.forge.letter())[4:]


async def wrong_size(attacked: Attacked) -> bytes:
    """A byte too much."""
    return attacked.forge.envelope(attacked.forge.letter()) + b"\0"


async def wrong_slots(attacked: Attacked) -> bytes:
    """A number of slots that there is not."""
    raw = attacked.forge.envelope(attacked.forge.letter())
    return raw[:4] + b"\x05" + raw[5:]


async def replayed(attacked: Attacked) -> bytes:
    """An envelope that was accepted before."""
    raw = attacked.forge.envelope(attacked.forge.letter())
    assert await attacked.outcome(raw) == ("accepted",)
    async with attacked.vault.transaction():  # what is owed was told, so that telling it again would show
        await attacked.vault.write("UPDATE receipt_due SET due_at = NULL")
    return raw


async def old_hour(attacked: Attacked) -> bytes:
    """Sealed 36 days ago."""
    forge = attacked.forge
    return forge.envelope(forge.letter(), hour=forge.sender.clock.hour() - 36 * 24)


async def early_hour(attacked: Attacked) -> bytes:
    """Sealed tomorrow."""
    forge = attacked.forge
    return forge.envelope(forge.letter(), hour=forge.sender.clock.hour() + 2)


async def not_for_us(attacked: Attacked) -> bytes:
    """Sealed for the sender's own device."""
    context = attacked.forge.sender
    own = context.prekeys.targets(context.unit_id, context.clock.hour())
    return attacked.forge.envelope(attacked.forge.letter(), targets=own)


async def not_canonical(attacked: Attacked) -> bytes:
    """A content with a byte behind its end."""
    return attacked.forge.envelope(attacked.forge.letter().content + b"\xc0")


async def no_signed_object(attacked: Attacked) -> bytes:
    """A content whose signed object is none."""
    return attacked.forge.envelope(encode([b"nothing", bytes(32), b"", []]))


async def wrong_type(attacked: Attacked) -> bytes:
    """A signed statement of another type, though its payload is a document."""
    keeper = attacked.forge.sender.keeper
    return attacked.forge.envelope(attacked.forge.letter(sign=lambda _, data: keeper.sign(SignedType.CONSENT, data)))


async def two_signers(attacked: Attacked) -> bytes:
    """A second signature, by a stranger."""
    keeper, stranger = attacked.forge.sender.keeper, new_secret()

    def sign(signed_type: SignedType, data: bytes) -> bytes:
        both = [keeper.sign(signed_type, data), sign_object(stranger, random_bytes(32), signed_type, data)]
        return assemble(signed_type, data, [parse_signed(one).signatures[0] for one in both])

    return attacked.forge.envelope(attacked.forge.letter(sign=sign))


async def unknown_signer(attacked: Attacked) -> bytes:
    """Signed by keys that are in no log, under a name of their own."""
    stranger, name = new_secret(), random_bytes(32)
    letter = attacked.forge.letter(sign=lambda signed_type, data: sign_object(stranger, name, signed_type, data))
    return attacked.forge.envelope(letter)


def stolen_name(*, ed25519: bool, mldsa: bool) -> Made:
    """Signed in the device's name; each half is either right or a stranger's."""

    async def make(attacked: Attacked) -> bytes:
        keeper, stranger = attacked.forge.sender.keeper, new_secret()

        def sign(signed_type: SignedType, data: bytes) -> bytes:
            right = parse_signed(keeper.sign(signed_type, data)).signatures[0]
            wrong = parse_signed(sign_object(stranger, right.signer, signed_type, data)).signatures[0]
            mixed = type(right)(
                right.signer,
                right.ed25519 if ed25519 else wrong.ed25519,
                right.mldsa if mldsa else wrong.mldsa,
            )
            return assemble(signed_type, data, [mixed])

        return attacked.forge.envelope(attacked.forge.letter(sign=sign))

    return make


async def other_root(attacked: Attacked) -> bytes:
    """Says to have seen another log of the same length."""
    return attacked.forge.envelope(attacked.forge.letter(payload={"dir_root": random_bytes(32)}))


async def log_ahead(attacked: Attacked) -> bytes:
    """Says to have seen a log that there is not yet."""
    size = attacked.forge.sender.replica.directory.size
    return attacked.forge.envelope(attacked.forge.letter(payload={"dir_size": size + 5}))


async def other_units_device(attacked: Attacked) -> bytes:
    """In the name of another unit."""
    forge = attacked.forge
    other = other_unit(forge.sender, forge.sender.unit_id, forge.recipient.unit_id)
    letter = forge.letter(payload={"from_unit": other}, body={"header": {"sender_unit": other.hex()}})
    return forge.envelope(letter)


async def before_enrolment(attacked: Attacked) -> bytes:
    """Says to have seen a log in which the device is not."""
    directory = attacked.forge.sender.replica.directory
    return attacked.forge.envelope(attacked.forge.letter(payload={"dir_size": 3, "dir_root": directory.tree.root(3)}))


async def revoked_device(attacked: Attacked) -> bytes:
    """Signed by a device of the unit that was revoked, over the log as it was before that."""
    forge = attacked.forge
    directory = forge.sender.replica.directory
    entry = next(entry for entry in directory.devices.values() if entry.revoked_size is not None)
    size = (entry.revoked_size or 0) - 1
    letter = forge.letter(
        payload={
            "from_device": entry.statement.device_id,
            "dir_size": size,
            "dir_root": directory.tree.root(size),
            "sent_at": entry.statement.not_before + 3600,
        },
        sign=attacked.revoked.sign,
    )
    return forge.envelope(letter)


async def other_to_unit(attacked: Attacked) -> bytes:
    """A document to another unit, sealed for us: what surreptitious forwarding makes."""
    forge = attacked.forge
    other = other_unit(forge.sender, forge.sender.unit_id, forge.recipient.unit_id)
    letter = forge.letter(payload={"to_unit": other}, body={"header": {"recipient_unit": other.hex()}})
    return forge.envelope(letter)


def shifted(seconds: int) -> Made:
    """Sent at another time."""

    async def make(attacked: Attacked) -> bytes:
        return attacked.forge.envelope(attacked.forge.letter(payload={"sent_at": attacked.forge.now + seconds}))

    return make


async def same_id(attacked: Attacked) -> bytes:
    """The id of a document that was accepted, with another content."""
    letter = attacked.forge.letter()
    assert await attacked.outcome(attacked.forge.envelope(letter)) == ("accepted",)
    header = {"message_id": letter.document.document_id.hex()}
    other = attacked.forge.letter(payload={"document_id": letter.document.document_id}, body={"header": header})
    return attacked.forge.envelope(other)


async def same_seq(attacked: Attacked) -> bytes:
    """The place in the chain of a document that was accepted, with another content."""
    letter = attacked.forge.letter()
    assert await attacked.outcome(attacked.forge.envelope(letter)) == ("accepted",)
    return attacked.forge.envelope(attacked.forge.letter(payload={"seq": letter.document.seq}))


async def other_prev(attacked: Attacked) -> bytes:
    """Follows another document than the one that was accepted before it: somebody else got that one."""
    letter = attacked.forge.letter()
    assert await attacked.outcome(attacked.forge.envelope(letter)) == ("accepted",)
    return attacked.forge.envelope(attacked.forge.letter(payload={"prev": random_bytes(32)}))


async def own_id(attacked: Attacked) -> bytes:
    """The id of a document that the attacked office wrote itself."""
    document_id = random_bytes(16)
    async with attacked.vault.transaction():
        await attacked.vault.write(
            "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, unit_id, device_id,"
            " salt, body, consents, legal_basis, at)"
            " VALUES (?, 'out', 'sent', 'konsultation.fraga', 'content', ?, ?, ?, x'', x'80', x'', '', 1)",
            document_id, random_bytes(16), attacked.forge.sender.unit_id, attacked.office.desk.context.device_id,
        )  # fmt: skip
    header = {"message_id": document_id.hex()}
    return attacked.forge.envelope(attacked.forge.letter(payload={"document_id": document_id}, body={"header": header}))


async def other_body(attacked: Attacked) -> bytes:
    """A body that is not the one that was signed: a letter changed to a digit somewhere in its text."""
    letter = attacked.forge.letter(encoded=lambda data: data.replace(b"ung vuxen", b"ung v1xen"))
    return attacked.forge.envelope(letter)


async def receipt_with_body(attacked: Attacked) -> bytes:
    """A receipt that carries a body."""
    forge = attacked.forge
    directory = forge.sender.replica.directory
    entry = ReceiptEntry(bytes(16), bytes(32), ReceiptStatus.AVAILABLE, "", 1, bytes(32), 1, bytes(64))
    receipt = Receipt(
        1, 1, random_bytes(16), forge.sender.unit_id, forge.sender.device_id, forge.recipient.unit_id,
        [forge.recipient.device_id], forge.now, directory.size, directory.tree.root(), [entry],
    )  # fmt: skip
    signed = forge.sender.keeper.sign(SignedType.RECEIPT, encode(receipt))
    return forge.envelope(encode([signed, b"", b"body", []]))


CASES: dict[str, tuple[tuple[Any, ...], int, Made]] = {
    "wrong-magic": (("dropped",), 0, wrong_magic),
    "wrong-size": (("dropped",), 0, wrong_size),
    "wrong-slots": (("dropped",), 0, wrong_slots),
    "replayed": (("seen",), 1, replayed),
    "old-hour": ((2, "HOUR"), 2, old_hour),
    "early-hour": ((2, "HOUR"), 2, early_hour),
    "not-for-us": ((3, "SLOT"), 3, not_for_us),
    "altered-content": ((4, "OPEN"), 4, sealed(altered=flip)),
    "other-context": ((4, "OPEN"), 4, sealed(context_hour=1)),
    "padding": ((5, "FMT"), 4, sealed(padding=b"\1")),
    "not-canonical": ((5, "FMT"), 5, not_canonical),
    "no-signed-object": ((5, "FMT"), 5, no_signed_object),
    "wrong-type": ((6, "TYPE"), 6, wrong_type),
    "two-signers": ((6, "TYPE"), 6, two_signers),
    "unknown-signer": ((7, "SIGNER"), 7, unknown_signer),
    "bad-ed25519": ((8, "SIG"), 8, stolen_name(ed25519=False, mldsa=True)),
    "bad-mldsa": ((8, "SIG"), 8, stolen_name(ed25519=True, mldsa=False)),
    "unknown-version": ((9, "VER"), 9, signed_with(version=2)),
    "unknown-suite": ((9, "VER"), 9, signed_with(suite=2)),
    "other-root": ((10, "FORK"), 10, other_root),
    "log-ahead": ((10, "LOG"), 10, log_ahead),
    "other-units-device": ((11, "SENDER"), 11, other_units_device),
    "internal-of-another-unit": ((11, "SENDER"), 11, signed_with(kind_class="internal")),
    "before-enrolment": ((11, "REVOKED"), 11, before_enrolment),
    "revoked-device": ((11, "REVOKED"), 11, revoked_device),
    "other-to-unit": ((12, "ROSTER"), 12, other_to_unit),
    "not-in-roster": ((12, "ROSTER"), 12, signed_with(to_devices=[b"\7" * 16])),
    "sent-in-the-future": ((13, "TIME"), 13, shifted(3600)),
    "same-id": ((14, "EQUIV"), 14, same_id),
    "own-id": ((14, "EQUIV"), 14, own_id),
    "same-seq": ((14, "EQUIV"), 14, same_seq),
    "other-prev": ((14, "EQUIV"), 14, other_prev),
    "other-body": ((15, "COMMIT"), 15, other_body),
    "receipt-with-body": ((15, "COMMIT"), 15, receipt_with_body),
}
