"""What unsettled what, what a reorganization did, and how long it took to be aligned again."""

import pytest

from projections import drift, reorganization_effect
from projections.drift import causes
from projections.reorganization_effect import Row, interregnum, never_realigned, realigned_after, realignment
from tests.given import DAY, Life, seconds

NAMES = ("star", "ways", "order")


def touched() -> Life:
    life = Life()
    for name, kind in zip(NAMES, ("north_star", "ways_of_working", "priorities"), strict=True):
        life.report("UnderstandingStated", at="2026-01-02", understanding=name, kind=kind, version="1")
        for party in ("acme", "globex"):
            life.report("Confirmed", at="2026-01-03", understanding=name, party=party, version="1")
    life.report("ReorganizationAnnounced", at="2026-02-01", reorganization="R1", party="acme", kind="structure")
    scope = {"understandings": ["star"], "decision_process": True, "priorities": True}
    life.report("ScopeDeclared", at="2026-02-10", reorganization="R1", party="acme", scope=scope)
    return life


def effect(life: Life) -> Row:
    row = life.row(reorganization_effect, "R1")
    assert isinstance(row, Row)
    return row


def confirm(life: Life, name: str, at: str, party: str = "acme") -> None:
    life.report("Confirmed", at=at, understanding=name, party=party, version="1")


def test_realignment_runs_from_the_scope_to_the_last_confirmation_by_that_party() -> None:
    life = touched()
    confirm(life, "star", "2026-02-12")
    confirm(life, "star", "2026-02-20", party="globex")
    confirm(life, "ways", "2026-03-02")
    assert realignment(effect(life)) == {"star": 2 * DAY, "ways": 20 * DAY}
    assert never_realigned(effect(life)) == ("order",)
    assert realigned_after(effect(life)) is None
    confirm(life, "order", "2026-03-12")
    assert realigned_after(effect(life)) == 30 * DAY


def test_a_second_confirmation_does_not_settle_twice() -> None:
    life = touched()
    confirm(life, "star", "2026-02-12")
    confirm(life, "star", "2026-04-01")
    assert realignment(effect(life)) == {"star": 2 * DAY}
    assert causes(life.rows(drift).values())[0].settled == {"star": 2 * DAY}


def test_the_interregnum_runs_from_announced_to_completed() -> None:
    life = touched()
    assert interregnum(effect(life), until=seconds("2026-05-01")) == (seconds("2026-02-01"), seconds("2026-05-01"))
    life.report("ReorganizationCompleted", at="2026-04-01", reorganization="R1")
    assert interregnum(effect(life), until=seconds("2026-05-01")) == (seconds("2026-02-01"), seconds("2026-04-01"))


def test_open_items_are_reassigned_or_orphaned_by_name() -> None:
    life = touched()
    life.report("DecisionRaised", decision="D1", body="JSC")
    life.report("OpenItemReassigned", reorganization="R1", item="D1", to="ben")
    life.report("OpenItemOrphaned", reorganization="R1", item="D1")
    assert (effect(life).reassigned, effect(life).orphaned) == ({"D1": "ben"}, ("D1",))
    with pytest.raises(Exception, match="no open item 'D9'"):
        life.report("OpenItemOrphaned", reorganization="R1", item="D9")


def test_drift_says_what_unsettled_what_and_what_is_still_open() -> None:
    life = touched()
    confirm(life, "ways", "2026-03-02")
    life.report("PersonDeparted", at="2026-03-05", person="ann", party="globex")
    life.report("PartySucceeded", at="2026-04-01", kind="change_of_owner", party="globex")
    first, second = causes(life.rows(drift).values())
    assert (first.cause, first.of, first.party, first.settled, first.open) == (
        "reorganization",
        "R1",
        "acme",
        {"ways": 20 * DAY},
        ("order", "star"),
    )
    assert (second.cause, second.party, second.open) == ("succession", "globex", NAMES_SORTED)


NAMES_SORTED = ("order", "star", "ways")


@pytest.mark.parametrize("projection", [drift, reorganization_effect])
def test_the_rows_after_a_retraction_are_those_before_it(projection: object) -> None:
    life = touched()
    before = life.rows(projection)  # type: ignore[arg-type]
    (event,) = life.report("Confirmed", at="2026-03-02", understanding="star", party="acme", version="1")
    assert life.rows(projection) != before  # type: ignore[arg-type]
    life.retract(event)
    assert life.rows(projection) == before  # type: ignore[arg-type]


def test_a_scope_recorded_after_the_confirmation_that_answers_it_is_settled_by_it() -> None:
    life = Life()
    life.report("UnderstandingStated", at="2026-01-02", understanding="star", kind="north_star", version="1")
    confirm(life, "star", "2026-02-20")
    life.report("ReorganizationAnnounced", at="2026-02-01", reorganization="R1", party="acme")
    scope = {"understandings": ["star"]}
    (event,) = life.report("ScopeDeclared", at="2026-02-10", reorganization="R1", party="acme", scope=scope)
    assert event.fact.confirmed_since == {"star": seconds("2026-02-20")}
    assert realigned_after(effect(life)) == 10 * DAY
    assert causes(life.rows(drift).values())[0].settled == {"star": 10 * DAY}


def test_an_older_version_that_is_recorded_late_does_not_take_the_later_word_back() -> None:
    life = Life()
    for day, version in (("2026-01-02", "1"), ("2026-02-02", "2")):
        life.report("UnderstandingStated", at=day, understanding="star", kind="north_star", version=version)
    life.report("Confirmed", at="2026-02-03", understanding="star", party="acme", version="2")
    life.report("Confirmed", at="2026-01-03", understanding="star", party="acme", version="1")
    assert life.book.of("understanding")["star"].standing.confirmations["acme"][""].version == "2"
