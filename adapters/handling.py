"""Handle a message: catch the book up, decide, append at the versions that were read, and try again when they moved."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adapters.charter_files import with_dates
from adapters.logs import Logger
from adapters.tracing import span
from domain.book import Book
from domain.commands.command import Command
from domain.deciding import decide, fold_anew, govern_anew, read_streams, turn_page
from domain.errors import Conflict, CynosureError, Refused
from domain.events.event import Event
from domain.ports import Append, Beside, EventLog, Receipt
from domain.recorded import Decided, Envelope, Meta, Recorded
from domain.values import MessageKey

ATTEMPTS_MAX = 20
PAGE_EVENTS_MAX = 1_000

logger = Logger("cynosure.handling")


class Handler:
    """Takes commands and reports into a log. Keeps the book of each alliance it has met, and catches it up."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._books: dict[str, Book] = {}

    def book(self, alliance: str) -> Book:
        """Return the book of an alliance, caught up with the log."""
        book = self._books.setdefault(alliance, Book(alliance))
        while page := self._log.read(after=book.position, limit=PAGE_EVENTS_MAX, alliance=alliance):
            stale = turn_page(book, page)
            for stream in stale:
                fold_anew(book, stream, self._log.stream(stream, upto=book.position))
            if stale:
                govern_anew(book, events_of(self._log, alliance, upto=book.position))
            if len(page) < PAGE_EVENTS_MAX:
                break
        return book

    def handle(
        self, message: Command | Event, envelope: Envelope, *, digest: bytes, beside: Sequence[Beside] = ()
    ) -> Receipt:
        """Record what follows from a message. `digest` is the SHA-256 of its canonical JSON as received.

        `beside` commits with whatever is written: the events, the refusal that is remembered, or the repeat.
        Raise Refused for a command that a rule forbids (remembered by its outcome where the message has an id),
        Impossible for a report of what cannot have happened, RepeatDiffers for a known id with other content.
        """
        with span("record", alliance=envelope.alliance, message=type(message).__name__) as told:
            receipt = self._handled(message, envelope, digest, beside)
            told.say(position=receipt.last, repeated=receipt.repeated)
            return receipt

    def _handled(
        self, message: Command | Event, envelope: Envelope, digest: bytes, beside: Sequence[Beside]
    ) -> Receipt:
        if self._log.remembered(key_of(envelope, digest)) is not None:
            return self._log.append(Append(envelope=envelope, facts=(), digest=digest, beside=beside))
        for _ in range(ATTEMPTS_MAX):
            book = self.book(envelope.alliance)
            try:
                decided = decide(with_dates(message, envelope.effective_at), book, envelope)
            except Refused as refused:
                self._remember(message, envelope, digest, refused, beside)
                raise
            batch = Append(
                envelope=envelope,
                facts=decided,
                expected=read_streams(message, decided, book),
                digest=digest,
                beside=beside,
            )
            try:
                return self._log.append(batch)
            except Conflict as conflict:
                logger.info("conflict", streams=conflict.streams)
        raise Conflict(self._log.versions([message.stream(envelope.alliance)]))

    def apart(self, messages: Iterable[tuple[Command | Event, Envelope, bytes]]) -> list[Append]:
        """Return what follows from the first messages as far as none reads what one before it writes.

        Each is then judged as it would be after those before it, so that all of them may be appended whole. Nothing is
        written. The run ends before a message that is refused, or that cannot have happened.
        """
        books: dict[str, Book] = {}
        written: set[str] = set()
        run: list[Append] = []
        for message, envelope, digest in messages:
            book = books.get(envelope.alliance) or books.setdefault(envelope.alliance, self.book(envelope.alliance))
            try:
                decided = decide(with_dates(message, envelope.effective_at), book, envelope)
            except CynosureError:
                break
            expected = read_streams(message, decided, book)
            if not written.isdisjoint(expected):
                break
            written.update(fact.fact.stream(envelope.alliance) for fact in decided)
            run.append(Append(envelope=envelope, facts=decided, expected=expected, digest=digest))
        return run

    def judge(self, messages: Iterable[tuple[Command | Event, Envelope, bytes]]) -> list[CynosureError | None]:
        """Say what would become of messages if they were handled in order: None where they would be recorded.

        Nothing is written. Messages that were seen before are passed over, as `handle` would.
        """
        scratch: dict[str, Scratch] = {}
        return [self._judged(scratch, *message) for message in messages]

    def _judged(
        self, scratch: "dict[str, Scratch]", message: Command | Event, envelope: Envelope, digest: bytes
    ) -> CynosureError | None:
        if self._log.remembered(key_of(envelope, digest)) is not None:
            return None
        ahead = scratch.get(envelope.alliance)
        if ahead is None:
            ahead = scratch[envelope.alliance] = Scratch(self.book(envelope.alliance), self._log)
        try:
            ahead.record(decide(with_dates(message, envelope.effective_at), ahead.book, envelope), envelope)
        except CynosureError as error:
            return error
        return None

    def _remember(
        self,
        message: Command | Event,
        envelope: Envelope,
        digest: bytes,
        refused: Refused,
        beside: Sequence[Beside],
    ) -> None:
        """Remember the refusal of a command that has an id. A refused report may come again."""
        if envelope.message is not None and isinstance(message, Command):
            outcome = outcome_of(refused)
            self._log.append(Append(envelope=envelope, facts=(), digest=digest, outcome=outcome, beside=beside))


