"""Identity numbers as people may write them: any number, cut anywhere, with anything between, in any digits."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import assume
from hypothesis import strategies as st

from tests.unit.casework.guard_forms import CARRIERS

#: What stands between two parts of one number, but for a list's comma and space.
_SIGNS = [
    "",
    "-",
    "+",
    " ",
    ".",
    "/",
    "_",
    ":",
    ";",
    ",",
    " - ",
    "  -  ",
    "–",
    "\u00a0",
    "\n",
    "\n\n",
    "\t",
    " / ",
    "--",
    "\u200b",
]
_SIGNS += [
    "(",
    ")",
    ") ",
    " (",
    "|",
    "\u00ad",
    "\u200d-",
    "\u2060",
    " · ",
    "'",
    "*",
    "\\",
    "\u3164",
    "−",
    "\r\n",
    "\ufeff ",
]
#: Between date and serial number also these: nobody makes a list of two.
_BETWEEN = [*_SIGNS, ", ", "; ", ": ", " , ", ". ", " → ", " % ", " = ", "! ", "? ", "\u2026 "]
_DIGITS = [
    "0123456789",
    "０１２３４５６７８９",
    "٠١٢٣٤٥٦٧٨٩",
    "०१२३४५६७८९",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "₀₁₂₃₄₅₆₇₈₉",
]
_WORDS = ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio")
_NEAR = ["", " ", "(", '"', "kl 3: ", "pnr", "nr ", "id:", "Ålder 25 år, ", "2 barn. ", "\n", "x"]
_AFTER = ["", " ", ")", '"', ".", ", och 3 till", " x", "!", "\n2 barn", "?", "x"]

#: Century, year, month, day and serial number.
Parts = tuple[str, str, str, str, str]


@st.composite
def numbers(draw: st.DrawFn) -> Parts:
    """Any personnummer or samordningsnummer, with a right check digit or a wrong one."""
    day = date(1890, 1, 1) + timedelta(days=draw(st.integers(0, 49_000)))
    offset = draw(st.sampled_from((0, 60)))
    century, year = divmod(day.year, 100)
    return str(century), f"{year:02}", f"{day.month:02}", f"{day.day + offset:02}", f"{draw(st.integers(0, 9999)):04}"


def _joined(pieces: list[str], signs: list[str]) -> str:
    return "".join(piece + sign for piece, sign in zip(pieces, [*signs, ""], strict=True))


@st.composite
def in_parts(draw: st.DrawFn, parts: Parts) -> str:
    """Date and serial number whole or in their parts, with or without century and check digit; anything between."""
    century, year, month, day, serial = parts
    date_parts = draw(
        st.sampled_from(([year + month + day], [year, month, day], [year + month, day], [year, month + day]))
    )
    pieces = list(date_parts)
    if draw(st.booleans()):
        pieces = draw(st.sampled_from(([century + pieces[0], *pieces[1:]], [century, *pieces])))
    inner = [draw(st.sampled_from(_SIGNS)) for _ in pieces[1:]]
    return _joined([*pieces, serial], [*inner, draw(st.sampled_from(_BETWEEN))])


@st.composite
def without_check_digit(draw: st.DrawFn, parts: Parts) -> str:
    """Date in one piece and three digits (7.4's pattern)."""
    century, year, month, day, serial = parts
    first = draw(st.sampled_from(("", century))) + year + month + day
    return first + draw(st.sampled_from(("", "-", "+", " ", "–", "\u00a0", ",", ":", "/"))) + serial[:3]


@st.composite
def evenly_cut(draw: st.DrawFn, parts: Parts) -> str:
    """Digit by digit, in pairs, threes, fours or fives with one sign between all, and any before the serial number."""
    digits = "".join(parts if draw(st.booleans()) else parts[1:])
    size = draw(st.sampled_from((1, 2, 4, 5)))
    pieces = [digits[place : place + size] for place in range(0, len(digits), size)]
    assume(not (size == 4 and len(digits) == 10 and {pieces[0][:2], pieces[1][:2]} <= {"19", "20"}))  # two years
    sign = draw(st.sampled_from(["-", " ", ".", "/", "_", "·", "|", "–", "\n", " - ", ","]))
    if size == 1:
        sign = draw(st.sampled_from([sign, ", "]))
    return sign.join(pieces)


@st.composite
def anyhow_cut(draw: st.DrawFn, parts: Parts) -> str:
    """Cut at the serial number, and anywhere else in pairs or single digits, with any signs."""
    century, *rest = parts
    head, serial = "".join(rest[:3]), rest[3]
    cut = st.sampled_from(((2, 2, 2), (2, 4), (4, 2), (6,), (2, 2, 2)))
    pieces, place = [], 0
    for size in draw(cut):
        pieces.append(head[place : place + size])
        place += size
    pieces += draw(st.sampled_from(([serial[:2], serial[2:]], [serial[:3], serial[3:]], [serial])))
    signs = [
        draw(st.sampled_from([sign for sign in _SIGNS if sign not in {"", "\u200b", "\u2060"}])) for _ in pieces[1:]
    ]
    return (century if draw(st.booleans()) else "") + _joined(pieces, signs)


@st.composite
def partly_in_words(draw: st.DrawFn, parts: Parts) -> str:
    """Some digits as words, at least one of each."""
    digits = "".join(parts if draw(st.booleans()) else parts[1:])
    place = draw(st.integers(1, len(digits) - 1))
    words = " ".join(_WORDS[int(digit)] for digit in digits[place:])
    front = " ".join(_WORDS[int(digit)] for digit in digits[:place])
    return draw(
        st.sampled_from((f"{digits[:place]} {words}", f"{digits[:place]}-{words}", f"{front} {digits[place:]}"))
    )


@st.composite
def written(draw: st.DrawFn) -> str:
    """A number in one of the ways, in any digits."""
    parts = draw(numbers())
    ways = (in_parts(parts), without_check_digit(parts), evenly_cut(parts), anyhow_cut(parts), partly_in_words(parts))
    text = draw(st.one_of(*ways))
    return text.translate(str.maketrans(_DIGITS[0], draw(st.sampled_from(_DIGITS))))


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """A number in a sentence of the corpus, between any signs and words; a word for a digit stands alone."""
    text, near, after = draw(written()), draw(st.sampled_from(_NEAR)), draw(st.sampled_from(_AFTER))
    before = near + " " if near[-1:].isalpha() and text[0].isalpha() else near
    behind = " " + after if after[:1].isalpha() and text[-1].isalpha() else after
    return draw(st.sampled_from(CARRIERS)).format(before + text + behind)
