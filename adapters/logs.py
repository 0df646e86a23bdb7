"""Logs as events with fields: for people on a console, for machines as JSON, always on standard error.

The library that writes them is loaded and set up with the first line: most commands never write one.
"""

import logging
import os
import sys
from functools import cache
from typing import Any

from adapters.settings import settings


class Logger:
    """A log by its name, which speaks like one of structlog's."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, word: str) -> Any:
        """Return what structlog's own logger has under a word: a level to log at, or `bind`."""
        return getattr(_set_up().get_logger(self._name), word)


def log_as_json() -> None:
    """Log as JSON from here on, in this process and in those that it starts."""
    os.environ["CYNOSURE_LOG_FORMAT"] = "json"
    _set_up.cache_clear()


@cache
def _set_up() -> Any:
    import structlog

    said = settings()
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if said.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, said.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    return structlog
