"""Messages that could not be taken, as rows: with their stream, in order, until somebody redrives or drops them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.kafka.port import Received
from adapters.kafka.tables import Statements, Tables
from adapters.kafka_in.answers import Addressed, write_answer
from adapters.kafka_in.reading import Unfit, headers_of, headers_text
from domain.errors import Refused
from domain.ports import Beside

_COLUMNS = (
    "number, reason, says, stream, message_source, message_id, topic, partition, record_offset, recorded_ms, "
    "key, value, headers, parked_at, attempts, state"
)


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that waits: why, what for, and everything that came, untouched. `parked_at` is microseconds."""

    number: int
    reason: str
    says: str
    stream: str
    message_source: str | None
    message_id: str | None
    received: Received
    parked_at: int
    attempts: int
    state: str


def stream_of(unfit: Unfit, received: Received) -> str:
    """Return the stream with which a message is parked; one that names none parks itself only."""
    return unfit.stream or f"record:{received.topic}/{received.partition}/{received.offset}"


def park(run: Statements, received: Received, unfit: Unfit, *, ingest: str) -> None:
    """Write a message down, and its answer. The caller's transaction also moves the offset."""
    run.lock()
    addressed = Addressed.of(received)
    ((number,),) = run.rows("SELECT coalesce(max(number), 0) + 1 FROM @kafka_parked")
    run.changed(
        "INSERT INTO @kafka_parked (number, ingest, reason, says, stream, message_source, message_id, topic, "
        "partition, record_offset, recorded_ms, key, value, headers, parked_at, attempts, state) "
        f"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {run.now}, 1, 'parked')",
        (
            *(number, ingest, unfit.reason, str(unfit), stream_of(unfit, received), addressed.source, addressed.id),
            *(received.topic, received.partition, received.offset, received.timestamp_ms),
            *(received.key, received.value, headers_text(received)),
        ),
    )
    write_answer(run, received, addressed, {"state": "parked", "reason": unfit.reason, "says": str(unfit)})


def parked_streams(run: Statements) -> set[str]:
    """Return the streams that wait."""
    return {stream for (stream,) in run.rows("SELECT DISTINCT stream FROM @kafka_parked WHERE state = 'parked'")}


def every_parked(tables: Tables, *, stream: str | None = None) -> list[ParkedMessage]:
    """Return the messages that wait, of one stream or of all, the first to come first."""
    only, values = ("", ()) if stream is None else ("AND stream = ?", (stream,))
    with tables.reading() as run:
        found = run.rows(f"SELECT {_COLUMNS} FROM @kafka_parked WHERE state = 'parked' {only} ORDER BY number", values)
    return [_message(row) for row in found]


def parked_message(tables: Tables, number: int) -> ParkedMessage:
    """Return one message that is or was parked. Raise Refused where there is none."""
    with tables.reading() as run:
        found = run.rows(f"SELECT {_COLUMNS} FROM @kafka_parked WHERE number = ?", (number,))
    if not found:
        raise Refused(f"there is no parked message {number}; `cynosure messages list` lists them", rule="is_parked")
    return _message(found[0])


def _message(row: Sequence[Any]) -> ParkedMessage:
    number, reason, says, stream, source, message_id, topic, partition, offset, ms, key, value, headers, *rest = row
    received = Received(topic, partition, offset, ms, _bytes(key), _bytes(value), headers_of(headers))
    return ParkedMessage(number, reason, says, stream, source, message_id, received, *rest)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def ended(number: int, state: str, *, by: str, why: str | None = None) -> Beside:
    """Return the write that ends the wait of a message. It raises Refused where somebody else has ended it."""

    def write(cursor: Any) -> None:
        changed = Statements(cursor).changed(
            "UPDATE @kafka_parked SET state = ?, ended_by = ?, ended_why = ?, attempts = attempts + 1 "
            "WHERE number = ? AND state = 'parked'",
            (state, by, why, number),
        )
        if changed != 1:
            raise Refused(f"message {number} does not wait any more", rule="is_parked")

    return write


def tried_again(tables: Tables, number: int, unfit: Unfit) -> None:
    """Write down that a message still cannot be taken, and why now."""
    with tables.transaction() as run:
        run.changed(
            "UPDATE @kafka_parked SET attempts = attempts + 1, reason = ?, says = ? "
            "WHERE number = ? AND state = 'parked'",
            (unfit.reason, str(unfit), number),
        )


def drop(tables: Tables, number: int, *, by: str, why: str) -> None:
    """End the wait of a message without taking it: an act, with an actor and a reason. Raise Refused."""
    message = parked_message(tables, number)
    with tables.transaction() as run:
        run.lock()
        ended(number, "dropped", by=by, why=why)(run.cursor)
        body = {"state": "dropped", "reason": message.reason, "says": why}
        write_answer(run, message.received, Addressed.of(message.received), body)


def shown(message: ParkedMessage) -> dict[str, Any]:
    """Return a parked message for people and machines to read."""
    received = message.received
    return {
        "number": message.number,
        "state": message.state,
        "reason": message.reason,
        "says": message.says,
        "stream": message.stream,
        "message": message.message_id,
        "where": received.where,
        "attempts": message.attempts,
        "parked_at": message.parked_at,
        "key": None if received.key is None else received.key.decode(errors="replace"),
        "value": None if received.value is None else received.value.decode(errors="replace"),
        "headers": json.loads(headers_text(received)),
    }
