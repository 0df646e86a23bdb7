"""Gives a message to the handler with what commits beside it: the first time, and when it is redriven."""

from collections.abc import Callable, Container, Iterator, Sequence

from adapters.event_log import Log
from adapters.handling import Handler
from adapters.kafka.port import Received
from adapters.kafka.tables import Tables
from adapters.kafka_in.answers import Addressed, answered, write_answer
from adapters.kafka_in.config import Ingest
from adapters.kafka_in.parking import ended, every_parked, parked_message, tried_again
from adapters.kafka_in.reading import Denied, Read, Reader, Unfit
from domain.errors import Refused, RepeatDiffers
from domain.ports import Beside

RUN_MESSAGES_MIN = 2


class Taking:
    """Takes messages into one log. A refused command is an answer; what else cannot be taken is unfit."""

    def __init__(self, log: Log, tables: Tables, ingest: Ingest) -> None:
        self._log = log
        self._handler = Handler(log)
        self._tables = tables
        self._reader = Reader(ingest)

    def take(self, received: Received, beside: Sequence[Beside], *, waiting: Container[str]) -> None:
        """Record what follows from a message, with its answer and what else is written beside, or raise Unfit.

        A message whose stream is among those `waiting` waits behind what waits already.
        """
        read = self._reader.read(received)
        if read.stream in waiting:
            raise Unfit("behind_parked", f"{read.stream} waits for an earlier message", stream=read.stream)
        addressed = _addressed(read)
        try:
            self._reader.refuse_other_parties(read, received)
            self._handle(read, [*beside, answered((received, addressed))])
        except Denied as denied:
            body = {"state": "refused", "rule": denied.rule, "says": str(denied)}
            with self._tables.transaction() as run:
                run.lock()
                for write in beside:
                    write(run.cursor)
                write_answer(run, received, addressed, body)

    def take_run(self, run: Sequence[Received], move_to: Callable[[int], Beside], *, waiting: Container[str]) -> int:
        """Take as many of the first messages as do not touch each other, in one transaction; return how many.

        0 where the first has to be taken by itself. `move_to` gives the write that moves the offset after the last.
        """
        found = list(self._readable(run, waiting))
        appends = self._handler.apart((each.item.message, each.item.envelope, each.item.digest) for each, _ in found)
        if len(appends) < RUN_MESSAGES_MIN:
            return 0
        taken = found[: len(appends)]
        answers = answered(*((received, _addressed(read)) for read, received in taken))
        receipts = self._log.append_whole(appends, [move_to(taken[-1][1].offset + 1), answers])
        return 0 if receipts is None else len(taken)

    def _readable(self, run: Sequence[Received], waiting: Container[str]) -> Iterator[tuple[Read, Received]]:
        """Yield the messages up to the first that cannot be taken as it stands."""
        for received in run:
            try:
                read = self._reader.read(received)
                self._reader.refuse_other_parties(read, received)
            except (Unfit, Denied):
                return
            if read.stream in waiting:
                return
            yield read, received

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


def _addressed(read: Read) -> Addressed:
    return Addressed(read.source, read.key.id, read.key.source, read.item.envelope.alliance)
