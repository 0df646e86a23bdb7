"""Eighteen published agreements: every dated question about them has its one right answer."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapters.charter_files import compile_charter, read_charter
from adapters.scenarios.comparing import differences, plain
from adapters.scenarios.form import Play, plays_of, read_scenarios
from adapters.scenarios.keeping import private_log
from adapters.scenarios.playing import answers
from domain.charter.describing import said_plainly

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = read_scenarios(ROOT / "tests" / "oracles" / "agreement_scenarios.yaml")
CHARTERS = sorted((ROOT / "examples" / "charters").glob("*.yaml"))
PLAYS = [play for scenario in SCENARIOS for play in plays_of(scenario)]
INVENTED = ROOT / "tests" / "oracles" / "invented"
INVENTED_CHARTERS = sorted(path for path in INVENTED.glob("*.yaml") if not path.stem.endswith(".scenarios"))
INVENTED_PLAYS = [
    (play, charter)
    for charter in INVENTED_CHARTERS
    for scenario in read_scenarios(charter.with_suffix(".scenarios.yaml"))
    for play in plays_of(scenario)
]
STARTERS = sorted((ROOT / "examples" / "starters").glob("*.yaml"))
ANSWERS_EXPECTED = 182


def charter_of(play: Play) -> dict[str, Any]:
    return read_once(ROOT / "examples" / "charters" / f"{play.agreement}.yaml")


@cache
def read_once(path: Path) -> dict[str, Any]:
    return read_charter(path)


def asked() -> Iterator[tuple[str, int]]:
    yield from ((play.id, len(play.questions)) for play in PLAYS)


def test_the_oracle_asks_as_many_questions_as_it_was_made_with() -> None:
    assert sum(count for _, count in asked()) == ANSWERS_EXPECTED


@pytest.mark.parametrize("play", PLAYS, ids=[play.id for play in PLAYS])
def test_every_question_is_answered_as_expected(play: Play) -> None:
    assert wrong_answers(play, charter_of(play)) == {}


@pytest.mark.parametrize(("play", "charter"), INVENTED_PLAYS, ids=[play.id for play, _ in INVENTED_PLAYS])
def test_what_the_published_agreements_do_not_ask_is_answered_too(play: Play, charter: Path) -> None:
    assert wrong_answers(play, read_once(charter)) == {}


@pytest.mark.parametrize("path", INVENTED_CHARTERS, ids=[path.stem for path in INVENTED_CHARTERS])
def test_every_invented_charter_compiles_without_a_warning_and_is_said_in_words(path: Path) -> None:
    rules = compile_charter(read_once(path))
    assert rules.warnings == ()
    assert [one for one in said_plainly(rules.charter) if "None" in one] == []


def wrong_answers(play: Play, charter: dict[str, Any]) -> dict[str, list[str]]:
    return {
        f"{question.at} {dict(question.subject)}": found
        for question, answer in answers(play, charter)
        if (found := differences(question.expect, answer))
    }


@pytest.mark.parametrize("path", STARTERS, ids=[path.stem for path in STARTERS])
def test_every_starter_compiles_as_it_stands(path: Path) -> None:
    rules = compile_charter(read_charter(path))
    assert (rules.warnings, rules.charter.north_star is not None) == ((), True)


@pytest.mark.parametrize("path", CHARTERS, ids=[path.stem for path in CHARTERS])
def test_every_charter_of_a_published_agreement_compiles_without_a_warning(path: Path) -> None:
    assert compile_charter(read_charter(path)).warnings == ()


@pytest.mark.parametrize("path", CHARTERS, ids=[path.stem for path in CHARTERS])
def test_a_charter_file_carries_the_id_of_its_agreement(path: Path) -> None:
    assert read_charter(path)["id"] == path.stem


@pytest.mark.parametrize("play", PLAYS[::6], ids=[play.id for play in PLAYS[::6]])
def test_answers_from_a_log_of_its_own_are_those_from_memory(play: Play) -> None:
    with private_log() as log:
        recorded = [plain(answer) for _, answer in answers(play, charter_of(play), log)]
    assert recorded == [plain(answer) for _, answer in answers(play, charter_of(play))]
