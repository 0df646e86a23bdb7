"""Compares variants of the same work fairly on a machine that is never quiet.

All variants run once per round, in an order that rotates, and each is compared with the floor *of the same round*; the
median of these ratios is the figure. A slow minute then slows both sides of a ratio, and an outlier moves no median.
CPU time per event stands beside it, because it holds still where the clock on the wall does not.
"""

import gc
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

Work = Callable[[], int]
"""What is timed. It returns how many events it handled."""


@dataclass(frozen=True)
class Variant:
    """One way to do the work. `prepare` opens what it needs, untimed, gives the work, and closes it again."""

    name: str
    prepare: Callable[[], AbstractContextManager[Work]]
    ratio_min: float | None = None


@dataclass(frozen=True)
class Benchmark:
    """Variants of one piece of work; the first is the floor that the others are compared with."""

    name: str
    variants: Sequence[Variant]
    rounds: int = 5


@dataclass(frozen=True)
class Latency:
    """Times of single operations, where how many per second is not the question. `sample` returns seconds."""

    name: str
    sample: Callable[[], Sequence[float]]
    p99_ms_max: float | None = None


@dataclass(frozen=True)
class Bound:
    """What a wait must keep: its 99th percentile below milliseconds, its median below a multiple of another's."""

    p99_ms_max: float | None = None
    of: str | None = None
    ratio_max: float | None = None


@dataclass(frozen=True)
class Waits:
    """Several waits that are measured in one run, so that one may be compared with another. Samples are seconds."""

    name: str
    sample: Callable[[], Mapping[str, Sequence[float]]]
    bounds: Mapping[str, Bound]


@dataclass(frozen=True)
class Memory:
    """How much memory a piece of work takes at most. `measure` returns its name, events and megabytes, by step."""

    name: str
    measure: Callable[[], Sequence[tuple[str, int, float]]]
    mb_max: float


@dataclass
class Runs:
    """What one variant did, round by round."""

    variant: Variant
    events_per_second: list[float] = field(default_factory=list)
    cpu_us_per_event: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One line of a result."""

    name: str
    events_per_second: float
    cpu_us_per_event: float
    ratio: float
    ratio_low: float
    ratio_high: float
    ratio_min: float | None

    @property
    def met(self) -> bool:
        return self.ratio_min is None or self.ratio >= self.ratio_min


@dataclass(frozen=True)
class LatencyRow:
    """One line of a result that is about waiting."""

    name: str
    samples: int
    p50_ms: float
    p99_ms: float
    p99_ms_max: float | None
    ratio: float | None = None
    ratio_max: float | None = None

    @property
    def met(self) -> bool:
        soon = self.p99_ms_max is None or self.p99_ms <= self.p99_ms_max
        return soon and (self.ratio is None or self.ratio_max is None or self.ratio <= self.ratio_max)


@dataclass(frozen=True)
class MemoryRow:
    """One line of a result that is about memory."""

    name: str
    events: int
    mb: float
    mb_max: float

    @property
    def met(self) -> bool:
        return self.mb <= self.mb_max


def ready(work: Work) -> Callable[[], AbstractContextManager[Work]]:
    """Return a `prepare` for work that needs nothing opened or closed."""

    @contextmanager
    def prepare() -> Iterator[Work]:
        yield work

    return prepare


def compare(benchmark: Benchmark, *, told: Callable[[str], None] = lambda _: None) -> list[Row]:
    """Run every variant in every round and return one row each, the floor first.

    A first round warms caches and is thrown away. `told` hears which variant runs.
    """
    runs = [Runs(variant) for variant in benchmark.variants]
    for number in range(-1, benchmark.rounds):
        shift = number % len(runs)
        for run in runs[shift:] + runs[:shift]:
            told(f"{benchmark.name}: round {number + 1} of {benchmark.rounds}, {run.variant.name}")
            rate, cpu = _once(run.variant)
            if number >= 0:
                run.events_per_second.append(rate)
                run.cpu_us_per_event.append(cpu)
    return [_row(run, runs[0]) for run in runs]


def wait(latency: Latency) -> LatencyRow:
    """Take the samples and return their median and 99th percentile in milliseconds."""
    return _waited(latency.name, latency.sample(), Bound(p99_ms_max=latency.p99_ms_max))


def wait_together(waits: Waits) -> list[LatencyRow]:
    """Take the samples of one run and return a line for each wait, with its median over that which bounds it."""
    samples = waits.sample()
    rows = {name: _waited(name, seconds, waits.bounds.get(name, Bound())) for name, seconds in samples.items()}
    for name, bound in waits.bounds.items():
        if bound.of is not None:
            rows[name] = replace(rows[name], ratio=rows[name].p50_ms / rows[bound.of].p50_ms)
    return list(rows.values())


def remember(memory: Memory) -> list[MemoryRow]:
    """Do the work once and return a line for each step of it."""
    return [MemoryRow(name, events, mb, memory.mb_max) for name, events, mb in memory.measure()]


def _waited(name: str, samples: Sequence[float], bound: Bound) -> LatencyRow:
    seconds = sorted(samples)
    return LatencyRow(
        name=name,
        samples=len(seconds),
        p50_ms=_quantile(seconds, 0.50) * 1e3,
        p99_ms=_quantile(seconds, 0.99) * 1e3,
        p99_ms_max=bound.p99_ms_max,
        ratio_max=bound.ratio_max,
    )


def _once(variant: Variant) -> tuple[float, float]:
    with variant.prepare() as work:
        gc.collect()
        cpu = _cpu_seconds()
        start = time.perf_counter()
        events = work()
        elapsed = time.perf_counter() - start
        cpu = _cpu_seconds() - cpu
    return events / elapsed, cpu / events * 1e6


def _row(run: Runs, floor: Runs) -> Row:
    ratios = [mine / its for mine, its in zip(run.events_per_second, floor.events_per_second, strict=True)]
    return Row(
        name=run.variant.name,
        events_per_second=statistics.median(run.events_per_second),
        cpu_us_per_event=statistics.median(run.cpu_us_per_event),
        ratio=statistics.median(ratios),
        ratio_low=min(ratios),
        ratio_high=max(ratios),
        ratio_min=run.variant.ratio_min,
    )


def _cpu_seconds() -> float:
    """Return what this process and its ended children have used; a server's own use is not in it."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
