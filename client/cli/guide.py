"""Draw the chapters of ``client/GUIDE.md``, from the declarations and from ``client/guide/``: ``make guide``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from client.casework.guide import renewed

GUIDE: Final = Path(__file__).resolve().parents[1] / "GUIDE.md"
STEPS: Final = GUIDE.parent / "guide" / "arbetsgang.md"


def main() -> None:
    """Write the guide anew where it is not as the declarations say."""
    before = GUIDE.read_text("utf-8")
    after = renewed(before, STEPS.read_text("utf-8"))
    if after != before:
        GUIDE.write_text(after, "utf-8")


if __name__ == "__main__":
    main()
