"""Alignment does not depend on the order in which it was recorded, nor on how its time is cut."""

from hypothesis import given
from hypothesis import strategies as st

from domain.alignment.life import Life, live
from domain.alignment.standing import Mark, evolve_standing, holds, state_of
from projections.alignment_over_time import Row, exposure, stretches

PARTIES = ("acme", "globex", "initech")
END = 1_000


def marks() -> st.SearchStrategy[list[Mark]]:
    """Marks on one understanding, each at an instant of its own."""
    party = st.sampled_from(PARTIES).map(lambda one: (one,))
    version = st.sampled_from(("1", "2"))
    told = st.one_of(
        st.fixed_dictionaries({"what": st.just("stated"), "version": version, "immaterial": st.booleans()}),
        st.fixed_dictionaries({"what": st.just("confirmed"), "version": version, "parties": party}),
        st.fixed_dictionaries({"what": st.just("diverged"), "text": st.just("else"), "parties": party}),
        st.fixed_dictionaries({"what": st.just("reconciled"), "parties": party}),
        st.fixed_dictionaries({"what": st.just("unsettled"), "cause": st.just("departure"), "parties": party}),
    )
    first = Mark(at=1, position=1, what="stated", kind="ways_of_working", version="1", parties=PARTIES)
    return st.lists(st.tuples(st.integers(2, END - 1), told), max_size=14, unique_by=lambda one: one[0]).map(
        lambda told: [first, *(Mark(at=at, position=n, **said) for n, (at, said) in enumerate(told, start=2))]
    )


@given(marks(), st.randoms(use_true_random=False))
def test_the_order_of_recording_changes_nothing(told: list[Mark], chance: object) -> None:
    shuffled = list(told)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    in_order = live(Life(), sorted(told, key=lambda mark: mark.order))
    assert live(Life(), shuffled) == in_order


@given(marks(), st.integers(1, END))
def test_exposure_adds_up_however_its_time_is_cut(told: list[Mark], cut: int) -> None:
    row = Row("u", None, live(Life(), told))
    whole = exposure(row, until=END)
    assert exposure(row, until=cut) + exposure(row, start=cut, until=END) == whole
    assert sum(each.end - each.start for each in stretches(row, until=END)) == whole.exposed == END - 1


@given(marks())
def test_aligned_means_that_every_party_holds_the_current_version_and_nobody_reads_it_differently(
    told: list[Mark],
) -> None:
    standing = live(Life(), told).standing
    word = all(holds(standing, party) for party in PARTIES) and not any(standing.readings.values())
    assert (state_of(standing) == "aligned") == (word and not standing.drifts)


@given(marks(), st.sampled_from(PARTIES))
def test_drift_of_a_party_ends_with_its_confirmation_of_the_current_version(told: list[Mark], party: str) -> None:
    standing = live(Life(), told).standing
    drifted = evolve_standing(
        standing, Mark(at=END, position=98, what="unsettled", parties=(party,), cause="departure")
    )
    assert not holds(drifted, party)
    again = Mark(at=END, position=99, what="confirmed", parties=(party,), version=standing.version)
    assert holds(evolve_standing(drifted, again), party)


@given(marks())
def test_a_mark_survives_being_packed(told: list[Mark]) -> None:
    assert [Mark.unpacked(mark.packed()) for mark in told] == told
