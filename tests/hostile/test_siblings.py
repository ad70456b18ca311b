"""A sibling that turned: enrolled in the unit, with real keys, and free to write any letter (FORMATS 5.1, 8)."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from client.engine.unit_sync.asking import MAX_NOTED
from client.engine.unit_sync.sharing import MAX_ANSWERS
from keys.codec import encode
from keys.document import KindClass, Receipt, ReceiptEntry, ReceiptStatus
from keys.domains import SignedType
from keys.errors import LocalError
from keys.ids import digest
from keys.internal import (
    MAX_ASKED,
    History,
    Internal,
    Need,
    Proofs,
    Registered,
    Reshare,
    Reshared,
    SentCopy,
    Setting,
    SettingName,
    State,
    ThreadStands,
    Way,
)
from keys.private.identity import new_secret, random_bytes, sign_object
from tests.hostile.attacked import Attacked
from tests.kit.federation import Federation
from tests.kit.forge import Forge, Letter, flip
from tests.kit.hub_process import HubProcess
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Bo is the malicious one; Olle's device makes sound documents for him to bend."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def tell(units: Units, message: Internal) -> list[tuple[int, str]]:
    """Let Bo tell Eva something; returns what she put aside."""
    bo = units["sav/bo"].desk
    async with bo.context.vault.transaction():
        await bo.unit._letters.queue(message)
    await bo.sync.once()
    await units["sav/eva"].desk.sync.once()
    return [tuple(row) for row in await rows(units["sav/eva"], "step, code FROM quarantine")]


def sound(units: Units) -> Letter:
    """A document of Olle's to the unit that never travelled."""
    return Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context).letter()


def item(letter: Letter, *, way: Way = Way.IN, state: str = "accepted") -> Reshared:
    """It, as a sibling reshares it."""
    return Reshared(way, state, "", letter.document.sent_at, None, None, letter.signed, letter.salt, letter.body)


def told(units: Units, letter: Letter, **changes: object) -> ThreadStands:
    """Where its thread stands."""
    now, other = letter.document.sent_at, units.unit("sodermalm")
    stands = ThreadStands(
        letter.document.thread_id, "konsultation", "tillganglig", "mottagare", other, None, None, None, now, now,
        letter.document.document_id,
    )  # fmt: skip
    return type(stands)(**({name: getattr(stands, name) for name in stands.__struct_fields__} | changes))


def reshare(units: Units, one: Reshared, *threads: ThreadStands) -> Reshare:
    """For Eva."""
    return Reshare(units["sav/eva"].desk.context.device_id, [], [one], list(threads))


async def test_a_sound_reshare_is_taken_in(units: Units) -> None:
    """Control: without a defect the document is there, and the thread where the sibling said."""
    letter = sound(units)
    assert await tell(units, reshare(units, item(letter), told(units, letter))) == []
    assert await rows(units["sav/eva"], "document_id FROM document") == [(letter.document.document_id,)]
    assert await rows(units["sav/eva"], "state FROM thread") == [("tillganglig",)]


def _other_body(units: Units) -> Reshared:
    return item(dataclasses.replace(sound(units), body=sound(units).body))  # of another document


def _stranger(units: Units) -> Reshared:
    secret = new_secret()
    forge = Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context)
    return item(forge.letter(sign=lambda kind, data: sign_object(secret, random_bytes(32), kind, data)))


def _by_the_sibling(units: Units) -> Reshared:
    forge = Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context)
    return item(forge.letter(sign=units["sav/bo"].desk.context.keeper.sign))


def _broken(units: Units) -> Reshared:
    letter = sound(units)
    return item(dataclasses.replace(letter, signed=flip(letter.signed)))


def _to_another_unit(units: Units) -> Reshared:
    forge = Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context)
    return item(forge.letter(payload={"to_unit": units.unit("bops")}))


def _role(units: Units) -> Reshared:
    forge = Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context)
    return item(forge.letter(body={"header": {"sender_staff": {"role": "telefon"}}}))


def _without_consent(units: Units) -> Reshared:
    forge = Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context)
    header = {"consent_ref": "c0" * 16, "principal_ref": "80" * 16}
    return item(forge.letter("overlamnande.forfragan", body={"header": header}))


def _as_our_own(units: Units) -> Reshared:
    return item(sound(units), way=Way.OUT, state="available")


