"""What a row says of its decision: who, where, which tier, read from its columns and a rule's own words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.importing.cells import Cell, HolderCell, TierCell
from adapters.importing.mapping import Columns
from adapters.importing.reading import BadCell, ReadCell, Values, attribute_reader, cell_reader, shown
from adapters.importing.rules import Overrides
from domain.events.decision import Holder
from domain.values import Scalar

PLAIN = ("party", "matter", "kind", "title", "work_stream", "phase")


@dataclass(slots=True)
class Said:
    """What one row says. None is not said; `held_by` without `holder` is nobody, or somebody unnamed.

    `holder_stays` is so where a column names holders and is empty here.
    """

    party: str | None = None
    body: str | None = None
    matter: str | None = None
    kind: str | None = None
    title: str | None = None
    work_stream: str | None = None
    phase: str | None = None
    tier: str | None = None
    rank: int | None = None
    held_by: Holder | None = None
    holder: str | None = None
    holder_stays: bool = False
    attributes: dict[str, Scalar] = field(default_factory=dict)


Put = Callable[[Said, Values], None]


class RowReader:
    """Reads what a row says, with the columns of a mapping and the overrides of each of its rules."""

    def __init__(self, said: Columns, columns: Sequence[str], parties: frozenset[str]) -> None:
        self._columns, self._parties = columns, parties
        self._ranks: Mapping[str, int] = said.tier.ranks if said.tier else {}
        names = (*PLAIN, "body", "tier", "holder")
        cells = {name: cell for name in names if (cell := getattr(said, name)) is not None}
        self._puts = {name: self._put(name, cell, f"columns.{name}") for name, cell in cells.items()}
        self._attributes = [
            (name, cell.first_only, attribute_reader(cell, f"columns.attributes.{name}", columns))
            for name, cell in said.attributes.items()
        ]

    def puts(self, said: Overrides, path: str) -> list[Put]:
        """Return what reads a row for a rule: its own words, and the columns that it does not say anew."""
        own = {name: self._put(name, cell, f"{path}.set.{name}") for name, cell in said.cells()}
        return list((self._puts | own).values())

    def read(self, values: Values, puts: Sequence[Put], *, first: bool) -> Said:
        """Return what a row says. Raise BadCell. Without a column for it, the body is the tier, the holder the body."""
        said = Said()
        for put in puts:
            put(said, values)
        for name, first_only, read in self._attributes:
            if (first or not first_only) and (value := read(values)) is not None:
                said.attributes[name] = value
        if said.body is None and "body" not in self._puts:
            said.body = said.tier
        if said.held_by is None:
            said.holder_stays = "holder" in self._puts
            if said.body is not None and not said.holder_stays:
                said.held_by, said.holder = "body", said.body
        return said

    def _put(self, name: str, cell: Cell, path: str) -> Put:
        read = cell_reader(cell, path, self._columns)
        if name == "tier":
            return self._put_tier(read, path, known=isinstance(cell, TierCell) or bool(self._ranks))
        if isinstance(cell, HolderCell):
            return self._put_holder(cell, read, path)
        if name == "party":
            return self._put_party(read, path)

        def put(said: Said, values: Values) -> None:
            if (value := read(values)) is not None:
                setattr(said, name, value)

        return put

    def _put_party(self, read: ReadCell, path: str) -> Put:
        def put(said: Said, values: Values) -> None:
            if (party := read(values)) is not None:
                said.party = self._of_the_alliance(party, path)

        return put

    def _put_tier(self, read: ReadCell, path: str, *, known: bool) -> Put:
        def put(said: Said, values: Values) -> None:
            if (tier := read(values)) is None:
                return
            if known and self._ranks and tier not in self._ranks:
                raise BadCell(
                    "tier_known",
                    f"{path}: {shown(tier)} is not among the `ranks` of columns.tier "
                    f"({', '.join(self._ranks)}): add it there "
                    "with its rank, or map it with `values`",
                )
            said.tier, said.rank = tier, self._ranks.get(tier)

        return put

    def _put_holder(self, cell: HolderCell, read: ReadCell, path: str) -> Put:
        def put(said: Said, values: Values) -> None:
            holder = read(values)
            if holder is None:
                if cell.empty_is == "nobody" or (cell.kind == "nobody" and not cell.reads()):
                    said.held_by, said.holder = "nobody", None
                return
            kind = cell.kind_of(holder)
            said.held_by = kind
            said.holder = None if kind == "nobody" else holder
            if kind == "party":
                self._of_the_alliance(holder, path)

        return put

    def _of_the_alliance(self, party: str, path: str) -> str:
        if party not in self._parties:
            raise BadCell(
                "party_of_alliance",
                f"{path}: {shown(party)} is not a party of the alliance ({', '.join(sorted(self._parties))}): "
                "map it with `values` "
                "(to ~ where it is unknown), or name it under alliance.parties",
            )
        return party
