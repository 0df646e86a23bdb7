"""Spans say what took time, of which alliance and up to which position; where nobody traces there is none."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adapters.event_log import open_log
from adapters.handling import Handler
from adapters.items import read_items
from adapters.tracing import span, trace_with
from tests.flow.lives import Rows

ROOT = Path(__file__).resolve().parents[2]
FORMED = """
alliance: orion
items:
  - at: 2026-01-01
    report: AllianceFormed
    kind: strategic
    title: Orion
    parties: [{id: a, name: A}, {id: b, name: B}]
  - {at: 2026-01-02, report: DecisionRaised, decision: D1, body: JSC}
"""


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace_with(provider)
    yield exporter
    trace_with(None)


def record(url: str) -> None:
    with open_log(url) as log:
        handler = Handler(log)
        for item in read_items(FORMED, "test"):
            handler.handle(item.message, item.envelope, digest=item.digest)
        with Rows(log, url) as rows:
            rows.follow()


def test_recording_appending_and_following_are_spans_with_alliance_and_position(
    database_url: str, spans: InMemorySpanExporter
) -> None:
    record(database_url)
    found = [(each.name, dict(each.attributes or {})) for each in spans.get_finished_spans()]
    assert [name for name, _ in found] == ["cynosure.append", "cynosure.record"] * 2 + ["cynosure.follow"]
    words = {"alliance": "orion", "message": "DecisionRaised", "position": 2, "repeated": False}
    assert found[3][1] == {f"cynosure.{word}": value for word, value in words.items()}
    words = {"after": 0, "position": 2, "events": 2, "projections": 1}
    assert found[4][1] == {f"cynosure.{word}": value for word, value in words.items()}


def test_an_append_is_within_what_is_recorded_and_a_refusal_is_a_fault_of_its_span(
    sqlite_url: str, spans: InMemorySpanExporter
) -> None:
    record(sqlite_url)
    append, recorded, *_ = spans.get_finished_spans()
    assert append.parent is not None
    assert recorded.context is not None
    assert append.parent.span_id == recorded.context.span_id
    with pytest.raises(ValueError, match="no"), span("record"):
        raise ValueError("no")
    last = spans.get_finished_spans()[-1]
    assert (last.status.is_ok, [event.name for event in last.events]) == (False, ["exception"])


def test_where_nobody_traces_there_is_no_span(sqlite_url: str, spans: InMemorySpanExporter) -> None:
    trace_with(None)
    record(sqlite_url)
    assert spans.get_finished_spans() == ()


WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, *_):
        if name.split(".")[0] == "opentelemetry":
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
from adapters.main import main
main()
"""


class Collector(BaseHTTPRequestHandler):
    """Takes spans as a collector does, and keeps their bytes."""

    came: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        self.came.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.mark.parametrize("installed", [True, False])
def test_spans_are_sent_where_the_environment_says_if_opentelemetry_is_installed(
    sqlite_url: str, *, installed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Collector.came.clear()
    file = tmp_path / "items.yaml"
    file.write_text(FORMED)
    code = "from adapters.main import main; main()" if installed else WITHOUT
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
            words = [sys.executable, "-c", code, "record", str(file), "--database", sqlite_url]
            told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        finally:
            server.shutdown()
            serving.join()
    assert "2 recorded" in told.stdout
    assert [path for path, _ in Collector.came] == (["/v1/traces"] if installed else [])
    assert all(b"cynosure.record" in body and b"orion" in body for _, body in Collector.came)
