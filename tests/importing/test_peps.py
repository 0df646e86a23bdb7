"""The proposals of examples/peps come out as four independent programs counted them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from adapters.event_log import Log
from adapters.importing.history import import_history
from tests.importing.given import times

ROOT = Path(__file__).resolve().parents[2]
PEPS = ROOT / "examples" / "peps"
REFERENCE = json.loads((ROOT / "tests" / "oracles" / "peps" / "reference.json").read_text(encoding="utf-8"))
CUT_OFF = 1_787_421_615


def test_the_first_cycles_of_the_proposals_end_as_the_reference_says(log: Log) -> None:
    outcome = import_history(log, PEPS / "peps.csv", PEPS / "peps.yaml")
    rows = times(log)
    endings = Counter(
        "entered_decided" if row.cycles[0].status == "inherited" else row.cycles[0].ending or "censored"
        for row in rows.values()
    )
    assert (outcome.decisions, len(rows)) == (741, 741)
    assert outcome.endings == {
        "first seen decided" if e == "entered_decided" else "open" if e == "censored" else e: n
        for e, n in REFERENCE["outcomes"].items()
    }
    assert endings == REFERENCE["outcomes"]
    assert sum(len(row.cycles) - 1 for row in rows.values()) == REFERENCE["ping_pong"]["reopened_total"]
    assert sum(len(row.reversed_at) for row in rows.values()) == REFERENCE["ping_pong"]["reversed_total"]


def test_the_time_the_proposals_stood_in_each_stage_is_the_references(log: Log) -> None:
    import_history(log, PEPS / "peps.csv", PEPS / "peps.yaml")
    seconds: Counter[str] = Counter()
    for row in times(log).values():
        cycle = row.cycles[0]
        if cycle.status != "inherited":
            for span in cycle.spans:
                seconds[span.tier or "unknown"] += (CUT_OFF if span.end is None else span.end) - span.start
    expected = {tier: said["total_days"] for tier, said in REFERENCE["sojourn_before_first_decision"].items()}
    assert {tier: total / 86_400 for tier, total in seconds.items()} == pytest.approx(expected, rel=1e-9)
