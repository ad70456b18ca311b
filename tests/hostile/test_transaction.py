"""Steps 17 and 18, and drains of more than one window: all or nothing, shown once, withdrawals first (FORMATS 8)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from client.engine import inbox as inboxes
from client.engine import window
from keys.consent import WithdrawalScope
from keys.errors import LocalError
from tests.hostile.attacked import Attacked, Tray
from tests.kit.offices import Offices

pytestmark = pytest.mark.asyncio(loop_scope="module")
STAFF = {"sav": "Eva Ek", "bops": "Pia Po"}


async def _everything(attacked: Attacked) -> dict[str, Any]:
    counts = {
        table: await attacked.vault.all(f"SELECT * FROM {table}")  # noqa: S608 - constant names
        for table in ("receipt_due", "seen", "quarantine", "recalled", "alarm", "meta")
    }
    return counts | await attacked.state()


STATEMENTS = ["INSERT INTO document", "INSERT OR REPLACE INTO chain", "thread_event", "receipt_due", "INTO seen"]


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_full_disk_leaves_nothing_of_a_document(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """Step 17: when one write fails, document, chain, thread, receipt and cursor are as they were; later all are."""
    tray = await _assert_nothing_stays(attacked, monkeypatch, statement)
    assert (await attacked.inbox().drain(tray)).accepted == 2  # type: ignore[arg-type]


async def _assert_nothing_stays(attacked: Attacked, monkeypatch: pytest.MonkeyPatch, statement: str) -> Tray:
    """Two letters, and a disk that is full at one write of the second; returns them, to be read once it is not."""
    forge, vault = attacked.forge, attacked.vault
    letters = [forge.letter(), forge.letter()]
    tray = await attacked.tray([forge.envelope(letter) for letter in letters])
    before = await _everything(attacked)
    real, left = vault.write, [1]  # the first document passes, the second meets the full disk

    async def write(sql: str, *values: object) -> int:
        if statement in sql:
            left[0] -= 1
            if left[0] < 0:
                raise LocalError("DISK")
        return int(await real(sql, *values))

    with monkeypatch.context() as patch:
        patch.setattr(vault, "write", write)
        with pytest.raises(LocalError) as caught:
            await attacked.inbox().drain(tray)  # type: ignore[arg-type]
    assert caught.value.code == "DISK"
    assert await _everything(attacked) == before
    assert tray.acked < tray.last_n
    return tray


async def test_a_kill_between_commit_and_acknowledgement_shows_once(attacked: Attacked) -> None:
    """Step 18: what is in the vault and was never acknowledged comes again and takes no effect again."""
    letter = attacked.forge.letter()
    envelope = attacked.forge.envelope(letter)

    class Killed(BaseException):
        """The process is gone."""

    class DyingTray(Tray):
        async def ack(self, cursor: int) -> None:
            raise Killed

    tray = await attacked.tray([envelope])
    dying = DyingTray(tray._link, [envelope], start=tray.acked, incarnation=tray._incarnation)
    with pytest.raises(Killed):
        await attacked.inbox().drain(dying)  # type: ignore[arg-type]
    after = await attacked.state()
    async with attacked.vault.transaction():  # the hub's cursor, which stood still, is what a new start reads from
        await attacked.vault.set_number("cursor", tray.acked)
    again = await attacked.inbox().drain(tray)  # type: ignore[arg-type]
    assert (again.handled, again.accepted, again.quarantined) == (1, 0, 0)
    assert tray.acked == tray.last_n
    assert await attacked.state() == after


async def test_the_cursor_of_the_hub_moves_last(attacked: Attacked) -> None:
    """When the hub is told, the document is already durable."""
    letter = attacked.forge.letter()
    found: list[int] = []

    class WatchingTray(Tray):
        async def ack(self, cursor: int) -> None:
            found.append(
                await attacked.vault.value(
                    "SELECT count(*) FROM document WHERE document_id = ?", letter.document.document_id
                )
            )

    tray = await attacked.tray([])
    watching = WatchingTray(
        tray._link, [attacked.forge.envelope(letter)], start=tray.acked, incarnation=tray._incarnation
    )
    await attacked.inbox().drain(watching)  # type: ignore[arg-type]
    assert found == [1]


@pytest.mark.parametrize(("limit", "most"), [("WINDOW", 8), ("WINDOW", 1024), ("WINDOW_BYTES", 8 * 16 * 1024)])
async def test_a_withdrawal_behind_many_documents_takes_effect_first(
    attacked: Attacked, offices: Offices, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    """Twenty documents about a person and her withdrawal behind them: none takes effect or is shown for a moment."""
    monkeypatch.setattr(window, limit, most)
    sav = offices["sav"].desk
    held = sav.consents.sign(offices.consent_fields("sav", ["sav", "bops"], consent_id=bytes([most % 251] * 16).hex()))
    person = {"consent_ref": held.record.consent_id, "principal_ref": held.record.principal_ref}
    body = {"header": person}
    letters = [attacked.forge.letter("hotbild.begaran", body=body, enclosed=[held.parcel]) for _ in range(20)]
    raw = sav.consents.sign_withdrawal(held.consent_id, WithdrawalScope.HELT, recipient=None, purposes=[])
    told = attacked.forge.letter(
        "samtycke.aterkallat", body=body | {"content": {"consent_id": held.record.consent_id}}, enclosed=[raw]
    )
    envelopes = [attacked.forge.envelope(letter) for letter in (*letters, told)]
    shown: list[int] = []

    class WatchingTray(Tray):
        async def ack(self, cursor: int) -> None:
            await super().ack(cursor)
            shown.append(
                await attacked.vault.value("SELECT count(*) FROM document WHERE consent_id = ?", held.consent_id)
            )

    tray = await attacked.tray([])
    watching = WatchingTray(tray._link, envelopes, start=tray.acked, incarnation=tray._incarnation)
    done = await attacked.inbox().drain(watching)  # type: ignore[arg-type]
    assert (set(shown), done.quarantined) == ({0}, 20)
    rows = await attacked.vault.all("SELECT document_id, step, code FROM quarantine")
    codes = {tuple(row[1:]) for row in rows if row[0] in {letter.document.document_id for letter in letters}}
    assert codes == {(16, "CNS-08")}
    assert watching.acked == watching.last_n


async def test_what_no_key_opens_is_tried_once_however_much_waits(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a long absence most of what waits is such, and every key is tried at every slot of it."""
    monkeypatch.setattr(window, "WINDOW", 4)
    for_nobody = [attacked.forge.envelope(attacked.forge.letter(), targets=[]) for _ in range(6)]
    tray = await attacked.tray([*for_nobody, attacked.forge.envelope(attacked.forge.letter())])
    keeper, tried = attacked.office.desk.context.keeper, list[bytes]()
    real = keeper.open_key

    def open_key(envelope: Any, *place: Any) -> bytes:
        tried.append(envelope.raw)
        return real(envelope, *place)

    monkeypatch.setattr(keeper, "open_key", open_key)
    done = await attacked.inbox().drain(tray)  # type: ignore[arg-type]
    assert [tried.count(raw) for raw in for_nobody] == [1] * 6
    assert (done.accepted, done.quarantined) == (1, 6)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_control_without_the_transaction_something_stays(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """Check 17 taken out: when every write is durable by itself, the same full disk leaves half a document."""
    real = attacked.vault._handed_over

    async def at_once(sql: str) -> None:
        if sql not in {"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"}:
            await real(sql)

    with monkeypatch.context() as patch:
        patch.setattr(attacked.vault, "_handed_over", at_once)
        with pytest.raises(AssertionError):
            await _assert_nothing_stays(attacked, monkeypatch, statement)


@pytest.mark.parametrize("is_out", [False, True], ids=["read-anew", "control-read-on"])
async def test_a_mailbox_that_is_numbered_anew_is_read_from_its_start(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch, *, is_out: bool
) -> None:
    """After a restore new envelopes stand before and behind our cursor: both are read. Reading on loses the first."""
    letters = [attacked.forge.letter(), attacked.forge.letter()]
    tray = await attacked.tray([attacked.forge.envelope(letter) for letter in letters])
    cursor = await attacked.vault.number("cursor")
    tray.items = [
        msgspec.structs.replace(item, n=n) for item, n in zip(tray.items, (cursor - 1, cursor + 1), strict=True)
    ]
    tray.last_n, tray._incarnation = cursor + 1, bytes(16)
    if is_out:
        monkeypatch.setattr(inboxes, "reads_anew", lambda *_, **__: False)
    await attacked.inbox().drain(tray)  # type: ignore[arg-type]
    await attacked.inbox().drain(tray)  # type: ignore[arg-type]
    rows = [letter.document.document_id for letter in letters]
    came = await attacked.vault.all("SELECT document_id FROM document WHERE document_id IN (?, ?)", *rows)
    assert len(came) == (1 if is_out else 2)
