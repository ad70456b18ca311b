"""The hub's own signing keys: the only place in ``hub`` that touches a secret key (PROTOCOL 3.3).

They sign three things: that an envelope was deposited in an hour, the checkpoint of the directory log, and snapshots.
They open nothing: no envelope, card or token is ever encrypted to a hub, so this module does not make the hub able to
read. It does not use ``keys.private`` because the hub is shipped without it.

    hub.key = canonical msgpack [version, Ed25519 seed (32), ML-DSA-65 seed (32)], readable by its owner only
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import nacl.bindings
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.secret_files import is_open_to_others, secret_path
from keys.checkpoint import Checkpoint, note_line
from keys.codec import Bytes32, Record, Uint, decode, encode
from keys.domains import SignedType
from keys.envelope import deposit_statement
from keys.errors import FormatError, LocalError
from keys.files import read_bounded, write_durably
from keys.public import ED25519_SIGNATURE_BYTES, PublicPair, key_id, pre_authentication
from keys.signed import Signature, assemble

FILE_NAME: Final = "hub.key"
_FILE_VERSION: Final = 1
_MAX_FILE_BYTES: Final = 128


class _KeyFile(Record, frozen=True):
    version: Uint
    ed25519_seed: Bytes32
    mldsa_seed: Bytes32


class HubSigner:
    """Signs as one hub. Made by ``create_signer`` or ``load_signer``.

    Args:
        ed25519_seed, mldsa_seed: 32 bytes each.
    """

    def __init__(self, ed25519_seed: bytes, mldsa_seed: bytes) -> None:
        public, self._ed25519 = nacl.bindings.crypto_sign_seed_keypair(ed25519_seed)
        self._seeds = ed25519_seed + mldsa_seed
        self._mldsa = MLDSA65PrivateKey.from_seed_bytes(mldsa_seed)
        self.pair: Final = PublicPair(public, self._mldsa.public_key().public_bytes_raw())

    def sign_deposit(self, envelope_id: bytes, mailbox_id: bytes, hour: int) -> bytes:
        """64 bytes; the same for the same three, because Ed25519 is deterministic: the hub need not keep them."""
        return self._sign(deposit_statement(envelope_id, mailbox_id, hour))

    def sign_checkpoint(self, checkpoint: Checkpoint, name: str) -> bytes:
        """The signed note of a checkpoint."""
        text = checkpoint.text()
        return text + b"\n" + note_line(name, self.pair.ed25519, self._sign(text))

    def sign_object(self, signed_type: SignedType, payload: bytes) -> bytes:
        """A signed object with both signatures."""
        message = pre_authentication(signed_type, payload)
        signature = Signature(key_id(self.pair), self._sign(message), self._mldsa.sign(message))
        return assemble(signed_type, payload, [signature])

    def secret_for(self, purpose: str) -> bytes:
        """32 bytes that all processes of this hub have and nobody else: HKDF over its seeds, bound to ``purpose``."""
        return HKDF(SHA256(), 32, salt=None, info=b"sluss/hub/" + purpose.encode()).derive(self._seeds)

    def _sign(self, message: bytes) -> bytes:
        return nacl.bindings.crypto_sign(message, self._ed25519)[:ED25519_SIGNATURE_BYTES]


def create_signer(data: Path) -> HubSigner:
    """Make new keys and keep them; see ``save_signer``."""
    return save_signer(data, secrets.token_bytes(32), secrets.token_bytes(32))


def save_signer(data: Path, ed25519_seed: bytes, mldsa_seed: bytes) -> HubSigner:
    """Write ``hub.key`` (0600) into the data folder.

    Args:
        data: the folder.
        ed25519_seed: 32 bytes.
        mldsa_seed: 32 bytes.

    Raises:
        LocalError: code ``EXISTS``; there are keys already, and losing them would cost the federation a ceremony.
    """
    if (data / FILE_NAME).exists():
        raise LocalError("EXISTS", file=FILE_NAME)
    write_durably(data / FILE_NAME, encode(_KeyFile(_FILE_VERSION, ed25519_seed, mldsa_seed)), mode=0o600)
    return HubSigner(ed25519_seed, mldsa_seed)


def load_signer(data: Path, place: str = "") -> HubSigner:
    """Read ``hub.key``.

    Args:
        data: the folder.
        place: setting ``key_file``.

    Raises:
        LocalError: code ``KEYFILE``: missing or damaged; ``KEYMODE``: readable by others.
    """
    path = secret_path(data, place, FILE_NAME)
    try:
        if is_open_to_others(path):
            raise LocalError("KEYMODE", file=FILE_NAME)
        content = decode(read_bounded(path, _MAX_FILE_BYTES), _KeyFile, max_bytes=_MAX_FILE_BYTES)
    except (OSError, FormatError) as error:
        raise LocalError("KEYFILE", file=FILE_NAME) from error
    if content.version != _FILE_VERSION:
        raise LocalError("KEYFILE", file=FILE_NAME)
    return HubSigner(content.ed25519_seed, content.mldsa_seed)
