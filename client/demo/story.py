"""The story: a question without a name, a consent, a threat assessment, a handover, a withdrawal.

Each scene is what the handlers do through the loopback API of their office; what must be refused is part of the story,
and a scene that does not end as it must stops the demonstration.
"""

from __future__ import annotations

import asyncio
from typing import Final

from client.demo import cast, directory, script
from client.demo.acting import BJORKVIKA, BOPS, BOPS_SECOND, LILLKOPING, SAV, SAV_CHIEF, Actors, Tally, Tell
from client.demo.stage import Stage
from client.demo.story_cases import Cases

EVERYBODY: Final = len({office.unit_key for office in cast.OFFICES}) + len(directory.UNITS)


class Story(Actors):
    """Plays the story on a stage: see `Actors`."""

    def __init__(self, stage: Stage, tell: Tell) -> None:
        super().__init__(stage, tell, Tally())
        self._consent = ""

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
        await Cases(self.stage, self.tell, self.tally).play()
        await self._leave_a_question()
        return self.tally

    async def _meet(self) -> None:
        """Every office finds the others in the directory, with keys to write to."""
        for office in cast.OFFICES:
            await self.stage.until(office.key, "units", lambda units: len(units) == EVERYBODY)

    async def _ask_for_advice(self) -> None:
        await self.must_refuse(
            LILLKOPING, "PID", "new", kind="konsultation.fraga", to=self.stage.units[SAV],
            content=script.question(f"{script.SITUATION} Personnummer {script.NUMBER}."),
        )  # fmt: skip
        self.tell(
            "Lillköping skriver ett personnummer i en fråga om råd: programmet stoppar det, inget har lämnat datorn.",
            "Lillköping writes a personal number in a request for advice: stopped, nothing has left the computer.",
        )
        asked = await self.send(LILLKOPING, SAV, "konsultation.fraga", script.question())
        self.tell(
            "Lillköping frågar Göteborg SAV om råd utan att nämna någon.",
            "Lillköping asks Göteborg SAV for advice without naming anyone.",
        )
        answered = await self.reply(SAV, LILLKOPING, asked, "konsultation.svar", script.advice())
        await self.reply(LILLKOPING, SAV, answered, "konsultation.avslut", script.thanks())
        self.tell("SAV svarar, Lillköping avslutar frågan.", "SAV answers, Lillköping closes the question.")

    async def _register_consent(self) -> None:
        made = await self.stage.call(
            SAV, "consent_new",
            record=script.record(self.parties(SAV, BOPS), ["informationsutbyte", "hotbildsbedomning"]),
            send_to=[self.stage.units[BOPS]], header={"subject_person": script.person()},
        )  # fmt: skip
        self._consent = made["consent_id"]
        for document_id in made.get("documents", []):
            await self.arrived(SAV, BOPS, document_id)
        self.tell(
            "Ett undertecknat samtycke registreras hos SAV och når Bops Väst.",
            "A signed consent is registered at SAV and reaches Bops Väst.",
        )

    async def _ask_for_assessment(self) -> None:
        header = {"subject_person": script.person()}
        asked = await self.send(
            SAV, BOPS, "hotbild.begaran", script.threat_request(), header=header, consent_id=self._consent
        )
        result = await self.reply(BOPS, SAV, asked, "hotbild.resultat", script.threat_result())
        shown = await self.stage.call(SAV, "show", document_id=result)
        self.require(shown["content"]["outcome"] == "bekraftad_hog", "outcome")
        self.tell(
            "SAV begär en hotbildsbedömning; Bops Väst svarar: bekräftad, hög.",
            "SAV asks for a threat assessment; Bops Väst answers: confirmed, high.",
        )

    async def _hand_over(self) -> None:
        header = {"subject_person": script.person()}
        content = script.handover(self.stage.units[SAV])
        await self.must_refuse(
            SAV, "CNS-03", "new", kind="overlamnande.forfragan", to=self.stage.units[BJORKVIKA], content=content,
            header=header, consent_id=self._consent,
        )  # fmt: skip
        self.tell(
            "SAV vill lämna över till Björkvika: stoppas med CNS-03, samtycket nämner inte Björkvika.",
            "SAV wants to hand over to Björkvika: stopped with CNS-03, the consent does not name Björkvika.",
        )
        purposes = ["informationsutbyte", "hotbildsbedomning", "overlamnande"]
        supplement = await self.stage.call(
            SAV, "consent_new",
            record=script.record(self.parties(SAV, BOPS, BJORKVIKA), purposes, supersedes=self._consent),
        )  # fmt: skip
        self._consent = supplement["consent_id"]
        asked = await self.send(
            SAV, BJORKVIKA, "overlamnande.forfragan", content, header=header, consent_id=self._consent
        )
        answered = await self.reply(BJORKVIKA, SAV, asked, "overlamnande.svar", script.handover_answer())
        self.require(bool(answered), "answer")
        await self.reply(BJORKVIKA, SAV, asked, "overlamnande.genomfort", script.handover_done())
        self.tell(
            "Efter ett undertecknat tillägg går överlämnandet fram, tas emot och genomförs.",
            "After a signed supplement the handover goes through, is accepted and carried out.",
        )

    async def _withdraw(self) -> None:
        for desk in (BOPS, BOPS_SECOND):
            await self.stage.close_office(desk)
        late = await self.stage.call(
            SAV, "new", kind="hotbild.begaran", to=self.stage.units[BOPS],
            content=script.threat_request(script.LATE_ACCOUNT, "omprovning"),
            header={"subject_person": script.person()}, consent_id=self._consent,
        )  # fmt: skip
        await self.reaches(SAV, late["document_id"], {"sent"})
        self.tell(
            "Bops Väst har stängt för dagen. SAV skickar en ny begäran; den ligger hos navet.",
            "Bops Väst has closed for the day. SAV sends a new request; it waits at the hub.",
        )
        told = await self.stage.call(
            SAV, "consent_withdraw", consent_id=self._consent, scope="helt", received_how="telefon",
            at=f"{script.day(-1)}T15:20:00Z",
        )  # fmt: skip
        await self.reaches(SAV, late["document_id"], {"recalled"})
        self.tell(
            "Personen återkallar samtycket per telefon: det olämnade återkallas, alla som har samtycket får veta.",
            "The person withdraws the consent by telephone: what is undelivered is recalled, all who have it are told.",
        )
        await asyncio.gather(*(self.stage.open_office(desk) for desk in (BOPS, BOPS_SECOND)))
        for document_id in told["documents"]:
            await self.reaches(SAV, document_id, {"available", "registered"})
            self.tally.documents += 1
            self.tally.receipts += 1
        listed = await self.stage.call(BOPS, "list", direction="in")
        self.require(late["document_id"] not in {entry["document_id"] for entry in listed}, "recalled")
        self.tell(
            "Bops Väst öppnar: återkallelsen syns, den återkallade begäran öppnas aldrig.",
            "Bops Väst opens: the withdrawal is there, the recalled request never opens.",
        )

    async def _leave_a_question(self) -> None:
        """Something to answer for whoever opens a door; at SAV's other desk, as the first one's machine is gone."""
        await self.send(LILLKOPING, SAV_CHIEF, "konsultation.fraga", script.question(script.NEXT_SITUATION))
        self.tell(
            "Lillköping har en fråga till. Den väntar hos Göteborg SAV på den som öppnar dörren.",
            "Lillköping has another question. It waits at Göteborg SAV for whoever opens the door.",
        )
