"""Writes the proposal: a mapping in YAML with its doubts as comments, tried on the file itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from adapters.importing.judging import Judge
from adapters.importing.mapping import FileSaid
from adapters.importing.mapping_file import mapping_from
from adapters.importing.readers import format_of, read_rows
from adapters.importing.readers.xlsx_rows import likely_table
from adapters.importing.suggesting.looking import Look, look_at, unfolding
from adapters.importing.suggesting.meaning import LINE, PERSONAL, Meant, ending_shares, first_values, meanings, said_by
from domain.errors import Unreadable

ROWS_LOOKED_AT = 20_000
TIERS_MAX = 12
FIRST_LINE = "1st"
PARTIES_PROPOSED_MAX = 20
FAULTS_TOLD = 5
EVENTS_MAX = 40
GROUPS_MAX = 100
SHOWN_MAX = 20
TWO_PARTIES = (("one-side", "One side"), ("other-side", "The other side"))
ENDS_SHARE_MIN = 0.25
ENDINGS = frozenset({"made: rejected", "made: accepted", "made: decided", "withdrawn", "voided"})
STATES_ENDED = frozenset({"accepted", "rejected", "decided", "withdrawn", "superseded", "voided"})
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as YAML, and what is unsure about it, in sentences."""

    mapping: str
    unsure: tuple[str, ...]


def suggest(path: Path) -> Proposal:
    """Look at a file and propose a mapping. Raise Unreadable where it cannot be read at all."""
    said = _file_said(path)
    looks, rows = _looked_at(path, said, None)
    unfold = unfolding(looks, rows)
    if unfold is not None:
        said = said.model_copy(update={"unfold": unfold})
        beside = [look.name for look in looks if look.name not in unfold.columns]
        looks, rows = _looked_at(path, said, [*beside, unfold.name, unfold.value] if unfold.columns else None)
    meant = meanings(looks, rows)
    if "decision" not in meant.columns or "time" not in meant.columns:
        named = ", ".join(look.name for look in looks)
        raise Unreadable(f"{path}: " + "; ".join(meant.doubts) + f" (columns: {named})")
    doubts = list(meant.doubts)
    if unfold is not None and unfold.columns:
        doubts.append(
            f"each row is taken for one decision, with what happened in the columns {', '.join(unfold.columns)}"
        )
    lines = [*_head(path, said), *_columns(meant, looks, doubts), *_rules(meant, rows, doubts)]
    text = "\n".join(lines) + "\n"
    doubts += _tried(path, text)
    top = ["# A first draft, looked up from the file. Unsure:", *(f"# - {doubt}" for doubt in doubts)]
    return Proposal("\n".join([*top, text]), tuple(doubts))


def _looked_at(path: Path, said: FileSaid, columns: Sequence[str] | None) -> tuple[list[Look], list[tuple[str, ...]]]:
    read = islice(read_rows(path, said, columns), ROWS_LOOKED_AT + 1)
    names = tuple(columns) if columns is not None else next(read).values
    rows = [row.values for row in read if row.fault is None]
    if not rows:
        raise Unreadable(f"{path}: holds no row under its header")
    return [look_at(place, name, rows) for place, name in enumerate(names) if name], rows


def _file_said(path: Path) -> FileSaid:
    said = FileSaid(final_newline="optional")
    form = format_of(path, said)
    if form == "xlsx":
        with path.open("rb") as book:
            sheet, above = likely_table(book, str(path)) or (None, 0)
        return said.model_copy(update={"sheet": sheet, "skip_lines": above})
    if form != "csv":
        return said
    with path.open("rb") as file:
        start = file.read(64_000)
    encoding = "utf-8"
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16"
    elif not _decodes(start):
        encoding = "cp1252"
    line = start.decode(encoding, errors="replace").split("\n", 1)[0]
    return said.model_copy(update={"encoding": encoding, "delimiter": max(DELIMITERS, key=line.count)})


def _decodes(start: bytes) -> bool:
    try:
        start[: start.rfind(b"\n") + 1].decode()
    except UnicodeDecodeError:
        return start[:2] == b"\x1f\x8b"
    return True


