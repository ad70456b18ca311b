"""The secrets of a person who signs for the federation or for an organisation, and how they get the directory key.

A root holder's file carries the directory key from the founding on. An administrator gets it as a *grant*: the
directory key sealed to the seal key of their request (FORMATS 9.3). Grants lie beside the statements and need no
guard: a false one does not open the organisation's own card, which the root holders signed.
"""

from __future__ import annotations

import enum
from typing import Final

from keys import domains
from keys.admin_request import Officer
from keys.codec import Bytes32, Record, Uint, decode, encode
from keys.domains import SignedType
from keys.errors import FormatError, LocalError
from keys.ids import FederationId
from keys.private import key_file, xwing
from keys.private.identity import SigningSecret, new_secret, public_pair, random_bytes, secret_key_id, sign_object
from keys.public import key_id
from keys.statements import Profile

_MAX_SECRET_BYTES: Final = 1024


class OfficerKind(enum.StrEnum):
    """Whom an officer signs for; also the purpose word of the key file."""

    ROOT = "root"
    ADMIN = "admin"


class OfficerSecret(Record, frozen=True):
    """All secrets of one officer. ``federation`` and ``directory_key`` are None for an administrator."""

    version: Uint
    kind: OfficerKind
    signing: SigningSecret
    seal_seed: Bytes32
    federation: Bytes32 | None
    directory_key: Bytes32 | None

    def __repr__(self) -> str:
        """Never the secrets."""
        return f"OfficerSecret({self.kind})"


def new_admin() -> OfficerSecret:
    """Fresh keys of an administrator."""
    return OfficerSecret(1, OfficerKind.ADMIN, new_secret(), random_bytes(32), None, None)


def root_holder(signing: SigningSecret, *, federation: FederationId, directory_key: bytes) -> OfficerSecret:
    """What one root holder keeps; ``directory_key`` is 32 bytes."""
    return OfficerSecret(1, OfficerKind.ROOT, signing, random_bytes(32), federation, directory_key)


def public_officer(secret: OfficerSecret, now: int) -> Officer:
    """The public half of an officer; ``now`` in seconds."""
    keys, seal = public_pair(secret.signing), xwing.public_of(secret.seal_seed)
    return Officer(domains.VERSION, domains.SUITE, keys, seal, now)


def admin_request(secret: OfficerSecret, now: int) -> bytes:
    """The request file of an administrator, signed by the keys that it names; ``now`` in seconds."""
    payload = encode(public_officer(secret, now))
    return sign_object(secret.signing, secret_key_id(secret.signing), SignedType.OFFICER, payload)


def lock_officer(secret: OfficerSecret, passphrase: str, *, profile: Profile) -> bytes:
    """The key file of an officer.

    Raises:
        LocalError: code ``PASSSHORT``.
    """
    return key_file.lock(encode(secret), passphrase, purpose=secret.kind.value, profile=profile)


def unlock_officer(data: bytes, passphrase: str) -> tuple[OfficerSecret, Profile]:
    """Open an officer's key file of either kind.

    Raises:
        LocalError: code ``FILE`` when it is not one, ``PASS`` when the passphrase is wrong.
    """
    purpose = key_file.inspect(data).purpose
    if purpose not in set(OfficerKind):
        raise LocalError("FILE")
    opened, profile = key_file.unlock(data, passphrase, purpose=purpose)
    try:
        secret = decode(opened, OfficerSecret, max_bytes=_MAX_SECRET_BYTES)
    except FormatError as error:
        raise LocalError("FILE") from error
    if (secret.version, secret.kind) != (1, purpose):
        raise LocalError("FILE")
    return secret, profile


def make_grant(directory_key: bytes, officer: Officer, federation: FederationId) -> bytes:
    """The directory key (32 bytes) sealed to an administrator; 1,168 bytes."""
    return xwing.wrap(directory_key, officer.seal, domains.GRANT + federation + key_id(officer.keys))


def open_grant(grant: bytes, secret: OfficerSecret, federation: FederationId) -> bytes:
    """The directory key (32 bytes) out of a grant.

    Raises:
        OpenError: made for another administrator or federation.
    """
    return xwing.unwrap(grant, secret.seal_seed, domains.GRANT + federation + secret_key_id(secret.signing))
