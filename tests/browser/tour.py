"""Every page there is, each in the states that look different: how one gets there.

A stop names the template that it shows and, where it is one, the address of the router that it stands for. A test holds
the stops against the router and against the folder of templates, so a new page cannot be forgotten.

async with world(path, hub, federation, browser) as here:
    for stop in STOPS:
        tab = await stop.reach(here, "sv")
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from client.api.commands import run
from client.casework.kinds.registry import KINDS
from client.engine.folder import Folder
from client.engine.writing import Order
from client.web.first import FirstStart
from client.web.handbook import chapters
from client.web.server import Page
from keys.statements import Profile
from tests.browser.desk import Hall, address
from tests.flow.test_approvals import KIND, ask, consent_of
from tests.kit import attached
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, CONTENTS, PASSPHRASE, redirect
from tests.kit.units import Units, open_units
from tests.kit.visitor import typed

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po", "sodermalm/olle": "Olle Ohlin"}
QUESTION, CONTACT = "konsultation.fraga", "intag.kontakt"
_WAYS = ("supplement", "renew", "print")


@dataclasses.dataclass
class World:
    """The offices with something on every page, their tabs by office and language, and ids of what is there."""

    path: Path
    hub: HubProcess
    federation: Federation
    hall: Hall
    units: Units
    known: dict[str, str] = dataclasses.field(default_factory=dict)
    tabs: dict[tuple[str, str], Tab] = dataclasses.field(default_factory=dict)
    starts: dict[str, Start] = dataclasses.field(default_factory=dict)

    async def tab(self, key: str, lang: str) -> Tab:
        """The tab of an office's person who reads in that language; always the same one."""
        if (key, lang) not in self.tabs:
            self.tabs[key, lang] = await self.hall.enter(key, lang=lang)
        return self.tabs[key, lang]


@dataclasses.dataclass
class Start:
    """A first start that stands open."""

    first: FirstStart
    folder: Folder
    tab: Tab


Reach = Callable[[World, str], Awaitable[Tab]]


@dataclasses.dataclass(frozen=True)
class Stop:
    """One page in one state.

    Args:
        name: for people.
        template: that it shows, without ``.html``.
        route: the address of the router that it stands for; empty where a form leads there.
        reach: how one gets there, in a language.
        long: one of very many that are alike; only the whole matrix has it.
    """

    name: str
    template: str
    route: str
    reach: Reach
    long: bool = False


async def submit(tab: Tab, path: str, fields: dict[str, Any]) -> None:
    """Send a form to an address of this page, with its token; values may be lists."""
    pairs = [(name, one) for name, many in fields.items() for one in (many if isinstance(many, list) else [many])]
    async with tab.expect_navigation():
        await tab.evaluate(
            """([path, pairs]) => {
              const form = document.createElement("form");
              form.method = "post"; form.action = path;
              const token = document.querySelector("[name=form_token]").value;
              for (const [name, value] of [...pairs, ["form_token", token]]) {
                const field = document.createElement("textarea");
                field.name = name; field.value = value; form.append(field);
              }
              document.body.append(form); HTMLFormElement.prototype.submit.call(form);
            }""",
            [path, pairs],
        )


# -- ways -------------------------------------------------------------------------------------------------------------


def plain(path: str, key: str = "sav/eva") -> Reach:
    """Just an address; names in braces are ids of the world."""

    async def reach(here: World, lang: str) -> Tab:
        tab = await here.tab(key, lang)
        await tab.goto(address(tab) + path.format(**here.known))
        return tab

    return reach


def sent(path: str, fields: dict[str, Any], key: str = "sav/eva", at: str = "/settings") -> Reach:
    """What a form answers."""

    async def reach(here: World, lang: str) -> Tab:
        tab = await plain(at, key)(here, lang)
        await submit(tab, path.format(**here.known), fields)
        return tab

    return reach


def draft(kind: str, act: str = "", values: dict[str, Any] | None = None, to: str = "sodermalm") -> Reach:
    """A new draft of a kind; perhaps filled in, and a button pressed."""

    async def reach(here: World, lang: str) -> Tab:
        tab = await plain("/settings")(here, lang)
        own = KINDS[kind].local
        unit = here.units.unit("sav" if own else to).hex()
        await submit(tab, "/drafts", {"kind": kind, "to": unit})
        if act:
            await submit(tab, tab.url.partition("#")[0], {**typed(values or {}), "act": act})
        return tab

    return reach


async def changed(here: World, lang: str) -> Tab:
    """Something else stands in the draft than what was looked at."""
    tab = await draft(QUESTION, "review", CONTENTS[QUESTION])(here, lang)
    await submit(tab, tab.url, {"act": "send", "reviewed": ""})
    return tab