def _head(path: Path, said: FileSaid) -> Iterator[str]:
    name = re.sub(r"[^a-z0-9]+", "-", path.name.split(".")[0].lower()).strip("-") or "history"
    yield f"source: {name}                    # keep it over all exports of this source"
    unusual = []
    if said.delimiter != ",":
        unusual.append("delimiter: " + _quoted("tab" if said.delimiter == "\t" else said.delimiter))
    if said.encoding != "utf-8":
        unusual.append(f"encoding: {said.encoding}")
    if said.sheet is not None:
        unusual.append(f"sheet: {_quoted(said.sheet)}")
    if said.skip_lines:
        unusual.append(f"skip_lines: {said.skip_lines}")
    if said.unfold is not None:
        columns = ", ".join(map(_quoted, said.unfold.columns))
        unusual.append(
            f"unfold: {{columns: [{columns}]}}" if columns else f"unfold: {{list: {_quoted(said.unfold.list or '')}}}"
        )
    if unusual:
        yield f"file: {{{', '.join(unusual)}}}"
    yield "alliance:"
    yield f"  id: {name}"
    yield f"  title: {name}"
    yield "  kind: strategic             # strategic, co_promotion, technology, channel or supplier"


def _columns(meant: Meant, looks: Sequence[Look], doubts: list[str]) -> Iterator[str]:
    columns = meant.columns
    yield from _parties(columns.get("party"), doubts)
    yield "columns:"
    yield f"  decision: {_quoted(columns['decision'].name)}"
    if "order" in columns:
        yield f"  order: {_quoted(columns['order'].name)}"
    else:
        doubts.append("no column numbers the rows of a decision: they stand in the order of the file")
    yield f"  time: {_time(columns['time'], doubts)}"
    if "recorded" in columns:
        yield f"  recorded: {_quoted(columns['recorded'].name)}"
    if party := columns.get("party"):
        ids = ", ".join(f"{_quoted(value)}: {_id(value)}" for value in list(party.values)[:PARTIES_PROPOSED_MAX])
        yield f"  party: {{column: {_quoted(party.name)}, values: {{{ids}}}, unmapped: unknown}}"
    if tier := columns.get("tier"):
        ranks = ", ".join(_quoted(value) for value in sorted(tier.values)[:TIERS_MAX])
        yield f"  tier: {{column: {_quoted(tier.name)}, ranks: [{ranks}], by_rank: true}}    # from the lowest up?"
        doubts.append(f"the tiers of {tier.name} are ranked by their names: put them in order, or say numbers")
    elif meant.lines:
        yield from _line_tiers(meant, doubts)
    for meaning in ("body", "holder", "matter", "title", "actor"):
        if found := columns.get(meaning):
            yield f"  {meaning}: {_quoted(found.name)}"
    if "holder" in columns:
        doubts.append(f"{columns['holder'].name} is taken for whose turn it is, as bodies: persons are no holders")
    taken = {look.place for look in columns.values()}
    free = [look for look in looks if look.place not in taken and not look.formats and 1 < look.distinct <= GROUPS_MAX]
    if persons := [look.name for look in free if look.called(*PERSONAL)]:
        doubts.append(
            f"{', '.join(persons)} may name persons, and is left out: `actor` never stores a name as it stands"
        )
    attributes = [look.name for look in free if look.name not in persons]
    if attributes:
        yield f"  attributes: [{', '.join(map(_quoted, attributes))}]"
    if "order" not in columns:
        identity = [columns[meaning].name for meaning in ("decision", "time", "event") if meaning in columns]
        yield f"identity: [{', '.join(map(_quoted, identity))}]"
        yield "duplicates: numbered"


def _line_tiers(meant: Meant, doubts: list[str]) -> Iterator[str]:
    """Yield the tier of teams that have it in their names."""
    holder, lowest = meant.columns["holder"], min(meant.lines.values())
    without = any(not re.search(LINE, value) for value in holder.values)
    ranks = ({FIRST_LINE: min(10, lowest - 5)} if without and FIRST_LINE not in meant.lines else {}) | dict(meant.lines)
    doubts.append(f"the tiers stand at the end of the names in {holder.name}: {', '.join(meant.lines)}")
    if without:
        doubts.append(f"names in {holder.name} without a tier are taken for {FIRST_LINE} line")
    yield "  tier:"
    yield f"    column: {_quoted(holder.name)}"
    yield f"    extract: '{LINE}'"
    if without:
        yield f"    if_empty: {FIRST_LINE}"
    yield f"    ranks: {{{', '.join(f'{_quoted(tier)}: {rank}' for tier, rank in ranks.items())}}}"
    yield "    by_rank: true"


def _parties(party: Look | None, doubts: list[str]) -> Iterator[str]:
    ids = [(_id(value), value) for value in list(party.values)[:PARTIES_PROPOSED_MAX]] if party else []
    if missing := TWO_PARTIES[len(ids) :]:
        doubts.append("who the parties are: no column names two; the mapping names placeholders")
        ids = [*ids, *missing]
    named = ", ".join(f"{{id: {id_}, name: {_quoted(name)}}}" for id_, name in dict(ids).items())
    yield f"  parties: [{named}]"


