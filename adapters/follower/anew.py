"""Folding keys anew from the log, because a correction touched them or because somebody asked for it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from adapters.event_log import Glimpse
from adapters.follower.dropping import Decided
from adapters.follower.fold import Fold
from adapters.follower.sight import CORRECTED, Lens, Rules, Sight, Source, glimpses_of, pages_of, rules_upto, standing
from adapters.read_store.canonical import EVERY_ROW
from domain.corrections import rulings
from domain.errors import Halted
from projections.projection import Key

Alive = Callable[[], None]
"""Called once a page, so that a long fold can hold on to its lease."""


class Corrected:
    """What the corrections in a page changed in one alliance: which events now stand otherwise than before it."""

    def __init__(self, log: Source, alliance: str, *, after: int, upto: int) -> None:
        corrections = [
            log.codec.recorded(row)
            for page in pages_of(log, upto=upto, names=(CORRECTED,), alliance=alliance)
            for row in page
        ]
        self.alliance = alliance
        self.before: Rules = rulings(each for each in corrections if each.position <= after)
        self.rules: Rules = rulings(corrections)
        self.events = self._changed(log, upto)

    def touched(self, lens: Lens) -> set[Key] | None:
        """Return the keys that a projection has to fold anew; None for every row of the alliance."""
        stand = (standing(row, rules) for row in self.events for rules in (self.before, self.rules))
        keys = {key for sight in lens.sights(row for row in stand if row) for key in sight.keys}
        return None if (self.alliance, EVERY_ROW) in keys else keys

    def _changed(self, log: Source, upto: int) -> list[Glimpse]:
        ids = {
            each
            for each in self.before.keys() | self.rules.keys()
            if _says(self.before.get(each)) != _says(self.rules.get(each))
        }
        found: list[Glimpse] = []
        for page in glimpses_of(log, upto=upto, alliance=self.alliance) if ids else ():
            found += [row for row in page if row.event_id in ids]
            if len(found) == len(ids):
                break
        return found


def _says(ruling: object) -> object:
    return ruling and (ruling.by.meta.event_id, ruling.stands)  # type: ignore[attr-defined]


def fold_anew(
    log: Source,
    lens: Lens,
    *,
    alliance: str | None,
    upto: int,
    rules: Mapping[str, Rules] | None = None,
    keys: Collection[Key] | None = None,
    strict: bool = False,
    alive: Alive = lambda: None,
) -> Fold:
    """Fold rows from the first event to a position, with the corrections known at it and none known later.

    `alliance` None folds all of them, `keys` None all keys; `rules` are those corrections where they are known.
    """
    known = rules_upto(log, alliance, upto) if rules is None else rules
    fold = Fold(lens.projection, Decided(log, lens.projection.NAME), strict=strict)
    for page in glimpses_of(log, upto=upto, alliance=alliance):
        refuse_newer(log, page)
        sights = lens.sights(page, known)
        fold.fold(sights if keys is None else _only(sights, keys))
        alive()
    return fold


def refuse_newer(log: Source, page: list[Glimpse]) -> None:
    """Raise NewerFormat where a page holds an event that the code does not know."""
    for row in page:
        log.codec.upcasters.known(row.name, row.schema_version)


def _only(sights: Iterable[Sight], keys: Collection[Key]) -> Iterator[Sight]:
    for sight in sights:
        if sight.event is None:
            yield sight
        elif wanted := tuple(key for key in sight.keys if key in keys):
            yield replace(sight, keys=wanted)


def refuse_beyond(position: int, head: int, projection: str) -> None:
    """Raise Halted where rows stand beyond the head of the log: they know events that the log has lost."""
    if position > head:
        raise Halted(
            f"{projection} stands at position {position}, beyond the head of the log, {head}: was a backup restored?"
            " Throw the rows away (`cynosure projections discard`) and follow again"
        )
