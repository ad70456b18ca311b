"""``sluss-keys`` from the founding to the revocation, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from keys import cli
from keys.approval import parse_approval
from keys.comparison import short_code
from keys.errors import LocalError
from keys.hub_request import make_hub_request
from keys.ids import HubId, digest
from keys.private import selftest
from keys.private.identity import new_secret, public_pair
from keys.private.keeper import LocalKeeper, Ring, enrol_request, enrolled, new_ring
from keys.private.table import cosign
from keys.signed import parse_signed
from keys.statements import Profile
from tests.kit.federation import NOW, MemoryRing

WORDS = "sex små grodor äro lustiga"
HUB = HubId(b"h" * 16)


class Officer:
    """Someone at a terminal in ``folder``; commands are one line, split at blanks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "words").write_text(WORDS + "\n", encoding="utf-8")

    def run(self, line: str, *, keys: str = "", typed: str = "", expect: int = 0) -> Result:
        """Run a command with key files that all have the one passphrase; typed lines answer prompts."""
        arguments = [part.replace("DIR", str(self.folder)) for part in line.split()]
        for key in keys.split():
            arguments += ["--key", str(self.folder / key)]
            arguments += [] if typed else ["--passphrase-file", str(self.folder / "words")]
        result = CliRunner().invoke(cli.main, arguments, input=typed, catch_exceptions=False)
        assert result.exit_code == expect, result.output
        return result

    def json(self, line: str, *, keys: str = "", expect: int = 0) -> dict[str, Any]:
        """Run a command and read its JSON."""
        facts: dict[str, Any] = json.loads(self.run("--json " + line, keys=keys, expect=expect).stdout)
        return facts


