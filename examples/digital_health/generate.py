"""Write alliance.yaml anew: three years of an invented alliance, the same every time.

Run it from the root of the repository: `python -m examples.digital_health.generate`.
"""

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from examples.digital_health import cast

HERE = Path(__file__).parent
SEED = 20230703
LAST_DAY = date(2026, 6, 30)
ASKED_OF_ONE_SIDE, RETURNED, WITHDRAWN, REOPENED = 0.8, 0.18, 0.05, 0.07
PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Story:
    """The items so far, each with the day on which it was recorded."""

    def __init__(self) -> None:
        self.items: list[tuple[date, int, dict[str, Any]]] = []
        self.chance = random.Random(SEED)  # noqa: S311 - a story, not a secret

    def tell(self, at: str | date, report: str, *, recorded: str | date | None = None, **words: Any) -> None:  # noqa: ANN401
        """Report that something was so on a day, recorded then or on a later day."""
        day = at if isinstance(at, date) else date.fromisoformat(at)
        known = date.fromisoformat(str(recorded)) if recorded else day
        said = {word.rstrip("_"): value for word, value in words.items() if value is not None}
        item = {"at": day.isoformat()} | ({"recorded": known.isoformat()} if recorded else {}) | {"report": report}
        self.items.append((known, len(self.items), item | said))

    def days(self, low: int, high: int) -> timedelta:
        """Return a number of days between two."""
        return timedelta(days=self.chance.randint(low, high))


def founding(story: Story) -> None:
    """Bring the parties together: they write the charter, and take their seats."""
    parties = [{"id": party, "name": cast.NAMES[party]} for party in cast.PARTIES]
    story.tell("2023-07-03", "AllianceFormed", title="Digital health", kind="strategic", parties=parties)
    for person, (party, name) in cast.PEOPLE.items():
        story.tell("2023-07-03", "PersonIntroduced", person=person, party=party, name=name)
    charter = _plain(YAML(typ="safe", pure=True).load(HERE / "charter.yaml"))
    story.tell("2023-07-10", "CharterDrafted", version="1", charter=charter)
    story.tell("2023-08-01", "CharterAdopted", version="1")
    story.tell("2023-08-03", "CharterRatified", version="1", party="lumen")
    story.tell("2023-08-09", "CharterRatified", version="1", party="meridian")
    for body, (tier, seats) in cast.SEATS.items():
        taken = [{"seat": seat, "party": cast.PEOPLE[who][0], "person": who} for seat, who in seats.items()]
        story.tell("2023-08-15", "BodyConstituted", body=body, tier=tier, seats=taken)
    for person, role in (("m-alliance", "alliance_manager"), ("l-alliance", "alliance_manager")):
        story.tell("2023-08-15", "RoleAssigned", person=person, party=cast.PEOPLE[person][0], role=role, level=2)
    story.tell("2023-09-01", "AllianceLaunched")
    for index, (name, (title, phase, one, other)) in enumerate(cast.WORK_STREAMS.items()):
        story.tell(
            date(2023, 9, 4) + timedelta(days=index),
            "WorkStreamOpened",
            work_stream=name,
            title=title,
            phase=phase,
            owners={"meridian": one, "lumen": other},
            planned_end=(date(2025, 3, 31) + timedelta(days=30 * (index % 15))).isoformat(),
        )


def profiles(story: Story) -> None:
    """Say how each party works; the partner reads it."""
    said: dict[str, dict[str, Any]] = {
        "meridian": {
            "business_model": "medicines, reimbursed",
            "matters_most": ["evidence", "safety"],
            "decision_pace_days": 90,
            "planning_horizon_days": 3650,
            "quality_bar": "complete",
            "revenue_expected": "later",
        },
        "lumen": {
            "business_model": "subscriptions of clinics",
            "matters_most": ["users", "releases"],
            "decision_pace_days": 14,
            "planning_horizon_days": 540,
            "development_cadence_days": 14,
            "quality_bar": "first_usable",
            "revenue_expected": "now",
        },
    }
    for party, words in said.items():
        story.tell("2023-08-21", "OperatingProfileStated", party=party, version="1", **words)
    story.tell("2023-08-28", "OperatingProfileRead", party="meridian", version="1", by="lumen")
    for aspect in ("decision_pace_days", "quality_bar"):
        answered = {"aspect": aspect, "other": "lumen", "understanding": "ways-of-working"}
        story.tell("2023-09-25", "DifferenceAnswered", party="meridian", **answered)