def key_of(envelope: Envelope, digest: bytes) -> MessageKey:
    """Return what makes a message one and the same: its own id, or its content where it has none."""
    return envelope.message or MessageKey("digest", digest.hex())


def events_of(log: EventLog, alliance: str, *, upto: int) -> Iterator[Recorded[Any]]:
    """Yield every event of an alliance up to a position."""
    after = 0
    while page := log.read(after=after, limit=PAGE_EVENTS_MAX, upto=upto, alliance=alliance):
        yield from page
        after = page[-1].position


class Scratch:
    """A book that runs ahead of the log, to judge messages before any of them is recorded."""

    def __init__(self, book: Book, log: EventLog) -> None:
        self._log = log
        self._upto = book.position
        self._ahead: list[Recorded[Any]] = []
        self.book = Book(
            book.alliance_id,
            position=book.position,
            states={noun: dict(states) for noun, states in book.states.items()},
            versions=dict(book.versions),
            streams=dict(book.streams),
            governance=book.governance,
        )

    def record(self, decided: Iterable[Decided[Any]], envelope: Envelope) -> None:
        """Move the book on as if the facts had been recorded."""
        for fact in decided:
            stream = fact.fact.stream(envelope.alliance)
            position = self.book.position + 1
            meta = Meta(
                alliance=envelope.alliance,
                event_id=f"ahead-{position}",
                effective_at=envelope.effective_at,
                precision=envelope.precision,
                zone=envelope.zone,
                findings=fact.findings,
            )
            event: Recorded[Any] = Recorded(
                fact=fact.fact,
                name=fact.fact.NAME,
                meta=meta,
                position=position,
                stream=stream,
                version=self.book.versions.get(stream, 0) + 1,
                recorded_at=0,
            )
            self._ahead.append(event)
            stale = turn_page(self.book, [event])
            for anew in stale:
                known = self._log.stream(anew, upto=self._upto)
                fold_anew(self.book, anew, [*known, *(e for e in self._ahead if e.stream == anew)])
            if stale:
                before = events_of(self._log, envelope.alliance, upto=self._upto)
                govern_anew(self.book, [*before, *self._ahead])


def outcome_of(refused: Refused) -> str:
    """Return the outcome of a refusal as it is remembered: canonical JSON."""
    said: Mapping[str, Any] = {
        "state": "refused",
        "rule": refused.rule,
        "clause": refused.clause,
        "because_of": list(refused.because_of),
        "says": refused.says,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"))
