"""Several tasks of one installation, each a process of its own: started again when they fall, stopped together."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

CHECK_SECONDS = 0.2
PAUSE_SECONDS = 1.0
PAUSE_SECONDS_MAX = 30.0
SETTLED_SECONDS = 60.0
STOP_SECONDS_MAX = 15.0
HOPELESS = frozenset({2, 5, 6})
"""Exit codes that starting again does not cure: usage, unreadable, newer format."""

GOES_ON = {"clerk": ("--every", "60")}
"""What makes a command that would end go on, where it is kept running."""

Said = Callable[[str, str, int], None]
"""Told what happened (`started`, `ended`), to which task, and its process or exit code."""


@dataclass(slots=True)
class Task:
    """A task, its process, and when it may be started again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    pause: float = field(default=PAUSE_SECONDS)


def command_of(task: str, database_url: str) -> list[str]:
    """Return how a command of cynosure is run as a process."""
    started = [sys.executable, "-c", "from adapters.main import main; main()", task, "--database", database_url]
    return [*started, *GOES_ON.get(task, ())]


def supervise(tasks: Sequence[Task], stop: Event, *, said: Said = lambda *_: None) -> int:
    """Keep tasks running until told to stop; return 0, or the exit code of a task that cannot be helped."""
    try:
        while not stop.wait(CHECK_SECONDS):
            for task in tasks:
                code = _turn(task, said)
                if code in HOPELESS:
                    return code
        return 0
    finally:
        _stop(tasks)


def _turn(task: Task, said: Said) -> int | None:
    now = time.monotonic()
    if task.process is None:
        if now >= task.not_before:
            task.process, task.started = subprocess.Popen(task.command), now  # noqa: S603  # our own command line
            said("started", task.name, task.process.pid)
        return None
    code = task.process.poll()
    if code is None:
        return None
    said("ended", task.name, code)
    task.process = None
    task.pause = PAUSE_SECONDS if now - task.started > SETTLED_SECONDS else min(task.pause * 2, PAUSE_SECONDS_MAX)
    task.not_before = now + task.pause
    return code


def _stop(tasks: Sequence[Task]) -> None:
    running = [task.process for task in tasks if task.process is not None]
    for process in running:
        process.terminate()
    end = time.monotonic() + STOP_SECONDS_MAX
    for process in running:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
