"""Gives a message to the handler with what commits beside it: the first time, and when it is redriven."""

from collections.abc import Sequence

from adapters.handling import Handler
from adapters.kafka.port import Received
from adapters.kafka.tables import Tables
from adapters.kafka_in.answers import Addressed, answered, write_answer
from adapters.kafka_in.config import Ingest
from adapters.kafka_in.parking import ended, every_parked, parked_message, tried_again
from adapters.kafka_in.reading import Denied, Read, Reader, Unfit
from domain.errors import Refused, RepeatDiffers
from domain.ports import Beside


class Taking:
    """Takes messages into one log. A refused command is an answer; what else cannot be taken is unfit."""

    def __init__(self, handler: Handler, tables: Tables, ingest: Ingest) -> None:
        self._handler = handler
        self._tables = tables
        self._reader = Reader(ingest)

    def take(self, received: Received, beside: Sequence[Beside], *, waiting: frozenset[str] | set[str]) -> None:
        """Record what follows from a message, with its answer and what else is written beside, or raise Unfit.

        A message whose stream is among those `waiting` waits behind what waits already.
        """
        read = self._reader.read(received)
        if read.stream in waiting:
            raise Unfit("behind_parked", f"{read.stream} waits for an earlier message", stream=read.stream)
        addressed = Addressed(read.source, read.key.id, read.key.source, read.item.envelope.alliance)
        try:
            self._reader.refuse_other_parties(read, received)
            self._handle(read, [*beside, answered(received, addressed)])
        except Denied as denied:
            body = {"state": "refused", "rule": denied.rule, "says": str(denied)}
            with self._tables.transaction() as run:
                run.lock()
                for write in beside:
                    write(run.cursor)
                write_answer(run, received, addressed, body)

    def _handle(self, read: Read, beside: Sequence[Beside]) -> None:
        item = read.item
        try:
            self._handler.handle(item.message, item.envelope, digest=item.digest, beside=beside)
        except Refused as refused:
            if not read.is_command:
                raise Unfit("impossible", str(refused), stream=read.stream) from refused
        except RepeatDiffers as differs:
            if read.is_command:
                raise Denied("repeat_differs", str(differs)) from differs
            raise Unfit("repeat_differs", str(differs), stream=read.stream) from differs

    def redrive(self, number: int, *, by: str) -> int:
        """Take a parked message again, and those that wait behind it in its stream, in order. Return how many ended.

        Each keeps its id, so that one which had its effect after all has it once. Stops at the first that is unfit.
        """
        taken = 0
        for message in every_parked(self._tables, stream=parked_message(self._tables, number).stream):
            try:
                self.take(message.received, [ended(message.number, "redriven", by=by)], waiting=frozenset())
            except Unfit as unfit:
                tried_again(self._tables, message.number, unfit)
                return taken
            taken += 1
        return taken
