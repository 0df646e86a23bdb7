"""What the log knows of an alliance, as rows of its workbook: what comes out, and what a row is held against."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.workbook.sheets import METHODS
from domain.book import Book
from domain.events.decision import ENDINGS
from domain.recorded import Recorded

PRIORITIES = "priorities"
FIRST_SEEN = ("decision-raised", "decision-inherited")
Rows = dict[str, list[dict[str, Any]]]
Events = Sequence[Recorded[Any]]


def rows_of(book: Book, events: Events, *, as_of: str = "") -> Rows:
    """Return what the log knows as rows of the workbook, from the events in effect. Names of persons stay sealed."""
    alliance = book.alliance
    if alliance is None:
        return {}
    formed = next(event for event in events if event.name == "alliance-formed")
    about = {"title": alliance.title, "kind": alliance.kind, "formed": _day(formed), "as_of": as_of}
    here = alliance.parties
    zone = {} if formed.meta.zone == "UTC" else {"zone": formed.meta.zone}
    rows: Rows = {
        "alliance": [{"alliance": book.alliance_id} | about | zone],
        "parties": [{"party": party, "name": name} for party, name in alliance.parties.items()],
        "people": [{"person": name, "party": p.party} for name, p in sorted(book.of("person").items()) if p.party],
        "bodies": [{"body": name, "tier": body.tier} for name, body in book.bodies.items() if not body.disbanded],
        "seats": _seats(book),
        "work_streams": _work_streams(book),
        "metrics": _metrics(events),
        "stances": _stances(book, events),
        "terms": _terms(book),
        "priorities": _priorities(book),
        "decisions": _decisions(book, events),
        "minutes": _minutes(events, tuple(alliance.parties)),
    }
    return {name: [row for row in found if row.get("party", next(iter(here))) in here] for name, found in rows.items()}


def _day(event: Recorded[Any]) -> str:
    return datetime.fromtimestamp(event.at, UTC).astimezone(ZoneInfo(event.meta.zone)).date().isoformat()


def _seats(book: Book) -> list[dict[str, Any]]:
    return [
        {"body": name, "seat": seat, "party": taken.party, "person": taken.person}
        for name, body in book.bodies.items()
        if not body.disbanded
        for seat, taken in (body.seats or {}).items()
    ]


def _work_streams(book: Book) -> list[dict[str, Any]]:
    return [
        {"work_stream": name, "title": s.title, "phase": s.phase, "owners": _of(book.parties, s.owners)}
        | ({"planned_end": s.planned_end.isoformat()} if s.planned_end else {})
        for name, s in book.work_streams.items()
        if not s.closed
    ]


def _of(parties: Sequence[str], owners: Mapping[str, str]) -> dict[str, str]:
    return {party: owner for party, owner in owners.items() if party in parties}


def _metrics(events: Events) -> list[dict[str, Any]]:
    proposed = {event.fact.metric: event.fact for event in events if event.name == "metric-proposed"}
    return [
        {
            "metric": name,
            "title": fact.title,
            "unit": fact.unit,
            "class": fact.metric_class,
            "owner": fact.owner,
            "cadence": fact.cadence,
            "tolerance_days": fact.tolerance_days or None,
        }
        for name, fact in proposed.items()
    ]


def _stances(book: Book, events: Events) -> list[dict[str, Any]]:
    aimed = (event.fact for event in events if event.name == "target-stated")
    baselines = {(fact.metric, fact.party): fact.baseline for fact in aimed}
    return [
        {
            "metric": name,
            "party": party,
            "version": stance.version,
            "definition": stance.text,
            "target": stance.target,
            "baseline": baselines.get((name, party)),
            "horizon": stance.horizon,
        }
        for name, metric in book.of("metric").items()
        for party, stance in metric.standing.stances.items()
    ]


def _terms(book: Book) -> list[dict[str, Any]]:
    return [
        {"term": name, "context": context or None, "party": party, "reading": reading}
        for name, term in book.of("term").items()
        for context, said in term.standing.wordings.items()
        for party, reading in said.items()
    ]


def _priorities(book: Book) -> list[dict[str, Any]]:
    stated = book.state("understanding", PRIORITIES)
    order = stated.order if stated else ()
    return [{"priority": name, "resources": stated.resources.get(name)} for name in order]


def _decisions(book: Book, events: Events) -> list[dict[str, Any]]:
    raised: dict[str, Recorded[Any]] = {}
    last: dict[str, Recorded[Any]] = {}
    for event in events:
        if event.name in FIRST_SEEN:
            raised.setdefault(event.fact.decision, event)
        if event.name in ENDINGS:
            last[event.fact.decision] = event
    return [_decision(name, event, last.get(name), book) for name, event in raised.items()]


def _decision(name: str, raised: Recorded[Any], ended: Recorded[Any] | None, book: Book) -> dict[str, Any]:
    fact, known = raised.fact, book.decisions[name]
    by, stream = getattr(fact, "by", None), book.work_streams.get(fact.work_stream or "")
    row = {
        "decision": name,
        "title": fact.title,
        "body": fact.body,
        "matter": fact.matter,
        "work_stream": fact.work_stream if stream is not None and not stream.closed else None,
        "by": by if by in book.parties else None,
        "raised": _day(raised),
    }
    if known.status == "open" or ended is None or ended.name != "decision-made":
        return row
    method = ended.fact.method if ended.fact.method in METHODS else None
    return row | {"decided": _day(ended), "outcome": known.outcome, "method": method}


def _minutes(events: Events, parties: Sequence[str]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for event in events:
        fact = event.fact
        if event.name == "meeting-held" and fact.meeting:
            there = {one.party for one in fact.present or ()}
            present = [party for party in parties if party in there]
            rows[fact.meeting] = {"meeting": fact.meeting, "body": fact.body, "held": _day(event), "present": present}
        elif event.name == "minutes-drafted" and fact.meeting in rows:
            rows[fact.meeting] |= {"drafted": _day(event)}
        elif event.name == "minutes-finalized" and fact.meeting in rows:
            signed = [party for party in parties if party in fact.signed_by]
            rows[fact.meeting] |= {"finalized": _day(event), "signed_by": signed}
    return list(rows.values())
