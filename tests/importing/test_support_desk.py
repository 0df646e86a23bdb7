"""A support desk as its own tool writes it, counted a second time from the file alone: work, waiting, rework, tiers."""

import csv
import io
import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.event_log import Log
from domain.corrections import in_effect
from projections.measures.asking import Question
from projections.measures.every import MEASURES, ask
from tests.importing.given import Desk
from tests.measures.folding import rows_of

ZONE = ZoneInfo("Europe/Stockholm")
CUT_OFF = datetime(2012, 6, 1, tzinfo=ZONE)
DAY = 86_400
COLUMNS = ("SR Number", "Change Date+Time", "Status/Sub Status", "Div", "Involved ST", "Owner")
TEAMS = {"1st": ["G97", "D5"], "2nd": ["V5 2nd", "S42 2nd"], "2nd-3rd": ["G230 2nd-3rd"], "3rd": ["S42 3rd", "N36 3rd"]}
LADDER = list(TEAMS)
STATUSES = (
    *("Queued/Awaiting Assignment",) * 4,
    *("Accepted/In Progress", "Accepted/Wait - User", "Accepted/Assigned"),
    *("Completed/Resolved", "Completed/Closed"),
)
MAPPING = """
source: desk
alliance: {id: support, title: Support, kind: supplier, parties: [{id: first, name: First}, {id: later, name: Later}]}
file: {delimiter: ";"}
columns:
  decision: SR Number
  time: {column: Change Date+Time, formats: "%d/%m/%Y %H:%M:%S", zone: Europe/Stockholm}
  party: {column: Div, extract: '^([A-Z])', values: {A: first, C: later}}
  tier: {column: Involved ST, extract: '(2nd-3rd|2nd|3rd)$', if_empty: 1st,
    ranks: [1st, 2nd, 2nd-3rd, 3rd], by_rank: true}
  holder: Involved ST
  actor: Owner
identity: [SR Number, Change Date+Time, Status/Sub Status, Involved ST]
duplicates: numbered
window: {cut_off: 2012-06-01}
rules:
  - {when: {Status/Sub Status: {matches: ^Completed}}, so_far: ended, then: ignored}
  - {when: {Status/Sub Status: {matches: ^Completed}}, then: {becomes: {column: Status/Sub Status, extract: '/(.*)$'}}}
  - {when: {Status/Sub Status: {matches: ^Accepted/Wait}}, then: {becomes: waiting}}
  - {when: {Status/Sub Status: Accepted/In Progress}, then: {becomes: open}, working: true}
  - {then: {becomes: open}}
"""
Line = tuple[str, datetime, str, str]


def desk_lines(seed: int) -> list[Line]:
    """Return (incident, when, status, team) of some incidents, each climbing, falling, waiting and being worked on."""
    draws = random.Random(seed)
    lines: list[Line] = []
    for number in range(150):
        at = datetime(2012, 3, 1, tzinfo=UTC) + timedelta(minutes=draws.randint(0, 60 * 24 * 85))
        tier, status = draws.choice([0, 0, 1]), "Accepted/In Progress"
        team = draws.choice(TEAMS[LADDER[tier]])
        for _ in range(draws.randint(2, 12)):
            lines.append((f"1-{number}", at.replace(tzinfo=ZONE), status, team))
            at += timedelta(minutes=int(draws.expovariate(1 / 600)))
            status = draws.choice(STATUSES)
            if status.startswith("Queued"):
                tier = min(3, max(0, tier + draws.choice([-1, 1])))
                team = draws.choice(TEAMS[LADDER[tier]])
    return lines


def written(lines: list[Line]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    for incident, at, status, team in lines:
        writer.writerow([incident, f"{at:%d/%m/%Y %H:%M:%S}", status, "C_6" if " " in team else "A2_4", team, "Pär"])
    return text.getvalue()


def counted_again(lines: list[Line]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Return seconds by class, by tier, and how many incidents each tier closed first, from the lines alone."""
    classes: Counter[str] = Counter()
    tiers: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    for incident in dict.fromkeys(line[0] for line in lines):
        rows = [line for line in lines if line[0] == incident and line[1] <= CUT_OFF]
        seen: list[str] = []
        again = False
        for (_, at, status, team), following in zip(rows, [*rows[1:], None], strict=True):
            tier = (re.findall(r"(2nd-3rd|2nd|3rd)$", team) or ["1st"])[0]
            if status.startswith("Completed"):
                closed[tier] += 1
                break
            again = again if seen and seen[-1] == tier else tier in seen
            seen.append(tier)
            seconds = int(((following[1] if following else CUT_OFF).timestamp()) - at.timestamp())
            tiers[tier] += seconds
            worked = status == "Accepted/In Progress" and following is not None
            classes["worked" if worked else "waiting" if "Wait" in status else "rework" if again else "in_hand"] += (
                seconds
            )
    return classes, tiers, closed


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_desk_did_is_counted_as_its_file_says(seed: int, desk: Desk, log: Log) -> None:
    lines = desk_lines(seed)
    desk.holds(written(lines), MAPPING).imported(log)
    rows, question = (
        rows_of(in_effect(log.read(after=0, limit=10_000))),
        Question(effective_at=int(CUT_OFF.timestamp())),
    )
    classes, tiers, closed = counted_again(lines)
    open_days = ask(MEASURES["alignment-efficiency"], rows, question)["open_days"]
    assert all(classes[name] > 0 for name in ("worked", "waiting", "rework", "in_hand"))
    assert {name: round(days * DAY) for name, days in open_days.items()} == {
        **{name: classes[name] for name in ("worked", "waiting", "rework", "unowned", "in_hand")},
        "total": classes.total(),
    }
    ladder = {tier["tier"]: tier for tier in ask(MEASURES["ladder"], rows, question)["tiers"]}
    assert {name: round(tier["days"] * DAY) for name, tier in ladder.items()} == {name: tiers[name] for name in ladder}
    assert {name: tier["decided"] for name, tier in ladder.items()} == {name: closed[name] for name in ladder}
