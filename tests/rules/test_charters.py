"""The charter language: what it refuses and how it says so, and that every key of it is documented."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from adapters.charter_files import compile_charter, read_charter, whole
from domain.charter import duties, language, words
from domain.charter.compile import parsed
from domain.errors import Unreadable
from domain.governance.versions import rules_of_document

ROOT = Path(__file__).resolve().parents[2]
SMALL: dict[str, Any] = {
    "id": "small",
    "zone": "Europe/Paris",
    "parties": {"a": {}, "b": {}},
    "bodies": {"JSC": {"tier": 1}, "Officers": {"tier": 2, "kind": "people"}},
    "matters": {"default": {"start_bodies": ["JSC"], "final_say": {"who": "a"}, "clause": "2.1"}},
    "ladder": [
        {"from": "JSC", "to": "Officers", "limit": "10 business_days", "clock_starts": "raised", "clause": "2.2"},
        {
            "from": "Officers",
            "to": "final_say",
            "limit": "5 business_days",
            "clock_starts": "escalation",
            "mode": "automatic",
            "clause": "2.3",
        },
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
        ("ladder.0.limit", "-3 business_days", "ladder.0.limit.value (clause 2.2): -3 is too small: it is 0 or more"),
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
        ("bodies.JSC.name", {"a": 1}, "bodies.JSC.name: a mapping is no text: write a name or a sentence"),
        ("bodies.JSC.tier", {}, "bodies.JSC.tier: an empty mapping is no whole number"),
        ("bodies.JSC.tier", ["x"], "bodies.JSC.tier: a list is no whole number"),
        ("matters.default", {"kind": None, "clause": "6"}, "matters.default.kind (clause 6): nothing is none of the"),
        (
            "ladder.0.then",
            {"effect": "deem", "to": ["settled", "aprove"]},
            "ladder.0.then.to (clause 2.2): 'aprove' would be an outcome of its own: did you mean `approve`?",
        ),
        (
            "counters",
            {"n": {"counts": {"event": "DecisionEscalated"}, "window": "10 business_days"}},
            "counters.n.window: a window rolls by calendar days, weeks, months or years, not by business days",
        ),
        ("ladder.1.to", None, "ladder.1 (clause 2.3): a step leads somewhere (`to`) or has an effect (`then`)"),
        ("ladder.0.then", {"effect": "escalate", "to": "Panel"}, "ladder.0.then.to (clause 2.2): 'Panel' is no body"),
        ("ladder.0.then", "deem", "effect `deem` needs `to`"),
        ("ladder.0.limit", {"unit": "fixed_date", "month": 4}, "a fixed date needs `month` and `day`"),
        ("ladder.0.limit", {"unit": "weeks"}, "weeks needs a value, as in `10 weeks`"),
        ("ladder.0.limit", "1001 years", "1001 years: no clock runs longer than 1000 years"),
        (
            "counters",
            {"n": {"counts": {"event": "DecisionEscalated"}, "window": "redacted", "clause": "7"}},
            "counters.n.window (clause 7): a counter needs a window of known length",
        ),
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


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("bodies.JSC.quorum", {"clause": "3"}, "bodies.JSC.quorum (clause 3): it says how many nowhere"),
        ("bodies.JSC.quorum", {"per_party": {"c": 2}}, "bodies.JSC.quorum.per_party: 'c' is no party"),
        ("bodies.JSC.passes", {}, "bodies.JSC.passes.0: it says how many nowhere"),
        ("bodies.JSC.passes", [], "bodies.JSC.passes: nobody could pass anything"),
        ("bodies.JSC.passes", {"of": "weight", "at_least": 2}, "bodies.JSC.passes: it counts weights"),
        ("bodies.JSC.weights", {"a": 1, "b": 2}, "bodies.JSC.weights: votes are counted per_party"),
        ("bodies.JSC", {"votes": "weighted", "weights": {"a": 1}}, "bodies.JSC.weights: b has no weight"),
        (
            "bodies.JSC",
            {"votes": "weighted", "weights": {"a": -1, "b": 2}},
            "bodies.JSC.weights: a weight is 0 or more",
        ),
        ("bodies.JSC.ends", {"mutual": False}, "bodies.JSC.ends: it says no way to end"),
        ("bodies.other_party", {}, "bodies.other_party: 'other_party' is a word of the language"),
        ("parties", {"a": {}, "b": {}, "court": {}}, "parties.court: 'court' is a word of the language"),
        ("parties", {"a": {}, "b": {}, "False": {}}, "parties.False: a truth value is no name: to a YAML 1.1 reader"),
        ("parties", {"a": {}, "b": {}, "JSC": {}}, "bodies.JSC: 'JSC' is a party already"),
        ("ladder.0.limit", "31 February", "ladder.0.limit (clause 2.2): no year has a day 31 in month 2"),
        ("ladder.0.window", "none", "ladder.0.window (clause 2.2): a window without a length never opens"),
        ("ladder.0.by", "owed_by", "ladder.0.by (clause 2.2): 'owed_by' means somebody only where something is owed"),
        ("ladder.0.then", "status_quo", "ladder.0.then (clause 2.2): the step leads to Officers already"),
        ("ladder.0.on_decline", {"to": "JSC"}, "ladder.0.on_decline (clause 2.2): nobody declines a step"),
        ("ladder.0.on", "tie", "ladder.0.on (clause 2.2): only a step with `mode: automatic` is taken on a tie"),
        ("ladder.0.takes_effect", "next_day", "ladder.0.takes_effect (clause 2.2): only a step with `mode: automatic`"),
        (
            "ladder.0.clock_starts",
            {"end_of": "JSC"},
            "ladder.0.clock_starts (clause 2.2): the clock would start at its",
        ),
        ("ladder.1.by", "a", "ladder.1.by (clause 2.3): nobody takes a step that is automatic"),
        ("ladder.1.on", "tie", "ladder.1.on (clause 2.3): a step taken on a tie is taken at once: write `limit: none`"),
        ("ladder.1.window", "3 days", "ladder.1.window (clause 2.3): a step that is automatic has no window"),
        ("ladder.1.kind", "latest", "ladder.1.kind (clause 2.3): a last day to escalate leaves the step to somebody"),
        ("ladder.0.when", {}, "ladder.0.when (clause 2.2): it asks nothing, so it would always hold"),
        (
            "ladder.0.when",
            {"attributes": {"cost": "> 10"}},
            "ladder.0.when.attributes.cost (clause 2.2): '> 10' is comp",
        ),
        ("ladder.0.when", {"attributes": {"cost": {}}}, "ladder.0.when.attributes.cost (clause 2.2): it has no bound"),
        (
            "ladder.0.when",
            {"attributes": {"cost": {"more_than": 9, "less_than": 10}}},
            "no number lies within these bou",
        ),
        (
            "ladder.0.when",
            {"counter": "n"},
            "ladder.0.when.counter (clause 2.2): write beside it how many are too many",
        ),
        ("ladder.0.when", {"more_than": 2}, "ladder.0.when.more_than (clause 2.2): write beside it what is counted"),
        ("matters.default.decides", "a", "matters.default.decides (clause 2.1): a decides it alone"),
        ("matters.default.final_say", [], "matters.default.final_say (clause 2.1): it is an empty list"),
        (
            "matters.default.final_say",
            "accused",
            "matters.default.final_say.0.who (clause 2.1): 'accused' means somebody",
        ),
        (
            "matters.default.start_bodies",
            "court",
            "matters.default.start_bodies (clause 2.1): 'court' is an end of the l",
        ),
        ("limits_on_any_decision", [{}], "limits_on_any_decision.0: it carves nothing out"),
        (
            "limits_on_any_decision",
            [{"to": "JSC", "clause": "9"}],
            "limits_on_any_decision.0 (clause 9): it never appli",
        ),
        ("matters.more", {"also": ["default"]}, "matters.more.also: 'default' is declared already"),
        ("obligations", [{"length": "1 days"}], "obligations.0: nothing could ever set it going"),
        ("obligations", [{"id": "x", "length": "1 days"}] * 2, "obligations.1.id: 'x' is the id of an earlier one"),
        (
            "obligations",
            [{"id": "x", "length": "1 days", "clock_starts": "decided"}],
            "obligations.0.clock_starts: an o",
        ),
        (
            "deadlines",
            [{"id": "x", "length": "1 days", "clock_starts": {"end_of": "x"}}],
            "deadlines.0.clock_starts: t",
        ),
        (
            "deadlines",
            [{"length": "1 days", "then": {"effect": "right_opens", "to": "a"}}],
            "it opens a right to nothing",
        ),
        ("deadlines", [{"length": "1 days", "then": {"effect": "deem", "to": "approved"}}], "did you mean `approve`?"),
        (
            "deadlines",
            [{"length": "1 days", "stops": {"event": "MeetingHeld", "where": {"boddy": "JSC"}}}],
            "'boddy'; d",
        ),
        (
            "deadlines",
            [{"length": "1 days", "stops": {"event": "MeetingHeld", "where": {"body": "J"}}}],
            "'J' is no part",
        ),
        (
            "deadlines",
            [{"id": "x", "at": "JSC", "length": "1 days"}] * 2,
            "deadlines.1.id: 'x' is the id of an earlier",
        ),
        (
            "rights",
            [{"who": "a", "act": "sue", "at": "Panel"}],
            "rights.0.at: body 'Panel' is not declared under `bodi",
        ),
        ("tolling", [{"cause": "x", "only": "cure"}], "tolling.0.only: 'cure' is no id, kind or clause of a rule"),
        ("calendar.weekend", list(language.WEEKDAYS), "calendar.weekend: every day would be closed"),
        ("calendar.plus", [{"day": "2026-12-24", "party": "Acme"}], "calendar.plus.0.party: 'Acme' is no party"),
        ("calendar", {"to": "2026-12-31", "plus": ["2030-12-24"]}, "calendar.plus.0: 2030-12-24 lies outside"),
        ("minutes", [{"bodies": "JSC"}], "minutes.0: it says nothing of the minutes"),
        ("minutes", [{"bodies": "JSC", "official": "silence"}] * 2, "minutes.1.bodies: the minutes of JSC have a rule"),
        ("counters", {"n": {"counts": {"event": "MeetingHeld"}, "window": "9 business_days"}}, "not by business days"),
        ("seats", [{"bodies": "JSC"}], "seats.0: it says nothing of the seats"),
        ("confirmations", [{"kinds": ["north_star"]}], "confirmations.0: it names nobody who could confirm"),
        (
            "confirmations",
            [{"kinds": ["northstar"], "level_min": 1}],
            "'northstar' is no kind of understanding; did yo",
        ),
    ],
)
def test_what_says_nothing_or_two_things_at_once_is_refused(path: str, value: Any, fault: str) -> None:
    assert any(fault in one for one in faults_of(changed(path, value))), faults_of(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            "ladder.0.limit",
            10,
            "ladder.0.limit (clause 2.2): 10 has no unit: write `10 business_days` or `10 calendar_d",
        ),
        ("ladder.0.limit", "10", "ladder.0.limit (clause 2.2): 10 has no unit"),
        ("ladder.0.limit", "redacted 5", "'redacted 5' says that the number is unknown, and states one"),
        ("ladder.0.limit", "10 working_days", "say what the contract calls business days as `business_days`"),
        ("ladder.0.limit", "48 hours", "clocks count whole days"),
        ("ladder.0.limit", "2 quarters", "write a quarter as `3 months`"),
        ("ladder.0.limit", "10 fortnights", "'10 fortnights' is no length: write `10 business_days`"),
        ("ladder.0.limit", ["10 days"], "ladder.0.limit (clause 2.2): a list cannot stand here: write `10 business_da"),
        ("ladder.0.limit", "99999 days", "99999 is too large: it is 10000 at most"),
        ("ladder.0.mode", "auto", "'auto' is none of the words that stand here: did you mean `automatic`?"),
        ("ladder.0.roll", "sometimes", "'sometimes' is none of the words that stand here: write one of none, forward"),
        ("ladder.0.then", "approve", "'approve' is an outcome, not an effect: write `{effect: deem, to: approve}`"),
        ("ladder.0.length", "5 days", "the language has no such key here; did you mean `limit`?"),
        ("ladder.0.clock_start", "raised", "the language has no such key here; did you mean `clock_starts`?"),
        ("ladder.0.True", "tie", "ladder.0.True (clause 2.2): the language has no such key here; to a YAML 1.1 reader"),
        ("notes", [{"zzz": 1, "says": "x"}], "notes.0.zzz: the language has no such key here; it has about, clause, n"),
        ("bodies.JSC.passes", "most", "'most' cannot stand here: write `unanimous`, `majority`, `{at_least: 3}`"),
        ("bodies.JSC.passes", {"more_than_percent": 0.5}, "0.5 is no whole number of percent: write 50 for a half"),
        ("bodies.JSC.quorum", 2, "2 cannot stand here: write `{per_party: 1}`, `{total: 4}`"),
        ("bodies.JSC.quorum", {"per_party": "two"}, "bodies.JSC.quorum.per_party: 'two' is no quorum: write a number"),
        ("bodies.JSC.tier", "one", "bodies.JSC.tier: 'one' is no whole number"),
        ("bodies.JSC.binds", "perhaps", "'perhaps' is neither `true` nor `false`"),
        ("bodies.JSC.seats", 3, "bodies.JSC.seats: 3 is no text: write a name or a sentence, a number in quotes"),
        ("bodies.JSC.cadence", "", "bodies.JSC.cadence: is empty: write it, or leave the key out"),
        ("bodies.JSC.cadence", "x" * 4001, "is longer than 4000 characters: a charter is rules"),
        ("bodies.JSC", "a committee", "bodies.JSC: 'a committee' cannot stand here: write `{JSC: {tier: 1}}`"),
        ("bodies", [{"name": "JSC"}], "bodies: a list cannot stand here: write `{JSC: {tier: 1}}`, an id for each"),
        (
            "succession",
            "x",
            "succession: 'x' cannot stand here: it has keys of its own, clause, note, rights_kept_by_o",
        ),
        ("parties", {"a": "Acme", "b": None}, "parties.a: 'Acme' cannot stand here: write an id for each: `{acme:"),
        ("document", {"name": "x", "dated": "15 January 2026"}, "'15 January 2026' is no day: write it as 2026-01-15"),
        ("matters.default.final_say", False, "`false` cannot stand here: write the id of a party"),
        (
            "ladder.0.when",
            {"attributes": {"cost": {"more_than": 0.1}}},
            "0.1 is no whole number: write `more_than: 10`",
        ),
        (
            "ladder.0.when",
            {"attributes": {"cost": {">": 1}}},
            "ladder.0.when.attributes.cost (clause 2.2): write a value",
        ),
        ("ladder.0.clause", True, "ladder.0.clause: `true` is no text"),
        ("ladder.0.clause", {}, "ladder.0.clause: an empty mapping is no text"),
        ("id", {"a": 1}, "id: a mapping is no text"),
        ("bodies.JSC.cadence", ["monthly"], "bodies.JSC.cadence: a list is no text"),
        ("deadlines", [None], "deadlines.0: nothing cannot stand here: write `{id: panel, at: Experts"),
    ],
)
def test_a_value_that_cannot_stand_there_is_refused_in_a_sentence(path: str, value: Any, fault: str) -> None:
    faults = faults_of(changed(path, value))
    assert any(fault in one for one in faults), faults
    assert not any("Input should" in one for one in faults)


def test_a_name_that_is_nearly_declared_is_asked_for() -> None:
    document = changed("bodies.JSC.name", "Joint Steering Committee")
    document["ladder"][0]["from"] = "Joint Steering Committee"
    document["ladder"][1] |= {"from": "Oficers", "by": "A"}
    faults = faults_of(document)
    assert any("that is the name of 'JSC': write the id" in fault for fault in faults)
    assert any("did you mean 'Officers'?" in fault for fault in faults)
    assert any("did you mean 'a'?" in fault for fault in faults)


def test_two_steps_for_the_same_decisions_are_refused_unless_something_tells_them_apart() -> None:
    step = SMALL["ladder"][1]
    again = faults_of({**SMALL, "ladder": [*SMALL["ladder"], step]})
    assert "ladder.2 (clause 2.3): the step from Officers stands here a second time" in again
    other = faults_of({**SMALL, "ladder": [*SMALL["ladder"], {**step, "to": "court"}]})
    assert "ladder.2 (clause 2.3): two automatic steps leave Officers for the same decisions" in other[0]
    apart = {**step, "to": "court", "when": {"attributes": {"cost": True}}}
    assert compile_charter({**SMALL, "ladder": [*SMALL["ladder"], apart]}).warnings == ()


def test_a_limit_that_nothing_starts_is_warned_of() -> None:
    (warning,) = compile_charter(changed("ladder.0.clock_starts", None)).warnings
    assert warning.startswith("ladder.0.clock_starts (clause 2.2): is missing, so this limit never begins")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ladder.0.limit", "10 business days"),
        ("ladder.0.limit", "10 Business_Days"),
        ("ladder.0.limit", {"unit": "business days", "value": 10}),
    ],
)
def test_a_length_is_read_as_people_write_it(path: str, value: Any) -> None:
    limit = compile_charter(changed(path, value)).charter.ladder[0].limit
    assert (limit.unit, limit.value) == ("business_days", 10)


def test_one_may_stand_alone_where_several_may() -> None:
    document = changed("matters.default.final_say", {"who": "a", "carve_outs": "may not break law"})
    document["ladder"][0] |= {"bars": {"when": {"similar_to": "escalated"}}}
    document |= {"parties": {"a": None, "b": {}}, "notes": {"says": "in writing"}, "matters": {**document["matters"]}}
    charter = compile_charter(document).charter
    says = charter.matters["default"].final_say or ()
    assert [carve.says for carve in says[0].carve_outs] == ["may not break law"]
    assert (len(charter.notes), len(charter.ladder[0].bars)) == (1, 1)


def test_a_charter_recorded_before_a_slip_was_refused_is_still_read() -> None:
    document = whole(parsed(changed("bodies.JSC.quorum", {"clause": "3"})), date(2026, 1, 1))
    assert rules_of_document(document).body("JSC") is not None


def test_a_recorded_charter_with_a_name_that_nothing_declares_has_no_rules() -> None:
    document = whole(parsed(changed("ladder.0.to", "Oficers")), date(2026, 1, 1))
    with pytest.raises(Unreadable, match="body 'Oficers' is not declared"):
        rules_of_document(document)


def test_settings_declare_matters_by_name_or_with_what_is_known_of_them() -> None:
    rules = compile_charter(SMALL, {"matters": {"new": {"decides": "b"}, "default": {"unresolved": "stay"}}, "mood": 1})
    assert rules.matter("new").decides == "b"
    assert (rules.matter("default").unresolved, rules.matter("default").clause) == ("stay", "2.1")
    assert [warning.split(" is ")[0] for warning in rules.warnings] == ["setting 'mood'"]
    assert compile_charter(SMALL, {"matters": ["new", "default"]}).declared("new")


def test_a_number_is_compared_as_a_number_and_a_word_lies_within_no_bounds() -> None:
    bounds = words.Range(more_than=10, at_most=20)
    assert [bounds.holds(value) for value in (10, 11, "20", 21, "many")] == [False, True, True, False, False]


CHARTERS = [
    *(ROOT / "examples" / "charters").glob("*.yaml"),
    *(ROOT / "examples" / "starters").glob("*.yaml"),
    *(path for path in (ROOT / "tests" / "oracles" / "invented").glob("*.yaml") if "scenarios" not in path.name),
]
SCHEMA = json.loads((ROOT / "contracts" / "charter.v1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CHARTERS, ids=[path.stem for path in CHARTERS])
def test_the_schema_takes_every_charter_that_compiles(path: Path) -> None:
    faults = jsonschema.Draft202012Validator(SCHEMA).iter_errors(read_charter(path))
    assert [f"{list(fault.path)}: {fault.message}"[:300] for fault in faults] == []


def test_the_schema_refuses_a_key_and_a_word_that_the_language_does_not_have() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid(SMALL)
    assert not validator.is_valid(changed("ladder.0.clock_start", "raised"))
    assert not validator.is_valid(changed("ladder.0.mode", "auto"))
    assert not validator.is_valid(changed("ladder.0.limit", ["10 days"]))


def test_a_step_that_leads_down_or_waits_for_a_tier_before_the_first_is_warned_of() -> None:
    document = changed("ladder.0.clock_starts", "end_of_previous_tier")
    document["bodies"]["Team"] = {"tier": 0}
    document["ladder"].append({"from": "JSC", "to": "Team", "matters": "default", "limit": "none", "clause": "2.4"})
    first, down = compile_charter(document).warnings
    assert first.startswith("ladder.0.clock_starts (clause 2.2): no step leads to JSC, so no limit ended before it")
    assert down.startswith("ladder.2.to (clause 2.4): the step leads down, from tier 1 to tier 0")
