"""The unit's own page, the address book, and the telephone, without scripts."""

from __future__ import annotations

import json
import re

from client.api.commands import run
from client.engine.locking import idle_seconds
from client.engine.rounds import BATCH_DAYS
from client.engine.settings import Settings, load_chosen
from client.web.look import day
from keys.places import LAN
from tests.flow.test_page import Both
from tests.flow.test_page import both as both  # noqa: PLC0414 - a fixture
from tests.flow.test_page_approvals import Room
from tests.flow.test_page_approvals import room as room  # noqa: PLC0414 - a fixture
from tests.kit.offices import PASSPHRASE
from tests.kit.today import CONTENTS
from tests.kit.visitor import typed


async def test_the_address_book_is_narrowed_by_the_map_and_by_words(both: Both) -> None:
    """Every county is a link; a county, a type and words leave what fits."""
    asker, _, offices = both
    everything = await asker.get("/units")
    assert len(everything.links("/units?lan=")) == 21
    here = offices.unit("sav").hex()
    names = {one["unit_id"]: one for one in await run(offices["sodermalm"].desk, "units", {})}
    words = names[here]["name_sv"][:3].lower()
    narrow = await asker.post(everything, "/units", text=words, type=names[here]["unit_type"])
    assert (words in narrow.path, narrow.values("text")[-1]) == (False, words)
    assert f"/units/{here}" in narrow.links("/units/")
    assert len(narrow.links("/units/")) < len(everything.links("/units/"))
    county = (names[here]["kommunkod"] or "14")[:2]
    (session,) = asker.page.shared.sessions._sessions.values()
    named, far = session.alias(county), session.alias("25")
    there = await asker.get(f"/units?lan={named}")
    elsewhere = await asker.get(f"/units?lan={far}")
    assert f"/units?lan={named}" in everything.links("/units?lan=")
    assert not [link for link in everything.links("/units?lan=") if link.partition("=")[2] in LAN]
    assert f"/units/{here}" in (await asker.get("/units?lan=25")).links("/units/")  # a county by its code is none
    chosen = await asker.post(everything, "/units", lan=far)
    assert (f"/units/{here}" in chosen.links("/units/"), far in chosen.path) == (False, False)
    assert f"/units/{here}" in there.links("/units/")
    assert f"/units/{here}" not in elsewhere.links("/units/")
    asked = await asker.post(everything, "/write", kind="konsultation.fraga")
    assert "konsultation" not in asked.path
    assert here in (await asker.get(f"{asked.path}?lan={named}")).values("to")
    assert here not in (await asker.get(f"{asked.path}?lan={far}")).values("to")


async def test_how_much_lies_here_is_drawn_and_told(both: Both) -> None:
    """An open thread is in every figure; the same number stands beside its bar."""
    asker, _, offices = both
    await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
    figures = await run(offices["sodermalm"].desk, "load", {})
    assert [(one["flow"], one["open"], one["overdue"]) for one in figures["flows"]] == [("konsultation", 1, 0)]
    assert (figures["waits"], figures["weeks"][-1]["begun"]) == ([1, 0, 0, 0, 0], 1)
    seen = await asker.get("/own")
    assert "Konsultation 1" in seen.text
    assert seen.source.count('<svg class="bar"') == 1 + 5 + 12


async def test_the_unit_sees_its_keys_and_what_the_directory_says_of_it(both: Both) -> None:
    """Since when each machine's keys hold, which missed a change, the card, and the words that others compare."""
    asker, adviser, offices = both
    desk = offices["sav"].desk
    (own,) = await run(desk, "staff", {})
    seen = await adviser.get("/own")
    assert f"sedan {day(own['keys_since'])}" in seen.text
    assert f"intyget gäller till {day(own['certified_until'])}" in seen.text
    assert "gamla" not in seen.text
    words = (await run(desk, "fingerprint", {}))["words"]
    other = await asker.get(f"/units/{offices.unit('sav').hex()}")
    assert words in seen.text
    assert words in other.text
    told = other.text.partition("Så arbetar enheten")[2].partition("Uppgifterna är undertecknade")[0].strip()
    assert "Ger råd till andra kommuner ja" in told
    assert told in seen.text
    dial = desk.context.clock.now() + (2 * BATCH_DAYS + 1) * 86_400
    desk.context.clock._now = lambda: float(dial)
    assert "gamla: starta datorn" in (await adviser.get("/own")).text


async def test_the_idle_time_is_chosen_within_bounds_and_never_none(both: Both) -> None:
    """It holds from the next unlocking on, also after a new start, and never longer than the operator's."""
    asker, _, offices = both
    desk = offices["sodermalm"].desk
    seen = await asker.get("/settings")
    for wrong in ("0", "-1", "16", "3", "aldrig", "", "99999999999"):
        assert (await asker.post(seen, "/settings", minutes=wrong)).status >= 400, wrong
    done = await asker.post(seen, "/settings", minutes="10")
    assert "efter 5 minuter" in done.text
    assert [attrs["value"] for _, attrs in done.elements if "selected" in attrs] == ["sv", "10"]
    desk.locking.lock()
    await desk.locking.unlock(PASSPHRASE)
    assert "efter 10 minuter" in (await asker.get("/settings")).text
    assert 'content="600; url=/away"' in (await asker.get("/")).source
    assert desk.locking._process is not None
    assert desk.locking._process.idle_seconds == 600
    file = desk.locking._file
    for minutes, chosen, expected in ((None, 10, 600), (2, 10, 120), (30, 10, 600), (0, 10, 600), (0, 0, 0)):
        settings = Settings(lock_after_minutes=minutes)
        kept = load_chosen(file) if chosen else load_chosen(file.with_name("missing"))
        assert idle_seconds(settings, kept, page=True) == expected
    assert idle_seconds(Settings(), load_chosen(file), page=False) == 0
    file.write_text("lock_after_minutes = 0\n", "utf-8")
    assert idle_seconds(Settings(), load_chosen(file), page=True) == 300


