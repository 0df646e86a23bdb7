"""An export holds every event in effect, nothing that is sealed, and is written whole or not at all."""

import csv
import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from adapters.cli import exporting
from adapters.event_log import Log, open_log
from adapters.exporting.export import FORMATS, export
from adapters.handling import Handler
from adapters.importing.history import import_history
from adapters.items import read_items
from domain.errors import Refused, Unreadable
from tests.importing.given import Desk, times

LIFE = """
alliance: orion
items:
  - at: 2026-01-01
    report: AllianceFormed
    title: "Orion & <Sons>"
    kind: technology
    parties: [{id: acme, name: Acme}, {id: globex, name: Globex}]
  - at: 2026-01-02
    report: DecisionRaised
    decision: D1
    body: JSC
    matter: pricing
    title: "Price \\"A\\""
    by: acme
    attributes: {year: 2026}
  - {at: 2026-01-03, report: PositionStated, decision: D1, party: acme, position: for it, statement: Ada thinks so}
  - {at: 2026-01-04, report: DecisionEscalated, decision: D1, to: officers, by: globex, note: Grace was angry}
  - {at: 2026-01-05, report: DecisionRaised, decision: D2, body: JSC, follows_from: D1}
  - {at: 2026-01-06, report: DecisionMade, decision: D1, outcome: approved, by: [acme, globex]}
  - {at: 2026-01-09, report: PersonIntroduced, person: p1, party: acme, name: Ada Lovelace}
"""


@pytest.fixture
def log(sqlite_url: str) -> Iterator[Log]:
    with open_log(sqlite_url) as opened:
        handler = Handler(opened)
        for item in read_items(LIFE, "life"):
            handler.handle(item.message, item.envelope, digest=item.digest)
        yield opened


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", errors="replace")


@pytest.mark.parametrize("suffix", [s for s in FORMATS if s != ".parquet"])
def test_nothing_sealed_is_in_an_export(suffix: str, log: Log, tmp_path: Path) -> None:
    export(log, tmp_path / f"orion{suffix}", "orion")
    text = text_of(tmp_path / f"orion{suffix}")
    for sealed in ("Ada", "Grace", "Lovelace"):
        assert sealed not in text


