"""An old threat result or consent is never offered as current, whichever way it is told (domain.md 2.3, 2.9, 2.10).

Every command of an office is either asked here or stands among those that tell of neither: a new one must be placed.
"""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import COMMANDS, run
from client.cli.main import run as typed
from client.engine.consents import HeldConsent
from client.engine.office import Desk
from client.engine.threat_results import RESULT
from keys.cards import Role
from keys.consent import WithdrawalScope
from tests.flow.test_case import assessed, day
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, PASSPHRASE
from tests.kit.units import Units, open_units
from tests.kit.visitor import visiting

HER, OTHER = "a0" * 16, "b0" * 16
#: Commands that tell neither of a threat result nor where a consent stands.
TELL_NEITHER = frozenset(
    {
        "page", "status", "units", "route", "kinds", "describe", "load", "return_code_new", "return_code_find",
        "reminders", "approval_show", "attach", "unattach", "attachments", "attachment_save", "attachment_cancel",
        "approvals", "consent_form", "disclosures", "staff", "fingerprint", "fingerprint_compared", "rotate", "kit",
        "kit_made", "backup", "quarantine", "quarantine_handled", "alarms", "alarm_seen", "alarm_evidence",
        "device_sign", "device_revoke", "lock", "unlock", "sync",
    }
)  # fmt: skip
#: Says who has read what and when, not what stands.
LOGS = frozenset({"reads"})
IN_FORCE = frozenset({"Aktivt", "Går snart ut"})


class Old:
    """One case with a result that another has replaced, one whose result has run out, and consents that do not hold."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.desk: Desk = units["sav/eva"].desk
        self.results: list[str] = []
        self.current = ""
        self.consents: dict[str, str] = {}
        self.threads: list[str] = []

    async def begin(self) -> None:
        """All of it, two days later."""
        asked, first, consent_id = await assessed(self.units, person=HER)
        again, self.current, _ = await assessed(self.units, consent_id=consent_id)
        other, third, _ = await assessed(self.units, person=OTHER, valid_until=day(self.units, 0))
        self.results = [first, third]
        self.threads = [one.thread_id.hex() for one in (asked, again, other)]
        self.consents["replaced"] = consent_id.hex()
        await self._sign("holds", HER, supersedes=consent_id.hex(), signed_at=f"{day(self.units, 0)}T00:00:02Z")
        await self._sign("early", HER, supersedes=self.consents["holds"], valid_from=day(self.units, 20))
        await self._sign("ran out", "c0" * 16, valid_to=day(self.units, 1))
        taken = await self._sign("withdrawn", "d0" * 16)
        raw = self.desk.consents.sign_withdrawal(taken.consent_id, WithdrawalScope.HELT, recipient=None, purposes=[])
        async with self.desk.context.vault.transaction():
            await self.desk.consents.keep_withdrawal(raw, self.desk.consents.verify_withdrawal(raw))
        for key in (HER, OTHER):
            asked_for = await run(self.desk, "case_export_ask", {"principal_ref": key, "why": "Kommunarkivet."})
            await self.units.settle(2)
            await run(self.units["sav/bo"].desk, "approve", {"document_id": asked_for["document_id"]})
        await self.units.settle(2)
        self.units.dial.turn(2 * 86_400)

    async def _sign(self, name: str, person: str, **changes: Any) -> HeldConsent:
        consent_id = bytes([0xC0 + len(self.consents)] * 16).hex()
        fields = (
            self.units.consent_fields("sav", ["sav", "bops"], principal_ref=person, consent_id=consent_id) | changes
        )
        for one in fields["purposes"]:
            one["valid_to"] = min(one["valid_to"], fields["valid_to"])
        held = self.desk.consents.sign(fields)
        async with self.desk.context.vault.transaction():
            await self.desk.consents.keep(held)
        self.consents[name] = held.consent_id.hex()
        return held

    @property
    def gone(self) -> set[str]:
        """Consents that nothing may lean on today."""
        return {one for name, one in self.consents.items() if name != "holds"}

    def asked(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every command that tells of them."""
        for name in ("list", "threads", "cases", "consent_list"):
            yield name, {}
        yield "search", {"text": "hotbild", "whole": True}
        yield "work", {"view": "all"}
        yield "consent_fit", {"kind": "hotbild.begaran", "to": "bops"}
        for one in (*self.results, self.current):
            yield "show", {"document_id": one}
        for one in self.threads:
            yield "thread", {"thread_id": one}
        for one in (HER, OTHER, "c0" * 16, "d0" * 16):
            yield "case", {"principal_ref": one}
        for one in self.consents.values():
            yield "consent_show", {"consent_id": one}
            yield "consent_history", {"consent_id": one}


@pytest.fixture
async def old(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Old]:
    """At a desk of social services."""
    async with open_units(tmp_path, hub.url, federation, {"bops/pia": "Pia Po", "sav/bo": "Bo Berg"}) as units:
        await units.join("sav/eva", "Eva Ek", roles=(*ALL_ROLES, Role.ARKIVARIE))
        await units.know_each_other()
        await units.settle()
        made = Old(units)
        await made.begin()
        yield made


