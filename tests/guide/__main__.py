"""``make guide-play``: type every command of the guide's steps, flow by flow; ends with 1 when one of them fails.

The words in capitals are bound as the guide says: a document by the end of its kind, its thread, consent and person.
Where the guide lets the fields be asked for, the answers come from a file (`answers`). ``F3 F5`` plays these only.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from client.cli.guide import STEPS
from client.cli.main import run
from keys.cards import Role
from tests.guide import answers
from tests.hostile.desks import Dial
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.units import Units
from tests.unit.casework import samples
from tests.unit.cli.terminal import Desk

_HANDLER: Final = (Role.HANDLAGGARE, Role.BESLUTSFATTARE, Role.REGISTRATOR)
_POLICE: Final = (Role.POLIS_BEDOMARE, Role.BESLUTSFATTARE, Role.HANDLAGGARE)
#: Who plays: first name -> unit, whole name, roles.
CAST: Final[dict[str, tuple[str, str, tuple[Role, ...]]]] = {
    "Maj-Britt": ("lillkoping", "Maj-Britt Lindqvist", _HANDLER),
    "Jonatan": ("sav", "Jonatan Rydell", (*_HANDLER, Role.STATISTIKER, Role.UPPFOLJARE)),
    "Miriam": ("sav", "Miriam Åkerblom", (*_HANDLER, Role.ARKIVARIE)),
    "Sanna": ("telefon", "Sanna Westerberg", (Role.TELEFON, Role.HANDLAGGARE)),
    "Henrik": ("bops", "Henrik Palmgren", _POLICE),
    "Ylva": ("bops", "Ylva Norrgård", _POLICE),
    "Ulla": ("underrattelse", "Ulla Rask", _POLICE),
    "Ola": ("underrattelse", "Ola Stig", _POLICE),
    "Agneta": ("bjorkvika", "Agneta Forsmark", _HANDLER),
    "Tove": ("konsultationsteamet", "Tove Hagelin", _HANDLER),
    "Birgitta": ("malmo-social", "Birgitta Ekenstam", _HANDLER),
    "Klara": ("stodet", "Klara Dal", (Role.HANDLAGGARE,)),
    "Sten": ("statistik", "Sten Lod", (Role.STATISTIKER, Role.BESLUTSFATTARE)),
}
_WORD: Final = re.compile(r"[A-Z][A-Z_]+")


def founded() -> Federation:
    """The units of the guide."""
    made = Federation(now=int(time.time()))
    today = answers.script.day(-10)
    verified = {"verified_until": answers.script.day(200), "otillaten_paverkan_kontroll": today}
    for key, name, kind, kommun in (
        ("lillkoping", "Lillköpings kommun", "kommun", ""),
        ("goteborg", "Göteborgs Stad", "kommun", "1480"),
        ("polisen", "Polismyndigheten", "polis", ""),
        ("bjorkvika", "Björkvika kommun", "kommun", ""),
        ("malmo", "Malmö stad", "kommun", "1280"),
        ("stodet", "Stödet AB", "utforare", ""),
        ("radet", "Länsstyrelsen", "lansstyrelse", ""),
    ):
        made.add_organisation(key, name, kind=kind, kommunkod=kommun)
    for key, organisation, name, kind, facts in (
        ("lillkoping", "lillkoping", "Lillköping socialtjänst", "ordinarie_socialtjanst", {}),
        ("sav", "goteborg", "Göteborg SAV", "avhopparenhet", {"decides": ["malgrupp", "bistand", "placering"]}),
        ("telefon", "goteborg", "Avhoppartelefonen", "avhoppartelefon", {"runs_hotline": True}),
        ("bops", "polisen", "Bops Väst", "polis_bops", {}),
        ("underrattelse", "polisen", "Underrättelse Väst", "polis_underrattelse", {}),
        ("bjorkvika", "bjorkvika", "Björkvika socialtjänst", "ordinarie_socialtjanst", {}),
        ("malmo-social", "malmo", "Malmö socialtjänst", "ordinarie_socialtjanst", {}),
        ("stodet", "stodet", "Stödet AB", "utforare", verified),
        ("statistik", "radet", "Statistikrådet", "statistikmottagare", {}),
    ):
        made.add_unit(key, organisation, unit_type=kind, name=name, facts=facts)
    decides = {"decides": [], "decision_unit": [made.units["malmo-social"].unit_id.hex()]}
    made.add_unit("konsultationsteamet", "malmo", unit_type="avhopparenhet", name="Konsultationsteamet", facts=decides)
    return made


async def _enrolled(folder: Path, federation: Federation, address: str) -> None:
    """Make all devices, and close them when everybody has everybody's keys."""
    units = Units()
    units.federation, units.path, units.address, units.dial = federation, folder, address, Dial()
    try:
        for name, (unit, staff, roles) in CAST.items():
            await units.join(f"{unit}/{name}", staff, roles=roles)
        await units.know_each_other()
        await units.settle()
    finally:
        for office in units.values():
            await office.close()


