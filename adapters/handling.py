"""Handle a message: catch the book up, decide, append at the versions that were read, and try again when they moved."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

import structlog

from domain.book import Book
from domain.commands.command import Command
from domain.deciding import decide, fold_anew, read_streams, turn_page
from domain.errors import Conflict, Refused
from domain.events.event import Event
from domain.ports import Append, EventLog, Receipt
from domain.recorded import Envelope, Recorded

ATTEMPTS_MAX = 20
PAGE_EVENTS_MAX = 1_000

logger = structlog.get_logger("cynosure.handling")


class AllianceLog(EventLog, Protocol):
    """A log that can also read the events of one alliance."""

    def read_alliance(self, alliance: str, *, after: int, limit: int, upto: int | None = None) -> list[Recorded[Any]]:
        """Return up to `limit` events of an alliance after a position, in order, fully decoded."""
        ...


class Handler:
    """Takes commands and reports into a log. Keeps the book of each alliance it has met, and catches it up."""

    def __init__(self, log: AllianceLog) -> None:
        self._log = log
        self._books: dict[str, Book] = {}

    def book(self, alliance: str) -> Book:
        """Return the book of an alliance, caught up with the log."""
        book = self._books.setdefault(alliance, Book(alliance))
        while page := self._log.read_alliance(alliance, after=book.position, limit=PAGE_EVENTS_MAX):
            for stream in turn_page(book, page):
                fold_anew(book, stream, self._log.stream(stream, upto=book.position))
            if len(page) < PAGE_EVENTS_MAX:
                break
        return book

    def handle(self, message: Command | Event, envelope: Envelope, *, digest: bytes) -> Receipt:
        """Record what follows from a message. `digest` is the SHA-256 of its canonical JSON as received.

        Raise Refused for a command that a rule forbids (remembered by its outcome where the message has an id),
        Impossible for a report of what cannot have happened, RepeatDiffers for a known id with other content.
        """
        for _ in range(ATTEMPTS_MAX):
            book = self.book(envelope.alliance)
            try:
                decided = decide(message, book, envelope)
            except Refused as refused:
                if known := self._repeat(envelope, digest):
                    return known
                self._remember(message, envelope, digest, refused)
                raise
            batch = Append(
                envelope=envelope,
                facts=decided,
                expected=read_streams(message, decided, book),
                digest=digest,
            )
            try:
                return self._log.append(batch)
            except Conflict as conflict:
                logger.info("conflict", streams=conflict.streams)
        raise Conflict({})

    def _repeat(self, envelope: Envelope, digest: bytes) -> Receipt | None:
        if envelope.message is None or self._log.remembered(envelope.message) is None:
            return None
        return self._log.append(Append(envelope=envelope, facts=(), digest=digest))

    def _remember(self, message: Command | Event, envelope: Envelope, digest: bytes, refused: Refused) -> None:
        """Remember the refusal of a command that has an id. A refused report may come again."""
        if envelope.message is not None and isinstance(message, Command):
            self._log.append(Append(envelope=envelope, facts=(), digest=digest, outcome=outcome_of(refused)))


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
