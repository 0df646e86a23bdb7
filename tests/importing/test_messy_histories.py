"""Messy histories of which the true answers are known: what is imported and measured is what happened."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from adapters.event_log import Log
from domain.corrections import in_effect
from projections.measures.asking import Question, Rows
from projections.measures.every import MEASURES, ask
from tests.importing.given import Desk
from tests.measures.folding import rows_of

START, CUT_OFF, DAY = 1_325_376_000, 1_338_508_800, 86_400
RANKS = {"1st": 10, "2nd": 20, "2nd-3rd": 25, "3rd": 30}


class Stay(NamedTuple):
    """From an instant on it was so."""

    since: int
    tier: str
    holder: str
    paused: bool = False


@dataclass
class Cycle:
    """What happened from a beginning to an ending, or to the cut-off."""

    stays: list[Stay]
    end: int | None = None
    ending: str | None = None

    def times(self) -> list[tuple[Stay, int, int]]:
        """Return each stay with its real start and end: a clock that went backwards takes no time."""
        until = CUT_OFF if self.end is None else max(self.end, self.stays[0].since)
        latest, starts = self.stays[0].since, []
        for stay in self.stays:
            latest = max(latest, stay.since)
            starts.append(min(latest, until))
        return list(zip(self.stays, starts, [*starts[1:], until], strict=True))


@dataclass
class Truth:
    """The cycles of every decision, and how many were first seen decided."""

    cycles: dict[str, list[Cycle]] = field(default_factory=dict)
    first_seen_decided: int = 0


def written(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


SUPPORT = """
source: desk
alliance: {id: orion, parties: [{id: a, name: A}, {id: c, name: C}]}
columns:
  decision: id
  time: at
  party: {column: org, values: {A: a, C: c, "?": ~}}
  tier: {column: team, extract: '(2nd-3rd|2nd|3rd)$', if_empty: 1st, ranks: {1st: 10, 2nd: 20, 2nd-3rd: 25, 3rd: 30}, by_rank: true}
  holder: team
identity: [id, at, status, sub, team]
duplicates: numbered
window: {from: 2012-01-01, cut_off: 2012-06-01, selected_on: start}
rules:
  - {when: {status: Completed}, so_far: ended, then: ignored}
  - {when: {sub: Cancelled}, then: {becomes: withdrawn}}
  - {when: {status: Completed}, then: {becomes: {column: sub, values: {Resolved: resolved, Closed: closed}}}}
  - {when: {sub: {matches: ^Wait}}, then: {becomes: paused}}
  - {when: {sub: In Progress, org: [A, C]}, then: {becomes: open}, working: true}
  - {then: {becomes: open}}
"""  # noqa: E501 - as people write it


def team_of(chance: random.Random, tier: str) -> str:
    return f"G{chance.randint(1, 4)}{'' if tier == '1st' else f' {tier}'}"


def support(chance: random.Random) -> tuple[str, Truth]:
    """Return incidents that climb, wait, are resolved, closed and taken up again, with clocks that go backwards."""
    truth, lines = Truth(), ["id,at,status,sub,team,org"]
    for number in range(60):
        name, org = f"SR{number}", chance.choice("AC?")
        if number % 20 == 0:
            lines.append(f"{name},{written(START + DAY)},Completed,Closed,G1,{org}")
            truth.first_seen_decided += 1
            continue
        rows, truth.cycles[name] = incident(chance, START + chance.randint(0, 120 * DAY))
        lines += [f"{name},{written(at)},{status},{team},{org}" for at, status, team in rows]
    return "\n".join(lines), truth


def incident(chance: random.Random, at: int) -> tuple[list[tuple[int, str, str]], list[Cycle]]:
    tier = chance.choice(["1st", "1st", "2nd"])
    team, rows, cycles = team_of(chance, tier), [], []
    for _ in range(2):
        cycle = Cycle([Stay(at, tier, team)])
        cycles.append(cycle)
        rows.append((at, "Accepted,In Progress", team))
        for _ in range(chance.randint(0, 6)):
            at += chance.choice([0, 3600, chance.randint(1, 5 * DAY), chance.randint(1, DAY), -1800])
            if chance.random() < 0.4:
                tier = chance.choice(list(RANKS))
                team = team_of(chance, tier)
            paused = chance.random() < 0.3
            rows.append((at, "Accepted,Wait - User" if paused else "Queued,Awaiting Assignment", team))
            if cycle.stays[-1][1:] != (tier, team, paused):
                cycle.stays.append(Stay(at, tier, team, paused))
        at = max(at, *(stay.since for stay in cycle.stays), cycle.stays[0].since) + chance.randint(0, 2 * DAY)
        if (how := chance.random()) < 0.2:
            break
        ending = "withdrawn" if how < 0.3 else "resolved"
        cycle.end, cycle.ending = at, ending
        rows.append((at, "Completed,Cancelled" if ending == "withdrawn" else "Completed,Resolved", team))
        if how < 0.8:
            rows.append((at + 7 * DAY, "Completed,Closed", team))
            break
        at += DAY
    return rows, cycles


APPROVALS = """
source: claims
file: {delimiter: ";"}
alliance: {id: orion, parties: [{id: staff, name: Staff}, {id: office, name: Office}]}
columns:
  decision: claim
  order: step
  time: {column: at, formats: "%d/%m/%Y %H:%M:%S", zone: UTC}
  tier: {ranks: {employee: 0, administration: 10, supervisor: 20}}
