"""The officer's desk: a registry, opened key files, and what follows from them.

The directory key comes from a root holder's file, or from an administrator's grant once it has opened the card of the
administrator's own organisation: the root holders signed that card, so a grant that somebody laid there is noticed.
"""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from keys.admin_request import Officer
from keys.cards import CardKind
from keys.codec import encode_body
from keys.errors import LocalError, OpenError, TrustError
from keys.facts import check_facts
from keys.files import read_bounded
from keys.ids import HubId
from keys.private.cards import open_card
from keys.private.ceremony import approval_file
from keys.private.identity import secret_key_id
from keys.private.key_file import MAX_KEY_FILE_BYTES, require_profile
from keys.private.keyring import find
from keys.private.officer import OfficerKind, OfficerSecret, make_grant, open_grant, unlock_officer
from keys.private.registry import Registry, write_new
from keys.private.table import Officers, officer_signer
from keys.public import key_id
from keys.statements import Organisation, Profile

MAX_FACTS_FILE_BYTES: Final = 64 * 1024
_MORE_SIGNATURES: Final = {"threshold", "device-approval", "revoke", "card", "freeze"}


class Desk:
    """A registry and the officers at it.

    Args:
        registry: replayed.
        secrets: opened key files.
        now: seconds.
    """

    def __init__(self, registry: Registry, secrets: Sequence[OfficerSecret], now: int) -> None:
        self.registry = registry
        self.directory = registry.directory
        self._secrets = secrets
        self._now = now

    def officers(self, *, with_directory_key: bool = True) -> Officers:
        """Everybody at the desk.

        Raises:
            LocalError: as ``directory_key``.
        """
        directory_key = self.directory_key() if with_directory_key else b""
        return Officers([officer_signer(secret.signing) for secret in self._secrets], directory_key, self._now)

    @property
    def holders(self) -> Sequence[OfficerSecret]:
        """The opened key files."""
        return self._secrets

    def directory_key(self) -> bytes:
        """The newest directory key, 32 bytes.

        Raises:
            LocalError: code ``FEDERATION`` for a root key of another federation, ``GRANT`` without a sound grant.
        """
        problem = LocalError("GRANT")
        for secret in sorted(self._secrets, key=lambda secret: secret.kind is not OfficerKind.ROOT):
            try:
                return self._key_of(secret)
            except LocalError as error:
                problem = error
        raise problem

    def settle(self, statement: bytes, draft: Path | None) -> int | None:
        """Append a statement, or keep it as a draft when signatures are still missing.

        Returns:
            Its number in the registry, or None for a draft.

        Raises:
            PeerError: refused.
        """
        try:
            return self.registry.append(statement)
        except TrustError as error:
            if draft is None or error.fields.get("rule") not in _MORE_SIGNATURES:
                raise
        write_new(draft, statement, mode=0o644)
        return None

    def grant(self, officers: Sequence[Officer]) -> int:
        """Seal the directory key to administrators or root holders whom the directory knows; returns how many.

        Raises:
            LocalError: code ``UNKNOWN``; one of them is neither.
        """
        directory_key = self.directory_key()
        names = {key_id(pair) for pair in self.directory.root.keys} | {
            key_id(pair) for entry in self.directory.organisations.values() for pair in entry.statement.admin_keys
        }
        if not all(key_id(officer.keys) in names for officer in officers):
            raise LocalError("UNKNOWN")
        for officer in officers:
            self.grant_one(officer, directory_key, self.directory.rekeying.number)
        return len(officers)

    def grant_one(self, officer: Officer, directory_key: bytes, number: int) -> None:
        """Seal directory key ``number`` to one officer."""
        grant = make_grant(directory_key, officer, self.directory.federation)
        self.registry.save_grant(key_id(officer.keys), grant, number)

    def approval(self, certificate: bytes) -> bytes:
        """The approval file of a certificate that the registry accepted.

        Raises:
            LocalError: code ``UNKNOWN``; also when the hub of its unit is not in the registry.
        """
        return approval_file(
            self.directory,
            self.registry.statements[0],
            certificate=certificate,
            directory_key=self.directory_key(),
        )

    def only_hub(self) -> HubId:
        """The federation's hub, when there is exactly one.

        Raises:
            LocalError: code ``HUB``.
        """
        hubs = list(self.directory.hubs)
        if len(hubs) != 1:
            raise LocalError("HUB", count=len(hubs))
        return hubs[0]

    def _key_of(self, secret: OfficerSecret) -> bytes:
        if self.directory.rekeying.number:
            return self.granted(secret, self.directory.rekeying.number)
        if secret.directory_key is not None:
            if secret.federation != self.directory.federation:
                raise LocalError("FEDERATION")
            return secret.directory_key
        name = secret_key_id(secret.signing)
        organisation = self._organisation_of(name)
        try:
            directory_key = open_grant(self.registry.grant(name), secret, self.directory.federation)
            open_card(directory_key, CardKind.ORGANISATION, organisation.org_id, organisation.card)
        except OpenError as error:
            raise LocalError("GRANT") from error
        return directory_key

    def granted(self, secret: OfficerSecret, number: int) -> bytes:
        """Directory key ``number`` as the registry has it for an officer, and as the roots committed to it.

        Raises:
            LocalError: code ``GRANT``.
        """
        steps = self.directory.rekeying.steps[:number]
        try:
            key = open_grant(
                self.registry.grant(secret_key_id(secret.signing), number), secret, self.directory.federation
            )
        except OpenError as error:
            raise LocalError("GRANT") from error
        if len(steps) == number and find(steps, [key]) is None:
            raise LocalError("GRANT")
        return key

    def older_keys(self) -> list[bytes]:
        """What the officers have of directory keys before the newest: a cut leaves them nowhere else."""
        older = []
        for secret in self._secrets:
            for number in range(self.directory.rekeying.number - 1, 0, -1):
                with contextlib.suppress(LocalError):
                    older.append(self.granted(secret, number))
            if secret.directory_key is not None:
                older.append(secret.directory_key)
        return older

    def _organisation_of(self, name: bytes) -> Organisation:
        """The organisation whose card proves a grant: the officer's own, for a root holder who came later any."""
        holders = {key_id(pair) for pair in self.directory.root.keys}
        for entry in self.directory.organisations.values():
            if name in holders or name in {key_id(pair) for pair in entry.statement.admin_keys}:
                return entry.statement
        raise LocalError("UNKNOWN")


