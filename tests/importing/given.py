"""A file and a mapping in a folder of their own, judged or imported into a log."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.event_log import Log
from adapters.importing.history import Outcome, import_history
from adapters.importing.judged import Judged
from adapters.importing.judging import Judge
from adapters.importing.mapping_file import read_mapping
from adapters.importing.readers import read_rows
from domain.corrections import in_effect
from domain.recorded import Recorded
from projections import decision_times

HEAD = """
source: desk
alliance: {id: orion, title: Orion, parties: [{id: acme, name: Acme}, {id: globex, name: Globex}]}
columns: {decision: d, order: n, time: {column: at, zone: UTC}}
"""


@dataclass(slots=True)
class Desk:
    """A folder with one file and one mapping."""

    folder: Path
    name: str = "history.csv"

    @property
    def file(self) -> Path:
        return self.folder / self.name

    @property
    def map(self) -> Path:
        return self.folder / "mapping.yaml"

    def holds(self, rows: str | bytes, mapping: str) -> "Desk":
        """Write the file and the mapping; a mapping that says no source stands under the usual head."""
        text = rows if isinstance(rows, bytes) else rows.strip().encode() + b"\n"
        self.file.write_bytes(text)
        self.map.write_text(mapping if "source:" in mapping else HEAD + mapping, encoding="utf-8")
        return self

    def judged(self) -> Judged:
        """Judge the file."""
        mapping = read_mapping(self.map)
        judge = Judge(mapping, parties=[p.id for p in mapping.alliance.parties], salt="salt")
        return judge.judge(read_rows(self.file, mapping.file, judge.columns))

    def told(self) -> list[str]:
        """Return the faults of the file, as they are told."""
        return [fault.replace(str(self.file), self.name) for fault in self.judged().faults.told(str(self.file))]

    def steps(self) -> list[str]:
        """Return what happened in short: `D1 decision-made accepted`."""
        return [_short(fact) for report in self.judged().reports for fact in report.facts]

    def imported(self, log: Log, **options: Any) -> Outcome:
        """Import the file into a log."""
        return import_history(log, self.file, self.map, aside_file=self.folder / "aside.csv", **options)


def _short(fact: Any) -> str:
    said = [getattr(fact, word, None) for word in ("status", "outcome")]
    return " ".join([fact.decision, fact.NAME, *(word for word in said if word)])


def events(log: Log) -> list[Recorded[Any]]:
    """Return the events of decisions in effect, in order."""
    return [e for e in in_effect(log.read(after=0, limit=100_000)) if e.stream.startswith("decision/")]


def times(log: Log) -> dict[str, decision_times.Row]:
    """Return the rows of decision_times, by decision, from the events in effect."""
    rows: dict[str, Any] = {}
    for event in events(log):
        if event.name in decision_times.READS and getattr(event.fact, "decision", None):
            rows[event.fact.decision] = decision_times.evolve(rows.get(event.fact.decision), narrowed(event))
    return rows


def narrowed(event: Recorded[Any]) -> Recorded[Any]:
    """Return an event with the fields that decision_times reads."""
    from dataclasses import fields, replace

    told = decision_times.READS[event.name]
    said = {f.name: getattr(event.fact, f.name) for f in fields(told) if hasattr(event.fact, f.name)}
    return replace(event, fact=told(**said))
