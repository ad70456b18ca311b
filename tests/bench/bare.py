"""The bare cryptography of one document: the primitives alone, with keys that are loaded and nothing around them.

Sealing is what FORMATS 6 asks for: a real wrap for every slot, one content encryption, and the two signatures. Opening
is one unwrap per slot that is tried until the own one is met, one content decryption, and the two verifications.
"""

from __future__ import annotations

import dataclasses
import hashlib

import nacl.bindings
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite

from keys import domains
from keys.document import Content
from keys.envelope import Envelope
from keys.ids import digest
from keys.private import xwing
from keys.private.identity import SigningSecret
from keys.public import PublicPair, pre_authentication
from keys.signed import SignedObject

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


@dataclasses.dataclass(frozen=True)
class Recipient:
    """An epoch key, loaded, and what its slots were wrapped with."""

    secret: MLKEM768X25519PrivateKey
    federation: bytes
    mailbox_id: bytes
    device_id: bytes

    @classmethod
    def load(cls, seed: bytes, federation: bytes, mailbox_id: bytes, device_id: bytes) -> Recipient:
        """From the 32-byte seed."""
        return cls(xwing.load_private(seed), federation, mailbox_id, device_id)

    @property
    def public(self) -> MLKEM768X25519PublicKey:
        """What a sender wraps for."""
        return self.secret.public_key()

    def info(self, envelope: Envelope) -> bytes:
        """The context of the own slot."""
        place = self.federation + self.mailbox_id + envelope.header
        return domains.WRAP + place + self.device_id + digest(envelope.content)

    def open(self, envelope: Envelope) -> bytes:
        """Try the slots, then decrypt the content; what comes out is not looked at."""
        key = self._key(envelope)
        context = domains.CONTENT + self.federation + self.mailbox_id + envelope.header
        decryptor = Cobblestone256Decryptor(key, context)
        return bytes(decryptor.update(envelope.content) + decryptor.finalize())

    def _key(self, envelope: Envelope) -> bytes:
        info = self.info(envelope)
        for slot in envelope.slots:
            try:
                return SUITE.decrypt(slot, self.secret, info=info)
            except InvalidTag:
                continue
        raise LookupError


@dataclasses.dataclass(frozen=True)
class BareSigner:
    """Signing keys, loaded."""

    ed25519: bytes
    mldsa: MLDSA65PrivateKey

    @classmethod
    def load(cls, secret: SigningSecret) -> BareSigner:
        """From the two seeds."""
        _, expanded = nacl.bindings.crypto_sign_seed_keypair(secret.ed25519_seed)
        return cls(expanded, MLDSA65PrivateKey.from_seed_bytes(secret.mldsa_seed))

    def sign(self, message: bytes) -> None:
        """Both signatures."""
        nacl.bindings.crypto_sign(message, self.ed25519)
        self.mldsa.sign(message)


def seal(framed: bytes, slots: int, public: MLKEM768X25519PublicKey) -> None:
    """One content encryption and as many wraps as there are slots."""
    key, context = bytes(32), bytes(120)
    encryptor = Cobblestone256Encryptor(key, context)
    sealed = encryptor.update(framed) + encryptor.finalize()
    info = context + hashlib.sha256(sealed).digest()
    for _ in range(slots):
        SUITE.encrypt(key, public, info=info)


def verify(so: SignedObject, pair: PublicPair, mldsa: MLDSA65PublicKey) -> None:
    """Both signatures of a parsed object."""
    message = pre_authentication(so.type, so.payload)
    signature = so.signatures[0]
    nacl.bindings.crypto_sign_open(signature.ed25519 + message, pair.ed25519)
    mldsa.verify(signature.mldsa, message)


def content_in(framed: bytes) -> bytes:
    """The content record in what ``Recipient.open`` returns."""
    return framed[4 : 4 + int.from_bytes(framed[:4])]


__all__ = ["SUITE", "BareSigner", "Content", "Recipient", "content_in", "seal", "verify"]
