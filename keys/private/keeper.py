"""The keeper: the only door to a device's private keys: sign, open, seal, log in.

``Keeper`` is the interface that the engine knows; it is small so that it can move into a process of its own.
``LocalKeeper`` holds the keys in this process and writes its ring (the sealed state) through ``RingStore`` before any
call that changed it returns: a key that was published is on disk, and a key that was dropped is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from keys import domains
from keys.cards import CardKind
from keys.codec import Bytes16, Bytes32, Record, Uint, encode
from keys.domains import SignedType
from keys.envelope import Envelope
from keys.errors import LocalError, OpenError
from keys.ids import DeviceId
from keys.private import cards, keyring, prekeys, seal, xwing
from keys.private.identity import (
    SigningSecret,
    ed25519_public,
    new_secret,
    public_pair,
    random_bytes,
    secret_key_id,
    sign_ed25519,
    sign_object,
)
from keys.private.keyring import HeldKeys
from keys.private.prekeys import EpochSecrets
from keys.private.seal import Place, Target
from keys.public import pre_authentication
from keys.rekey import Rekey
from keys.statements import Enrol, Login, Profile


class Ring(Record, frozen=True):
    """All secrets of one device. What enrolment brings is None until then."""

    version: Uint
    profile: Profile
    device_id: Bytes16
    signing: SigningSecret
    login_seed: Bytes32
    enrol_seed: Bytes32
    federation: Bytes32 | None
    certificate: Bytes32 | None
    directory_key: Bytes32 | None
    batch_no: Uint
    epochs: EpochSecrets
    counter: Uint  # how often this device was opened; the vault holds the same number (FORMATS 9.2)
    directory_keys: HeldKeys  # those that the log gave a number, newest first; empty while there is only the one above

    def __repr__(self) -> str:
        """Never the secrets."""
        return "Ring(…)"


class RingStore(Protocol):
    """Where the ring is kept, sealed."""

    def save(self, ring: Ring) -> None:
        """Make the ring durable, or raise."""


class Keeper(Protocol):
    """What the rest of the client may ask of the private keys."""

    @property
    def device_id(self) -> DeviceId:
        """This device, 16 bytes."""

    @property
    def batch_no(self) -> int:
        """Number of the newest own batch; 0 before the first."""

    @property
    def counter(self) -> int:
        """How often this device was opened; the vault holds the same number."""

    def sign(self, signed_type: SignedType, payload: bytes) -> bytes:
        """A signed object by this device's certificate."""

    def login(self, hub_id: bytes, nonce: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) of a login."""

    def open_key(self, envelope: Envelope, mailbox_id: bytes) -> bytes:
        """What opens the content of an envelope to the own mailbox (check 3): its key, or a ticket for it."""

    def begin_open(self, envelope: Envelope, mailbox_id: bytes) -> None:
        """This envelope is most likely the next for ``open_key``: a keeper that works beside us may begin now."""

    def open_content(self, envelope: Envelope, mailbox_id: bytes, key: bytes) -> bytes:
        """The content of an envelope, by what ``open_key`` gave (checks 4 and 5)."""

    def seal(
        self, content: bytes, mailbox_id: bytes, targets: Sequence[Target], *, hour: int, recall_hash: bytes
    ) -> bytes:
        """An envelope for another unit's devices."""

    def open_card(self, kind: CardKind, owner_id: bytes, sealed: bytes) -> bytes:
        """A card of the directory, decrypted."""

    def delivery_token(self, mailbox_id: bytes, week: int) -> bytes:
        """The delivery token of a mailbox for a week, by the directory key of that week."""

    def learn(self, steps: Sequence[Rekey], copy: bytes) -> int:
        """Take in a newer directory key; returns the number of the newest that this device has."""

    def new_batch(self, hour: int, dir_size: int, *, high_risk: bool = False) -> bytes:
        """Make new epoch prekeys, keep their seeds, and return the signed batch that publishes them."""

    def forget(self, trusted_hour: int, drained_hour: int) -> int:
        """Delete the seeds that are over; returns how many."""

    def forget_all(self) -> int:
        """Delete all seeds, because this device was revoked or went back; returns how many."""

    def advance(self, counter: int) -> None:
        """Set the counter; it never falls."""

    def close(self) -> None:
        """Hold no key any more."""


