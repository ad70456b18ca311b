"""The baseline of the hub's figures: an aiohttp application that reads the same POST and answers as many bytes.

python -m tests.bench.hub_bare READY_FILE
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp import web

ANSWER = bytes(1024)


async def answer(request: web.Request) -> web.Response:
    """Read all, store nothing."""
    await request.read()
    return web.Response(body=ANSWER)


async def serve(ready: Path) -> None:
    """Serve until killed."""
    app = web.Application(client_max_size=2**21)
    app.router.add_post("/v1", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ready.write_text(f"http://127.0.0.1:{runner.addresses[0][1]}", encoding="utf-8")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
