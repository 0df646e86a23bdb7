"""Guesses which column means what, and what its values say happened."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.importing.suggesting.looking import NEARLY_ALL, Look

XES_EVENT = "concept:name"
"""What happened, in every log of the standard; its lifecycle only says how far each activity has come."""
EVENT_VALUES_MAX = 80
GROUP_VALUES_MAX = 400
HOLDERS_MAX = 2_000

WORDS: dict[str, tuple[str, ...]] = {
    "decision": (
        "case",
        "decision",
        "ticket",
        "incident",
        "issue",
        "proposal",
        "pep",
        "kep",
        "draft",
        "claim",
        "request",
        "sr",
        "key",
        "doc",
        "document",
    ),
    "order": ("seq", "sequence", "order", "step", "version", "rev", "revision", "n", "nr", "index", "position"),
    "time": ("timestamp", "time", "at", "when", "date", "datetime", "changed", "created"),
    "event": ("event", "activity", "milestone", "action", "step", "status", "state", "transition", "name"),
    "state": ("status", "state", "stage", "substatus"),
    "party": ("party", "company", "organization", "organisation", "org", "partner", "side"),
    "holder": ("holder", "team", "group", "assignee", "assigned", "queue", "owner"),
    "tier": ("tier", "level", "ladder", "line"),
    "body": ("body", "committee", "board", "forum"),
    "matter": ("matter", "topic", "subject", "category", "product", "type", "kind", "class"),
    "actor": ("actor", "person", "user", "resource", "author", "by", "who"),
    "title": ("title", "headline", "summary"),
    "recorded": ("recorded", "logged", "entered"),
}

SAYS: tuple[tuple[str, str, str], ...] = (
    (r"re-?open", "reopened", "open"),
    (r"withdr|cancel|abandon|retract|retired", "withdrawn", "withdrawn"),
    (r"supersed|replaced|obsolet|duplicate", "superseded", "superseded"),
    (r"void", "voided", "voided"),
    (r"not approved|reject|declin|denied|refus|disapprov", "made: rejected", "rejected"),
    (r"return|revis(e|ion)|sent? back|rework", "returned", "open"),
    (r"escalat", "escalated", "open"),
    (
        r"final.?approv|accept(ed)?$|approved$|adopted|ratified|recommended|published|final$",
        "made: accepted",
        "accepted",
    ),
    (r"^queued|in progress", "held", "open"),
    (r"\bwait|pending|on hold|await", "paused", "waiting"),
    (r"defer|paus|suspend|park|postpon|dormant|expired|hold$", "paused", "paused"),
    (r"resum|unpark|reactivat", "resumed", "open"),
    (r"implement|paid|payment|deploy|done$|handled", "implemented", "held"),
    (r"clos|complet|resolv|decided|finish", "made: decided", "decided"),
    (r"submit|propos|open|creat|rais|new$|start|draft|regist|received|filed", "raised", "open"),
    (r"transfer|reassign", "transferred", "open"),
    (r"assigned|ongoing|under (way|review)|in review|active$|triage", "held", "open"),
)
PERSONAL = ("name", "firstname", "lastname", "surname", "first", "last", "email", "mail", "phone")
"""Columns called so may name persons: what is said of a decision is stored as it stands, so they are no attributes."""
LINE = r"(\d(?:st|nd|rd|th)(?:\s?[-/]\s?\d(?:st|nd|rd|th))*|[LT]\d|(?:[Ll]evel|[Tt]ier|[Ll]ine) ?\d)$"
"""A tier at the end of a team's name: `V5 2nd`, `G230 2nd/3rd`, `desk L2`."""


@dataclass(slots=True)
class Meant:
    """Which column was taken for what, and what was doubtful about it."""

    columns: dict[str, Look] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    lines: Mapping[str, int] = field(default_factory=dict)
    """The tiers that stand at the end of holders' names, each with its rank."""

    def take(self, meaning: str, found: Look | None) -> None:
        """Take a column for a meaning."""
        if found is not None:
            self.columns[meaning] = found


def meanings(looks: Sequence[Look], rows: Sequence[Sequence[str]]) -> Meant:
    """Return which columns seem to mean what."""
    meant = Meant()
    _take_decision(meant, looks, rows)
    _take_time(meant, looks)
    _take_order(meant, looks, rows)
    meant.take("event", next((look for look in looks if look.name == XES_EVENT), None))
    if "tier" not in meant.columns and (lines := _lines(meant, looks)):
        meant.lines, meant.columns["holder"] = lines
    if "event" not in meant.columns:
        _take_by_name(meant, looks, "event", EVENT_VALUES_MAX)
    for meaning, values_max in (("tier", 30), ("party", 30), ("body", 100)):
        _take_by_name(meant, looks, meaning, values_max)
    if "holder" not in meant.columns:
        _take_by_name(meant, looks, "holder", HOLDERS_MAX)
    for meaning, values_max in (("matter", GROUP_VALUES_MAX), ("title", 10**9), ("actor", 10**9)):
        _take_by_name(meant, looks, meaning, values_max)
    if "event" not in meant.columns:
        left = [look for look in _left(meant, looks) if 1 < look.distinct <= EVENT_VALUES_MAX and not look.formats]
        meant.take("event", min(left, key=lambda look: (look.numbers, -look.filled, look.place), default=None))
        if "event" in meant.columns:
            meant.doubts.append(
                f"{meant.columns['event'].name} is taken for what happened only because its values are few"
            )
    return meant