def new_ring(profile: Profile) -> Ring:
    """Fresh keys of a device that is not enrolled."""
    return Ring(
        1, profile, random_bytes(16), new_secret(), random_bytes(32), random_bytes(32), None, None, None, 0, [], 0, []
    )


def enrol_request(ring: Ring, now: int) -> bytes:
    """The request file of a new device: an ``enrol`` object signed by its own keys (proof of possession)."""
    request = Enrol(
        domains.VERSION,
        domains.SUITE,
        ring.device_id,
        public_pair(ring.signing),
        ed25519_public(ring.login_seed),
        xwing.public_of(ring.enrol_seed),
        now,
    )
    return sign_object(ring.signing, secret_key_id(ring.signing), SignedType.ENROL, encode(request))


def enrolled(ring: Ring, *, federation: bytes, certificate: bytes, sealed_directory_key: bytes, policy: int) -> Ring:
    """The ring after an approval; ``certificate`` is the digest of the device statement, ``policy`` the approval's.

    Raises:
        OpenError: the directory key was sealed for another device, or with another policy.
    """
    directory_key = cards.open_directory_key(
        sealed_directory_key, ring.enrol_seed, federation=federation, device_id=ring.device_id, policy=policy
    )
    return replace(ring, federation=federation, certificate=certificate, directory_key=directory_key)