ROOTS, ADMINS = "fed/root-1.key fed/root-2.key", "a1.key a2.key"
REGISTRY = "--registry DIR/fed/registry"
CREATE = "root create --out DIR/fed --holders 3 --threshold 2 --profile demo" + " --passphrase-file DIR/words" * 3
ADD = f"organisation add {REGISTRY} --name Malmö --kind kommun --kommunkod 1280 --admin DIR/a1.slk --admin DIR/a2.slk"
HUB_ADD = f"hub add {REGISTRY} --request DIR/hub.slk"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a federation, one organisation, one hub, one unit and its first device."""
    officer = Officer(tmp_path_factory.mktemp("office"))
    folder = officer.folder
    officer.run(CREATE)
    for number in (1, 2):
        officer.run(
            f"organisation admin-key --out DIR/a{number}.key --request DIR/a{number}.slk --profile demo "
            "--passphrase-file DIR/words"
        )
    (folder / "hub.slk").write_bytes(make_hub_request(HUB, public_pair(new_secret()), "https://hub.example"))
    officer.run(ADD, keys=ROOTS)
    officer.run(HUB_ADD, keys=ROOTS)
    (folder / "facts.toml").write_text(
        'gatekeeper = "enheten_sjalv"\nhandling_days = 21\n[[takes_lvm]]\nvalue = false\nvalid_to = 2026-12-31\n',
        encoding="utf-8",
    )
    organisation = officer.json(f"show {REGISTRY}")["organisations"][0]["organisation_id"]
    officer.run(
        f"unit add {REGISTRY} --organisation {organisation} --name Enheten --type sig --facts DIR/facts.toml",
        keys=ADMINS,
    )
    for number in (1, 2):
        ring = new_ring(Profile.DEMO)
        (folder / f"device{number}.slk").write_bytes(enrol_request(ring, NOW))
        _RINGS[number] = ring
    officer.run(_approve(officer, 1), keys=ADMINS)
    return folder


_RINGS: dict[int, Ring] = {}


@pytest.fixture
def officer(founded: Path, tmp_path: Path) -> Officer:
    """An officer over a copy of the folder."""
    for path in founded.rglob("*"):
        target = tmp_path / path.relative_to(founded)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return Officer(tmp_path)


def _unit(officer: Officer) -> str:
    unit: str = officer.json(f"show {REGISTRY}")["organisations"][0]["units"][0]["unit_id"]
    return unit


def _device(officer: Officer) -> str:
    device: str = officer.json(f"show {REGISTRY}")["organisations"][0]["units"][0]["devices"][0]["device_id"]
    return device


def _approve(officer: Officer, number: int) -> str:
    return (
        f"device approve {REGISTRY} --request DIR/device{number}.slk --unit {_unit(officer)} --role handlaggare "
        f"--staff Bo --title handläggare --out DIR/approval{number}.slk --yes"
    )


def test_nobody_signs_a_request_whose_code_was_not_compared(officer: Officer) -> None:
    """Without the code that was read out, or with another, nothing is signed; typed carelessly the right one does."""
    command = _approve(officer, 2).removesuffix(" --yes") + " --draft DIR/draft2.slk"
    code = short_code(digest((officer.folder / "device2.slk").read_bytes()))
    for given in ("", " --code 00000-00000-00000-00000"):
        refused = officer.run(command + given, keys="a1.key", expect=1)
        assert "CODE" in refused.stderr
        assert code in refused.stderr
        assert not (officer.folder / "draft2.slk").exists()
    officer.json(f"{command} --code {code.lower().replace('-', '.')}", keys="a1.key")
    assert (officer.folder / "draft2.slk").exists()


def test_the_federation_stands(officer: Officer) -> None:
    """After the ceremonies the registry replays, with names for those who have the directory key."""
    facts = officer.json(f"verify {REGISTRY}")
    assert facts["statements"] == 5
    named = officer.json(f"show {REGISTRY}", keys="a1.key")["organisations"][0]
    assert (named["name"], named["units"][0]["name_sv"], named["units"][0]["devices"][0]["name"]) == (
        "Malmö", "Enheten", "Bo",
    )  # fmt: skip
    assert "Malmö" not in officer.run(f"show {REGISTRY}").output
    assert officer.json(f"show {REGISTRY}", keys="fed/root-3.key")["organisations"][0]["name"] == "Malmö"


def test_the_first_device_is_enrolled_by_its_approval(officer: Officer) -> None:
    """The approval file brings certificate, hub and directory key to the very device."""
    approval = parse_approval((officer.folder / "approval1.slk").read_bytes())
    ring = enrolled(
        _RINGS[1],
        federation=parse_signed(approval.first_root).digest,
        certificate=parse_signed(approval.certificate).digest,
        sealed_directory_key=approval.sealed_directory_key,
        policy=approval.witness_policy,
    )
    assert (approval.hub_id, approval.hub_address) == (HUB, "https://hub.example")
    assert LocalKeeper(ring, MemoryRing()).device_id == ring.device_id


def test_a_second_device_waits_for_its_sibling(officer: Officer) -> None:
    """Administrators alone make a draft; a device of the unit signs it, and it is entered."""
    draft = officer.folder / "draft.slk"
    refused = officer.run(_approve(officer, 2), keys=ADMINS, expect=3)
    assert "one of them and a device of the unit" in refused.stderr
    waiting = officer.json(_approve(officer, 2) + " --draft DIR/draft.slk", keys="a1.key")
    assert (waiting["statement"], waiting["type"]) == ("draft", "device")
    officer.run(f"submit DIR/draft.slk {REGISTRY}", keys="a1.key", expect=3)
    first = _RINGS[1]
    approval = parse_approval((officer.folder / "approval1.slk").read_bytes())
    certificate = parse_signed(approval.certificate).digest
    ring = enrolled(
        first,
        federation=parse_signed(approval.first_root).digest,
        certificate=certificate,
        sealed_directory_key=approval.sealed_directory_key,
        policy=approval.witness_policy,
    )
    draft.write_bytes(cosign(draft.read_bytes(), [LocalKeeper(ring, MemoryRing()).sign]))
    officer.run(f"submit DIR/draft.slk {REGISTRY} --approval DIR/approval2.slk", keys="a1.key")
    assert parse_approval((officer.folder / "approval2.slk").read_bytes()).hub_id == HUB
    assert officer.json(f"verify {REGISTRY}")["statements"] == 6


def test_holders_sign_one_at_a_time(officer: Officer) -> None:
    """A draft by one holder, signed by a second elsewhere, is entered; grants follow."""
    again = ADD.replace("Malmö", "Lund").replace("a1.slk", "b1.slk").replace("a2.slk", "b2.slk")
    for number in (1, 2):
        officer.run(
            f"organisation admin-key --out DIR/b{number}.key --request DIR/b{number}.slk --profile demo "
            "--passphrase-file DIR/words"
        )
    officer.run(again + " --draft DIR/lund.slk", keys="fed/root-1.key")
    signed = officer.json("sign DIR/lund.slk --out DIR/lund2.slk", keys="fed/root-3.key")
    assert len(signed["signers"]) == 2
    officer.run(f"submit DIR/lund2.slk {REGISTRY}", keys="fed/root-1.key")
    officer.run(f"show {REGISTRY}", keys="b1.key", expect=1)
    grant = f"organisation grant {REGISTRY} --admin DIR/b1.slk --admin DIR/b2.slk"
    assert officer.json(grant, keys="fed/root-2.key") == {"grants": 2}
    named = officer.json(f"show {REGISTRY}", keys="b1.key")["organisations"]
    assert [organisation["name"] for organisation in named] == ["Malmö", "Lund"]
    assert "units: none" in officer.run(f"show {REGISTRY}").stdout


def test_a_device_is_revoked_by_one_administrator(officer: Officer) -> None:
    """One key file is enough; the second time there is nothing left to revoke."""
    line = f"revoke device {_device(officer)} {REGISTRY} --reason lost"
    officer.run(line, keys="a2.key")
    assert officer.json(f"show {REGISTRY}")["organisations"][0]["units"][0]["devices"][0]["revoked"] is True
    assert "unknown or revoked already" in officer.run(line, keys="a2.key", expect=3).stderr


def test_passphrases_are_typed_unseen(officer: Officer) -> None:
    """Without passphrase files each is asked for, a new one twice, and none is shown."""
    typed = f"{WORDS}\n{WORDS}\n"
    result = officer.run("organisation admin-key --out DIR/c.key --request DIR/c.slk --profile demo", typed=typed)
    assert "grodor" not in result.output
    named = officer.run(f"show {REGISTRY}", keys="a1.key", typed=WORDS + "\n")
    assert "Malmö" in named.stdout
    assert "grodor" not in named.output


def test_a_forged_grant_is_noticed(officer: Officer) -> None:
    """A grant that somebody else made, with a directory key of their own, names nobody and seals nothing."""
    from keys.admin_request import parse_admin_request  # noqa: PLC0415 - the attacker's tools
    from keys.ids import FederationId  # noqa: PLC0415
    from keys.private.officer import make_grant  # noqa: PLC0415
    from keys.public import key_id  # noqa: PLC0415

    request = parse_admin_request((officer.folder / "a1.slk").read_bytes())
    root = (officer.folder / "fed/registry/statements/000001.slk").read_bytes()
    grant = make_grant(b"evil" * 8, request, FederationId(parse_signed(root).digest))
    (officer.folder / f"fed/registry/grants/{key_id(request.keys).hex()}.slk").write_bytes(grant)
    assert "GRANT" in officer.run(f"show {REGISTRY}", keys="a1.key", expect=1).stderr


def _remove(path: str) -> Callable[[Officer], None]:
    return lambda officer: (officer.folder / path).unlink()


def _write(path: str, data: bytes) -> Callable[[Officer], None]:
    return lambda officer: (officer.folder / path).write_bytes(data) and None


def _nothing(_officer: Officer) -> None:
    return None


UNIT_ADD = f"unit add {REGISTRY} --organisation {'00' * 16} --name X --type sig"
DEVICE_APPROVE = (
    f"device approve {REGISTRY} --request DIR/device2.slk --unit {'00' * 16} --role telefon --staff B --out DIR/x --yes"
)
REFUSED: dict[str, tuple[Callable[[Officer], Any], str, str, int, str]] = {
    "wrong-passphrase": (_write("words", b"another passphrase"), f"show {REGISTRY}", "a1.key", 1, "PASS"),
    "passphrase-not-utf8": (_write("words", b"\xff\xfe"), f"show {REGISTRY}", "a1.key", 1, "FILE"),
    "broken-key-file": (_write("a1.key", b"broken"), f"show {REGISTRY}", "a1.key", 1, "FILE"),
    "missing-key-file": (_remove("a1.key"), f"show {REGISTRY}", "a1.key", 1, "FILE"),
    "request-as-key-file": (_nothing, f"show {REGISTRY}", "a1.slk", 1, "FILE"),
    "no-registry": (_nothing, "verify --registry DIR/nowhere", "", 1, "NOREGISTRY"),
    "statement-missing": (_remove("fed/registry/statements/000003.slk"), f"verify {REGISTRY}", "", 4, "number=3"),
    "statement-altered": (
        _write("fed/registry/statements/000002.slk", b"x"), f"verify {REGISTRY}", "", 4, "number=2",
    ),
    "first-root-altered": (_write("fed/registry/statements/000001.slk", b"x"), f"verify {REGISTRY}", "", 4, "number=1"),
    "no-grants": (
        lambda officer: [path.unlink() for path in (officer.folder / "fed/registry/grants").iterdir()],
        f"show {REGISTRY}", "a1.key", 1, "organisation grant",
    ),
    "too-few-roots": (_nothing, ADD, "fed/root-1.key", 3, "too few"),
    "administrators-are-no-roots": (_nothing, HUB_ADD, ADMINS, 3, "no part"),
    "roots-are-no-administrators": (_nothing, UNIT_ADD, ROOTS, 3, "unknown-organisation"),
    "administrators-twice": (_nothing, ADD, ROOTS, 3, "key-reused"),
    "founding-again": (_nothing, CREATE, "", 1, "EXISTS"),
    "impossible-threshold": (
        _nothing, "root create --out DIR/x --holders 2 --threshold 3" + " --passphrase-file DIR/words" * 2, "", 1,
        "THRESHOLD",
    ),
    "short-passphrase": (
        _write("words", b"kort"),
        "organisation admin-key --out DIR/x --request DIR/y --passphrase-file DIR/words --profile demo", "", 1,
        "PASSSHORT",
    ),
    "folder-that-cannot-be": (
        _nothing, CREATE.replace("DIR/fed", "DIR/words/fed"), "", 1, "DISK",
    ),
    "name-too-long": (_nothing, ADD.replace("Malmö", "M" * 121), ROOTS, 1, "FIELD"),
    "negative-days": (_nothing, DEVICE_APPROVE + " --days -400000", ADMINS, 1, "FIELD"),
    "unknown-unit": (_nothing, DEVICE_APPROVE, ADMINS, 3, "unknown-unit"),
    "facts-not-json": (_write("f", b"{"), UNIT_ADD + " --facts DIR/f", ADMINS, 1, "FACTS"),
    "facts-not-toml": (_write("f.toml", b"="), UNIT_ADD + " --facts DIR/f.toml", ADMINS, 1, "FACTS"),
    "facts-not-a-table": (_write("f", b"[]"), UNIT_ADD + " --facts DIR/f", ADMINS, 1, "FACTS"),
    "facts-with-a-float": (_write("f", b'{"handling_days": 1.5}'), UNIT_ADD + " --facts DIR/f", ADMINS, 1, "rule=form"),
    "facts-misspelt": (
        _write("f.toml", b"takes_under18 = true"), UNIT_ADD + " --facts DIR/f.toml", ADMINS, 1,
        "FACTS fact=takes_under18 rule=unknown",
    ),
    "facts-of-another-form": (
        _write("f.toml", b"handling_days = 0"), UNIT_ADD + " --facts DIR/f.toml", ADMINS, 1,
        "FACTS fact=handling_days rule=form",
    ),
    "a-provider-without-its-checks": (
        _nothing, UNIT_ADD.replace("--type sig", "--type utforare"), ADMINS, 1, "FACTS fact=verified_until",
    ),
    "facts-nested-deeply": (_write("f", b"[" * 60_000), UNIT_ADD + " --facts DIR/f", ADMINS, 1, "FACTS"),
    "revoking-nobody": (_nothing, f"revoke device {'00' * 16} {REGISTRY} --reason lost", "a1.key", 3, "revoke-target"),
    "signing-what-is-no-statement": (_nothing, "sign DIR/a1.slk --out DIR/x", "a2.key", 3, "leaf-type"),
    "signing-nonsense": (_write("x", b"x"), "sign DIR/x --out DIR/y", "a2.key", 3, "FMT"),
    "submitting-again": (
        _nothing, f"submit DIR/fed/registry/statements/000002.slk {REGISTRY}", "a1.key", 3, "DUP",
    ),
    "granting-to-a-stranger": (
        lambda officer: officer.run(
            "organisation admin-key --out DIR/s.key --request DIR/s.slk --profile demo --passphrase-file DIR/words"
        ),
        f"organisation grant {REGISTRY} --admin DIR/s.slk", ROOTS, 1, "UNKNOWN",
    ),
    "a-stranger-has-no-grant": (
        lambda officer: officer.run(
            "organisation admin-key --out DIR/s.key --request DIR/s.slk --profile demo --passphrase-file DIR/words"
        ),
        f"show {REGISTRY}", "s.key", 1, "UNKNOWN",
    ),
    "root-of-another-federation": (
        lambda officer: officer.run(CREATE.replace("DIR/fed", "DIR/other")), f"show {REGISTRY}", "other/root-1.key", 1,
        "FEDERATION",
    ),
    "showing-nonsense": (_write("x", b"x"), "show DIR/x", "", 1, "FILE"),
    "showing-nothing": (_nothing, "show", "", 2, "name a file"),
    "showing-two-things": (_nothing, f"show DIR/a1.slk {REGISTRY}", "", 2, "name a file"),
    "no-id": (_nothing, UNIT_ADD.replace("00" * 16, "xyz"), ADMINS, 2, "32 hexadecimal digits"),
    "short-id": (_nothing, UNIT_ADD.replace("00" * 16, "00"), ADMINS, 2, "32 hexadecimal digits"),
    "unknown-unit-type": (_nothing, UNIT_ADD.replace("sig", "gang"), ADMINS, 2, "gang"),
    "no-such-municipality": (_nothing, ADD.replace("1280", "1279"), ROOTS, 2, "no municipality has this code"),
    "no-such-region": (_nothing, UNIT_ADD + " --police-region Väst", ADMINS, 2, "vast"),
    "no-command": (_nothing, "dance", "", 2, "dance"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_ends_in_a_sentence_and_a_code(name: str, officer: Officer) -> None:
    """Each mistake ends with its exit code and words about it, without a traceback, and enters nothing."""
    prepare, line, keys, code, words = REFUSED[name]
    prepare(officer)
    before = sorted((officer.folder / "fed/registry/statements").iterdir())
    result = officer.run(line, keys=keys, expect=code)
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""
    assert sorted((officer.folder / "fed/registry/statements").iterdir()) == before


def test_several_hubs_want_a_choice(officer: Officer) -> None:
    """With a second hub a unit says which one it uses."""
    (officer.folder / "hub2.slk").write_bytes(
        make_hub_request(HubId(b"i" * 16), public_pair(new_secret()), "https://two.example")
    )
    officer.run(HUB_ADD.replace("hub.slk", "hub2.slk"), keys=ROOTS)
    organisation = officer.json(f"show {REGISTRY}")["organisations"][0]["organisation_id"]
    line = UNIT_ADD.replace("00" * 16, organisation)
    assert "--hub" in officer.run(line, keys=ADMINS, expect=1).stderr
    officer.run(f"{line} --hub {(b'i' * 16).hex()}", keys=ADMINS)


def test_passphrase_files_match_the_key_files(officer: Officer) -> None:
    """One passphrase file for two key files is a wrong use, not a guess."""
    line = f"{HUB_ADD} --key DIR/a1.key --key DIR/a2.key --passphrase-file DIR/words"
    assert "2 key files need 2" in officer.run(line, expect=2).stderr


def test_a_real_key_is_not_taken_for_a_demonstration(officer: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key files of the other profile are refused before anything is signed."""
    from keys.private import key_file  # noqa: PLC0415 - a quarter GiB is not needed to see this

    monkeypatch.setitem(key_file._COSTS, Profile.REAL, key_file._COSTS[Profile.DEMO])
    officer.run("organisation admin-key --out DIR/r.key --request DIR/r.slk --passphrase-file DIR/words")
    assert "PROFILE" in officer.run(f"show {REGISTRY}", keys="r.key", expect=1).stderr


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a1.key", "purpose: admin"),
        ("a1.slk", "type: officer"),
        ("hub.slk", "address: https://hub.example"),
        ("device1.slk", "type: enrol"),
        ("approval1.slk", "file: approval"),
        ("fed/registry/statements/000001.slk", "profile: demo"),
        ("fed/root-1.key", "purpose: root"),
    ],
)
def test_files_say_what_they_are(officer: Officer, path: str, words: str) -> None:
    """Each file of ours is shown with its fingerprint, and without a secret."""
    result = officer.run(f"show DIR/{path}")
    assert words in result.stdout
    assert "fingerprint: " in result.stdout


