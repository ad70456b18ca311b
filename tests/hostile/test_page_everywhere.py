"""The attacks on the page, tried at every address of the router and with every kind of document: none is forgotten."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.engine.folder import Folder
from client.engine.writing import Order
from client.web import routes
from client.web.first import FirstStart
from keys.statements import Profile
from tests.flow.test_page_first import Newcomer
from tests.hostile.test_page import SCRIPT
from tests.kit.attached import staged
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS
from tests.kit.units import Units, open_units
from tests.kit.visitor import Seen, Visitor, typed, visiting

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}
#: What an address without a session may be asked for.
DOOR = "/enter"
#: A form of which the ticket in the address is checked instead of the token in the form.
STREAMED = "/upload/"
EVIL = "http://evil.example"


def filled(path: str) -> str:
    """An address of the router with something in its gaps."""
    path = re.sub(r"\{way:(\w+)\|\w+\}", r"\1", path).replace("{number}", "1")
    return re.sub(r"\{\w+\}", "0" * 32, path)


ROWS = [(route.method, filled(route.path)) for route in routes.ROUTES]


async def statuses(
    http: aiohttp.ClientSession, origin: str, rows: Iterable[tuple[str, str]], data: dict[str, str], **headers: str
) -> dict[str, int]:
    """What each address answers to this; redirects are not followed."""
    found = {}
    for method, path in rows:
        body = data if method == "POST" else None
        sent = {"Origin": origin, **headers} if method == "POST" or path == "/live" else headers
        async with http.request(method, origin + path, data=body, headers=sent, allow_redirects=False) as answer:
            found[f"{method} {path}"] = answer.status
    return found


@pytest.fixture
async def room(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[tuple[Units, Visitor]]:
    """Three desks; somebody at ``sav/eva``'s page."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as units, visiting(units["sav/eva"].desk) as visitor:
        yield units, visitor


async def test_no_address_answers_a_stranger_or_another_site(room: tuple[Units, Visitor]) -> None:
    """Without a cookie, with an ended one, under another name, from another site, without the form's token."""
    _, visitor = room
    http, origin = visitor.http, visitor.origin
    inside = [row for row in ROWS if row[1] != DOOR]
    changing = [row for row in inside if row[0] == "POST"]
    assert len(inside) > 50
    assert len(changing) > 15
    assert set((await statuses(http, origin, inside, {"form_token": "0" * 64})).values()) == {403}
    home = await visitor.enter()
    token = {"form_token": home.values("form_token")[0]}
    assert set((await statuses(http, origin, ROWS, token, Host="evil.example")).values()) == {421}
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert set((await statuses(http, origin, inside, token, **cross)).values()) == {403}
    assert set((await statuses(http, origin, changing, token, Origin=EVIL)).values()) == {403}
    assert set((await statuses(http, origin, changing, {"form_token": "0" * 64})).values()) == {403}
    assert set((await statuses(http, origin, changing, {})).values()) == {403}
    stolen = {cookie.key: cookie.value for cookie in http.cookie_jar}
    await visitor.post(home, "/leave")
    async with aiohttp.ClientSession(cookies=stolen) as thief:
        assert set((await statuses(thief, origin, inside, token)).values()) == {403}


async def test_every_answer_forbids_frames_and_foreign_scripts(room: tuple[Units, Visitor]) -> None:
    """Pages, refusals and redirects of every address."""
    _, visitor = room
    await visitor.enter()
    for method, path in [row for row in ROWS if row[1] != "/live"]:
        async with visitor.http.request(method, visitor.origin + path, allow_redirects=False) as answer:
            headers = answer.headers
            assert headers["X-Frame-Options"] == "DENY", path
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
            assert "unsafe" not in headers["Content-Security-Policy"], path
            assert headers["Cache-Control"] == "no-store", path


