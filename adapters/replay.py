"""What changed between what was known then and what is known later: which rows differ, and which events did it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from adapters.event_log import Glimpse, Log, Stored
from adapters.follower.anew import Corrected, fold_anew
from adapters.follower.sight import CORRECTED, Lens, Rules, pages_of, rules_upto, standing
from adapters.read_store.canonical import EVERY_ROW, key_text
from projections.projection import Key, Projection


@dataclass(frozen=True, slots=True)
class Cause:
    """An event between two positions that touched a row: a new one, or the correction of an earlier one."""

    position: int
    name: str
    event_id: str
    recorded_at: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A row at the earlier position and at the later one (None: there was none), and what happened to it between."""

    key: Key
    before: Any
    after: Any
    causes: tuple[Cause, ...]


def differences(
    log: Log, projection: Projection, earlier: int, later: int, *, alliance: str | None = None
) -> list[Difference]:
    """Return the rows that differ between two positions, in the order of their keys."""
    lens = Lens(projection, log.codec)
    then, now = (fold_anew(log, lens, alliance=alliance, upto=upto).rows for upto in (earlier, later))
    differ = [key for key in then.keys() | now.keys() if then.get(key) != now.get(key)]
    causes = _causes(log, lens, earlier, later, alliance)
    return [
        Difference(key, then.get(key), now.get(key), _of(key, causes))
        for key in sorted(differ, key=lambda key: key_text(key).encode())
    ]


def _of(key: Key, causes: dict[Key, dict[int, Cause]]) -> tuple[Cause, ...]:
    found = causes.get(key, {}) | causes.get((key[0], EVERY_ROW), {})
    return tuple(found[position] for position in sorted(found))


def _causes(log: Log, lens: Lens, earlier: int, later: int, alliance: str | None) -> dict[Key, dict[int, Cause]]:
    found: dict[Key, dict[int, Cause]] = {}
    rules = rules_upto(log, alliance, later)
    corrections: list[Stored] = []
    for page in pages_of(log, after=earlier, upto=later, alliance=alliance):
        corrections += [row for row in page if row.name == CORRECTED]
        for row in page:
            for key in _keys(lens, row.glimpse(), (rules.get(row.alliance, {}),)):
                found.setdefault(key, {})[row.position] = _cause(row)
    for each in sorted({row.alliance for row in corrections}):
        _correcting(log, lens, Corrected(log, each, after=earlier, upto=later), corrections, found)
    return found


def _correcting(
    log: Log, lens: Lens, changed: Corrected, corrections: Iterable[Stored], found: dict[Key, dict[int, Cause]]
) -> None:
    """Add each correction to the rows touched by what it corrects, directly or by way of another correction."""
    keys = {row.event_id: set(_keys(lens, row, (changed.before, changed.rules))) for row in changed.events}
    aims = {
        row.event_id: log.codec.recorded(row).fact.of
        for page in pages_of(log, upto=2**62, names=(CORRECTED,), alliance=changed.alliance)
        for row in page
    }
    for row in corrections:
        if row.alliance == changed.alliance:
            for event_id in _chain(row.event_id, aims):
                for key in keys.get(event_id, ()):
                    found.setdefault(key, {})[row.position] = _cause(row)


def _chain(event_id: str, aims: dict[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    while event_id in aims and event_id not in seen:
        seen.add(event_id)
        event_id = aims[event_id]
        yield event_id


def _keys(lens: Lens, row: Glimpse, rules: tuple[Rules, ...]) -> Iterator[Key]:
    stand = (standing(row, each) for each in rules)
    for sight in lens.sights(each for each in stand if each is not None):
        yield from sight.keys


def _cause(row: Stored) -> Cause:
    return Cause(row.position, row.name, row.event_id, row.recorded_at)
