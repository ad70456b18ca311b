"""Units of systemd: they parse, they are closed as far as they can be, and they start what the packages install."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from deploy.packages.deb import PACKAGES
from tests.kit.debian import FOLDER as DEBIAN
from tests.kit.debian import tool

pytestmark = pytest.mark.timeout(300)  # the first of all tests that needs a program of Debian fetches them
FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
MOST_EXPOSED = 2.0


def exposure(path: Path) -> float:
    """What systemd-analyze gives a unit, 0 to 10."""
    program, environment = tool("systemd-analyze")
    said = subprocess.run(
        [program, "security", "--offline=true", "--threshold=100", "--no-pager", path],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert found, said
    return float(found[1])


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_closed(path: Path) -> None:
    """At most 2.0."""
    assert exposure(path) <= MOST_EXPOSED


def verified(folder: Path) -> str:
    """What systemd says against the units of a folder, and not against others of this machine."""
    program, environment = tool("systemd-analyze")
    places = [folder, *(DEBIAN / place / "systemd/system" for place in ("lib", "usr/lib")), ""]
    done = subprocess.run(
        [program, "verify", "--man=no", *sorted(folder.iterdir())],
        env={**environment, "SYSTEMD_UNIT_PATH": ":".join(map(str, places))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "".join(line for line in (done.stdout + done.stderr).splitlines() if "sluss-" in line)


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """Each unit loads without a word, with a program that is here in place of ours; a wrong line is told (control)."""
    for path in FOLDER.iterdir():
        text = re.sub(r"^(ExecStart=)/usr/bin/sluss-\w+", r"\1/bin/true", path.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text, "utf-8")
    assert verified(tmp_path) == ""
    with (tmp_path / "sluss-hub.service").open("a", encoding="utf-8") as file:
        file.write("Colour=red\n")
    assert "Colour" in verified(tmp_path)


def test_an_open_service_is_seen(tmp_path: Path) -> None:
    """Control: without the fences the measure is far above."""
    fences = ("System", "Protect", "Private", "Restrict", "Capability", "NoNew", "User", "Memory")
    lines = SERVICES[0].read_text("utf-8").splitlines()
    path = tmp_path / "open.service"
    path.write_text("\n".join(line for line in lines if not line.startswith(fences)), "utf-8")
    assert exposure(path) > MOST_EXPOSED + 3


def _read(path: Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign] # names keep their capitals
    parser.read(path, "utf-8")
    return {section: dict(parser[section]) for section in parser.sections()}


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_runs_what_is_installed(path: Path) -> None:
    """As a user of its own that the package makes, a command that the package has, on the folder that it may write."""
    unit = _read(path)
    package = next(one for one in PACKAGES if path.name in one.units)
    service = unit["Service"]
    assert service["User"] == service["Group"] == package.user
    commands = re.findall(r"/usr/bin/([a-z-]+)", service["ExecStart"])
    assert commands
    assert set(commands) <= {name for name, _ in package.commands}
    written = re.findall(r"/var/lib/([a-z-]+)", service["ExecStart"])
    assert set(written) <= set(service["StateDirectory"].split())
    assert (service["StateDirectoryMode"], service["UMask"]) == ("0700", "0077")


def test_every_unit_is_in_a_package() -> None:
    """And the timer's service is there."""
    assert {path.name for path in FOLDER.iterdir()} == {unit for one in PACKAGES for unit in one.units}
    program, environment = tool("systemd-analyze")
    for path in FOLDER.glob("*.timer"):
        assert path.with_suffix(".service").exists()
        when = _read(path)["Timer"]["OnCalendar"]
        subprocess.run([program, "calendar", when], env=environment, check=True, capture_output=True)
