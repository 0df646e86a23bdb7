"""Writes XES (IEEE 1849): one trace for each decision, one event for each thing that happened to it.

Source: IEEE 1849-2016, with the extensions Concept, Time, Lifecycle, Organizational and Identity.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from xml.sax.saxutils import quoteattr

from adapters.exporting.told import FlatEvent

EXTENSIONS = (
    ("Concept", "concept", "concept"),
    ("Time", "time", "time"),
    ("Lifecycle", "lifecycle", "lifecycle"),
    ("Organizational", "org", "org"),
    ("Identity", "identity", "identity"),
)
TRANSITIONS = {
    "decision-raised": "schedule",
    "clock-paused": "suspend",
    "clock-resumed": "resume",
    "information-requested": "suspend",
    "information-provided": "resume",
    "decision-escalated": "reassign",
    "decision-returned": "reassign",
    "decision-transferred": "reassign",
    "decision-withdrawn": "withdraw",
    "decision-voided": "ate_abort",
}
OF_TRACE = ("alliance", "title", "kind", "matter", "work_stream", "phase")
OF_EVENT = (
    "status",
    "outcome",
    "method",
    "held_by",
    "holder",
    "tier",
    "body",
    "from_body",
    "to_body",
    "cause",
    "pause",
    "attributes",
    "precision",
    "zone",
)
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xes(path: Path, events: Iterable[FlatEvent], *, alliance: str) -> None:
    """Write a log; a path that ends in .gz is compressed. Traces stand in the order in which decisions began."""
    traces: dict[str, list[FlatEvent]] = {}
    for event in events:
        traces.setdefault(event.decision, []).append(event)
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("wb"))
        packed = stack.enter_context(gzip.GzipFile(fileobj=raw, mode="wb", mtime=0)) if path.suffix == ".gz" else raw
        file = stack.enter_context(TextIOWrapper(packed, encoding="utf-8", newline="\n"))
        file.writelines(line + "\n" for line in _lines(traces, alliance))


def _lines(traces: dict[str, list[FlatEvent]], alliance: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">'
    for name, prefix, file in EXTENSIONS:
        yield f'  <extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{file}.xesext"/>'
    yield '  <global scope="trace"><string key="concept:name" value=""/></global>'
    yield '  <global scope="event">'
    yield '    <string key="concept:name" value=""/>'
    yield '    <date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>'
    yield '    <string key="lifecycle:transition" value="complete"/>'
    yield "  </global>"
    yield '  <classifier name="Event" keys="concept:name"/>'
    yield '  <classifier name="Event and transition" keys="concept:name lifecycle:transition"/>'
    yield "  " + _string("concept:name", alliance)
    yield '  <string key="lifecycle:model" value="standard"/>'
    for decision, told in traces.items():
        yield from _trace(decision, told)
    yield "</log>"


def _trace(decision: str, told: list[FlatEvent]) -> Iterator[str]:
    yield "  <trace>"
    yield "    " + _string("concept:name", decision)
    for word in OF_TRACE:
        said = [value for event in told if (value := getattr(event, word)) is not None]
        if said:
            yield "    " + _string(word, said[-1])
    for event in told:
        yield "    <event>"
        yield from (f"      {line}" for line in _event(event))
        yield "    </event>"
    yield "  </trace>"


def _event(event: FlatEvent) -> Iterator[str]:
    yield _string("concept:name", event.event)
    yield f'<date key="time:timestamp" value="{event.effective_at}"/>'
    yield _string("lifecycle:transition", TRANSITIONS.get(event.event, "complete"))
    yield f'<id key="identity:id" value="{event.event_id}"/>'
    for key, value in (("org:resource", event.actor), ("org:group", event.party), ("org:role", event.role)):
        if value is not None:
            yield _string(key, value)
    yield f'<int key="position" value="{event.position}"/>'
    yield f'<int key="cycle" value="{event.cycle}"/>'
    yield f'<date key="recorded_at" value="{event.recorded_at}"/>'
    for word in ("since", "entered_at", "source_recorded_at"):
        if (at := getattr(event, word)) is not None:
            yield f'<date key="{word}" value="{at}"/>'
    if event.rank is not None:
        yield f'<int key="rank" value="{event.rank}"/>'
    for word in OF_EVENT:
        if (said := getattr(event, word)) is not None:
            yield _string(word, said)


def _string(key: str, value: str) -> str:
    return f"<string key={quoteattr(key)} value={quoteattr(ILLEGAL.sub('�', value))}/>"
