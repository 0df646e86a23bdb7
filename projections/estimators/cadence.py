"""The cadence tax: how long a question waits for the next meeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from projections.estimators.length_bias import length_biased_mean


@dataclass(frozen=True)
class CadenceWait:
    """The wait for the next meeting, in the unit of the gaps; None where there is no gap."""

    gaps: int
    expected: Fraction | None
    half_mean_gap: Fraction | None
    mean_gap_met: Fraction | None


def cadence_wait(gaps: Sequence[int]) -> CadenceWait:
    """Return the mean wait of a question that arises at any instant: sum g^2 / (2 sum g).

    Half the mean gap, what a calendar suggests, stands beside it; they agree only where every gap is the same.

    Source: renewal theory, the inspection paradox (Feller 1971).
    """
    met = length_biased_mean(gaps)
    return CadenceWait(
        gaps=len(gaps),
        expected=None if met is None else met / 2,
        half_mean_gap=Fraction(sum(gaps), 2 * len(gaps)) if gaps else None,
        mean_gap_met=met,
    )
