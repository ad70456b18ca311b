"""What every story at the pages is made of: write, look once more, open, answer for, and write a signed paper in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from client.demo import script
from client.demo.acting import POLICE
from tests.browser.hands import Hand, What, on_page
from tests.browser.seats import BJORKVIKA, CHIEF, NAMES, STAFF

#: What the form of a consent does not ask for on this page: the office fills it in, or it stands there already.
_FILLED = ("case_type", "signer_kind", "notice_language", "withdrawal_info", "retention_rule")
#: What a supplement is asked for; the rest holds as before.
_ANEW = ("parties", "purposes", "data_categories", "second_staff", "form", "signed_", "original_", "aid_used", "rec")


async def write(hand: Hand, kind: str, to: str, values: Mapping[str, list[str]]) -> None:
    """Begin a document, fill it in, and see it as the recipient will."""
    await hand.goes_to("Skriv nytt")
    await hand.choose(kind)
    await hand.choose(NAMES[to])
    await fill(hand, values)


async def fill(hand: Hand, values: Mapping[str, list[str]]) -> None:
    """The form, and the look before it leaves."""
    await hand.fill(values)
    await hand.press("Granska")
    await hand.sees("Granska innan det skickas")


async def answer(hand: Hand, kind: str, values: Mapping[str, list[str]]) -> None:
    """An answer in the thread that is open."""
    await hand.press(kind)
    await fill(hand, values)


async def opens(hand: Hand, title: str, view: str = "new", *, unit: str = "") -> None:
    """What has come, perhaps from a desk's unit, as soon as it stands in the work list."""
    await hand.goes_to("Arbetslista")
    await hand.follow_to(f"/?view={view}")
    await hand.finds("/thread/", title, row=NAMES.get(unit, ""))


async def approve(second: Hand, text: str) -> None:
    """The colleague reads what the recipient will read, and answers for it."""
    await second.goes_to("Godkännanden")
    await second.finds("/approvals/")
    await second.sees(text)
    await second.press("Godkänn")
    await second.sees("Du har godkänt dokumentet. Det skickas från den dator där det skrevs.")


def consent(names: list[str], units: Mapping[str, str], purposes: list[str], **changes: Any) -> dict[str, list[str]]:
    """The form of a consent that names these desks' units."""
    parties = [
        {"authority": "polis" if key in POLICE else "socialtjanst", "unit": units[key], "role": "bada", "named": True}
        for key in names
    ]
    record = script.record(parties, purposes, **changes)
    values = on_page({name: value for name, value in record.items() if name not in _FILLED}, "record")
    return values | {"confirmed": ["ja"]}


async def register(hand: Hand, values: Mapping[str, list[str]], case_type: str = "Intag") -> str:
    """The paper is written in, for a new case or the one whose page led here; the consent's id."""
    await hand.take(What("A,BUTTON", hand.says("Registrera ett samtycke")))
    await hand.choose(case_type)
    await hand.fill(values)
    await hand.press("Registrera")
    await hand.sees("Samtycket är registrerat.")
    return _last_of(hand.tab.url)


async def supplement(hand: Hand, consent_id: str, units: Mapping[str, str]) -> str:
    """What the person has signed in addition, before two of the unit: a place, and another unit; its id."""
    await hand.goes_to("Samtycken")
    await hand.follow_to(f"/consents/{consent_id}")
    await hand.follow("Registrera ett tillägg")
    categories = [*script.record([], [])["data_categories"], "halsa", "sysselsattning", "familj_anhoriga"]
    second = {"name": STAFF[CHIEF], "role": "beslutsfattare"}
    values = consent([BJORKVIKA], units, ["placering", "overlamnande"], data_categories=categories, second_staff=second)
    begins = tuple(f"{at}record.{name}" for name in _ANEW for at in ("", "rows:"))
    await hand.fill({name: value for name, value in values.items() if name.startswith((*begins, "confirmed"))})
    await hand.press("Registrera")
    await hand.sees("Samtycket är registrerat.")
    return _last_of(hand.tab.url)


def _last_of(address: str) -> str:
    """The id at the end of an address, without the place on the page to which the way past the menu led."""
    return urlsplit(address).path.rpartition("/")[2]
