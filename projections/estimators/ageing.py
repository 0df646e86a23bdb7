"""Ageing: what an open item's age says about the time it still needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from projections.estimators.at_risk import Ratio
from projections.estimators.survival import SurvivalCurve


@dataclass(frozen=True)
class OpenItem:
    """An open item with its chance of an ending within the horizon; None where the curve cannot say."""

    id: str
    age: int
    chance: Ratio | None
    remaining_median: int | None


def ending_chance(curve: SurvivalCurve, *, age: int, within: int) -> Ratio | None:
    """Return 1 - S(age + within) / S(age), seconds in; None where either is not known, or none got that old."""
    here, later = curve.survival_at(age), curve.survival_at(age + within)
    if not here or later is None:
        return None
    return 1 - later / here


def remaining_median(curve: SurvivalCurve, *, age: int) -> int | None:
    """Return the seconds after `age` by which half of those open at `age` have ended; None where not reached."""
    here = curve.survival_at(age)
    if not here:
        return None
    half = curve.first_at_most(here / 2)
    return None if half is None else half - age


def rank_open(curve: SurvivalCurve, ages: Mapping[str, int], *, within: int) -> list[OpenItem]:
    """Rank open items, the least likely to end first; those older than the curve can speak of come before all."""
    items = [
        OpenItem(
            id=item,
            age=age,
            chance=ending_chance(curve, age=age, within=within),
            remaining_median=remaining_median(curve, age=age),
        )
        for item, age in ages.items()
    ]
    return sorted(items, key=_least_likely_first)


def _least_likely_first(item: OpenItem) -> tuple[Ratio, int, str]:
    return (Fraction(-1) if item.chance is None else item.chance, -item.age, item.id)
