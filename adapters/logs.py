"""Logs as events with fields: for people on a console, for machines as JSON, always on standard error."""

import logging
import os
import sys

import structlog

from adapters.settings import Settings


def log_as_json() -> None:
    """Log as JSON from here on, in this process and in those that it starts."""
    os.environ["CYNOSURE_LOG_FORMAT"] = "json"
    configure(Settings())


def configure(settings: Settings) -> None:
    """Set up structlog once for the process."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
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
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
