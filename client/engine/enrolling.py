"""The life of a device before its office opens: made, or restored from a backup, and enrolled.

``make`` (keys exist), its request to an officer, ``enrol`` (the approval comes in), then ``office.Office.open``.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from client.engine import folder as folders
from client.engine.clock import Clock
from client.engine.copying import Report, restore_backup
from client.engine.folder import Folder
from keys.approval import parse_approval
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import LocalError, PeerError
from keys.files import write_durably
from keys.ids import FederationId
from keys.private.keeper import Ring, enrol_request, enrolled
from keys.private.key_file import require_profile
from keys.private.ring_file import RingFile
from keys.signed import parse_signed, read_payload
from keys.statements import Device, Profile


def make(folder: Folder, passphrase: str, profile: Profile, clock: Clock) -> bytes:
    """Make a new device; returns its request file.

    Raises:
        LocalError: code ``EXISTS``, ``PASSSHORT``, ``DISK``.
    """
    ring, _ = folders.create(folder, passphrase, profile)
    return enrol_request(ring, clock.now())


def restore(
    folder: Folder, passphrase: str, backup: Path, secret: bytes, *, profile: Profile, clock: Clock
) -> tuple[bytes, Report]:
    """Make a new device with the documents of a backup; its request file, and what came over.

    Args:
        folder: missing, or empty.
        passphrase: of the new device.
        backup: the file.
        secret: of the recovery kit, 32 bytes.
        profile: of the federation.
        clock: for the time of the request.

    Raises:
        LocalError: as ``copying.restore_backup``.
    """
    ring, report = restore_backup(backup, secret, folder, passphrase, profile=profile)
    return enrol_request(ring, clock.now()), report


def request(folder: Folder, passphrase: str, clock: Clock) -> bytes:
    """The request file once more.

    Raises:
        LocalError: code ``NOOFFICE``, ``PASS``, ``FILE``.
    """
    return enrol_request(folders.open_keys(folder, passphrase).ring_file.load(), clock.now())


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Enrolment:
    """An approval that fits this device; a person compares ``federation`` before ``accept`` writes anything."""

    federation: FederationId
    _folder: Folder
    _ring_file: RingFile
    _ring: Ring
    _approval: bytes

    def accept(self) -> None:
        """From here on the device is enrolled.

        Raises:
            LocalError: code ``DISK``.
        """
        write_durably(self._folder.approval, self._approval)
        self._ring_file.save(self._ring)  # last


def read_approval(folder: Folder, passphrase: str, approval: bytes) -> Enrolment:
    """Open an approval without taking it in.

    Raises:
        LocalError: code ``ENROLLED`` when it was done before, ``APPROVAL`` when the file is broken or made for another
            device, ``PROFILE`` when demonstration meets real, and those of ``folder.open_keys``.
    """
    unlocked = folders.open_keys(folder, passphrase)
    ring = unlocked.ring_file.load()
    if ring.certificate is not None:
        raise LocalError("ENROLLED")
    try:
        parsed = parse_approval(approval)
        directory = Directory(parsed.first_root)
        certificate = parse_signed(parsed.certificate)
        device = read_payload(certificate, SignedType.DEVICE, Device)
        if device.device_id != ring.device_id or device.federation != directory.federation:
            raise LocalError("APPROVAL")
        require_profile(unlocked.profile, directory.profile)
        ring = enrolled(
            ring,
            federation=directory.federation,
            certificate=certificate.digest,
            sealed_directory_key=parsed.sealed_directory_key,
            policy=parsed.witness_policy,
        )
    except PeerError as error:
        raise LocalError("APPROVAL") from error
    return Enrolment(directory.federation, folder, unlocked.ring_file, ring, approval)


def enrol(folder: Folder, passphrase: str, approval: bytes) -> FederationId:
    """Take an approval in whose federation is known to be the right one.

    Raises:
        LocalError: as ``read_approval``.
    """
    enrolment = read_approval(folder, passphrase, approval)
    enrolment.accept()
    return enrolment.federation
