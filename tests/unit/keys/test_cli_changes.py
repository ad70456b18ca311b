"""``sluss-keys`` in later years: other roots, other administrators, closed units, freezes and witnesses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from keys.add_checkpoint import AddCheckpoint
from keys.checkpoint import LOG_KEY, Checkpoint, note_line
from keys.cosignature import NoteKey
from keys.private.identity import ed25519_public, sign_ed25519
from keys.private.registry import Registry
from keys.private.witness import WitnessRefusedError
from keys.private.witness_store import STORE_NAME, WitnessStore
from tests.unit.keys.test_cli import ADMINS, REGISTRY, ROOTS, Officer, founded, officer  # noqa: F401 - fixtures

ORIGIN = "sluss/" + "00" * 32


def shown(officer: Officer) -> dict[str, Any]:  # noqa: F811 - the fixture's value
    """The one organisation of the registry."""
    organisation: dict[str, Any] = officer.json(f"show {REGISTRY}")["organisations"][0]
    return organisation


def fresh(officer: Officer, *names: str) -> None:  # noqa: F811
    """More officers' key files and requests."""
    for name in names:
        officer.run(
            f"organisation admin-key --out DIR/{name}.key --request DIR/{name}.slk --profile demo "
            "--passphrase-file DIR/words"
        )


def test_administrators_name_their_successors(officer: Officer) -> None:  # noqa: F811
    """The old ones sign; from then on the new ones do."""
    fresh(officer, "b1", "b2")
    org_id = shown(officer)["organisation_id"]
    change = f"organisation change-admins {REGISTRY} --organisation {org_id} --admin DIR/b1.slk --admin DIR/b2.slk"
    old = shown(officer)["administrators"]
    officer.run(change, keys=ADMINS)
    assert not set(old) & set(shown(officer)["administrators"])
    unit_id = shown(officer)["units"][0]["unit_id"]
    officer.run(f"unit close {REGISTRY} {unit_id}", keys=ADMINS, expect=3)
    officer.run(f"unit close {REGISTRY} {unit_id}", keys="b1.key b2.key")


def test_roots_name_administrators_who_wait_and_one_opposes(officer: Officer) -> None:  # noqa: F811
    """Nothing changes at once; one old administrator ends it."""
    fresh(officer, "b1", "b2")
    org_id = shown(officer)["organisation_id"]
    old = shown(officer)["administrators"]
    change = f"organisation change-admins {REGISTRY} --organisation {org_id} --admin DIR/b1.slk --admin DIR/b2.slk"
    result = officer.run(change, keys=ROOTS)
    assert "72 hours" in result.stderr
    assert shown(officer)["administrators"] == old
    assert shown(officer)["successors_wait"]
    officer.run(f"organisation oppose {REGISTRY} --organisation {org_id}", keys="b1.key", expect=3)
    officer.run(f"organisation oppose {REGISTRY} --organisation {org_id}", keys="a1.key")
    assert not shown(officer)["successors_wait"]
    officer.run(f"organisation oppose {REGISTRY} --organisation {org_id}", keys="a1.key", expect=1)


def test_a_unit_changes_its_card_and_closes(officer: Officer) -> None:  # noqa: F811
    """What is not named stays; a closed unit names who took over."""
    org_id = shown(officer)["organisation_id"]
    unit_id = shown(officer)["units"][0]["unit_id"]
    officer.run(f"unit change {REGISTRY} {unit_id} --name Nya", keys=ADMINS)
    officer.run(f"unit add {REGISTRY} --organisation {org_id} --name Andra --type sig", keys=ADMINS)
    other = next(unit["unit_id"] for unit in shown(officer)["units"] if unit["unit_id"] != unit_id)
    officer.run(f"unit close {REGISTRY} {unit_id} --successor {unit_id}", keys=ADMINS, expect=3)
    officer.run(f"unit close {REGISTRY} {unit_id} --successor {other}", keys=ADMINS)
    directory = Registry.open(officer.folder / "fed" / "registry").directory
    statement = next(e.statement for e in directory.units.values() if e.statement.unit_id.hex() == unit_id)
    assert (statement.number, statement.status.value, statement.successor) == (3, "closed", bytes.fromhex(other))


def test_one_administrator_freezes_and_the_roots_thaw(officer: Officer) -> None:  # noqa: F811
    """Nothing changes in between; too few root holders leave a draft."""
    org_id = shown(officer)["organisation_id"]
    unit_id = shown(officer)["units"][0]["unit_id"]
    officer.run(f"freeze {REGISTRY}", keys="a1.key", expect=2)
    officer.run(f"freeze {REGISTRY} --organisation {org_id}", keys="a1.key")
    assert shown(officer)["frozen"]
    officer.run(f"unit close {REGISTRY} {unit_id}", keys=ADMINS, expect=3)
    officer.run(f"thaw {REGISTRY} --organisation {org_id}", keys="a1.key", expect=3)
    officer.run(f"thaw {REGISTRY} --organisation {org_id} --draft DIR/thaw.slk", keys="fed/root-1.key")
    officer.run("sign DIR/thaw.slk --out DIR/thaw2.slk", keys="fed/root-2.key")
    officer.run(f"submit DIR/thaw2.slk {REGISTRY}", keys="fed/root-2.key")
    assert not shown(officer)["frozen"]
    officer.run(f"freeze {REGISTRY} --unit {unit_id}", keys="a2.key")