def stages(story: Story) -> None:
    """Let the asset go through its phases: each is owned by a unit on either side, and handed over between them."""
    units = {
        "2023-09-04": ("research", "cardiology research", "data science"),
        "2024-06-03": ("clinical", "clinical center", "product"),
        "2025-07-07": ("market", "launch center", "growth"),
    }
    for day, (stage, one, other) in units.items():
        owners = {"meridian": one, "lumen": other}
        story.tell(day, "AllianceStageEntered", stage=stage, asset="monitoring-suite", owners=owners)
    items: dict[str, Any] = {"phase": "clinical", "units": {"meridian": "clinical center", "lumen": "product"}}
    story.tell("2024-06-03", "PhaseHandedOver", work_stream="algorithm", accepted_by=list(cast.PARTIES), **items)


def understandings(story: Story) -> None:
    """State what both must hold in common: aim, metrics, words, priorities, ways of working."""
    stated = {
        "north-star": ("north_star", "Keep people with heart failure at home and out of hospital"),
        "priorities": ("priorities", "Trial first, then Europe, then the United States"),
        "ways-of-working": ("ways_of_working", "One backlog, reviewed every two weeks; decisions within 14 days"),
        "dashboard": ("dashboard", "Six metrics on one page, read by the JSC every six weeks"),
    }
    for name, (kind, text) in stated.items():
        more: dict[str, Any] = {}
        if kind == "north_star":
            more = {
                "for": ["patients", "care_teams", "payers"],
                "shown_by": {
                    "patients": ["readmissions"],
                    "care_teams": ["active-patients"],
                    "payers": ["readmissions"],
                },
            }
        if kind == "priorities":
            more = {"order": ["pivotal-trial", "launch-eu", "launch-us"]}
        if kind == "ways_of_working":
            more = {"functions": {"meridian": ["clinical", "finance"], "lumen": ["product", "platform"]}}
        if kind == "dashboard":
            more = {"order": list(cast.METRICS)}
        story.tell("2023-09-11", "UnderstandingStated", understanding=name, kind=kind, version="1", text=text, **more)
    for name, confirmed_on in (("north-star", "2023-09-13"), ("priorities", "2023-09-20"), ("dashboard", "2023-10-02")):
        confirm(story, name, confirmed_on, {"meridian": "jsc-m-clinical", "lumen": "jsc-l-product"})
    for party, functions in (("meridian", ("clinical", "finance")), ("lumen", ("product", "platform"))):
        for function in functions:
            day = date(2023, 9, 18) + story.days(0, 20)
            story.tell(day, "Confirmed", understanding="ways-of-working", party=party, version="1", function=function)
    metrics(story)
    for term, readings in cast.TERMS.items():
        for party, reading in readings.items():
            day = date(2023, 11, 6) + story.days(0, 20)
            story.tell(day, "TermReadingStated", term=term, party=party, reading=reading)
    reading = "general availability to patients whose care is reimbursed"
    story.tell("2024-05-14", "TermReconciled", term="launch", reading=reading, version="1", by=list(cast.PARTIES))
    confirm(story, "launch", "2024-05-16", {})


def metrics(story: Story) -> None:
    """Six metrics. For one of them the same target has two horizons, two years apart."""
    for name, (title, unit, kind, target, streams) in cast.METRICS.items():
        day = date(2023, 10, 9) + story.days(0, 7)
        said: dict[str, Any] = {"metric": name, "title": title, "unit": unit, "class": kind, "owner": "l-product"}
        said |= {"template": "decision_days"} if name == "decision-days" else {}
        story.tell(day, "MetricProposed", cadence="quarter", work_streams=list(streams), tolerance_days=14, **said)
        for party, horizon in zip(cast.PARTIES, cast.HORIZONS[name], strict=True):
            then = day + story.days(3, 10)
            story.tell(
                then, "DefinitionStated", metric=name, party=party, version="1", definition=f"{title}, as counted"
            )
            story.tell(then, "TargetStated", metric=name, party=party, target=target, unit=unit)
            story.tell(then, "HorizonStated", metric=name, party=party, horizon=horizon)
            story.tell(then + story.days(2, 12), "Confirmed", understanding=name, party=party, version="1")
        story.tell(date(2023, 11, 14), "MetricAgreed", metric=name, version="1")
    observations(story)


