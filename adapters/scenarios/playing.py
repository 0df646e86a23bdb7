"""Playing a scenario: items in order, the clerk up to each question's instant, then the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from adapters.charter_files import compile_charter, whole
from adapters.scenarios.form import Play, Question, end_instant, start_instant
from adapters.scenarios.keeping import Keeper, Memory
from adapters.scenarios.reading import Said, said_by
from domain.charter.rules import Rules
from domain.clocks import day_of
from domain.errors import Unreadable
from domain.governance.clerk import due_reports
from domain.governance.explain import Answer, explain
from domain.governance.fold import evolve
from domain.governance.judging import Fault, faults, not_permitted
from domain.governance.state import Governance
from domain.governance.told import Report, Told
from domain.governance.versions import CHARTER_EVENTS

CLERK_EVENTS_MAX = 2_000


@dataclass(frozen=True)
class Refusal:
    """A command that was refused, and why."""

    told: Told
    fault: Fault


@dataclass
class Table:
    """What lies on the table while a scenario is played: the rules, what was recorded, what was refused."""

    rules: Rules
    document: Mapping[str, Any]
    keeper: Keeper
    state: Governance = field(default_factory=Governance)
    recorded: list[Told] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def answers(play: Play, charter: Mapping[str, Any], keeper: Keeper | None = None) -> list[tuple[Question, Answer]]:
    """Return the answer to each question of a playing, in the order of the file."""
    days = [date.fromisoformat(str(item["at"])[:10]) for item in play.items] or [date(2000, 1, 1)]
    rules = compile_charter(charter, *play.settings, adopted=min(days))
    table = Table(rules, whole(rules.charter, min(days)), keeper or Memory(), warnings=list(rules.warnings))
    table.warnings += out_of_order(play, rules.zone)
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


def out_of_order(play: Play, zone: str) -> list[str]:
    """Return a warning for each item that is dated before the item above it, and so is recorded only with that one."""
    found, last = [], None
    for number, item in enumerate(play.items):
        start = start_instant(str(item.get("recorded", item["at"])), zone)
        if last is not None and start < last and "recorded" not in item:
            name = item.get("id") or f"item-{number + 1}"
            found.append(
                f"item {name}: dated {item['at']}, before the item above it, and so recorded only with that one: "
                "items stand in the order of recording, so move it up, or write `recorded`"
            )
        last = start if last is None else max(last, start)
    return found


def _timeline(play: Play, zone: str) -> Iterable[tuple[int, int, Any]]:
    last = None
    for number, item in enumerate(play.items):
        start = start_instant(str(item.get("recorded", item["at"])), zone)
        last = start if last is None else max(last, start)
        yield last, number, item
    for question in play.questions:
        yield end_instant(question.known_at or question.at, zone), len(play.items) + question.index, question


def _adopt(table: Table, play: Play) -> None:
    if any(item.get("report") == "CharterAdopted" for item in play.items):
        return
    first = min((start_instant(str(item["at"]), table.rules.zone) for item in play.items), default=0)
    version = table.rules.charter.version
    day = day_of(first, table.rules.zone)
    _record(table, Told("CharterAdopted", {"version": version}, first, day, "charter-adopted", first))


def _take(table: Table, item: Mapping[str, Any], instant: int) -> None:
    zone = table.rules.zone
    name = str(item.get("id") or f"item-{len(table.recorded) + 1}")
    said = said_by(item, name, zone)
    if said is None:
        table.warnings.append(
            f"item {name}: {item.get('report') or item.get('command')!r} is not known, and left aside"
        )
        return
    table.warnings += said.warnings
    seconds = start_instant(str(item["at"]), zone)
    told = Told(said.name, said.fields, seconds, day_of(seconds, zone), name, instant)
    broken = _judged(table, said, told)
    if said.asks and broken:
        table.refused.append(Refusal(told, broken[0]))
        return
    found = tuple(dict.fromkeys(fault.clause or fault.says for fault in broken if not fault.only_commands))
    _record(table, replace(told, findings=found))


def _judged(table: Table, said: Said, told: Told) -> list[Fault]:
    found = faults(table.state, told)
    return found or (not_permitted(table.state, told, said.verb) if said.asks else [])


def _record(table: Table, told: Told) -> None:
    if told.name in ("CharterAdopted", "CharterAmended") and not told["charter"] and not told["changes"]:
        stored = {**table.document, "version": str(told["version"])}
        told = replace(told, fields={**told.fields, "charter": stored})
    known = table.keeper.keep(told, table.rules.zone)
    table.recorded.append(known)
    table.state = evolve(table.state, known)
    _clerk(table, known.known)


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
    known = table.keeper.keep(told, table.rules.zone)
    table.recorded.append(known)
    table.state = evolve(table.state, known)


def _answer(table: Table, question: Question) -> Answer:
    at = end_instant(question.at, table.rules.zone)
    state = _as_at(table, at)
    refusal = _refusal(table, question, at)
    told = refusal.told if refusal else None
    answer = explain(state, question.subject, at, refused=told, charters=table.state)
    if table.warnings:
        answer["warnings"] = list(table.warnings)
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
    about = [
        one for one in table.refused
        if one.told.seconds <= at and any(one.told.text(key) == value for key, value in question.subject.items())
    ]  # fmt: skip
    return about[-1] if about else None