def _letter_inside(units: Units) -> Reshared:
    forge = Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context)
    return item(forge.letter(payload={"kind_class": KindClass.INTERNAL}))


FORGED: dict[str, Callable[[Units], Reshared]] = {
    "other-body": _other_body,
    "stranger": _stranger,
    "signed-by-the-sibling": _by_the_sibling,
    "broken-signature": _broken,
    "to-another-unit": _to_another_unit,
    "role-not-certified": _role,
    "without-consent": _without_consent,
    "as-our-own": _as_our_own,
    "letter-inside": _letter_inside,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_reshare_is_refused(units: Units, name: str) -> None:
    """A sibling's word is no document: refused, nothing shown or changed, and the letter stands aside as evidence."""
    put_aside = await tell(units, reshare(units, FORGED[name](units)))
    assert [step for step, _ in put_aside] == [16]
    for table in ("document", "thread", "consent"):
        assert await rows(units["sav/eva"], f"* FROM {table}") == []


async def test_a_reshared_fork_is_a_fork(units: Units) -> None:
    """A signed document that names another log is evidence whoever brings it: sending stops."""
    forge = Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context)
    with pytest.raises(LocalError) as caught:
        await tell(units, reshare(units, item(forge.letter(payload={"dir_root": random_bytes(32)}))))
    assert caught.value.code == "FORK"
    assert await rows(units["sav/eva"], "* FROM document") == []


async def test_a_reshare_that_comes_late_in_its_letter_takes_the_whole_letter_back(units: Units) -> None:
    """One sound and one forged document: neither is there."""
    eva = units["sav/eva"]
    forge = Forge(units["sodermalm/olle"].desk.context, eva.desk.context)
    first, second = forge.letter(), dataclasses.replace(forge.letter(), body=b"\x80")
    assert await tell(units, Reshare(eva.desk.context.device_id, [], [item(first), item(second)], [])) == [
        (16, "COMMIT")
    ]
    assert await rows(eva, "* FROM document") == []


async def test_history_leaves_a_forged_document_out(units: Units) -> None:
    """The others are taken in, and a person is told."""
    eva, good = units["sav/eva"], sound(units)
    items = [_other_body(units), item(good), _stranger(units)]
    batch = History(eva.desk.context.device_id, 0, 3, True, items, [told(units, good)])
    assert await tell(units, batch) == []
    assert await rows(eva, "document_id FROM document") == [(good.document.document_id,)]
    assert "HISTORY" in {alarm.code for alarm in await eva.desk.context.alarms.open()}


async def test_a_copy_of_another_units_document_is_none(units: Units) -> None:
    """What the sibling did not sign is no sent copy of it."""
    letter = sound(units)
    assert await tell(units, SentCopy(letter.signed, letter.salt, letter.body)) == [(16, "SENDER")]


async def test_a_sibling_registers_nothing_in_other_units_names(units: Units) -> None:
    """A consent that another unit signed does not come by a sibling's letter."""
    olle = units["sodermalm/olle"].desk
    held = olle.consents.sign(units.consent_fields("sodermalm", ["sodermalm", "sav"]))
    assert await tell(units, Registered([held.parcel], [])) == [(16, "SIG")]
    assert await rows(units["sav/eva"], "* FROM consent") == []


async def test_a_leaping_counter_is_refused(units: Units) -> None:
    """Nobody can set a value that no one overrides."""
    bo = units["sav/bo"].desk.context.device_id
    leap = Setting(SettingName.ASSIGNED, random_bytes(16), 2**48, bo, bo, 1)
    assert await tell(units, State([leap], [], [])) == [(16, "SCH")]
    assert await rows(units["sav/eva"], "* FROM setting") == []


