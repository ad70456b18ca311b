"""Slow clients and a flood: the others are answered. 2,000 connections, and the other control, are ``make faults``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import floods, networks, slow

pytestmark = pytest.mark.timeout(180)


async def test_slow_clients_leave_room_for_the_others(tmp_path: Path) -> None:
    """Two hundred connections that trickle are held, as many again are turned away, and deposits go on."""
    outcome = await slow.strike(tmp_path, slow.SLOW.seed, connections=200, seconds=1.2)
    assert outcome.lost == 0, outcome.told


async def test_control_without_a_limit_for_one_address_there_is_no_room(tmp_path: Path) -> None:
    """The same, and one address may have as many as it likes."""
    outcome = await slow.control(tmp_path, slow.SLOW.seed, connections=60, seconds=1.2)
    assert outcome.lost > 0, outcome.told


async def test_a_flood_from_one_address_is_not_noticed_by_the_others(tmp_path: Path) -> None:
    """Ten times as many questions as the hub can answer, and deposits go on."""
    outcome = await floods.strike(tmp_path, floods.FLOODS.seed, connections=200, seconds=1.2)
    assert outcome.lost == 0, outcome.told


async def test_a_crowd_from_many_networks_leaves_room_for_who_comes(tmp_path: Path) -> None:
    """Twice as many slow connections as there is room for, and deposits go on."""
    outcome = await networks.crowd(tmp_path, networks.CROWD.seed, connections=400, seconds=1.2)
    assert outcome.lost == 0, outcome.told


async def test_control_without_room_for_who_comes_nobody_comes_in(tmp_path: Path) -> None:
    """The same, and the hub turns away who comes last."""
    outcome = await networks.crowd_control(tmp_path, networks.CROWD.seed, connections=100, seconds=1.2)
    assert outcome.lost > 0, outcome.told
