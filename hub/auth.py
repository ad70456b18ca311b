"""Who is logged in: nonces without memory, bearers in memory, both bounded (PROTOCOL 5.1).

Rules:
1. A nonce is a time and a random part under a MAC for one device id. Handing one out costs no memory, so nobody can
   push out another device's nonce by asking for a million; and unknown devices get one at the same cost.
2. A nonce serves one login: used ones are remembered for its minute. Only logins that succeeded are remembered, so what
   is kept is bounded by the number of devices.
3. A bearer is kept as its hash, at most four per device (the oldest goes), for 15 minutes, never on disk.
4. Unknown device, revoked device, wrong signature, old nonce: one answer, after the same work.
"""

from __future__ import annotations

import dataclasses
import hashlib
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
BEARERS_PER_DEVICE: Final = 4  # one that fetches, one that is being renewed, and two lost to a restart of the program
_NONCE: Final = struct.Struct(">I12s16s")  # time, random, MAC


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
    """

    def __init__(self, directory: Directory, hub_id: bytes, clock: Clock) -> None:
        self._directory = directory
        self._hub_id = hub_id
        self._clock = clock
        self._mac_key = secrets.token_bytes(32)
        self._used: dict[bytes, float] = {}
        self._sessions: dict[bytes, Session] = {}
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
        return self._new_bearer(Session(device, mailbox, now + BEARER_SECONDS))

    def session(self, bearer: bytes) -> Session:
        """Who shows this bearer.

        Raises:
            RefusalError: code ``AUTH``; unknown or run out.
        """
        key = hashlib.sha256(bearer).digest()
        session = self._sessions.get(key)
        if session is None or session.ends_at <= self._clock():
            self._sessions.pop(key, None)
            raise RefusalError(Code.LOGIN)
        return session

    def drop_device(self, device: DeviceId) -> None:
        """Forget every bearer of a device, because it was revoked."""
        for key in [key for key, session in self._sessions.items() if session.device == device]:
            del self._sessions[key]

    def sweep(self) -> None:
        """Forget what has run out, and devices whose certificate ended."""
        now = self._clock()
        self._used = {nonce: end for nonce, end in self._used.items() if end > now}
        for key, session in list(self._sessions.items()):
            entry = self._directory.devices.get(session.device)
            if session.ends_at <= now or entry is None or not entry.is_active(int(now)):
                del self._sessions[key]

    def __len__(self) -> int:
        """Bearers in memory."""
        return len(self._sessions)

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

    def _new_bearer(self, session: Session) -> bytes:
        own = sorted((kept.ends_at, key) for key, kept in self._sessions.items() if kept.device == session.device)
        for _, key in own[: max(0, len(own) + 1 - BEARERS_PER_DEVICE)]:
            del self._sessions[key]
        bearer = secrets.token_bytes(32)
        self._sessions[hashlib.sha256(bearer).digest()] = session
        return bearer

    def _mac(self, head: bytes, device: DeviceId) -> bytes:
        return hmac.digest(self._mac_key, head + device, "sha256")[:16]
