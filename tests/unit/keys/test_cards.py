"""Cards, delivery tokens and the ways of the directory key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.cards import UNIT_TYPES, CardKind, OrganisationCard
from keys.codec import decode, encode
from keys.errors import FormatError, LocalError, OpenError
from keys.private import xwing
from keys.private.cards import (
    CARD_STEP_BYTES,
    delivery_token,
    open_card,
    open_directory_key,
    seal_card,
    seal_directory_key,
)
from keys.statements import MAX_CARD_BYTES

KEY, OWNER = b"k" * 32, b"o" * 16
SEALED = seal_card(KEY, CardKind.UNIT, OWNER, b"card")


@given(st.binary(max_size=4096))
def test_a_card_comes_back_whatever_it_ends_with(card: bytes) -> None:
    """Padding is taken off exactly, also from a card that ends in zeros or in the mark."""
    assert open_card(KEY, CardKind.UNIT, OWNER, seal_card(KEY, CardKind.UNIT, OWNER, card)) == card


def test_cards_are_as_long_as_each_other() -> None:
    """The length of a name does not show; a municipality with å, ä and ö looks like any other."""
    names = ["Ale", "Malmö stad", "Upplands Väsby kommun", "x" * 120]
    lengths = {
        len(
            seal_card(
                KEY, CardKind.ORGANISATION, OWNER, encode(OrganisationCard(name, "212000-1124", "kommun", "1280"))
            )
        )
        for name in names
    }
    assert lengths == {CARD_STEP_BYTES + 40}


@pytest.mark.parametrize(
    ("key", "kind", "owner", "sealed"),
    [
        (b"l" * 32, CardKind.UNIT, OWNER, SEALED),
        (KEY, CardKind.STAFF, OWNER, SEALED),
        (KEY, CardKind.UNIT, b"p" * 16, SEALED),
        (KEY, CardKind.UNIT, OWNER, SEALED[:-1] + bytes([SEALED[-1] ^ 1])),
        (KEY, CardKind.UNIT, OWNER, SEALED[:30]),
        (KEY, CardKind.UNIT, OWNER, b""),
    ],
    ids=["key", "kind", "owner", "altered", "cut", "empty"],
)
def test_a_card_opens_for_its_key_kind_and_owner_only(key: bytes, kind: CardKind, owner: bytes, sealed: bytes) -> None:
    """A card moved to another owner or kind, altered or cut does not open."""
    with pytest.raises(OpenError, match="CARD"):
        open_card(key, kind, owner, sealed)


def test_a_card_without_the_mark_does_not_open() -> None:
    """Whoever holds the key and leaves the padding out is refused."""
    import nacl.bindings  # noqa: PLC0415 - only here a card is made by hand

    nonce, aad = bytes(24), b"sluss/card\x00unit\x00" + OWNER
    sealed = nonce + nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(64), aad, nonce, KEY)
    with pytest.raises(OpenError, match="CARD"):
        open_card(KEY, CardKind.UNIT, OWNER, sealed)


def test_a_card_that_no_statement_takes_is_refused() -> None:
    """The longest that fits is sealed, one byte more is an error of our own side."""
    most = 7 * CARD_STEP_BYTES - 1
    assert len(seal_card(KEY, CardKind.UNIT, OWNER, b"x" * most)) <= MAX_CARD_BYTES
    with pytest.raises(LocalError, match="BIG"):
        seal_card(KEY, CardKind.UNIT, OWNER, b"x" * (most + 1))


def test_tokens_differ_by_mailbox_week_and_key() -> None:
    """A token of one week tells nothing of the next, nor of another mailbox."""
    tokens = {
        delivery_token(key, mailbox, week)
        for key in (KEY, b"l" * 32)
        for mailbox in (OWNER, b"p" * 16)
        for week in (1, 2)
    }
    assert len(tokens) == 8
    assert {len(token) for token in tokens} == {32}


def test_the_directory_key_reaches_its_device_only() -> None:
    """Another device, federation or seed does not open it."""
    seed = b"s" * 32
    sealed = seal_directory_key(KEY, xwing.public_of(seed), federation=b"f" * 32, device_id=OWNER)
    assert open_directory_key(sealed, seed, federation=b"f" * 32, device_id=OWNER) == KEY
    for wrong in (
        {"enrol_seed": b"t" * 32},
        {"federation": b"g" * 32},
        {"device_id": b"p" * 16},
    ):
        given_all = {"enrol_seed": seed, "federation": b"f" * 32, "device_id": OWNER} | wrong
        with pytest.raises(OpenError):
            open_directory_key(sealed, **given_all)


@pytest.mark.parametrize("kind", ["", "Kommun", "kommun\n", "k" * 41, "två ord"])
def test_a_word_on_a_card_is_a_plain_word(kind: str) -> None:
    """Upper case, blanks and a newline at the end are refused."""
    with pytest.raises(FormatError):
        decode(encode(OrganisationCard("Namn", "", kind, "")), OrganisationCard, max_bytes=1024)


def test_unit_types_are_the_twenty_one_of_the_field() -> None:
    """The list is closed, and each of its words fits a card."""
    assert len(set(UNIT_TYPES)) == len(UNIT_TYPES) == 21
