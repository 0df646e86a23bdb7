"""Takes the rows of a file in: whose each is, its order, its instant, and what identifies it for ever."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from adapters.importing.instants import instant_reader
from adapters.importing.judged import Judged
from adapters.importing.mapping import Mapping
from adapters.importing.ordering import OrderOf, Row
from adapters.importing.readers import ReadRow
from adapters.importing.reading import BadCell, cell_reader
from domain.values import ID_CHARACTERS_MAX

PROGRESS_EVERY_ROWS = 2_000


class Intake:
    """Makes rows of what was read. A row with a fault keeps it; one after the cut-off is counted and left out."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], cut_off: int | None) -> None:
        self._mapping, self._cut_off = mapping, cut_off
        self._decision = cell_reader(mapping.columns.decision, "columns.decision", columns)
        self._order = OrderOf(mapping, columns)
        self._time = instant_reader(mapping.columns.time, "columns.time", columns, like=None)
        self._identity = [columns.index(name) for name in mapping.identity_columns()]

    def rows(self, read: Iterable[ReadRow], judged: Judged, progress: Callable[[int], None]) -> Iterable[Row]:
        """Yield the rows, each with an identity of its own."""
        return self._known_once(self._rows(read, judged, progress), judged)

    def _rows(self, read: Iterable[ReadRow], judged: Judged, progress: Callable[[int], None]) -> Iterable[Row]:
        for place, (line, values, fault) in enumerate(read, start=1):
            judged.rows = place
            if place % PROGRESS_EVERY_ROWS == 0:
                progress(place)
            row = Row(line, values)
            if fault is not None:
                row.bad = ("cells", fault)
            try:
                row.decision = self._decision(values) or ""
                if not row.decision:
                    raise BadCell("decision", "columns.decision: is empty: every row names its decision")
                row.order = self._order.of(place, values)
                row.at = self._time(values)
                if row.at is None:
                    raise BadCell("date", "columns.time: is empty: every row says when it was so")
            except BadCell as bad:
                row.bad = row.bad or (bad.rule, bad.says)
            if row.at is not None and self._cut_off is not None and row.at.seconds > self._cut_off:
                judged.counts["after_cut_off"] += 1
                continue
            row.id = _joined([values[place].strip() for place in self._identity])
            yield row

    def _known_once(self, rows: Iterable[Row], judged: Judged) -> Iterable[Row]:
        """Yield the rows whose identity is their own; one that comes again is numbered, dropped, or a fault."""
        seen: dict[str, Row] = {}
        times: Counter[str] = Counter()
        for row in rows:
            first = seen.setdefault(row.id, row)
            if first is row:
                yield row
                continue
            match self._mapping.duplicates:
                case "numbered":
                    times[row.id] += 1
                    row.id = f"{row.id}#{times[row.id] + 1}"
                    judged.counts["numbered"] += 1
                case "same" if first.values == row.values:
                    judged.counts["same_row_again"] += 1
                    continue
                case _:
                    columns = ", ".join(self._mapping.identity_columns())
                    says = (
                        f"has the same {columns} as line {first.line}: name more columns under `identity`, or say "
                        "`duplicates: numbered` (rows alike are different events) or `duplicates: same` (they are one)"
                    )
                    row.bad = row.bad or ("identity", says)
            yield row


def _joined(values: Sequence[str]) -> str:
    joined = "/".join(value.replace("%", "%25").replace("/", "%2F") for value in values)
    if len(joined) <= ID_CHARACTERS_MAX:
        return joined
    return f"{joined[: ID_CHARACTERS_MAX // 2]}~{hashlib.sha256(joined.encode()).hexdigest()[:32]}"
