"""The recorder test cases of the eventsourcing library, on our recorders; and the one switch that must not exist."""

import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.tests import persistence

from adapters.event_log import migrate_log
from adapters.event_log.postgres import PostgresLogRecorder
from adapters.event_log.postgres.datastore import OrderedDatastore
from adapters.event_log.sqlite import SQLiteLogRecorder

Recorder = SQLiteLogRecorder | PostgresLogRecorder

CASES = [
    (persistence.ApplicationRecorderTestCase, "test_insert_select"),
    (persistence.ApplicationRecorderTestCase, "test_concurrent_no_conflicts"),
    (persistence.ApplicationRecorderTestCase, "test_concurrent_throughput"),
    (persistence.NonInterleavingNotificationIDsBaseCase, "test"),
]


@pytest.fixture
def recorder(database_url: str) -> Any:
    made: Recorder = (
        PostgresLogRecorder(database_url)
        if database_url.startswith("postgresql")
        else SQLiteLogRecorder(Path(database_url.removeprefix("sqlite:///")))
    )
    made.create_table()
    yield made
    made.close()


def run(case: type[Any], test: str, recorder: Recorder) -> None:
    """Run one test of the library's, with stream names where it would take UUIDs."""
    words: dict[str, Callable[..., Any]] = {
        "create_recorder": lambda _: recorder,
        "new_originator_id": lambda _: f"stream/{uuid4()}",
    }
    outcome = unittest.TestResult()
    type(case.__name__, (case, unittest.TestCase), words)(test).run(outcome)
    assert [trace for _, trace in outcome.failures + outcome.errors] == []
    assert outcome.testsRun == 1


@pytest.mark.parametrize(("case", "test"), CASES, ids=[f"{case.__name__}.{test}" for case, test in CASES])
def test_our_recorder_is_one_of_the_library(recorder: Recorder, case: type[Any], test: str) -> None:
    run(case, test, recorder)


def test_the_library_can_subscribe_to_our_recorder(postgres_url: str) -> None:
    recorder = PostgresLogRecorder(postgres_url)
    recorder.create_table()
    run(persistence.ApplicationRecorderTestCase, "optional_test_insert_subscribe", recorder)
    recorder.close()


@pytest.mark.parametrize("asked", ["y", "true", "1"])
def test_no_configuration_switches_on_appending_without_the_lock(
    postgres_url: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POSTGRES_ENABLE_DB_FUNCTIONS", "ENABLE_DB_FUNCTIONS", "CYNOSURE_POSTGRES_ENABLE_DB_FUNCTIONS"):
        monkeypatch.setenv(name, asked)
    migrate_log(postgres_url)
    recorder = PostgresLogRecorder(postgres_url)
    assert recorder.datastore.enable_db_functions is False
    functions = recorder._select("SELECT proname FROM pg_proc WHERE pronamespace = 'cynosure_log'::regnamespace")
    assert functions == [("append",)]
    with pytest.raises(ValueError, match="cannot be switched on"):
        recorder.datastore.enable_db_functions = True
    recorder.close()


def test_the_datastore_takes_no_such_word(postgres_url: str) -> None:
    with pytest.raises(TypeError):
        OrderedDatastore(postgres_url, enable_db_functions=True)  # type: ignore[call-arg]
