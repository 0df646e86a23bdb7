"""What a change did: before and after it, against all that was before, and against what is comparable."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.errors import Refused
from domain.values import SECONDS_PER_DAY
from projections.estimators.at_risk import Span
from projections.estimators.follow_up import YEAR_SECONDS, Life, cohort, rate, split
from projections.estimators.log_rank import log_rank
from projections.estimators.survival import SurvivalCurve, kaplan_meier
from projections.measures import cases
from projections.measures.asking import Change, Measure, Question, Rows, Table
from projections.measures.cases import counted, days, refuse_cohort_figures
from projections.measures.decision_times import points

EVIDENT = 0.05
YEAR_DAYS = 365


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer what a reorganization, or any date, changed, with the matched baseline beside the full one.

    Raise Refused where no change is named or known, and where the history was selected on its closing date.
    """
    refuse_cohort_figures(rows, "before and after")
    change = change_of(rows, question)
    chosen = cases.cohort(rows, question)
    lives = chosen.lives()
    after = cohort(lives, opened_from=change.new_from)
    full = _compared(cohort(lives, opened_before=change.old_until), after)
    matched = {str(years): _compared(_matched(lives, change, years), after) for years in question.baseline_years}
    earlier, later = split(lives, change.new_from)
    return (
        counted(chosen, rows)
        | {
            "baseline": {
                "full": full["before"]["n"],
                "matched": {years: m["before"]["n"] for years, m in matched.items()},
            },
            "change": {"name": change.name, "old_until": change.old_until, "new_from": change.new_from},
            "after": _described(after),
            "against_all_before": full,
            "against_years_before": matched,
            "says": _sentence(full, matched),
            "by_period": {"before": _period(earlier), "after": _period(later)},
            "interregnum": interregnum(lives, change, until=question.effective_at),
        }
        | ({"curves": _curves(lives, change, question)} if question.drawn else {})
    )


def change_of(rows: Rows, question: Question) -> Change:
    """Return the change that a question names, else the last reorganization up to its instant. Raise Refused."""
    if question.change is not None:
        return question.change
    known = [
        (instant, reorganization)
        for period in rows.periods
        for reorganization in period.reorganizations.values()
        if (instant := reorganization.announced_at or reorganization.declared_at) is not None
        and instant <= question.effective_at
    ]
    if not known:
        raise Refused(
            "no reorganization is recorded up to this instant: name the date of a change with --change",
            rule="change_named",
        )
    since, last = max(known, key=lambda pair: pair[0])
    done = last.completed_at if last.completed_at is not None else since
    return Change(name=last.id, old_until=since, new_from=max(since, done))


def _matched(lives: Sequence[Life], change: Change, years: int) -> list[Life]:
    return cohort(lives, opened_from=change.old_until - years * YEAR_SECONDS, opened_before=change.old_until)


def _compared(before: list[Life], after: list[Life]) -> dict[str, Any]:
    test = log_rank({"before": _spans(before), "after": _spans(after)})
    return {
        "before": _described(before),
        "log_rank": {
            "chi2": test.chi2,
            "p": test.p,
            "observed_before": test.observed[0],
            "expected_before": test.expected[0],
        },
    }


def _described(lives: list[Life]) -> dict[str, Any]:
    return _curve_in_words(kaplan_meier(_spans(lives)))


def _curve_in_words(curve: SurvivalCurve) -> dict[str, Any]:
    open_after_year = curve.survival_at(YEAR_DAYS * SECONDS_PER_DAY)
    return {
        "n": curve.n,
        "observed": curve.observed,
        "entered_late": curve.table.entered_late,
        "median_days": days(curve.quantile(0.5)),
        "median_interval_days": [days(t) for t in curve.quantile_interval(0.5)],
        "p90_days": days(curve.quantile(0.9)),
        "open_after_365_days": None if open_after_year is None else float(open_after_year),
    }


def _period(spans: list[Span]) -> dict[str, Any]:
    per_second = rate(spans).per_second
    per_100_days = None if per_second is None else float(per_second * 100 * SECONDS_PER_DAY)
    return _curve_in_words(kaplan_meier(spans)) | {"endings_per_100_open_days": per_100_days}


