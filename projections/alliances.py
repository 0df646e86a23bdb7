"""What each alliance is, for whom it is, who runs it, and under which version of its charter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "alliances"
VERSION = 2
CHANGED = frozenset({"zone"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of every event about an alliance as a whole."""

    title: str | None = None
    kind: str | None = None
    parties: Any = ()
    text: str | None = None
    for_: tuple[str, ...] = ()
    understanding: str | None = None
    version: str | None = None
    charter: Any = None
    party: str | None = None
    old: str | None = None
    new: str | None = None
    new_name: str | None = None
    work_stream: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is kept of a charter: its aim, for whom, and its zone."""

    north_star: str | None = None
    for_whom: tuple[str, ...] = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An alliance. `parties` maps ids to names, `north_star` says what it is for, `for_whom` who gains by it."""

    alliance: str
    title: str
    kind: str
    parties: Mapping[str, str]
    formed_at: int
    stage: str = "formed"
    north_star: str | None = None
    for_whom: tuple[str, ...] = ()
    zone: str = "UTC"
    charter_version: str | None = None
    drafted: Mapping[str, Draft] = field(default_factory=dict)
    ratified_by: tuple[str, ...] = ()
    work_streams: tuple[str, ...] = ()


STAGES = {
    "alliance-launched": "launched",
    "alliance-relaunched": "launched",
    "wind-down-started": "winding_down",
    "alliance-ended": "ended",
}
READS: Mapping[str, type[Any]] = dict.fromkeys(
    (
        "alliance-formed",
        *STAGES,
        "party-succeeded",
        "charter-drafted",
        "charter-adopted",
        "charter-amended",
        "charter-ratified",
        "understanding-stated",
        "work-stream-opened",
        "work-stream-closed",
    ),
    Told,
)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the alliance."""
    return ((event.meta.alliance,),)


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the alliance after the event."""
    fact = event.fact
    if event.name == "alliance-formed":
        return Row(
            alliance=event.meta.alliance,
            title=fact.title or event.meta.alliance,
            kind=fact.kind or "strategic",
            parties={_word(p, "id"): _word(p, "name") for p in fact.parties},
            formed_at=event.at,
            zone=event.meta.zone,
        )
    if row is None:
        return None
    match event.name:
        case "charter-drafted":
            return replace(row, drafted={**row.drafted, fact.version or "": _draft(fact.charter)})
        case "charter-adopted" | "charter-amended":
            return _under(row, fact)
        case "charter-ratified":
            return replace(row, ratified_by=tuple(sorted({*row.ratified_by, fact.party or ""})))
        case "understanding-stated" if fact.kind == "north_star":
            return replace(row, north_star=fact.text, for_whom=fact.for_)
        case "party-succeeded" if fact.old and fact.new:
            parties = {p: n for p, n in row.parties.items() if p != fact.old}
            return replace(row, parties={**parties, fact.new: fact.new_name or fact.new})
        case "work-stream-opened":
            return replace(row, work_streams=tuple(sorted({*row.work_streams, fact.work_stream or ""})))
        case "work-stream-closed":
            return replace(row, work_streams=tuple(w for w in row.work_streams if w != fact.work_stream))
        case _:
            return replace(row, stage=STAGES.get(event.name, row.stage))


def _word(party: Any, word: str) -> str:  # noqa: ANN401
    return str(party[word] if isinstance(party, Mapping) else getattr(party, word))


def _draft(charter: Any) -> Draft:  # noqa: ANN401
    if not isinstance(charter, Mapping):
        return Draft()
    zone = charter.get("zone") if isinstance(charter.get("zone"), str) else None
    said = charter.get("north_star")
    if not isinstance(said, Mapping):
        return Draft(zone=zone)
    whom = said.get("for_whom") or ()
    names = whom.split(",") if isinstance(whom, str) else whom if isinstance(whom, list) else ()
    aim = said.get("what") if isinstance(said.get("what"), str) else None
    return Draft(aim, tuple(str(name).strip() for name in names), zone)


def _under(row: Row, fact: Told) -> Row:
    draft = _draft(fact.charter) if fact.charter else row.drafted.get(fact.version or "", Draft())
    return replace(
        row,
        charter_version=fact.version,
        ratified_by=(),
        north_star=row.north_star or draft.north_star,
        for_whom=row.for_whom or draft.for_whom,
        zone=draft.zone or row.zone,
    )
