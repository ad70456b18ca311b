"""What recipients say of a document comes in any order, from several of their devices, and before its copy does."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Final

import pytest

from client.engine import receipts, registering
from client.engine.attempts import Attempts
from client.engine.context import Context
from client.engine.receipts import Receipts
from client.engine.registering import take_word
from client.engine.signing import Signer
from client.engine.threads import Threads
from keys.cards import Role
from keys.codec import encode_body
from keys.document import Receipt, ReceiptEntry, ReceiptStatus
from keys.private.identity import random_bytes
from tests.kit.federation import Federation
from tests.unit.casework.samples import SAMPLES
from tests.unit.engine.test_circumstances import opened

#: By the words that came: the document's state, and whether the outbox still has it (decision 0075).
TABLE: Final = {
    "": ("sent", 1),
    "n": ("sent", 1),
    "a": ("available", 0),
    "r": ("registered", 0),
    "f": ("refused", 0),
    "an": ("registered", 0),
    "nr": ("registered", 0),
    "fn": ("refused", 0),
    "ar": ("registered", 0),
    "af": ("refused", 0),
    "fr": ("refused", 0),
    "afn": ("refused", 0),
    "anr": ("registered", 0),
    "fnr": ("refused", 0),
    "afr": ("refused", 0),
    "afnr": ("refused", 0),
}
STATUS: Final = {"a": ReceiptStatus.AVAILABLE, "r": ReceiptStatus.REGISTERED, "f": ReceiptStatus.REFUSED}
KIND: Final = "hotbild.begaran"


class Told:
    """One document of a colleague's to the police, and what is said of it. ``c``: the copy of it comes."""

    def __init__(self, context: Context, police: bytes) -> None:
        self.context, self.police = context, police
        self.document_id, self.thread_id, self.digest = random_bytes(16), random_bytes(16), random_bytes(32)
        signer = Signer(context.keeper, context.replica, context.clock, context.unit_id)
        threads = Threads(context.vault, context.clock)
        attempts = Attempts(context.vault, context.clock, context.keeper)
        self.receipts = Receipts(context, signer, attempts, threads)

    async def come(self, words: str) -> None:
        """These words, in this order; capitals are a third unit's."""
        async with self.context.vault.transaction():
            for word in words:
                unit_id = self.police if word.islower() else random_bytes(16)
                match word.lower():
                    case "c":
                        await self._copy()
                    case "n":
                        await self._number(unit_id)
                    case status:
                        await self._receipt(STATUS[status], unit_id)

    async def _copy(self) -> None:
        await self._keep(self.document_id, "out", KIND, SAMPLES[KIND], self.police)
        await self.context.vault.write(
            "INSERT INTO outbox (document_id, mailbox_id, next_at, alarm_at) VALUES (?, ?, 0, 0)",
            self.document_id, bytes(16),
        )  # fmt: skip
        await self.receipts.copy_came(self.document_id)

    async def _number(self, unit_id: bytes) -> None:
        body = SAMPLES[registering.REGISTERED]
        body["content"]["document"] = self.document_id.hex()
        number = random_bytes(16)
        await self._keep(number, "in", registering.REGISTERED, body, unit_id)
        await take_word(self.context, number)

    async def _receipt(self, status: ReceiptStatus, unit_id: bytes) -> None:
        code = "STA" if status is ReceiptStatus.REFUSED else ""
        entry = ReceiptEntry(self.document_id, self.digest, status, code, 1, bytes(32), 1, bytes(64))
        to, size = self.context.unit_id, self.context.replica.directory.size
        receipt = Receipt(1, 1, random_bytes(16), unit_id, bytes(16), to, [bytes(16)], 1, size, bytes(32), [entry])
        await self.receipts.learn(receipt, b"signed")

    async def _keep(self, document_id: bytes, way: str, kind: str, body: dict[str, Any], unit_id: bytes) -> None:
        thread_id = self.thread_id if way == "out" else random_bytes(16)
        await self.context.vault.write(
            "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, unit_id, device_id,"
            " digest, salt, body, consents, legal_basis, at)"
            " VALUES (?, ?, ?, ?, 'content', ?, ?, ?, ?, ?, ?, x'', 'samtycke', 1)",
            document_id, way, "sent" if way == "out" else "accepted", kind, thread_id, unit_id, bytes(16),
            self.digest if way == "out" else random_bytes(32), bytes(32), encode_body(body),
        )  # fmt: skip

    async def stands(self) -> tuple[str, int]:
        """Its state, and how many rows of the outbox wait for a word."""
        vault = self.context.vault
        state = await vault.value("SELECT state FROM document WHERE document_id = ?", self.document_id)
        waiting = await vault.value("SELECT count(*) FROM outbox WHERE document_id = ?", self.document_id)
        return state, waiting

    async def thread(self) -> str:
        """Where its thread stands."""
        return str(await self.context.vault.value("SELECT state FROM thread WHERE thread_id = ?", self.thread_id))


def orders() -> list[tuple[str, str]]:
    """Every set of words, and every order of it with the copy anywhere."""
    return [
        ("".join(sorted(words)), "".join(order))
        for count in range(5)
        for words in itertools.combinations("afrn", count)
        for order in itertools.permutations(["c", *words])
    ]


async def found(path: Path, chosen: list[tuple[str, str]]) -> dict[str, set[tuple[tuple[str, int], str]]]:
    """What the orders of each set of words led to: the document's standing, and its thread's state."""
    federation = Federation.demo()
    federation.enrol("sav", "Bo Berg")  # whose documents they are
    ends: dict[str, set[tuple[tuple[str, int], str]]] = {}
    async with opened(path, "sav", Role.HANDLAGGARE, federation=federation) as context:
        for words, order in chosen:
            told = Told(context, bytes(federation.units["bops"].unit_id))
            await told.come("AFRN" + order)
            ends.setdefault(words, set()).add((await told.stands(), await told.thread()))
    return ends


async def test_the_same_words_lead_to_the_same_in_any_order(tmp_path: Path) -> None:
    """Two hundred and sixty orders: one end for each set of words, document and thread; a third unit has no say."""
    ends = await found(tmp_path, orders())
    assert {words: {stands for stands, _ in end} for words, end in ends.items()} == {
        words: {stands} for words, stands in TABLE.items()
    }
    assert {words: len(end) for words, end in ends.items()} == dict.fromkeys(TABLE, 1)


async def test_a_number_that_counted_as_a_receipt_would_hide_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the first word that came counting, the order decides."""
    monkeypatch.setattr(receipts, "_RANK", dict.fromkeys(receipts._RANK, 1))
    ends = await found(tmp_path, [(words, order) for words, order in orders() if words == "fr"])
    assert len(ends["fr"]) > 1