class Play:
    """The desks, and what the words in capitals stand for in the flow that is played."""

    def __init__(self, folder: Path, federation: Federation, address: str) -> None:
        self.folder = folder
        self.federation = federation
        self.desks = {name: Desk.fresh(folder / f"{who[0]}-{name}") for name, who in CAST.items()}
        self.bound: dict[str, str] = {}
        self._turns: dict[str, int] = {}
        asyncio.run(_enrolled(folder, federation, address))

    def begin(self) -> None:
        """A flow of its own."""
        self.bound, self._turns = {}, {}

    def type(self, flow: str, who: str, line: str) -> str:
        """One command of the guide; what went wrong, or nothing."""
        words = [self.bound.get(word, word) for word in shlex.split(line)[1:]]
        if left := [word for word in words if _WORD.fullmatch(word)]:
            return f"nobody knows {left[0]}"
        words += self._answers(flow, who, words)
        code, out, said = self._run(who, words)
        if code != 0:
            return f"{code}: {said.strip()}"
        self._bind(who, words, json.loads(out))
        return ""

    def _run(self, who: str, words: list[str]) -> tuple[int, str, str]:
        desk, out, said = self.desks[who], io.StringIO(), io.StringIO()
        given = ["--office", str(desk.folder), "--passphrase-file", str(desk.passphrase_file), *words, "--json"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said), _typed(answers.TYPED.get(words[0], "")):
            code = run(given)
        return code, out.getvalue(), said.getvalue()

    def _answers(self, flow: str, who: str, words: list[str]) -> list[str]:
        """The files that take the place of what a person types into the fields."""
        person = self.bound.get("PERSON", "")
        head = self._file("header", {"subject_person": samples.PERSON_BLOCK})
        match words:
            case ["new", kind, *_] | ["reply", _, kind, *_]:
                turn = self._turns.get(kind, 0)
                self._turns[kind] = turn + 1
                made = answers.content(flow, kind, turn, self._known(kind))
                head = self._file("header", answers.header(kind, person if words[0] == "new" else ""))
                return ["--file", self._file("content", made), "--header", head, "--yes"]
            case ["consent", "new", *_]:
                own = self.federation.units[CAST[who][0]].card.name_sv
                paper = self._file("paper", answers.record(flow, own, person, self._known("")))
                return ["--file", paper, "--header", head]
            case ["consent", "supplement", *_]:
                return ["--file", self._file("paper", answers.supplement(flow)), "--header", head]
            case ["consent", "renew", *_]:
                return ["--file", self._file("paper", answers.renewed()), "--header", head]
            case ["approve", *_]:
                return ["--yes"]
            case _:
                return []

    def _known(self, kind: str) -> dict[str, str]:
        units = {one.card.name_sv: one.unit_id.hex() for one in self.federation.units.values()}
        found = {old: units[name] for old, name in answers.UNITS.items()}
        leans = "FRAGA" if kind.startswith("kvittens") else "RESULTAT"
        return found | {
            answers.PLACEMENT: self.bound.get("PLACERING", ""),
            answers.DECIDES: units["Malmö socialtjänst"],
            samples.FIRST_MESSAGE: self.bound.get(leans, ""),
            samples.CONSENT: self.bound.get("SAMTYCKE", ""),
            samples.CONTENTS["kollision.forfragan"]["placement"]: self.bound.get("TRAD", ""),
        }

    def _file(self, name: str, value: Any) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return str(path)

    def _bind(self, who: str, words: list[str], made: Any) -> None:
        if not isinstance(made, dict):
            return
        if "consent_id" in made and words[0] == "consent":
            self.bound["SAMTYCKE"] = made["consent_id"]
            self.bound["PERSON"] = made.get("principal_ref") or self.bound.get("PERSON", "")
        if words[0] in {"new", "reply"}:
            kind = words[1 if words[0] == "new" else 2]
            self.bound[kind.partition(".")[2].upper()] = made["document_id"]
        if words[0] == "export" and "document_id" in made:
            self.bound["UTTAG"] = made["document_id"]
        for word, what in _BINDS.get(tuple(words[:2]), {}).items():
            self.bound[word] = made[what]
        if words[:2] == ["new", "intag.kontakt"]:
            _, out, _ = self._run(who, ["thread", made["thread_id"]])
            self.bound["PERSON"] = json.loads(out)["principal_ref"]
        if "thread_id" in made:
            self.bound["TRAD"] = made["thread_id"]


