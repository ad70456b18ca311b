"""``statistics``: fixed cells of a year or half, counted here, reviewed, approved, and sent masked."""

from __future__ import annotations

import click

from client.casework.figures.counting import HALF
from client.cli.base import Command, Group, Option, State, pass_state
from client.cli.words import both
from client.cli.writing import report


@click.group(cls=Group, help=both("Statistik: räkna, granska, godkänn, skicka.", "Statistics: count, review, send."))
def statistics() -> None:
    """All about statistics."""


@statistics.command(cls=Command, help=both("Räkna en period som är slut.", "Count a period that is over."))
@click.argument("year", metavar="ÅR", type=click.IntRange(2000, 2199))
@click.option(
    "--half", cls=Option, type=click.Choice([code for code, _ in HALF.items]), default="hela",
    help=both("Hela året eller ett halvår.", "The whole year (hela) or a half."),
)  # fmt: skip
@pass_state
def collect(state: State, year: int, half: str) -> None:
    """The counts stay in the unit."""
    report(state, state.ask("statistics_collect", year=year, half=half))


@statistics.command(cls=Command, help=both("Intyga att siffrorna är granskade.", "Say that the numbers were reviewed."))
@click.argument("thread_id", metavar="ID")
@pass_state
def review(state: State, thread_id: str) -> None:
    """By the role statistiker."""
    report(state, state.ask("statistics_review", thread_id=thread_id))


@statistics.command(cls=Command, help=both("Godkänn granskade siffror.", "Approve reviewed numbers."))
@click.argument("thread_id", metavar="ID")
@pass_state
def approve(state: State, thread_id: str) -> None:
    """By the role beslutsfattare."""
    report(state, state.ask("statistics_approve", thread_id=thread_id))


@statistics.command(cls=Command, help=both("Skicka rapporten, med små tal maskerade.", "Send the masked report."))
@click.argument("thread_id", metavar="ID")
@click.option("--to", cls=Option, required=True, help=both("Mottagare av statistik.", "The recipient of statistics."))
@pass_state
def send(state: State, thread_id: str, to: str) -> None:
    """Small numbers and what could give them away are masked."""
    report(state, state.ask("statistics_send", thread_id=thread_id, to=to))
