"""The rows of seats, of the glossary and of work streams."""

from projections import glossary, seats, work_streams
from projections.glossary import differing
from projections.seats import Seat, empty, not_briefed
from tests.given import Life, seconds


def seated() -> Life:
    life = Life()
    taken = [{"seat": "a1", "party": "acme", "person": "ann"}, {"seat": "g1", "party": "globex", "person": "gus"}]
    life.report("BodyConstituted", at="2026-01-02", body="JSC", tier=2, seats=taken)
    return life


def seat(life: Life, name: str = "a1") -> Seat:
    found = life.row(seats, "JSC").seats[name]
    assert isinstance(found, Seat)
    return found


def test_when_a_person_leaves_the_seat_stays_and_is_empty() -> None:
    life = seated()
    life.report("PersonDeparted", at="2026-02-01", person="ann", party="acme")
    assert (seat(life).person, seat(life).empty_since) == (None, seconds("2026-02-01"))
    assert [(body, one.seat) for body, one in empty(life.rows(seats).values())] == [("JSC", "a1")]


def test_whoever_takes_a_seat_over_is_not_briefed_until_the_briefing_was_read() -> None:
    life = seated()
    life.report("PersonDeparted", at="2026-02-01", person="ann", party="acme")
    life.report("SeatFilled", at="2026-02-10", body="JSC", seat="a1", party="acme", person="abe")
    assert [one.seat for _, one in not_briefed(life.rows(seats).values())] == ["a1"]
    life.report("OnboardingCompleted", at="2026-02-12", person="abe", seat="a1")
    assert not_briefed(life.rows(seats).values()) == []
    assert [(s.person, s.since, s.until, s.briefed_at) for s in seat(life).sittings] == [
        ("ann", seconds("2026-01-02"), seconds("2026-02-01"), None),
        ("abe", seconds("2026-02-10"), None, seconds("2026-02-12")),
    ]


def test_the_same_word_keeps_both_readings() -> None:
    life = Life()
    life.report("TermReadingStated", term="launch", party="acme", reading="first prescription")
    life.report("TermReadingStated", term="launch", party="globex", reading="release")
    row = life.row(glossary, "launch")
    assert {party: reading.text for party, reading in row.readings[""].items()} == {
        "acme": "first prescription",
        "globex": "release",
    }
    assert differing(row) == [""]


def test_a_term_links_to_the_metrics_and_the_clauses_of_the_charter_that_use_it() -> None:
    life = Life()
    life.report("TermReadingStated", term="launch", party="acme", reading="first prescription", clauses=["4.2"])
    life.command("state_term_reading", term="launch", party="globex", reading="release", clauses=["4.2", "7"])
    life.report("MetricProposed", metric="M1", unit="countries", terms=["launch"], **{"class": "outcome"})
    assert life.row(glossary, "launch").used_in == ("charter 4.2", "charter 7", "M1")


def test_a_reading_recorded_late_does_not_replace_a_later_one() -> None:
    life = Life()
    life.report("TermReadingStated", at="2026-03-01", term="launch", party="acme", reading="new")
    life.report("TermReadingStated", at="2026-02-01", term="launch", party="acme", reading="old")
    assert life.row(glossary, "launch").readings[""]["acme"].text == "new"


def test_a_term_links_to_what_uses_it() -> None:
    life = Life()
    life.report("MetricProposed", metric="M1", unit="days", terms=["launch"], **{"class": "outcome"})
    life.report("TermReadingStated", term="launch", party="acme", reading="release")
    assert life.row(glossary, "launch").used_in == ("M1",)


def test_a_work_stream_shows_its_owners_on_both_sides_and_how_often_its_plan_moved() -> None:
    life = Life()
    owners = {"acme": "ann", "globex": "gus"}
    opened = {"title": "App", "owners": owners, "phase": "build", "planned_end": "2026-06-30"}
    life.report("WorkStreamOpened", at="2026-01-05", work_stream="W1", **opened)
    life.report("WorkStreamReplanned", at="2026-03-05", work_stream="W1", phase="launch", planned_end="2026-09-30")
    life.report("WorkStreamReplanned", at="2026-04-05", work_stream="W1", owners={"acme": "abe"})
    row = life.row(work_streams, "W1")
    assert (row.owners, row.planned_end, row.planned_before) == (
        {"acme": "abe", "globex": "gus"},
        "2026-09-30",
        ("2026-06-30",),
    )
    assert [phase.phase for phase in row.phases] == ["build", "launch"]


def test_a_work_stream_knows_what_belongs_to_it_and_what_touched_it() -> None:
    life = Life()
    life.report("WorkStreamOpened", work_stream="W1")
    life.report("MetricProposed", metric="M1", unit="days", work_streams=["W1"], **{"class": "outcome"})
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    life.report("ScopeDeclared", reorganization="R1", party="acme", scope={"work_streams": ["W1"]})
    row = life.row(work_streams, "W1")
    assert (row.understandings, row.reorganizations) == (("M1",), ("R1",))
