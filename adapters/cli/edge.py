"""Where errors become exit codes and sentences, once, and answers become text or JSON."""

import functools
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from threading import Event
from typing import Any, ParamSpec, TypeVar

import typer
from msgspec import json
from rich.console import Console

from domain.errors import (
    Conflict,
    CynosureError,
    Halted,
    Impossible,
    NewerFormat,
    Refused,
    RepeatDiffers,
    Stale,
    Unreadable,
)

FAULTS_SHOWN_MAX = 20


class Exit(IntEnum):
    """What a process says when it ends."""

    FINE = 0
    DIFFERS = 1
    USAGE = 2
    REFUSED = 3
    STALE = 4
    UNREADABLE = 5
    NEWER_FORMAT = 6
    INTERRUPTED = 130


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"


EXITS: Mapping[type[CynosureError], Exit] = {
    NewerFormat: Exit.NEWER_FORMAT,
    Unreadable: Exit.UNREADABLE,
    Stale: Exit.STALE,
    Impossible: Exit.REFUSED,
    Refused: Exit.REFUSED,
    RepeatDiffers: Exit.REFUSED,
    Conflict: Exit.REFUSED,
    Halted: Exit.DIFFERS,
}

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)

P = ParamSpec("P")
R = TypeVar("R")


def at_the_edge(command: Callable[P, R]) -> Callable[P, R]:
    """Turn every error that cynosure raises on purpose into a sentence on standard error and a documented exit code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except CynosureError as error:
            say_error(error)
            raise typer.Exit(exit_of(error)) from error
        except KeyboardInterrupt:
            err.print("interrupted; what was written stands, and the same command continues")
            raise typer.Exit(Exit.INTERRUPTED) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(Exit.FINE) from None

    return run


def exit_of(error: CynosureError) -> Exit:
    """Return the exit code of an error."""
    return next((EXITS[kind] for kind in type(error).__mro__ if kind in EXITS), Exit.DIFFERS)


def say_error(error: CynosureError) -> None:
    """Print what went wrong so that a person can act on it."""
    match error:
        case Unreadable(faults=faults):
            for fault in faults[:FAULTS_SHOWN_MAX]:
                err.print(fault, style="red", markup=False, soft_wrap=True)
            if len(faults) > FAULTS_SHOWN_MAX:
                err.print(f"... and {len(faults) - FAULTS_SHOWN_MAX} more")
            err.print("nothing was written")
        case Refused(says=says, rule=rule, clause=clause, because_of=because_of):
            err.print(f"refused: {says}", style="red", markup=False, soft_wrap=True)
            under = f" (clause {clause})" if clause else ""
            following = f", because of {', '.join(because_of)}" if because_of else ""
            err.print(f"rule: {rule}{under}{following}; nothing was written", markup=False, soft_wrap=True)
        case _:
            err.print(str(error), style="red", markup=False, soft_wrap=True)


def print_json(answer: Any) -> None:
    """Print an answer as JSON, keys in a stable order."""
    typer.echo(json.format(json.encode(answer, order="sorted", enc_hook=str), indent=2))


@contextmanager
def stopping() -> Iterator[Event]:
    """Give an event that is set when the process is asked to stop, so that it stops between two pages."""
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
