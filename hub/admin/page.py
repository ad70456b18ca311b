"""The figures as a page: values in, HTML out. No HTTP."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

import jinja2
from markupsafe import Markup

from hub.admin.graph import bars
from hub.admin.words import LANGUAGES, words
from hub.clock import HOUR_SECONDS
from hub.figures import MIB, Machine, Picture
from hub.wire.responses import Code

_DAY: Final = 24 * HOUR_SECONDS
_CODES: Final = frozenset(code.value for code in Code)
_ENVIRONMENT: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("hub.admin", "templates"), autoescape=True, undefined=jinja2.StrictUndefined
)


def entrance(language: str, wrong: str = "") -> str:
    """The page that asks for the token; ``wrong`` names the word that says why it did not open."""
    return _drawn("enter.html", language, wrong=wrong)


def unanswered(language: str) -> str:
    """The page when the store does not answer."""
    return _drawn("unanswered.html", language)


def overview(
    language: str, *, machine: Machine, picture: Picture, ready: dict[str, bool], events: dict[str, Any]
) -> str:
    """The hub in figures.

    Args:
        language: ``sv`` or ``en``.
        machine: the machine now.
        picture: mail by the hour.
        ready: what a deposit needs.
        events: ``now`` (seconds), ``version``, ``troubles``, and ``hours`` as ``Metrics.hours`` gives them.
    """
    said = words(language)
    hours = [(_clock(hour * HOUR_SECONDS), _row(counts)) for hour, counts in events["hours"]]
    names = ("deposits", "fetches", "refusals")
    return _drawn(
        "overview.html",
        language,
        ready=ready,
        machine=_machine(machine, events, said),
        mail=_mail(picture),
        graphs=[Markup(bars(said[name], [(at, row[name]) for at, row in hours])) for name in names],  # noqa: S704
        hours=hours,
        names=names,
        queues=sorted(
            ((queue.mailbox.hex(), queue.waiting, picture.hour - (queue.oldest_hour or picture.hour)))
            for queue in picture.queues
            if queue.waiting
        ),
    )


def _drawn(template: str, language: str, **values: Any) -> str:
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    return _ENVIRONMENT.get_template(template).render(w=words(language), lang=language, other=other, **values)


def _row(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        "deposits": counts.get("Deposit", 0),
        "fetches": counts.get("Fetch", 0),
        "refusals": sum(count for name, count in counts.items() if name in _CODES),
    }


def _machine(machine: Machine, events: dict[str, Any], said: dict[str, str]) -> list[tuple[str, str]]:
    troubles = ", ".join(f"{code} {count}" for code, count in sorted(events["troubles"].items()))
    kept = {True: said["yes"], False: said["no"], None: said["unknown"]}[machine.clock_kept]
    snapshot, backup = machine.snapshot_seconds, machine.backup_seconds
    return [
        (said["version"], str(events["version"])),
        (said["now"], f"{datetime.datetime.fromtimestamp(events['now'], tz=datetime.UTC):%Y-%m-%d %H:%M}"),
        (said["clock_kept"], kept),
        (said["up"], _span(machine.up_seconds, said)),
        (said["free"], f"{_gib(machine.free_bytes)} / {_gib(machine.disk_bytes)}"),
        (said["queued"], str(machine.queued)),
        (said["job_failures"], str(machine.job_failures)),
        (said["troubles"], troubles or said["none"]),
        (said["log_size"], str(machine.log_size)),
        (said["unpublished"], str(machine.unpublished)),
        (said["snapshot"], said["unknown"] if snapshot is None else _span(snapshot, said)),
        (said["backup"], said["never"] if backup is None else _span(backup, said)),
        *(
            (said["certificate"].format(n=number), said["unreadable"] if left is None else _span(left, said))
            for number, left in enumerate(machine.certificate_seconds, start=1)
        ),
    ]


def _mail(picture: Picture) -> list[tuple[str, str]]:
    totals = picture.totals
    return [
        ("waiting", str(totals.waiting)),
        ("withheld", str(totals.withheld)),
        ("oldest", str(picture.oldest_hours)),
        ("size", f"{totals.size_bytes / MIB:.1f} MiB"),
        ("connections", str(picture.connections)),
        ("listeners", str(picture.listeners)),
    ]


def _span(seconds: float, said: dict[str, str]) -> str:
    if abs(seconds) >= 2 * _DAY:
        return said["days"].format(n=int(seconds // _DAY))
    return said["hours"].format(n=int(seconds // HOUR_SECONDS))


def _gib(count: int) -> str:
    return f"{count / 1024 / MIB:.1f} GiB"


def _clock(seconds: int) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC):%H}"
