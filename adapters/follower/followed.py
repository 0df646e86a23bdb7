"""One projection as it is followed: its claim on a build, its cached rows, its parked keys, and what a page does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from msgspec.structs import replace

from adapters.event_log import Glimpse
from adapters.follower.anew import Alive, Corrected, fold_anew
from adapters.follower.dropping import Decided
from adapters.follower.fold import Fold
from adapters.follower.sight import Lens, Rules, Sight, Source
from adapters.read_store.canonical import EVERY_ROW, RowText
from adapters.read_store.port import Advance, Claim, Parked
from adapters.read_store.store import RowStore
from projections.projection import Key, Projection

_UNKNOWN = object()


def shard_of(alliance: str, shards: int) -> int:
    """Return the shard that an alliance falls into, the same in every process."""
    return crc32(alliance.encode()) % shards


@dataclass(slots=True)
class Pending:
    """What a page does, before it is committed: the rows that change, and the parked keys (None: free again)."""

    rows: dict[Key, Any]
    parked: dict[Key, Parked | None]
    seen: dict[Key, Any]


class Followed:
    """One projection and the claim under which its rows are advanced."""

    def __init__(
        self, log: Source, store: RowStore, projection: Projection, claim: Claim, *, cached_rows_max: int
    ) -> None:
        self.projection = projection
        self.claim = claim
        self.parked = store.parked(claim.build)
        self._log = log
        self._store = store
        self._cached_rows_max = cached_rows_max
        self._lens = Lens(projection, log.codec)
        self._text = RowText(projection.Row)
        # What was not seen since the young were half of what may be cached is forgotten when they are so again.
        self._young: dict[Key, Any] = {}
        self._old: dict[Key, Any] = {}

    @property
    def shard(self) -> tuple[int, int]:
        """Return which shard of how many is claimed."""
        return self.claim.shard, self.claim.shards

    def pending(
        self, page: Sequence[Glimpse], upto: int, corrected: Sequence[Corrected], *, strict: bool, alive: Alive
    ) -> Pending:
        """Return what a page of the claimed shard does to rows and parked keys.

        `corrected` is what the corrections in it changed.
        """
        touched = {each.alliance: each.touched(self._lens) for each in corrected}
        rules = {each.alliance: each.rules for each in corrected}
        sights = self._lens.sights(page, rules)
        if touched:
            sights = list(_untouched(sights, touched))
        before = self._rows({key for sight in sights if sight.event is not None for key in sight.keys})
        fold = Fold(self.projection, Decided(self._log, self.projection.NAME), strict=strict)
        fold.rows.update(before)
        fold.parked.update(self.parked)
        fold.fold(sights)
        pending = Pending(
            {
                key: row
                for (key, row), was in zip(fold.rows.items(), before.values(), strict=True)
                if row is not was and row != was
            },
            {key: parked for key, parked in fold.parked.items() if key not in self.parked},
            fold.rows,
        )
        for alliance, keys in touched.items():
            if keys is None or keys:
                self._anew(pending, alliance, keys, upto, rules, strict=strict, alive=alive)
        return pending

    def redriven(self, keys: Iterable[Key], *, alive: Alive) -> Pending:
        """Return what folding parked keys anew does, at the position where the rows stand."""
        pending = Pending({}, {}, {})
        wanted: dict[str, set[Key] | None] = {}
        for key in keys:
            known = wanted.setdefault(key[0], set())
            wanted[key[0]] = None if known is None or key[1:] == (EVERY_ROW,) else known | {key}
        for alliance, some in wanted.items():
            self._anew(pending, alliance, some, self.claim.position, None, strict=False, alive=alive)
        return pending

    def advance(self, pending: Pending, position: int) -> Advance:
        """Return what is to be committed for a page that ends at a position."""
        text = self._text.text
        rows = {key: None if row is None else text(row) for key, row in pending.rows.items()}
        return Advance(claim=self.claim, position=position, rows=rows, parked=pending.parked)

    def settle(self, pending: Pending, claim: Claim) -> None:
        """Remember what was committed."""
        self.claim = claim
        for key, parked in pending.parked.items():
            self.parked.pop(key, None)
            if parked is not None:
                self.parked[key] = parked
        if len(self._young) >= self._cached_rows_max // 2:
            self._old, self._young = self._young, {}
        self._young |= pending.seen
        self._young |= pending.rows

    def _rows(self, keys: set[Key]) -> dict[Key, Any]:
        young, old = self._young, self._old
        rows = {key: young.get(key, _UNKNOWN) for key in keys}
        missing = [key for key, row in rows.items() if row is _UNKNOWN]
        if missing and old:
            rows |= {key: old.get(key, _UNKNOWN) for key in missing}
            missing = [key for key in missing if rows[key] is _UNKNOWN]
        if missing:
            loaded = self._store.load(self.claim.build, missing)
            read = self._text.row
            rows |= {key: read(loaded[key]) if key in loaded else None for key in missing}
        return rows

    def _anew(
        self,
        pending: Pending,
        alliance: str,
        keys: set[Key] | None,
        upto: int,
        rules: Mapping[str, Rules] | None,
        *,
        strict: bool,
        alive: Alive,
    ) -> None:
        """Fold some keys of an alliance anew, or all of them, in place of what the page did to them."""
        fold = fold_anew(
            self._log,
            self._lens,
            alliance=alliance,
            upto=upto,
            rules=rules,
            keys=keys,
            strict=strict,
            alive=alive,
        )
        stood_still = {key for key in self.parked if key[0] == alliance}
        if keys is None:
            with self._store.snapshot():
                keys = {*self._store.keys(self.claim.build, alliance), *fold.rows, *stood_still, *fold.parked}
        for key in keys:
            if key[1:] != (EVERY_ROW,):
                pending.rows[key] = fold.rows.get(key)
            if key in self.parked or key in fold.parked:
                pending.parked[key] = fold.parked.get(key)


def _untouched(sights: Iterable[Sight], touched: Mapping[str, set[Key] | None]) -> Iterator[Sight]:
    """Leave out the keys that are folded anew."""
    for sight in sights:
        anew = touched.get(sight.stored.alliance, ())
        if anew is None:
            continue
        yield replace(sight, keys=tuple(key for key in sight.keys if key not in anew)) if anew else sight
