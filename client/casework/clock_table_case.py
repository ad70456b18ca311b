"""The deadlines that run outside threads: for a consent, a closed case, a document, the unit's own duties.

Source: domain.md 2.7, 2.10, 2.13, 6.1.
"""

from __future__ import annotations

from typing import Final

from client.casework.clock_rows import Clock, Origin, Subject, before
from client.casework.deadlines import archive_years, days, hours, months, working_days
from client.casework.flows import Side

RENEW: Final = Clock(
    name="samtycke.fornyelse",
    span=days(0, "valid_to"),
    whose=Side.ASKER,
    before=before(days=(30, 7)),
    subject=Subject.CONSENT,
)
#: One year after closing, thirty days to either side; whether at all is said by `follow_up`.
FOLLOW_UP: Final = Clock(
    name="uppfoljning.efter_avslut",
    span=months(12),
    whose=Side.ASKER,
    origin=Origin.REPORT,
    before=before(days=(30, 7)),
    subject=Subject.CLOSING,
)
#: Where the unit follows up while the support lasts (Stockholm).
FOLLOW_UP_DURING: Final = Clock(
    name="uppfoljning.under_pagaende",
    span=days(90),
    whose=Side.ASKER,
    before=before(days=(14, 7)),
    subject=Subject.CASE,
)
#: Where the unit follows up at each review of the plan (Göteborg): on the day that the newest plan names.
FOLLOW_UP_AT_REVIEW: Final = Clock(
    name="uppfoljning.vid_omprovning",
    span=days(0, "review_date"),
    whose=Side.ASKER,
    origin=Origin.REPORT,
    before=before(days=(14, 7)),
    subject=Subject.CASE,
)
#: The law says "without delay"; the working day is ours.
REGISTER: Final = Clock(
    name="handling.registrering",
    span=working_days(1),
    whose=Side.ASKER,
    origin=Origin.LAW,
    subject=Subject.UNIT,
)
FETCH: Final = Clock(
    name="handling.hamtning",
    span=hours(24),
    whose=Side.ANSWERER,
    subject=Subject.DOCUMENT,
)
#: A placement is over, and a question about it still stands with the police (domain.md 2.5, constraint 8).
REMOVE_ENTRY: Final = Clock(
    name="kollision.borttagning",
    span=working_days(1),
    whose=Side.ASKER,
    subject=Subject.DOCUMENT,
)
#: Only tells: nothing is thinned out without a decision.
THIN_OUT: Final = Clock(
    name="arende.gallring",
    span=archive_years(5),
    whose=Side.ASKER,
    origin=Origin.LAW,
    before=before(days=(90, 30, 7)),
    subject=Subject.CASE,
)

CASE_CLOCKS: Final[tuple[Clock, ...]] = (
    RENEW, FOLLOW_UP, FOLLOW_UP_DURING, FOLLOW_UP_AT_REVIEW, REGISTER, FETCH, REMOVE_ENTRY, THIN_OUT,
)  # fmt: skip