def interregnum(lives: Sequence[Life], change: Change, *, until: int) -> dict[str, Any]:
    """Count what was decided between the old way and the new, and in the same days of every other whole year."""
    here = _ended_in(lives, change.old_until, change.new_from)
    first = min((life.opened for life in lives), default=change.old_until)
    years = {}
    for shift in range(_year(first) - _year(change.old_until), _year(until) - _year(change.old_until) + 1):
        lo, hi = _shifted(change.old_until, shift), _shifted(change.new_from, shift)
        if shift and lo >= first and hi <= until:
            years[str(_year(lo))] = _ended_in(lives, lo, hi)
    return {"days": days(change.new_from - change.old_until), "decided": here, "same_days_of_other_years": years}


def _ended_in(lives: Sequence[Life], lo: int, hi: int) -> int:
    return sum(life.ended and lo <= life.until < hi for life in lives)


def _year(instant: int) -> int:
    return datetime.fromtimestamp(instant, UTC).year


def _shifted(instant: int, years: int) -> int:
    """Return the same day of another year; 29 February becomes 28."""
    at = datetime.fromtimestamp(instant, UTC)
    day = 28 if (at.month, at.day) == (2, 29) else at.day
    return int(at.replace(year=at.year + years, day=day).timestamp())


def _sentence(full: Mapping[str, Any], matched: Mapping[str, Any]) -> str:
    """Say whether an apparent effect survives the matched baseline."""
    p = full["log_rank"]["p"]
    if p is None:
        return "There is too little on one side of the change to compare."
    apart = {years: m for years, m in matched.items() if m["before"]["n"] < full["before"]["n"]}
    honest = {years: m["log_rank"]["p"] for years, m in apart.items() if m["log_rank"]["p"] is not None}
    beside = " and ".join(f"the {years} years just before (p = {p_of:.2g})" for years, p_of in honest.items())
    evident = {value <= EVIDENT for value in honest.values()}
    claim = f"Against all that was before, decisions look {_pace(full)} after the change (p = {p:.2g})"
    if p > EVIDENT:
        claim = f"Against all that was before there is no evidence of a change (p = {p:.2g})"
    if not honest:
        return f"{claim}; the record holds nothing else to compare with, so this shows a difference and no effect."
    if evident == {True, False} or (p > EVIDENT and evident == {True}):
        return f"{claim}; against {beside} it depends on the baseline: do not build on it."
    if p > EVIDENT:
        return f"{claim}, and none against {beside}."
    if evident == {True}:
        return f"{claim}, and against {beside} too: the difference survives the honest baseline."
    return f"{claim}; against {beside} there is no evidence: the apparent effect does not survive the honest baseline."


def _pace(compared: Mapping[str, Any]) -> str:
    test = compared["log_rank"]
    return "faster" if test["observed_before"] < test["expected_before"] else "slower"


def _curves(lives: Sequence[Life], change: Change, question: Question) -> dict[str, Any]:
    years = question.baseline_years[0] if question.baseline_years else 0
    shown = {
        "all before": cohort(lives, opened_before=change.old_until),
        f"{years} years before": _matched(lives, change, years),
        "after": cohort(lives, opened_from=change.new_from),
    }
    return {name: points(kaplan_meier(_spans(group))) for name, group in shown.items()}


def _spans(lives: Sequence[Life]) -> list[Span]:
    return [life.span() for life in lives]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    groups = {"all before": data["against_all_before"]} | {
        f"{years} years before": compared for years, compared in data["against_years_before"].items()
    }
    rows: list[tuple[Any, ...]] = [
        (name, *_row(compared["before"]), compared["log_rank"]["p"]) for name, compared in groups.items()
    ]
    after = data["after"]
    rows.append(("after", *_row(after), None))
    between = data["interregnum"]
    return [
        Table(data["says"], ("raised", "n", "decided", "median days", "90 % days", "p against after"), tuple(rows)),
        Table(
            f"Decided in the {between['days'] or 0:.0f} days between, and in the same days of other years",
            ("year", "decided"),
            (("between", between["decided"]), *between["same_days_of_other_years"].items()),
        ),
    ]


def _row(described: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(described[name] for name in ("n", "observed", "median_days", "p90_days"))


MEASURE = Measure("reorganization-effect", "What did a change do, against an honest baseline?", answer, tables)
