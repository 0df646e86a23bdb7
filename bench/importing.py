"""An import of 65,533 rows of a support desk: read alone, judged, and judged and written."""

import csv
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.event_log import open_log
from adapters.importing.history import import_history
from adapters.importing.judging import Judge
from adapters.importing.mapping_file import read_mapping
from adapters.importing.readers import read_rows
from bench.harness import Benchmark, Variant, Work

ROWS = 65_533
ROWS_SMALL = 600
TEAMS = ("G1", "G2 2nd", "G3 2nd", "G4 3rd", "G5 2nd-3rd")
MAPPING = """
source: desk
alliance: {id: support, kind: supplier, parties: [{id: a, name: A}, {id: b, name: B}, {id: c, name: C}]}
columns:
  decision: incident
  order: n
  time: at
  party: {column: org, values: {A: a, B: b, C: c}}
  holder: team
  tier: {column: team, extract: '(2nd-3rd|2nd|3rd)$', if_empty: 1st, ranks: [1st, 2nd, 2nd-3rd, 3rd], by_rank: true}
  matter: product
  actor: owner
  attributes: [country]
rules:
  - {when: {status: Completed}, so_far: ended, then: ignored}
  - {when: {status: Completed}, then: {becomes: resolved}}
  - {when: {sub: {matches: ^Wait}}, then: {becomes: waiting}}
  - {when: {sub: In Progress}, then: {becomes: open}, working: true}
  - {then: {becomes: open}}
"""


def benchmarks(*, small: bool) -> list[Benchmark]:
    rows = ROWS_SMALL if small else ROWS
    variants = [
        Variant("rows read, nothing judged", lambda: _reading(rows)),
        Variant("judged", lambda: _judging(rows)),
        Variant("judged and written to SQLite", lambda: _importing(rows)),
    ]
    return [Benchmark("import a history", variants, rounds=2 if small else 3)]


@contextmanager
def _files(rows: int) -> Iterator[tuple[Path, Path]]:
    with TemporaryDirectory(prefix="cynosure-bench-") as folder:
        file, mapping = Path(folder) / "desk.csv", Path(folder) / "desk.yaml"
        mapping.write_text(MAPPING, encoding="utf-8")
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(["incident", "n", "at", "status", "sub", "team", "owner", "org", "product", "country"])
            writer.writerows(_rows(rows))
        yield file, mapping


def _rows(count: int) -> Iterator[list[str]]:
    chance = random.Random(1)
    incident, left, n = 0, 0, 0
    at, team, country = 1_262_304_000, TEAMS[0], "SE"
    for _ in range(count):
        if not left:
            incident, left = incident + 1, chance.randint(3, 14)
            at, team, country = 1_262_304_000 + incident * 300, TEAMS[0], chance.choice(["SE", "IN", "PL"])
            n = left
        left -= 1
        at += chance.randint(0, 90_000)
        team = chance.choice(TEAMS) if chance.random() < 0.2 else team
        status, sub = (
            ("Completed", "Closed") if left < 2 else ("Accepted", chance.choice(["In Progress", "Wait - User"]))
        )
        when = datetime.fromtimestamp(at, UTC).isoformat()
        owner, org = f"Owner {chance.randint(1, 1000)}", chance.choice("ABC")
        yield [f"I{incident}", str(n - left), when, status, sub, team, owner, org, f"P{incident % 300}", country]


@contextmanager
def _reading(rows: int) -> Iterator[Work]:
    with _files(rows) as (file, mapping):
        said = read_mapping(mapping)
        yield lambda: sum(1 for _ in read_rows(file, said.file, said.column_names()))


@contextmanager
def _judging(rows: int) -> Iterator[Work]:
    with _files(rows) as (file, mapping):
        said = read_mapping(mapping)
        judge = Judge(said, parties=["a", "b", "c"], salt="")
        yield lambda: judge.judge(read_rows(file, said.file, judge.columns)).rows


@contextmanager
def _importing(rows: int) -> Iterator[Work]:
    with _files(rows) as (file, mapping), open_log(f"sqlite:///{file.parent / 'desk.db'}") as log:
        yield lambda: import_history(log, file, mapping).rows
