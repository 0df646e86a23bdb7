"""The estimators beside lifelines on the same data, and a measure over a million decisions."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from bench.harness import Benchmark, Latency, Variant, Work
from projections.decision_times import Cycle, Row, Span
from projections.estimators import at_risk
from projections.estimators.competing_risks import EndingSpan, aalen_johansen
from projections.estimators.survival import kaplan_meier
from projections.measures.asking import Question, Rows
from projections.measures.every import MEASURES, ask

DAY = 86_400
SEED = 20_260_101
ANSWER_MS_MAX = 5_000.0


def benchmarks(*, small: bool) -> list[Benchmark | Latency]:
    """Return what is compared: small runs only show that it works."""
    size = 2_000 if small else 200_000
    rounds = 1 if small else 5
    spans = _spans(size)
    exits, ended = [span.exit for span in spans], [int(span.ended) for span in spans]
    causes = [random.Random(SEED).randint(1, 2) * (span.ended) for span in spans]
    named = [EndingSpan(None, t, f"way {cause}" if cause else None) for t, cause in zip(exits, causes, strict=True)]
    few = 300 if small else 3_000
    return [
        Benchmark(
            f"survival with its interval and median, {size:,} decisions",
            [
                Variant("lifelines", _always(lambda: _lifelines_survival(exits, ended))),
                Variant("cynosure", _always(lambda: _survival(spans)), ratio_min=0.5),
            ],
            rounds=rounds,
        ),
        Benchmark(
            f"cumulative incidence of one of two endings, {few:,} decisions",
            [
                Variant("lifelines", _always(lambda: _lifelines_incidence(exits[:few], causes[:few]))),
                Variant("cynosure", _always(lambda: _incidence(named[:few])), ratio_min=1.0),
            ],
            rounds=rounds,
        ),
        Latency(
            f"time to decision over {5_000 if small else 1_000_000:,} rows, endings and intervals with it",
            lambda: _answered(5_000 if small else 1_000_000, rounds=1 if small else 3),
            p99_ms_max=ANSWER_MS_MAX,
        ),
    ]


def _spans(size: int) -> list[at_risk.Span]:
    draws = random.Random(SEED)
    return [at_risk.Span(None, int(draws.expovariate(1 / (90 * DAY))) + 1, draws.random() < 0.8) for _ in range(size)]


def _always(work: Work) -> Callable[[], AbstractContextManager[Work]]:
    @contextmanager
    def prepared() -> Iterator[Work]:
        yield work

    return prepared


def _survival(spans: list[at_risk.Span]) -> int:
    curve = kaplan_meier(spans)
    curve.quantile(0.5)
    curve.quantile_interval(0.5)
    return len(spans)


def _lifelines_survival(exits: list[int], ended: list[int]) -> int:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    fitted = KaplanMeierFitter().fit(exits, ended)
    median_survival_times(fitted.confidence_interval_)
    return len(exits)


def _incidence(spans: list[EndingSpan]) -> int:
    aalen_johansen(spans).path("way 1")
    return len(spans)


def _lifelines_incidence(exits: list[int], causes: list[int]) -> int:
    from lifelines import AalenJohansenFitter

    AalenJohansenFitter(calculate_variance=False).fit(exits, causes, event_of_interest=1)
    return len(exits)


def _answered(size: int, *, rounds: int) -> Sequence[float]:
    rows, question = Rows(decision_times=_rows(size)), Question(effective_at=20_000 * DAY)
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        ask(MEASURES["decision-times"], rows, question)
        seconds.append(time.perf_counter() - start)
    return seconds


def _rows(size: int) -> list[Row]:
    draws = random.Random(SEED)
    turn = (Span(0, None, "JSC", 1, "body:JSC"),)
    rows = []
    for number in range(size):
        start, lasted, luck = draws.randint(0, 10_000 * DAY), int(draws.expovariate(1 / (90 * DAY))), draws.random()
        over = luck < 0.8
        cycle = Cycle(
            status="ended" if over else "open",
            start=start,
            entry=None if luck < 0.7 else start + draws.randint(1, DAY),
            end=start + lasted if over else None,
            ending=("accepted", "rejected", "withdrawn", "superseded")[int(luck * 5)] if over else None,
            spans=turn,
        )
        rows.append(Row("alliance", f"D{number}", None, "approve", None, None, None, None, {}, start, (cycle,)))
    return rows
