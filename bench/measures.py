"""The estimators beside lifelines, a measure over a million decisions, and a history from its file to every measure."""

import csv
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.importing.history import import_history
from adapters.measuring import rows_of, undisturbed
from adapters.read_models import read_models
from adapters.read_store.opening import open_rows
from adapters.reading import Reading
from bench.harness import Benchmark, Latency, Variant, Work
from projections.decision_times import Cycle, Row, Span
from projections.estimators import at_risk
from projections.estimators.competing_risks import EndingSpan, aalen_johansen
from projections.estimators.survival import kaplan_meier
from projections.measures.asking import Change, Question, Rows
from projections.measures.every import MEASURES, ask

DAY = 86_400
SEED = 20_260_101
ANSWER_MS_MAX = 5_000.0
HISTORY_EVENTS = 65_533
HISTORY_MS_MAX = 60_000.0
BEGUN = 1_577_836_800
CHANGED = BEGUN + 500 * DAY
MAPPING = """
source: desk
alliance: {id: desk, title: Desk, kind: supplier, parties: [{id: A, name: A}, {id: B, name: B}]}
columns:
  decision: case
  order: step
  time: {column: at, formats: epoch_seconds}
  holder: {column: holder, kind: party}
  tier: {column: tier, ranks: {T1: 1, T2: 2, T3: 3}}
window: {cut_off: "2024-01-01", selected_on: start}
rules:
  - {when: {what: raised}, then: raised}
  - {when: {what: held}, then: held}
  - {when: {what: up}, then: escalated}
  - {when: {what: down}, then: returned}
  - {when: {what: done}, then: {made: done}}
"""


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
        Latency(
            f"{1_000 if small else HISTORY_EVENTS:,} rows of a file, to every measure",
            lambda: _from_file(1_000 if small else HISTORY_EVENTS),
            p99_ms_max=HISTORY_MS_MAX,
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
        with undisturbed():
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


def _from_file(size: int) -> Sequence[float]:
    with tempfile.TemporaryDirectory() as folder:
        history, mapping = Path(folder, "history.csv"), Path(folder, "mapping.yaml")
        mapping.write_text(MAPPING, encoding="utf-8")
        with history.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_history(size))
        start = time.perf_counter()
        url = f"sqlite:///{folder}/log.db"
        with open_log(url) as log, closing(open_rows(url, log.identity())) as store:
            import_history(log, history, mapping)
            follower = Follower(log, store, list(read_models().values()))
            follower.claim()
            follower.catch_up()
            follower.release()
            rows = rows_of(Reading(log, store)).data
        question = Question(effective_at=1_704_067_200, change=Change(name="x", old_until=CHANGED, new_from=CHANGED))
        for measure in MEASURES.values():
            ask(measure, rows, question)
        return [time.perf_counter() - start]


def _history(size: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a desk with three tiers; its clock starts in 2020."""
    draws = random.Random(SEED)
    yield ("case", "step", "at", "what", "tier", "holder")
    written = case = 0
    while written < size:
        case, tier, at = case + 1, 1, BEGUN + draws.randint(0, 1_000 * DAY)
        wanted = ["raised", *draws.choices(["held", "up", "down"], k=draws.randint(0, 9)), "done"]
        for step, what in enumerate(wanted[: size - written], start=1):
            climbed = min(3, max(1, tier + {"up": 1, "down": -1}.get(what, 0)))
            told = "held" if what in {"up", "down"} and climbed == tier else what
            tier, written = climbed, written + 1
            yield (f"C{case}", str(step), str(at), told, f"T{tier}", draws.choice("AB"))
            at += int(draws.expovariate(1 / (2 * DAY)))
