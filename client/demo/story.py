"""The story: a question without a name, a consent, a threat assessment, a handover, a withdrawal.

Each scene is what the handlers do through the loopback API of their office; what must be refused is part of the story,
and a scene that does not end as it must stops the demonstration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from client.demo import cast, directory, script
from client.demo.stage import RefusedByOffice, Stage
from keys.errors import LocalError

LILLKOPING: Final = "lillkoping"
SAV: Final = "goteborg-sav"
BOPS: Final = "bops-vast"
BJORKVIKA: Final = "bjorkvika"
EVERYBODY: Final = len(cast.OFFICES) + len(directory.UNITS)

Tell = Callable[[str, str], None]


@dataclasses.dataclass(slots=True)
class Tally:
    """What the story has moved: documents that arrived, receipts that came back, refusals that were right."""

    documents: int = 0
    receipts: int = 0
    refused: int = 0


class Story:
    """Plays the story on a stage.

    Args:
        stage: with all offices open.
        tell: takes each step in Swedish and in English.
    """

    def __init__(self, stage: Stage, tell: Tell) -> None:
        self._stage = stage
        self._tell = tell
        self.tally = Tally()
        self._consent = ""
        self._principal = ""

    async def play(self) -> Tally:
        """All scenes, in order.

        Raises:
            LocalError: code ``DEMO``; something did not end as it must.
        """
        await self._meet()
        await self._ask_for_advice()
        await self._register_consent()
        await self._ask_for_assessment()
        await self._hand_over()
        await self._withdraw()
        return self.tally

    async def _meet(self) -> None:
        """Every office finds the others in the directory, with keys to write to."""
        for office in (LILLKOPING, SAV, BOPS, BJORKVIKA):
            await self._stage.until(office, "units", lambda units: len(units) == EVERYBODY)

    async def _ask_for_advice(self) -> None:
        await self._must_refuse(
            LILLKOPING, "PID", "new", kind="konsultation.fraga", to=self._stage.units[SAV],
            content=script.question(f"{script.SITUATION} Personnummer {script.NUMBER}."),
        )  # fmt: skip
        self._tell(
            "Lillköping skriver ett personnummer i en fråga om råd: programmet stoppar det, inget har lämnat datorn.",
            "Lillköping writes a personal number in a request for advice: stopped, nothing has left the computer.",
        )
        asked = await self._send(LILLKOPING, SAV, "konsultation.fraga", script.question())
        self._tell(
            "Lillköping frågar Göteborg SAV om råd utan att nämna någon.",
            "Lillköping asks Gothenburg SAV for advice without naming anyone.",
        )
        answered = await self._reply(SAV, LILLKOPING, asked, "konsultation.svar", script.advice())
        await self._reply(LILLKOPING, SAV, answered, "konsultation.avslut", script.thanks())
        self._tell("SAV svarar, Lillköping avslutar frågan.", "SAV answers, Lillköping closes the question.")

    async def _register_consent(self) -> None:
        made = await self._stage.call(
            SAV, "consent_new",
            record=script.record(self._parties(SAV, BOPS), ["informationsutbyte", "hotbildsbedomning"]),
            send_to=[self._stage.units[BOPS]], header={"subject_person": script.person()},
        )  # fmt: skip
        self._consent, self._principal = made["consent_id"], made["principal_ref"]
        for document_id in made.get("documents", []):
            await self._arrived(SAV, BOPS, document_id)
        self._tell(
            "Ett undertecknat samtycke registreras hos SAV och når Bops Väst.",
            "A signed consent is registered at SAV and reaches Bops West.",
        )

    async def _ask_for_assessment(self) -> None:
        header = {"subject_person": script.person()}
        asked = await self._send(
            SAV, BOPS, "hotbild.begaran", script.threat_request(), header=header, consent_id=self._consent
        )
        result = await self._reply(BOPS, SAV, asked, "hotbild.resultat", script.threat_result())
        shown = await self._stage.call(SAV, "show", document_id=result)
        self._require(shown["content"]["outcome"] == "bekraftad_hog", "outcome")
        self._tell(
            "SAV begär en hotbildsbedömning; Bops Väst svarar: bekräftad, hög.",
            "SAV asks for a threat assessment; Bops West answers: confirmed, high.",
        )

    async def _hand_over(self) -> None:
        header = {"subject_person": script.person()}
        content = script.handover(self._stage.units[SAV])
        await self._must_refuse(
            SAV, "CNS-03", "new", kind="overlamnande.forfragan", to=self._stage.units[BJORKVIKA], content=content,
            header=header, consent_id=self._consent,
        )  # fmt: skip
        self._tell(
            "SAV vill lämna över till Björkvika: stoppas med CNS-03, samtycket nämner inte Björkvika.",
            "SAV wants to hand over to Björkvika: stopped with CNS-03, the consent does not name Björkvika.",
        )
        purposes = ["informationsutbyte", "hotbildsbedomning", "overlamnande"]
        supplement = await self._stage.call(
            SAV, "consent_new",
            record=script.record(self._parties(SAV, BOPS, BJORKVIKA), purposes, supersedes=self._consent),
        )  # fmt: skip
        self._consent = supplement["consent_id"]
        asked = await self._send(
            SAV, BJORKVIKA, "overlamnande.forfragan", content, header=header, consent_id=self._consent
        )
        answered = await self._reply(BJORKVIKA, SAV, asked, "overlamnande.svar", script.handover_answer())
        self._require(bool(answered), "answer")
        await self._reply(BJORKVIKA, SAV, asked, "overlamnande.genomfort", script.handover_done())
        self._tell(
            "Efter ett undertecknat tillägg går överlämnandet fram, tas emot och genomförs.",
            "After a signed supplement the handover goes through, is accepted and carried out.",
        )

    async def _withdraw(self) -> None:
        await self._stage.close_office(BOPS)
        late = await self._stage.call(
            SAV, "new", kind="hotbild.begaran", to=self._stage.units[BOPS],
            content=script.threat_request(script.LATE_ACCOUNT, "omprovning"),
            header={"subject_person": script.person()}, consent_id=self._consent,
        )  # fmt: skip
        await self._state(SAV, late["document_id"], {"sent"})
        self._tell(
            "Bops Väst har stängt för dagen. SAV skickar en ny begäran; den ligger hos navet.",
            "Bops West has closed for the day. SAV sends a new request; it waits at the hub.",
        )
        told = await self._stage.call(
            SAV, "consent_withdraw", consent_id=self._consent, scope="helt", received_how="telefon",
            at=f"{script.day(-1)}T15:20:00Z",
        )  # fmt: skip
        await self._state(SAV, late["document_id"], {"recalled"})
        self._tell(
            "Personen återkallar samtycket per telefon: det olämnade återkallas, alla som har samtycket får veta.",
            "The person withdraws the consent by telephone: what is undelivered is recalled, all who have it are told.",
        )
        await self._stage.open_office(BOPS)
        for document_id in told["documents"]:
            await self._state(SAV, document_id, {"available", "registered"})
            self.tally.documents += 1
            self.tally.receipts += 1
        listed = await self._stage.call(BOPS, "list", direction="in")
        self._require(late["document_id"] not in {entry["document_id"] for entry in listed}, "recalled")
        self._tell(
            "Bops Väst öppnar: återkallelsen syns, den återkallade begäran öppnas aldrig.",
            "Bops West opens: the withdrawal is there, the recalled request never opens.",
        )

    # -- what handlers do ---------------------------------------------------------------------------------------------

    async def _send(self, sender: str, recipient: str, kind: str, content: dict[str, Any], **more: Any) -> str:
        sent = await self._stage.call(
            sender, "new", kind=kind, to=self._stage.units[recipient], content=content, **more
        )
        return await self._arrived(sender, recipient, sent["document_id"])

    async def _reply(self, sender: str, recipient: str, document_id: str, kind: str, content: dict[str, Any]) -> str:
        sent = await self._stage.call(sender, "reply", document_id=document_id, kind=kind, content=content)
        return await self._arrived(sender, recipient, sent["document_id"])

    async def _arrived(self, sender: str, recipient: str, document_id: str) -> str:
        """It is in the recipient's vault, and its receipt is back."""
        await self._stage.until(
            recipient, "list", lambda found: any(entry["document_id"] == document_id for entry in found), direction="in"
        )
        self.tally.documents += 1
        await self._state(sender, document_id, {"available", "registered"})
        self.tally.receipts += 1
        return document_id

    async def _state(self, office: str, document_id: str, wanted: set[str]) -> None:
        await self._stage.until(
            office, "list",
            lambda found: any(entry["document_id"] == document_id and entry["state"] in wanted for entry in found),
            direction="out",
        )  # fmt: skip

    async def _must_refuse(self, office: str, code: str, command: str, **arguments: Any) -> None:
        try:
            await self._stage.call(office, command, **arguments)
        except RefusedByOffice as refusal:
            self._require(refusal.code == code, refusal.code)
            self.tally.refused += 1
            return
        raise LocalError("DEMO", rule=code)

    def _parties(self, *offices: str) -> list[dict[str, Any]]:
        authorities = {BOPS: "polis"}
        return [
            {"authority": authorities.get(key, "socialtjanst"), "unit": self._stage.units[key], "role": "bada"}
            for key in offices
        ]

    def _require(self, condition: bool, rule: str) -> None:
        if not condition:
            raise LocalError("DEMO", rule=rule)
