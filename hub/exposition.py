"""The figures as Prometheus reads them: ``METRICS`` is the closed list of names, and what each one means.

No label holds an id, a name or an address: a time series outlives every row of the hub (PROTOCOL 7.2). Figures with
``by the hour`` stand still between two full hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.figures import Figures, Machine, Picture
from hub.wire.responses import Code

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
DEPOSIT: Final = "Deposit/"

METRICS: Final = {
    "sluss_hub_info": "Version of the program; always 1.",
    "sluss_hub_ready": "1 when what is named in `part` is as a deposit needs it.",
    "sluss_hub_up_seconds": "Seconds since the start.",
    "sluss_hub_disk_free_bytes": "Free room where the data is, in steps of 64 MiB.",
    "sluss_hub_disk_bytes": "Size of that disk.",
    "sluss_hub_store_queued": "Writes that wait for the next commit.",
    "sluss_hub_job_failures_total": "Rounds of pruning, snapshots or cosigning that failed.",
    "sluss_hub_troubles_total": "What the hub could not do: BUSY, DISK, FAULT, CONNECTIONS.",
    "sluss_hub_log_leaves": "Statements in the directory log.",
    "sluss_hub_log_unpublished_leaves": "Statements that no quorum of witnesses has cosigned yet.",
    "sluss_hub_snapshot_age_seconds": "Since the newest prekey snapshot; senders refuse one of a day.",
    "sluss_hub_backup_age_seconds": "Since the newest backup made from this folder; absent when none was.",
    "sluss_hub_certificate_left_seconds": "Until the proxy's certificate number `number` runs out.",
    "sluss_hub_certificate_unreadable": "1 when that certificate cannot be read.",
    "sluss_hub_clock_synchronised": "1 when the kernel says that a time service steers the clock.",
    "sluss_hub_waiting_envelopes": "Envelopes that wait, in all mailboxes together; by the hour.",
    "sluss_hub_withheld_envelopes": "Envelopes that their senders recalled; by the hour.",
    "sluss_hub_oldest_waiting_hours": "Age of the oldest envelope that waits; by the hour.",
    "sluss_hub_mailboxes": "Mailboxes; by the hour.",
    "sluss_hub_mailboxes_waiting": "Mailboxes in which something waits; by the hour.",
    "sluss_hub_database_bytes": "Size of the database; by the hour.",
    "sluss_hub_connections": "Open connections at the first look of the hour.",
    "sluss_hub_listeners": "Devices that listen for a wake at the first look of the hour.",
    "sluss_hub_operations_total": "Operations asked for; by the hour.",
    "sluss_hub_refusals_total": "Refusals by code; by the hour.",
    "sluss_hub_deposits_total": "Deposits asked for, by size in KiB; by the hour.",
}


async def exposition(figures: Figures) -> bytes:
    """All metrics as text (Prometheus exposition format 0.0.4).

    Raises:
        StoreError: the store does not answer.
    """
    picture, ready = await figures.picture(), await figures.ready()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Now(figures, picture, ready))
    return generate_latest(registry)


class _Now(Collector):
    """One look, as metric families."""

    def __init__(self, figures: Figures, picture: Picture, ready: dict[str, bool]) -> None:
        self._figures = figures
        self._picture = picture
        self._ready = ready

    def collect(self) -> Iterator[Metric]:
        """Every family of ``METRICS``."""
        yield _labelled("sluss_hub_info", "version", {version("sluss"): 1})
        yield _labelled("sluss_hub_ready", "part", {part: int(is_well) for part, is_well in self._ready.items()})
        yield from _of_machine(self._figures.machine())
        yield _counted("sluss_hub_troubles_total", "code", dict(self._figures.metrics.troubles))
        yield from _of_mail(self._picture)
        yield from _of_events(dict(self._figures.metrics.sums(self._figures.clock())))


def _of_machine(machine: Machine) -> Iterator[Metric]:
    yield _gauge("sluss_hub_up_seconds", machine.up_seconds)
    yield _gauge("sluss_hub_disk_free_bytes", machine.free_bytes)
    yield _gauge("sluss_hub_disk_bytes", machine.disk_bytes)
    yield _gauge("sluss_hub_store_queued", machine.queued)
    yield _count("sluss_hub_job_failures_total", machine.job_failures)
    yield _gauge("sluss_hub_log_leaves", machine.log_size)
    yield _gauge("sluss_hub_log_unpublished_leaves", machine.unpublished)
    if machine.snapshot_seconds is not None:
        yield _gauge("sluss_hub_snapshot_age_seconds", machine.snapshot_seconds)
    if machine.backup_seconds is not None:
        yield _gauge("sluss_hub_backup_age_seconds", machine.backup_seconds)
    left = {str(number): seconds for number, seconds in enumerate(machine.certificate_seconds, start=1)}
    known = {number: seconds for number, seconds in left.items() if seconds is not None}
    yield _labelled("sluss_hub_certificate_left_seconds", "number", known)
    unreadable = {number: int(number not in known) for number in left}
    yield _labelled("sluss_hub_certificate_unreadable", "number", unreadable)
    if machine.clock_kept is not None:
        yield _gauge("sluss_hub_clock_synchronised", machine.clock_kept)


def _of_mail(picture: Picture) -> Iterator[Metric]:
    totals = picture.totals
    yield _gauge("sluss_hub_waiting_envelopes", totals.waiting)
    yield _gauge("sluss_hub_withheld_envelopes", totals.withheld)
    yield _gauge("sluss_hub_oldest_waiting_hours", picture.oldest_hours)
    yield _gauge("sluss_hub_mailboxes", totals.mailboxes)
    yield _gauge("sluss_hub_mailboxes_waiting", sum(1 for queue in picture.queues if queue.waiting))
    yield _gauge("sluss_hub_database_bytes", totals.size_bytes)
    yield _gauge("sluss_hub_connections", picture.connections)
    yield _gauge("sluss_hub_listeners", picture.listeners)


def _of_events(sums: dict[str, int]) -> Iterator[Metric]:
    codes = {code.value for code in Code}
    refusals = {name: count for name, count in sums.items() if name in codes}
    sizes = {name.removeprefix(DEPOSIT): count for name, count in sums.items() if name.startswith(DEPOSIT)}
    operations = {name: n for name, n in sums.items() if name not in codes and not name.startswith(DEPOSIT)}
    yield _counted("sluss_hub_operations_total", "op", operations)
    yield _counted("sluss_hub_refusals_total", "code", refusals)
    yield _counted("sluss_hub_deposits_total", "kib", sizes)


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(name, METRICS[name], value=value)


def _count(name: str, value: float) -> Metric:
    return CounterMetricFamily(name, METRICS[name], value=value)


def _labelled(name: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, METRICS[name], labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family


def _counted(name: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, METRICS[name], labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
