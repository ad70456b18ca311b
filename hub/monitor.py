"""The listener for monitoring: /healthz, /readyz, /metrics (design: apart from the one that devices reach).

    /healthz  200 as long as the process answers: restart it when it does not
    /readyz   200 when the hub can take a deposit, else 503; each part of the answer is a word and a truth value
    /metrics  the figures for Prometheus; 503 when the store does not answer

Serve it where only the monitoring reaches it: the figures are sums, but they are nobody else's.
"""

from __future__ import annotations

import json
import logging
from typing import Final

from aiohttp import web

from hub.exposition import CONTENT_TYPE, exposition
from hub.figures import Figures
from hub.reply import SERVER
from hub.store.base import StoreError

_HEADERS: Final = {"Server": SERVER, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_silent = logging.getLogger("hub.aiohttp.monitor")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


def monitor_server(figures: Figures) -> web.Server:
    """The server; whoever serves it chooses the address."""

    async def serve(request: web.BaseRequest) -> web.Response:
        if request.method != "GET":
            return web.Response(status=405, headers=_HEADERS)
        match request.path:
            case "/healthz":
                return web.Response(text="ok\n", headers=_HEADERS)
            case "/readyz":
                return await _ready(figures)
            case "/metrics":
                return await _metrics(figures)
            case _:
                return web.Response(status=404, headers=_HEADERS)

    return web.Server(serve, access_log=None, logger=_silent)


async def _ready(figures: Figures) -> web.Response:
    parts = await figures.ready()
    status = 200 if all(parts.values()) else 503
    return web.Response(status=status, text=json.dumps(parts), content_type="application/json", headers=_HEADERS)


async def _metrics(figures: Figures) -> web.Response:
    try:
        body = await exposition(figures)
    except StoreError:
        return web.Response(status=503, headers=_HEADERS)
    return web.Response(body=body, headers={**_HEADERS, "Content-Type": CONTENT_TYPE})
