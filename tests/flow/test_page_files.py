"""Files at the page: chosen into a draft, opened in an origin of their own, saved; and whom the doors turn away."""

from __future__ import annotations

import io
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from client.web.preview import TICKET_SECONDS
from client.web.uploads import Uploads
from tests.kit.attached import KIND, PDF, send, try_at_once
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import PASSPHRASE, Offices
from tests.kit.visitor import Seen, Visitor, visiting

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
pytestmark = pytest.mark.asyncio(loop_scope="module")
Both = tuple[Visitor, Visitor, Offices]


@pytest.fixture(scope="module")
def federation() -> Federation:
    """One for all tests here."""
    return Federation.demo(devices=0, now=int(time.time()))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where hub and offices lie."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def hub(root: Path, federation: Federation) -> Iterator[HubProcess]:
    """One for all tests here."""
    with HubProcess.create(root / "hub", federation).running() as process:
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(root: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Both]:
    """``sav`` and ``bops`` at their pages."""
    async with (
        Offices.open(root, hub.url, federation, {"sav": "Eva Ek", "bops": "Pia Po"}) as offices,
        AsyncExitStack() as stack,
    ):
        sav, bops = [await stack.enter_async_context(visiting(offices[key].desk)) for key in ("sav", "bops")]
        await sav.enter()
        await bops.enter()
        yield sav, bops, offices


