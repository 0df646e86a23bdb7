"""The charter language: what it refuses and how it says so, and that every key of it is documented."""

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from adapters.charter_files import compile_charter, read_charter
from domain.charter import duties, language, words
from domain.errors import Unreadable

ROOT = Path(__file__).resolve().parents[2]
SMALL: dict[str, Any] = {
    "id": "small",
    "zone": "Europe/Paris",
    "parties": {"a": {}, "b": {}},
    "bodies": {"JSC": {"tier": 1}, "Officers": {"tier": 2, "kind": "people"}},
    "matters": {"default": {"start_bodies": ["JSC"], "final_say": {"who": "a"}, "clause": "2.1"}},
    "ladder": [
        {"from": "JSC", "to": "Officers", "limit": "10 business_days", "clock_starts": "raised", "clause": "2.2"},
        {"from": "Officers", "to": "final_say", "limit": "5 business_days", "mode": "automatic", "clause": "2.3"},
    ],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    document = deepcopy(SMALL)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    part: Any = document
    for parent in parents:
        part = part.setdefault(parent, {}) if isinstance(part, dict) else part[parent]
    if value is None:
        part.pop(last)
    else:
        part[last] = value
    return document


def faults_of(document: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(Unreadable) as refused:
        compile_charter(document)
    return refused.value.faults


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("ladder.0.to", "Oficers", "ladder.0.to (clause 2.2): body 'Oficers' is not declared under `bodies`"),
        ("ladder.1", {"from": "Officers", "to": "JSC", "clause": "2.3"}, "ladder: for default the steps come back"),
        ("ladder.0.limit", "-3 business_days", "ladder.0.limit.value (clause 2.2): Input should be greater than"),
        ("ladder.0.limit", "soon-ish maybe", "ladder.0.limit (clause 2.2): 'soon-ish maybe' is no length"),
        ("ladder.0.matters", ["pricing"], "ladder.0.matters (clause 2.2): matter 'pricing' is not declared"),
        ("calendar", {"places": ["ATLANTIS"]}, "calendar.places: place 'ATLANTIS': no calendar is known by that name"),
        ("calendar", {"from": "2020-01-01", "to": "2019-01-01"}, "calendar.to: 2019-01-01 lies before"),
        ("zone", None, "zone: is missing: no contract states one, so the charter must"),
        ("zone", "Mars/Olympus", "zone: 'Mars/Olympus' is no time zone"),
        ("counters", {"n": {"counts": {"event": "DecisionEscalated"}}}, "counters.n.window: is missing"),
        ("matters.default.final_say.who", "c", "matters.default.final_say.0.who (clause 2.1): 'c' is no party"),
        ("matters.default.final_say", {"level": "JSC"}, "a final say that is held needs `who`"),
        ("parties", {"a": {}}, "parties: an alliance has two parties or more"),
        ("bodies.JSC.quorom", {}, "bodies.JSC.quorom: the language has no such key"),
        ("flips", [{"when": {"counter": "n"}, "final_say": {"who": "a"}}], "flips.0.when.counter: counter 'n' is not"),
        ("ladder.0.opens_when", {"lapsed": "Panel"}, "ladder.0.opens_when.lapsed (clause 2.2): 'Panel' is the id or"),
        ("ladder.0.opens_when", {"any": [{"held": "Panel"}]}, "ladder.0.opens_when.any.0.held (clause 2.2): body 'P"),
        ("ladder.0.clock_starts", {"event": "MeetingHold"}, "ladder.0.clock_starts.event (clause 2.2): 'MeetingHold'"),
        ("ladder.0.clock_starts", {"end_of": "Panel"}, "ladder.0.clock_starts.end_of (clause 2.2): 'Panel' is the"),
        ("ladder.0.then", {"effect": "right_opens", "to": "c"}, "ladder.0.then.to (clause 2.2): 'c' is no party"),
        ("bodies.JSC.of", "c", "bodies.JSC.of: 'c' is no party"),
        ("matters.default.final_say.carve_outs", [{"to": "Panel"}], "matters.default.final_say.0.carve_outs.0.to (cl"),
        ("tolling", [{"cause": "dispute", "by": "c"}], "tolling.0.by: 'c' is no party"),
        ("bodies.JSC.ends", {"by": "c"}, "bodies.JSC.ends.by: 'c' is no party"),
        ("matters.default.classified_by", "c", "matters.default.classified_by (clause 2.1): 'c' is no party"),
        ("succession", {"rights_kept_by_old": ["vote"]}, "succession.rights_kept_by_old: 'vote' is the `id` of no"),
        ("confirmations", [{"functions": {"c": ["legal"]}}], "confirmations.0.functions: 'c' is no party"),
        ("ladder.0.clock_starts", "whenever", "ladder.0.clock_starts (clause 2.2): 'whenever' starts no clock"),
    ],
)
def test_a_charter_that_cannot_be_compiled_is_refused_by_path_and_clause(path: str, value: Any, fault: str) -> None:
    assert any(fault in one for one in faults_of(changed(path, value))), faults_of(changed(path, value))


