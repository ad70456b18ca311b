"""Who is logged in: nonces and bearers, both without memory (PROTOCOL 5.1).

Rules:
1. A nonce is a time and a random part under a MAC for one device id. Handing one out costs no memory, so nobody can
   push out another device's nonce by asking for a million; and unknown devices get one at the same cost.
2. A nonce serves one login: used ones are remembered for its minute. Only logins that succeeded are remembered, so what
   is kept is bounded by the number of devices.
3. A bearer is its end and the device under a MAC, by a key that the processes of one hub have in common: a device that
   logged in at one of them is known to all, and nothing is kept. It lasts for 15 minutes; whether the device is still
   active is asked each time.
4. Unknown device, revoked device, wrong signature, old nonce: one answer, after the same work.
"""

from __future__ import annotations

import dataclasses
import hmac
import secrets
import struct
from typing import Final

import nacl.bindings

from hub.clock import Clock
from hub.refusal import RefusalError
from hub.wire.limits import BEARER_SECONDS
from hub.wire.requests import LoginProve
from hub.wire.responses import Code
from keys import domains
from keys.codec import encode
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import SignatureError
from keys.ids import DeviceId, MailboxId, UnitId
from keys.public import pre_authentication, verify_ed25519
from keys.statements import Login

NONCE_SECONDS: Final = 60
BEARER_PURPOSE: Final = "bearer"
_NONCE: Final = struct.Struct(">I12s16s")  # time, random, MAC
_BEARER: Final = struct.Struct(">I16s12s")  # end, device id, MAC
_BEARER_HEAD: Final = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """A device that is logged in, the mailbox of its unit, and until when (seconds)."""

    device: DeviceId
    mailbox: MailboxId
    ends_at: float


class Auth:
    """Logins of one hub.

    Args:
        directory: the replayed log; read at every login.
        hub_id: 16 bytes; signed by the device, so that a login at one hub is none at another.
        clock: seconds since 1970.
        bearer_key: 32 bytes, the same in all processes of the hub.
    """

    def __init__(self, directory: Directory, hub_id: bytes, clock: Clock, *, bearer_key: bytes) -> None:
        self._directory = directory
        self._hub_id = hub_id
        self._clock = clock
        self._mac_key = secrets.token_bytes(32)
        self._used: dict[bytes, float] = {}
        self._bearer_key = bearer_key
        # A sound key whose secret was thrown away: what is verified when there is no device to verify for.
        self._nobody, _ = nacl.bindings.crypto_sign_keypair()

    def nonce(self, device: DeviceId) -> bytes:
        """A nonce (32 bytes) for any device id."""
        head = struct.pack(">I12s", int(self._clock()), secrets.token_bytes(12))
        return head + self._mac(head, device)

    def login(self, proof: LoginProve) -> bytes:
        """Check a login and hand out a bearer (32 bytes).

        Raises:
            RefusalError: code ``DENIED``, whatever is wrong.
        """
        device = DeviceId(proof.device_id)
        now = self._clock()
        login_key, mailbox = self._device(device, now)
        fresh = self._nonce_is_fresh(proof.nonce, device, now)
        signed = self._signature_is_right(proof, login_key)
        if not (signed and fresh and mailbox is not None):
            raise RefusalError(Code.DENIED)
        self._used[proof.nonce] = now + NONCE_SECONDS
        return self._bearer(device, int(now) + BEARER_SECONDS)

    def session(self, bearer: bytes) -> Session:
        """Who shows this bearer.

        Raises:
            RefusalError: code ``AUTH``; not ours, run out, or of a device that is not active any more.
        """
        ends_at, device_id, _ = _BEARER.unpack(bearer)
        device, now = DeviceId(device_id), self._clock()
        right = hmac.compare_digest(bearer, self._bearer(device, ends_at))
        _, mailbox = self._device(device, now)
        if not right or ends_at <= now or mailbox is None:
            raise RefusalError(Code.LOGIN)
        return Session(device, mailbox, ends_at)

    def sweep(self) -> None:
        """Forget used nonces whose minute is over."""
        now = self._clock()
        self._used = {nonce: end for nonce, end in self._used.items() if end > now}

    def _device(self, device: DeviceId, now: float) -> tuple[bytes, MailboxId | None]:
        entry = self._directory.devices.get(device)
        if entry is None or not entry.is_active(int(now)):
            return self._nobody, None
        unit = self._directory.units[UnitId(entry.statement.unit_id)]
        return entry.enrol.login, MailboxId(unit.statement.mailbox_id)

    def _nonce_is_fresh(self, nonce: bytes, device: DeviceId, now: float) -> bool:
        made_at, _, mac = _NONCE.unpack(nonce)
        right = hmac.compare_digest(mac, self._mac(nonce[:16], device))
        return right and now - NONCE_SECONDS <= made_at <= now and nonce not in self._used

    def _signature_is_right(self, proof: LoginProve, login_key: bytes) -> bool:
        login = Login(
            domains.VERSION,
            domains.SUITE,
            self._directory.federation,
            self._hub_id,
            proof.device_id,
            proof.nonce,
        )
        try:
            verify_ed25519(login_key, proof.signature, pre_authentication(SignedType.LOGIN, encode(login)))
        except SignatureError:
            return False
        return True

    def _bearer(self, device: DeviceId, ends_at: int) -> bytes:
        head = struct.pack(">I16s", ends_at, device)
        return head + hmac.digest(self._bearer_key, head, "sha256")[: _BEARER.size - _BEARER_HEAD]

    def _mac(self, head: bytes, device: DeviceId) -> bytes:
        return hmac.digest(self._mac_key, head + device, "sha256")[:16]