async def test_the_first_start_answers_no_stranger_either(tmp_path: Path) -> None:
    """The same for every address that there is before there is an office; no keys were made."""
    folder = Folder(tmp_path / "office")
    start = FirstStart(folder, Profile.DEMO, lambda _: NotImplemented)
    rows = [(route.method, filled(route.path)) for route in start.routes if route.path != DOOR]
    address = await start.open()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            somebody = Newcomer(address, http)
            assert set((await statuses(http, somebody.origin, rows, {})).values()) == {403}
            token = {"form_token": (await somebody.come_in()).values("form_token")[0]}
            changing = [row for row in rows if row[0] == "POST"]
            assert set((await statuses(http, somebody.origin, rows, token, Host="evil.example")).values()) == {421}
            assert set((await statuses(http, somebody.origin, changing, token, Origin=EVIL)).values()) == {403}
            assert set((await statuses(http, somebody.origin, changing, {})).values()) == {403}
    finally:
        await start.close()
    assert not folder.passphrase.exists()


# -- script and imitation ---------------------------------------------------------------------------------------------


def texts(fields: Iterable[FieldInfo], at: str) -> dict[str, Any]:
    """A script in every text of a form, also within its blocks, of which there is one each."""
    found: dict[str, Any] = {}
    for one in fields:
        place = f"{at}.{one.name}"
        if one.spec.holds is FieldType.GROUP:
            place = f"{place}.0" if one.spec.many else place
            found |= {f"rows:{at}.{one.name}": "1"} if one.spec.many else {}
            found |= texts(one.children, place)
        elif one.spec.holds is not FieldType.BOOL and one.spec.codes is None:
            found[place] = SCRIPT
    return found


def harmless(seen: Seen) -> bool:
    """No element of the text has become one, and the only script is the page's own."""
    tags = [tag for tag, _ in seen.elements]
    attributes = [(tag, name) for tag, attrs in seen.elements for name in attrs]
    made = [attrs for _, attrs in seen.elements if attrs.get("src") == "x"]
    return tags.count("script") == 1 and not made and not any(name.startswith("on") for _, name in attributes)


@pytest.mark.timeout(300)
async def test_script_in_every_text_of_every_form_is_text(room: tuple[Units, Visitor]) -> None:
    """As typed into a draft of each kind, header and blocks too, and as told with the errors; a consent's form too."""
    units, visitor = room
    home = await visitor.enter()
    for kind in KINDS.values():
        form = await visitor.post(home, "/drafts", kind=kind.name, to=units.unit("sodermalm").hex())
        scripted = {**texts(describe(kind.name), "content"), **texts(describe_header(), "header")}
        shown = await visitor.post(form, form.path, scripted, act="review")
        assert harmless(shown), kind.name
        assert SCRIPT in html.unescape(shown.source), kind.name
    record = dict.fromkeys(("record.signed_place", "record.original_location", "record.limits"), SCRIPT)
    assert harmless(await visitor.post(home, "/consents/new", {**record, "act": "save"}))


async def test_script_in_names_notes_and_reasons_is_text(room: tuple[Units, Visitor], tmp_path: Path) -> None:
    """A file's name, a note, a search, a number, a reason, a code: wherever somebody may write."""
    units, visitor = room
    eva = units["sav/eva"].desk
    home = await visitor.enter()
    files = await staged(eva, tmp_path, {f"{SCRIPT}.pdf": b"%PDF-1.7\n"})
    content = {**CONTENTS["intag.kontakt"], "safe_contact": SCRIPT}
    order = Order(kind="intag.kontakt", to_unit=eva.context.unit_id, content=content, attachments=files)
    thread = f"/thread/{(await eva.writing.write(order)).thread_id.hex()}"
    noted = await visitor.post(home, thread, act="note", text=SCRIPT)
    assert SCRIPT in noted.text
    forms: list[tuple[str, dict[str, str]]] = [
        ("/search", {"text": SCRIPT}), ("/call", {"act": "find", "code": SCRIPT[:40]}),
        ("/refusal/0", {"what": "helt", "note": SCRIPT}), ("/language", {"lang": SCRIPT}),
        (thread, {"act": "hand", "to": SCRIPT}), ("/own/revoke", {"device_id": SCRIPT, "reason": SCRIPT}),
    ]  # fmt: skip
    seen = [noted, await visitor.get(thread), await visitor.get(f"{thread}/print"), await visitor.get("/")]
    seen += [await visitor.post(home, path, fields) for path, fields in forms]
    seen += [
        await visitor.post(home, "/units", text=SCRIPT, type=SCRIPT),
        await visitor.get(f"/?view={SCRIPT}&flow={SCRIPT}"),
    ]
    for one in seen:
        assert harmless(one), one.path


