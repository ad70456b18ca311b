"""The witness on the network: HTTP around ``private/witness.py`` (c2sp.org/tlog-witness). The only socket of ``keys``.

    POST /add-checkpoint    old size, proof, note  →  200 cosignature line · 400 · 403 · 404 · 409 size · 422
    GET  /healthz           ok

One request at a time is judged: the work of one is a signature check and a synced write. TLS ends in a proxy before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from keys.add_checkpoint import ADD_PATH, MAX_REQUEST_BYTES, SIZE_TYPE
from keys.errors import FormatError, LocalError
from keys.private.witness import Verdict, WitnessRefusedError, WitnessSigner
from keys.private.witness_store import STORE_NAME, WitnessStore, add_checkpoint, load_witness

HEALTH_PATH: Final = "/healthz"
REQUEST_SECONDS: Final = 20.0
_HEADERS: Final = {"Cache-Control": "no-store", "Server": "sluss-witness"}

_silent = logging.getLogger("keys.aiohttp")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


class WitnessServer(web.Server):
    """The HTTP server of one witness.

    Args:
        signer: name and key.
        store: what it holds.
        now: the time in seconds that stands in cosignatures.
    """

    def __init__(self, signer: WitnessSigner, store: WitnessStore, now: Callable[[], float]) -> None:
        super().__init__(self._serve, access_log=None, logger=_silent)
        self._signer = signer
        self._store = store
        self._now = now

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == ADD_PATH and request.method == "POST":
            return await self._add(request)
        if request.path == HEALTH_PATH and request.method == "GET":
            return web.Response(text="ok\n", headers=_HEADERS)
        return web.Response(status=404, headers=_HEADERS)

    async def _add(self, request: web.BaseRequest) -> web.Response:
        if not 0 < (request.content_length or 0) <= MAX_REQUEST_BYTES:
            return web.Response(status=Verdict.MALFORMED, headers=_HEADERS)
        async with asyncio.timeout(REQUEST_SECONDS):
            body = await request.read()
        try:
            line = add_checkpoint(self._signer, self._store, body, int(self._now()))
        except FormatError:
            return web.Response(status=Verdict.MALFORMED, headers=_HEADERS)
        except WitnessRefusedError as refusal:
            return _refused(refusal)
        except LocalError:
            return web.Response(status=503, headers=_HEADERS)
        return web.Response(body=line, headers=_HEADERS)


def _refused(refusal: WitnessRefusedError) -> web.Response:
    if refusal.verdict is not Verdict.CONFLICT:
        return web.Response(status=refusal.verdict, headers=_HEADERS)
    size = f"{refusal.held_size}\n".encode()
    return web.Response(status=refusal.verdict, body=size, headers={**_HEADERS, "Content-Type": SIZE_TYPE})


@contextlib.asynccontextmanager
async def serving(folder: Path, *, host: str, port: int, now: Callable[[], float]) -> AsyncIterator[str]:
    """Serve a witness's folder until the block ends; gives the address, ``http://host:port``.

    Raises:
        LocalError: code ``KEYFILE``, ``KEYMODE``, ``STORE`` or ``LISTEN``.
    """
    store = WitnessStore(folder / STORE_NAME)
    runner = web.ServerRunner(WitnessServer(load_witness(folder), store, now))
    try:
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise LocalError("LISTEN", host=host, port=port) from error
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        store.close()
