"""What a workbook changes: the reports that follow from its rows, where the book of the alliance says otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.items import Item, read_item
from adapters.workbook.known import PRIORITIES, Rows
from adapters.workbook.reading import SheetRow, Sheets
from domain.alignment.standing import Stance, plain
from domain.book import Book

Told = tuple[SheetRow, str | None, dict[str, Any]]
"""A row, the day of what it reports (None: the day of the workbook), and the report in its words."""


def changes(sheets: Sheets, book: Book, known: Rows) -> list[Item]:
    """Return the reports that bring the book to what the workbook says, each with its sheet and cell.

    `known` is what the log knows, as rows. What stands there and not in the workbook stays: a row that was taken out
    ends nothing. A change is a message of its own each time, so that what was changed back is recorded as well.
    """
    (alliance,) = sheets["alliance"]
    zone, as_of = alliance.get("zone"), alliance.get("as_of")
    items: list[Item] = []
    for row, day, words in _told(sheets, book, known):
        said = {word: value for word, value in words.items() if value not in (None, (), {}, [])}
        raw = {"at": day or as_of} | ({"zone": zone} if zone else {}) | said
        raw["id"] = f"{row.sheet.name}!{row.number} #{len(items)} at {book.position}"
        items.append(read_item(raw, row.where(), alliance=book.alliance_id, source="workbook"))
    return items


def _told(sheets: Sheets, book: Book, known: Rows) -> Iterator[Told]:
    yield from _founding(sheets, book)
    yield from _people(sheets, book)
    yield from _bodies(sheets, book)
    yield from _work_streams(sheets, book)
    yield from _metrics(sheets, book)
    yield from _stances(sheets, book)
    yield from _terms(sheets, book)
    yield from _priorities(sheets, book)
    yield from _decisions(sheets, book)
    yield from _minutes(sheets, known)


def _founding(sheets: Sheets, book: Book) -> Iterator[Told]:
    (row,) = sheets["alliance"]
    if book.alliance is None:
        parties = [{"id": party.get("party"), "name": party.get("name")} for party in sheets["parties"]]
        said = {"title": row.get("title"), "kind": row.get("kind"), "parties": parties}
        yield row, row.get("formed"), {"report": "AllianceFormed"} | said


def _people(sheets: Sheets, book: Book) -> Iterator[Told]:
    for row in sheets["people"]:
        if book.state("person", row.get("person")) is None:
            yield row, None, {"report": "PersonIntroduced"} | row.values


def _bodies(sheets: Sheets, book: Book) -> Iterator[Told]:
    for row in sheets["bodies"]:
        if row.get("body") not in book.bodies:
            seats = [
                {word: seat.get(word) for word in ("seat", "party", "person") if seat.get(word)}
                for seat in sheets["seats"]
                if seat.get("body") == row.get("body")
            ]
            said = {"body": row.get("body"), "tier": row.get("tier"), "seats": seats}
            yield row, row.get("since"), {"report": "BodyConstituted"} | said
    for row in sheets["seats"]:
        body = book.bodies.get(row.get("body"))
        if body is None:
            continue
        taken = (body.seats or {}).get(row.get("seat"))
        person = row.get("person")
        said = {word: row.get(word) for word in ("body", "seat", "party", "person")}
        if person and (taken is None or taken.person != person):
            yield row, row.get("since"), {"report": "SeatFilled"} | said
        elif not person and taken is not None and taken.person:
            yield row, row.get("since"), {"report": "SeatVacated"} | said | {"person": taken.person}


def _work_streams(sheets: Sheets, book: Book) -> Iterator[Told]:
    for row in sheets["work_streams"]:
        said = {word: row.get(word) for word in ("work_stream", "phase", "owners", "planned_end")}
        known = book.work_streams.get(row.get("work_stream"))
        if known is None:
            yield row, row.get("since"), {"report": "WorkStreamOpened", "title": row.get("title")} | said
            continue
        end = known.planned_end.isoformat() if known.planned_end else None
        stands = {
            "phase": known.phase,
            "planned_end": end,
            "owners": {party: known.owners[party] for party in known.owners if party in book.parties},
        }
        if any(said[word] not in (None, stands[word]) for word in stands):
            yield row, None, {"report": "WorkStreamReplanned"} | said


def _metrics(sheets: Sheets, book: Book) -> Iterator[Told]:
    words = ("metric", "title", "unit", "class", "owner", "cadence", "tolerance_days")
    for row in sheets["metrics"]:
        if book.state("metric", row.get("metric")) is None:
            yield row, row.get("since"), {"report": "MetricProposed"} | {word: row.get(word) for word in words}


def _stances(sheets: Sheets, book: Book) -> Iterator[Told]:
    units = {row.get("metric"): row.get("unit") for row in sheets["metrics"]}
    for row in sheets["stances"]:
        name, party = row.get("metric"), row.get("party")
        metric = book.state("metric", name)
        known: Stance = metric.standing.stances.get(party, Stance()) if metric else Stance()
        who = {"metric": name, "party": party}
        day = row.get("since") if known == Stance() else None
        if row.get("version") and (known.version, known.text) != (row.get("version"), row.get("definition")):
            said = {"version": row.get("version"), "definition": row.get("definition")}
            yield row, day, {"report": "DefinitionStated"} | who | said
        if row.get("target") is not None and known.target != plain(row.get("target")):
            said = {"target": row.get("target"), "unit": units[name]}
            first = {"report": "TargetStated", "baseline": row.get("baseline")}
            yield row, day, (first if known.target is None else {"report": "TargetRevised"}) | who | said
        if row.get("horizon") and known.horizon != row.get("horizon"):
            yield row, day, {"report": "HorizonStated", "horizon": row.get("horizon")} | who


def _terms(sheets: Sheets, book: Book) -> Iterator[Told]:
    for row in sheets["terms"]:
        term = book.state("term", row.get("term"))
        wordings: Mapping[str, Mapping[str, str]] = term.standing.wordings if term else {}
        known = wordings.get(row.get("context") or "", {}).get(row.get("party"))
        if known != row.get("reading"):
            said = {word: row.get(word) for word in ("term", "context", "party", "reading")}
            yield row, row.get("since") if known is None else None, {"report": "TermReadingStated"} | said


def _priorities(sheets: Sheets, book: Book) -> Iterator[Told]:
    rows = sheets["priorities"]
    if not rows:
        return
    order = [row.get("priority") for row in rows]
    resources = {row.get("priority"): row.get("resources") for row in rows if row.get("resources")}
    known = book.state("understanding", PRIORITIES)
    if known is not None and (list(known.order), dict(known.resources)) == (order, resources):
        return
    version = str(len(known.stated_by) + 1) if known is not None else "1"
    said = {"understanding": PRIORITIES, "kind": "priorities", "version": version}
    yield rows[0], None, {"report": "UnderstandingStated", "order": order, "resources": resources} | said


def _decisions(sheets: Sheets, book: Book) -> Iterator[Told]:
    words = ("decision", "title", "body", "matter", "work_stream", "by")
    for row in sheets["decisions"]:
        known = book.decisions.get(row.get("decision"))
        if known is None:
            yield row, row.get("raised"), {"report": "DecisionRaised"} | {word: row.get(word) for word in words}
        if row.get("decided") and (known is None or known.status == "open"):
            said = {word: row.get(word) for word in ("decision", "outcome", "method")}
            yield row, row.get("decided"), {"report": "DecisionMade"} | said
        elif row.get("decided") and known is not None and known.outcome != row.get("outcome"):
            said = {"decision": row.get("decision"), "outcome": row.get("outcome")}
            yield row, None, {"report": "DecisionReversed"} | said


def _minutes(sheets: Sheets, known: Rows) -> Iterator[Told]:
    """Yield the meetings and the steps of their minutes that were not recorded yet."""
    recorded = {row["meeting"]: row for row in known.get("minutes", ())}
    for row in sheets["minutes"]:
        stands = recorded.get(row.get("meeting"))
        meeting = {"meeting": row.get("meeting")}
        if stands is None:
            present = [{"party": party} for party in row.get("present") or ()]
            yield row, row.get("held"), {"report": "MeetingHeld", "body": row.get("body"), "present": present} | meeting
        if row.get("drafted") and not (stands and stands.get("drafted")):
            yield row, row.get("drafted"), {"report": "MinutesDrafted"} | meeting
        if row.get("finalized") and not (stands and stands.get("finalized")):
            said = {"signed_by": row.get("signed_by")}
            yield row, row.get("finalized"), {"report": "MinutesFinalized"} | meeting | said