def test_every_fault_is_named_at_once() -> None:
    document = changed("ladder.0.to", "Oficers") | {"parties": {"a": {}}}
    assert [fault.split(":")[0] for fault in faults_of(document)] == ["parties", "ladder.0.to (clause 2.2)"]


@pytest.mark.parametrize("limit", ["redacted", "redacted business_days", "promptly", "none", "15 unstated_unit"])
def test_what_nobody_knows_compiles(limit: str) -> None:
    assert compile_charter(changed("ladder.1.limit", limit)).warnings == ()


def test_an_outcome_that_is_not_stated_compiles() -> None:
    assert compile_charter(changed("matters.default", {})).matter("default").final_say is None


def test_a_clause_that_looks_like_a_fraction_is_read_as_it_is_written(tmp_path: Path) -> None:
    charter = tmp_path / "charter.yaml"
    text = (
        "{id: x, zone: UTC, parties: {a: {}, b: {}}, matters: {default: {final_say: a, clause: 3.10}, m: {clause: 4}}}"
    )
    charter.write_text(text, encoding="utf-8")
    matters = compile_charter(read_charter(charter)).charter.matters
    assert (matters["default"].clause, matters["m"].clause) == ("3.10", "4")
    assert [say.who for say in matters["default"].final_say or ()] == [("a",)]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("x-each_may_go_alone", "each_alone"), ("expert", "experts"), ("x-not_stated", "unknown"), ("none", "no_duty")],
)
def test_outcomes_are_understood_in_the_words_of_a_table_of_facts(said: str, meant: str) -> None:
    assert compile_charter(changed("matters.default.unresolved", said)).matter("default").unresolved == meant


def test_a_final_say_that_no_step_leads_to_is_warned_of() -> None:
    document = changed("matters.default.final_say", {"who": "a", "level": "Board"})
    document["bodies"]["Board"] = {"tier": 3}
    (warning,) = compile_charter(document).warnings
    assert (
        "matters.default.final_say (clause 2.1): no step of the ladder leads a decision on default to Board" in warning
    )


def test_a_setting_that_fits_nothing_is_named() -> None:
    rules = compile_charter(SMALL, {"clock_starts": {"Board": "raised"}, "lengths": {"cure": "90 calendar_days"}})
    assert [warning.split(":")[0] for warning in rules.warnings] == [
        "setting clock_starts.Board",
        "setting lengths.cure",
    ]


def test_later_settings_take_the_place_of_earlier_ones_key_by_key() -> None:
    first = {"calendar": {"places": ["FR"], "plus": ["2026-12-24"]}, "zone": "UTC"}
    rules = compile_charter(SMALL, first, {"calendar": {"places": ["WEEKENDS"]}})
    assert (rules.charter.calendar.plus, rules.zone) == ((), "UTC")


def test_the_charter_in_the_documentation_compiles_as_it_stands(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "charter.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(id: .*?)```", text, flags=re.DOTALL)
    charter = tmp_path / "charter.yaml"
    charter.write_text(example, encoding="utf-8")
    assert compile_charter(read_charter(charter)).charter.id == "acme-beta-2026"


def keys() -> Iterator[str]:
    for module in (words, language, duties):
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__:
                yield from (str(field.alias or name) for name, field in model.model_fields.items())


def test_every_key_of_the_language_is_documented() -> None:
    text = (ROOT / "docs" / "charter.md").read_text(encoding="utf-8")
    assert sorted({key for key in keys() if key not in text}) == []
