"""Judges a whole file before anything is written: what every row says, and every fault by line and rule."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import cast

from pydantic import ValidationError

from adapters.importing.compiled import CompiledRule, Saying
from adapters.importing.conditions import Candidates
from adapters.importing.instants import Instant, ReadInstant, instant_reader
from adapters.importing.intake import Intake
from adapters.importing.judged import Judged, Report, SetAside, nothing_matched
from adapters.importing.life import Happened, Life
from adapters.importing.mapping import Mapping
from adapters.importing.ordering import Row, Rows, by_decision
from adapters.importing.readers import ReadRow
from adapters.importing.reading import BadCell, ReadCell, cell_reader, shown
from adapters.importing.saying import RowReader, Said
from adapters.importing.steps import Telling
from domain.events.event import Event
from domain.values import Actor

PERSON_DIGITS = 12


@dataclass(slots=True)
class Walk:
    """The way through the rows of one decision: its life, the row before, and the latest instant so far."""

    rows: Rows
    life: Life
    last_counting: int
    previous: Row | None = None
    latest: int = 0
    working: tuple[str, int] | None = None
    """Which party works on it since which instant, by the last row that said so."""


class Judge:
    """Judges the rows of one file by one mapping, for an alliance of `parties`; `salt` hides names of persons."""

    def __init__(self, mapping: Mapping, *, parties: Iterable[str], salt: str) -> None:
        self.mapping = mapping
        self.columns = mapping.column_names()
        said, columns = mapping.columns, self.columns
        self._salt = f"{salt}/{mapping.source}/"
        self._reader = RowReader(said, columns, frozenset(parties))
        self._rules = [
            CompiledRule(place, rule, self._reader, mapping, columns) for place, rule in enumerate(mapping.rules)
        ]
        self._candidates = Candidates(mapping.rules, columns)
        self._recorded = self._instant("recorded")
        self._entry = self._instant("entry")
        self._actor, self._reason, self._note = (self._cell(name) for name in ("actor", "reason", "note"))
        self._from, self._until, self._cut_off = mapping.windowed()
        self._intake = Intake(mapping, columns, self._cut_off)
        self._counts_last = any(rule.only_if_last for rule in mapping.rules)

    def _cell(self, name: str) -> ReadCell | None:
        cell = getattr(self.mapping.columns, name)
        return None if cell is None else cell_reader(cell, f"columns.{name}", self.columns)

    def _instant(self, name: str) -> ReadInstant | None:
        cell = getattr(self.mapping.columns, name)
        said = self.mapping.columns.time
        return None if cell is None else instant_reader(cell, f"columns.{name}", self.columns, like=said)

    def judge(self, read: Iterable[ReadRow], *, progress: Callable[[int], None] = lambda _rows: None) -> Judged:
        """Return the whole file judged. Raises Unreadable only where the file cannot be read at all."""
        judged = Judged(window=(self._from, self._until, self._cut_off))
        decisions, judged.counts["out_of_order"] = by_decision(self._intake.rows(read, judged, progress))
        judged.decisions = len(decisions)
        timed = [one for rows in decisions for one in self._judge_decision(rows, judged)]
        timed.sort(key=itemgetter(0))
        judged.reports = [report for _, report in timed]
        judged.faults.found += nothing_matched(judged)
        return judged

    def _judge_decision(self, rows: Rows, judged: Judged) -> Iterable[tuple[int, Report]]:
        """Yield the reports of one decision, each with the latest instant so far, which keeps their order in time."""
        walk = Walk(rows, Life(rows.decision), self._last_counting(rows) if self._counts_last else -1)
        failed: str | None = None
        for place, row in enumerate(rows.rows):
            try:
                if row.bad is not None:
                    raise BadCell(*row.bad)
                report = None if failed else self._judge_row(walk, place, judged)
            except BadCell as bad:
                judged.faults.add(row.line, rows.decision or None, bad.rule, bad.says)
                if not failed:
                    judged.beside += [SetAside(earlier, "") for earlier in rows.rows[:place]]
                    judged.cut_short += bool(place)
                judged.aside.append(SetAside(row, f"{bad.says} [{bad.rule}]"))
                failed = failed or f"line {row.line} of the same decision was set aside"
                continue
            if failed:
                judged.aside.append(SetAside(row, failed))
            elif report is None:
                judged.silent.add(row.id)
            else:
                yield walk.latest, report
        if not failed:
            judged.endings[walk.life.first_ending or walk.life.status] += 1

    def _judge_row(self, walk: Walk, place: int, judged: Judged) -> Report | None:
        row = walk.rows.rows[place]
        rule = self._matching(walk, place)
        judged.rules_used[rule.place] += 1
        says = rule.then
        if rule.held_back(walk.rows, place, walk.last_counting):
            says = rule.otherwise
            judged.counts["not_last"] += 1
        report = None
        if all(verb == "ignored" for verb, _ in says.steps):
            judged.counts["ignored"] += 1
        else:
            report = self._report(row, says, rule, walk, judged)
        self._clock(walk, row, judged)
        return report

    def _clock(self, walk: Walk, row: Row, judged: Judged) -> None:
        seconds = _instant(row).seconds
        if walk.previous is not None and seconds < _instant(walk.previous).seconds:
            judged.counts["clamped"] += 1
        walk.latest = max(seconds, walk.latest) if walk.previous is not None else seconds
        walk.previous = row
        if judged.earliest is None or seconds < judged.earliest.seconds:
            judged.earliest = row.at

    def _report(self, row: Row, says: Saying, rule: CompiledRule, walk: Walk, judged: Judged) -> Report | None:
        life = walk.life
        said = self._reader.read(row.values, says.puts, first=life.status == "unraised")
        happened = [Happened(verb, {name: read(row.values) for name, read in reads}) for verb, reads in says.steps]
        telling = Telling(
            life,
            said,
            entered_at=self._entered_at(row) if life.status == "unraised" else None,
            seen_from=self._from,
            first_row=self.mapping.first_row,
            after_end=self.mapping.after_end,
        )
        seconds = _instant(row).seconds
        if walk.working is not None:
            telling.worked(walk.working, seconds)
        try:
            telling.tell(happened, by_rank=bool(self.mapping.columns.tier and self.mapping.columns.tier.by_rank))
        except ValidationError as error:
            raise _bad_fact(error) from None
        walk.working = _worker(rule, said, seconds) if rule.rule.working and life.status == "open" else None
        judged.counts["after_end"] += telling.after_end_ignored
        if not telling.facts:
            judged.counts["unchanged"] += not telling.after_end_ignored
            return None
        return self._in_envelope(row, said.party, telling.facts, life.decision)

    def _in_envelope(self, row: Row, party: str | None, facts: Sequence[Event], decision: str) -> Report:
        values = row.values
        recorded = self._recorded(values) if self._recorded else None
        person = self._person(self._actor(values)) if self._actor else None
        return Report(
            id=row.id,
            line=row.line,
            decision=decision,
            facts=tuple(facts),
            at=_instant(row),
            source_recorded_at=recorded.seconds if recorded else None,
            actor=Actor(person=person, party=party) if person or party else None,
            reason=self._reason(values) if self._reason else None,
            note=self._note(values) if self._note else None,
        )

    def _entered_at(self, row: Row) -> int | None:
        entry = self._entry(row.values) if self._entry else None
        if entry is not None:
            return entry.seconds
        return self._from if self._from is not None and _instant(row).seconds < self._from else None

    def _person(self, name: str | None) -> str | None:
        if name is None or self.mapping.actors == "ids":
            return name
        return f"p-{hashlib.sha256((self._salt + name).encode()).hexdigest()[:PERSON_DIGITS]}"

    def _matching(self, walk: Walk, place: int) -> CompiledRule:
        row = walk.rows.rows[place]
        for number in self._candidates.of(row.values):
            compiled = self._rules[number]
            if compiled.in_position(walk.rows, place) and compiled.fits(walk.life, row, walk.previous):
                return compiled
        raise BadCell(
            "rule_matches",
            f"no rule matches ({self._candidates.shown(row.values, self.columns)}; so far {walk.life.status}): add "
            "a rule for such rows, "
            "`ignored` where they say nothing",
        )

    def _last_counting(self, rows: Rows) -> int:
        """Return the place of the last row that is not ignored, whatever may be so of the decision then."""
        for place in range(len(rows.rows) - 1, -1, -1):
            candidates = (self._rules[number] for number in self._candidates.of(rows.rows[place].values))
            sure = (c for c in candidates if not c.rule.so_far and not c.rule.changed and c.in_position(rows, place))
            first = next(sure, None)
            if first is None or not first.ignores:
                return place
        return -1


def _worker(rule: CompiledRule, said: Said, since: int) -> tuple[str, int]:
    if said.party is None:
        raise BadCell(
            "work_has_a_party",
            f"rules[{rule.place}].working: the row names no party, and work is always a party's: map "
            "columns.party, or `set` it",
        )
    return said.party, since


def _instant(row: Row) -> Instant:
    return cast("Instant", row.at)  # a row without one is bad, and is never judged


def _bad_fact(error: ValidationError) -> BadCell:
    fault = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"]) or "row"
    value = shown(str(fault.get("input")))
    return BadCell(
        "event",
        f"{where}: {value}: {fault['msg'].removeprefix('Value error, ')}: map it with `values` or cut it with "
        "`extract`",
    )
