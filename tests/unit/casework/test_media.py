"""Types by the first bytes, and names that are safe whatever somebody calls a file."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.casework.media import MAX_NAME, PREVIEWED, UNKNOWN, clean_name, is_clean, media_type

PDF = "application/pdf"


@pytest.mark.parametrize(
    ("head", "media"),
    [
        (b"%PDF-1.7\n", PDF),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"II*\x00", "image/tiff"),
        (b"", UNKNOWN),
        (b"MZ\x90\x00", UNKNOWN),
        (b"PK\x03\x04", UNKNOWN),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", UNKNOWN),
        (b"<!DOCTYPE html><script>alert(1)</script>", UNKNOWN),
        (b"\xef\xbb\xbf<html>", UNKNOWN),
        (b"RIFF\x00\x00\x00\x00WAVE", UNKNOWN),
        (b" %PDF-1.7", UNKNOWN),
    ],
)
def test_the_type_follows_from_the_first_bytes(head: bytes, media: str) -> None:
    """Known marks alone; markup, programs and archives are bytes."""
    assert media_type(head) == media


def test_nothing_that_a_browser_runs_is_shown() -> None:
    """The list of what a page shows holds no markup, and no unknown bytes."""
    assert not [media for media in PREVIEWED if "svg" in media or "html" in media or "xml" in media]
    assert UNKNOWN not in PREVIEWED


@pytest.mark.parametrize(
    ("name", "media", "clean"),
    [
        ("Bedömning 3.pdf", PDF, "Bedömning 3.pdf"),
        ("../../../etc/passwd", UNKNOWN, "passwd.bin"),
        ("..\\..\\Windows\\System32\\x.dll", UNKNOWN, "x.bin"),
        ("/absolute/a.pdf", PDF, "a.pdf"),
        ("C:\\Users\\a.docx", UNKNOWN, "a.docx"),
        ("a.pdf.exe", UNKNOWN, "a.pdf.bin"),
        ("a.exe", PDF, "a.pdf"),
        ("a.svg", UNKNOWN, "a.bin"),
        ("a.html", "image/png", "a.png"),
        ("fdp.\u202egpj.exe", UNKNOWN, "fdp.gpj.bin"),
        ("a\x00.pdf", PDF, "a.pdf"),
        ("a\r\nSet-Cookie: x.pdf", PDF, "a Set-Cookie_ x.pdf"),
        ('"><script>alert(1)</script>.png', "image/png", "script_.png"),
        ("con", UNKNOWN, "_con.bin"),
        ("NUL.txt", UNKNOWN, "_NUL.txt"),
        ("..", PDF, "bilaga.pdf"),
        ("", PDF, "bilaga.pdf"),
        (".htaccess", UNKNOWN, "htaccess.bin"),
        ("a.txt:stream", UNKNOWN, "a.txt_stream.bin"),
        ("e\u0301.pdf", PDF, "é.pdf"),
    ],
)
def test_a_name_is_one_harmless_component(name: str, media: str, clean: str) -> None:
    """One trick each."""
    assert clean_name(name, media) == clean
    assert is_clean(clean, media)
    assert is_clean(name, media) is (name == clean)


@given(name=st.text(max_size=300), media=st.sampled_from([*PREVIEWED, UNKNOWN, "image/tiff"]))
def test_whatever_the_name_the_clean_one_holds(name: str, media: str) -> None:
    """Cleaning twice changes nothing; no separator, no control or direction mark, not too long, an ending."""
    clean = clean_name(name, media)
    assert clean_name(clean, media) == clean
    assert not set(clean) & set('/\\:*?"<>|')
    assert not [letter for letter in clean if letter != " " and unicodedata.category(letter)[0] in "CZ"]
    assert len(clean) <= MAX_NAME
    assert not clean.startswith((".", " "))
    assert not clean.endswith((".", " "))
    assert clean.rpartition(".")[2]
