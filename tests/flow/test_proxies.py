"""The examples of deploy/proxy with the real proxies: TLS, sizes, the wake, slow bodies, and whose address it is."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import io
import ipaddress
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub.config import ClientAddress
from hub.house import listening, open_house
from hub.wire.frame import frame, unframe_response
from hub.wire.limits import FRAME_BYTES
from hub.wire.requests import Hello
from hub.wire.responses import Code, Deposited, HelloIs, Refused, Something, StillHere
from tests.kit.debian import FOLDER, tool, unpacked
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.unit.hub.device import Device

pytestmark = pytest.mark.timeout(240)  # processes and TLS on a machine that does other things too

EXAMPLES = Path(__file__).resolve().parents[2] / "deploy" / "proxy"
RATE = 40  # requests of one address before it has to wait
SLOW_SECONDS = 3.0


@dataclasses.dataclass(frozen=True)
class Proxy:
    """A proxy: its example, and how the hub must be set for it."""

    name: str
    example: str
    client_address: ClientAddress


PROXIES = (
    Proxy("nginx", "nginx.conf", ClientAddress.PROXY_LINE),
    Proxy("haproxy", "haproxy.cfg", ClientAddress.PROXY_LINE),
    Proxy("caddy", "Caddyfile", ClientAddress.HEADER),
)


@dataclasses.dataclass
class Rig:
    """A hub, a proxy before it, and how to get in."""

    url: str
    hub_url: str
    tls: ssl.SSLContext
    federation: Federation
    proxy: Proxy

    def session(self, local: str = "127.0.0.1") -> aiohttp.ClientSession:
        """A client that comes from an address of loopback."""
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.tls, local_addr=(local, 0)))


class Caller(Device):
    """A device that comes through the proxy."""

    def __init__(self, rig: Rig, local: str = "127.0.0.1") -> None:
        super().__init__(rig.url, rig.federation, rig.federation.units["sav"].keepers[0])
        self._rig, self._local = rig, local

    async def __aenter__(self) -> Caller:
        self._session = self._rig.session(self._local)
        self.bearer = await self.login()
        return self


@pytest.fixture(params=PROXIES, ids=lambda proxy: proxy.name)
def proxy(request: pytest.FixtureRequest) -> Proxy:
    """Each proxy."""
    chosen: Proxy = request.param
    return chosen


@pytest.fixture
def prepared(tmp_path: Path, proxy: Proxy) -> tuple[Federation, Any]:
    """A founded hub with small rates."""
    federation = Federation.demo(now=int(datetime.datetime.now(datetime.UTC).timestamp()), devices=1)
    config = found(
        tmp_path / "hub", federation, client_address=proxy.client_address, source_rate=1e-6, source_burst=RATE,
        request_seconds=SLOW_SECONDS, wake_seconds=1.0,
    )  # fmt: skip
    return federation, config


@pytest.fixture
async def rig(tmp_path: Path, proxy: Proxy, prepared: tuple[Federation, Any]) -> AsyncIterator[Rig]:
    """The hub in this process, the proxy as its own."""
    federation, config = prepared
    tls = _certificate(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with open_house(tmp_path / "hub", config) as house, listening(house) as hub_url:
        settings = _settings(tmp_path, proxy, port=port, hub=int(hub_url.rpartition(":")[2]))
        with _running(tmp_path, proxy, settings):
            made = Rig(f"https://127.0.0.1:{port}", hub_url, tls, federation, proxy)
            await _reachable(made)
            yield made


def _certificate(folder: Path) -> ssl.SSLContext:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(9))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "fullchain.pem").write_bytes(made)
    (folder / "privkey.pem").write_bytes(secret)
    (folder / "hub.pem").write_bytes(made + secret)
    return ssl.create_default_context(cadata=made.decode())


def _settings(folder: Path, proxy: Proxy, *, port: int, hub: int) -> Path:
    """The example with ports and paths of this test, and nothing else changed."""
    text = (EXAMPLES / proxy.example).read_text("utf-8")
    changes = {
        "127.0.0.1:8470": f"127.0.0.1:{hub}",
        "/etc/ssl/hub/": f"{folder}/",
        "listen 443": f"listen 127.0.0.1:{port}",
        "bind :443": f"bind 127.0.0.1:{port}",
        "https://hub.example": f"https://127.0.0.1:{port}",
        "\ttls {": f"\ttls {folder}/fullchain.pem {folder}/privkey.pem {{",
        "modules/ngx_stream_module.so": f"{FOLDER}/usr/lib/nginx/modules/ngx_stream_module.so",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/error.log": f"{folder}/error.log",
        "read_body 25s": f"read_body {SLOW_SECONDS:.0f}s",
        "worker_processes auto": "worker_processes 1",
    }
    assert sum(old in text for old in changes) >= 3
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / proxy.example
    path.write_text(text, "utf-8")
    return path


@contextlib.contextmanager
def _running(folder: Path, proxy: Proxy, settings: Path) -> Iterator[None]:
    unpacked()
    program, environment = tool(proxy.name)
    words = {
        "nginx": ["-c", settings, "-p", folder, "-g", "daemon off;"],
        "haproxy": ["-db", "-f", settings],
        "caddy": ["run", "--adapter", "caddyfile", "--config", settings],
    }[proxy.name]
    environment |= {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "proxy.txt").open("wb") as said:
        process = subprocess.Popen([program, *words], env=environment, stdout=said, stderr=said, cwd=folder)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


async def _reachable(rig: Rig) -> None:
    async with asyncio.timeout(45):
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with rig.session("127.0.0.99") as session, session.get(rig.url + "/healthz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)


async def _ask(session: aiohttp.ClientSession, url: str, data: bytes, **headers: str) -> object:
    async with session.post(url + "/v1", data=io.BytesIO(data), headers=headers) as answer:
        return unframe_response(await answer.read())


async def test_through_the_proxy(rig: Rig) -> None:
    """A login, an envelope of each size, a page of a drain, the wake with its signs of life."""
    async with Caller(rig) as device:
        await device.open_mailbox()
        socket_ = await device.wake(device.bearer)
        first = unframe_response((await socket_.receive(timeout=20)).data)
        assert isinstance(first, Something)
        async with rig.session("127.0.0.2") as stranger:
            for kib in (16, 64, 256):
                asked = device.deposit(size=kib * 1024)
                assert isinstance(await _ask(stranger, rig.url, frame(asked)), Deposited)
        beats = [type(unframe_response((await socket_.receive(timeout=20)).data)) for _ in range(4)]
        assert Something in beats
        assert StillHere in beats
        await socket_.close()


async def test_what_the_hub_refuses_stays_refused(rig: Rig) -> None:
    """A body that is too long, one of a wrong size, one that does not end, and plain HTTP."""
    async with rig.session() as session:
        for body in (bytes(FRAME_BYTES[-1]), bytes(1000)):
            # The hub does not read what it refuses, so its answer may be cut off on the way (PROTOCOL 1.3).
            with contextlib.suppress(aiohttp.ClientError):
                async with session.post(rig.url + "/v1", data=io.BytesIO(body)) as answer:
                    assert answer.status in {400, 413, 502}
        async with session.get(rig.url + "/metrics") as answer:
            assert answer.status == 404
    began = asyncio.get_running_loop().time()
    await _slow(rig)  # each proxy has its own words for it; that it ends is what counts
    assert asyncio.get_running_loop().time() - began < 60
    async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as stack:
        with contextlib.suppress(aiohttp.ClientError):
            answer = await stack.enter_async_context(session.get(rig.url.replace("https", "http") + "/healthz"))
            assert answer.status >= 300


async def _slow(rig: Rig) -> None:
    """Send half a request and wait for the end of it.

    Raises:
        TimeoutError: there is none.
    """
    port = int(rig.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=rig.tls, server_hostname="127.0.0.1")
    head = f"POST /v1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 1024\r\n\r\n"
    writer.write(head.encode() + bytes(10))
    try:
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(59):
                await reader.readline()
    finally:
        writer.close()


async def test_an_address_has_its_own_rate(rig: Rig) -> None:
    """Who asks too much has to wait; others do not, and nobody names another's address."""
    hello = frame(Hello())
    async with rig.session("127.0.0.3") as flooder, rig.session("127.0.0.4") as other:
        answers = [await _ask(flooder, rig.url, hello) for _ in range(RATE + 1)]
        assert isinstance(answers[RATE - 1], HelloIs)
        last = answers[RATE]
        assert isinstance(last, Refused)
        assert last.code is Code.RATE
        assert isinstance(await _ask(other, rig.url, hello), HelloIs)
        spoofed = await _ask(flooder, rig.url, hello, **{"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1"})
        assert isinstance(spoofed, Refused)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=("127.0.0.5", 0))) as past:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await _ask(past, rig.hub_url, hello, **{"X-Forwarded-For": "192.0.2.1"})


async def test_a_login_sticks_to_its_connection(rig: Rig) -> None:
    """Where the proxy passes connections on one for one, the hub still sees who mixes them (PROTOCOL 1.4)."""
    if rig.proxy.client_address is ClientAddress.HEADER:
        text = (EXAMPLES / rig.proxy.example).read_text("utf-8")
        assert re.search(r"keepalive off", text)  # else requests of several devices would share a connection
        async with Caller(rig) as device, rig.session("127.0.0.6") as stranger:
            await device.open_mailbox()
            for _ in range(3):
                assert isinstance(await _ask(stranger, rig.url, frame(device.deposit())), Deposited)
                await device.open_mailbox()
        return
    async with Caller(rig) as device:
        assert await device.refused(Hello()) is Code.ANONYMOUS
    async with rig.session() as fresh:
        assert isinstance(await _ask(fresh, rig.url, frame(Hello())), HelloIs)
