"""What every reader yields: a row at its place in the file, its values, and what is wrong with it."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import Unreadable

ROWS_MAX = 5_000_000
CELL_CHARACTERS_MAX = 131_072


class ReadRow(NamedTuple):
    """One row: its line (or row of a sheet), the values of the columns asked for ("" where empty), and its fault."""

    line: int
    values: tuple[str, ...]
    fault: str | None = None


def missing_columns(name: str, missing: Sequence[str], there: Sequence[str]) -> Unreadable:
    """Return the fault of a mapping that names columns which the file does not have."""
    return Unreadable(*(_missing(name, column, there) for column in missing))


def _missing(name: str, column: str, there: Sequence[str]) -> str:
    near = difflib.get_close_matches(column, there, n=1)
    has = f"did you mean {near[0]!r}?" if near else "it has " + ", ".join(there[:30])
    return f"{name}: has no column {column!r} that the mapping reads: {has}"