async def attach(visitor: Visitor, address: str, name: str, data: bytes) -> tuple[int, str]:
    """Choose a file in the form at ``address``; status, and the text that comes back."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", io.BytesIO(data), filename=name, content_type="image/png")
    async with visitor.http.post(visitor.origin + address, data=form, headers={"Origin": visitor.origin}) as answer:
        return answer.status, await answer.text()


def door(seen: Seen) -> str:
    """Where the form for files leads."""
    return next(attrs["action"] for tag, attrs in seen.elements if attrs.get("action", "").startswith("/upload/"))


async def test_a_file_is_chosen_into_a_draft_and_taken_out(both: Both, root: Path) -> None:
    """Its name is cleaned, its type is what the bytes say, and nothing of it is on the disk in the clear."""
    sav, _, offices = both
    secret = os.urandom(40)
    form = await sav.post(await sav.get("/write"), "/drafts", kind=KIND, to=offices.unit("bops").hex())
    page = await sav.post(form, form.path, act="files")
    assert page.path == f"{form.path}/files"
    before = door(page)
    status, text = await attach(sav, before, "../../<b>Utdrag</b>.png", PDF + secret * 60_000)
    assert status == 200
    assert "b_.pdf" in text
    assert "<b>Utdrag" not in text
    assert (await attach(sav, before, "a.pdf", PDF))[0] == 403  # a ticket works once
    page = await sav.get(page.path)
    status, text = await attach(sav, door(page), "rörelse.svg", SVG)
    assert "rörelse.bin" in text
    assert "application/octet-stream" in text
    disk = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert secret not in disk
    page = await sav.get(page.path)
    gone = page.values("attachment_id")[1]
    page = await sav.post(page, page.path, attachment_id=gone)
    assert "rörelse.bin" not in page.text
    assert len(await offices["sav"].desk.attachments.unsettled()) == 1
    for wrong in ("/upload/" + "0" * 64, before):
        assert (await attach(sav, wrong, "a.pdf", PDF))[0] == 403


async def test_a_file_is_opened_apart_from_the_page(both: Both, tmp_path: Path) -> None:
    """Type and size stand there before; the file comes from another origin, once, sandboxed and never guessed at.

    What no browser should run is handed over to be saved, as bytes. Nothing comes while the keys are locked.
    """
    _, bops, offices = both
    data = PDF + os.urandom(500_000)
    written = await send(offices, tmp_path, {"Bedömning.pdf": data, "film.svg": SVG})
    await offices.settle(1)
    await try_at_once(offices["bops"].desk)
    await offices.settle(1)
    thread = await bops.get(f"/thread/{written.thread_id.hex()}")
    assert "Bedömning.pdf PDF, 500 kB" in thread.text
    begin = f"/file/{written.document_id.hex()}/"
    assert thread.links(begin) == [f"{begin}1", f"{begin}1/save", f"{begin}2/save"]
    async with aiohttp.ClientSession() as nobody:
        shown = await _framed(bops, f"{begin}1")
        assert urlsplit(shown).netloc != urlsplit(bops.origin).netloc
        async with nobody.get(shown) as answer:
            assert await answer.read() == data
            assert answer.headers["Content-Type"] == "application/pdf"
            _require_apart(answer.headers, "inline", bops)
        async with nobody.get(shown) as again:
            assert again.status == 404
        for address in (await _framed(bops, f"{begin}2"), await _address(bops, f"{begin}2/save")):
            async with nobody.get(address) as answer:
                assert await answer.read() == SVG
                assert answer.headers["Content-Type"] == "application/octet-stream"
                _require_apart(answer.headers, "attachment", bops)
        rebound = await _framed(bops, f"{begin}1")
        async with nobody.get(rebound, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 404
        bops.page.shared.preview._now = lambda: 1e12
        late = await _framed(bops, f"{begin}1")
        bops.page.shared.preview._now = lambda: 1e12 + TICKET_SECONDS + 1
        async with nobody.get(late) as answer:
            assert answer.status == 404
        waiting = await _framed(bops, f"{begin}1")
        offices["bops"].desk.locking.lock()
        async with nobody.get(waiting) as answer:
            assert answer.status == 404
            assert await answer.read() == b""
        await offices["bops"].desk.locking.unlock(PASSPHRASE)
    bops.page.shared.preview._now = time.monotonic


def _require_apart(headers: object, disposition: str, visitor: Visitor) -> None:
    found: dict[str, str] = dict(headers)  # type: ignore[call-overload]
    policy = found["Content-Security-Policy"].split("; ")
    hosts = " ".join(sorted(f"http://{host}" for host in visitor.page.shared.hosts))
    assert {"sandbox", "default-src 'none'", f"frame-ancestors {hosts}"} <= set(policy)
    assert not [part for part in policy if "allow-" in part or "script" in part]
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Cache-Control"] == "no-store"
    assert found["Cross-Origin-Resource-Policy"] == "same-origin"
    assert found["Content-Disposition"].startswith(disposition + "; filename*=UTF-8''")
    assert "Set-Cookie" not in found


async def _framed(visitor: Visitor, path: str) -> str:
    """Where the frame of a page with a file leads; the page may frame that origin and no other."""
    seen = await visitor.get(path)
    (address,) = [attrs["src"] for tag, attrs in seen.elements if tag == "iframe"]
    allowed = [one for one in seen.headers["Content-Security-Policy"].split("; ") if one.startswith("frame-src")]
    assert allowed == [f"frame-src http://{urlsplit(address).netloc}"]
    return address


async def _address(visitor: Visitor, path: str) -> str:
    async with visitor.http.get(visitor.origin + path, allow_redirects=False) as answer:
        assert answer.status == 303
        return answer.headers["Location"]


async def test_who_has_no_session_gets_nothing(both: Both, tmp_path: Path) -> None:
    """Neither an address of a file nor a place to put one; another site may not ask either."""
    _, bops, offices = both
    written = await send(offices, tmp_path, {"a.pdf": PDF})
    await offices.settle(2)
    path = f"/file/{written.document_id.hex()}/1"
    async with aiohttp.ClientSession() as nobody:
        async with nobody.get(bops.origin + path, allow_redirects=False) as answer:
            assert answer.status == 403
        async with nobody.post(bops.origin + "/upload/" + "0" * 64, headers={"Origin": bops.origin}) as answer:
            assert answer.status == 403
    assert (await bops.get(path, **{"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await bops.get(f"/file/{written.document_id.hex()}/2")).status == 404
    assert (await bops.get(f"/file/{written.document_id.hex()}/99")).status == 404


async def test_a_ticket_is_for_one_draft_of_one_session() -> None:
    """Once, in time, and with the session that it was given to."""
    now = 0.0
    uploads = Uploads(lambda: now)
    assert uploads.use(uploads.ticket("draft", "one"), "other") is None
    ticket = uploads.ticket("draft", "one")
    assert uploads.use(ticket, "one") == "draft"
    assert uploads.use(ticket, "one") is None
    late = uploads.ticket("draft", "one")
    now = 1e6
    assert uploads.use(late, "one") is None
