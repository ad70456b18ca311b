"""The operator's page: who gets in, what it shows, in two languages and without a script."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.admin.graph import bars
from hub.admin.server import COOKIE, HEADERS, TRIES
from hub.admin.token import FILE_NAME, MAX_SESSIONS, SESSION_SECONDS, AdminSessions, admin_token
from hub.admin.words import WORDS, words
from keys.errors import LocalError
from tests.unit.hub.conftest import Bench, Tick


@pytest.fixture
def settings() -> dict[str, Any]:
    """A hub with the operator's page."""
    return {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0, "admin": "127.0.0.1:0"}


class Visitor:
    """A browser at the page, without a browser."""

    def __init__(self, bench: Bench, data: Path) -> None:
        self.url = bench.house.doors["admin"]
        self.token = (data / FILE_NAME).read_text("ascii").strip()
        self.cookies: dict[str, str] = {}

    async def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        """Status and text."""
        return await self._ask("GET", path, headers)

    async def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Send a form as the page would."""
        return await self._ask("POST", path, {"Origin": self.url, **headers}, form or {})

    async def enter(self) -> None:
        """Log in."""
        assert (await self.post("/enter", {"token": self.token}))[0] == 303

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None = None
    ) -> tuple[int, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(
                method, self.url + path, data=form, allow_redirects=False, headers={"Cookie": cookie, **headers}
            ) as answer,
        ):
            for name, value in HEADERS.items():
                assert answer.headers[name] == value
            for name, morsel in answer.cookies.items():
                assert (morsel["httponly"], morsel["samesite"]) == (True, "Strict")
                self.cookies[name] = morsel.value
            return answer.status, await answer.text()


@pytest.fixture
def visitor(bench: Bench, data: Path) -> Visitor:
    """Somebody at the door."""
    return Visitor(bench, data)


async def test_only_the_token_opens(visitor: Visitor, bench: Bench) -> None:
    """Nothing of the hub is shown without it; with it, until the session ends or is left."""
    status, text = await visitor.get()
    assert (status, 'type="password"' in text, "Insättningar" in text) == (200, True, False)
    assert (await visitor.post("/enter", {"token": visitor.token[:-1]}))[0] == 403
    assert (await visitor.post("/enter", {}))[0] == 403
    visitor.cookies[COOKIE] = "x"
    assert "password" in (await visitor.get())[1]
    await visitor.enter()
    assert "Insättningar" in (await visitor.get())[1]
    bench.clock.now += SESSION_SECONDS - 1
    assert "Insättningar" in (await visitor.get())[1]
    bench.clock.now += 1
    assert "password" in (await visitor.get())[1]
    await visitor.enter()
    kept = dict(visitor.cookies)
    assert (await visitor.post("/leave"))[0] == 303
    visitor.cookies = kept
    assert "password" in (await visitor.get())[1]


async def test_tries_are_counted(visitor: Visitor, bench: Bench) -> None:
    """After five tries even the right token waits."""
    for _ in range(TRIES):
        assert (await visitor.post("/enter", {"token": "x" * 43}))[0] == 403
    status, text = await visitor.post("/enter", {"token": visitor.token})
    assert (status, "För många" in text) == (429, True)
    bench.clock.now += 61
    await visitor.enter()


async def test_other_sites_get_nothing(visitor: Visitor) -> None:
    """A foreign name for loopback, a foreign origin, none at all, other methods and paths."""
    await visitor.enter()
    for host in ("hub.example", "127.0.0.1.example:80", "10.0.0.1", "[::1"):
        assert await visitor.get(Host=host) == (403, "")
    assert (await visitor.get(Host="localhost:9"))[0] == 200
    for origin in ("https://hub.example", "null", ""):
        assert (await visitor.post("/leave", Origin=origin))[0] == 403
    assert "Insättningar" in (await visitor.get())[1]
    assert [(await visitor._ask(method, "/", {}))[0] for method in ("PUT", "DELETE")] == [405, 405]
    assert (await visitor.get("/other"))[0] == (await visitor.post("/other"))[0] == 404
    assert (await visitor.post("/enter", {"token": "x" * 5000}))[0] == 413


async def test_it_shows_the_hub(visitor: Visitor, bench: Bench) -> None:
    """What waits by mailbox, rates of whole hours as bars and as a table, the machine, in both languages."""
    await visitor.enter()
    async with bench.device() as device, bench.link() as link:
        await device.open_mailbox()
        for _ in range(3):
            await link.call(device.deposit(hour=bench.clock.hour))
    bench.clock.now += 5 * 3600
    status, text = await visitor.get("/?lang=en")
    assert status == 200
    mailbox = bench.federation.units["sav"].mailbox_id.hex()
    assert re.search(rf"<code>{mailbox}</code></td><td>3</td><td>5</td>", text)
    assert "Deposits" in text
    assert "Insättningar" not in text
    graphs = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(graphs) == 3
    heights = [float(bar.get("height", 0)) for bar in _bars(graphs[0])]
    assert (len(heights), sum(height > 0 for height in heights)) == (24, 1)
    rows = re.findall(r'<tr><th scope="row">(\d\d)</th><td>(\d+)</td><td>(\d+)</td><td>(\d+)</td>', text)
    assert (len(rows), [row[1] for row in rows if row[1] != "0"]) == (24, ["3"])
    assert "Insättningar" in (await visitor.get("/?lang=sv"))[1]
    assert "Insättningar" in (await visitor.get())[1]
    await visitor.get("/?lang=en")
    assert "Deposits" in (await visitor.get("/?lang=<b>"))[1]


async def test_nothing_runs_and_nothing_comes_from_elsewhere(visitor: Visitor) -> None:
    """No script, no style in the page, no address of others; the style sheet is there."""
    await visitor.enter()
    for text in ((await visitor.get())[1], (await Visitor.get(visitor, "/?lang=en"))[1]):
        assert not re.search(r"<script|<style|style=|\son[a-z]+=|https?://(?!www\.w3\.org/2000/svg)", text)
    assert "body {" in (await visitor.get("/admin.css"))[1]


async def test_a_store_that_is_gone_is_said(visitor: Visitor, bench: Bench) -> None:
    """503 with a sentence, not half a page."""
    await visitor.enter()
    store: Any = bench.house.store
    for table in ("cursor", "mailbox"):
        await store._writer.run(lambda connection, table=table: connection.execute(f"DROP TABLE {table}") and None)
    status, text = await visitor.get()
    assert (status, WORDS["unanswered"][0] in text) == (503, True)


def test_the_token_is_made_once_and_kept(tmp_path: Path) -> None:
    """0600; too short, readable by others, or a credential that is not there: ADMINTOKEN."""
    token = admin_token(tmp_path, "")
    assert (len(token) >= 40, admin_token(tmp_path, "")) == (True, token)
    path = tmp_path / FILE_NAME
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(LocalError, match="ADMINTOKEN"):
        admin_token(tmp_path, "")
    path.chmod(0o600)
    path.write_text("short\n", "ascii")
    with pytest.raises(LocalError, match="ADMINTOKEN"):
        admin_token(tmp_path, "")
    with pytest.raises(LocalError, match="ADMINTOKEN"):
        admin_token(tmp_path, "credential:admin.token")


def test_sessions_are_few() -> None:
    """The oldest goes."""
    sessions = AdminSessions("t" * 20, Tick())
    names = [sessions.open("t" * 20) for _ in range(MAX_SESSIONS + 1)]
    assert [sessions.holds(str(name)) for name in (names[0], names[1], names[-1])] == [False, True, True]
    assert sessions.open("t" * 19) is None


def test_every_word_has_two_languages() -> None:
    """And every name that a template uses is one of them."""
    for name, pair in WORDS.items():
        assert len(pair) == 2, name
        assert all(pair), name
        assert pair[0].count("{n}") == pair[1].count("{n}")
    folder = Path(__file__).resolve().parents[3] / "hub" / "admin" / "templates"
    for template in folder.glob("*.html"):
        assert set(re.findall(r"\bw\.([a-z_]+)", template.read_text("utf-8"))) <= set(words("sv")), template


def test_a_graph_of_nothing_is_a_graph() -> None:
    """No numbers, only zeros, and words that would be markup."""
    for values in ([], [("a", 0)], [("<b>", 3), ("&", 1)]):
        assert len(_bars(bars("<title>", values))) == len(values)


def _bars(graph: str) -> list[ET.Element]:
    return list(ET.fromstring(graph).iter("{http://www.w3.org/2000/svg}rect"))  # noqa: S314 - we drew it
