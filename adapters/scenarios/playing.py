"""Playing a scenario: items in order, the clerk up to each question's instant, then the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from adapters.charter_files import compile_charter
from adapters.items import read_item
from adapters.scenarios.form import Play, Question, end_instant, start_instant
from domain.charter.rules import Rules
from domain.clocks import day_of
from domain.commands.command import Command
from domain.errors import Unreadable
from domain.governance.asking import asked_for
from domain.governance.clerk import due_reports
from domain.governance.explain import Answer, explain
from domain.governance.fold import adopted, evolve, ratified
from domain.governance.judging import Fault, faults
from domain.governance.state import CharterVersion, Governance
from domain.governance.told import Report, Told, fields_of

CLERK_EVENTS_MAX = 2_000
CHARTER_EVENTS = ("CharterAdopted", "CharterAmended", "CharterRatified")


@dataclass(frozen=True)
class Refusal:
    """A command that was refused, and why."""

    told: Told
    fault: Fault


@dataclass
class Table:
    """What lies on the table while a scenario is played: the rules, what was recorded, what was refused."""

    rules: Rules
    state: Governance = field(default_factory=Governance)
    recorded: list[Told] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    now: int = 0


def answers(play: Play, charter: Mapping[str, Any]) -> list[tuple[Question, Answer]]:
    """Return the answer to each question of a playing, in the order of the file."""
    days = [date.fromisoformat(str(item["at"])[:10]) for item in play.items]
    rules = compile_charter(charter, *play.settings, adopted=min(days))
    table = Table(rules)
    _adopt(table, play)
    steps = sorted(_timeline(play, rules.zone), key=lambda step: (step[0], step[1]))
    found: dict[int, Answer] = {}
    for instant, _, what in steps:
        _clerk(table, instant)
        if isinstance(what, Question):
            found[what.index] = _answer(table, what)
        else:
            _take(table, what, instant)
    return [(question, found[question.index]) for question in play.questions]


def _timeline(play: Play, zone: str) -> Iterable[tuple[int, int, Any]]:
    last = 0
    for number, item in enumerate(play.items):
        last = max(last, start_instant(str(item.get("recorded", item["at"])), zone))
        yield last, number, item
    for question in play.questions:
        yield end_instant(question.known_at or question.at, zone), len(play.items) + question.index, question


def _adopt(table: Table, play: Play) -> None:
    if any(item.get("report") == "CharterAdopted" for item in play.items):
        return
    version = CharterVersion(table.rules.charter.version, table.rules, speaks_from=0, needs=())
    table.state = adopted(table.state, version)


def _take(table: Table, item: Mapping[str, Any], instant: int) -> None:
    zone = table.rules.zone
    said = {key: str(one) if key in ("version", "supersedes") else one for key, one in item.items()}
    name = str(item.get("id") or f"item-{len(table.recorded) + 1}")
    message = read_item(said, f"item {name}", alliance="scenario", zone=zone).message
    asked = asked_for(message) if isinstance(message, Command) else (type(message).__name__, fields_of(message))
    if asked is None:
        raise Unreadable(f"item {name}: no rule of a charter is about {said['command']!r}")
    seconds = start_instant(str(item["at"]), zone)
    told = Told(asked[0], asked[1], seconds, day_of(seconds, zone), name, instant)
    broken = faults(table.state, told)
    if isinstance(message, Command) and broken:
        table.refused.append(Refusal(told, broken[0]))
        return
    found = tuple(dict.fromkeys(fault.clause or fault.says for fault in broken if not fault.only_commands))
    _record(table, replace(told, findings=found))


def _record(table: Table, told: Told) -> None:
    table.recorded.append(told)
    if told.name in CHARTER_EVENTS:
        table.state = _chartered(table, table.state, told)
    else:
        table.state = evolve(table.state, told)
    _clerk(table, told.known)


def _chartered(table: Table, state: Governance, told: Told) -> Governance:
    version = str(told["version"])
    match told.name:
        case "CharterRatified":
            return ratified(state, version, str(told["party"]))
        case "CharterAmended":
            needs = table.rules.parties if table.rules.charter.amendment.binds == "last_ratification" else ()
            moves = str(told["open_items"] or table.rules.charter.amendment.open_items)
            return adopted(state, CharterVersion(version, table.rules, told.seconds, needs, open_items=moves))
        case _:
            return adopted(state, CharterVersion(version, table.rules, told.seconds, ()))


def _clerk(table: Table, now: int) -> None:
    for _ in range(CLERK_EVENTS_MAX):
        due = due_reports(table.state, now)
        if not due:
            return
        _written(table, due[0], now)
    raise Unreadable(f"the clerk wrote {CLERK_EVENTS_MAX} events and is not done: the ladder goes round")


def _written(table: Table, report: Report, now: int) -> None:
    day = day_of(report.seconds, table.rules.zone)
    told = Told(report.name, report.fields, report.seconds, day, ":".join(("clerk", *report.identity)), now)
    table.recorded.append(told)
    table.state = evolve(table.state, told)


def _answer(table: Table, question: Question) -> Answer:
    at = end_instant(question.at, table.rules.zone)
    state = _as_at(table, at)
    refusal = _refusal(table, question, at)
    told = refusal.told if refusal else None
    answer = explain(state, question.subject, at, refused=told, charters=table.state)
    if refusal:
        answer["refused"] = {
            "rule": refusal.fault.clause,
            "because_of": list(refusal.fault.because_of),
            "says": refusal.fault.says,
        }
    return answer


def _as_at(table: Table, at: int) -> Governance:
    if all(told.seconds <= at for told in table.recorded):
        return table.state
    state = Governance(charters=table.state.charters)
    for told in table.recorded:
        if told.seconds <= at and told.name not in CHARTER_EVENTS:
            state = evolve(state, told)
    return state


def _refusal(table: Table, question: Question, at: int) -> Refusal | None:
    subject = question.subject
    about = [
        one for one in table.refused
        if one.told.seconds <= at and any(one.told.text(key) == value for key, value in subject.items())
    ]  # fmt: skip
    return about[-1] if about else None