def test_a_table_has_one_row_for_each_event_of_a_decision(log: Log, tmp_path: Path) -> None:
    done = export(log, tmp_path / "orion.csv", "orion")
    with (tmp_path / "orion.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (done.events, done.decisions, len(rows)) == (7, 2, 5)
    raised, _, up, *_ = rows
    assert (raised["event"], raised["party"], raised["title"]) == ("decision-raised", "acme", 'Price "A"')
    assert json.loads(raised["attributes"]) == {"year": 2026}
    assert (up["from_body"], up["to_body"], up["held_by"], up["holder"]) == ("", "officers", "body", "officers")
    assert rows[-1]["party"] == "acme, globex"


def test_parquet_holds_the_same_rows_with_their_types(log: Log, tmp_path: Path) -> None:
    export(log, tmp_path / "orion.parquet", "orion")
    read = duckdb.sql(
        f"SELECT typeof(effective_at), count(*), sum(cycle) FROM '{tmp_path / 'orion.parquet'}' GROUP BY 1"
    )
    assert read.fetchall() == [("TIMESTAMP WITH TIME ZONE", 5, 5)]


def test_xes_declares_its_extensions_and_escapes_what_it_holds(log: Log, tmp_path: Path) -> None:
    export(log, tmp_path / "orion.xes", "orion")
    text = text_of(tmp_path / "orion.xes")
    for prefix in ("concept", "time", "lifecycle", "org", "identity"):
        assert f'prefix="{prefix}"' in text
    assert "value='Price \"A\"'" in text
    assert '<date key="time:timestamp" value="2026-01-02T00:00:00+00:00"/>' in text


def test_ocel_links_parties_and_tells_where_a_decision_stood_when(log: Log, tmp_path: Path) -> None:
    export(log, tmp_path / "orion.jsonocel", "orion")
    ocel = json.loads(text_of(tmp_path / "orion.jsonocel"))
    (decision,) = [o for o in ocel["objects"] if o["id"] == "decision/D1"]
    held = [(a["time"][:10], a["value"]) for a in decision["attributes"] if a["name"] == "holder"]
    assert held == [("2026-01-02", "body:JSC"), ("2026-01-04", "body:officers")]
    assert {a["value"] for a in decision["attributes"] if a["name"] == "title"} == {'Price "A"'}
    (made,) = [e for e in ocel["events"] if e["type"] == "decision-made"]
    assert {"objectId": "party/globex", "qualifier": "by"} in made["relationships"]
    (second,) = [o for o in ocel["objects"] if o["id"] == "decision/D2"]
    assert second["relationships"] == [{"objectId": "decision/D1", "qualifier": "follows_from"}]
    declared = {t["name"]: {a["name"] for a in t["attributes"]} for t in ocel["objectTypes"]}
    assert all({a["name"] for a in o["attributes"]} <= declared[o["type"]] for o in ocel["objects"])


def test_ocel_in_sqlite_keeps_every_reference(log: Log, tmp_path: Path) -> None:
    export(log, tmp_path / "orion.sqlite", "orion")
    with closing(sqlite3.connect(tmp_path / "orion.sqlite")) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("SELECT count(*) FROM event").fetchone() == (7,)
        held = database.execute(
            "SELECT ocel_time, holder FROM object_Decision"
            " WHERE ocel_id = 'decision/D1' AND ocel_changed_field = 'holder'"
        ).fetchall()
    assert [holder for _, holder in held] == ["body:JSC", "body:officers"]


def test_an_export_of_what_was_known_earlier_ends_there(log: Log, tmp_path: Path) -> None:
    assert export(log, tmp_path / "orion.csv", "orion", upto=3).events == 3


def test_a_correction_is_applied_and_is_no_event(desk: Desk, log: Log, tmp_path: Path) -> None:
    rules = "rules: [{then: {becomes: {column: e}}}]"
    for day in (5, 7):
        desk.holds(f"d,n,at,e\nX1,1,2026-01-01,open\nX1,2,2026-01-0{day},accepted", rules).imported(log)
    export(log, tmp_path / "orion.csv", "orion")
    with (tmp_path / "orion.csv").open(encoding="utf-8", newline="") as file:
        found = [row["effective_at"][:10] for row in csv.DictReader(file) if row["decision"] == "X1"]
    assert found == ["2026-01-01", "2026-01-07"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_name_of_no_format_and_an_unknown_alliance_are_refused(log: Log, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"end it in one of .*\.xes"):
        export(log, tmp_path / "orion.doc", "orion")
    (tmp_path / "kept.csv").write_text("before", encoding="utf-8")
    with pytest.raises(Refused, match="no alliance 'nobody'"):
        export(log, tmp_path / "kept.csv", "nobody")
    assert (tmp_path / "kept.csv").read_text(encoding="utf-8") == "before"
    with pytest.raises(Unreadable, match="cannot be written"):
        export(log, tmp_path / "nowhere" / "orion.csv", "orion")
    assert sorted(p.suffix for p in tmp_path.iterdir() if p.name.startswith(".")) == []


AGAIN = """
source: exported
alliance: {id: python-again, parties: [{id: a, name: A}, {id: b, name: B}]}
columns:
  decision: decision
  order: position
  time: effective_at
  tier: tier
  body: body
rules:
  - {when: {event: decision-raised}, then: raised}
  - {when: {event: decision-inherited}, then: {inherited: {column: status}}}
  - {when: {event: decision-reopened}, then: reopened}
  - {when: {event: decision-made}, then: {made: {column: outcome}}}
  - {when: {event: decision-withdrawn}, then: withdrawn}
  - {when: {event: decision-superseded}, then: superseded}
  - {when: {event: decision-reversed}, then: {reversed: {column: outcome}}}
  - {when: {event: clock-paused}, then: paused}
  - {when: {event: clock-resumed}, then: resumed}
  - {when: {event: decision-implemented}, then: implemented}
  - {when: {event: attributes-stated}, then: held}
"""


def test_an_exported_table_is_imported_again_to_the_same_times(sqlite_url: str, tmp_path: Path) -> None:
    peps = Path(__file__).resolve().parents[2] / "examples" / "peps"
    with open_log(sqlite_url) as log, open_log(f"sqlite:///{tmp_path / 'again.db'}") as again:
        import_history(log, peps / "peps.csv", peps / "peps.yaml")
        export(log, tmp_path / "peps.csv", "python")
        (tmp_path / "again.yaml").write_text(AGAIN, encoding="utf-8")
        import_history(again, tmp_path / "peps.csv", tmp_path / "again.yaml")
        before = {decision: row.cycles for decision, row in times(log).items()}
        assert {decision: row.cycles for decision, row in times(again).items()} == before


def test_the_command_says_what_it_wrote(log: Log, sqlite_url: str, tmp_path: Path) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    exporting.add_to(app)
    command = ["export", str(tmp_path / "orion.xes"), "--database", sqlite_url]
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 0
    assert "7 events, 2 decisions, as xes" in " ".join(ran.stdout.split())
    answer = json.loads(CliRunner().invoke(app, [*command, "--format", "json", "--known-at", "3"]).stdout)
    assert (answer["data"]["events"], answer["position"]) == (3, 3)