async def test_work_goes_to_a_colleague_until_a_day(room: Room) -> None:
    """Until and including; a day that has gone by is told, and nobody ends it."""
    units, at = room
    eva = at["sav/eva"]
    staff = {one["name"]: one for one in await run(units["sav/eva"].desk, "staff", {})}
    seen = await eva.get("/own")
    gone = await eva.post(seen, "/own/stand-in", to=staff["Bo Berg"]["device_id"], until="2020-01-01")
    assert gone.status == 422
    today = next(attrs["min"] for _, attrs in seen.elements if attrs.get("name") == "until")
    done = await eva.post(seen, "/own/stand-in", to=staff["Bo Berg"]["device_id"], until=today)
    assert "Bo Berg går in till" in done.text
    ended = await eva.post(done, "/own/stand-in", to="", until="")
    assert "Bo Berg går in till" not in ended.text


async def test_a_colleagues_machine_is_ended_from_the_page(room: Room) -> None:
    """Only with the box ticked, and only of the own unit; the directory knows of it at once."""
    units, at = room
    eva, bo = at["sav/eva"], units["sav/bo"].desk.context.device_id.hex()
    seen = await eva.get("/own")
    assert (await eva.post(seen, "/own/revoke", device_id=bo, reason="lost")).status == 422
    pia = units["bops/pia"].desk.context.device_id.hex()
    assert (await eva.post(seen, "/own/revoke", device_id=pia, reason="lost", sure="ja")).status == 422
    done = await eva.post(seen, "/own/revoke", device_id=bo, reason="lost", sure="ja")
    assert "Datorn är avstängd för gott." in done.text
    staff = {one["name"]: one["active"] for one in await run(units["sav/eva"].desk, "staff", {})}
    assert staff == {"Eva Ek": True, "Bo Berg": False}
    assert "Avstängd av Eva Ek" in done.text
    assert "borttappad eller stulen" in done.text


async def test_who_read_what_stands_in_the_log(room: Room) -> None:
    """The page tells what the command tells, in words."""
    _, at = room
    seen = await at["sav/bo"].get("/own/log")
    assert "Läst om hot och placering" in seen.text


async def test_a_caller_gets_a_code_and_comes_back_with_it(both: Both) -> None:
    """The code stands on one page only; what was typed before is kept; with it the contact is found, without it not."""
    _, sav, offices = both
    start = await sav.get("/call")
    form = await sav.post(start, "/call", act="begin")
    fields = typed({name: value for name, value in CONTENTS["intag.kontakt"].items() if name != "return_code_check"})
    shown = await sav.post(form, f"{form.path}/code", fields)
    found = re.search(r"(?:[0-9A-Z]{4} ){3}[0-9A-Z]{4}", shown.text)
    assert found is not None
    code = found[0]
    form = await sav.get(form.path)
    assert "Personen har fått en kod." in form.text
    kept = form.values("content.return_code_check")
    assert kept != [""]
    assert code.replace(" ", "") not in form.source
    reviewed = await sav.post(form, form.path, {**fields, "content.return_code_check": kept}, act="review")
    assert "Spara i enheten" in reviewed.text
    sav.page.shared.held.undo_seconds = 0
    await sav.post(reviewed, form.path, act="send")
    await sav.page.shared.held.send_due()
    back = await sav.post(start, "/call", act="find", code=code.lower())
    assert back.path.startswith("/thread/")
    assert "Intag – kontakt" in back.text
    wrong = await sav.post(start, "/call", act="find", code="0000 0000 0000 0000")
    assert wrong.status == 422
    assert "Ingen kontakt här har den koden" in wrong.text
    assert await offices["sav"].desk.context.vault.value("SELECT count(*) FROM outbox") == 0


async def test_an_identity_number_is_looked_at_while_one_types(both: Both) -> None:
    """Its form, and a wrong check digit."""
    asker, _, _ = both
    seen = await asker.get("/")

    async def look(text: str) -> dict[str, str]:
        told: dict[str, str] = json.loads((await asker.post(seen, "/identity", text=text)).source)
        return told

    assert await look("198112189876") == {
        "shown": "19811218-9876",
        "wrong": "",
        "right": "Kontrollsiffran stämmer.",
    }
    assert "Kontrollsiffran" in (await look("8112189877"))["wrong"]
    assert "ser inte ut" in (await look("hej"))["wrong"]


async def test_a_sentence_is_not_lost_to_a_part_of_a_page(both: Both) -> None:
    """What is fetched to renew a page that is about to go shows no sentence, and takes none from the next page."""
    asker, _, _ = both
    (session,) = asker.page.shared.sessions._sessions.values()
    session.notice = "Noterat."
    part = await asker.get("/", **{"X-Refresh": "1"})
    assert "Noterat." not in part.text
    assert "Noterat." in (await asker.get("/")).text
    assert "Noterat." not in (await asker.get("/")).text
