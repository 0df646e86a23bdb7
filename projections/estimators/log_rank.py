"""Log-rank: whether groups end at the same rate, with delayed entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, fsum, lgamma, log, sqrt

from projections.estimators.at_risk import RiskTable, Span, risk_table


@dataclass(frozen=True)
class LogRank:
    """Observed and expected endings per group, chi-square and p; None where nothing can be compared."""

    groups: tuple[str, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    variance: tuple[tuple[float, ...], ...]
    degrees: int
    chi2: float | None
    p: float | None


def log_rank(groups: Mapping[str, Iterable[Span] | Mapping[Span, int]]) -> LogRank:
    """Compare two or more groups of spans; their order is the order of the mapping.

    Sums are correctly rounded (fsum), so no order of counting changes a bit. A group that is never at risk when
    something ends takes no part.

    Source: Mantel (1966); Peto and Peto (1972).
    """
    tables = [risk_table(spans) for spans in groups.values()]
    times = sorted({t for table in tables for t, ended in zip(table.at, table.ended, strict=True) if ended})
    at_risk = [_counts_at(table, times) for table in tables]
    ended = [_endings_at(table, times) for table in tables]
    totals = [(sum(ns), sum(ds)) for ns, ds in zip(zip(*at_risk, strict=True), zip(*ended, strict=True), strict=True)]
    expected = [fsum(d * n / all_n for n, (all_n, d) in zip(ns, totals, strict=True)) for ns in at_risk]
    variance = [
        [_covariance(at_risk, totals, row, column) for column in range(len(tables))] for row in range(len(tables))
    ]
    observed = [sum(ds) for ds in ended]
    taking_part = [index for index, value in enumerate(expected) if value > 0]
    chi2 = _quadratic_form(
        [observed[i] - expected[i] for i in taking_part], [[variance[i][j] for j in taking_part] for i in taking_part]
    )
    degrees = max(len(taking_part) - 1, 0)
    return LogRank(
        groups=tuple(groups),
        observed=tuple(observed),
        expected=tuple(expected),
        variance=tuple(map(tuple, variance)),
        degrees=degrees,
        chi2=chi2,
        p=None if chi2 is None else chi_square_tail(chi2, degrees=degrees),
    )


def chi_square_tail(x: float, *, degrees: int) -> float:
    """Return P(X >= x) for whole degrees of freedom: a finite sum of positive terms, so nothing cancels.

    Source: NIST Digital Library of Mathematical Functions, 8.8.2 and 8.4.6, 8.4.10.
    """
    half = x / 2
    if half <= 0:
        return 1.0
    odd = degrees % 2
    tail = erfc(sqrt(half)) if odd else exp(-half)
    shape = 0.5 if odd else 1.0
    terms = [exp((shape + k) * log(half) - half - lgamma(shape + k + 1)) for k in range((degrees - 1) // 2)]
    return min(1.0, fsum([tail, *terms]))


def _counts_at(table: RiskTable, times: Sequence[int]) -> list[int]:
    return [table.at_risk_at(t) for t in times]


def _endings_at(table: RiskTable, times: Sequence[int]) -> list[int]:
    by_time = dict(zip(table.at, table.ended, strict=True))
    return [by_time.get(t, 0) for t in times]


def _covariance(at_risk: list[list[int]], totals: list[tuple[int, int]], row: int, column: int) -> float:
    return fsum(
        d * (n - d) * own * ((n if row == column else 0) - other) / (n * n * (n - 1))
        for own, other, (n, d) in zip(at_risk[row], at_risk[column], totals, strict=True)
        if n > 1
    )


def _quadratic_form(excess: list[float], variance: list[list[float]]) -> float | None:
    """Return z' V^-1 z over all groups but the last, by elimination; None where V cannot be inverted."""
    size = len(excess) - 1
    rows = [[*variance[i][:size], excess[i]] for i in range(size)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        if abs(rows[pivot][column]) <= 1e-12 * max(1.0, abs(variance[column][column])):
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(size):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [own - factor * above for own, above in zip(rows[row], rows[column], strict=True)]
    if size < 1:
        return None
    return fsum(excess[i] * rows[i][size] / rows[i][i] for i in range(size))
