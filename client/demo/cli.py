"""``sluss demo``: a hub and ten desks on this machine play a story through the real protocol."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import Any

import click

from client.casework.codes import explain
from client.demo.doors import Doors
from client.demo.stage import RefusedByOffice, Stage
from client.demo.story import Story
from keys.errors import SlussError
from keys.files import write_durably


@click.command()
@click.option("--no-browser", is_flag=True, help="Do not open the page with the offices' doors.")
@click.option(
    "--exit-after-story", is_flag=True, help="End when the story is over instead of leaving the offices open."
)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep everything in this empty folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line; the last one is the result.")
@click.option("--lang", type=click.Choice(["sv", "en"]), default="sv", show_default=True, help="Language of the story.")
def demo(*, no_browser: bool, exit_after_story: bool, keep: Path | None, as_json: bool, lang: str) -> None:
    """Start a hub and ten desks with real keys and play a short story. Demonstration only: invented people."""
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise click.UsageError("--keep: the folder must be empty or missing")
    folder = keep or Path(tempfile.mkdtemp(prefix="sluss-demo-"))
    try:
        result = asyncio.run(
            _play(folder, lang=lang, as_json=as_json, stay=not exit_after_story, browser=not no_browser)
        )
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    click.echo(json.dumps(result))
    raise SystemExit(0 if result["ok"] else 1)


async def _play(folder: Path, *, lang: str, as_json: bool, stay: bool, browser: bool) -> dict[str, Any]:
    began = time.monotonic()
    result: dict[str, Any] = {"ok": False, "documents": 0, "receipts": 0, "refused": 0, "seconds": 0.0}

    def tell(swedish: str, english: str) -> None:
        text = swedish if lang == "sv" else english
        seconds = round(time.monotonic() - began, 1)
        click.echo(
            json.dumps({"step": text, "seconds": seconds}, ensure_ascii=False)
            if as_json
            else f"{seconds:5.1f} s  {text}"
        )

    tell("DEMONSTRATION: ett nav och tio arbetsplatser i åtta enheter startar, med nycklar som bara gäller här.",
         "DEMONSTRATION: a hub and ten desks start, with keys that count only here.")  # fmt: skip
    try:
        async with Stage.set_up(folder) as stage:
            tally = await Story(stage, tell).play()
            write_durably(folder / "transcript.json", await _transcript(stage))
            result |= {"ok": True, "documents": tally.documents, "receipts": tally.receipts, "refused": tally.refused}
            result["seconds"] = round(time.monotonic() - began, 1)
            if stay:
                await _stay(stage, lang, browser=browser)
    except RefusedByOffice as refusal:
        result["code"], result["detail"] = refusal.code, refusal.problem
        click.echo(f"{refusal.code}: {refusal.problem.get('detail', '')}", err=True)
    except SlussError as error:
        explained = explain(error.code, lang, **error.fields)
        result["code"], result["detail"] = error.code, str(error)
        click.echo(f"{explained.sentence} {explained.next_step}", err=True)
    result["seconds"] = result["seconds"] or round(time.monotonic() - began, 1)
    return result


async def _transcript(stage: Stage) -> bytes:
    """All bodies that were exchanged, in the clear, to hold against what the hub has."""
    documents: dict[str, dict[str, Any]] = {}
    consents: dict[str, dict[str, Any]] = {}
    for office in stage.open_offices:
        for entry in await stage.call(office.key, "list", direction="out"):
            shown = await stage.call(office.key, "show", document_id=entry["document_id"])
            documents[entry["document_id"]] = {"header": shown["header"], "content": shown["content"]}
        for entry in await stage.call(office.key, "consent_list"):
            shown = await stage.call(office.key, "consent_show", consent_id=entry["consent_id"])
            consents[entry["consent_id"]] = shown["record"]
    told = {"documents": list(documents.values()), "consents": list(consents.values())}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


async def _stay(stage: Stage, lang: str, *, browser: bool) -> None:
    """Leave the offices open, with a page that has a door to each, until the handler ends it."""
    stop = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the process by itself
            asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    doors = Doors(stage, lang)
    try:
        address = await doors.open()
        click.echo(f"Kontorens dörrar: {address}" if lang == "sv" else f"The offices' doors: {address}")
        if browser:
            await asyncio.to_thread(webbrowser.open, address)
        program = "sluss" if shutil.which("sluss") else sys.argv[0]  # make demo: .venv is not active
        for office in stage.open_offices:
            click.echo(f"{office.name_sv}, {office.staff}: {program} --office {stage.office_folder(office.key)} list")
        click.echo("Avsluta med Ctrl-C." if lang == "sv" else "End with Ctrl-C.")
        await stop.wait()
    finally:
        await doors.close()