async def leaving(here: World, lang: str) -> Tab:
    """Sent, and still to be taken back."""
    here.hall.pages["sav/eva"].shared.held.undo_seconds = 600
    tab = await draft(QUESTION, "review", CONTENTS[QUESTION])(here, lang)
    async with tab.expect_navigation():
        await tab.locator("button[value=send]").click()
    return tab


async def files_of_draft(here: World, lang: str) -> Tab:
    """A draft with a file, and room for more."""
    tab = await draft(CONTACT, "files", {})(here, lang)
    source = here.path / "Brev från skolan.pdf"
    source.write_bytes(attached.PDF)
    await tab.locator("input[type=file]").set_input_files(source)
    async with tab.expect_navigation():
        await tab.locator("form[enctype] button").click()
    return tab


async def code(here: World, lang: str) -> Tab:
    """The code for a caller."""
    tab = await draft(CONTACT)(here, lang)
    await submit(tab, f"{tab.url}/code", {})
    return tab


def chapter(name: str) -> Reach:
    """A chapter of the guide, by its link: no address tells which it is."""

    async def reach(here: World, lang: str) -> Tab:
        tab = await plain("/help")(here, lang)
        await turned_to(tab, name)
        return tab

    return reach


async def turned_to(tab: Tab, name: str) -> None:
    """From the list of chapters to one of them; to none where no name is given."""
    if name:
        await tab.locator(".handbook__list a").nth(list(chapters("sv")).index(name)).click()
        await tab.wait_for_url("**/help/*")


def kit(part: str) -> Reach:
    """The recovery kit: the first share, or its rehearsal, perhaps with wrong words."""

    async def reach(here: World, lang: str) -> Tab:
        tab = await sent("/kit", {"act": "begin"})(here, lang)
        if part != "share":
            await tab.goto(f"{address(tab)}/kit")
        if part == "wrong":
            await submit(tab, "/kit", {"act": "rehearse", "share1": "ett två", "share2": "tre", "share3": "fyra"})
        return tab

    return reach


async def withdrawn(here: World, lang: str) -> Tab:
    """A consent of which somebody was told, withdrawn."""
    consent_id = await consent_of(here.units, "sav/eva")
    return await sent(f"/consents/{consent_id}/withdraw", {"received_how": "telefon", "scope": "helt"})(here, lang)


async def hidden(here: World, lang: str) -> Tab:
    """Somebody hid the page; in a browser of its own, because every tab of it is hidden then."""
    tab = await here.hall.enter("sav/eva", lang=lang)
    await tab.goto(f"{address(tab)}/hidden")
    return tab


async def stranger(here: World, lang: str) -> Tab:
    """Somebody without a ticket."""
    context = await here.hall.browser.new_context()
    tab = await context.new_page()
    await tab.goto(address(await here.tab("sav/eva", lang)) + "/")
    return tab


def locked(*, wrong: bool) -> Reach:
    """The page that unlocks; of an office that stays locked from here on."""

    async def reach(here: World, lang: str) -> Tab:
        tab = await plain("/", "sodermalm/olle")(here, lang)
        if not tab.url.endswith("/unlock"):
            await submit(tab, "/lock", {})
        await tab.wait_for_load_state("networkidle")  # a page that is locked goes there by itself, too
        if wrong:
            await submit(tab, "/unlock", {"passphrase": "inte den"})
        return tab

    return reach