IMITATION = (
    "\n\nGodkänt av Bo Berg\nRegistrerad hos mottagaren\n\n[Skicka till Bops Väst]\n=======\nSluss: skriv din lösenfras"
)


async def test_a_text_that_imitates_the_page_stays_within_its_document(room: tuple[Units, Visitor]) -> None:
    """It stands as text, in the frame of its document and of its field; no heading, state or button comes of it."""
    units, visitor = room
    question = {**CONTENTS["konsultation.fraga"], "situation": "Någon vill lämna." + IMITATION}
    for situation in (CONTENTS["konsultation.fraga"]["situation"], question["situation"]):
        order = Order(
            kind="konsultation.fraga", to_unit=units.unit("sav"), content={**question, "situation": situation}
        )
        await units["sodermalm/olle"].desk.writing.write(order)
    await units.settle()
    await visitor.enter()
    pages = [await visitor.get(link) for link in dict.fromkeys((await visitor.get("/?view=new")).links("/thread/"))]
    plain, imitating = sorted(pages, key=lambda seen: "Registrerad hos" in seen.text)
    shapes = [[(tag, attrs.get("class", "")) for tag, attrs in seen.elements] for seen in (plain, imitating)]
    assert shapes[0] == shapes[1]
    (field,) = re.findall(r'<span class="text">[^<]*lösenfras</span>', imitating.source)
    assert field.count("\n") == IMITATION.count("\n")
    article = imitating.source.partition("<article")[2].partition("</article>")[0]
    assert field in article


async def test_marks_that_turn_the_writing_do_not(room: tuple[Units, Visitor]) -> None:
    """A text cannot be made to read backwards: a document is refused, and in a note each stands as a sign."""
    units, visitor = room
    home = await visitor.enter()
    question = typed(CONTENTS["konsultation.fraga"])
    form = await visitor.post(home, "/drafts", kind="konsultation.fraga", to=units.unit("sodermalm").hex())
    assert (await visitor.post(form, form.path, question, act="review")).status == 200
    written = await units["sav/eva"].desk.writing.write(units.ask("sodermalm"))
    thread = f"/thread/{written.thread_id.hex()}"
    for turned in ("\u202e", "\u2066", "\u0007", "\u009b"):
        text = f"Någon {turned}vill lämna."
        assert (
            await visitor.post(form, form.path, {**question, "content.situation": text}, act="review")
        ).status == 422
        await visitor.post(home, thread, act="note", text=text)
    seen = await visitor.get(thread)
    assert seen.text.count("Någon \ufffdvill lämna.") == 4
    assert not set(seen.source) & set("\u202e\u2066\u0007\u009b")


async def test_every_page_hears_that_nothing_may_be_seen(room: tuple[Units, Visitor]) -> None:
    """Whatever shows something carries what its script listens by, and goes by itself where there are no scripts."""
    units, visitor = room
    await visitor.enter()
    written = await units["sav/eva"].desk.writing.write(units.ask("sodermalm"))
    thread = f"/thread/{written.thread_id.hex()}"
    paths = [path for method, path in ROWS if method == "GET" and path not in {"/live", "/hidden", "/away"}]
    watched = 0
    for path in [*paths, thread, f"{thread}/print"]:
        seen = await visitor.get(path)
        if "text/html" not in seen.headers["Content-Type"] or seen.path == "/enter":
            continue
        names = [attrs.get("name") for tag, attrs in seen.elements if tag == "meta"]
        assert "seen" in names, path
        assert '<noscript><meta http-equiv="refresh" content="300; url=/away">' in seen.source, path
        watched += 1
    assert watched > 30
