"""What was kept aside, on the page: why, what to do, and how somebody has dealt with it."""

from __future__ import annotations

from client.casework.header import MAX_DNR
from client.web.pages.reviewing import WAY
from tests.flow.test_page import Both
from tests.flow.test_page import both as both  # noqa: PLC0414 - a fixture

ENVELOPE = "ab" * 16
NOTE = "Ringde Olle, han skickar på nytt."


async def test_what_was_kept_aside_is_counted_told_and_dealt_with(both: Both) -> None:
    """Nothing written changes nothing; with a note it is off the count, and stays to be seen."""
    _, adviser, offices = both
    vault = offices["sav"].desk.context.vault
    async with vault.transaction():
        await vault.write(
            "INSERT INTO quarantine (envelope_id, step, code, unit_id, document_id, envelope, at)"
            " VALUES (?, 4, 'SIG', NULL, NULL, x'00', 1700000000)",
            bytes.fromhex(ENVELOPE),
        )
    home = await adviser.get("/")
    assert "1 mottagna som inte kunde godkännas" in home.text
    seen = await adviser.get("/aside")
    assert ("(SIG)" in seen.text, seen.values("envelope_id")) == (True, [ENVELOPE])
    empty = await adviser.post(seen, "/aside/handled", envelope_id=ENVELOPE)
    assert (empty.status, "Skriv ett diarienummer" in empty.text) == (422, True)
    (jot,) = seen.values("jot")
    for dnr in ("", "D" * (MAX_DNR + 1)):  # of an envelope that is not there; a number that is too long
        unknown = ENVELOPE if dnr else "00" * 16
        wrong = await adviser.post(seen, "/aside/handled", envelope_id=unknown, note=NOTE, dnr=dnr, jot=jot)
        assert (wrong.status, wrong.values("dnr")) == (422, [dnr])
        again = await adviser.get("/aside")
        assert (again.values("dnr"), f">{NOTE}</textarea>" in again.source) == ([dnr], True)
    assert "Något att se över som inte är klart" in (await adviser.get("/")).text
    done = await adviser.post(seen, "/aside/handled", envelope_id=ENVELOPE, note=NOTE)
    assert (done.status, done.values("envelope_id"), NOTE in done.text) == (200, [], True)
    assert "Eva Ek" in done.text
    assert await adviser.page.shared.jottings.all() == []
    assert "mottagna som inte" not in (await adviser.get("/")).text


async def test_a_thread_tells_the_way_of_each_document_in_words(both: Both) -> None:
    """With times; and why one was refused, with what to do."""
    asker, _, offices = both
    office = offices["sodermalm"]
    written = await office.desk.writing.write(offices.ask("sav"))
    await offices.settle()
    thread = await asker.get(f"/thread/{written.thread_id.hex()}")
    assert "Så långt har det kommit: köat" in thread.text
    assert any(means in thread.text for _, _, means in WAY)
    async with office.desk.context.vault.transaction():
        await office.desk.context.vault.write("UPDATE document SET state = 'refused', code = 'DIR'")
    refused = await asker.get(f"/thread/{written.thread_id.hex()}")
    sentence = refused.source.partition('<p class="why">')[2].partition(" <span")[0]
    assert len(sentence) > 20
    assert "DIR" not in sentence
