"""A writer that does its worst, in a process of its own: mixed lengths, conflicts, failing and slow writes beside.

`python -m tests.contracts.adversary` is their nursery. Each line that it reads, `[url, name, folder, guarded]`, makes
it fork a writer and print its process id; the writer appends until it is killed, and notes each receipt in the file of
its name as soon as it has it. They all end with the nursery, which ends with its standard input.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.event_log import Log, open_log
from adapters.event_log.group_commit import GroupCommit
from adapters.event_log.judging import Outcome
from adapters.event_log.plan import alone
from adapters.event_log.rows import COLUMNS, Member, Stored
from domain.errors import Conflict, Unreadable
from domain.events.decision import DecisionEscalated
from domain.ports import Append, Receipt
from domain.recorded import Decided, Envelope
from domain.values import MessageKey

STREAMS = 12
EVENTS_MAX = 60
PAUSE_SECONDS_MAX = 0.02


class Undone(Exception):
    """Raised by a write beside, so that its member is rolled back."""


def undo(_: Any) -> None:
    raise Undone


def dawdle(_: Any) -> None:
    time.sleep(random.random() * PAUSE_SECONDS_MAX)


def wish(name: str, number: int, *, beside: Sequence[Any] = (), expected: int | None = None) -> Append:
    size = random.choice([0, 1, 1, 1, 2, 3, random.randrange(EVENTS_MAX)])
    subjects = [f"D{random.randrange(STREAMS)}" for _ in range(size)]
    return Append(
        envelope=Envelope(alliance="a", effective_at=number, message=MessageKey(name, str(number))),
        facts=[Decided(DecisionEscalated(decision=subject)) for subject in subjects],
        expected={} if expected is None else {f"decision/a/{subject}": expected for subject in subjects},
        beside=beside,
    )


def unguarded(log: Log) -> GroupCommit:
    """Return a writer that draws its positions first and commits later, as a sequence without the lock would."""
    recorder: Any = log.recorder
    mark = "%s" if hasattr(recorder, "_listeners") else "?"
    schema = "cynosure_log." if mark == "%s" else ""
    insert = f"INSERT INTO {schema}events ({COLUMNS}) VALUES ({', '.join([mark] * len(Stored._fields))})"

    def write(members: Sequence[Member]) -> list[Outcome]:
        receipts: list[Outcome] = []
        for member in members:
            size = len(member.drafts)
            with recorder._transaction() as cursor:
                cursor.execute(f"UPDATE {schema}log SET head = head + {size}")
                ((head,),) = cursor.execute(f"SELECT head - {size} FROM {schema}log").fetchall()
            dawdle(None)
            with recorder._transaction() as cursor:
                sweep = alone(member)
                versions = {stream: head * 100 + random.randrange(10**9) for stream in sweep.written}
                cursor.executemany(insert, list(sweep.rows(head, versions, [1])))
            receipts.append(Receipt(head + 1, head + size))
        return receipts

    return GroupCommit(write)


def append_for_ever(log: Log, name: str, acknowledged: Path) -> None:
    number = 0
    with acknowledged.open("a", buffering=1, encoding="utf-8") as file:
        while True:
            number += 10
            batches = [wish(name, number)]
            if random.random() < 0.3:
                batches += [
                    wish(name, number + 1, beside=[dawdle, undo]),
                    wish(name, number + 2, beside=[dawdle]),
                    wish(name, number + 3, expected=random.randrange(3)),
                    wish(name, number),
                ]
            for batch, outcome in zip(batches, log.append_all(batches), strict=True):
                if isinstance(outcome, Receipt):
                    key = batch.envelope.message
                    assert key is not None
                    file.write(json.dumps([key.id, outcome.first, outcome.last, len(batch.facts)]) + "\n")
                elif not isinstance(outcome, (Conflict, Undone)) and not str(outcome).startswith("message '"):
                    raise outcome


def opened(url: str) -> Log:
    """Open the log, again where the session that opens it was the one that was ended."""
    while True:
        try:
            return open_log(url)
        except Unreadable as fault:
            if "terminating connection" not in str(fault):
                raise


def write(url: str, name: str, folder: str, guarded: bool) -> None:  # noqa: FBT001  # it comes as JSON
    with Path(folder, f"{name}.errors").open("w") as errors:
        os.dup2(errors.fileno(), 2)
        log = opened(url)
        if not guarded:
            log._commit = unguarded(log)
        append_for_ever(log, name, Path(folder, name))


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            write(*json.loads(line))
        print(child, flush=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