def observations(story: Story) -> None:
    """Report what was seen, quarter by quarter, and put right once."""
    growth = {"active-patients": (400, 2600), "bookings": (4, 3), "releases": (1, 0), "kits-in-time": (81, 1)}
    start = date(2024, 1, 1)
    for quarter in range(9):
        first = date(start.year + quarter // 4, 1 + 3 * (quarter % 4), 1)
        nextq = date(start.year + (quarter + 1) // 4, 1 + 3 * ((quarter + 1) % 4), 1)
        period = {"period_start": first.isoformat(), "period_end": (nextq - timedelta(days=1)).isoformat()}
        for name, (base, step) in growth.items():
            value = str(base + step * quarter + story.chance.randint(0, max(1, step // 3)))
            unit = cast.METRICS[name][1]
            story.tell(nextq + story.days(8, 20), "ObservationReported", metric=name, value=value, unit=unit, **period)
    story.tell(
        "2024-08-20",
        "ObservationRestated",
        metric="active-patients",
        value="2710",
        unit="patients",
        period_start="2024-04-01",
        period_end="2024-06-30",
    )


def confirm(story: Story, name: str, day: str | date, seats: dict[str, str], version: str = "1") -> None:
    """Both parties confirm, each some days later."""
    first = day if isinstance(day, date) else date.fromisoformat(day)
    for party in cast.PARTIES:
        seat = seats.get(party)
        actor = None if seat is None else {"person": _person_in(seat), "party": party}
        then = first + story.days(0, 9)
        story.tell(then, "Confirmed", understanding=name, party=party, version=version, seat=seat, actor=actor)


def _person_in(seat: str) -> str:
    return next(seats[seat] for _, seats in cast.SEATS.values() if seat in seats)


def known_decisions(story: Story) -> None:
    """Tell the decisions that the story turns on."""
    one = {"decision": "D-DATA"}
    story.tell(
        "2024-02-05",
        "DecisionRaised",
        body="PT",
        matter="patient_data",
        title="Where patient data is kept",
        work_stream="data-platform",
        serves="north-star",
        by="lumen",
        **one,
    )
    story.tell("2024-02-09", "InformationRequested", of="meridian", what="residency rules by country", **one)
    story.tell("2024-02-27", "InformationProvided", by="meridian", **one)
    story.tell("2024-03-04", "DecisionEscalated", from_="PT", to="JSC", by="lumen", **one)
    story.tell("2024-03-06", "PositionStated", party="lumen", position="one region, in the United States", **one)
    story.tell("2024-03-08", "PositionStated", party="meridian", position="a region in each continent", **one)
    story.tell("2024-03-18", "DecisionReturned", from_="JSC", to="PT", **one)
    story.tell("2024-03-25", "ClockPaused", pause="guidance", cause="regulator_guidance", **one)
    story.tell("2024-05-02", "ClockResumed", pause="guidance", **one)
    story.tell("2024-05-06", "WorkReported", party="lumen", **one, from_=1714687200, to=1714946400)
    story.tell("2024-05-13", "DecisionEscalated", from_="PT", to="JSC", by="meridian", **one)
    story.tell("2024-05-23", "DecisionMade", outcome="approve", method="consensus", body="JSC", **one)
    story.tell("2024-05-24", "UnderstandingStated", understanding="D-DATA", kind="decision_outcome", version="1",
               text="Patient data stays in the continent where the patient lives")  # fmt: skip
    confirm(story, "D-DATA", "2024-05-27", {})
    price = {"decision": "D-PRICE"}
    story.tell("2024-07-22", "DecisionRaised", body="JSC", matter="pricing", title="Price per patient and month",
               work_stream="pricing", serves="north-star", by="meridian", **price)  # fmt: skip
    story.tell("2024-09-12", "DecisionMade", recorded="2024-10-01", outcome="approve", method="consensus", body="JSC",
               **price)  # fmt: skip
    last = {"decision": "D-EU-LAUNCH"}
    story.tell("2026-04-20", "DecisionRaised", body="PT", matter="default", title="Which country first in Europe",
               work_stream="launch-eu", serves="north-star", by="lumen", **last)  # fmt: skip
    story.tell("2026-05-11", "DecisionEscalated", from_="PT", to="JSC", by="lumen", **last)
    story.tell("2026-05-12", "PositionStated", party="lumen", position="Germany, where clinics have signed", **last)
    story.tell("2026-06-02", "InformationRequested", of="meridian", what="reimbursement dossier for France", **last)


def ordinary_decisions(story: Story) -> None:
    """Tell the questions of every month: most settled by the project team, slower while one side reorganizes."""
    day, number = date(2023, 9, 20), 0
    while day < LAST_DAY - timedelta(days=5):
        number += 1
        matter = story.chance.choice([*cast.QUESTIONS, "default", "platform", "clinical_plan"])
        stream = story.chance.choice(list(cast.WORK_STREAMS))
        ordinary(story, f"D-{number:03}", day, matter, stream)
        day += story.days(6, 20)


def ordinary(story: Story, name: str, day: date, matter: str, stream: str) -> None:
    """Tell one question: raised, perhaps escalated, returned, waiting for somebody, decided or not."""
    chance = story.chance
    unsettled = date(2025, 2, 3) <= day <= date(2025, 6, 30) or date(2025, 10, 6) <= day <= date(2025, 12, 15)
    slow = 3 if unsettled else 1
    start = "JSC" if matter == "pricing" else "PT"
    title = f"{chance.choice(cast.QUESTIONS[matter]).capitalize()} ({cast.WORK_STREAMS[stream][0].lower()})"
    story.tell(day, "DecisionRaised", decision=name, body=start, matter=matter, title=title, work_stream=stream,
               by=chance.choice(cast.PARTIES))  # fmt: skip
    at, body = day, start
    if chance.random() < 0.3 * (1 + 0.6 * (slow - 1)):
        at += story.days(3, 9)
        asked = "meridian" if unsettled and chance.random() < ASKED_OF_ONE_SIDE else chance.choice(cast.PARTIES)
        if not _told(story, at, "InformationRequested", decision=name, of=asked):
            return
        at += story.days(4, 15) * slow
        if not _told(story, at, "InformationProvided", decision=name, by=asked):
            return
    while body != "Executives" and chance.random() < (0.45 if body == "PT" else 0.25):
        above = "JSC" if body == "PT" else "Executives"
        at += story.days(5, 16) * slow
        if not _told(
            story, at, "DecisionEscalated", decision=name, by=chance.choice(cast.PARTIES), **{"from": body, "to": above}
        ):
            return
        body = above
        if body == "JSC" and chance.random() < RETURNED:
            at += story.days(5, 20)
            if not _told(story, at, "DecisionReturned", decision=name, **{"from": body, "to": "PT"}):
                return
            body = "PT"
    at += story.days(4, 24) * slow
    if chance.random() < WITHDRAWN:
        _told(story, at, "DecisionWithdrawn", decision=name)
        return
    outcome = chance.choices(["approve", "reject"], [0.85, 0.15])[0]
    made = _told(story, at, "DecisionMade", decision=name, outcome=outcome, method="consensus", body=body)
    if made and chance.random() < REOPENED:
        again = at + story.days(30, 90)
        if _told(story, again, "DecisionReopened", decision=name, body=body):
            _told(story, again + story.days(8, 30), "DecisionMade", decision=name, outcome="approve", body=body)


def _told(story: Story, at: date, report: str, **words: Any) -> bool:  # noqa: ANN401
    if at > LAST_DAY:
        return False
    story.tell(at, report, **words)
    return True


def horizon_lapses(story: Story) -> None:
    """Let the earlier of two horizons pass; one side states another."""
    both = list(cast.PARTIES)
    lapse: dict[str, Any] = {
        "understanding": "active-patients",
        "parties": both,
        "cause": "lapsed_horizon",
        "of": "2024-12-31",
    }
    story.tell("2025-01-01", "UnderstandingUnsettled", **lapse)
    story.tell("2025-01-20", "HorizonStated", metric="active-patients", party="lumen", horizon="2025-12-31")
    confirm(story, "active-patients", "2025-01-22", {})


def reorganization(story: Story) -> None:
    """Reorganize one side: what it touches is unsettled until that side confirms it again."""
    one = {"reorganization": "R-MERIDIAN"}
    story.tell("2025-02-03", "ReorganizationAnnounced", party="meridian", kind="structure",
               title="One clinical organization", **one)  # fmt: skip
    story.tell("2025-02-14", "PersonDeparted", person="m-clinical", party="meridian")
    scope = {
        "priorities": True,
        "decision_process": True,
        "functions": ["clinical"],
        "seats": ["pt-m-clinical", "jsc-m-clinical"],
        "work_streams": ["pilot-trial", "pivotal-trial", "evidence", "regulatory-eu", "device-kit"],
    }
    story.tell("2025-02-17", "ScopeDeclared", party="meridian", scope=scope, **one)
    story.tell("2025-02-24", "PriorityChanged", party="meridian", priorities=["launch-eu", "pivotal-trial"], **one)
    for body, seat in (("PT", "pt-m-clinical"), ("JSC", "jsc-m-clinical")):
        filled = {"body": body, "seat": seat, "party": "meridian", "person": "m-clinical-2"}
        story.tell("2025-03-24", "SeatFilled", **filled)
    story.tell("2025-04-14", "OnboardingCompleted", person="m-clinical-2", seat="jsc-m-clinical")
    again = {
        "charter": "2025-03-10",
        "north-star": "2025-04-22",
        "dashboard": "2025-04-22",
        "readmissions": "2025-05-08",
        "active-patients": "2025-05-12",
    }
    for name, day in again.items():
        story.tell(day, "Confirmed", understanding=name, party="meridian", version="1")
    for function, day in (("finance", "2025-04-02"), ("clinical", "2025-06-03")):
        story.tell(day, "Confirmed", understanding="ways-of-working", party="meridian", version="1", function=function)
    order: dict[str, Any] = {
        "order": ["launch-eu", "pivotal-trial", "launch-us"],
        "text": "Europe first, then the trial, then the United States",
    }
    story.tell("2025-05-19", "UnderstandingStated", understanding="priorities", kind="priorities", version="2", **order)
    confirm(story, "priorities", "2025-05-26", {}, version="2")
    story.tell("2025-06-30", "ReorganizationCompleted", **one)


def acquisition(story: Story) -> None:
    """Let the other side be bought: its id stays, and it has to confirm everything again; a part of it never does."""
    story.tell("2025-10-06", "PartySucceeded", kind="change_of_owner", party="lumen", cause="bought by Orbis Group")
    story.tell("2025-10-20", "DivergenceStated", understanding="north-star", party="lumen",
               reading="monitoring for every chronic disease, heart failure first")  # fmt: skip
    again = {
        "charter": "2025-10-28",
        "D-DATA": "2025-11-06",
        "launch": "2025-11-06",
        "active-patients": "2025-11-18",
        "releases": "2025-11-18",
        "bookings": "2025-12-02",
        "north-star": "2025-12-09",
        "dashboard": "2026-01-13",
    }
    for name, day in again.items():
        story.tell(day, "Confirmed", understanding=name, party="lumen", version="1")
    story.tell("2025-12-10", "DivergenceReconciled", understanding="north-star", party="lumen")
    story.tell("2026-01-20", "Confirmed", understanding="priorities", party="lumen", version="2")
    for function, day in (("product", "2025-12-15"), ("platform", "2026-02-03")):
        story.tell(day, "Confirmed", understanding="ways-of-working", party="lumen", version="1", function=function)
    story.tell("2026-01-15", "HorizonStated", metric="active-patients", party="lumen", horizon="2026-12-31")
    story.tell("2026-01-15", "HorizonStated", metric="active-patients", party="meridian", horizon="2028-12-31")
    story.tell("2026-01-16", "MetricRebaselined", metric="active-patients", baseline="16000", unit="patients",
               from_="2026-01-01")  # fmt: skip


def health_checks(story: Story) -> None:
    """Ask how it feels, once a year, beside what is measured."""
    for check, day, low in (("H-2024", date(2024, 6, 3), 3), ("H-2025", date(2025, 6, 9), 2)):
        asked = ["trust", "speed_of_decisions", "clear_aims"]
        story.tell(day, "HealthCheckOpened", health_check=check, questions=asked)
        for index in range(12):
            party = cast.PARTIES[index % 2]
            scores = {question: story.chance.randint(low, 5) for question in asked}
            then = day + story.days(1, 14)
            story.tell(
                then, "ResponseRecorded", health_check=check, party=party, response=f"r{index + 1}", scores=scores
            )
        story.tell(day + timedelta(days=21), "HealthCheckClosed", health_check=check)


def _plain(data: Any) -> Any:  # noqa: ANN401
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def flow(value: Any) -> str:  # noqa: ANN401
    """Return a value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(part) for part in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    bare = (
        set(text) <= PLAIN
        and text[0].isalpha()
        and text.lower() not in {"true", "false", "null", "yes", "no", "on", "off"}
    )
    dated = len(text) == len("2026-01-01") and text[:4].isdigit() and text[4] == "-"
    return text if bare or dated else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def tell_it_all() -> str:
    """Return the text of alliance.yaml."""
    story = Story()
    for chapter in (
        founding, profiles, stages, understandings, known_decisions, ordinary_decisions, horizon_lapses, reorganization,
        acquisition,
        health_checks,
    ):  # fmt: skip
        chapter(story)
    lines = [
        "# Three years of an invented alliance in digital health, written by generate.py: do not edit it here.",
        "alliance: digital-health",
        "source: worked-example",
        "zone: Europe/Zurich",
        "items:",
    ]
    for number, (_, _, item) in enumerate(sorted(story.items, key=lambda one: one[:2]), start=1):
        lines.append(f"  - {flow({'at': item['at'], 'id': f'i{number:04}'} | item)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "alliance.yaml").write_text(tell_it_all(), encoding="utf-8")