window: {cut_off: 2012-06-01}
rules:
  - {when: {what: SUBMITTED}, so_far: unraised, then: raised, set: {tier: administration}}
  - {when: {what: SUBMITTED}, then: held, set: {tier: administration}}
  - {when: {what: REJECTED by EMPLOYEE}, then: ignored}
  - {when: {what: {matches: REJECTED}}, unless_later: {what: SUBMITTED}, then: {made: rejected}, otherwise: returned, otherwise_set: {tier: employee}}
  - {when: {what: FINAL_APPROVED}, then: {made: approved}}
  - {when: {what: APPROVED}, then: [approval, escalated], set: {tier: supervisor}}
  - {then: ignored}
"""  # noqa: E501 - as people write it


def approvals(chance: random.Random) -> tuple[str, Truth]:
    """Return claims that are approved twice, or rejected, and handed in again; their rows in no order."""
    truth, lines = Truth(), []
    for number in range(60):
        name = f"C {number}"
        rows: list[tuple[int, str]] = []
        cycle = claim(chance, START + chance.randint(0, 90 * DAY), rows)
        truth.cycles[name] = [cycle]
        for step, (at, what) in enumerate(rows, start=1):
            lines.append(f"{name};{step};{datetime.fromtimestamp(at, UTC):%d/%m/%Y %H:%M:%S};{what}")
    chance.shuffle(lines)
    return "\n".join(["claim;step;at;what", *lines]), truth


def claim(chance: random.Random, at: int, rows: list[tuple[int, str]]) -> Cycle:
    cycle = Cycle([Stay(at, "administration", "administration")])
    rows.append((at, "SUBMITTED"))
    while (how := chance.random()) > 0.1:
        at += chance.choice([0, chance.randint(1, 4 * DAY)])
        here = cycle.stays[-1].tier
        if how > 0.4:
            rows.append((at, "APPROVED" if here == "administration" else "FINAL_APPROVED"))
            if here == "supervisor":
                cycle.end, cycle.ending = at, "approved"
                rows.append((at + DAY, "Payment Handled"))
                break
            cycle.stays.append(Stay(at, "supervisor", "supervisor"))
            continue
        rows.append((at, f"REJECTED by {here.upper()}"))
        if how < 0.2:
            cycle.end, cycle.ending = at, "rejected"
            rows.append((at + 60, "REJECTED by EMPLOYEE"))
            break
        rows.append((at + 60, "REJECTED by EMPLOYEE"))
        cycle.stays.append(Stay(at, "employee", "employee"))
        at += DAY
        rows.append((at, "SUBMITTED"))
        cycle.stays.append(Stay(at, "administration", "administration"))
    return cycle


def measured(log: Log, name: str, cycles: str) -> dict[str, Any]:
    rows: Rows = rows_of(in_effect(log.read(after=0, limit=100_000)))
    return ask(MEASURES[name], rows, Question(effective_at=CUT_OFF, cycles="all" if cycles == "all" else "first"))


def seconds(shown: Sequence[dict[str, Any]], by: str) -> dict[str, int]:
    return {each[by]: round(each["days"] * DAY) for each in shown if each["days"]}


def summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for name, took in pairs:
        total[name] += took
    return {name: took for name, took in total.items() if took}


def median(cycles: Sequence[Cycle]) -> float | None:
    """Return the first day by which half had ended, what is open counted as long as it was watched."""
    spans = [(each.times()[-1][2] - each.stays[0].since, each.end is not None) for each in cycles]
    still = 1.0
    for at in sorted({took for took, ended in spans if ended}):
        still *= 1 - sum(span == (at, True) for span in spans) / sum(took >= at for took, _ in spans)
        if still <= 0.5 + 1e-12:
            return at / DAY
    return None


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("made", "mapping"), [(support, SUPPORT), (approvals, APPROVALS)])
def test_a_messy_history_is_measured_as_it_happened(made: Any, mapping: str, seed: int, desk: Desk, log: Log) -> None:
    file, truth = made(random.Random(seed))
    desk.holds(file, mapping).imported(log)
    firsts = [cycles[0] for cycles in truth.cycles.values()]
    every = [cycle for cycles in truth.cycles.values() for cycle in cycles]
    times = measured(log, "decision-times", "first")
    assert times["quantiles_days"]["0.5"] == pytest.approx(median(firsts))
    assert times["excluded"].get("first_seen_decided", 0) == truth.first_seen_decided
    assert times["censored"] == sum(cycle.end is None for cycle in firsts)
    assert measured(log, "endings", "first")["counts"] == Counter(c.ending for c in firsts if c.ending)
    for which, cycles in (("first", firsts), ("all", every)):
        stays = [stay for cycle in cycles for stay in cycle.times()]
        by_tier = summed((stay.tier, end - start) for stay, start, end in stays)
        court = measured(log, "ball-in-court", which)
        assert seconds(court["by_tier"], "tier") == by_tier
        assert seconds(court["by_holder"], "holder") == summed((f"body:{s.holder}", e - b) for s, b, e in stays)
        assert round(court["paused_days"] * DAY) == sum(end - start for stay, start, end in stays if stay.paused)
        ladder = measured(log, "ladder", which)
        assert seconds(ladder["tiers"], "tier") == by_tier
        steps = [(RANKS_OF[a.tier], RANKS_OF[b.tier]) for cycle in cycles for a, b in pairwise(cycle.stays)]
        assert ladder["escalations"] == sum(a < b and a > 0 for a, b in steps)
        assert ladder["returns"] == sum(a > b for a, b in steps)


RANKS_OF = {**RANKS, "employee": 0, "administration": 10, "supervisor": 20}
