"""Looks at the columns of a file: how full, how many values, and what they could be read as."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from adapters.importing.mapping import Unfold

VALUES_KEPT_MAX = 200
LOOKED_AT_MAX = 3_000
NEARLY_ALL = 0.98
PATTERNS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d %b %Y",
)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
EPOCH = re.compile(r"[0-9]{9,13}")
EPOCH_SECONDS = range(300_000_000, 4_000_000_000)
EPOCH_MILLISECONDS = range(300_000_000_000, 4_000_000_000_000)

Zoned = Literal["all", "none", "some"]


@dataclass(frozen=True, slots=True)
class Look:
    """One column: its place and name, how many cells are filled, its values with their counts, the most frequent first.

    `formats` are those by which it is an instant, `zoned` whether its times say their zone.
    """

    place: int
    name: str
    filled: float
    distinct: int
    values: Counter[str]
    numbers: bool
    formats: tuple[str, ...] = ()
    zoned: Zoned = "none"
    days: bool = False

    def called(self, *words: str) -> bool:
        """Return whether the name of the column has one of the words in it."""
        parts = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower())
        return any(word in parts for word in words)


def look_at(place: int, name: str, rows: Sequence[Sequence[str]]) -> Look:
    """Return what a column looks like in the rows that were read."""
    cells = [row[place].strip() for row in rows]
    filled = [cell for cell in cells if cell]
    counts = Counter(filled)
    sample = filled[:LOOKED_AT_MAX]
    formats, zoned, days = _instants(sample)
    return Look(
        place=place,
        name=name,
        filled=len(filled) / max(1, len(cells)),
        distinct=len(counts),
        values=Counter(dict(counts.most_common(VALUES_KEPT_MAX))),
        numbers=bool(sample) and all(NUMBER.fullmatch(cell) for cell in sample),
        formats=formats,
        zoned=zoned,
        days=days,
    )


def unfolding(looks: Sequence[Look], rows: Sequence[Sequence[str]]) -> Unfold | None:
    """Return how rows seem to hold several things that happened: a list, or dates side by side; else None."""
    for look in looks:
        if look.values and all(value.startswith("[{") for value in look.values):
            return Unfold(list=look.name)
    one_each = any(look.filled == 1 and look.distinct == len(rows) > 1 and not look.formats for look in looks)
    dates = [look for look in looks if look.formats and look.name not in {"milestone", "date"}]
    if one_each and len(dates) > 1 and any(look.filled < 1 for look in dates):
        return Unfold(columns=tuple(look.name for look in dates))
    return None


def _instants(sample: Sequence[str]) -> tuple[tuple[str, ...], Zoned, bool]:
    if not sample:
        return (), "none", False
    for word, epoch in (("epoch_seconds", EPOCH_SECONDS), ("epoch_milliseconds", EPOCH_MILLISECONDS)):
        if all(EPOCH.fullmatch(cell) and int(cell) in epoch for cell in sample):
            return (word,), "all", False
    found = [at for cell in sample if (at := _iso(cell)) is not None]
    if len(found) >= NEARLY_ALL * len(sample) and not all(NUMBER.fullmatch(cell) for cell in sample):
        zoned = sum(at.tzinfo is not None for at in found)
        said: Zoned = "all" if zoned == len(found) else "some" if zoned else "none"
        return ("iso",), said, all(len(cell) <= len("2000-01-01") for cell in sample)
    fit = tuple(pattern for pattern in PATTERNS if all(_parses(cell, pattern) for cell in sample))
    return fit, "none", bool(fit) and "%H" not in fit[0]


def _iso(cell: str) -> datetime | None:
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None


def _parses(cell: str, pattern: str) -> bool:
    try:
        datetime.strptime(cell, pattern).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