def open_desk(registry: Registry, files: Sequence[tuple[Path, str]], now: int) -> Desk:
    """Open key files, each (path, passphrase), at a registry.

    Raises:
        LocalError: code ``FILE``, ``PASS`` or ``PROFILE``.
    """
    opened = open_keys(files)
    for _, profile in opened:
        require_profile(profile, registry.directory.profile)
    return Desk(registry, [secret for secret, _ in opened], now)


def open_keys(files: Sequence[tuple[Path, str]]) -> list[tuple[OfficerSecret, Profile]]:
    """Open key files, each (path, passphrase); each comes with the profile that it was made for.

    Raises:
        LocalError: code ``FILE`` or ``PASS``.
    """
    return [unlock_officer(read_bounded(path, MAX_KEY_FILE_BYTES), passphrase) for path, passphrase in files]


def read_facts(path: Path | None, unit_type: str) -> bytes:
    """A unit's facts from a JSON or TOML file, as an encoded body; an empty one without a file.

    Raises:
        LocalError: code ``FACTS``; neither, or not a table, or not what `keys.facts` allows on the card of such a unit.
        FormatError: too long.
    """
    facts = {} if path is None else _table(path)
    check_facts(facts, unit_type)
    return encode_body(facts)


def _table(path: Path) -> dict[str, Any]:
    raw = read_bounded(path, MAX_FACTS_FILE_BYTES)
    try:
        text = raw.decode("utf-8")
        facts: Any = _with_days(tomllib.loads(text)) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LocalError("FACTS") from error
    if not isinstance(facts, dict):
        raise LocalError("FACTS")
    return facts


def _with_days(value: Any) -> Any:
    """TOML has days of its own; a card has them as text."""
    if isinstance(value, dict):
        return {name: _with_days(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_days(one) for one in value]
    return value.isoformat() if type(value) is date else value
