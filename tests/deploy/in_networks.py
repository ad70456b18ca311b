"""Part of `make packages`: the networks of compose.yml, made by podman, keep apart what they should. Needs root.

The hub runs at its place, a listener stands for everybody in the outside network, and probes ask from each place
whether they get through. Every "no" has a probe beside it that shows the same way open to whom it should be.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.deploy.test_containers import COMPOSE

Engine = Callable[..., str]
HUB_PORT: Final = 8470
MONITOR_PORT: Final = 8471
_LISTENER_PORT: Final = 9000
_PREFIX: Final = "sluss-"
_PROBE: Final = "import socket; socket.create_connection(({host!r}, {port}), 10)"
_SMALL: Final = ("--ulimit=nproc=1024:1024", "--ulimit=nofile=1024:1024", "--cap-drop=ALL", "--entrypoint=python")

SETTINGS: Final[dict[str, Any]] = {
    "host": "0.0.0.0",  # noqa: S104 - within the container, as the head of compose.yml says
    "port": HUB_PORT,
    "client_address": "proxy-line",
    "trusted_proxies": (COMPOSE["services"]["proxy"]["networks"]["inside"]["ipv4_address"],),
    "monitor": f"0.0.0.0:{MONITOR_PORT}",
}


@contextlib.contextmanager
def networks(engine: Engine) -> Iterator[None]:
    """All of compose.yml's, for as long as the block lasts."""
    made: list[str] = []
    try:
        for name, spec in COMPOSE["networks"].items():
            words = ["--internal"] if spec.get("internal") else []
            words += [f"--subnet={one['subnet']}" for one in spec.get("ipam", {}).get("config", [])]
            engine("network", "create", *words, _PREFIX + name)
            made.append(_PREFIX + name)
        yield
    finally:
        for name in made:
            engine("network", "rm", "--force", name, check=False)


def place(service: str) -> list[str]:
    """Where compose.yml puts a service."""
    where = COMPOSE["services"][service]["networks"]
    names = [(name, (spec or {}).get("ipv4_address")) for name, spec in where.items()]
    return [f"--network={_PREFIX}{name}" + (f":ip={address}" if address else "") for name, address in names]


def show(engine: Engine, hub: str, image: list[str]) -> None:
    """Ask from every place.

    Args:
        engine: runs podman with these words; ``check=False`` lets it fail.
        hub: id of the hub's container, which runs at its place.
        image: the last words of a `podman run` that starts Python.
    """
    hub_address = COMPOSE["services"]["hub"]["networks"]["inside"]["ipv4_address"]
    outside = f"--network={_PREFIX}outside"
    listener = engine("run", "--detach", outside, *_SMALL, *image, "-m", "http.server", str(_LISTENER_PORT))
    try:
        form = '{{(index .NetworkSettings.Networks "' + _PREFIX + 'outside").IPAddress}}'
        stranger = engine("inspect", f"--format={form}", listener)

        def gets_through(where: list[str], host: str, port: int) -> bool:
            probe = _PROBE.format(host=host, port=port) + "; print('through')"
            return "through" in engine("run", "--rm", *where, *_SMALL, *image, "-c", probe, check=False)

        assert gets_through(place("proxy"), hub_address, HUB_PORT), "the proxy reaches the hub"
        for port in (HUB_PORT, MONITOR_PORT):
            assert not gets_through([outside], hub_address, port), f"nobody outside reaches {port}"
        assert gets_through([outside], stranger, _LISTENER_PORT), "who is outside reaches who is outside"
        probe = _PROBE.format(host=stranger, port=_LISTENER_PORT) + "; print('through')"
        assert "through" not in engine("exec", hub, "python", "-c", probe, check=False), "nobody outside"
        probe = _PROBE.format(host=hub_address, port=HUB_PORT) + "; print('through')"
        assert "through" in engine("exec", hub, "python", "-c", probe, check=False), "a probe in the hub's place works"
    finally:
        engine("rm", "--force", "--time=1", listener, check=False)
