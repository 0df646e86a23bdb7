"""What the page for services says is run as it stands there: each block, against cynosure as it says to start it."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from adapters.event_log import open_log
from adapters.handling import Handler
from adapters.items import read_items
from adapters.kafka.cluster import Cluster
from adapters.kafka.settings import KafkaSettings
from adapters.kafka_in.config import read_ingest
from adapters.read_store.canonical import key_text
from adapters.read_store.opening import open_rows
from domain.events.decision import DecisionMade
from domain.recorded import Envelope
from tests.conftest import POSTGRES_AT_HAND
from tests.flow.kafka.given import ROOT, Process, eventually, on_topic, published_up_to, running
from tests.services import leash
from tests.services.kafka import JARS, KAFKA_CURRENT, KafkaCluster, java
from tests.services.ports import free_port
from tests.services.postgres import PostgresServer

pytestmark = pytest.mark.own_broker

PAGE = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
INGEST = ROOT / "examples" / "ingest.yaml"
TOOLS = f"{JARS / 'tools'}/*"
SECONDS_MAX = 120
CONSUMER = "A plain consumer that resumes, and does everything once"
CONNECT = "Rows as a table, by Kafka Connect"


def block(heading: str, language: str, *, number: int = 0) -> str:
    """Return a block of code under a heading of the page."""
    section = PAGE.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    found = re.findall(rf"^```{language}\n(.*?)^```", section, flags=re.DOTALL | re.MULTILINE)
    return str(found[number])


@dataclass
class Cynosure:
    """What the page says to start: the worked example, its rows, and Kafka both ways."""

    settings: KafkaSettings
    url: str
    folder: Path
    publisher: Process

    @property
    def environment(self) -> dict[str, str]:
        tools = self.folder / "bin"
        return {**os.environ, "BOOTSTRAP": self.settings.bootstrap, "PATH": f"{tools}:{os.environ['PATH']}"}

    def run(self, *words: str, code: str | None = None) -> str:
        """Run a program to its end and return what it printed."""
        done = subprocess.run(
            words,
            input=code,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_MAX,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def raised(self, decision: str) -> int:
        """Return the position at which a decision was raised."""
        with open_log(self.url) as log:
            (position,) = (
                event.position
                for event in log.read(after=0, limit=100_000)
                if event.name == "decision-raised" and event.fact.decision == decision
            )
        return position


@pytest.fixture(scope="module")
def cynosure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cynosure]:
    folder = tmp_path_factory.mktemp("services")
    with ExitStack() as stack:
        settings = KafkaSettings(bootstrap=stack.enter_context(KafkaCluster()).bootstrap, partitions=3)
        with Cluster(settings) as cluster:
            for topic in read_ingest(INGEST).topics:
                cluster.make(topic, partitions=3, replicas=1)
        url = f"sqlite:///{folder / 'cynosure.db'}"
        record_the_worked_example(url)
        stack.enter_context(running(settings, url, "follow", folder=folder))
        assert eventually(lambda: rows_are_there(url))
        publisher = stack.enter_context(
            running(settings, url, "publish", "--rows", "open_decisions", "--lease-seconds", "2", folder=folder)
        )
        stack.enter_context(running(settings, url, "ingest", "--config", str(INGEST), folder=folder))
        assert eventually(lambda: has_topic(settings, "cynosure.outcomes.v1")), publisher.said
        kafka_tools(folder / "bin")
        yield Cynosure(settings, url, folder, publisher)


def has_topic(settings: KafkaSettings, name: str) -> bool:
    with Cluster(settings) as cluster:
        return bool(cluster.topics([name]))


def record_the_worked_example(url: str) -> None:
    text = (ROOT / "examples" / "digital_health" / "alliance.yaml").read_text(encoding="utf-8")
    with open_log(url) as log:
        handler = Handler(log)
        for item in read_items(text, "alliance.yaml"):
            handler.handle(item.message, item.envelope, digest=item.digest)


def rows_are_there(url: str) -> bool:
    with open_log(url) as log, closing(open_rows(url, log.identity())) as store:
        return store.serving("open_decisions") is not None


def kafka_tools(folder: Path) -> None:
    """Write Kafka's tools under the names that they have where Kafka is unpacked."""
    folder.mkdir()
    for name, kind in (
        ("kafka-console-producer.sh", "org.apache.kafka.tools.ConsoleProducer"),
        ("kafka-console-consumer.sh", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
        ("connect-standalone.sh", "org.apache.kafka.connect.cli.ConnectStandalone"),
    ):
        jvm = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=ERROR"
        (folder / name).write_text(f'#!/bin/sh\nexec {java()} {jvm} -cp "{TOOLS}" {kind} "$@"\n', encoding="utf-8")
        (folder / name).chmod(0o755)


def test_a_report_in_python_is_answered(cynosure: Cynosure) -> None:
    said = cynosure.run(sys.executable, "-W", "ignore", "-", code=block("In Python", "python"))
    assert said == f"accepted {cynosure.raised('D-PY')} None\n"


def test_a_report_in_java_is_answered(cynosure: Cynosure) -> None:
    (cynosure.folder / "DecisionDesk.java").write_text(block("In Java", "java"), encoding="utf-8")
    libraries = f"{JARS / KAFKA_CURRENT}/*"
    if "jdk.compiler" in cynosure.run(java(), "--list-modules"):
        said = cynosure.run(java(), "-cp", libraries, "DecisionDesk.java")
    else:  # a Java to run only: compiled beforehand, which changes nothing else
        compiler = "org.eclipse.jdt.internal.compiler.batch.Main"
        cynosure.run(java(), "-cp", TOOLS, compiler, "-17", "-cp", libraries, "DecisionDesk.java")
        said = cynosure.run(java(), "-cp", f".:{libraries}", "DecisionDesk")
    outcome = json.loads(said.splitlines()[-1])
    assert (outcome["state"], outcome["position"]) == ("accepted", cynosure.raised("D-JAVA"))


if shutil.which("kcat"):  # `scripts/broker` installs it where it may

    def test_a_report_by_kcat_is_answered(cynosure: Cynosure) -> None:
        said = cynosure.run("sh", "-e", code=block("With kcat", "sh"))
        outcome = json.loads(said.split(" ", 1)[1])
        assert (outcome["state"], outcome["position"]) == ("accepted", cynosure.raised("D-KCAT"))


def test_a_report_by_the_tools_of_kafka_is_answered(cynosure: Cynosure) -> None:
    said = cynosure.run("sh", "-e", code=block("With Kafka's own tools", "sh"))
    outcome = json.loads(said.split("\t", 1)[1])
    assert (outcome["state"], outcome["position"]) == ("accepted", cynosure.raised("D-TOOLS"))


def test_the_plain_consumer_resumes_and_does_everything_once(cynosure: Cynosure) -> None:
    """It is killed on its way, and then everything is published once more."""
    settings, mine = cynosure.settings, cynosure.folder / "mine.db"
    with open_log(cynosure.url) as log:
        assert eventually(lambda: published_up_to(cynosure.url) == log.head())
        events = log.read(after=0, limit=100_000)
    with consuming(cynosure, mine):
        assert eventually(lambda: len(rows(mine, "SELECT 1 FROM raised")) > 0, every=0.01)
    cynosure.publisher.pause()
    with running(settings, cynosure.url, "publish", "--from", "1", folder=cynosure.folder) as again:
        assert eventually(lambda: len(on_topic(settings, "cynosure.events.v1")) == 2 * len(events), every=1), again.said
        assert again.end() == 0
    cynosure.publisher.resume()
    ends = {record.partition: record.offset + 1 for record in on_topic(settings, "cynosure.events.v1")}
    with consuming(cynosure, mine):
        assert eventually(lambda: dict(rows(mine, "SELECT place, next_offset FROM progress")) == ends)
    told = [decision for (decision,) in rows(mine, "SELECT decision FROM raised ORDER BY sequence")]
    assert told == [event.fact.decision for event in events if event.name == "decision-raised"]


@contextmanager
def consuming(cynosure: Cynosure, mine: Path) -> Iterator[None]:
    """Run the plain consumer, and kill it where the block ends."""
    words = [sys.executable, "-W", "ignore", "-c", block(CONSUMER, "python")]
    with subprocess.Popen(words, env={**cynosure.environment, "MINE": str(mine)}) as started:
        yield
        started.kill()


def rows(database: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as mine:
        try:
            return mine.execute(question).fetchall()
        except sqlite3.OperationalError:
            return []  # nothing has begun yet


def test_a_sink_of_kafka_connect_keeps_the_rows_as_a_table(cynosure: Cynosure) -> None:
    worker, connector = (block(CONNECT, "properties", number=number) for number in (0, 1))
    with PostgresServer(POSTGRES_AT_HAND[max(POSTGRES_AT_HAND)]) as server:
        url = server.databases.create()
        with psycopg.connect(url, autocommit=True) as reports, connect(cynosure, url, worker, connector) as sink:
            reports.execute(block(CONNECT, "sql"))
            assert eventually(lambda: table(reports) == served(cynosure.url), every=0.5, seconds=25), sink.said
            ended = next(iter(served(cynosure.url)))[1]
            with open_log(cynosure.url) as log:
                fact = DecisionMade(decision=ended, outcome="approved", method="consensus")
                envelope = Envelope(alliance="digital-health", effective_at=1_790_000_000)
                Handler(log).handle(fact, envelope, digest=b"ended")
            assert eventually(lambda: ended not in {key[1] for key in served(cynosure.url)})
            assert eventually(lambda: table(reports) == served(cynosure.url), every=0.5, seconds=25), sink.said


@contextmanager
def connect(cynosure: Cynosure, url: str, worker: str, connector: str) -> Iterator[Process]:
    """Run Kafka Connect with the settings of the page, its addresses and folders replaced by those of this test."""
    place = urlsplit(url)
    here = {
        "localhost:9092": cynosure.settings.bootstrap,
        "/opt/connectors": str(cynosure.folder / "connectors"),
        "/var/lib/connect": str(cynosure.folder),
        "http://localhost:8083": f"http://127.0.0.1:{free_port()}",
        "jdbc:postgresql://localhost:5432/reports": f"jdbc:postgresql://{place.hostname}:{place.port}{place.path}",
        "username=reports": f"username={place.username}",
        "password=secret": f"password={place.password or ''}",
    }
    for name, text in (("worker", worker), ("open-decisions", connector)):
        told = reduce(lambda said, place: said.replace(*place), here.items(), text)
        (cynosure.folder / f"{name}.properties").write_text(told, encoding="utf-8")
    (cynosure.folder / "connectors").mkdir()
    (cynosure.folder / "connectors" / "jdbc-sink").symlink_to(JARS / "jdbc-sink")
    (said,) = re.findall(r"`connect-standalone.sh (.*?)`", PAGE)
    words = leash.command([str(cynosure.folder / "bin" / "connect-standalone.sh"), *said.split()])
    log = cynosure.folder / "connect.log"
    with log.open("wb") as out:
        started = subprocess.Popen(words, cwd=cynosure.folder, env=cynosure.environment, stdout=out, stderr=out)
    try:
        yield Process(started, log)
    finally:
        started.kill()
        started.wait()


COLUMNS = ("row_key", "decision", "title", "matter", "body", "tier", "held_by", "raised_at", "since", "escalations")


def table(reports: psycopg.Connection[Any]) -> set[tuple[Any, ...]]:
    return set(reports.execute(f"SELECT {', '.join(COLUMNS)} FROM open_decisions").fetchall())


def served(url: str) -> set[tuple[Any, ...]]:
    """Return the rows as cynosure serves them, in the columns of the table."""
    with open_log(url) as log, closing(open_rows(url, log.identity())) as store, store.snapshot():
        build = store.serving("open_decisions")
        assert build is not None
        found = [(key_text(key), json.loads(row)) for key, row in store.rows(build)]
    return {(key, *(row[column] for column in COLUMNS[1:])) for key, row in found}
