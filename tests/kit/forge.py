"""A malicious client: enrolled, with real keys, and free of every rule that the real client keeps.

forge = Forge(sender.desk.context, recipient.desk.context)     # both open offices
letter = forge.letter("konsultation.fraga")                    # a sound one
letter = forge.letter(..., payload={"seq": 7}, body={"header": {"priority": "akut"}}, salt=..., commit=...)
raw = forge.envelope(letter)                                   # the envelope; knobs for what the sealing does wrong

Everything is sound unless a knob says otherwise, so that a test makes exactly one defect.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.cobblestone import Cobblestone256Encryptor

from client.casework.kinds.registry import KINDS
from client.engine.context import Context
from client.engine.drafting import class_of, enclosed_digests
from keys import domains
from keys.codec import encode, encode_body
from keys.document import NO_PREV, Content, Document, KindClass, body_commit
from keys.domains import SignedType
from keys.envelope import HEADER, MAGIC, content_bytes
from keys.ids import UnitId, digest
from keys.private import seal
from keys.private.identity import random_bytes
from keys.private.seal import Place, Target
from tests.kit.today import CONTENTS
from tests.unit.casework.samples import PERSON_BLOCK

SIZE = 16 * 1024
LARGE = 64 * 1024
Sign = Callable[[SignedType, bytes], bytes]
Change = Callable[[bytes], bytes]


def same(data: bytes) -> bytes:
    """No defect."""
    return data


def flip(data: bytes) -> bytes:
    """One bit of the last byte turned."""
    return data[:-1] + bytes([data[-1] ^ 1])


@dataclasses.dataclass(frozen=True, slots=True)
class Letter:
    """What goes into an envelope, and what of it a test asks about."""

    document: Document
    signed: bytes
    salt: bytes
    body: bytes

    @property
    def content(self) -> bytes:
        """The encoded Content."""
        return encode(Content(self.signed, self.salt, self.body, []))


class Forge:
    """Makes letters from one unit's device to another unit.

    Args:
        sender: the malicious device's office; its keys sign and its view of the log is named.
        recipient: the office that is attacked; its epoch keys are in the sender's prekey book.
    """

    def __init__(self, sender: Context, recipient: Context) -> None:
        self.sender = sender
        self.recipient = recipient
        self._seq = 10_000  # far beyond what the office itself has sent
        self._prev = NO_PREV

    @property
    def now(self) -> int:
        """The sender's clock, seconds."""
        return self.sender.clock.now()

    @property
    def targets(self) -> list[Target]:
        """The recipient's devices with the keys that hold now."""
        return self.sender.prekeys.targets(self.recipient.unit_id, self.sender.clock.hour())

    def letter(
        self,
        kind: str = "konsultation.fraga",
        *,
        body: dict[str, Any] | None = None,
        payload: dict[str, Any] | None = None,
        sign: Sign | None = None,
        enclosed: Sequence[bytes] = (),
        encoded: Change = same,
    ) -> Letter:
        """One document, signed.

        Args:
            kind: of the document.
            body: replaces parts of the body, ``{"header": {...}, "content": {...}}`` field by field; None takes a
                field out.
            payload: replaces fields of the signed payload, last of all.
            sign: by default the sender's own device.
            enclosed: consents or withdrawals in the body.
            encoded: changes the bytes of the body after the commitment was made.
        """
        document_id, thread_id = random_bytes(16), random_bytes(16)
        made = self._body(kind, document_id, thread_id, list(enclosed))
        _merge(made, copy.deepcopy(body or {}))
        data, salt = encode_body(made), random_bytes(32)
        header = made["header"]
        self._seq += 1
        directory = self.sender.replica.directory
        fields: dict[str, Any] = {
            "version": domains.VERSION,
            "suite": domains.SUITE,
            "document_id": document_id,
            "from_unit": self.sender.unit_id,
            "from_device": self.sender.device_id,
            "to_unit": self.recipient.unit_id,
            "to_devices": [target.device_id for target in self.targets],
            "seq": self._seq,
            "prev": self._prev,
            "sent_at": self.now,
            "dir_size": directory.size,
            "dir_root": directory.tree.root(directory.size),
            "kind_class": class_of(kind),
            "thread_id": thread_id,
            "reply_to": None,
            "body_commit": body_commit(salt, data),
            "attachments": [],
            "consents": enclosed_digests(kind, list(enclosed)),
            "legal_basis": header.get("disclosure_basis", ""),
            "approval": None,
        }
        document = Document(**(fields | (payload or {})))
        signed = (sign or self.sender.keeper.sign)(SignedType.DOCUMENT, encode(document))
        self._prev = digest(signed)
        return Letter(document, signed, salt, encoded(data))

    def again(self, letter: Letter, **payload: Any) -> Letter:
        """The same letter with another payload, signed anew."""
        fields = {name: getattr(letter.document, name) for name in letter.document.__struct_fields__}
        document = Document(**(fields | payload))
        return dataclasses.replace(
            letter, document=document, signed=self.sender.keeper.sign(SignedType.DOCUMENT, encode(document))
        )

    def envelope(
        self,
        letter: Letter | bytes,
        *,
        hour: int | None = None,
        targets: Sequence[Target] | None = None,
        padding: bytes = b"",
        altered: Change = same,
        context_hour: int | None = None,
    ) -> bytes:
        """Seal as the real client does, with the knobs of a malicious one.

        Args:
            letter: or the bytes of any content.
            hour: in the header.
            targets: for whom; by default the recipient's devices.
            padding: stands where the zeros should begin.
            altered: changes the encrypted content before it is wrapped, so that the slots still open.
            context_hour: the hour that the content is bound to, when not that of the header.
        """
        content = letter if isinstance(letter, bytes) else letter.content
        chosen = self.targets if targets is None else list(targets)
        hour = self.sender.clock.hour() if hour is None else hour
        slots, recall = 4, random_bytes(32)
        header = HEADER.pack(MAGIC, slots, hour, recall)
        bound = HEADER.pack(MAGIC, slots, hour if context_hour is None else context_hour, recall)
        place = Place(self.sender.replica.directory.federation, self.recipient.mailbox_id)
        size = SIZE if len(content) + 4 + len(padding) <= (content_bytes(SIZE, slots) or 0) else LARGE
        room = content_bytes(size, slots) or 0
        framed = len(content).to_bytes(4) + content + padding
        key = random_bytes(32)
        encryptor = Cobblestone256Encryptor(key, seal._content_context(place, bound))
        sealed = altered(encryptor.update(framed + bytes(room - len(framed))) + encryptor.finalize())
        wrapped = [
            seal.xwing.wrap(key, target.public, seal._wrap_info(place, header, target.device_id, sealed))
            for target in chosen
        ]
        wrapped += seal._decoys(slots - len(wrapped), place, header, sealed)
        return header + b"".join(wrapped) + sealed

    def _body(self, kind: str, document_id: bytes, thread_id: bytes, enclosed: list[bytes]) -> dict[str, Any]:
        declared = KINDS[kind]
        card = self.sender.book.staff(self.sender.device_id)
        created = datetime.datetime.fromtimestamp(self.now, datetime.UTC)
        header = {
            "message_id": document_id.hex(),
            "thread_id": thread_id.hex(),
            "message_type": kind,
            "schema_version": declared.schema_version,
            "sender_unit": self.sender.unit_id.hex(),
            "sender_staff": {"name": card.name, "role": card.roles[0].value},
            "recipient_unit": self.recipient.unit_id.hex(),
            "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "priority": "rutin",
            "disclosure_basis": "samtycke" if declared.about_person else "inga_personuppgifter",
            "subject_generic": declared.subject,
        }
        if declared.subject_person.value == "required":
            header["subject_person"] = copy.deepcopy(PERSON_BLOCK)
        return {"header": header, "content": copy.deepcopy(CONTENTS[kind]), "consents": enclosed}


def other_unit(context: Context, *known: bytes) -> UnitId:
    """A unit of the directory that is none of ``known``."""
    return next(unit for unit in context.replica.directory.units if unit not in known)


def _merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


__all__ = ["Forge", "KindClass", "Letter", "flip", "other_unit", "same"]