def _time(time: Look, doubts: list[str]) -> str:
    words = [f"column: {_quoted(time.name)}"]
    if time.formats != ("iso",):
        words.append(f"formats: {_quoted(time.formats[0])}")
        if len(time.formats) > 1:
            doubts.append(f"{time.name} can be read as {' or as '.join(time.formats[:2])}: day first is taken")
    if time.zoned != "all":
        words.append("zone: UTC")
        doubts.append(f"{time.name} says no zone{' in some rows' if time.zoned == 'some' else ''}: UTC is only a guess")
    return f"{{{', '.join(words)}}}"


def _rules(meant: Meant, rows: Sequence[Sequence[str]], doubts: list[str]) -> Iterator[str]:
    event, decision = meant.columns.get("event"), meant.columns["decision"]
    yield "rules:"
    if event is None:
        doubts.append("no column says what happened: every row only says that the decision is open")
        yield "  - {then: {becomes: open}}"
        return
    state = event.called("status", "state", "stage")
    firsts = ", ".join(map(_quoted, _beginning(first_values(decision, event, rows))))
    yield f"  - {{so_far: unraised, when: {{{_quoted(event.name)}: [{firsts}]}}, then: raised}}"
    told = _told(event, ending_shares(decision, event, rows), doubts, state=state)
    for value, said in told.items():
        if said is not None:
            yield from _state_rule(event.name, value, said) if state else _step_rules(event.name, value, said)
    unknown = [value for value, said in told.items() if said is None]
    if event.distinct > len(event.values):
        doubts.append(f"{event.name} has {event.distinct} values; rules are proposed for the most frequent")
    if unknown:
        doubts.append(f"what these say, taken for `held`: {', '.join(unknown[:SHOWN_MAX])}")
    yield "  - {so_far: ended, then: ignored}      # closing work after the end?"
    yield "  - {then: held}"
    doubts.append(
        "whether a rejection ends a decision or only the last one does (`only_if_last`), and which outcomes there are"
    )


def _told(event: Look, shares: Mapping[str, float], doubts: list[str], *, state: bool) -> dict[str, str | None]:
    """Return what each value seems to say. What rows follow is no end; what is done is one where there is no other."""
    told = {value: said_by(value, state=state) for value in event.values}
    for value, said in told.items():
        if said in ENDINGS | STATES_ENDED and shares.get(value, 0) < ENDS_SHARE_MIN:
            doubts.append(f"{value} sounds like an end, but rows follow it nearly always: taken for no end")
            told[value] = "open" if state else "held"
    if not state and not ENDINGS & set(told.values()):
        told |= {value: "made: decided" for value, said in told.items() if said == "implemented"}
    return told


def _beginning(firsts: Mapping[str, int]) -> list[str]:
    found = [value for value in firsts if value and said_by(value, state=False) not in ENDINGS]
    return (found or list(firsts))[:EVENTS_MAX]


def _state_rule(column: str, value: str, said: str) -> Iterator[str]:
    step = "held" if said == "held" else f"{{becomes: {said}}}"
    yield f"  - {{when: {{{_quoted(column)}: {_quoted(value)}}}, then: {step}}}"


def _step_rules(column: str, value: str, said: str) -> Iterator[str]:
    when = f"when: {{{_quoted(column)}: {_quoted(value)}}}"
    step = f"{{{said}}}" if ": " in said else said
    if said in ENDINGS:
        yield f"  - {{{when}, so_far: ended, then: ignored}}"
    match said:
        case "raised":
            yield f"  - {{{when}, so_far: unraised, then: raised}}"
            yield f"  - {{{when}, then: held}}"
        case "reopened":
            yield f"  - {{{when}, so_far: ended, then: reopened}}"
        case "made: rejected":
            yield f"  - {{{when}, then: {step}, only_if_last: true}}"
        case "implemented" | "superseded" | "held":
            yield f"  - {{{when}, then: {step}}}"
        case _ if said in ENDINGS:
            yield f"  - {{{when}, then: {step}}}"
        case _:
            yield f"  - {{{when}, so_far: open, then: {step}}}"


def _tried(path: Path, text: str) -> Iterator[str]:
    mapping = mapping_from(text, name="proposal")
    judge = Judge(mapping, parties=[party.id for party in mapping.alliance.parties], salt="")
    file = mapping.file.model_copy(update={"final_newline": "optional"})
    judged = judge.judge(read_rows(path, file, judge.columns))
    bad = len(judged.faults)
    yield f"tried on the file: {judged.rows} rows of {judged.decisions} decisions, {bad} faults"
    yield from islice(judged.faults.told(path.name), FAULTS_TOLD)


def _id(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:60] or "party"


def _quoted(word: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_ .()/+-]*", word) and word == word.strip()
    if plain and word.lower() not in {"null", "true", "false", "yes", "no", "on", "off"}:
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
