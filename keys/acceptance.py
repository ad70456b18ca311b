"""The rules of the directory that concern signatures and keys: who must have signed, and which keys may be named.

Every function raises or returns nothing of consequence; the state that they look at is handed to them
(``keys/directory.py`` holds it). FORMATS 3.1 is the same as a table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final

from keys.directory_entries import DeviceEntry
from keys.domains import SignedType
from keys.errors import TrustError
from keys.public import PublicPair, check_ed25519, check_pair, key_id
from keys.signed import SignedObject, parse_signed, read_payload, verify_signed, verify_single
from keys.statements import (
    Device,
    Enrol,
    Freeze,
    FreezeState,
    Organisation,
    Profile,
    Root,
    Witnesses,
)

MIN_WITNESSES: Final = 3  # in a real federation; with more than half of them, at least two must agree


def require(condition: bool, rule: str) -> None:
    """Raise TrustError with the name of the rule unless ``condition`` holds."""
    if not condition:
        raise TrustError("TRUST", rule=rule)


def by_key_id(pairs: Iterable[PublicPair]) -> dict[bytes, PublicPair]:
    """Signer to keys, for signers that are named by their key id."""
    return {key_id(pair): pair for pair in pairs}


def signers_among(so: SignedObject, keys: Mapping[bytes, PublicPair]) -> frozenset[bytes]:
    """The signers of an object, all of whom must be in ``keys``.

    A signature by anybody else would be harmless but for this: it would give an accepted statement a second digest,
    and whoever passes it on could choose which one the log takes.
    """
    signers = verify_signed(so, keys)
    require(len(signers) == len(so.signatures), "stray")
    return signers


def require_threshold(so: SignedObject, keys: Mapping[bytes, PublicPair], threshold: int) -> None:
    """Require valid signatures of ``threshold`` different signers among ``keys``, and of nobody else."""
    require(len(signers_among(so, keys)) >= threshold, "threshold")


def check_threshold(threshold: int, keys: list[PublicPair], profile: Profile) -> None:
    """Require a threshold that the keys can reach, and of at least two people where it is for real."""
    require((2 if profile is Profile.REAL else 1) <= threshold <= len(keys), "threshold")


def require_root_signers(so: SignedObject, old: Root, new: Root) -> None:
    """Require the thresholds of the old and of the new root (TUF's rule)."""
    before, after = by_key_id(old.keys), by_key_id(new.keys)
    signers = signers_among(so, {**before, **after})
    require(len(signers & before.keys()) >= old.threshold, "threshold")
    require(len(signers & after.keys()) >= new.threshold, "threshold")


@dataclasses.dataclass(frozen=True, slots=True)
class Assent:
    """Who stands behind a statement about an organisation: the roots' threshold, its administrators', or both."""

    by_roots: bool
    by_administrators: bool


def organisation_assent(
    so: SignedObject, new: Organisation, old: Organisation | None, root: Root, *, verified: bool
) -> Assent:
    """Require the roots for a new organisation or another card; say whose threshold signed.

    Administrators hold the directory key; if they could change their own card, a municipality could call itself the
    police. If the roots could change administrators at once, they could enrol devices everywhere: such a statement
    waits (``keys/succession.py``).

    Args:
        so: the statement.
        new: its payload.
        old: the organisation's statement in force.
        root: the root in force.
        verified: its signatures were verified before; only their names are counted.
    """
    roots = by_key_id(root.keys)
    administrators = {} if old is None else by_key_id(old.admin_keys)
    everybody = {**roots, **administrators}
    signers = frozenset(one.signer for one in so.signatures) if verified else signers_among(so, everybody)
    by_roots = len(signers & roots.keys()) >= root.threshold
    by_administrators = old is not None and len(signers & administrators.keys()) >= old.threshold
    require(by_roots or by_administrators, "threshold")
    require(by_roots or old is None or new.card == old.card, "card")
    return Assent(by_roots, by_administrators)


def require_freezers(so: SignedObject, freeze: Freeze, organisation: Organisation, root: Root) -> None:
    """Require one administrator or the root threshold to freeze, and the root threshold to thaw."""
    administrators, roots = by_key_id(organisation.admin_keys), by_key_id(root.keys)
    signers = signers_among(so, {**administrators, **roots})
    by_roots = len(signers & roots.keys()) >= root.threshold
    by_one = freeze.state is FreezeState.FROZEN and bool(signers & administrators.keys())
    require(by_roots or by_one, "freeze")


def require_opponents(so: SignedObject, organisation: Organisation, count: int) -> None:
    """Require so many administrators in force of the organisation whose administrators the roots would replace."""
    require_threshold(so, by_key_id(organisation.admin_keys), count)


def check_witness_policy(policy: Witnesses, profile: Profile) -> None:
    """Require different witnesses and a quorum of more than half; at least 2 of 3 where it is for real.

    Two quorums must share a witness: 2 of 5 could be 2 who saw one history and 2 others who saw another, all honest.
    """
    names = {witness.name for witness in policy.witnesses}
    keys = {witness.ed25519 for witness in policy.witnesses}
    count = len(policy.witnesses)
    require(len(names) == len(keys) == count, "witness-twice")
    for key in keys:
        check_ed25519(key)
    require(policy.quorum <= count < 2 * policy.quorum, "quorum")
    require(profile is not Profile.REAL or count >= MIN_WITNESSES, "quorum")


def require_device_signers(
    so: SignedObject, device: Device, organisation: Organisation, siblings: Iterable[DeviceEntry]
) -> None:
    """Require the administrators' threshold for a unit's first device, later one of them and a device of the unit.

    Args:
        so: the certificate.
        device: its payload.
        organisation: that of the unit.
        siblings: the unit's devices that are not revoked. Only those whose validity covers the beginning of the new
            certificate may vouch for it: a laptop from last year's drawer approves nobody. When all have run out, an
            administrator revokes them first, and the next device is a first one.
    """
    administrators = by_key_id(organisation.admin_keys)
    live = {entry.certificate: entry for entry in siblings}
    signers = signers_among(so, {**administrators, **{name: entry.enrol.signing for name, entry in live.items()}})
    approved = len(signers & administrators.keys())
    if not live:
        require(approved >= organisation.threshold, "device-approval")
        return
    vouching = {name for name, entry in live.items() if entry.covers(device.not_before)}
    require(approved >= 1 and bool(signers & vouching), "device-approval")


def require_revokers(so: SignedObject, organisation: Organisation, siblings: Iterable[DeviceEntry], root: Root) -> None:
    """Require one administrator, one device of the unit (also the target itself), or the root threshold."""
    single = by_key_id(organisation.admin_keys)
    single |= {entry.certificate: entry.enrol.signing for entry in siblings}
    roots = by_key_id(root.keys)
    signers = signers_among(so, {**single, **roots})
    require(bool(signers & single.keys()) or len(signers & roots.keys()) >= root.threshold, "revoke")


def read_request(device: Device, *, verified: bool) -> Enrol:
    """The request inside a certificate: signed by the keys that it names, and about the same device."""
    so = parse_signed(device.request)
    enrol = read_payload(so, SignedType.ENROL, Enrol)
    if not verified:
        check_pair(enrol.signing)
        check_ed25519(enrol.login)
        verify_single(so, key_id(enrol.signing), enrol.signing)
    require(enrol.device_id == device.device_id, "request")
    return enrol


class KeyRegister:
    """Every public key that a statement ever named; a key is named once, so a signature has one possible signer."""

    def __init__(self) -> None:
        self._used: set[bytes] = set()

    def copy(self) -> KeyRegister:
        """An independent register of the same keys."""
        twin = KeyRegister()
        twin._used = set(self._used)
        return twin

    def check(self, pairs: Iterable[PublicPair], *, keep: Iterable[PublicPair] = (), login: bytes = b"") -> None:
        """Refuse weak keys, and keys that stand in the register or twice in ``pairs``.

        Args:
            pairs: the keys that a statement names.
            keep: the holder's own keys so far, which may stay as they are.
            login: a device's bare Ed25519 login key, if any.
        """
        named, kept = list(pairs), set(keep)
        fresh = [pair for pair in named if pair not in kept]
        for pair in fresh:
            check_pair(pair)
        halves = [half for pair in fresh for half in (pair.ed25519, pair.mldsa)] + ([login] if login else [])
        require(len(set(halves)) == len(halves) and len(set(named)) == len(named), "key-reused")
        require(self._used.isdisjoint(halves), "key-reused")

    def add(self, pairs: Iterable[PublicPair], *, login: bytes = b"") -> None:
        """Enter the keys of an accepted statement."""
        for pair in pairs:
            self._used |= {pair.ed25519, pair.mldsa}
        if login:
            self._used.add(login)
