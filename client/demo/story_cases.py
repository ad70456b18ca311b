"""The second half: a caller is placed, a machine is lost, and a case in Malmö ends and begins again.

Scenes as in `story`.
"""

from __future__ import annotations

from client.demo import cast, script
from client.demo import script_cases as lines
from client.demo.acting import (
    BOPS,
    BOPS_SECOND,
    GROVA,
    HOTLINE,
    MALMO,
    MALMO_SOCIAL,
    SAV,
    SAV_CHIEF,
    Actors,
    Tally,
    Tell,
)
from client.demo.stage import Stage

_NAMES = {office.key: office.staff for office in cast.OFFICES}


class Cases(Actors):
    """Plays these scenes: see `Actors`."""

    def __init__(self, stage: Stage, tell: Tell, tally: Tally) -> None:
        super().__init__(stage, tell, tally)
        self._placement = ""
        self._malmo = ""

    async def play(self) -> None:
        """All scenes, in order.

        Raises:
            LocalError: code ``DEMO``; something did not end as it must.
        """
        await self._call_the_hotline()
        await self._place()
        await self._lose_a_machine()
        await self._disagree_in_malmo()
        await self._close_and_come_back()

    async def _call_the_hotline(self) -> None:
        code = await self.stage.call(HOTLINE, "return_code_new")
        first = await self.stage.call(HOTLINE, "new", kind="intag.kontakt", content=lines.contact(code["check"]))
        self.tell(
            "Någon ringer avhoppartelefonen utan att säga sitt namn och får en återkomstkod.",
            "Somebody calls the hotline without a name, and is given a return code.",
        )
        found = await self.stage.call(HOTLINE, "return_code_find", code=code["code"])
        self.require(found["document_id"] == first["document_id"], "code")
        for step in ("samtycke_efterfragat", "samtycke_undertecknat"):
            await self.stage.call(
                HOTLINE, "reply", document_id=first["document_id"], kind="intag.handelse", content={"step": step}
            )
        shown = await self.stage.call(HOTLINE, "show", document_id=first["document_id"])
        record = script.record(self.parties(HOTLINE, SAV, BOPS), ["informationsutbyte"])
        made = await self.stage.call(
            HOTLINE, "consent_new", record={**record, "principal_ref": shown["header"]["principal_ref"]}
        )
        forwarded = await self.send(
            HOTLINE, SAV, "intag.formedling", lines.forwarding(), header={"subject_person": lines.kim()},
            thread_id=first["thread_id"], consent_id=made["consent_id"],
        )  # fmt: skip
        thread_id = (await self.stage.call(SAV, "show", document_id=forwarded))["thread_id"]
        await self.stage.call(SAV, "take", thread_id=thread_id)
        await self.reply(
            SAV, HOTLINE, forwarded, "intag.svar", lines.opened(self.stage.units[SAV]), consent_id=made["consent_id"]
        )
        self.tell(
            "Koden känns igen när personen ringer igen. Efter samtycke går kontakten till SAV; Jonatan tar ärendet.",
            "The code is known when the person calls again. With a consent SAV gets the case; Jonatan takes it.",
        )

    async def _place(self) -> None:
        parties, person = self.parties(SAV, BOPS), {"subject_person": lines.kim()}
        plain = script.record(parties, ["informationsutbyte", "hotbildsbedomning"])
        first = await self.stage.call(SAV, "consent_new", record=plain)
        purposes = ["informationsutbyte", "hotbildsbedomning", "placering"]
        more = {
            "case_type": "placering",
            "supersedes": first["consent_id"],
            "data_categories": [*plain["data_categories"], "halsa", "sysselsattning", "familj_anhoriga"],
            "second_staff": {"name": _NAMES[SAV_CHIEF], "role": "beslutsfattare"},
        }
        made = await self.stage.call(SAV, "consent_new", record=script.record(parties, purposes, **more))
        asked = await self.send(
            SAV, BOPS, "placering.behov", lines.need(), header=person, consent_id=made["consent_id"]
        )
        officers = (BOPS, BOPS_SECOND)
        await self.keep_by_two(officers, asked, "kollision.egenkontroll", lines.own_check(_NAMES[BOPS]))
        await self.reply_by_two(officers, SAV, asked, "kollision.svar", lines.verdict(_NAMES[BOPS]))
        for answer in ("godtas", "klar_att_flytta"):
            await self.reply(SAV, BOPS, asked, "placering.ortsbesked", {"answer": answer})
        self.tell(
            "SAV behöver en ny ort. Två poliser skriver under svaret om orten; SAV får bara veta: inga hinder.",
            "SAV needs a new place. Two officers sign the answer on it; all that SAV learns is: no obstacle.",
        )
        await self.reply_by_two((SAV, SAV_CHIEF), BOPS, asked, "placering.bekraftelse", lines.move(), header=person)
        self._placement = asked
        self.tell(
            "Jonatan bekräftar flytten. Inget lämnar SAV förrän Miriam har läst och skrivit under.",
            "Jonatan confirms the move. Nothing leaves SAV before Miriam has read and signed it.",
        )

    async def _lose_a_machine(self) -> None:
        lost = (await self.stage.call(SAV, "status"))["device_id"]
        await self.stage.close_office(SAV)
        ended = await self.stage.call(SAV_CHIEF, "device_revoke", device_id=lost, reason="lost")
        self.require(ended["entered"], "entered")
        await self.held(SAV_CHIEF, self._placement)
        await self.reply(SAV_CHIEF, BOPS, self._placement, "placering.lagesrapport", lines.report())
        self.tell(
            "Jonatans dator blir stulen. Miriam stänger av den från sin egen; ärendet går vidare hos henne.",
            "Jonatan's computer is stolen. Miriam ends it from her own; the case goes on with her.",
        )

    async def _disagree_in_malmo(self) -> None:
        parties = self.parties(MALMO, MALMO_SOCIAL, GROVA)
        consent = script.record(parties, ["informationsutbyte", "hotbildsbedomning"])
        made = await self.stage.call(MALMO, "consent_new", record=consent)
        request = {**script.threat_request(lines.MALMO_ACCOUNT), "group": "En gruppering söder om staden"}
        asked = await self.send(
            MALMO, GROVA, "hotbild.begaran", request, header={"subject_person": lines.unknown()},
            consent_id=made["consent_id"],
        )  # fmt: skip
        result = await self.reply(GROVA, MALMO, asked, "hotbild.resultat", lines.not_confirmed())
        await self.reply(MALMO, GROVA, result, "bedomning.oenighet", lines.disagreement())
        decided = lines.target_group(result, self.stage.units[MALMO_SOCIAL])
        unexplained = {**decided, "deviation_reason": ""}
        for wrong in (unexplained, {**decided, "decision_unit": self.stage.units[MALMO]}):
            await self.must_refuse(MALMO, "SCH", "reply", document_id=result, kind="malgrupp.beslut", content=wrong)
        await self.reply(MALMO, GROVA, result, "malgrupp.beslut", decided)
        self._malmo = made["principal_ref"]
        self.tell(
            "I Malmö kan polisen inte bedöma hotet. Teamet är oense och skriver varför; aldrig blir det 'inget hot'. "
            "Teamet beslutar inget: beslutet är socialtjänstens, och polisens program kontrollerar det.",
            "In Malmö the police cannot assess the threat. The team disagrees and says why; it is never 'no threat'. "
            "The team decides nothing: the decision is the social services', and the police program checks that.",
        )

    async def _close_and_come_back(self) -> None:
        held = await self.stage.call(MALMO, "consent_list")
        (consent_id,) = [one["consent_id"] for one in held]
        told = await self.send(
            MALMO, GROVA, "avslut.notis", lines.closing(), header={"principal_ref": self._malmo}, consent_id=consent_id
        )
        await self.reply(GROVA, MALMO, told, "avslut.bekraftelse", lines.closed())
        back = lines.comes_back(consent_id)
        await self.must_refuse(MALMO, "OLDCONSENT", "new", kind="aterkomst.notis", content=back)
        parties = self.parties(MALMO, MALMO_SOCIAL, GROVA)
        fresh = await self.stage.call(MALMO, "consent_new", record=script.record(parties, ["informationsutbyte"]))
        again = await self.stage.call(
            MALMO, "new", kind="aterkomst.notis", content=lines.comes_back(fresh["consent_id"]),
            consent_id=fresh["consent_id"],
        )  # fmt: skip
        asked = await self.send(
            MALMO, MALMO_SOCIAL, "intag.formedling", lines.forwarding_back(),
            header={"subject_person": lines.unknown()}, consent_id=fresh["consent_id"],
        )  # fmt: skip
        await self.reply(MALMO_SOCIAL, MALMO, asked, "intag.svar", {"outcome": "oppnat"})
        opened = lines.opened(self.stage.units[MALMO_SOCIAL])
        answer = {"document_id": again["document_id"], "kind": "aterkomst.beslut"}
        await self.must_refuse(MALMO, "SCH", "reply", content={"outcome": "oppnat"}, **answer)
        await self.stage.call(MALMO, "reply", content=opened, **answer)
        self.tell(
            "Personen avslutar och kommer tillbaka. Det gamla samtycket gäller aldrig igen; med ett nytt beslutar "
            "Malmö socialtjänst att öppna, och teamet skriver in det.",
            "The person ends it and comes back. The old consent never counts again; with a new one the social services "
            "of Malmö decide to open the case, and the team notes it.",
        )
