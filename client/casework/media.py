"""What an attached file is, by its first bytes, and what it may be called.

A file's name and what somebody says of its type are never trusted:
1. The media type follows from the bytes alone. What has no mark that we know is ``application/octet-stream``; markup
   that a browser would run (HTML, SVG) has none on purpose.
2. A name is one component of a path: no separators, no control or direction marks, nothing that Windows takes for a
   device, and an ending that goes with the type. A document whose names are not clean is refused at both ends.

Public signatures:
    media_type(head) -> str
    clean_name(name, media_type) -> str
    is_clean(name, media_type) -> bool
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

UNKNOWN: Final = "application/octet-stream"
HEAD_BYTES: Final = 64
"""As many first bytes as any mark needs."""

PREVIEWED: Final = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a page shows: every browser has a reader for it that does not run what the file says."""

MAX_NAME: Final = 120
_MAX_ENDING: Final = 10

#: Media type -> its endings, the usual one first.
_ENDINGS: Final = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/tiff": ("tif", "tiff"),
}
#: Endings under which the system does not run what it opens; anything else of an unknown type becomes ``.bin``.
_HARMLESS: Final = frozenset(
    {
        "bin", "bmp", "csv", "docx", "dotx", "eml", "flac", "heic", "m4a", "mov", "mp3", "mp4", "msg", "odp", "ods",
        "odt", "ogg", "opus", "p7m", "p7s", "pptx", "rtf", "txt", "wav", "webm", "xlsx", "zip",
    }
)  # fmt: skip
#: Names that Windows takes for devices, with any ending.
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_SPACES: Final = re.compile(r"\s+")
_NAMELESS: Final = "bilaga"


def media_type(head: bytes) -> str:
    """The media type of a file by its first bytes.

    Args:
        head: the first `HEAD_BYTES` bytes, or all there are.
    """
    for mark, found in (
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00*", "image/tiff"),
    ):
        if head.startswith(mark):
            return found
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else UNKNOWN


def clean_name(name: str, media: str) -> str:
    """A name that is safe to show and to save under; the same again for one that is clean.

    Args:
        name: as somebody gave it.
        media: what `media_type` said.
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(letter for letter in last if letter in " \t\n" or unicodedata.category(letter)[0] not in "CZ")
    words = _SPACES.sub(" ", _FORBIDDEN.sub("_", unicodedata.normalize("NFC", kept))).strip(" .")
    stem, dot, ending = words.rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > _MAX_ENDING:
        stem, ending = words, ""
    ending = _ending(ending.lower(), media)
    stem = stem.strip(" .") or _NAMELESS
    stem = f"_{stem}" if _DEVICES.fullmatch(stem) else stem
    stem = stem[: MAX_NAME - len(ending) - 1].strip(" .")
    return f"{stem}.{ending}"


def is_clean(name: str, media: str) -> bool:
    """Whether a name may stand in a document."""
    return clean_name(name, media) == name


def _ending(ending: str, media: str) -> str:
    known = _ENDINGS.get(media)
    if known is not None:
        return ending if ending in known else known[0]
    return ending if ending in _HARMLESS else "bin"
