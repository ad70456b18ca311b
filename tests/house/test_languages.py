"""The catalogues: complete, compiled, and with the same places to fill in."""

from __future__ import annotations

import re

import pytest
from babel.messages import Catalog

from client.lang.catalogue import LANGUAGES
from tests.kit import messages

OTHERS = [lang for lang in LANGUAGES if lang != "sv"]


@pytest.mark.parametrize("lang", OTHERS)
def test_every_message_is_translated(lang: str) -> None:
    """What stands in templates, scripts and declarations is in the catalogue, and nothing else (`make messages`)."""
    catalogue = messages.read(lang)
    here = {one if isinstance(one, str) else one[0] for one in messages.messages()}
    there = {one.id if isinstance(one.id, str) else one.id[0] for one in catalogue if one.id}
    assert here == there
    assert messages.lacking(catalogue) == []


@pytest.mark.parametrize("lang", OTHERS)
def test_the_program_reads_what_people_wrote(lang: str) -> None:
    """The compiled catalogue is that of the text beside it."""
    path = messages.path_of(lang)
    assert path.with_suffix(".mo").read_bytes() == messages.compiled(messages.read(lang))


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translation_fills_in_the_same_things(lang: str) -> None:
    """No name in ``%(name)s`` is lost or made up."""
    for one in messages.read(lang):
        ids, texts = messages.texts(one.id), messages.texts(one.string)
        for text in texts:
            assert any(_names(text) == _names(source) for source in ids), one.id


def test_a_missing_translation_is_seen() -> None:
    """Control: a message without a text is told."""
    catalogue = Catalog(locale="en")
    catalogue.add("Nytt ord")
    assert messages.lacking(catalogue) == ["Nytt ord"]


def _names(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s", text))