def _lines(meant: Meant, looks: Sequence[Look]) -> tuple[dict[str, int], Look] | None:
    """Return the tiers at the end of the names in a column, with their ranks, and the column, where there are two."""
    for look in _left(meant, looks):
        if look.numbers or look.formats or look.distinct > HOLDERS_MAX:
            continue
        found = {said.group(1) for value in look.values if (said := re.search(LINE, value))}
        ranks = {tier: 10 * sum(numbers) // len(numbers) for tier in found if (numbers := _numbers(tier))}
        if len(set(ranks.values())) > 1:
            return dict(sorted(ranks.items(), key=lambda pair: (pair[1], pair[0]))), look
    return None


def _numbers(tier: str) -> list[int]:
    return [int(digit) for digit in re.findall(r"\d", tier)]


def _left(meant: Meant, looks: Iterable[Look]) -> list[Look]:
    taken = {look.place for look in meant.columns.values()}
    return [look for look in looks if look.place not in taken]


def _take_decision(meant: Meant, looks: Sequence[Look], rows: Sequence[Sequence[str]]) -> None:
    full = [look for look in looks if look.filled >= NEARLY_ALL and not look.formats]
    named = [look for look in full if look.called(*WORDS["decision"]) or look.name == "case:concept:name"]
    ids = [look for look in full if look.called("id", "number", "no", "nr") and look.distinct < len(rows)]
    many = [look for look in full if not look.numbers and look.distinct < len(rows)]
    found = next((ranked[0] for one in (named, ids, many[:1]) if (ranked := sorted(one, key=_fewer_last))), None)
    meant.take("decision", found)
    if found is None:
        meant.doubts.append("no column seems to say which decision a row is about")
    elif found not in named:
        meant.doubts.append(f"{found.name} is taken for the decision because many rows share few of its values")
    elif found.distinct == len(rows):
        meant.doubts.append(f"{found.name} is different in every row: then every decision has one row only")


def _fewer_last(look: Look) -> int:
    return -look.distinct


def _take_time(meant: Meant, looks: Sequence[Look]) -> None:
    times = [look for look in _left(meant, looks) if look.formats and look.filled >= NEARLY_ALL]
    recorded = [look for look in times if look.called(*WORDS["recorded"])]
    named = [look for look in times if look.called(*WORDS["time"]) and look not in recorded]
    plain = [look for look in times if look not in recorded]
    found = max(named or plain or times, key=lambda look: (look.distinct, -look.place), default=None)
    meant.take("time", found)
    if found is None:
        meant.doubts.append("no column seems to hold times: say `formats` where they are written unusually")
        return
    others = [look.name for look in plain if look is not found]
    if others:
        meant.doubts.append(f"{found.name} is taken for when it was so; {', '.join(others)} hold times too")
    meant.take("recorded", next((look for look in recorded if look is not found), None))


def _take_order(meant: Meant, looks: Sequence[Look], rows: Sequence[Sequence[str]]) -> None:
    decision = meant.columns.get("decision")
    if decision is None:
        return
    for look in _left(meant, looks):
        if look.numbers and look.filled >= NEARLY_ALL and look.called(*WORDS["order"]):
            pairs = {(row[decision.place], row[look.place]) for row in rows}
            if len(pairs) == len(rows):
                meant.take("order", look)
                return


def _take_by_name(meant: Meant, looks: Sequence[Look], meaning: str, values_max: int) -> None:
    fits = [look for look in _left(meant, looks) if 0 < look.distinct <= values_max and not look.formats]
    ranked = [(WORDS[meaning].index(word), look) for look in fits for word in WORDS[meaning] if look.called(word)]
    meant.take(meaning, min(ranked, key=lambda pair: (pair[0], pair[1].place))[1] if ranked else None)


def said_by(value: str, *, state: bool) -> str | None:
    """Return the step (or, of a state, how a decision stands) that a value seems to say, or None."""
    words = re.sub(r"[_/]+", " ", value).strip().lower()
    for pattern, step, standing in SAYS:
        if re.search(pattern, words):
            return standing if state else step
    return None


def first_values(decision: Look, event: Look, rows: Sequence[Sequence[str]]) -> Counter[str]:
    """Return which values stand in the first rows of decisions, with their counts."""
    seen: dict[str, str] = {}
    for row in rows:
        seen.setdefault(row[decision.place].strip(), row[event.place].strip())
    return Counter(seen.values())


def ending_shares(decision: Look, event: Look, rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return, for each value, in what share of its rows nothing of the decision followed."""
    counts = Counter(row[event.place].strip() for row in rows)
    last = Counter({row[decision.place].strip(): row[event.place].strip() for row in rows}.values())
    return {value: last[value] / count for value, count in counts.items()}
