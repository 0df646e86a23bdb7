"""An alliance is formed by its parties, launched, wound down and ended, with the work streams that belong to it."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from domain.alliance_kinds import lacking
from domain.commands import alliance_life as life
from domain.commands import governance as asks
from domain.errors import Impossible, Refused
from domain.events import alliance as told
from domain.judging import judged
from domain.recorded import Decided, Recorded
from domain.replacing import replace
from domain.understanding import all_unsettled

if TYPE_CHECKING:
    from domain.book import Book

Stage = Literal["formed", "launched", "winding_down", "ended"]


@dataclass(frozen=True, slots=True)
class Alliance:
    """Who is in it, and where it stands. `parties` maps ids to names; `former` are those that left by assignment."""

    title: str
    kind: str
    parties: dict[str, str]
    affiliates: dict[str, str]
    stage: Stage = "formed"
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkStream:
    """One stream of work."""

    title: str | None
    owners: dict[str, str]
    phase: str | None = None
    closed: bool = False
    paused: bool = False
    planned_end: date | None = None


def decide_alliance(message: Any, alliance: Alliance | None, book: "Book") -> list[Decided[Any]]:  # noqa: ANN401
    """Return the facts about the alliance that follow from *message*, or refuse it."""
    fact = _asked(message)
    match fact, alliance:
        case told.AllianceFormed(), None:
            _refuse_doubles([p.id for p in fact.parties])
        case told.AllianceFormed(), _:
            raise Impossible("the alliance is formed already", rule="formed_once")
        case told.WindDownStarted(), Alliance(stage="ended") | Alliance(stage="winding_down"):
            raise Impossible(f"the alliance is {alliance.stage} already", rule="stage")
        case ((told.AllianceLaunched() | told.AllianceEnded()), Alliance(stage="ended")):
            raise Impossible("the alliance has ended", rule="stage")
        case told.PartySucceeded(kind="assignment"), Alliance():
            if fact.old not in alliance.parties or not fact.new or fact.new in alliance.parties:
                raise Impossible(
                    f"an assignment goes from a party ({', '.join(alliance.parties)}) to a new one", rule="assignment"
                )
        case _:
            pass
    if isinstance(fact, told.AllianceLaunched) and alliance is not None:
        return judged(message, fact, list(lacking(alliance.kind, book)))
    if isinstance(fact, told.PartySucceeded):
        fact = fact.model_copy(update={"unsettles": all_unsettled(book, assigned=fact.kind == "assignment")})
    return [Decided(fact)]


def _asked(message: Any) -> Any:  # noqa: ANN401
    match message:
        case asks.FormAlliance(title=title, kind=kind, parties=parties):
            return told.AllianceFormed(title=title, kind=kind, parties=parties)
        case asks.LaunchAlliance():
            return told.AllianceLaunched()
        case asks.StartWindDown(ends=ends, survives=survives):
            return told.WindDownStarted(ends=ends, survives=survives)
        case asks.EndAlliance(survives=survives):
            return told.AllianceEnded(survives=survives)
        case life.RelaunchAlliance():
            return told.AllianceRelaunched()
        case life.EnterAllianceStage():
            return told.AllianceStageEntered(**message.model_dump(exclude_unset=True))
        case _:
            return message


def _refuse_doubles(parties: list[str]) -> None:
    if len(set(parties)) < len(parties):
        raise Refused(f"a party is named twice: {', '.join(parties)}", rule="parties_distinct")


def evolve_alliance(alliance: Alliance | None, recorded: Recorded[Any]) -> Alliance | None:
    """Return the alliance after the event; nothing comes of events whose founding was retracted."""
    fact = recorded.fact
    if isinstance(fact, told.AllianceFormed):
        return Alliance(
            title=fact.title,
            kind=fact.kind,
            parties={p.id: p.name for p in fact.parties},
            affiliates={a: p.id for p in fact.parties for a in p.affiliates},
        )
    if alliance is None:
        return None
    match fact:
        case told.AllianceLaunched() | told.AllianceRelaunched():
            return replace(alliance, stage="launched")
        case told.WindDownStarted():
            return replace(alliance, stage="winding_down")
        case told.AllianceEnded():
            return replace(alliance, stage="ended")
        case told.PartySucceeded(kind="assignment", old=str(old), new=str(new)):
            parties = {p: n for p, n in alliance.parties.items() if p != old} | {new: fact.new_name or new}
            return replace(alliance, parties=parties, former=(*alliance.former, old))
        case _:
            return alliance


def decide_work_stream(message: Any, work_stream: WorkStream | None, book: "Book") -> list[Decided[Any]]:  # noqa: ANN401
    """Return the facts about a work stream that follow from *message*, or refuse it."""
    kind = _OF_A_WORK_STREAM.get(type(message))
    fact = message if kind is None else kind(**message.model_dump(exclude_unset=True))
    named = {*getattr(fact, "owners", {}), *getattr(fact, "units", {}), *getattr(fact, "accepted_by", ())}
    owners = named - set(book.parties)
    if owners:
        raise Impossible(f"{', '.join(sorted(owners))}: no party of the alliance", rule="party_of_alliance")
    if isinstance(fact, told.WorkStreamOpened) == (work_stream is not None):
        says = "is open already" if work_stream else "was never opened"
        raise Impossible(f"work stream {fact.work_stream} {says}", rule="opened_once")
    return [Decided(fact)]


_OF_A_WORK_STREAM: dict[type[Any], Any] = {
    asks.OpenWorkStream: told.WorkStreamOpened,
    asks.HandPhaseOver: told.PhaseHandedOver,
    life.ReplanWorkStream: told.WorkStreamReplanned,
    life.PauseWorkStream: told.WorkStreamPaused,
    life.ResumeWorkStream: told.WorkStreamResumed,
    life.CloseWorkStream: told.WorkStreamClosed,
}


def evolve_work_stream(work_stream: WorkStream | None, recorded: Recorded[Any]) -> WorkStream:
    """Return the work stream after the event."""
    fact = recorded.fact
    if isinstance(fact, told.WorkStreamOpened):
        return WorkStream(title=fact.title, owners=dict(fact.owners), phase=fact.phase, planned_end=fact.planned_end)
    current = work_stream or WorkStream(title=None, owners={})
    match fact:
        case told.WorkStreamReplanned():
            return replace(
                current,
                phase=fact.phase or current.phase,
                owners=current.owners | fact.owners,
                planned_end=fact.planned_end or current.planned_end,
            )
        case told.PhaseHandedOver():
            return replace(current, phase=fact.phase)
        case told.WorkStreamPaused():
            return replace(current, paused=True)
        case told.WorkStreamResumed():
            return replace(current, paused=False)
        case told.WorkStreamClosed():
            return replace(current, closed=True)
        case _:
            return current
