"""Late entries: what was written on time stays, and is marked as contradicted by the later record."""

from datetime import date

from domain.governance.state import Item
from domain.governance.told import Told
from domain.replacing import replace


def overtaken(item: Item, told: Told) -> Item:
    """Return an ended item as open again for an ending that was effective earlier; the later ending is contradicted."""
    marked = late(item, told)
    by = (item.ended_by,) if item.ended_by else ()
    return replace(marked, status="open", contradicted=(*marked.contradicted, *by))


def late(item: Item, told: Told) -> Item:
    """Return an item with the lapses contradicted that an ending shows to have been no lapses."""
    lapses = [clock.lapsed_by for clock in item.clocks if clock.lapsed_by and _ended_in_time(told, clock.lapsed_on)]
    return replace(item, contradicted=(*item.contradicted, *lapses)) if lapses else item


def _ended_in_time(told: Told, due: date | None) -> bool:
    return due is not None and told.day <= due
