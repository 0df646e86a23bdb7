"""Showing alignment at scale: 200 work streams, 2,000 understandings, 100,000 events, answered from rows."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.read_models import read_models
from adapters.read_store.opening import open_rows
from bench.harness import Latency
from domain.events import EVENTS
from domain.ports import Append
from domain.recorded import Decided, Envelope

PARTIES = ("acme", "globex")
BATCH = 500
START = "from adapters.main import main; main()"
P99_MS_MAX = 1_000.0
Sample = Callable[[], Sequence[float]]


def benchmarks(*, small: bool) -> list[Latency]:
    size = Size(work_streams=5, understandings=20, rounds=5) if small else Size(200, 2_000, 49)
    folder = tempfile.mkdtemp(prefix="cynosure-bench-")
    url = f"sqlite:///{Path(folder) / 'cynosure.db'}"
    _fill(url, size)
    return [
        Latency("cynosure show alignment, the whole command", _typed(url, 1 if small else 20), p99_ms_max=P99_MS_MAX),
        Latency("the answer alone, in the process", _asked(url, 3 if small else 20)),
    ]


class Size:
    """How much is told: each round confirms or unsettles every understanding once."""

    def __init__(self, work_streams: int, understandings: int, rounds: int) -> None:
        self.work_streams, self.understandings, self.rounds = work_streams, understandings, rounds


def _fill(url: str, size: Size) -> None:
    with open_log(url) as log:
        day, batch = 0, []
        for name, words in _told(size):
            batch.append(Decided(EVENTS[name].model_validate(words)))
            if len(batch) == BATCH:
                log.append(Append(envelope=Envelope(alliance="orion", effective_at=day), facts=batch))
                day, batch = day + 86_400, []
        log.append(Append(envelope=Envelope(alliance="orion", effective_at=day), facts=batch))
        with closing(open_rows(url, log.identity())) as store:
            follower = Follower(log, store, list(read_models().values()))
            follower.claim()
            follower.catch_up()
            follower.release()


def _told(size: Size) -> Iterator[tuple[str, dict[str, object]]]:
    parties = [{"id": party, "name": party} for party in PARTIES]
    yield "alliance-formed", {"title": "Orion", "kind": "strategic", "parties": parties}
    for number in range(size.work_streams):
        yield "work-stream-opened", {"work_stream": f"w{number}"}
    names = [f"u{number}" for number in range(size.understandings)]
    for number, name in enumerate(names):
        streams = [f"w{number % size.work_streams}"]
        said: dict[str, object] = {
            "kind": "ways_of_working",
            "version": "1",
            "parties": PARTIES,
            "work_streams": streams,
        }
        yield "understanding-stated", said | {"understanding": name}
    for turn in range(size.rounds):
        for name in names:
            if turn % 7 == 6:
                drift: dict[str, object] = {"parties": [PARTIES[turn % 2]], "cause": "departure", "understanding": name}
                yield "understanding-unsettled", drift
            else:
                yield "confirmed", {"understanding": name, "party": PARTIES[turn % 2], "version": "1"}


def _asked(url: str, times: int) -> Sample:
    def sample() -> Sequence[float]:
        from adapters.cli.alignment import said_of
        from adapters.reading import Reading
        from projections.alignment_over_time import exposures

        taken = []
        with open_log(url, create=False) as log, closing(open_rows(url, log.identity())) as store:
            reading = Reading(log, store)
            for _ in range(times):
                start = time.perf_counter()
                answer = reading.answer(read_models()["alignment"], lambda rows: list(rows.values()), alliance="orion")
                exposures(answer.data, until=10**9)
                _ = [said_of(row) for row in answer.data]
                taken.append(time.perf_counter() - start)
        return taken

    return sample


def _typed(url: str, times: int) -> Sample:
    def sample() -> Sequence[float]:
        command = [sys.executable, "-c", START, "show", "alignment", "--format", "json", "--database", url]
        taken = []
        for _ in range(times):
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            taken.append(time.perf_counter() - start)
        return taken

    return sample
