"""Help on the page: from every form to the chapter of its flow, without scripts, also where there is no office yet."""

from __future__ import annotations

from pathlib import Path

from client.casework.kinds.registry import KINDS
from client.engine.folder import Folder
from client.web.handbook import chapter_of, chapters
from client.web.sessions import Session
from tests.flow.test_page import Both
from tests.flow.test_page import both as both  # noqa: PLC0414 - a fixture
from tests.flow.test_page_first import starting
from tests.flow.test_page_languages import swedish
from tests.kit.visitor import Seen, Visitor


def addresses(seen: Seen) -> dict[str, str]:
    """Where each chapter is found in the session of a page."""
    (token,) = [attrs["content"] for _, attrs in seen.elements if attrs.get("name") == "form-token"]
    return {f"/help/{Session(token).alias(name)}": name for name in chapters("sv")}


def at(seen: Seen, chapter: str) -> str:
    """The address of a chapter."""
    return next(address for address, name in addresses(seen).items() if name == chapter)


def led(seen: Seen) -> set[str]:
    """The chapters that a page leads to; no address tells which."""
    known = addresses(seen)
    assert not [name for name in chapters("sv") if f"/help/{name}" in known]
    return {known[link] for link in seen.links("/help/")}


async def test_every_form_leads_to_the_chapter_of_its_flow(both: Both) -> None:
    """Of every kind of document, and there the guide is read."""
    visitor, _, offices = both
    seen = await visitor.get("/write")
    for kind in KINDS.values():
        form = await visitor.post(seen, "/drafts", kind=kind.name, to=offices.unit("sav").hex())
        assert led(form) == {chapter_of(kind.flow)}, kind.name
    for name, chapter in chapters("sv").items():
        told = await visitor.get(at(seen, name))
        assert (told.status, chapter.title in told.text) == (200, True)


async def test_every_page_leads_to_a_chapter(both: Both) -> None:
    """Those of the menu and what stands behind them; an unknown chapter leads to the list of all."""
    visitor, _, offices = both
    await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
    thread = (await visitor.get("/?view=all")).links("/thread/")[0]
    assert led(await visitor.get(thread)) == {"f1"}
    for path in ("/", "/write", "/call", "/approvals", "/consents", "/units", "/own", "/settings", "/kit", "/aside"):
        (chapter,) = led(await visitor.get(path))
        assert chapter in chapters("sv"), path
    assert led(await visitor.get("/help/f1")) == set(chapters("sv"))


async def test_who_reads_english_reads_the_guide_in_english(both: Both) -> None:
    """At the same addresses, and nothing of the guide or around it is left in Swedish."""
    visitor, _, _ = both
    await visitor.post(await visitor.get("/settings"), "/language", lang="en")
    seen = await visitor.get(at(await visitor.get("/help"), "f1"))
    assert chapters("en")["f1"].title in seen.text
    assert chapters("sv")["f1"].title not in seen.text
    assert swedish(seen) == set()
    assert led(seen) == set(chapters("sv"))


async def test_the_guide_is_there_while_the_keys_are_locked_and_tells_nothing(both: Both) -> None:
    """No menu, and everything else still leads to the page that unlocks."""
    visitor, _, _ = both
    locked = await visitor.post(await visitor.get("/"), "/lock")
    assert led(locked) == {"forsta-gangen"}
    seen = await visitor.get(at(locked, "f10"))
    assert (seen.status, seen.links("/own")) == (200, [])
    assert (await visitor.get("/own")).path == "/unlock"


async def test_help_before_there_is_an_office(tmp_path: Path) -> None:
    """The first start leads to its chapter; a stranger sees none of it."""
    async with starting(Folder(tmp_path / "office")) as somebody:
        assert (await Visitor.get(somebody, "/help")).status == 403
        inside = await somebody.come_in()
        assert led(inside) == {"forsta-gangen"}
        seen = await somebody.get(at(inside, "forsta-gangen"))
        assert "Välj en lösenfras" in seen.text
        assert seen.links("/own") == []
