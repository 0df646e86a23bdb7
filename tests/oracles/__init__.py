"""Worked answers and a real history with reference answers, read by the tests of the measures."""

import csv
import json
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DAY = 86_400

WORKED: dict[str, Any] = json.loads((FOLDER / "oracles.json").read_text(encoding="utf-8"))
PEPS: dict[str, Any] = json.loads((FOLDER / "peps" / "reference.json").read_text(encoding="utf-8"))


def peps_rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / "peps" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def epoch(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp())


def printed(value: Fraction | float | None) -> str | None:
    """Write a ratio as the worked answers do."""
    if value is None:
        return None
    ratio = Fraction(value)
    return f"{ratio.numerator}/{ratio.denominator}"
