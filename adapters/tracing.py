"""Spans of OpenTelemetry, where it is installed (`cynosure[otel]`) and told where to send them; nothing otherwise."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

SERVICE = "cynosure"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_tracer: Any = None


class Span(Protocol):
    """A span that is under way."""

    def say(self, **words: str | int | bool | None) -> None:
        """Add attributes, each under `cynosure.`; what is None is left out."""
        ...


class _Silent:
    def say(self, **words: str | int | bool | None) -> None:
        """Do nothing."""


class _Told:
    def __init__(self, span: Any) -> None:
        self._span = span

    def say(self, **words: str | int | bool | None) -> None:
        for word, value in words.items():
            if value is not None:
                self._span.set_attribute(f"{SERVICE}.{word}", value)


_NOTHING: AbstractContextManager[Span] = nullcontext(_Silent())


def span(name: str, **words: str | int | bool | None) -> AbstractContextManager[Span]:
    """Return a span to work in, which costs next to nothing where nobody traces."""
    return _NOTHING if _tracer is None else _traced(name, words)


@contextmanager
def _traced(name: str, words: dict[str, str | int | bool | None]) -> Iterator[Span]:
    with _tracer.start_as_current_span(f"{SERVICE}.{name}") as current:
        told = _Told(current)
        told.say(**words)
        yield told


def trace_with(provider: Any) -> None:
    """Trace with an OpenTelemetry tracer provider from here on; with None, no more."""
    global _tracer  # noqa: PLW0603  # there is one for a process, as in OpenTelemetry itself
    _tracer = None if provider is None else provider.get_tracer(SERVICE)


def trace_as_told() -> None:
    """Trace where the environment says where to send spans, by the names that OpenTelemetry gives them.

    Do nothing where no endpoint is named, or OpenTelemetry is not installed. What a span is sent with is sent at the
    end of the process too.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS) or os.environ.get("OTEL_SDK_DISABLED") == "true":
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return
    named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": SERVICE}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace_with(provider)