def test_other_root_holders(officer: Officer) -> None:  # noqa: F811
    """The old and the new threshold sign; afterwards the old ones are strangers."""
    fresh(officer, "r1", "r2", "r3")
    holders = " ".join(f"--holder DIR/r{number}.slk" for number in (1, 2, 3))
    change = f"root change {REGISTRY} {holders} --threshold 2"
    officer.run(f"{change} --draft DIR/root.slk", keys=ROOTS)
    officer.run("sign DIR/root.slk --out DIR/root2.slk", keys="r1.key r2.key")
    officer.run(f"submit DIR/root2.slk {REGISTRY}", keys="r1.key")
    unit_id = shown(officer)["units"][0]["unit_id"]
    officer.run(f"freeze {REGISTRY} --unit {unit_id}", keys=ROOTS, expect=3)
    officer.run(f"freeze {REGISTRY} --unit {unit_id}", keys="r1.key r2.key")
    officer.run(f"show {REGISTRY}", keys="r1.key", expect=1)
    officer.run(f"organisation grant {REGISTRY} --admin DIR/r1.slk", keys="a1.key")
    assert officer.json(f"show {REGISTRY}", keys="r1.key")["organisations"][0]["name"] == "Malmö"


def test_witnesses_are_made_named_and_fed(officer: Officer) -> None:  # noqa: F811
    """A witness is made, follows a log and is named by the roots; what contradicts comes out as evidence."""
    keys = [officer.json(f"witness create --data DIR/w{n} --name w{n}.example")["vkey"] for n in range(3)]
    assert officer.json("witness create --data DIR/w9 --name w9", expect=0)["vkey"].startswith("w9+")
    officer.run("witness create --data DIR/w0 --name again", expect=1)
    named = " ".join(f"--witness {key}" for key in keys)
    officer.run(f"witnesses {REGISTRY} {named} --quorum 1", keys=ROOTS, expect=3)
    officer.run(f"witnesses {REGISTRY} {named}", keys=ROOTS)
    assert officer.json(f"show {REGISTRY}")["witnesses"] == {"quorum": 2, "named": [f"w{n}.example" for n in range(3)]}
    log = NoteKey("hub", LOG_KEY, ed25519_public(bytes(32)))
    officer.run(f"witness follow --data DIR/w0 --origin {ORIGIN} --log {log.text()}")
    officer.run(f"witness follow --data DIR/w0 --origin {ORIGIN} --log nonsense", expect=3)
    assert officer.json("witness evidence --data DIR/w0 --out DIR/none")["conflicts"] == []
    _contradict(officer.folder / "w0" / STORE_NAME)
    assert len(officer.json("witness evidence --data DIR/w0 --out DIR/lies")["conflicts"]) == 1
    assert sorted(path.name for path in (officer.folder / "lies").iterdir()) == ["001-held.txt", "001-shown.txt"]


def _contradict(path: Path) -> None:
    store = WitnessStore(path)
    store.advance(AddCheckpoint(0, [], _note(bytes(32))))
    with pytest.raises(WitnessRefusedError):
        store.advance(AddCheckpoint(7, [], _note(b"\x01" * 32)))
    store.close()


def _note(root: bytes) -> bytes:
    text = Checkpoint(ORIGIN, 7, root).text()
    return text + b"\n" + note_line("hub", ed25519_public(bytes(32)), sign_ed25519(bytes(32), text))


def test_a_registry_takes_a_hubs_log_over(officer: Officer) -> None:  # noqa: F811
    """With the hub's snapshots in it, administrators who waited are in force; a strange or broken log is refused."""
    registry = Registry.open(officer.folder / "fed" / "registry")
    bundle = officer.folder / "000"
    bundle.write_bytes(b"".join(len(leaf).to_bytes(2) + leaf for leaf in registry.statements))
    facts = officer.json(f"adopt --registry DIR/new --from DIR/fed/registry {bundle}")
    assert facts["statements"] == registry.directory.size
    assert officer.json("show --registry DIR/new", keys="a1.key")["organisations"][0]["name"] == "Malmö"
    bundle.write_bytes(bundle.read_bytes()[:-1])
    officer.run(f"adopt --registry DIR/other --from DIR/fed/registry {bundle}", expect=1)
    bundle.write_bytes(b"".join(len(leaf).to_bytes(2) + leaf for leaf in registry.statements[1:]))
    officer.run(f"adopt --registry DIR/other --from DIR/fed/registry {bundle}", expect=1)
    twice = [*registry.statements, registry.statements[2]]
    bundle.write_bytes(b"".join(len(leaf).to_bytes(2) + leaf for leaf in twice))
    officer.run(f"adopt --registry DIR/other --from DIR/fed/registry {bundle}", expect=4)
