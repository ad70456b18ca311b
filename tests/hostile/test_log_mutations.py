"""Ten thousand small changes to log, checkpoints, cosignatures, proofs and statements: every one is refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from hub.signer import HubSigner
from keys.add_checkpoint import AddCheckpoint, make_request, parse_request
from keys.checkpoint import LOG_KEY, Checkpoint, origin_of, parse_note, verify_note
from keys.cosignature import NoteKey, require_quorum
from keys.directory import Directory
from keys.errors import PeerError
from keys.log_tree import LogTree
from keys.private import ceremony, events
from keys.private.identity import new_secret, public_pair
from keys.private.witness import WitnessSigner, judge
from keys.signed import assemble, join_signatures, parse_signed
from keys.statements import FreezeTarget
from tests.kit.federation import NOW, Federation

MUTATIONS = 2_500  # of each of the four
SIGNERS = [WitnessSigner(f"w{number}.example", bytes([number + 1]) * 32) for number in range(3)]


def _federation() -> Federation:
    """One with every kind of statement that people make in its log."""
    federation = Federation.demo(devices=2)
    keys = [signer.key for signer in SIGNERS]
    unit, org = federation.units["sav"], federation.organisations["stockholm"]
    federation.apply(events.name_witnesses(federation.directory, federation.roots(), keys=keys, quorum=2))
    federation.apply(
        events.freeze(
            federation.directory, federation.admins("polisen", 1), target=FreezeTarget.UNIT,
            target_id=federation.units["bops"].unit_id,
        )
    )  # fmt: skip
    pairs = [public_pair(new_secret()) for _ in range(2)]
    federation.apply(
        ceremony.change_administrators(federation.directory, federation.roots(), org_id=org.org_id, admins=pairs)
    )
    federation.apply(events.oppose(federation.directory, federation.admins("stockholm", 1), org_id=org.org_id))
    federation.revoke("sav", unit.keepers[0].device_id)
    roots = federation.directory.root
    federation.apply(
        ceremony.change_root(
            federation.directory, federation.roots(), keys=[*roots.keys[:2], public_pair(new_secret())], threshold=2
        )
    )
    return federation


FEDERATION = _federation()
LEAVES = FEDERATION.statements
ORIGIN = origin_of(FEDERATION.directory.federation)
HUB = FEDERATION.hub_id.hex()
POLICY = FEDERATION.directory.witnesses
TREE = FEDERATION.directory.tree
CHECKPOINT = Checkpoint(ORIGIN, TREE.size, TREE.root())
SIGNED = HubSigner(FEDERATION.hub_secret.ed25519_seed, FEDERATION.hub_secret.mldsa_seed).sign_checkpoint(
    CHECKPOINT, HUB
)
LINES = [signer.cosign(CHECKPOINT, NOW) for signer in SIGNERS[:2]]
NOTE = SIGNED + b"".join(LINES)


def changed(data: bytes, rng: random.Random) -> bytes:
    """The bytes with one thing changed: a bit, a byte, one less, one more, two pieces turned round, one doubled."""
    at, length = rng.randrange(len(data)), rng.randrange(1, 40)
    match rng.randrange(6):
        case 0:
            new = data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
        case 1:
            new = data[:at] + rng.randbytes(1) + data[at + 1 :]
        case 2:
            new = data[:at] + data[at + length :]
        case 3:
            new = data[:at] + rng.randbytes(length) + data[at:]
        case 4:
            new = data[:at] + data[at + length : at + 2 * length] + data[at : at + length] + data[at + 2 * length :]
        case _:
            new = data[: at + length] + data[at:]
    return new if new != data else data[:-1]


def mutations(seed: int) -> Iterator[random.Random]:
    """As many random number generators, each good for one change that can be made again."""
    for number in range(MUTATIONS):
        yield random.Random(seed * MUTATIONS + number)


def refused(call: Callable[[], object]) -> bool:
    """Whether it ends in a peer's error; any other error is a fault of ours and comes through."""
    try:
        call()
    except PeerError:
        return True
    return False