def first(step: str) -> Reach:
    """A first start, up to a step; each language has its own, which goes from step to step."""

    async def reach(here: World, lang: str) -> Tab:
        if step == "passphrase":
            here.starts[lang] = await _begun(here, lang, Folder(here.path / f"first-{lang}"))
        start = here.starts[lang]
        if step == "wrong":
            await submit(start.tab, "/passphrase", {"passphrase": PASSPHRASE, "again": "en annan"})
        if step == "approval":
            await submit(start.tab, "/passphrase", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
        if step == "reopen":
            await start.first.close()
            here.starts[lang] = start = await _begun(here, lang, start.folder)
        if step == "compare":
            await submit(start.tab, "/passphrase", {"passphrase": PASSPHRASE})
            answer = await start.tab.request.get(f"{address(start.tab)}/sluss-begaran.slk")
            approval = here.federation.approve("sodermalm", await answer.body(), "Tove Tall", roles=ALL_ROLES)
            file = here.path / "approval.slk"
            file.write_bytes(redirect(approval, here.hub.url))
            await start.tab.locator("#approval").set_input_files(file)
            async with start.tab.expect_navigation():
                await start.tab.locator("form[enctype] button").click()
        if step.startswith("/"):
            await start.tab.goto(address(start.tab) + "/help")
            await turned_to(start.tab, step.removeprefix("/help").removeprefix("/"))
        return start.tab

    return reach


async def _begun(here: World, lang: str, folder: Folder) -> Start:
    async def nowhere(_: str) -> str:
        raise AssertionError("the tour does not open the office")

    begun = FirstStart(folder, Profile.DEMO, nowhere)
    tab = await (await here.hall.browser.new_context()).new_page()
    await tab.goto(await begun.open())
    await tab.wait_for_url("**/")
    if lang != "sv":
        await submit(tab, "/language", {"lang": lang, "back": "/"})
    return Start(begun, folder, tab)


# -- what is there ----------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def world(path: Path, hub: HubProcess, federation: Federation, browser: Browser) -> AsyncIterator[World]:
    """Four desks of three units, with something on every page; the pages say that it is a demonstration."""
    async with open_units(path, hub.url, federation, STAFF) as units:
        pages = {key: Page(office.desk, demonstration=True) for key, office in units.items()}
        for page in pages.values():
            await page.open(0)
        here = World(path, hub, federation, Hall(browser, units, pages), units)
        try:
            await _furnish(here)
            for lang in ("sv", "en"):
                await here.tab("sodermalm/olle", lang)  # the last stops lock that office
            yield here
        finally:
            for start in here.starts.values():
                await start.first.close()
            for page in pages.values():
                await page.close()


async def _furnish(here: World) -> None:
    """A question, a file, approvals in both states, a consent with its history, an alarm, a reading, a note."""
    units, known = here.units, here.known
    eva, bo, olle = (units[key].desk for key in ("sav/eva", "sav/bo", "sodermalm/olle"))
    asked = await olle.writing.write(units.ask("sav"))
    with_file = await attached.send(units, here.path, {"Beslut.pdf": attached.PDF}, sender="sav/eva", to="bops/pia")
    noted = await ask(units)
    await units.settle()
    await run(bo, "decline", {"document_id": noted["document_id"], "reason": "Fel ort."})
    await run(eva, "note", {"thread_id": asked.thread_id.hex(), "text": "Ring Olle efter lunch."})
    waits = await ask(units)
    await units.settle()
    await run(units["bops/pia"].desk, "show", {"document_id": with_file.document_id.hex(), "reason": "handlaggning"})
    local = await eva.writing.write(
        Order(
            kind=CONTACT,
            to_unit=eva.context.unit_id,
            content={**CONTENTS[CONTACT], "return_code_check": None},
            attachments=await attached.staged(eva, here.path, {"Brev.pdf": attached.PDF}),
        )
    )
    async with eva.context.vault.transaction():
        for alarm in ("QUARANTINE", "FORK"):
            await eva.context.alarms.raise_(alarm)
    consents = await run(eva, "consent_list", {})
    known |= {
        "thread": asked.thread_id.hex(), "with_file": with_file.thread_id.hex(), "local": local.thread_id.hex(),
        "waits": waits["document_id"], "declined": noted["document_id"], "consent": consents[0]["consent_id"],
        "unit": units.unit("sodermalm").hex(), "asked": asked.document_id.hex(), "file": local.document_id.hex(),
    }  # fmt: skip


# -- the stops --------------------------------------------------------------------------------------------------------

_FORMS = (QUESTION, KIND, CONTACT, "overlamnande.forfragan", "placering.behov")


def _form(kind: str, *, long: bool) -> Stop:
    return Stop(f"form {kind}", "form", "" if long else "/draft/{draft_id}", draft(kind), long=long)


STOPS = (
    Stop("work", "work", "/", plain("/")),
    Stop("nothing new", "work", "", plain("/?view=failed")),
    Stop("search", "search", "/search", sent("/search", {"text": "rädd"})),
    Stop("aside", "aside", "/aside", plain("/aside")),
    Stop("reminders", "reminders", "/reminders", plain("/reminders")),
    Stop("thread", "thread", "/thread/{thread_id}", plain("/thread/{thread}")),
    Stop("thread with a file", "thread", "", plain("/thread/{with_file}", "bops/pia")),
    Stop("thread of the unit", "thread", "", plain("/thread/{local}")),
    Stop("a file", "file", "/file/{document_id}/{number}", plain("/file/{file}/1")),
    Stop("thread on paper", "print", "/thread/{thread_id}/print", plain("/thread/{thread}/print")),
    Stop("approvals", "approvals", "/approvals", plain("/approvals")),
    Stop("to approve", "approval", "/approvals/{document_id}", plain("/approvals/{waits}", "sav/bo")),
    Stop("one's own", "approval", "", plain("/approvals/{waits}")),
    Stop("declined", "approval", "", plain("/approvals/{declined}")),
    Stop("no without a reason", "approval", "", sent("/approvals/{waits}", {"act": "decline"}, "sav/bo")),
    Stop("choose", "choose", "/write", plain("/write")),
    Stop("recipient", "recipient", "/write/{choice}", sent("/write", {"kind": "konsultation.fraga"})),
    Stop("stays here", "recipient", "", sent("/write", {"kind": "intag.kontakt"})),
    *(_form(kind, long=False) for kind in _FORMS),
    Stop("form with errors", "form", "", draft(KIND, "review", to="bops")),
    Stop("one row more", "form", "", draft(KIND, "save", {"alleged_actors": [{"name": "A"}]}, to="bops")),
    Stop("review", "review", "", draft(QUESTION, "review", CONTENTS[QUESTION])),
    Stop("review of a changed draft", "review", "", changed),
    Stop("leaving", "leaving", "", leaving),
    Stop(
        "how far it has come",
        "sent",
        "/thread/{thread_id}/sent/{document_id}",
        plain("/thread/{thread}/sent/{asked}", "sodermalm/olle"),
    ),
    Stop("files of a draft", "attach", "/draft/{draft_id}/files", files_of_draft),
    Stop("units", "units", "/units", plain("/units")),
    Stop("unit", "unit", "/units/{unit_id}", plain("/units/{unit}")),
    Stop("consents", "consents", "/consents", plain("/consents")),
    Stop("form to sign, chosen", "paper_choose", "/consents/paper", plain("/consents/paper")),
    Stop("form to sign", "paper", "", sent("/consents/paper", {"case_type": "placering", "easy": "ja", "child": "ja"})),
    Stop("without consent", "disclosures", "/disclosures", plain("/disclosures")),
    Stop(
        "a proposal",
        "recipient",
        "",
        sent("/route", {"kind": QUESTION, "question.protected": "ingen", "question.registered": "0180"}),
    ),
    Stop("type of consent", "consent_type", "/consents/new", plain("/consents/new")),
    Stop("new consent", "consent_form", "/consents/new/{choice}", sent("/consents/new", {"case_type": "hotbild"})),
    Stop("consent with errors", "consent_form", "", sent("/consents/new/0", {"act": "save"})),
    Stop("consent", "consent", "/consents/{consent_id}", plain("/consents/{consent}")),
    Stop("supplement", "consent_form", "/consents/{consent_id}/supplement", plain("/consents/{consent}/supplement")),
    Stop("renewal", "consent_form", "/consents/{consent_id}/renew", plain("/consents/{consent}/renew")),
    Stop("consent on paper", "consent_print", "/consents/{consent_id}/print", plain("/consents/{consent}/print")),
    Stop("withdrawn", "withdrawn", "", withdrawn),
    Stop("refusal", "refuse", "/refusal", plain("/refusal")),
    Stop("refusal in a case", "refuse", "/refusal/{choice}", sent("/refusal/begin", {"case": "0" * 32})),
    Stop("refusal with errors", "refuse", "", sent("/refusal/0", {"what": ""})),
    Stop("unit's own", "own", "/own", plain("/own")),
    Stop("unit's own with an error", "own", "", sent("/own/revoke", {"reason": "lost"})),
    Stop("log", "log", "/own/log", plain("/own/log", "bops/pia")),
    Stop("telephone", "call", "/call", plain("/call")),
    Stop("wrong code", "call", "", sent("/call", {"act": "find", "code": "AAAA BBBB CCCC DDDD"})),
    Stop("return code", "code", "", code),
    Stop("kit", "kit", "/kit", plain("/kit")),
    Stop("share of the kit", "kit", "", kit("share")),
    Stop("rehearsal of the kit", "kit", "", kit("rehearse")),
    Stop("wrong words of the kit", "kit", "", kit("wrong")),
    Stop("accessibility", "accessibility", "/accessibility", plain("/accessibility")),
    Stop("settings", "settings", "/settings", plain("/settings")),
    Stop("help", "help", "/help", plain("/help")),
    Stop("help with placement", "help", "/help/{chapter}", chapter("f5")),
    Stop("failure", "failure", "", plain("/thread/" + "0" * 32)),
    Stop("away", "hidden", "/away", plain("/away")),
    Stop("hidden", "hidden", "/hidden", hidden),
    Stop("stranger", "stranger", "", stranger),
    Stop("first start", "first", "first:/", first("passphrase")),
    Stop("two passphrases", "first", "", first("wrong")),
    Stop("approval to fetch", "first", "", first("approval")),
    Stop("first start again", "first", "", first("reopen")),
    Stop("compare the federation", "first", "", first("compare")),
    Stop("help at first", "help", "first:/help", first("/help")),
    Stop("chapter at first", "help", "first:/help/{chapter}", first("/help/forsta-gangen")),
    *(_form(kind, long=True) for kind in KINDS if kind not in _FORMS),
    Stop("unlock", "unlock", "/unlock", locked(wrong=False)),
    Stop("unlock, wrong", "unlock", "", locked(wrong=True)),
)