def test_nothing_runs_when_a_self_test_fails(officer: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The self-tests come before every command."""

    def fail() -> None:
        raise LocalError("SELFTEST", part="ed25519")

    monkeypatch.setattr(selftest, "run", fail)
    assert "part=ed25519" in officer.run(f"verify {REGISTRY}", expect=1).stderr


def test_the_help_names_every_exit_code() -> None:
    """The help text is the module's own and says what each exit code means."""
    text = CliRunner().invoke(cli.main, ["--help"]).output
    assert all(f"{code} " in text for code in (0, 1, 2, 3, 4, 130))


def test_another_directory_key(officer: Officer) -> None:
    """Two root holders rotate, an administrator reads names with the new key; a second run finds nothing to do."""
    rotate = f"directory-key rotate {REGISTRY} --number 1"
    done = officer.json(rotate, keys=ROOTS)
    assert (done["directory_key"], done["officers"], done["officers_without"]) == (1, 5, [])
    assert done["devices"] == len(_devices(officer))
    again = officer.json(rotate, keys="fed/root-3.key fed/root-1.key")
    assert (again["devices"], again["cards"]) == (0, 0)
    shown = officer.json(f"show {REGISTRY}", keys="a1.key")
    assert (shown["directory_key"], shown["organisations"][0]["name"]) == (1, "Malmö")
    assert "NUMBER" in officer.run(f"directory-key rotate {REGISTRY} --number 3", keys=ROOTS, expect=1).stderr
    org_id = shown["organisations"][0]["organisation_id"]
    handed = officer.json(f"directory-key hand-out {REGISTRY} --organisation {org_id}", keys="a1.key")
    assert handed == {"devices": 0, "devices_without": []}


def _devices(officer: Officer) -> list[Any]:
    organisations = officer.json(f"show {REGISTRY}")["organisations"]
    return [one for org in organisations for unit in org["units"] for one in unit["devices"] if not one["revoked"]]