def test_the_control_is_accepted() -> None:
    """Unchanged, all of it passes; otherwise the refusals below say nothing."""
    assert POLICY is not None
    assert verify_note(NOTE, name=HUB, ed25519=FEDERATION.hub_keys.ed25519, origin=ORIGIN) == CHECKPOINT
    assert require_quorum(NOTE, POLICY) == NOW
    directory = Directory(LEAVES[0])
    for leaf in LEAVES[1:]:
        directory.apply(leaf)


@pytest.mark.timeout(120)
def test_changed_statements_are_refused() -> None:
    """A leaf with a change, in its place in the log: refused, or the very statement with the same effect and bytes."""
    states = [Directory(LEAVES[0])]
    for leaf in LEAVES[1:]:
        states.append(states[-1].copy())
        states[-1].apply(leaf)
    for rng in mutations(1):
        place = rng.randrange(1, len(LEAVES))
        leaf = changed(LEAVES[place], rng) if rng.random() < 0.8 else _resigned(LEAVES[place], rng)
        before = states[place - 1]
        size, root = before.size, before.tree.root()
        assert refused(lambda leaf=leaf, before=before: before.apply(leaf)), (place, leaf.hex())
        assert (before.size, before.tree.root()) == (size, root)


def _resigned(leaf: bytes, rng: random.Random) -> bytes:
    """A leaf put together again by somebody who has no key: a signature less, one from elsewhere, another payload."""
    so = parse_signed(leaf)
    other = parse_signed(LEAVES[rng.randrange(len(LEAVES))])
    match rng.randrange(3):
        case 0 if len(so.signatures) > 1 and so.type.value not in {"revoke", "freeze", "oppose"}:
            return assemble(so.type, so.payload, [so.signatures[0]])
        case 1 if other.payload != so.payload:
            return assemble(so.type, other.payload, list(so.signatures))
        case _:
            strange = assemble(so.type, so.payload, [other.signatures[0]])
            joined = join_signatures([leaf, strange])
            return changed(leaf, rng) if joined == leaf else joined  # the same signer: nothing would be changed


@pytest.mark.timeout(120)
def test_changed_checkpoints_are_refused() -> None:
    """A note with a change in its text or in the hub's line is no checkpoint of this hub."""
    end = len(SIGNED)
    for rng in mutations(2):
        note = changed(SIGNED, rng) + NOTE[end:]

        def verify(note: bytes = note) -> None:
            verify_note(note, name=HUB, ed25519=FEDERATION.hub_keys.ed25519, origin=ORIGIN)

        assert refused(verify), note


@pytest.mark.timeout(120)
def test_changed_cosignatures_do_not_count() -> None:
    """With two witnesses needed and one line changed there is no quorum; nor is one line twice."""
    assert POLICY is not None
    for rng in mutations(3):
        lines = list(LINES)
        which = rng.randrange(2)
        lines[which] = lines[1 - which] if rng.random() < 0.05 else changed(lines[which], rng)
        note = SIGNED + b"".join(lines)
        assert refused(lambda note=note: require_quorum(note, POLICY)), note


@pytest.mark.timeout(120)
def test_changed_requests_are_not_cosigned() -> None:
    """A witness signs no request with a change in size, proof, text or signature; what passes says the same thing."""
    tree = LogTree()
    for leaf in LEAVES:
        tree.append(leaf)
    old = len(LEAVES) // 2
    held = Checkpoint(ORIGIN, old, tree.root(old))
    logs = {ORIGIN: NoteKey(HUB, LOG_KEY, FEDERATION.hub_keys.ed25519)}
    body = make_request(AddCheckpoint(old, tree.consistency_proof(old, len(LEAVES)), SIGNED))
    assert judge(parse_request(body), logs, held) == CHECKPOINT
    for rng in mutations(4):
        other = changed(body, rng)
        assert refused(lambda other=other: judge(parse_request(other), logs, held)), other


def test_lines_of_strangers_change_nothing() -> None:
    """What anybody may add to a note neither helps nor harms."""
    assert POLICY is not None
    stranger = WitnessSigner("w2.example", bytes([99]) * 32).cosign(CHECKPOINT, NOW + 10**9)
    assert require_quorum(NOTE + stranger, POLICY) == NOW
    assert parse_note(NOTE + stranger)[0] == CHECKPOINT
