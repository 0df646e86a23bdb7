"""Many processes append at their worst and are killed meanwhile; whoever reads the tail misses nothing.

CYNOSURE_ADVERSARY_SECONDS says how long each database is attacked.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg

from adapters.event_log import Log, Stored, open_log

SECONDS = float(os.environ.get("CYNOSURE_ADVERSARY_SECONDS", "6"))
WRITERS = 8
READER_PAUSE_SECONDS = 0.003  # not woken: it must meet what is half done
ROOT = Path(__file__).resolve().parents[2]


class Attack:
    """Writers in processes of their own, each with a file of what it was told."""

    def __init__(self, url: str, folder: Path, *, guarded: bool) -> None:
        self._order = (url, folder, guarded)
        self._folder = folder
        self._running: list[int] = []
        self._started = 0
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.adversary"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start_writer(self) -> None:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._started += 1
        url, folder, guarded = self._order
        self._nursery.stdin.write(json.dumps([url, f"writer-{self._started}", str(folder), guarded]) + "\n")
        self._nursery.stdin.flush()
        self._running.append(int(self._nursery.stdout.readline()))

    def kill_one(self) -> None:
        os.kill(self._running.pop(random.randrange(len(self._running))), signal.SIGKILL)

    def close(self) -> None:
        """Kill every writer."""
        with contextlib.suppress(ValueError):  # it is closed already
            self._nursery.communicate()

    def failures(self) -> list[str]:
        """Return what writers said that ended by themselves, which none may."""
        for process in self._running:
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                texts = [path.read_text(encoding="utf-8") for path in self._folder.glob("*.errors")]
                return [text[-2000:] for text in texts if text] or ["a writer ended without a word"]
        return []

    def told(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Return what each message was answered with: first and last position, and how many facts it held."""
        answers: dict[tuple[str, str], tuple[int, int, int]] = {}
        for number in range(1, self._started + 1):
            path = self._folder / f"writer-{number}"
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            for line in lines:
                with contextlib.suppress(json.JSONDecodeError):  # the last line of a killed writer
                    message, first, last, size = json.loads(line)
                    answer = answers.setdefault((path.name, message), (first, last, size))
                    assert answer[:2] == (first, last)
        return answers


def end_a_backend(url: str) -> None:
    """End one random session that a writer has, as an administrator or a failing network would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'writer' ORDER BY random() LIMIT 1) AS victim"""
        )


def wait_for_the_last_commit(url: str) -> None:
    """Wait until the server has noticed that the writers are gone: it still ends what it was told before."""
    there = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'writer'"
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(there).fetchall() != [(0,)]:
            time.sleep(0.01)


@contextlib.contextmanager
def tailing(log: Log, found: list[Stored]) -> Iterator[None]:
    """Read the tail as a follower does, from the last position seen, all the while and then once to the end."""
    ending = threading.Event()

    def follow() -> None:
        after = 0
        while True:
            last_look = ending.is_set()
            while rows := log.pages(after, 500):
                found.extend(rows)
                after = rows[-1].position
            if last_look:
                return
            time.sleep(READER_PAUSE_SECONDS)

    reader = threading.Thread(target=follow)
    reader.start()
    try:
        yield
    finally:
        ending.set()
        reader.join()


def attacked(url: str, folder: Path, *, guarded: bool, seconds: float) -> tuple[list[Stored], list[Stored], Attack]:
    """Attack a log; return what the tail's reader saw, what is there in the end, and what writers were told."""
    postgres = url.startswith("postgresql")
    attack = Attack(f"{url}?application_name=writer" if postgres else url, folder, guarded=guarded)
    seen: list[Stored] = []
    with contextlib.closing(attack), open_log(url) as log:
        with tailing(log, seen):
            for _ in range(WRITERS):
                attack.start_writer()
            assert log.wait(100, 60) > 100
            end = time.monotonic() + seconds
            while time.monotonic() < end and not (failures := attack.failures()):
                time.sleep(0.2)
                if postgres and guarded:
                    end_a_backend(url)
                if random.random() < 0.3:
                    attack.kill_one()
                    attack.start_writer()
            attack.close()
            if postgres:
                wait_for_the_last_commit(url)
        there = log.pages(0, 10**9)
    assert failures == []
    return seen, there, attack


def test_a_reader_of_the_tail_misses_nothing_and_sees_nothing_twice(database_url: str, tmp_path: Path) -> None:
    seen, there, attack = attacked(database_url, tmp_path, guarded=True, seconds=SECONDS)
    assert len(there) > 100
    assert [row.position for row in there] == list(range(1, len(there) + 1))
    assert seen == there
    versions: Counter[str] = Counter()
    for row in there:
        versions[row.stream] += 1
        assert row.version == versions[row.stream]
    assert [row.recorded_at for row in there] == sorted(row.recorded_at for row in there)
    written = Counter((row.message_source, row.message_id) for row in there)
    for key, (first, last, size) in attack.told().items():
        assert last - first + 1 == size == written[key]
        assert {(row.message_source, row.message_id) for row in there[first - 1 : last]} <= {key}
    assert len(attack.told()) > 50
    print(f"{len(there)} events of {len(written)} messages, {len(attack.told())} of them answered")


def test_the_same_attack_finds_the_fault_where_positions_are_drawn_before_the_lock(
    database_url: str, tmp_path: Path
) -> None:
    seen, there, _ = attacked(database_url, tmp_path, guarded=False, seconds=min(SECONDS, 3))
    missed = {row.position for row in there} - {row.position for row in seen}
    assert missed, f"{len(seen)} of {len(there)} seen"
