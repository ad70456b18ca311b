"""Signing for the directory with this device: drafts come in and statements go out as base 64."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from client.api.arguments import RevokeDevice, SignDraft
from client.engine import vouching
from client.engine.office import Desk
from client.engine.sessions import HubError
from client.engine.vouching import Vouched
from keys.errors import LocalError
from keys.ids import DeviceId
from keys.statements import RevokeReason


async def device_sign(desk: Desk, arguments: SignDraft) -> dict[str, Any]:
    """Add this device's signature to a draft about a device of the own unit."""
    try:
        draft = base64.b64decode(arguments.draft, validate=True)
    except binascii.Error as error:
        raise LocalError("DRAFT") from error
    await desk.context.rollback.require_none()
    await desk.context.replica.require_no_fork()
    return _facts(vouching.vouch(desk.context, draft))


async def device_revoke(desk: Desk, arguments: RevokeDevice) -> dict[str, Any]:
    """Sign that a device of the own unit has ended, and have it entered; ``entered``: whether the log has it yet.

    A device that went back to an older copy of itself ends itself and nobody else.
    """
    context = desk.context
    device_id = DeviceId(bytes.fromhex(arguments.device_id))
    if device_id != context.device_id:
        await context.rollback.require_none()
    vouched = vouching.revoke(context, device_id, RevokeReason(arguments.reason))
    try:
        await desk.sync.end(device_id, vouched.statement)
    except HubError:
        pass  # kept, and entered by the first round that reaches the hub
    except LocalError as error:
        if error.code not in {"REVOKED", "ROLLBACK"}:  # this device itself
            raise
    return {**_facts(vouched), "entered": context.replica.directory.devices[device_id].revoked_size is not None}


def _facts(vouched: Vouched) -> dict[str, Any]:
    return {
        "kind": vouched.kind,
        "device_id": vouched.device_id.hex(),
        "request": vouched.request,
        "statement": base64.b64encode(vouched.statement).decode(),
    }
