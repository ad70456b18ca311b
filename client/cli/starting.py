"""The first start in the browser; when the device is enrolled its office opens in the same process."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import click

from client.cli.base import Command, Option, State, pass_state
from client.cli.opening import ended_by, keep_open
from client.cli.words import both
from client.web.first import FirstStart
from keys.errors import SlussError
from keys.statements import Profile

#: How long the pages of the first start stay after the office has opened, so that the browser can follow.
LINGER_SECONDS: Final = 2


@click.command(cls=Command, help=both("Första starten, i webbläsaren.", "The first start, in the browser."))
@click.option("--print", "only_print", cls=Option, is_flag=True, help=both("Visa bara adressen.", "Print the address."))
@click.option("--profile", type=click.Choice([one.value for one in Profile]), default=Profile.REAL.value, hidden=True)
@pass_state
def start(state: State, only_print: bool, profile: str) -> None:
    """Guide through passphrase, approval and comparison; then the office is open as by ``run``."""
    asyncio.run(_start(state, Profile(profile), only_print=only_print))


async def _start(state: State, profile: Profile, *, only_print: bool) -> None:
    loop = asyncio.get_running_loop()
    enrolled: asyncio.Future[str] = loop.create_future()
    shown: asyncio.Future[str] = loop.create_future()

    async def opened(passphrase: str) -> str:
        if not enrolled.done():
            enrolled.set_result(passphrase)
        return await shown

    async with _first(state, profile, opened, only_print=only_print) as first:
        stop = asyncio.Event()
        with ended_by(stop):
            ended = asyncio.create_task(stop.wait())
            waiting: list[asyncio.Future[Any]] = [enrolled, ended]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
        if not enrolled.done():
            return

        async def show(address: str) -> None:
            shown.set_result(address)
            await asyncio.sleep(LINGER_SECONDS)
            await first.close()

        try:
            await keep_open(state, enrolled.result(), None, page=True, then=show)
        except SlussError as error:
            if not shown.done():
                shown.set_exception(error)  # the browser shows it too
                await asyncio.sleep(LINGER_SECONDS)
            raise


@contextlib.asynccontextmanager
async def _first(
    state: State, profile: Profile, opened: Callable[[str], Awaitable[str]], *, only_print: bool
) -> AsyncIterator[FirstStart]:
    first = FirstStart(state.folder, profile, opened)
    address = await first.open()
    try:
        if only_print or not webbrowser.open(address):
            click.echo(address)
        yield first
    finally:
        await first.close()