async def test_a_flood_of_needs_is_bounded(units: Units) -> None:
    """However much a sibling asks, a bounded number of answers is noted, and what is unknown is not answered."""
    eva = units["sav/eva"]
    for _ in range(MAX_ANSWERS // MAX_ASKED + 4):
        await tell(units, Need([random_bytes(32) for _ in range(MAX_ASKED)]))
    assert await rows(eva, "count(*) FROM answer") == [(MAX_ANSWERS,)]
    assert await rows(eva, "count(*) FROM letter") == [(0,)]


async def test_a_flood_of_rubbish_asks_for_little(units: Units) -> None:
    """Envelopes that nobody can open make a device ask its siblings for a bounded number of them."""
    eva = units["sav/eva"]
    async with eva.desk.context.vault.transaction():
        for _ in range(MAX_NOTED + 50):
            await eva.desk.unit._parts.asking.lack(random_bytes(32))
    assert await rows(eva, "count(*) FROM need") == [(MAX_NOTED,)]


async def test_a_letter_from_another_unit_is_refused(units: Units) -> None:
    """The class ``internal`` comes from the own unit and from nowhere else."""
    attacked = Attacked(units["sav/eva"], Forge(units["sodermalm/olle"].desk.context, units["sav/eva"].desk.context))
    letter = attacked.forge.letter(payload={"kind_class": KindClass.INTERNAL})
    assert await attacked.outcome(attacked.forge.envelope(letter)) == (11, "SENDER")


async def test_an_ordinary_document_from_the_own_unit_is_refused(units: Units) -> None:
    """A sibling cannot write to its own unit as if it were another."""
    attacked = Attacked(units["sav/eva"], Forge(units["sav/bo"].desk.context, units["sav/eva"].desk.context))
    raw = attacked.forge.envelope(attacked.forge.letter())
    assert await attacked.outcome(raw) == (11, "SENDER")
    assert await rows(units["sav/eva"], "code FROM quarantine WHERE envelope_id = x'" + digest(raw).hex() + "'")


def outgoing(units: Units, seq: int) -> Letter:
    """A document of Bo's to another unit."""
    return Forge(units["sav/bo"].desk.context, units["sodermalm/olle"].desk.context).letter(payload={"seq": seq})


def receipt(
    units: Units, letter: Letter, *, by: str = "sodermalm/olle", about: bytes = b"", is_whole: bool = True
) -> bytes:
    """What the recipient's device, or another in its name, signs of it."""
    olle, signer = units["sodermalm/olle"].desk.context, units[by].desk.context
    entry = ReceiptEntry(
        letter.document.document_id, about or digest(letter.signed), ReceiptStatus.AVAILABLE, "",
        letter.document.sent_at, bytes(32), 1, bytes(64),
    )  # fmt: skip
    directory = olle.replica.directory
    roster: list[bytes] = [units["sav/bo"].desk.context.device_id]
    made = Receipt(
        1, 1, random_bytes(16), olle.unit_id, olle.device_id, units.unit("sav"), roster,
        olle.clock.now(), directory.size, directory.tree.root(), [entry],
    )  # fmt: skip
    raw = signer.keeper.sign(SignedType.RECEIPT, encode(made))
    return raw if is_whole else flip(raw)


#: What is wrong with the receipt -> the state that Eva has then, and whether a person is told.
SHOWN: dict[str, tuple[dict[str, Any], str, bool]] = {
    "sound": ({}, "available", False),
    "signed-by-the-sibling": ({"by": "sav/bo"}, "unshown", True),
    "broken-signature": ({"is_whole": False}, "unshown", True),
    "of-another-document": ({"about": bytes(32)}, "unshown", False),
}


async def test_what_became_of_a_document_is_shown_by_its_recipient(units: Units) -> None:
    """A sibling says "registered": not known until a receipt of the recipient's is here, in either order."""
    eva = units["sav/eva"]
    for number, (name, is_first) in enumerate(itertools.product(SHOWN, (True, False))):
        changes, state, is_told = SHOWN[name]
        letter = outgoing(units, seq=2 * number + 1)
        one = f"document_id = x'{letter.document.document_id.hex()}'"
        history = History(eva.desk.context.device_id, 0, 3, True, [item(letter, way=Way.OUT, state="registered")], [])
        proofs = Proofs([receipt(units, letter, **changes)])
        for message in (proofs, history) if is_first else (history, proofs):
            assert await tell(units, message) == []
            if message is history and not is_first:
                assert await rows(eva, f"state FROM document WHERE {one}") == [("unshown",)]
        assert await rows(eva, f"state FROM document WHERE {one}") == [(state,)], name
        assert await rows(eva, f"status FROM proven WHERE {one}") == [("available",)] * (name == "sound"), name
        alarms = [alarm for alarm in await eva.desk.context.alarms.open() if alarm.code == "HISTORY"]
        assert bool(alarms) is is_told, name
        async with eva.desk.context.vault.transaction():
            for alarm in alarms:
                await eva.desk.context.alarms.seen(alarm.n, "Eva Ek")
