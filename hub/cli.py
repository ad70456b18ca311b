"""``sluss-hub``: set up, feed, serve and look at a hub.

Exit codes: 0 done · 1 the hub or its data is not in order (a code, a sentence and the next step on standard error) ·
2 wrong use of the command · 3 a statement was refused by the directory's rules.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import json
import signal
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path

import click

from hub import cli_upkeep
from hub.config import Config, load_config
from hub.founding import REQUEST_NAME, HubState, Loaded, found_hub, hub_state, load_statements, new_hub_id
from hub.house import House, listening, open_house
from hub.sentences import run
from hub.stores import migrate_store
from keys import selftest
from keys.domains import SignedType
from keys.errors import LocalError
from keys.files import read_bounded, write_durably
from keys.ids import fingerprint
from keys.logging import configure, get_logger
from keys.signed import parse_signed, read_payload
from keys.statements import MAX_LEAF_BYTES, Root


@click.group()
@click.version_option(version("sluss"), prog_name="sluss-hub")
def main() -> None:
    """The hub: stores and forwards sealed envelopes, and cannot open them."""


_data = click.option(
    "--data",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder with all of the hub's state.",
)


@main.command()
@_data
@click.option("--root", required=True, type=click.Path(dir_okay=False, path_type=Path), help="First root statement.")
@click.option("--address", help="Where devices will find the hub; by default where it listens.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; a proxy does TLS.")
@click.option("--port", default=8470, show_default=True, type=click.IntRange(0, 65_535), help="0 takes a free one.")
@click.option("--statements", multiple=True, type=click.Path(dir_okay=False, path_type=Path), help="Signed statements.")
def init(*, data: Path, root: Path, address: str | None, host: str, port: int, statements: tuple[Path, ...]) -> None:
    """Make a hub's folder and the request for the root holders."""
    if address is None and port == 0:
        raise click.UsageError("--port 0 needs --address: nobody knows the port before the hub serves")
    # The roots sign it, so it names the port too; a client given none would try 80.
    found_at = address or f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def work() -> None:
        raw = read_bounded(root, MAX_LEAF_BYTES)
        profile = read_payload(parse_signed(raw), SignedType.ROOT, Root).profile
        settings = Config(profile=profile, hub_id=new_hub_id(), address=found_at, host=host, port=port)
        founded = await found_hub(data, raw, settings=settings)
        click.echo(f"Hub {founded.hub_id.hex()} made. Let the root holders sign {data / REQUEST_NAME}.")
        click.echo(f"Read them its fingerprint: {fingerprint(founded.fingerprint)}")
        if statements:
            await load_statements(data, load_config(data), statements)

    run(work())


@main.command()
@_data
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
def load(*, data: Path, files: tuple[Path, ...]) -> None:
    """Append signed statements to the directory log, in order. Not while the hub serves."""

    async def work() -> Loaded:
        return await load_statements(data, load_config(data), files)

    loaded = run(work())
    click.echo(f"{loaded.new} new statements; the log holds {loaded.size}.")


@main.command()
@_data
def migrate(*, data: Path) -> None:
    """Bring the database to this program's schema. Stop every hub on it first, and make a backup."""

    async def work() -> int:
        return await migrate_store(data, load_config(data))

    click.echo(f"The database has schema {run(work())}.")


@main.command()
@_data
@click.option("--to", "database", required=True, help="postgresql://user@host/database, empty, without a password.")
def move(*, data: Path, database: str) -> None:
    """Move the hub from SQLite to PostgreSQL. Not while it serves; cut off, the same command goes on.

    The files stay as they are; the settings name the database once both hold the same.
    """

    async def work() -> dict[str, int]:
        try:
            from hub.moving import move_hub  # noqa: PLC0415 - a hub on SQLite lacks the library for PostgreSQL
        except ModuleNotFoundError as error:
            raise LocalError("NOPOSTGRES") from error
        return (await move_hub(data, load_config(data), database)).rows

    click.echo(", ".join(f"{name} {count}" for name, count in run(work()).items()))
    click.echo("Moved and compared; hub.toml names the database. Keep the old files until the new has a backup.")


@main.command()
@_data
@click.option("--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Gets the address once it serves.")
@click.option("--clock-is-right", is_flag=True, help="The hub stood still for more than a fortnight.")
def serve(*, data: Path, ready_file: Path | None, clock_is_right: bool) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight."""
    run(_serve(data, ready_file, clock_is_right=clock_is_right))


@main.command()
@_data
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(*, data: Path, as_json: bool) -> None:
    """The hub in numbers; no names."""

    async def work() -> HubState:
        return await hub_state(data, load_config(data))

    state = dataclasses.asdict(run(work())) | {"version": version("sluss")}
    state |= state.pop("totals")
    if as_json:
        click.echo(json.dumps(state))
        return
    for name, value in state.items():
        click.echo(f"{name.replace('_', ' '):14} {value}")


@contextlib.asynccontextmanager
async def _timely(data: Path, config: Config, *, clock_is_right: bool) -> AsyncIterator[House]:
    async with open_house(data, config) as house:
        house.require_time(is_right=clock_is_right)
        yield house


async def _serve(data: Path, ready_file: Path | None, *, clock_is_right: bool) -> None:
    selftest.run()
    config = load_config(data)
    configure(strict=config.strict_logs)
    log = get_logger("hub")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the process by itself
            loop.add_signal_handler(name, stop.set)
    async with _timely(data, config, clock_is_right=clock_is_right) as house, listening(house) as address:
        gc.freeze()  # the replayed log lives as long as the process; the collector need not walk it again
        if ready_file is not None:
            write_durably(ready_file, address.encode(), mode=0o644)
        log.info("serving", profile=config.profile.value, log_size=house.log.size)
        await stop.wait()
        log.info("stopping")


for _command in (cli_upkeep.doctor, cli_upkeep.backup, cli_upkeep.restore, cli_upkeep.purge):
    main.add_command(_command)

if __name__ == "__main__":
    main()
