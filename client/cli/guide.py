"""Draw the chapters of the guides, from the declarations and from ``client/guide/``: ``make guide``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from client.casework import guide_steps
from client.casework.guide import renewed

GUIDE: Final = Path(__file__).resolve().parents[1] / "GUIDE.md"
STEPS: Final = GUIDE.parent / "guide" / "arbetsgang.md"
#: The same steps for people who read English; all else is looked up in the Swedish guide.
ENGLISH: Final = GUIDE.with_suffix(".en.md")
ENGLISH_STEPS: Final = STEPS.with_name("steps.md")


def in_english(guide: str, steps: str, swedish: str) -> str:
    """The English guide drawn anew.

    Args:
        guide: as it stands.
        steps: as they are written, without commands.
        swedish: the Swedish steps, from which the commands come.

    Raises:
        ValueError: as `client.casework.guide_steps`.
    """
    chapter = guide_steps.filled(guide_steps.with_commands(steps, swedish), "en")
    return guide_steps.drawn(guide, {guide_steps.STEPS: lambda: chapter})


def main() -> None:
    """Write the guides anew where they are not as the declarations say."""
    steps = STEPS.read_text("utf-8")
    _write(GUIDE, renewed(GUIDE.read_text("utf-8"), steps))
    _write(ENGLISH, in_english(ENGLISH.read_text("utf-8"), ENGLISH_STEPS.read_text("utf-8"), steps))


def _write(guide: Path, after: str) -> None:
    if after != guide.read_text("utf-8"):
        guide.write_text(after, "utf-8")


if __name__ == "__main__":
    main()