def blocks(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in an answer, at any depth."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from blocks(one)


def offered(old: Old, told: Any) -> list[dict[str, Any]]:
    """What an answer tells of an old one without saying that it is old, or of the current one as if it were."""
    wrong = []
    for one in blocks(told):
        is_told = "kind" in one or "valid_until" in one  # a line of a thread's history says only that it came
        if is_told and one.get("document_id") in {*old.results, old.current}:
            is_old = bool(one.get("expired") or one.get("replaced") or one.get("current") is False)
            wrong += [one] if is_old is (one["document_id"] == old.current) else []
        if "status_label" in one and one.get("consent_id") in old.consents.values():
            holds = one["status_label"] in IN_FORCE and one.get("current") is True
            wrong += [one] if holds is (one["consent_id"] in old.gone) else []
    return wrong


async def _commands(old: Old) -> None:
    reads = {name for name, one in COMMANDS.items() if not one.sends}
    assert reads == {name for name, _ in old.asked()} | TELL_NEITHER | LOGS | {"consent_export", "case_export"}
    seen: set[str] = set()
    for name, arguments in old.asked():
        told = await run(old.desk, name, arguments)
        assert offered(old, told) == [], name
        seen |= {one["document_id"] for one in blocks(told) if one.get("kind") == RESULT}
    assert seen == {*old.results, old.current}  # else nothing was looked at


async def _exports(old: Old, folder: Path) -> None:
    for name, one in old.consents.items():
        text = {
            form: json.loads((await run(old.desk, "consent_export", {"consent_id": one, "format": form}))["text"])
            for form in ("json", "27560", "fhir")
        }
        holds = name in {"holds", "early"}  # what begins later says from when
        assert (text["fhir"]["status"] == "active") is holds, name
        assert ("decision" in text["fhir"]) is holds, name
        assert (text["27560"]["dpv:hasConsentStatus"]["@id"] == "dpv:ConsentGiven") is holds, name
        assert (text["json"]["replaced_by"] == old.consents["holds"]) is (name == "replaced")
    for key in (HER, OTHER):
        path = folder / f"{key}.zip"
        await run(old.desk, "case_export", {"principal_ref": key, "path": str(path)})
        with zipfile.ZipFile(path) as package:
            assert offered(old, json.loads(package.read("arende.json"))) == []
            page = package.read("index.html").decode()
        assert ("Har gått ut" in page, "Något senare i ärendet" in page) == (key == OTHER, key == HER)
        assert ("Ersatt av en senare form" in page) is (key == HER)


async def _pages(old: Old) -> None:
    replaced = f"/consents/{old.consents['replaced']}"
    async with visiting(old.desk) as visitor:
        await visitor.enter()
        for path in (replaced, f"{replaced}/print", f"/thread/{old.threads[0]}", f"/thread/{old.threads[0]}/print"):
            text = (await visitor.get(path)).text
            assert "Ersatt av en senare form" in text, path
            assert "Läge Aktivt" not in text, path
        for path in (f"/thread/{old.threads[2]}", f"/thread/{old.threads[2]}/print"):
            assert "Bedömningen har gått ut." in (await visitor.get(path)).text
        found = await visitor.post(await visitor.get("/"), "/search", text="hotbild")
        assert ("Bedömningen har gått ut." in found.text, "Det har kommit något senare" in found.text) == (True, True)
        leans = {"reply_to": old.current, "consent_id": old.consents["withdrawn"]}
        begun = await visitor.post(
            await visitor.get(f"/thread/{old.threads[1]}"),
            "/drafts",
            kind="malgrupp.beslut",
            to=old.units.unit("bops").hex(),
            thread_id=old.threads[1],
            **leans,
        )
        choices = {value for tag, attrs in begun.elements if tag == "option" and (value := attrs.get("value"))}
        assert old.current in choices
        assert choices.isdisjoint(old.results)
        marks = [attrs for _, attrs in begun.elements if attrs.get("name") == "consent_id"]
        assert old.consents["withdrawn"] in {one["value"] for one in marks}  # it is there, with why it does not fit
        assert [one for one in marks if "checked" in one] == []


async def _lines(old: Old, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At the command line, where the clock is today's: the result that was replaced, and the consent."""
    await old.units.pop("sav/eva").close()
    (folder / "passphrase").write_text(PASSPHRASE)
    office = ["--office", str(folder / "sav-eva"), "--passphrase-file", str(folder / "passphrase")]
    for words, said in (
        (["list", "--kind", RESULT], "är ersatt"),
        (["thread", old.threads[0]], "är ersatt"),
        (["show", old.results[0]], "Något senare i ärendet gäller"),
        (["case", HER], "är ersatt"),
        (["case", HER], "Gäller inte än"),
        (["consent", "show", old.consents["replaced"]], "Ersatt av en senare form"),
        (["consent", "history", old.consents["replaced"]], "Ersatt av en senare form"),
        (["consent", "list"], "Återkallat"),
    ):
        assert await asyncio.to_thread(typed, [*office, *words]) == 0
        assert said in "".join(capsys.readouterr()), words


async def test_what_is_old_is_told_as_old(old: Old, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By commands, files, pages, the choices of a form and the command line; what counts is never told as old."""
    await _commands(old)
    await _exports(old, tmp_path)
    await _pages(old)
    await _lines(old, tmp_path, capsys)
