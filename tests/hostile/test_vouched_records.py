"""Consent records that a unit signs in another unit's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.errors import RefusedError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices


async def test_a_unit_vouches_for_its_own_records_only(tmp_path: Path, hub: HubProcess, federation: Federation) -> None:
    """A sound record that names another controller than the unit whose device signed it opens nothing."""
    async with Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek", "bops": "Pia Po"}) as offices:
        sav, bops = offices["sav"].desk, offices["bops"].desk
        forged = bops.consents.sign(offices.consent_fields("sav", ["sav", "bops"]))
        own = bops.consents.sign(offices.consent_fields("bops", ["sav", "bops"]))
        with pytest.raises(RefusedError, match="CNS-01"):
            sav.consents.verify(forged.parcel, offices.unit("bops"))
        assert (
            sav.consents.verify(own.parcel, offices.unit("bops")).record.controller_unit == offices.unit("bops").hex()
        )
