"""Container files, parsed and held to rules. `make packages` builds the image and runs it (in_container)."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from deploy.packages.tree import FORBIDDEN

WORDS = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
PROJECT = Path(__file__).resolve().parents[2]
FILE = PROJECT / "deploy" / "container" / "hub.Containerfile"
COMPOSE: dict[str, Any] = yaml.safe_load((FILE.parent / "compose.yml").read_text("utf-8"))


def stages() -> list[list[tuple[str, str]]]:
    """Instructions of each stage, lines that go on put together."""
    text = re.sub(r"^#.*\n", "", FILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition(" ")
        assert name in WORDS
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, rest.strip()))
    return found


def test_what_is_copied_is_there() -> None:
    """Each source of a COPY from the project exists, and is not kept out by .dockerignore."""
    ignored = (PROJECT / ".dockerignore").read_text("utf-8").split()
    for name, rest in stages()[0]:
        if name == "COPY":
            for source in shlex.split(rest)[:-1]:
                assert (PROJECT / source).exists(), source
                assert source.split("/")[0] not in ignored


def test_the_last_stage_has_the_hub_s_tree_only() -> None:
    """One COPY, from the stage that built the tree without what the hub must not have; nothing is fetched."""
    first, last = stages()
    copies = [rest for name, rest in last if name == "COPY"]
    assert copies == ["--from=build /usr/lib/sluss-hub /usr/lib/sluss-hub"]
    assert any("deploy.packages.tree hub /usr/lib/sluss-hub" in rest for name, rest in first if name == "RUN")
    assert {"client", "keys/private"} <= set(FORBIDDEN)
    assert not any(word in rest for _, rest in last for word in ("pip", "apt", "curl", "http"))


def test_the_image_is_nobody_s_root() -> None:
    """A user without a name or a shell, a command without a shell, the program's own."""
    last = dict(stages()[-1])
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last["USER"])
    entry = json.loads(last["ENTRYPOINT"])
    assert entry == ["python", "-m", "hub.cli"]
    assert json.loads(last["CMD"]) == ["serve", "--data", "/var/lib/sluss-hub"]
    assert json.loads(last["VOLUME"]) == ["/var/lib/sluss-hub"]
    order = [name for name, _ in stages()[-1]]
    assert order.index("USER") > max(place for place, name in enumerate(order) if name in {"RUN", "COPY"})


def test_what_is_installed_is_locked() -> None:
    """Libraries by their hashes; images that come from elsewhere by their digests, and without one nothing is built."""
    parts = [part for name, rest in stages()[0] if name == "RUN" for part in rest.split("&&")]
    installs = [part for part in parts if "pip install" in part]
    assert installs
    for part in installs:
        locked = "--require-hashes --requirement requirements/" in part
        assert locked or "--no-deps --no-build-isolation --editable ." in part, part
    assert re.findall(r"^ARG .*$", FILE.read_text("utf-8"), re.MULTILINE) == ["ARG BASE"], "no standard"
    services = COMPOSE["services"]
    assert services["hub"]["build"]["args"]["BASE"].startswith("python@sha256:${SLUSS_PYTHON:?")
    assert services["proxy"]["image"].startswith("haproxy@sha256:${SLUSS_HAPROXY:?")


def test_the_services_can_do_little() -> None:
    """Read-only, no capabilities, no new privileges, not root, bounded; only the proxy is reached from outside."""
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert int(service["user"].split(":")[0]) > 0
        assert {"mem_limit", "pids_limit", "restart"} <= set(service)
        assert re.search(r":\d+\.\d+|@sha256:", service["image"]), "a version"
        assert "privileged" not in service
    hub = COMPOSE["services"]["hub"]
    assert "ports" not in hub
    assert list(hub["networks"]) == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert (FILE.parent / hub["build"]["context"]).resolve() == PROJECT
    assert (PROJECT / hub["build"]["dockerfile"]) == FILE
    assert hub["user"] == dict(stages()[-1])["USER"]


def test_the_networks_fit_together() -> None:
    """The proxy's address is the one that the comment tells the hub to trust; the hub's is where it is reached."""
    text = (FILE.parent / "compose.yml").read_text("utf-8")
    proxy = COMPOSE["services"]["proxy"]["networks"]["inside"]["ipv4_address"]
    hub = COMPOSE["services"]["hub"]["networks"]["inside"]["ipv4_address"]
    assert f'trusted_proxies = ["{proxy}"]' in text
    assert f'"server hub {hub}:8470"' in text
