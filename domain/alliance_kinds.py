"""What each kind of alliance requires before it is launched; governance is optional for a supplier."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from domain.judging import Broken
from domain.understanding import understandings

if TYPE_CHECKING:
    from domain.book import Book

REQUIRES: Mapping[str, tuple[str, ...]] = {
    "strategic": ("charter", "bodies", "north_star"),
    "co_promotion": ("charter", "bodies", "metric"),
    "technology": ("charter", "metric"),
    "channel": ("metric",),
    "supplier": (),
}
SAYS = {
    "charter": "a charter in force",
    "bodies": "a governance body",
    "north_star": "a North Star: what it is for, and for whom",
    "metric": "a metric that the parties measure themselves by",
}


def lacking(kind: str, book: "Book") -> Iterator[Broken]:
    """Yield what an alliance of a kind lacks to be launched."""
    kinds = {standing.kind for standing in understandings(book).values()}
    charter = book.chartering.charter
    there = {
        "charter": book.chartering.in_force is not None,
        "bodies": bool(book.bodies) or bool(charter.get("bodies")),
        "north_star": "north_star" in kinds or bool(charter.get("north_star")),
        "metric": "metric" in kinds,
    }
    for need in REQUIRES.get(kind, ()):
        if not there[need]:
            yield Broken(f"{kind}_has_{need}", f"a {kind.replace('_', ' ')} alliance is launched with {SAYS[need]}")
