"""Sealing, opening and verifying one document for a unit with 2 and 8 devices, beside the bare primitives."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

from keys.codec import encode
from keys.document import Content, Document, KindClass
from keys.domains import SignedType
from keys.envelope import content_bytes, parse_envelope
from keys.private.keeper import LocalKeeper
from keys.private.prekeys import covering
from keys.private.seal import Target
from keys.private.xwing import public_of
from keys.public import pre_authentication
from keys.signed import parse_signed, verify_single
from tests.bench import bare
from tests.bench.figure import Figure, alternating, figure
from tests.kit.federation import HOUR, NOW, Federation, UnitKit

BODY_BYTES = 1500  # a consultation with its header
ENVELOPES = 64
GOAL = 0.8  # of the bare primitives' rate


def figures() -> Iterator[Figure]:
    """Documents per second at one core."""
    for devices in (2, 8):
        yield from _unit(devices)


def _unit(devices: int) -> Iterator[Figure]:
    federation = Federation.demo(devices=devices)
    sender, unit = federation.units["bops"].keepers[0], federation.units["sav"]
    targets = [_target(keeper) for keeper in unit.keepers]
    payload = _payload(federation, targets)
    recipient = _recipient(federation, unit)
    signer = bare.BareSigner.load(sender._ring.signing)
    message = pre_authentication(SignedType.DOCUMENT, payload)

    def seal() -> bytes:
        content = encode(Content(sender.sign(SignedType.DOCUMENT, payload), bytes(32), bytes(BODY_BYTES), []))
        return sender.seal(content, unit.mailbox_id, targets, hour=HOUR, recall_hash=bytes(32))

    # Where the own slot lies is chance, so opening is measured over many envelopes.
    envelopes = [parse_envelope(seal()) for _ in range(ENVELOPES)]
    slots = len(envelopes[0].slots)
    framed = bytes(content_bytes(len(envelopes[0].raw), slots) or 0)

    def seal_bare() -> None:
        signer.sign(message)
        bare.seal(framed, slots, recipient.public)

    def open_all() -> None:
        for envelope in envelopes:
            key = unit.keepers[0].open_key(envelope, unit.mailbox_id)
            unit.keepers[0].open_content(envelope, unit.mailbox_id, key)

    def open_all_bare() -> None:
        for envelope in envelopes:
            recipient.open(envelope)

    yield _figure("sign and seal a document", devices, alternating(seal, seal_bare))
    yield _figure("open a document", devices, alternating(open_all, open_all_bare), each=ENVELOPES)
    yield _figure("verify a document", devices, _verifying(federation, sender, payload))


def _verifying(federation: Federation, sender: LocalKeeper, payload: bytes) -> tuple[float, float]:
    """Rates of parsing and verifying a signed object, and of the bare verifications."""
    signed = sender.sign(SignedType.DOCUMENT, payload)
    entry = federation.directory.devices[sender.device_id]
    pair, parsed = entry.enrol.signing, parse_signed(signed)
    mldsa = MLDSA65PublicKey.from_public_bytes(pair.mldsa)
    return alternating(
        lambda: verify_single(parse_signed(signed), entry.certificate, pair), lambda: bare.verify(parsed, pair, mldsa)
    )


def _figure(name: str, devices: int, rates: tuple[float, float], *, each: int = 1) -> Figure:
    ours, theirs = rates
    return figure(f"{name}, {devices} devices", ours * each, "1/s", baseline=theirs * each, goal=GOAL)


def _target(keeper: LocalKeeper) -> Target:
    keeper.new_batch(HOUR, 1)
    return Target(keeper.device_id, public_of(covering(keeper._ring.epochs, HOUR)[0].seed))


def _recipient(federation: Federation, unit: UnitKit) -> bare.Recipient:
    keeper = unit.keepers[0]
    seed = covering(keeper._ring.epochs, HOUR)[0].seed
    return bare.Recipient.load(seed, federation.directory.federation, unit.mailbox_id, keeper.device_id)


def _payload(federation: Federation, targets: list[Target]) -> bytes:
    document = Document(
        version=1,
        suite=1,
        document_id=bytes(16),
        from_unit=bytes(16),
        from_device=bytes(16),
        to_unit=bytes(16),
        to_devices=[target.device_id for target in targets],
        seq=1,
        prev=bytes(32),
        sent_at=NOW,
        dir_size=federation.directory.size,
        dir_root=bytes(32),
        kind_class=KindClass.CONTENT,
        thread_id=bytes(16),
        reply_to=None,
        body_commit=bytes(32),
        attachments=[],
        consents=[],
        legal_basis="inga_personuppgifter",
        approval=None,
    )
    return encode(document)
