"""The form of a scenario file: scenarios, their variants, items in order, questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from adapters.items import load_rules, plain
from domain.clocks import instant_after, start_of
from domain.errors import Unreadable

SCENARIO_BYTES_MAX = 10_000_000


@dataclass(frozen=True)
class Question:
    """A question at an instant; `known_at` is when it is asked. Both in seconds, the last of their day for a day."""

    index: int
    at: str
    known_at: str | None
    subject: Mapping[str, str]
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class Play:
    """One playing of a scenario, or of a variant of it: settings, items in the order of recording, questions."""

    id: str
    agreement: str
    settings: tuple[Mapping[str, Any], ...]
    items: tuple[Mapping[str, Any], ...]
    questions: tuple[Question, ...] = field(default=())


def read_scenarios(path: Path) -> list[Mapping[str, Any]]:
    """Return the scenarios of a file. Raise Unreadable with its place."""
    if path.stat().st_size > SCENARIO_BYTES_MAX:
        raise Unreadable(f"{path}: longer than {SCENARIO_BYTES_MAX} bytes")
    data = plain(load_rules(path.read_text(encoding="utf-8"), str(path)))
    scenarios = data.get("scenarios") if isinstance(data, dict) else data
    if not isinstance(scenarios, list):
        raise Unreadable(f"{path}: `scenarios` is a list of scenarios, each with `id`, `agreement`, `history`, `ask`")
    return scenarios


def plays_of(scenario: Mapping[str, Any]) -> Iterator[Play]:
    """Yield the playings of a scenario: itself, then each variant."""
    name, agreement = str(scenario["id"]), str(scenario["agreement"])
    settings = dict(scenario.get("charter") or {})
    history = list(scenario.get("history") or ())
    yield Play(name, agreement, (settings,), tuple(history), tuple(_questions(scenario.get("ask") or ())))
    for variant in scenario.get("variants") or ():
        changed = dict(variant.get("charter") or {})
        items = _varied(history, variant.get("history") or ())
        questions = tuple(_questions(variant.get("ask") or ()))
        yield Play(f"{name}#{variant['id']}", agreement, (settings, changed), tuple(items), questions)


def _questions(asked: Sequence[Mapping[str, Any]]) -> Iterator[Question]:
    for index, one in enumerate(asked):
        subject = {key: str(value) for key, value in one["subject"].items()}
        known = one.get("known_at")
        yield Question(index, str(one["at"]), None if known is None else str(known), subject, one["expect"])


def _varied(history: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    left_out = {str(one["leave_out"]) for one in changes if "leave_out" in one}
    items = [item for item in history if str(item.get("id")) not in left_out]
    for added in changes:
        if "leave_out" in added:
            continue
        day = _recorded_day(added)
        before = [index for index, item in enumerate(items) if _recorded_day(item) <= day]
        items.insert(before[-1] + 1 if before else 0, added)
    return items


def _recorded_day(item: Mapping[str, Any]) -> str:
    return str(item.get("recorded", item["at"]))[:10]


def is_day(text: str) -> bool:
    """Say whether a time is given as a day."""
    return len(text) == len("2026-03-04")


def start_instant(text: str, zone: str) -> int:
    """Return the instant of an item in seconds: the start of its day, where it is a day."""
    return start_of(date.fromisoformat(text), zone) if is_day(text) else _instant(text)


def end_instant(text: str, zone: str) -> int:
    """Return the instant of a question in seconds: the last second of its day, where it is a day."""
    return instant_after(date.fromisoformat(text), zone) - 1 if is_day(text) else _instant(text)


def _instant(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
