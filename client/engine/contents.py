"""What a document in the vault says: its body as it was checked when it came or was written."""

from __future__ import annotations

from typing import Any

from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES


def content_of(raw: bytes) -> dict[str, Any]:
    """The content of a stored body; empty for one that has none.

    Raises:
        FormatError: code ``FMT``; it is no body.
    """
    content = decode_body(raw, max_bytes=MAX_BODY_BYTES).get("content")
    return content if isinstance(content, dict) else {}
