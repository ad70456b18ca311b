"""The map of the page: every address, what is asked for there, and who answers."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from client.web.pages import approving, call, consents, door, files, kit, own, people, thread, work, writing

ROUTES: Final = [
    web.get("/enter", door.enter),
    web.get("/unlock", door.unlock_form),
    web.post("/unlock", door.unlock),
    web.post("/lock", door.lock),
    web.get("/hidden", door.hidden),
    web.post("/leave", door.leave),
    web.post("/language", door.language),
    web.get("/live", door.live),
    web.get("/", work.work),
    web.post("/search", work.search),
    web.get("/aside", work.aside),
    web.get("/thread/{thread_id}", thread.thread),
    web.post("/thread/{thread_id}", thread.act),
    web.get("/thread/{thread_id}/print", thread.printed),
    web.get("/approvals", approving.approvals),
    web.get("/approvals/{document_id}", approving.approval),
    web.post("/approvals/{document_id}", approving.decide),
    web.get("/write", writing.choose),
    web.post("/drafts", writing.begin),
    web.get("/draft/{draft_id}", writing.form),
    web.post("/draft/{draft_id}", writing.change),
    web.get("/draft/{draft_id}/files", files.chosen),
    web.post("/draft/{draft_id}/files", files.take_out),
    web.post("/upload/{ticket}", files.upload),
    web.get("/file/{document_id}/{number}/{way:open|save}", files.open_file),
    web.post("/file/{document_id}/{number}", files.turn),
    web.post("/guard", writing.guard),
    web.post("/identity", writing.identity),
    web.get("/units", people.units),
    web.get("/units/{unit_id}", people.unit),
    web.post("/units/{unit_id}/compared", people.compared),
    web.get("/consents", consents.consents),
    web.get("/consents/{consent_id}", consents.consent),
    web.get("/own", own.own),
    web.post("/own/stand-in", own.stand_in),
    web.post("/own/revoke", own.revoke),
    web.get("/own/log", own.log),
    web.get("/call", call.call),
    web.post("/call", call.begin),
    web.post("/draft/{draft_id}/code", call.code),
    web.get("/kit", kit.kit),
    web.post("/kit", kit.make),
    web.get("/accessibility", people.accessibility),
    web.get("/settings", people.settings),
]
