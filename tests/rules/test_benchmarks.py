"""Benchmarks compare fairly, and every one of them still runs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import Benchmark, Latency, Variant, Work, compare, ready, wait

ROOT = Path(__file__).resolve().parents[2]


def named(name: str, seen: list[str]) -> Variant:
    def work() -> int:
        seen.append(name)
        return 1

    return Variant(name, ready(work))


def test_every_variant_runs_once_a_round_in_an_order_that_rotates() -> None:
    seen: list[str] = []
    compare(Benchmark("order", [named("a", seen), named("b", seen), named("c", seen)], rounds=3))
    rounds = [seen[at : at + 3] for at in range(0, len(seen), 3)]
    assert rounds == [["c", "a", "b"], ["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]


def test_a_ratio_is_against_the_floor_of_the_same_round() -> None:
    seconds = iter([0.0, 0.0, 0.010, 0.020, 0.080, 0.040, 0.010, 0.020])  # the machine slows down in the middle

    def work() -> int:
        time.sleep(next(seconds))
        return 100

    floor, slower = compare(
        Benchmark("paced", [Variant("floor", ready(work)), Variant("slower", ready(work))], rounds=3)
    )
    assert (floor.ratio, floor.ratio_low, floor.ratio_high) == (1.0, 1.0, 1.0)
    assert 0.3 < slower.ratio < 0.7
    assert slower.cpu_us_per_event < 100


def test_what_is_prepared_is_not_timed_and_is_closed() -> None:
    closed = []

    @contextmanager
    def slow_to_open() -> Iterator[Work]:
        time.sleep(0.05)
        yield lambda: 1
        closed.append("closed")

    (row,) = compare(Benchmark("opened", [Variant("only", slow_to_open)], rounds=2))
    assert row.events_per_second > 1 / 0.05
    assert closed == ["closed"] * 3


def test_a_target_that_is_missed_is_told() -> None:
    rows = compare(
        Benchmark("far", [Variant("floor", ready(lambda: 1)), Variant("far", ready(lambda: 1), ratio_min=1e9)])
    )
    assert [row.met for row in rows] == [True, False]
    assert wait(Latency("quick", lambda: [0.001] * 100, p99_ms_max=2)).met
    assert not wait(Latency("slow at times", lambda: [0.001] * 98 + [0.5] * 2, p99_ms_max=2)).met


def test_every_benchmark_runs_small() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--small"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
