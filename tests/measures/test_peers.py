"""Other people's programs find the same curves on random data: lifelines always, R's survival where it is installed."""

import math
import random
import shutil
import subprocess

import pandas as pd
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter, NelsonAalenFitter
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time

from projections.estimators.at_risk import Span
from projections.estimators.competing_risks import EndingSpan, aalen_johansen
from projections.estimators.log_rank import log_rank
from projections.estimators.recurrence import nelson_aalen
from projections.estimators.survival import kaplan_meier

SEEDS = range(8)


def drawn(seed: int, *, late: bool) -> list[Span]:
    draws = random.Random(seed)
    spans = []
    for _ in range(draws.randint(20, 120)):
        entry = draws.randint(1, 30) if late and draws.random() < 0.4 else None
        spans.append(Span(entry, (entry or 0) + draws.randint(1, 60), draws.random() < 0.7))
    return [*spans, *(Span(None, t, ended=False) for t in (91, 92))]


def frame(spans: list[Span]) -> dict[str, list[int]]:
    return {
        "entry": [span.entry or 0 for span in spans],
        "exit": [span.exit for span in spans],
        "ended": [int(span.ended) for span in spans],
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("late", [False, True])
def test_lifelines_finds_the_same_survival(seed: int, *, late: bool) -> None:
    spans = drawn(seed, late=late)
    columns = frame(spans)
    entry = columns["entry"] if late else None
    theirs = KaplanMeierFitter().fit(columns["exit"], columns["ended"], entry=entry)
    ours = kaplan_meier(spans)
    for t, survival in zip(ours.at, ours.survival, strict=True):
        assert float(survival) == pytest.approx(float(theirs.predict(t)), rel=1e-9)
    limits = theirs.confidence_interval_.loc[list(ours.at)]
    for found, (lower, upper) in zip(ours.limits, limits.to_numpy(), strict=True):
        assert found is None or found == pytest.approx((lower, upper), rel=1e-6)
    median = median_survival_times(theirs)
    assert (ours.quantile(0.5) or math.inf) == median
    if not late:
        assert float(ours.rmst(50) or 0) == pytest.approx(restricted_mean_survival_time(theirs, t=50), rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_lifelines_finds_the_same_incidence_after_the_smallest_time(seed: int) -> None:
    draws = random.Random(seed)
    exits = draws.sample(range(2, 400), 80)
    causes = [draws.randint(0, 2) for _ in exits]
    # Its curve drops whatever ends first, so that the first exit is a censored one.
    exits, causes = [1, *exits], [0, *causes]
    names = {0: None, 1: "made", 2: "withdrawn"}
    ours = aalen_johansen([EndingSpan(None, t, names[c]) for t, c in zip(exits, causes, strict=True)])
    for cause, name in ((1, "made"), (2, "withdrawn")):
        theirs = AalenJohansenFitter(calculate_variance=False).fit(exits, causes, event_of_interest=cause)
        for t, incidence in zip(*ours.path(name), strict=True):
            assert incidence == pytest.approx(float(theirs.predict(t)), abs=1e-9)
            assert float(ours.at(name, t) or 0) == pytest.approx(incidence, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_lifelines_finds_the_same_cumulative_hazard(seed: int) -> None:
    spans = drawn(seed, late=True)
    columns = frame(spans)
    fitter = NelsonAalenFitter(nelson_aalen_smoothing=False)
    theirs = fitter.fit(columns["exit"], columns["ended"], entry=columns["entry"])
    ours = nelson_aalen(spans)
    for t, total in zip(ours.at, ours.mean, strict=True):
        assert float(total) == pytest.approx(float(theirs.predict(t)), rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("groups", [2, 3, 4])
def test_lifelines_finds_the_same_difference_between_groups(seed: int, groups: int) -> None:
    by_group = {f"g{index}": drawn(seed * 10 + index, late=False) for index in range(groups)}
    every = [(span, name) for name, spans in by_group.items() for span in spans]
    theirs = multivariate_logrank_test(
        pd.Series([span.exit for span, _ in every]),
        pd.Series([name for _, name in every]),
        pd.Series([int(span.ended) for span, _ in every]),
    )
    ours = log_rank(by_group)
    assert ours.degrees == groups - 1
    assert ours.chi2 == pytest.approx(theirs.test_statistic, rel=1e-8)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-7)


R_SCRIPT = """
suppressMessages(library(survival))
input <- commandArgs(TRUE)[1]
d <- read.csv(text = input)
km <- survfit(Surv(entry, exit, ended) ~ 1, data = d, conf.type = "log-log")
keep <- km$n.event > 0
# With delayed entry survdiff does not compare groups; the score test of a Cox model with exact ties does where
# no two endings coincide.
score <- coxph(Surv(entry, exit, ended) ~ group, data = d)$score
q <- quantile(km, probs = c(0.5))
out <- function(x) paste(format(x, digits = 15, trim = TRUE), collapse = ",")
cat(out(km$time[keep]), out(km$n.risk[keep]), out(km$surv[keep]), out(km$lower[keep]), out(km$upper[keep]),
    out(score), sep = "\\n")
"""


def distinct(seed: int) -> list[tuple[Span, str]]:
    draws = random.Random(seed)
    exits = draws.sample(range(40, 4000), 90)
    spans = [Span(draws.randint(1, t - 20) if draws.random() < 0.4 else None, t, draws.random() < 0.7) for t in exits]
    return [(span, draws.choice(["a", "b"])) for span in spans]


def asked_of_r(grouped: list[tuple[Span, str]]) -> list[list[float]]:
    rows = [f"{s.entry or -1},{s.exit},{int(s.ended)},{group}" for s, group in grouped]
    text = "\n".join(["entry,exit,ended,group", *rows])
    done = subprocess.run(["Rscript", "-e", R_SCRIPT, text], capture_output=True, text=True, check=True, timeout=60)
    return [[float(cell) for cell in line.replace("NA", "nan").split(",")] for line in done.stdout.split()]


def r_has_survival() -> bool:
    if shutil.which("Rscript") is None:
        return False
    found = subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True, check=False, timeout=60)
    return found.returncode == 0


def asked_of_lifelines(grouped: list[tuple[Span, str]]) -> list[list[float]]:
    columns = frame([span for span, _ in grouped])
    fitted = KaplanMeierFitter().fit(columns["exit"], columns["ended"], entry=columns["entry"])
    table = fitted.event_table[fitted.event_table["observed"] > 0]
    at = [float(t) for t in table.index]
    limits = fitted.confidence_interval_.loc[table.index].to_numpy()
    survival = [float(fitted.predict(t)) for t in at]
    return [at, [float(n) for n in table["at_risk"]], survival, [row[0] for row in limits], [row[1] for row in limits]]


@pytest.mark.parametrize("seed", range(3))
def test_the_strictest_peer_at_hand_agrees_with_delayed_entry(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    peer, ask = ("R survival", asked_of_r) if r_has_survival() else ("lifelines", asked_of_lifelines)
    with capsys.disabled():
        print(f" [compared with {peer}]", end="")
    grouped = distinct(seed)
    at, at_risk, survival, lower, upper, *score = ask(grouped)
    ours = kaplan_meier([span for span, _ in grouped])
    assert list(ours.at) == at
    assert list(ours.at_risk) == at_risk
    assert [float(s) for s in ours.survival] == pytest.approx(survival, rel=1e-9)
    for found, edges in zip(ours.limits, zip(lower, upper, strict=True), strict=True):
        assert found is None or found == pytest.approx(edges, rel=1e-6)
    if score:
        by_group = {name: [span for span, group in grouped if group == name] for name in ("a", "b")}
        assert log_rank(by_group).chi2 == pytest.approx(score[0][0], rel=1e-8)