class LocalKeeper:
    """A keeper in this process, for an enrolled device."""

    def __init__(self, ring: Ring, store: RingStore) -> None:
        if ring.federation is None or ring.certificate is None or ring.directory_key is None:
            raise LocalError("ENROL")
        self._ring, self._store = ring, store
        self._federation, self._certificate = ring.federation, ring.certificate
        self._directory_key, self._loaded = ring.directory_key, prekeys.LoadedKeys()

    @property
    def device_id(self) -> DeviceId:
        """This device, 16 bytes."""
        return DeviceId(self._ring.device_id)

    @property
    def batch_no(self) -> int:
        """Number of the newest own batch; 0 before the first."""
        return self._ring.batch_no

    @property
    def counter(self) -> int:
        """How often this device was opened; the vault holds the same number."""
        return self._ring.counter

    def sign(self, signed_type: SignedType, payload: bytes) -> bytes:
        """A signed object by this device's certificate."""
        return sign_object(self._ring.signing, self._certificate, signed_type, payload)

    def login(self, hub_id: bytes, nonce: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) of a login."""
        login = Login(domains.VERSION, domains.SUITE, self._federation, hub_id, self._ring.device_id, nonce)
        return sign_ed25519(self._ring.login_seed, pre_authentication(SignedType.LOGIN, encode(login)))

    def open_key(self, envelope: Envelope, mailbox_id: bytes) -> bytes:
        """The content key of an envelope to the own mailbox (check 3)."""
        keys = (self._loaded.of(secret.seed) for secret in prekeys.covering(self._ring.epochs, envelope.hour))
        return seal.open_key(envelope, Place(self._federation, mailbox_id), self.device_id, keys)

    def begin_open(self, envelope: Envelope, mailbox_id: bytes) -> None:
        """Nothing is gained by opening it before it is asked for."""

    def open_content(self, envelope: Envelope, mailbox_id: bytes, key: bytes) -> bytes:
        """The content of an envelope, by its key (checks 4 and 5)."""
        return seal.open_content(envelope, Place(self._federation, mailbox_id), key)

    def seal(
        self, content: bytes, mailbox_id: bytes, targets: Sequence[Target], *, hour: int, recall_hash: bytes
    ) -> bytes:
        """An envelope for another unit's devices."""
        return seal.seal(content, Place(self._federation, mailbox_id), targets, hour=hour, recall_hash=recall_hash)

    def open_card(self, kind: CardKind, owner_id: bytes, sealed: bytes) -> bytes:
        """A card of the directory, decrypted."""
        return keyring.open_any(self._directory_keys(), kind, owner_id, sealed)

    def delivery_token(self, mailbox_id: bytes, week: int) -> bytes:
        """The delivery token of a mailbox for a week, by the directory key of that week."""
        key = keyring.key_of_week(self._ring.directory_keys, week) or self._directory_key
        return cards.delivery_token(key, mailbox_id, week)

    def learn(self, steps: Sequence[Rekey], copy: bytes) -> int:
        """Take in a newer directory key; returns the number of the newest that this device has.

        Args:
            steps: all commitments of the verified log, number 1 first.
            copy: the newest key as it was sealed to this device, or empty.
        """
        newest = keyring.find(steps, self._directory_keys()) or self._open_copy(steps, copy)
        if steps and newest is not None:
            held = {one.number: one for one in self._ring.directory_keys}
            held |= {one.number: one for one in keyring.unroll(steps, newest)}
            keys = sorted(held.values(), key=lambda one: -one.number)
            if keys != self._ring.directory_keys:
                self._keep(replace(self._ring, directory_keys=keys))
        return max((one.number for one in self._ring.directory_keys), default=0)

    def new_batch(self, hour: int, dir_size: int, *, high_risk: bool = False) -> bytes:
        """Make new epoch prekeys, keep their seeds, and return the signed batch that publishes them.

        Raises:
            LocalError: code ``ROTATE`` when the ring has no room: rotated too often while older seeds must still stay.
        """
        number = self._ring.batch_no + 1
        fresh = prekeys.new_epoch_secrets(hour, number, high_risk=high_risk)
        # Checked here because a ring with more would be written and never read again.
        if len(self._ring.epochs) + len(fresh) > prekeys.MAX_EPOCHS:
            raise LocalError("ROTATE")
        payload = prekeys.batch_payload(self._federation, self._ring.device_id, dir_size, fresh)
        batch = self.sign(SignedType.BATCH, payload)
        self._keep(replace(self._ring, batch_no=number, epochs=[*self._ring.epochs, *fresh]))
        return batch

    def forget(self, trusted_hour: int, drained_hour: int) -> int:
        """Delete the seeds that are over; returns how many."""
        kept = prekeys.keep_after(self._ring.epochs, trusted_hour, drained_hour)
        gone = len(self._ring.epochs) - len(kept)
        if gone:
            self._keep(replace(self._ring, epochs=kept))
        return gone

    def forget_all(self) -> int:
        """Delete all seeds, because this device was revoked or went back; returns how many."""
        gone = len(self._ring.epochs)
        if gone:
            self._keep(replace(self._ring, epochs=[]))
        return gone

    def advance(self, counter: int) -> None:
        """Set the counter; raises LocalError with code ``ROLLBACK`` where it would fall."""
        if counter < self._ring.counter:
            raise LocalError("ROLLBACK", rule="counter")
        self._keep(replace(self._ring, counter=counter))

    def close(self) -> None:
        """Let the loaded epoch keys go; the others live as long as the process."""
        self._loaded.keep([])

    def _directory_keys(self) -> list[bytes]:
        """All that this device has, newest first; the one of its enrolment last."""
        return [*(one.key for one in self._ring.directory_keys), self._directory_key]

    def _open_copy(self, steps: Sequence[Rekey], copy: bytes) -> bytes | None:
        """The key in a copy, unless it is another than the roots committed to: anybody could have sealed that."""
        try:
            key = cards.open_directory_key(
                copy, self._ring.enrol_seed, federation=self._federation, device_id=self._ring.device_id
            )
        except OpenError:
            return None
        return keyring.find(steps, [key])

    def _keep(self, ring: Ring) -> None:
        self._store.save(ring)
        self._ring = ring
        self._loaded.keep(ring.epochs)
