"""Runs benchmarks: `python -m bench [NAME ...] [--small] [--check]`.

Each module of this package that has `benchmarks(small)` is one. A table is printed, and the figures are written to
`bench/results/NAME.json` with what they were measured on; small runs only show that a benchmark still works, and write
nothing.
"""

import argparse
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from inspect import signature
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.table import Table

import bench
from bench.harness import (
    Benchmark,
    Latency,
    LatencyRow,
    Memory,
    MemoryRow,
    Row,
    Waits,
    compare,
    remember,
    wait,
    wait_together,
)

AnyRow = Row | LatencyRow | MemoryRow
RESULTS = Path(__file__).parent / "results"
HEADS: Mapping[type[AnyRow], Sequence[str]] = {
    Row: ["events/s", "µs CPU", "ratio", "range", "least"],
    LatencyRow: ["samples", "p50 ms", "p99 ms", "most", "ratio of p50", "most"],
    MemoryRow: ["events", "peak MB", "most"],
}
FRAME = {"harness", "logs", "__main__"}


def main() -> int:
    asked = _arguments()
    console = Console()
    missed = []
    for module in _modules(asked.names):
        name = module.__name__.removeprefix("bench.")
        results: dict[str, Sequence[AnyRow]] = {}
        sized = {"events": asked.events} if asked.events and "events" in signature(module.benchmarks).parameters else {}
        for benchmark in module.benchmarks(small=asked.small, **sized):
            rows = _measured(benchmark, console)
            results[benchmark.name] = rows
            console.print(_table(benchmark.name, rows))
            missed += [f"{benchmark.name}: {row.name}" for row in rows if not row.met]
        if not asked.small:
            _write(name, results)
    for line in missed:
        console.print(f"below its target: {line}", style="yellow")
    return 1 if missed and asked.check else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="which benchmarks to run; all of them without a name")
    parser.add_argument("--small", action="store_true", help="a few events and rounds, to see that it runs")
    parser.add_argument("--events", type=int, help="how many events, where a benchmark takes as many as it is told")
    parser.add_argument("--check", action="store_true", help="end with 1 where a target is missed")
    return parser.parse_args()


def _modules(names: Sequence[str]) -> Iterator[ModuleType]:
    known = sorted({module.name for module in pkgutil.iter_modules(bench.__path__)} - FRAME)
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.exit(f"no benchmark is named {', '.join(unknown)}; there are: {', '.join(known)}")
    for name in names or known:
        yield importlib.import_module(f"bench.{name}")


def _measured(benchmark: Benchmark | Latency | Waits | Memory, console: Console) -> Sequence[AnyRow]:
    if isinstance(benchmark, Latency):
        return [wait(benchmark)]
    if isinstance(benchmark, Waits):
        return wait_together(benchmark)
    if isinstance(benchmark, Memory):
        return remember(benchmark)
    with console.status(benchmark.name) as status:
        return compare(benchmark, told=status.update)


def _table(title: str, rows: Sequence[AnyRow]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    heads = HEADS[type(rows[0])]
    for number, head in enumerate(["", *heads]):
        table.add_column(head, justify="right" if number else "left")
    for row in rows:
        table.add_row(*_cells(row), style="yellow" if not row.met else None)
    return table


def _cells(row: AnyRow) -> list[str]:
    if isinstance(row, LatencyRow):
        waited = [row.name, str(row.samples), f"{row.p50_ms:.2f}", f"{row.p99_ms:.2f}", _bound(row.p99_ms_max)]
        return [*waited, _bound(row.ratio), _bound(row.ratio_max)]
    if isinstance(row, MemoryRow):
        return [row.name, f"{row.events:,}", f"{row.mb:.0f}", f"{row.mb_max:.0f}"]
    return [
        row.name,
        f"{row.events_per_second:,.0f}",
        f"{row.cpu_us_per_event:.1f}",
        f"{row.ratio:.2f}",
        f"{row.ratio_low:.2f}-{row.ratio_high:.2f}",
        _bound(row.ratio_min),
    ]


def _bound(bound: float | None) -> str:
    return "" if bound is None else f"{bound:.2f}"


def _write(name: str, results: dict[str, Sequence[AnyRow]]) -> None:
    written = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
        },
        "results": {title: [_rounded(row) for row in rows] for title, rows in results.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _rounded(row: AnyRow) -> dict[str, object]:
    return {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in asdict(row).items()}


def _commit() -> str:
    told = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
