"""Load: how much of what is decided rests on one person or body."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from projections.approvals import Row, Word
from projections.measures.asking import Measure, Question, Rows, Table
from projections.measures.cases import cohort, counted, ratio

SHOWN_MAX = 20
NOT_STATED = "not stated"


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer who said the last word how often, by body, party and person; persons by id."""
    last = [(row, word) for row in rows.approvals if (word := _last_word(row, question.effective_at))]
    chosen = cohort(rows, question)
    tiers = {(case.row.alliance, case.row.decision): case.stands.tier for case in chosen.cases if case.stands}
    return counted(chosen, rows) | {
        "baseline": "all decisions made",
        "made": len(last),
        "by_body": _shares(Counter(_body(row, word, tiers) for row, word in last), len(last)),
        "by_party": _shares(Counter(party for _, word in last for party in word.parties or (NOT_STATED,)), len(last)),
        "by_person": _shares(Counter(word.person or NOT_STATED for _, word in last), len(last)),
    }


def _last_word(row: Row, at: int) -> Word | None:
    made = [word for word in row.words if word.made and word.at <= at]
    return made[-1] if made else None


def _body(row: Row, word: Word, tiers: Mapping[tuple[str, str], str | None]) -> str:
    """Name the body that decided, else the tier at which the decision stood."""
    return word.body or tiers.get((row.alliance, row.decision)) or NOT_STATED


def _shares(counts: Counter[str], total: int) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN_MAX]
    return [{"who": who, "decisions": n, "share": ratio(Fraction(n, total))} for who, n in ordered]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    return [
        Table(f"Last word, {by}", (by, "decisions", "share"), tuple(tuple(e.values()) for e in data[f"by_{by}"]))
        for by in ("body", "party", "person")
    ]


MEASURE = Measure("load", "On whom does the deciding rest?", answer, tables)
