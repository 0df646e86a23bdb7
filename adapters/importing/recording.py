"""Writes a judged file into the log, in pages; continues an interrupted or longer import, and corrects what changed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adapters.event_log import Codec
from adapters.importing.continuing import AGAIN, Change, Known, Retract, Say, Stands, changes, known_rows, row_of
from adapters.importing.judged import Judged, Report
from adapters.importing.mapping import Mapping as Mapped
from domain.book import Book
from domain.deciding import decide, turn_page
from domain.errors import Refused, Unreadable
from domain.events.alliance import AllianceFormed, HistoryImported
from domain.events.correction import RecordCorrected, Replacement
from domain.events.event import Event, stream_of
from domain.ports import Append, EventLog, Receipt
from domain.recorded import Decided, Envelope, Meta, Recorded
from domain.values import MessageKey

PAGE_REPORTS = 1_000
READ_EVENTS = 2_000
PART_OF_A_DECISION = (
    "the log knows the decision, and its earlier rows are not in this file: a file holds whole decisions, so export it "
    "from its first row on, or put the rows of the earlier export before these"
)


@dataclass(frozen=True, slots=True)
class Came:
    """Where a history came from: the name of the file, its SHA-256 and that of its mapping."""

    name: str
    sha256: str
    mapping_sha256: str


@dataclass(slots=True)
class Imported:
    """What an import did: rows reported, known and corrected, events written, and where they lie."""

    reported: int = 0
    known: int = 0
    corrected: int = 0
    events: int = 0
    first: int | None = None
    last: int | None = None
    counts: Counter[str] = field(default_factory=Counter)


class Importer:
    """Writes one judged file into one alliance of a log, whose book is caught up."""

    def __init__(self, log: EventLog, mapping: Mapped, came: Came, book: Book) -> None:
        self._log, self._mapping, self._came = log, mapping, came
        self._source, self._alliance = mapping.source, mapping.alliance.id
        self._book = book
        self._judging = Book(self._alliance)
        self._judging.states = {noun: states for noun, states in self._book.states.items() if noun != "decision"}
        self._judging.versions = dict(self._book.versions)
        self._always_read = tuple(stream_of(noun, self._alliance, self._alliance) for noun in ("alliance", "charter"))
        self._codec = Codec(log.identity().id)
        self._seen: set[str] = set()
        self.done = Imported()

    def write(self, judged: Judged, *, progress: Callable[[int], None] = lambda _reports: None) -> Imported:
        """Append what the log does not know yet, page by page, and correct what has changed since.

        Each page is one transaction: stopped between two, the same call continues. Raises Unreadable where a report
        cannot have happened, before anything is written, and Conflict where somebody else wrote the same decisions.
        """
        known = self._known()
        batches = [*self._beginning(judged), *self._batches(judged, known)]
        written = 0
        for start in range(0, len(batches), PAGE_REPORTS):
            page = batches[start : start + PAGE_REPORTS]
            for outcome in self._log.append_all(page):
                self._received(outcome)
            written += len(page)
            progress(min(written, len(judged.reports)))
        self.done.counts = judged.counts
        return self.done

    def _received(self, outcome: Receipt | Exception) -> None:
        if isinstance(outcome, Exception):
            raise outcome
        if outcome.repeated:
            return
        self.done.events += outcome.last - outcome.first + 1
        self.done.first = self.done.first or outcome.first
        self.done.last = outcome.last

    def _known(self) -> dict[str, list[Known]]:
        """Return the rows of this source that the log knows, by the stream of their decision, in their order."""
        if self._book.state("import", self._source) is None:
            return {}
        streams: dict[str, list[Recorded[Any]]] = {}
        position = 0
        self._seen.clear()
        while page := self._log.read(after=position, limit=READ_EVENTS, alliance=self._alliance):
            position = page[-1].position
            for recorded in page:
                if recorded.stream.startswith("decision/"):
                    streams.setdefault(recorded.stream, []).append(recorded)
                    self._seen.add(row_of(recorded, self._source))
        return {stream: known_rows(events, self._source) for stream, events in streams.items()}

    def _beginning(self, judged: Judged) -> Iterator[Append]:
        said, at = self._mapping.alliance, judged.earliest
        start = at.seconds if at else 0
        if self._book.alliance is None:
            formed = AllianceFormed(title=said.title or said.id, kind=said.kind, parties=said.parties)
            envelope = Envelope(alliance=self._alliance, effective_at=start)
            yield self._appended(f"alliance/{said.id}", (formed,), envelope, formed.stream(said.id))
        since, until, cut_off = judged.window
        imported = HistoryImported(
            source=self._source,
            sha256=self._came.sha256,
            mapping_sha256=self._came.mapping_sha256,
            rows=judged.rows,
            decisions=judged.decisions,
            observed_from=since,
            observed_until=until,
            cut_off=cut_off,
            selected_on=self._mapping.window.selected_on,
            clamped=judged.counts["clamped"],
        )
        latest = max((report.at.seconds for report in judged.reports), default=start)
        envelope = Envelope(alliance=self._alliance, effective_at=cut_off or until or latest)
        message = f"history/{self._came.sha256}/{self._came.mapping_sha256}"
        if self._log.remembered(MessageKey(self._source, message)) is None:
            yield self._appended(message, (imported,), envelope, imported.stream(said.id))

    def _batches(self, judged: Judged, known: Mapping[str, list[Known]]) -> Iterator[Append]:
        by_stream: dict[str, list[Report]] = {}
        for report in judged.reports:
            stream = stream_of("decision", self._alliance, report.decision)
            self._refuse_foreign(report, known.get(stream, ()))
            if stream in known:
                by_stream.setdefault(stream, []).append(report)
            else:
                yield self._reported(report, stream, report.id)
        for stream, reports in by_stream.items():
            for change in changes(known[stream], reports, judged.silent):
                yield from self._changed(stream, change)

    def _refuse_foreign(self, report: Report, known: Sequence[Known]) -> None:
        if not known and self._book.state("decision", report.decision) is not None:
            raise Unreadable(
                f"{self._came.name}:{report.line}: decision {report.decision} is in the alliance already, and "
                "not from the source "
                f"{self._source}: give the decisions of this file ids of their own with `columns: {{decision: "
                f"{{columns: [...]}}}}`, or say "
                "the `source` they came from before [raised_once]"
            )

    def _changed(self, stream: str, change: Change) -> Iterator[Append]:
        match change:
            case Stands(known, None):
                self.done.counts["not_in_the_file"] += 1
                for event in known.events:
                    self._turn([event.fact], stream, event.at, event.meta.event_id)
            case Stands(known, Report() as report):
                self.done.known += 1
                wanted = self._decided(report.facts, self._envelope(report), stream, report.line, report.id)
                for event, now in zip(known.events, wanted, strict=True):
                    meta = event.meta
                    if (event.fact, meta.effective_at, meta.precision, meta.zone) != (now.fact, *report.at):
                        yield self._corrected(stream, event, _replacement(now.fact, report))
            case Retract(known):
                for event in reversed(known.events):
                    yield self._corrected(stream, event, None)
            case Say(report):
                version = self._judging.versions.get(stream, 0)
                again = report.id in self._seen
                yield self._reported(report, stream, f"{report.id}{AGAIN}{version}" if again else report.id)

    def _corrected(self, stream: str, event: Recorded[Any], replacement: Replacement | None) -> Append:
        """Return the correction of one event. Its message is the event at the version its stream had."""
        self.done.corrected += 1
        version = self._judging.versions.get(stream, 0)
        self._judging.versions[stream] = version + 1
        fact = RecordCorrected(
            of=event.meta.event_id,
            of_stream=stream,
            action="replaced" if replacement else "retracted",
            replacement=replacement,
        )
        envelope = Envelope(
            alliance=self._alliance,
            effective_at=event.at,
            precision=event.meta.precision,
            zone=event.meta.zone,
            message=MessageKey(self._source, f"correction/{event.meta.event_id}/{version}"),
            reason=f"the source {self._source} says otherwise now (file {self._came.sha256[:12]})",
        )
        decided = [Decided(fact)]
        return Append(envelope=envelope, facts=decided, expected={stream: version}, digest=digest_of(decided, envelope))

    def _reported(self, report: Report, stream: str, message: str) -> Append:
        self.done.reported += 1
        return self._appended(message, report.facts, self._envelope(report), stream, line=report.line)

    def _envelope(self, report: Report) -> Envelope:
        return Envelope(
            alliance=self._alliance,
            effective_at=report.at.seconds,
            precision=report.at.precision,
            zone=report.at.zone,
            source_recorded_at=report.source_recorded_at,
            actor=report.actor,
            reason=report.reason,
            note=report.note,
        )

    def _appended(
        self, message: str, facts: Sequence[Event], envelope: Envelope, stream: str, *, line: int | None = None
    ) -> Append:
        """Return the batch of one message, at the versions that its streams have after the messages before it."""
        versions = self._judging.versions
        expected = {read: versions.get(read, 0) for read in (*self._always_read, stream)}
        version = expected[stream]
        decided = self._decided(facts, envelope, stream, line, message)
        versions[stream] = version + len(decided)
        addressed = _addressed(envelope, MessageKey(self._source, message))
        return Append(envelope=addressed, facts=decided, expected=expected, digest=digest_of(decided, envelope))

    def _decided(
        self, facts: Sequence[Event], envelope: Envelope, stream: str, line: int | None, message: str
    ) -> list[Decided[Any]]:
        """Return the facts as the rules of the domain take them, and move the judging book on by them."""
        decided: list[Decided[Any]] = []
        for fact in facts:
            try:
                found = decide(fact, self._judging, envelope)
            except Refused as refused:
                where = f"{self._came.name}:{line}: " if line else f"{self._came.name}: "
                says = f"{refused.says}: {PART_OF_A_DECISION}" if refused.rule == "raised_once" else refused.says
                raise Unreadable(f"{where}{says} [{refused.rule}]") from None
            event_id = self._codec.event_id(self._source, message, len(decided))
            self._turn([one.fact for one in found], stream, envelope.effective_at, event_id)
            decided += found
        return decided

    def _turn(self, facts: Sequence[Event], stream: str, at: int, event_id: str) -> None:
        """Move the judging book on by facts of one stream. The version of the stream stays: who appends raises it."""
        book = self._judging
        version = book.versions.get(stream, 0)
        meta = Meta(alliance=self._alliance, event_id=event_id, effective_at=at)
        page = [
            Recorded(fact=fact, name=fact.NAME, meta=meta, position=1, stream=stream, version=version, recorded_at=0)
            for fact in facts
        ]
        turn_page(book, page)


def _addressed(envelope: Envelope, key: MessageKey) -> Envelope:
    return Envelope(
        alliance=envelope.alliance,
        effective_at=envelope.effective_at,
        precision=envelope.precision,
        zone=envelope.zone,
        source_recorded_at=envelope.source_recorded_at,
        actor=envelope.actor,
        message=key,
        reason=envelope.reason,
        note=envelope.note,
    )


def _replacement(fact: Event, report: Report) -> Replacement:
    return Replacement(
        name=fact.NAME,
        schema_version=fact.VERSION,
        fact=fact.model_dump(mode="json", by_alias=True, exclude_none=True),
        effective_at=report.at.seconds,
        precision=report.at.precision,
        zone=report.at.zone,
    )


def digest_of(decided: Sequence[Decided[Any]], envelope: Envelope) -> bytes:
    """Return the SHA-256 of what a row says: its facts and when they were so, as canonical JSON."""
    said = (
        (envelope.effective_at, envelope.precision, envelope.zone),
        [(one.fact.NAME, one.fact.model_dump(mode="json", by_alias=True, exclude_none=True)) for one in decided],
    )
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).digest()