#: Command -> word that it binds beside the end of its kind -> what of the answer.
_BINDS: Final[dict[tuple[str, ...], dict[str, str]]] = {
    ("consent", "mistake"): {"FELREGISTRERAT": "document_id"},
    ("new", "placering.behov"): {"PLACERING": "thread_id"},
    ("statistics", "collect"): {"SAMMANSTALLNING": "document_id"},
    ("statistics", "send"): {"RAPPORT": "document_id"},
}


@contextlib.contextmanager
def _typed(text: str) -> Iterator[None]:
    """What the command reads from standard input."""
    before, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        yield
    finally:
        sys.stdin = before


def lines(steps: str) -> list[tuple[str, str, str]]:
    """Every command of the steps: flow, who types it, the command."""
    found: list[tuple[str, str, str]] = []
    for section in re.split(r"\n(?=### )", steps):
        head = section.removeprefix("### ").split(maxsplit=1)[0]
        flow = head if re.fullmatch(r"F\d+", head) else ""
        for block in re.findall(r"```console\n(.*?)```", section, re.DOTALL):
            typed = [line.strip().partition("$ ") for line in block.splitlines() if line.strip()]
            found += [(flow, who, command) for who, _, command in typed]
    return found


def play(only: set[str]) -> int:
    """All flows, or these; how many commands failed."""
    failed, before = 0, "-"
    federation = founded()
    with tempfile.TemporaryDirectory() as folder:
        hub = HubProcess.create(Path(folder) / "hub", federation)
        with hub.running(), contextlib.chdir(folder):
            stage = Play(Path(folder) / "desks", federation, hub.url)
            for flow, who, command in lines(STEPS.read_text("utf-8")):
                if only and flow not in only:
                    continue
                if flow != before:
                    stage.begin()
                    before = flow
                wrong = stage.type(flow, who, command)
                failed += bool(wrong)
                print(
                    f"{'no ' if wrong else 'ok '} {flow:3} {who}: {command}" + (f"\n      {wrong}" if wrong else ""),
                    flush=True,
                )
    return failed


if __name__ == "__main__":
    sys.exit(1 if play(set(sys.argv[1:])) else 0)
