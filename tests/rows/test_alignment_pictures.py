"""Pictures say in words what they show, and show what the rows say."""

import xml.etree.ElementTree as ET

from adapters.drawing.alignment import horizons, matrix, over_time
from projections import alignment, alignment_over_time, drift, work_streams
from tests.given import Life, seconds


def told() -> Life:
    life = Life()
    life.report("WorkStreamOpened", work_stream="app", title="App", owners={"acme": "ann", "globex": "gus"})
    life.report("MetricProposed", metric="M<1>", unit="patients", work_streams=["app"], **{"class": "outcome"})
    for party, horizon in (("acme", "2027-01-01"), ("globex", "2029-01-01")):
        life.report("DefinitionStated", metric="M<1>", party=party, version="1", definition="enrolled")
        life.report("HorizonStated", metric="M<1>", party=party, horizon=horizon)
        life.report("Confirmed", at="2026-01-09", understanding="M<1>", party=party, version="1")
    life.report("ReorganizationAnnounced", at="2026-03-01", reorganization="R1", party="acme")
    scope = {"work_streams": ["app"]}
    life.report("ScopeDeclared", at="2026-03-02", reorganization="R1", party="acme", scope=scope)
    return life


def titles(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")]  # noqa: S314


def test_alignment_over_time_shows_each_party_and_marks_the_reorganization() -> None:
    life = told()
    rows = list(life.rows(alignment_over_time).values())
    svg = over_time(rows, drift.causes(life.rows(drift).values()), until=seconds("2026-06-01"))
    assert "M<1>, acme: unsettled by drift, 2026-03-02 to 2026-06-01" in titles(svg)
    assert "M<1>, globex: holds it, 2026-01-09 to 2026-06-01" in titles(svg)
    assert "M<1>: divergent, 2026-01-02 to 2026-06-01" in titles(svg)
    assert "reorganization R1 (acme)" in svg


def test_horizons_are_drawn_for_each_party_with_the_days_between() -> None:
    svg = horizons(list(told().rows(alignment).values()))
    assert {"M<1>, acme: 2027-01-01", "M<1>, globex: 2029-01-01"} <= set(titles(svg))
    assert "731 days apart" in svg


def test_the_matrix_shows_the_state_of_what_belongs_to_a_work_stream() -> None:
    life = told()
    streams = {key[-1]: row for key, row in life.rows(work_streams).items()}
    held = {key[-1]: row for key, row in life.rows(alignment).items()}
    assert "App: M<1> is divergent" in titles(matrix(streams, held, {"app": 2}))


def test_an_alliance_with_nothing_yet_still_draws() -> None:
    for svg in (over_time([], [], until=0), horizons([]), matrix({}, {}, {})):
        assert titles(svg)
